package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/audit"
	"github.com/referent/referent/retention"
	"github.com/referent/referent/store"
)

const (
	// settingRules holds the rules that the calendar last went by, and since when.
	settingRules = "pipeline.retention_rules"
	// notice is how long new or changed rules are there to be seen before the first erasure by them: who starts a
	// server with other rules, or with rules at last, can look at what they would take.
	notice = 7 * 24 * time.Hour
	// retireEvery is how often the calendar is gone through.
	retireEvery = time.Hour
	// retireMost is how many erasures one turn of the reconciler makes at most: others wait for it. What takes longest, the
	// scrubbing of the database's files, is done for all of a turn together.
	retireMost = 200
	// asleep is how long nobody has gone through the calendar when nobody can be said to have seen it: the server was
	// away, or its clock was set. Then there is notice anew.
	asleep = 5 * 24 * time.Hour
)

// Retained is what the calendar says of one meeting.
type Retained struct {
	store.Keeping
	Dues []retention.Due // in order of time; those of a meeting that is held wait until that is lifted
}

// rulesSince is what settingRules holds.
type rulesSince struct {
	Rules map[referent.Kind]retention.Rule `json:"rules"`
	Since time.Time                        `json:"since"`
	Seen  time.Time                        `json:"seen"` // when the calendar was last gone through
}

// rulesOf are the rules of every kind that there is. A kind that nobody knows, because its template is away, has none:
// nothing of it is erased.
func rulesOf(cfg *Config) map[referent.Kind]retention.Rule {
	out := map[referent.Kind]retention.Rule{}
	for _, t := range cfg.Templates.All() {
		kind := referent.Kind(t.ID)
		out[kind] = cfg.Retention.For(kind, baseOf(cfg.Templates, kind))
	}
	return out
}

// Rules are the rules of the calendar.
func (p *Pipeline) Rules() retention.Rules { return *p.cfg.Retention }

// Retention lists meetings that the calendar will erase something of until a time, or would if they were not held:
// what is next first.
func (p *Pipeline) Retention(ctx context.Context, until time.Time) ([]Retained, error) {
	since, err := p.rulesSince(ctx)
	if err != nil {
		return nil, err
	}
	var out []Retained
	err = p.keepings(ctx, func(k store.Keeping) error {
		if dues := p.dues(k, since); len(dues) > 0 && !dues[0].At.After(until) {
			out = append(out, Retained{k, dues})
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b Retained) int { return a.Dues[0].At.Compare(b.Dues[0].At) })
	return out, err
}

// RetentionOf is what the calendar says of one meeting.
func (p *Pipeline) RetentionOf(ctx context.Context, meeting string) (Retained, error) {
	since, err := p.rulesSince(ctx)
	if err != nil {
		return Retained{}, err
	}
	k, err := p.cfg.Store.Keeping(ctx, meeting)
	if err != nil {
		return Retained{}, err
	}
	return Retained{*k, p.dues(*k, since)}, nil
}

// dues is what the rules say of a meeting. Nothing is due before people have had notice of the rules.
func (p *Pipeline) dues(k store.Keeping, since time.Time) []retention.Due {
	if !k.State.Final() {
		return nil // somebody works on it
	}
	h := retention.Holding{Changed: k.Changed, Audio: k.Audio, Transcript: k.Transcript}
	switch {
	case k.State.Approved():
		h.Approved = k.Approved
		if h.Approved.IsZero() {
			h.Approved = k.Changed
		}
	case !k.Approved.IsZero():
		return nil // it was taken up again: what somebody answered for is not erased for that
	}
	rule, known := p.rules[k.Kind]
	if !known {
		return nil
	}
	if k.Released.After(since) { // whoever lifted a hold by mistake has time too
		since = k.Released
	}
	return rule.Dues(h, since.Add(notice))
}

// rulesSince is since when the calendar has gone by the rules as they are, and people could see what they would take:
// now, when they are others than the last time, or when there has been no last time for long.
func (p *Pipeline) rulesSince(ctx context.Context) (time.Time, error) {
	now := p.now()
	found, known, err := p.readRules(ctx, p.cfg.Store)
	if err != nil {
		return time.Time{}, err
	}
	if known && found.stands(now) && now.Sub(found.Seen) < retireEvery {
		return found.Since, nil
	}
	err = p.do(ctx, func(ctx context.Context, s *step) error {
		if found, known, err = p.readRules(ctx, s); err != nil {
			return err
		}
		if !known || !found.stands(s.now) {
			found = rulesSince{Rules: p.rules, Since: s.now}
			p.cfg.Log.Warn("nothing is erased by the rules of retention until people could see them", "until", s.now.Add(notice))
		}
		found.Seen = s.now
		text, err := json.Marshal(found)
		if err != nil {
			return referent.E(referent.CodeInternal, "pipeline: write rules of retention", err)
		}
		return s.PutSetting(ctx, settingRules, string(text))
	})
	return found.Since, err
}

// stands reports whether the calendar has been gone through all the time. Times to come are those of a clock that was
// set since.
func (r rulesSince) stands(now time.Time) bool {
	return now.Sub(r.Seen) < asleep && !r.Seen.After(now) && !r.Since.After(now)
}

// readRules reads what the calendar last went by. known: it is what it goes by now.
func (p *Pipeline) readRules(ctx context.Context, r store.Reader) (found rulesSince, known bool, err error) {
	text, err := r.Setting(ctx, settingRules)
	if errors.Is(err, store.ErrNotFound) {
		return found, false, nil
	}
	if err != nil {
		return found, false, err
	}
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		return found, false, referent.E(referent.CodeInternal, "pipeline: read rules of retention", err)
	}
	return found, maps.Equal(found.Rules, p.rules), nil
}

