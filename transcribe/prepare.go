package transcribe

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/decode"
	"github.com/referent/referent/transcribe/subtitle"
	"github.com/referent/referent/transcribe/vad"
	"github.com/referent/referent/transcribe/window"
)

// Preparer makes plans from uploads. It is safe for use by several goroutines.
type Preparer struct{ cfg Config }

// NewPreparer makes one; weights are looked for when the first recording comes.
func NewPreparer(cfg Config) *Preparer { return &Preparer{cfg: cfg.withDefaults()} }

// Prepare reads an upload of size bytes. A transcript comes back as such, and nothing is written to
// audio. A recording is decoded once, as a stream: its samples go to audio as 16-bit little-endian PCM,
// one channel at referent.SampleRate, and the plan says which stretches to recognise. A recording
// without speech has a plan without chunks. progress, when not nil, is called with 0 to 1.
//
// Errors carry the codes of packages decode, subtitle and vad; a recording that stops before its end
// is no error when a good deal could be read, but has the warning CodeAudioTruncated.
func (p *Preparer) Prepare(ctx context.Context, src io.ReaderAt, size int64, task referent.Preparation, audio io.Writer, progress func(float64)) (*referent.PrepareResult, error) {
	if progress == nil {
		progress = func(float64) {}
	}
	if size <= 0 {
		return nil, referent.E(referent.CodeAudioEmpty, "transcribe: prepare recording", nil)
	}
	format, err := subtitle.Sniff(src, size)
	if err != nil {
		return nil, err
	}
	if format != subtitle.None {
		t, err := subtitle.Parse(src, size, format)
		if err != nil {
			return nil, err
		}
		progress(1)
		return &referent.PrepareResult{Transcript: t, Duration: t.Recording.Duration}, nil
	}

	detector, use, err := p.detector()
	if err != nil {
		return nil, err
	}
	defer detector.Close()
	out := bufio.NewWriterSize(audio, 64<<10)
	var pcm []byte
	var samples []float32
	decoded, err := decode.Decode(ctx, src, size, decode.Options{
		FFmpeg: p.cfg.FFmpeg, MaxDuration: task.MaxDuration, Progress: progress,
	}, func(block []int16) error {
		pcm, samples = pcm[:0], samples[:0]
		for _, s := range block {
			pcm = binary.LittleEndian.AppendUint16(pcm, uint16(s))
			samples = append(samples, float32(s)/(1<<15))
		}
		if _, err := out.Write(pcm); err != nil {
			return err
		}
		return detector.Write(samples)
	})
	if err != nil {
		return nil, err
	}
	if err := out.Flush(); err != nil {
		return nil, err
	}
	probabilities, err := detector.Finish()
	if err != nil {
		return nil, err
	}
	plan := window.Plan(probabilities, decoded.Samples, window.Default)
	progress(1)
	return &referent.PrepareResult{
		Plan:     &plan,
		Duration: float64(decoded.Samples) / referent.SampleRate,
		Models:   []referent.ModelUse{use},
		Warnings: decoded.Warnings,
	}, nil
}

// detector loads voice activity detection; each preparation has its own, as it remembers its stream.
func (p *Preparer) detector() (*vad.Detector, referent.ModelUse, error) {
	use := referent.ModelUse{Role: "voice-activity", Name: ModelVoiceActivity, Engine: "ONNX Runtime"}
	library, err := p.cfg.Models.Path(ModelRuntime)
	if err != nil {
		return nil, use, err
	}
	network, err := p.cfg.Models.Path(ModelVoiceActivity)
	if err != nil {
		return nil, use, err
	}
	if use.SHA256, err = digests.of(network); err != nil {
		return nil, use, err
	}
	d, err := vad.Open(library, network)
	return d, use, err
}
