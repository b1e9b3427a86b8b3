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

// lack lets what the law asks for follow a part that was taken. What was missing of the part is missing still unless
// the other version answers it, and what is missing of it there is missing here. What a person has put in order
// stays so while that which it is about is the same.
func (d *division) lack(out *referent.Minutes, p part) {
	if p.List != Head && p.List != Cases {
		return
	}
	form, other := string(out.Language), d.from.Minutes
	there := other.Missing
	for _, text := range d.plainly(p, form) {
		if !slices.Contains(there, text) && !slices.Contains(inOrder(other), text) {
			there = append(slices.Clip(there), text)
		}
	}
	var list []string
	for _, text := range out.Missing {
		x, ok := wantOf(text, form)
		of := -1
		if ok {
			of = d.wanted(x, p)
		}
		switch {
		case of < 0:
		case x.word == norsk.MissingCases:
			continue // the case is one
		case x.word == norsk.MissingMovement:
			if !unclocked(out, x.about) && unclocked(d.now, x.about) {
				continue
			}
		default:
			if k := d.same(x, of, there, p, form); k >= 0 {
				text = there[k]
			} else if d.same(x, of, inOrder(other), p, form) < 0 {
				continue
			}
		}
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	for _, text := range there {
		x, ok := wantOf(text, form)
		if !ok || slices.Contains(list, text) {
			continue
		}
		of := d.wanted(x, p)
		if of < 0 || x.word == norsk.MissingCases || x.word == norsk.MissingMovement && !unclocked(out, x.about) {
			continue
		}
		if d.same(x, of, inOrder(out), p, form) >= 0 && !d.changed(x, of, p) {
			continue
		}
		list = append(list, text)
	}
	out.Missing = list
	present(&out.Missing)
}

// wanted is which pairing of the part a want is about; -1: none of it. What is about the head, a member or the whole
// document is about the first.
func (d *division) wanted(x want, p part) int {
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
		key := d.names.key(x.about)
		return slices.IndexFunc(p.pairs, func(q pairing) bool {
			is := func(u *unit) bool { return u != nil && u.key == key }
			return is(at(d.a, q.now)) || is(at(d.b, q.other))
		})
	}
	return -1
}

// same is the place of what asks for the same in a list, under whichever name the case has there; -1: nothing does.
func (d *division) same(x want, of int, list []string, p part, form string) int {
	return slices.IndexFunc(list, func(text string) bool {
		y, ok := wantOf(text, form)
		return ok && y.word == x.word && d.wanted(y, p) == of && (x.word != norsk.MissingMovement || y.about == x.about)
	})
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
	if p.List == Head && p.other.Place == "" && p.now.Place != "" && grouped(d.now) {
		out = append(out, norsk.MissingPlace.In(form))
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
