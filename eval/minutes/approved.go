package minutes

import (
	"strconv"
	"strings"

	"github.com/referent/referent"
)

// statement is one text of the approved part with what it cites. The approved part is what a reader takes
// for fact: items, decisions, tasks, votes, cases, movements and the next meeting. What waits for a person
// (needs_review, possibly_missed, missing) is no part of it.
type statement struct {
	where    string   // "decision", "action", ...
	texts    []string // sentences
	names    []string // persons: owners, members, proposers
	numbers  []int
	dates    []string // ISO
	clock    string   // "10.30"
	outcome  string   // of a vote: the writer's own words, whatever was said
	evidence []string
	vote     bool   // its names may follow from "de andre stemte for"
	double   bool   // that the chair's vote decided
	moved    string // Movement.What
}

// approved lists the statements of the approved part in the document's order.
func approved(m *referent.Minutes) []statement {
	var all []statement
	for _, item := range m.Items {
		for _, p := range item.Points {
			all = append(all, statement{where: "point", texts: []string{p.Text}, evidence: p.Evidence})
		}
	}
	for _, d := range m.Decisions {
		all = append(all, statement{where: "decision", texts: []string{d.Text}, evidence: d.Evidence})
	}
	for _, a := range m.Actions {
		s := statement{where: "action", texts: []string{a.Task, a.Status}, names: []string{a.Owner}, evidence: a.Evidence}
		if a.Due != nil {
			s.dates = []string{*a.Due}
		}
		all = append(all, s)
	}
	for _, v := range m.Votes {
		s := statement{where: "vote", texts: []string{v.Proposal, v.Alternative}, double: v.DoubleVote, outcome: v.Outcome, vote: true, evidence: v.Evidence}
		for _, members := range [][]string{v.ForMembers, v.AgainstMembers, v.BlankMembers, v.ForParties, v.AgainstParties} {
			s.names = append(s.names, members...)
		}
		// A number that only counts the members it names says nothing that they do not.
		for i, n := range []*int{v.For, v.Against, v.Blank} {
			if n != nil && *n != len([][]string{v.ForMembers, v.AgainstMembers, v.BlankMembers}[i]) {
				s.numbers = append(s.numbers, *n)
			}
		}
		all = append(all, s)
	}
	for _, c := range m.Cases {
		if c.Recommendation != nil {
			all = append(all, statement{where: "recommendation", texts: []string{c.Recommendation.Text}, evidence: c.Recommendation.Evidence})
		}
		for _, p := range c.Proposals {
			all = append(all, statement{where: "proposal", texts: []string{p.Text}, names: p.By, evidence: p.Evidence})
		}
		if c.Closed != nil {
			all = append(all, statement{where: "closed", texts: []string{c.Closed.Basis}, evidence: c.Closed.Evidence})
		}
	}
	for _, v := range m.Movements {
		all = append(all, statement{where: "movement", names: []string{v.Name}, moved: v.What, clock: v.Clock, evidence: v.Evidence})
	}
	if n := m.NextMeeting; n != nil {
		s := statement{where: "next", texts: []string{n.Text, n.Place}, clock: n.Time, evidence: n.Evidence}
		if n.Date != nil {
			s.dates = []string{*n.Date}
		}
		all = append(all, s)
	}
	return all
}

// text is all that a statement says in words, for the faults that a person reads.
func (s *statement) text() string {
	var parts []string
	for _, list := range [][]string{s.names, s.texts, {s.outcome}, s.dates} {
		for _, p := range list {
			if p != "" {
				parts = append(parts, p)
			}
		}
	}
	return strings.Join(parts, " | ")
}

// cited are the lines of the case that segment ids name; ok says whether there are any and all exist.
func (c *Case) cited(evidence []string) (lines []int, ok bool) {
	ok = len(evidence) > 0
	for _, id := range evidence {
		n, err := strconv.Atoi(strings.TrimPrefix(id, "s"))
		if err != nil || !strings.HasPrefix(id, "s") || n < 1 || n > len(c.Lines) {
			ok = false
			continue
		}
		lines = append(lines, n)
	}
	return lines, ok
}
