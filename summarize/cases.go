package summarize

import (
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

// caseList is a meeting's cases in the order in which they were first named.
type caseList []extract.Case

// at is the case of a name, added when it is new.
func (l *caseList) at(name string) *extract.Case {
	for i := range *l {
		if sameCase((*l)[i].Heading, name) {
			return &(*l)[i]
		}
	}
	*l = append(*l, extract.Case{Heading: name})
	return &(*l)[len(*l)-1]
}

// decided adds the votes and decisions of the minutes to their cases.
func (l *caseList) decided(out *referent.Minutes) {
	for _, v := range out.Votes {
		c := l.at(v.Case)
		c.Votes = append(c.Votes, v)
	}
	for _, d := range out.Decisions {
		c := l.at(d.Case)
		c.Decisions = append(c.Decisions, d)
	}
}

// discussed sorts items, votes and decisions that a model gave by case.
func discussed(items []referent.Item, out *referent.Minutes) caseList {
	var list caseList
	for _, it := range items {
		c := list.at(it.Heading)
		c.Points = append(c.Points, it.Points...)
	}
	list.decided(out)
	return list
}

// recorded is what finished minutes hold of each case of a protocol. The heading of a case has no points.
func recorded(out *referent.Minutes) caseList {
	var list caseList
	for _, it := range out.Items {
		if len(it.Points) == 0 {
			list.at(it.Heading)
		}
	}
	for _, r := range out.Cases {
		c := list.at(r.Name)
		c.Proposals = append(c.Proposals, r.Proposals...)
		if r.Recommendation != nil {
			c.Recommendation = append(c.Recommendation, *r.Recommendation)
		}
		if c.Closed == nil || c.Closed.Basis == "" && r.Closed != nil {
			c.Closed = r.Closed
		}
	}
	for _, v := range out.Movements {
		c := list.at(v.Case)
		c.Movements = append(c.Movements, v)
	}
	list.decided(out)
	return list
}

// sameCase compares two names of a case: by number when both have one, else by their words.
func sameCase(a, b string) bool {
	x, y := extract.CaseNumber(a), extract.CaseNumber(b)
	if x != "" && y != "" {
		return x == y
	}
	return norsk.Fold(a) == norsk.Fold(b) || len(b) > 8 && strings.Contains(norsk.Fold(a), norsk.Fold(b))
}
