package ort

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"

	onnx "github.com/yalue/onnxruntime_go"

	"github.com/referent/referent"
)

// Options are how a network is run.
type Options struct {
	// Threads is how many threads work on one run, the caller's among them; 0: the caller's alone. They do
	// not spin while they wait, and end with the session.
	Threads int
}

// Port is an input or output of a network.
type Port struct {
	Name  string
	Shape []int64 // -1 where the length is free; nil for what is no tensor
}

// Session is a network in memory. Any number of goroutines may call Run at the same time, each with
// tensors of its own.
type Session struct {
	session         *onnx.DynamicAdvancedSession
	inputs, outputs []Port
}

// Open loads the network in the file at path with the ONNX Runtime in the file library (see Load).
// CodeModelMissing: one of the files is not there; CodeModelCorrupt: the file at path is no network that
// can be run; CodeConfig: the library cannot be used.
func Open(library, path string, opt Options) (*Session, error) {
	const op = "ort: open network"
	if err := Load(library); err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, referent.E(referent.CodeModelMissing, op, errors.New("the network is not there"))
	} else if err != nil {
		return nil, referent.E(referent.CodeInternal, op, err)
	}
	s := &Session{}
	if err := s.open(path, opt); err != nil {
		return nil, referent.E(referent.CodeModelCorrupt, op, err)
	}
	return s, nil
}

// OpenBytes loads a small network from its file's bytes, which it does not keep. inputs and outputs name
// what Run is given, in order; the shapes of the ports are not looked for. CodeModelCorrupt: they are no
// network that can be run; otherwise as Load. A name that the network lacks shows in the first Run.
func OpenBytes(library string, network []byte, inputs, outputs []string, opt Options) (*Session, error) {
	const op = "ort: open network"
	if err := Load(library); err != nil {
		return nil, err
	}
	s := &Session{}
	for _, name := range inputs {
		s.inputs = append(s.inputs, Port{Name: name})
	}
	for _, name := range outputs {
		s.outputs = append(s.outputs, Port{Name: name})
	}
	settings, err := settings(opt)
	if err != nil {
		return nil, referent.E(referent.CodeInternal, op, err)
	}
	defer settings.Destroy()
	s.session, err = onnx.NewDynamicAdvancedSessionWithONNXData(network, inputs, outputs, settings)
	if err != nil {
		return nil, referent.E(referent.CodeModelCorrupt, op, err)
	}
	return s, nil
}

func (s *Session) open(path string, opt Options) error {
	if err := s.look(path); err != nil {
		return err
	}
	settings, err := settings(opt)
	if err != nil {
		return err
	}
	defer settings.Destroy()
	s.session, err = onnx.NewDynamicAdvancedSession(path, names(s.inputs), names(s.outputs), settings)
	return err
}

// look reads which inputs and outputs the file has. The binding only tells by opening it, so this is done
// as cheaply as can be: nothing is optimised.
func (s *Session) look(path string) error {
	settings, err := settings(Options{})
	if err != nil {
		return err
	}
	defer settings.Destroy()
	if err := errors.Join(
		settings.SetGraphOptimizationLevel(onnx.GraphOptimizationLevelDisableAll),
		settings.AddSessionConfigEntry("session.disable_prepacking", "1"),
	); err != nil {
		return err
	}
	in, out, err := onnx.GetInputOutputInfoWithOptions(path, settings)
	if err != nil {
		return err
	}
	s.inputs, s.outputs = ports(in), ports(out)
	if len(in) == 0 || len(out) == 0 {
		return errors.New("a network without input or output")
	}
	return nil
}

func ports(infos []onnx.InputOutputInfo) []Port {
	out := make([]Port, len(infos))
	for i, f := range infos {
		out[i] = Port{Name: f.Name, Shape: f.Dimensions}
	}
	return out
}

func names(ports []Port) []string {
	out := make([]string, len(ports))
	for i, p := range ports {
		out[i] = p.Name
	}
	return out
}

