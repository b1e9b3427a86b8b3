package pipeline

import (
	"errors"
	"testing"
	"time"

	"github.com/referent/referent/store"
)

// Who waits for a first role waits for 30 days.
func TestStrangersAreForgotten(t *testing.T) {
	r, ctx := newRig(t, nil), t.Context()
	ok(t, r.db.Tx(ctx, func(tx store.Tx) error {
		for id, age := range map[string]time.Duration{"long": 31, "short": 29} {
			u := store.User{ID: id, Name: id, Issuer: "https://issuer.example", Subject: id, Created: r.p.now().Add(-age * 24 * time.Hour)}
			if err := tx.PutUser(ctx, &u); err != nil {
				return err
			}
		}
		return nil
	}))
	ok(t, r.p.tidy(ctx))
	users, err := r.db.Users(ctx)
	ok(t, err)
	if len(users) != 1 || users[0].ID != "short" {
		t.Errorf("left: %+v", users)
	}
}

// The log of who read what has two years, whatever is read. A clock that is set ahead takes nothing of it for a week,
// and one that is set back again nothing at all.
func TestReadingsHaveTheirTime(t *testing.T) {
	r, ctx := newRig(t, nil), t.Context()
	start := r.clock.now()
	old, young := start.AddDate(0, 0, -731), start.AddDate(0, 0, -700)
	ok(t, r.db.Tx(ctx, func(tx store.Tx) error {
		return errors.Join(tx.AddReading(ctx, &store.Reading{User: "old", First: old, Last: old}), tx.AddReading(ctx, &store.Reading{User: "young", First: old, Last: young}))
	}))
	left := func(when string, want int) {
		t.Helper()
		rows, err := r.db.Readings(ctx, store.ReadingFilter{})
		ok(t, err)
		if len(rows) != want {
			t.Errorf("%s: left are %+v, want %d", when, rows, want)
		}
	}
	r.passes(6)
	left("before there was notice", 2)
	r.passes(2)
	left("after two years", 1)
	r.clock.advance(1000 * day)
	r.passes(6)
	left("the clock set ahead", 1)
	r.clock.advance(-1000 * day)
	r.passes(9)
	left("and back", 1)
	r.passes(20)
	left("two years after the other", 0)
}
