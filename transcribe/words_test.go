package transcribe

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/whispercpp"
	"github.com/referent/referent/transcribe/window"
)

const ms = time.Millisecond

func token(text string, start, end time.Duration, p float64) whispercpp.Token {
	return whispercpp.Token{Bytes: []byte(text), Start: start, End: end, Probability: float32(p), LogProb: float32(math.Log(p))}
}

func TestWordsOf(t *testing.T) {
	// Two stretches of a second each, a minute apart.
	clock := window.NewClock(referent.Window{Spans: []referent.Span{{Start: 16000, End: 32000}, {Start: 976000, End: 992000}}})
	s := whispercpp.Segment{Tokens: []whispercpp.Token{
		token(" m", 0, 100*ms, 0.9), token("\xc3", 100*ms, 150*ms, 0.9), token("\xa5", 150*ms, 200*ms, 0.9), token(" stå", 200*ms, 400*ms, 0.5),
		token(",", 400*ms, 400*ms, 0.5), token(" igjen", 900*ms, 1400*ms, 1), token(" \xff", 1400*ms, 9*time.Second, 0.2),
	}}
	var last int64
	got := wordsOf(s, clock, &last)
	want := []referent.Word{
		{Text: "må", Start: 1, End: 1.2, Probability: 0.9},
		{Text: "stå,", Start: 1.2, End: 1.4, Probability: 0.5},
		{Text: "igjen", Start: 61, End: 61.4, Probability: 1},
		{Text: "\uFFFD", Start: 61.4, End: 62, Probability: 0.2},
	}
	if !slices.EqualFunc(got, want, func(a, b referent.Word) bool {
		return a.Text == b.Text && a.Start == b.Start && a.End == b.End && math.Abs(a.Probability-b.Probability) < 1e-6
	}) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if last != 992000 {
		t.Errorf("ended at %d", last)
	}
	// Whisper's times may run backwards between segments; the words' do not.
	again := wordsOf(whispercpp.Segment{Tokens: []whispercpp.Token{token(" bak", 0, 100*ms, 1)}}, clock, &last)
	if again[0].Start != 62 || again[0].End != 62 {
		t.Errorf("got %+v", again)
	}
}

// sentence gives each word half a second; a number in brackets before a word is a pause in seconds.
func sentence(text string) []referent.Word {
	var words []referent.Word
	at := 0.0
	for _, w := range strings.Fields(text) {
		if w == "[3]" {
			at += 3
			continue
		}
		words = append(words, referent.Word{Text: w, Start: at, End: at + 0.5})
		at += 0.5
	}
	return words
}

func TestSegmentsOf(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"one", "Da er vi enige.", []string{"Da er vi enige."}},
		{"two sentences", "Vi starter med sak fire. Den gjelder skolen.", []string{"Vi starter med sak fire.", "Den gjelder skolen."}},
		{"a short one stays", "Ja. Vi starter med sak fire.", []string{"Ja. Vi starter med sak fire."}},
		{"abbreviation", "Vi møtes igjen på mandag kl. 12 hos hr. Berg da", []string{"Vi møtes igjen på mandag kl. 12 hos hr. Berg da"}},
		{"question", "Er det noen merknader til innkallingen? ingen", []string{"Er det noen merknader til innkallingen?", "ingen"}},
		{"pause", "Vi tar [3] en pause", []string{"Vi tar", "en pause"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, s := range segmentsOf(sentence(tt.text), referent.Quality{OK: true}) {
				got = append(got, s.Text)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestAssemble(t *testing.T) {
	use := referent.ModelUse{Role: "recognition", Name: "base"}
	plan := &referent.Plan{Samples: 160000, Speech: 64000, Chunks: []referent.Chunk{
		{Windows: []referent.Window{{Spans: []referent.Span{{Start: 0, End: 32000}}}}},
		{Windows: []referent.Window{{Spans: []referent.Span{{Start: 96000, End: 128000}}}}},
	}}
	prepared := &referent.PrepareResult{Plan: plan, Duration: 10, Models: []referent.ModelUse{{Role: "voice-activity", Name: "silero-vad"}}}
	got, _ := Assemble(referent.Assembly{Prepared: prepared, Recording: referent.Recording{SHA256: "x"}, Chunks: []referent.ChunkResult{
		{Chunk: 1, Language: "no", Models: []referent.ModelUse{use}, Segments: []referent.Segment{{Start: 6, End: 7, Text: "to"}}},
		{Chunk: 0, Language: "no", Models: []referent.ModelUse{use}, Segments: []referent.Segment{{Start: 0, End: 2, Text: "en"}}},
	}})
	if len(got.Segments) != 2 || got.Segments[0].Text != "en" || got.Segments[0].ID != "s1" || got.Segments[1].ID != "s2" {
		t.Errorf("segments %+v", got.Segments)
	}
	if math.Abs(got.Coverage-0.75) > 1e-9 || len(got.Models) != 2 || got.Language != "no" || got.Recording.Duration != 10 {
		t.Errorf("transcript %+v", got)
	}
}
