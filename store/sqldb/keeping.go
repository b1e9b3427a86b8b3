package sqldb

import (
	"context"

	"github.com/referent/referent/store"
)

// Hold implements store.Reader.
func (r reads) Hold(ctx context.Context, meeting string) (*store.Hold, error) {
	return one(r, r.q.QueryRowContext(ctx, `SELECT meeting, reason, set_by, set_at FROM holds WHERE meeting = $1`, meeting),
		func(s scan, h *store.Hold) error { return s(&h.Meeting, &h.Reason, &h.By, asTime{&h.At}) }, "store: read hold")
}

// PutHold implements store.Tx. At is now when it is not set.
func (t *tx) PutHold(ctx context.Context, h *store.Hold) error {
	if h.At.IsZero() {
		h.At = t.now()
	}
	_, err := t.t.ExecContext(ctx, `INSERT INTO holds (meeting, reason, set_by, set_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (meeting) DO UPDATE SET reason = excluded.reason, set_by = excluded.set_by, set_at = excluded.set_at`,
		h.Meeting, h.Reason, h.By, Micros(h.At))
	if err != nil {
		return t.wrap(err, "store: put hold")
	}
	return t.record(ctx, store.AuditHeld, "", 0, map[string]any{"meeting": h.Meeting, "by": h.By})
}

// DeleteHold implements store.Tx.
func (t *tx) DeleteHold(ctx context.Context, meeting string) error {
	res, err := t.t.ExecContext(ctx, `DELETE FROM holds WHERE meeting = $1`, meeting)
	if err := t.changed(res, err, "store: delete hold"); err != nil {
		return err
	}
	return t.record(ctx, store.AuditReleased, "", 0, map[string]any{"meeting": meeting})
}

const keepings = `SELECT m.id, m.kind, m.state,
	(SELECT CASE WHEN MAX(a.created) > m.updated THEN MAX(a.created) ELSE m.updated END FROM artifacts a WHERE a.meeting = m.id),
	COALESCE((SELECT MAX(h.done_at) FROM history h WHERE h.meeting = m.id AND h.what = $1), 0),
	COALESCE((SELECT MAX(h.done_at) FROM history h WHERE h.meeting = m.id AND h.what = $5), 0),
	EXISTS (SELECT 1 FROM parts p WHERE p.meeting = m.id)
		OR EXISTS (SELECT 1 FROM artifacts a WHERE a.meeting = m.id AND a.kind NOT IN ($2, $3, $4)),
	EXISTS (SELECT 1 FROM artifacts a WHERE a.meeting = m.id AND a.kind = $2),
	EXISTS (SELECT 1 FROM holds o WHERE o.meeting = m.id)
	FROM meetings m`

func scanKeeping(s scan, k *store.Keeping) error {
	return s(&k.Meeting, &k.Kind, &k.State, asTime{&k.Changed}, asTime{&k.Approved}, asTime{&k.Released}, &k.Audio, &k.Transcript, &k.Held)
}

// Keeping implements store.Reader.
func (r reads) Keeping(ctx context.Context, meeting string) (*store.Keeping, error) {
	return one(r, r.q.QueryRowContext(ctx, keepings+` WHERE m.id = $6`, store.DeedApproved, store.ArtifactTranscript, store.ArtifactPlan,
		store.ArtifactMinutes, store.DeedReleased, meeting), scanKeeping, "store: read what is kept")
}

// Keepings implements store.Reader.
func (r reads) Keepings(ctx context.Context, after string, n int) ([]store.Keeping, error) {
	rows, err := r.q.QueryContext(ctx, keepings+` WHERE m.id > $6 ORDER BY m.id LIMIT $7`, store.DeedApproved, store.ArtifactTranscript,
		store.ArtifactPlan, store.ArtifactMinutes, store.DeedReleased, after, limit(n, 500))
	return list(r, rows, err, scanKeeping, "store: list what is kept")
}
