package review_test

import (
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
	"github.com/referent/referent/summarize/extract"
)

// recorded is protocol() with what a case's record tells of a proposal, a movement and a closed part.
func recorded() *referent.Minutes {
	m := protocol()
	m.Cases[0].Closed = &referent.Closed{Basis: "kommuneloven § 11-5", Evidence: []string{"s11"}}
	form := string(m.Language)
	m.Items = append(m.Items, referent.Item{Heading: "Behandling", Points: []referent.Point{
		{Text: extract.ClosedText(*m.Cases[0].Closed, form), Evidence: []string{"s11"}},
		{Text: extract.MovedText(m.Movements[0], form), Evidence: []string{"s8"}},
		{Text: extract.ProposedText(m.Cases[0].Proposals[0], form), Evidence: []string{"s2"}},
		{Text: "Saken ble drøftet.", Evidence: []string{"s2"}},
	}})
	return m
}

// What a proposal, a movement or a closed part says is changed in its fields. The line that tells of it under its case
// follows, and is not changed by itself.
func TestALineFollowsWhatItTellsOf(t *testing.T) {
	for name, c := range map[string]struct {
		place review.Place
		words review.Words
		line  int
		want  string
	}{
		"a closed part": {review.Place{List: review.Closed}, review.Words{Text: "kommuneloven § 11-5 andre ledd"}, 0, "Møtet ble lukket. Hjemmel: kommuneloven § 11-5 andre ledd."},
		"a movement":    {review.Place{List: review.Movements}, review.Words{Text: "Per Ås", What: "arrived", Time: "12.30"}, 1, "Per Ås: kom til møtet kl. 12.30."},
		"a proposal":    {review.Place{List: review.Proposals}, review.Words{Text: "Saken avvises.", By: []string{"Kari"}}, 2, "Forslag fra Kari: Saken avvises."},
	} {
		t.Run(name, func(t *testing.T) {
			m := recorded()
			last := len(m.Items) - 1
			line := m.Items[last].Points[c.line]
			if p, tells := review.ToldFrom(m, line.Text, line.Evidence); !tells || p != c.place {
				t.Fatalf("the line tells of %+v, %v", p, tells)
			}
			for _, do := range []review.Do{review.Set, review.Delete} {
				if _, err := review.Apply(m, review.Edit{Do: do, List: review.Points, Of: last, Index: c.line, Words: review.Words{Text: "Noe annet."}}, kari); referent.CodeOf(err) != referent.CodeInvalid {
					t.Errorf("%s of the line by itself: %v", do, err)
				}
			}
			edit := review.Edit{Do: review.Set, List: c.place.List, Words: c.words}
			out := must(t, m, edit)
			if got := out.Items[last].Points[c.line].Text; got != c.want {
				t.Errorf("the line says %q", got)
			}
			edit.Do = review.Delete
			if out = must(t, out, edit); len(out.Items[last].Points) != 3 || out.Items[last].Points[2].Text != "Saken ble drøftet." {
				t.Errorf("after it was struck: %+v", out.Items[last].Points)
			}
		})
	}
}

// A proposal without a name has the words of the resolution when it was adopted in the same breath. The resolution
// is a statement of its own.
func TestAResolutionDoesNotFollowAProposal(t *testing.T) {
	m := recorded()
	m.Cases[0].Proposals[0] = referent.Proposal{Text: m.Decisions[0].Text, Evidence: m.Decisions[0].Evidence}
	out := must(t, m, review.Edit{Do: review.Set, List: review.Proposals, Words: review.Words{Text: "Biblioteket stenger."}})
	if out.Decisions[0].Text != m.Decisions[0].Text || out.Items[3].Points[0].Text != m.Items[3].Points[0].Text {
		t.Errorf("%s", text(t, out))
	}
	must(t, m, review.Edit{Do: review.Set, List: review.Points, Of: 3, Words: review.Words{Text: "Biblioteket er stengt."}})
}

// A person's own proposal makes no line; a point of the same words is a statement of its own.
func TestAPersonsOwnPointIsNotTold(t *testing.T) {
	m := must(t, recorded(), review.Edit{Do: review.Add, List: review.Proposals, Words: review.Words{Text: "Saken avvises."}})
	m = must(t, m, review.Edit{Do: review.Add, List: review.Points, Of: 5, Words: review.Words{Text: "Saken avvises."}})
	if p, tells := review.ToldFrom(m, m.Items[5].Points[0].Text, m.Items[5].Points[0].Evidence); tells {
		t.Errorf("it tells of %+v", p)
	}
	must(t, m, review.Edit{Do: review.Set, List: review.Points, Of: 5, Words: review.Words{Text: "Saken vart avvist."}})
	m.Movements[0].What = "came" // a program wrote it
	if _, tells := review.ToldFrom(m, "Saken ble drøftet.", []string{"s2"}); tells {
		t.Error("a movement that no protocol knows is told of")
	}
}
