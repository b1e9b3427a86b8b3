package sqldb

import (
	"context"
	"database/sql"

	"github.com/referent/referent/store"
)

const artifactColumns = `meeting, kind, chunk, version, blob, size, author, batch, created`

func scanArtifact(s scan, a *store.Artifact) error {
	return s(&a.Meeting, &a.Kind, &a.Chunk, &a.Version, &a.Blob, &a.Size, &a.Author, &a.Batch, asTime{&a.Created})
}

// Artifact implements store.Reader. Of ArtifactChunk it gives chunk 0; Artifacts lists the others.
func (r reads) Artifact(ctx context.Context, meeting string, kind store.ArtifactKind, version int) (*store.Artifact, error) {
	var row *sql.Row
	if version == 0 {
		row = r.q.QueryRowContext(ctx, `SELECT `+artifactColumns+` FROM artifacts
			WHERE meeting = $1 AND kind = $2 AND chunk = 0 ORDER BY version DESC LIMIT 1`, meeting, kind)
	} else {
		row = r.q.QueryRowContext(ctx, `SELECT `+artifactColumns+` FROM artifacts
			WHERE meeting = $1 AND kind = $2 AND chunk = 0 AND version = $3`, meeting, kind, version)
	}
	return one(r, row, scanArtifact, "store: read artifact")
}

// Artifacts implements store.Reader, by kind, chunk and version.
func (r reads) Artifacts(ctx context.Context, meeting string) ([]store.Artifact, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT `+artifactColumns+` FROM artifacts
		WHERE meeting = $1 ORDER BY kind, chunk, version`, meeting)
	return list(r, rows, err, scanArtifact, "store: list artifacts")
}

// PutArtifact implements store.Tx. Created is now when it is not set.
func (t *tx) PutArtifact(ctx context.Context, a *store.Artifact) error {
	const op = "store: put artifact"
	var newest int
	err := t.t.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM artifacts
		WHERE meeting = $1 AND kind = $2 AND chunk = $3`, a.Meeting, a.Kind, a.Chunk).Scan(&newest)
	if err != nil {
		return t.wrap(err, op)
	}
	created := a.Created
	if created.IsZero() {
		created = t.now()
	}
	_, err = t.t.ExecContext(ctx, `INSERT INTO artifacts (`+artifactColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		a.Meeting, a.Kind, a.Chunk, newest+1, a.Blob, a.Size, a.Author, a.Batch, Micros(created))
	if err != nil {
		return t.wrap(err, op)
	}
	a.Version, a.Created = newest+1, created
	if a.Kind != store.ArtifactTranscript && a.Kind != store.ArtifactMinutes {
		return nil
	}
	return t.record(ctx, store.AuditVersion, "", 0, map[string]any{"meeting": a.Meeting, "what": a.Kind, "version": a.Version, "author": a.Author})
}

// Parts implements store.Reader, by offset.
func (r reads) Parts(ctx context.Context, meeting string) ([]store.Part, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT meeting, byte_offset, size, blob FROM parts
		WHERE meeting = $1 ORDER BY byte_offset`, meeting)
	return list(r, rows, err, func(s scan, p *store.Part) error {
		return s(&p.Meeting, &p.Offset, &p.Size, &p.Blob)
	}, "store: list parts")
}

// AddPart implements store.Tx. A second part at the same offset is store.ErrConflict.
func (t *tx) AddPart(ctx context.Context, p store.Part) error {
	_, err := t.t.ExecContext(ctx, `INSERT INTO parts (meeting, byte_offset, size, blob) VALUES ($1, $2, $3, $4)`,
		p.Meeting, p.Offset, p.Size, p.Blob)
	return t.wrap(err, "store: add part")
}

// DeleteRecording implements store.Tx. What is already gone is no error.
func (t *tx) DeleteRecording(ctx context.Context, meeting string, kinds []store.ArtifactKind) error {
	const op = "store: delete recording"
	if _, err := t.t.ExecContext(ctx, `DELETE FROM parts WHERE meeting = $1`, meeting); err != nil {
		return t.wrap(err, op)
	}
	for _, k := range kinds {
		if _, err := t.t.ExecContext(ctx, `DELETE FROM artifacts WHERE meeting = $1 AND kind = $2`, meeting, k); err != nil {
			return t.wrap(err, op)
		}
	}
	return t.record(ctx, store.AuditRecording, "", 0, map[string]any{"meeting": meeting, "kinds": kinds})
}
