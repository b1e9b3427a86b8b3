package export

import (
	"fmt"
	"regexp"
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
	name := ""
	if d.name != d.title {
		name = d.name
	}
	if d.brand != nil && d.brand.Name != "" {
		name = strings.TrimPrefix(name+" · "+d.brand.Name, " · ")
	}
	if name != "" {
		line(name)
	}
	if len(d.head) > 0 {
		line("")
	}
	for _, h := range d.head {
		line(h[0] + ": " + h[1])
	}
	numbers := headingNumbers(d)
	nested := false
	for _, p := range d.parts {
		nested = nested || p.level > 2
	}
	for i, p := range d.parts {
		if nested && p.level == 2 { // air is all that tells a section from what stands under it
			line("")
		}
		line("")
		textPart(line, &p, numbers[i])
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

func textPart(line func(string), p *part, number string) {
	if p.heading != "" {
		line(strings.TrimPrefix(number+" "+p.heading, " "))
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
}

// numberedAlready is the heading of a theme that has a number of its own: "PS 12/25 Budsjett", "3. Økonomi".
var numberedAlready = regexp.MustCompile(`^(?:(?i:sak|punkt|post|tema)|\p{Lu}{1,4})?\s*\d`)

// headingNumbers are what stands before the heading of each part: the template's numbers, and those of the themes,
// "2." or, within a numbered section, "3.2". One theme alone is not numbered, nor are those that are already.
func headingNumbers(d *document) []string {
	themes, numbered := 0, false
	for _, p := range d.parts {
		if p.theme && p.heading != "" {
			themes++
			numbered = numbered || numberedAlready.MatchString(p.heading)
		}
	}
	out := make([]string, len(d.parts))
	n, section := 0, 0
	for i, p := range d.parts {
		switch {
		case p.number > 0:
			section = p.number
			out[i] = fmt.Sprintf("%d.", p.number)
		case p.theme && p.heading != "" && themes > 1 && !numbered:
			if n++; d.numbered {
				out[i] = fmt.Sprintf("%d.%d", section, n)
			} else {
				out[i] = fmt.Sprintf("%d.", n)
			}
		}
	}
	return out
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
