package transcribe

import (
	"errors"
	"io"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/window"
)

// say makes an ear hear pieces of so many seconds each, voice and silence by turns, beginning with silence.
// After each frame it takes out what is settled.
func say(e *ear, pieces ...float64) (settled []referent.Window) {
	voice := float32(1)
	for _, length := range pieces {
		voice = 1 - voice
		for range int(length * referent.SampleRate / earFrame) {
			e.hear(make([]int16, earFrame), []float32{voice})
			for {
				w, ok := e.settled(false)
				if !ok {
					break
				}
				settled = append(settled, w)
				e.forget(w.Spans[len(w.Spans)-1].End)
			}
		}
	}
	return settled
}

func TestEarCutsAtPauses(t *testing.T) {
	for name, tt := range map[string]struct {
		pieces []float64
		spans  []int // of each settled window
		open   bool
	}{
		"silence":                          {[]float64{40}, nil, false},
		"a word, and too soon to tell":     {[]float64{1, 1, 0.8}, nil, true},
		"a word":                           {[]float64{1, 1, 1.2}, []int{1}, false},
		"a sentence":                       {[]float64{1, 5, 0.8}, []int{1}, false},
		"a sentence with a breath":         {[]float64{1, 2, 0.5, 2, 0.8}, []int{2}, false},
		"long speech is cut at a breath":   {[]float64{0, 12, 0.5, 3}, []int{1}, true},
		"longer speech at a short one":     {[]float64{0, 22, 0.35, 3}, []int{1}, true},
		"speech without a pause, by force": {[]float64{0, 32}, []int{1}, true},
		"two sentences":                    {[]float64{0, 4, 1, 4, 1}, []int{1, 1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			e := &ear{start: 7 * referent.SampleRate}
			got := say(e, tt.pieces...)
			if len(got) != len(tt.spans) {
				t.Fatalf("settled %v", got)
			}
			var last int64
			for i, w := range got {
				if len(w.Spans) != tt.spans[i] || w.Samples() > window.MaxSamples || w.Spans[0].Start < last || w.Spans[0].Start < 7*referent.SampleRate {
					t.Errorf("window %d: %v", i, w)
				}
				last = w.Spans[len(w.Spans)-1].End
			}
			if _, open := e.open(); open != tt.open {
				t.Errorf("open %v", open)
			}
		})
	}
}

// What an ear holds does not grow with the recording.
func TestEarForgets(t *testing.T) {
	e := &ear{}
	var pieces []float64
	for range 60 {
		pieces = append(pieces, 20, 11)
	}
	if n := len(say(e, pieces...)); n != 59 {
		t.Errorf("%d windows of 60 stretches, the last of them open", n)
	}
	if held := len(e.pcm); held > window.MaxSamples+2*keepSilence || len(e.voice) != held/earFrame {
		t.Errorf("%d samples and %d probabilities are held", held, len(e.voice))
	}
	if e.end() != int64(60*(20*referent.SampleRate/earFrame+11*referent.SampleRate/earFrame)*earFrame) {
		t.Errorf("the end is %d", e.end())
	}
}

func TestEarSettlesAtTheEnd(t *testing.T) {
	e := &ear{}
	say(e, 0, 2)
	if _, ok := e.settled(false); ok {
		t.Error("settled while somebody speaks")
	}
	w, ok := e.settled(true)
	if !ok || w.Samples() < 19*referent.SampleRate/10 {
		t.Errorf("at the end: %v, %v", w, ok)
	}
}

func TestEarReadsByPosition(t *testing.T) {
	e := &ear{start: 1000, pcm: []int16{0x0102, -2, 3}, voice: make([]float32, 1)}
	p := make([]byte, 4)
	if n, err := e.ReadAt(p, 2000); n != 4 || err != nil || string(p) != "\x02\x01\xfe\xff" {
		t.Errorf("%d, %v, %x", n, err, p)
	}
	if n, err := e.ReadAt(p, 2003); n != 3 || !errors.Is(err, io.EOF) || string(p[:n]) != "\xff\x03\x00" {
		t.Errorf("at the end: %d, %v, %x", n, err, p)
	}
	if n, err := e.ReadAt(p, 1999); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("before the start: %d, %v", n, err)
	}
}
