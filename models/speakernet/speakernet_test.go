package speakernet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent/models/checkpoint"
	"github.com/referent/referent/models/onnx"
)

// builders are the networks behind their readers.
var builders = map[string]func(*weights) (onnx.Model, error){"segmentation": segmentation, "campplus": campplus}

// sample makes weights of the right shapes for a network: what it asks for, filled with small numbers above
// zero, so that every normalisation can be folded.
func sample(build func(*weights) (onnx.Model, error)) *weights {
	empty := &weights{asked: map[string][]int{}}
	_, _ = build(empty) // fails, and has asked for everything by then
	random := rand.New(rand.NewPCG(3, 4))
	full := &weights{tensors: map[string]checkpoint.Tensor{}, asked: map[string][]int{}}
	for _, name := range slices.Sorted(maps.Keys(empty.asked)) {
		n := 1
		for _, d := range empty.asked[name] {
			n *= d
		}
		v := make([]float32, n)
		for i := range v {
			v[i] = 0.1 + random.Float32()/10
		}
		full.tensors[name] = tensor(empty.asked[name], v...)
	}
	return full
}

func tensor(shape []int, v ...float32) checkpoint.Tensor {
	raw := make([]byte, 0, 4*len(v))
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	return checkpoint.NewTensor(checkpoint.Float32, shape, bytes.NewReader(raw), 0)
}

// again is the same checkpoint, to be read anew.
func (w *weights) again() *weights {
	return &weights{tensors: maps.Clone(w.tensors), asked: map[string][]int{}}
}

func write(t *testing.T, build func(*weights) (onnx.Model, error), w *weights) []byte {
	t.Helper()
	m, err := build(w)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	n, err := m.Write(&out)
	if err != nil || n != int64(out.Len()) {
		t.Fatalf("%d of %d bytes, %v", n, out.Len(), err)
	}
	return out.Bytes()
}

// Equal weights give equal bytes, whatever counters of the training stand beside them.
func TestEqualWeightsGiveEqualBytes(t *testing.T) {
	for name, build := range builders {
		w := sample(build)
		first := write(t, build, w)
		other := w.again()
		other.tensors["counter.num_batches_tracked"] = checkpoint.NewTensor(checkpoint.Int64, []int{}, bytes.NewReader(make([]byte, 8)), 0)
		if !bytes.Equal(first, write(t, build, other)) {
			t.Errorf("%s: other bytes", name)
		}
	}
}

func TestAnotherNetworkIsRefused(t *testing.T) {
	for name, build := range builders {
		whole := sample(build)
		refuse := func(what, tensorName string, change func(tensors map[string]checkpoint.Tensor)) {
			t.Helper()
			w := whole.again()
			change(w.tensors)
			_, err := build(w)
			if !errors.Is(err, ErrNetwork) || !strings.Contains(err.Error(), tensorName) {
				t.Errorf("%s, %s %s: %v", name, tensorName, what, err)
			}
		}
		// One of each kind of layer is enough; the first and last of them too.
		names := slices.Sorted(maps.Keys(whole.tensors))
		for _, n := range []string{names[0], names[len(names)/3], names[len(names)/2], names[len(names)-1]} {
			x := whole.tensors[n]
			refuse("gone", n, func(m map[string]checkpoint.Tensor) { delete(m, n) })
			refuse("of another shape", n, func(m map[string]checkpoint.Tensor) {
				m[n] = tensor(append([]int{1}, x.Shape...), make([]float32, x.Len())...)
			})
			refuse("of whole numbers", n, func(m map[string]checkpoint.Tensor) {
				m[n] = checkpoint.NewTensor(checkpoint.Int64, x.Shape, bytes.NewReader(make([]byte, 8*x.Len())), 0)
			})
			for _, bad := range []float64{math.NaN(), math.Inf(-1)} {
				refuse("not finite", n, func(m map[string]checkpoint.Tensor) {
					v := make([]float32, x.Len())
					v[len(v)-1] = float32(bad)
					m[n] = tensor(x.Shape, v...)
				})
			}
			w := whole.again()
			w.tensors[n] = checkpoint.NewTensor(checkpoint.Float32, x.Shape, bytes.NewReader(make([]byte, 4*x.Len()-1)), 0)
			if _, err := build(w); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s, %s cut off: %v", name, n, err)
			}
		}
		refuse("more", "lstm.weight_ih_l4", func(m map[string]checkpoint.Tensor) { m["lstm.weight_ih_l4"] = tensor([]int{1}, 1) })
	}
	w := sample(campplus)
	const variance = "head.bn1.running_var"
	w.tensors[variance] = tensor([]int{headMaps}, slices.Repeat([]float32{-1}, headMaps)...)
	if _, err := campplus(w); !errors.Is(err, ErrNetwork) || !strings.Contains(err.Error(), "head.bn1") {
		t.Errorf("a variance below zero: %v", err)
	}
}

func TestWhatIsNoCheckpoint(t *testing.T) {
	for _, raw := range []string{"", "PK", "PK\x03\x04", strings.Repeat("x", 1000)} {
		for _, read := range []func(io.ReaderAt, int64) (onnx.Model, error){Segmentation, Embedding} {
			if _, err := read(strings.NewReader(raw), int64(len(raw))); !errors.Is(err, checkpoint.ErrFormat) {
				t.Errorf("%.10q: %v", raw, err)
			}
		}
	}
}

// Folding changes how a layer is computed, not what comes out.
func TestFolding(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	some := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = random.NormFloat64()
		}
		return v
	}
	const in, out = 5, 3
	f := filter{array{[]int{out, in, 1}, some(out * in)}, some(out)}
	apply := func(f filter, x []float64) []float64 {
		y := slices.Clone(f.bias)
		for i := range y {
			for j := range x {
				y[i] += f.v[i*in+j] * x[j]
			}
		}
		return y
	}
	normalise := func(a affine, x []float64) []float64 {
		y := make([]float64, len(x))
		for i := range x {
			y[i] = a.scale[i]*x[i] + a.shift[i]
		}
		return y
	}
	same := func(what string, a, b []float64) {
		t.Helper()
		for i := range a {
			if math.Abs(a[i]-b[i]) > 1e-12 {
				t.Errorf("%s: %v and %v", what, a, b)
				return
			}
		}
	}
	for range 100 {
		x := some(in)
		after := affine{some(out), some(out)}
		same("then", apply(f.then(after), x), normalise(after, apply(f, x)))
		before := affine{some(in), some(in)}
		same("after", apply(f.after(before), x), apply(f, normalise(before, x)))

		for i := range before.scale {
			before.scale[i] = math.Abs(before.scale[i]) + 0.1
		}
		floor, ok := before.floor()
		if !ok {
			t.Fatal("no floor for scales above zero")
		}
		clipped, rectified := make([]float64, in), normalise(before, x)
		for i := range x {
			clipped[i], rectified[i] = max(x[i], floor[i]), max(rectified[i], 0)
		}
		same("floor", apply(f.after(before), clipped), apply(f, rectified))
	}
	for _, bad := range []float64{0, -1, math.NaN()} {
		if _, ok := (affine{[]float64{1, bad}, []float64{0, 0}}).floor(); ok {
			t.Errorf("a floor for a scale of %g", bad)
		}
	}
}
