package window_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/window"
)

const frame, second = 512, referent.SampleRate

// recording draws probabilities in runs, as speech has them: single random frames would hardly ever
// make a stretch of speech.
func recording(t *rapid.T) ([]float32, int64) {
	var p []float32
	runs := rapid.IntRange(0, 40).Draw(t, "runs")
	for range runs {
		level := rapid.SampledFrom([]float32{0, 0.1, 0.36, 0.45, 0.5, 0.9, 1}).Draw(t, "level")
		length := rapid.SampledFrom([]int{1, 3, 8, 10, 30, 200, 1500}).Draw(t, "frames")
		for range length {
			p = append(p, level)
		}
	}
	// The last frame is seldom full.
	short := rapid.Int64Range(0, frame-1).Draw(t, "short")
	return p, max(0, int64(len(p))*frame-short)
}

func TestPlanKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, samples := recording(t)
		opt := window.Default
		opt.PerChunk = rapid.IntRange(1, 9).Draw(t, "per chunk")
		speech := window.Speech(p, samples, opt)
		plan := window.Plan(p, samples, opt)

		var end, total int64
		for _, s := range speech {
			if s.Start < end || s.Len() <= 0 || s.End > samples {
				t.Fatalf("speech %v after %d of %d", s, end, samples)
			}
			end = s.End
			total += s.Len()
		}
		// Joined at touching ends, the windows' spans are the speech again: each sample in just one.
		var joined []referent.Span
		var heard int64
		for _, c := range plan.Chunks {
			if n := len(c.Windows); n < 1 || n > opt.PerChunk {
				t.Fatalf("%d windows in a chunk of at most %d", n, opt.PerChunk)
			}
			for _, w := range c.Windows {
				if n := w.Samples(); n <= 0 || n > window.MaxSamples {
					t.Fatalf("a window of %d samples", n)
				}
				if len(w.Voice) != len(w.Spans) {
					t.Fatalf("%d spans with %d voices", len(w.Spans), len(w.Voice))
				}
				heard += w.Samples()
				for _, s := range w.Spans {
					if n := len(joined); n > 0 && joined[n-1].End == s.Start {
						joined[n-1].End = s.End
						continue
					}
					joined = append(joined, s)
				}
			}
		}
		var want []referent.Span
		for _, s := range speech {
			if n := len(want); n > 0 && want[n-1].End == s.Start {
				want[n-1].End = s.End
				continue
			}
			want = append(want, s)
		}
		if !slices.Equal(joined, want) {
			t.Fatalf("windows hold %v, speech is %v", joined, want)
		}
		if heard != total || plan.Speech != total || plan.Samples != samples {
			t.Fatalf("plan says %d of %d, windows hold %d, speech is %d", plan.Speech, plan.Samples, heard, total)
		}
		checkVoices(t, plan, speech)
	})
}

// checkVoices sees that the stretches for who speaks lie on the grid, each once and in order over the
// chunks, that none is without speech, and that those voiceprints come from hold all of it.
func checkVoices(t *rapid.T, plan referent.Plan, speech []referent.Span) {
	overlap := func(a, b referent.Span) int64 { return max(0, min(a.End, b.End)-max(a.Start, b.Start)) }
	last := int64(-1)
	var held, total int64
	for i, c := range plan.Chunks {
		for _, v := range c.Voices {
			if v.Start%window.VoiceStep != 0 || v.Start <= last || v.End != min(v.Start+referent.VoiceSeconds*second, plan.Samples) {
				t.Fatalf("stretch %v after one at %d, of %d samples", v, last, plan.Samples)
			}
			last = v.Start
			var inside int64
			for _, s := range speech {
				inside += overlap(v, s)
			}
			if inside == 0 {
				t.Fatalf("stretch %v holds no speech", v)
			}
			if v.Start%(2*window.VoiceStep) == 0 {
				held += inside
			}
			middle := v.Start + v.Len()/2
			if i > 0 && middle < c.Windows[0].Spans[0].Start {
				t.Fatalf("stretch %v belongs to an earlier chunk than %d", v, i)
			}
			if i+1 < len(plan.Chunks) && middle >= plan.Chunks[i+1].Windows[0].Spans[0].Start {
				t.Fatalf("stretch %v belongs to a later chunk than %d", v, i)
			}
		}
	}
	for _, s := range speech {
		total += s.Len()
	}
	if held != total {
		t.Fatalf("voiceprints come from %d samples of speech, there are %d", held, total)
	}
}

func TestClockRunsForwardInsideSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w referent.Window
		at := int64(0)
		for range rapid.IntRange(1, 10).Draw(t, "spans") {
			at += rapid.Int64Range(1, 5*second).Draw(t, "gap")
			n := rapid.Int64Range(1, 3*second).Draw(t, "length")
			w.Spans = append(w.Spans, referent.Span{Start: at, End: at + n})
			at += n
		}
		c := window.NewClock(w)
		var heard int64
		last := referent.Span{}
		for heard < w.Samples()+second { // past the end too: Whisper may place a word there
			n := rapid.Int64Range(0, second).Draw(t, "word")
			got := c.Stretch(heard, heard+n)
			if got.Start < last.End && got.Start < last.Start || got.End < last.End {
				t.Fatalf("%v comes after %v", got, last)
			}
			if !slices.ContainsFunc(w.Spans, func(s referent.Span) bool { return s.Start <= got.Start && got.Start <= got.End && got.End <= s.End }) {
				t.Fatalf("%v lies in no span of %v", got, w.Spans)
			}
			last = got
			heard += max(n, 1)
		}
	})
}

