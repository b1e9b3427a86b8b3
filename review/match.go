package review

import (
	"cmp"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// pairing is a unit of the minutes and the same one of another version, as places in their units; -1: there is none.
type pairing struct{ now, other int }

// alikeUnits is the share that two units have in common of the segments of the smaller one when they are the same by
// what was heard, whatever they are called.
const alikeUnits = 0.5

// matched finds which units of two versions are the same: by what they rest on, then by what they are called. Those
// of the other version come in its order, then those that only the minutes have.
func matched(now, other *referent.Minutes, a, b []unit) []pairing {
	type likeness struct {
		i, k   int
		common float64 // of the segments of both
		named  bool
	}
	heardA, heardB := segments(now, a), segments(other, b)
	var all []likeness
	for i := range a {
		for k := range b {
			if (a[i].list == Decisions) != (b[k].list == Decisions) || a[i].list == Cases && (a[i].name == "") != (b[k].name == "") {
				continue
			}
			both := 0
			for id := range heardA[i] {
				if heardB[k][id] {
					both++
				}
			}
			smaller, either := min(len(heardA[i]), len(heardB[k])), len(heardA[i])+len(heardB[k])-both
			named := sameName(a[i], b[k])
			if named || both > 0 && float64(both) >= alikeUnits*float64(smaller) {
				all = append(all, likeness{i, k, float64(both) / float64(max(either, 1)), named})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y likeness) int {
		if c := cmp.Compare(y.common, x.common); c != 0 {
			return c
		}
		if x.named != y.named {
			if x.named {
				return -1
			}
			return 1
		}
		return 0
	})
	ofA, ofB := slices.Repeat([]int{-1}, len(a)), slices.Repeat([]int{-1}, len(b))
	for _, l := range all {
		if ofA[l.i] < 0 && ofB[l.k] < 0 {
			ofA[l.i], ofB[l.k] = l.k, l.i
		}
	}
	var out []pairing
	for k, i := range ofB {
		out = append(out, pairing{i, k})
	}
	for i, k := range ofA {
		if k < 0 {
			out = append(out, pairing{i, -1})
		}
	}
	return out
}

func segments(m *referent.Minutes, us []unit) []map[string]bool {
	out := make([]map[string]bool, len(us))
	for i, u := range us {
		out[i] = cited(u.only(m))
	}
	return out
}

// sameName reports whether two units are called the same. All that was decided needs no name, nor does what belongs
// to no case.
func sameName(a, b unit) bool {
	if a.list == Items {
		return a.name != "" && norsk.Fold(a.name) == norsk.Fold(b.name)
	}
	return caseKey(a.name) == caseKey(b.name)
}

// bound puts pairings together that have a statement in common, in one version or across both: it is one, and would
// stand in one of them with other words, or twice. Each group is in the order of the pairings.
func bound(now, other *referent.Minutes, a, b []unit, pairs []pairing) [][]pairing {
	root := make([]int, len(pairs))
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			i = root[i]
		}
		return i
	}
	first := map[string]int{}
	tie := func(m *referent.Minutes, of func(pairing) *unit) {
		for i, p := range pairs {
			u := of(p)
			if u == nil {
				continue
			}
			for _, t := range twins(u.only(m)) {
				k, known := first[t.key()]
				if !known {
					first[t.key()] = i
					continue
				}
				x, y := find(k), find(i)
				root[max(x, y)] = min(x, y)
			}
		}
	}
	tie(now, func(p pairing) *unit { return at(a, p.now) })
	tie(other, func(p pairing) *unit { return at(b, p.other) })
	var out [][]pairing
	group := map[int]int{}
	for i, p := range pairs {
		r := find(i)
		k, known := group[r]
		if !known {
			k = len(out)
			group[r] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], p)
	}
	return out
}

func at(us []unit, i int) *unit {
	if i < 0 {
		return nil
	}
	return &us[i]
}
