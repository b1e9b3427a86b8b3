package vad

import (
	"errors"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// file is an ONNX file with one constant.
func file(name string, kind uint64, raw []byte, shape ...uint64) []byte {
	message := func(n protowire.Number, inside []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), inside)
	}
	number := func(n protowire.Number, v uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), v)
	}
	c := slices.Concat(message(constantName, []byte(name)), number(constantType, kind), message(constantRaw, raw))
	for _, d := range shape {
		c = append(c, number(constantDims, d)...)
	}
	return slices.Concat(number(1, 8), message(modelGraph, slices.Concat(message(2, []byte("graph")), message(graphConstant, c))))
}

func TestReadWeights(t *testing.T) {
	numbers := []byte{0, 0, 128, 63, 0, 0, 0, 192} // 1, -2
	for name, c := range map[string]struct {
		file []byte
		want weights
		err  error
	}{
		"a row":               {file("x", float32Type, numbers, 1, 2), weights{"x": {[]int{1, 2}, []float32{1, -2}}}, nil},
		"another type":        {file("x", 7, numbers, 1), weights{}, nil},
		"nothing":             {nil, weights{}, nil},
		"less than its shape": {file("x", float32Type, numbers, 3), nil, errWeights},
		"more than its shape": {file("x", float32Type, numbers, 1), nil, errWeights},
		"a huge shape":        {file("x", float32Type, numbers, 1<<31, 1<<31, 1<<31), nil, errWeights},
		"a shape that wraps":  {file("x", float32Type, numbers, 1<<31-1, 1<<31-1, 1<<31-1, 2), nil, errWeights},
		"text":                {[]byte("this is no network"), nil, errWeights},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readWeights(c.file)
			if !errors.Is(err, c.err) {
				t.Fatalf("got %v, want %v", err, c.err)
			}
			if c.err == nil && len(got) != len(c.want) {
				t.Fatalf("got %v, want %v", got, c.want)
			}
			for k, w := range c.want {
				if g := got[k]; !slices.Equal(g.shape, w.shape) || !slices.Equal(g.v, w.v) {
					t.Errorf("%q is %v, want %v", k, g, w)
				}
			}
		})
	}
	if _, err := (weights{}).network(); !errors.Is(err, errWeights) {
		t.Errorf("a network without weights gave %v", err)
	}
}

// The file may come from anywhere.
func FuzzReadWeights(f *testing.F) {
	f.Add(file("x", float32Type, []byte{0, 0, 128, 63}, 1))
	f.Add(file("x", 7, []byte{1}, 1))
	f.Add([]byte("this is no network"))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := readWeights(b)
		for name, c := range w {
			n := 1
			for _, d := range c.shape {
				n *= d
			}
			if err == nil && n != len(c.v) || 4*len(c.v) > len(b) {
				t.Fatalf("%q has %d numbers and the shape %v, of %d bytes", name, len(c.v), c.shape, len(b))
			}
		}
	})
}