func TestClock(t *testing.T) {
	c := window.NewClock(referent.Window{Spans: []referent.Span{{Start: 1000, End: 2000}, {Start: 50000, End: 51000}}})
	for _, tt := range []struct {
		name     string
		from, to int64
		want     referent.Span
	}{
		{"in the first", 100, 200, referent.Span{Start: 1100, End: 1200}},
		{"in the second", 1100, 1200, referent.Span{Start: 50100, End: 50200}},
		{"up to the join", 900, 1000, referent.Span{Start: 1900, End: 2000}},
		{"from the join", 1000, 1100, referent.Span{Start: 50000, End: 50100}},
		{"over the join, mostly before", 700, 1100, referent.Span{Start: 1700, End: 2000}},
		{"over the join, mostly after", 900, 1400, referent.Span{Start: 50000, End: 50400}},
		{"past the end", 1900, 9000, referent.Span{Start: 50900, End: 51000}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := c.Stretch(tt.from, tt.to); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// levels makes probabilities from pairs of seconds and level.
func levels(pairs ...float64) []float32 {
	var p []float32
	for i := 0; i < len(pairs); i += 2 {
		for range int(pairs[i] * second / frame) {
			p = append(p, float32(pairs[i+1]))
		}
	}
	return p
}

func TestSpeech(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    []float32
		want int
	}{
		{"nothing", nil, 0},
		{"silence", levels(60, 0.1), 0},
		{"doubtful all through", levels(60, 0.49), 0},
		{"a cough", levels(5, 0, 0.15, 0.9, 5, 0), 0},
		{"one sentence", levels(5, 0, 2, 0.9, 5, 0), 1},
		{"a short breath within", levels(5, 0, 2, 0.9, 0.2, 0, 2, 0.9, 5, 0), 1},
		{"a faint middle", levels(5, 0, 2, 0.9, 3, 0.4, 2, 0.9, 5, 0), 1},
		{"two sentences", levels(5, 0, 2, 0.9, 1, 0, 2, 0.9, 5, 0), 2},
		{"speech to the end", levels(5, 0, 2, 0.9), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := window.Speech(tt.p, int64(len(tt.p))*frame, window.Default); len(got) != tt.want {
				t.Errorf("got %v, want %d stretches", got, tt.want)
			}
		})
	}
}

// A long speech without a pause is cut at its only breath.
func TestCutsAtTheBreath(t *testing.T) {
	p := levels(22, 0.95, 0.1, 0.6, 20, 0.95)
	plan := window.Plan(p, int64(len(p))*frame, window.Default)
	if len(plan.Chunks) != 1 || len(plan.Chunks[0].Windows) != 2 {
		t.Fatalf("plan %+v", plan)
	}
	cut := float64(plan.Chunks[0].Windows[0].Spans[0].End) / second
	if cut < 21.9 || cut > 22.2 {
		t.Errorf("cut at %.2f s, want at the breath at 22 s", cut)
	}
}

// Chunks are even, and half as large for the last windows.
func TestChunksAreEven(t *testing.T) {
	for windows, want := range map[int][]int{
		3:  {1, 2},
		17: {1, 2, 2, 2, 2, 2, 2, 2, 2},
		25: {3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2},
	} {
		var parts []float64
		for range windows {
			parts = append(parts, 28, 0.9, 2, 0)
		}
		p := levels(parts...)
		plan := window.Plan(p, int64(len(p))*frame, window.Default)
		var sizes []int
		for _, c := range plan.Chunks {
			sizes = append(sizes, len(c.Windows))
		}
		if !slices.Equal(sizes, want) {
			t.Errorf("%d windows make chunks of %v", windows, sizes)
		}
	}
}

func TestHowSureOfAVoice(t *testing.T) {
	p := levels(5, 0, 2, 0.9, 0.3, 0.97, 2, 0.9, 5, 0, 1, 0.55, 5, 0)
	plan := window.Plan(p, int64(len(p))*frame, window.Default)
	if len(plan.Chunks) != 1 || len(plan.Chunks[0].Windows) != 1 {
		t.Fatalf("plan %+v", plan)
	}
	if got := plan.Chunks[0].Windows[0].Voice; !slices.Equal(got, []float64{0.97, 0.55}) {
		t.Errorf("sure of %v", got)
	}
}

func TestPartsOfAWindow(t *testing.T) {
	w := referent.Window{Channel: 2, Voice: []float64{0.8, 0.9}, Spans: []referent.Span{{Start: 1000, End: 2000}, {Start: 50000, End: 51000}}}
	for _, tt := range []struct {
		name     string
		from, to int64
		want     []referent.Span
		voice    []float64
	}{
		{"up to the second", 0, 1000, w.Spans[:1], w.Voice[:1]},
		{"the second", 1000, 2000, w.Spans[1:], w.Voice[1:]},
		{"over the join", 500, 1500, []referent.Span{{Start: 1500, End: 2000}, {Start: 50000, End: 50500}}, w.Voice},
		{"nothing", 1000, 1000, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := window.Part(w, tt.from, tt.to)
			if !slices.Equal(got.Spans, tt.want) || !slices.Equal(got.Voice, tt.voice) || got.Channel != 2 {
				t.Errorf("part %+v", got)
			}
			if got := window.NewClock(w).Parts(tt.from, tt.to); !slices.Equal(got, tt.want) {
				t.Errorf("led back to %v", got)
			}
		})
	}
}
