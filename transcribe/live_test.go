package transcribe

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/internal/sample"
)

// arrival is a recording of which some bytes have come, and the rest comes when more is closed.
type arrival struct {
	come, rest string
	more       chan struct{}
}

func (a *arrival) read(ctx context.Context, p []byte) (int, error) {
	if a.come == "" {
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-a.more:
			a.come, a.rest = a.rest, ""
		}
		if a.come == "" {
			return 0, io.EOF
		}
	}
	n := copy(p, a.come)
	a.come = a.come[n:]
	return n, nil
}

func liveFor(t *testing.T) *Live {
	t.Helper()
	cfg := Config{Models: sample.Models(t), Threads: 1}
	r := NewRecognizer(cfg)
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return NewLive(cfg, r)
}

var liveTask = referent.Recognition{Model: "base", Language: "en", Mode: referent.ModeFast, Priority: referent.PriorityInteractive}

// collect applies what is told as the server does.
func collect(all *referent.Partial, p referent.Partial) string {
	kept := all.Segments[:0]
	for _, s := range all.Segments {
		if !s.Open {
			kept = append(kept, s)
		}
	}
	all.Segments = append(kept, p.Segments...)
	all.Heard = max(all.Heard, p.Heard)
	var texts []string
	for _, s := range all.Segments {
		texts = append(texts, s.Text)
	}
	return strings.Join(texts, " ")
}

func words(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r < 'a' || r > 'z' }), " ")
}

// Text of what has been said is there while the rest of the recording has not come; at the end all of it is.
func TestLiveHearsWhileItArrives(t *testing.T) {
	file, err := os.ReadFile(sample.JFK(t))
	if err != nil {
		t.Fatal(err)
	}
	a := &arrival{come: string(file[:len(file)*6/10]), rest: string(file[len(file)*6/10:]), more: make(chan struct{})}
	var all referent.Partial
	var text, early string
	l := liveFor(t)
	err = l.Listen(t.Context(), a.read, liveTask, 0, func(p referent.Partial) error {
		text = words(collect(&all, p))
		for _, s := range p.Segments {
			if s.Start < 0 || s.End > 11.01 || s.End < s.Start {
				t.Errorf("a segment from %.2f to %.2f", s.Start, s.End)
			}
		}
		if early == "" && strings.Contains(text, "fellow americans") {
			early = text
			close(a.more)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if early == "" || strings.Contains(early, "do for your country") {
		t.Errorf("early: %q", early)
	}
	// Where a window ends follows from when the words arrive, and one beside its end may be heard otherwise: all is
	// there, once.
	beyond := len(strings.Fields(text)) - len(strings.Fields(sample.Words))
	if beyond < -2 || beyond > 2 || !strings.HasPrefix(text, "and so my fellow americans") || !strings.HasSuffix(text, "ask what you can do for your country") ||
		strings.Count(text, "country") != 2 {
		t.Errorf("in the end: %q", text)
	}
	for _, s := range all.Segments {
		if s.Open || s.Doubtful {
			t.Errorf("in the end: %+v", s)
		}
	}
	if all.Heard < 10 || all.Heard > 11.01 {
		t.Errorf("heard %.2f s", all.Heard)
	}

	// Another worker goes on from where the first was, and hears nothing twice.
	a = &arrival{come: string(file), more: make(chan struct{})}
	close(a.more)
	all = referent.Partial{}
	if err := l.Listen(t.Context(), a.read, liveTask, 7.5, func(p referent.Partial) error {
		text = words(collect(&all, p))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(text, "what you can do for your country") || strings.Contains(text, "americans") || all.Segments[0].Start < 7.5 {
		t.Errorf("from 7.5 s: %q", text)
	}
}

// What cannot be heard as it comes gives no text and no error; what is wrong with the source, or with
// whoever is told, is an error.
func TestLiveEnds(t *testing.T) {
	l := liveFor(t)
	listen := func(read func(context.Context, []byte) (int, error)) error {
		return l.Listen(t.Context(), read, liveTask, 0, func(p referent.Partial) error {
			t.Errorf("told %+v", p)
			return nil
		})
	}
	noise := &arrival{come: strings.Repeat("\x00\x13\xff\x7eReferent", 4096), more: make(chan struct{})}
	close(noise.more)
	if err := listen(noise.read); err != nil {
		t.Errorf("noise: %v", err)
	}
	lost := referent.E(referent.CodeLeaseLost, "test", nil)
	if err := listen(func(context.Context, []byte) (int, error) { return 0, lost }); !errors.Is(err, lost) {
		t.Errorf("a lost lease: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	file, err := os.ReadFile(sample.JFK(t))
	if err != nil {
		t.Fatal(err)
	}
	half := &arrival{come: string(file[:len(file)/2]), more: make(chan struct{})}
	err = l.Listen(ctx, half.read, liveTask, 0, func(referent.Partial) error {
		cancel(nil)
		return nil
	})
	if referent.CodeOf(err) != referent.CodeCancelled {
		t.Errorf("cancelled: %v", err)
	}
}

func TestSoundsFallBehind(t *testing.T) {
	s := newSounds(16000)
	second := make([]int16, referent.SampleRate)
	for i := range 1 + int(maxBehind/time.Second) {
		if err := s.put(second); err != nil {
			t.Fatalf("after %d s: %v", i, err)
		}
	}
	if err := s.put(second); !errors.Is(err, errBehind) {
		t.Errorf("too much waits: %v", err)
	}
	block, state, err := s.take(t.Context())
	if err != nil || state != soundsCome || int64(len(block)) != samplesIn(maxBehind)+referent.SampleRate {
		t.Errorf("%d samples, %v, %v", len(block), state, err)
	}
	if _, state, err := s.take(t.Context()); state != soundsStill || err != nil {
		t.Errorf("nothing comes: %v, %v", state, err)
	}
	s.end(errBehind)
	if _, _, err := s.take(t.Context()); quietly(err) != nil {
		t.Errorf("the end: %v", err)
	}
}
