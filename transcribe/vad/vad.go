// Package vad finds where somebody speaks: Silero's network, run by ONNX Runtime in one thread, gives
// the probability of a voice for every frame of 32 ms.
//
// What is not here: what is made of the probabilities (package window), and where the library and the
// network lie: both are given.
package vad

import (
	"context"
	"errors"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/internal/ort"
)

const (
	// FrameSamples is the length of a frame: 32 ms at referent.SampleRate.
	FrameSamples = 512

	before = 64  // samples of the frame before that the network also hears
	hidden = 256 // numbers of its memory, 2 x 1 x 128
)

// Detector is the network with its memory of one stream of samples. It is not for use by several
// goroutines at once.
type Detector struct {
	session       *ort.Session
	input, state  *ort.Tensor[float32]
	rate          *ort.Scalar[int64]
	output, next  *ort.Tensor[float32]
	in, out       []ort.Value
	pending       int // samples of the next frame that are in place
	probabilities []float32
}

// Open loads the network at model with the ONNX Runtime library at library. CodeModelMissing: one of
// the files is not there; CodeModelCorrupt: the network is not Silero's for 16 kHz; CodeConfig: the
// library cannot be used, or the process has loaded it from elsewhere.
func Open(library, model string) (*Detector, error) {
	session, err := ort.Open(library, model, ort.Options{})
	if err != nil {
		return nil, err
	}
	d := &Detector{session: session}
	if err := d.open(); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *Detector) open() (err error) {
	if !d.session.Fits([][]int64{{1, before + FrameSamples}, {2, 1, hidden / 2}, {}}, [][]int64{{1, 1}, {2, 1, hidden / 2}}) {
		return referent.E(referent.CodeModelCorrupt, "vad: load network", errors.New("not a network for voice activity"))
	}
	if d.input, err = ort.NewTensor[float32](1, before+FrameSamples); err != nil {
		return err
	}
	if d.state, err = ort.NewTensor[float32](2, 1, hidden/2); err != nil {
		return err
	}
	if d.next, err = ort.NewTensor[float32](2, 1, hidden/2); err != nil {
		return err
	}
	if d.output, err = ort.NewTensor[float32](1, 1); err != nil {
		return err
	}
	if d.rate, err = ort.NewScalar[int64](referent.SampleRate); err != nil {
		return err
	}
	d.in, d.out = []ort.Value{d.input, d.state, d.rate}, []ort.Value{d.output, d.next}
	return nil
}

// Write hears the next samples, -1 to 1 at referent.SampleRate, any number.
func (d *Detector) Write(samples []float32) error {
	frame := d.input.Data()[before:]
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
	if err := d.session.Run(context.Background(), d.in, d.out); err != nil {
		return referent.E(referent.CodeInternal, "vad: hear frame", err)
	}
	d.probabilities = append(d.probabilities, d.output.Data()[0])
	copy(d.state.Data(), d.next.Data())
	in := d.input.Data()
	copy(in[:before], in[FrameSamples:])
	d.pending = 0
	return nil
}

// Finish hears what is left, filled up with silence, returns the probability of a voice in each frame
// since the last Finish, and is ready for another stream.
func (d *Detector) Finish() ([]float32, error) {
	if d.pending > 0 {
		clear(d.input.Data()[before+d.pending:])
		if err := d.run(); err != nil {
			return nil, err
		}
	}
	all := d.probabilities
	d.probabilities = nil
	clear(d.input.Data())
	clear(d.state.Data())
	return all, nil
}

// Close frees the network.
func (d *Detector) Close() {
	d.session.Close()
	for _, t := range []*ort.Tensor[float32]{d.input, d.state, d.output, d.next} {
		t.Close()
	}
	d.rate.Close()
}
