package checkpoint

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/referent/referent/models/internal/half"
)

// Kind is how a tensor's numbers are stored in a checkpoint.
type Kind int

// The kinds of numbers that are read. Int64 is what PyTorch counts in beside the weights; integer weights
// are quantised and are refused elsewhere.
const (
	Float32 Kind = iota
	Float16
	BFloat16
	Float64
	Int64
)

func (k Kind) size() int64 {
	switch k {
	case Float64, Int64:
		return 8
	case Float32:
		return 4
	}
	return 2
}

// Tensor is a matrix of numbers that still lie where they were found.
type Tensor struct {
	Shape []int // the slowest-running dimension first; empty for a single number
	Kind  Kind
	at    io.ReaderAt
	off   int64 // bytes
}

// NewTensor describes numbers that start off bytes into at, without gaps, little-endian.
func NewTensor(kind Kind, shape []int, at io.ReaderAt, off int64) Tensor {
	return Tensor{Shape: shape, Kind: kind, at: at, off: off}
}

// Len is the number of elements.
func (t Tensor) Len() int64 {
	n := int64(1)
	for _, d := range t.Shape {
		n *= int64(d)
	}
	return n
}

// elements multiplies a shape that comes from a file, and reports whether the product is sensible.
func elements(shape []int) (int64, bool) {
	n := int64(1)
	for _, d := range shape {
		if d < 0 || int64(d) > 1<<31 {
			return 0, false
		}
		if n *= int64(d); n > 1<<33 {
			return 0, false
		}
	}
	return n, true
}

// Rows is the part of a tensor from row a up to row b on the first axis.
func (t Tensor) Rows(a, b int) Tensor {
	row := int64(1)
	for _, d := range t.Shape[1:] {
		row *= int64(d)
	}
	part := t
	part.Shape = slices.Clone(t.Shape)
	part.Shape[0] = b - a
	part.off += int64(a) * row * t.Kind.size()
	return part
}

// blockElements is how many numbers are converted at a time.
const blockElements = 1 << 15

// floats reads the tensor block by block.
func (t Tensor) floats(each func(block []float32) error) error {
	raw := make([]byte, blockElements*t.Kind.size())
	block := make([]float32, blockElements)
	for first, n := int64(0), t.Len(); first < n; {
		k := min(n-first, blockElements)
		b := raw[:k*t.Kind.size()]
		if got, err := t.at.ReadAt(b, t.off+first*t.Kind.size()); got < len(b) {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("read weights: %w", bare(err))
		}
		decode(block[:k], b, t.Kind)
		if err := each(block[:k]); err != nil {
			return err
		}
		first += k
	}
	return nil
}

func decode(dst []float32, src []byte, kind Kind) {
	switch kind {
	case Float64:
		for i := range dst {
			dst[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(src[8*i:])))
		}
	case Int64:
		for i := range dst {
			dst[i] = float32(int64(binary.LittleEndian.Uint64(src[8*i:])))
		}
	case Float32:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	case BFloat16:
		for i := range dst {
			dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16)
		}
	case Float16:
		for i := range dst {
			dst[i] = half.From(binary.LittleEndian.Uint16(src[2*i:]))
		}
	}
}

// Floats reads all numbers of a tensor into memory. The shape of one that comes from a file is to be
// looked at first: it is as large as it says.
func (t Tensor) Floats() ([]float32, error) {
	all := make([]float32, 0, t.Len())
	err := t.floats(func(block []float32) error {
		all = append(all, block...)
		return nil
	})
	return all, err
}

// allZero reports whether every number is zero (of either sign).
func (t Tensor) allZero() (bool, error) {
	zero := true
	err := t.floats(func(block []float32) error {
		for _, v := range block {
			zero = zero && v == 0
		}
		return nil
	})
	return zero, err
}

// encoder gives the tensor's bytes as f16 or f32, little-endian, to a reader.
func (t Tensor) encoder(narrow bool) io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		out := make([]byte, 0, 4*blockElements)
		w.CloseWithError(t.floats(func(block []float32) error {
			out = out[:0]
			for _, v := range block {
				if !narrow {
					out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
					continue
				}
				h, ok := half.To(v)
				if !ok {
					return badFormat("a weight of %g, which 16 bits cannot hold", v)
				}
				out = binary.LittleEndian.AppendUint16(out, h)
			}
			_, err := w.Write(out)
			return err
		}))
	}()
	return r
}
