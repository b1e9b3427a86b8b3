package roster

import (
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
)

func TestTextReadsBack(t *testing.T) {
	for want, people := range map[string][]referent.Participant{
		"":                                     nil,
		"Kari Nordmann, møteleder\nOla":        {{Name: "Kari Nordmann", Role: "møteleder"}, {Name: "Ola"}},
		"Navn;Rolle;Parti;Forfall\nÅse;;Sp;ja": {{Name: "Åse", Party: "Sp", Absent: true}},
		"Navn;Rolle;Parti;Forfall\nHansen, Ola;leder;;": {{Name: "Hansen, Ola", Role: "leder"}},
		`[{"name":"to  mellomrom"}]`:                    {{Name: "to  mellomrom"}},
	} {
		got := ParticipantsText(people)
		if got != want {
			t.Errorf("%v is written %q, want %q", people, got, want)
		}
		for i := range people { // what no list that is read can hold
			people[i].Name = strings.Join(strings.Fields(people[i].Name), " ")
		}
		if back, err := Participants(strings.NewReader(got)); err != nil || !slices.Equal(back, people) {
			t.Errorf("%q is read as %v, %v", got, back, err)
		}
	}
	for want, items := range map[string][]referent.AgendaItem{
		"PS 1/26 Budsjett\nEventuelt":    {{Number: "PS 1/26", Title: "Budsjett"}, {Title: "Eventuelt"}},
		"Nummer;Tittel\nA;Noe":           {{Number: "A", Title: "Noe"}},
		"Nummer;Tittel\n;\"3; og, noe\"": {{Title: "3; og, noe"}},
	} {
		got := AgendaText(items)
		if got != want {
			t.Errorf("%v is written %q, want %q", items, got, want)
		}
		if back, err := Agenda(strings.NewReader(got)); err != nil || !slices.Equal(back, items) {
			t.Errorf("%q is read as %v, %v", got, back, err)
		}
	}
}
