package speakernet

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/referent/referent/models/checkpoint"
)

// ErrNetwork is returned for a checkpoint of another network, or of another form of this one.
var ErrNetwork = errors.New("not the network that was expected")

// array is a tensor in memory. All folding is done in 64 bits and rounded once, when it is written.
type array struct {
	shape []int
	v     []float64
}

// weights hands out the tensors of a checkpoint. The first mistake sticks; what is handed out after it is
// of the right shape and empty of meaning.
type weights struct {
	tensors map[string]checkpoint.Tensor
	asked   map[string][]int // shapes by name
	err     error
}

func openWeights(r io.ReaderAt, size int64) (*weights, error) {
	tensors, err := checkpoint.TorchTensors(r, size)
	if err != nil {
		return nil, err
	}
	return &weights{tensors: tensors, asked: map[string][]int{}}, nil
}

func (w *weights) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrNetwork)
	}
}

// get reads a tensor, which must have the shape that the network has at that place: a stranger's file
// cannot make us allocate more than the real one does.
func (w *weights) get(name string, shape ...int) array {
	n := 1
	for _, d := range shape {
		n *= d
	}
	out := array{shape: shape, v: make([]float64, n)}
	w.asked[name] = shape
	t, ok := w.tensors[name]
	if !ok || t.Kind == checkpoint.Int64 || !slices.Equal(t.Shape, shape) {
		w.fail("tensor %q is missing or has the shape %v instead of %v", name, t.Shape, shape)
		return out
	}
	if w.err != nil {
		return out
	}
	v, err := t.Floats()
	if err != nil {
		w.err = err
		return out
	}
	for i, x := range v {
		if out.v[i] = float64(x); math.IsNaN(out.v[i]) || math.IsInf(out.v[i], 0) {
			w.fail("tensor %q holds what is not a number", name)
			break
		}
	}
	return out
}

// finish reports the first mistake. A checkpoint with weights that found no place is of another network,
// which would compute something else.
func (w *weights) finish() error {
	for _, name := range slices.Sorted(maps.Keys(w.tensors)) {
		// Counters of training steps, which batch normalisation keeps, mean nothing here.
		if w.asked[name] == nil && w.tensors[name].Kind != checkpoint.Int64 {
			w.fail("tensor %q has no place", name)
		}
	}
	return w.err
}

// float32s rounds an array as it is written.
func (a array) float32s() []float32 {
	out := make([]float32, len(a.v))
	for i, x := range a.v {
		out[i] = float32(x)
	}
	return out
}

// transposed gives the transpose of a matrix.
func (a array) transposed() array {
	rows, columns := a.shape[0], a.shape[1]
	out := array{shape: []int{columns, rows}, v: make([]float64, len(a.v))}
	for i := range rows {
		for j := range columns {
			out.v[j*rows+i] = a.v[i*columns+j]
		}
	}
	return out
}
