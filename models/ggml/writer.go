package ggml

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Writer writes a file from front to back. The first error sticks and is returned by every later call.
type Writer struct {
	w   io.Writer
	err error
}

// NewWriter writes everything that stands before the tensors. Tokens are raw bytes by rank; the special
// tokens that follow them are filled in by whisper.cpp.
func NewWriter(w io.Writer, h Hyperparameters, f Filters, tokens [][]byte) (*Writer, error) {
	if f.Mels != h.Mels {
		return nil, fmt.Errorf("ggml: write header: %d mel filters for a model of %d", f.Mels, h.Mels)
	}
	if int64(f.Mels)*int64(f.Bins) != int64(len(f.Data)) {
		return nil, fmt.Errorf("ggml: write header: %d coefficients for %d x %d filters", len(f.Data), f.Mels, f.Bins)
	}
	if len(tokens) > int(h.Vocab) {
		return nil, fmt.Errorf("ggml: write header: %d tokens for a vocabulary of %d", len(tokens), h.Vocab)
	}
	out := &Writer{w: w}
	out.put(uint32(magic))
	out.put(h)
	out.put([2]int32{f.Mels, f.Bins})
	out.put(f.Data)
	out.put(int32(len(tokens)))
	for _, t := range tokens {
		out.put(int32(len(t)))
		out.bytes(t)
	}
	return out, out.err
}

// Tensor writes one tensor: its head, then exactly its size in bytes from data.
func (w *Writer) Tensor(name string, t Type, dims []int32, data io.Reader) error {
	if w.err != nil {
		return w.err
	}
	size, err := dataSize(t, dims)
	if err != nil {
		w.err = fmt.Errorf("ggml: write %s: %w", name, err)
		return w.err
	}
	w.put([3]int32{int32(len(dims)), int32(len(name)), int32(t)})
	w.put(dims)
	w.bytes([]byte(name))
	if w.err != nil {
		return w.err
	}
	if n, err := io.Copy(w.w, io.LimitReader(data, size)); err != nil {
		w.err = fmt.Errorf("ggml: write %s: %w", name, err)
	} else if n != size {
		w.err = fmt.Errorf("ggml: write %s: %d of %d bytes: %w", name, n, size, io.ErrUnexpectedEOF)
	}
	return w.err
}

func (w *Writer) put(v any) {
	if w.err == nil {
		w.err = binary.Write(w.w, binary.LittleEndian, v)
	}
}

func (w *Writer) bytes(b []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(b)
	}
}
