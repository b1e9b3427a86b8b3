package pipeline

import (
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
