package correct

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/referent/referent"
)

// Do is what an edit does.
type Do string

const (
	Text    Do = "text"    // other words
	Speaker Do = "speaker" // to another speaker, or to speakers.New
	Split   Do = "split"   // in two, before a word
	Join    Do = "join"    // with the segment after it
	Remove  Do = "remove"  // the segment goes
	Confirm Do = "confirm" // the segment was heard, and is right
	Revert  Do = "revert"  // a name that was put in the place of what was heard is taken back
	Restore Do = "restore" // the segment becomes as it was in another version
)

// MaxEdits bounds a batch, and maxText the runes that a person makes a segment of; an imported one may have more.
const (
	MaxEdits = 5000
	maxText  = 20_000
)

// Amendment is one small change of one segment. Segment and Seen say what the person looked at.
type Amendment struct {
	Do      Do     `json:"do" enum:"text,speaker,split,join,remove,confirm,revert,restore" doc:"text: other words; speaker: to another speaker; split: in two, before a word; join: with the segment after it; remove: the segment goes; confirm: it was heard and is right; revert: a corrected name is taken back; restore: it becomes as it was in a version, also gone or there again."`
	Segment string `json:"segment" minLength:"1" maxLength:"64" doc:"The segment's id."`
	Seen    Seen   `json:"seen" doc:"What stood in it when the person looked. If it is not what stands there now, nothing of the batch is done."`

	Text    string `json:"text,omitempty" maxLength:"1000000" doc:"Of text: all the words of the segment, at most 20,000 letters, or as many as it has."`
	Heard   bool   `json:"heard,omitempty" doc:"Of text: the person heard the segment, so that it is confirmed too."`
	Speaker string `json:"speaker,omitempty" maxLength:"64" doc:"Of speaker: a speaker's id, or new for one that is not there yet."`
	Rest    bool   `json:"rest,omitempty" doc:"Of speaker: the segments after it that are the same speaker's too, until somebody else speaks."`
	Word    int    `json:"word,omitempty" minimum:"0" doc:"Of split: the word that the second half begins with, from 0. Of revert: the first word of the corrected name."`
	Next    *Seen  `json:"next,omitempty" doc:"Of join: what stood in the segment after it."`
	Version int    `json:"version,omitempty" minimum:"0" doc:"Of restore: the version."`
}

// Seen is what stood in a segment when a person looked at it.
type Seen struct {
	Text    string `json:"text,omitempty" maxLength:"1000000"`
	Speaker string `json:"speaker,omitempty" maxLength:"64" doc:"Asked for by speaker, join, remove and restore."`
	Gone    bool   `json:"gone,omitempty" doc:"The segment was not there: restore brings it back."`
}

// Conflict is in the chain of the error of an edit whose segment is not as the person saw it.
type Conflict struct {
	Edit    int               // the place of the edit in the batch
	Segment string            // id
	Now     *referent.Segment // as it stands; nil: it is gone
}

func (c *Conflict) Error() string { return "somebody else changed the segment" }

// Apply makes a new transcript of t by the edits, in order: all of them or, with an error, none. fresh gives a
// segment's id that was never used in the meeting; old reads another version for Restore. A text, a confirmation, a
// removal or a restoration that is done already is no error; when nothing is left to do, t itself comes back. The
// other edits are not to be done twice: whoever sends a batch again says so (pipeline.CorrectTranscript).
// CodeConflict with a *Conflict: a segment is not as it was seen; CodeInvalid: an edit cannot be what it is;
// CodeNotFound: there is no such speaker or correction; CodeCancelled: ctx ended.
func Apply(ctx context.Context, t *referent.Transcript, edits []Amendment, fresh func() string, old func(version int) (*referent.Transcript, error)) (*referent.Transcript, error) {
	if len(edits) == 0 || len(edits) > MaxEdits {
		return nil, invalid(fmt.Sprintf("a batch has 1 to %d edits", MaxEdits))
	}
	d := newDraft(t, fresh, old)
	for i, e := range edits {
		if err := ctx.Err(); err != nil {
			return nil, referent.E(referent.CodeCancelled, op, err)
		}
		err := d.apply(e)
		if c, is := errors.AsType[*Conflict](err); is {
			c.Edit = i
		}
		if err != nil {
			return nil, err
		}
	}
	if !d.changed {
		return t, nil
	}
	return d.finish(), nil
}

