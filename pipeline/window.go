package pipeline

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
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
	return min(max(slots, leastWaits)+p.strays.count(stage), mostWaits)
}

// low reports whether so little waits that more is to be published: a quarter at a time, where many workers come by.
func low(room, window int) bool { return room > 0 && room >= window/4 }

// strays are the bulk messages that workers have taken and not claimed: those of workers that died in between come again
// after a while, and until then nobody finds them.
type strays struct {
	mu sync.Mutex
	of map[referent.Stage]int
}

func (s *strays) count(stage referent.Stage) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.of[stage]
}

func (s *strays) note(stage referent.Stage, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[referent.Stage]int{}
	}
	s.of[stage] = max(n, 0)
}

// How many times as many chunks as are to wait in the queue are ready to be recognised before no more recordings are prepared.
const (
	enoughChunks = 4  // of a department
	aheadChunks  = 32 // of all, for a worker that can do nothing else
)

// ready leaves out the recordings of departments that have two others ready to be recognised, and chunks enough of them:
// what is begun is finished first, and sound that is decoded takes up room. A worker that prepares and cannot recognise
// would stand still for it, and so goes further ahead. The offers are of one stage each.
func ready(prepare, transcribe []*store.Offer, window int, workers []WorkerInfo) []*store.Offer {
	chunks := 0
	for _, o := range transcribe {
		chunks += o.Waiting
	}
	if chunks < aheadChunks*window && slices.ContainsFunc(workers, func(w WorkerInfo) bool {
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

// excesses are the stages of which too much waits in the queue.
type excesses map[referent.Stage]excess

// excess is since when, without a break.
type excess struct {
	since, seen time.Time
	links       uint64 // how many times the queue had been lost and found
}

// stands reports whether so much more waits than should that some is to be taken back, and has for as long as workers need to
// say that they are there: one that was cut off, or begins to lead, hears of none for a while, and they are at work.
func (e excesses) stands(stage referent.Stage, much bool, links uint64, now time.Time, patience time.Duration) bool {
	if !much {
		delete(e, stage)
		return false
	}
	x, known := e[stage]
	if !known || x.links != links || now.Before(x.seen) || now.Sub(x.seen) > patience {
		x = excess{since: now, links: links}
	}
	x.seen = now
	e[stage] = x
	return now.Sub(x.since) >= patience
}

// recall takes the newest of too many jobs back from the queue, when workers have gone or a release before this one has
// published everything, so that others come to their turn. more: there may be others.
func (p *Pipeline) recall(ctx context.Context, t *turn) (more bool, err error) {
	handed, err := p.cfg.Store.Handed(ctx)
	if err != nil {
		return false, err
	}
	workers := p.Workers()
	linked, links := p.cfg.Conn.IsConnected(), p.cfg.Conn.Stats().Reconnects
	for _, stage := range queue.Stages {
		published, window := handed[stage].Published, p.window(stage, workers)
		much := linked && published > 2*window+recallSlack
		if !p.excesses.stands(stage, much, links, p.now(), p.cfg.WorkersWithin) || t.failed[stage] {
			continue
		}
		n := min(published-window, dispatchBatch)
		if err := p.unpublish(ctx, t, stage, n); err != nil {
			return false, err
		}
		more = more || n == dispatchBatch && !t.failed[stage]
	}
	return more, nil
}

// unpublish takes up to n of a stage's jobs back. The dispatcher has them again before their messages go: a message too many does
// no harm, and a job that the queue is thought to hold and does not is not come to.
func (p *Pipeline) unpublish(ctx context.Context, t *turn, stage referent.Stage, n int) error {
	jobs, err := p.cfg.Store.Queued(ctx, store.QueuedFilter{Published: true, Stage: stage, Priority: referent.PriorityBulk, Newest: true}, n)
	if err != nil {
		return err
	}
	jobs, err = p.unmark(ctx, jobs)
	if err != nil {
		return err
	}
	failpoint.Hit("dispatch.unmarked")
	delete(p.shares, stage)
	for i := range jobs {
		if err := p.cfg.Queue.Remove(ctx, message(&jobs[i])); err != nil {
			return p.refused(ctx, t, stage, err)
		}
	}
	return nil
}

// unmark gives jobs back to the dispatcher, and returns those that nobody had claimed.
func (p *Pipeline) unmark(ctx context.Context, jobs []referent.Job) (back []referent.Job, err error) {
	err = p.cfg.Store.Tx(ctx, func(tx store.Tx) error {
		back = nil
		for i := range jobs {
			was, err := tx.UnmarkPublished(ctx, jobs[i].ID, jobs[i].Epoch)
			if err != nil {
				return err
			}
			if was {
				back = append(back, jobs[i])
			}
		}
		return nil
	})
	return back, err
}
