package transcribe

import (
	"context"
	"slices"
	"sync"

	"github.com/referent/referent"
)

// seats are the places where audio is heard, one thread each, numbered from 0. Whoever holds one may use
// one core. A free seat goes to interactive work before any other, and among equals to who came first:
// a dictation never waits for more than what is being heard at the moment.
type seats struct {
	mu      sync.Mutex
	free    []int
	waiting [2][]chan int // interactive work, and all other
}

func newSeats(n int) *seats {
	s := &seats{}
	for i := range n {
		s.free = append(s.free, n-1-i) // the first is on top
	}
	return s
}

// take waits for a seat, or for the end of ctx, whose error it then returns.
func (s *seats) take(ctx context.Context, p referent.Priority) (int, error) {
	line := &s.waiting[1]
	if p == referent.PriorityInteractive {
		line = &s.waiting[0]
	}
	s.mu.Lock()
	if n := len(s.free); n > 0 { // then nobody waits
		seat := s.free[n-1]
		s.free = s.free[:n-1]
		s.mu.Unlock()
		return seat, nil
	}
	turn := make(chan int, 1)
	*line = append(*line, turn)
	s.mu.Unlock()

	select {
	case seat := <-turn:
		return seat, nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(*line, turn); i >= 0 {
		*line = slices.Delete(*line, i, i+1)
	} else {
		s.pass(<-turn) // it came at the same moment
	}
	return 0, ctx.Err()
}

// leave gives a seat back.
func (s *seats) leave(seat int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pass(seat)
}

func (s *seats) pass(seat int) {
	for i, line := range s.waiting {
		if len(line) > 0 {
			s.waiting[i] = line[1:]
			line[0] <- seat
			return
		}
	}
	s.free = append(s.free, seat)
}
