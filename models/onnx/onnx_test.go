package onnx

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	ort "github.com/yalue/onnxruntime_go"
	"google.golang.org/protobuf/encoding/protowire"
)

func write(t *testing.T, m Model) []byte {
	t.Helper()
	var out bytes.Buffer
	n, err := m.Write(&out)
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(out.Len()) {
		t.Errorf("%d bytes are said to be written, %d are", n, out.Len())
	}
	return out.Bytes()
}

// everything is a graph with weights of every type and attributes of every kind.
func everything() *Graph {
	g := NewGraph("everything")
	x := g.Input("x", F32, Any("rows"), Size(4))
	// Rows scaled by bytes, through each type in turn; what each step does can be computed by hand.
	x = g.Op("Mul", []Value{x, g.Floats("two", nil, []float32{2})})
	cast := func(v Value) Value { return g.Op("Cast", []Value{v}, Int("to", int(F32))) }
	x = g.Op("Add", []Value{x, cast(g.Halves("half", F16, []int{4}, []uint16{0x3c00, 0x4000, 0x4200, 0x4400}))}) // 1 2 3 4
	x = g.Op("Add", []Value{x, cast(g.Halves("brain", BF16, []int{1}, []uint16{0x42c8}))})                       // 100
	x = g.Op("Add", []Value{x, cast(g.Int8s("signed", []int{4}, []int8{-128, -1, 0, 127}))})
	x = g.Op("Add", []Value{x, cast(g.Uint8s("unsigned", []int{4}, []uint8{0, 1, 128, 255}))})
	x = g.Op("Unsqueeze", []Value{x, g.Ints("first", []int{1}, []int64{0})})
	x = g.Op("Pad", []Value{x, g.Ints("pads", []int{6}, []int64{0, 0, 1, 0, 0, 0}), None}, String("mode", "edge"))
	x = g.Op("Squeeze", []Value{x})
	x = g.Op("Clip", []Value{x, None, g.Floats("roof", nil, []float32{490})})
	x = g.Op("LeakyRelu", []Value{x}, Float("alpha", 0.5))
	x = g.Op("Transpose", []Value{x}, Ints("perm", 1, 0))
	zeros := g.Op("ConstantOfShape", []Value{g.Op("Shape", []Value{x})}, Scalar("value", 0.25))
	x = g.Op("Add", []Value{x, zeros})
	both := g.Ops("Split", 2, []Value{x, g.Ints("lengths", []int{2}, []int64{1, 4})}, Int("axis", 0))
	g.Output("head", both[0], F32, Size(1), Any("rows"))
	g.Output("rest", both[1], F32, Size(4), Any("rows"))
	return g
}

