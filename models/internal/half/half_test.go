package half

import (
	"math"
	"testing"
)

// halfByDefinition is IEEE 754's own formula, in double precision.
func halfByDefinition(h uint16) float64 {
	sign := 1.0
	if h&0x8000 != 0 {
		sign = -1
	}
	exponent, fraction := int(h>>10)&0x1f, float64(h&0x3ff)
	switch {
	case exponent == 0x1f && fraction != 0:
		return math.NaN()
	case exponent == 0x1f:
		return sign * math.Inf(1)
	case exponent == 0:
		return sign * math.Ldexp(fraction, -24)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// Every half-precision number is read as its definition says, and comes back as it was.
func TestHalfBothWays(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		v := From(h)
		if want := halfByDefinition(h); float64(v) != want && !(v != v && want != want) {
			t.Fatalf("%#04x is %g, want %g", h, v, want)
		}
		back, ok := To(v)
		finite := !math.IsInf(float64(v), 0) && v == v
		if ok != finite || ok && back != h {
			t.Fatalf("%#04x comes back as %#04x, %v", h, back, ok)
		}
	}
}

// Between two neighbours the nearer one is taken, and in the middle the even one.
func TestHalfRounding(t *testing.T) {
	for h := uint16(0); h < 0x7bff; h++ {
		low, high := float64(From(h)), float64(From(h+1))
		middle := (low + high) / 2 // exact in float32: eleven bits and one more
		even := h
		if h%2 == 1 {
			even = h + 1
		}
		for v, want := range map[float32]uint16{
			float32(middle):                                         even,
			math.Nextafter32(float32(middle), 0):                    h,
			math.Nextafter32(float32(middle), float32(math.Inf(1))): h + 1,
		} {
			if got, ok := To(v); !ok || got != want {
				t.Fatalf("%g becomes %#04x, want %#04x", v, got, want)
			}
			if got, ok := To(-v); !ok || got != want|0x8000 {
				t.Fatalf("%g becomes %#04x, want %#04x", -v, got, want|0x8000)
			}
		}
	}
	if got, ok := To(65519.996); !ok || got != 0x7bff {
		t.Errorf("just under the limit: %#04x, %v", got, ok)
	}
	if _, ok := To(65520); ok {
		t.Error("65520 rounds to infinity and is taken")
	}
}
