package web

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
)

// LocalUser is the user that this machine's own command line acts as. It has no password, so nobody
// can sign in as it.
const LocalUser = "local"

// localTokenLasts is how long the token of one of several machines is good for after it was made or renewed: that of a
// machine that does not come back ends by itself.
const localTokenLasts = 30 * 24 * time.Hour

// LocalTokenEvery is how often the token of one of several machines is to be renewed.
const LocalTokenEvery = localTokenLasts / 6

// MintLocalToken makes the token of this machine's command line and ends the one made before it, so
// that a token found in an old copy of the data folder opens nothing. place names the machine where several servers share
// the store, and each has such a token, to be renewed by [RenewLocalToken]; "": there is no other, and the token lasts.
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
	var lasts time.Duration
	if place != "" {
		lasts = localTokenLasts
	}
	err = st.Tx(ctx, func(tx store.Tx) error {
		for _, t := range old {
			// That of the time when there was no other machine opened everything too.
			others := t.Name != name && t.Name != LocalUser && (t.Expires.IsZero() || time.Now().Before(t.Expires))
			if place != "" && others {
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
	_, secret, err := mintToken(ctx, st, u, name, []store.Scope{store.ScopeRead, store.ScopeWrite, store.ScopeAdmin}, lasts)
	return secret, err
}

// RenewLocalToken lets the token of one of several machines go on. store.ErrNotFound: it is gone.
func RenewLocalToken(ctx context.Context, st store.Store, place string) error {
	return st.Tx(ctx, func(tx store.Tx) error {
		u, err := tx.UserByName(ctx, LocalUser)
		if err != nil {
			return err
		}
		held, err := tx.Tokens(ctx, u.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(held, func(t store.Token) bool { return t.Name == LocalUser+"/"+place })
		if i < 0 {
			return referent.E(referent.CodeNotFound, "web: renew token", store.ErrNotFound)
		}
		held[i].Expires = time.Now().UTC().Add(localTokenLasts)
		return tx.PutToken(ctx, &held[i])
	})
}

// someoneCanSignIn reports whether a user has a password.
func someoneCanSignIn(users []store.User) bool {
	return slices.ContainsFunc(users, func(u store.User) bool { return u.PasswordHash != "" })
}
