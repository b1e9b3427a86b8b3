package voice

import (
	"math"

	"github.com/referent/referent"
)

// The filterbank is Kaldi's with its defaults, as the embedding network was trained on: frames of 25 ms
// each 10 ms that lie wholly inside the sound, their mean removed, preemphasis, Povey's window, power
// spectrum, triangles evenly spaced on the mel scale from 20 Hz to 8 kHz, natural logarithm. No dither.
const (
	bands      = 80
	frameShift = referent.SampleRate / 100
	frameSize  = referent.SampleRate / 40

	preemphasis = 0.97
	scale       = 1 << 15 // Kaldi hears samples as 16-bit numbers
	lowest      = 20.0    // Hz
	floor       = 0x1p-23 // least energy: the step of float32 at 1
)

// frames is how many frames so many samples give.
func frames(samples int) int {
	if samples < frameSize {
		return 0
	}
	return 1 + (samples-frameSize)/frameShift
}

// povey is the window: Hann's to the power of 0.85.
var povey = func() (w [frameSize]float64) {
	for i := range w {
		w[i] = math.Pow(0.5-0.5*math.Cos(2*math.Pi*float64(i)/(frameSize-1)), 0.85)
	}
	return w
}()

// A triangle is one band's weights for the bins of the spectrum from first on.
type triangle struct {
	first   int
	weights []float64
}

var triangles = func() (t [bands]triangle) {
	mel := func(hz float64) float64 { return 1127 * math.Log(1+hz/700) }
	low := mel(lowest)
	step := (mel(referent.SampleRate/2) - low) / (bands + 1)
	for b := range t {
		left, centre, right := low+float64(b)*step, low+float64(b+1)*step, low+float64(b+2)*step
		for bin := range half {
			m := mel(float64(bin) * referent.SampleRate / fftSize)
			if m <= left || m >= right {
				continue
			}
			if len(t[b].weights) == 0 {
				t[b].first = bin
			}
			t[b].weights = append(t[b].weights, min((m-left)/(centre-left), (right-m)/(right-centre)))
		}
	}
	return t
}()

// filterbank has the memory that one frame needs.
type filterbank struct {
	spectrum spectrum
	frame    [fftSize]float64 // the last 112 stay zero
	energy   [half]float64
}

// hear appends the bands of each frame of samples, -1 to 1, to out, frame by frame.
func (f *filterbank) hear(samples, out []float32) []float32 {
	for i := range frames(len(samples)) {
		f.load(samples[i*frameShift:][:frameSize])
		f.spectrum.power(&f.frame, &f.energy)
		for _, t := range triangles {
			var sum float64
			for k, e := range f.energy[t.first:][:len(t.weights)] {
				sum += e * t.weights[k]
			}
			out = append(out, float32(math.Log(max(sum, floor))))
		}
	}
	return out
}

// load puts a frame in place.
func (f *filterbank) load(samples []float32) {
	var mean float64
	for _, s := range samples {
		mean += float64(s)
	}
	mean /= frameSize
	before := float64(samples[0]) - mean
	for i, s := range samples {
		now := float64(s) - mean
		f.frame[i] = (now - preemphasis*before) * povey[i] * scale
		before = now
	}
}
