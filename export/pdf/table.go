package pdf

// A table's text, and the room around it in a cell.
const (
	cellSize   = 9.5
	cellHeight = cellSize * 1.25
	cellSide   = 5
	cellTop    = 3
)

// tableRow is a row as it is set; the boxes of a table are its rows.
type tableRow struct {
	*tableBox
	cells []cell
	index int
	last  bool
}

// tableBox is what the rows of a table share.
type tableBox struct {
	widths []float64
	head   []cell
}

type cell struct {
	element *element
	lines   []line
}

// height is how many lines the longest of cells has.
func height(cells []cell) int {
	n := 0
	for _, c := range cells {
		n = max(n, len(c.lines))
	}
	return n
}

func (t Table) boxes(f *flow) []box {
	if len(t.Head) == 0 || len(t.Rows) == 0 {
		return nil
	}
	bold := style{Bold, cellSize, black}
	head := make([][]Run, len(t.Head))
	for j, h := range t.Head {
		head[j] = []Run{{Text: h}}
	}
	widths := t.columns(f, head, bold)
	shared := &tableBox{widths: widths}
	table := f.document.child("Table", "")
	cells := func(row [][]Run, st style, under *element, role, attributes string) []cell {
		out := make([]cell, len(t.Head))
		for j := range out {
			out[j].element = under.child(role, attributes)
			if j < len(row) {
				out[j].lines = f.lines(row[j], st, widths[j]-2*cellSide)
			}
		}
		return out
	}
	shared.head = cells(head, bold, table.child("THead", "").child("TR", ""), "TH", " /A <</O /Table /Scope /Column>>")
	rows := table.child("TBody", "")
	var out []box
	for i, row := range t.Rows {
		out = append(out, &tableRow{tableBox: shared, cells: cells(row, style{Regular, cellSize, black}, rows.child("TR", ""), "TD", ""), index: i, last: i == len(t.Rows)-1})
	}
	return out
}

// columns shares the width out: each column gets what its longest word needs, then as much as the others until
// its longest cell stands on one line.
func (t Table) columns(f *flow, head [][]Run, bold style) []float64 {
	n := len(head)
	least, want := make([]float64, n), make([]float64, n)
	measure := func(row [][]Run, st style) {
		for j, runs := range row[:min(n, len(row))] {
			word, whole := f.measure(runs, st)
			least[j], want[j] = max(least[j], word), max(want[j], whole)
		}
	}
	measure(head, bold)
	for _, row := range t.Rows {
		measure(row, style{Regular, cellSize, black})
	}
	out := make([]float64, n)
	left := float64(textWidth)
	for j := range out {
		out[j] = min(least[j]+0.5, float64(textWidth)/float64(n)-2*cellSide) + 2*cellSide
		want[j] = min(want[j], textWidth) + 2*cellSide + 0.5
		left -= out[j]
	}
	for open := n; open > 0 && left > 0.01; {
		share, before := left/float64(open), left
		open = 0
		for j := range out {
			more := max(0, min(share, want[j]-out[j]))
			out[j] += more
			left -= more
			if want[j]-out[j] > 0.01 {
				open++
			}
		}
		if before-left < 0.01 {
			break
		}
	}
	for j := range out { // all have what they want
		out[j] += max(0, left) / float64(n)
	}
	return out
}

func (r *tableRow) around() (before, after float64) {
	if r.index == 0 {
		before = 4
	}
	if r.last {
		after = 10
	}
	return before, after
}

func (r *tableRow) stays() bool { return false }

// full is the height of so many lines of cells.
func full(n int) float64 { return float64(max(1, n))*cellHeight + 2*cellTop }

func (r *tableRow) least(f *flow) float64 {
	h := full(height(r.cells))
	if whole := f.bottom - f.top - full(height(r.head)); h > whole {
		h = full(3) // it is broken anyway
	}
	if r.index == 0 {
		h += full(height(r.head))
	}
	return min(h, f.bottom-f.top)
}

func (r *tableRow) place(f *flow) {
	switch {
	case r.index == 0:
		r.strip(f, r.head, 0, height(r.head), true, false)
	case f.fresh():
		r.strip(f, r.head, 0, height(r.head), true, true)
	}
	n := max(1, height(r.cells))
	for from := 0; from < n; {
		fit := int((f.bottom - f.y - 2*cellTop + 0.01) / cellHeight)
		if fit < 1 && !f.fresh() && from > 0 {
			f.turn()
			r.strip(f, r.head, 0, height(r.head), true, true)
			fit = int((f.bottom - f.y - 2*cellTop) / cellHeight)
		}
		fit = min(max(1, fit), n-from)
		r.strip(f, r.cells, from, fit, false, false)
		from += fit
	}
}

// strip draws lines of cells with their frame; a head that is drawn again is no part of the document.
func (r *tableRow) strip(f *flow, cells []cell, from, n int, head, again bool) {
	p, h := f.page(), full(n)
	top := pageHeight - f.y
	p.aside(ornament, func(w *pen) {
		if head {
			w.draw("0.933 0.945 0.961 rg " + nums(margin, top-h, textWidth, h) + " re f")
		}
		frame, x := "", float64(margin)
		for _, width := range r.widths {
			frame += nums(x, top-h, width, h) + " re "
			x += width
		}
		w.draw("0.545 0.576 0.631 RG 0.5 w " + frame + "S")
	})
	x := float64(margin)
	for j, c := range cells {
		part := c.lines[min(from, len(c.lines)):min(from+n, len(c.lines))]
		if len(part) > 0 {
			put := func(w *pen) {
				for i, l := range part {
					w.line(l, x+cellSide, top-cellTop-float64(i)*cellHeight-baseline(cellHeight, cellSize))
				}
			}
			if again {
				p.aside(headOfPage, put)
			} else {
				p.piece(c.element, put)
			}
		}
		x += r.widths[j]
	}
	f.y += h
}
