// Package vad finds where somebody speaks: Silero's network, run by ONNX Runtime in one thread, gives
// the probability of a voice for every frame of 32 ms.
//
// What is not here: what is made of the probabilities (package window), and where the library and the
// network lie: both are given.
package vad

import (
	"context"
	"errors"
	"os"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/internal/ort"
)

// FrameSamples is the length of a frame: 32 ms at referent.SampleRate.
const FrameSamples = 512

// Detector is the network with its memory of one stream of samples. It is not for use by several
// goroutines at once.
type Detector struct {
	session                *ort.Session
	sound                  *ort.Tensor[float32] // a block's spectra
	hidden, cell           *ort.Tensor[float32] // the memory before the block
	voice                  *ort.Tensor[float32]
	hiddenAfter, cellAfter *ort.Tensor[float32]
	in, out                []ort.Value

	heard         [beforeFrame + blockFrames*FrameSamples]float32 // the block, and what comes before it
	pending       int                                             // samples of the block that are in place
	probabilities []float32
}

// Open loads the network at model with the ONNX Runtime library at library. CodeModelMissing: one of
// the files is not there; CodeModelCorrupt: the network is not Silero's for 16 kHz; CodeConfig: the
// library cannot be used, or the process has loaded it from elsewhere.
func Open(library, model string) (*Detector, error) {
	const op = "vad: load network"
	if err := ort.Load(library); err != nil {
		return nil, err
	}
	file, err := os.ReadFile(model)
	if errors.Is(err, os.ErrNotExist) {
		return nil, referent.E(referent.CodeModelMissing, op, errors.New("the network is not there"))
	} else if err != nil {
		return nil, referent.E(referent.CodeInternal, op, err)
	}
	w, err := readWeights(file)
	if err != nil {
		return nil, referent.E(referent.CodeModelCorrupt, op, err)
	}
	network, err := w.network()
	if err != nil {
		return nil, referent.E(referent.CodeModelCorrupt, op, err)
	}
	d := &Detector{}
	if err := d.open(library, network); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *Detector) open(library string, network []byte) (err error) {
	d.session, err = ort.OpenBytes(library, network, inputs, outputs, ort.Options{})
	if err != nil {
		return err
	}
	for _, t := range []struct {
		tensor **ort.Tensor[float32]
		shape  []int64
	}{
		{&d.sound, []int64{spectra * blockFrames, spectrumSize}},
		{&d.hidden, []int64{1, 1, hidden}},
		{&d.cell, []int64{1, 1, hidden}},
		{&d.voice, []int64{blockFrames, 1}},
		{&d.hiddenAfter, []int64{1, 1, hidden}},
		{&d.cellAfter, []int64{1, 1, hidden}},
	} {
		if *t.tensor, err = ort.NewTensor[float32](t.shape...); err != nil {
			return err
		}
	}
	d.in = []ort.Value{d.sound, d.hidden, d.cell}
	d.out = []ort.Value{d.voice, d.hiddenAfter, d.cellAfter}
	return nil
}

// Write hears the next samples, -1 to 1 at referent.SampleRate, any number.
func (d *Detector) Write(samples []float32) error {
	block := d.heard[beforeFrame:]
	for len(samples) > 0 {
		n := copy(block[d.pending:], samples)
		samples = samples[n:]
		if d.pending += n; d.pending == len(block) {
			if err := d.run(blockFrames); err != nil {
				return err
			}
		}
	}
	return nil
}

// run hears the block that is in place, keeps the probabilities of its first frames, and makes room for
// the next block.
func (d *Detector) run(frames int) error {
	d.load()
	if err := d.session.Run(context.Background(), d.in, d.out); err != nil {
		return referent.E(referent.CodeInternal, "vad: hear block", err)
	}
	d.probabilities = append(d.probabilities, d.voice.Data()[:frames]...)
	copy(d.hidden.Data(), d.hiddenAfter.Data())
	copy(d.cell.Data(), d.cellAfter.Data())
	copy(d.heard[:beforeFrame], d.heard[len(d.heard)-beforeFrame:])
	d.pending = 0
	return nil
}

// load lays out what the block's spectra are taken from. A frame with what comes before it has 576
// samples; its last spectrum reaches 64 further, where the frame's end is mirrored.
func (d *Detector) load() {
	out := d.sound.Data()
	for i := range blockFrames {
		frame := d.heard[i*FrameSamples:][:beforeFrame+FrameSamples]
		for k := range spectra {
			n := copy(out[:spectrumSize], frame[k*spectrumShift:])
			for j := n; j < spectrumSize; j++ {
				out[j] = frame[len(frame)-2-(j-n)]
			}
			out = out[spectrumSize:]
		}
	}
}

// Finish hears what is left, filled up with silence, returns the probability of a voice in each frame
// since the last Take or Finish, and is ready for another stream.
func (d *Detector) Finish() ([]float32, error) {
	if d.pending > 0 {
		clear(d.heard[beforeFrame+d.pending:])
		if err := d.run((d.pending + FrameSamples - 1) / FrameSamples); err != nil {
			return nil, err
		}
	}
	clear(d.heard[:])
	clear(d.hidden.Data())
	clear(d.cell.Data())
	return d.Take(), nil
}

// Close frees the network.
func (d *Detector) Close() {
	d.session.Close()
	for _, t := range []*ort.Tensor[float32]{d.sound, d.hidden, d.cell, d.voice, d.hiddenAfter, d.cellAfter} {
		t.Close()
	}
}
