package sqldb

import (
	"context"
	"time"

	"github.com/referent/referent/store"
)

const uploadColumns = `id, meeting, owner, size, byte_offset, hash_state, expires, created`

func scanUpload(s scan, u *store.Upload) error {
	return s(&u.ID, &u.Meeting, &u.Owner, &u.Size, &u.Offset, &u.HashState, asTime{&u.Expires}, asTime{&u.Created})
}

// Upload implements store.Reader.
func (r reads) Upload(ctx context.Context, id string) (*store.Upload, error) {
	return one(r, r.q.QueryRowContext(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE id = $1`, id),
		scanUpload, "store: read upload")
}

// UploadsOf implements store.Reader, the oldest first.
func (r reads) UploadsOf(ctx context.Context, meeting string) ([]store.Upload, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE meeting = $1 ORDER BY created, id`, meeting)
	return list(r, rows, err, scanUpload, "store: list uploads of a meeting")
}

// ExpiredUploads implements store.Reader, the longest expired first.
func (r reads) ExpiredUploads(ctx context.Context, now time.Time) ([]store.Upload, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE expires <= $1
		ORDER BY expires, id`, Micros(now))
	return list(r, rows, err, scanUpload, "store: list expired uploads")
}

// CreateUpload implements store.Tx. Created is now when it is not set.
func (t *tx) CreateUpload(ctx context.Context, u *store.Upload) error {
	if u.Created.IsZero() {
		u.Created = t.now()
	}
	_, err := t.t.ExecContext(ctx, `INSERT INTO uploads (`+uploadColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		u.ID, u.Meeting, u.Owner, u.Size, u.Offset, u.HashState, Micros(u.Expires), Micros(u.Created))
	return t.wrap(err, "store: create upload")
}

// UpdateUpload implements store.Tx. It writes Size, Offset, HashState and Expires.
func (t *tx) UpdateUpload(ctx context.Context, u *store.Upload) error {
	r, err := t.t.ExecContext(ctx, `UPDATE uploads SET size = $1, byte_offset = $2, hash_state = $3, expires = $4
		WHERE id = $5`, u.Size, u.Offset, u.HashState, Micros(u.Expires), u.ID)
	return t.changed(r, err, "store: update upload")
}

// DeleteUpload implements store.Tx. What is already gone is no error.
func (t *tx) DeleteUpload(ctx context.Context, id string) error {
	_, err := t.t.ExecContext(ctx, `DELETE FROM uploads WHERE id = $1`, id)
	return t.wrap(err, "store: delete upload")
}
