package whispercpp

// #include <stdlib.h>
// #include "encoder.h"
// #cgo LDFLAGS: -ldl
import "C"

import (
	"errors"
	"sync"
	"unsafe"

	"github.com/referent/referent"
)

// Encoder runs the encoder of one model through OpenVINO instead of ggml, several times as fast on most
// processors. The library is opened when the first one is made, and stays open.
type Encoder struct {
	ptr     *C.struct_rf_encoder
	version string
}

var library struct {
	sync.Mutex
	path string
	ov   *C.struct_rf_openvino
}

// NewEncoder opens OpenVINO's C library at path, once for the process, and makes an encoder from network:
// the bytes of the ONNX file that package models/encoder writes for the same weights. streams is how many
// slots will use it at the same time, one thread each. precision is OpenVINO's name of how it may
// compute ("f32", "bf16"), "" for its own choice by processor: that is bf16 where it has instructions for it.
//
// CodeUnavailable: the library cannot be opened or does not take the network; the model then works without.
func NewEncoder(path string, network []byte, streams int, precision string) (*Encoder, error) {
	const op = "whispercpp: open encoder"
	if len(network) == 0 {
		return nil, referent.E(referent.CodeInvalid, op, errors.New("an empty network"))
	}
	var reason [C.RF_ERR]C.char
	failed := func() error {
		return referent.E(referent.CodeUnavailable, op, errors.New(C.GoString(&reason[0])))
	}
	quiet()
	library.Lock()
	defer library.Unlock()
	if library.ov == nil {
		cpath := C.CString(path)
		defer C.free(unsafe.Pointer(cpath))
		if library.ov = C.rf_openvino_open(cpath, &reason[0]); library.ov == nil {
			return nil, failed()
		}
		library.path = path
	} else if library.path != path {
		return nil, referent.E(referent.CodeInvalid, op, errors.New("another OpenVINO is open in this process"))
	}
	cprecision := C.CString(precision)
	defer C.free(unsafe.Pointer(cprecision))
	e := C.rf_encoder_new(library.ov, unsafe.Pointer(&network[0]), C.size_t(len(network)), C.int(max(streams, 1)), cprecision, &reason[0])
	if e == nil {
		return nil, failed()
	}
	return &Encoder{ptr: e, version: C.GoString(C.rf_openvino_version(library.ov))}, nil
}

// Version is OpenVINO's own name of its build.
func (e *Encoder) Version() string { return e.version }

// Close frees the encoder; nothing may use it any more.
func (e *Encoder) Close() {
	if e != nil && e.ptr != nil {
		C.rf_encoder_free(e.ptr)
		e.ptr = nil
	}
}

// request makes what one slot runs.
func (e *Encoder) request() (*C.struct_rf_encoder_request, error) {
	var reason [C.RF_ERR]C.char
	r := C.rf_encoder_request_new(e.ptr, &reason[0])
	if r == nil {
		return nil, referent.E(referent.CodeUnavailable, "whispercpp: make encoder request", errors.New(C.GoString(&reason[0])))
	}
	return r, nil
}
