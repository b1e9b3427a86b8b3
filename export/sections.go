package export

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/templates"
)

// sections adds the template's sections in their order, then all that none of them takes up: a template
// arranges the minutes and never drops a statement.
func (l *layouter) sections() {
	mine := map[referent.SectionSource]bool{}
	found := make([][]int, len(l.tpl.Sections)) // the items of each text section, taken before the themes are laid out
	for i, s := range l.tpl.Sections {
		mine[s.Source] = true
		if s.Source != referent.SectionText {
			continue
		}
		for j, it := range l.mi.Items {
			if !l.placed[j] && same(it.Heading, s.Heading.In(l.form)) {
				l.placed[j] = true
				found[i] = append(found[i], j)
			}
		}
	}
	for i, s := range l.tpl.Sections {
		if s.Source == referent.SectionText {
			l.text(s, found[i])
		} else {
			l.section(s)
		}
	}
	given := len(l.d.parts)
	for _, source := range []referent.SectionSource{referent.SectionItems, referent.SectionDecisions, referent.SectionVotes, referent.SectionActions,
		referent.SectionAttendance, referent.SectionNext, referent.SectionMissing, referent.SectionReview, referent.SectionMissed} {
		if !mine[source] {
			l.section(standard(l.tpl.Base, source))
		}
	}
	l.moveUp(given)
}

// moveUp puts the parts from a given one on before what ends the document: where people sign, and what they
// must look at before they do.
func (l *layouter) moveUp(from int) {
	end := from
	for end > 0 && (l.d.parts[end-1].alert || l.d.parts[end-1].last) {
		end--
	}
	var statements, alerts []part
	for _, p := range l.d.parts[from:] {
		if p.alert {
			alerts = append(alerts, p)
		} else {
			statements = append(statements, p)
		}
	}
	l.d.parts = slices.Concat(l.d.parts[:end], statements, l.d.parts[end:from], alerts)
}

// standard is the section of a source as the built-in kinds have it, shown only when something is in it.
func standard(base referent.Kind, source referent.SectionSource) referent.TemplateSection {
	for _, t := range []*referent.Template{templates.Builtin(base), templates.Builtin(referent.KindReferat)} {
		for _, s := range t.Sections {
			if s.Source == source {
				s.Always = false
				if source == referent.SectionItems {
					s.Heading = referent.Forms{} // what no section took up has headings of its own
				}
				return s
			}
		}
	}
	return referent.TemplateSection{Source: source}
}

// section adds one section; with nothing in it, only when it is always to be shown.
func (l *layouter) section(s referent.TemplateSection) {
	p := part{heading: oneLine(s.Heading.In(l.form)), level: 2}
	switch s.Source {
	case referent.SectionItems:
		l.items(s)
		return
	case referent.SectionCases:
		l.cases(s)
		return
	case referent.SectionAgenda:
		p.style, p.points = ordered, l.agenda()
	case referent.SectionDecisions:
		p.points = l.decisions()
	case referent.SectionActions:
		l.actions(&p)
	case referent.SectionVotes:
		l.votes(&p)
	case referent.SectionAttendance:
		p.points = l.movements()
	case referent.SectionNext:
		p.style, p.points = prose, l.next()
	case referent.SectionSignatures:
		p.style, p.last = prose, true
		for _, who := range s.Signers {
			p.points = append(p.points, statement{lead: oneLine(who.In(l.form)), text: openLine})
		}
	case referent.SectionMissing:
		p.alert = true
		for _, text := range l.mi.Missing {
			p.points = append(p.points, statement{text: typeset(text)})
		}
	case referent.SectionReview:
		p.alert = true
		for _, r := range l.mi.NeedsReview {
			p.points = append(p.points, statement{text: typeset(r.Text), note: typeset(r.Reason), evidence: l.cite(r.Evidence)})
		}
	case referent.SectionMissed:
		p.alert, p.points = true, l.points(l.mi.PossiblyMissed)
	}
	l.addFilled(p, s, l.w.nothing)
}

