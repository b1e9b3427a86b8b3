package voice_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/internal/sample"
	"github.com/referent/referent/transcribe/voice"
)

const stretch = referent.VoiceSeconds * referent.SampleRate

// open loads the networks once for all tests: that, too, is how a worker uses them.
var open = sync.OnceValues(func() (*voice.Extractor, error) {
	return voice.Open(paths[0], paths[1], paths[2])
})

var paths [3]string

func extractor(t testing.TB) *voice.Extractor {
	t.Helper()
	paths = [3]string{sample.Weights(t, "onnxruntime"), sample.Weights(t, "speaker-segmentation"), sample.Weights(t, "speaker-embedding")}
	x, err := open()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func hear(t testing.TB, start int64, samples []float32) referent.VoiceWindow {
	t.Helper()
	w, err := extractor(t).Hear(t.Context(), start, samples)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func numbers(vector []byte) []float64 {
	out := make([]float64, len(vector)/4)
	for i := range out {
		out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(vector[4*i:])))
	}
	return out
}

func cosine(a, b []float64) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += a[i] * b[i]
		aa += a[i] * a[i]
		bb += b[i] * b[i]
	}
	return ab / math.Sqrt(aa*bb)
}

// The expected numbers come from the networks' original definitions and weights, run by PyTorch, with
// Kaldi's filterbank in between.
func TestSameAsReference(t *testing.T) {
	b, err := os.ReadFile("testdata/jfk.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Activity []byte
		Prints   []struct {
			Local, From, To int
			Mixed           bool
			Seconds         float64
			Vector          []float64
		}
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	got := hear(t, 0, sample.Float(t)[:stretch])
	if len(got.Activity) != len(want.Activity) || len(got.Prints) != len(want.Prints) || len(want.Prints) == 0 {
		t.Fatalf("%d bytes of activity and %d prints, want %d and %d",
			len(got.Activity), len(got.Prints), len(want.Activity), len(want.Prints))
	}
	for i := range want.Activity {
		if d := int(got.Activity[i]) - int(want.Activity[i]); d < -1 || d > 1 {
			t.Fatalf("activity %d of frame %d is %d, reference %d",
				i%referent.LocalVoices, i/referent.LocalVoices, got.Activity[i], want.Activity[i])
		}
	}
	for i, w := range want.Prints {
		g := got.Prints[i]
		if g.Local != w.Local || g.From != w.From || g.To != w.To || g.Mixed != w.Mixed || math.Abs(g.Seconds-w.Seconds) > 1e-4 {
			t.Errorf("print %d is of voice %d, frames %d to %d, %v s; reference %+v", i, g.Local, g.From, g.To, g.Seconds, w)
		}
		var length, largest float64
		for k, n := range numbers(g.Vector) {
			length += n * n
			largest = max(largest, math.Abs(n-w.Vector[k]))
		}
		if math.Abs(length-1) > 1e-5 || largest > 1e-3 {
			t.Errorf("print %d has squared length %v and differs by up to %v from the reference", i, length, largest)
		}
	}
}

// The president is one person: his prints are alike, and no stretch of his speech holds a second voice
// for long.
func TestOnePersonSoundsLikeHimself(t *testing.T) {
	w := hear(t, 0, sample.Float(t)[:stretch])
	first := numbers(w.Prints[0].Vector)
	for i, p := range w.Prints[1:] {
		if c := cosine(first, numbers(p.Vector)); c < 0.5 {
			t.Errorf("prints 0 and %d have cosine %.2f", i+1, c)
		}
	}
}

// stretches are what the tests below hear: different places, lengths and starts.
func stretches(t *testing.T) (starts []int64, samples [][]float32) {
	all := sample.Float(t)
	for _, s := range []struct{ from, to, start int64 }{
		{0, stretch, 0},
		{0, stretch, stretch / 2}, // between the stretches that prints are taken from
		{16000, 16000 + stretch, stretch},
		{0, 3 * 16000, 2 * stretch},
		{16000, 7 * 16000, 3 * stretch},
		{40000, 40000 + 399, 4 * stretch}, // shorter than a frame of the filterbank
	} {
		starts, samples = append(starts, s.start), append(samples, all[s.from:s.to])
	}
	return starts, samples
}

// What is heard must be the same bytes whoever hears beside it: the transcript does not depend on the
// number of workers.
func TestGoroutinesDoNotMatter(t *testing.T) {
	x := extractor(t)
	starts, samples := stretches(t)
	alone := make([]referent.VoiceWindow, len(starts))
	for i := range starts {
		alone[i] = hear(t, starts[i], samples[i])
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for k := range starts {
				i := (k + g) % len(starts) // each in an order of its own
				w, err := x.Hear(t.Context(), starts[i], samples[i])
				if err != nil || !reflect.DeepEqual(w, alone[i]) {
					t.Errorf("stretch %d differs among others: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestPrintsAreTakenOnce(t *testing.T) {
	starts, samples := stretches(t)
	for i := range starts {
		w := hear(t, starts[i], samples[i])
		if w.Start != starts[i] || len(w.Activity)%referent.LocalVoices != 0 || len(w.Activity) == 0 {
			t.Errorf("stretch %d begins at %d, not %d, and has %d bytes of activity", i, w.Start, starts[i], len(w.Activity))
		}
		speaks := starts[i]%stretch == 0 && len(samples[i]) > referent.SampleRate
		if speaks != (len(w.Prints) > 0) {
			t.Errorf("stretch %d of %d samples at %d has %d prints", i, len(samples[i]), starts[i], len(w.Prints))
		}
	}
}

// A stretch that ends early is heard as if silence followed, but no print reaches into that silence.
func TestShortStretch(t *testing.T) {
	short := sample.Float(t)[:5*referent.SampleRate]
	long := make([]float32, stretch)
	copy(long, short)
	a, b := hear(t, 0, short), hear(t, 0, long)
	if !reflect.DeepEqual(a.Activity, b.Activity) {
		t.Error("silence that is there and silence that is added are heard differently")
	}
	frames := len(a.Activity) / referent.LocalVoices
	if len(a.Prints) == 0 {
		t.Fatal("no prints of five seconds of speech")
	}
	for _, p := range a.Prints {
		if p.From < 0 || p.From >= p.To || p.To > frames/2 {
			t.Errorf("a print of the frames %d to %d of %d, when sound ends in the middle", p.From, p.To, frames)
		}
	}
}

func TestSilenceHasNoVoice(t *testing.T) {
	w := hear(t, 0, make([]float32, stretch))
	for i, b := range w.Activity {
		if b >= 128 {
			t.Fatalf("frame %d of silence has a voice", i/referent.LocalVoices)
		}
	}
	if len(w.Prints) != 0 {
		t.Errorf("silence has %d prints", len(w.Prints))
	}
}

func TestHearErrors(t *testing.T) {
	x := extractor(t)
	for _, n := range []int{0, stretch + 1} {
		if _, err := x.Hear(t.Context(), 0, make([]float32, n)); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%d samples gave %v", n, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Hear(ended, 0, make([]float32, stretch)); referent.CodeOf(err) != referent.CodeCancelled {
		t.Errorf("an ended context gave %v", err)
	}
	// Shorter than the segmentation network takes: it has to be stopped while it runs.
	short, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if _, err := x.Hear(short, 0, sample.Float(t)[:stretch]); referent.CodeOf(err) != referent.CodeCancelled {
		t.Errorf("a context that ends while it is heard gave %v", err)
	}
	// What was stopped half-way leaves nothing behind.
	if a, b := hear(t, 0, sample.Float(t)[:stretch]), hear(t, 0, sample.Float(t)[:stretch]); !reflect.DeepEqual(a, b) {
		t.Error("after a call that was stopped, the same sound is heard differently")
	}
}

func TestOpenErrors(t *testing.T) {
	extractor(t)
	library, segmentation, embedding := paths[0], paths[1], paths[2]
	none := filepath.Join(t.TempDir(), "none")
	noise := filepath.Join(t.TempDir(), "noise")
	if err := os.WriteFile(noise, []byte("this is no network"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		segmentation, embedding string
		want                    referent.Code
	}{
		"no segmentation":        {none, embedding, referent.CodeModelMissing},
		"no embedding":           {segmentation, none, referent.CodeModelMissing},
		"segmentation unlike":    {noise, embedding, referent.CodeModelCorrupt},
		"embedding unlike":       {segmentation, noise, referent.CodeModelCorrupt},
		"one for the other":      {embedding, segmentation, referent.CodeModelCorrupt},
		"twice the segmentation": {segmentation, segmentation, referent.CodeModelCorrupt},
		"another network":        {sample.Weights(t, "silero-vad"), embedding, referent.CodeModelCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			x, err := voice.Open(library, c.segmentation, c.embedding)
			if referent.CodeOf(err) != c.want {
				t.Fatalf("got %v, want code %s", err, c.want)
			}
			if x != nil {
				t.Error("an extractor came with the error")
			}
		})
	}
}

// What a stretch costs: one that voiceprints are taken from, and one between.
func BenchmarkHear(b *testing.B) {
	x, samples := extractor(b), sample.Float(b)[:stretch]
	for name, start := range map[string]int64{"prints": 0, "between": stretch / 2} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := x.Hear(b.Context(), start, samples); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
