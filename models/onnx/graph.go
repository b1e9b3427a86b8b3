package onnx

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// Type is how a tensor's numbers are stored, by ONNX's own numbers.
type Type int32

// The types that are written. F16 and BF16 are given as their bits.
const (
	F32  Type = 1
	U8   Type = 2
	I8   Type = 3
	I32  Type = 6
	I64  Type = 7
	Bool Type = 9
	F16  Type = 10
	BF16 Type = 16
)

func (t Type) size() int64 {
	switch t {
	case U8, I8, Bool:
		return 1
	case F16, BF16:
		return 2
	case F32, I32:
		return 4
	case I64:
		return 8
	}
	return 0
}

// Value is a tensor of one graph: an input, a weight, or what an operator gives.
type Value int

// None stands for an optional input of an operator that is left out.
const None Value = 0

// Dim is one dimension of an input or output: a fixed size, or a name for one that differs from run to
// run. Equal names mean equal sizes.
type Dim struct {
	size int64
	name string
}

// Size is a dimension that never changes.
func Size(n int) Dim { return Dim{size: int64(n)} }

// Any is a dimension that the caller chooses.
func Any(name string) Dim { return Dim{name: name} }

// Graph is a network under construction. The zero value is not usable; see [NewGraph].
type Graph struct {
	name    string
	values  []value // by Value; the first is None
	nodes   []node
	weights []weight
	inputs  []port
	outputs []port
	names   map[string]bool // inputs, outputs and weights
	err     error
}

type origin int

const (
	nothing origin = iota
	fromInput
	fromWeight
	fromNode
)

type value struct {
	from origin
	name string // "" for what a node gives and no output is called
}

type node struct {
	op      string
	in, out []Value
	attrs   []Attr
}

type weight struct {
	name  string
	kind  Type
	shape []int
	size  int64 // bytes
	write func(io.Writer) error
}

type port struct {
	value Value
	kind  Type
	dims  []Dim
}

// NewGraph starts an empty network.
func NewGraph(name string) *Graph {
	return &Graph{name: name, values: []value{{}}, names: map[string]bool{}}
}

// Name is what the graph was called when it was started.
func (g *Graph) Name() string { return g.name }

// Err is the first mistake made in building the graph, nil if there is none.
func (g *Graph) Err() error { return g.err }

func (g *Graph) fail(format string, args ...any) {
	if g.err == nil {
		g.err = fmt.Errorf("onnx: build %s: %w", g.name, fmt.Errorf(format, args...))
	}
}

func (g *Graph) value(v value) Value {
	g.values = append(g.values, v)
	return Value(len(g.values) - 1)
}

// claim takes a name that a person may meet; each may be used once.
func (g *Graph) claim(name string) {
	if name == "" || g.names[name] {
		g.fail("the name %q is empty or used twice", name)
	}
	g.names[name] = true
}

// Input declares what the caller gives to the network.
func (g *Graph) Input(name string, kind Type, dims ...Dim) Value {
	g.claim(name)
	v := g.value(value{fromInput, name})
	g.inputs = append(g.inputs, port{v, kind, dims})
	return v
}

// Output declares what the network gives to the caller: a value that an operator made, under a name.
func (g *Graph) Output(name string, v Value, kind Type, dims ...Dim) {
	g.claim(name)
	if !g.known(v) || g.values[v].from != fromNode || g.values[v].name != "" {
		g.fail("output %q is not the unnamed result of an operator", name)
		return
	}
	g.values[v].name = name
	g.outputs = append(g.outputs, port{v, kind, dims})
}

func (g *Graph) known(v Value) bool { return v > None && int(v) < len(g.values) }

// Op adds an operator with one result. The inputs stand in the order of ONNX's description of the
// operator; None leaves one out.
func (g *Graph) Op(op string, in []Value, attrs ...Attr) Value {
	return g.Ops(op, 1, in, attrs...)[0]
}

// Ops adds an operator with several results.
func (g *Graph) Ops(op string, results int, in []Value, attrs ...Attr) []Value {
	for _, v := range in {
		if v != None && !g.known(v) {
			g.fail("an input of %s is not a value of this graph", op)
		}
	}
	n := node{op: op, in: in, attrs: attrs}
	for range results {
		n.out = append(n.out, g.value(value{from: fromNode}))
	}
	g.nodes = append(g.nodes, n)
	return n.out
}

// Weights adds a constant of any type whose bytes (little-endian, the last dimension running fastest)
// are written by a function, once for each [Model.Write]: large weights need not lie in memory. An empty
// shape is a single number.
func (g *Graph) Weights(name string, kind Type, shape []int, write func(io.Writer) error) Value {
	size := kind.size()
	if size == 0 {
		g.fail("weights %q have an unknown type %d", name, kind)
	}
	for _, d := range shape {
		if d < 0 || d > 0 && size > math.MaxInt64/int64(d) {
			g.fail("weights %q have the shape %v", name, shape)
			return None
		}
		size *= int64(d)
	}
	g.claim(name)
	g.weights = append(g.weights, weight{name, kind, shape, size, write})
	return g.value(value{fromWeight, name})
}

// Floats adds a constant of F32.
func (g *Graph) Floats(name string, shape []int, v []float32) Value {
	return constant(g, name, F32, shape, v)
}

// Ints adds a constant of I64, the type of shapes, axes and indices.
func (g *Graph) Ints(name string, shape []int, v []int64) Value {
	return constant(g, name, I64, shape, v)
}

// Halves adds a constant of F16 or BF16, given as bits.
func (g *Graph) Halves(name string, kind Type, shape []int, bits []uint16) Value {
	if kind != F16 && kind != BF16 {
		g.fail("weights %q are not of 16 bits", name)
	}
	return constant(g, name, kind, shape, bits)
}

// Int8s adds a constant of I8.
func (g *Graph) Int8s(name string, shape []int, v []int8) Value {
	return constant(g, name, I8, shape, v)
}

// Uint8s adds a constant of U8.
func (g *Graph) Uint8s(name string, shape []int, v []uint8) Value {
	return constant(g, name, U8, shape, v)
}

func constant[T any](g *Graph, name string, kind Type, shape []int, v []T) Value {
	n := 1
	for _, d := range shape {
		n *= d
	}
	if n != len(v) {
		g.fail("weights %q are %d numbers for the shape %v", name, len(v), shape)
	}
	return g.Weights(name, kind, shape, func(w io.Writer) error {
		return binary.Write(w, binary.LittleEndian, v)
	})
}