func settings(opt Options) (*onnx.SessionOptions, error) {
	o, err := onnx.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(
		o.SetIntraOpNumThreads(max(opt.Threads, 1)),
		o.SetInterOpNumThreads(1),
		// The arena keeps what a run has used for those that follow: for inputs of ever different lengths
		// that held a third less than giving it back each time, which leaves malloc's heaps in pieces. A
		// memory pattern would be kept for each of those lengths besides, and gains nothing.
		o.SetCpuMemArena(true),
		o.SetMemPattern(false),
		o.AddSessionConfigEntry("session.intra_op.allow_spinning", "0"),
		o.AddSessionConfigEntry("session.inter_op.allow_spinning", "0"),
		// Packed copies of the weights cost memory and gain nothing that can be measured here.
		o.AddSessionConfigEntry("session.disable_prepacking", "1"),
	); err != nil {
		return nil, errors.Join(err, o.Destroy())
	}
	return o, nil
}

// Inputs are what Run wants values for, in the file's order. The caller must not change them.
func (s *Session) Inputs() []Port { return s.inputs }

// Outputs are what Run fills, in the file's order. The caller must not change them.
func (s *Session) Outputs() []Port { return s.outputs }

// Fits reports whether the network has inputs and outputs of these shapes, in this order; -1 stands for a
// length that must be free, and a length that is free in the network fits any number.
func (s *Session) Fits(inputs, outputs [][]int64) bool {
	match := func(ports []Port, shapes [][]int64) bool {
		return slices.EqualFunc(ports, shapes, func(p Port, shape []int64) bool {
			return slices.EqualFunc(p.Shape, shape, func(has, want int64) bool { return has == want || has < 0 })
		})
	}
	return match(s.inputs, inputs) && match(s.outputs, outputs)
}

// Run reads inputs and writes outputs, one value for each of Inputs and Outputs in the same order. When
// ctx ends, the run stops before its next node, with CodeCancelled; what outputs hold is then undefined.
// Other errors, such as of a shape that the network does not take, have CodeInternal.
func (s *Session) Run(ctx context.Context, inputs, outputs []Value) error {
	const op = "ort: run network"
	if len(inputs) != len(s.inputs) || len(outputs) != len(s.outputs) {
		return referent.E(referent.CodeInternal, op, fmt.Errorf("%d inputs and %d outputs for a network of %d and %d",
			len(inputs), len(outputs), len(s.inputs), len(s.outputs)))
	}
	if err := ctx.Err(); err != nil {
		return referent.E(referent.CodeCancelled, op, err)
	}
	err := s.run(ctx, unwrap(inputs), unwrap(outputs))
	// The library knows the memory's address only, which does not keep it.
	runtime.KeepAlive(inputs)
	runtime.KeepAlive(outputs)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return referent.E(referent.CodeCancelled, op, ctx.Err())
	}
	return referent.E(referent.CodeInternal, op, err)
}

func (s *Session) run(ctx context.Context, inputs, outputs []onnx.Value) error {
	if ctx.Done() == nil {
		return s.session.Run(inputs, outputs)
	}
	opt, err := onnx.NewRunOptions()
	if err != nil {
		return err
	}
	defer opt.Destroy()
	terminated := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(terminated)
		_ = opt.Terminate() // it cannot fail
	})
	err = s.session.RunWithOptions(inputs, outputs, opt)
	if !stop() {
		<-terminated // opt must outlive the call
	}
	return err
}

func unwrap(values []Value) []onnx.Value {
	out := make([]onnx.Value, len(values))
	for i, v := range values {
		out[i] = v.value()
	}
	return out
}

// Close frees the network, which nobody may be running. Closing it twice, or closing nil, does nothing.
func (s *Session) Close() {
	if s != nil && s.session != nil {
		_ = s.session.Destroy() // it cannot fail
		s.session = nil
	}
}