// keepings calls each with every meeting.
func (p *Pipeline) keepings(ctx context.Context, each func(store.Keeping) error) error {
	for after := ""; ; {
		page, err := p.cfg.Store.Keepings(ctx, after, 0)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, k := range page {
			if err := each(k); err != nil {
				return err
			}
		}
		after = page[len(page)-1].Meeting
	}
}

// retire erases what has had its time. It is part of the reconciler, goes through the calendar once in a while, and
// takes some at a time.
func (p *Pipeline) retire(ctx context.Context) error {
	now := p.now()
	if now.Before(p.retireNext) && p.retireNext.Sub(now) <= retireEvery {
		return nil
	}
	p.retireNext = now.Add(retireEvery)
	since, err := p.rulesSince(ctx)
	if err != nil {
		return err
	}
	errs := []error{p.retireReadings(ctx, since)} // what fails there keeps no meeting
	some, err := p.retireSome(ctx, retireMost, 0, since, nil)
	maps.DeleteFunc(some.failed, func(_ string, err error) bool { return errors.Is(err, errLater) })
	failed := firstOf(some.failed)
	busy := errors.Is(failed, errErasing)
	if busy {
		failed = nil
	}
	if err := errors.Join(append(errs, err, failed)...); err != nil {
		return err // what fails now fails at once again
	}
	if busy || some.more > 0 {
		p.retireNext = now // the others at the next turn
	}
	return nil
}

// retireReadings erases the log of who read what, and the chain that tells the same, as far back as it has had its time. A clock that was set ahead must not
// take all of it, so it waits like the meetings for a calendar that stands.
func (p *Pipeline) retireReadings(ctx context.Context, since time.Time) error {
	if p.cfg.ReadingsKept <= 0 {
		return nil
	}
	stood := func(erase func(ctx context.Context, s *step, before time.Time) error) error {
		return p.do(ctx, func(ctx context.Context, s *step) error {
			found, known, err := p.readRules(ctx, s)
			if err != nil || !known || !found.stands(s.now) || s.now.Before(since.Add(notice)) {
				return err
			}
			return erase(ctx, s, s.now.Add(-p.cfg.ReadingsKept))
		})
	}
	gone := stood(func(ctx context.Context, s *step, before time.Time) error { return s.DeleteReadings(ctx, before) })
	var err error
	for more := true; more && err == nil; {
		more = false
		err = stood(func(ctx context.Context, s *step, before time.Time) (err error) {
			more, err = s.PruneAudit(ctx, before)
			return err
		})
	}
	if errors.Is(err, audit.ErrFaulty) {
		p.metrics.loopErrors.WithLabelValues("audit").Inc()
		p.cfg.Log.Error("the audit chain is not whole: none of it is removed", "error", err)
	}
	return errors.Join(gone, err)
}

