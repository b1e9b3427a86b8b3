package evidence_test

import (
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/evidence"
)

// A thing that nobody spoke of makes a statement false, however much of the rest was said. The writer's own verbs,
// inflections, dialect and compounds, and what stands on the agenda, do not.
func TestForeignThings(t *testing.T) {
	m := &referent.Meeting{Kind: referent.KindReferat, Language: referent.Bokmal, Title: "Driftsmøte", Agenda: []referent.AgendaItem{{Title: "Sommerhjelp i parken"}}}
	tr := &referent.Transcript{Segments: []referent.Segment{
		{ID: "s1", Text: "Vi trenger to nye plenklipparar til kirkegården."},
		{ID: "s2", Text: "Da bestemmer vi at vi kjøper to plenklipparar til kirkegården."},
		{ID: "s3", Text: "Godt. Da åpner vi dørene igjen, det er bestemt."},
		{ID: "s4", Text: "Jeg sender kokevarsel til alle beboerne på tirsdag."},
	}, Speakers: []referent.Speaker{}}
	check := evidence.New(m, tr)
	for text, c := range map[string]struct {
		ids    []string
		stands bool
	}{
		"Det kjøpes to plenklippere til kirkegården.":         {[]string{"s1", "s2"}, true},
		"Det blir anskaffet to plenklippere til kirkegården.": {[]string{"s1", "s2"}, true},
		"Det kjøpes to plenklippere til svømmehallen.":        {[]string{"s1", "s2"}, false},
		"Biblioteket åpner dørene igjen.":                     {[]string{"s3"}, false},
	} {
		if faults := check.Decision(text, c.ids); (len(faults) == 0) != c.stands {
			t.Errorf("%q: %+v", text, faults)
		}
	}
	if faults := check.Check("Alle beboerne får kokevarsel på tirsdag i parken.", []string{"s4"}); len(faults) > 0 {
		t.Errorf("a word of the agenda is foreign: %+v", faults)
	}
	if faults := check.Check("Alle beboerne [navn utelatt] får kokevarsel på tirsdag.", []string{"s4"}); len(faults) > 0 {
		t.Errorf("the document's own words are foreign: %+v", faults)
	}
	if faults := check.Check("Alle naboene får kokevarsel på tirsdag.", []string{"s4"}); len(faults) == 0 {
		t.Error("naboene for beboerne stands")
	}
}
