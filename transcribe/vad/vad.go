// Package vad finds where somebody speaks: Silero's network, run by ONNX Runtime in one thread, gives
// the probability of a voice for every frame of 32 ms.
//
// What is not here: what is made of the probabilities (package window), and where the library and the
// network lie: both are given. ONNX Runtime allows one library for a process, so the first Open decides.
package vad

import (
	"errors"
	"fmt"
	"os"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/referent/referent"
)

const (
	// FrameSamples is the length of a frame: 32 ms at referent.SampleRate.
	FrameSamples = 512

	context = 64  // samples of the frame before that the network also hears
	hidden  = 256 // numbers of its memory, 2 x 1 x 128
)

// environment is the process's one ONNX Runtime.
var environment struct {
	sync.Mutex
	library string
}

func initialize(library string) error {
	environment.Lock()
	defer environment.Unlock()
	if environment.library != "" {
		if environment.library != library {
			return fmt.Errorf("ONNX Runtime is already loaded from another path")
		}
		return nil
	}
	if _, err := os.Stat(library); err != nil {
		return err
	}
	ort.SetSharedLibraryPath(library)
	if err := ort.InitializeEnvironment(ort.WithLogLevelError()); err != nil {
		return err
	}
	environment.library = library
	return nil
}

// Detector is the network with its memory of one stream of samples. It is not for use by several
// goroutines at once.
type Detector struct {
	session       *ort.AdvancedSession
	input, state  *ort.Tensor[float32]
	rate          *ort.Scalar[int64]
	output, next  *ort.Tensor[float32]
	pending       int // samples of the next frame that are in place
	probabilities []float32
}

// Open loads the network at model with the ONNX Runtime library at library. CodeModelMissing: one of
// the files is not there; CodeModelCorrupt: the network is not Silero's for 16 kHz.
func Open(library, model string) (*Detector, error) {
	const op = "vad: load network"
	if err := initialize(library); errors.Is(err, os.ErrNotExist) {
		return nil, referent.E(referent.CodeModelMissing, op, errors.New("the ONNX Runtime library is not there"))
	} else if err != nil {
		return nil, referent.E(referent.CodeConfig, op, err).WithHint("the ONNX Runtime library must be one for this machine")
	}
	network, err := os.ReadFile(model)
	if errors.Is(err, os.ErrNotExist) {
		return nil, referent.E(referent.CodeModelMissing, op, errors.New("the network is not there"))
	} else if err != nil {
		return nil, referent.E(referent.CodeInternal, op, err)
	}
	d := &Detector{}
	if err := d.open(network); err != nil {
		d.Close()
		return nil, referent.E(referent.CodeModelCorrupt, op, err)
	}
	return d, nil
}

func (d *Detector) open(network []byte) (err error) {
	opt, err := ort.NewSessionOptions()
	if err != nil {
		return err
	}
	defer opt.Destroy()
	if err := errors.Join(opt.SetIntraOpNumThreads(1), opt.SetInterOpNumThreads(1)); err != nil {
		return err
	}
	if d.input, err = ort.NewEmptyTensor[float32](ort.NewShape(1, context+FrameSamples)); err != nil {
		return err
	}
	if d.state, err = ort.NewEmptyTensor[float32](ort.NewShape(2, 1, hidden/2)); err != nil {
		return err
	}
	if d.next, err = ort.NewEmptyTensor[float32](ort.NewShape(2, 1, hidden/2)); err != nil {
		return err
	}
	if d.output, err = ort.NewEmptyTensor[float32](ort.NewShape(1, 1)); err != nil {
		return err
	}
	if d.rate, err = ort.NewScalar[int64](referent.SampleRate); err != nil {
		return err
	}
	d.session, err = ort.NewAdvancedSessionWithONNXData(network,
		[]string{"input", "state", "sr"}, []string{"output", "stateN"},
		[]ort.Value{d.input, d.state, d.rate}, []ort.Value{d.output, d.next}, opt)
	return err
}

// Write hears the next samples, -1 to 1 at referent.SampleRate, any number.
func (d *Detector) Write(samples []float32) error {
	frame := d.input.GetData()[context:]
	for len(samples) > 0 {
		n := copy(frame[d.pending:], samples)
		samples = samples[n:]
		if d.pending += n; d.pending == FrameSamples {
			if err := d.run(); err != nil {
				return err
			}
		}
	}
	return nil
}

// run hears the frame that is in place and makes room for the next.
func (d *Detector) run() error {
	if err := d.session.Run(); err != nil {
		return referent.E(referent.CodeInternal, "vad: hear frame", err)
	}
	d.probabilities = append(d.probabilities, d.output.GetData()[0])
	copy(d.state.GetData(), d.next.GetData())
	in := d.input.GetData()
	copy(in[:context], in[FrameSamples:])
	d.pending = 0
	return nil
}

// Finish hears what is left, filled up with silence, returns the probability of a voice in each frame
// since the last Finish, and is ready for another stream.
func (d *Detector) Finish() ([]float32, error) {
	if d.pending > 0 {
		clear(d.input.GetData()[context+d.pending:])
		if err := d.run(); err != nil {
			return nil, err
		}
	}
	all := d.probabilities
	d.probabilities = nil
	clear(d.input.GetData())
	clear(d.state.GetData())
	return all, nil
}

// Close frees the network.
func (d *Detector) Close() {
	if d.session != nil {
		d.session.Destroy()
		d.session = nil
	}
	for _, t := range []*ort.Tensor[float32]{d.input, d.state, d.output, d.next} {
		if t != nil {
			t.Destroy()
		}
	}
	if d.rate != nil {
		d.rate.Destroy()
	}
	d.input, d.state, d.output, d.next, d.rate = nil, nil, nil, nil, nil
}
