package pipeline

import (
	"sync"
	"time"
)

// watchers are those who want to know that there are new events.
type watchers struct {
	mu  sync.Mutex
	all map[chan struct{}]bool
}

func (w *watchers) signal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.all {
		wake(c)
	}
}

// Watch returns a channel that receives after each committed batch of events, several batches together
// when the receiver is slow, and a function that ends it. The channel is never closed.
func (p *Pipeline) Watch() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	p.watchers.mu.Lock()
	p.watchers.all[c] = true
	p.watchers.mu.Unlock()
	return c, func() {
		p.watchers.mu.Lock()
		delete(p.watchers.all, c)
		p.watchers.mu.Unlock()
	}
}

// progressEvery is the least time between two progress events of a meeting.
const progressEvery = time.Second

// throttle remembers when each meeting last showed progress.
type throttle struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func (t *throttle) allow(meeting string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if last, ok := t.last[meeting]; ok && now.Sub(last) < progressEvery && !now.Before(last) {
		return false
	}
	t.last[meeting] = now
	return true
}

// prune forgets meetings that have been quiet.
func (t *throttle) prune(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for m, at := range t.last {
		if now.Sub(at) > time.Minute {
			delete(t.last, m)
		}
	}
}
