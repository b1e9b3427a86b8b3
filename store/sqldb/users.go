package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/referent/referent/store"
)

const (
	userColumns = `id, name, display_name, password_hash, admin, admin_by_claim, disabled, issuer, subject, locale, created,
		last_sign_in`
	tokenColumns = `id, token_hash, user_id, name, scopes, created, expires`
)

func scanUser(s scan, u *store.User) error {
	return s(&u.ID, &u.Name, &u.DisplayName, &u.PasswordHash, &u.Admin, &u.AdminByClaim, &u.Disabled, &u.Issuer, &u.Subject,
		&u.Locale, asTime{&u.Created}, asTime{&u.LastSignIn})
}

func scanToken(s scan, t *store.Token) error {
	return s(&t.ID, &t.TokenHash, &t.User, &t.Name, column(&t.Scopes), asTime{&t.Created}, asTime{&t.Expires})
}

// nameKey is what makes two names the same: neither case nor the way a keyboard composes "å" counts.
func nameKey(name string) string { return strings.ToLower(norm.NFC.String(name)) }

// flag is the column form of a bool.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// User implements store.Reader.
func (r reads) User(ctx context.Context, id string) (*store.User, error) {
	return one(r, r.q.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE id = $1`, id),
		scanUser, "store: read user")
}

// UserByName implements store.Reader.
func (r reads) UserByName(ctx context.Context, name string) (*store.User, error) {
	return one(r, r.q.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE name_key = $1`, nameKey(name)),
		scanUser, "store: read user by name")
}

// UserBySubject implements store.Reader.
func (r reads) UserBySubject(ctx context.Context, issuer, subject string) (*store.User, error) {
	return one(r, r.q.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE issuer = $1 AND subject = $2 AND issuer <> ''`,
		issuer, subject), scanUser, "store: read user by subject")
}

// Users implements store.Reader, by name.
func (r reads) Users(ctx context.Context) ([]store.User, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT `+userColumns+` FROM users ORDER BY name_key`)
	return list(r, rows, err, scanUser, "store: list users")
}

// PutUser implements store.Tx: it adds the user, or replaces the one with the same ID. A name that
// another user has, or an issuer's subject, is store.ErrConflict. Created is now when it is not set; Created,
// Issuer and Subject never change.
func (t *tx) PutUser(ctx context.Context, u *store.User) error {
	if u.Created.IsZero() {
		u.Created = t.now()
	}
	was, err := t.User(ctx, u.ID)
	if errors.Is(err, store.ErrNotFound) {
		was, err = nil, nil
	}
	if err != nil {
		return err
	}
	_, err = t.t.ExecContext(ctx, `INSERT INTO users (id, name, name_key, display_name, password_hash, admin,
			admin_by_claim, disabled, issuer, subject, locale, created, last_sign_in)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, display_name = excluded.display_name,
			password_hash = excluded.password_hash, admin = excluded.admin, admin_by_claim = excluded.admin_by_claim,
			disabled = excluded.disabled, locale = excluded.locale, last_sign_in = excluded.last_sign_in`,
		u.ID, u.Name, nameKey(u.Name), u.DisplayName, u.PasswordHash, flag(u.Admin), flag(u.AdminByClaim), flag(u.Disabled),
		u.Issuer, u.Subject, u.Locale, Micros(u.Created), Micros(u.LastSignIn))
	if err != nil {
		return t.wrap(err, "store: put user")
	}
	password := was == nil && u.PasswordHash != "" || was != nil && was.PasswordHash != u.PasswordHash
	if was != nil && !password && was.Name == u.Name && was.Admin == u.Admin && was.AdminByClaim == u.AdminByClaim && was.Disabled == u.Disabled {
		return nil
	}
	return t.record(ctx, store.AuditUser, "", 0, map[string]any{"user": u.ID, "new": was == nil, "admin": u.Admin, "admin_by_claim": u.AdminByClaim,
		"disabled": u.Disabled, "new_password": password})
}

