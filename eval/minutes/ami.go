package minutes

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// amiMeeting is a meeting of the AMI corpus with what people wrote of it. Their sentences name no lines.
type amiMeeting struct {
	Meeting string `json:"meeting"`
	Minutes struct {
		Actions   []string `json:"actions"`
		Decisions []string `json:"decisions"`
	} `json:"minutes"`
	Utterances []struct {
		Name string `json:"global_name"`
		Text string `json:"text"`
	} `json:"utterances"`
}

// ami has the writer write the meetings of the AMI corpus. They are in English and the minutes are in
// Norwegian, so wording is not compared: a decision or task of the reference counts as found when an item
// cites lines, or lines beside them, that hold at least half of the reference's content words.
//
// This tells whether a model looks in the right places. The built-in writer knows Norwegian only.
func (r *run) ami(data fs.FS) error {
	names, err := fs.Glob(data, "ami/*.json")
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fs.ErrNotExist
	}
	names = limited(names, r.limit)
	r.out.Cases = len(names)
	for i, name := range names {
		r.told(float64(i) / float64(len(names)))
		var m amiMeeting
		b, err := fs.ReadFile(data, name)
		if err == nil {
			err = json.Unmarshal(b, &m)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path.Base(name), err)
		}
		c := Case{Name: "ami-" + m.Meeting, Kind: referent.KindReferat, Language: referent.Bokmal, Title: "Prosjektmøte", Date: "2005-01-03"}
		for _, u := range m.Utterances {
			if strings.TrimSpace(u.Text) != "" {
				c.Lines = append(c.Lines, Line{u.Name, strings.TrimSpace(u.Text)})
			}
		}
		if err := c.validate(); err != nil {
			return fmt.Errorf("%s: %w", path.Base(name), err)
		}
		got, err := r.minutes(&c)
		if err != nil {
			return err
		}
		if got == nil {
			got = &referent.Minutes{Kind: c.Kind, Language: c.Language}
		}
		r.out.Each = append(r.out.Each, scoreAMI(&c, &m, got))
	}
	return nil
}

func scoreAMI(c *Case, m *amiMeeting, got *referent.Minutes) Result {
	out := newResult(c, got)
	out.Unread = true
	var decisions, actions [][]string
	for _, d := range got.Decisions {
		decisions = append(decisions, d.Evidence)
	}
	for _, a := range got.Actions {
		actions = append(actions, a.Evidence)
	}
	for _, p := range []struct {
		gold   []string
		items  [][]string
		found  *Found
		missed FaultKind
	}{{m.Minutes.Decisions, decisions, &out.Decisions, MissedDecision}, {m.Minutes.Actions, actions, &out.Actions, MissedAction}} {
		of := pair(len(p.gold), len(p.items), func(i, j int) float64 { return c.speaksOf(p.items[j], content(p.gold[i])) })
		*p.found = Found{Gold: len(p.gold), Written: len(p.items)}
		for i, j := range of {
			if j >= 0 {
				p.found.Matched++
				continue
			}
			out.Faults = append(out.Faults, Fault{Kind: p.missed, Case: c.Name, Text: p.gold[i]})
		}
	}
	for _, st := range approved(got) {
		_, ok := c.cited(st.evidence)
		out.Cited = out.Cited.Add(one(ok))
		if !ok {
			out.Faults = append(out.Faults, Fault{Kind: BadCitation, Case: c.Name, Text: st.text(), Note: st.where})
		}
	}
	return out
}

// speaksOf is the share of the words that the cited lines and those beside them hold, 0 below a half.
func (c *Case) speaksOf(evidence []string, words []string) float64 {
	lines, _ := c.cited(evidence)
	said := map[string]bool{}
	for _, l := range lines {
		for near := max(1, l-1); near <= min(len(c.Lines), l+1); near++ {
			for _, w := range content(c.Lines[near-1].Text) {
				said[w] = true
			}
		}
	}
	hits := 0
	for _, w := range words {
		if said[w] {
			hits++
		}
	}
	if hits == 0 || 2*hits < len(words) {
		return 0
	}
	return float64(hits) / float64(len(words))
}

// content are the beginnings, five letters long, of the words of an English sentence that carry meaning:
// those of four letters and more that are not merely grammar or the corpus's own setting.
func content(s string) (all []string) {
	for _, t := range norsk.Tokens(s) {
		w := []rune(t.Lower)
		if len(w) < 4 || slices.Contains(grammar, t.Lower) {
			continue
		}
		if w = w[:min(5, len(w))]; !slices.Contains(all, string(w)) {
			all = append(all, string(w))
		}
	}
	return all
}

var grammar = strings.Fields(`about after also been before being both cannot could does each either every from further
	have having into just kind more most must only other over regarding should some such than that their them then
	there these they this those under until very well were what when where whether which while will with would your
	remote control group members member team meeting project discussed decided continue`)
