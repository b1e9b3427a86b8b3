package voice

import (
	"math"
	"math/cmplx"
)

const (
	fftSize = 512         // real points
	half    = fftSize / 2 // complex points that they are packed in: 4^4, so that radix 4 suffices
)

// roots are the 512th roots of unity, clockwise: roots[k] = exp(-2πik/512).
var roots = func() (r [fftSize]complex128) {
	for k := range r {
		r[k] = cmplx.Rect(1, -2*math.Pi*float64(k)/fftSize)
	}
	return r
}()

// spectrum is the Fourier transform of 512 real points, with the memory it needs.
type spectrum struct{ a, b [half]complex128 }

// power writes |X(k)|² for k from 0 to 255 to out; the highest frequency, 256, is left out, as the
// filters do not reach it. x is kept.
//
// The points are packed in pairs as 256 complex ones, transformed by Stockham's radix-4 passes, which need
// no reordering, and taken apart by symmetry.
func (s *spectrum) power(x *[fftSize]float64, out *[half]float64) {
	from, to := &s.a, &s.b
	for i := range from {
		from[i] = complex(x[2*i], x[2*i+1])
	}
	for n, stride := half, 1; n > 1; n, stride = n/4, stride*4 {
		pass(from, to, n, stride)
		from, to = to, from
	}
	// With Z the packed transform, even and odd points have E = (Z(k) + Z*(-k))/2 and O = (Z(k) - Z*(-k))/2i,
	// and X(k) = E + exp(-2πik/512) O.
	for k := range out {
		z, m := from[k], cmplx.Conj(from[(half-k)%half])
		odd := (z - m) * roots[k]
		r := complex(real(z)+real(m)+imag(odd), imag(z)+imag(m)-real(odd))
		out[k] = (real(r)*real(r) + imag(r)*imag(r)) / 4
	}
}

// pass does one pass over 256 points: stride interleaved transforms of length n become 4*stride of
// length n/4.
func pass(from, to *[half]complex128, n, stride int) {
	quarter := n / 4
	for p := range quarter {
		turn := p * (fftSize / n)
		w1, w2, w3 := roots[turn], roots[2*turn], roots[3*turn]
		// Slices of known length let the compiler drop the bound checks of the inner loop.
		in0 := from[stride*p:][:stride]
		in1 := from[stride*(p+quarter):][:stride]
		in2 := from[stride*(p+2*quarter):][:stride]
		in3 := from[stride*(p+3*quarter):][:stride]
		out0 := to[stride*4*p:][:stride]
		out1 := to[stride*(4*p+1):][:stride]
		out2 := to[stride*(4*p+2):][:stride]
		out3 := to[stride*(4*p+3):][:stride]
		for q := range stride {
			a, b, c, d := in0[q], in1[q], in2[q], in3[q]
			sum, diff := a+c, a-c
			other := b + d
			e := b - d
			turned := complex(-imag(e), real(e)) // i(b-d)
			out0[q] = sum + other
			out1[q] = w1 * (diff - turned)
			out2[q] = w2 * (sum - other)
			out3[q] = w3 * (diff + turned)
		}
	}
}