// ONNX Runtime reads every kind of weight and attribute as it was meant.
func TestRuntimeReadsIt(t *testing.T) {
	raw := write(t, Model{Graph: everything(), Producer: "referent", Version: "7", About: map[string]string{"licence": "MIT", "a": "b"}})
	if !ort.IsInitialized() {
		ort.SetSharedLibraryPath(library(t))
		if err := ort.InitializeEnvironment(); err != nil {
			t.Fatal(err)
		}
	}
	inputs, outputs, err := ort.GetInputOutputInfoWithONNXData(raw)
	if err != nil {
		t.Fatal(err)
	}
	if len(inputs) != 1 || inputs[0].Name != "x" || !slices.Equal(inputs[0].Dimensions, ort.NewShape(-1, 4)) ||
		len(outputs) != 2 || outputs[0].Name != "head" || outputs[1].Name != "rest" {
		t.Errorf("inputs %v, outputs %v", inputs, outputs)
	}
	s, err := ort.NewDynamicAdvancedSessionWithONNXData(raw, []string{"x"}, []string{"head", "rest"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Destroy()
	in, err := ort.NewTensor(ort.NewShape(2, 4), []float32{0, 0, 0, 0, -100, 1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Destroy()
	out := []ort.Value{nil, nil}
	if err := s.Run([]ort.Value{in}, out); err != nil {
		t.Fatal(err)
	}
	// Row one: -27, 102, 231, 486; row two: -227, 104, 235, 492. The pad doubles the first column, the
	// roof is 490, the leak halves what is below zero, and a quarter is added.
	for i, want := range [][]float32{{-13.25, -113.25}, {-13.25, -113.25, 102.25, 104.25, 231.25, 235.25, 486.25, 490.25}} {
		if got := out[i].(*ort.Tensor[float32]).GetData(); !slices.Equal(got, want) {
			t.Errorf("output %d is %v, want %v", i, got, want)
		}
		defer out[i].Destroy()
	}
}

func library(t *testing.T) string {
	t.Helper()
	cache := os.Getenv("REFERENT_CACHE")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			t.Fatal(err)
		}
		cache = filepath.Join(home, ".cache", "referent")
	}
	found, err := filepath.Glob(filepath.Join(cache, "models", "libonnxruntime.so.*[0-9]"))
	if err != nil || len(found) == 0 {
		t.Fatal("ONNX Runtime is not here: run `make weights` once (make test does it), which brings it to the cache")
	}
	return found[0]
}

func TestEqualGraphsGiveEqualBytes(t *testing.T) {
	about := map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"}
	first := write(t, Model{Graph: everything(), About: about})
	for range 10 {
		if !bytes.Equal(first, write(t, Model{Graph: everything(), About: about})) {
			t.Fatal("other bytes")
		}
	}
}

// fields reads the numbers and messages of one level of a protocol buffer.
func fields(t *testing.T, b []byte) (numbers map[protowire.Number]uint64, messages map[protowire.Number][][]byte) {
	t.Helper()
	numbers, messages = map[protowire.Number]uint64{}, map[protowire.Number][][]byte{}
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		switch kind {
		case protowire.VarintType:
			v, n := protowire.ConsumeVarint(b)
			numbers[field], b = v, b[n:]
		case protowire.BytesType:
			v, n := protowire.ConsumeBytes(b)
			messages[field], b = append(messages[field], v), b[n:]
		default:
			t.Fatalf("field %d of kind %d", field, kind)
		}
	}
	return numbers, messages
}

func TestHeadOfTheFile(t *testing.T) {
	for opset, want := range map[int]uint64{0: 17, 14: 14} {
		numbers, messages := fields(t, write(t, Model{Graph: everything(), Opset: opset, Producer: "p", Version: "v", About: map[string]string{"z": "1", "a": "2"}}))
		if numbers[modelIR] != irVersion || string(messages[modelProducer][0]) != "p" || string(messages[modelVersion][0]) != "v" {
			t.Errorf("%v, %q", numbers, messages[modelProducer])
		}
		if v, _ := fields(t, messages[modelOpset][0]); v[opsetVersion] != want {
			t.Errorf("opset %d, want %d", v[opsetVersion], want)
		}
		if _, first := fields(t, messages[modelAbout][0]); len(messages[modelAbout]) != 2 || string(first[aboutKey][0]) != "a" || string(first[aboutValue][0]) != "2" {
			t.Errorf("about: %q", messages[modelAbout])
		}
		_, graph := fields(t, messages[modelGraph][0])
		if string(graph[graphName][0]) != "everything" || len(graph[graphWeight]) != 9 || len(graph[graphInput]) != 1 || len(graph[graphOutput]) != 2 {
			t.Errorf("graph: %d weights, %d inputs, %d outputs", len(graph[graphWeight]), len(graph[graphInput]), len(graph[graphOutput]))
		}
	}
}

func TestMistakesAreReported(t *testing.T) {
	none := func(io.Writer) error { return nil }
	for says, build := range map[string]func(g *Graph){
		"no output":                 func(g *Graph) { g.Input("x", F32) },
		"used twice":                func(g *Graph) { g.Floats("x", nil, []float32{1}); g.Output("x", g.Op("Relu", nil), F32) },
		"is empty or":               func(g *Graph) { g.Output("", g.Op("Relu", nil), F32) },
		"unnamed result":            func(g *Graph) { g.Output("y", g.Input("x", F32), F32) },
		"\"z\" is not the unnamed":  func(g *Graph) { y := g.Op("Relu", nil); g.Output("y", y, F32); g.Output("z", y, F32) },
		"not a value of this graph": func(g *Graph) { g.Output("y", g.Op("Relu", []Value{77}), F32) },
		"unknown type":              func(g *Graph) { g.Weights("w", 99, nil, none) },
		"3 numbers for the shape":   func(g *Graph) { g.Floats("w", []int{2}, make([]float32, 3)) },
		"have the shape [-1]":       func(g *Graph) { g.Weights("w", F32, []int{-1}, none) },
		"have the shape [1099":      func(g *Graph) { g.Weights("w", F32, []int{1 << 40, 1 << 40}, none) },
		"not of 16 bits":            func(g *Graph) { g.Halves("w", F32, nil, []uint16{1}) },
	} {
		g := NewGraph("wrong")
		build(g)
		var out bytes.Buffer
		_, err := Model{Graph: g}.Write(&out)
		if err == nil || !strings.Contains(err.Error(), says) || out.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", says, err, out.Len())
		}
		if says != "no output" && g.Err() == nil {
			t.Errorf("%s: Err is nil", says)
		}
	}
}

func TestWeightsThatFail(t *testing.T) {
	broken := errors.New("the disk is gone")
	for name, c := range map[string]struct {
		write func(io.Writer) error
		says  string
	}{
		"an error": {func(io.Writer) error { return broken }, broken.Error()},
		"short":    {func(w io.Writer) error { _, err := w.Write(make([]byte, 7)); return err }, "7 bytes instead of 8"},
		"long":     {func(w io.Writer) error { _, err := w.Write(make([]byte, 9)); return err }, "9 bytes instead of 8"},
	} {
		g := NewGraph("x")
		g.Output("y", g.Op("Relu", []Value{g.Weights("w", F32, []int{2}, c.write)}), F32)
		if _, err := (Model{Graph: g}).Write(io.Discard); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A file cannot hold two gigabytes, and that is known before anything is written.
func TestTooLarge(t *testing.T) {
	for _, shape := range [][]int{{math.MaxInt32}, {1 << 29, 1}} {
		g := NewGraph("x")
		never := func(io.Writer) error { t.Error("weights were asked for"); return nil }
		g.Output("y", g.Op("Add", []Value{g.Weights("a", U8, shape, never), g.Weights("b", F32, []int{1 << 29}, never)}), F32)
		if _, err := (Model{Graph: g}).Write(io.Discard); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%v: %v", shape, err)
		}
	}
}

// A disk that fills up is said to.
func TestDiskFull(t *testing.T) {
	full := errors.New("no space")
	g := NewGraph("x")
	g.Output("y", g.Op("Relu", []Value{g.Floats("w", []int{1 << 16}, make([]float32, 1<<16))}), F32)
	if _, err := (Model{Graph: g}).Write(failing{full}); !errors.Is(err, full) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
