package summarize_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
)

// What goes out is masked, what comes back is put right before it is checked, and a mask that the model
// made up goes to a person.
func TestMasked(t *testing.T) {
	m, tr := shortMeeting()
	m.Participants = []referent.Participant{{Name: "Kari Nordmann"}, {Name: "Ola Lunde"}}
	tr.Segments[1].Text = "Jeg bestiller skjermene innen fredag. Ring meg på 91 23 45 67, eller skriv til ola.lunde@eksempel.no."
	tr.Segments = append(tr.Segments, referent.Segment{ID: "s4", Speaker: "S1", Text: "Pasienten er født 01.01.1970, fødselsnummeret er null en null en sju null, ni ni åtte fem ni.", Quality: referent.Quality{OK: true}})
	var keys []string
	e, _ := chat(t, func(body map[string]any, _ int) (int, string, string) {
		text := ""
		for _, msg := range body["messages"].([]any) {
			text += msg.(map[string]any)["content"].(string)
		}
		for _, secret := range []string{"Kari", "Nordmann", "Ola ", "Lunde", "91 23 45 67", "eksempel.no"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q goes out", secret)
			}
		}
		lines := shown(t, body)
		_, who, _ := strings.Cut(lines[1], " ")
		who, _, _ = strings.Cut(who, ":")
		keys = append(keys, who)
		return 200, `{"items":[{"heading":"[PERSON_77] og utstyret","points":[{"text":"[PERSON_99] var bekymret for skjermene.","evidence":[1]}]}],
 "decisions":[{"text":"Kontoret får åtte nye skjermer.","case":"","evidence":[1]}],
 "actions":[{"task":"Bestille skjermene.","owner":"` + who + `","due":"innen fredag","evidence":[2]}],
 "votes":[],"next_meeting":null}`, "stop"
	})
	e.Mask = true
	got, err := writer().Write(t.Context(), m, tr, e, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Actions) != 1 || got.Actions[0].Owner != "Ola Lunde" || got.Actions[0].Due == nil {
		t.Errorf("actions %+v by %q", got.Actions, keys)
	}
	if len(got.Decisions) != 1 {
		t.Errorf("decisions %+v", got.Decisions)
	}
	if !slices.ContainsFunc(got.NeedsReview, func(r referent.ReviewItem) bool {
		return strings.Contains(r.Text, "[PERSON_99]") && strings.Contains(r.Reason, "[PERSON_99]") && slices.Equal(r.Evidence, []string{"s1"})
	}) {
		t.Errorf("to review %+v", got.NeedsReview)
	}
	for _, it := range got.Items {
		if strings.Contains(it.Heading, "PERSON") {
			t.Errorf("heading %q", it.Heading)
		}
	}
	p := got.Provenance
	if !p.Masked || p.Masks["person"] != 2 || p.Masks["phone"] != 1 || p.Masks["email"] != 1 || p.Masks["identity"] != 1 {
		t.Errorf("provenance %+v", p)
	}

	// Masks do not stand in the way of resuming: the same words have the same masks.
	kept := &shelf{kept: map[string][]byte{}}
	for range 2 {
		if _, err := writer().Resume(context.WithoutCancel(t.Context()), m, tr, e, kept, nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(keys) != 2 || kept.loaded != 1 {
		t.Errorf("asked %d times, %d were kept", len(keys), kept.loaded)
	}
	for _, data := range kept.kept {
		if strings.Contains(string(data), "Lunde") {
			t.Error("what is kept is not as it came: masked")
		}
	}
}
