package pdf

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansitalic"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/bidi"
)

// typeface is a font as it is built into the program. It is Liberation Sans (SIL Open Font License): it has
// the letters of Norwegian, of all the Sámi languages and of the names of those who live in Norway that are
// written with Latin letters, Vietnamese among them, Greek and Cyrillic, and it is as wide as the Arial of
// municipalities' templates. The Go fonts lack Skolt Sámi and Vietnamese; Inter, which the pages use, is not in
// a program that is built without them.
type typeface struct {
	name   string
	font   *sfnt.Font
	tables map[string][]byte
	units  float64 // an em
}

// typefaces are those of Face's values; each document that is written uses the same.
var typefaces = sync.OnceValues(func() ([faces]*typeface, error) {
	var out [faces]*typeface
	for i, f := range []struct {
		name string
		data []byte
	}{{"LiberationSans", liberationsansregular.TTF}, {"LiberationSans-Bold", liberationsansbold.TTF}, {"LiberationSans-Italic", liberationsansitalic.TTF}} {
		parsed, err := sfnt.Parse(f.data)
		if err != nil {
			return out, fmt.Errorf("font %s: %w", f.name, err)
		}
		tables, err := fontTables(f.data)
		if err != nil {
			return out, fmt.Errorf("font %s: %w", f.name, err)
		}
		out[i] = &typeface{name: f.name, font: parsed, tables: tables, units: float64(parsed.UnitsPerEm())}
	}
	return out, nil
})

// What a line of text needs, in parts of its size; all the faces have the same.
const (
	ascent  = 0.905
	descent = 0.212
)

// glyph is the shape of a character, or of several characters that look alike: each character has a number of
// its own (cid), so that what is copied is what was written.
type glyph struct {
	cid   int
	index sfnt.GlyphIndex
	width float64 // thousandths of an em
}

// subset is what one document uses of a typeface.
type subset struct {
	*typeface
	buffer sfnt.Buffer
	known  map[rune]glyph // cid 0: the face does not have it
	chars  []rune         // of cid 1, 2, …
	kerned map[[2]sfnt.GlyphIndex]float64
	err    error
}

func newSubset(t *typeface) *subset {
	return &subset{typeface: t, known: map[rune]glyph{}, kerned: map[[2]sfnt.GlyphIndex]float64{}}
}

// missing is the shape of what the face does not have.
const missing = '□'

// alike are characters that the face lacks and another one looks like.
var alike = map[rune]rune{'\u2011': '-', '\ufffd': missing}

// glyph is the shape of a character; false: the face has none, or the character is not to be shown by itself.
func (s *subset) glyph(r rune) (glyph, bool) {
	g, known := s.known[r]
	if known {
		return g, g.cid > 0
	}
	shape := r
	if a, ok := alike[r]; ok {
		shape = a
	}
	index, err := s.font.GlyphIndex(&s.buffer, shape)
	s.fail(err)
	if index > 0 && drawn(r) {
		advance, err := s.font.GlyphAdvance(&s.buffer, index, fixed.Int26_6(s.units), font.HintingNone)
		s.fail(err)
		s.chars = append(s.chars, r)
		g = glyph{cid: len(s.chars), index: index, width: float64(advance) * 1000 / s.units}
	}
	s.known[r] = g
	return g, g.cid > 0
}

// drawn reports whether a character can be set by itself, from left to right. Private characters mean something
// else in each font.
func drawn(r rune) bool {
	p, _ := bidi.LookupRune(r)
	switch p.Class() {
	case bidi.R, bidi.AL, bidi.AN:
		return false
	}
	return !unicode.Is(unicode.Co, r) && !invisible(r)
}

// kern is how much nearer two glyphs stand, in thousandths of an em; mostly below zero.
func (s *subset) kern(a, b sfnt.GlyphIndex) float64 {
	pair := [2]sfnt.GlyphIndex{a, b}
	k, known := s.kerned[pair]
	if !known {
		v, err := s.font.Kern(&s.buffer, a, b, fixed.Int26_6(s.units), font.HintingNone)
		if !errors.Is(err, sfnt.ErrNotFound) {
			s.fail(err)
		}
		k = float64(v) * 1000 / s.units
		s.kerned[pair] = k
	}
	return k
}

// fail keeps the first error; the fonts are ours, so there is none unless one of them is damaged.
func (s *subset) fail(err error) {
	if s.err == nil && err != nil {
		s.err = fmt.Errorf("font %s: %w", s.name, err)
	}
}

// write adds the font with the glyphs that were used, and gives its number.
func (s *subset) write(o *objects, face Face) (ref, error) {
	used := make([]sfnt.GlyphIndex, 0, len(s.chars))
	toGlyph := make([]byte, 2, 2+2*len(s.chars))
	var widths, unicodes strings.Builder
	for i, r := range s.chars {
		g := s.known[r]
		used = append(used, g.index)
		toGlyph = append(toGlyph, byte(g.index>>8), byte(g.index))
		widths.WriteString(num(g.width) + " ")
		if i%100 == 0 { // as many as one list may hold
			if i > 0 {
				unicodes.WriteString("endbfchar\n")
			}
			fmt.Fprintf(&unicodes, "%d beginbfchar\n", min(100, len(s.chars)-i))
		}
		fmt.Fprintf(&unicodes, "<%04X> %s\n", g.cid, strings.Replace(text(string(r)), "FEFF", "", 1))
	}
	program, err := cut(s.tables, used)
	if err != nil {
		return 0, fmt.Errorf("font %s: %w", s.name, err)
	}
	name := "/" + tag(program) + "+" + s.name
	italic, flags, weight := 0, 32, 80
	switch face {
	case Italic:
		italic, flags = -12, 32|64
	case Bold:
		weight = 140
	}
	descriptor := o.add(fmt.Sprintf("<</Type /FontDescriptor /FontName %s /Flags %d /FontBBox [-544 -303 1302 980] /ItalicAngle %d /Ascent 905 /Descent -212 /CapHeight 729 /StemV %d /FontFile2 %s>>",
		name, flags, italic, weight, o.stream(fmt.Sprintf("/Length1 %d", len(program)), program)))
	font := o.add(fmt.Sprintf("<</Type /Font /Subtype /CIDFontType2 /BaseFont %s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %s /W [1 [%s]] /CIDToGIDMap %s>>",
		name, descriptor, strings.TrimSpace(widths.String()), o.stream("", toGlyph)))
	return o.add(fmt.Sprintf("<</Type /Font /Subtype /Type0 /BaseFont %s /Encoding /Identity-H /DescendantFonts [%s] /ToUnicode %s>>",
		name, font, o.stream("", []byte(cmapHead+unicodes.String()+cmapFoot)))), nil
}

// tag is the six letters that tell subsets of one font apart.
func tag(program []byte) string {
	h := sha256.Sum256(program)
	var b strings.Builder
	for _, x := range h[:6] {
		b.WriteByte('A' + x%26)
	}
	return b.String()
}

const cmapHead = `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
`

const cmapFoot = `endbfchar
endcmap
CMapName currentdict /CMap defineresource pop
end
end`
