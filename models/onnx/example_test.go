package onnx_test

import (
	"bytes"
	"fmt"

	"github.com/referent/referent/models/onnx"
)

// A layer norm after a linear layer, as an encoder has them.
func Example() {
	g := onnx.NewGraph("layer")
	x := g.Input("x", onnx.F32, onnx.Any("frames"), onnx.Size(2))
	weight := g.Floats("weight", []int{2, 2}, []float32{1, 2, 3, 4})
	bias := g.Floats("bias", []int{2}, []float32{0.5, -0.5})
	x = g.Op("Gemm", []onnx.Value{x, weight, bias}, onnx.Int("transB", 1))
	gain := g.Floats("gain", []int{2}, []float32{1, 1})
	x = g.Op("LayerNormalization", []onnx.Value{x, gain}, onnx.Int("axis", -1), onnx.Float("epsilon", 1e-5))
	g.Output("y", x, onnx.F32, onnx.Any("frames"), onnx.Size(2))

	var file bytes.Buffer
	n, err := onnx.Model{Graph: g, Producer: "referent"}.Write(&file)
	fmt.Println(n == int64(file.Len()), err)
	// Output: true <nil>
}
