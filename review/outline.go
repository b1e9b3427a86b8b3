package review

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// unit is what belongs together in minutes, as places in their lists: a theme, all that was decided, or a case of a
// protocol with everything that stands in its name.
type unit struct {
	list                                      List // Items, Decisions, Cases
	index                                     int  // the theme, or the case in the order of the document
	name                                      string
	key                                       string // what all its names have in common
	items, cases, decisions, votes, movements []int
}

// grouped reports whether the minutes are laid out by case.
func grouped(m *referent.Minutes) bool { return len(m.Cases) > 0 || m.Kind == referent.KindProtocol }

// units divides what was said: each statement is in exactly one. n is nil for what is not laid out by case.
func units(m *referent.Minutes, n *naming) []unit {
	if n != nil {
		return caseUnits(m, n)
	}
	var out []unit
	for i, it := range m.Items {
		out = append(out, unit{list: Items, index: i, name: it.Heading, key: norsk.Fold(it.Heading), items: []int{i}})
	}
	all := unit{list: Decisions, decisions: places(m.Decisions), votes: places(m.Votes), movements: places(m.Movements)}
	if len(all.decisions)+len(all.votes)+len(all.movements) > 0 {
		out = append(out, all)
	}
	return out
}

func places[T any](list []T) []int {
	out := make([]int, len(list))
	for i := range out {
		out[i] = i
	}
	return out
}

// caseUnits are the cases of a protocol, and what belongs to none, which has no name. The heading of a case is
// followed by those of its parts, and by whatever other headings people have put there.
func caseUnits(m *referent.Minutes, n *naming) []unit {
	var out []unit
	index := map[string]int{}
	of := func(name string) *unit {
		key := n.key(name)
		i, known := index[key]
		if !known {
			i = len(out)
			index[key] = i
			out = append(out, unit{list: Cases, index: i, name: strings.TrimSpace(name), key: key})
		}
		return &out[i]
	}
	current := ""
	for i, it := range m.Items {
		if n.starts(it.Heading) {
			current = it.Heading
			if norsk.Opening.Is(current) {
				current = ""
			}
		}
		u := of(current)
		u.items = append(u.items, i)
	}
	for i, c := range m.Cases {
		u := of(c.Name)
		u.cases = append(u.cases, i)
	}
	for i, d := range m.Decisions {
		u := of(d.Case)
		u.decisions = append(u.decisions, i)
	}
	for i, v := range m.Votes {
		u := of(v.Case)
		u.votes = append(u.votes, i)
	}
	for i, v := range m.Movements {
		u := of(v.Case)
		u.movements = append(u.movements, i)
	}
	return out
}

// casePart reports whether an item is a part of the case before it.
func casePart(heading string) bool {
	return slices.ContainsFunc([]norsk.Word{norsk.Recommendation, norsk.Treatment, norsk.Voting, norsk.Resolution},
		func(w norsk.Word) bool { return w.Is(heading) })
}

// only is a copy of the minutes with nothing but the unit in it.
func (u unit) only(m *referent.Minutes) *referent.Minutes {
	return &referent.Minutes{Language: m.Language, Items: pick(m.Items, u.items), Cases: pick(m.Cases, u.cases), Decisions: pick(m.Decisions, u.decisions),
		Votes: pick(m.Votes, u.votes), Movements: pick(m.Movements, u.movements)}
}

func pick[T any](list []T, at []int) []T {
	var out []T
	for _, i := range at {
		out = append(out, list[i])
	}
	return out
}

// cited are the segments that the minutes rest on.
func cited(m *referent.Minutes) map[string]bool {
	out := map[string]bool{}
	add := func(ids []string) {
		for _, id := range ids {
			out[id] = true
		}
	}
	for _, s := range statements(m) {
		add(s.evidence)
	}
	for _, c := range m.Cases {
		if c.Closed != nil {
			add(c.Closed.Evidence)
		}
	}
	if m.NextMeeting != nil {
		add(m.NextMeeting.Evidence)
	}
	return out
}

// twins are what the minutes say in words that may stand elsewhere too.
func twins(m *referent.Minutes) []told {
	var out []told
	add := func(text string, evidence []string) {
		if text != "" && len(evidence) > 0 {
			out = append(out, told{text, evidence})
		}
	}
	for _, it := range m.Items {
		for _, p := range it.Points {
			add(p.Text, p.Evidence)
		}
	}
	for _, d := range m.Decisions {
		add(d.Text, d.Evidence)
	}
	for _, c := range m.Cases {
		if c.Recommendation != nil {
			add(c.Recommendation.Text, c.Recommendation.Evidence)
		}
	}
	for _, p := range fielded(m) {
		line := p.line(m)
		add(line.text, line.evidence)
	}
	return out
}

// key is the same for what is one statement: see is.
func (t told) key() string {
	return strings.ToLower(strings.Join(strings.Fields(t.text), " ")) + "\x00" + strings.Join(t.evidence, "\x00")
}
