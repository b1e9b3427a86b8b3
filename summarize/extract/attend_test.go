package extract_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
)

// Who is said not to be there, in the many ways that people say it, is absent; whoever speaks is not.
func TestSaidToBeAway(t *testing.T) {
	roster := []referent.Participant{{Name: "Kari Lie", Role: "leder"}, {Name: "Ola Vik"}, {Name: "Johanne Kleppe"}, {Name: "Jostein Aune"}}
	for _, c := range []struct {
		said []string
		away string
	}{
		{[]string{"Kari Lie: Johanne er sjuk i dag."}, "Johanne Kleppe"},
		{[]string{"Kari Lie: Johanne kjem ikkje, ho har sjukt barn."}, "Johanne Kleppe"},
		{[]string{"Kari Lie: Æ ser at Jostein ikkje e her."}, "Jostein Aune"},
		{[]string{"Kari Lie: Jostein e på kurs."}, "Jostein Aune"},
		{[]string{"Kari Lie: Jostein er på ferie, men vi andre er her."}, "Jostein Aune"},
		{[]string{"Kari Lie: Johanne og Jostein har meldt forfall."}, "Johanne Kleppe, Jostein Aune"},
		{[]string{"Kari Lie: Jostein har meldt avbud, og Johanne er bortreist."}, "Johanne Kleppe, Jostein Aune"},
		{[]string{"Kari Lie: Johanne kan ikke være med i dag."}, "Johanne Kleppe"},
		{[]string{"Kari Lie: Hvor er Johanne?", "Ola Vik: Hun ligger hjemme med influensa."}, "Johanne Kleppe"},
		{[]string{"Kari Lie: Jostein har avspasering i dag."}, "Jostein Aune"},
		{[]string{"Kari Lie: Jostein rekk ikkje møtet i dag."}, "Jostein Aune"},
		{[]string{"Kari Lie: Jostein er hjemme med sykt barn."}, "Jostein Aune"},
		{[]string{"Kari Lie: Jostein skrev at han ikke rekker det i kveld."}, "Jostein Aune"},
		{[]string{"Kari Lie: Jostein ligg med prolaps, så han må vi greie oss utan."}, "Jostein Aune"},
		{[]string{"Ola Vik: Johanne har influensa."}, "Johanne Kleppe"},
		{[]string{"Kari Lie: Jostein sitter hos tannlegen, så han får referatet i stedet."}, "Jostein Aune"},
		{[]string{"Kari Lie: Johanne er på vegdagane på Voss, så vi er få i dag."}, "Johanne Kleppe"},
		{[]string{"Kari Lie: Johanne kjeme ikkje, ho rakk ikkje ferja."}, "Johanne Kleppe"},
		{[]string{"Kari Lie: ja johanne er hos fysioterapeuten så hun er ikke med i dag"}, "Johanne Kleppe"},
		{[]string{"Kari Lie: Johanne hadde nattevakt og ligg og søv, så ho er ikkje med."}, "Johanne Kleppe"},
		// there after all, or never away
		{[]string{"Kari Lie: Jostein er på hytta, men er med på Teams.", "Jostein Aune: Hei."}, ""},
		{[]string{"Kari Lie: Jostein kommer litt seinere."}, ""},
		{[]string{"Kari Lie: Jostein er ikke med på den turen neste uke."}, ""},
		{[]string{"Kari Lie: Jostein er på plass, og Johanne er med på skjerm."}, ""},
		{[]string{"Kari Lie: Jostein er på vei."}, ""},
		{[]string{"Kari Lie: Johanne var sjuk sist.", "Johanne Kleppe: Ja, men nå er jeg her."}, ""},
	} {
		out := write(referent.Meeting{Kind: referent.KindReferat, Participants: roster}, c.said...)
		slices.Sort(out.Absent)
		if got := strings.Join(out.Absent, ", "); got != c.away {
			t.Errorf("%q: away %q, want %q", c.said, got, c.away)
		}
		for _, name := range out.Absent {
			if slices.Contains(out.Present, name) {
				t.Errorf("%q: %s is both", c.said, name)
			}
		}
	}
}
