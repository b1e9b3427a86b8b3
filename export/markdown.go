package export

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/referent/referent"
)

var mdEscape = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "<", `\<`, ">", `\>`, "[", `\[`, "]", `\]`,
	"|", `\|`, "&", `\&`, "~", `\~`, "^", `\^`, "{", `\{`, "}", `\}`, "$", `\$`)

// mdOpener is what would begin a heading, a list or a rule at the start of a line.
var mdOpener = regexp.MustCompile(`^(#|\+|-|=|:|\d+[.)])`)

// md makes text that Markdown shows as it stands, inside a line.
func md(s string) string { return mdEscape.Replace(oneLine(s)) }

// mdEvidence writes "[s12 03:41]" with bare brackets, for people to read and programs to find. They make
// no link: nothing follows them but a space, and no definition can stand in the document, since all
// other brackets are escaped.
func mdEvidence(places []string) string {
	var b strings.Builder
	for _, p := range places {
		b.WriteString(" [" + md(p) + "]")
	}
	return b.String()
}

// mdLine makes text that Markdown shows as it stands where a line or a list item begins.
func mdLine(s string) string {
	s = md(s)
	if at := mdOpener.FindStringIndex(s); at != nil {
		return s[:at[1]-1] + `\` + s[at[1]-1:]
	}
	return s
}

// documentMarkdown writes a document as Markdown (CommonMark and tables).
func documentMarkdown(d *document) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", md(d.title))
	if d.label != "" {
		fmt.Fprintf(&b, "> **%s**\n\n", md(d.label))
	}
	if under := d.underTitle(md, "**"); under != "" {
		b.WriteString(under + "\n\n")
	}
	for _, h := range d.head {
		fmt.Fprintf(&b, "- **%s:** %s\n", md(h[0]), md(h[1]))
	}
	if len(d.head) > 0 {
		b.WriteByte('\n')
	}
	for i := range d.parts {
		mdPart(&b, &d.parts[i])
	}
	if len(d.footer) > 0 {
		b.WriteString("---\n\n")
	}
	for _, f := range d.footer {
		fmt.Fprintf(&b, "%s\n", mdLine(f))
	}
	return b.String()
}

func mdPart(b *strings.Builder, p *part) {
	if p.heading != "" {
		heading := md(p.heading)
		if p.number > 0 {
			heading = strconv.Itoa(p.number) + `\. ` + heading
		}
		fmt.Fprintf(b, "%s %s\n\n", strings.Repeat("#", p.level), heading)
	}
	for i, s := range p.points {
		text := mdLine(s.text)
		if s.lead != "" {
			text = "**" + md(s.lead) + ":** " + md(s.text)
		}
		if s.note != "" {
			text += " – *" + md(s.note) + "*"
		}
		text += mdEvidence(s.evidence)
		switch p.style {
		case prose:
			b.WriteString(text + "\n\n")
		case ordered:
			fmt.Fprintf(b, "%d. %s\n", i+1, text)
		default:
			b.WriteString("- " + text + "\n")
		}
	}
	if len(p.points) > 0 && p.style != prose {
		b.WriteByte('\n')
	}
	if len(p.columns) == 0 {
		return
	}
	var cells, rule []string
	for _, c := range p.columns {
		cells, rule = append(cells, md(c)), append(rule, "---")
	}
	fmt.Fprintf(b, "| %s |\n| %s |\n", strings.Join(cells, " | "), strings.Join(rule, " | "))
	for _, r := range p.rows {
		cells = cells[:0]
		for i, c := range r.cells {
			c = md(c)
			if i == p.cited {
				c += mdEvidence(r.evidence)
			}
			if r.note != "" && i == len(r.cells)-1 {
				c = strings.TrimPrefix(c+" – *"+md(r.note)+"*", " – ")
			}
			cells = append(cells, c)
		}
		fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
	}
	b.WriteByte('\n')
}

// transcriptMarkdown writes a transcript with a heading a change of speaker.
func transcriptMarkdown(t *referent.Transcript, m *referent.Meeting) string {
	w := wordsOf(m.Language)
	var b strings.Builder
	title := oneLine(m.Title)
	if title == "" {
		title = w.transcript
	}
	fmt.Fprintf(&b, "# %s\n\n> **%s**\n\n", md(title), md(w.draftLabel(t.Label)))
	if title != w.transcript {
		fmt.Fprintf(&b, "**%s**\n\n", w.transcript)
	}
	notes := remarks(t, lang(m.Language))
	if !m.Start.IsZero() {
		fmt.Fprintf(&b, "- **%s:** %s\n", w.date, md(w.start(m.Start)))
	}
	for _, n := range notes {
		fmt.Fprintf(&b, "- %s\n", mdLine(n))
	}
	if !m.Start.IsZero() || len(notes) > 0 {
		b.WriteByte('\n')
	}
	speaker := ""
	for i, s := range t.Segments {
		if i > 0 && s.Speaker == speaker {
			b.WriteString("\n")
		}
		if s.Speaker != speaker {
			name := t.SpeakerName(s.Speaker)
			if name == "" {
				name = "–" // nobody knows who; not the one before
			}
			fmt.Fprintf(&b, "\n**%s**\n\n", md(name))
		}
		speaker = s.Speaker
		text := md(s.Text)
		if note := marks(t, &s, lang(m.Language)); note != "" {
			text += " *(" + md(note) + ")*"
		}
		fmt.Fprintf(&b, "%s %s\n", strings.TrimSpace(mdEvidence([]string{s.ID + " " + clock(s.Start)})), text)
	}
	return b.String()
}
