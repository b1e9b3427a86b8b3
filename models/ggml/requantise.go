package ggml

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"

	"github.com/referent/referent/models/internal/half"
)

// The ftype of a file's header for each type that matrices are stored in.
var ftypes = map[Type]int32{F32: 0, F16: 1, Q8_0: 2007, BF16: 24} // 2007: type 7 by the second version of quantisation

// Requantise writes f with its matrices stored as to, which is Q8_0 or BF16. Convolutions, biases, norms
// and positions stay as they are: whisper.cpp wants them so. Only whole and half floats can be stored
// anew; what is quantised already has lost what another form would need.
func Requantise(w io.Writer, f *File, to Type) error {
	if to != Q8_0 && to != BF16 {
		return fmt.Errorf("ggml: requantise: to type %d", to)
	}
	h := f.Hyperparameters
	h.FType = ftypes[to]
	out, err := NewWriter(w, h, f.Filters, f.Tokens)
	if err != nil {
		return err
	}
	for _, t := range f.Tensors {
		if !t.matrix() {
			if err := out.Tensor(t.Name, t.Type, t.Dims, f.Data(t)); err != nil {
				return err
			}
			continue
		}
		if t.Type != F16 && t.Type != F32 {
			return fmt.Errorf("ggml: requantise: tensor %q is of type %d", t.Name, t.Type)
		}
		rows := &rowReader{from: bufio.NewReaderSize(f.Data(t), 1<<18), wide: t.Type == F32, to: to, row: make([]float32, t.Dims[0])}
		if err := out.Tensor(t.Name, to, t.Dims, rows); err != nil {
			return err
		}
	}
	return nil
}

// matrix reports whether whisper.cpp expects the tensor in the type of the file's header.
func (t Tensor) matrix() bool {
	return len(t.Dims) == 2 && t.Dims[1] > 1 && strings.HasSuffix(t.Name, ".weight")
}

// rowReader gives the bytes of a matrix in another type, a row at a time.
type rowReader struct {
	from *bufio.Reader
	wide bool // f32 rather than f16
	to   Type
	row  []float32
	raw  []byte
	out  []byte // of the present row, not yet read
}

func (r *rowReader) Read(p []byte) (int, error) {
	if len(r.out) == 0 {
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

func (r *rowReader) next() error {
	size := 2
	if r.wide {
		size = 4
	}
	if r.raw == nil {
		r.raw = make([]byte, size*len(r.row))
	}
	if _, err := io.ReadFull(r.from, r.raw); err != nil {
		return err
	}
	if r.wide {
		for i := range r.row {
			r.row[i] = math.Float32frombits(binary.LittleEndian.Uint32(r.raw[4*i:]))
		}
	} else {
		table := halves()
		for i := range r.row {
			r.row[i] = table[binary.LittleEndian.Uint16(r.raw[2*i:])]
		}
	}
	r.out = r.out[:0]
	if r.to == BF16 {
		for _, v := range r.row {
			r.out = binary.LittleEndian.AppendUint16(r.out, floatToBrain(v))
		}
		return nil
	}
	for at := 0; at < len(r.row); at += q8Block {
		r.out = appendQ8(r.out, r.row[at:at+q8Block])
	}
	return nil
}

// halves gives the value of every half-precision number: a look-up is several times as fast as working
// it out, and a model has tens of millions of them.
var halves = sync.OnceValue(func() *[1 << 16]float32 {
	table := new([1 << 16]float32)
	for i := range table {
		table[i] = half.From(uint16(i))
	}
	return table
})

const q8Block = 32 // elements that share a scale

// appendQ8 stores a block as ggml does: a scale in half precision, then each number as a multiple of it.
func appendQ8(out []byte, block []float32) []byte {
	var most float32
	for _, v := range block {
		if v < 0 {
			v = -v
		}
		if v > most {
			most = v
		}
	}
	scale := most / 127
	var inverse float32
	if scale != 0 {
		inverse = 1 / scale
	}
	h, _ := half.To(scale) // weights are far below what half precision can hold
	out = binary.LittleEndian.AppendUint16(out, h)
	// Adding and taking away 1.5 x 2^23 rounds to the nearest whole number, in hardware.
	const whole = 3 << 22
	var numbers [q8Block]byte
	for i, v := range block[:q8Block] {
		numbers[i] = byte(int8(v*inverse + whole - whole))
	}
	return append(out, numbers[:]...)
}

// floatToBrain rounds to the nearest, to even.
func floatToBrain(v float32) uint16 {
	bits := math.Float32bits(v)
	if v != v {
		return uint16(bits>>16) | 64 // stays a NaN
	}
	return uint16((bits + 0x7fff + bits>>16&1) >> 16)
}

// RequantisedSize is how many bytes [Requantise] writes at most: the head, and each tensor.
func RequantisedSize(f *File, to Type) int64 {
	size := int64(1<<10) + 4*int64(len(f.Filters.Data))
	for _, t := range f.Tokens {
		size += 4 + int64(len(t))
	}
	for _, t := range f.Tensors {
		kind := t.Type
		if t.matrix() {
			kind = to
		}
		n, _ := dataSize(kind, t.Dims) // of a type that fits, or Requantise says so
		size += n + maxNameLen
	}
	return size
}
