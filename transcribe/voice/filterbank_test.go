package voice

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

// The transform must be the sum that defines it.
func TestPowerIsTheDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var x [fftSize]float64
	var got [half]float64
	var s spectrum
	for range 3 {
		for i := range x {
			x[i] = r.NormFloat64()
		}
		s.power(&x, &got)
		for k := range got {
			var sum complex128
			for i, v := range x {
				sum += complex(v, 0) * cmplx.Rect(1, -2*math.Pi*float64(i*k%fftSize)/fftSize)
			}
			want := real(sum)*real(sum) + imag(sum)*imag(sum)
			if math.Abs(got[k]-want) > 1e-9*(1+want) {
				t.Fatalf("bin %d has power %v, want %v", k, got[k], want)
			}
		}
	}
}

func BenchmarkFilterbank(b *testing.B) {
	samples := make([]float32, 160000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range samples {
		samples[i] = float32(r.NormFloat64()) * 0.1
	}
	var f filterbank
	out := make([]float32, 0, frames(len(samples))*bands)
	for b.Loop() {
		f.hear(samples, out)
	}
}
