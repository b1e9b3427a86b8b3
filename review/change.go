package review

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
)

// change does Set, Add, Delete and Move.
func change(m *referent.Minutes, e Edit, who Person) error {
	switch e.List {
	case Head:
		return changeHead(m, e)
	case Items:
		return within(&m.Items, e, func(x *referent.Item, w Words, own bool) error {
			x.Heading = w.Text
			if own {
				x.Points = []referent.Point{}
			}
			return nil
		})
	case Points:
		if e.Of < 0 || e.Of >= len(m.Items) {
			return notThere()
		}
		points := &m.Items[e.Of].Points
		if was := statementAt(*points, e.Index); (e.Do == Set || e.Do == Delete) && VoteTold(m, was.text, was.evidence) >= 0 {
			return invalid("the line tells of a vote: it follows when the vote is changed or struck")
		}
		return twinned(m, e, statementAt(*points, e.Index), func() error { return within(points, e, writePoint) })
	case Decisions:
		var was told
		if e.Index >= 0 && e.Index < len(m.Decisions) {
			was = told{m.Decisions[e.Index].Text, m.Decisions[e.Index].Evidence}
		}
		return twinned(m, e, was, func() error { return within(&m.Decisions, e, writeDecision) })
	case Actions:
		return within(&m.Actions, e, writeAction)
	case Votes:
		return changeVotes(m, e, who)
	case Movements:
		return within(&m.Movements, e, func(x *referent.Movement, w Words, own bool) error {
			if w.What == "" {
				return invalid("a movement tells what the member did")
			}
			x.Name, x.What, x.Case, x.Clock = w.Text, w.What, w.Case, w.Time
			return heard(w.Text, own, &x.Added, &x.Evidence)
		})
	case Recommendation, Proposals, Closed:
		if e.Of < 0 || e.Of >= len(m.Cases) {
			return notThere()
		}
		return changeCase(m, &m.Cases[e.Of], e)
	case NextMeeting:
		return changeNext(m, e)
	}
	return invalid("the part cannot be changed so")
}

// within changes one statement of a list. write puts the words into a statement; own says that it is a new one of
// the person's own.
func within[T any](list *[]T, e Edit, write func(x *T, w Words, own bool) error) error {
	last := len(*list) - 1
	if e.Do == Add {
		last++ // after the last is a place too
	}
	if e.Index < 0 || e.Index > last {
		return notThere()
	}
	switch e.Do {
	case Set:
		return write(&(*list)[e.Index], e.Words, false)
	case Add:
		var x T
		if err := write(&x, e.Words, true); err != nil {
			return err
		}
		*list = slices.Insert(*list, e.Index, x)
	case Delete:
		*list = slices.Delete(*list, e.Index, e.Index+1)
	case Move:
		if e.To < 0 || e.To > last {
			return notThere()
		}
		x := (*list)[e.Index]
		*list = slices.Insert(slices.Delete(*list, e.Index, e.Index+1), e.To, x)
	}
	return nil
}

// heard finishes a statement that must say something: a person's own was heard nowhere.
func heard(text string, own bool, added *bool, evidence *[]string) error {
	if text == "" {
		return invalid("a statement says something")
	}
	if own {
		*added, *evidence = true, []string{}
	}
	return nil
}

func writePoint(x *referent.Point, w Words, own bool) error {
	x.Text = w.Text
	return heard(w.Text, own, &x.Added, &x.Evidence)
}

func writeDecision(x *referent.Decision, w Words, own bool) error {
	x.Text, x.Case = w.Text, w.Case
	return heard(w.Text, own, &x.Added, &x.Evidence)
}

func writeAction(x *referent.ActionItem, w Words, own bool) error {
	x.Task, x.Owner, x.Due, x.Status = w.Text, w.Owner, day(w.Due), w.Status
	return heard(w.Text, own, &x.Added, &x.Evidence)
}

func writeVote(x *referent.Vote, w Words, own bool) error {
	x.Case, x.Proposal, x.Outcome, x.Alternative, x.DoubleVote = w.Case, w.Text, w.Outcome, w.Alternative, w.DoubleVote
	x.For, x.Against, x.Blank = w.For, w.Against, w.Blank
	x.ForMembers, x.AgainstMembers, x.BlankMembers = w.ForMembers, w.AgainstMembers, w.BlankMembers
	x.ForParties, x.AgainstParties = w.ForParties, w.AgainstParties
	present(&x.ForMembers)
	present(&x.AgainstMembers)
	return heard(w.Text, own, &x.Added, &x.Evidence)
}