// addFilled adds a part, or says that it is empty.
func (l *layouter) addFilled(p part, s referent.TemplateSection, nothing string) {
	if len(p.points) == 0 && len(p.rows) == 0 {
		if !s.Always {
			return
		}
		p.points, p.style, p.columns = []statement{{text: nothing}}, prose, nil
	}
	l.add(p)
}

// text adds what the writer found for a heading of the template's own.
func (l *layouter) text(s referent.TemplateSection, items []int) {
	p := part{heading: oneLine(s.Heading.In(l.form)), level: 2, style: styleOf(s)}
	for _, i := range items {
		p.points = append(p.points, l.points(l.mi.Items[i].Points)...)
	}
	l.addFilled(p, s, l.w.notSaid)
}

func styleOf(s referent.TemplateSection) pointStyle {
	if s.Prose {
		return prose
	}
	return bullets
}

// items adds the themes that no section has taken up, each under its heading.
func (l *layouter) items(s referent.TemplateSection) {
	level, opened := 2, false
	heading := oneLine(s.Heading.In(l.form))
	for i, it := range l.mi.Items {
		if l.placed[i] {
			continue
		}
		l.placed[i] = true
		if len(it.Points) == 0 {
			continue // a theme that nothing was said of
		}
		if heading != "" && !opened {
			level, opened = 3, true
			l.add(part{heading: heading, level: 2})
		}
		l.add(part{heading: oneLine(it.Heading), level: level, style: styleOf(s), points: l.points(it.Points)})
	}
	if heading != "" && !opened && s.Always {
		l.add(part{heading: heading, level: 2, style: prose, points: []statement{{text: l.w.nothing}}})
	}
}

