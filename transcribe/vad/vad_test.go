package vad_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/internal/ort"
	"github.com/referent/referent/transcribe/internal/sample"
	"github.com/referent/referent/transcribe/vad"
)

func open(t testing.TB) *vad.Detector {
	t.Helper()
	d, err := vad.Open(sample.Weights(t, "onnxruntime"), sample.Weights(t, "silero-vad"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// The expected numbers come from the same network run by the reference implementation in Python.
func TestSameAsReference(t *testing.T) {
	b, err := os.ReadFile("testdata/jfk.json")
	if err != nil {
		t.Fatal(err)
	}
	var want []float32
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	d := open(t)
	samples := sample.Float(t)
	for _, step := range []int{len(samples), 1, 160, 512, 1000} {
		if step == 1 {
			samples := samples[:5*vad.FrameSamples] // sample by sample is slow, and a few frames show it
			for i := range samples {
				if err := d.Write(samples[i : i+1]); err != nil {
					t.Fatal(err)
				}
			}
		} else {
			for i := 0; i < len(samples); i += step {
				if err := d.Write(samples[i:min(i+step, len(samples))]); err != nil {
					t.Fatal(err)
				}
			}
		}
		got, err := d.Finish()
		if err != nil {
			t.Fatal(err)
		}
		if step != 1 && len(got) != len(want) {
			t.Fatalf("step %d: %d frames, want %d", step, len(got), len(want))
		}
		for i := range got {
			if math.Abs(float64(got[i]-want[i])) > 1e-3 {
				t.Fatalf("step %d: frame %d has probability %v, reference %v", step, i, got[i], want[i])
			}
		}
	}
}

// What the detector says of a long stream must be what the network in the file says, frame by frame, over
// all that its memory goes through: speech, noise, tones, silence, and many blocks.
func TestSameAsTheFilesNetwork(t *testing.T) {
	speech := sample.Float(t)
	r := rand.New(rand.NewPCG(3, 4))
	var stream []float32
	for round := range 6 {
		stream = append(stream, speech...)
		loud := 0.02 * float64(round)
		for i := range 3*referent.SampleRate + 77 {
			stream = append(stream, float32(loud*(r.Float64()-0.5)+loud*math.Sin(float64(i)*0.05)))
		}
		stream = append(stream, make([]float32, 2*referent.SampleRate)...)
	}
	d := open(t)
	if err := d.Write(stream); err != nil {
		t.Fatal(err)
	}
	got, err := d.Finish()
	if err != nil {
		t.Fatal(err)
	}
	want := frameByFrame(t, stream)
	if len(got) != len(want) || len(got) < 2000 {
		t.Fatalf("%d frames, want %d", len(got), len(want))
	}
	var largest float64
	for i := range got {
		largest = max(largest, math.Abs(float64(got[i]-want[i])))
	}
	t.Logf("%d frames, largest difference %.1e", len(got), largest)
	if largest > 1e-4 {
		t.Errorf("probabilities differ by up to %v", largest)
	}
}

// frameByFrame runs the network of the file itself, as it is meant to be run.
func frameByFrame(t testing.TB, stream []float32) (probabilities []float32) {
	t.Helper()
	s, err := ort.Open(sample.Weights(t, "onnxruntime"), sample.Weights(t, "silero-vad"), ort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tensor := func(shape ...int64) *ort.Tensor[float32] {
		x, err := ort.NewTensor[float32](shape...)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	in, state, out, next := tensor(1, 576), tensor(2, 1, 128), tensor(1, 1), tensor(2, 1, 128)
	rate, err := ort.NewScalar[int64](referent.SampleRate)
	if err != nil {
		t.Fatal(err)
	}
	for len(stream) > 0 {
		copy(in.Data(), in.Data()[vad.FrameSamples:])
		n := copy(in.Data()[64:], stream)
		clear(in.Data()[64+n:])
		stream = stream[n:]
		if err := s.Run(t.Context(), []ort.Value{in, state, rate}, []ort.Value{out, next}); err != nil {
			t.Fatal(err)
		}
		copy(state.Data(), next.Data())
		probabilities = append(probabilities, out.Data()[0])
	}
	return probabilities
}

// Taking what is there on the way must give the same numbers, and a second stream must not remember the
// first.
func TestTake(t *testing.T) {
	samples := sample.Float(t)
	d := open(t)
	var streams [2][]float32
	for i := range streams {
		for at := 0; at < len(samples); at += 3000 {
			if err := d.Write(samples[at:min(at+3000, len(samples))]); err != nil {
				t.Fatal(err)
			}
			if i == 1 {
				streams[i] = append(streams[i], d.Take()...)
			}
		}
		rest, err := d.Finish()
		if err != nil {
			t.Fatal(err)
		}
		streams[i] = append(streams[i], rest...)
	}
	if !slices.Equal(streams[0], streams[1]) || len(streams[0]) != (len(samples)+vad.FrameSamples-1)/vad.FrameSamples {
		t.Errorf("%d probabilities at once, %d bit by bit, or other ones", len(streams[0]), len(streams[1]))
	}
}

func TestSilenceHasNoVoice(t *testing.T) {
	d := open(t)
	if err := d.Write(make([]float32, 3*referent.SampleRate)); err != nil {
		t.Fatal(err)
	}
	got, err := d.Finish()
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range got {
		if p > 0.3 {
			t.Fatalf("frame %d of silence has probability %v", i, p)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	library, network := sample.Weights(t, "onnxruntime"), sample.Weights(t, "silero-vad")
	noise := filepath.Join(t.TempDir(), "noise.onnx")
	if err := os.WriteFile(noise, []byte("this is no network"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		library, network string
		want             referent.Code
	}{
		"no folder":   {library, filepath.Join(network, "none"), referent.CodeInternal},
		"no network":  {library, filepath.Join(t.TempDir(), "none"), referent.CodeModelMissing},
		"not a model": {library, noise, referent.CodeModelCorrupt},
		"another":     {library, sample.Weights(t, "speaker-segmentation"), referent.CodeModelCorrupt},
		"other path":  {filepath.Join(t.TempDir(), "none"), network, referent.CodeConfig},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t) // the library is loaded by now, whatever ran before
			defer d.Close()
			_, err := vad.Open(c.library, c.network)
			var e *referent.Error
			if !errors.As(err, &e) || e.Code != c.want {
				t.Fatalf("got %v, want code %s", err, c.want)
			}
		})
	}
}

// What blocks gain over the file's own network, for the eleven seconds of the recording.
func BenchmarkDetector(b *testing.B) {
	samples := sample.Float(b)
	b.Run("blocks", func(b *testing.B) {
		d := open(b)
		for b.Loop() {
			if err := d.Write(samples); err != nil {
				b.Fatal(err)
			}
			if _, err := d.Finish(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("frames", func(b *testing.B) {
		for b.Loop() {
			frameByFrame(b, samples)
		}
	})
}
