package sqldb

import (
	"context"
	"time"

	"github.com/referent/referent/store"
)

const workers = `SELECT id, public_key, label, own, stages, made_by, made_at, seen_at, revoked_at, revoked_by FROM workers`

func scanWorker(s scan, w *store.Worker) error {
	return s(&w.ID, &w.Key, &w.Label, &w.Own, column(&w.Stages), &w.By, asTime{&w.Made}, asTime{&w.Seen}, asTime{&w.Revoked}, &w.RevokedBy)
}

// Worker implements store.Reader.
func (r reads) Worker(ctx context.Context, key string) (*store.Worker, error) {
	return one(r, r.q.QueryRowContext(ctx, workers+` WHERE public_key = $1`, key), scanWorker, "store: read worker")
}

// Workers implements store.Reader.
func (r reads) Workers(ctx context.Context) ([]store.Worker, error) {
	rows, err := r.q.QueryContext(ctx, workers+` ORDER BY revoked_at > 0, made_at, id`)
	return list(r, rows, err, scanWorker, "store: list workers")
}

// PutWorker implements store.Tx. Made is now when it is not set.
func (t *tx) PutWorker(ctx context.Context, w *store.Worker) error {
	if w.Made.IsZero() {
		w.Made = t.now()
	}
	_, err := t.t.ExecContext(ctx, `INSERT INTO workers (id, public_key, label, own, stages, made_by, made_at, seen_at, revoked_at, revoked_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (id) DO UPDATE SET label = excluded.label, stages = excluded.stages, revoked_at = excluded.revoked_at, revoked_by = excluded.revoked_by`,
		w.ID, w.Key, w.Label, flag(w.Own), column(&w.Stages), w.By, Micros(w.Made), Micros(w.Seen), Micros(w.Revoked), w.RevokedBy)
	if err != nil {
		return t.wrap(err, "store: put worker")
	}
	return t.record(ctx, store.AuditWorker, "", 0, map[string]any{"worker": w.ID, "own": w.Own, "by": w.By, "revoked": Micros(w.Revoked), "revoked_by": w.RevokedBy})
}

// SeeWorker implements store.Tx.
func (t *tx) SeeWorker(ctx context.Context, key string, at time.Time) error {
	res, err := t.t.ExecContext(ctx, `UPDATE workers SET seen_at = $2 WHERE public_key = $1`, key, Micros(at))
	return t.changed(res, err, "store: see worker")
}

// Enrolment implements store.Reader.
func (r reads) Enrolment(ctx context.Context, tokenHash string) (*store.Enrolment, error) {
	return one(r, r.q.QueryRowContext(ctx, `SELECT token_hash, label, stages, made_by, made_at, expires FROM enrolments WHERE token_hash = $1`, tokenHash),
		func(s scan, e *store.Enrolment) error {
			return s(&e.TokenHash, &e.Label, column(&e.Stages), &e.By, asTime{&e.Made}, asTime{&e.Expires})
		}, "store: read enrolment")
}

// PutEnrolment implements store.Tx. Made is now when it is not set.
func (t *tx) PutEnrolment(ctx context.Context, e *store.Enrolment) error {
	if e.Made.IsZero() {
		e.Made = t.now()
	}
	_, err := t.t.ExecContext(ctx, `INSERT INTO enrolments (token_hash, label, stages, made_by, made_at, expires) VALUES ($1, $2, $3, $4, $5, $6)`,
		e.TokenHash, e.Label, column(&e.Stages), e.By, Micros(e.Made), Micros(e.Expires))
	return t.wrap(err, "store: put enrolment")
}

// DeleteEnrolment implements store.Tx.
func (t *tx) DeleteEnrolment(ctx context.Context, tokenHash string) error {
	res, err := t.t.ExecContext(ctx, `DELETE FROM enrolments WHERE token_hash = $1`, tokenHash)
	return t.changed(res, err, "store: delete enrolment")
}

// DeleteEnrolments implements store.Tx.
func (t *tx) DeleteEnrolments(ctx context.Context, before time.Time) error {
	_, err := t.t.ExecContext(ctx, `DELETE FROM enrolments WHERE expires < $1`, Micros(before))
	return t.wrap(err, "store: delete expired enrolments")
}
