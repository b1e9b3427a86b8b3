package export

import (
	"slices"
	"strings"

	"github.com/referent/referent"
)

// caseKind is a fixed part of a case in a møteprotokoll, in the order that they stand.
type caseKind int

const (
	noPart caseKind = iota
	recommendation
	treatment
	voting
	resolution
	lastPart
)

// casePart is the part that an item's heading names, in either form.
func casePart(heading string) caseKind {
	for _, w := range []*words{&bokmal, &nynorsk} {
		for k, name := range w.caseParts {
			if k != int(noPart) && same(heading, name) {
				return caseKind(k)
			}
		}
	}
	return noPart
}

// caseGroup is a case with the items of its parts.
type caseGroup struct {
	name   string
	record *referent.Case
	parts  [lastPart][]referent.Point // at noPart: what stands right under the case's name
	given  [lastPart]bool
}

// cases adds each case with its recommendation, treatment, vote and resolution. The items say it as it was
// written, and as a person may have changed it; what the record of the case holds beside them is added.
func (l *layouter) cases(s referent.TemplateSection) {
	groups := l.groups()
	level := 2
	if heading := oneLine(s.Heading.In(l.form)); heading != "" && (len(groups) > 0 || s.Always) {
		p := part{heading: heading, level: 2}
		if len(groups) == 0 {
			p.style, p.points = prose, []statement{{text: l.w.nothing}}
		}
		l.add(p)
		level = 3
	}
	for i := range groups {
		l.caseOf(&groups[i], level)
	}
}

// groups puts the items that no section has taken up together by case.
func (l *layouter) groups() []caseGroup {
	var out []caseGroup
	for i, it := range l.mi.Items {
		if l.placed[i] {
			continue
		}
		l.placed[i] = true
		k := casePart(it.Heading)
		if k == noPart || len(out) == 0 {
			out = append(out, caseGroup{name: it.Heading, record: l.record(it.Heading)})
		}
		g := &out[len(out)-1]
		g.parts[k] = append(g.parts[k], it.Points...)
		g.given[k] = true
		if k != noPart && g.name == it.Heading {
			g.name = "" // a part without its case
		}
	}
	for i := range l.mi.Cases {
		c := &l.mi.Cases[i]
		known := false
		for _, g := range out {
			known = known || g.record == c
		}
		if !known {
			out = append(out, caseGroup{name: c.Name, record: c})
		}
	}
	return out
}

func (l *layouter) record(name string) *referent.Case {
	for i := range l.mi.Cases {
		if sameCase(l.mi.Cases[i].Name, name) {
			return &l.mi.Cases[i]
		}
	}
	return nil
}

func (l *layouter) caseOf(g *caseGroup, level int) {
	head := part{heading: typeset(g.name), level: level, points: l.points(g.parts[noPart])}
	if g.record != nil && g.record.Closed != nil {
		text := l.w.closedUnknown
		if basis := oneLine(g.record.Closed.Basis); basis != "" {
			text = strings.ReplaceAll(l.w.closed, "{basis}", basis)
		}
		head.points = append(head.points, statement{text: ended(typeset(text)), evidence: l.cite(g.record.Closed.Evidence)})
	}
	if head.heading != "" || len(head.points) > 0 {
		l.add(head)
	}
	for k := recommendation; k < lastPart; k++ {
		p := part{heading: l.w.caseParts[k], level: level + 1, points: l.points(g.parts[k])}
		if g.record != nil {
			switch {
			case k == recommendation && !g.given[k] && g.record.Recommendation != nil:
				p.points = l.points([]referent.Point{*g.record.Recommendation})
			case k == treatment:
				p.points = append(p.points, l.proposals(g)...)
			}
		}
		if k == resolution && !g.given[k] {
			p.points = append(p.points, l.resolutions(g)...)
		}
		if len(p.points) > 0 {
			l.add(p)
		}
	}
}

// proposals are those of the case's record that its treatment does not tell of, with all who put them
// forward.
func (l *layouter) proposals(g *caseGroup) []statement {
	var out []statement
	for _, q := range g.record.Proposals {
		if told(g.parts[treatment], q.Text, q.By) || told(g.parts[noPart], q.Text, q.By) {
			continue
		}
		lead := l.w.proposal
		if len(q.By) > 0 {
			lead = strings.ReplaceAll(l.w.proposalFrom, "{names}", oneLine(strings.Join(q.By, ", ")))
		}
		out = append(out, statement{lead: lead, text: ended(typeset(q.Text)), evidence: l.cite(q.Evidence)})
	}
	return out
}

// resolutions are the decisions in the case that no item of its own holds.
func (l *layouter) resolutions(g *caseGroup) []statement {
	var out []statement
	for _, x := range l.mi.Decisions {
		if sameCase(x.Case, g.name) && !stands(g.parts[noPart], x.Text) {
			out = append(out, statement{text: typeset(x.Text), evidence: l.cite(x.Evidence)})
		}
	}
	return out
}

// underCase reports whether a decision stands under a case: in an item, or put there by resolutions.
func (l *layouter) underCase(x referent.Decision) bool {
	within, resolved := false, false // in the case that the decision names; that case has its own resolution
	for _, it := range l.mi.Items {
		k := casePart(it.Heading)
		if k == noPart {
			within = sameCase(it.Heading, x.Case)
		}
		resolved = resolved || within && k == resolution
		if stands(it.Points, x.Text) {
			return true
		}
	}
	named := l.record(x.Case) != nil
	for _, it := range l.mi.Items {
		named = named || sameCase(it.Heading, x.Case)
	}
	return named && !resolved
}

// sameCase reports whether two names are one case's: "PS 12/25" is "PS 12/25 Nye båtplasser" too.
func sameCase(a, b string) bool {
	a, b = fold(a), fold(b)
	return a != "" && b != "" && (a == b || strings.HasPrefix(a, b+" ") || strings.HasPrefix(b, a+" "))
}

// stands reports whether one of the statements is the text.
func stands(points []referent.Point, text string) bool {
	return slices.ContainsFunc(points, func(p referent.Point) bool { return same(p.Text, text) })
}

// told reports whether one of the statements holds the text and names all the people.
func told(points []referent.Point, text string, people []string) bool {
	text = fold(text)
next:
	for _, p := range points {
		s := fold(p.Text)
		if !strings.Contains(s, text) {
			continue
		}
		for _, name := range people {
			if !strings.Contains(s, fold(name)) {
				continue next
			}
		}
		return true
	}
	return false
}
