package evidence_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/evidence"
)

func talk(lines ...string) *referent.Transcript {
	t := &referent.Transcript{}
	ids := map[string]string{}
	for i, l := range lines {
		who, text, _ := strings.Cut(l, ": ")
		if ids[who] == "" {
			ids[who] = fmt.Sprintf("p%d", len(ids)+1)
			t.Speakers = append(t.Speakers, referent.Speaker{ID: ids[who], Name: who})
		}
		t.Segments = append(t.Segments, referent.Segment{ID: fmt.Sprintf("s%d", i+1), Speaker: ids[who], Text: text})
	}
	return t
}

func TestMissed(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  []string // evidence of each point, joined
	}{
		"decision, spoken":    {[]string{"Kari: Skranken er tom på fredager.", "Kari: Da gjør vi det slik."}, []string{"s1 s2"}},
		"agreement":           {[]string{"Kari: Da er vi enige om at skranken stenger klokka tre på fredager."}, []string{"s1"}},
		"nynorsk":             {[]string{"Kari: Me går for den minste modellen til biblioteket no."}, []string{"s1"}},
		"vote":                {[]string{"Kari: Innstillingen om ny skole er enstemmig vedtatt."}, []string{"s1"}},
		"taken on":            {[]string{"Ola: Jeg tar på meg å ringe kommunen om saken."}, []string{"s1"}},
		"taken on, nynorsk":   {[]string{"Ola: Eg tek på meg å ringje kommunen om dette."}, []string{"s1"}},
		"asked and answered":  {[]string{"Kari: Ola, kan du ta kontakt med leverandøren om dette?", "Ola: Ja, det gjør jeg."}, []string{"s1"}},
		"asked, no answer":    {[]string{"Kari: Ola, kan du ta kontakt med leverandøren om dette?", "Ola: Nei, det rekker jeg ikke."}, nil},
		"a vote with when":    {[]string{"Kari: Forslaget falt når åtte stemte mot det."}, []string{"s1"}},
		"when, no vote":       {[]string{"Kari: Når det regner, så går vi for innendørs avslutning."}, nil},
		"a proposal":          {[]string{"Kari: Jeg foreslår at vi går for den minste modellen."}, nil},
		"a wish":              {[]string{"Kari: Vi burde kanskje si at da gjør vi det slik."}, nil},
		"a joke":              {[]string{"Kari: Da vedtar vi at Ola vasker gulvet i all evighet.", "Kari: Neida, jeg bare tulla."}, nil},
		"taken back":          {[]string{"Ola: Jeg tar på meg å ringe kommunen om saken.", "Kari: Nei, det trengs ikke likevel."}, nil},
		"another time":        {[]string{"Kari: I fjor ble vi enige om å stenge klokka tre på fredager."}, nil},
		"denied":              {[]string{"Kari: Vi ble ikke enige om å stenge på fredager."}, nil},
		"a condition":         {[]string{"Kari: Hvis det regner, så går vi for innendørs avslutning."}, nil},
		"only a conversation": {[]string{"Kari: Hvordan går det med deg?", "Ola: Det går fint, takk."}, nil},
	} {
		got := evidence.New(&referent.Meeting{}, talk(c.lines...)).Missed(&referent.Minutes{})
		var ids []string
		for _, p := range got {
			ids = append(ids, strings.Join(p.Evidence, " "))
			if p.Text == "" {
				t.Errorf("%s: a point without text", name)
			}
		}
		if !slices.Equal(ids, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// What an item covers is not missed, nor what is under review.
func TestCovered(t *testing.T) {
	tr := talk("Kari: Skranken er tom på fredager.", "Kari: Da gjør vi det slik.")
	for name, out := range map[string]*referent.Minutes{
		"decision":         {Decisions: []referent.Decision{{Text: "x", Evidence: []string{"s2"}}}},
		"matter before":    {Decisions: []referent.Decision{{Text: "x", Evidence: []string{"s1"}}}},
		"vote":             {Votes: []referent.Vote{{Evidence: []string{"s2"}}}},
		"under review":     {NeedsReview: []referent.ReviewItem{{Text: "x", Evidence: []string{"s2"}}}},
		"listed as missed": {PossiblyMissed: []referent.Point{{Text: "x", Evidence: []string{"s2"}}}},
	} {
		if got := evidence.New(&referent.Meeting{}, tr).Missed(out); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := evidence.New(&referent.Meeting{}, tr).Missed(&referent.Minutes{Items: []referent.Item{{Points: []referent.Point{{Text: "x", Evidence: []string{"s2"}}}}}}); len(got) != 1 {
		t.Errorf("a point of a summary hides a decision: %v", got)
	}
}

// With nothing written, most of what the gold has is pointed to; with all of it written, little else is.
func TestMissedInGold(t *testing.T) {
	found, all, noise, lines := 0, 0, 0, 0
	for _, c := range cases(t) {
		if len(c.Gold.Decisions)+len(c.Gold.Actions)+len(c.Gold.Votes) == 0 {
			continue
		}
		m, tr := c.Meeting()
		var pointed []string
		for _, p := range evidence.New(m, tr).Missed(&referent.Minutes{}) {
			pointed = append(pointed, p.Evidence...)
		}
		lines += len(c.Lines)
		out := &referent.Minutes{}
		judge := func(what string, at []int) {
			all++
			near := slices.ContainsFunc(at, func(n int) bool {
				return slices.ContainsFunc(pointed, func(id string) bool {
					return id == fmt.Sprintf("s%d", n) || id == fmt.Sprintf("s%d", n-1) || id == fmt.Sprintf("s%d", n-2)
				})
			})
			if near {
				found++
			} else {
				t.Logf("%s %v: %q is not pointed to", c.Name, at, what)
			}
		}
		for _, d := range c.Gold.Decisions {
			judge(d.Text, d.Lines)
			out.Decisions = append(out.Decisions, referent.Decision{Text: d.Text, Evidence: ids(d.Lines)})
		}
		for _, a := range c.Gold.Actions {
			judge(a.Task, a.Lines)
			out.Actions = append(out.Actions, referent.ActionItem{Task: a.Task, Evidence: ids(a.Lines)})
		}
		for _, v := range c.Gold.Votes {
			judge(v.Proposal, v.Lines)
			out.Votes = append(out.Votes, referent.Vote{Proposal: v.Proposal, Evidence: ids(v.Lines)})
		}
		for _, p := range evidence.New(m, tr).Missed(out) {
			noise++
			t.Logf("%s %v: %q is covered by nothing", c.Name, p.Evidence, p.Text)
		}
	}
	t.Logf("%d of %d pointed to; %d points beside the gold in %d lines", found, all, noise, lines)
	if 10*found < 9*all || 50*noise > lines {
		t.Errorf("%d of %d, and %d points beside", found, all, noise)
	}
}
