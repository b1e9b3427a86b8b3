package transcribe

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/whispercpp"
	"github.com/referent/referent/transcribe/window"
)

// Recognizer hears chunks. It keeps one model in memory, the one used last, with a slot for each
// thread. Calls that come while it is at work wait their turn: the threads are all taken.
type Recognizer struct {
	cfg  Config
	turn chan struct{} // holds one token; whoever has it owns the fields below

	model *whispercpp.Model
	use   referent.ModelUse
	slots []*whispercpp.Slot
}

// NewRecognizer makes one; weights are loaded when the first chunk comes.
func NewRecognizer(cfg Config) *Recognizer {
	r := &Recognizer{cfg: cfg.withDefaults(), turn: make(chan struct{}, 1)}
	r.turn <- struct{}{}
	return r
}

// Close frees the model, after the call that is at work.
func (r *Recognizer) Close() error {
	<-r.turn
	defer func() { r.turn <- struct{}{} }()
	return r.unload()
}

// Recognize hears the windows of task. audio is the whole recording as 16-bit little-endian PCM, one
// channel at referent.SampleRate; only bytes inside the windows are read. The result is in the order of
// the windows and does not depend on the number of threads or on what was heard before. progress, when
// not nil, is called with 0 to 1. When ctx ends, work stops within a step of the network.
//
// Errors: CodeModelMissing, CodeModelCorrupt, CodeInvalid (no such language, a window too long),
// CodeRecognition, CodeCancelled; audio's own errors come back as they are.
func (r *Recognizer) Recognize(ctx context.Context, audio io.ReaderAt, task referent.Recognition, progress func(float64)) (*referent.ChunkResult, error) {
	const op = "transcribe: recognise chunk"
	if progress == nil {
		progress = func(float64) {}
	}
	select {
	case <-r.turn:
		defer func() { r.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, referent.E(referent.CodeCancelled, op, ctx.Err())
	}
	if err := r.load(task.Model); err != nil {
		return nil, err
	}
	threads := min(r.cfg.Threads, max(len(task.Windows), 1))
	r.open(threads)

	heard := make([]heardWindow, len(task.Windows))
	var next, done atomic.Int64
	params := paramsFor(task)
	g, ctx := errgroup.WithContext(ctx)
	for _, slot := range r.slots[:threads] {
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(task.Windows) {
					return nil
				}
				samples, err := readWindow(audio, task.Windows[i])
				if err != nil {
					return err
				}
				if heard[i], err = hear(ctx, r.cfg.Log, slot, samples, params, task.Windows[i]); err != nil {
					return err
				}
				progress(float64(done.Add(1)) / float64(len(task.Windows)))
			}
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}

	result := &referent.ChunkResult{
		Chunk: task.Chunk, Language: task.Language, Models: []referent.ModelUse{r.use}, Segments: []referent.Segment{},
	}
	languages := map[string]int{}
	for _, h := range heard {
		result.Segments = append(result.Segments, h.segments...)
		languages[h.language] += max(len(h.segments), 1)
	}
	if params.first.Language == "auto" {
		result.Language = most(languages)
	} else {
		result.Language = params.first.Language
	}
	return result, nil
}

// most is the key with the highest count, the first by name among equals.
func most(counts map[string]int) string {
	best := ""
	for k, n := range counts {
		if n > counts[best] || n == counts[best] && (best == "" || k < best) {
			best = k
		}
	}
	return best
}

func (r *Recognizer) load(name string) error {
	if r.model != nil && r.use.Name == name {
		return nil
	}
	path, err := r.cfg.Models.Path(name)
	if err != nil {
		return err
	}
	digest, err := digests.of(path)
	if err != nil {
		return err
	}
	if err := r.unload(); err != nil {
		return err
	}
	m, err := whispercpp.Load(path, whispercpp.Options{GPU: r.cfg.GPU})
	if err != nil {
		return err
	}
	r.model = m
	r.use = referent.ModelUse{Role: "recognition", Name: name, SHA256: digest, Engine: whispercpp.Engine()}
	r.cfg.Log.Info("model loaded", "model", name, "threads", r.cfg.Threads)
	return nil
}

