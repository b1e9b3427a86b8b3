package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/referent/referent/store"
)

// Servers implements store.Reader.
func (r reads) Servers(ctx context.Context) ([]store.Server, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT id, beats FROM servers ORDER BY id`)
	return list(r, rows, err, func(s scan, x *store.Server) error { return s(&x.ID, &x.Beats) }, "store: list servers")
}

// Beat implements store.Tx.
func (t *tx) Beat(ctx context.Context, server string) error {
	_, err := t.t.ExecContext(ctx, `INSERT INTO servers (id, beats) VALUES ($1, 1)
		ON CONFLICT (id) DO UPDATE SET beats = servers.beats + 1`, server)
	return t.wrap(err, "store: beat")
}

// DeleteServer implements store.Tx.
func (t *tx) DeleteServer(ctx context.Context, server string) error {
	_, err := t.t.ExecContext(ctx, `DELETE FROM servers WHERE id = $1`, server)
	return t.wrap(err, "store: delete server")
}

// Duty implements store.Reader.
func (r reads) Duty(ctx context.Context, name string) (*store.Duty, error) {
	return one(r, r.q.QueryRowContext(ctx, `SELECT name, holder, epoch FROM duties WHERE name = $1`, name),
		func(s scan, d *store.Duty) error { return s(&d.Name, &d.Holder, &d.Epoch) }, "store: read duty")
}

// PutDuty implements store.Tx.
func (t *tx) PutDuty(ctx context.Context, d *store.Duty) error {
	_, err := t.t.ExecContext(ctx, `INSERT INTO duties (name, holder, epoch) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = excluded.epoch`, d.Name, d.Holder, d.Epoch)
	return t.wrap(err, "store: put duty")
}

// SignInFailures implements store.Reader.
func (r reads) SignInFailures(ctx context.Context, id string) (*store.SignInFailures, error) {
	return one(r, r.q.QueryRowContext(ctx, `SELECT id, failed, last_at, until FROM failed_signins WHERE id = $1`, id),
		func(s scan, f *store.SignInFailures) error {
			return s(&f.ID, &f.Times, asTime{&f.Last}, asTime{&f.Until})
		}, "store: read failed sign-ins")
}

// PutSignInFailures implements store.Tx.
func (t *tx) PutSignInFailures(ctx context.Context, f *store.SignInFailures) error {
	_, err := t.t.ExecContext(ctx, `INSERT INTO failed_signins (id, failed, last_at, until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET failed = excluded.failed, last_at = excluded.last_at, until = excluded.until`,
		f.ID, f.Times, Micros(f.Last), Micros(f.Until))
	return t.wrap(err, "store: put failed sign-ins")
}

// DeleteSignInFailures implements store.Tx.
func (t *tx) DeleteSignInFailures(ctx context.Context, id string) error {
	_, err := t.t.ExecContext(ctx, `DELETE FROM failed_signins WHERE id = $1`, id)
	return t.wrap(err, "store: delete failed sign-ins")
}

// TrimSignInFailures implements store.Tx.
func (t *tx) TrimSignInFailures(ctx context.Context, before time.Time, most int) error {
	_, err := t.t.ExecContext(ctx, `DELETE FROM failed_signins WHERE last_at < $1`, Micros(before))
	if err == nil && most > 0 {
		_, err = t.t.ExecContext(ctx, `DELETE FROM failed_signins WHERE id IN
			(SELECT id FROM failed_signins ORDER BY last_at DESC, id LIMIT 1000000 OFFSET $1)`, most)
	}
	return t.wrap(err, "store: trim failed sign-ins")
}

// Creation implements store.Reader.
func (r reads) Creation(ctx context.Context, id string) (upload string, err error) {
	err = r.q.QueryRowContext(ctx, `SELECT upload FROM creations WHERE id = $1`, id).Scan(&upload)
	return upload, r.wrap(err, "store: read creation")
}

// AddCreation implements store.Tx.
func (t *tx) AddCreation(ctx context.Context, id, upload string, at time.Time) (first string, err error) {
	const op = "store: add creation"
	err = t.t.QueryRowContext(ctx, `INSERT INTO creations (id, upload, made_at) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO NOTHING RETURNING upload`, id, upload, Micros(at)).Scan(&first)
	if errors.Is(err, sql.ErrNoRows) {
		return t.Creation(ctx, id)
	}
	return first, t.wrap(err, op)
}

// DeleteCreation implements store.Tx.
func (t *tx) DeleteCreation(ctx context.Context, id string) error {
	_, err := t.t.ExecContext(ctx, `DELETE FROM creations WHERE id = $1`, id)
	return t.wrap(err, "store: delete creation")
}

// DeleteCreations implements store.Tx.
func (t *tx) DeleteCreations(ctx context.Context, before time.Time) error {
	_, err := t.t.ExecContext(ctx, `DELETE FROM creations WHERE made_at < $1`, Micros(before))
	return t.wrap(err, "store: delete creations")
}
