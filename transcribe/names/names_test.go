package names_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/names"
)

// terms are the names of one fictional meeting.
func terms() []referent.Term {
	var all []referent.Term
	for _, n := range []string{"Solveig Haugland", "Per-Kristian Foss", "Christian Berg", "Anne Lise Øvregård", "Torgeir Micaelsen",
		"Kari Jahnsen", "Åshild Wiik", "Ola Bø", "Inga Marte Thorkildsen", "Mazyar Keshvari"} {
		all = append(all, referent.Term{Text: n, Source: "roster"})
	}
	return append(all,
		referent.Term{Text: "Regulering av Eikeliåsen boligfelt, 2. gangs behandling", Source: "agenda"},
		referent.Term{Text: "Vardåsen", Source: "vocabulary"},
	)
}

// said makes a segment of text. A word with ~ in it was heard doubtfully (0.4), one with ~~ hardly
// (0.2), all others well (0.95).
func said(text string) referent.Segment {
	s := referent.Segment{ID: "s1"}
	for i, w := range strings.Fields(text) {
		p := 0.95
		if strings.Contains(w, "~~") {
			p = 0.2
		} else if strings.Contains(w, "~") {
			p = 0.4
		}
		s.Words = append(s.Words, referent.Word{Text: strings.ReplaceAll(w, "~", ""), Start: float64(i), End: float64(i) + 0.9, Probability: p})
	}
	s.Text = plain(s)
	return s
}

func plain(s referent.Segment) string {
	var words []string
	for _, w := range s.Words {
		words = append(words, w.Text)
	}
	return strings.Join(words, " ")
}

func TestCorrect(t *testing.T) {
	for _, c := range []struct{ heard, want string }{
		// A full name, one half of it heard.
		{"Da gir jeg ordet til Solveig Hauland~ nå.", "Da gir jeg ordet til Solveig Haugland nå."},
		{"Representanten Solvei~ Haugland, vær så god.", "Representanten Solveig Haugland, vær så god."},
		{"Kristian Berg har forfall.", "Christian Berg har forfall."},
		{"Det var Torgeir Mikaelsen~ som sa det.", "Det var Torgeir Micaelsen som sa det."},
		{"Vi hører Per-Christian Foss~.", "Vi hører Per-Kristian Foss."},
		{"Så har vi Anne-Lise~ Øvregård her.", "Så har vi Anne Lise Øvregård her."},
		{"Møtet ledes av Åshild Vik~ i dag.", "Møtet ledes av Åshild Wiik i dag."},
		// One half alone, or both misheard.
		{"Takk til Mikaelsen~ for innlegget.", "Takk til Micaelsen for innlegget."},
		{"Det er Masjar~ Kesvari~ som spør.", "Det er Mazyar Keshvari som spør."},
		{"Vi hørte Sol~ veig~ tidligere.", "Vi hørte Solveig tidligere."},
		{"Ordet går til Solveighaugland~~ nå.", "Ordet går til Solveig Haugland nå."},
		// What is around the name stays.
		{"Det er Solveig Haulands~ forslag.", "Det er Solveig Hauglands forslag."},
		{"Saken («Eikeliosen~») er utsatt.", "Saken («Eikeliåsen») er utsatt."},
		{"Vi drar til Vardosen~, sa han.", "Vi drar til Vardåsen, sa han."},

		// Heard right, or well, or somebody else, or no name at all: it stays.
		{"Solveig Haugland, Christian Berg og Ola Bø er til stede.", ""},
		{"Det er Solveigs forslag, ikke Fosss.", ""},
		{"Da hørte vi Hauland her.", ""},
		{"Kristian har forfall i dag.", ""},
		{"Kari Johansen~ er ikke her.", ""},
		{"Og Kari Hansen har meldt forfall.", ""},
		{"Vi har bygd på berg~~ og på fast~~ fjell.", ""},
		{"Berg~ og dal er det nok av.", ""},
		{"Foss~ er det her, og haug~~ land~~ ved siden.", ""},
		{"Å~~ bo~~ her er godt.", ""},
		{"Vi var i Bergen~ og på Voss~ i går.", ""},
		{"Solvang~ skole skal bygges ut.", ""},
		{"Solveig. Hauland er et sted.", ""},
		{"", ""},
	} {
		s := []referent.Segment{said(c.heard)}
		before := said(c.heard)
		corrections := names.Correct(s, terms())
		want := c.want
		if want == "" {
			want = before.Text
			if len(corrections) > 0 {
				t.Errorf("%q: corrections %+v", c.heard, corrections)
			}
		} else if len(corrections) == 0 {
			t.Errorf("%q: nothing was done", c.heard)
		}
		if s[0].Text != want || plain(s[0]) != want {
			t.Errorf("%q became %q, want %q: %+v", c.heard, s[0].Text, want, corrections)
		}
		// Each change can be taken back, in any order.
		for first := range corrections {
			tr := &referent.Transcript{Segments: []referent.Segment{s[0]}, Corrections: corrections}
			for i := 0; len(tr.Corrections) > 0; i++ {
				if err := names.Revert(tr, (first+i)%len(tr.Corrections)); err != nil {
					t.Fatal(err)
				}
			}
			if tr.Segments[0].Text != before.Text {
				t.Errorf("%q came back as %q", c.heard, tr.Segments[0].Text)
			}
		}
		if len(s[0].Words) == len(before.Words) && len(corrections) > 0 {
			tr := &referent.Transcript{Segments: s, Corrections: corrections}
			for range corrections {
				names.Revert(tr, 0)
			}
			if !reflect.DeepEqual(tr.Segments[0], before) {
				t.Errorf("%q came back as %+v", c.heard, tr.Segments[0])
			}
		}
	}
}

