package pipeline

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/retention"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob/faulty"
)

// scrubs counts how often the database's files are scrubbed.
type scrubs struct {
	store.Store
	n int
}

func (s *scrubs) Scrub(ctx context.Context) error {
	s.n++
	return s.Store.Scrub(ctx)
}

// calendarFor makes n meetings of which the calendar will take the transcript and n of which it will take all, and lets
// their time come.
func calendarFor(t *testing.T, n int) (r *rig, words, whole []string) {
	t.Helper()
	r = newRig(t, func(c *Config) {
		c.Retention = &retention.Rules{Default: retention.Rule{Audio: 1, Transcript: 20, Minutes: retention.Never, Unapproved: 15}}
	})
	for range n {
		words, whole = append(words, r.approved().ID), append(whole, r.finished().ID)
	}
	ok(t, r.p.reconcile(t.Context())) // tells the rules
	for range 21 {
		r.clock.advance(day)
		_, err := r.p.PreviewPurge(t.Context(), r.clock.now()) // as a server that runs would have looked
		ok(t, err)
	}
	return r, words, whole
}

// retiredAll holds that the calendar has taken the transcripts of some and all of others, each told by one receipt.
func (r *rig) retiredAll(words, whole []string) {
	r.t.Helper()
	for _, id := range whole {
		if what := r.erased(id); !slices.Equal(what, []string{store.ErasedMeeting}) {
			r.t.Errorf("receipts of a meeting: %v", what)
		}
		r.retired(id)
	}
	for _, id := range words {
		if what := r.erased(id); !slices.Equal(what, []string{store.ErasedTranscript}) {
			r.t.Errorf("receipts of a transcript: %v", what)
		}
		_, err := r.p.Transcript(r.t.Context(), id)
		wantCode(r.t, err, referent.CodeNotFound)
		_, err = r.p.Minutes(r.t.Context(), id, 0)
		ok(r.t, err)
	}
	open, err := r.p.begun(r.t.Context())
	ok(r.t, err)
	if len(open.meetings)+len(open.parts) != 0 {
		r.t.Errorf("not over: %+v", open)
	}
}

// The files are scrubbed for all that the calendar takes in a turn together: in a large database that takes minutes.
func TestCalendarScrubsForAll(t *testing.T) {
	r, words, whole := calendarFor(t, 3)
	counted := &scrubs{Store: r.db}
	ok(t, r.newPipeline(counted).retire(t.Context()))
	r.retiredAll(words, whole)
	if counted.n != 2 {
		t.Errorf("the files were scrubbed %d times", counted.n)
	}
}

// A turn of the calendar that dies at any step is finished by the next server.
func TestCalendarIsFinishedAfterACrashAtAnyStep(t *testing.T) {
	for steps := 1; ; steps++ {
		r, words, whole := calendarFor(t, 1)
		err := r.newPipelineOn(&mortal{Store: r.db, left: steps}).retire(t.Context())
		if err == nil {
			if steps < len(words)+len(whole)+2 {
				t.Fatalf("it takes only %d writes", steps)
			}
			r.retiredAll(words, whole)
			return
		}
		if !errors.Is(err, errDied) {
			t.Fatal(err)
		}
		r.restart()
		ok(t, r.p.reconcile(t.Context()))
		r.retiredAll(words, whole)
		if t.Failed() {
			t.Fatalf("after %d writes", steps)
		}
	}
}

// A meeting whose blobs cannot be removed keeps no other, is told as failed, and goes when they can.
func TestOneThatFailsKeepsNoOther(t *testing.T) {
	r, words, whole := calendarFor(t, 3)
	r.bucket.Break(faulty.FailOnce(faulty.OpDeleteAll, errors.New("I/O error")))
	p, err := r.p.Purge(t.Context(), nil)
	ok(t, err)
	if len(p.Failed) != 1 || !slices.Contains(whole, p.Failed[0].Meeting) || len(p.Meetings) != len(words)+len(whole)-1 || p.Counts["meeting"] != 2 || p.Counts["transcript"] != 3 {
		t.Errorf("it tells %+v", p)
	}
	r.bucket.Heal()
	ok(t, r.p.reconcile(t.Context()))
	r.retiredAll(words, whole)
}
