package whispercpp

// #include "shim.h"
import "C"

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const magic = 0x67676d6c // "ggml"

// header is the start of a ggml Whisper file: its hyperparameters.
type header struct {
	Magic                                       uint32
	Vocab                                       int32
	AudioCtx, AudioState, AudioHead, AudioLayer int32
	TextCtx, TextState, TextHead, TextLayer     int32
	Mels, FType                                 int32
	FilterMels, FilterFFT                       int32
}

func (h *header) check() error {
	in := func(v, low, high int32) bool { return low <= v && v <= high }
	switch {
	case h.Magic != magic:
		return errors.New("not a ggml file")
	case !in(h.Vocab, 50000, 60000), h.AudioCtx != 1500, h.TextCtx != 448,
		!in(h.AudioState, 64, 4096), h.TextState != h.AudioState,
		!in(h.AudioHead, 1, 64), !in(h.TextHead, 1, 64), h.AudioState%h.AudioHead != 0,
		!in(h.AudioLayer, 1, 64), !in(h.TextLayer, 1, 64),
		!in(h.Mels, 80, 128), !in(h.FType, 0, 4096), h.FilterMels != h.Mels, h.FilterFFT != 201:
		return errors.New("the header is not a Whisper model's")
	}
	switch h.AudioLayer { // whisper.cpp looks up the size's name by this and throws for any other
	case 4, 6, 12, 24, 32:
		return nil
	}
	return fmt.Errorf("%d encoder layers are not a size that whisper.cpp knows", h.AudioLayer)
}

// check walks a model from header to last tensor without reading the weights themselves, and reports
// anything that whisper.cpp would take on trust: it reads vectors of whatever length a file names.
func check(r io.ReaderAt, size int64) error {
	w := &walker{r: r, size: size}
	w.seek(0)
	var h header
	if err := w.read(&h); err != nil {
		return err
	}
	if err := h.check(); err != nil {
		return err
	}
	if err := w.skip(int64(h.FilterMels) * int64(h.FilterFFT) * 4); err != nil {
		return err
	}
	var words int32
	if err := w.read(&words); err != nil {
		return err
	}
	if words < 1 || words > h.Vocab {
		return fmt.Errorf("a vocabulary of %d words", words)
	}
	for range words {
		var n uint32
		if err := w.read(&n); err != nil {
			return err
		}
		if n > 1024 {
			return fmt.Errorf("a word of %d bytes", n)
		}
		if err := w.skip(int64(n)); err != nil {
			return err
		}
	}
	tensors := 0
	for w.at < size {
		if err := w.tensor(); err != nil {
			return fmt.Errorf("tensor %d: %w", tensors, err)
		}
		tensors++
	}
	// Each encoder layer has 15 tensors and each decoder layer 24; 11 stand outside the layers.
	if want := 15*int(h.AudioLayer) + 24*int(h.TextLayer) + 11; tensors != want {
		return fmt.Errorf("%d tensors where the header promises %d", tensors, want)
	}
	return nil
}

// walker reads headers and steps over data.
type walker struct {
	r        io.ReaderAt
	size, at int64
	buf      *bufio.Reader
}

func (w *walker) seek(to int64) {
	w.at = to
	w.buf = bufio.NewReaderSize(io.NewSectionReader(w.r, to, w.size-to), 4096)
}

func (w *walker) read(v any) error {
	if err := binary.Read(w.buf, binary.LittleEndian, v); err != nil {
		return errors.New("the file ends early")
	}
	w.at += int64(binary.Size(v))
	return nil
}

func (w *walker) skip(n int64) error {
	if n < 0 || n > w.size-w.at {
		return errors.New("the file ends early")
	}
	if n <= int64(w.buf.Buffered()) {
		w.buf.Discard(int(n)) // cannot fail: the bytes are in the buffer
		w.at += n
		return nil
	}
	w.seek(w.at + n)
	return nil
}

func (w *walker) tensor() error {
	var t struct{ Dims, Name, Type int32 }
	if err := w.read(&t); err != nil {
		return err
	}
	if t.Dims < 1 || t.Dims > 4 || t.Name < 1 || t.Name > 256 || t.Type < 0 || t.Type >= C.GGML_TYPE_COUNT {
		return errors.New("its header is out of range")
	}
	block, bytes := int64(C.ggml_blck_size(uint32(t.Type))), int64(C.ggml_type_size(uint32(t.Type)))
	if block <= 0 || bytes <= 0 {
		return fmt.Errorf("type %d is not in use", t.Type)
	}
	n := int64(1)
	for range t.Dims {
		var d int32
		if err := w.read(&d); err != nil {
			return err
		}
		if d < 1 || n > w.size*256/int64(d) { // no type packs 256 weights in less than a byte
			return errors.New("its shape is out of range")
		}
		n *= int64(d)
	}
	if n%block != 0 {
		return errors.New("its shape does not fit its type")
	}
	if err := w.skip(int64(t.Name)); err != nil {
		return err
	}
	return w.skip(n / block * bytes)
}
