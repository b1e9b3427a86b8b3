package evidence_test

import (
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/evidence"
)

// What was settled without a word for it stands where whoever leads concluded so, or the count carried it; what
// lost, was only wished, or was said of another proposal does not.
func TestConclusionsAreDecisions(t *testing.T) {
	team := &referent.Meeting{Start: tuesday, Kind: referent.KindReferat, Participants: []referent.Participant{{Name: "Kari Lie", Role: "avdelingsleder"}, {Name: "Ola Vik"}}}
	council := &referent.Meeting{Start: tuesday, Kind: referent.KindProtocol, Participants: []referent.Participant{{Name: "Kari Lie", Role: "ordfører", Party: "Ap"}, {Name: "Ola Vik", Party: "H"}, {Name: "Siv Moe", Role: "møtesekretær"}}}
	for _, c := range []struct {
		m         *referent.Meeting
		said      []string
		statement string
		stands    bool
	}{
		{team, []string{"Ola Vik: Kan vi ha rundene i mars?", "Kari Lie: Da flytter vi dem dit."}, "Kan vi ha rundene i mars? Da flytter vi dem dit.", true},
		{team, []string{"Kari Lie: Greit, terminalene får unntak ut året."}, "Terminalene får unntak ut året.", true},
		{team, []string{"Ola Vik: Terminalene får unntak ut året, tror jeg."}, "Terminalene får unntak ut året.", false},
		{team, []string{"Ola Vik: Kanskje vi flytter rundene til mars."}, "Vi flytter rundene til mars.", false},
		{council, []string{"Ola Vik: Jeg foreslår at det bygges bru over Elva.", "Kari Lie: Ni mot fire, og brua er med."}, "Det bygges bru over Elva.", true},
		{council, []string{"Ola Vik: Jeg foreslår at det bygges bru over Elva.", "Kari Lie: Fire mot ni, så ble det."}, "Det bygges bru over Elva.", false},
		{council, []string{"Ola Vik: Jeg foreslår at det bygges bru over Elva.", "Kari Lie: Ni mot fire, og ferja går videre med seks avganger."}, "Det bygges bru over Elva.", false},
		{council, []string{"Ola Vik: Jeg foreslår at det bygges bru over Elva.", "Ola Vik: Det får nok ni mot fire."}, "Det bygges bru over Elva.", false},
	} {
		ids := []string{}
		tr := talk(c.said...)
		for _, s := range tr.Segments {
			ids = append(ids, s.ID)
		}
		faults := evidence.New(c.m, tr).Decision(c.statement, ids)
		if got := len(faults) == 0; got != c.stands {
			t.Errorf("%q of %q: %+v", c.statement, c.said, faults)
		}
	}
}
