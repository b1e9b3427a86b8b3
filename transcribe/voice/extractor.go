package voice

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/internal/ort"
)

const (
	// stretch is how many samples the segmentation network hears.
	stretch = referent.VoiceSeconds * referent.SampleRate
	// networkFrames and classes are the shape of what it answers.
	networkFrames, classes = 589, 7
	// vectorSize is how many numbers a voiceprint has.
	vectorSize = 192
)

// Extractor is the two networks. It is safe for use by several goroutines; each call of Hear runs on the
// caller's thread alone, and what it returns does not depend on the calls beside it.
type Extractor struct {
	segmentation, embedding *ort.Session
	desks                   sync.Pool // of *desk
}

// Open loads the networks from the files segmentation and embedding, with the ONNX Runtime library at
// library. CodeModelMissing: a file is not there; CodeModelCorrupt: it holds another network; CodeConfig:
// the library cannot be used.
func Open(library, segmentation, embedding string) (*Extractor, error) {
	x := &Extractor{}
	if err := x.open(library, segmentation, embedding); err != nil {
		x.Close()
		return nil, err
	}
	return x, nil
}

func (x *Extractor) open(library, segmentation, embedding string) (err error) {
	const op = "voice: load networks"
	if x.segmentation, err = ort.Open(library, segmentation, ort.Options{}); err != nil {
		return referent.E(referent.CodeOf(err), op, err)
	}
	if x.embedding, err = ort.Open(library, embedding, ort.Options{}); err != nil {
		return referent.E(referent.CodeOf(err), op, err)
	}
	const free = -1
	if !x.segmentation.Fits([][]int64{{1, 1, stretch}}, [][]int64{{1, networkFrames, classes}}) {
		return referent.E(referent.CodeModelCorrupt, op, errors.New("not the segmentation network"))
	}
	if !x.embedding.Fits([][]int64{{1, free, bands}}, [][]int64{{1, vectorSize}}) {
		return referent.E(referent.CodeModelCorrupt, op, errors.New("not the embedding network"))
	}
	return nil
}

// Close frees the networks. No call of Hear may be at work.
func (x *Extractor) Close() {
	x.segmentation.Close()
	x.embedding.Close()
}

// Hear listens to samples, -1 to 1 at referent.SampleRate, which begin at sample start of the recording.
// They are at most referent.VoiceSeconds long; a shorter stretch is heard with silence after it, and no
// voiceprint is taken from that silence. Voiceprints are taken only when start is a multiple of
// referent.VoiceSeconds, in the order of the local voices and of time. Errors: CodeInvalid for no samples
// or too many, CodeCancelled when ctx ends.
func (x *Extractor) Hear(ctx context.Context, start int64, samples []float32) (referent.VoiceWindow, error) {
	const op = "voice: hear stretch"
	if len(samples) == 0 || len(samples) > stretch {
		return referent.VoiceWindow{}, referent.E(referent.CodeInvalid, op, fmt.Errorf("%d samples", len(samples)))
	}
	d, err := x.desk()
	if err != nil {
		return referent.VoiceWindow{}, err
	}
	defer x.desks.Put(d)

	n := copy(d.wave.Data(), samples)
	clear(d.wave.Data()[n:])
	if err := x.segmentation.Run(ctx, []ort.Value{d.wave}, []ort.Value{d.classes}); err != nil {
		return referent.VoiceWindow{}, err
	}
	d.voices.read(d.classes.Data())
	w := referent.VoiceWindow{Start: start, Activity: d.voices.activity(), Prints: []referent.Voiceprint{}}
	if start%stretch == 0 {
		w.Prints, err = x.prints(ctx, d, samples)
	}
	return w, err
}

// prints takes the voiceprints of a stretch whose voices are read.
func (x *Extractor) prints(ctx context.Context, d *desk, samples []float32) ([]referent.Voiceprint, error) {
	d.bands = d.bands[:0]
	prints := []referent.Voiceprint{}
	heard := len(samples) * networkFrames / stretch // the rest is the silence that was added
	for local := range referent.LocalVoices {
		for _, p := range d.voices.pieces(local, heard) {
			if len(d.bands) == 0 {
				d.bands = d.filterbank.hear(samples, d.bands)
			}
			vector, err := x.embed(ctx, d, d.gather(p))
			if err != nil {
				return nil, err
			}
			prints = append(prints, referent.Voiceprint{
				Local: local, From: p.frames[0], To: p.frames[len(p.frames)-1] + 1, Mixed: p.mixed,
				Seconds: seconds(p.frames), Vector: vector,
			})
		}
	}
	return prints, nil
}

// desk is the memory that one call of Hear works in.
type desk struct {
	wave, classes, vector *ort.Tensor[float32]
	filterbank            filterbank
	voices                voices
	bands                 []float32 // the filterbank of the stretch
	chosen                []float32 // the part of it that a voiceprint is taken from
}

func (x *Extractor) desk() (*desk, error) {
	if d, ok := x.desks.Get().(*desk); ok {
		return d, nil
	}
	d := &desk{bands: make([]float32, 0, bands*frames(stretch))}
	var err error
	if d.wave, err = ort.NewTensor[float32](1, 1, stretch); err != nil {
		return nil, err
	}
	if d.classes, err = ort.NewTensor[float32](1, networkFrames, classes); err != nil {
		return nil, err
	}
	if d.vector, err = ort.NewTensor[float32](1, vectorSize); err != nil {
		return nil, err
	}
	return d, nil
}
