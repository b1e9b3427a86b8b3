package worker

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
)

// Why a job's context ended. They are causes (context.Cause), told apart by identity.
var (
	errCancelled = referent.E(referent.CodeCancelled, "worker: run job", nil)
	errLeaving   = referent.E(referent.CodeCancelled, "worker: leave", nil)
	errLeaseLost = referent.E(referent.CodeLeaseLost, "worker: keep lease", nil)
	errStalled   = referent.E(referent.CodeTimeout, "worker: run job", nil).
			WithHint("the stage made no progress; it hangs, or the machine is far too slow for the model")
)

// keeper keeps one job's lease for as long as its stage moves, and ends the job otherwise.
type keeper struct {
	wire     wire
	lease    protocol.Lease
	delivery *queue.Delivery
	stall    time.Duration
	end      context.CancelCauseFunc
	log      *slog.Logger

	reads, writes home // what is read can be read anywhere; what is written is joined in one place

	committing atomic.Bool // the commit's own answer decides from here on

	mu       sync.Mutex
	progress float64
	told     float64 // progress that the server has heard, or is hearing
	moved    time.Time
	nudge    chan struct{} // there is progress worth telling before its time
	doubted  chan struct{} // the job may have been cancelled
}

// worthTelling is how far a job gets before the server hears of it ahead of the next extension.
const worthTelling = 0.02

func newKeeper(w wire, claim protocol.ClaimReply, d *queue.Delivery, stall time.Duration, end context.CancelCauseFunc, log *slog.Logger) *keeper {
	return &keeper{wire: w, lease: claim.Lease, delivery: d, stall: stall, end: end, log: log,
		reads: home{server: claim.Server}, writes: home{server: claim.Server, patience: w.pace.home},
		moved: time.Now(), nudge: make(chan struct{}, 1), doubted: make(chan struct{}, 1)}
}

// report takes the stage's progress, 0 to 1. It never goes back.
func (k *keeper) report(p float64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if p = min(p, 1); p > k.progress {
		k.progress, k.moved = p, time.Now()
	}
	if k.progress >= k.told+worthTelling {
		select {
		case k.nudge <- struct{}{}:
		default:
		}
	}
}

// ask has the lease extended at once, for what the server says to it.
func (k *keeper) ask() {
	select {
	case k.doubted <- struct{}{}:
	default:
	}
}

// touch says that bytes moved.
func (k *keeper) touch() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.moved = time.Now()
}

func (k *keeper) state() (progress float64, still time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.told = k.progress
	return k.progress, time.Since(k.moved)
}

// doubtEvery is the least time between two questions whether a job goes on.
const doubtEvery = 250 * time.Millisecond

// run extends until ctx, the job's, ends. The server's word is final; its silence is waited out for as
// long as the lease may still be believed in.
func (k *keeper) run(ctx context.Context) {
	pace := k.wire.pace
	confirmed := time.Now()
	var asked time.Time
	next := time.NewTimer(pace.extend)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.nudge:
			next.Reset(max(0, pace.brisk-time.Since(confirmed)))
			continue
		case <-k.doubted:
			next.Reset(max(0, doubtEvery-time.Since(asked))) // whoever doubts without end is not let ask without end
			continue
		case <-next.C:
		}
		progress, still := k.state()
		if still > k.stall {
			k.end(errStalled)
			return
		}
		asked = time.Now()
		reply, away, err := k.wire.extend(ctx, protocol.ExtendRequest{Lease: k.lease, Progress: progress})
		switch {
		case ctx.Err() != nil:
			return
		case away && time.Since(confirmed) < pace.patience:
			next.Reset(min(4*pace.retry, pace.extend))
			continue
		case err != nil && k.committing.Load():
			return // a committed job has no lease any more
		case err != nil:
			k.log.Info("lease lost", "job", k.lease.Job, "epoch", k.lease.Epoch, "error", err)
			k.end(errLeaseLost)
			return
		case reply.Cancelled:
			k.end(errCancelled)
			return
		}
		confirmed = time.Now()
		next.Reset(pace.extend)
		if err := k.delivery.InProgress(); err != nil {
			// Harmless: the message comes to another worker, whose claim is refused.
			k.log.Debug("message not extended", "job", k.lease.Job, "error", err)
		}
	}
}
