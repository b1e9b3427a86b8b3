package storetest

import (
	"testing"
	"time"

	"github.com/referent/referent/store"
)

func testCheckpoints(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	put := func(c store.Checkpoint) {
		t.Helper()
		do(t, s, func(tx store.Tx) error { return tx.PutCheckpoint(t.Context(), &c) })
	}
	b := store.Checkpoint{Meeting: "m000", Key: "b", Blob: "m000/1", Size: 1 << 33, Created: noon}
	a := store.Checkpoint{Meeting: "m000", Key: "a", Blob: "m000/2", Size: 5, Created: noon}
	other := store.Checkpoint{Meeting: "m001", Key: "a", Blob: "m001/1", Size: 7, Created: noon}
	for _, c := range []store.Checkpoint{b, a, other} {
		put(c)
	}
	got, err := s.Checkpoint(t.Context(), "m000", "a")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the checkpoint", got, &a)
	a.Blob, a.Size = "m000/3", 6
	put(a)
	all, err := s.Checkpoints(t.Context(), "m000")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the checkpoints, one of them put again", all, []store.Checkpoint{a, b})
	_, err = s.Checkpoint(t.Context(), "m000", "c")
	wantNotFound(t, "a key that is not there", err)
	_, err = s.Checkpoint(t.Context(), "m001", "b")
	wantNotFound(t, "another meeting's key", err)

	fresh := store.Checkpoint{Meeting: "m001", Key: "x", Blob: "m001/2"}
	do(t, s, func(tx store.Tx) error { return tx.PutCheckpoint(t.Context(), &fresh) })
	if since := time.Since(fresh.Created); since > time.Hour || since < 0 {
		t.Errorf("Created was not set: %v", fresh.Created)
	}
	err = s.Tx(t.Context(), func(tx store.Tx) error {
		return tx.PutCheckpoint(t.Context(), &store.Checkpoint{Meeting: "none", Key: "a", Blob: "b"})
	})
	wantNotFound(t, "a checkpoint of no meeting", err)

	for range 2 { // gone is gone, and the others stay
		do(t, s, func(tx store.Tx) error { return tx.DeleteCheckpoint(t.Context(), "m000", "a") })
		all, err := s.Checkpoints(t.Context(), "m000")
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "the checkpoints less one", all, []store.Checkpoint{b})
		_, err = s.Checkpoint(t.Context(), "m001", "a")
		if err != nil {
			t.Errorf("another meeting's checkpoint of the same key: %v", err)
		}
	}
	for range 2 {
		do(t, s, func(tx store.Tx) error { return tx.DeleteCheckpoints(t.Context(), "m000") })
	}
	if all, err := s.Checkpoints(t.Context(), "m000"); len(all) != 0 || err != nil {
		t.Errorf("deleted, %v, %v are left", all, err)
	}
	do(t, s, func(tx store.Tx) error {
		return tx.DeleteMeeting(t.Context(), "m001", store.Receipt{Meeting: "m001", What: store.ErasedMeeting, At: noon})
	})
	if all, err := s.Checkpoints(t.Context(), "m001"); len(all) != 0 || err != nil {
		t.Errorf("of a deleted meeting %v, %v are left", all, err)
	}
}
