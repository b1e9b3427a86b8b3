package review

import (
	"slices"

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
		if was := statementAt(*points, e.Index); e.Do == Set || e.Do == Delete {
			if _, tells := ToldFrom(m, was.text, was.evidence); tells {
				return invalid("the line tells of a vote, movement, proposal or closed part: it follows when that is changed or struck")
			}
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
		return followed(m, e, Place{List: Movements, Index: e.Index}, func() error { return within(&m.Movements, e, writeMovement) })
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

func writeMovement(x *referent.Movement, w Words, own bool) error {
	if w.What == "" {
		return invalid("a movement tells what the member did")
	}
	x.Name, x.What, x.Case, x.Clock = w.Text, w.What, w.Case, w.Time
	return heard(w.Text, own, &x.Added, &x.Evidence)
}

func writeProposal(x *referent.Proposal, w Words, own bool) error {
	x.Text, x.By = w.Text, w.By
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
	err := followed(m, e, Place{List: Votes, Index: e.Index}, func() error { return within(&m.Votes, e, writeVote) })
	if err != nil {
		return err
	}
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
		if asked >= 0 {
			m.NeedsReview = slices.Delete(m.NeedsReview, asked, asked+1)
		}
	case Set:
		is := &m.Votes[e.Index]
		is.Confirmed = nil
		if !sameCount(was, *is) {
			is.Faults = extract.CountFaults(*is, form)
		}
		if asked >= 0 {
			m.NeedsReview[asked] = extract.VoteReview(*is, form)
		} else {
			m.NeedsReview = append(m.NeedsReview, extract.VoteReview(*is, form))
		}
	}
	return nil
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
		return followed(m, e, Place{Proposals, e.Of, e.Index}, func() error { return within(&c.Proposals, e, writeProposal) })
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
		return followed(m, e, Place{List: Closed, Of: e.Of}, func() error { c.Closed.Basis = e.Words.Text; return nil })
	case e.List == Closed && e.Do == Delete && c.Closed != nil:
		return followed(m, e, Place{List: Closed, Of: e.Of}, func() error { c.Closed = nil; return nil })
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
