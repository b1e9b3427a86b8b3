package ort_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/internal/ort"
	"github.com/referent/referent/transcribe/internal/sample"
)

// The network of these tests is Silero's: it is small, and what it is asked here is only to add up.
func open(t *testing.T) *ort.Session {
	t.Helper()
	s, err := ort.Open(sample.Weights(t, "onnxruntime"), sample.Weights(t, "silero-vad"), ort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// call runs n frames of a tone at once and gives the probabilities.
func call(ctx context.Context, s *ort.Session, n int64, pitch float64) ([]float32, error) {
	const samples = 576
	buffer := make([]float32, n*samples+100) // longer than the shape: a reader keeps one for all lengths
	for i := range buffer {
		buffer[i] = float32(0.3 * math.Sin(float64(i)*pitch))
	}
	in, err := ort.Wrap(buffer, n, samples)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	state, err := ort.NewTensor[float32](2, n, 128)
	if err != nil {
		return nil, err
	}
	defer state.Close()
	rate, err := ort.NewScalar[int64](referent.SampleRate)
	if err != nil {
		return nil, err
	}
	defer rate.Close()
	out, err := ort.NewTensor[float32](n, 1)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	next, err := ort.NewTensor[float32](2, n, 128)
	if err != nil {
		return nil, err
	}
	defer next.Close()
	if err := s.Run(ctx, []ort.Value{in, state, rate}, []ort.Value{out, next}); err != nil {
		return nil, err
	}
	return slices.Clone(out.Data()), nil
}

func TestPortsAreTheFilesOwn(t *testing.T) {
	s := open(t)
	var in, out []string
	for _, p := range s.Inputs() {
		in = append(in, p.Name)
	}
	for _, p := range s.Outputs() {
		out = append(out, p.Name)
	}
	if !slices.Equal(in, []string{"input", "state", "sr"}) || !slices.Equal(out, []string{"output", "stateN"}) {
		t.Fatalf("inputs %v, outputs %v", in, out)
	}
	good := [][]int64{{1, 576}, {2, 1, 128}, {}}
	results := [][]int64{{1, 1}, {2, 1, 128}}
	if !s.Fits(good, results) {
		t.Error("the network's own shapes do not fit it")
	}
	for name, wrong := range map[string][][]int64{
		"one input less":  good[:2],
		"other length":    {{1, 576}, {2, 1, 64}, {}},
		"other dimension": {{1, 576, 1}, {2, 1, 128}, {}},
	} {
		if s.Fits(wrong, results) {
			t.Errorf("%s fits", name)
		}
	}
}

// What comes out must not depend on who else is running.
func TestRunsSideBySideGiveTheSame(t *testing.T) {
	s := open(t)
	const runs = 24
	var alone [runs][]float32
	for i := range alone {
		var err error
		if alone[i], err = call(t.Context(), s, int64(1+i%5), 0.01*float64(i+1)); err != nil {
			t.Fatal(err)
		}
		if slices.Max(alone[i]) <= 0 {
			t.Fatalf("run %d gave no probability: %v", i, alone[i])
		}
	}
	var wg sync.WaitGroup
	for i := range runs {
		wg.Go(func() {
			together, err := call(t.Context(), s, int64(1+i%5), 0.01*float64(i+1))
			if err != nil || !slices.Equal(together, alone[i]) {
				t.Errorf("run %d gave %v alone and %v, %v among others", i, alone[i], together, err)
			}
		})
	}
	wg.Wait()
}

func TestThreadsShareARun(t *testing.T) {
	two, err := ort.Open(sample.Weights(t, "onnxruntime"), sample.Weights(t, "silero-vad"), ort.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer two.Close()
	alone, err := call(t.Context(), open(t), 64, 0.01)
	shared, err2 := call(t.Context(), two, 64, 0.01)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for i := range alone {
		if math.Abs(float64(alone[i]-shared[i])) > 1e-5 {
			t.Fatalf("frame %d has %v with one thread and %v with two", i, alone[i], shared[i])
		}
	}
}

func TestRunErrors(t *testing.T) {
	s := open(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := call(ended, s, 1, 0.01); referent.CodeOf(err) != referent.CodeCancelled || !errors.Is(err, context.Canceled) {
		t.Errorf("a run with an ended context gave %v", err)
	}
	in, err := ort.NewTensor[float32](1, 576)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := s.Run(t.Context(), []ort.Value{in}, nil); referent.CodeOf(err) != referent.CodeInternal {
		t.Errorf("a run without all inputs gave %v", err)
	}
	if err := s.Run(t.Context(), []ort.Value{in, in, in}, []ort.Value{in, in}); referent.CodeOf(err) != referent.CodeInternal {
		t.Errorf("a run with wrong shapes gave %v", err)
	}
	if _, err := ort.NewTensor[float32](1, -1); err == nil {
		t.Error("a tensor of negative length was made")
	}
	if _, err := ort.Wrap(make([]float32, 5), 2, 3); err == nil {
		t.Error("a tensor was made of less memory than it needs")
	}
}

func TestOpenErrors(t *testing.T) {
	open(t) // the library is loaded by now, whatever ran before
	library, network := sample.Weights(t, "onnxruntime"), sample.Weights(t, "silero-vad")
	dir := t.TempDir()
	whole, err := os.ReadFile(network)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		library, network string
		want             referent.Code
	}{
		"no network":       {library, filepath.Join(dir, "none"), referent.CodeModelMissing},
		"empty":            {library, write("empty.onnx", nil), referent.CodeModelCorrupt},
		"not a network":    {library, write("noise.onnx", []byte("this is no network")), referent.CodeModelCorrupt},
		"half a network":   {library, write("half.onnx", whole[:len(whole)/2]), referent.CodeModelCorrupt},
		"zeros at its end": {library, write("zeros.onnx", slices.Concat(whole[:len(whole)/2], bytes.Repeat([]byte{0}, len(whole)/2))), referent.CodeModelCorrupt},
		"a folder":         {library, dir, referent.CodeModelCorrupt},
		"other library":    {filepath.Join(dir, "none"), network, referent.CodeConfig},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := ort.Open(c.library, c.network, ort.Options{})
			if code := referent.CodeOf(err); code != c.want {
				t.Fatalf("got %v, want code %s", err, c.want)
			}
			s.Close() // closing nothing is allowed
		})
	}
}

func TestOpenBytes(t *testing.T) {
	library := sample.Weights(t, "onnxruntime")
	file, err := os.ReadFile(sample.Weights(t, "silero-vad"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := ort.OpenBytes(library, file, []string{"input", "state", "sr"}, []string{"output", "stateN"}, ort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := call(t.Context(), s, 2, 0.02)
	want, err2 := call(t.Context(), open(t), 2, 0.02)
	if err := errors.Join(err, err2); err != nil || !slices.Equal(got, want) {
		t.Errorf("from bytes %v, from the file %v, %v", got, want, err)
	}
	for _, wrong := range [][]byte{nil, []byte("this is no network"), file[:len(file)/2]} {
		if _, err := ort.OpenBytes(library, wrong, nil, nil, ort.Options{}); referent.CodeOf(err) != referent.CodeModelCorrupt {
			t.Errorf("%d bytes gave %v", len(wrong), err)
		}
	}
	nameless, err := ort.OpenBytes(library, file, []string{"input", "state", "rate"}, []string{"output", "stateN"}, ort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer nameless.Close()
	if _, err := call(t.Context(), nameless, 1, 0.02); referent.CodeOf(err) != referent.CodeInternal {
		t.Errorf("a name that the network lacks gave %v", err)
	}
}
