// Package ggml reads and writes the file that whisper.cpp loads: hyperparameters, mel filters, tokens
// and tensors, one after another, little-endian, without an index.
//
// [Writer] writes such a file in one pass. [Open] reads everything but the weights themselves, which
// stay on disk and are reached through the place it gives for each. [Digest] names the content of a
// file regardless of the order its tensors happen to stand in, so that two conversions of the same
// checkpoint can be compared. What is not here: where weights come from (package checkpoint), and what
// they compute (whisper.cpp).
package ggml

import "fmt"

// magic opens the file: "ggml" as a big-endian word, written little-endian.
const magic = 0x67676d6c

// Limits that a real Whisper file is far inside of, and that keep a hostile one from asking for memory.
const (
	maxVocab    = 1 << 20
	maxTokenLen = 1 << 12
	maxTensors  = 1 << 14
	maxNameLen  = 1 << 8
	maxFilters  = 1 << 20 // coefficients
	maxDims     = 4
	maxElements = 1 << 33
)

// Hyperparameters are the eleven numbers at the head of the file, in file order.
type Hyperparameters struct {
	Vocab      int32 // entries of the token embedding
	AudioCtx   int32 // encoder positions, 1500 for thirty seconds
	AudioState int32 // width of the encoder
	AudioHead  int32
	AudioLayer int32
	TextCtx    int32 // decoder positions, 448
	TextState  int32 // width of the decoder
	TextHead   int32
	TextLayer  int32
	Mels       int32 // 80, or 128 from large-v3 on
	FType      int32 // 0: all f32; 1: matrices f16; others: quantised
}

// Filters are the mel filters: Mels rows of Bins coefficients, row by row.
type Filters struct {
	Mels, Bins int32
	Data       []float32
}

// Type is how a tensor's numbers are stored. The values are ggml's.
type Type int32

// The types that whisper.cpp files use. F32 and F16 are written here; the others are only read.
const (
	F32  Type = 0
	F16  Type = 1
	Q4_0 Type = 2
	Q4_1 Type = 3
	Q5_0 Type = 6
	Q5_1 Type = 7
	Q8_0 Type = 8
	Q2_K Type = 10
	Q3_K Type = 11
	Q4_K Type = 12
	Q5_K Type = 13
	Q6_K Type = 14
	BF16 Type = 30
)

// layouts gives, for each type, how many elements one block holds and how many bytes it takes.
var layouts = map[Type]struct{ elements, bytes int64 }{
	F32: {1, 4}, F16: {1, 2}, BF16: {1, 2},
	Q4_0: {32, 18}, Q4_1: {32, 20}, Q5_0: {32, 22}, Q5_1: {32, 24}, Q8_0: {32, 34},
	Q2_K: {256, 84}, Q3_K: {256, 110}, Q4_K: {256, 144}, Q5_K: {256, 176}, Q6_K: {256, 210},
}

// Tensor says what one tensor is called, how it is shaped and where its bytes lie in the file.
type Tensor struct {
	Name   string
	Type   Type
	Dims   []int32 // ggml's order: the fastest-running dimension first
	Offset int64   // of the first byte of data
	Size   int64   // bytes of data
}

// dataSize is the number of bytes that a tensor of this type and shape takes.
func dataSize(t Type, dims []int32) (int64, error) {
	layout, ok := layouts[t]
	if !ok {
		return 0, fmt.Errorf("tensor type %d is not known", t)
	}
	elements := int64(1)
	for _, d := range dims {
		if d <= 0 {
			return 0, fmt.Errorf("a dimension of %d", d)
		}
		// elements is below 2^33 and d below 2^31, so the product cannot overflow.
		if elements *= int64(d); elements > maxElements {
			return 0, fmt.Errorf("more than %d elements", int64(maxElements))
		}
	}
	if len(dims) == 0 || int64(dims[0])%layout.elements != 0 {
		return 0, fmt.Errorf("a row does not fill blocks of %d", layout.elements)
	}
	return elements / layout.elements * layout.bytes, nil
}
