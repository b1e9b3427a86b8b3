package onnx

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Attr is a setting of an operator that is known when the network is written.
type Attr struct {
	name string
	kind uint64 // AttributeProto.type
	body []byte // the field that carries the value
}

// Field numbers of AttributeProto, and what its type field says of them.
const (
	attrName, attrType                               = 1, 20
	attrF, attrI, attrS, attrT                       = 2, 3, 4, 5
	attrFloats, attrInts                             = 7, 8
	kindF, kindI, kindS, kindT, kindFloats, kindInts = 1, 2, 3, 4, 6, 7
	attrStrings, kindStrings                         = 9, 8
)

// Int is an attribute with one integer.
func Int(name string, v int) Attr {
	b := protowire.AppendTag(nil, attrI, protowire.VarintType)
	return Attr{name, kindI, protowire.AppendVarint(b, uint64(int64(v)))}
}

// Ints is an attribute with a list of integers.
func Ints(name string, v ...int) Attr {
	var b []byte
	for _, n := range v {
		b = protowire.AppendTag(b, attrInts, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(int64(n)))
	}
	return Attr{name, kindInts, b}
}

// Float is an attribute with one number.
func Float(name string, v float32) Attr {
	b := protowire.AppendTag(nil, attrF, protowire.Fixed32Type)
	return Attr{name, kindF, protowire.AppendFixed32(b, math.Float32bits(v))}
}

// Floats is an attribute with a list of numbers.
func Floats(name string, v ...float32) Attr {
	var b []byte
	for _, n := range v {
		b = protowire.AppendTag(b, attrFloats, protowire.Fixed32Type)
		b = protowire.AppendFixed32(b, math.Float32bits(n))
	}
	return Attr{name, kindFloats, b}
}

// String is an attribute with one word.
func String(name, v string) Attr {
	b := protowire.AppendTag(nil, attrS, protowire.BytesType)
	return Attr{name, kindS, protowire.AppendString(b, v)}
}

// Strings is an attribute with a list of words.
func Strings(name string, v ...string) Attr {
	var b []byte
	for _, s := range v {
		b = protowire.AppendTag(b, attrStrings, protowire.BytesType)
		b = protowire.AppendString(b, s)
	}
	return Attr{name, kindStrings, b}
}

// Scalar is an attribute with a tensor of one element: the value of a ConstantOfShape.
func Scalar(name string, v float32) Attr {
	t := protowire.AppendTag(nil, tensorDims, protowire.VarintType)
	t = protowire.AppendVarint(t, 1)
	t = protowire.AppendTag(t, tensorType, protowire.VarintType)
	t = protowire.AppendVarint(t, uint64(F32))
	t = protowire.AppendTag(t, tensorRaw, protowire.BytesType)
	t = protowire.AppendVarint(t, 4)
	// Raw data is little-endian, as is fixed32.
	t = protowire.AppendFixed32(t, math.Float32bits(v))
	b := protowire.AppendTag(nil, attrT, protowire.BytesType)
	return Attr{name, kindT, protowire.AppendBytes(b, t)}
}

// encode gives the AttributeProto.
func (a Attr) encode() []byte {
	b := protowire.AppendTag(nil, attrName, protowire.BytesType)
	b = protowire.AppendString(b, a.name)
	b = append(b, a.body...)
	b = protowire.AppendTag(b, attrType, protowire.VarintType)
	return protowire.AppendVarint(b, a.kind)
}
