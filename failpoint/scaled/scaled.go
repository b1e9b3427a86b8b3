// Package scaled is the recogniser of the chaos suite: it hears no words, and takes a set time for each second of sound.
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
	"strings"
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
}

// FromEnviron is what FAILPOINTS_PACE, the time for a second of sound, asks for: ok is false when it does not.
func FromEnviron() (e *Engine, ok bool) {
	pace, err := time.ParseDuration(os.Getenv("FAILPOINTS_PACE"))
	if err != nil {
		return nil, false
	}
	e = &Engine{PerSecond: pace}
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
	for i, w := range task.Windows {
		for _, s := range w.Spans {
			pcm := make([]byte, 2*s.Len())
			if _, err := io.ReadFull(io.NewSectionReader(audio, 2*s.Start, 2*s.Len()), pcm); err != nil {
				return nil, err
			}
			if poisoned(pcm) {
				_ = syscall.Kill(os.Getpid(), syscall.SIGABRT) // as a C library does that meets what cannot be
				select {}
			}
			words, err := e.words(ctx, pcm, s.Start)
			if err != nil {
				return nil, err
			}
			out.Segments = append(out.Segments, segments(words)...)
		}
		progress(float64(i+1) / float64(len(task.Windows)))
	}
	return out, nil
}

func (e *Engine) begin() {
	if e.Begun == "" {
		return
	}
	if f, err := os.OpenFile(e.Begun, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		fmt.Fprintf(f, "%d\n", time.Now().UnixMicro())
		_ = f.Close()
	}
	if os.Rename(e.Hang, e.Hang+".done") == nil {
		select {}
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

func (e *Engine) words(ctx context.Context, pcm []byte, start int64) (words []referent.Word, err error) {
	const second = 2 * referent.SampleRate
	for off := 0; off < len(pcm); off += second {
		piece := pcm[off:min(off+second, len(pcm))]
		select {
		case <-ctx.Done():
			return nil, referent.E(referent.CodeCancelled, "scaled: recognise", ctx.Err())
		case <-time.After(e.PerSecond * time.Duration(len(piece)) / second):
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
