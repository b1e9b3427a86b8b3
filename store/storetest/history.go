package storetest

import (
	"testing"
	"time"

	"github.com/referent/referent/store"
)

func testHistory(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	first := store.Deed{Meeting: "m000", What: "set", Part: "decisions", Version: 2, From: 1, By: "kari", At: noon}
	second := store.Deed{Meeting: "m000", What: store.DeedApproved, Version: 3, From: 2, By: "ola", At: noon} // in the same moment
	third := store.Deed{Meeting: "m000", What: "take", Part: "cases", Version: 5, From: 4, Source: 1, By: "ola", At: noon}
	other := store.Deed{Meeting: "m001", What: store.DeedSaved, Version: 1, By: "kari", At: noon.Add(-time.Hour)}
	for _, d := range []*store.Deed{&first, &other, &second, &third} {
		do(t, s, func(tx store.Tx) error { return tx.AddDeed(t.Context(), d) })
	}
	if first.ID == 0 || second.ID <= first.ID {
		t.Errorf("ids %d, %d do not grow", first.ID, second.ID)
	}
	got, err := s.History(t.Context(), "m000")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the history, in the order of its making", got, []store.Deed{first, second, third})
	fresh := store.Deed{Meeting: "m001", What: store.DeedReopened, Version: 2, From: 1, By: "kari"}
	do(t, s, func(tx store.Tx) error { return tx.AddDeed(t.Context(), &fresh) })
	if since := time.Since(fresh.At); since > time.Hour || since < 0 {
		t.Errorf("At was not set: %v", fresh.At)
	}
	err = s.Tx(t.Context(), func(tx store.Tx) error {
		return tx.AddDeed(t.Context(), &store.Deed{Meeting: "none", What: store.DeedSaved, By: "kari"})
	})
	wantNotFound(t, "the history of no meeting", err)
	if none, err := s.History(t.Context(), "none"); len(none) != 0 || err != nil {
		t.Errorf("of no meeting: %v, %v", none, err)
	}
	do(t, s, func(tx store.Tx) error {
		return tx.DeleteMeeting(t.Context(), "m000", store.Receipt{Meeting: "m000", What: store.ErasedMeeting, At: noon})
	})
	if left, err := s.History(t.Context(), "m000"); len(left) != 0 || err != nil {
		t.Errorf("of a deleted meeting %v, %v are left", left, err)
	}
	if left, err := s.History(t.Context(), "m001"); len(left) != 2 || err != nil {
		t.Errorf("of the other meeting %v, %v are left", left, err)
	}
}
