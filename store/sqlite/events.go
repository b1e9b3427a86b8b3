package sqlite

import (
	"context"
	"time"

	"github.com/referent/referent/store"
)

// EventsAfter implements store.Reader. limit 0 means 1000.
func (r reads) EventsAfter(ctx context.Context, meeting, owner string, after int64, n int) ([]store.Event, error) {
	query := `SELECT id, meeting, owner, type, state, stage, progress, code, happened FROM events WHERE id > $1`
	args := []any{after, limit(n, 1000)}
	switch {
	case meeting != "" && owner != "":
		// The expression keeps the planner from walking all of the owner's events instead of the meeting's.
		query += ` AND meeting = $3 AND owner || '' = $4`
		args = append(args, meeting, owner)
	case meeting != "":
		query += ` AND meeting = $3`
		args = append(args, meeting)
	case owner != "":
		query += ` AND owner = $3`
		args = append(args, owner)
	}
	rows, err := r.q.QueryContext(ctx, query+` ORDER BY id LIMIT $2`, args...)
	return list(rows, err, func(s scan, e *store.Event) error {
		return s(&e.ID, &e.Meeting, &e.Owner, &e.Type, &e.State, &e.Stage, &e.Progress, &e.Code, asTime{&e.At})
	}, "store: list events")
}

// AddEvent implements store.Tx. At is now when it is not set.
func (t *tx) AddEvent(ctx context.Context, e *store.Event) error {
	if e.At.IsZero() {
		e.At = t.now()
	}
	err := t.t.QueryRowContext(ctx, `INSERT INTO events (meeting, owner, type, state, stage, progress, code, happened)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
		e.Meeting, e.Owner, e.Type, e.State, e.Stage, e.Progress, e.Code, micros(e.At)).Scan(&e.ID)
	return wrap(err, "store: add event")
}

// TrimEvents implements store.Tx.
func (t *tx) TrimEvents(ctx context.Context, before time.Time) error {
	_, err := t.t.ExecContext(ctx, `DELETE FROM events WHERE happened < $1`, micros(before))
	return wrap(err, "store: trim events")
}
