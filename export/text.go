package export

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/referent/referent"
)

// inLines is the layout of minutes as plain text, which has no tables. Where a statement was heard is left out: what
// is pasted into a mail or an archive has no transcript beside it to look in.
func inLines(l *referent.TemplateLayout) {
	l.Actions, l.Votes, l.Evidence = referent.AsList, referent.AsList, false
}

// documentText writes a document as text to paste anywhere: a line for each heading, statement and task, however
// long, and no signs of markup. A draft says so first; who approved it stands at the end.
func documentText(d *document) string {
	var b strings.Builder
	line := func(s string) { b.WriteString(textLine(s) + "\n") }
	if d.label != "" && d.approval == nil {
		line(d.label)
		line("")
	}
	line(d.title)
	if under := d.underTitle(oneLine, ""); under != "" {
		line(under)
	}
	if len(d.head) > 0 {
		line("")
	}
	for _, h := range d.head {
		line(h[0] + ": " + h[1])
	}
	nested := false
	for _, p := range d.parts {
		nested = nested || p.level > 2
	}
	for i := range d.parts {
		if nested && d.parts[i].level == 2 { // air is all that tells a section from what stands under it
			line("")
		}
		line("")
		textPart(line, &d.parts[i])
	}
	line("")
	if d.approval != nil {
		line(d.label)
	}
	for _, f := range d.footer {
		line(f)
	}
	return b.String()
}

func textPart(line func(string), p *part) {
	switch {
	case p.number > 0:
		line(strconv.Itoa(p.number) + ". " + p.heading)
	case p.heading != "":
		line(p.heading)
	}
	for i, s := range p.points {
		text := s.text
		if s.lead != "" {
			text = s.lead + ": " + text
		}
		if s.note != "" {
			text += " – " + s.note
		}
		switch p.style {
		case ordered:
			text = strconv.Itoa(i+1) + ". " + text
		case bullets:
			text = "– " + text
		case prose:
			if i > 0 {
				line("")
			}
		}
		line(text)
	}
	if len(p.columns) > 0 { // inLines leaves none today; what comes as a table is not dropped
		line(strings.Join(p.columns, " · "))
	}
	for _, r := range p.rows {
		text := strings.Join(r.cells, " · ")
		if r.note != "" {
			text += " – " + r.note
		}
		line(text)
	}
}

// textLine is a line with ordinary spaces, in which what is searched for is found, and without the signs that turn
// the direction of writing: nothing in a text would end what they do, or show that they are there.
func textLine(s string) string {
	return strings.TrimRight(strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		case r == '\u00a0':
			return ' '
		}
		return r
	}, s), " ")
}
