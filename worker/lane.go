package worker

import (
	"context"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
	"golang.org/x/sync/errgroup"
)

// lane takes jobs of some kinds, some at a time. The lanes of a worker share its parts, its faults and
// nothing else: a job that stands still in one does not hold up another.
type lane struct {
	w          *Worker
	stages     []referent.Stage
	priorities []referent.Priority // none: all, interactive first
	room       chan struct{}       // has a token for each job under way; its capacity is the most
}

// lanes lays out the worker's lanes. Two lanes take turns at the interactive work of a quiet machine; on
// one that is at a long chunk the second is always free for it. Chunks have a lane of their own beside
// these: at the end of a chunk some threads have nothing left to do, and between chunks all of them would
// wait for the server.
func (w *Worker) lanes() (all []*lane) {
	add := func(n int, stages []referent.Stage, only ...referent.Priority) {
		if len(stages) > 0 {
			all = append(all, &lane{w, stages, only, make(chan struct{}, n)})
		}
	}
	isLive := func(s referent.Stage) bool { return s == referent.StageLive }
	work := slices.DeleteFunc(slices.Clone(w.cfg.Stages), isLive)
	add(1, work)
	if slices.Contains(work, referent.StageTranscribe) {
		add(protocol.Slots(referent.StageTranscribe, w.cfg.Threads)-1, []referent.Stage{referent.StageTranscribe})
	}
	add(1, work, referent.PriorityInteractive)
	if slices.ContainsFunc(w.cfg.Stages, isLive) {
		add(w.cfg.Live, []referent.Stage{referent.StageLive})
	}
	return all
}

// loop takes jobs of the stages that do not rest, from round to round, until ctx ends. They run in jobs,
// whose context is ctx.
func (l *lane) loop(ctx context.Context, jobs *errgroup.Group) error {
	for {
		able, next := l.w.faults.able(l.stages, time.Now())
		if err := l.round(ctx, jobs, able, next); err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// round takes jobs of stages until next, if it is set; until what rests has changed; or until ctx ends.
func (l *lane) round(ctx context.Context, jobs *errgroup.Group, stages []referent.Stage, next time.Time) (err error) {
	until, cancel := ctx, context.CancelFunc(func() {})
	if !next.IsZero() {
		until, cancel = context.WithDeadline(ctx, next)
	}
	defer cancel()
	if len(stages) == 0 {
		<-until.Done()
		return nil
	}
	puller, err := l.openQueue(until, stages)
	if puller == nil {
		return err
	}
	puller.Spare(l.w.rests.rests)
	defer func() {
		if e := puller.Close(); err == nil {
			err = e
		}
	}()
	for {
		select {
		case l.room <- struct{}{}:
		case <-until.Done():
			return nil
		}
		took, err := l.next(ctx, until, puller, stages, jobs)
		if !took {
			<-l.room
			return err
		}
	}
}

// next waits for a job and sets it going. It took none when the round is over.
func (l *lane) next(ctx, until context.Context, puller *queue.Puller, stages []referent.Stage, jobs *errgroup.Group) (took bool, err error) {
	if !l.able(stages) {
		return false, nil
	}
	d, err := puller.Next(until)
	switch {
	case d != nil && (ctx.Err() != nil || !l.able([]referent.Stage{d.Stage})):
		return false, d.Nak(0) // another lane met the machine's fault meanwhile, or the worker leaves
	case d == nil && until.Err() != nil:
		return false, nil
	case d == nil:
		return false, err
	}
	jobs.Go(func() error {
		defer func() { <-l.room }()
		return l.w.take(ctx, d)
	})
	return true, nil
}

// able reports whether none of stages rests.
func (l *lane) able(stages []referent.Stage) bool {
	now, _ := l.w.faults.able(stages, time.Now())
	return len(now) == len(stages)
}

// openQueue waits for the streams: at a first start the worker may come before the server made them. It
// returns no puller when ctx ends first.
func (l *lane) openQueue(ctx context.Context, stages []referent.Stage) (*queue.Puller, error) {
	for {
		p, err := queue.NewPuller(ctx, l.w.cfg.Conn, stages, l.priorities...)
		if err == nil {
			return p, nil
		}
		if ctx.Err() != nil {
			return nil, nil
		}
		if referent.CodeOf(err) == referent.CodeConfig || l.w.cfg.Conn.IsClosed() {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-time.After(4 * l.w.pace.retry):
		}
	}
}
