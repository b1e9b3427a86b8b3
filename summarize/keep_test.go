package summarize_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
)

// answering writes the minutes of a meeting with a model that answers so.
func answering(t *testing.T, m *referent.Meeting, tr *referent.Transcript, answer string) *referent.Minutes {
	t.Helper()
	e, _ := chat(t, func(map[string]any, int) (int, string, string) { return 200, answer, "stop" })
	out, err := writer().Write(t.Context(), m, tr, e, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func waits(out *referent.Minutes, reason string) bool {
	return slices.ContainsFunc(out.NeedsReview, func(r referent.ReviewItem) bool { return strings.Contains(r.Reason, reason) })
}

// What a care note must not hold is not in a model's either, and what the rules point out stays pointed out.
func TestModelsCareNote(t *testing.T) {
	m := &referent.Meeting{Kind: referent.KindCareNote, Language: referent.Bokmal}
	tr := talk("A: Bruker spiste godt til frokost.", "A: Koden til nøkkelboksen er 4719.", "A: Naboen har fått kreft og er innlagt.",
		"A: Det er skrevet avvik på dosetten.", "A: Hun fikk 500 milligram Paracet.", "A: Hun har ny kodelås.", "A: Det er 2580.")
	out := answering(t, m, tr, `{"items":[
		{"heading":"Nøkkelboks 4719","points":[{"text":"Koden til nøkkelboksen er 4719.","evidence":[2]}]},
		{"heading":"Observasjon","points":[{"text":"Bruker spiste godt til frokost.","evidence":[1]},{"text":"Kreft: naboen er innlagt.","evidence":[3]},
			{"text":"Det er 2580.","evidence":[7]},{"text":"Hun fikk 500 milligram Paracet.","evidence":[5]}]}],
		"decisions":[],"actions":[],"votes":[],"next_meeting":null}`)
	text := fmt.Sprintf("%+v", out.Items)
	for _, never := range []string{"4719", "2580", "reft", "nabo"} {
		if strings.Contains(text, never) {
			t.Errorf("the note holds %q: %s", never, text)
		}
	}
	for _, want := range []string{"spiste godt", "[kode utelatt]", "500 milligram Paracet"} {
		if !strings.Contains(text, want) {
			t.Errorf("the note lacks %q: %s", want, text)
		}
	}
	if all := fmt.Sprintf("%+v", out.NeedsReview); strings.Contains(all, "4719") || strings.Contains(all, "2580") {
		t.Errorf("a code waits for a person: %s", all)
	}
	for _, reason := range []string{"andre enn brukeren", "avvikssystemet", "kode"} {
		if !waits(out, reason) {
			t.Errorf("no word of %q: %+v", reason, out.NeedsReview)
		}
	}
}

// council is the head of a body's meeting with one case.
func council() *referent.Meeting {
	m, _ := shortMeeting()
	m.Kind, m.Body, m.Place = referent.KindProtocol, "Formannskapet", "Rådhuset"
	m.Agenda = []referent.AgendaItem{{Number: "PS 7/26", Title: "Ny kai i Vika"}}
	for i, name := range []string{"Anne Dale", "Dina Gran", "Ivar Lund"} {
		p := referent.Participant{Name: name, Role: "medlem"}
		if i == 0 {
			p.Role = "ordfører"
		}
		m.Participants = append(m.Participants, p)
	}
	return m
}

// What the law asks of a protocol and nobody said is missing from a model's too: of cases as the rules
// recorded them.
func TestModelsProtocolLacks(t *testing.T) {
	tr := talk("Anne Dale: Da er vi på sak PS 7/26, ny kai i Vika.", "Anne Dale: Møtet lukkes under behandlingen av saken.",
		"Dina Gran: Jeg ber om å få vurdert habiliteten min.", "Anne Dale: Møtet er åpent igjen.", "Dina Gran: Kaia bør bygges i tre.")
	want := answeringNothing(t, council(), tr)
	out := answering(t, council(), tr, `{"items":[{"heading":"PS 7/26 Ny kai i Vika","points":[{"text":"Kaia bør bygges i tre.","evidence":[5]}]}],"decisions":[],"actions":[],"votes":[],"next_meeting":null}`)
	if !slices.Contains(want.Missing, "Hjemmel for å lukke møtet i PS 7/26 Ny kai i Vika") {
		t.Fatalf("the rules miss %q", want.Missing)
	}
	if !slices.Equal(out.Missing, want.Missing) {
		t.Errorf("missing %q, the rules say %q", out.Missing, want.Missing)
	}
	if waits(want, "Habiliteten") != waits(out, "Habiliteten") || !waits(out, "Habiliteten") {
		t.Errorf("habilitet: %+v", out.NeedsReview)
	}
}

// answeringNothing writes the minutes by the rules.
func answeringNothing(t *testing.T, m *referent.Meeting, tr *referent.Transcript) *referent.Minutes {
	t.Helper()
	out, err := writer().Write(t.Context(), m, tr, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A template's own headings stay where the model has put them, though nobody says them.
func TestTemplateHeadings(t *testing.T) {
	answer := `{"items":[{"heading":"økonomiske konsekvenser","points":[{"text":"Kontoret får åtte nye skjermer.","evidence":[1]}]},
		{"heading":"Romfart og månelanding","points":[{"text":"Ola Lunde bestiller skjermene innen fredag.","evidence":[2]}]}],
		"decisions":[],"actions":[],"votes":[],"next_meeting":null}`
	for _, kind := range []referent.Kind{referent.KindReferat, referent.KindProtocol} {
		m, tr := shortMeeting()
		m.Kind = kind
		m.Template = &referent.Template{ID: "eget", Base: kind, Name: referent.Forms{NB: "Eget"}, Sections: []referent.TemplateSection{
			{Heading: referent.Forms{NB: "Økonomiske konsekvenser", NN: "Økonomiske fylgjer"}, Source: referent.SectionText}}}
		out := answering(t, m, tr, answer)
		at := slices.IndexFunc(out.Items, func(it referent.Item) bool { return it.Heading == "Økonomiske konsekvenser" })
		if at < 0 || len(out.Items[at].Points) != 1 {
			t.Errorf("%s: items %+v", kind, out.Items)
		}
		review := fmt.Sprintf("%+v", out.NeedsReview)
		if strings.Contains(strings.ToLower(review), "konsekvenser") || !strings.Contains(review, "Romfart") {
			t.Errorf("%s: review %s", kind, review)
		}
	}
}
