package speaker

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/referent/referent"
)

// vector reads a voiceprint: little-endian float32, made unit length.
func vector(raw []byte) ([]float32, error) {
	if len(raw) == 0 || len(raw)%4 != 0 {
		return nil, errors.New("a voiceprint that is no row of numbers")
	}
	v := make([]float32, len(raw)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	if !normalise(v) {
		return nil, errors.New("a voiceprint without direction")
	}
	return v, nil
}

// bytesOf is the reverse of vector.
func bytesOf(v []float32) []byte {
	raw := make([]byte, 0, 4*len(v))
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	return raw
}

// normalise makes v unit length; it says false, and leaves v alone, when v has no direction.
func normalise(v []float32) bool {
	length := math.Sqrt(dot(v, v))
	if length == 0 || math.IsInf(length, 0) || math.IsNaN(length) {
		return false
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / length)
	}
	return true
}

// dot is in four sums, as the processor has room for them; the order is fixed, so the result is too.
func dot(a, b []float32) float64 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
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
	return float64(s0) + float64(s1) + float64(s2) + float64(s3)
}

func add(sum, v []float32, weight float64) {
	for i, x := range v {
		sum[i] += float32(weight) * x
	}
}

// meanOf is the direction of a weighted sum of voiceprints; nil when there is none.
func meanOf(prints []print, weight func(print) float64) []float32 {
	var sum []float32
	for _, p := range prints {
		if w := weight(p); w > 0 {
			if sum == nil {
				sum = make([]float32, len(p.vector))
			}
			add(sum, p.vector, w)
		}
	}
	if sum == nil || !normalise(sum) {
		return nil
	}
	return sum
}

// print is a voiceprint at its place in the recording.
type print struct {
	stretch, local int // which local voice of which stretch
	from, to       int // frames of the recording
	mixed          bool
	seconds        float64
	vector         []float32
}

// fault is an error of what was heard, which is then of no use.
func fault(err error) error {
	return referent.E(referent.CodeSpeakers, "speaker: read voices", err)
}
