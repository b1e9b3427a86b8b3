package transcribe

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/referent/referent"
)

// waitFor blocks until so many wait for a seat.
func (s *seats) waitFor(t *testing.T, n int) {
	t.Helper()
	for t.Context().Err() == nil {
		s.mu.Lock()
		now := len(s.waiting[0]) + len(s.waiting[1])
		s.mu.Unlock()
		if now == n {
			return
		}
	}
}

func TestInteractiveWorkIsSeatedFirst(t *testing.T) {
	s := newSeats(1)
	seat, err := s.take(t.Context(), referent.PriorityBulk)
	if err != nil || seat != 0 {
		t.Fatalf("seat %d, %v", seat, err)
	}
	var mu sync.Mutex
	var order []string
	var wg sync.WaitGroup
	for i, x := range []struct {
		name     string
		priority referent.Priority
	}{{"bulk 1", referent.PriorityBulk}, {"bulk 2", ""}, {"dictation 1", referent.PriorityInteractive}, {"dictation 2", referent.PriorityInteractive}} {
		wg.Go(func() {
			seat, err := s.take(t.Context(), x.priority)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			order = append(order, x.name)
			mu.Unlock()
			s.leave(seat)
		})
		s.waitFor(t, i+1)
	}
	s.leave(seat)
	wg.Wait()
	if want := []string{"dictation 1", "dictation 2", "bulk 1", "bulk 2"}; !slices.Equal(order, want) {
		t.Errorf("seated %q", order)
	}
}

func TestWhoGivesUpLosesNoSeat(t *testing.T) {
	s := newSeats(1)
	for range 200 { // the seat and the end of the context race
		seat, err := s.take(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			if seat, err := s.take(ctx, ""); err == nil {
				s.leave(seat)
			}
		}()
		s.waitFor(t, 1)
		go cancel()
		s.leave(seat)
		<-gone
		cancel()
		if len(s.free) != 1 || len(s.waiting[1]) != 0 {
			t.Fatalf("%d seats free, %d waiting", len(s.free), len(s.waiting[1]))
		}
	}
}

func TestNeverMoreThanTheSeats(t *testing.T) {
	const n = 3
	s := newSeats(n)
	var mu sync.Mutex
	taken := map[int]bool{}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			seat, err := s.take(t.Context(), "")
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			if taken[seat] || len(taken) >= n || seat < 0 || seat >= n {
				t.Errorf("seat %d beside %v", seat, taken)
			}
			taken[seat] = true
			mu.Unlock()
			mu.Lock()
			delete(taken, seat)
			mu.Unlock()
			s.leave(seat)
		})
	}
	wg.Wait()
}
