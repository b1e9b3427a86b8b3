package review

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
)

// Handed makes a draft of minutes that somebody wrote as a whole, after those that they had before them; from may
// be nil. Approving, confirming and settling are acts of their own: what is written of them holds only as far as
// it stood there before, and what was to be checked and is left out is put back. So is how the minutes came to be.
func Handed(from, written *referent.Minutes) (*referent.Minutes, error) {
	out, err := clone(written)
	if err != nil {
		return nil, err
	}
	if from == nil {
		from = new(referent.Minutes)
		out.Provenance.Taken = nil // nobody has taken anything from anywhere
	} else {
		out.Provenance = from.Provenance
	}
	out.Schema, out.Settled = referent.MinutesSchema, slices.Clone(from.Settled)
	markHanded(from, out)
	handVotes(from, out)
	asked := slices.DeleteFunc(slices.Clone(from.NeedsReview), func(r referent.ReviewItem) bool { return ofAny(from.Votes, r) })
	putBack(&out.NeedsReview, asked, func(a, b referent.ReviewItem) bool {
		return a.Text == b.Text && a.Reason == b.Reason && slices.Equal(a.Evidence, b.Evidence)
	})
	putBack(&out.PossiblyMissed, from.PossiblyMissed, func(a, b referent.Point) bool {
		return a.Text == b.Text && slices.Equal(a.Evidence, b.Evidence)
	})
	putBack(&out.Missing, from.Missing, func(a, b string) bool { return a == b })
	return out, nil
}

// handVotes gives a vote of the same numbers the faults that were found in it, and takes away a confirmation that
// nobody gave. What asks for confirmation follows the votes as they are now.
func handVotes(from, out *referent.Minutes) {
	for i := range out.Votes {
		v := &out.Votes[i]
		was := slices.IndexFunc(from.Votes, func(x referent.Vote) bool { return slices.Equal(x.Evidence, v.Evidence) && sameCount(x, *v) })
		if was >= 0 {
			v.Faults = slices.Clone(from.Votes[was].Faults)
		}
		if v.Confirmed != nil && !slices.ContainsFunc(from.Votes, func(x referent.Vote) bool { return sameVote(x, *v) }) {
			v.Confirmed = nil
		}
		if v.Confirmed == nil && asks(out, *v) < 0 {
			out.NeedsReview = append(out.NeedsReview, extract.VoteReview(*v, string(out.Language)))
		}
	}
}

func ofAny(votes []referent.Vote, r referent.ReviewItem) bool {
	return slices.ContainsFunc(votes, func(v referent.Vote) bool { return extract.OfVote(r, v) })
}

// putBack appends what was in a list and is not any more.
func putBack[T any](list *[]T, was []T, same func(a, b T) bool) {
	now := slices.Clone(*list)
	for _, x := range was {
		if i := slices.IndexFunc(now, func(y T) bool { return same(x, y) }); i >= 0 {
			now = slices.Delete(now, i, i+1)
			continue
		}
		*list = append(*list, x)
	}
}

// sameVote reports whether two votes are one, confirmed by the same person.
func sameVote(a, b referent.Vote) bool {
	if a.Confirmed == nil || b.Confirmed == nil || a.Confirmed.By != b.Confirmed.By || !a.Confirmed.At.Equal(b.Confirmed.At) {
		return false
	}
	a.Confirmed, b.Confirmed = nil, nil
	return reflect.DeepEqual(a, b)
}

// sameCount reports whether two votes have the same numbers, the same voters and the same outcome: what is wrong
// with one is then wrong with the other.
func sameCount(a, b referent.Vote) bool {
	return countKey(a) == countKey(b)
}

func countKey(v referent.Vote) string {
	var b strings.Builder
	for _, n := range []*int{v.For, v.Against, v.Blank} {
		b.WriteString(votes(n) + " ")
	}
	for _, names := range [][]string{v.ForMembers, v.AgainstMembers, v.BlankMembers, v.ForParties, v.AgainstParties} {
		fmt.Fprintf(&b, "%q", names)
	}
	return fmt.Sprintf("%s %q %q %t", &b, v.Outcome, v.Alternative, v.DoubleVote)
}

