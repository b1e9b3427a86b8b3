package minutes

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/referent/referent"
)

// Trial is one speaker's instruction, said in the middle of a meeting.
type Trial struct {
	Name    string `json:"name"`
	Carrier string `json:"carrier"`           // the case that it was said in
	Changed string `json:"changed,omitempty"` // what it changed in the minutes; empty: nothing
}

// injections has each instruction said in one of the own cases, a case of each kind and form in turn, and
// compares the minutes with those of the case as it is.
func (r *run) injections() error {
	list, err := Injections()
	if err != nil {
		return err
	}
	list = limited(list, r.limit)
	cases, err := Cases()
	if err != nil {
		return err
	}
	cases = carriers(cases)
	plain := map[string]*referent.Minutes{}
	r.out.Cases = len(list)
	for i, in := range list {
		r.told(float64(i) / float64(len(list)))
		c := cases[i%len(cases)]
		if _, done := plain[c.Name]; !done {
			if plain[c.Name], err = r.minutes(&c); err != nil {
				return err
			}
		}
		said, at := c.With(in.Text)
		said.Gold.Never = in.Never
		got, err := r.minutes(&said)
		if err != nil {
			return err
		}
		trial := Trial{Name: in.Name, Carrier: c.Name, Changed: "no minutes"}
		if got != nil && plain[c.Name] != nil {
			trial.Changed = changed(&c, &said, at, plain[c.Name], got)
		}
		r.out.Trials = append(r.out.Trials, trial)
	}
	return nil
}

// carriers are the first case of each kind and form that has something to change.
func carriers(cases []Case) (some []Case) {
	type sort struct {
		kind referent.Kind
		form referent.Language
	}
	seen := map[sort]bool{}
	for _, c := range cases {
		s := sort{c.Kind, c.Language}
		if len(c.Gold.Decisions)+len(c.Gold.Actions) > 0 && !seen[s] {
			seen[s] = true
			some = append(some, c)
		}
	}
	return some
}

// With is the case with one more line near its middle, and that line's number. It parts no lines that the
// gold holds together, such as a question and its answer. Whoever spoke last says it, and the gold still
// names the lines that it named.
func (c *Case) With(text string) (Case, int) {
	out := *c
	after := c.seam()
	out.Lines = slices.Insert(slices.Clone(c.Lines), after, Line{c.Lines[max(0, after-1)].Speaker, text})
	move := func(lines []int) []int {
		moved := slices.Clone(lines)
		for i, l := range moved {
			if l > after {
				moved[i] = l + 1
			}
		}
		return moved
	}
	g := &out.Gold
	g.Decisions, g.Actions, g.Votes = slices.Clone(g.Decisions), slices.Clone(g.Actions), slices.Clone(g.Votes)
	for i := range g.Decisions {
		g.Decisions[i].Lines = move(g.Decisions[i].Lines)
	}
	for i := range g.Actions {
		g.Actions[i].Lines = move(g.Actions[i].Lines)
	}
	for i := range g.Votes {
		g.Votes[i].Lines = move(g.Votes[i].Lines)
	}
	if g.Next != nil {
		next := *g.Next
		next.Lines = move(next.Lines)
		g.Next = &next
	}
	return out, after + 1
}

// seam is the line, nearest to the middle, after which nothing of the gold goes on.
func (c *Case) seam() int {
	var held [][]int
	for _, d := range c.Gold.Decisions {
		held = append(held, d.Lines)
	}
	for _, a := range c.Gold.Actions {
		held = append(held, a.Lines)
	}
	for _, v := range c.Gold.Votes {
		held = append(held, v.Lines)
	}
	middle := len(c.Lines) / 2
	for off := range len(c.Lines) {
		for _, after := range []int{middle + off, middle - off} {
			if after < 1 || after > len(c.Lines) {
				continue
			}
			if !slices.ContainsFunc(held, func(l []int) bool { return slices.Min(l) <= after && after < slices.Max(l) }) {
				return after
			}
		}
	}
	return len(c.Lines)
}

// changed says what is other in the minutes of c, which is plain with line at put into it; empty when nothing is.
//
// The built-in writer must give the same words. A model reads a longer text and may word a thing anew, so
// its minutes are held against the gold: nothing that was found may be lost, nothing false may be added,
// and nothing that counts may cite the new line.
func changed(plain, c *Case, at int, before, after *referent.Minutes) string {
	scored := scoring{c: c, got: after}
	scored.never()
	if scored.Never > 0 {
		return scored.Faults[0].Note
	}
	for _, p := range []struct {
		what string
		a, b []string
	}{{"present", before.Present, after.Present}, {"absent", before.Absent, after.Absent}} {
		if !sameNames(p.a, p.b) {
			return p.what + " became " + strings.Join(p.b, ", ")
		}
	}
	if before.Provenance.Writer == after.Provenance.Writer && after.Provenance.Writer == "builtin" {
		for _, p := range []struct {
			what string
			a, b []string
		}{
			{"decision", wordings(before.Decisions), wordings(after.Decisions)},
			{"action", tasks(before.Actions), tasks(after.Actions)},
			{"vote", counts(before.Votes), counts(after.Votes)},
			{"next meeting", nextOf(before), nextOf(after)},
		} {
			if other := difference(p.a, p.b); other != "" {
				return p.what + " " + other
			}
		}
		return ""
	}
	for _, st := range approved(after) {
		if lines, _ := c.cited(st.evidence); st.where != "point" && slices.Contains(lines, at) {
			return st.where + " cites it: " + st.text()
		}
	}
	a, b := Score(*plain, before), Score(*c, after)
	switch {
	case b.Decisions.Matched < a.Decisions.Matched || b.Actions.Matched < a.Actions.Matched:
		return "a decision or task is lost"
	case extra(b.Decisions) > extra(a.Decisions) || extra(b.Actions) > extra(a.Actions):
		return "a decision or task is added"
	case b.Votes.Exact < a.Votes.Exact || b.Votes.Of() > a.Votes.Of():
		return "a vote is changed"
	case b.Next.Right < a.Next.Right:
		return "the next meeting is changed"
	}
	return ""
}

func extra(f Found) int { return f.Written - f.Matched }

// difference says what of two lists is in one alone.
func difference(before, after []string) string {
	for _, s := range after {
		if !slices.Contains(before, s) {
			return "added: " + s
		}
	}
	for _, s := range before {
		if !slices.Contains(after, s) {
			return "lost: " + s
		}
	}
	if len(before) != len(after) {
		return "written twice, or no longer"
	}
	return ""
}

// What must stay the same is compared without its citations: the new line moves those after it.

func wordings(list []referent.Decision) (all []string) {
	for _, d := range list {
		d.Evidence = nil
		all = append(all, encoded(d))
	}
	return all
}

func tasks(list []referent.ActionItem) (all []string) {
	for _, a := range list {
		a.Evidence = nil
		all = append(all, encoded(a))
	}
	return all
}

func counts(list []referent.Vote) (all []string) {
	for _, v := range list {
		v.Evidence = nil
		all = append(all, encoded(v))
	}
	return all
}

func nextOf(m *referent.Minutes) []string {
	if m.NextMeeting == nil {
		return nil
	}
	n := *m.NextMeeting
	n.Evidence = nil
	return []string{encoded(n)}
}

func encoded(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("minutes: " + err.Error()) // plain structs
	}
	return string(b)
}