// ReadingsKept is how long it is known who read what, and how long links of the audit chain are kept; 0 or less: for ever.
func (p *Pipeline) ReadingsKept() time.Duration { return p.cfg.ReadingsKept }

// retired is what a turn through the calendar came to.
type retired struct {
	due    []Retained               // whose turn it was
	done   map[string]retention.Due // what is gone
	failed map[string]error         // what has begun the reconciler goes on with, the rest is due again
	more   int                      // are due beside
}

// retireSome erases the next of what is due, at most so many, all together, and tells what became of it; look sees first
// whose turn it is. The calendar is read when nobody else erases any more. Whether something still is due is looked at again
// in each erasure's own transaction: somebody may have taken the minutes up again, or held the meeting.
//
// Others wait meanwhile, and what has begun can no longer be held, so it begins with no more than can be finished soon: what
// began before and is not over counts. When it cannot erase all fail.
func (p *Pipeline) retireSome(ctx context.Context, most int, patience time.Duration, since time.Time, look func(context.Context, []Retained) error) (retired, error) {
	out := retired{done: map[string]retention.Due{}, failed: map[string]error{}}
	release, busy := p.erasingAlone(ctx, patience)
	if busy == nil {
		defer release()
	}
	open, err := p.begun(ctx)
	if err != nil {
		return out, err
	}
	most = max(0, min(most, retireMost-len(open.meetings)-len(open.parts)))
	if out.due, out.more, err = p.dueNow(ctx, most); err != nil {
		return out, err
	}
	if busy != nil {
		for _, r := range out.due {
			out.failed[r.Meeting] = busy
		}
		return out, nil
	}
	if look != nil {
		if err := look(ctx, out.due); err != nil {
			return out, err
		}
	}
	due, work := map[string]retention.Due{}, begun{map[string]string{}, map[string]audioErasure{}}
	begin, blobs := spell{until: time.Now().Add(p.erasing.stretch)}, open.blobs()
	for i, r := range out.due {
		if begin.over() != nil || blobs >= p.erasing.blobs {
			out.due, out.more = out.due[:i], out.more+len(out.due)-i
			break
		}
		d := r.due(p.now())
		if d == nil {
			continue
		}
		var started begun
		err := begin.try(func() (err error) {
			started, err = p.beginRetiring(ctx, r.Meeting, *d, since)
			return err
		})
		switch referent.CodeOf(err) {
		case "":
			due[r.Meeting] = *d
			maps.Copy(work.meetings, started.meetings)
			maps.Copy(work.parts, started.parts)
			blobs += len(started.parts[r.Meeting].Blobs)
		case referent.CodeNotFound, referent.CodeConflict, referent.CodeHeld: // somebody was faster
		default:
			out.failed[r.Meeting] = err
		}
	}
	ctx, cancel := p.finishing(ctx)
	defer cancel()
	finished := p.finish(ctx, work)
	maps.Copy(out.failed, finished.failed)
	for meeting := range finished.receipts {
		out.done[meeting] = due[meeting]
	}
	for meeting := range finished.faster {
		out.done[meeting] = due[meeting]
	}
	return out, nil
}

func (p *Pipeline) beginRetiring(ctx context.Context, meeting string, d retention.Due, since time.Time) (begun, error) {
	still := func(ctx context.Context, s *step) error {
		k, err := s.Keeping(ctx, meeting)
		if err != nil {
			return err
		}
		if slices.Contains(p.dues(*k, since), d) {
			return nil
		}
		return refused("pipeline: erase by the calendar", "it is not due any more")
	}
	switch d.What {
	case retention.Meeting:
		return p.beginMeeting(ctx, meeting, store.ByRetention, still)
	case retention.Transcript:
		return p.beginTranscript(ctx, meeting, store.ByRetention, still)
	default:
		return p.beginAudio(ctx, meeting, store.ByRetention, still)
	}
}
