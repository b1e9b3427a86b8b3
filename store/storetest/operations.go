package storetest

import (
	"errors"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

func testWorkloads(t *testing.T, s store.Store) {
	if got, err := s.Workloads(t.Context()); len(got) != 0 || err != nil {
		t.Errorf("an empty store: %v, %v", got, err)
	}
	addMeetings(t, s, 1, nil)
	minutes, urgent, leased, done := newJob(3), newJob(4), newJob(0), newJob(5)
	minutes.Stage, minutes.Chunk = referent.StageMinutes, 0
	urgent.Priority = referent.PriorityInteractive
	addJobs(t, s, newJob(0), newJob(1), newJob(2), minutes, urgent, newJob(5))
	done.State = referent.JobDone
	do(t, s, func(tx store.Tx) error { return tx.UpdateJob(t.Context(), done, done.Epoch) })
	for _, j := range []*referent.Job{leased, minutes} {
		if err := update(t, s, j, claim(j, "w")); err != nil {
			t.Fatal(err)
		}
	}
	do(t, s, func(tx store.Tx) error {
		return errors.Join(tx.MarkPublished(t.Context(), "j001", 0), tx.MarkPublished(t.Context(), minutes.ID, minutes.Epoch))
	})
	got, err := s.Workloads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the workloads", got, []store.Workload{
		{Stage: referent.StageTranscribe, Priority: referent.PriorityInteractive, Waiting: 1, Oldest: urgent.Created},
		{Stage: referent.StageTranscribe, Priority: referent.PriorityBulk, Waiting: 2, Running: 1, Published: 1, Oldest: newJob(1).Created},
		{Stage: referent.StageMinutes, Priority: referent.PriorityBulk, Running: 1},
	})
}

func testUsage(t *testing.T, s store.Store) {
	before, err := s.Usage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if before.Database <= 0 || before.Recordings != 0 || before.Results != 0 {
		t.Errorf("an empty store takes up %+v", before)
	}
	addMeetings(t, s, 1, nil)
	do(t, s, func(tx store.Tx) error {
		for _, p := range []store.Part{{Meeting: "m000", Size: 1000, Blob: "b1"}, {Meeting: "m000", Offset: 1000, Size: 1 << 40, Blob: "b2"}} {
			if err := tx.AddPart(t.Context(), p); err != nil {
				return err
			}
		}
		for range 2 {
			if err := tx.PutArtifact(t.Context(), &store.Artifact{Meeting: "m000", Kind: store.ArtifactMinutes, Blob: "b3", Size: 20}); err != nil {
				return err
			}
		}
		return nil
	})
	got, err := s.Usage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Recordings != 1<<40+1000 || got.Results != 40 || got.Database < before.Database {
		t.Errorf("takes up %+v", got)
	}
}
