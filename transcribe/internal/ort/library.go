package ort

import (
	"errors"
	"os"
	"sync"

	onnx "github.com/yalue/onnxruntime_go"

	"github.com/referent/referent"
)

// loaded is the process's one ONNX Runtime.
var loaded struct {
	sync.Mutex
	library string
}

// Load makes the file library the ONNX Runtime of this process; again with the same file does nothing.
// CodeModelMissing: it is not there; CodeConfig: it cannot be loaded, or another one is loaded already.
func Load(library string) error {
	const op = "ort: load library"
	loaded.Lock()
	defer loaded.Unlock()
	switch {
	case loaded.library == library && library != "":
		return nil
	case loaded.library != "":
		return referent.E(referent.CodeConfig, op, errors.New("ONNX Runtime is already loaded from another path"))
	}
	if _, err := os.Stat(library); errors.Is(err, os.ErrNotExist) {
		return referent.E(referent.CodeModelMissing, op, errors.New("the ONNX Runtime library is not there"))
	} else if err != nil {
		return referent.E(referent.CodeConfig, op, err)
	}
	onnx.SetSharedLibraryPath(library)
	if err := onnx.InitializeEnvironment(onnx.WithLogLevelError()); err != nil {
		return referent.E(referent.CodeConfig, op, err).WithHint("the ONNX Runtime library must be one for this machine")
	}
	// The pinned release reports to nobody (a test of package models looks); this is said all the same, for
	// the day that another is put in its place.
	if err := onnx.DisableTelemetry(); err != nil {
		return referent.E(referent.CodeConfig, op, errors.Join(err, onnx.DestroyEnvironment()))
	}
	loaded.library = library
	return nil
}
