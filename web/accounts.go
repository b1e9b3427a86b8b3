package web

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
)

// FirstAdmin is the name of the user that EnsureFirstAdmin makes.
const FirstAdmin = "admin"

// setupSetting holds the hash of the secret that may choose the first administrator's password.
const setupSetting = "web.setup_secret_sha256"

// FirstRun is what EnsureFirstAdmin did.
type FirstRun struct {
	Created bool   // the administrator was made now, with the given password
	Secret  string // not "": open /setup?token=<Secret> to choose the administrator's password
}

// EnsureFirstAdmin sees to it that somebody can sign in. With users in the store it does nothing.
// Otherwise it makes the user "admin" with password, or, when password is "", a secret that is good
// for choosing one, once; a secret made earlier stops working.
func EnsureFirstAdmin(ctx context.Context, st store.Store, password string) (FirstRun, error) {
	users, err := st.Users(ctx)
	if err != nil {
		return FirstRun{}, err
	}
	if someoneCanSignIn(users) {
		return FirstRun{}, nil
	}
	if password == "" {
		secret := newSecret()
		err := st.Tx(ctx, func(tx store.Tx) error { return tx.PutSetting(ctx, setupSetting, hashSecret(secret)) })
		if err != nil {
			return FirstRun{}, err
		}
		return FirstRun{Secret: secret}, nil
	}
	if _, err := makeFirstAdmin(ctx, st, password, nil); err != nil {
		return FirstRun{}, err
	}
	return FirstRun{Created: true}, nil
}

// makeFirstAdmin makes the administrator if there is still no user and check, which sees the same
// transaction, agrees.
func makeFirstAdmin(ctx context.Context, st store.Store, password string, check func(store.Tx) error) (*store.User, error) {
	hash, err := hashPassword(password)
	if err != nil {
		return nil, err
	}
	u := &store.User{ID: newID(), Name: FirstAdmin, PasswordHash: hash, Admin: true, Locale: locale.Bokmal, Created: time.Now().UTC()}
	err = st.Tx(ctx, func(tx store.Tx) error {
		if users, err := tx.Users(ctx); err != nil {
			return err
		} else if someoneCanSignIn(users) {
			return referent.E(referent.CodeConflict, "web: make first administrator", nil).WithHint("there are users already")
		}
		if check != nil {
			if err := check(tx); err != nil {
				return err
			}
		}
		if err := tx.PutSetting(ctx, setupSetting, ""); err != nil {
			return err
		}
		if err := tx.PutUser(ctx, u); err != nil {
			return err
		}
		for _, what := range []string{store.ActUserMade, store.ActAdminMade} {
			if err := tx.AddAct(ctx, &store.Act{What: what, By: u.ID, User: u.ID}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

// setupOpen fails with CodeNotFound unless secret is the one that EnsureFirstAdmin made and nobody
// has used.
func setupOpen(ctx context.Context, r store.Reader, secret string) error {
	refused := referent.E(referent.CodeNotFound, "web: check set-up secret", nil)
	want, err := r.Setting(ctx, setupSetting)
	if errors.Is(err, store.ErrNotFound) || (err == nil && want == "") {
		return refused
	}
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(want), []byte(hashSecret(secret))) != 1 {
		return refused
	}
	return nil
}

// CreateUser makes a user who can sign in with the password. The name is 1 to 64 characters.
func CreateUser(ctx context.Context, st store.Store, name, password string, admin bool) (*store.User, error) {
	const op = "web: create user"
	if name = strings.TrimSpace(name); name == "" || len(name) > 64 {
		return nil, referent.E(referent.CodeInvalid, op, nil).WithHint("a user name has 1 to 64 characters")
	}
	hash, err := hashPassword(password)
	if err != nil {
		return nil, err
	}
	u := &store.User{ID: newID(), Name: name, PasswordHash: hash, Admin: admin, Locale: locale.Bokmal, Created: time.Now().UTC()}
	err = st.Tx(ctx, func(tx store.Tx) error {
		switch _, err := tx.UserByName(ctx, name); {
		case err == nil:
			return referent.E(referent.CodeConflict, op, store.ErrConflict).WithHint("the name is taken")
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		return tx.PutUser(ctx, u)
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

// MintToken makes an API token for the user of that name and returns its text, which is not kept
// anywhere: "rft_" and 43 characters. A ttl of 0 never expires. Scopes must not be empty; the admin
// scope is refused to those who administer nothing.
func MintToken(ctx context.Context, st store.Store, user, name string, scopes []store.Scope, ttl time.Duration) (string, error) {
	u, err := st.UserByName(ctx, user)
	if err != nil {
		return "", err
	}
	_, secret, err := mintToken(ctx, st, u, name, scopes, ttl)
	return secret, err
}

func mintToken(ctx context.Context, st store.Store, u *store.User, name string, scopes []store.Scope, ttl time.Duration) (*store.Token, string, error) {
	const op = "web: mint token"
	known := []store.Scope{store.ScopeRead, store.ScopeWrite, store.ScopeAdmin}
	if len(scopes) == 0 || ttl < 0 {
		return nil, "", referent.E(referent.CodeInvalid, op, nil).WithHint("scopes are needed, and no negative lifetime")
	}
	for _, sc := range scopes {
		if !slices.Contains(known, sc) {
			return nil, "", referent.E(referent.CodeInvalid, op, nil).WithHint("scopes are read, write and admin")
		}
	}
	if slices.Contains(scopes, store.ScopeAdmin) {
		rows, err := st.Memberships(ctx, u.ID)
		if err != nil {
			return nil, "", err
		}
		if !memberOf(u, rows).Administers() {
			return nil, "", referent.E(referent.CodeForbidden, op, nil).WithHint("only those who administer have the admin scope")
		}
	}
	secret := tokenPrefix + newSecret()
	t := &store.Token{ID: newID(), TokenHash: hashSecret(secret), User: u.ID, Name: name, Scopes: scopes, Created: time.Now().UTC()}
	if ttl > 0 {
		t.Expires = t.Created.Add(ttl)
	}
	if err := st.Tx(ctx, func(tx store.Tx) error { return tx.PutToken(ctx, t) }); err != nil {
		return nil, "", err
	}
	return t, secret, nil
}