// Who takes part and stands in a word list too is one person, however the list spells the name.
func TestNameOfTwoSources(t *testing.T) {
	for _, lists := range [][]string{{"Solveig Haugland"}, {"solveig  haugland", "Solveig HAUGLAND"}, {"Solveig Marie Haugland"}, {"Solveig Hauglann"}} {
		all := terms()
		for _, n := range lists {
			all = append(all, referent.Term{Text: n, Source: "vocabulary"})
		}
		s := []referent.Segment{said("Da gir jeg ordet til Solvei~ Hauland~ nå.")}
		if c := names.Correct(s, all); !strings.Contains(s[0].Text, "til Solveig Haugland nå") || c[0].Reason != "roster" {
			t.Errorf("with %q: %q, %+v", lists, s[0].Text, c)
		}
	}
	// Two of the list, or two who take part, are two.
	for _, source := range []string{"vocabulary", "roster"} {
		two := []referent.Term{{Text: "Solveig Haugland", Source: source}, {Text: "Solveig Hauglann", Source: source}}
		s := []referent.Segment{said("Da gir jeg ordet til Solvei~ Hauland~ nå.")}
		if c := names.Correct(s, two); !strings.Contains(s[0].Text, "til Solveig Hauland nå") {
			t.Errorf("%s: %q, %+v", source, s[0].Text, c)
		}
	}
}

// BenchmarkFullLists is a tenth of a meeting of three hours with as many names as word lists hold at most.
func BenchmarkFullLists(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		var s strings.Builder
		for range 2 + random.IntN(2) {
			s.WriteString([]string{"h", "s", "br", "t", "kj", "l", "m", "n", "st", "v"}[random.IntN(10)] + []string{"a", "e", "i", "o", "u", "å", "ø", "ei"}[random.IntN(8)] + []string{"", "n", "r", "ld", "s"}[random.IntN(5)])
		}
		r := []rune(s.String())
		return strings.ToUpper(string(r[:1])) + string(r[1:])
	}
	var all []referent.Term
	for i := range 2500 {
		name := word() + " " + word()
		if i%3 == 0 {
			name += " " + word()
		}
		all = append(all, referent.Term{Text: name, Source: "vocabulary"})
	}
	var segments []referent.Segment
	for i := range 270 { // of ten words: a tenth of three hours, where 150 are said a minute
		s := referent.Segment{ID: fmt.Sprint("s", i)}
		for j := range 10 {
			text := strings.ToLower(word())
			if j == 0 || random.IntN(8) == 0 {
				text = word()
			}
			s.Words = append(s.Words, referent.Word{Text: text, Start: float64(j), End: float64(j) + 1, Probability: random.Float64()})
		}
		segments = append(segments, s)
	}
	for b.Loop() {
		again := make([]referent.Segment, len(segments))
		for i, s := range segments {
			again[i] = referent.Segment{ID: s.ID, Words: slices.Clone(s.Words)}
		}
		b.ReportMetric(float64(len(names.Correct(again, all))), "corrections")
	}
}

func TestCorrectionIsRecorded(t *testing.T) {
	s := []referent.Segment{said("Ja."), said("Representanten Solvei~ Haugland og Mikaelsens~ vara.")}
	s[1].ID = "s2"
	got := names.Correct(s, terms())
	if len(got) != 2 {
		t.Fatalf("got %+v", got)
	}
	a, b := got[0], got[1]
	if a.Segment != "s2" || a.Word != 1 || a.Words != 1 || a.From != "Solvei" || a.To != "Solveig" || a.Reason != "roster" || a.Score < 0.8 || a.Score > 1 {
		t.Errorf("got %+v", a)
	}
	if b.Word != 4 || b.From != "Mikaelsens" || b.To != "Micaelsens" {
		t.Errorf("got %+v", b)
	}
	w := s[1].Words
	if w[1].Heard != "Solvei" || w[2].Heard != "" || w[4].Heard != "Mikaelsens" || w[1].Start != 1 || w[1].Probability != 0.4 {
		t.Errorf("words %+v", w)
	}
}

