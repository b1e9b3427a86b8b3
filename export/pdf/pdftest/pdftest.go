// Package pdftest reads tagged PDF as a screen reader does: by its structure, with the text that each element
// says. It is for tests, and rests on a reader that shares no code with the writer.
//
// What is not here: what files look like, and whether they keep to PDF/A (make pdf-check asks veraPDF).
package pdftest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/ledongthuc/pdf"
)

// Element is a place in the structure.
type Element struct {
	Role string
	Alt  string
	Text string // what it says itself
	Page int    // where its text, or that of the first under it, begins; from 1; 0: nowhere
	Kids []*Element
}

// File is what was read.
type File struct {
	Pages     int
	Lang      string
	Title     string
	Marked    bool // it claims to be tagged
	Document  *Element
	Asides    []string   // of each page, what screen readers pass over
	Lines     [][]string // of each page, as they lie on it, in the order that they were drawn
	Bookmarks []string   // with a tab for each level under the first
}

// line is a stretch of text as it lies on a page, in points.
type line struct{ left, right, foot float64 }

// Read reads a file. The test fails where text belongs to no element and is no artifact, where a page does not lead
// back to its element, or where it lies outside the page's margins.
func Read(t testing.TB, data []byte) *File {
	t.Helper()
	r, err := pdf.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatalf("the file cannot be read: %v", err)
	}
	root := r.Trailer().Key("Root")
	f := &File{Pages: r.NumPage(), Lang: words(root.Key("Lang")), Title: words(r.Trailer().Key("Info").Key("Title")), Marked: root.Key("MarkInfo").Key("Marked").Bool()}
	said := map[[2]int64]string{}
	for i := range f.Pages {
		p := r.Page(i + 1)
		s := scan(t, p)
		for mark, text := range s.said {
			said[[2]int64{p.V.Key("StructParents").Int64(), mark}] = text
		}
		f.Asides = append(f.Asides, s.aside)
		f.Lines = append(f.Lines, s.lines)
	}
	tree := root.Key("StructTreeRoot")
	f.Document = element(t, tree.Key("K").Index(0), said, parents(tree.Key("ParentTree").Key("Nums")))
	f.bookmarks(root.Key("Outlines").Key("First"), 0)
	return f
}

func (f *File) bookmarks(v pdf.Value, depth int) {
	for ; !v.IsNull(); v = v.Key("Next") {
		f.Bookmarks = append(f.Bookmarks, strings.Repeat("\t", depth)+words(v.Key("Title")))
		f.bookmarks(v.Key("First"), depth+1)
	}
}

// words decodes a string object of UTF-16.
func words(v pdf.Value) string {
	b := []byte(v.RawString())
	if !bytes.HasPrefix(b, []byte{0xfe, 0xff}) {
		return string(b)
	}
	var units []uint16
	for b = b[2:]; len(b) >= 2; b = b[2:] {
		units = append(units, binary.BigEndian.Uint16(b))
	}
	return string(utf16.Decode(units))
}

// parents is the way back: of each page, the element of each of its marks.
func parents(nums pdf.Value) map[int64]pdf.Value {
	out := map[int64]pdf.Value{}
	for i := 0; i+1 < nums.Len(); i += 2 {
		out[nums.Index(i).Int64()] = nums.Index(i + 1)
	}
	return out
}

func element(t testing.TB, v pdf.Value, said map[[2]int64]string, back map[int64]pdf.Value) *Element {
	t.Helper()
	e := &Element{Role: v.Key("S").Name(), Alt: words(v.Key("Alt"))}
	kids := v.Key("K")
	for i := range kids.Len() {
		k := kids.Index(i)
		page := 0
		if k.Key("Type").Name() == "MCR" {
			at := k.Key("Pg").Key("StructParents").Int64()
			id := k.Key("MCID").Int64()
			e.Text += said[[2]int64{at, id}]
			// no two elements have the same marks, so that none reads as another
			if got := back[at].Index(int(id)); got.String() != v.String() {
				t.Errorf("the way back from mark %d of page %d leads to %.200s, not to %.200s", id, at+1, got, v)
			}
			page = int(at) + 1
		} else {
			kid := element(t, k, said, back)
			if page = kid.Page; kid.Role == "Span" {
				e.Text += kid.Text // words in the line
			} else {
				e.Kids = append(e.Kids, kid)
			}
		}
		if e.Page == 0 {
			e.Page = page
		}
	}
	return e
}

// scanned is what a page says.
type scanned struct {
	said  map[int64]string
	aside string
	lines []string
}

