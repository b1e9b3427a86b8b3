package ggml

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrFormat is returned for bytes that are not a complete whisper.cpp model file.
var ErrFormat = errors.New("not a whisper.cpp model file")

// File is a model file whose weights are still on disk.
type File struct {
	Hyperparameters Hyperparameters
	Filters         Filters
	Tokens          [][]byte
	Tensors         []Tensor // in file order
	r               io.ReaderAt
}

// Open reads the head of a file of size bytes and finds every tensor in it. Bytes after the last tensor,
// a tensor that reaches past the end and a name that occurs twice are ErrFormat.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f := &File{r: r}
	c := &cursor{r: bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 1<<16), at: r, size: size}
	if c.u32() != magic {
		return nil, c.fail("the first four bytes are not the format's")
	}
	c.read(&f.Hyperparameters)
	f.Filters.Mels, f.Filters.Bins = c.i32(), c.i32()
	if c.err == nil && (f.Filters.Mels <= 0 || f.Filters.Bins <= 0 || int64(f.Filters.Mels)*int64(f.Filters.Bins) > maxFilters) {
		return nil, c.fail("%d x %d mel filters", f.Filters.Mels, f.Filters.Bins)
	}
	if c.err == nil {
		f.Filters.Data = make([]float32, f.Filters.Mels*f.Filters.Bins)
		c.read(f.Filters.Data)
	}
	count := c.i32()
	if c.err == nil && (count < 0 || count > maxVocab) {
		return nil, c.fail("%d tokens", count)
	}
	for range count {
		n := c.i32()
		if c.err == nil && (n < 0 || n > maxTokenLen) {
			return nil, c.fail("a token of %d bytes", n)
		}
		f.Tokens = append(f.Tokens, c.bytes(int64(n)))
		if c.err != nil {
			return nil, c.fail("the token list stops early")
		}
	}
	seen := map[string]bool{}
	for c.err == nil && c.pos < size {
		if len(f.Tensors) == maxTensors {
			return nil, c.fail("more than %d tensors", maxTensors)
		}
		t, err := c.tensor()
		if err != nil {
			return nil, err
		}
		if seen[t.Name] {
			return nil, c.fail("tensor %q occurs twice", t.Name)
		}
		seen[t.Name] = true
		f.Tensors = append(f.Tensors, t)
	}
	if c.err != nil {
		return nil, c.fail("it stops early")
	}
	return f, nil
}

// Data reads the bytes of one of the file's tensors.
func (f *File) Data(t Tensor) *io.SectionReader { return io.NewSectionReader(f.r, t.Offset, t.Size) }

// cursor reads forward through a file and remembers the first error.
type cursor struct {
	r    *bufio.Reader
	at   io.ReaderAt
	pos  int64
	size int64
	err  error
}

func (c *cursor) fail(format string, args ...any) error {
	reason := fmt.Sprintf(format, args...)
	if c.err != nil && !errors.Is(c.err, io.EOF) && !errors.Is(c.err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("ggml: read: %w", c.err) // the disk failed, not the format
	}
	return fmt.Errorf("ggml: read at byte %d: %s: %w", c.pos, reason, ErrFormat)
}

func (c *cursor) read(v any) {
	if c.err != nil {
		return
	}
	if c.err = binary.Read(c.r, binary.LittleEndian, v); c.err == nil {
		c.pos += int64(binary.Size(v))
	}
}

func (c *cursor) i32() (v int32)  { c.read(&v); return v }
func (c *cursor) u32() (v uint32) { c.read(&v); return v }

func (c *cursor) bytes(n int64) []byte {
	if c.err != nil {
		return nil
	}
	b := make([]byte, n)
	if _, c.err = io.ReadFull(c.r, b); c.err == nil {
		c.pos += n
	}
	return b
}

func (c *cursor) tensor() (Tensor, error) {
	rank, nameLen, kind := c.i32(), c.i32(), c.i32()
	if c.err == nil && (rank < 1 || rank > maxDims || nameLen < 1 || nameLen > maxNameLen) {
		return Tensor{}, c.fail("a tensor of rank %d with a name of %d bytes", rank, nameLen)
	}
	if c.err != nil {
		return Tensor{}, c.fail("it stops in the head of a tensor")
	}
	t := Tensor{Type: Type(kind), Dims: make([]int32, rank)}
	c.read(t.Dims)
	t.Name = string(c.bytes(int64(nameLen)))
	if c.err != nil {
		return Tensor{}, c.fail("it stops in the head of a tensor")
	}
	var err error
	if t.Size, err = dataSize(t.Type, t.Dims); err != nil {
		return Tensor{}, c.fail("tensor %q: %s", t.Name, err)
	}
	t.Offset = c.pos
	if t.Size > c.size-c.pos {
		return Tensor{}, c.fail("tensor %q reaches past the end", t.Name)
	}
	c.pos += t.Size
	// Jump over the weights instead of reading them: most of the file is weights.
	if t.Size <= int64(c.r.Buffered()) {
		_, c.err = c.r.Discard(int(t.Size))
	} else {
		c.r.Reset(io.NewSectionReader(c.at, c.pos, c.size-c.pos))
	}
	return t, nil
}
