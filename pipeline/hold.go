package pipeline

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// maxReason is how many letters the reason of a hold has at most.
const maxReason = 300

// Hold puts a legal hold on a meeting, or changes its reason; by is a user id. Until it is lifted nothing of the meeting
// is erased, neither by a person nor by the calendar. CodeInvalid: no reason is given. CodeConflict: the meeting is
// being erased. store.ErrNotFound: there is no such meeting.
func (p *Pipeline) Hold(ctx context.Context, meeting, by, reason string) (*store.Hold, error) {
	const op = "pipeline: hold meeting"
	reason = strings.TrimSpace(reason)
	if by == "" || reason == "" || utf8.RuneCountInString(reason) > maxReason {
		return nil, invalid(op, "somebody gives a reason, and not a long one")
	}
	h := &store.Hold{Meeting: meeting, Reason: reason, By: by}
	return h, p.do(ctx, func(ctx context.Context, s *step) error {
		m, err := s.Meeting(ctx, meeting)
		if err != nil {
			return err
		}
		if m.State == referent.StatePurged {
			return refused(op, "it is being erased")
		}
		if open, err := erasingAudio.read(ctx, s); err != nil {
			return err
		} else if _, begun := open[meeting]; begun {
			return refused(op, "its audio is being erased")
		}
		h.At = s.now
		if err := s.PutHold(ctx, h); err != nil {
			return err
		}
		return s.AddDeed(ctx, &store.Deed{Meeting: meeting, What: store.DeedHeld, By: by, At: s.now})
	})
}

// Release lifts the hold. What the calendar would have erased meanwhile is erased when its turn comes. That there is
// none is no error.
func (p *Pipeline) Release(ctx context.Context, meeting, by string) error {
	if by == "" {
		return invalid("pipeline: release meeting", "somebody must ask for it")
	}
	return p.do(ctx, func(ctx context.Context, s *step) error {
		if err := s.DeleteHold(ctx, meeting); errors.Is(err, store.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		return s.AddDeed(ctx, &store.Deed{Meeting: meeting, What: store.DeedReleased, By: by, At: s.now})
	})
}

// held is CodeHeld when there is a hold.
func held(ctx context.Context, r store.Reader, meeting, op string) error {
	_, err := r.Hold(ctx, meeting)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return referent.E(referent.CodeHeld, op, nil).WithHint("lift the legal hold first")
}
