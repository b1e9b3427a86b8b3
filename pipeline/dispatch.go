package pipeline

import (
	"context"
	"errors"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
)

const (
	// dispatchBatch is how many jobs the dispatcher takes from the outbox at a time.
	dispatchBatch = 200
	// bulkBatch is how many it publishes of what nobody waits for, before it looks for interactive jobs again.
	bulkBatch = 32
)

// turn is one turn of the dispatcher. What the queue refused of a stage is not tried again in it, and keeps nothing of other
// stages waiting.
type turn struct {
	failed map[referent.Stage]bool
	errs   []error
}

func (t *turn) fail(stage referent.Stage, err error) {
	t.failed[stage] = true
	t.errs = append(t.errs, err)
}

// dispatch moves queued jobs from the outbox to the queue: all that are interactive, and of the others as many as workers
// soon come to, department by department in turn. Last of all it takes back what is too much. A crash between publishing and
// marking publishes a job twice, which the queue and the claim both forgive.
func (p *Pipeline) dispatch(ctx context.Context) error {
	p.dispatching.Lock()
	defer p.dispatching.Unlock()
	t := &turn{failed: map[referent.Stage]bool{}}
	for more := true; more; {
		err := p.dispatchInteractive(ctx, t)
		if err == nil {
			more, err = p.dispatchBulk(ctx, t)
		}
		if err == nil && !more {
			more, err = p.recall(ctx, t)
		}
		if err != nil { // of the database, or nobody can be reached
			return errors.Join(append(t.errs, err)...)
		}
	}
	return errors.Join(t.errs...)
}

func (p *Pipeline) dispatchInteractive(ctx context.Context, t *turn) error {
	for _, stage := range queue.Stages {
		for more := !t.failed[stage]; more; {
			jobs, err := p.cfg.Store.Queued(ctx, store.QueuedFilter{Due: p.now(), Stage: stage, Priority: referent.PriorityInteractive}, dispatchBatch)
			if err != nil {
				return err
			}
			var out outbound
			for i := range jobs {
				if err = p.publish(ctx, &out, &jobs[i]); err != nil {
					break
				}
			}
			if merr := p.mark(ctx, out); merr != nil {
				return merr
			}
			if err != nil {
				err = p.refused(ctx, t, stage, err)
			}
			if err != nil {
				return err
			}
			more = !t.failed[stage] && len(jobs) == dispatchBatch
		}
	}
	return nil
}

// refused notes what the queue said to a stage. An error: no stage can be reached, and each would wait for an answer.
func (p *Pipeline) refused(ctx context.Context, t *turn, stage referent.Stage, err error) error {
	if ctx.Err() != nil || !p.cfg.Conn.IsConnected() {
		return err
	}
	t.fail(stage, err)
	return nil
}

// dispatchBulk publishes some jobs; more: there may be others.
func (p *Pipeline) dispatchBulk(ctx context.Context, t *turn) (more bool, err error) {
	handed, err := p.cfg.Store.Handed(ctx)
	if err != nil {
		return false, err
	}
	workers := p.Workers()
	of := map[referent.Stage][]*store.Offer{}
	offers := func(stage referent.Stage) error {
		if of[stage] != nil {
			return nil
		}
		all, err := p.cfg.Store.Offers(ctx, stage, p.now())
		of[stage] = make([]*store.Offer, len(all))
		for i := range all {
			of[stage][i] = &all[i]
		}
		return err
	}
	var out outbound
	for _, stage := range queue.Stages { // chunks before recordings, whose turn it is depends on them
		window := p.window(stage, workers)
		room := window - handed[stage].Published
		if !low(room, window) || t.failed[stage] || len(out) == bulkBatch {
			continue
		}
		if err = offers(stage); err != nil {
			break
		}
		if len(of[stage]) == 0 && handed[stage] == (store.Handed{}) {
			delete(p.shares, stage)
		}
		if stage == referent.StagePrepare && len(of[stage]) > 0 {
			if err = offers(referent.StageTranscribe); err != nil {
				break
			}
			of[stage] = ready(of[stage], of[referent.StageTranscribe], p.window(referent.StageTranscribe, workers), workers)
		}
		if err = p.hand(ctx, t, &out, stage, of[stage], min(room, bulkBatch-len(out))); err != nil {
			break
		}
	}
	if merr := p.mark(ctx, out); merr != nil {
		return false, merr
	}
	return len(out) == bulkBatch, err
}

// hand publishes up to room jobs of one stage, in turn.
func (p *Pipeline) hand(ctx context.Context, t *turn, out *outbound, stage referent.Stage, offers []*store.Offer, room int) error {
	turns, jobs := p.shares.of(stage), map[*store.Offer][]referent.Job{}
	for room > 0 {
		o := turns.next(offers)
		if o == nil {
			break
		}
		if _, known := jobs[o]; !known {
			all, err := p.cfg.Store.Queued(ctx, store.QueuedFilter{Due: p.now(), Stage: stage, Meeting: o.Meeting, Priority: referent.PriorityBulk}, min(room, o.Waiting))
			if err != nil {
				return err
			}
			jobs[o] = all
		}
		if len(jobs[o]) == 0 { // cancelled since it was offered
			o.Waiting = 0
			continue
		}
		if err := p.publish(ctx, out, &jobs[o][0]); err != nil {
			return p.refused(ctx, t, stage, err)
		}
		turns.charge(o, p.length(o))
		jobs[o] = jobs[o][1:]
		o.Waiting--
		o.Out++
		room--
	}
	return nil
}

// outbound is what was published and is not marked yet.
type outbound []referent.Job

func (p *Pipeline) publish(ctx context.Context, out *outbound, j *referent.Job) error {
	failpoint.Hit("dispatch.publish")
	if err := p.cfg.Queue.Publish(ctx, message(j)); err != nil {
		return err
	}
	failpoint.Hit("dispatch.published")
	*out = append(*out, *j)
	return nil
}

func (p *Pipeline) mark(ctx context.Context, out outbound) error {
	if len(out) == 0 {
		return nil
	}
	err := p.cfg.Store.Tx(ctx, func(tx store.Tx) error {
		for _, j := range out {
			// A job that was deleted meanwhile has no row to mark.
			if err := ignoreGone(tx.MarkPublished(ctx, j.ID, j.Epoch)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		failpoint.Hit("dispatch.marked")
	}
	return err
}
