package voice

import (
	"context"
	"encoding/binary"
	"errors"
	"math"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/internal/ort"
)

// gather copies the filterbank frames of a piece to d.chosen: those whose middle lies in one of the
// piece's frames. It returns how many they are.
func (d *desk) gather(p piece) int {
	d.chosen = d.chosen[:0]
	count := 0
	next := 0 // in p.frames
	for i := range len(d.bands) / bands {
		frame := (i*frameShift + frameSize/2) * networkFrames / stretch
		for next < len(p.frames) && p.frames[next] < frame {
			next++
		}
		if next < len(p.frames) && p.frames[next] == frame {
			d.chosen = append(d.chosen, d.bands[i*bands:][:bands]...)
			count++
		}
	}
	return count
}

// embed gives the voiceprint of the so many frames in d.chosen: unit length, little-endian float32.
func (x *Extractor) embed(ctx context.Context, d *desk, count int) ([]byte, error) {
	const op = "voice: take voiceprint"
	center(d.chosen)
	in, err := ort.Wrap(d.chosen, 1, int64(count), bands)
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
	length := math.Sqrt(sum)
	if !(length > 0) || math.IsInf(length, 0) {
		return nil, referent.E(referent.CodeSpeakers, op, errors.New("the network gave no direction"))
	}
	vector := make([]byte, 0, 4*vectorSize)
	for _, n := range d.vector.Data() {
		vector = binary.LittleEndian.AppendUint32(vector, math.Float32bits(float32(float64(n)/length)))
	}
	return vector, nil
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
