package pipeline

import (
	"context"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/store"
)

// Delete erases a meeting; by is the user id of whoever wants it so. The key goes first, in a
// transaction of its own that is scrubbed from the files before anything else happens: from then on the
// blobs are noise wherever copies of them lie. An erasure that is interrupted is finished by the
// reconciler. CodeHeld: there is a legal hold. store.ErrNotFound: there is no such meeting (any more).
func (p *Pipeline) Delete(ctx context.Context, meeting, by string) (store.Receipt, error) {
	return p.eraseNow(ctx, meeting, func() (begun, error) { return p.beginMeeting(ctx, meeting, by, nil) })
}

// still is what must hold of a meeting for it to be erased, looked at in the transaction that begins with it. nil:
// somebody wants it so.
type still func(ctx context.Context, s *step) error

func (f still) holds(ctx context.Context, s *step) error {
	if f == nil {
		return nil
	}
	return f(ctx, s)
}

// beginMeeting begins to erase a meeting. the duty to erase is had.
func (p *Pipeline) beginMeeting(ctx context.Context, meeting, by string, so still) (begun, error) {
	if by == "" {
		return begun{}, invalid("pipeline: delete meeting", "somebody must ask for it")
	}
	err := p.do(ctx, func(ctx context.Context, s *step) error {
		m, err := s.Meeting(ctx, meeting)
		if err != nil {
			return err
		}
		if err := held(ctx, s, meeting, "pipeline: delete meeting"); err != nil {
			return err
		}
		if err := so.holds(ctx, s); err != nil {
			return err
		}
		if err := s.DestroyKey(ctx, meeting); err != nil {
			return err
		}
		if err := erasing.change(ctx, s, func(all map[string]string) { all[meeting] = by }); err != nil {
			return err
		}
		if err := s.cancelJobs(ctx, meeting); err != nil {
			return err
		}
		if err := s.IndexTranscript(ctx, meeting, nil); err != nil {
			return err
		}
		if err := s.IndexMinutes(ctx, meeting, nil, nil); err != nil {
			return err
		}
		m.Title, m.Place, m.Body, m.Participants, m.Agenda = "", "", "", nil, nil
		return s.move(ctx, m, referent.StatePurged)
	})
	if err != nil {
		return begun{}, err
	}
	failpoint.Hit("erase.key.gone")
	return begun{meetings: map[string]string{meeting: by}}, nil
}

// eraseMeeting removes blobs and rows of a meeting whose key is destroyed. store.ErrNotFound: somebody has, before.
func (p *Pipeline) eraseMeeting(ctx context.Context, meeting, by string) (store.Receipt, error) {
	count, size, err := p.cfg.Vault.Bucket().DeleteAll(ctx, meeting)
	if err != nil {
		return store.Receipt{}, err
	}
	failpoint.Hit("erase.blobs.gone")
	var receipt store.Receipt
	err = p.do(ctx, func(ctx context.Context, s *step) error {
		m, err := s.Meeting(ctx, meeting)
		if err != nil {
			return err
		}
		if open, err := erasing.read(ctx, s); err != nil {
			return err
		} else if _, marked := open[meeting]; !marked {
			return referent.E(referent.CodeNotFound, "pipeline: erase meeting", store.ErrNotFound) // another server has
		}
		receipt = store.Receipt{Meeting: meeting, What: store.ErasedMeeting, By: by, At: s.now, Blobs: count, Bytes: size, KeyGone: true}
		if err := s.DeleteMeeting(ctx, meeting, receipt); err != nil {
			return err
		}
		return s.tell(ctx, &referent.Meeting{ID: meeting, Owner: m.Owner, Department: m.Department, State: referent.StatePurged}, store.Event{Type: "deleted"})
	})
	if err == nil {
		failpoint.Hit("erase.rows.gone")
	}
	return receipt, err
}
