package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

func testWorkers(t *testing.T, s store.Store) {
	far := store.Worker{ID: "w1", Key: "UFAR", Label: "The machine room", Stages: []referent.Stage{referent.StageTranscribe}, By: "u1", Made: noon}
	own := store.Worker{ID: "w2", Key: "UOWN", Own: true, Made: noon.Add(-time.Hour)}
	do(t, s, func(tx store.Tx) error {
		return errors.Join(tx.PutWorker(t.Context(), &far), tx.PutWorker(t.Context(), &own))
	})
	same := func(what, key string, want store.Worker) {
		t.Helper()
		got, err := s.Worker(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, what, *got, want)
	}
	same("the one that was enrolled", "UFAR", far)
	same("a server's own", "UOWN", own)
	if _, err := s.Worker(t.Context(), "w1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a key that nobody has: %v", err)
	}
	if err := s.Tx(t.Context(), func(tx store.Tx) error {
		return tx.PutWorker(t.Context(), &store.Worker{ID: "w3", Key: "UFAR"})
	}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a second worker with the same key: %v", err)
	}

	far.Revoked, far.RevokedBy = noon.Add(time.Minute), "u2"
	do(t, s, func(tx store.Tx) error {
		// Seen stays, whatever somebody has read before.
		return errors.Join(tx.SeeWorker(t.Context(), "UFAR", noon), tx.PutWorker(t.Context(), &far))
	})
	far.Seen = noon
	same("revoked", "UFAR", far)
	if far.Admitted() || !own.Admitted() {
		t.Error("admitted is who was not revoked")
	}
	all, err := s.Workers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "all, those revoked last", all, []store.Worker{own, far})
	if err := s.Tx(t.Context(), func(tx store.Tx) error { return tx.SeeWorker(t.Context(), "UNOBODY", noon) }); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nobody was seen: %v", err)
	}
}

func testEnrolments(t *testing.T, s store.Store) {
	e := store.Enrolment{TokenHash: "h1", Label: "The machine room", Stages: []referent.Stage{referent.StageMinutes}, By: "u1", Made: noon, Expires: noon.Add(time.Hour)}
	old := store.Enrolment{TokenHash: "h2", Expires: noon.Add(-time.Second), Made: noon.Add(-time.Hour)}
	do(t, s, func(tx store.Tx) error {
		return errors.Join(tx.PutEnrolment(t.Context(), &e), tx.PutEnrolment(t.Context(), &old))
	})
	got, err := s.Enrolment(t.Context(), "h1")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the enrolment", *got, e)
	do(t, s, func(tx store.Tx) error { return tx.DeleteEnrolments(t.Context(), noon) })
	if _, err := s.Enrolment(t.Context(), "h2"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("one that has run out: %v", err)
	}
	do(t, s, func(tx store.Tx) error { return tx.DeleteEnrolment(t.Context(), "h1") })
	if err := s.Tx(t.Context(), func(tx store.Tx) error { return tx.DeleteEnrolment(t.Context(), "h1") }); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("used twice: %v", err)
	}
}
