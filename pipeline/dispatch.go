package pipeline

import (
	"context"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/store"
)

// dispatchBatch is how many jobs the dispatcher takes from the outbox at a time.
const dispatchBatch = 200

// dispatch moves queued jobs from the outbox to the queue: published first, marked then. A crash in
// between publishes a job twice, which the queue and the claim both forgive.
func (p *Pipeline) dispatch(ctx context.Context) error {
	for {
		jobs, err := p.cfg.Store.Unpublished(ctx, p.now(), dispatchBatch)
		if err != nil {
			return err
		}
		sent := make([]referent.Job, 0, len(jobs))
		for i := range jobs {
			j := &jobs[i]
			if j.Stage == referent.StageAssemble {
				wake(p.wakeAssemble)
				continue
			}
			failpoint.Hit("dispatch.publish")
			if err = p.cfg.Queue.Publish(ctx, message(j)); err != nil {
				break
			}
			failpoint.Hit("dispatch.published")
			sent = append(sent, *j)
		}
		if len(sent) > 0 {
			merr := p.cfg.Store.Tx(ctx, func(tx store.Tx) error {
				for _, j := range sent {
					// A job that was deleted meanwhile has no row to mark.
					if err := ignoreGone(tx.MarkPublished(ctx, j.ID, j.Epoch)); err != nil {
						return err
					}
				}
				return nil
			})
			if merr != nil {
				return merr
			}
			failpoint.Hit("dispatch.marked")
		}
		if err != nil || len(sent) == 0 || len(jobs) < dispatchBatch {
			return err
		}
	}
}
