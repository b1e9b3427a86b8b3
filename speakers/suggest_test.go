package speakers_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/speakers"
)

var invited = []referent.Participant{
	{Name: "Kari Nordmann", Role: "ordfører"}, {Name: "Ola Hansen"}, {Name: "Per Berg", Party: "H"}, {Name: "Anne-Lise Øverås"},
	{Name: "Per Vik", Absent: true}, {Name: "Siri Moen"}, {Name: "Siri Lund"},
}

// spoken makes a transcript of lines "S1: words", 5 s each.
func spoken(lines ...string) *referent.Transcript {
	t := &referent.Transcript{}
	for i, l := range lines {
		who, text, _ := strings.Cut(l, ": ")
		if !slices.ContainsFunc(t.Speakers, func(s referent.Speaker) bool { return s.ID == who }) {
			t.Speakers = append(t.Speakers, referent.Speaker{ID: who})
		}
		t.Segments = append(t.Segments, referent.Segment{ID: fmt.Sprintf("s%d", i+1), Start: float64(5 * i), End: float64(5*i + 5), Speaker: who, Text: text})
	}
	return t
}

func TestSuggest(t *testing.T) {
	for _, c := range []struct {
		about string
		lines []string
		want  string // "speaker name reason quote" of each, "; " between
	}{
		// Introductions, bokmål, nynorsk, English.
		{"full name", []string{"S1: Hei, jeg heter Kari Nordmann og leder møtet."}, "S1 Kari Nordmann introduced «jeg heter Kari Nordmann»"},
		{"first name", []string{"S1: Jeg heter Ola."}, "S1 Ola Hansen introduced «Jeg heter Ola»"},
		{"not on the list", []string{"S1: Mitt navn er Gunn Bøe, og jeg er gjest."}, "S1 Gunn Bøe introduced «Mitt navn er Gunn Bøe»"},
		{"nynorsk", []string{"S1: Eg heiter Anne-Lise Øverås."}, "S1 Anne-Lise Øverås introduced «Eg heiter Anne-Lise Øverås»"},
		{"speaking", []string{"S1: Dette er Ola Hansen som snakker."}, "S1 Ola Hansen introduced «Ola Hansen som snakker»"},
		{"here", []string{"S1: Ola Hansen her, hører dere meg?"}, "S1 Ola Hansen introduced «Ola Hansen her»"},
		{"I am", []string{"S1: Jeg er Ola Hansen fra driftsavdelingen."}, "S1 Ola Hansen introduced «Jeg er Ola Hansen»"},
		{"English", []string{"S1: My name is Ola Hansen.", "S2: And I'm Kari Nordmann."}, "S1 Ola Hansen introduced «My name is Ola Hansen»; S2 Kari Nordmann introduced «I'm Kari Nordmann»"},
		{"is nobody", []string{"S1: Jeg er Enig i det.", "S2: Jeg heter det samme.", "S1: Jeg er ordfører."}, ""},
		{"not", []string{"S1: Det er ikke jeg som snakker, det er ikke Ola som snakker."}, ""},
		{"two are called so", []string{"S1: Jeg heter Siri."}, ""},
		{"the absent one is not meant", []string{"S1: Jeg heter Per."}, "S1 Per Berg introduced «Jeg heter Per»"},

		// Giving the word points to the next.
		{"the word to", []string{"S1: Da gir jeg ordet til Ola.", "S2: Takk for det. Budsjettet er i balanse."}, "S2 Ola Hansen given_floor «ordet til Ola»"},
		{"past", []string{"S1: Vi ga ordet til Ola i går.", "S2: Ja."}, ""},
		{"please", []string{"S1: Vær så god, Kari.", "S2: Takk."}, "S2 Kari Nordmann given_floor «Vær så god, Kari»"},
		{"name first", []string{"S1: Kari, vær så god.", "S2: Takk."}, "S2 Kari Nordmann given_floor «Kari, vær så god»"},
		{"nynorsk please", []string{"S1: Ver så god, Anne-Lise.", "S2: Takk."}, "S2 Anne-Lise Øverås given_floor «Ver så god, Anne-Lise»"},
		{"turn", []string{"S1: Da er det Ola sin tur.", "S2: Ja."}, "S2 Ola Hansen given_floor «da er det Ola»"},
		{"has the word", []string{"S1: Representanten Berg har ordet.", "S2: Takk, ordfører. Vi støtter forslaget."},
			"S2 Per Berg given_floor «Representanten Berg har ordet»; S1 Kari Nordmann addressed «Takk, ordfører»"},
		{"representative", []string{"S1: Neste på talerlista er representanten Berg.", "S2: Takk."}, "S2 Per Berg given_floor «Neste på talerlista er representanten Berg»"},
		{"only named", []string{"S1: Som representanten Berg sa, er dette viktig.", "S2: Ja."}, ""},
		{"a party is nobody", []string{"S1: Ordet til Høyre.", "S2: Takk."}, ""},
		{"English floor", []string{"S1: Over to Ola.", "S2: Thanks."}, "S2 Ola Hansen given_floor «Over to Ola»"},
		{"nobody follows", []string{"S1: Ordet til Ola."}, ""},

		// Thanks point to the one before.
		{"thanks", []string{"S1: Tallene er gode.", "S2: Takk, Ola. Da går vi videre."}, "S1 Ola Hansen thanked «Takk, Ola»"},
		{"thanks for", []string{"S1: Tallene er gode.", "S2: Takk til Ola for gjennomgangen."}, "S1 Ola Hansen thanked «Takk til Ola for gjennomgangen»"},
		{"thanks for something else", []string{"S1: Tallene er gode.", "S2: Takk til Ola for innsatsen i mange år."}, ""},
		{"nynorsk chair", []string{"S1: Neste, ver så god.", "S2: Ordførar! Eg vil seie noko."}, "S1 Kari Nordmann addressed «Ordførar»"},
		{"chair in passing", []string{"S1: Hei.", "S2: Vi har bedt ordføreren om svar."}, ""},
	} {
		var got []string
		for _, s := range speakers.Suggest(spoken(c.lines...), invited) {
			if s.Confidence < 0.3 || s.Confidence > 1 {
				t.Errorf("%s: confidence %v", c.about, s.Confidence)
			}
			for _, e := range s.Evidence {
				got = append(got, fmt.Sprintf("%s %s %s «%s»", s.Speaker, s.Name, e.Reason, e.Quote))
			}
		}
		if !strings.EqualFold(strings.Join(got, "; "), c.want) {
			t.Errorf("%s: %q, want %q", c.about, strings.Join(got, "; "), c.want)
		}
	}
}

