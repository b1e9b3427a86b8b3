package sqldb

import (
	"context"

	"github.com/referent/referent/store"
)

// History implements store.Reader.
func (r reads) History(ctx context.Context, meeting string) ([]store.Deed, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT id, meeting, what, part, version, made_from, taken_from, done_by, done_at FROM history
		WHERE meeting = $1 ORDER BY id`, meeting)
	return list(r, rows, err, func(s scan, d *store.Deed) error {
		return s(&d.ID, &d.Meeting, &d.What, &d.Part, &d.Version, &d.From, &d.Source, &d.By, asTime{&d.At})
	}, "store: list history")
}

// AddDeed implements store.Tx. At is now when it is not set.
func (t *tx) AddDeed(ctx context.Context, d *store.Deed) error {
	if d.At.IsZero() {
		d.At = t.now()
	}
	err := t.t.QueryRowContext(ctx, `INSERT INTO history (meeting, what, part, version, made_from, taken_from, done_by, done_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
		d.Meeting, d.What, d.Part, d.Version, d.From, d.Source, d.By, Micros(d.At)).Scan(&d.ID)
	return t.wrap(err, "store: add to history")
}
