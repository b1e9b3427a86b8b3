package vad

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/referent/referent/models/onnx"
)

// Silero's network hears one frame at a time: its file is a loop's body, 58 operators with branches and
// shapes to be found out for 32 ms of sound. But only its memory needs one frame after another; all before
// it looks at a frame alone. So the weights are taken from the file and put in a network that hears a block of
// frames: what precedes the memory is a few products of large matrices, and the memory runs once over the
// block. The numbers are the same but for rounding, at an eighth of the cost.
const (
	blockFrames = 16 // half a second: text of a live recording waits for it

	spectrumSize  = 256 // samples of a spectrum
	spectrumShift = 128
	spectra       = 4 // of a frame, the sound before it and its own end mirrored
	bins          = spectrumSize/2 + 1
	hidden        = 128 // numbers of each half of the memory
	gates         = 4 * hidden
	beforeFrame   = 64 // samples of the frame before that the network also hears
)

// layers are the convolutions between spectra and memory: three wide, padded with a zero on both sides.
var layers = []struct{ in, out, stride int }{{bins, 128, 1}, {128, 64, 2}, {64, 64, 2}, {64, hidden, 1}}

// The network's inputs are what each spectrum is taken from, f32[4·frames,256], and the memory's halves,
// f32[1,1,128]; its outputs are how likely each frame holds a voice, f32[frames,1], and the memory after the
// last frame.
var (
	inputs  = []string{"spectra", "hidden", "cell"}
	outputs = []string{"voice", "hidden_after", "cell_after"}
)

// network builds the network that hears blocks, as an ONNX file.
func (w weights) network() ([]byte, error) {
	g := onnx.NewGraph("silero-vad-blocks")
	sound := g.Input(inputs[0], onnx.F32, onnx.Size(spectra*blockFrames), onnx.Size(spectrumSize))
	h := g.Input(inputs[1], onnx.F32, onnx.Size(1), onnx.Size(1), onnx.Size(hidden))
	c := g.Input(inputs[2], onnx.F32, onnx.Size(1), onnx.Size(1), onnx.Size(hidden))

	basis, err := w.get("model.stft.forward_basis_buffer", 2*bins, 1, spectrumSize)
	if err != nil {
		return nil, err
	}
	square := func(part string, rows []float32) onnx.Value {
		x := g.Op("MatMul", []onnx.Value{sound, g.Floats("stft."+part, []int{spectrumSize, bins}, transposed(rows, bins))})
		return g.Op("Mul", []onnx.Value{x, x})
	}
	half := bins * spectrumSize
	x := g.Op("Sqrt", []onnx.Value{g.Op("Add", []onnx.Value{square("real", basis[:half]), square("imaginary", basis[half:])})})
	x = g.Op("Reshape", []onnx.Value{x, g.Ints("stft.frame", []int{2}, []int64{blockFrames, spectra * bins})})

	steps := spectra
	for i, layer := range layers {
		name := fmt.Sprintf("model.encoder.%d.reparam_conv", i)
		filter, err := w.get(name+".weight", layer.out, layer.in, 3)
		bias, err2 := w.get(name+".bias", layer.out)
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		next := (steps-1)/layer.stride + 1
		x = g.Op("Gemm", []onnx.Value{x,
			g.Floats(name+".weight", []int{steps * layer.in, next * layer.out}, unrolled(filter, layer.in, layer.out, layer.stride, steps, next)),
			g.Floats(name+".bias", []int{next * layer.out}, repeated(bias, next))})
		x = g.Op("Relu", []onnx.Value{x})
		steps = next
	}
	if x, err = w.memory(g, x, h, c); err != nil {
		return nil, err
	}

	weight, err := w.get("model.decoder.decoder.2.weight", 1, hidden, 1)
	bias, err2 := w.get("model.decoder.decoder.2.bias", 1)
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	x = g.Op("Gemm", []onnx.Value{g.Op("Relu", []onnx.Value{x}),
		g.Floats("decoder.weight", []int{hidden, 1}, weight), g.Floats("decoder.bias", []int{1}, bias)})
	g.Output(outputs[0], g.Op("Sigmoid", []onnx.Value{x}), onnx.F32, onnx.Size(blockFrames), onnx.Size(1))
	var file bytes.Buffer
	if _, err := (onnx.Model{Graph: g, Producer: "referent"}).Write(&file); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// memory is the network's LSTM over the frames of x.
func (w weights) memory(g *onnx.Graph, x, h, c onnx.Value) (onnx.Value, error) {
	input, err := w.get("model.decoder.rnn.weight_ih", gates, hidden)
	recurrent, err2 := w.get("model.decoder.rnn.weight_hh", gates, hidden)
	inputBias, err3 := w.get("model.decoder.rnn.bias_ih", gates)
	recurrentBias, err4 := w.get("model.decoder.rnn.bias_hh", gates)
	if err := errors.Join(err, err2, err3, err4); err != nil {
		return onnx.None, err
	}
	x = g.Op("Reshape", []onnx.Value{x, g.Ints("rnn.sequence", []int{3}, []int64{blockFrames, 1, hidden})})
	out := g.Ops("LSTM", 3, []onnx.Value{x,
		g.Floats("rnn.input", []int{1, gates, hidden}, gateOrder(input)),
		g.Floats("rnn.recurrent", []int{1, gates, hidden}, gateOrder(recurrent)),
		g.Floats("rnn.bias", []int{1, 2 * gates}, append(gateOrder(inputBias), gateOrder(recurrentBias)...)),
		onnx.None, h, c}, onnx.Int("hidden_size", hidden))
	g.Output(outputs[1], out[1], onnx.F32, onnx.Size(1), onnx.Size(1), onnx.Size(hidden))
	g.Output(outputs[2], out[2], onnx.F32, onnx.Size(1), onnx.Size(1), onnx.Size(hidden))
	return g.Op("Reshape", []onnx.Value{out[0], g.Ints("rnn.frames", []int{2}, []int64{blockFrames, hidden})}), nil
}

// transposed gives the transpose of a matrix with so many rows.
func transposed(m []float32, rows int) []float32 {
	columns := len(m) / rows
	out := make([]float32, len(m))
	for i := range rows {
		for j := range columns {
			out[j*rows+i] = m[i*columns+j]
		}
	}
	return out
}

// unrolled writes a convolution over a frame's few steps as one matrix [steps·in, next·out]. It is half
// zeros, and still faster: a product of matrices this narrow otherwise leaves the processor idle.
func unrolled(filter []float32, in, out, stride, steps, next int) []float32 {
	m := make([]float32, steps*in*next*out)
	for to := range next {
		for tap := range 3 {
			from := to*stride + tap - 1
			if from < 0 || from >= steps {
				continue
			}
			for i := range in {
				row := m[(from*in+i)*next*out+to*out:][:out]
				for o := range row {
					row[o] = filter[(o*in+i)*3+tap]
				}
			}
		}
	}
	return m
}

func repeated(v []float32, times int) []float32 {
	out := make([]float32, 0, times*len(v))
	for range times {
		out = append(out, v...)
	}
	return out
}

// gateOrder turns PyTorch's order of the four gates (input, forget, cell, output) into ONNX's (input,
// output, forget, cell).
func gateOrder(v []float32) []float32 {
	q := len(v) / 4
	out := make([]float32, 0, len(v))
	for _, gate := range []int{0, 3, 1, 2} {
		out = append(out, v[gate*q:(gate+1)*q]...)
	}
	return out
}
