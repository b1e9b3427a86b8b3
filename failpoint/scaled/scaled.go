// Package scaled is the recogniser of the chaos suite and of the scaling bench: it hears no words, and takes a set time for
// each second of sound.
// What it writes follows from the samples alone, so that a window that is missing, doubled, displaced or of
// another meeting shows in the text. All else of a worker is the real one.
package scaled

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/referent/referent"
)

// Engine is a worker.Recognizer.
type Engine struct {
	// PerSecond is how long a second of sound takes.
	PerSecond time.Duration
	// Begun, when not empty, is a file that gets a line for each chunk that is begun: the time in microseconds.
	Begun string
	// Hang is a file whose being there makes whoever takes it away hang for ever.
	Hang string
	// Seats is how many windows are heard at once, as the real one hears one a thread; 0: as many as there are chunks.
	Seats int
	// Heard, when not empty, is a file that gets a line for each window that was heard: how many samples it has.
	Heard string
	// Live is whether recordings are heard while they arrive, too.
	Live bool

	once sync.Once
	free chan struct{}
}

// FromEnviron is what FAILPOINTS_PACE, the time for a second of sound, asks for: ok is false when it does not.
// FAILPOINTS_SEATS, FAILPOINTS_HEARD and FAILPOINTS_LIVE (not empty) are Seats, Heard and Live.
func FromEnviron() (e *Engine, ok bool) {
	pace, err := time.ParseDuration(os.Getenv("FAILPOINTS_PACE"))
	if err != nil {
		return nil, false
	}
	e = &Engine{PerSecond: pace, Heard: os.Getenv("FAILPOINTS_HEARD"), Live: os.Getenv("FAILPOINTS_LIVE") != ""}
	e.Seats, _ = strconv.Atoi(os.Getenv("FAILPOINTS_SEATS"))
	if dir := os.Getenv("FAILPOINTS"); dir != "" {
		e.Begun, e.Hang = filepath.Join(dir, "begun"), filepath.Join(dir, "hang")
	}
	return e, true
}

// PoisonSamples in a row whose last four bits are Poison abort the recogniser. Nobody hears them.
const (
	Poison        = 10
	PoisonSamples = 4000
)

const segmentSeconds = 5

// Recognize gives a word for each second of each span.
func (e *Engine) Recognize(ctx context.Context, audio io.ReaderAt, task referent.Recognition, progress func(float64)) (*referent.ChunkResult, error) {
	e.begin()
	out := &referent.ChunkResult{Chunk: task.Chunk, Language: "no",
		Models: []referent.ModelUse{{Role: "recognition", Name: "chaos", Engine: "scaled"}}, Segments: []referent.Segment{}}
	for i := range task.Windows {
		said, err := e.window(ctx, audio, &task, i)
		if err != nil {
			return nil, err
		}
		out.Segments = append(out.Segments, said...)
		if progress != nil {
			progress(float64(i+1) / float64(len(task.Windows)))
		}
	}
	return out, nil
}

// window reads before it takes a seat, as the real one does.
func (e *Engine) window(ctx context.Context, audio io.ReaderAt, task *referent.Recognition, i int) (out []referent.Segment, err error) {
	w := task.Windows[i]
	pieces := make([][]byte, len(w.Spans))
	for i, s := range w.Spans {
		pieces[i] = make([]byte, 2*s.Len())
		if _, err := io.ReadFull(io.NewSectionReader(audio, 2*s.Start, 2*s.Len()), pieces[i]); err != nil {
			return nil, err
		}
		if poisoned(pieces[i]) {
			_ = syscall.Kill(os.Getpid(), syscall.SIGABRT) // as a C library does that meets what cannot be
			select {}
		}
	}
	leave, err := e.sit(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	// What is waited for is the end of each second, so that timers that come late do not add up.
	due := time.Now()
	for i, s := range w.Spans {
		words, err := e.words(ctx, pieces[i], s.Start, &due)
		if err != nil {
			return nil, err
		}
		out = append(out, segments(words)...)
	}
	note(e.Heard, "%d\n", w.Samples())
	return out, nil
}

// sit waits for a seat; leave gives it back.
func (e *Engine) sit(ctx context.Context) (leave func(), err error) {
	if e.Seats == 0 {
		return func() {}, nil
	}
	e.once.Do(func() { e.free = make(chan struct{}, e.Seats) })
	select {
	case e.free <- struct{}{}:
		return func() { <-e.free }, nil
	case <-ctx.Done():
		return nil, referent.E(referent.CodeCancelled, "scaled: wait for a seat", ctx.Err())
	}
}

func (e *Engine) begin() {
	if e.Begun == "" {
		return
	}
	note(e.Begun, "%d\n", time.Now().UnixMicro())
	if os.Rename(e.Hang, e.Hang+".done") == nil {
		select {}
	}
}

// note adds a line to the file, if it has a name.
func note(path, line string, args ...any) {
	if path == "" {
		return
	}
	if f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		fmt.Fprintf(f, line, args...)
		_ = f.Close()
	}
}

func poisoned(pcm []byte) bool {
	run := 0
	for i := 0; i+1 < len(pcm); i += 2 {
		run++
		if pcm[i]&15 != Poison {
			run = 0
		}
		if run == PoisonSamples {
			return true
		}
	}
	return false
}

// words gives a word for each second of pcm, which begins at start. due is when the second before was over, and is moved on.
func (e *Engine) words(ctx context.Context, pcm []byte, start int64, due *time.Time) (words []referent.Word, err error) {
	const second = 2 * referent.SampleRate
	for off := 0; off < len(pcm); off += second {
		piece := pcm[off:min(off+second, len(pcm))]
		*due = due.Add(e.PerSecond * time.Duration(len(piece)) / second)
		select {
		case <-ctx.Done():
			return nil, referent.E(referent.CodeCancelled, "scaled: recognise", ctx.Err())
		case <-time.After(time.Until(*due)):
		}
		at := float64(start)/referent.SampleRate + float64(off)/second
		words = append(words, referent.Word{Text: word(piece), Start: at, End: at + float64(len(piece))/second, Probability: 1})
	}
	return words, nil
}

// word is a hash that can be said aloud.
func word(pcm []byte) string {
	const consonants, vowels = "bdfgjklmnprstvhk", "aeiou"
	sum := sha256.Sum256(pcm)
	var b strings.Builder
	for _, c := range sum[:6] {
		b.WriteByte(consonants[c&15])
		b.WriteByte(vowels[int(c>>4)%len(vowels)])
	}
	return b.String()
}

func segments(words []referent.Word) (all []referent.Segment) {
	for ; len(words) > 0; words = words[min(segmentSeconds, len(words)):] {
		part := words[:min(segmentSeconds, len(words))]
		texts := make([]string, len(part))
		for i, w := range part {
			texts[i] = w.Text
		}
		all = append(all, referent.Segment{Start: part[0].Start, End: part[len(part)-1].End, Text: strings.Join(texts, " "),
			Words: part, Quality: referent.Quality{OK: true}})
	}
	return all
}