func votes(n *int) string {
	if n == nil {
		return "-"
	}
	return strconv.Itoa(*n)
}

// statement is something that minutes say, whatever it is: the marks on it, and words to find it again by.
type statement struct {
	key      string // all that it says and where it was heard
	list     List
	text     string
	evidence []string
	added    *bool // a person put it in
	reworded *bool // a person gave it other words
}

// statements are those of the minutes that a person can put in.
func statements(m *referent.Minutes) []statement {
	var out []statement
	add := func(list List, evidence []string, added, reworded *bool, words ...string) {
		out = append(out, statement{fmt.Sprintf("%s %q %q", list, words, evidence), list, words[0], evidence, added, reworded})
	}
	for i := range m.Items {
		for k := range m.Items[i].Points {
			x := &m.Items[i].Points[k]
			add(Points, x.Evidence, &x.Added, &x.Reworded, x.Text)
		}
	}
	for i := range m.Decisions {
		x := &m.Decisions[i]
		add(Decisions, x.Evidence, &x.Added, &x.Reworded, x.Text, x.Case)
	}
	for i := range m.Actions {
		x, due := &m.Actions[i], ""
		if x.Due != nil {
			due = *x.Due
		}
		add(Actions, x.Evidence, &x.Added, &x.Reworded, x.Task, x.Owner, due, x.Status)
	}
	for i := range m.Votes {
		x := &m.Votes[i]
		add(Votes, x.Evidence, &x.Added, &x.Reworded, x.Proposal, x.Case, countKey(*x))
	}
	for i := range m.Movements {
		x := &m.Movements[i]
		add(Movements, x.Evidence, &x.Added, &x.Reworded, x.Name, x.What, x.Case, x.Clock)
	}
	for i := range m.Cases {
		c := &m.Cases[i]
		if x := c.Recommendation; x != nil {
			add(Recommendation, x.Evidence, &x.Added, &x.Reworded, x.Text)
		}
		for k := range c.Proposals {
			x := &c.Proposals[k]
			add(Proposals, x.Evidence, &x.Added, &x.Reworded, append([]string{x.Text}, x.By...)...)
		}
	}
	return out
}

// markReworded marks what says something else than the minutes that it was made from, or says it elsewhere, and is
// not a person's own.
func markReworded(from, out *referent.Minutes) {
	before := byKey(from)
	for _, s := range statements(out) {
		if _, same := before[s.key]; !same && !*s.added {
			*s.reworded = true
		}
	}
}

// markHanded marks what was not there before: as put in by a person where it was heard nowhere, else as reworded.
// What was there before keeps its marks.
func markHanded(from, out *referent.Minutes) {
	before := byKey(from)
	for _, s := range statements(out) {
		was, same := before[s.key]
		switch {
		case same:
			*s.added, *s.reworded = *was.added, *was.reworded
		case len(s.evidence) == 0:
			*s.added = true
		}
	}
	markReworded(from, out)
}

func byKey(m *referent.Minutes) map[string]statement {
	out := make(map[string]statement)
	for _, s := range statements(m) {
		out[s.key] = s
	}
	return out
}

// Machine makes a draft of what a machine wrote: nobody has approved, settled, confirmed,
// put in, reworded or taken from elsewhere anything of it.
func Machine(m *referent.Minutes) {
	m.Schema, m.Label = referent.MinutesSchema, referent.DraftLabel
	m.Approval, m.Settled, m.Provenance.Taken = nil, nil, nil
	for i := range m.Votes {
		m.Votes[i].Confirmed = nil
	}
	for _, s := range statements(m) {
		*s.added, *s.reworded = false, false
	}
	for i := range m.PossiblyMissed {
		m.PossiblyMissed[i].Added, m.PossiblyMissed[i].Reworded = false, false
	}
}
