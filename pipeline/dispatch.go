package pipeline

import (
	"context"

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

// dispatch moves queued jobs from the outbox to the queue: all that are interactive, and of the others as many as workers
// soon come to, department by department in turn. A crash between publishing and marking publishes a job twice, which the
// queue and the claim both forgive.
func (p *Pipeline) dispatch(ctx context.Context) error {
	p.dispatching.Lock()
	defer p.dispatching.Unlock()
	for {
		if err := p.dispatchInteractive(ctx); err != nil {
			return err
		}
		if more, err := p.dispatchBulk(ctx); err != nil || !more {
			return err
		}
	}
}

func (p *Pipeline) dispatchInteractive(ctx context.Context) error {
	for {
		jobs, err := p.cfg.Store.Queued(ctx, store.QueuedFilter{Due: p.now(), Priority: referent.PriorityInteractive}, dispatchBatch)
		if err != nil {
			return err
		}
		var out outbound
		for i := range jobs {
			if jobs[i].Stage == referent.StageAssemble { // the server's own
				continue
			}
			if err = p.publish(ctx, &out, &jobs[i]); err != nil {
				break
			}
		}
		if merr := p.mark(ctx, out); merr != nil {
			return merr
		}
		if err != nil || len(out) == 0 || len(jobs) < dispatchBatch {
			return err
		}
	}
}

// dispatchBulk publishes some jobs, or takes some back; more: there may be others.
func (p *Pipeline) dispatchBulk(ctx context.Context) (more bool, err error) {
	loads, err := p.cfg.Store.Workloads(ctx)
	if err != nil {
		return false, err
	}
	workers := p.Workers()
	windows, room := map[referent.Stage]int{}, map[referent.Stage]int{}
	for _, stage := range queue.Stages {
		windows[stage] = p.window(stage, workers)
	}
	for _, l := range loads {
		if _, queued := windows[l.Stage]; !queued || l.Priority != referent.PriorityBulk {
			continue
		}
		if l.Published < l.Waiting {
			room[l.Stage] = windows[l.Stage] - l.Published
		}
		if more, err := p.recall(ctx, l.Stage, l.Published, windows[l.Stage]); err != nil || more {
			return more, err
		}
	}
	of := map[referent.Stage][]*store.Offer{}
	offers := func(stage referent.Stage) error {
		if of[stage] != nil {
			return nil
		}
		all, err := p.cfg.Store.Offers(ctx, stage, p.now())
		for i := range all {
			of[stage] = append(of[stage], &all[i])
		}
		return err
	}
	var out outbound
	for _, stage := range queue.Stages { // chunks before recordings, whose turn it is depends on them
		if !low(room[stage], windows[stage]) {
			continue
		}
		if err = offers(stage); err == nil && stage == referent.StagePrepare && len(of[stage]) > 0 {
			if err = offers(referent.StageTranscribe); err == nil {
				of[stage] = ready(of[stage], of[referent.StageTranscribe], windows[referent.StageTranscribe], workers)
			}
		}
		if err == nil {
			err = p.hand(ctx, &out, stage, of[stage], min(room[stage], bulkBatch-len(out)))
		}
		if err != nil {
			break
		}
	}
	if merr := p.mark(ctx, out); merr != nil {
		return false, merr
	}
	return len(out) == bulkBatch, err
}

// hand publishes up to room jobs of one stage, in turn.
func (p *Pipeline) hand(ctx context.Context, out *outbound, stage referent.Stage, offers []*store.Offer, room int) error {
	turns, jobs := p.shares.of(stage), map[*store.Offer][]referent.Job{}
	for room > 0 {
		o := turns.next(offers)
		if o == nil {
			return nil
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
			return err
		}
		turns.charge(o.Department, p.length(o))
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
