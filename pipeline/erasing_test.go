package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/retention"
)

// dueBy makes meetings of which all has had its time by the rules that it gives p.
func dueBy(t *testing.T, p *Pipeline, meetings ...string) {
	t.Helper()
	rules := map[referent.Kind]retention.Rule{}
	for kind := range p.rules {
		rules[kind] = retention.Rule{Audio: retention.Never, Transcript: retention.Never, Minutes: 1, Unapproved: retention.Never}
	}
	p.rules = rules
	old := time.Now().Add(-20 * day)
	ok(t, p.do(t.Context(), func(ctx context.Context, s *step) error {
		text, err := json.Marshal(rulesSince{rules, old, time.Now().Add(-time.Second)})
		if err != nil {
			return err
		}
		for _, id := range meetings {
			m := &referent.Meeting{ID: id, Owner: "user-1", Kind: referent.KindReferat, State: referent.StateApproved, Created: old, Updated: old}
			if err := s.CreateMeeting(ctx, m, []byte("key")); err != nil {
				return err
			}
		}
		return s.PutSetting(ctx, settingRules, string(text))
	}))
}

// Who cannot erase because another server does not end tells that of all that is due, and the reconciler comes again soon.
func TestWithoutTheDutyAllFail(t *testing.T) {
	all := newServers(t, 2, time.Hour)
	a, b := all[0], all[1]
	dueBy(t, a.p, "m1", "m2", "m3")
	release, err := b.p.erasingAlone(t.Context(), 0)
	ok(t, err)
	a.p.erasing.patience = 300 * time.Millisecond
	p, err := a.p.Purge(t.Context(), nil)
	ok(t, err)
	if len(p.Failed) != 3 || p.Failed[0].Code != referent.CodeUnavailable || len(p.Meetings) != 0 {
		t.Errorf("it tells %+v", p)
	}
	ok(t, a.p.retire(t.Context()))
	release()
	ok(t, a.p.retire(t.Context())) // not in an hour
	receipts, err := a.db.Receipts(t.Context(), 0)
	ok(t, err)
	if len(receipts) != 3 {
		t.Errorf("receipts: %v", receipts)
	}
}

// An erasure that cannot be finished, and is tried at each turn, keeps the calendar from nothing; and who waits at another
// server comes between the two.
func TestTheCalendarGoesOnBesideWhatIsStuck(t *testing.T) {
	all := newServers(t, 2, time.Hour)
	a, b := all[0], all[1]
	m, mine := a.create(1000), a.create(1000)
	stuck := &stuckBucket{Bucket: a.bucket, err: errors.New("I/O error"), stuck: map[string]bool{m.ID: true}}
	p := a.newPipelineOver(a.db, stuck)
	if _, err := p.Delete(t.Context(), m.ID, "user-1"); err == nil {
		t.Error("it went well")
	}
	dueBy(t, p, "due")
	if err := p.reconcile(t.Context()); err == nil {
		t.Error("what is stuck is not told")
	}
	if what := a.erased("due"); len(what) != 1 {
		t.Fatalf("receipts of what is due: %v", what)
	}
	dueBy(t, p, "next")
	p.retireNext = time.Time{}
	done := make(chan error, 1)
	stuck.before = func() {
		stuck.before = nil
		go func() { done <- second(b.p.Delete(t.Context(), mine.ID, "user-2")) }()
		time.Sleep(erasePoll / 2) // it waits
	}
	if err := p.reconcile(t.Context()); err == nil {
		t.Error("what is stuck is not told")
	}
	if stuck.before != nil {
		t.Fatal("what is stuck was not tried")
	}
	ok(t, <-done)
	if err := p.reconcile(t.Context()); err == nil { // the other may have been at it still
		t.Error("what is stuck is not told")
	}
	receipts, err := a.db.Receipts(t.Context(), 2)
	ok(t, err)
	order := []string{receipts[1].Meeting, receipts[0].Meeting}
	if !slices.Equal(order, []string{mine.ID, "next"}) {
		t.Errorf("in this order went %v", order)
	}
}
