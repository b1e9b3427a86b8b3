package ort

import (
	"runtime"

	onnx "github.com/yalue/onnxruntime_go"

	"github.com/referent/referent"
)

// Number is what tensors may hold.
type Number interface {
	float32 | int64 | int32 | uint8
}

// Value is what Run takes: a *Tensor or a *Scalar.
type Value interface {
	value() onnx.Value
}

// Tensor is memory with a shape, made once and used for any number of runs. Runs at the same time may
// share one that all of them only read.
type Tensor[T Number] struct{ t *onnx.Tensor[T] }

// NewTensor makes a tensor of zeros with at least one dimension. A library must be loaded.
func NewTensor[T Number](shape ...int64) (*Tensor[T], error) {
	t, err := onnx.NewEmptyTensor[T](shape)
	if err != nil {
		return nil, referent.E(referent.CodeInternal, "ort: make tensor", err)
	}
	return hold(t), nil
}

// Wrap makes a tensor of the memory in data, which may be longer than the shape asks for. This is how
// one buffer serves inputs of different lengths: it costs next to nothing.
func Wrap[T Number](data []T, shape ...int64) (*Tensor[T], error) {
	t, err := onnx.NewTensor(shape, data)
	if err != nil {
		return nil, referent.E(referent.CodeInternal, "ort: wrap tensor", err)
	}
	return hold(t), nil
}

// hold sees to it that a tensor which nobody closes is freed in the end.
func hold[T Number](t *onnx.Tensor[T]) *Tensor[T] {
	out := &Tensor[T]{t}
	runtime.SetFinalizer(out, (*Tensor[T]).Close)
	return out
}

// Data is the tensor's numbers, those of the last dimension side by side. Writing to it fills the tensor.
func (t *Tensor[T]) Data() []T { return t.t.GetData() }

// Shape is the tensor's dimensions.
func (t *Tensor[T]) Shape() []int64 { return t.t.GetShape() }

// Close frees the tensor. Closing it twice, or closing nil, does nothing.
func (t *Tensor[T]) Close() {
	if t != nil && t.t != nil {
		_ = t.t.Destroy() // it cannot fail
		t.t = nil
	}
}

func (t *Tensor[T]) value() onnx.Value { return t.t }

// Scalar is one number without dimensions that does not change.
type Scalar[T Number] struct{ s *onnx.Scalar[T] }

// NewScalar makes a scalar. A library must be loaded.
func NewScalar[T Number](n T) (*Scalar[T], error) {
	s, err := onnx.NewScalar(n)
	if err != nil {
		return nil, referent.E(referent.CodeInternal, "ort: make scalar", err)
	}
	return &Scalar[T]{s}, nil
}

// Close frees the scalar. Closing it twice, or closing nil, does nothing.
func (s *Scalar[T]) Close() {
	if s != nil && s.s != nil {
		_ = s.s.Destroy() // it cannot fail
		s.s = nil
	}
}

func (s *Scalar[T]) value() onnx.Value { return s.s }