// agenda lists what was on the agenda, as it was given beforehand, else as the minutes' headings have it;
// one theme alone is no list.
func (l *layouter) agenda() []statement {
	var out []statement
	if len(l.m.Agenda) > 0 {
		for _, a := range l.m.Agenda {
			out = append(out, statement{text: typeset(a.Number + " " + a.Title)})
		}
		return out
	}
	for _, it := range l.mi.Items {
		h := typeset(it.Heading)
		if h == "" || casePart(h) != noPart || len(it.Points) == 0 && l.tpl.Base != referent.KindProtocol ||
			slices.ContainsFunc(out, func(s statement) bool { return s.text == h }) {
			continue
		}
		out = append(out, statement{text: h})
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// decisions lists what was decided and does not stand under a case already.
func (l *layouter) decisions() []statement {
	var out []statement
	for _, x := range l.mi.Decisions {
		if l.tpl.Base == referent.KindProtocol && l.underCase(x) {
			continue
		}
		text := typeset(x.Text)
		if c := oneLine(x.Case); c != "" {
			text = typeset(c) + ": " + text
		}
		out = append(out, statement{text: text, evidence: l.cite(x.Evidence)})
	}
	return out
}

func (l *layouter) actions(p *part) {
	table := l.tpl.Layout.Actions != referent.AsList
	if table {
		p.columns = []string{l.w.task, l.w.owner, l.w.due, l.w.status}
	}
	for _, a := range l.mi.Actions {
		due, owner, status := "–", oneLine(a.Owner), typeset(a.Status)
		if a.Due != nil {
			due = shortDay(*a.Due)
		}
		if owner == "" {
			owner = l.w.unknownOwner
		}
		if status == "" {
			status = l.w.open
		}
		if table {
			p.rows = append(p.rows, row{cells: []string{typeset(a.Task), owner, due, status}, evidence: l.cite(a.Evidence)})
			continue
		}
		p.points = append(p.points, statement{lead: owner, evidence: l.cite(a.Evidence),
			text: ended(typeset(a.Task)) + " " + l.w.due + ": " + due + ". " + l.w.status + ": " + ended(status)})
	}
}

func (l *layouter) next() []statement {
	n := l.mi.NextMeeting
	if n == nil {
		return nil
	}
	text := typeset(n.Text)
	if n.Date != nil {
		text = l.w.day(*n.Date)
		if n.Time != "" {
			text += " kl." + hard + oneLine(n.Time)
		}
		if n.Place != "" {
			text += ", " + oneLine(n.Place)
		}
		text += "."
	}
	return []statement{{text: text, evidence: l.cite(n.Evidence)}}
}

// movements tells who came, left or had no seat in a case, a sentence each.
func (l *layouter) movements() []statement {
	var out []statement
	for _, x := range l.mi.Movements {
		what, known := l.w.moves[x.What]
		if !known {
			what = oneLine(x.What)
		}
		text := oneLine(x.Name) + " " + what
		if c := oneLine(x.Clock); c != "" {
			text += " kl." + hard + c
		}
		if c := typeset(x.Case); c != "" {
			text += " " + l.w.during + " " + c
		}
		out = append(out, statement{text: ended(text), evidence: l.cite(x.Evidence)})
	}
	return out
}

func (l *layouter) votes(p *part) {
	table := l.tpl.Layout.Votes != referent.AsList
	if table {
		p.cited, p.columns = 1, []string{l.w.caseHeading, l.w.proposal, l.w.forVotes, l.w.against, l.w.blank, l.w.outcome}
	}
	for _, v := range l.mi.Votes {
		var faults []string
		for _, f := range v.Faults {
			faults = append(faults, typeset(f))
		}
		note := strings.Join(faults, " ")
		if table {
			p.rows = append(p.rows, row{cells: []string{typeset(v.Case), typeset(v.Proposal), number(v.For), number(v.Against), number(v.Blank), l.outcome(v)},
				note: note, evidence: l.cite(v.Evidence)})
			continue
		}
		p.points = append(p.points, statement{lead: typeset(v.Case), text: l.voteText(v), note: note, evidence: l.cite(v.Evidence)})
	}
}

// voteText tells a vote in a line, its numbers last. What nobody said has the dash that numbers have in the table.
func (l *layouter) voteText(v referent.Vote) string {
	named := func(name, value string) string { return name + ": " + cmp.Or(value, "–") }
	proposal, outcome := strings.TrimSuffix(typeset(v.Proposal), "."), oneLine(v.Outcome)
	list := []string{"«" + proposal + "»: " + outcome}
	switch {
	case proposal == "":
		list = []string{named(l.w.proposal, ""), named(l.w.outcome, outcome)}
	case outcome == "":
		list = []string{"«" + proposal + "»", named(l.w.outcome, "")}
	}
	list = append(list, l.course(v)...)
	list = append(list, named(l.w.forVotes, number(v.For)), named(l.w.against, number(v.Against)), named(l.w.blank, number(v.Blank)))
	for i := range list {
		list[i] = ended(list[i])
	}
	return strings.Join(list, " ")
}

func number(n *int) string {
	if n == nil {
		return "–"
	}
	return strconv.Itoa(*n)
}

// outcome is a vote's result and how it came about.
func (l *layouter) outcome(v referent.Vote) string {
	list := l.course(v)
	if outcome := oneLine(v.Outcome); outcome != "" {
		list = append([]string{outcome}, list...)
	}
	return strings.Join(list, ". ")
}

// course is the proposal that a vote was set up against, who voted how, and whether the chair's vote decided.
func (l *layouter) course(v referent.Vote) []string {
	var list []string
	add := func(s string) {
		if s = oneLine(s); s != "" {
			list = append(list, s)
		}
	}
	if v.DoubleVote {
		add(l.w.doubleVote)
	}
	if a := strings.TrimRight(typeset(v.Alternative), "."); a != "" {
		add(strings.ReplaceAll(l.w.alternative, "{proposal}", a))
	}
	for _, g := range []struct {
		how   string
		names []string
	}{{l.w.forMembers, v.ForMembers}, {l.w.forParties, v.ForParties}, {l.w.againstMembers, v.AgainstMembers},
		{l.w.againstParties, v.AgainstParties}, {l.w.blankMembers, v.BlankMembers}} {
		if len(g.names) > 0 {
			add(g.how + ": " + strings.Join(g.names, ", "))
		}
	}
	return list
}

// ended is a text with a full stop, unless it has its own.
func ended(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:") {
		return s
	}
	return s + "."
}
