package pipeline

import (
	"context"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// What is in the queue goes in the order in which it was put there. So only little of what is not interactive is: as many
// jobs of a stage as the workers are at, and so each finds its next one. Those who come wait for no more than that.
const (
	nobodyFinds = 4    // waits of each stage while no worker is heard of, for the first to come
	leastWaits  = 2    // also of one worker: one waits while another is published
	mostWaits   = 1024 // whatever workers say of themselves
	mostSlots   = 64   // of one worker

	// recallSlack is by how many jobs more than twice what should wait may wait before some are taken back: workers come
	// and go all the time.
	recallSlack = 8
)

// window is how many bulk jobs of a stage are to wait in the queue.
func (p *Pipeline) window(stage referent.Stage, workers []WorkerInfo) int {
	slots := 0
	for _, w := range workers {
		if w.Able(stage) {
			slots += min(protocol.Slots(stage, w.Threads), mostSlots)
		}
	}
	if slots == 0 {
		slots = nobodyFinds
	}
	return min(max(slots, leastWaits)+p.strays[stage], mostWaits)
}

// low reports whether so little waits that more is to be published: a quarter at a time, where many workers come by.
func low(room, window int) bool { return room > 0 && room >= window/4 }

// noteStrays counts the messages that workers took and have not claimed: those of workers that died in between come again
// after a while, and until then nobody finds them. p.dispatching is held.
func (p *Pipeline) noteStrays(messages map[referent.Stage]queue.Count, loads []store.Workload) {
	strays := map[referent.Stage]int{}
	for stage, c := range messages {
		strays[stage] = c.InFlight
	}
	for _, l := range loads {
		strays[l.Stage] -= l.Running
	}
	for stage, n := range strays {
		strays[stage] = max(n, 0)
	}
	p.strays = strays
}

// enoughChunks is how many times as many chunks as are to wait in the queue a department has before no more of its
// recordings are prepared.
const enoughChunks = 4

// ready leaves out the recordings of departments that have two others ready to be recognised, and chunks enough of them:
// what is begun is finished first, and sound that is decoded takes up room. A worker that prepares and cannot recognise
// would stand still for it, and so everything is ready for that one. The offers are of one stage each.
func ready(prepare, transcribe []*store.Offer, window int, workers []WorkerInfo) []*store.Offer {
	if slices.ContainsFunc(workers, func(w WorkerInfo) bool {
		return w.Able(referent.StagePrepare) && !w.Able(referent.StageTranscribe)
	}) {
		return prepare
	}
	type begun struct{ meetings, chunks int }
	of := map[string]begun{}
	for _, o := range transcribe {
		if o.Waiting > 0 {
			b := of[o.Department]
			of[o.Department] = begun{b.meetings + 1, b.chunks + o.Waiting}
		}
	}
	return slices.DeleteFunc(prepare, func(o *store.Offer) bool {
		b := of[o.Department]
		return b.meetings >= 2 && b.chunks >= enoughChunks*window
	})
}

// recall takes the newest of too many jobs back from the queue, when workers have gone or a release before this one has
// published everything, so that others come to their turn. more: there are others. It waits until those workers that there are
// have said so.
func (p *Pipeline) recall(ctx context.Context, stage referent.Stage, published, window int) (more bool, err error) {
	if published <= 2*window+recallSlack || p.now().Sub(p.started) < p.cfg.WorkersWithin {
		return false, nil
	}
	jobs, err := p.cfg.Store.Queued(ctx, store.QueuedFilter{Published: true, Stage: stage, Priority: referent.PriorityBulk, Newest: true},
		min(published-window, dispatchBatch))
	if err != nil {
		return false, err
	}
	for i := range jobs {
		if err := p.cfg.Queue.Remove(ctx, message(&jobs[i])); err != nil {
			return false, err
		}
	}
	return len(jobs) > 0, p.cfg.Store.Tx(ctx, func(tx store.Tx) error {
		for i := range jobs {
			j, err := tx.Job(ctx, jobs[i].ID)
			if err == nil && j.State == referent.JobQueued && j.Epoch == jobs[i].Epoch { // else a worker had it already
				err = tx.UpdateJob(ctx, j, j.Epoch)
			}
			if err := ignoreGone(err); err != nil {
				return err
			}
		}
		return nil
	})
}
