package review

import (
	"reflect"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// want is something that kommuneloven § 11-4 asks for and nobody told: of a case or of a member by name, else of the
// whole document.
type want struct {
	word  norsk.Word
	about string
}

var (
	wantsOfHead = []norsk.Word{norsk.MissingTime, norsk.MissingPlace, norsk.MissingPresent, norsk.MissingAbsent, norsk.MissingChair}
	wantsOfCase = []norsk.Word{norsk.MissingResult, norsk.MissingBasis, norsk.MissingOutcome, norsk.MissingNames, norsk.MissingProposer, norsk.MissingProposals}
)

// wantOf reads what stands in Missing; false for what a program has written in words of its own.
func wantOf(text, form string) (want, bool) {
	for _, w := range append(slices.Clone(wantsOfHead), norsk.MissingCases) {
		if w.In(form) == text {
			return want{word: w}, true
		}
	}
	for _, w := range append(slices.Clone(wantsOfCase), norsk.MissingMovement) {
		before, rest, _ := strings.Cut(w.In(form), "{")
		_, after, _ := strings.Cut(rest, "}")
		if len(text) > len(before)+len(after) && strings.HasPrefix(text, before) && strings.HasSuffix(text, after) {
			return want{w, text[len(before) : len(text)-len(after)]}, true
		}
	}
	return want{}, false
}

// lacking is a want as it stands in a list, and which pairing of a part it is about; of -1: none of it.
type lacking struct {
	want
	text string
	of   int
}

// is reports whether two ask for the same, under whichever name the case has.
func (x lacking) is(y lacking) bool {
	return x.word == y.word && x.of == y.of && (x.word != norsk.MissingMovement || x.about == y.about)
}

// lackingIn reads a list once.
func (d *division) lackingIn(list []string, p part) []lacking {
	out := make([]lacking, len(list))
	keys := map[string]int{}
	for i, q := range p.pairs {
		for _, u := range []*unit{at(d.b, q.other), at(d.a, q.now)} {
			if u == nil || u.list != Cases {
				continue
			}
			if _, known := keys[u.key]; !known {
				keys[u.key] = i
			}
		}
	}
	for i, text := range list {
		out[i] = lacking{text: text, of: -1}
		if x, ok := wantOf(text, string(d.now.Language)); ok {
			out[i].want, out[i].of = x, d.wanted(x, p, keys)
		}
	}
	return out
}

// lack lets what the law asks for follow a part that was taken. What was missing of the part is missing still unless
// it is there now and the other version does not ask for it, and what is missing of it there is missing here. What a
// person has put in order stays so while that which it is about is the same.
func (d *division) lack(out *referent.Minutes, p part) {
	if p.List != Head && p.List != Cases {
		return
	}
	other := d.from.Minutes
	there := d.lackingIn(slices.Concat(other.Missing, d.plainly(p, string(out.Language))), p)
	settledThere, settledHere := d.lackingIn(inOrder(other), p), d.lackingIn(inOrder(out), p)
	find := func(list []lacking, x lacking) int { return slices.IndexFunc(list, x.is) }
	var list []string
	listed := map[string]bool{}
	add := func(text string) {
		if !listed[text] {
			listed[text] = true
			list = append(list, text)
		}
	}
	for _, x := range d.lackingIn(out.Missing, p) {
		text := x.text
		switch {
		case x.of < 0:
		case x.word == norsk.MissingCases:
			continue // the case is one
		case x.word == norsk.MissingMovement:
			if !unclocked(out, x.about) && unclocked(d.now, x.about) {
				continue
			}
		default:
			if k := find(there, x); k >= 0 {
				text = there[k].text
			} else if d.filled(x, out, p) && find(settledThere, x) < 0 {
				continue
			}
		}
		add(text)
	}
	for k, x := range there {
		if x.of < 0 || x.word == norsk.MissingCases || x.word == norsk.MissingMovement && !unclocked(out, x.about) {
			continue
		}
		if find(settledHere, x) >= 0 && !d.changed(x.want, x.of, p) || k >= len(other.Missing) && find(settledThere, x) >= 0 {
			continue
		}
		add(x.text)
	}
	out.Missing = list
	present(&out.Missing)
}

// filled reports whether that which was missing of the part is there now. That the other version does not ask for it
// is no answer. Who led the meeting, and when, stands nowhere in minutes.
func (d *division) filled(x lacking, out *referent.Minutes, p part) bool {
	is := &referent.Minutes{}
	if p.List == Cases {
		if u := at(d.b, p.pairs[x.of].other); u != nil {
			is = u.only(d.from.Minutes)
		}
	}
	closed, proposals := false, []referent.Proposal{}
	for _, c := range is.Cases {
		closed = closed || c.Closed != nil && c.Closed.Basis != ""
		proposals = append(proposals, c.Proposals...)
	}
	switch x.word {
	case norsk.MissingPlace:
		return out.Place != ""
	case norsk.MissingPresent:
		return len(out.Present) > 0
	case norsk.MissingAbsent:
		return len(out.Absent) > 0
	case norsk.MissingResult:
		return len(is.Votes)+len(is.Decisions) > 0
	case norsk.MissingOutcome:
		return len(is.Votes) > 0 && !slices.ContainsFunc(is.Votes, func(v referent.Vote) bool { return v.Outcome == "" })
	case norsk.MissingNames:
		return len(is.Votes) > 0 && !slices.ContainsFunc(is.Votes, unnamed)
	case norsk.MissingBasis:
		return closed
	case norsk.MissingProposer:
		return len(proposals) > 0 && !slices.ContainsFunc(proposals, func(q referent.Proposal) bool { return len(q.By) == 0 })
	case norsk.MissingProposals:
		return len(proposals) > 0
	}
	return false
}

// unnamed reports whether nothing tells who voted which way, where that is not the same for all.
func unnamed(v referent.Vote) bool {
	named := func(n *int, members, parties []string) bool {
		return n != nil && *n == 0 || len(members)+len(parties) > 0
	}
	return !named(v.For, v.ForMembers, v.ForParties) || !named(v.Against, v.AgainstMembers, v.AgainstParties)
}

// wanted is which pairing of the part a want is about; -1: none of it. What is about the head, a member or the whole
// document is about the first. keys are those of the part's cases.
func (d *division) wanted(x want, p part, keys map[string]int) int {
	switch {
	case slices.Contains(wantsOfHead, x.word):
		if p.List == Head {
			return 0
		}
	case p.List != Cases:
	case x.word == norsk.MissingMovement:
		named := func(m referent.Movement) bool { return m.Name == x.about }
		if slices.ContainsFunc(p.now.Movements, named) || slices.ContainsFunc(p.other.Movements, named) {
			return 0
		}
	case x.word == norsk.MissingCases:
		if slices.ContainsFunc(p.pairs, func(q pairing) bool { return q.other >= 0 && d.b[q.other].name != "" }) {
			return 0
		}
	default:
		if i, known := keys[d.names.key(x.about)]; known {
			return i
		}
	}
	return -1
}

// inOrder is what a person has said to be in order of what was missing.
func inOrder(m *referent.Minutes) []string {
	var out []string
	for _, s := range m.Settled {
		if s.How == referent.SettledDismissed {
			out = append(out, s.Text)
		}
	}
	return out
}

// changed reports whether that which a want is about is another in the other version.
func (d *division) changed(x want, of int, p part) bool {
	now, other := p.now, p.other
	if p.List == Cases {
		q := p.pairs[of]
		now, other = &referent.Minutes{}, &referent.Minutes{}
		if u := at(d.b, q.other); u != nil {
			other = u.only(d.from.Minutes)
		}
		if u := at(d.a, q.now); u != nil {
			now = u.only(d.now)
		}
	}
	about := func(m *referent.Minutes) any {
		part := referent.Minutes{Language: m.Language}
		switch x.word {
		case norsk.MissingPlace:
			part.Place = m.Place
		case norsk.MissingTime:
			part.Date = m.Date
		case norsk.MissingPresent, norsk.MissingAbsent, norsk.MissingChair:
			part.Present, part.Absent = m.Present, m.Absent
		case norsk.MissingResult:
			part.Votes, part.Decisions = m.Votes, m.Decisions
		case norsk.MissingOutcome, norsk.MissingNames:
			part.Votes = m.Votes
		case norsk.MissingMovement:
			part.Movements = m.Movements
		default:
			part.Cases = m.Cases
		}
		return string(plain(&part))
	}
	return !reflect.DeepEqual(about(now), about(other))
}

// plainly is what the part itself shows to be missing in it, whatever stands in the other version's list: a person may
// have changed it since.
func (d *division) plainly(p part, form string) []string {
	var out []string
	if p.List == Head && grouped(d.now) {
		for _, x := range []struct {
			word    norsk.Word
			was, is bool
		}{
			{norsk.MissingTime, p.now.Date != "", p.other.Date != ""},
			{norsk.MissingPlace, p.now.Place != "", p.other.Place != ""},
			{norsk.MissingPresent, len(p.now.Present) > 0, len(p.other.Present) > 0},
			{norsk.MissingAbsent, len(p.now.Absent) > 0, len(p.other.Absent) > 0},
		} {
			if x.was && !x.is {
				out = append(out, x.word.In(form))
			}
		}
	}
	for _, q := range p.pairs {
		u := at(d.b, q.other)
		if u == nil || u.name == "" {
			continue
		}
		add := func(w norsk.Word) { out = append(out, w.In(form, "case", u.name)) }
		m := u.only(d.from.Minutes)
		if was := at(d.a, q.now); was != nil && len(was.votes)+len(was.decisions) > 0 && len(m.Votes)+len(m.Decisions) == 0 {
			add(norsk.MissingResult)
		}
		for _, v := range m.Votes {
			if v.Outcome == "" {
				add(norsk.MissingOutcome)
			}
		}
		for _, c := range m.Cases {
			if c.Closed != nil && c.Closed.Basis == "" {
				add(norsk.MissingBasis)
			}
			for _, x := range c.Proposals {
				if len(x.By) == 0 {
					add(norsk.MissingProposer)
				}
			}
		}
	}
	for _, v := range p.other.Movements {
		if p.List == Cases && unclocked(p.other, v.Name) {
			out = append(out, norsk.MissingMovement.In(form, "name", v.Name))
		}
	}
	return out
}

// unclocked reports whether somebody came or left at a time that nobody told.
func unclocked(m *referent.Minutes, name string) bool {
	return slices.ContainsFunc(m.Movements, func(v referent.Movement) bool {
		return v.Name == name && v.Clock == "" && (v.What == referent.MovementArrived || v.What == referent.MovementLeft)
	})
}
