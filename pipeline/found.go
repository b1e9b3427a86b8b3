package pipeline

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// findMachines makes what a machine wrote findable where it is what is shown.
func (s *step) findMachines(ctx context.Context, meeting string, m *referent.Minutes) error {
	a, err := shown(ctx, s, meeting, store.ArtifactMinutes)
	if err != nil || a.Author != "" {
		return err
	}
	return s.findMinutes(ctx, meeting, m, guessed)
}

// findMinutes makes the decisions and the tasks of the minutes to show those that are found. follow tells which of the
// tasks stood in the version before.
func (s *step) findMinutes(ctx context.Context, meeting string, m *referent.Minutes, follow following) error {
	var decisions []store.Statement
	for _, d := range m.Decisions {
		decisions = append(decisions, store.Statement{Text: d.Text, Evidence: d.Evidence})
	}
	old, err := s.TasksOf(ctx, meeting)
	if err != nil {
		return err
	}
	tasks, err := followed(old, m.Actions, follow)
	if err != nil {
		return err
	}
	return s.IndexMinutes(ctx, meeting, decisions, tasks)
}

// SettleTask says that a task of the minutes that are shown is done, or that it is open after all; by is the user id of
// whoever says so. It is kept beside the minutes, which stay as they are also when they are approved.
// store.ErrNotFound: the minutes have no such task.
func (p *Pipeline) SettleTask(ctx context.Context, meeting, task, by string, done bool) (*store.Task, error) {
	const op = "pipeline: settle task"
	if by == "" {
		return nil, invalid(op, "somebody must say so")
	}
	var t store.Task
	err := p.do(ctx, func(ctx context.Context, s *step) error {
		m, err := s.Meeting(ctx, meeting)
		if err != nil {
			return err
		}
		if m.State == referent.StatePurged {
			return refused(op, "the meeting is being erased")
		}
		all, err := s.TasksOf(ctx, meeting)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(t store.Task) bool { return t.ID == task && t.Place >= 0 })
		if i < 0 {
			return referent.E(referent.CodeNotFound, op, store.ErrNotFound)
		}
		if t = all[i]; t.Done() == done {
			return nil // somebody was faster, and of the same mind
		}
		what := store.DeedTaskOpen
		t.DoneBy, t.DoneAt = "", time.Time{}
		if done {
			what, t.DoneBy, t.DoneAt = store.DeedTaskDone, by, s.now
		}
		if err := s.SettleTask(ctx, meeting, task, t.DoneBy, t.DoneAt); err != nil {
			return err
		}
		return s.AddDeed(ctx, &store.Deed{Meeting: meeting, What: what, Part: "actions", By: by, At: s.now})
	})
	if err != nil {
		return nil, err
	}
	return &t, nil
}

// fillIndexes makes findable what a database from before holds: it can only be read here, where the keys are. It takes
// one meeting at a time, and where it is stopped it goes on at the next start.
func (p *Pipeline) fillIndexes(ctx context.Context) error {
	var errs []error
	for after := ""; ; {
		ids, err := p.cfg.Store.StaleIndexes(ctx, after, 50)
		if err != nil || len(ids) == 0 {
			return errors.Join(append(errs, err)...)
		}
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				return err
			}
			err := p.fillIndex(ctx, id)
			if err != nil {
				if _, gone := p.cfg.Store.MeetingKey(ctx, id); errors.Is(gone, store.ErrNotFound) {
					continue // it is erased, or about to be
				}
			}
			errs = append(errs, err)
		}
		after = ids[len(ids)-1]
	}
}

func (p *Pipeline) fillIndex(ctx context.Context, meeting string) error {
	t, m := new(referent.Transcript), new(referent.Minutes)
	transcript, err := p.shownTo(ctx, meeting, store.ArtifactTranscript, t)
	if err != nil {
		return err
	}
	minutes, err := p.shownTo(ctx, meeting, store.ArtifactMinutes, m)
	if err != nil {
		return err
	}
	return p.do(ctx, func(ctx context.Context, s *step) error {
		for kind, version := range map[store.ArtifactKind]int{store.ArtifactTranscript: transcript, store.ArtifactMinutes: minutes} {
			now, err := shownOrNone(ctx, s, meeting, kind)
			if err != nil {
				return err
			}
			if now.Version != version {
				return nil // somebody changed it meanwhile: the next turn reads it anew
			}
		}
		is, err := s.Meeting(ctx, meeting)
		if err != nil || is.State == referent.StatePurged {
			return err
		}
		if err := s.IndexTranscript(ctx, meeting, t); err != nil {
			return err
		}
		if err := s.findMinutes(ctx, meeting, m, guessed); err != nil {
			return err
		}
		return s.MarkIndexed(ctx, meeting)
	})
}

// shownTo reads what is shown and gives its version; 0: there is none, and nothing is read. That it cannot be read is
// an error, also where its blob is lost.
func (p *Pipeline) shownTo(ctx context.Context, meeting string, kind store.ArtifactKind, into any) (version int, err error) {
	a, err := shownOrNone(ctx, p.cfg.Store, meeting, kind)
	if err != nil || a.Version == 0 {
		return 0, err
	}
	key, err := p.key(ctx, meeting)
	if err != nil {
		return 0, err
	}
	return a.Version, p.load(ctx, a, key, into)
}

// shownOrNone is shown, with version 0 where there is none.
func shownOrNone(ctx context.Context, r store.Reader, meeting string, kind store.ArtifactKind) (*store.Artifact, error) {
	a, err := shown(ctx, r, meeting, kind)
	if errors.Is(err, store.ErrNotFound) {
		return &store.Artifact{}, nil
	}
	return a, err
}
