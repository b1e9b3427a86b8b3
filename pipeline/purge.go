package pipeline

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/referent/referent/retention"
)

// Purge is what the calendar erases, or erased.
type Purge struct {
	At       time.Time      `json:"at" doc:"When the calendar was looked at."`
	Since    time.Time      `json:"since" doc:"Since when the rules are as they are; nothing is due in the first seven days."`
	Meetings []Purged       `json:"meetings" nullable:"false" doc:"What is due first."`
	Counts   map[string]int `json:"counts" doc:"Of meetings: audio, transcript and meeting by what goes, held of those that a legal hold keeps."`
	More     int            `json:"more" doc:"How many more are due."`
	Readings time.Time      `json:"readings_before,omitzero" doc:"The log of who read what goes as far as here, and the audit chain with it; absent: nothing of it does."`
}

// Purged is one erasure.
type Purged struct {
	Meeting string         `json:"meeting"`
	Kind    string         `json:"kind" doc:"Of its minutes."`
	What    retention.What `json:"what" enum:"audio,transcript,meeting" doc:"transcript takes the audio with it, meeting everything."`
	Rule    string         `json:"rule" enum:"audio_days,transcript_days,minutes_days,unapproved_days" doc:"The setting that says so."`
	Days    retention.Days `json:"days" doc:"What it is for this kind."`
	Due     time.Time      `json:"due"`
	Held    bool           `json:"held" doc:"A legal hold keeps it."`
}

// mostPurged bounds what a look ahead lists.
const mostPurged = 10_000

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

// Purge erases what is due, as the next turn of the reconciler would, and tells what it did. Receipts name the calendar,
// whoever had it gone through; the audit chain tells who that was.
func (p *Pipeline) Purge(ctx context.Context) (Purge, error) {
	since, err := p.rulesSince(ctx)
	if err != nil {
		return Purge{}, err
	}
	errs := []error{p.retireReadings(ctx, since)}
	out := p.purge(since)
	due, more, err := p.dueNow(ctx)
	if err != nil {
		return out, errors.Join(append(errs, err)...)
	}
	out.More = more
	for _, r := range due {
		d, err := p.retireOne(ctx, r, since)
		errs = append(errs, err)
		if d != nil {
			out.add(p.purged(r, *d))
		}
	}
	return out, errors.Join(errs...)
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

// dueNow lists what is due and not held, as much as one turn erases, and how much more there is.
func (p *Pipeline) dueNow(ctx context.Context) (due []Retained, more int, err error) {
	due, err = p.Retention(ctx, p.now())
	if err != nil {
		return nil, 0, err
	}
	due = slices.DeleteFunc(due, func(r Retained) bool { return r.Held })
	if len(due) > retireSome {
		due, more = due[:retireSome], len(due)-retireSome
	}
	return due, more, nil
}
