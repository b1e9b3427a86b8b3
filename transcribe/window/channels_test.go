package window_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/window"
)

func TestPlanOfChannelsKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		channels := make([][]float32, rapid.IntRange(2, 4).Draw(t, "channels"))
		var samples int64
		for c := range channels {
			var n int64
			channels[c], n = recording(t)
			samples = max(samples, n)
		}
		opt := window.Default
		opt.PerChunk = rapid.IntRange(1, 9).Draw(t, "per chunk")
		plan := window.PlanChannels(channels, samples, opt)
		if plan.Channels != len(channels) || plan.Samples != samples {
			t.Fatalf("plan of %d channels and %d samples", plan.Channels, plan.Samples)
		}

		// Channel by channel, each sample of speech stands in just one window.
		heard := make([][]referent.Span, len(channels))
		var total, last int64
		windows := 0
		for _, c := range plan.Chunks {
			windows += len(c.Windows)
		}
		// Of those before the last 16 windows, and of those after.
		at, per, least, most := 0, [2]int{opt.PerChunk, max(opt.PerChunk/2, 1)}, [2]int{99, 99}, [2]int{}
		for _, c := range plan.Chunks {
			part := 0
			if at >= windows-16 {
				part = 1
			}
			least[part], most[part] = min(least[part], len(c.Windows)), max(most[part], len(c.Windows))
			at += len(c.Windows)
			if len(c.Voices) > 0 {
				t.Fatal("channels tell who speaks, and still somebody is to listen for it")
			}
			for _, w := range c.Windows {
				if n := w.Samples(); n <= 0 || n > window.MaxSamples || len(w.Voice) != len(w.Spans) {
					t.Fatalf("a window of %d samples, %d spans, %d voices", n, len(w.Spans), len(w.Voice))
				}
				first := w.Spans[0].Start
				if w.Channel < 1 || w.Channel > len(channels) || first < last {
					t.Fatalf("a window of channel %d at %d after one at %d", w.Channel, first, last)
				}
				if reach := w.Spans[len(w.Spans)-1].Start - first; reach > window.MaxReach {
					t.Fatalf("a window that reaches over %d samples", reach)
				}
				last = first
				total += w.Samples()
				to := &heard[w.Channel-1]
				*to = append(*to, w.Spans...)
			}
		}
		if plan.Speech != total {
			t.Fatalf("plan says %d samples of speech, windows hold %d", plan.Speech, total)
		}
		for part := range per {
			if least[part] < 1 || most[part] > per[part] || most[part] > 0 && most[part]-least[part] > 1 {
				t.Fatalf("chunks of %d to %d windows, at most %d", least[part], most[part], per[part])
			}
		}
		for c, p := range channels {
			if got, want := touching(heard[c]), touching(window.Speech(p, samples, opt)); !slices.Equal(got, want) {
				t.Fatalf("channel %d is heard in %v, its speech is %v", c+1, got, want)
			}
		}
	})
}

// touching joins spans, in order, that touch.
func touching(spans []referent.Span) (joined []referent.Span) {
	for _, s := range spans {
		if n := len(joined); n > 0 && joined[n-1].End == s.Start {
			joined[n-1].End = s.End
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// Who says little has windows where it was said, not one over all of the meeting.
func TestSparseChannelHasWindowsWhereItSpeaks(t *testing.T) {
	var often, seldom []float64
	for range 10 {
		often = append(often, 50, 0.9, 10, 0)
		seldom = append(seldom, 58, 0, 2, 0.9)
	}
	a, b := levels(often...), levels(seldom...)
	plan := window.PlanChannels([][]float32{a, b}, int64(len(a))*frame, window.Default)
	windows := 0
	for _, c := range plan.Chunks {
		for _, w := range c.Windows {
			if w.Channel == 2 {
				windows++
			}
		}
	}
	if windows != 3 {
		t.Errorf("twenty seconds over ten minutes make %d windows", windows)
	}
}
