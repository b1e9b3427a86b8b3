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

// CreateUser makes a user who can sign in with the password. The name is 1 to 64 bytes.
func CreateUser(ctx context.Context, st store.Store, name, password string, admin bool) (*store.User, error) {
	hash, err := hashPassword(password)
	if err != nil {
		return nil, err
	}
	u, err := newUser(store.User{Name: name, PasswordHash: hash, Admin: admin})
	if err != nil {
		return nil, err
	}
	if err := st.Tx(ctx, func(tx store.Tx) error { return addUser(ctx, tx, u) }); err != nil {
		return nil, err
	}
	return u, nil
}

// newUser is a local user of the description, not yet kept.
func newUser(u store.User) (*store.User, error) {
	u.ID, u.Locale, u.Created = newID(), locale.Bokmal, time.Now().UTC()
	u.Name, u.DisplayName = strings.Join(strings.Fields(u.Name), " "), strings.Join(strings.Fields(u.DisplayName), " ")
	if u.Name == "" || len(u.Name) > 64 || len(u.DisplayName) > 400 {
		return nil, referent.E(referent.CodeInvalid, "web: make user", nil).WithHint("a user name has 1 to 64 bytes, and what somebody is called at most 100 characters")
	}
	return &u, nil
}

// addUser keeps a new user; errTaken when the name is another's.
func addUser(ctx context.Context, tx store.Tx, u *store.User) error {
	taken, err := optional(tx.UserByName(ctx, u.Name))
	if err != nil {
		return err
	}
	if taken != nil || strings.EqualFold(u.Name, LocalUser) {
		return errTaken
	}
	return tx.PutUser(ctx, u)
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
