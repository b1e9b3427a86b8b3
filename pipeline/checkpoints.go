package pipeline

import (
	"context"
	"errors"
	"io"
	"regexp"
	"slices"

	"github.com/nats-io/nats.go"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// A worker hands in each part of the minutes as soon as a model has answered for it, so that a job that
// is taken up again, or made anew of the same words by the same model, does not ask twice. What is kept
// is sealed with the meeting's key. It goes when the minutes are approved, which ends the remaking, and
// with the meeting.

// maxCheckpoints bounds how many checkpoints a meeting has: days of speech, and a few remakings. The oldest
// give way to new ones: what they were made of has most likely been changed since.
const maxCheckpoints = 4000

// checkpointKey is the form of a key: a SHA-256, so that it tells nothing of what it was made of.
var checkpointKey = regexp.MustCompile(`^[0-9a-f]{64}$`)

// checkpointer returns the leased job and the key that a request on a checkpoint names.
func (p *Pipeline) checkpointer(ctx context.Context, m *nats.Msg, op string) (protocol.Lease, *referent.Job, string, error) {
	lease, err := protocol.ParseLease(m.Header.Get(protocol.HeaderLease))
	if err != nil {
		return lease, nil, "", err
	}
	key := m.Header.Get(protocol.HeaderKey)
	if !checkpointKey.MatchString(key) {
		return lease, nil, "", invalid(op, "the key is not a SHA-256")
	}
	j, err := p.leased(ctx, p.cfg.Store, lease, op)
	if err == nil && j.Stage != referent.StageMinutes {
		err = referent.E(referent.CodeForbidden, op, errors.New("the stage has no checkpoints"))
	}
	return lease, j, key, err
}

// onCheckpoint keeps what the job has done so far. The blob is durable before its row.
func (p *Pipeline) onCheckpoint(ctx context.Context, m *nats.Msg) ([]byte, nats.Header, error) {
	const op = "pipeline: keep checkpoint"
	if len(m.Data) == 0 || len(m.Data) > protocol.MaxPiece {
		return nil, nil, invalid(op, "a checkpoint has 1 byte to the size of a piece")
	}
	lease, j, key, err := p.checkpointer(ctx, m, op)
	if err != nil {
		return nil, nil, err
	}
	s, err := p.session(ctx, j)
	if err != nil {
		return nil, nil, err
	}
	blob, err := seal(ctx, p.cfg.Vault, j.Meeting, s.key, m.Data)
	if err != nil {
		return nil, nil, referent.E(referent.CodeOf(err), op, err)
	}
	failpoint.Hit("checkpoint.sealed")
	err = p.do(ctx, func(ctx context.Context, st *step) error {
		if _, err := p.leased(ctx, st, lease, op); err != nil {
			return err
		}
		all, err := st.Checkpoints(ctx, j.Meeting)
		if err != nil {
			return err
		}
		known := false
		for _, c := range all {
			if c.Key == key {
				known = true
				st.unnamed = append(st.unnamed, c.Blob)
			}
		}
		if !known && len(all) >= maxCheckpoints {
			slices.SortStableFunc(all, func(a, b store.Checkpoint) int { return a.Created.Compare(b.Created) })
			for _, c := range all[:len(all)-maxCheckpoints+1] {
				if err := st.DeleteCheckpoint(ctx, j.Meeting, c.Key); err != nil {
					return err
				}
				st.unnamed = append(st.unnamed, c.Blob)
			}
		}
		return st.PutCheckpoint(ctx, &store.Checkpoint{Meeting: j.Meeting, Key: key, Blob: blob, Size: int64(len(m.Data)), Created: st.now})
	})
	if err != nil {
		return nil, nil, p.dropBlobs(ctx, err, blob)
	}
	failpoint.Hit("checkpoint.kept")
	return nil, nil, nil
}

// onRecall gives back what an earlier attempt kept; nothing when there is nothing.
func (p *Pipeline) onRecall(ctx context.Context, m *nats.Msg) ([]byte, nats.Header, error) {
	const op = "pipeline: read checkpoint"
	_, j, key, err := p.checkpointer(ctx, m, op)
	if err != nil {
		return nil, nil, err
	}
	c, err := p.cfg.Store.Checkpoint(ctx, j.Meeting, key)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	s, err := p.session(ctx, j)
	if err != nil {
		return nil, nil, err
	}
	r, err := p.cfg.Vault.Open(ctx, c.Blob, s.key)
	if err != nil {
		return nil, nil, err
	}
	data, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, nil, referent.E(referent.CodeOf(err), op, err)
	}
	return data, nil, nil
}

// dropCheckpoints forgets what would only serve to make the minutes again.
func (s *step) dropCheckpoints(ctx context.Context, meeting string) error {
	all, err := s.Checkpoints(ctx, meeting)
	if err != nil {
		return err
	}
	for _, c := range all {
		s.unnamed = append(s.unnamed, c.Blob)
	}
	return s.DeleteCheckpoints(ctx, meeting)
}