// DeleteStrangers implements store.Tx.
func (t *tx) DeleteStrangers(ctx context.Context, before time.Time) error {
	res, err := t.t.ExecContext(ctx, `DELETE FROM users WHERE issuer <> '' AND last_sign_in = 0 AND created < $1
		AND admin = 0 AND admin_by_claim = 0 AND disabled = 0
		AND NOT EXISTS (SELECT 1 FROM memberships WHERE memberships.user_id = users.id)`, Micros(before))
	return t.recordIf(ctx, res, err, "store: delete strangers", store.AuditStrangers, map[string]any{"made_before": Micros(before)})
}

// Session implements store.Reader. It gives expired sessions too; the caller looks at Expires.
func (r reads) Session(ctx context.Context, tokenHash string) (*store.Session, error) {
	row := r.q.QueryRowContext(ctx, `SELECT token_hash, user_id, issuer, created, expires FROM sessions
		WHERE token_hash = $1`, tokenHash)
	return one(r, row, func(s scan, v *store.Session) error {
		return s(&v.TokenHash, &v.User, &v.Issuer, asTime{&v.Created}, asTime{&v.Expires})
	}, "store: read session")
}

// PutSession implements store.Tx: it adds the session, or sets Expires of the one with the same hash.
func (t *tx) PutSession(ctx context.Context, s *store.Session) error {
	if s.Created.IsZero() {
		s.Created = t.now()
	}
	_, err := t.Session(ctx, s.TokenHash)
	begins := errors.Is(err, store.ErrNotFound)
	if err != nil && !begins {
		return err
	}
	_, err = t.t.ExecContext(ctx, `INSERT INTO sessions (token_hash, user_id, issuer, created, expires)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (token_hash) DO UPDATE SET expires = excluded.expires`,
		s.TokenHash, s.User, s.Issuer, Micros(s.Created), Micros(s.Expires))
	if err != nil || !begins {
		return t.wrap(err, "store: put session")
	}
	return t.record(ctx, store.AuditSignIn, "", 0, map[string]any{"user": s.User, "issuer": s.Issuer})
}

// DeleteSession implements store.Tx. What is already gone is no error.
func (t *tx) DeleteSession(ctx context.Context, tokenHash string) error {
	var user string
	err := t.t.QueryRowContext(ctx, `DELETE FROM sessions WHERE token_hash = $1 RETURNING user_id`, tokenHash).Scan(&user)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return t.wrap(err, "store: delete session")
	}
	return t.record(ctx, store.AuditSignOut, "", 0, map[string]any{"user": user})
}

// DeleteSessionsOf implements store.Tx.
func (t *tx) DeleteSessionsOf(ctx context.Context, user string) error {
	res, err := t.t.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1`, user)
	return t.recordIf(ctx, res, err, "store: delete a user's sessions", store.AuditSignOut, map[string]any{"user": user})
}

// DeleteExpiredSessions implements store.Tx.
func (t *tx) DeleteExpiredSessions(ctx context.Context, now time.Time) error {
	_, err := t.t.ExecContext(ctx, `DELETE FROM sessions WHERE expires <= $1`, Micros(now))
	return t.wrap(err, "store: delete expired sessions")
}

// Token implements store.Reader. It gives expired tokens too; the caller looks at Expires.
func (r reads) Token(ctx context.Context, tokenHash string) (*store.Token, error) {
	return one(r, r.q.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM tokens WHERE token_hash = $1`, tokenHash),
		scanToken, "store: read token")
}

