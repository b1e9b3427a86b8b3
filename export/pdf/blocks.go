package pdf

import "strconv"

// textBox is a paragraph, a heading or an item of a list.
type textBox struct {
	element       *element
	lines         []line
	height        float64 // of a line
	size          float64
	before, after float64
	indent        float64
	mark          line // of an item, in the indent
	markAt        float64
	marked        *element // that the mark belongs to
	title         string   // of a heading
	level         int      // of a heading, in the structure; 0: none
	notice        bool
	rule          bool
}

func (t *textBox) around() (before, after float64) { return t.before, t.after }
func (t *textBox) stays() bool                     { return t.level > 0 }

// padding is the coloured field around a notice.
const padding = 5

func (t *textBox) least(f *flow) float64 {
	n := len(t.lines)
	if n > 3 && t.level == 0 && !t.notice {
		n = 2
	}
	h := float64(n) * t.height
	if t.notice {
		h += 2 * padding
	}
	return min(h, f.bottom-f.top)
}

func (t *textBox) place(f *flow) {
	if t.level > 0 {
		f.contents = append(f.contents, &bookmark{level: t.level, title: short(t.title), page: f.page(), y: pageHeight - f.y + 4})
	}
	pad := 0.0
	if t.notice {
		pad = padding
	}
	rest := t.lines
	for len(rest) > 0 {
		n := int((f.bottom - f.y - 2*pad + 0.01) / t.height)
		if n >= len(rest) {
			n = len(rest)
		} else {
			if len(rest)-n == 1 && n > 2 {
				n-- // a line alone at the top of a page looks lost
			}
			if n < 2 && !f.fresh() {
				f.turn()
				continue
			}
			n = max(1, n)
		}
		t.chunk(f, rest[:n], pad, len(rest) == len(t.lines))
		if rest = rest[n:]; len(rest) > 0 {
			f.turn()
		}
	}
}

// chunk draws lines on the page.
func (t *textBox) chunk(f *flow, part []line, pad float64, first bool) {
	p, height := f.page(), float64(len(part))*t.height+2*pad
	top := pageHeight - f.y
	if t.notice {
		p.aside(ornament, func(w *pen) {
			w.draw("1 0.957 0.863 rg " + nums(margin, top-height, textWidth, height) + " re f 0.541 0.353 0 rg " + nums(margin, top-height, 4.5, height) + " re f")
		})
	}
	if t.rule && first {
		p.aside(ornament, func(w *pen) {
			w.draw("0.545 0.576 0.631 RG 0.5 w " + nums(margin, top+5) + " m " + nums(pageWidth-margin, top+5) + " l S")
		})
	}
	foot := func(i int) float64 { return top - pad - float64(i)*t.height - baseline(t.height, t.size) }
	if first && t.marked != nil {
		p.piece(t.marked, func(w *pen) { w.line(t.mark, margin+t.markAt, foot(0)) })
	}
	p.piece(t.element, func(w *pen) {
		for i, l := range part {
			w.line(l, margin+t.indent, foot(i))
		}
	})
	f.y += height
}

// baseline is how far under its top a line of a height has the feet of its letters.
func baseline(height, size float64) float64 { return (height-(ascent+descent)*size)/2 + ascent*size }

// short is a heading as a list of contents shows it.
func short(s string) string {
	const most = 200
	r := []rune(clean(s))
	if len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return string(r)
}

func (h Heading) boxes(f *flow) []box {
	level := min(max(1, h.Level), 6)
	size := []float64{19, 13.5, 11.5, 10.5, 10.5, 10.5}[level-1]
	t := &textBox{title: h.Text, size: size, height: size * 1.22, before: []float64{0, 17, 11, 9, 9, 9}[level-1], after: []float64{9, 5, 3.5, 3, 3, 3}[level-1]}
	t.lines = f.lines([]Run{{Text: h.Text}}, style{Bold, size, black}, textWidth)
	if len(t.lines) == 0 {
		return nil
	}
	f.level = min(level, f.level+1)
	t.level = f.level
	t.element = f.document.child("H"+strconv.Itoa(f.level), "")
	return []box{t}
}

func (p Paragraph) boxes(f *flow) []box {
	t := &textBox{size: bodySize, after: 6}
	base := style{Regular, bodySize, black}
	width := textWidth
	switch p.Style {
	case Subtitle:
		base.size, base.colour, t.after = 12.5, grey, 8
	case Notice:
		base.face, base.colour, t.after, t.notice, t.indent = Bold, brown, 11, true, 12
		width -= 18
	case Line:
		t.after = 2
	case Fine:
		base.size, base.colour = 9, grey
		if !f.ruled {
			f.ruled, t.before, t.rule = true, 22, true
		}
	}
	t.size = base.size
	t.height = t.size * leading
	t.lines = f.lines(p.Runs, base, width)
	if len(t.lines) == 0 {
		return nil
	}
	t.element = f.document.child("P", "")
	return []box{t}
}

func (l List) boxes(f *flow) []box {
	st := style{Regular, bodySize, black}
	mark, kind, at := func(int) string { return "•" }, "Disc", 5.0
	if l.Ordered {
		mark, kind, at = func(i int) string { return strconv.Itoa(i+1) + "." }, "Decimal", 0
	}
	indent := max(18, f.single(mark(len(l.Items)), st).width+at+4)
	var out []box
	var list *element
	for i, runs := range l.Items {
		t := &textBox{size: bodySize, height: bodySize * leading, after: 3, indent: indent, markAt: at}
		t.lines = f.lines(runs, st, textWidth-indent)
		if len(t.lines) == 0 {
			continue
		}
		if list == nil {
			list = f.document.child("L", " /A <</O /List /ListNumbering /"+kind+">>")
		}
		item := list.child("LI", "")
		t.mark, t.marked = f.single(mark(i), st), item.child("Lbl", "")
		t.element = item.child("LBody", "")
		out = append(out, t)
	}
	if len(out) > 0 {
		out[len(out)-1].(*textBox).after = 7
	}
	return out
}
