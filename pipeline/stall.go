package pipeline

import (
	"context"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
)

// stalledPatience is the longest pause between two attempts to mend one stall.
const stalledPatience = 10 * time.Minute

// stalls are the stages that stand still: the queue has their messages, by its own account, and gives them to nobody.
type stalls map[referent.Stage]stall

// stall is how a stage stands still. Times are the machine's own, which no clock that is set can move.
type stall struct {
	oldest time.Time // when the job was asked for that has waited longest
	seen   time.Time // when it stood still last
	look   time.Time // when it is mended next, if nothing has moved until then
	tried  int
}

// mendStalls publishes again what has long been published, waits, and could be done at once. Publishing twice is
// harmless: the message replaces the one before, and the claim decides. When that is of no avail the consumer is
// taken for broken, and the stage's storage is made anew.
func (p *Pipeline) mendStalls(ctx context.Context) error {
	still, err := p.standStill(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	for _, stage := range p.stalls.due(still, now, p.cfg.StalledAfter) {
		s := p.stalls[stage]
		s.tried++
		s.look = now.Add(min(p.cfg.StalledAfter<<min(s.tried, 8), stalledPatience))
		p.stalls[stage] = s
		p.cfg.Log.Warn("jobs wait though workers are idle; they are published again", "stage", stage, "times", s.tried)
		if s.tried > 1 {
			if err := p.cfg.Queue.Renew(ctx, stage); err != nil {
				return err
			}
		}
		err := p.do(ctx, func(ctx context.Context, s *step) error {
			n, err := s.UnmarkAllPublished(ctx)
			s.queued = n > 0
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// due notes which stages stand still now, with the moment when the job at the head was asked for, and returns those that
// have for so long as after says. One whose head is another begins anew; one that was seen to move waits again, but what was
// tried before counts for a while, since mending moves too.
func (w *stalls) due(still map[referent.Stage]time.Time, now time.Time, after time.Duration) (stages []referent.Stage) {
	next := stalls{}
	for _, stage := range queue.Stages {
		s, known := (*w)[stage]
		known = known && now.Sub(s.seen) < 2*after
		oldest, stands := still[stage]
		switch {
		case !stands && !known:
			continue
		case !stands:
			if again := now.Add(after); s.look.Before(again) {
				s.look = again
			}
		case !known || !s.oldest.Equal(oldest):
			s = stall{oldest: oldest, seen: now, look: now.Add(after)}
		default:
			s.seen = now
			if !now.Before(s.look) {
				stages = append(stages, stage)
			}
		}
		next[stage] = s
	}
	*w = next
	return stages
}

// standStill lists the stages that have published jobs waiting while nobody is at any and an able worker is at nothing,
// with the moment when the first of them was asked for.
func (p *Pipeline) standStill(ctx context.Context) (map[referent.Stage]time.Time, error) {
	loads, err := p.cfg.Store.Workloads(ctx)
	if err != nil {
		return nil, err
	}
	of := map[referent.Stage]store.Workload{}
	for _, l := range loads {
		all := of[l.Stage]
		all.Running += l.Running
		all.Published += l.Published // what waits for the dispatcher, or for its time, is no stall of the queue
		if all.Oldest.IsZero() || !l.Oldest.IsZero() && l.Oldest.Before(all.Oldest) {
			all.Oldest = l.Oldest
		}
		of[l.Stage] = all
	}
	still := map[referent.Stage]time.Time{}
	for _, w := range p.Workers() {
		if len(w.Jobs) > 0 {
			continue
		}
		for _, stage := range queue.Stages {
			if l := of[stage]; l.Published > 0 && l.Running == 0 && w.Able(stage) {
				still[stage] = l.Oldest
			}
		}
	}
	return still, nil
}
