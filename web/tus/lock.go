package tus

import (
	"context"
	"sync"
	"time"
)

// Locks lets one request at a time work on an upload. A newcomer asks the holder to stop: after a
// lost connection the client comes back long before the server notices that the old one is dead.
type Locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	interrupt func()        // makes the holder's next read fail
	released  chan struct{} // closed when it is free again
}

// lockPatience is how long a newcomer waits for a holder that was asked to stop.
const lockPatience = 5 * time.Second

// NewLocks holds none.
func NewLocks() *Locks { return &Locks{held: map[string]*lock{}} }

// Acquire returns the function that releases the lock, or false when the holder did not stop in time.
// interrupt is called at most once for each newcomer, from another goroutine, while the lock is held; it must not wait.
func (l *Locks) Acquire(ctx context.Context, id string, interrupt func()) (release func(), ok bool) {
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	for {
		l.mu.Lock()
		holder := l.held[id]
		if holder == nil {
			mine := &lock{interrupt: interrupt, released: make(chan struct{})}
			l.held[id] = mine
			l.mu.Unlock()
			return func() {
				l.mu.Lock()
				delete(l.held, id)
				l.mu.Unlock()
				close(mine.released)
			}, true
		}
		// The holder cannot let go before this has ended: afterwards its connection may be another request's.
		holder.interrupt()
		l.mu.Unlock()
		select {
		case <-holder.released:
		case <-ctx.Done():
			return nil, false
		}
	}
}
