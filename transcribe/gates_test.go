package transcribe

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/whispercpp"
)

// segment says text from a second on, at three words a second, each word with probability p.
func segment(text string, p, noSpeech float64) whispercpp.Segment {
	return said(text, time.Second, 333*ms, p, noSpeech)
}

// said gives each word of text the time pace.
func said(text string, at, pace time.Duration, p, noSpeech float64) whispercpp.Segment {
	s := whispercpp.Segment{Start: at, NoSpeech: float32(noSpeech)}
	for _, w := range strings.Fields(text) {
		s.Tokens = append(s.Tokens, token(" "+w, at, at+pace, p))
		at += pace
	}
	s.End = at
	return s
}

// heardIn is a result of these segments, and the scene they fill from its first second to its last.
func heardIn(segments ...whispercpp.Segment) (whispercpp.Result, scene) {
	return whispercpp.Result{Segments: segments}, scene{length: segments[len(segments)-1].End}
}

const sober = "Kommunestyret vedtok enstemmig å utsette saken til neste møte."

// long is a sentence of n different words.
func long(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprintf("ord%c%c", 'a'+i/20, 'a'+i%20)
	}
	return strings.Join(words, " ")
}

func TestGates(t *testing.T) {
	for _, tt := range []struct {
		name string
		s    whispercpp.Segment
		want []string
	}{
		{"good", segment(sober, 0.9, 0.01), nil},
		{"said three times", segment("nei nei nei det går ikke", 0.9, 0.01), nil},
		{"a sentence said twice", segment("vi stemmer over saken vi stemmer over saken", 0.9, 0.01), nil},

		{"one word for ever", segment("ja ja ja ja ja ja ja", 0.9, 0.01), []string{ReasonLoop}},
		{"phrase for ever", segment("og så videre og så videre og så videre", 0.9, 0.01), []string{ReasonLoop}},
		{"alternating", segment(strings.Repeat("opp ned ", 3), 0.9, 0.01), []string{ReasonLoop}},
		{"two sentences in turn", segment(strings.Repeat("Det er en veldig fin dag. Men det er også litt kaldt. ", 3), 0.9, 0.01), []string{ReasonLoop}},
		{"a paragraph again", segment(long(30)+" "+long(30), 0.9, 0.01), []string{ReasonLoop}},
		{"in ever new order", segment(strings.Repeat("det var en gang en konge og en dronning ", 4)+strings.Repeat("en konge og det var en gang dronning en ", 3), 0.9, 0.01), []string{ReasonLoop}},

		{"guesswork", segment("sære greier hele veien", 0.2, 0.01), []string{ReasonLowProbability}},
		{"words of no time", said("alle disse lange ordene kom visst på en gang her", time.Second, 20*ms, 0.4, 0.01), []string{ReasonStrangeWords, ReasonTooFast}},
		{"a word of a whole silence", said("så dette", time.Second, 4*time.Second, 0.4, 0.01), []string{ReasonStrangeWords, ReasonMissingText}},
		{"unlikely words", segment("xa xb xc xd", 0.1, 0.01), []string{ReasonLowProbability, ReasonStrangeWords}},

		{"in silence", segment("noe som ble sagt", 0.5, 0.9), []string{ReasonNoSpeech}},
		{"music", segment("♪ ♪", 0.9, 0.01), []string{ReasonNoSpeech}},
		{"described", segment("[Musikk]", 0.9, 0.01), []string{ReasonNoSpeech}},
		{"a remark within", segment("(ja) det er greit", 0.9, 0.01), nil},

		{"subtitles", segment("Teksting av Nicolai Winther", 0.5, 0.1), []string{ReasonStockPhrase}},
		{"subtitles of anyone", segment("Undertekster av Kari Normann.", 0.5, 0.1), []string{ReasonStockPhrase}},
		{"speaking of subtitles", segment("Undertekster av denne typen må vi ha på alle møter heretter.", 0.5, 0.1), nil},
		{"thanks that were meant", segment("Takk for i dag.", 0.95, 0.01), nil},
		{"thanks in silence", segment("Takk for i dag.", 0.95, 0.4), []string{ReasonStockPhrase}},

		{"faster than speech", said(sober, time.Second, 125*ms, 0.9, 0.01), []string{ReasonTooFast}},
		{"speech went on", said("så kom", time.Second, 3*time.Second, 0.9, 0.01), []string{ReasonMissingText}},
		{"likely words at odd times", said("alle disse ordene kom på en gang her", time.Second, 20*ms, 0.9, 0.01), []string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, sc := heardIn(tt.s)
			v := judge(r, sc)
			if !slices.Equal(v.reasons[0], tt.want) {
				t.Errorf("got %v, want %v", v.reasons[0], tt.want)
			}
			wantMend := slices.ContainsFunc(tt.want, func(r string) bool { return mendable[r] })
			if v.mendable != wantMend || (v.share > 0) != wantMend {
				t.Errorf("doubt %v, mendable %v", v.share, v.mendable)
			}
		})
	}
}

