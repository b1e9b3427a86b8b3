package pipeline

import (
	"context"
	"errors"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

const (
	// erasePatience is how long somebody who erases waits for others who do: whoever asks waits 5 minutes for
	// an answer, and its own turn takes some.
	erasePatience = 2 * time.Minute
	// eraseStretch is how long deletions are begun with, and how long blobs are removed, at a stretch: others wait.
	eraseStretch = 20 * time.Second
	// eraseBlobs is how many blobs deletions that are begun together name: they all stand in one setting.
	eraseBlobs = 2000
	// eraseLimit ends what hangs. To wipe a large database takes minutes.
	eraseLimit = 30 * time.Minute
	// erasePoll is how often, at the least, a server looks whether another has ended, and eraseGap how long the reconciler
	// leaves the duty to those who do before it erases again.
	erasePoll = time.Second
	eraseGap  = 2 * erasePoll
)

// erasures are the turns of this server's erasures.
type erasures struct {
	turn chan struct{} // who waits first comes first

	left  time.Time       // when the last one ended; under turn
	wiped map[string]bool // meetings whose destroyed keys are wiped out of the files already; under turn

	patience, stretch time.Duration
	blobs             int
}

func newErasures() erasures {
	return erasures{turn: make(chan struct{}, 1), wiped: map[string]bool{}, patience: erasePatience, stretch: eraseStretch, blobs: eraseBlobs}
}

// errErasing is that somebody else has the duty to erase.
var errErasing = errors.New("others are erasing")

func busyErasing() error {
	return referent.E(referent.CodeUnavailable, "pipeline: wait to erase", errErasing).WithHint("try again in a moment")
}

// take waits for a turn until patience or ctx ends.
func (e *erasures) take(ctx context.Context, patience time.Duration) error {
	select {
	case e.turn <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case e.turn <- struct{}{}:
		return nil
	case <-timer.C:
		return busyErasing()
	case <-ctx.Done():
		return referent.E(referent.CodeCancelled, "pipeline: wait to erase", ctx.Err())
	}
}

func (e *erasures) end() { <-e.turn }

// leaveErasing gives up the duty to erase that could not be given up when the erasure was over.
func (p *Pipeline) leaveErasing(ctx context.Context) {
	if !p.peers.owes.Load() || p.erasing.take(ctx, 0) != nil {
		return
	}
	defer p.erasing.end()
	if p.cfg.Store.Tx(ctx, func(tx store.Tx) error { return p.leave(ctx, tx, dutyErase) }) == nil {
		p.peers.owes.Store(false)
	}
}

// erasingAlone lets one erasure at a time go on, of all servers: two that finish the same one would tell only half each.
// It waits until patience or ctx ends; who has none, and comes again, lets others go first. CodeUnavailable: others did
// not end. CodeCancelled: ctx did.
func (p *Pipeline) erasingAlone(ctx context.Context, patience time.Duration) (release func(), err error) {
	deadline := time.Now().Add(patience)
	if err := p.erasing.take(ctx, patience); err != nil {
		return nil, err
	}
	if p.alone() {
		return p.erasing.end, nil
	}
	if patience == 0 { // not refused: the reconciler erases twice in a turn, and would come in vain each time
		select {
		case <-ctx.Done():
		case <-time.After(time.Until(p.erasing.left.Add(eraseGap))):
		}
	}
	for wait := erasePoll / 10; ; wait = min(2*wait, erasePoll) {
		var got bool
		err := p.cfg.Store.Tx(ctx, func(tx store.Tx) (err error) {
			if err := tx.Beat(ctx, p.cfg.Server); err != nil { // who is taken for dead has no duty
				return err
			}
			got, err = p.take(ctx, tx, dutyErase)
			return err
		})
		if err == nil && !got && time.Now().After(deadline) {
			err = busyErasing()
		}
		if err != nil {
			p.erasing.end()
			return nil, err
		}
		if got {
			return func() {
				defer p.erasing.end()
				p.erasing.left = time.Now()
				ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handleLimit)
				defer cancel()
				err := p.cfg.Store.Tx(ctx, func(tx store.Tx) error { return p.leave(ctx, tx, dutyErase) })
				if err != nil {
					p.peers.owes.Store(true)
					p.cfg.Log.Warn("other servers cannot erase for now", "error", err)
				}
			}, nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}
