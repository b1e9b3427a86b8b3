// Package retention is the calendar of what is kept: how long after the approval of its minutes a meeting's
// recording, its transcript and all of it stay. It counts and decides nothing else.
//
// What is not here: the erasing itself, and the legal hold that stops it (package pipeline); the settings
// (package configs).
package retention

import (
	"slices"
	"time"

	"github.com/referent/referent"
)

// Days is how many days something is kept.
type Days int

// Never is not to erase by the calendar.
const Never Days = -1

// Rule is how long what a meeting holds is kept. The first three are counted from the approval of the minutes:
// what nobody has approved is not erased by them, however old it is.
type Rule struct {
	Audio      Days `json:"audio_days"`      // the recording and all that was made of its sound but words
	Transcript Days `json:"transcript_days"` // what was said; the audio goes with it
	Minutes    Days `json:"minutes_days"`    // all of the meeting
	Unapproved Days `json:"unapproved_days"` // all of a meeting that nobody approved the minutes of, from its last change
}

// Rules are an organisation's.
type Rules struct {
	Default Rule                   `json:"default"`
	Kinds   map[referent.Kind]Rule `json:"kinds"` // instead of Default
}

// Forever keeps everything until somebody erases it.
func Forever() Rules { return Rules{Default: Rule{Never, Never, Never, Never}} }

// For is the rule of a kind of document. An organisation's own kind that has none goes by its base's.
func (r Rules) For(kind, base referent.Kind) Rule {
	for _, k := range []referent.Kind{kind, base} {
		if rule, ok := r.Kinds[k]; ok {
			return rule
		}
	}
	return r.Default
}

// What is erased.
type What string

const (
	Audio      What = "audio"
	Transcript What = "transcript" // and the audio
	Meeting    What = "meeting"    // everything
)

// Holding is what a meeting holds at present.
type Holding struct {
	Approved   time.Time // of the minutes that are shown; zero: they are not approved
	Changed    time.Time // when anything of the meeting last did
	Audio      bool
	Transcript bool
}

// Due is one erasure to come.
type Due struct {
	What What      `json:"what"`
	At   time.Time `json:"at"`
}

// Dues lists what the rule erases of a meeting, in order of time, nothing before the time given. What goes with
// something else at the same time or earlier is not told of by itself.
func (r Rule) Dues(h Holding, notBefore time.Time) []Due {
	from, clocks := h.Approved, []struct {
		what  What
		days  Days
		there bool
	}{{Meeting, r.Minutes, true}, {Transcript, r.Transcript, h.Transcript}, {Audio, r.Audio, h.Audio}}
	if h.Approved.IsZero() {
		from = h.Changed
		clocks = clocks[:1]
		clocks[0].days = r.Unapproved
	}
	var out []Due
	for _, c := range clocks { // the greater first
		at := from.AddDate(0, 0, int(c.days))
		if at.Before(notBefore) {
			at = notBefore
		}
		gone := slices.ContainsFunc(out, func(d Due) bool { return !d.At.After(at) })
		if c.there && c.days >= 0 && !gone {
			out = append(out, Due{c.what, at})
		}
	}
	slices.SortStableFunc(out, func(a, b Due) int { return a.At.Compare(b.At) })
	return out
}