// draft is a transcript that is being changed: it shares no list with the one that it was made of.
type draft struct {
	*referent.Transcript
	at      map[string]int // places of the segments by id
	changed bool
	fresh   func() string
	old     func(int) (*referent.Transcript, error)
	olds    map[int]*referent.Transcript
	was     *referent.Transcript
	cells   int // that may yet be filled to find which words stay
}

func newDraft(t *referent.Transcript, fresh func() string, old func(int) (*referent.Transcript, error)) *draft {
	c := *t
	c.Segments, c.Speakers = slices.Clone(t.Segments), slices.Clone(t.Speakers)
	c.Turns, c.Corrections = slices.Clone(t.Turns), slices.Clone(t.Corrections)
	d := &draft{Transcript: &c, fresh: fresh, old: old, olds: map[int]*referent.Transcript{}, was: t, cells: maxCells}
	d.index()
	return d
}

func (d *draft) index() {
	d.at = make(map[string]int, len(d.Segments))
	for i, s := range d.Segments {
		d.at[s.ID] = i
	}
}

func (d *draft) apply(e Amendment) error {
	if e.Do == Restore {
		return d.restore(e)
	}
	i, there := d.at[e.Segment]
	if !there {
		if e.Do == Remove {
			return nil
		}
		return conflict(e.Segment, nil)
	}
	s := &d.Segments[i]
	switch e.Do {
	case Text:
		return d.text(s, e)
	case Confirm:
		if s.Text != e.Seen.Text {
			return conflict(s.ID, s)
		}
		d.confirm(s)
		return nil
	case Speaker:
		if s.Speaker == e.Speaker && s.Text == e.Seen.Text && !e.Rest {
			return nil
		}
		if !saw(s, e.Seen) {
			return conflict(s.ID, s)
		}
		return d.give(i, e)
	case Split:
		if s.Text != e.Seen.Text {
			return conflict(s.ID, s)
		}
		return d.split(i, e.Word)
	case Join:
		return d.join(i, e)
	case Remove:
		if !saw(s, e.Seen) {
			return conflict(s.ID, s)
		}
		d.remove(i)
		return nil
	case Revert:
		if s.Text != e.Seen.Text {
			return conflict(s.ID, s)
		}
		return d.revert(s, e.Word)
	}
	return invalid("there is no such edit")
}

func saw(s *referent.Segment, seen Seen) bool {
	return !seen.Gone && s.Text == seen.Text && s.Speaker == seen.Speaker
}

// text gives a segment other words. Those that stay keep their times.
func (d *draft) text(s *referent.Segment, e Amendment) error {
	fields := strings.Fields(e.Text)
	switch {
	case len(fields) == 0:
		return invalid("a segment has words; one that nobody said is removed")
	case !utf8.ValidString(e.Text) || utf8.RuneCountInString(e.Text) > max(maxText, utf8.RuneCountInString(s.Text)) || slices.ContainsFunc(fields, hasControl):
		return referent.E(referent.CodeInvalid, op, errors.New("not a text")).WithHint("at most %d letters", maxText)
	}
	text := strings.Join(fields, " ")
	if s.Text != e.Seen.Text && s.Text != text {
		return conflict(s.ID, s)
	}
	if s.Text != text {
		words, from := d.realign(s.Words, fields, s.Start, s.End)
		d.moveCorrections(s, from)
		s.Text, s.Words, s.Corrected, s.Confirmed, d.changed = text, words, true, false, true // these words nobody has heard yet
	}
	if e.Heard {
		d.confirm(s)
	}
	return nil
}

func hasControl(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }

// confirm says that a person answers for the segment's words.
func (d *draft) confirm(s *referent.Segment) {
	if s.Confirmed && s.Quality.OK {
		return
	}
	s.Quality, s.Confirmed, d.changed = referent.Quality{OK: true}, true, true
}

const op = "correct: edit transcript"

func invalid(why string) error { return referent.E(referent.CodeInvalid, op, errors.New(why)) }

func conflict(id string, now *referent.Segment) error {
	c := &Conflict{Segment: id}
	if now != nil {
		s := *now
		c.Now = &s
	}
	return referent.E(referent.CodeConflict, op, c)
}
