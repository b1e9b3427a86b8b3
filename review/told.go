package review

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
)

// The same thing may stand in several places of the minutes. A resolution is a decision and a point under its case,
// a recommendation is a field of its case and a point: they are the same words, and change together. A vote, a
// movement, a proposal and a closed part have fields, and a line in the record of their case that is made of them:
// the fields are changed, and the line follows.

// Place is where a statement stands. Of and Index are as in Edit.
type Place struct {
	List      List
	Of, Index int
}

// ToldFrom finds the vote, movement, proposal or closed part that a point tells of; false for a point that stands
// for itself. What a person wrote was heard nowhere, and stands for itself.
func ToldFrom(m *referent.Minutes, text string, evidence []string) (Place, bool) {
	if text == "" || len(evidence) == 0 {
		return Place{}, false
	}
	point := told{text, evidence}
	for _, p := range fielded(m) {
		if line := p.line(m); line.text == text && slices.Equal(line.evidence, evidence) && !point.resolves(m, p) {
			return p, true
		}
	}
	return Place{}, false
}

// fielded lists what has fields, and a line made of them.
func fielded(m *referent.Minutes) []Place {
	var out []Place
	for i := range m.Votes {
		out = append(out, Place{List: Votes, Index: i})
	}
	for i := range m.Movements {
		out = append(out, Place{List: Movements, Index: i})
	}
	for i, c := range m.Cases {
		for k := range c.Proposals {
			out = append(out, Place{Proposals, i, k})
		}
		if c.Closed != nil {
			out = append(out, Place{List: Closed, Of: i})
		}
	}
	return out
}

// line is the line made of what stands at a place; nothing when nothing stands there.
func (p Place) line(m *referent.Minutes) told {
	form := string(m.Language)
	switch {
	case p.List == Votes && p.Index >= 0 && p.Index < len(m.Votes):
		v := m.Votes[p.Index]
		return told{extract.VotedText(v, form), v.Evidence}
	case p.List == Movements && p.Index >= 0 && p.Index < len(m.Movements):
		v := m.Movements[p.Index]
		return told{extract.MovedText(v, form), v.Evidence}
	case p.List == Proposals && p.Index >= 0 && p.Index < len(m.Cases[p.Of].Proposals):
		v := m.Cases[p.Of].Proposals[p.Index]
		return told{extract.ProposedText(v, form), v.Evidence}
	case p.List == Closed && m.Cases[p.Of].Closed != nil:
		v := m.Cases[p.Of].Closed
		return told{extract.ClosedText(*v, form), v.Evidence}
	}
	return told{}
}

// followed does a change to what stands at a place, and lets its line follow.
func followed(m *referent.Minutes, e Edit, p Place, do func() error) error {
	line := p.line(m)
	shared := line.resolves(m, p)
	if err := do(); err != nil {
		return err
	}
	switch {
	case shared:
	case e.Do == Set && p.line(m).text != "":
		line.retell(m, p.line(m).text)
	case e.Do == Set, e.Do == Delete:
		line.strike(m)
	}
	return nil
}

// resolves reports whether a proposal's line has the words of a decision or recommendation heard in the same breath.
// That is a statement of its own, also when the proposal is changed.
func (t told) resolves(m *referent.Minutes, p Place) bool {
	if p.List != Proposals {
		return false
	}
	return slices.ContainsFunc(m.Decisions, func(d referent.Decision) bool { return t.is(d.Text, d.Evidence) }) ||
		slices.ContainsFunc(m.Cases, func(c referent.Case) bool {
			return c.Recommendation != nil && t.is(c.Recommendation.Text, c.Recommendation.Evidence)
		})
}

// told is a statement that may stand in several places.
type told struct {
	text     string
	evidence []string
}

func statementAt(points []referent.Point, i int) told {
	if i < 0 || i >= len(points) {
		return told{}
	}
	return told{points[i].Text, points[i].Evidence}
}

// is reports whether another statement is this one: the same words, heard in the same places. Words alone are not
// enough: many cases end with the same ones.
func (t told) is(text string, evidence []string) bool {
	fold := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	return len(t.evidence) > 0 && fold(text) == fold(t.text) && slices.Equal(evidence, t.evidence)
}

// twinned does a change to a statement, and the same wherever else it stands.
func twinned(m *referent.Minutes, e Edit, was told, do func() error) error {
	if err := do(); err != nil {
		return err
	}
	switch e.Do {
	case Set:
		was.retell(m, e.Words.Text)
	case Delete:
		was.strike(m)
	}
	return nil
}

// retell gives the statement other words wherever it stands.
func (t told) retell(m *referent.Minutes, text string) {
	for i := range m.Items {
		for k := range m.Items[i].Points {
			if p := &m.Items[i].Points[k]; t.is(p.Text, p.Evidence) {
				p.Text = text
			}
		}
	}
	for i := range m.Decisions {
		if d := &m.Decisions[i]; t.is(d.Text, d.Evidence) {
			d.Text = text
		}
	}
	for i := range m.Cases {
		if r := m.Cases[i].Recommendation; r != nil && t.is(r.Text, r.Evidence) {
			r.Text = text
		}
	}
}

// strike takes the statement away wherever it stands.
func (t told) strike(m *referent.Minutes) {
	for i := range m.Items {
		m.Items[i].Points = slices.DeleteFunc(m.Items[i].Points, func(p referent.Point) bool { return t.is(p.Text, p.Evidence) })
	}
	m.Decisions = slices.DeleteFunc(m.Decisions, func(d referent.Decision) bool { return t.is(d.Text, d.Evidence) })
	for i := range m.Cases {
		if r := m.Cases[i].Recommendation; r != nil && t.is(r.Text, r.Evidence) {
			m.Cases[i].Recommendation = nil
		}
	}
}
