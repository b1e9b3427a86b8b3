package pipeline

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
)

// bytesPerSample is the size of one sample of decoded audio.
const bytesPerSample = 2

// key unwraps the meeting's key. An erased meeting has none.
func (p *Pipeline) key(ctx context.Context, meeting string) (*blob.Key, error) {
	wrapped, err := p.cfg.Store.MeetingKey(ctx, meeting)
	if err != nil {
		return nil, err
	}
	return p.cfg.Vault.Unwrap(wrapped)
}

// seal makes data a blob of the meeting.
func seal(ctx context.Context, v *blob.Vault, meeting string, key *blob.Key, data []byte) (string, error) {
	w, err := v.Create(context.WithoutCancel(ctx), meeting, key)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(data); err != nil {
		return "", errors.Join(err, w.Abort())
	}
	return w.Commit()
}

// sealJSON makes v a blob and the artifact that will name it. Until it does, the blob is loose.
func (s *session) sealJSON(ctx context.Context, kind store.ArtifactKind, v any) (store.Artifact, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return store.Artifact{}, referent.E(referent.CodeInvalid, "pipeline: write result", err)
	}
	name, err := seal(ctx, s.vault, s.job.Meeting, s.key, data)
	if err != nil {
		return store.Artifact{}, referent.E(referent.CodeOf(err), "pipeline: write result", err)
	}
	s.loose = append(s.loose, name)
	return store.Artifact{Meeting: s.job.Meeting, Kind: kind, Chunk: s.job.Chunk, Blob: name, Size: int64(len(data))}, nil
}

// load reads an artifact's JSON.
func (p *Pipeline) load(ctx context.Context, a *store.Artifact, key *blob.Key, into any) error {
	const op = "pipeline: read artifact"
	r, err := p.cfg.Vault.Open(ctx, a.Blob, key)
	if err != nil {
		return err
	}
	data, err := readAll(r)
	if err != nil {
		return referent.E(referent.CodeOf(err), op, err)
	}
	if err := decode(data, into); err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	return nil
}

// artifact reads the newest artifact of a kind.
func (p *Pipeline) artifact(ctx context.Context, meeting string, kind store.ArtifactKind, into any) error {
	a, err := p.cfg.Store.Artifact(ctx, meeting, kind, 0)
	if err != nil {
		return err
	}
	key, err := p.key(ctx, meeting)
	if err != nil {
		return err
	}
	return p.load(ctx, a, key, into)
}

func (p *Pipeline) plan(ctx context.Context, meeting string) (*referent.PrepareResult, error) {
	prep := new(referent.PrepareResult)
	return prep, p.artifact(ctx, meeting, store.ArtifactPlan, prep)
}

func chunkOf(prep *referent.PrepareResult, chunk int) (*referent.Chunk, error) {
	if prep.Plan == nil || chunk < 0 || chunk >= len(prep.Plan.Chunks) {
		return nil, referent.E(referent.CodeInternal, "pipeline: find chunk", errors.New("the plan has no such chunk"))
	}
	return &prep.Plan.Chunks[chunk], nil
}

// dropBlobs deletes blobs that a transaction was to name which failed with cause. Those that it may have named stay: they
// are sealed, and go with their meeting.
func (p *Pipeline) dropBlobs(ctx context.Context, cause error, names ...string) error {
	if errors.Is(cause, store.ErrUnknown) {
		return cause
	}
	return errors.Join(cause, deleteBlobs(context.WithoutCancel(ctx), p.cfg.Vault, names))
}

// deleteBlobs removes blobs that no row names. One that cannot be removed keeps no other, but a bucket that does not answer
// is not asked for each.
func deleteBlobs(ctx context.Context, v *blob.Vault, names []string) error {
	var errs []error
	for _, name := range names {
		err := v.Bucket().Delete(ctx, name)
		if away(err) {
			return err
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// away reports whether an error is one that the next call would have too, after as long a wait.
func away(err error) bool {
	switch referent.CodeOf(err) {
	case referent.CodeUnavailable, referent.CodeTimeout, referent.CodeCancelled:
		return true
	}
	return false
}
