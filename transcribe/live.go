package transcribe

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/decode"
)

// Live hears recordings while they arrive, for text within seconds of the last word. What it gives is
// provisional: windows are cut as the sound comes, and never looked at again. It is safe for use by
// several goroutines.
type Live struct {
	cfg        Config
	preparer   *Preparer
	recognizer Hearer
}

// Hearer is what [Live] needs of a [Recognizer]. progress may be nil.
type Hearer interface {
	Recognize(ctx context.Context, audio io.ReaderAt, task referent.Recognition, progress func(float64)) (*referent.ChunkResult, error)
}

// NewLive makes one that hears through r, whose threads and weights it shares.
func NewLive(cfg Config, r Hearer) *Live {
	return &Live{cfg: cfg.withDefaults(), preparer: NewPreparer(cfg), recognizer: r}
}

const (
	// maxBehind is how much sound may wait to be heard. More than that waits when a file is on its way and
	// nobody speaks, or when this machine is too slow: the transcript is then the sooner way to the text.
	maxBehind = 2 * time.Minute
	// maxTail is how much is still heard once all of the recording has come and its transcript is made.
	maxTail = 15 * time.Second
	// standstill is how long nothing has come when what there is is heard as it is.
	standstill = 1500 * time.Millisecond
	// openEvery is how much is spoken without a pause before it is heard for the time being.
	openEvery = 8 * time.Second
	// maxLive is the most sound that is listened to, whatever a recording decodes to.
	maxLive = 24 * time.Hour
)

func samplesIn(d time.Duration) int64 { return int64(d.Seconds() * referent.SampleRate) }

// Listen hears a recording from the seconds given on, as read brings it, and tells heard what was said:
// each time segments to be put in the place of those that were open, and after those that were not; and
// up to where nothing will be added. task has no windows, and its chunk does not count.
//
// It ends with the recording, with ctx, or, as if that were the recording's end, when it falls too far
// behind to be of use. A recording that cannot be read as it comes gives no text and no error.
// Errors: those of the machine (CodeModelMissing, CodeFFmpegMissing ...), of recognition, of read and of
// heard.
func (l *Live) Listen(ctx context.Context, read func(ctx context.Context, p []byte) (int, error), task referent.Recognition, from float64, heard func(referent.Partial) error) error {
	detector, _, err := l.preparer.detector()
	if err != nil {
		return err
	}
	defer detector.Close()
	ctx, cancel := context.WithCancel(ctx)
	start := int64(max(from, 0) * referent.SampleRate)
	sounds := newSounds(start)
	decoding := make(chan struct{})
	go func() {
		defer close(decoding)
		_, err := decode.Stream(ctx, read, decode.Options{FFmpeg: l.cfg.FFmpeg, Confine: l.cfg.Confine, MaxDuration: maxLive.Seconds()}, sounds.put)
		sounds.end(err)
	}()
	defer func() {
		cancel()
		<-decoding
	}()

	h := &listener{ear: ear{start: start}, task: task, recognizer: l.recognizer, tell: heard}
	var floats []float32
	for {
		block, state, err := sounds.take(ctx)
		if err != nil {
			return quietly(err)
		}
		if state == soundsOver && int64(len(block)) > samplesIn(maxTail) {
			return nil
		}
		floats = floats[:0]
		for _, s := range block {
			floats = append(floats, float32(s)/(1<<15))
		}
		if err := detector.Write(floats); err != nil {
			return err
		}
		voice := detector.Take()
		if state == soundsOver {
			rest, err := detector.Finish()
			if err != nil {
				return err
			}
			voice = append(voice, rest...)
		}
		h.ear.hear(block, voice)
		if err := h.settle(ctx, state); err != nil || state == soundsOver {
			return err
		}
	}
}

// quietly takes what is wrong with the recording, and nothing else, for its end: preparing will tell it.
func quietly(err error) error {
	switch referent.CodeOf(err) {
	case referent.CodeAudioEmpty, referent.CodeAudioUnreadable, referent.CodeAudioTruncated, referent.CodeAudioNoTrack,
		referent.CodeAudioDRM, referent.CodeAudioTooLong, referent.CodeAudioCostly:
		return nil
	}
	if errors.Is(err, errBehind) {
		return nil
	}
	return err
}

