package transcribe

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/whispercpp"
)

const ms = time.Millisecond

func token(text string, start, end time.Duration, p float64) whispercpp.Token {
	return whispercpp.Token{Bytes: []byte(text), Start: start, End: end, Probability: float32(p), LogProb: float32(math.Log(p))}
}

// speech is a window's sound: noise in the stretches given in seconds, near silence elsewhere.
func speech(length float64, stretches ...[2]float64) []float32 {
	rng := rand.New(rand.NewPCG(1, 2))
	samples := make([]float32, int(length*referent.SampleRate))
	for i := range samples {
		loud := 0.001
		for _, s := range stretches {
			if at := float64(i) / referent.SampleRate; at >= s[0] && at < s[1] {
				loud = 0.2
			}
		}
		samples[i] = float32(loud * rng.NormFloat64())
	}
	return samples
}

func spanned(spans ...referent.Span) referent.Window { return referent.Window{Spans: spans} }

func TestWordsOf(t *testing.T) {
	// Two stretches of a second each, a minute apart; the words sound in the second half of each.
	w := spanned(referent.Span{Start: 16000, End: 32000}, referent.Span{Start: 976000, End: 992000})
	samples := speech(2, [2]float64{0.4, 1}, [2]float64{1.5, 2})
	segments := []whispercpp.Segment{{Start: 0, End: 2 * time.Second, Tokens: []whispercpp.Token{
		token(" m", 0, 100*ms, 0.9), token("\xc3", 100*ms, 150*ms, 0.9), token("\xa5", 150*ms, 200*ms, 0.9), token(" stå", 200*ms, 400*ms, 0.5),
		token(",", 400*ms, 400*ms, 0.5), token(" igjen", 900*ms, 1400*ms, 1),
	}}}
	got := wordsOf(segments, samples, w)[0]
	if len(got) != 3 || got[0].Text != "må" || got[1].Text != "stå," || got[2].Text != "igjen" {
		t.Fatalf("got %+v", got)
	}
	if math.Abs(got[0].Probability-0.9) > 1e-6 || math.Abs(got[1].Probability-0.5) > 1e-6 || got[2].Probability != 1 {
		t.Errorf("got %+v", got)
	}
	near := func(name string, got, want float64) {
		if math.Abs(got-want) > 0.06 {
			t.Errorf("%s at %v, want %v", name, got, want)
		}
	}
	near("the first word begins", got[0].Start, 1.4)
	near("the second ends", got[1].End, 2)
	near("the third begins", got[2].Start, 61.5)
	near("the third ends", got[2].End, 62)
}

// Whisper's own marks lead where they are sure, and do not where they are not.
func TestMarks(t *testing.T) {
	samples := speech(3, [2]float64{0, 3})
	sentence := func(at time.Duration, p float32) []whispercpp.Segment {
		s := whispercpp.Segment{End: 3 * time.Second}
		for _, w := range []string{" alle", " sier", " dette", " samme", " ordet"} {
			s.Tokens = append(s.Tokens, token(w, 0, 0, 1))
		}
		s.Tokens[2].Mark, s.Tokens[2].MarkProbability, s.Tokens[2].MarksProbability = at, p, 0.1
		return []whispercpp.Segment{s}
	}
	third := func(s []whispercpp.Segment) float64 {
		return wordsOf(s, samples, spanned(referent.Span{End: 3 * referent.SampleRate}))[0][2].Start
	}
	if got := third(sentence(1500*ms, 0.3)); math.Abs(got-1.5) > 0.03 {
		t.Errorf("a mark at 1.5 s begins the word at %v", got)
	}
	for name, s := range map[string][]whispercpp.Segment{
		"an unsure one": sentence(1500*ms, 0.01), "one outside": sentence(9*time.Second, 0.9), "none": sentence(0, 0),
	} {
		if got := third(s); got < 0.9 || got > 1.35 {
			t.Errorf("%s: the word begins at %v", name, got)
		}
	}
}

