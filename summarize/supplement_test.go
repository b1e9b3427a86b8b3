package summarize_test

import (
	"slices"
	"testing"

	"github.com/referent/referent"
)

// What a model leaves out and the rules have found is in the minutes all the same, once, where it was said.
func TestModelIsSupplemented(t *testing.T) {
	m, _ := shortMeeting()
	tr := talk("Kari Nordmann: Da vedtar vi at kontoret får åtte nye skjermer.",
		"Kari Nordmann: Ola, kan du bestille skjermene innen mandag?", "Ola Lunde: Ja, det gjør jeg.",
		"Kari Nordmann: Per, kan du rydde lageret?", "Per Strand: Ja, det gjør jeg.",
		"Kari Nordmann: Da vedtar vi at lageret selges.",
		"Kari Nordmann: Neste møte er 8. desember klokka 10.")
	first := answering(t, m, tr, `{"items":[],"decisions":[{"text":"Lageret selges.","case":"","evidence":[6]}],
		"actions":[{"task":"Bestille skjermene.","owner":"Ola Lunde","due":null,"evidence":[2,3]}],"votes":[],"next_meeting":null}`)
	var decided, owners []string
	for _, d := range first.Decisions {
		decided = append(decided, d.Evidence[len(d.Evidence)-1])
	}
	for _, a := range first.Actions {
		owners = append(owners, a.Owner)
	}
	if !slices.Equal(decided, []string{"s1", "s6"}) || !slices.Equal(owners, []string{"Ola Lunde", "Per Strand"}) || first.NextMeeting == nil {
		t.Errorf("decisions %+v\nactions %+v\nnext %+v", first.Decisions, first.Actions, first.NextMeeting)
	}
	if d := first.Decisions[1]; d.Text != "Lageret selges." {
		t.Errorf("the model's words are gone: %q", d.Text)
	}
}

// A line that gives two people a task each has two tasks, and two votes under one line are two.
func TestSupplementTellsApart(t *testing.T) {
	m, _ := shortMeeting()
	tr := talk("Kari Nordmann: Ola bestiller skjermene innen mandag, og Per rydder lageret.", "Ola Lunde: Ja.", "Per Strand: Ja.")
	got := answering(t, m, tr, `{"items":[],"decisions":[],"actions":[{"task":"Rydde lageret.","owner":"Per Strand","due":null,"evidence":[1]}],"votes":[],"next_meeting":null}`)
	of := func(owner string) int {
		return len(slices.DeleteFunc(slices.Clone(got.Actions), func(a referent.ActionItem) bool { return a.Owner != owner }))
	}
	if of("Ola Lunde") != 1 || of("Per Strand") != 1 {
		t.Errorf("%+v", got.Actions)
	}
}