// Tokens implements store.Reader, oldest first. user "" means everybody's.
func (r reads) Tokens(ctx context.Context, user string) ([]store.Token, error) {
	const op = "store: list tokens"
	if user == "" {
		rows, err := r.q.QueryContext(ctx, `SELECT `+tokenColumns+` FROM tokens ORDER BY created, id`)
		return list(r, rows, err, scanToken, op)
	}
	rows, err := r.q.QueryContext(ctx, `SELECT `+tokenColumns+` FROM tokens WHERE user_id = $1
		ORDER BY created, id`, user)
	return list(r, rows, err, scanToken, op)
}

// PutToken implements store.Tx: it adds the token, or sets Name, Scopes and Expires of the one with the
// same ID. The hash of another token is store.ErrConflict.
func (t *tx) PutToken(ctx context.Context, k *store.Token) error {
	if k.Created.IsZero() {
		k.Created = t.now()
	}
	_, err := t.t.ExecContext(ctx, `INSERT INTO tokens (`+tokenColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, scopes = excluded.scopes, expires = excluded.expires`,
		k.ID, k.TokenHash, k.User, k.Name, column(&k.Scopes), Micros(k.Created), Micros(k.Expires))
	if err != nil {
		return t.wrap(err, "store: put token")
	}
	return t.record(ctx, store.AuditTokenMade, "", 0, map[string]any{"user": k.User, "token": k.ID, "scopes": k.Scopes, "expires": Micros(k.Expires)})
}

// DeleteToken implements store.Tx. What is already gone is no error.
func (t *tx) DeleteToken(ctx context.Context, id string) error {
	res, err := t.t.ExecContext(ctx, `DELETE FROM tokens WHERE id = $1`, id)
	return t.recordIf(ctx, res, err, "store: delete token", store.AuditTokenGone, map[string]any{"token": id})
}

// Invitation implements store.Reader.
func (r reads) Invitation(ctx context.Context, tokenHash string) (*store.Invitation, error) {
	row := r.q.QueryRowContext(ctx, `SELECT user_id, token_hash, expires FROM invitations WHERE token_hash = $1`, tokenHash)
	return one(r, row, func(s scan, i *store.Invitation) error {
		return s(&i.User, &i.TokenHash, asTime{&i.Expires})
	}, "store: read invitation")
}

// PutInvitation implements store.Tx.
func (t *tx) PutInvitation(ctx context.Context, i *store.Invitation) error {
	_, err := t.t.ExecContext(ctx, `INSERT INTO invitations (user_id, token_hash, expires) VALUES ($1, $2, $3)
		ON CONFLICT (user_id) DO UPDATE SET token_hash = excluded.token_hash, expires = excluded.expires`,
		i.User, i.TokenHash, Micros(i.Expires))
	if err != nil {
		return t.wrap(err, "store: put invitation")
	}
	return t.record(ctx, store.AuditInvitation, "", 0, map[string]any{"user": i.User, "expires": Micros(i.Expires)})
}

// DeleteInvitation implements store.Tx. That there is none is no error.
func (t *tx) DeleteInvitation(ctx context.Context, user string) error {
	res, err := t.t.ExecContext(ctx, `DELETE FROM invitations WHERE user_id = $1`, user)
	return t.recordIf(ctx, res, err, "store: delete invitation", store.AuditInvitation, map[string]any{"user": user, "expires": 0})
}

// AddFailedSignIn implements store.Tx.
func (t *tx) AddFailedSignIn(ctx context.Context, f store.FailedSignIn) error {
	return t.record(ctx, store.AuditNoSignIn, "", 0, map[string]any{"user": f.User, "issuer": f.Issuer, "locked": f.Locked})
}

// Setting implements store.Reader.
func (r reads) Setting(ctx context.Context, key string) (value string, err error) {
	err = r.q.QueryRowContext(ctx, `SELECT value FROM settings WHERE name = $1`, key).Scan(&value)
	return value, r.wrap(err, "store: read setting")
}

// PutSetting implements store.Tx.
func (t *tx) PutSetting(ctx context.Context, key, value string) error {
	_, err := t.t.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, key, value)
	return t.wrap(err, "store: put setting")
}
