package scaled_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint/scaled"
)

// Chunks take the time that is set, one after the other when there is one seat, and beside each other when seats are not counted.
func TestPaceAndSeats(t *testing.T) {
	const seconds, chunks, pace = 4, 3, 100 * time.Millisecond
	sound := bytes.NewReader(make([]byte, 2*seconds*referent.SampleRate))
	for _, c := range []struct{ seats, inTurn int }{{0, 1}, {1, chunks}} {
		e := &scaled.Engine{PerSecond: pace, Seats: c.seats, Heard: filepath.Join(t.TempDir(), "heard")}
		var all sync.WaitGroup
		began := time.Now()
		for i := range chunks {
			all.Go(func() {
				task := referent.Recognition{Chunk: i, Windows: []referent.Window{
					{Spans: []referent.Span{{Start: 0, End: referent.SampleRate}, {Start: 2 * referent.SampleRate, End: seconds * referent.SampleRate}}}}}
				r, err := e.Recognize(t.Context(), sound, task, func(float64) {})
				if err != nil || len(r.Segments) != 2 {
					t.Errorf("%+v, %v", r, err)
				}
			})
		}
		all.Wait()
		least := 3 * pace * time.Duration(c.inTurn) // of four seconds, three are in the window
		if took := time.Since(began); took < least {
			t.Errorf("%d seats: %v, less than %v", c.seats, took, least)
		} else if c.seats == 0 && took > 3*pace*chunks {
			t.Errorf("chunks that could be beside each other took %v", took)
		}
		heard, err := os.ReadFile(e.Heard)
		if err != nil || strings.Count(string(heard), "\n") != chunks {
			t.Errorf("what was heard: %q, %v", heard, err)
		}
	}
}

// Who listens while a recording arrives asks for no progress, and only a worker that is told to listens.
func TestListening(t *testing.T) {
	t.Setenv("FAILPOINTS_PACE", "1ms")
	for value, want := range map[string]bool{"": false, "1": true} {
		t.Setenv("FAILPOINTS_LIVE", value)
		e, ok := scaled.FromEnviron()
		if !ok || e.Live != want {
			t.Errorf("%q: %+v, %v", value, e, ok)
		}
		task := referent.Recognition{Windows: []referent.Window{{Spans: []referent.Span{{End: referent.SampleRate}}}}}
		if r, err := e.Recognize(t.Context(), bytes.NewReader(make([]byte, 2*referent.SampleRate)), task, nil); err != nil || len(r.Segments) != 1 {
			t.Errorf("%+v, %v", r, err)
		}
	}
}
