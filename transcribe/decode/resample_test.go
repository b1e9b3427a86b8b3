package decode_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/decode"
)

func sine(rate int, hertz, seconds float64) []float32 {
	s := make([]float32, int(float64(rate)*seconds))
	for i := range s {
		s[i] = float32(0.5 * math.Sin(2*math.Pi*hertz*float64(i)/float64(rate)))
	}
	return s
}

// resample runs in uneven blocks, as a stream comes.
func resample(from int, in []float32) []float32 {
	r := decode.NewResampler(from, referent.SampleRate)
	var out []float32
	for step := 1; len(in) > 0; step = step*3%4999 + 1 {
		n := min(step, len(in))
		out = append(out, r.Resample(in[:n], n == len(in))...)
		in = in[n:]
	}
	return out
}

// level is the root mean square of the middle of s in decibels; a full sine of 0.5 is -9.
func level(s []float32) float64 {
	s = s[len(s)/4 : 3*len(s)/4]
	sum := 0.0
	for _, v := range s {
		sum += float64(v) * float64(v)
	}
	return 10 * math.Log10(sum/float64(len(s))+1e-20)
}

func TestResamplerSweep(t *testing.T) {
	for _, rate := range []int{8000, 11025, 22050, 24000, 32000, 44100, 48000, 96000, 44056, 47999} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			lower := float64(min(rate, referent.SampleRate)) / 2
			for f := 50.0; f < float64(rate)/2; f *= 1.3 {
				in := sine(rate, f, 0.5)
				out := resample(rate, in)
				want := (len(in)*referent.SampleRate + rate - 1) / rate
				if len(out) != want {
					t.Fatalf("%d samples, want %d", len(out), want)
				}
				switch {
				case f < 0.88*lower: // passes, in time and in size
					ideal := sine(referent.SampleRate, f, 0.5)
					diff := make([]float32, len(out))
					for i := range out {
						diff[i] = out[i] - ideal[min(i, len(ideal)-1)]
					}
					if d := level(diff) + 9; d > -55 {
						t.Errorf("%.0f Hz is off by %.1f dB", f, d)
					}
				case f > 1.02*lower: // would fold down over the speech
					if d := level(out) + 9; d > -80 {
						t.Errorf("%.0f Hz comes through at %.1f dB", f, d)
					}
				}
			}
		})
	}
}

func TestResamplerPassesItsOwnRate(t *testing.T) {
	in := sine(referent.SampleRate, 440, 0.1)
	if out := resample(referent.SampleRate, in); len(out) != len(in) || out[100] != in[100] {
		t.Error("samples at the right rate were changed")
	}
}

func BenchmarkResampler44100(b *testing.B) {
	in := sine(44100, 440, 1)
	r := decode.NewResampler(44100, referent.SampleRate)
	for b.Loop() {
		r.Resample(in, false)
	}
}
