package evidence_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	gold "github.com/referent/referent/eval/minutes"
	"github.com/referent/referent/summarize/evidence"
	"github.com/referent/referent/summarize/evidence/falsify"
	"github.com/referent/referent/summarize/norsk"
)

func ids(lines []int) []string {
	var out []string
	for _, n := range lines {
		out = append(out, fmt.Sprintf("s%d", n))
	}
	return out
}

func cases(t testing.TB) []gold.Case {
	t.Helper()
	own, err := gold.Cases()
	if err != nil {
		t.Fatal(err)
	}
	wider, err := gold.Wider()
	if err != nil {
		t.Fatal(err)
	}
	return append(own, wider...)
}

func outcome(v gold.GoldVote, l referent.Language) string {
	switch {
	case v.Adopted && l == referent.Nynorsk:
		return "vedteken"
	case v.Adopted:
		return "vedtatt"
	case l == referent.Nynorsk:
		return "fall"
	}
	return "falt"
}

// What the gold says of a case stands up to its own lines.
func TestGoldStands(t *testing.T) {
	type tally struct{ all, stand int }
	counts := map[string]*tally{}
	judge := func(kind, where, text string, faults []evidence.Fault) {
		if counts[kind] == nil {
			counts[kind] = &tally{}
		}
		counts[kind].all++
		if len(faults) == 0 {
			counts[kind].stand++
			return
		}
		t.Logf("%s %s: %q: %+v", where, kind, text, faults)
	}
	for _, c := range cases(t) {
		m, tr := c.Meeting()
		check := evidence.New(m, tr)
		for _, d := range c.Gold.Decisions {
			judge("decision", c.Name, d.Text, check.Decision(d.Text, ids(d.Lines)))
		}
		for _, a := range c.Gold.Actions {
			faults := check.Task(a.Task, a.Owner, ids(a.Lines))
			if a.Due != "" {
				faults = append(faults, check.Due(a.Due, ids(a.Lines))...)
			}
			judge("action", c.Name, a.Owner+": "+a.Task, faults)
		}
		for _, v := range c.Gold.Votes {
			judge("vote", c.Name, v.Proposal, check.Vote(referent.Vote{Proposal: v.Proposal, For: v.For, Against: v.Against, Blank: v.Blank,
				Outcome: outcome(v, c.Language), ForMembers: v.ForMembers, AgainstMembers: v.AgainstMembers, Evidence: ids(v.Lines)}))
		}
		if n := c.Gold.Next; n != nil {
			faults := check.Due(n.Date, ids(n.Lines))
			if n.Time != "" {
				faults = append(faults, check.Time(n.Time, ids(n.Lines))...)
			}
			judge("next", c.Name, n.Date+" "+n.Time, faults)
		}
		for i, l := range c.Lines {
			judge("line", c.Name, l.Text, check.Check(l.Text, ids([]int{i + 1})))
		}
	}
	for kind, n := range counts {
		t.Logf("%s: %d of %d stand", kind, n.stand, n.all)
		if float64(n.stand) < 0.95*float64(n.all) {
			t.Errorf("%s: only %d of %d true ones stand", kind, n.stand, n.all)
		}
	}
}

