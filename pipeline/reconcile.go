package pipeline

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
)

// reconcile brings together again what a crash, a lost worker or a lost queue has parted. It may run at
// any time and as often as one likes; one turn waits for the other, since parts of it remember when they looked last. One
// part that fails does not keep the others from running.
func (p *Pipeline) reconcile(ctx context.Context) error {
	p.reconciling.Lock()
	defer p.reconciling.Unlock()
	var errs []error
	for _, part := range []func(context.Context) error{
		p.mendTimes, p.freeDead, p.expireLeases, p.finishErasures, p.expireUploads, p.compareQueue, p.mendStalls, p.tidy, p.retire, p.cfg.Queue.MendAdvisories,
	} {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		errs = append(errs, part(ctx))
	}
	errs = append(errs, p.tidyMemory(ctx))
	wake(p.wakeDispatch)
	wake(p.wakeAssemble)
	return errors.Join(errs...)
}

// tidyMemory forgets what is over, on each server.
func (p *Pipeline) tidyMemory(ctx context.Context) error {
	p.throttle.prune(p.now())
	p.presence.forget(silent(p.now()))
	p.kept.tidy(p.now())
	return errors.Join(p.pruneSessions(ctx), p.prunePartials(ctx))
}

// expireLeases takes jobs back from workers that have gone silent. Their attempts have been counted.
func (p *Pipeline) expireLeases(ctx context.Context) error {
	jobs, err := p.cfg.Store.ExpiredLeases(ctx, p.now())
	if err != nil {
		return err
	}
	for _, j := range jobs {
		err := p.do(ctx, func(ctx context.Context, s *step) error {
			now, err := s.Job(ctx, j.ID)
			if err != nil {
				return err
			}
			if now.State != referent.JobLeased || now.Epoch != j.Epoch || s.now.Before(now.LeaseExpires) {
				return nil // extended or committed since it was listed
			}
			m, err := s.Meeting(ctx, now.Meeting)
			if err != nil {
				return err
			}
			s.count(func(x *metrics) { x.leasesExpired.Inc() })
			return s.retryOrBury(ctx, m, now, referent.CodeWorkerLost, false)
		})
		if err := ignoreGone(err); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pipeline) expireUploads(ctx context.Context) error {
	uploads, err := p.cfg.Store.ExpiredUploads(ctx, p.now())
	if err != nil {
		return err
	}
	for _, u := range uploads {
		if err := p.expireUpload(ctx, u.ID); err != nil {
			return err
		}
	}
	return nil
}

// compareQueue fills the queue anew when its storage is another than the last time, and otherwise gives back to the dispatcher
// what the queue was given and does not hold.
func (p *Pipeline) compareQueue(ctx context.Context) error {
	generation, err := p.cfg.Queue.Generation(ctx)
	if err != nil {
		return err
	}
	last, err := p.cfg.Store.Setting(ctx, settingGeneration)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if generation == last {
		var errs []error
		for _, stage := range queue.Stages {
			errs = append(errs, p.compareStage(ctx, stage))
		}
		return errors.Join(errs...)
	}
	return p.do(ctx, func(ctx context.Context, s *step) error {
		n, err := s.UnmarkAllPublished(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			s.queued = true
			p.cfg.Log.Info("queue is filled anew", "jobs", n)
		}
		return s.PutSetting(ctx, settingGeneration, generation)
	})
}

// compareBatch is how many published jobs are read, or given back, at a time.
const compareBatch = 500

// compareStage compares the jobs that are thought to be in the queue with those that have a message there, and counts those
// that have one which somebody has taken. The jobs are read first, and are given back at the epoch that they were read at, so
// that one that is claimed meanwhile, and done, is left alone; one that is published meanwhile may be published twice, which does
// no harm.
func (p *Pipeline) compareStage(ctx context.Context, stage referent.Stage) error {
	published, err := p.published(ctx, stage)
	if err != nil {
		return err
	}
	held, err := p.cfg.Queue.Held(ctx, stage)
	if err != nil {
		return err
	}
	bulk := 0
	lost := slices.DeleteFunc(published, func(j referent.Job) bool {
		there := held.Jobs[j.ID]
		if there && j.Priority == referent.PriorityBulk {
			bulk++
		}
		delete(held.Jobs, j.ID)
		return there
	})
	p.strays.note(stage, bulk-held.Waiting[referent.PriorityBulk])
	if err := p.removeOrphans(ctx, stage, held.Jobs); err != nil {
		return err
	}
	for some := range slices.Chunk(lost, compareBatch) {
		back, err := p.unmark(ctx, some)
		if err != nil {
			return err
		}
		if len(back) > 0 {
			p.cfg.Log.Info("messages are lost; they are published again", "stage", stage, "jobs", len(back))
			wake(p.wakeDispatch)
		}
	}
	return nil
}

// published lists the jobs of a stage that are thought to be in the queue.
func (p *Pipeline) published(ctx context.Context, stage referent.Stage) (all []referent.Job, _ error) {
	for after := ""; ; after = all[len(all)-1].ID {
		jobs, err := p.cfg.Store.Published(ctx, stage, after, compareBatch)
		if all = append(all, jobs...); err != nil || len(jobs) < compareBatch {
			return all, err
		}
	}
}

// removeOrphans takes messages out whose bulk jobs the dispatcher has: a recall that broke off left them, and workers would come
// to them before those whose turn it is. Interactive ones are in nobody's way, and what is being done keeps its message.
// others are the jobs that have a message and were not thought to.
func (p *Pipeline) removeOrphans(ctx context.Context, stage referent.Stage, others map[string]bool) error {
	var orphans []referent.Job
	for id := range others {
		j, err := p.cfg.Store.Job(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue // thrown away by whoever takes it
		}
		if err != nil {
			return err
		}
		if j.State == referent.JobQueued && j.Priority == referent.PriorityBulk {
			orphans = append(orphans, *j)
		}
		if len(orphans) == dispatchBatch {
			break // the next turn goes on
		}
	}
	// Between its publishing and its marking a job looks like one of them, and those that were published since they were counted do.
	if len(orphans) == 0 || !p.dispatching.TryLock() {
		return nil
	}
	defer p.dispatching.Unlock()
	published, err := p.published(ctx, stage)
	if err != nil {
		return err
	}
	for _, j := range published {
		orphans = slices.DeleteFunc(orphans, func(o referent.Job) bool { return o.ID == j.ID })
	}
	for i := range orphans {
		if err := p.cfg.Queue.Remove(ctx, message(&orphans[i])); err != nil {
			return err
		}
	}
	if len(orphans) > 0 {
		p.cfg.Log.Info("messages of jobs that were taken back are removed", "stage", stage, "jobs", len(orphans))
	}
	return nil
}

// strangersKept is how long somebody who was remembered at an OpenID provider's sign-in may wait for a first role.
const strangersKept = 30 * 24 * time.Hour

// tidy removes what has had its time.
func (p *Pipeline) tidy(ctx context.Context) error {
	return p.do(ctx, func(ctx context.Context, s *step) error {
		if err := s.DeleteExpiredSessions(ctx, s.now); err != nil {
			return err
		}
		if err := s.DeleteStrangers(ctx, s.now.Add(-strangersKept)); err != nil {
			return err
		}
		if err := s.TrimSignInFailures(ctx, s.now.Add(-store.SignInFailuresKept), 0); err != nil {
			return err
		}
		if err := s.DeleteCreations(ctx, s.now.Add(-store.CreationsKept)); err != nil {
			return err
		}
		return s.TrimEvents(ctx, s.now.Add(-p.cfg.EventsKept))
	})
}

// ignoreGone takes a row that was deleted meanwhile for what was wanted.
func ignoreGone(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
