package onnx

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrTooLarge is returned for a network of two gigabytes or more, which one ONNX file cannot hold.
var ErrTooLarge = errors.New("a network of two gigabytes or more")

// Model is a network with what stands around it in a file.
type Model struct {
	Graph *Graph
	// Opset is the version of ONNX's operators that the graph is written for; 17 when it is 0.
	Opset int
	// Producer and Version say what wrote the file.
	Producer, Version string
	// About is kept in the file as it is: licence, source.
	About map[string]string
}

// Field numbers of the messages of onnx.proto.
const (
	modelIR, modelProducer, modelVersion, modelGraph, modelOpset, modelAbout = 1, 2, 3, 7, 8, 14
	opsetVersion                                                             = 2
	aboutKey, aboutValue                                                     = 1, 2
	graphNode, graphName, graphWeight, graphInput, graphOutput               = 1, 2, 5, 11, 12
	nodeIn, nodeOut, nodeName, nodeOp, nodeAttr                              = 1, 2, 3, 4, 5
	tensorDims, tensorType, tensorName, tensorRaw                            = 1, 2, 8, 9
	portName, portType, typeTensor                                           = 1, 2, 1
	tensorElem, tensorShape, shapeDim, dimSize, dimName                      = 1, 2, 1, 1, 2
)

// irVersion is the oldest form of the file that knows opset 17 and later ones that we use.
const irVersion = 8

// Write writes the network and returns how many bytes it took. Nothing is written when the graph has a
// mistake. ErrTooLarge; otherwise errors of w, or of the functions that give weights.
func (m Model) Write(w io.Writer) (int64, error) {
	g := m.Graph
	if err := g.check(); err != nil {
		return 0, err
	}
	head := g.head()
	size := int64(len(head))
	weights := make([][]byte, len(g.weights))
	for i, x := range g.weights {
		weights[i] = x.head()
		if x.size > math.MaxInt32 {
			return 0, fmt.Errorf("onnx: write %s: %w", g.name, ErrTooLarge)
		}
		inside := int64(len(weights[i])) + x.size
		weights[i] = append(openMessage(nil, graphWeight, inside), weights[i]...)
		size += int64(len(weights[i])) + x.size
	}
	opset := m.Opset
	if opset == 0 {
		opset = 17
	}
	start := appendInt(nil, modelIR, irVersion)
	start = appendText(start, modelProducer, m.Producer)
	start = appendText(start, modelVersion, m.Version)
	start = appendMessage(start, modelOpset, appendInt(nil, opsetVersion, int64(opset)))
	for _, key := range slices.Sorted(maps.Keys(m.About)) {
		start = appendMessage(start, modelAbout, appendText(appendText(nil, aboutKey, key), aboutValue, m.About[key]))
	}
	start = openMessage(start, modelGraph, size)
	if int64(len(start))+size > math.MaxInt32 {
		return 0, fmt.Errorf("onnx: write %s: %w", g.name, ErrTooLarge)
	}
	out := &counter{w: bufio.NewWriterSize(w, 1<<16)}
	out.put(append(start, head...))
	for i, x := range g.weights {
		out.put(weights[i])
		if err := out.fill(x); err != nil {
			return out.n, fmt.Errorf("onnx: write %s: weights %q: %w", g.name, x.name, err)
		}
	}
	if out.err == nil {
		out.err = out.w.Flush()
	}
	return out.n, out.err
}

// check looks once more at what can only be seen when the graph is finished.
func (g *Graph) check() error {
	if len(g.outputs) == 0 {
		g.fail("it has no output")
	}
	return g.err
}

// head is the graph without its weights.
func (g *Graph) head() []byte {
	var b []byte
	counts := map[string]int{}
	for _, n := range g.nodes {
		counts[n.op]++
		b = appendMessage(b, graphNode, g.encodeNode(n, n.op+"_"+strconv.Itoa(counts[n.op])))
	}
	b = appendText(b, graphName, g.name)
	for _, p := range g.inputs {
		b = appendMessage(b, graphInput, g.encodePort(p))
	}
	for _, p := range g.outputs {
		b = appendMessage(b, graphOutput, g.encodePort(p))
	}
	return b
}

// label is the name of a value in the file. Those that nobody named are numbered, with a mark that keeps
// them apart from names given by people.
func (g *Graph) label(v Value) string {
	if v == None {
		return ""
	}
	if name := g.values[v].name; name != "" {
		return name
	}
	return "%" + strconv.Itoa(int(v))
}

func (g *Graph) encodeNode(n node, name string) []byte {
	var b []byte
	for _, v := range n.in {
		// An empty name is an input left out, and must be there to hold its place.
		b = protowire.AppendTag(b, nodeIn, protowire.BytesType)
		b = protowire.AppendString(b, g.label(v))
	}
	for _, v := range n.out {
		b = appendText(b, nodeOut, g.label(v))
	}
	b = appendText(b, nodeName, name)
	b = appendText(b, nodeOp, n.op)
	for _, a := range n.attrs {
		b = appendMessage(b, nodeAttr, a.encode())
	}
	return b
}

func (g *Graph) encodePort(p port) []byte {
	var shape []byte
	for _, d := range p.dims {
		one := appendText(nil, dimName, d.name)
		if d.name == "" {
			one = appendInt(nil, dimSize, d.size)
		}
		shape = appendMessage(shape, shapeDim, one)
	}
	tensor := appendInt(nil, tensorElem, int64(p.kind))
	tensor = appendMessage(tensor, tensorShape, shape)
	b := appendText(nil, portName, g.label(p.value))
	return appendMessage(b, portType, appendMessage(nil, typeTensor, tensor))
}

// head is the TensorProto up to its bytes.
func (x weight) head() []byte {
	var b []byte
	for _, d := range x.shape {
		b = appendInt(b, tensorDims, int64(d))
	}
	b = appendInt(b, tensorType, int64(x.kind))
	b = appendText(b, tensorName, x.name)
	return openMessage(b, tensorRaw, x.size)
}

func appendInt(b []byte, field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}

// appendText leaves out what is empty, as protocol buffers do.
func appendText(b []byte, field protowire.Number, v string) []byte {
	if v == "" {
		return b
	}
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), v)
}

func appendMessage(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}

// openMessage starts a message of size bytes that will follow.
func openMessage(b []byte, field protowire.Number, size int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.BytesType), uint64(size))
}

// counter counts what is written; the first error sticks.
type counter struct {
	w   *bufio.Writer
	n   int64
	err error
}

func (c *counter) Write(b []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.w.Write(b)
	c.n += int64(n)
	c.err = err
	return n, err
}

func (c *counter) put(b []byte) { _, _ = c.Write(b) } // the error sticks

// fill writes a weight's bytes, which must be as many as its shape says.
func (c *counter) fill(x weight) error {
	if c.err != nil {
		return c.err
	}
	before := c.n
	if err := x.write(c); err != nil {
		return err
	}
	if got := c.n - before; got != x.size {
		return fmt.Errorf("%d bytes instead of %d", got, x.size)
	}
	return nil
}
