package sqldb

import (
	"context"

	"github.com/referent/referent/store"
)

// Acts implements store.Reader.
func (r reads) Acts(ctx context.Context, f store.ActFilter) ([]store.Act, error) {
	if f.Limit == 0 {
		f.Limit = 100
	}
	rows, err := r.q.QueryContext(ctx, `SELECT `+actColumns+` FROM administration
		WHERE ($1 = '' OR what = $1) AND ($2 = '' OR done_by = $2 OR on_user = $2) AND (CAST($3 AS BIGINT) = 0 OR id < CAST($3 AS BIGINT))
		ORDER BY id DESC LIMIT $4`, f.What, f.User, f.Before, f.Limit)
	return list(r, rows, err, scanAct, "store: list acts of administration")
}

const actColumns = "id, what, done_by, on_user, department, role, meeting, worker, until, done_at"

func scanAct(s scan, a *store.Act) error {
	return s(&a.ID, &a.What, &a.By, &a.User, &a.Department, &a.Role, &a.Meeting, &a.Worker, asTime{&a.Until}, asTime{&a.At})
}

// LastAct implements store.Reader.
func (r reads) LastAct(ctx context.Context, like store.Act) (*store.Act, error) {
	var a store.Act
	err := scanAct(r.q.QueryRowContext(ctx, `SELECT `+actColumns+` FROM administration
		WHERE what = $1 AND done_by = $2 AND on_user = $3 AND meeting = $4 ORDER BY id DESC LIMIT 1`, like.What, like.By, like.User, like.Meeting).Scan, &a)
	if err != nil {
		return nil, r.wrap(err, "store: find act of administration")
	}
	return &a, nil
}

// AddAct implements store.Tx. At is now when it is not set.
func (t *tx) AddAct(ctx context.Context, a *store.Act) error {
	if a.At.IsZero() {
		a.At = t.now()
	}
	err := t.t.QueryRowContext(ctx, `INSERT INTO administration (what, done_by, on_user, department, role, meeting, worker, until, done_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`, a.What, a.By, a.User, a.Department, a.Role, a.Meeting, a.Worker, Micros(a.Until), Micros(a.At)).Scan(&a.ID)
	if err != nil {
		return t.wrap(err, "store: add act of administration")
	}
	return t.record(ctx, store.AuditAct, actsLog, a.ID, factsOfAct(a))
}
