package summarize_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	gold "github.com/referent/referent/eval/minutes"
	"github.com/referent/referent/summarize/evidence/falsify"
)

// reply is what a model answers, in the form that it is asked for.
type reply struct {
	Items     []replyItem     `json:"items"`
	Decisions []replyDecision `json:"decisions"`
	Actions   []replyAction   `json:"actions"`
	Votes     []replyVote     `json:"votes"`
	Next      *replyNext      `json:"next_meeting"`
}

type replyItem struct {
	Heading string       `json:"heading"`
	Points  []replyPoint `json:"points"`
}

type replyPoint struct {
	Text     string `json:"text"`
	Evidence []int  `json:"evidence"`
}

type replyDecision struct {
	Text     string `json:"text"`
	Case     string `json:"case"`
	Evidence []int  `json:"evidence"`
}

type replyAction struct {
	Task     string  `json:"task"`
	Owner    string  `json:"owner"`
	Due      *string `json:"due"`
	Evidence []int   `json:"evidence"`
}

type replyVote struct {
	Case           string   `json:"case"`
	Proposal       string   `json:"proposal"`
	For            *int     `json:"for"`
	Against        *int     `json:"against"`
	Blank          *int     `json:"blank"`
	Outcome        string   `json:"outcome"`
	ForMembers     []string `json:"for_members"`
	AgainstMembers []string `json:"against_members"`
	Evidence       []int    `json:"evidence"`
}

type replyNext struct {
	Date     *string `json:"date"`
	Time     string  `json:"time"`
	Place    string  `json:"place"`
	Text     string  `json:"text"`
	Evidence []int   `json:"evidence"`
}