func (r *Recognizer) unload() error {
	for _, s := range r.slots {
		s.Close()
	}
	r.slots = nil
	if r.model == nil {
		return nil
	}
	err := r.model.Close()
	r.model = nil
	return err
}

// open sees to it that there are at least n slots.
func (r *Recognizer) open(n int) {
	for len(r.slots) < n {
		r.slots = append(r.slots, r.model.NewSlot())
	}
}

// readWindow reads the spans of w and joins them.
func readWindow(audio io.ReaderAt, w referent.Window) ([]float32, error) {
	const op = "transcribe: read window"
	if n := w.Samples(); n <= 0 || n > 30*referent.SampleRate {
		return nil, referent.E(referent.CodeInvalid, op, fmt.Errorf("a window of %d samples", n))
	}
	samples := make([]float32, 0, w.Samples())
	for _, s := range w.Spans {
		if s.Start < 0 || s.Len() < 0 {
			return nil, referent.E(referent.CodeInvalid, op, errors.New("a span that ends before it begins"))
		}
		raw := make([]byte, 2*s.Len())
		if n, err := audio.ReadAt(raw, 2*s.Start); n < len(raw) {
			if err == nil || errors.Is(err, io.EOF) {
				err = referent.E(referent.CodeInvalid, op, io.ErrUnexpectedEOF)
			}
			return nil, err
		}
		for ; len(raw) > 0; raw = raw[2:] {
			samples = append(samples, float32(int16(binary.LittleEndian.Uint16(raw)))/(1<<15))
		}
	}
	return samples, nil
}

// attempts are the ways to hear a window: the first, and the one for windows that came out doubtful.
type attempts struct{ first, again whispercpp.Params }

// maxNames bounds the vocabulary put before a window: more of it starts to be repeated as text.
const maxNames = 40

func paramsFor(task referent.Recognition) attempts {
	language := task.Language
	if language == "" {
		language = "no"
	}
	p := whispercpp.DefaultParams(language)
	if names := task.Names[:min(len(task.Names), maxNames)]; len(names) > 0 {
		p.Prompt = strings.Join(names, ", ") + "."
	}
	a := attempts{first: p, again: p}
	a.again.Beam = 5
	a.again.Prompt = "" // a prompt is a common cause of loops
	// The first attempt has been through all temperatures already: one beside the beam is enough, so
	// that a doubtful window costs at most about three times what another does.
	a.again.TemperatureStep, a.again.BestOf = 0.6, 2
	if task.Mode == referent.ModeThorough {
		a.first.Beam = 5
		a.again.Temperature = 0.2
	}
	return a
}

// heardWindow is what one window gave.
type heardWindow struct {
	language string
	segments []referent.Segment
}

// hear recognises one window, and once more in another way when the gates find a fault that this may
// mend. The better of the two is kept, with its faults marked: text is never dropped in silence.
func hear(ctx context.Context, log *slog.Logger, slot *whispercpp.Slot, samples []float32, p attempts, w referent.Window) (heardWindow, error) {
	began := time.Now()
	result, err := slot.Transcribe(ctx, samples, p.first)
	if err != nil {
		return heardWindow{}, err
	}
	if first := doubtAbout(result); first.mendable {
		took := time.Since(began)
		other, err := slot.Transcribe(ctx, samples, p.again)
		if err != nil {
			return heardWindow{}, err
		}
		second := doubtAbout(other)
		if second.less(first) {
			result = other
		}
		log.Debug("window heard again", "first_seconds", took.Seconds(), "again_seconds", (time.Since(began) - took).Seconds(),
			"first_doubt", first.share, "again_doubt", second.share)
	}
	clock := window.NewClock(w)
	h := heardWindow{language: result.Language}
	var last int64
	for _, s := range result.Segments {
		words := wordsOf(s, clock, &last)
		h.segments = append(h.segments, segmentsOf(words, qualityOf(s))...)
	}
	return h, nil
}