// listener recognises what an ear cuts.
type listener struct {
	ear        ear
	task       referent.Recognition
	recognizer Hearer
	tell       func(referent.Partial) error

	opened int64 // up to where open speech has been told
	told   bool  // there are open segments at whoever is told
}

// settle recognises the windows that are whole, and what is open when it has grown or nothing more comes.
func (h *listener) settle(ctx context.Context, state soundState) error {
	for {
		w, ok := h.ear.settled(state == soundsOver)
		if !ok {
			break
		}
		end := w.Spans[len(w.Spans)-1].End
		if err := h.hear(ctx, w, false, end); err != nil {
			return err
		}
		h.ear.forget(end)
	}
	w, ok := h.ear.open()
	if !ok {
		if h.told { // it was no speech after all
			h.told = false
			return h.tell(referent.Partial{Heard: seconds(h.ear.start)})
		}
		return nil
	}
	end := w.Spans[len(w.Spans)-1].End
	fresh := end - max(h.opened, w.Spans[0].Start)
	if fresh >= samplesIn(openEvery) || state == soundsStill && fresh > 0 {
		h.opened = end
		return h.hear(ctx, w, true, w.Spans[0].Start)
	}
	return nil
}

// hear recognises one window and tells it, and that nothing is added before a position.
func (h *listener) hear(ctx context.Context, w referent.Window, open bool, before int64) error {
	task := h.task
	task.Chunk, task.Channels, task.Voices = 0, 0, nil
	task.Windows = []referent.Window{w}
	result, err := h.recognizer.Recognize(ctx, &h.ear, task, nil)
	if err != nil {
		return err
	}
	p := referent.Partial{Heard: seconds(before)}
	for _, s := range result.Segments {
		if s.Text != "" {
			p.Segments = append(p.Segments, referent.PartialSegment{
				Start: s.Start, End: s.End, Text: s.Text, Doubtful: !s.Quality.OK, Open: open})
		}
	}
	if len(p.Segments) == 0 && !h.told && open {
		return nil
	}
	h.told = open && len(p.Segments) > 0
	return h.tell(p)
}

type soundState int

const (
	soundsCome  soundState = iota
	soundsStill            // nothing has come for a while
	soundsOver             // nothing more will
)

var errBehind = errors.New("more sound waits than can be heard in time")

// sounds is what is decoded and not heard yet. One goroutine puts, another takes.
type sounds struct {
	mu      sync.Mutex
	skip    int64 // samples that are not to be heard, still to come
	waiting []int16
	over    bool
	err     error
	news    chan struct{}
}

// newSounds passes over what comes before a position.
func newSounds(from int64) *sounds {
	return &sounds{skip: from, news: make(chan struct{}, 1)}
}

func (s *sounds) put(block []int16) error {
	defer s.wake()
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(s.skip, int64(len(block)))
	s.skip -= n
	s.waiting = append(s.waiting, block[n:]...)
	if int64(len(s.waiting)) > samplesIn(maxBehind) {
		return errBehind
	}
	return nil
}

// end says that nothing more comes, and why.
func (s *sounds) end(err error) {
	defer s.wake()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over, s.err = true, err
}

func (s *sounds) wake() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// take waits for sound and returns all that waits. When nothing comes for the standstill, or is over, it
// says so.
func (s *sounds) take(ctx context.Context) ([]int16, soundState, error) {
	still := time.NewTimer(standstill)
	defer still.Stop()
	for {
		s.mu.Lock()
		block, over, err := s.waiting, s.over, s.err
		s.waiting = nil
		s.mu.Unlock()
		switch {
		case over && err != nil:
			return nil, soundsOver, err
		case over:
			return block, soundsOver, nil
		case len(block) > 0:
			return block, soundsCome, nil
		}
		select {
		case <-s.news:
		case <-still.C:
			return nil, soundsStill, nil
		case <-ctx.Done():
			return nil, soundsOver, referent.E(referent.CodeCancelled, "transcribe: listen", context.Cause(ctx))
		}
	}
}
