package sqldb

import (
	"context"

	"github.com/referent/referent/store"
)

const checkpointColumns = `meeting, made_of, blob, size, created`

func scanCheckpoint(s scan, c *store.Checkpoint) error {
	return s(&c.Meeting, &c.Key, &c.Blob, &c.Size, asTime{&c.Created})
}

// Checkpoint implements store.Reader.
func (r reads) Checkpoint(ctx context.Context, meeting, key string) (*store.Checkpoint, error) {
	row := r.q.QueryRowContext(ctx, `SELECT `+checkpointColumns+` FROM checkpoints
		WHERE meeting = $1 AND made_of = $2`, meeting, key)
	return one(r, row, scanCheckpoint, "store: read checkpoint")
}

// Checkpoints implements store.Reader, by key.
func (r reads) Checkpoints(ctx context.Context, meeting string) ([]store.Checkpoint, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT `+checkpointColumns+` FROM checkpoints
		WHERE meeting = $1 ORDER BY made_of`, meeting)
	return list(r, rows, err, scanCheckpoint, "store: list checkpoints")
}

// PutCheckpoint implements store.Tx. Created is now when it is not set.
func (t *tx) PutCheckpoint(ctx context.Context, c *store.Checkpoint) error {
	if c.Created.IsZero() {
		c.Created = t.now()
	}
	_, err := t.t.ExecContext(ctx, `INSERT INTO checkpoints (`+checkpointColumns+`) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (meeting, made_of) DO UPDATE SET blob = excluded.blob, size = excluded.size, created = excluded.created`,
		c.Meeting, c.Key, c.Blob, c.Size, Micros(c.Created))
	return t.wrap(err, "store: put checkpoint")
}

// DeleteCheckpoint implements store.Tx.
func (t *tx) DeleteCheckpoint(ctx context.Context, meeting, key string) error {
	_, err := t.t.ExecContext(ctx, `DELETE FROM checkpoints WHERE meeting = $1 AND made_of = $2`, meeting, key)
	return t.wrap(err, "store: delete checkpoint")
}

// DeleteCheckpoints implements store.Tx. That there are none is no error.
func (t *tx) DeleteCheckpoints(ctx context.Context, meeting string) error {
	_, err := t.t.ExecContext(ctx, `DELETE FROM checkpoints WHERE meeting = $1`, meeting)
	return t.wrap(err, "store: delete checkpoints")
}
