package transcribe

import (
	"context"
	"io"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/referent/referent"
)

// Recognizer hears chunks. It keeps one model in memory, the one used last, and the networks that hear
// voices. Calls at the same time share its threads, interactive ones first; a call for another model
// waits until those at work are done.
type Recognizer struct {
	cfg   Config
	seats *seats
	ears  *seats // who has one may run the voice networks; taken before a seat
	room  *room
}

// earsFor is how many may hear voices at a time among so many threads. Voices take a small part of the
// work, and the networks keep the memory of as many runs as there ever were at once.
func earsFor(threads int) int { return (threads + 3) / 4 }

// NewRecognizer makes one; weights are loaded when the first chunk comes.
func NewRecognizer(cfg Config) *Recognizer {
	cfg = cfg.withDefaults()
	return &Recognizer{cfg: cfg, seats: newSeats(cfg.Threads), ears: newSeats(earsFor(cfg.Threads)), room: newRoom(cfg)}
}

// warm loads weights ahead of the call that will need them.
func (r *Recognizer) warm(model string) { r.room.warm(model) }

// Loaded is the model in memory, and what it was seen to run on: a device as whisper.cpp names it, whispercpp.Processor for
// none. Both are "" while that is not known.
func (r *Recognizer) Loaded() (model, device string) {
	w := r.room.held.Load()
	if w == nil {
		return "", ""
	}
	return w.use.Name, w.model.Device()
}

// Close frees the weights, after the calls that are at work.
func (r *Recognizer) Close() error { return r.room.close() }

