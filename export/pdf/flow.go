package pdf

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The page, in points: A4, with the margins of the DOCX.
const (
	pageWidth  = 595.276
	pageHeight = 841.89
	margin     = 70.87
	edge       = 35.4 // from the page's edge to its head and foot
	textWidth  = pageWidth - 2*margin

	maxLogoWidth, maxLogoHeight = 127.56, 39.69 // 45 by 14 mm

	bodySize = 10.5
	fineSize = 8.5
	leading  = 1.35 // the height of a line, in parts of its size
)

// flow sets blocks after each other on as many pages as they need. Its y is the distance from the page's top.
type flow struct {
	doc      *Document
	fonts    [faces]*subset
	document *element
	pages    []*page
	contents []*bookmark
	level    int               // of the last heading, in the structure
	lack     map[rune]struct{} // characters that no face has
	ruled    bool              // the rule over what is told last is drawn

	y, top, bottom float64
	space          float64 // that the box before wants under it
	brand, name    []line  // at the top of each page
	label          []line  // at the bottom
}

func newFlow(d *Document) (*flow, error) {
	shared, err := typefaces()
	if err != nil {
		return nil, err
	}
	f := &flow{doc: d, document: &element{role: "Document"}, lack: map[rune]struct{}{}, top: margin, bottom: pageHeight - margin}
	for i, t := range shared {
		f.fonts[i] = newSubset(t)
	}
	small := func(s string, width float64) []line {
		l := f.lines([]Run{{Text: s}}, style{Regular, fineSize, grey}, width)
		return l[:min(len(l), 4)] // what is longer stands in full in the document
	}
	f.brand, f.name, f.label = small(d.Brand, textWidth*0.6), small(d.Name, textWidth*0.35), small(d.Label, textWidth-90)
	f.top = max(f.top, edge+float64(max(len(f.brand), len(f.name)))*fineSize*leading+14)
	if d.Logo != nil {
		f.top = max(f.top, edge+d.Logo.height+14)
	}
	f.bottom = min(f.bottom, pageHeight-edge-float64(len(f.label))*fineSize*leading-8)
	f.turn()
	return f, nil
}

// turn begins a page.
func (f *flow) turn() {
	p := &page{}
	f.pages = append(f.pages, p)
	f.y, f.space = f.top, 0
	f.headOf(p)
}

func (f *flow) page() *page { return f.pages[len(f.pages)-1] }

// fresh reports whether nothing stands on the page yet.
func (f *flow) fresh() bool { return f.y <= f.top }

// headOf shows whose document it is and what it is. On the first page the organisation is a part of the document;
// a screen reader does not say it anew on each page.
func (f *flow) headOf(p *page) {
	first := len(f.pages) == 1
	foot := func(i int) float64 { return pageHeight - edge - fineSize - float64(i)*fineSize*leading }
	whose := func(w *pen) {
		if f.doc.Logo != nil {
			w.draw(fmt.Sprintf("q %s 0 0 %s %s cm /Logo Do Q", num(f.doc.Logo.width), num(f.doc.Logo.height), nums(margin, pageHeight-edge-f.doc.Logo.height)))
			return
		}
		for i, l := range f.brand {
			w.line(l, margin, foot(i))
		}
	}
	switch {
	case f.doc.Logo == nil && len(f.brand) == 0:
	case first && f.doc.Logo != nil:
		p.piece(f.document.child("Figure", fmt.Sprintf(" /Alt %s /A <</O /Layout /Placement /Block /BBox [%s]>>", text(clean(f.doc.Brand)),
			nums(margin, pageHeight-edge-f.doc.Logo.height, margin+f.doc.Logo.width, pageHeight-edge))), whose)
	case first:
		p.piece(f.document.child("P", ""), whose)
	default:
		p.aside(headOfPage, whose)
	}
	if len(f.name) > 0 {
		p.aside(headOfPage, func(w *pen) {
			for i, l := range f.name {
				w.line(l, pageWidth-margin-l.width, foot(i))
			}
		})
	}
}

// feet adds the label and the page's number, once it is known how many pages there are.
func (f *flow) feet() {
	for i, p := range f.pages {
		p.aside(footOfPage, func(w *pen) {
			y := edge + float64(max(1, len(f.label))-1)*fineSize*leading
			for j, l := range f.label {
				w.line(l, margin, y-float64(j)*fineSize*leading)
			}
			if f.doc.Page != nil {
				l := f.single(f.doc.Page(i+1, len(f.pages)), style{Regular, fineSize, grey})
				w.line(l, pageWidth-margin-l.width, y)
			}
		})
	}
}

// lost names the characters that are shown as □, in the order of their numbers; "": none.
func (f *flow) lost() string {
	const most = 24
	list := slices.Sorted(maps.Keys(f.lack))
	var names []string
	for _, r := range list[:min(most, len(list))] {
		names = append(names, fmt.Sprintf("U+%04X", r))
	}
	if len(list) > most {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// box is what stands on a page as one, or is broken where it allows it.
type box interface {
	// around is the space before and after it; between two boxes the larger of the two stands.
	around() (before, after float64)
	// least is the height that it needs to begin on a page.
	least(f *flow) float64
	// stays reports whether it must not end a page: what follows belongs to it.
	stays() bool
	// place draws it from f.y on, and leaves f.y under it.
	place(f *flow)
}

// set puts blocks after what is set. No more of them than a page's end asks about are set in lines ahead of
// time: those of a long transcript would fill megabytes.
func (f *flow) set(blocks []Block) {
	var ahead []box
	more := func(n int) bool { // whether there are so many
		for len(ahead) < n && len(blocks) > 0 {
			ahead = append(ahead, blocks[0].boxes(f)...)
			blocks = blocks[1:]
		}
		return len(ahead) >= n
	}
	for ; more(1); ahead = ahead[1:] {
		before, after := ahead[0].around()
		gap := max(before, f.space)
		if f.fresh() {
			gap = 0
		}
		need, last := gap, 0.0
		for i := 0; need <= f.bottom-f.top && more(i+1); i++ {
			above, below := ahead[i].around()
			if i > 0 {
				need += max(above, last)
			}
			need += ahead[i].least(f)
			if last = below; !ahead[i].stays() {
				break
			}
		}
		if need > f.bottom-f.top { // what belongs together fills more than a page
			need = gap + ahead[0].least(f)
		}
		if f.y+need > f.bottom && !f.fresh() {
			f.turn()
			gap = 0
		}
		f.y += gap
		ahead[0].place(f)
		ahead[0] = nil
		f.space = after
	}
}