// A loop may give each round a segment of its own: all of them are marked, and what is around them is not.
func TestLoopOverSegments(t *testing.T) {
	segments := []whispercpp.Segment{segment(sober, 0.9, 0)}
	for range 4 {
		segments = append(segments, said("takk for det", segments[len(segments)-1].End, 300*ms, 0.9, 0))
	}
	segments = append(segments, said("Vi går videre til neste sak.", segments[len(segments)-1].End, 300*ms, 0.9, 0))
	v := judge(heardIn(segments...))
	for i, reasons := range v.reasons {
		if looped := slices.Contains(reasons, ReasonLoop); looped != (i > 0 && i < 5) {
			t.Errorf("segment %d: %v", i, reasons)
		}
	}
	if !v.mendable || v.share < 0.3 || v.share > 0.6 {
		t.Errorf("verdict %+v", v)
	}
}

func TestLoopsFindEveryPeriod(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		period := rapid.IntRange(1, longestPeriod).Draw(t, "period")
		before, after := rapid.IntRange(0, 20).Draw(t, "before"), rapid.IntRange(0, 20).Draw(t, "after")
		var words []string
		fresh := func(n int) {
			for range n {
				words = append(words, fmt.Sprint(len(words)))
			}
		}
		fresh(before)
		fresh(period)
		for range period * (wanted(period) - 1) {
			words = append(words, words[len(words)-period])
		}
		fresh(after)
		got := loops(words)
		if want := []run{{before, before + period*wanted(period)}}; !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v in %v", got, want, words)
		}
		// One word less is no loop.
		short := append(slices.Clone(words[:before+period*wanted(period)-1]), "ende")
		if got := loops(short); len(got) != 0 {
			t.Fatalf("got %v in %v", got, short)
		}
	})
}

func TestHoles(t *testing.T) {
	at := func(from, to time.Duration) whispercpp.Segment {
		return whispercpp.Segment{Start: from * time.Second, End: to * time.Second}
	}
	for _, tt := range []struct {
		name     string
		segments []whispercpp.Segment
		length   time.Duration
		want     []hole
	}{
		{"all of it", []whispercpp.Segment{at(0, 20)}, 20 * time.Second, nil},
		{"short silences", []whispercpp.Segment{at(2, 10), at(13, 18)}, 20 * time.Second, nil},
		{"stopped early", []whispercpp.Segment{at(0, 9)}, 20 * time.Second, []hole{{9 * time.Second, 20 * time.Second}}},
		{"began late", []whispercpp.Segment{at(6, 20)}, 20 * time.Second, []hole{{0, 6 * time.Second}}},
		{"jumped", []whispercpp.Segment{at(0, 4), at(10, 20)}, 20 * time.Second, []hole{{4 * time.Second, 10 * time.Second}}},
		{"no text", nil, time.Second, []hole{{0, time.Second}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := whispercpp.Result{Segments: tt.segments}
			if got := holes(r, tt.length); !slices.Equal(got, tt.want) {
				t.Errorf("got %v", got)
			}
			if v := judge(r, scene{length: tt.length}); len(tt.want) > 0 && !v.mendable {
				t.Errorf("a hole that is not looked into: %+v", v)
			}
		})
	}
}

func TestTextTooFastForItsWindow(t *testing.T) {
	r, sc := heardIn(segment(strings.Repeat(long(20)+" ", 1), 0.9, 0.01))
	if v := judge(r, sc); v.has(ReasonTooFast) {
		t.Errorf("a sensible rate: %v", v.reasons)
	}
	sc.length = 3 * time.Second
	if v := judge(r, sc); !v.has(ReasonTooFast) {
		t.Errorf("100 letters in 3 s: %v", v.reasons)
	}
}

