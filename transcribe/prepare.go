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
type Preparer struct {
	cfg        Config
	recognizer *Recognizer // nil: weights that find a language are loaded for each recording anew
}

// NewPreparer makes one; weights are looked for when the first recording comes.
func NewPreparer(cfg Config) *Preparer { return &Preparer{cfg: cfg.withDefaults()} }

// With makes it find languages through r, whose threads and weights it shares.
func (p *Preparer) With(r *Recognizer) *Preparer {
	p.recognizer = r
	return p
}

// Prepare reads an upload of size bytes. A transcript comes back as such, and nothing is written to
// audio. A recording is decoded as a stream: its samples go to audio as 16-bit little-endian PCM at
// referent.SampleRate, and the plan says which stretches to recognise. It is one channel, a mix of those
// there are, unless each of several holds a person of its own: these are interleaved then, and windows
// hear one each. A channel in which nobody speaks is left out. A recording without speech has a plan
// without chunks. When task asks for the language, the plan says which it is;
// where nobody speaks it is "no". progress, when not nil, is called with 0 to 1.
//
// Errors carry the codes of packages decode, subtitle and vad, and CodeLanguage when the language is to be
// found and is none that can be recognised; a recording that stops before its end
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

	if p.recognizer != nil {
		// The chunks come next, most likely to this very worker: their weights are loaded meanwhile.
		go p.recognizer.warm(task.Model)
	}
	steps := newSteps(progress)
	heard, err := p.hear(ctx, src, size, task, steps.part(0.5))
	if err != nil {
		return nil, err
	}
	var spoken *blocks // nil: the language is known
	last := 1.0
	if task.Language == referent.LanguageAuto {
		spoken, last = newBlocks(), 1-shareOfLanguage
	}
	result, err := p.store(ctx, src, size, task, heard, audio, spoken, steps.part(last))
	if err != nil {
		return nil, err
	}
	if spoken != nil {
		if err := p.findLanguage(ctx, result, spoken.speech(result.Plan), task.Model, progress); err != nil {
			return nil, err
		}
	}
	progress(1)
	return result, nil
}

// store decodes the recording, writes what is heard of it to audio and plans how to recognise it. The
// mix of it goes to spoken as well, when there is one.
func (p *Preparer) store(ctx context.Context, src io.ReaderAt, size int64, task referent.Preparation, heard hearing, audio io.Writer, spoken *blocks, progress func(float64)) (*referent.PrepareResult, error) {
	detector, use, err := p.detector()
	if err != nil {
		return nil, err
	}
	defer detector.Close()
	out := bufio.NewWriterSize(audio, 64<<10)
	var pcm []byte
	var mix []int16
	var samples []float32
	decoded, err := decode.Decode(ctx, src, size, decode.Options{
		FFmpeg: p.cfg.FFmpeg, Confine: p.cfg.Confine, MaxDuration: task.MaxDuration, Progress: progress, Channels: heard.decoded,
	}, func(block []int16) error {
		pcm, mix, samples = pcm[:0], mix[:0], samples[:0]
		for ; len(block) > 0; block = block[heard.decoded:] {
			sum := 0
			for _, c := range heard.keep {
				pcm = binary.LittleEndian.AppendUint16(pcm, uint16(block[c]))
				sum += int(block[c])
			}
			mix = append(mix, int16(sum/len(heard.keep)))
		}
		if _, err := out.Write(pcm); err != nil {
			return err
		}
		if spoken != nil {
			spoken.write(mix)
		}
		if heard.voice != nil {
			return nil
		}
		for _, s := range mix {
			samples = append(samples, float32(s)/(1<<15))
		}
		return detector.Write(samples)
	})
	if err != nil {
		return nil, err
	}
	if err := out.Flush(); err != nil {
		return nil, err
	}
	plan := window.PlanChannels(heard.voice, decoded.Samples, window.Default)
	if heard.voice == nil {
		probabilities, err := detector.Finish()
		if err != nil {
			return nil, err
		}
		plan = window.Plan(probabilities, decoded.Samples, window.Default)
	}
	return &referent.PrepareResult{
		Plan:     &plan,
		Duration: float64(decoded.Samples) / referent.SampleRate,
		Models:   []referent.ModelUse{use},
		Warnings: decoded.Warnings,
	}, nil
}

// steps makes one progress of several that follow each other.
type steps struct {
	tell func(float64)
	at   float64 // how far all of it is
}

func newSteps(tell func(float64)) *steps { return &steps{tell: tell} }

// part is the progress of a step that leads from wherever the one before it came to up to a share of all:
// one that ends early leaves its room to the next.
func (s *steps) part(to float64) func(float64) {
	from := s.at
	return func(f float64) {
		s.at = from + (to-from)*f
		s.tell(s.at)
	}
}

// shareOfLanguage is how much of the progress finding the language is.
const shareOfLanguage = 0.1

// findLanguage puts the language of speech in the result's plan.
func (p *Preparer) findLanguage(ctx context.Context, result *referent.PrepareResult, speech [][]float32, model string, progress func(float64)) error {
	if len(speech) == 0 {
		result.Plan.Language = "no"
		return nil
	}
	r := p.recognizer
	if r == nil {
		r = NewRecognizer(Config{Models: p.cfg.Models, Threads: 1, GPU: p.cfg.GPU, Encoder: p.cfg.Encoder, Log: p.cfg.Log})
		defer r.Close() // nothing else uses it, so that nothing can be in its way
	}
	asked := 0
	language, use, err := r.language(ctx, model, speech, func() {
		asked++
		progress(1 - shareOfLanguage*(1-float64(asked)/float64(len(speech))))
	})
	if err != nil {
		return err
	}
	result.Plan.Language = language
	result.Models = append(result.Models, use)
	return nil
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