// A letter may be broken between tokens, and between segments; its word belongs to where it began.
func TestLettersAreWhole(t *testing.T) {
	for _, c := range []struct {
		name     string
		segments [][]string
		want     []string
	}{
		{"in one token", [][]string{{" blåbær", "øl"}}, []string{"blåbærøl"}},
		{"between tokens", [][]string{{" bl\xc3", "\xa5b", "\xc3", "\xa6", "r"}}, []string{"blåbær"}},
		{"between segments", [][]string{{" p", "\xc3"}, {"\xa5", " en", " ø"}}, []string{"på", "en ø"}},
		{"as a segment's only letter", [][]string{{" p", "\xc3"}, {"\xa5"}, {" en"}}, []string{"på", "", "en"}},
		{"the word goes on after it", [][]string{{" m\xc3"}, {"\xa5l", "et", " er"}}, []string{"målet", "er"}},
		{"of four bytes", [][]string{{" \xf0\x9f"}, {"\x98", "\x80", " ja"}}, []string{"\U0001F600", "ja"}},
		{"an accent of its own", [][]string{{" a", "\u030a", " e\u0301n"}}, []string{"å én"}},
		{"an accent in the next segment", [][]string{{" Ba"}, {"\u030a", "t", " og"}}, []string{"Båt", "og"}},
		{"a word at a segment's start without its space", [][]string{{" på"}, {"Oslo", " og"}}, []string{"på", "Oslo og"}},
		{"never whole", [][]string{{" p\xc3"}, {" en"}}, []string{"p\uFFFD", "en"}},
		{"nothing but space", [][]string{{" ", "  "}, {" en"}}, []string{"", "en"}},
	} {
		var segments []whispercpp.Segment
		for i, texts := range c.segments {
			s := whispercpp.Segment{Start: time.Duration(i) * time.Second, End: time.Duration(i+1) * time.Second}
			for _, x := range texts {
				s.Tokens = append(s.Tokens, token(x, s.Start, s.End, 0.9))
			}
			segments = append(segments, s)
		}
		n := len(segments)
		var got []string
		for _, words := range wordsOf(segments, speech(float64(n), [2]float64{0, float64(n)}), spanned(referent.Span{End: int64(n) * referent.SampleRate})) {
			var texts []string
			for _, w := range words {
				texts = append(texts, w.Text)
			}
			got = append(got, strings.Join(texts, " "))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Norwegian text, cut to tokens and segments between any two bytes, comes out as it was; and whatever
// the tokens say of their times, words come in order inside the window's speech.
func TestAnyCut(t *testing.T) {
	letters := []rune("abeprøåæØÅÆéüßñ日€")
	rapid.Check(t, func(t *rapid.T) {
		var text []byte
		for range rapid.IntRange(0, 30).Draw(t, "words") {
			text = append(text, ' ')
			text = append(text, string(rapid.SliceOfN(rapid.SampledFrom(letters), 1, 8).Draw(t, "word"))...)
		}
		var w referent.Window
		at := int64(0)
		for range rapid.IntRange(1, 4).Draw(t, "spans") {
			at += rapid.Int64Range(0, 50000).Draw(t, "gap")
			n := rapid.Int64Range(100, 60000).Draw(t, "length")
			w.Spans = append(w.Spans, referent.Span{Start: at, End: at + n})
			at += n
		}
		length := float64(w.Samples()) / referent.SampleRate
		when := rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.Float64Range(-1, length+5).Draw(t, "s") * float64(time.Second))
		})
		segments := []whispercpp.Segment{{}}
		for rest := text; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "bytes")
			k := whispercpp.Token{Bytes: rest[:n], LogProb: -0.1, Start: when.Draw(t, "start"), End: when.Draw(t, "end"),
				Mark: when.Draw(t, "mark"), MarkProbability: rapid.Float32Range(0, 1).Draw(t, "p"), MarksProbability: 0.1}
			// A token holds one word at most, as Whisper's do; a segment ends in a word only within a letter.
			if space := slices.Index(rest[1:n], ' '); space >= 0 {
				n = space + 1
				k.Bytes = rest[:n]
			}
			last := &segments[len(segments)-1]
			last.Tokens = append(last.Tokens, k)
			rest = rest[n:]
			if len(rest) > 0 && (rest[0] == ' ' || !utf8.RuneStart(rest[0])) && rapid.Bool().Draw(t, "segment ends") {
				segments = append(segments, whispercpp.Segment{Start: when.Draw(t, "from"), End: when.Draw(t, "to")})
			}
		}
		var got []byte
		last := -1.0
		for _, words := range wordsOf(segments, speech(length, [2]float64{length / 4, length / 2}), w) {
			for _, x := range words {
				got = append(append(got, ' '), x.Text...)
				if x.Start < last || x.End < x.Start {
					t.Fatalf("%q lies at %v to %v, after %v", x.Text, x.Start, x.End, last)
				}
				last = x.End
				if !slices.ContainsFunc(w.Spans, func(s referent.Span) bool { return seconds(s.Start) <= x.Start && x.End <= seconds(s.End) }) {
					t.Fatalf("%q lies at %v to %v, outside %v", x.Text, x.Start, x.End, w.Spans)
				}
			}
		}
		if !slices.Equal(got, text) {
			t.Fatalf("%q came out as %q", text, got)
		}
	})
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
	if math.Abs(got.Coverage-0.8) > 1e-9 || len(got.Models) != 2 || got.Language != "no" || got.Recording.Duration != 10 {
		t.Errorf("transcript %+v", got)
	}
}
