package summarize

import (
	"testing"

	"github.com/referent/referent"
)

// What a vote came to is told where it is known, and only there.
func TestSupplementVotes(t *testing.T) {
	seven, two := 7, 2
	builtin := &referent.Minutes{Language: referent.Bokmal, Votes: []referent.Vote{
		{Proposal: "Kaia bygges i tre.", Evidence: []string{"s1"}},
		{Proposal: "Kaia bygges i stein.", For: &seven, Against: &two, Outcome: "vedtatt", Evidence: []string{"s2"}},
	}}
	out := &referent.Minutes{Language: referent.Bokmal}
	supplement(out, builtin)
	want := []string{"Kaia bygges i tre.", "Kaia bygges i stein – vedtatt (7–2)."}
	if len(out.PossiblyMissed) != len(want) {
		t.Fatalf("%+v", out.PossiblyMissed)
	}
	for i, p := range out.PossiblyMissed {
		if p.Text != want[i] {
			t.Errorf("%q, not %q", p.Text, want[i])
		}
	}
}
