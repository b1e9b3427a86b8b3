package sqldb

import (
	"context"
	"time"

	"github.com/referent/referent/store"
)

const eventColumns = `id, meeting, owner, department, type, state, stage, progress, code, happened`

// EventsAfter implements store.Reader. limit 0 means 1000.
func (r reads) EventsAfter(ctx context.Context, meeting string, seen *store.Sight, after int64, n int) ([]store.Event, error) {
	query, args := eventsQuery(meeting, seen, after, limit(n, 1000))
	if query == "" {
		return nil, nil // nothing is seen
	}
	rows, err := r.q.QueryContext(ctx, query, args...)
	return list(r, rows, err, func(s scan, e *store.Event) error {
		return s(&e.ID, &e.Meeting, &e.Owner, &e.Department, &e.Type, &e.State, &e.Stage, &e.Progress, &e.Code, asTime{&e.At})
	}, "store: list events")
}

// LastEvent implements store.Reader.
func (r reads) LastEvent(ctx context.Context) (id int64, err error) {
	err = r.q.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0) FROM events`).Scan(&id)
	return id, r.wrap(err, "store: read last event")
}

// eventsQuery walks the index of the one meeting, or one for each part of what is seen.
func eventsQuery(meeting string, seen *store.Sight, after int64, limit int) (string, []any) {
	const from, order = `SELECT ` + eventColumns + ` FROM events WHERE id > $1`, ` ORDER BY id LIMIT $2`
	args := Args{after, limit}
	if meeting != "" {
		return from + " AND meeting = " + args.Arg(meeting) + " AND " + visible(seen, "", &args) + order, args
	}
	if seen == nil {
		return from + order, args
	}
	sights, narrow := branches(seen, 1, &args)
	if !narrow {
		return from + " AND " + visible(seen, "", &args) + order, args
	}
	var parts []string
	for _, sight := range sights {
		parts = append(parts, from+" AND "+sight+order)
	}
	return merged(parts, order), args
}

// AddEvent implements store.Tx. At is now when it is not set.
func (t *tx) AddEvent(ctx context.Context, e *store.Event) error {
	if e.At.IsZero() {
		e.At = t.now()
	}
	err := t.t.QueryRowContext(ctx, `INSERT INTO events (meeting, owner, department, type, state, stage, progress, code, happened)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
		e.Meeting, e.Owner, e.Department, e.Type, e.State, e.Stage, e.Progress, e.Code, Micros(e.At)).Scan(&e.ID)
	return t.wrap(err, "store: add event")
}

// TrimEvents implements store.Tx.
func (t *tx) TrimEvents(ctx context.Context, before time.Time) error {
	_, err := t.t.ExecContext(ctx, `DELETE FROM events WHERE happened < $1`, Micros(before))
	return t.wrap(err, "store: trim events")
}
