package whispercpp

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	whisper "github.com/ggerganov/whisper.cpp/bindings/go"

	"github.com/referent/referent"
)

var quiet = sync.OnceFunc(func() { C.rf_init() })

// Options choose where a model runs. The zero value is the processor alone.
type Options struct {
	GPU    bool // use a graphics processor when the build has one
	Device int  // which, counted among the graphics processors
}

// Model is a set of weights in memory, shared read-only by its slots.
type Model struct {
	mu    sync.Mutex
	ctx   *whisper.Context
	slots int
	end   int32 // the first special token: those at and above it are not text
	opt   Options

	runs    atomic.Value // string: the device of the state made last
	encoder *Encoder     // nil: ggml encodes
	// Encoding went wrong once: from then on ggml does it, which is slower and always there.
	lost atomic.Bool
}

// Load reads the weights in the ggml file at path. CodeModelMissing: no such file; CodeModelCorrupt: it
// is not a whole Whisper model.
func Load(path string, opt Options) (*Model, error) {
	const op = "whispercpp: load model"
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, referent.E(referent.CodeModelMissing, op, err)
	} else if err != nil {
		return nil, referent.E(referent.CodeInternal, op, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, referent.E(referent.CodeInternal, op, err)
	}
	if err := check(f, info.Size()); err != nil {
		return nil, referent.E(referent.CodeModelCorrupt, op, err)
	}
	quiet()
	cpath := C.CString(path)
	defer C.free(unsafe.Pointer(cpath))
	return newModel(C.rf_load_file(cpath, C.bool(opt.GPU), C.int(opt.Device)), opt)
}

// LoadBytes is Load from memory, for workers that keep nothing on disk. The bytes may be dropped after.
func LoadBytes(weights []byte, opt Options) (*Model, error) {
	const op = "whispercpp: load model"
	if err := check(readerAt(weights), int64(len(weights))); err != nil {
		return nil, referent.E(referent.CodeModelCorrupt, op, err)
	}
	quiet()
	return newModel(C.rf_load_buffer(unsafe.Pointer(&weights[0]), C.size_t(len(weights)), C.bool(opt.GPU), C.int(opt.Device)), opt)
}

func newModel(ctx *C.struct_whisper_context, opt Options) (*Model, error) {
	if ctx == nil {
		return nil, referent.E(referent.CodeModelCorrupt, "whispercpp: load model", lastError())
	}
	w := (*whisper.Context)(unsafe.Pointer(ctx))
	return &Model{ctx: w, end: int32(w.Whisper_token_eot()), opt: opt}, nil
}

// Multilingual reports whether the model knows other languages than English.
func (m *Model) Multilingual() bool { return m.ctx.Whisper_is_multilingual() != 0 }

// Type is the size of the model, such as "base", as whisper.cpp names it.
func (m *Model) Type() string {
	return C.GoString(C.whisper_model_type_readable(m.c()))
}

// Close frees the weights. Its slots must be closed before; if they are not, the weights stay and the
// error says so, since freeing them would crash the process.
func (m *Model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ctx == nil {
		return nil
	}
	if m.slots > 0 {
		return referent.E(referent.CodeInternal, "whispercpp: close model", errors.New("slots are still open"))
	}
	m.ctx.Whisper_free()
	m.ctx = nil
	m.encoder.Close()
	return nil
}

// Use lets e encode in the place of ggml, for all slots, of which there must be none yet. It must be of the
// same weights. The model closes it.
func (m *Model) Use(e *Encoder) { m.encoder = e }

// otherEncoder is what encodes in the place of ggml, nil for nothing.
func (m *Model) otherEncoder() *Encoder {
	if m.lost.Load() {
		return nil
	}
	return m.encoder
}

func (m *Model) loseEncoder() { m.lost.Store(true) }

// EncoderLost reports that the encoder given to Use failed while it was in use, so that ggml encodes now.
func (m *Model) EncoderLost() bool { return m.lost.Load() }

// Device names what the model was seen to run on when it last heard something; "": it was not yet. whisper.cpp goes on
// with the processor ("cpu") where a graphics processor fails.
func (m *Model) Device() string {
	name, _ := m.runs.Load().(string)
	return name
}

func (m *Model) c() *C.struct_whisper_context {
	return (*C.struct_whisper_context)(unsafe.Pointer(m.ctx))
}

// lastError is whisper.cpp's own last complaint in this thread, as far as it made one.
func lastError() error {
	if s := strings.TrimSpace(C.GoString(C.rf_last_error())); s != "" {
		return errors.New(s)
	}
	return errors.New("whisper.cpp gave no reason")
}

// readerAt lets check read weights that are in memory.
type readerAt []byte

func (r readerAt) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(r)) {
		return 0, io.EOF
	}
	n := copy(p, r[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
