// Package encoder writes the encoder of a Whisper model as an ONNX network, from the same file that
// whisper.cpp loads: the two never differ in their weights.
//
// The encoder is most of what recognition costs on a processor, and general runtimes have faster matrix
// products than whisper.cpp's own. What is not here: running it (package transcribe/whispercpp), and the
// decoder, which stays whisper.cpp's.
package encoder

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/referent/referent/models/ggml"
	"github.com/referent/referent/models/onnx"
)

// ErrUnsupported is returned for weights that are stored in another way than whole or half floats: those
// quantised for whisper.cpp stay with it.
var ErrUnsupported = errors.New("the encoder's weights are quantised")

// Names of the network's input, f32[1, mels, frames], and output, f32[1, positions, width].
const (
	Input  = "mel"
	Output = "states"
)

// opset 20 is the first with Gelu as one operator.
const opset = 20

// New builds the network from f, whose weights are read when it is written: two frames for each position
// of the encoder. ErrUnsupported, or what is wrong with the file.
func New(f *ggml.File) (onnx.Model, error) {
	h := f.Hyperparameters
	b := &builder{file: f, graph: onnx.NewGraph("whisper-encoder"), tensors: map[string]ggml.Tensor{}}
	for _, t := range f.Tensors {
		b.tensors[t.Name] = t
	}
	if h.AudioHead <= 0 || h.AudioState%h.AudioHead != 0 {
		return onnx.Model{}, fmt.Errorf("encoder: build: %d heads for a width of %d", h.AudioHead, h.AudioState)
	}
	b.build(int(h.Mels), int(h.AudioCtx), int(h.AudioState), int(h.AudioHead), int(h.AudioLayer))
	if b.err != nil {
		return onnx.Model{}, fmt.Errorf("encoder: build: %w", b.err)
	}
	return onnx.Model{Graph: b.graph, Opset: opset, Producer: "referent"}, b.graph.Err()
}

// Size is how many bytes the network of f takes at most.
func Size(f *ggml.File) int64 {
	size := int64(1 << 20) // operators, names
	for _, t := range f.Tensors {
		if strings.HasPrefix(t.Name, "encoder.") {
			size += t.Size
		}
	}
	return size
}

type builder struct {
	file    *ggml.File
	graph   *onnx.Graph
	tensors map[string]ggml.Tensor
	err     error
}

func (b *builder) op(name string, in ...onnx.Value) onnx.Value { return b.graph.Op(name, in) }

func (b *builder) build(mels, positions, width, heads, layers int) {
	g := b.graph
	x := g.Input(Input, onnx.F32, onnx.Size(1), onnx.Size(mels), onnx.Size(2*positions))
	x = b.op("Gelu", b.convolution(x, "encoder.conv1", width, mels, 1))
	x = b.op("Gelu", b.convolution(x, "encoder.conv2", width, width, 2))
	x = g.Op("Transpose", []onnx.Value{x}, onnx.Ints("perm", 0, 2, 1))
	x = b.op("Add", x, b.weights("encoder.positional_embedding", positions, width))

	split := g.Ints("shape.heads", []int{4}, []int64{1, int64(positions), int64(heads), int64(width / heads)})
	join := g.Ints("shape.width", []int{3}, []int64{1, int64(positions), int64(width)})
	scale := g.Floats("scale", nil, []float32{float32(math.Pow(float64(width/heads), -0.5))})
	byHead := func(x onnx.Value, perm ...int) onnx.Value {
		return g.Op("Transpose", []onnx.Value{b.op("Reshape", x, split)}, onnx.Ints("perm", perm...))
	}
	for i := range layers {
		p := fmt.Sprintf("encoder.blocks.%d.", i)
		y := b.norm(x, p+"attn_ln", width)
		q := byHead(b.op("Mul", b.linear(y, p+"attn.query", width, width, true), scale), 0, 2, 1, 3)
		k := byHead(b.linear(y, p+"attn.key", width, width, false), 0, 2, 3, 1)
		v := byHead(b.linear(y, p+"attn.value", width, width, true), 0, 2, 1, 3)
		share := g.Op("Softmax", []onnx.Value{b.op("MatMul", q, k)}, onnx.Int("axis", -1))
		heard := g.Op("Transpose", []onnx.Value{b.op("MatMul", share, v)}, onnx.Ints("perm", 0, 2, 1, 3))
		x = b.op("Add", x, b.linear(b.op("Reshape", heard, join), p+"attn.out", width, width, true))

		y = b.op("Gelu", b.linear(b.norm(x, p+"mlp_ln", width), p+"mlp.0", 4*width, width, true))
		x = b.op("Add", x, b.linear(y, p+"mlp.2", width, 4*width, true))
	}
	g.Output(Output, b.norm(x, "encoder.ln_post", width), onnx.F32, onnx.Size(1), onnx.Size(positions), onnx.Size(width))
}

// convolution has three taps and keeps the length, divided by stride.
func (b *builder) convolution(x onnx.Value, name string, out, in, stride int) onnx.Value {
	return b.graph.Op("Conv", []onnx.Value{x, b.weights(name+".weight", out, in, 3), b.weights(name+".bias", out)},
		onnx.Ints("kernel_shape", 3), onnx.Ints("pads", 1, 1), onnx.Ints("strides", stride))
}

func (b *builder) norm(x onnx.Value, name string, width int) onnx.Value {
	return b.graph.Op("LayerNormalization", []onnx.Value{x, b.weights(name+".weight", width), b.weights(name+".bias", width)},
		onnx.Int("axis", -1), onnx.Float("epsilon", 1e-5))
}

// linear multiplies by a matrix of out rows, as checkpoints keep them.
func (b *builder) linear(x onnx.Value, name string, out, in int, bias bool) onnx.Value {
	w := b.graph.Op("Transpose", []onnx.Value{b.weights(name+".weight", out, in)}, onnx.Ints("perm", 1, 0))
	x = b.op("MatMul", x, w)
	if bias {
		x = b.op("Add", x, b.weights(name+".bias", out))
	}
	return x
}

// weights puts a tensor of the file into the network, as it is stored; the network works in f32.
func (b *builder) weights(name string, shape ...int) onnx.Value {
	t, ok := b.tensors[name]
	elements := int64(1)
	for _, d := range shape {
		elements *= int64(d)
	}
	kind, size := onnx.F32, int64(4)
	switch t.Type {
	case ggml.F16:
		kind, size = onnx.F16, 2
	case ggml.BF16:
		kind, size = onnx.BF16, 2
	case ggml.F32:
	default:
		b.fail(ErrUnsupported)
	}
	// Biases of convolutions are stored with a dimension of one beside their length.
	if !ok || t.Size != elements*size {
		b.fail(fmt.Errorf("tensor %q is not there, or not of shape %v", name, shape))
	}
	v := b.graph.Weights(name, kind, shape, func(w io.Writer) error {
		_, err := io.Copy(w, b.file.Data(t))
		return err
	})
	if kind == onnx.F32 {
		return v
	}
	return b.graph.Op("Cast", []onnx.Value{v}, onnx.Int("to", int(onnx.F32)))
}

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}
