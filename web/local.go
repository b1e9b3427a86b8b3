package web

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
)

// LocalUser is the user that this machine's own command line acts as. It has no password, so nobody
// can sign in as it.
const LocalUser = "local"

// MintLocalToken makes the token of this machine's command line and ends the one made before it, so
// that a token found in an old copy of the data folder opens nothing. place names the machine where several servers share
// the store, and each has such a token; "": there is no other.
func MintLocalToken(ctx context.Context, st store.Store, place string) (string, error) {
	name := LocalUser
	if place != "" {
		name += "/" + place
	}
	u, err := st.UserByName(ctx, LocalUser)
	switch {
	case errors.Is(err, store.ErrNotFound):
		u = &store.User{ID: newID(), Name: LocalUser, Admin: true, Locale: locale.Bokmal, Created: time.Now().UTC()}
		if err := st.Tx(ctx, func(tx store.Tx) error { return tx.PutUser(ctx, u) }); err != nil {
			return "", err
		}
	case err != nil:
		return "", err
	}
	old, err := st.Tokens(ctx, u.ID)
	if err != nil {
		return "", err
	}
	err = st.Tx(ctx, func(tx store.Tx) error {
		for _, t := range old {
			if place != "" && t.Name != name {
				continue
			}
			if err := tx.DeleteToken(ctx, t.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	_, secret, err := mintToken(ctx, st, u, name, []store.Scope{store.ScopeRead, store.ScopeWrite, store.ScopeAdmin}, 0)
	return secret, err
}

// someoneCanSignIn reports whether a user has a password.
func someoneCanSignIn(users []store.User) bool {
	return slices.ContainsFunc(users, func(u store.User) bool { return u.PasswordHash != "" })
}
