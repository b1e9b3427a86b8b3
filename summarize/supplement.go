package summarize

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// supplement takes in what the rules found and the model left out. Both writers' statements have to stand the
// same checks, so that a model that forgets costs no decision. What both found stands once, in the
// model's words.
func (g *merger) supplement() {
	out := g.out
	for _, d := range g.builtin.Decisions {
		if !slices.ContainsFunc(out.Decisions, func(o referent.Decision) bool { return same(o.Text, o.Evidence, d.Text, d.Evidence) }) {
			out.Decisions = append(out.Decisions, d)
		}
	}
	for _, a := range g.builtin.Actions {
		if slices.ContainsFunc(out.Actions, func(o referent.ActionItem) bool { return same(o.Task, o.Evidence, a.Task, a.Evidence) }) {
			continue
		}
		// One line may give two people a task each; one person's two readings of it are one, and the rules keep to
		// the words that were said.
		at := slices.IndexFunc(out.Actions, func(o referent.ActionItem) bool { return o.Owner == a.Owner && meet(o.Evidence, a.Evidence) })
		if at < 0 {
			out.Actions = append(out.Actions, a)
			continue
		}
		a.Evidence = g.union(a.Evidence, out.Actions[at].Evidence)
		out.Actions[at] = a
	}
	for _, v := range g.builtin.Votes {
		if !slices.ContainsFunc(out.Votes, func(o referent.Vote) bool { return same(o.Proposal, o.Evidence, v.Proposal, v.Evidence) }) {
			out.Votes = append(out.Votes, v)
		}
	}
	if out.NextMeeting == nil {
		out.NextMeeting = g.builtin.NextMeeting
	}
	slices.SortStableFunc(out.Decisions, func(a, b referent.Decision) int { return g.at(a.Evidence) - g.at(b.Evidence) })
	slices.SortStableFunc(out.Actions, func(a, b referent.ActionItem) int { return g.at(a.Evidence) - g.at(b.Evidence) })
	slices.SortStableFunc(out.Votes, func(a, b referent.Vote) int { return g.at(a.Evidence) - g.at(b.Evidence) })
}

// at is where in the transcript evidence ends: a decision stands where it was made, and not where it was
// first spoken of.
func (g *merger) at(ids []string) int {
	last := -1
	for _, id := range ids {
		last = max(last, slices.IndexFunc(g.t.Segments, func(s referent.Segment) bool { return s.ID == id }))
	}
	return last
}

// meet reports whether two statements rest on a segment that they share.
func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(id string) bool { return slices.Contains(b, id) })
}

// same reports whether two statements that rest on a common segment are of one matter: half of the words of the
// shorter one that carry meaning begin a word of the other.
func same(a string, from []string, b string, of []string) bool {
	if !meet(from, of) {
		return false
	}
	x, y := bearing(a), bearing(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	shared := 0
	for _, w := range x {
		if slices.ContainsFunc(y, func(o string) bool { return stem(w) == stem(o) }) {
			shared++
		}
	}
	return shared*2 >= len(x)
}

// bearing are the words of a statement that carry its meaning.
func bearing(text string) []string {
	return slices.DeleteFunc(strings.Fields(norsk.Fold(text)), norsk.Functional)
}

// stem is the beginning of a word that its forms share, near enough to see what two statements are about.
func stem(word string) string {
	r := []rune(word)
	return string(r[:min(len(r), 5)])
}
