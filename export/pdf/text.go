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

// shape gives the atoms of a text one after the other.
func (f *flow) shape(s string, st style, give func(atom)) {
	font := f.fonts[st.face]
	var last atom // waits for its kerning
	waits := false
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
				f.lack[r] = struct{}{}
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
		if waits {
			if len(last.glyphs) > 0 && len(a.glyphs) > 0 {
				last.kern = font.kern(last.glyphs[len(last.glyphs)-1].index, a.glyphs[0].index)
				last.width += last.kern * st.size / 1000
			}
			give(last)
		}
		last, waits = a, true
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
	if waits {
		give(last)
	}
}

// shapeRuns gives the atoms of runs in a base style.
func (f *flow) shapeRuns(runs []Run, base style, give func(atom)) {
	for _, r := range runs {
		st := base
		if r.Face != Regular {
			st.face = r.Face
		}
		if r.Quiet {
			st.size, st.colour = base.size*0.84, grey
		}
		f.shape(r.Text, st, give)
	}
}

// line is a line as it is drawn, wherever that is: a tenth of what its atoms fill.
type line struct {
	parts []stretch
	width float64 // without the spaces at its end
}

// stretch is what of a line has one style, and is said by its glyphs or, all of it, otherwise.
type stretch struct {
	style  style
	shown  string // the strings of the operator TJ
	actual string
	width  float64
}

func newLine(atoms []atom) line {
	out := line{width: span(atoms)}
	for len(atoms) > 0 {
		s, plain, n := stretch{style: atoms[0].style}, atoms[0].actual == "", 0
		var shown, said strings.Builder
		for n < len(atoms) && atoms[n].style == s.style && (atoms[n].actual == "") == plain && said.Len() < maxText {
			atoms[n].write(&shown)
			said.WriteString(atoms[n].actual)
			s.width += atoms[n].width
			n++
		}
		s.shown, s.actual = strings.Clone(shown.String()), said.String()
		out.parts = append(out.parts, s)
		atoms = atoms[n:]
	}
	return out
}

// single sets a text on one line.
func (f *flow) single(s string, st style) line {
	var atoms []atom
	f.shape(s, st, func(a atom) { atoms = append(atoms, a) })
	return newLine(atoms)
}

// mostAtoms is where a line ends at the latest: some characters have no width.
const mostAtoms = 4096

// lines breaks text into lines of at most a width: after spaces, after a hyphen or a slash between letters, and
// in a word that fills more than a line, anywhere. No more than a line of atoms is held at a time.
func (f *flow) lines(runs []Run, base style, width float64) []line {
	var out []line
	var open []atom // the line that is filled
	before := ""    // the atom before the next one
	next, after, w := 0, 0, 0.0
	fill := func(ahead int) { // where a line may end, the atom ahead tells too
		for ; next+ahead < len(open); next++ {
			a := &open[next]
			if (!a.space() && w+a.width > width+0.01 || next == mostAtoms) && next > 0 {
				end := next
				if after > 0 {
					end = after
				}
				out = append(out, newLine(open[:end]))
				before = open[end-1].text
				open = open[:copy(open, open[end:])]
				next, after, w = -1, 0, 0
				continue
			}
			w += a.width
			following := ""
			if next+1 < len(open) {
				following = open[next+1].text
			}
			if breakable(before, a.text, following) {
				after = next + 1
			}
			before = a.text
		}
	}
	f.shapeRuns(runs, base, func(a atom) {
		open = append(open, a)
		fill(1)
	})
	fill(0)
	if len(open) > 0 {
		out = append(out, newLine(open))
	}
	return out
}

// breakable reports whether a line may end after an atom that stands between two others; "": none.
func breakable(before, atom, next string) bool {
	switch atom {
	case " ":
		return true
	case "-", "/", "–":
		a, _ := utf8.DecodeLastRuneInString(before)
		b, _ := utf8.DecodeRuneInString(next)
		return unicode.IsLetter(a) && unicode.IsLetter(b)
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

// measure is how wide the widest word of a text is, and all of it on one line.
func (f *flow) measure(runs []Run, base style) (word, whole float64) {
	before, last := "", "" // the two atoms before
	w, total := 0.0, 0.0
	f.shapeRuns(runs, base, func(a atom) {
		if breakable(before, last, a.text) {
			w = 0
		}
		before, last = last, a.text
		total += a.width
		if !a.space() {
			w += a.width
			word, whole = max(word, w), total
		}
	})
	return word, whole
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

// line writes a line from x on, with its feet at y; y grows upwards here, as in the file. What the glyphs do not
// say becomes an element of its own that says it: a stretch within another one would do, but not all readers find
// their way out of it again.
func (p *pen) line(l line, x, y float64) {
	for _, s := range l.parts {
		operators := fmt.Sprintf("BT /F%d %s Tf %s rg %s Td [%s] TJ ET\n", s.style.face, num(s.style.size), s.style.colour, nums(x, y), s.shown)
		switch {
		case s.actual == "" || p.element == nil:
			p.begin()
			p.page.body.WriteString(operators)
		default:
			p.end()
			actual := " /ActualText " + text(s.actual)
			p.mark(p.element.child("Span", actual), actual)
			p.page.body.WriteString(operators + "EMC\n")
		}
		x += s.width
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
