package decode

import "math"

const (
	zeroCrossings = 24   // of the sinc on each side, at the lower of the two rates
	kaiserBeta    = 9.0  // side lobes about 90 dB down
	passband      = 0.95 // of the lower Nyquist frequency, where the filter is at -6 dB
)

// Resampler changes the rate of a stream of samples with a windowed-sinc filter, one set of
// coefficients for each position of an output sample between two inputs. Lengths and positions are
// exact: n samples become n*to/from, rounded up, and nothing is shifted in time.
type Resampler struct {
	up, down int         // the ratio in lowest terms
	half     int         // inputs on each side of an output
	bank     [][]float32 // [phase][tap]
	history  []float32   // inputs not yet done with; the first stands at position start
	start    int64
	got      int64 // inputs so far
	next     int64 // the next output
	out      []float32
}

// NewResampler makes a resampler between two rates in samples a second, both above zero.
func NewResampler(from, to int) *Resampler {
	g := gcd(from, to)
	r := &Resampler{up: to / g, down: from / g}
	if r.up == r.down {
		return r
	}
	cutoff := passband * min(1, float64(to)/float64(from)) // of the input's Nyquist frequency
	r.half = int(math.Ceil(zeroCrossings / cutoff))
	// A rate that shares no factor with the other would need as many phases as it has hertz.
	phases := min(r.up, 1024)
	r.bank = make([][]float32, phases)
	for p := range r.bank {
		r.bank[p] = phase(float64(p)/float64(phases), cutoff, r.half)
	}
	r.history = make([]float32, r.half)
	r.start = -int64(r.half)
	return r
}

// phase is the filter for an output that lies frac of an input after an input, scaled to pass a
// constant unchanged.
func phase(frac, cutoff float64, half int) []float32 {
	taps := make([]float64, 2*half)
	sum := 0.0
	for i := range taps {
		x := float64(i-half+1) - frac
		w := x / float64(half)
		if w <= -1 || w >= 1 {
			continue
		}
		v := cutoff
		if x != 0 {
			v = math.Sin(math.Pi*cutoff*x) / (math.Pi * x)
		}
		taps[i] = v * bessel0(kaiserBeta*math.Sqrt(1-w*w)) / bessel0(kaiserBeta)
		sum += taps[i]
	}
	scaled := make([]float32, len(taps))
	for i, t := range taps {
		scaled[i] = float32(t / sum)
	}
	return scaled
}

// Resample takes the next inputs and returns the outputs they complete; last flushes what is left. The
// returned slice is reused by the next call.
func (r *Resampler) Resample(in []float32, last bool) []float32 {
	if r.up == r.down {
		return in
	}
	r.history = append(r.history, in...)
	r.got += int64(len(in))
	if last {
		r.history = append(r.history, make([]float32, r.half+1)...)
	}
	r.out = r.out[:0]
	end := r.start + int64(len(r.history))
	for {
		// The output stands at input position next*down/up.
		at := r.next * int64(r.down)
		whole, rest := at/int64(r.up), at%int64(r.up)
		if whole+int64(r.half) >= end || whole >= r.got {
			break
		}
		p := int(rest * int64(len(r.bank)) / int64(r.up))
		x := r.history[whole-int64(r.half)+1-r.start:]
		r.out = append(r.out, dot(r.bank[p], x))
		r.next++
	}
	// Keep the inputs that the next output reaches back to.
	if drop := r.next*int64(r.down)/int64(r.up) - int64(r.half) + 1 - r.start; drop > 0 {
		drop = min(drop, int64(len(r.history)))
		r.history = r.history[:copy(r.history, r.history[drop:])]
		r.start += drop
	}
	return r.out
}

// dot is the sum of products. Four sums side by side, since each addition waits for the one before.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// bessel0 is the modified Bessel function of the first kind and order zero.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= (x / (2 * k)) * (x / (2 * k))
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
