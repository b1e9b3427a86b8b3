package vad

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// errWeights is what is wrong with a file that is not Silero's network.
var errWeights = errors.New("not Silero's network for 16 kHz")

// weights are the constants of a network by name.
type weights map[string]constant

type constant struct {
	shape []int
	v     []float32
}

// Field numbers of the messages of onnx.proto, and the type of a 32-bit number.
const (
	modelGraph    = 7
	graphConstant = 5
	constantDims  = 1
	constantType  = 2
	constantName  = 8
	constantRaw   = 9
	float32Type   = 1
)

// readWeights finds the 32-bit constants of an ONNX file; all else in it is passed over.
func readWeights(file []byte) (weights, error) {
	found := weights{}
	err := messages(file, modelGraph, func(graph []byte) error {
		return messages(graph, graphConstant, func(b []byte) error {
			name, c, err := readConstant(b)
			if err == nil && c.v != nil {
				found[name] = c
			}
			return err
		})
	})
	return found, err
}

// messages calls f with each field of the number given that holds bytes.
func messages(b []byte, number protowire.Number, f func([]byte) error) error {
	return fields(b, func(n protowire.Number, value []byte, _ uint64) error {
		if n != number || value == nil {
			return nil
		}
		return f(value)
	})
}

// fields calls f with each field of a message: with its bytes, never nil, or with its number.
func fields(b []byte, f func(n protowire.Number, value []byte, number uint64) error) error {
	for len(b) > 0 {
		n, kind, size := protowire.ConsumeTag(b)
		if size < 0 {
			return errWeights
		}
		b = b[size:]
		var value []byte
		var number uint64
		switch kind {
		case protowire.BytesType:
			if value, size = protowire.ConsumeBytes(b); value == nil {
				value = []byte{}
			}
		case protowire.VarintType:
			number, size = protowire.ConsumeVarint(b)
		default:
			size = protowire.ConsumeFieldValue(n, kind, b)
		}
		if size < 0 {
			return errWeights
		}
		b = b[size:]
		if err := f(n, value, number); err != nil {
			return err
		}
	}
	return nil
}

// readConstant reads one; v is nil for one of another type.
func readConstant(b []byte) (name string, c constant, err error) {
	var raw []byte
	var kind uint64
	size := uint64(4)
	err = fields(b, func(n protowire.Number, value []byte, number uint64) error {
		switch {
		case n == constantDims && value == nil:
			if number > math.MaxInt32 || size > math.MaxInt32 {
				return errWeights
			}
			c.shape = append(c.shape, int(number))
			size *= number
		case n == constantType && value == nil:
			kind = number
		case n == constantName:
			name = string(value)
		case n == constantRaw:
			raw = value
		}
		return nil
	})
	if err != nil || kind != float32Type {
		return name, constant{}, err
	}
	if uint64(len(raw)) != size {
		return name, constant{}, errWeights
	}
	c.v = make([]float32, len(raw)/4)
	for i := range c.v {
		c.v[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return name, c, nil
}

// get gives the constant of a name, which must have this shape.
func (w weights) get(name string, shape ...int) ([]float32, error) {
	c, ok := w[name]
	if !ok || !slices.Equal(c.shape, shape) {
		return nil, fmt.Errorf("constant %q is missing or has the shape %v: %w", name, c.shape, errWeights)
	}
	return c.v, nil
}
