package sqldb

import (
	"context"

	"github.com/referent/referent/store"
)

// History implements store.Reader.
func (r reads) History(ctx context.Context, meeting string) ([]store.Deed, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT `+deedColumns+` FROM history WHERE meeting = $1 ORDER BY id`, meeting)
	return list(r, rows, err, scanDeed, "store: list history")
}

const deedColumns = "id, meeting, what, part, version, made_from, taken_from, done_by, done_at"

func scanDeed(s scan, d *store.Deed) error {
	return s(&d.ID, &d.Meeting, &d.What, &d.Part, &d.Version, &d.From, &d.Source, &d.By, asTime{&d.At})
}

// AddDeed implements store.Tx. At is now when it is not set.
func (t *tx) AddDeed(ctx context.Context, d *store.Deed) error {
	if d.At.IsZero() {
		d.At = t.now()
	}
	err := t.t.QueryRowContext(ctx, `INSERT INTO history (meeting, what, part, version, made_from, taken_from, done_by, done_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
		d.Meeting, d.What, d.Part, d.Version, d.From, d.Source, d.By, Micros(d.At)).Scan(&d.ID)
	if err != nil {
		return t.wrap(err, "store: add to history")
	}
	return t.record(ctx, store.AuditDeed, deedsLog, d.ID, factsOfDeed(d))
}
