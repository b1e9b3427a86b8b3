package pipeline

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/retention"
)

// Purge is what the calendar erases, or erased.
type Purge struct {
	At       time.Time      `json:"at" doc:"When the calendar was looked at."`
	Since    time.Time      `json:"since" doc:"Since when the rules are as they are; nothing is due in the first seven days."`
	Meetings []Purged       `json:"meetings" nullable:"false" doc:"What is due first."`
	Counts   map[string]int `json:"counts" doc:"Of meetings: audio, transcript and meeting by what goes, held of those that a legal hold keeps."`
	Failed   []PurgeFailure `json:"failed,omitempty" doc:"What could not be erased; the server tries again within the hour."`
	Begun    int            `json:"begun,omitempty" doc:"How many erasures have begun and take long: the server goes on with them by itself."`
	More     int            `json:"more" doc:"How many more are due."`
	Readings time.Time      `json:"readings_before,omitzero" doc:"The log of who read what goes as far as here, and the audit chain with it; absent: nothing of it does."`
}

// PurgeFailure is what could not be erased.
type PurgeFailure struct {
	Meeting string        `json:"meeting,omitempty" doc:"Absent: it was the log of who read what, or the audit chain."`
	Code    referent.Code `json:"code"`
}

// Purged is one erasure.
type Purged struct {
	Meeting string         `json:"meeting"`
	Kind    string         `json:"kind,omitempty" doc:"Of its minutes. Left out, like rule and days, where one may not see the meeting."`
	What    retention.What `json:"what" enum:"audio,transcript,meeting" doc:"transcript takes the audio with it, meeting everything."`
	Rule    string         `json:"rule,omitempty" enum:"audio_days,transcript_days,minutes_days,unapproved_days" doc:"The setting that says so."`
	Days    retention.Days `json:"days,omitempty" doc:"What it is for this kind."`
	Due     time.Time      `json:"due"`
	Held    bool           `json:"held" doc:"A legal hold keeps it."`
}

// mostPurged bounds what a look ahead lists.
const mostPurged = 2000

// PreviewPurge tells what the calendar erases until a time, and what a legal hold keeps from it.
func (p *Pipeline) PreviewPurge(ctx context.Context, until time.Time) (Purge, error) {
	since, err := p.rulesSince(ctx)
	if err != nil {
		return Purge{}, err
	}
	all, err := p.Retention(ctx, until)
	if err != nil {
		return Purge{}, err
	}
	out := p.purge(since)
	for _, r := range all {
		if d := r.due(until); d != nil {
			out.add(p.purged(r, *d))
		}
	}
	if len(out.Meetings) > mostPurged {
		out.Meetings, out.More = out.Meetings[:mostPurged], len(out.Meetings)-mostPurged
	}
	return out, nil
}

// purgeSome is how many meetings one call erases: somebody waits for the answer.
const purgeSome = 50

// Purge erases the next of what is due, as the reconciler would, and tells what it did and what failed; look, which may be nil,
// sees before which meetings' turn it is. Receipts name the calendar, whoever had it gone through; the audit chain tells who
// that was.
func (p *Pipeline) Purge(ctx context.Context, look func(ctx context.Context, meetings []string) error) (Purge, error) {
	since, err := p.rulesSince(ctx)
	if err != nil {
		return Purge{}, err
	}
	out := p.purge(since)
	if err := p.retireReadings(ctx, since); err != nil {
		out.Readings = time.Time{}
		out.Failed = append(out.Failed, PurgeFailure{Code: referent.CodeOf(err)})
	}
	some, err := p.retireSome(ctx, purgeSome, p.erasing.patience, since, func(ctx context.Context, due []Retained) error {
		if look == nil {
			return nil
		}
		meetings := make([]string, len(due))
		for i, r := range due {
			meetings[i] = r.Meeting
		}
		return look(ctx, meetings)
	})
	if err != nil {
		return out, err
	}
	out.More = some.more
	for _, r := range some.due {
		d, gone := some.done[r.Meeting]
		if err := some.failed[r.Meeting]; errors.Is(err, errLater) {
			out.Begun++
		} else if err != nil {
			out.Failed = append(out.Failed, PurgeFailure{r.Meeting, referent.CodeOf(err)})
		} else if gone {
			out.add(p.purged(r, d))
		}
	}
	slices.SortStableFunc(out.Meetings, func(a, b Purged) int { return a.Due.Compare(b.Due) })
	return out, nil
}

func (p *Pipeline) purge(since time.Time) Purge {
	out := Purge{At: p.now(), Since: since, Meetings: []Purged{}, Counts: map[string]int{}}
	if p.cfg.ReadingsKept > 0 && !out.At.Before(since.Add(notice)) {
		out.Readings = out.At.Add(-p.cfg.ReadingsKept)
	}
	return out
}

func (u *Purge) add(x Purged) {
	u.Meetings = append(u.Meetings, x)
	if x.Held {
		u.Counts["held"]++
		return
	}
	u.Counts[string(x.What)]++
}

// purged tells of one erasure by which rule it is.
func (p *Pipeline) purged(r Retained, d retention.Due) Purged {
	rule := p.rules[r.Kind]
	x := Purged{Meeting: r.Meeting, Kind: string(r.Kind), What: d.What, Due: d.At, Held: r.Held}
	switch {
	case d.What == retention.Audio:
		x.Rule, x.Days = "audio_days", rule.Audio
	case d.What == retention.Transcript:
		x.Rule, x.Days = "transcript_days", rule.Transcript
	case r.State.Approved():
		x.Rule, x.Days = "minutes_days", rule.Minutes
	default:
		x.Rule, x.Days = "unapproved_days", rule.Unapproved
	}
	return x
}

// due is the greatest that is due until a time: what is less goes with it. nil: nothing is.
func (r Retained) due(until time.Time) *retention.Due {
	for _, d := range slices.Backward(r.Dues) {
		if !d.At.After(until) {
			return &d
		}
	}
	return nil
}

// dueNow lists what is due and not held, at most so many, and how many more there are. First comes what the database's files
// are scrubbed for, so that it is done for as many as can be.
func (p *Pipeline) dueNow(ctx context.Context, most int) (due []Retained, more int, err error) {
	now := p.now()
	due, err = p.Retention(ctx, now)
	if err != nil {
		return nil, 0, err
	}
	due = slices.DeleteFunc(due, func(r Retained) bool { return r.Held })
	sound := func(r Retained) int {
		if d := r.due(now); d.What == retention.Audio {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(due, func(a, b Retained) int { return sound(a) - sound(b) })
	if len(due) > most {
		due, more = due[:most], len(due)-most
	}
	return due, more, nil
}
