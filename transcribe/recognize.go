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
	room  *room
}

// NewRecognizer makes one; weights are loaded when the first chunk comes.
func NewRecognizer(cfg Config) *Recognizer {
	cfg = cfg.withDefaults()
	return &Recognizer{cfg: cfg, seats: newSeats(cfg.Threads), room: newRoom(cfg)}
}

// warm loads weights ahead of the call that will need them.
func (r *Recognizer) warm(model string) { r.room.warm(model) }

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
	items := len(task.Windows) + len(task.Voices)
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range min(r.cfg.Threads, items) {
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= items {
					return nil
				}
				if err := c.item(ctx, i); err != nil {
					return err
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return c.result(), nil
}

// call is one call of Recognize. Its items are the windows, and after them the stretches of voices.
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

func (c *call) item(ctx context.Context, i int) (err error) {
	if i < len(c.task.Windows) {
		c.windows[i], err = c.window(ctx, c.task.Windows[i])
		c.progress.add(c.task.Windows[i].Samples())
		return err
	}
	i -= len(c.task.Windows)
	err = c.voice(ctx, i)
	c.progress.add(c.task.Voices[i].Len() / voicesAreCheaper)
	return err
}

// sit runs work on a seat of its own.
func (c *call) sit(ctx context.Context, work func(seat int) error) error {
	seat, err := c.seats.take(ctx, c.task.Priority)
	if err != nil {
		return referent.E(referent.CodeCancelled, "transcribe: recognise chunk", err)
	}
	defer c.seats.leave(seat)
	return work(seat)
}

// voice hears who speaks in one stretch.
func (c *call) voice(ctx context.Context, i int) error {
	if c.voiceless.Load() {
		return nil
	}
	samples, err := c.audio.stretch(c.task.Voices[i])
	if err != nil {
		return err
	}
	err = c.sit(ctx, func(int) error {
		x, err := c.room.extractor()
		if err == nil {
			c.voices[i], err = x.Hear(ctx, c.task.Voices[i].Start, samples)
		}
		return err
	})
	if err != nil && ctx.Err() != nil {
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