// written are the minutes that the real writer makes of a case when its model answers so.
func written(t *testing.T, c *gold.Case, r reply) *referent.Minutes {
	t.Helper()
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := chat(t, func(_ map[string]any, n int) (int, string, string) {
		if n == 1 {
			return 200, string(data), "stop"
		}
		return 200, emptyAnswer, "stop"
	})
	m, tr := c.Meeting()
	out, err := writer().Write(t.Context(), m, tr, e, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func goldCases(t *testing.T) []gold.Case {
	t.Helper()
	own, err := gold.Cases()
	if err != nil {
		t.Fatal(err)
	}
	wider, err := gold.Wider()
	if err != nil {
		t.Fatal(err)
	}
	list := append(own, wider...)
	if len(list) < 80 {
		t.Fatalf("%d gold cases", len(list))
	}
	return list
}

func outcomeOf(adopted bool, l referent.Language) string {
	switch {
	case adopted && l == referent.Nynorsk:
		return "vedteken"
	case adopted:
		return "vedtatt"
	case l == referent.Nynorsk:
		return "fall"
	}
	return "falt"
}

func voteOf(c *gold.Case, v gold.GoldVote) replyVote {
	return replyVote{Case: v.Case, Proposal: v.Proposal, For: v.For, Against: v.Against, Blank: v.Blank, Outcome: outcomeOf(v.Adopted, c.Language),
		ForMembers: v.ForMembers, AgainstMembers: v.AgainstMembers, Evidence: v.Lines}
}

func meets(c *gold.Case) bool {
	return c.Kind != referent.KindCareNote && c.Kind != referent.KindDictate
}

// A model that tells the truth, with the lines it rests on, is believed.
func TestTruthStands(t *testing.T) {
	n := falsify.Counts{}
	for _, c := range goldCases(t) {
		if !meets(&c) {
			continue
		}
		r := reply{}
		for _, d := range c.Gold.Decisions {
			r.Decisions = append(r.Decisions, replyDecision{d.Text, d.Case, d.Lines})
		}
		for _, a := range c.Gold.Actions {
			x := replyAction{Task: a.Task, Owner: a.Owner, Evidence: a.Lines}
			if a.Due != "" {
				x.Due = &a.Due
			}
			r.Actions = append(r.Actions, x)
		}
		for _, v := range c.Gold.Votes {
			r.Votes = append(r.Votes, voteOf(&c, v))
		}
		out := written(t, &c, r)
		for _, d := range r.Decisions {
			n.Add("decision", slices.ContainsFunc(out.Decisions, func(o referent.Decision) bool { return o.Text == d.Text }))
		}
		for _, a := range r.Actions {
			if a.Owner == "" {
				continue // left to a person, whose it is
			}
			n.Add("action", slices.ContainsFunc(out.Actions, func(o referent.ActionItem) bool {
				return o.Task == a.Task && o.Owner == a.Owner && (a.Due == nil) == (o.Due == nil) && (a.Due == nil || *a.Due == *o.Due)
			}))
		}
		for _, v := range r.Votes {
			n.Add("vote", slices.ContainsFunc(out.Votes, func(o referent.Vote) bool { return o.Proposal == v.Proposal && o.Outcome == v.Outcome }))
		}
		cited(t, c.Name, out)
	}
	t.Log(n)
	for kind, v := range n {
		if float64(v[1]) < 0.95*float64(v[0]) {
			t.Errorf("%s: %d of %d true ones stand", kind, v[1], v[0])
		}
	}
}

// A model told to invent is not: nothing it makes up stands in the minutes as fact.
func TestInventionFalls(t *testing.T) {
	n := falsify.Counts{}
	for _, c := range goldCases(t) {
		r := reply{}
		var points []replyPoint
		for i, l := range c.Lines {
			if i%3 != 0 {
				continue // package evidence holds all of them against their words
			}
			if !strings.HasSuffix(l.Text, "?") && len(strings.Fields(l.Text)) > 7 {
				for _, f := range falsify.Statements(l.Text, &c) {
					if f.How != "denial dropped" && f.How != "denial added" && f.How != "number word" || len(c.Lines[i].Text) < 90 {
						points = append(points, replyPoint{f.Text, []int{i + 1}})
					}
				}
			}
		}
		r.Items = []replyItem{{"Petter Kvistads plan på 870 000 kroner", points}}
		for _, d := range c.Gold.Decisions {
			for _, f := range falsify.Statements(d.Text, &c) {
				r.Decisions = append(r.Decisions, replyDecision{f.Text, "PS 999/26 Kvistad", d.Lines})
			}
			r.Decisions = append(r.Decisions, replyDecision{d.Text, "", falsify.Elsewhere(&c, d.Lines, d.Keys)}, replyDecision{d.Text, "", []int{len(c.Lines) + 7}})
		}
		for _, a := range c.Gold.Actions {
			for _, f := range falsify.Statements(a.Task, &c) {
				r.Actions = append(r.Actions, replyAction{f.Text, a.Owner, nil, a.Lines})
			}
			for _, p := range c.Participants {
				if a.Owner != "" && !strings.Contains(a.Owner, p.Name) {
					r.Actions = append(r.Actions, replyAction{a.Task, p.Name, nil, a.Lines})
				}
			}
			if a.Due != "" {
				day, _ := time.Parse(time.DateOnly, a.Due)
				wrong := day.AddDate(0, 0, 5).Format(time.DateOnly)
				r.Actions = append(r.Actions, replyAction{a.Task, a.Owner, &wrong, a.Lines})
			}
		}
		for _, v := range c.Gold.Votes {
			for _, f := range falsify.Statements(v.Proposal, &c) {
				wrong := voteOf(&c, v)
				wrong.Proposal = f.Text
				r.Votes = append(r.Votes, wrong)
			}
			wrong := voteOf(&c, v)
			wrong.Outcome = outcomeOf(!v.Adopted, c.Language)
			r.Votes = append(r.Votes, wrong)
		}
		invented := "2031-01-01"
		r.Next = &replyNext{&invented, "03.15", "Kvistad hotell", "Neste møte er 1. januar 2031.", []int{1}}
		out := written(t, &c, r)
		own := withoutModel(t, &c)

		for _, p := range points {
			n.Add("point", slices.ContainsFunc(out.Items, func(it referent.Item) bool {
				return slices.ContainsFunc(it.Points, func(o referent.Point) bool {
					stands := o.Text == p.Text
					if stands {
						t.Logf("%s %v: %q stands", c.Name, o.Evidence, o.Text)
					}
					return stands
				})
			}))
		}
		for _, d := range r.Decisions {
			n.Add("decision", slices.ContainsFunc(out.Decisions, func(o referent.Decision) bool {
				stands := o.Text == d.Text && !slices.ContainsFunc(own.Decisions, func(b referent.Decision) bool { return b.Text == o.Text && slices.Equal(b.Evidence, o.Evidence) })
				if stands {
					t.Logf("%s %v: decision %q stands", c.Name, o.Evidence, o.Text)
				}
				return stands
			}))
		}
		for _, a := range r.Actions {
			n.Add("action", slices.ContainsFunc(out.Actions, func(o referent.ActionItem) bool {
				stands := o.Task == a.Task && o.Owner == a.Owner && (a.Due == nil || o.Due != nil && *o.Due == *a.Due)
				if stands {
					t.Logf("%s %v: action %s: %q stands", c.Name, o.Evidence, o.Owner, o.Task)
				}
				return stands
			}))
		}
		for _, v := range r.Votes {
			n.Add("vote", slices.ContainsFunc(out.Votes, func(o referent.Vote) bool { return o.Proposal == v.Proposal && o.Outcome == v.Outcome }))
		}
		n.Add("next meeting", out.NextMeeting != nil && out.NextMeeting.Date != nil && *out.NextMeeting.Date == invented)
		// Nothing that was made up is anywhere but under review.
		approved := *out
		approved.NeedsReview, approved.PossiblyMissed = nil, nil
		approved.Provenance = referent.Provenance{} // a clock and digests, whose digits may be anything
		data, err := json.Marshal(approved)
		if err != nil {
			t.Fatal(err)
		}
		for _, mark := range append(slices.Clone(falsify.Marks), "2031", "999/26") {
			if strings.Contains(string(data), mark) {
				t.Errorf("%s: %q stands in the minutes", c.Name, mark)
			}
		}
		cited(t, c.Name, out)
	}
	t.Log(n)
	if n.Stood() > 0 {
		t.Errorf("%d invented statements stand", n.Stood())
	}
}

// withoutModel is what the rules find: what stands there stands on its own lines, whatever a model said of it.
func withoutModel(t *testing.T, c *gold.Case) *referent.Minutes {
	t.Helper()
	m, tr := c.Meeting()
	out, err := writer().Write(t.Context(), m, tr, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// cited sees that every item of the minutes rests on segments that exist.
func cited(t *testing.T, name string, out *referent.Minutes) {
	t.Helper()
	check := func(what string, ids []string) {
		if len(ids) == 0 {
			t.Errorf("%s: %s without evidence", name, what)
		}
		for _, id := range ids {
			if !strings.HasPrefix(id, "s") {
				t.Errorf("%s: %s cites %q", name, what, id)
			}
		}
	}
	for _, it := range out.Items {
		for _, p := range it.Points {
			check("point", p.Evidence)
		}
	}
	for _, d := range out.Decisions {
		check("decision", d.Evidence)
	}
	for _, a := range out.Actions {
		check("action", a.Evidence)
	}
	for _, v := range out.Votes {
		check("vote", v.Evidence)
	}
	for _, k := range out.Cases {
		for _, p := range k.Proposals {
			check("proposal", p.Evidence)
		}
	}
	for _, m := range out.Movements {
		check("movement", m.Evidence)
	}
}