// No falsified statement stands.
func TestFalsifiedFalls(t *testing.T) {
	n := falsify.Counts{}
	for _, c := range cases(t) {
		m, tr := c.Meeting()
		check := evidence.New(m, tr)
		judge := func(kind, text string, lines []int, faults []evidence.Fault) {
			n.Add(kind, len(faults) == 0)
			if len(faults) == 0 {
				t.Logf("%s %v, %s: %q stands", c.Name, lines, kind, text)
			}
		}
		for _, d := range c.Gold.Decisions {
			for _, f := range falsify.Statements(d.Text, &c) {
				judge("decision, "+f.How, f.Text, d.Lines, check.Decision(f.Text, ids(d.Lines)))
			}
			other := falsify.Elsewhere(&c, d.Lines, d.Keys)
			judge("decision, other lines", d.Text, other, check.Decision(d.Text, ids(other)))
		}
		for _, a := range c.Gold.Actions {
			for _, f := range falsify.Statements(a.Task, &c) {
				judge("task, "+f.How, f.Text, a.Lines, check.Task(f.Text, a.Owner, ids(a.Lines)))
			}
			for _, p := range c.Participants {
				if a.Owner != "" && !strings.Contains(a.Owner, p.Name) {
					judge("task, owner", p.Name+": "+a.Task, a.Lines, check.Task(a.Task, p.Name, ids(a.Lines)))
				}
			}
			judge("task, unknown owner", a.Task, a.Lines, check.Task(a.Task, "Osvald Kvistad", ids(a.Lines)))
			if a.Due != "" {
				day, _ := time.Parse(time.DateOnly, a.Due)
				for _, by := range []int{-1, 1, 7, 30} {
					wrong := day.AddDate(0, 0, by).Format(time.DateOnly)
					judge("due", wrong+" "+a.Task, a.Lines, check.Due(wrong, ids(a.Lines)))
				}
			}
			other := falsify.Elsewhere(&c, a.Lines, a.Keys)
			judge("task, other lines", a.Owner+": "+a.Task, other, check.Task(a.Task, a.Owner, ids(other)))
		}
		for _, v := range c.Gold.Votes {
			vote := referent.Vote{Proposal: v.Proposal, For: v.For, Against: v.Against, Blank: v.Blank, Outcome: outcome(v, c.Language),
				ForMembers: v.ForMembers, AgainstMembers: v.AgainstMembers, Evidence: ids(v.Lines)}
			for _, f := range falsify.Statements(v.Proposal, &c) {
				wrong := vote
				wrong.Proposal = f.Text
				judge("vote, "+f.How, f.Text, v.Lines, check.Vote(wrong))
			}
			wrong := vote
			v.Adopted = !v.Adopted
			wrong.Outcome = outcome(v, c.Language)
			judge("vote, outcome", wrong.Outcome+": "+v.Proposal, v.Lines, check.Vote(wrong))
			if v.For != nil && v.Against != nil {
				more := *v.For + 4
				wrong = vote
				wrong.For = &more
				judge("vote, for", v.Proposal, v.Lines, check.Vote(wrong))
				if *v.For != *v.Against {
					wrong = vote
					wrong.For, wrong.Against = v.Against, v.For
					judge("vote, sides changed", fmt.Sprint(*v.Against, "-", *v.For, " ", v.Proposal), v.Lines, check.Vote(wrong))
				}
			}
			if len(v.ForMembers) > 0 && len(v.AgainstMembers) > 0 {
				wrong = vote
				wrong.ForMembers, wrong.AgainstMembers = v.AgainstMembers, v.ForMembers
				judge("vote, members changed", v.Proposal, v.Lines, check.Vote(wrong))
			}
		}
		for i, l := range c.Lines {
			for _, said := range norsk.Sentences(l.Text) {
				if strings.HasSuffix(said, "?") || len(strings.Fields(said)) < 6 {
					continue
				}
				if denied, ok := falsify.Denied(said, &c); ok {
					one := evidence.New(m, talk(l.Speaker+": "+denied))
					judge("line, stop denied", said, []int{i + 1}, one.Check(said, ids([]int{1})))
				}
				for _, f := range falsify.Statements(said, &c) {
					judge("line, "+f.How, f.Text, []int{i + 1}, check.Check(f.Text, ids([]int{i + 1})))
				}
			}
			if strings.Contains(strings.ToLower(l.Text), "foreslår") && !settledIn(&c, i+1) {
				judge("proposal as decision", l.Text, []int{i + 1}, check.Decision(afterThat(l.Text), ids([]int{i + 1})))
				judge("proposal as fact", afterThat(l.Text), []int{i + 1}, check.Check(afterThat(l.Text), ids([]int{i + 1})))
			}
		}
		if x := c.Gold.Next; x != nil {
			day, _ := time.Parse(time.DateOnly, x.Date)
			wrong := day.AddDate(0, 0, 2).Format(time.DateOnly)
			judge("next, day", wrong, x.Lines, check.Due(wrong, ids(x.Lines)))
			if x.Time != "" {
				judge("next, time", "09.45", x.Lines, check.Time("09.45", ids(x.Lines)))
			}
		}
	}
	t.Log(n)
	if n.Stood() > 0 {
		t.Errorf("%d false statements stand", n.Stood())
	}
}

// settledIn reports whether a decision of the gold rests on a line.
func settledIn(c *gold.Case, n int) bool {
	return slices.ContainsFunc(c.Gold.Decisions, func(d gold.GoldDecision) bool { return slices.Contains(d.Lines, n) })
}

// afterThat is what a proposal proposes: "Jeg foreslår at vi venter" -> "Vi venter".
func afterThat(s string) string {
	_, after, ok := strings.Cut(s, "foreslår")
	if !ok {
		_, after, _ = strings.Cut(s, "føreslår")
	}
	return norsk.Capitalise(strings.TrimPrefix(strings.TrimSpace(after), "at "))
}
