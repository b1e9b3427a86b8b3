package pdf

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"golang.org/x/text/unicode/norm"
)

// style is how a stretch of text is drawn.
type style struct {
	face   Face
	size   float64 // points
	colour string  // red, green and blue, 0 to 1
}

const (
	black = "0 0 0"
	grey  = "0.251 0.282 0.329"
	brown = "0.29 0.188 0"
)

// atom is what is never broken: a character as readers see it, or a space.
type atom struct {
	style  style
	glyphs []glyph
	width  float64 // points, with the kerning after it
	kern   float64 // of the last glyph to the next atom, thousandths
	actual string  // what it says, where the glyphs do not
	text   string
}

func (a *atom) space() bool { return a.text == " " }

// longest is how many bytes a cluster may have before it is taken apart: some make thousands of accents.
const longest = 64

// clean is text that can be set on one line.
func clean(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\ufffd"))
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r):
			return '\ufffd'
		}
		return r
	}, s)
}

// invisible reports whether a character has no shape of its own: joiners, directions, variants, soft hyphens.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// shape turns text into atoms.
func (f *flow) shape(s string, st style) []atom {
	var out []atom
	font := f.fonts[st.face]
	add := func(cluster string) {
		a := atom{style: st, text: cluster}
		plain := true
		for _, r := range cluster {
			g, ok := font.glyph(r)
			if ok {
				a.glyphs = append(a.glyphs, g)
				continue
			}
			plain = false
			if !invisible(r) {
				f.miss(r)
			}
		}
		if !plain {
			a.actual = cluster
			if len(a.glyphs) == 0 && strings.ContainsFunc(cluster, func(r rune) bool { return !invisible(r) }) {
				g, _ := font.glyph(missing)
				a.glyphs = []glyph{g}
			}
		}
		for _, g := range a.glyphs {
			a.width += g.width * st.size / 1000
		}
		if n := len(out); n > 0 && len(out[n-1].glyphs) > 0 && len(a.glyphs) > 0 {
			last := &out[n-1]
			last.kern = font.kern(last.glyphs[len(last.glyphs)-1].index, a.glyphs[0].index)
			last.width += last.kern * st.size / 1000
		}
		out = append(out, a)
	}
	for it := graphemes.FromString(clean(s)); it.Next(); {
		cluster := it.Value()
		for len(cluster) > longest {
			n := longest
			for !utf8.RuneStart(cluster[n]) {
				n--
			}
			add(cluster[:n])
			cluster = cluster[n:]
		}
		add(cluster)
	}
	return out
}

// shapeRuns turns runs into atoms of a base style.
func (f *flow) shapeRuns(runs []Run, base style) []atom {
	var out []atom
	for _, r := range runs {
		st := base
		if r.Face != Regular {
			st.face = r.Face
		}
		if r.Quiet {
			st.size, st.colour = base.size*0.84, grey
		}
		out = append(out, f.shape(r.Text, st)...)
	}
	return out
}

// lines breaks atoms into lines of at most a width: after spaces, after a hyphen or a slash between letters, and
// in a word that fills more than a line, anywhere.
func lines(atoms []atom, width float64) [][]atom {
	var out [][]atom
	start, after, w := 0, -1, 0.0 // after: where the next line may begin
	for i := 0; i < len(atoms); i++ {
		a := &atoms[i]
		if !a.space() && w+a.width > width+0.01 && i > start {
			end := i
			if after > start {
				end = after
			}
			out = append(out, atoms[start:end])
			start, after, w, i = end, -1, 0, end-1
			continue
		}
		w += a.width
		if breakable(atoms, i) {
			after = i + 1
		}
	}
	if start < len(atoms) {
		out = append(out, atoms[start:])
	}
	return out
}

func breakable(atoms []atom, i int) bool {
	if atoms[i].space() {
		return true
	}
	if i == 0 || i+1 == len(atoms) {
		return false
	}
	switch atoms[i].text {
	case "-", "/", "–":
		before, _ := utf8.DecodeLastRuneInString(atoms[i-1].text)
		next, _ := utf8.DecodeRuneInString(atoms[i+1].text)
		return unicode.IsLetter(before) && unicode.IsLetter(next)
	}
	return false
}

// span is the width of atoms without the spaces at their end.
func span(atoms []atom) float64 {
	for len(atoms) > 0 && atoms[len(atoms)-1].space() {
		atoms = atoms[:len(atoms)-1]
	}
	w := 0.0
	for i := range atoms {
		w += atoms[i].width
	}
	return w
}

// pen writes what belongs to one element on one page, or to none.
type pen struct {
	page    *page
	element *element // nil: what is drawn is no part of the document
	open    bool     // the element's mark is
}

// mark begins a stretch of an element's, with the entries of its dictionary.
func (p *pen) mark(e *element, entries string) {
	fmt.Fprintf(&p.page.body, "/%s <</MCID %d%s>> BDC\n", e.role, len(p.page.marks), entries)
	e.kids = append(e.kids, kid{page: p.page, mark: len(p.page.marks)})
	p.page.marks = append(p.page.marks, e)
}

func (p *pen) begin() {
	if !p.open && p.element != nil {
		p.mark(p.element, "")
		p.open = true
	}
}

func (p *pen) end() {
	if p.open {
		p.page.body.WriteString("EMC\n")
		p.open = false
	}
}

// draw writes operators that show no text.
func (p *pen) draw(operators string) {
	p.begin()
	p.page.body.WriteString(operators + "\n")
}

// line writes atoms from x on, with their feet at y; y grows upwards here, as in the file. What the glyphs do not
// say becomes an element of its own that says it: a stretch within another one would do, but not all readers find
// their way out of it again.
func (p *pen) line(atoms []atom, x, y float64) {
	for len(atoms) > 0 {
		st, plain, n, w := atoms[0].style, atoms[0].actual == "", 0, 0.0
		var shown, said strings.Builder
		for n < len(atoms) && atoms[n].style == st && (atoms[n].actual == "") == plain && said.Len() < maxText {
			atoms[n].write(&shown)
			said.WriteString(atoms[n].actual)
			w += atoms[n].width
			n++
		}
		operators := fmt.Sprintf("BT /F%d %s Tf %s rg %s Td [%s] TJ ET\n", st.face, num(st.size), st.colour, nums(x, y), &shown)
		switch {
		case plain || p.element == nil:
			p.begin()
			p.page.body.WriteString(operators)
		default:
			p.end()
			actual := " /ActualText " + text(said.String())
			p.mark(p.element.child("Span", actual), actual)
			p.page.body.WriteString(operators + "EMC\n")
		}
		atoms, x = atoms[n:], x+w
	}
}

// write adds the atom to the strings of a line.
func (a *atom) write(b *strings.Builder) {
	if len(a.glyphs) == 0 {
		return
	}
	b.WriteByte('<')
	for _, g := range a.glyphs {
		fmt.Fprintf(b, "%04X", g.cid)
	}
	b.WriteByte('>')
	if k := num(-a.kern); k != "0" && k != "-0" {
		b.WriteString(k)
	}
}
