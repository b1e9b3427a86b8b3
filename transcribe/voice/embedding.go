package voice

import (
	"context"
	"encoding/binary"
	"errors"
	"math"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/internal/ort"
)

// How much speech of a voice an embedding is taken from, in frames of 10 ms.
const (
	enoughAlone  = 40  // with so much of it alone, nothing is used that others speak into
	fewestFrames = 25  // a voice with less gets no voiceprint
	mostFrames   = 400 // more speech adds cost but little else
)

// choose gives the filterbank frames, of the first so many, that the voiceprint of a local voice is taken
// from: those where it speaks alone, or all of its frames when they are too few. None when it hardly speaks.
func (v *voices) choose(local, frames int) []int {
	var alone, all []int
	for i := range frames {
		m := members[v.class[networkFrame(i*frameShift+frameSize/2)]]
		for _, voice := range m {
			if voice == local {
				all = append(all, i)
				if len(m) == 1 {
					alone = append(alone, i)
				}
			}
		}
	}
	chosen := alone
	if len(alone) < enoughAlone {
		chosen = all
	}
	if len(chosen) < fewestFrames {
		return nil
	}
	return chosen[:min(len(chosen), mostFrames)]
}

// embed gives the voiceprint of the chosen frames, unit length, little-endian float32.
func (x *Extractor) embed(ctx context.Context, d *desk, chosen []int) ([]byte, error) {
	const op = "voice: take voiceprint"
	d.chosen = d.chosen[:0]
	for _, i := range chosen {
		d.chosen = append(d.chosen, d.bands[i*bands:][:bands]...)
	}
	center(d.chosen)
	in, err := ort.Wrap(d.chosen, 1, int64(len(chosen)), bands)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if err := x.embedding.Run(ctx, []ort.Value{in}, []ort.Value{d.vector}); err != nil {
		return nil, err
	}
	var sum float64
	for _, n := range d.vector.Data() {
		sum += float64(n) * float64(n)
	}
	if length := math.Sqrt(sum); length > 0 && !math.IsInf(length, 0) && !math.IsNaN(length) {
		vector := make([]byte, 0, 4*vectorSize)
		for _, n := range d.vector.Data() {
			vector = binary.LittleEndian.AppendUint32(vector, math.Float32bits(float32(float64(n)/length)))
		}
		return vector, nil
	}
	return nil, referent.E(referent.CodeSpeakers, op, errors.New("the network gave no direction"))
}

// center takes each band's mean over time from it, in place.
func center(frames []float32) {
	var mean [bands]float64
	for i, e := range frames {
		mean[i%bands] += float64(e)
	}
	count := float64(len(frames) / bands)
	for i := range mean {
		mean[i] /= count
	}
	for i := range frames {
		frames[i] -= float32(mean[i%bands])
	}
}
