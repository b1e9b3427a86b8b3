package voice

import (
	"encoding/json"
	"os"

	"github.com/referent/referent/transcribe/internal/sample"
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

// The expected numbers are kaldi-native-fbank's for six frames of the recording, the worst of all among
// them. It counts with 32 bits, which shows in bands a billion times weaker than the frame's loudest: there,
// and only there, the two differ in the third decimal.
func TestFilterbankIsKaldis(t *testing.T) {
	b, err := os.ReadFile("testdata/filterbank.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Frames int
		At     map[int][]float32
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	samples := sample.Float(t)
	var f filterbank
	got := f.hear(samples, nil)
	if n := frames(len(samples)); n != want.Frames || len(got) != n*bands {
		t.Fatalf("%d frames and %d numbers, want %d frames", n, len(got), want.Frames)
	}
	var largest, sum float64
	for i, row := range want.At {
		for k, v := range row {
			d := math.Abs(float64(got[i*bands+k] - v))
			largest, sum = max(largest, d), sum+d
		}
	}
	mean := sum / float64(len(want.At)*bands)
	t.Logf("difference of the logarithms: largest %.1e, mean %.1e", largest, mean)
	if len(want.At) != 6 || largest > 3e-3 || mean > 1e-4 {
		t.Errorf("the logarithms differ by up to %v, %v in the mean, in %d frames", largest, mean, len(want.At))
	}
}

func TestFramesLieInsideTheSound(t *testing.T) {
	for _, c := range []struct{ samples, frames int }{
		{0, 0}, {399, 0}, {400, 1}, {559, 1}, {560, 2}, {16000, 98}, {160000, 998},
	} {
		var f filterbank
		if n := len(f.hear(make([]float32, c.samples), nil)) / bands; frames(c.samples) != c.frames || n != c.frames {
			t.Errorf("%d samples have %d frames and gave %d, want %d", c.samples, frames(c.samples), n, c.frames)
		}
	}
}

// Silence has the least energy in all bands, not minus infinity.
func TestSilenceHasAFloor(t *testing.T) {
	var f filterbank
	for i, v := range f.hear(make([]float32, 16000), nil) {
		if math.Abs(float64(v)-math.Log(floor)) > 1e-6 {
			t.Fatalf("number %d of silence is %v", i, v)
		}
	}
}
