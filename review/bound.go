package review

import (
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// group is pairings that are taken together.
type group struct {
	pairs []pairing
	stay  []pairing // units that only the minutes have, and that stay although they say something that the others say
}

// bound puts pairings together where one cannot be taken without the other: what they have in common would stand in one
// of them with other words, or twice. That is a statement in several places of one version, or of both; and something
// heard, or written, that has gone from one to another between the versions, as when a theme is divided in two. Each
// group is in the order of the pairings.
func (d *division) bound() []group {
	root := make([]int, len(d.pairs))
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	tie := func(i, k int) {
		x, y := find(i), find(k)
		root[max(x, y)] = min(x, y)
	}
	first := map[string]int{}
	where := map[string]*[2][]int{} // of each trace: the pairings that have it in the minutes, and in the other version
	for side, m := range []*referent.Minutes{d.now, d.from.Minutes} {
		for i, q := range d.pairs {
			u := at(d.a, q.now)
			if side == 1 {
				u = at(d.b, q.other)
			}
			if u == nil {
				continue
			}
			for _, t := range twins(u.only(m)) {
				if k, known := first[t.key()]; known {
					tie(k, i)
				} else {
					first[t.key()] = i
				}
			}
			for trace := range d.traces(u.only(m)) {
				if where[trace] == nil {
					where[trace] = new([2][]int)
				}
				where[trace][side] = append(where[trace][side], i)
			}
		}
	}
	moved := make([]bool, len(d.pairs))
	for _, of := range where {
		gone, come := apart(of[0], of[1])
		if len(gone) > 0 && len(come) > 0 {
			for _, i := range append(gone, come...) {
				tie(gone[0], i)
				moved[i] = true
			}
		}
		for _, i := range come { // nothing is new of which something stands
			for _, k := range of[0] {
				if d.pairs[i].now < 0 && d.b[d.pairs[i].other].list == d.listOf(k) {
					tie(i, k)
				}
			}
		}
	}
	var out []group
	index := map[int]int{}
	for i := range d.pairs {
		r := find(i)
		k, known := index[r]
		if !known {
			k = len(out)
			index[r] = k
			out = append(out, group{})
		}
		// The pairings with the other version come first: is there none in the group, there is nothing to take.
		if g := &out[k]; d.pairs[i].other < 0 && !moved[i] && len(g.pairs) > 0 && g.pairs[0].other >= 0 {
			g.stay = append(g.stay, d.pairs[i])
		} else {
			g.pairs = append(g.pairs, d.pairs[i])
		}
	}
	return out
}

// listOf is what kind of unit a pairing has in the minutes.
func (d *division) listOf(i int) List {
	if u := at(d.a, d.pairs[i].now); u != nil {
		return u.list
	}
	return ""
}

// traces are what a statement is known by when it has other words and another place: what kind it is and each segment
// that it was heard in; the words of what was heard nowhere. A heading within a case is one.
func (d *division) traces(m *referent.Minutes) map[string]bool {
	out := map[string]bool{}
	for _, s := range statements(m) {
		for _, id := range s.evidence {
			out[id], out[string(s.list)+"\x00"+id] = true, true
		}
		if len(s.evidence) == 0 {
			out[string(s.list)+"\x00\x00"+strings.ToLower(strings.Join(strings.Fields(s.text), " "))] = true
		}
	}
	for _, c := range m.Cases {
		if c.Closed != nil {
			for _, id := range c.Closed.Evidence {
				out[id], out[string(Closed)+"\x00"+id] = true, true
			}
		}
	}
	for _, it := range m.Items {
		if d.names != nil && !casePart(it.Heading) && !d.names.starts(it.Heading) {
			out[string(Items)+"\x00\x00"+norsk.Fold(it.Heading)] = true
		}
	}
	return out
}

// apart are what only one of two lists in rising order has.
func apart(a, b []int) (onlyA, onlyB []int) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			onlyA, a = append(onlyA, a[0]), a[1:]
		case a[0] > b[0]:
			onlyB, b = append(onlyB, b[0]), b[1:]
		default:
			a, b = a[1:], b[1:]
		}
	}
	return append(onlyA, a...), append(onlyB, b...)
}

// refuses reports whether a group cannot be taken alone: a unit that stays would say something else than the one that
// comes, or one would go without most of it being told in what comes.
func (d *division) refuses(p part) bool {
	if !p.comes() {
		return false
	}
	was, is := map[string]bool{}, map[string]bool{}
	for _, t := range twins(p.now) {
		was[t.key()] = true
	}
	for _, t := range twins(p.other) {
		is[t.key()] = true
	}
	for _, q := range p.stay {
		for _, t := range twins(d.a[q.now].only(d.now)) {
			if was[t.key()] && !is[t.key()] {
				return true
			}
		}
	}
	come := cited(p.other)
	for _, q := range p.pairs {
		if q.other >= 0 {
			continue
		}
		u, told := d.a[q.now], 0
		heard := cited(u.only(d.now))
		for id := range heard {
			if come[id] {
				told++
			}
		}
		if u.list == Decisions || u.name == "" && u.list == Cases || float64(told) < alikeUnits*float64(len(heard)) {
			return true
		}
	}
	return false
}
