package review

import (
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
)

// settle does Accept, Dismiss and Confirm.
func settle(m *referent.Minutes, e Edit, who Person) error {
	done := referent.Settled{By: who.Name, At: who.At}
	switch {
	case e.Do == Confirm && e.List == Votes:
		return confirm(m, e.Index, done)
	case e.Do == Confirm:
		return invalid("only votes are confirmed")
	case e.List == NeedsReview && inside(m.NeedsReview, e.Index):
		r := m.NeedsReview[e.Index]
		if slices.ContainsFunc(m.Votes, func(v referent.Vote) bool { return extract.OfVote(r, v) }) {
			return invalid("a vote is confirmed, changed or struck")
		}
		m.NeedsReview = slices.Delete(m.NeedsReview, e.Index, e.Index+1)
		done.Text, done.Reason, done.Evidence = r.Text, r.Reason, r.Evidence
	case e.List == PossiblyMissed && inside(m.PossiblyMissed, e.Index):
		p := m.PossiblyMissed[e.Index]
		m.PossiblyMissed = slices.Delete(m.PossiblyMissed, e.Index, e.Index+1)
		done.Text, done.Evidence = p.Text, p.Evidence
	case e.List == Missing && e.Do == Dismiss && inside(m.Missing, e.Index):
		done.Text = m.Missing[e.Index]
		m.Missing = slices.Delete(m.Missing, e.Index, e.Index+1)
	default:
		return notThere()
	}
	present(&done.Evidence)
	done.How = referent.SettledDismissed
	if e.Do == Accept {
		done.How, done.As = referent.SettledAccepted, string(e.As)
		if err := accept(m, e, done); err != nil {
			return err
		}
	}
	m.Settled = append(m.Settled, done)
	return nil
}

func inside[T any](list []T, i int) bool { return i >= 0 && i < len(list) }

// accept puts the statement into the minutes: as it was, or in the person's words. What it was heard in stays.
func accept(m *referent.Minutes, e Edit, done referent.Settled) error {
	w := e.Words
	if w.Text == "" {
		w.Text = done.Text
	}
	other := w.Text != done.Text || w.Owner != "" || w.Due != "" || w.Status != ""
	switch e.As {
	case Decisions:
		m.Decisions = append(m.Decisions, referent.Decision{Text: w.Text, Case: w.Case, Evidence: done.Evidence, Reworded: other})
	case Actions:
		m.Actions = append(m.Actions, referent.ActionItem{Task: w.Text, Owner: w.Owner, Due: day(w.Due), Status: w.Status, Evidence: done.Evidence, Reworded: other})
	case Points:
		if e.Of == len(m.Items) {
			m.Items = append(m.Items, referent.Item{Heading: w.Case})
		}
		if !inside(m.Items, e.Of) {
			return notThere()
		}
		points := &m.Items[e.Of].Points
		*points = append(*points, referent.Point{Text: w.Text, Evidence: done.Evidence, Reworded: other})
	default:
		return invalid("it becomes a decision, a task or a point")
	}
	return nil
}

// confirm says that a vote is right as it stands, and that it is no longer to be checked.
func confirm(m *referent.Minutes, i int, done referent.Settled) error {
	if !inside(m.Votes, i) {
		return notThere()
	}
	v := &m.Votes[i]
	r := extract.VoteReview(*v, string(m.Language))
	if k := asks(m, *v); k >= 0 {
		r = m.NeedsReview[k]
		m.NeedsReview = slices.Delete(m.NeedsReview, k, k+1)
	}
	done.Text, done.Reason, done.Evidence, done.How = r.Text, r.Reason, r.Evidence, referent.SettledConfirmed
	present(&done.Evidence)
	m.Settled = append(m.Settled, done)
	v.Confirmed, v.Faults = &referent.Approval{By: done.By, At: done.At}, nil
	return nil
}

// Open is how much of the minutes a person has not looked at.
type Open struct {
	Review  int `json:"needs_review" doc:"Statements to be checked and votes to be confirmed: minutes with any of these cannot be approved."`
	Missed  int `json:"possibly_missed" doc:"Statements that may have been forgotten."`
	Missing int `json:"missing" doc:"What the law asks for and nobody has said to be in order."`
}

// Left counts what nobody has looked at.
func Left(m *referent.Minutes) Open {
	n := Open{len(m.NeedsReview), len(m.PossiblyMissed), len(m.Missing)}
	for _, v := range m.Votes {
		if v.Confirmed == nil && asks(m, v) < 0 {
			n.Review++
		}
	}
	return n
}

// asks is the place in NeedsReview of what asks for the vote's confirmation, -1 for none. Where the proposals of two
// votes begin alike, the one in the vote's very words goes first.
func asks(m *referent.Minutes, v referent.Vote) int {
	exact := extract.VoteReview(v, string(m.Language)).Text
	i := slices.IndexFunc(m.NeedsReview, func(r referent.ReviewItem) bool { return r.Text == exact && extract.OfVote(r, v) })
	if i < 0 {
		i = slices.IndexFunc(m.NeedsReview, func(r referent.ReviewItem) bool { return extract.OfVote(r, v) })
	}
	return i
}
