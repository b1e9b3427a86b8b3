package vad_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/internal/sample"
	"github.com/referent/referent/transcribe/vad"
)

func open(t *testing.T) *vad.Detector {
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
		"no network":  {library, filepath.Join(t.TempDir(), "none"), referent.CodeModelMissing},
		"not a model": {library, noise, referent.CodeModelCorrupt},
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
