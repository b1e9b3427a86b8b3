package speakernet

import "math"

// Bounds of the band-pass filters, in hertz.
const (
	sincRate    = 16000
	sincLowest  = 50 // of the lower edge
	sincNarrow  = 50 // of the band
	sincHighest = sincRate / 2
)

// sincFilters computes the first layer's filters from the edges of their bands, as the network was trained
// with: 40 even filters, then 40 odd ones. They are fixed once training is over, so the runtime sees a plain
// convolution. The steps are rounded to 32 bits where PyTorch rounds them: the phase of the highest band is
// some 390 radians, and its last digit matters.
func (n network) sincFilters() []float32 {
	const half = sincLength / 2
	const name = "sincnet.conv1d.0.filterbank."
	low := n.get(name+"low_hz_", sincBands, 1).float32s()
	band := n.get(name+"band_hz_", sincBands, 1).float32s()
	window := n.get(name+"window_", half).float32s()
	time := n.get(name+"n_", 1, half).float32s() // radians a hertz, from -2π·125/16000 up
	filters := make([]float32, 2*sincBands*sincLength)
	for i := range sincBands {
		from := sincLowest + abs32(low[i])
		to := min(max(from+sincNarrow+abs32(band[i]), sincLowest), sincHighest)
		width := 2 * (to - from)
		even := filters[i*sincLength : (i+1)*sincLength]
		odd := filters[(sincBands+i)*sincLength : (sincBands+i+1)*sincLength]
		for k := range half {
			sinFrom, cosFrom := sinCos32(from * time[k])
			sinTo, cosTo := sinCos32(to * time[k])
			e := (sinTo - sinFrom) / (time[k] / 2) * window[k] / width
			o := (cosFrom - cosTo) / (time[k] / 2) * window[k] / width
			even[k], even[sincLength-1-k] = e, e
			odd[k], odd[sincLength-1-k] = o, -o
		}
		even[half] = 1 // 2 x band over 2 x band
	}
	return filters
}

func abs32(v float32) float32 { return float32(math.Abs(float64(v))) }

func sinCos32(v float32) (sin, cos float32) {
	s, c := math.Sincos(float64(v))
	return float32(s), float32(c)
}