// Recognize hears the windows of task, and who speaks in its stretches of voices. src is the whole
// recording as 16-bit little-endian PCM at referent.SampleRate, task.Channels interleaved; only bytes
// inside the windows and stretches are read. The result is in the order of the windows and does not
// depend on the number of threads, on what was heard before or on what is heard beside. Segments of a
// window that hears channel n carry the speaker "c<n>". progress, when not nil, is called with 0 to 1,
// never by two goroutines at once. When ctx ends, work stops within a step of the network.
//
// What is wrong with the voices costs no words: the result then has none, and the warning CodeSpeakers.
//
// Errors: CodeModelMissing, CodeModelCorrupt, CodeInvalid (no such language, a window too long, a channel
// that is not there), CodeRecognition, CodeCancelled; src's own errors come back as they are.
func (r *Recognizer) Recognize(ctx context.Context, src io.ReaderAt, task referent.Recognition, progress func(float64)) (*referent.ChunkResult, error) {
	heard, err := newAudio(src, task.Channels)
	if err != nil {
		return nil, err
	}
	weights, err := r.room.enter(ctx, task.Model)
	if err != nil {
		return nil, err
	}
	defer r.room.leave()

	c := &call{
		Recognizer: r, weights: weights, audio: heard, task: task, ways: waysFor(task),
		progress: progressOf(task, progress),
		windows:  make([]heardWindow, len(task.Windows)),
		voices:   make([]referent.VoiceWindow, len(task.Voices)),
	}
	windows := &line{items: len(task.Windows), do: c.nextWindow}
	voices := &line{items: (len(task.Voices) + sitting - 1) / sitting, do: c.nextVoices}
	g, ctx := errgroup.WithContext(ctx)
	for n := range min(r.cfg.Threads, windows.items+voices.items) {
		// Some begin with the voices, so that they are not left for the end, where few may hear them.
		first, second := windows, voices
		if n > 0 && n <= earsFor(r.cfg.Threads) {
			first, second = voices, windows
		}
		g.Go(func() error {
			if err := first.work(ctx); err != nil {
				return err
			}
			return second.work(ctx)
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return c.result(), nil
}

// call is one call of Recognize.
type call struct {
	*Recognizer
	*weights
	audio    audio
	task     referent.Recognition
	ways     ways
	progress *progress

	windows   []heardWindow          // each written by the goroutine that hears it
	voices    []referent.VoiceWindow // likewise
	voiceless atomic.Bool            // something is wrong with the voices
}

// line is work of one kind, which any number of goroutines share.
type line struct {
	items int
	taken atomic.Int64
	do    func(ctx context.Context, i int) error
}

// work does items until none is left.
func (l *line) work(ctx context.Context) error {
	for {
		i := int(l.taken.Add(1)) - 1
		if i >= l.items {
			return nil
		}
		if err := l.do(ctx, i); err != nil {
			return err
		}
	}
}

func (c *call) nextWindow(ctx context.Context, i int) (err error) {
	c.windows[i], err = c.window(ctx, c.task.Windows[i])
	c.progress.add(c.task.Windows[i].Samples())
	return err
}

// sitting is how many stretches of voices are heard on a seat before it is given back: they take about as
// long as a window does. One by one, each would stand in line behind a window.
const sitting = 5

func (c *call) nextVoices(ctx context.Context, i int) error {
	from := i * sitting
	part := c.task.Voices[from:min(from+sitting, len(c.task.Voices))]
	err := c.hear(ctx, part, c.voices[from:])
	for _, v := range part {
		c.progress.add(v.Len() / voicesAreCheaper)
	}
	return err
}

// sit runs work on a seat of its own.
func (c *call) sit(ctx context.Context, work func(seat int) error) error {
	return c.hold(ctx, c.seats, work)
}

// hold runs work with one of places.
func (c *call) hold(ctx context.Context, places *seats, work func(int) error) error {
	place, err := places.take(ctx, c.task.Priority)
	if err != nil {
		return referent.E(referent.CodeCancelled, "transcribe: recognise chunk", err)
	}
	defer places.leave(place)
	return work(place)
}

// hear listens for who speaks in stretches. What goes wrong with the voices is no error of the call.
func (c *call) hear(ctx context.Context, stretches []referent.Span, out []referent.VoiceWindow) error {
	if c.voiceless.Load() {
		return nil
	}
	var unread error // the audio's own errors are the call's
	err := c.hold(ctx, c.ears, func(int) error {
		return c.sit(ctx, func(int) error {
			x, err := c.room.extractor()
			if err != nil {
				return err
			}
			for i, s := range stretches {
				var samples []float32
				if samples, unread = c.audio.stretch(s); unread != nil {
					return unread
				}
				if out[i], err = x.Hear(ctx, s.Start, samples); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if unread != nil || err != nil && ctx.Err() != nil {
		return err
	}
	if err != nil && !c.voiceless.Swap(true) {
		c.cfg.Log.Warn("voices not heard", "chunk", c.task.Chunk, "code", referent.CodeOf(err), "error", err)
	}
	return nil
}

func (c *call) result() *referent.ChunkResult {
	r := &referent.ChunkResult{
		Chunk: c.task.Chunk, Language: c.ways.first.Language,
		Models: []referent.ModelUse{c.use}, Segments: []referent.Segment{},
	}
	languages := map[string]int{}
	for _, h := range c.windows {
		r.Segments = append(r.Segments, h.segments...)
		r.Gaps = append(r.Gaps, h.gaps...)
		languages[h.language] += max(len(h.segments), 1)
	}
	if r.Language == "auto" {
		r.Language = most(languages)
	}
	switch {
	case len(c.voices) == 0:
	case c.voiceless.Load():
		r.Warnings = append(r.Warnings, referent.CodeSpeakers)
	default:
		r.Voices = c.voices
		r.Models = append(r.Models, c.room.voiceUse()...)
	}
	return r
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

// voicesAreCheaper is how much less hearing voices costs than hearing words, for the same audio.
const voicesAreCheaper = 8

// progress turns work that is done into a share.
type progress struct {
	mu          sync.Mutex
	done, total int64
	tell        func(float64)
}

func progressOf(task referent.Recognition, tell func(float64)) *progress {
	p := &progress{tell: tell}
	for _, w := range task.Windows {
		p.total += w.Samples()
	}
	for _, s := range task.Voices {
		p.total += s.Len() / voicesAreCheaper
	}
	return p
}

func (p *progress) add(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done += n; p.tell != nil && p.total > 0 {
		p.tell(float64(p.done) / float64(p.total))
	}
}