// mark is an open stretch of marked content.
type mark struct {
	id     int64 // -1: none of its own
	aside  bool
	actual bool // what is drawn says something else
}

func scan(t testing.TB, p pdf.Page) scanned {
	t.Helper()
	out := scanned{said: map[int64]string{}}
	box := p.V.Key("MediaBox")
	width, height := box.Index(2).Float64(), box.Index(3).Float64()
	var open []mark
	fonts := map[string]*face{}
	var font *face
	var size, x, y float64
	say := func(s string) {
		for i := len(open) - 1; i >= 0; i-- {
			if open[i].aside {
				out.aside += s
				return
			}
			if open[i].id >= 0 {
				out.said[open[i].id] += s
				return
			}
		}
		t.Errorf("%q belongs to no element", s)
	}
	pdf.Interpret(p.V.Key("Contents"), func(stack *pdf.Stack, op string) {
		args := make([]pdf.Value, stack.Len())
		for i := len(args) - 1; i >= 0; i-- {
			args[i] = stack.Pop()
		}
		switch op {
		case "BDC":
			m := mark{id: -1, aside: args[0].Name() == "Artifact"}
			if id := args[1].Key("MCID"); id.Kind() == pdf.Integer {
				m.id = id.Int64()
			}
			open = append(open, m)
			if actual := args[1].Key("ActualText"); !actual.IsNull() {
				if m.id < 0 || len(open) > 1 {
					t.Errorf("%q is within another stretch, where not all readers look", words(actual))
				}
				say(words(actual))
				open[len(open)-1].actual = true
			}
		case "EMC":
			open = open[:len(open)-1]
		case "Tf":
			name := args[0].Name()
			if fonts[name] == nil {
				fonts[name] = newFace(p.Font(name))
			}
			font, size = fonts[name], args[1].Float64()
		case "Td":
			if x = args[0].Float64(); len(out.lines) == 0 || args[1].Float64() != y {
				out.lines = append(out.lines, "")
			}
			y = args[1].Float64()
		case "TJ":
			l := line{left: x, foot: y}
			var s strings.Builder
			for i := range args[0].Len() {
				v := args[0].Index(i)
				if v.Kind() != pdf.String {
					x -= v.Float64() * size / 1000
					continue
				}
				shown := font.encoding.Decode(v.RawString())
				s.WriteString(shown)
				if shown != " " {
					l.right = x + font.advance(v.RawString())*size/1000
				}
				x += font.advance(v.RawString()) * size / 1000
			}
			out.lines[len(out.lines)-1] += s.String()
			if l.right > width-70 || l.left < 70 || l.foot < 20 || l.foot > height-20 {
				t.Errorf("%.60q lies outside the margins: %+v", s.String(), l)
			}
			if len(open) == 0 || !open[len(open)-1].actual {
				say(s.String())
			}
		}
	})
	if len(open) > 0 {
		t.Errorf("%d marks are open at the page's end", len(open))
	}
	return out
}

// face is a font of a page.
type face struct {
	encoding pdf.TextEncoding
	widths   []float64 // thousandths of an em, of the characters 1, 2, …
}

func newFace(f pdf.Font) *face {
	out := &face{encoding: f.Encoder()}
	list := f.V.Key("DescendantFonts").Index(0).Key("W").Index(1)
	for i := range list.Len() {
		out.widths = append(out.widths, list.Index(i).Float64())
	}
	return out
}

// advance is how wide a string is, by the widths that the file gives.
func (f *face) advance(s string) float64 {
	w := 0.0
	for ; len(s) >= 2; s = s[2:] {
		w += f.widths[int(s[0])<<8+int(s[1])-1]
	}
	return w
}

// Blocks are the elements that say something themselves, in reading order.
func (f *File) Blocks() []*Element {
	var out []*Element
	var walk func(e *Element)
	walk = func(e *Element) {
		if e.Text != "" || e.Alt != "" {
			out = append(out, e)
		}
		for _, k := range e.Kids {
			walk(k)
		}
	}
	walk(f.Document)
	return out
}

// String is the structure with what it says, an element a line.
func (e *Element) String() string {
	var b strings.Builder
	e.write(&b, 0)
	return b.String()
}

func (e *Element) write(b *strings.Builder, depth int) {
	fmt.Fprintf(b, "%s%s", strings.Repeat("  ", depth), e.Role)
	if said := e.Alt + e.Text; said != "" {
		b.WriteString(": " + said)
	}
	b.WriteByte('\n')
	for _, k := range e.Kids {
		k.write(b, depth+1)
	}
}
