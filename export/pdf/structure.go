package pdf

import (
	"fmt"
	"strings"
)

// element is a place in the structure: a heading, a cell, a list.
type element struct {
	role       string // a standard structure type of ISO 32000-1, 14.8.4
	attributes string // entries of the dictionary beside those that each element has
	kids       []kid
	ref        ref
}

// kid is an element, or a piece of a page.
type kid struct {
	element *element
	page    *page
	mark    int
}

// child adds an element at the end.
func (e *element) child(role, attributes string) *element {
	c := &element{role: role, attributes: attributes}
	e.kids = append(e.kids, kid{element: c})
	return c
}

// promise gives an element and all under it their numbers.
func (e *element) promise(o *objects) {
	e.ref = o.promise()
	for _, k := range e.kids {
		if k.element != nil {
			k.element.promise(o)
		}
	}
}

func (e *element) put(o *objects, parent ref) {
	var kids strings.Builder
	for _, k := range e.kids {
		if k.element != nil {
			k.element.put(o, e.ref)
			kids.WriteString(k.element.ref.String() + " ")
		} else {
			fmt.Fprintf(&kids, "<</Type /MCR /Pg %s /MCID %d>> ", k.page.ref, k.mark)
		}
	}
	o.put(e.ref, fmt.Sprintf("<</Type /StructElem /S /%s /P %s%s /K [%s]>>", e.role, parent, e.attributes, strings.TrimSpace(kids.String())))
}

// structure writes the elements with the way back from each page, and gives the number of their root.
func structure(o *objects, document *element, pages []*page) ref {
	root := o.promise()
	document.promise(o)
	document.put(o, root)
	var back strings.Builder
	for i, p := range pages {
		fmt.Fprintf(&back, "%d [", i)
		for _, e := range p.marks {
			back.WriteString(e.ref.String() + " ")
		}
		back.WriteString("] ")
	}
	o.put(root, fmt.Sprintf("<</Type /StructTreeRoot /K [%s] /ParentTree %s /ParentTreeNextKey %d>>", document.ref, o.add("<</Nums ["+back.String()+"]>>"), len(pages)))
	return root
}

// page is a page as it is drawn.
type page struct {
	ref   ref
	body  strings.Builder
	marks []*element // of each piece of the page, the element that it belongs to
}

// piece draws what belongs to an element.
func (p *page) piece(e *element, f func(*pen)) {
	w := &pen{page: p, element: e}
	f(w)
	w.end()
}

// Kinds of what is on a page and no part of the document.
const (
	ornament   = "/Artifact <</Type /Layout>> BDC\n"
	headOfPage = "/Artifact <</Type /Pagination /Attached [/Top] /Subtype /Header>> BDC\n"
	footOfPage = "/Artifact <</Type /Pagination /Attached [/Bottom] /Subtype /Footer>> BDC\n"
)

// aside draws what a screen reader passes over.
func (p *page) aside(kind string, f func(*pen)) {
	p.body.WriteString(kind)
	f(&pen{page: p})
	p.body.WriteString("EMC\n")
}

// bookmark is a heading in the list of contents that readers show.
type bookmark struct {
	level int
	title string
	page  *page
	y     float64
	ref   ref
	kids  []*bookmark
}

// bookmarks nests headings by their levels; the first, the title, stays beside the others.
func bookmarks(flat []*bookmark) []*bookmark {
	top := &bookmark{}
	open := []*bookmark{top}
	for i, b := range flat {
		for len(open) > 1 && open[len(open)-1].level >= b.level {
			open = open[:len(open)-1]
		}
		parent := open[len(open)-1]
		parent.kids = append(parent.kids, b)
		if i > 0 {
			open = append(open, b)
		}
	}
	return top.kids
}

// putBookmarks writes the bookmarks under a parent and gives its entries for them; "" where there are none.
func putBookmarks(o *objects, list []*bookmark, parent ref) string {
	if len(list) == 0 {
		return ""
	}
	for _, b := range list {
		b.ref = o.promise()
	}
	for i, b := range list {
		beside := ""
		if i > 0 {
			beside += " /Prev " + list[i-1].ref.String()
		}
		if i+1 < len(list) {
			beside += " /Next " + list[i+1].ref.String()
		}
		o.put(b.ref, fmt.Sprintf("<</Title %s /Parent %s%s%s /Dest [%s /XYZ 0 %s null]>>", text(b.title), parent, beside, putBookmarks(o, b.kids, b.ref), b.page.ref, num(b.y)))
	}
	return fmt.Sprintf(" /First %s /Last %s /Count %d", list[0].ref, list[len(list)-1].ref, count(list))
}

// count is how many bookmarks an open list shows.
func count(list []*bookmark) int {
	n := len(list)
	for _, b := range list {
		n += count(b.kids)
	}
	return n
}
