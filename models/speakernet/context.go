package speakernet

import "github.com/referent/referent/models/onnx"

// gates are the two matrices by which the dense layers look at their neighbourhood. The frames are cut in
// stretches of 100; the last may be shorter.
type gates struct {
	gather onnx.Value // [frames, stretches]: mean of a stretch plus mean of all frames
	spread onnx.Value // [stretches, frames]: 1 where the frame is of the stretch
}

// gates makes the matrices from the number of frames that x [segments, channels, frames] has. They are made
// once in a run, and make two small matrix products of what PyTorch does by pooling, padding and copying.
func (n network) gates(x onnx.Value) gates {
	number := func(name string, v int64) onnx.Value { return n.Ints("gates."+name, nil, []int64{v}) }
	zero, one := number("zero", 0), number("one", 1)
	stretch := number("stretch", context)
	rest := number("rest", context-1)
	first := n.Ints("gates.first", []int{1}, []int64{0})
	second := n.Ints("gates.second", []int{1}, []int64{1})

	frames := n.Op("Squeeze", []onnx.Value{n.Op("Shape", []onnx.Value{x}, onnx.Int("start", 2))})
	ofFrame := n.Op("Div", []onnx.Value{n.Op("Range", []onnx.Value{zero, frames, one}), stretch})
	count := n.Op("Div", []onnx.Value{n.Op("Add", []onnx.Value{frames, rest}), stretch})
	stretches := n.Op("Range", []onnx.Value{zero, count, one})
	same := n.Op("Equal", []onnx.Value{
		n.Op("Unsqueeze", []onnx.Value{stretches, second}), n.Op("Unsqueeze", []onnx.Value{ofFrame, first})})
	spread := n.float(same)
	mean := n.Op("Div", []onnx.Value{spread, n.Op("ReduceSum", []onnx.Value{spread, second}, onnx.Int("keepdims", 1))})
	whole := n.Op("Reciprocal", []onnx.Value{n.float(frames)})
	gather := n.Op("Transpose", []onnx.Value{n.Op("Add", []onnx.Value{mean, whole})}, onnx.Ints("perm", 1, 0))
	return gates{gather, spread}
}

func (n network) float(x onnx.Value) onnx.Value {
	return n.Op("Cast", []onnx.Value{x}, onnx.Int("to", int(onnx.F32)))
}

// statistics gives [segments, 2 x channels]: each channel's mean and standard deviation over the frames, with
// the divisor of a sample's. A single frame has no deviation.
func (n network) statistics(x onnx.Value) onnx.Value {
	mean := n.Op("ReduceMean", []onnx.Value{x}, onnx.Ints("axes", -1), onnx.Int("keepdims", 1))
	square := n.Op("ReduceSumSquare", []onnx.Value{n.Op("Sub", []onnx.Value{x, mean})}, onnx.Ints("axes", -1), onnx.Int("keepdims", 1))
	one := n.Ints("statistics.one", []int{1}, []int64{1})
	frames := n.Op("Shape", []onnx.Value{x}, onnx.Int("start", 2))
	degrees := n.Op("Max", []onnx.Value{n.Op("Sub", []onnx.Value{frames, one}), one})
	deviation := n.Op("Sqrt", []onnx.Value{n.Op("Div", []onnx.Value{square, n.float(degrees)})})
	both := n.Op("Concat", []onnx.Value{mean, deviation}, onnx.Int("axis", 1))
	return n.Op("Squeeze", []onnx.Value{both, n.Ints("statistics.time", []int{1}, []int64{2})})
}