func TestVotes(t *testing.T) {
	// Most say Ola; one slip of the tongue does not win, but lowers what the rest is worth.
	sure := speakers.Suggest(spoken("S1: Ordet til Ola.", "S2: Ja.", "S1: Takk, Ola."), invited)
	torn := speakers.Suggest(spoken("S1: Ordet til Ola.", "S2: Ja.", "S1: Takk, Ola. Så fortsetter vi.", "S2: Mer fra meg.", "S1: Takk, Kari."), invited)
	if len(sure) != 1 || len(torn) != 1 || torn[0].Name != "Ola Hansen" || torn[0].Confidence >= sure[0].Confidence {
		t.Errorf("%+v and %+v", sure, torn)
	}
	if len(sure[0].Evidence) != 2 || !sure[0].Expected {
		t.Errorf("%+v", sure)
	}
	// A name goes to one speaker only, the one with more behind it.
	got := speakers.Suggest(spoken("S1: Jeg heter Ola Hansen.", "S3: Hei.", "S1: Ordet til Ola.", "S2: Ja."), invited)
	if len(got) != 1 || got[0].Speaker != "S1" {
		t.Errorf("%+v", got)
	}
	// Who has a name keeps it, and nobody else gets it.
	tr := spoken("S1: Jeg heter Ola Hansen.", "S2: Jeg heter Ola Hansen.")
	tr.Speakers[0].Name = "Ola Hansen"
	if got := speakers.Suggest(tr, invited); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// A word thrown in is passed over; after a long pause nobody is meant; who is not known is not named.
func TestWhoFollows(t *testing.T) {
	tr := spoken("S1: Ordet til Ola.", "S3: Mm.", "S2: Takk for ordet.")
	tr.Segments[1].End = tr.Segments[1].Start + 0.4
	if got := speakers.Suggest(tr, invited); len(got) != 1 || got[0].Speaker != "S2" {
		t.Errorf("a word thrown in: %+v", got)
	}
	tr = spoken("S1: Ordet til Ola.", "S2: Takk for ordet.")
	tr.Segments[1].Start, tr.Segments[1].End = 60, 65
	if got := speakers.Suggest(tr, invited); len(got) != 0 {
		t.Errorf("after a pause: %+v", got)
	}
	tr = spoken("S1: Ordet til Ola.", "S2: Takk for ordet.")
	tr.Segments[1].Speaker = ""
	if got := speakers.Suggest(tr, invited); len(got) != 0 {
		t.Errorf("nobody: %+v", got)
	}
	for i := range tr.Segments { // an uploaded text without times
		tr.Segments[i] = referent.Segment{ID: tr.Segments[i].ID, Speaker: []string{"S1", "S2"}[i], Text: tr.Segments[i].Text}
	}
	if got := speakers.Suggest(tr, invited); len(got) != 1 || got[0].Speaker != "S2" {
		t.Errorf("without times: %+v", got)
	}
}

func TestSuggestChangesNothing(t *testing.T) {
	tr := spoken("S1: Jeg heter Ola Hansen.")
	before := deep(tr)
	if got := speakers.Suggest(tr, nil); len(got) != 1 || got[0].Expected || got[0].Name != "Ola Hansen" {
		t.Errorf("%+v", got)
	}
	if !reflect.DeepEqual(tr, before) {
		t.Error("a suggestion was applied")
	}
	if got := speakers.Suggest(&referent.Transcript{}, invited); got == nil || len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestEveryReasonHasASentence(t *testing.T) {
	for _, r := range []speakers.Reason{speakers.Introduced, speakers.GivenFloor, speakers.Thanked, speakers.Addressed} {
		for _, lang := range locale.Languages {
			if s := locale.T(lang, "speakers.reason."+string(r), "words", "W", "time", "T"); !strings.Contains(s, "W") || !strings.Contains(s, "T") {
				t.Errorf("%s in %s: %q", r, lang, s)
			}
		}
	}
}

// Whatever was said, nothing breaks, and what is quoted stands in the segment it is quoted from.
func FuzzSuggest(f *testing.F) {
	f.Add("Da er det Ola sin tur. Takk, Kari!", "Takk, ordfører. Jeg heter Per.")
	f.Add("representanten", "takk til")
	f.Add("Ordet til", "Å\xff ver så god, ...")
	f.Fuzz(func(t *testing.T, a, b string) {
		tr := &referent.Transcript{Speakers: []referent.Speaker{{ID: "S1"}, {ID: "S2"}},
			Segments: []referent.Segment{{ID: "s1", Speaker: "S1", Text: a}, {ID: "s2", Speaker: "S2", Text: b}}}
		for _, s := range speakers.Suggest(tr, invited) {
			if s.Name == "" || len(s.Evidence) == 0 || s.Confidence <= 0 || s.Confidence > 1 {
				t.Errorf("%+v", s)
			}
			for _, e := range s.Evidence {
				at := slices.IndexFunc(tr.Segments, func(x referent.Segment) bool { return x.ID == e.Segment })
				if at < 0 || e.Quote == "" || !strings.Contains(tr.Segments[at].Text, e.Quote) {
					t.Errorf("%+v", e)
				}
			}
		}
	})
}
