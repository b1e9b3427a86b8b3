package pipeline

import (
	"context"
	"errors"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/store"
)

// erasing tells, by meeting, who asked for each erasure that is not over.
const erasing = unfinished[string]("pipeline.erasing")

// Delete erases a meeting; by is the user id of whoever wants it so. The key goes first, in a
// transaction of its own that is scrubbed from the files before anything else happens: from then on the
// blobs are noise wherever copies of them lie. An erasure that is interrupted is finished by the
// reconciler. CodeHeld: there is a legal hold. store.ErrNotFound: there is no such meeting (any more).
func (p *Pipeline) Delete(ctx context.Context, meeting, by string) (store.Receipt, error) {
	return p.deleteMeeting(ctx, meeting, by, nil)
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

func (p *Pipeline) deleteMeeting(ctx context.Context, meeting, by string, so still) (store.Receipt, error) {
	if by == "" {
		return store.Receipt{}, invalid("pipeline: delete meeting", "somebody must ask for it")
	}
	release, err := p.erasingAlone(ctx, handleLimit)
	if err != nil {
		return store.Receipt{}, err
	}
	defer release()
	err = p.do(ctx, func(ctx context.Context, s *step) error {
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
		return store.Receipt{}, err
	}
	failpoint.Hit("erase.key.gone")
	return p.erase(context.WithoutCancel(ctx), meeting, by)
}

// erase removes a meeting whose key is destroyed. Each step may have been done before.
func (p *Pipeline) erase(ctx context.Context, meeting, by string) (store.Receipt, error) {
	if err := p.cfg.Store.Scrub(ctx); err != nil {
		return store.Receipt{}, err
	}
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
	if err != nil {
		return store.Receipt{}, err
	}
	failpoint.Hit("erase.rows.gone")
	// The mark goes last: until the rows are scrubbed from the files the erasure is not over.
	if err := p.cfg.Store.Scrub(ctx); err != nil {
		return receipt, err
	}
	failpoint.Hit("erase.scrubbed")
	return receipt, p.do(ctx, func(ctx context.Context, s *step) error {
		return erasing.over(ctx, s, meeting)
	})
}

// finishErasures goes on with erasures that were interrupted.
func (p *Pipeline) finishErasures(ctx context.Context) error {
	meetings, err := erasing.read(ctx, p.cfg.Store)
	if err != nil {
		return err
	}
	audio, err := erasingAudio.read(ctx, p.cfg.Store)
	if err != nil || len(meetings)+len(audio) == 0 {
		return err
	}
	release, err := p.erasingAlone(ctx, 0)
	if errors.Is(err, errErasing) {
		return nil // another server is at it; what it leaves is here at the next turn
	}
	if err != nil {
		return err
	}
	defer release()
	all, err := erasing.read(ctx, p.cfg.Store) // those that were under way then are over now
	if err != nil {
		return err
	}
	if err := p.finishAudioErasures(ctx); err != nil {
		return err
	}
	for meeting, by := range all {
		_, err := p.erase(ctx, meeting, by)
		if errors.Is(err, store.ErrNotFound) { // only the last scrub and the mark were left
			if err := p.cfg.Store.Scrub(ctx); err != nil {
				return err
			}
			err = p.do(ctx, func(ctx context.Context, s *step) error {
				return erasing.over(ctx, s, meeting)
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