// changeVotes changes a vote, the line that tells of it under its case, and what there is to confirm: a vote that
// was changed must be confirmed again, one that a person wrote is that person's unless its numbers go against its
// outcome. What was found wrong in a vote stays while its numbers, voters and outcome do.
func changeVotes(m *referent.Minutes, e Edit, who Person) error {
	form := string(m.Language)
	var was referent.Vote
	if e.Index >= 0 && e.Index < len(m.Votes) {
		was = m.Votes[e.Index]
	}
	if err := within(&m.Votes, e, writeVote); err != nil {
		return err
	}
	line := told{extract.VotedText(was, form), was.Evidence}
	asked := asks(m, was)
	switch e.Do {
	case Add:
		is := &m.Votes[e.Index]
		if is.Faults = extract.CountFaults(*is, form); len(is.Faults) > 0 {
			m.NeedsReview = append(m.NeedsReview, extract.VoteReview(*is, form))
		} else {
			is.Confirmed = &referent.Approval{By: who.Name, At: who.At}
		}
	case Delete:
		line.strike(m)
		if asked >= 0 {
			m.NeedsReview = slices.Delete(m.NeedsReview, asked, asked+1)
		}
	case Set:
		is := &m.Votes[e.Index]
		is.Confirmed = nil
		if !sameCount(was, *is) {
			is.Faults = extract.CountFaults(*is, form)
		}
		line.retell(m, extract.VotedText(*is, form))
		if asked >= 0 {
			m.NeedsReview[asked] = extract.VoteReview(*is, form)
		} else {
			m.NeedsReview = append(m.NeedsReview, extract.VoteReview(*is, form))
		}
	}
	return nil
}

// VoteTold is the place of the vote that a point under its case tells of, -1 for a point that tells of none.
func VoteTold(m *referent.Minutes, text string, evidence []string) int {
	return slices.IndexFunc(m.Votes, func(v referent.Vote) bool {
		return text == extract.VotedText(v, string(m.Language)) && slices.Equal(evidence, v.Evidence)
	})
}

func changeHead(m *referent.Minutes, e Edit) error {
	if e.Do != Set {
		return invalid("the head can only be set")
	}
	w := e.Words
	m.Title, m.Date, m.Place, m.Present, m.Absent = w.Text, w.Date, w.Place, w.Present, w.Absent
	present(&m.Present)
	present(&m.Absent)
	return nil
}

func changeCase(m *referent.Minutes, c *referent.Case, e Edit) error {
	switch {
	case e.List == Proposals:
		return within(&c.Proposals, e, func(x *referent.Proposal, w Words, own bool) error {
			x.Text, x.By = w.Text, w.By
			return heard(w.Text, own, &x.Added, &x.Evidence)
		})
	case e.List == Recommendation && e.Do == Set:
		if c.Recommendation == nil {
			c.Recommendation = new(referent.Point)
			return writePoint(c.Recommendation, e.Words, true)
		}
		was := told{c.Recommendation.Text, c.Recommendation.Evidence}
		return twinned(m, e, was, func() error { return writePoint(c.Recommendation, e.Words, false) })
	case e.List == Recommendation && e.Do == Delete && c.Recommendation != nil:
		was := told{c.Recommendation.Text, c.Recommendation.Evidence}
		return twinned(m, e, was, func() error { c.Recommendation = nil; return nil })
	case e.List == Closed && e.Do == Set:
		if c.Closed == nil {
			c.Closed = &referent.Closed{Evidence: []string{}}
		}
		c.Closed.Basis = e.Words.Text
		return nil
	case e.List == Closed && e.Do == Delete && c.Closed != nil:
		c.Closed = nil
		return nil
	}
	return notThere()
}

func changeNext(m *referent.Minutes, e Edit) error {
	w := e.Words
	switch {
	case e.Do == Delete && m.NextMeeting != nil:
		m.NextMeeting = nil
		return nil
	case e.Do == Set && (w.Text != "" || w.Date != ""):
		if m.NextMeeting == nil {
			m.NextMeeting = &referent.NextMeeting{Evidence: []string{}}
		}
		n := m.NextMeeting
		n.Text, n.Date, n.Time, n.Place = w.Text, day(w.Date), w.Time, w.Place
		return nil
	case e.Do == Set:
		return invalid("a next meeting has a date or is told of")
	}
	return notThere()
}

// told is a statement that may stand in several places: a resolution is a decision, and a point under its case;
// a recommendation is a point, and stands in the record of its case.
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
