// Package half converts between float32 and the half-precision numbers that weights are stored as.
package half

import "math"

// From gives the value of an IEEE 754 half-precision number. Every one of them has an exact
// float32.
func From(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exponent, fraction := uint32(h>>10)&0x1f, uint32(h)&0x3ff
	switch exponent {
	case 0: // zero, or a subnormal: fraction x 2^-24
		v := float32(fraction) * 0x1p-24
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 0x1f: // infinity, or not a number
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// To rounds to the nearest half-precision number, ties to even. It reports false for a value
// that is not finite, or that would round to infinity.
func To(v float32) (uint16, bool) {
	bits := math.Float32bits(v)
	sign := uint16(bits>>16) & 0x8000
	magnitude := bits & 0x7fffffff
	switch {
	case magnitude >= 0x477ff000: // 65520 and up round to infinity; infinities and NaN are above
		return 0, false
	case magnitude >= 0x38800000: // 2^-14 and up: a normal number
		rebased := magnitude - (127-15)<<23
		return sign | uint16((rebased+0xfff+rebased>>13&1)>>13), true
	}
	// A subnormal is a multiple of 2^-24. Adding 0.5 to it in float32, whose last place there is
	// 2^-24, makes the hardware round it to even, and leaves the multiple in the lowest bits.
	shifted := math.Float32bits(math.Float32frombits(magnitude) + 0.5)
	return sign | uint16(shifted-0x3f000000), true
}