func TestRevertRefuses(t *testing.T) {
	s := said("Representanten Solvei~ Haugland her.")
	segments := []referent.Segment{s}
	c := names.Correct(segments, terms())
	for name, change := range map[string]func(*referent.Transcript) int{
		"no such correction": func(*referent.Transcript) int { return 1 },
		"a negative one":     func(*referent.Transcript) int { return -1 },
		"another segment":    func(t *referent.Transcript) int { t.Segments[0].ID = "s9"; return 0 },
		"edited since":       func(t *referent.Transcript) int { t.Segments[0].Words[1].Text = "Sol"; return 0 },
		"words are gone":     func(t *referent.Transcript) int { t.Segments[0].Words = t.Segments[0].Words[:1]; return 0 },
	} {
		seg := segments[0]
		seg.Words = append([]referent.Word(nil), seg.Words...)
		tr := &referent.Transcript{Segments: []referent.Segment{seg}, Corrections: c}
		if err := names.Revert(tr, change(tr)); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestPrompt(t *testing.T) {
	var many []string
	for i := range 200 {
		many = append(many, fmt.Sprintf("Navn%c Navnesen%c", 'a'+i%26, 'a'+i/26))
	}
	for _, c := range []struct {
		name  string
		given []string
		want  string
	}{
		{"nothing", nil, ""},
		{"empty ones", []string{"", "  "}, ""},
		{"names", []string{"Solveig Haugland", "Ola  Bø"}, "Solveig Haugland, Ola Bø."},
		{"once", []string{"Ola Bø", "OLA BØ", "Ola Bø"}, "Ola Bø."},
		{"names before titles", []string{"Regulering av Eikeliåsen boligfelt, 2. gangs behandling", "Ola Bø", "Jens von der Lippe"},
			"Ola Bø, Jens von der Lippe, Eikeliåsen, behandling."},
		{"an everyday title", []string{"Godkjenning av innkalling og saksliste"}, ""},
		{"own words", []string{"kvikkleire", "NAV Hol", "Kvinnherad"}, "NAV Hol, Kvinnherad, kvikkleire."},
	} {
		if got := names.Prompt(c.given, nil); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if got := names.Prompt([]string{"Ola Bø", "Regulering av Eikeliåsen boligfelt"}, []string{"kvikkleire", "Nærmest Navn", "Ola Bø", "Fjern"}); got != "Ola Bø, Eikeliåsen, kvikkleire, Nærmest Navn, Fjern." {
		t.Errorf("with lists: %q", got)
	}
	if got := names.Prompt([]string{"Ola Bø", "Regulering av Eikeliåsen boligfelt"}, many); !strings.HasPrefix(got, "Ola Bø, Eikeliåsen, ") || !strings.Contains(got, "Navna Navnesena, ") {
		t.Errorf("a long list crowds out the agenda: %q", got)
	}
	got := names.Prompt(many, nil)
	if n := strings.Count(got, ","); n < 15 || n > 39 || len(got) > 450 || !strings.HasPrefix(got, "Navna Navnesena, ") {
		t.Errorf("200 names give %d in %d bytes: %q", n+1, len(got), got)
	}
}

// Whatever stands in a transcript, what is corrected comes back as it was, and nothing is lost on the way.
func TestThereAndBack(t *testing.T) {
	words := []string{"Solvei", "Haugland", "Solveig", "Hauland", "Solveighaugland", "sol", "veig", "Kristian", "Berg", "berg", "Masjar", "Kesvari",
		"Mikaelsens", "Anne-Lise", "Øvregård", "Anne", "Lise", "og", "Åshild", "Vik", "Bø", "Torgeir", "–", "«Eikeliosen»", "NAV", "ble", "\uFFFD", "12"}
	rapid.Check(t, func(t *rapid.T) {
		var segments, before []referent.Segment
		for i := range rapid.IntRange(0, 4).Draw(t, "segments") {
			s := referent.Segment{ID: fmt.Sprint("s", i)}
			for j := range rapid.IntRange(0, 12).Draw(t, "words") {
				text := rapid.SampledFrom(words).Draw(t, "word") + rapid.SampledFrom([]string{"", "", ".", ",", "s"}).Draw(t, "after")
				s.Words = append(s.Words, referent.Word{Text: text, Start: float64(j), End: float64(j) + 1, Probability: rapid.Float64Range(0, 1).Draw(t, "p")})
			}
			s.Text = plain(s)
			segments, before = append(segments, s), append(before, s)
		}
		tr := &referent.Transcript{Segments: segments}
		tr.Corrections = names.Correct(tr.Segments, terms())
		for _, s := range tr.Segments {
			if s.Text != plain(s) {
				t.Fatalf("%q holds %q", s.Text, plain(s))
			}
			for j, w := range s.Words {
				if w.End < w.Start || j > 0 && w.Start < s.Words[j-1].End || w.Text == "" {
					t.Fatalf("words %+v", s.Words)
				}
			}
		}
		for len(tr.Corrections) > 0 {
			if err := names.Revert(tr, rapid.IntRange(0, len(tr.Corrections)-1).Draw(t, "which")); err != nil {
				t.Fatal(err)
			}
		}
		for i := range before {
			if tr.Segments[i].Text != before[i].Text || len(tr.Segments[i].Words) != len(before[i].Words) {
				t.Fatalf("%q came back as %q", before[i].Text, tr.Segments[i].Text)
			}
		}
	})
}