func TestEcho(t *testing.T) {
	const vocabulary = "Kari Nordtun, Ola Berg, Gunn Marit Helgesen, PS 12/25 Skolestruktur."
	for _, tt := range []struct {
		name, text string
		want       bool
	}{
		{"in order", "Kari Nordtun, Ola Berg.", true},
		{"from the middle", "Ja. Berg, Gunn Marit Helgesen og så videre", true},
		{"one who is named", "Da gir jeg ordet til Gunn Marit Helgesen.", false},
		{"another order", "Ola Berg og Kari Nordtun er her.", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, sc := heardIn(segment(tt.text, 0.9, 0.01))
			sc.prompt = strings.Fields(bare(vocabulary))
			v := judge(r, sc)
			if v.has(ReasonPromptEcho) != tt.want || v.mendable != tt.want {
				t.Errorf("got %+v", v)
			}
			sc.prompt = nil
			if judge(r, sc).has(ReasonPromptEcho) {
				t.Error("an echo of nothing")
			}
		})
	}
}

// The names come back when nothing was put before the window: they were read out.
func TestEchoIsBelievedWhenItComesAgain(t *testing.T) {
	hear := func(text string, prompt string) attempt {
		r, sc := heardIn(segment(text, 0.9, 0.01))
		sc.prompt = strings.Fields(bare(prompt))
		return attempt{r, judge(r, sc)}
	}
	const prompt = "Kari Nordtun, Ola Berg, Siv Jensen."
	first := hear("Kari Nordtun, Ola Berg, Siv Jensen.", prompt)
	if got := better(first, hear("Kari Nortun Ola Berg sier Jensen", "")); textOfAll(got.result) != textOfAll(first.result) || got.verdict.has(ReasonPromptEcho) || got.verdict.share != 0 {
		t.Errorf("a roll call: kept %q with %v", textOfAll(got.result), got.verdict.reasons)
	}
	if got := better(hear("Kari Nordtun, Ola Berg, Siv Jensen.", prompt), hear("Det er helt stille her", "")); textOfAll(got.result) != " Det er helt stille her" {
		t.Errorf("an echo: kept %q", textOfAll(got.result))
	}
}

func TestWeakVoiceHoldsTextBack(t *testing.T) {
	w := func(voice ...float64) referent.Window {
		return referent.Window{Spans: []referent.Span{{Start: 0, End: 48000}, {Start: 480000, End: 528000}}, Voice: voice}
	}
	invented := said("Takk for at du så på!", 0, 500*ms, 0.6, 0.7)
	spoken := said("Saken blir utsatt nå", 3*time.Second, 700*ms, 0.8, 0.1)
	for _, tt := range []struct {
		name  string
		voice []float64
		want  []bool
	}{
		{"sure of both", []float64{0.8, 0.8}, []bool{false, false}},
		{"unsure of the first", []float64{0.3, 0.8}, []bool{true, false}},
		{"unsure of the second, which is sure of itself", []float64{0.8, 0.3}, []bool{false, false}},
		{"not measured", nil, []bool{false, false}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := judge(whispercpp.Result{Segments: []whispercpp.Segment{invented, spoken}}, sceneOf(w(tt.voice...), ""))
			if !slices.Equal(v.held, tt.want) {
				t.Errorf("held back %v", v.held)
			}
			if !slices.Contains(v.reasons[0], ReasonStockPhrase) {
				t.Errorf("not doubted: %v", v.reasons)
			}
		})
	}
}

func TestBetter(t *testing.T) {
	at := func(segments ...whispercpp.Segment) verdict { return judge(heardIn(segments...)) }
	good := at(segment("alt er vel her hos oss", 0.9, 0))
	first := segment("alt er vel", 0.9, 0)
	half := at(first, said("men ikke her", first.End, 333*ms, 0.2, 0)) // improbable, but not all of it
	loop := at(segment(strings.Repeat("takk for det ", 5), 0.9, 0))
	none := judge(whispercpp.Result{}, scene{length: time.Second})
	if !good.less(half) || !half.less(loop) || loop.less(half) || !good.less(none) {
		t.Errorf("the order of doubt is wrong: %v %v %v %v", good.share, half.share, loop.share, none.share)
	}
	if good.mendable || half.mendable || !loop.mendable || !none.mendable {
		t.Error("the wrong windows are heard again")
	}
}
