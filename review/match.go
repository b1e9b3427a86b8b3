package review

import (
	"cmp"
	"slices"

	"github.com/referent/referent"
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
	heard := map[string][]int{}
	for k := range b {
		for id := range heardB[k] {
			heard[id] = append(heard[id], k)
		}
	}
	var all []likeness
	both := make([]int, len(b))
	for i := range a {
		clear(both)
		for id := range heardA[i] {
			for _, k := range heard[id] {
				both[k]++
			}
		}
		for k := range b {
			if (a[i].list == Decisions) != (b[k].list == Decisions) || a[i].list == Cases && (a[i].name == "") != (b[k].name == "") {
				continue
			}
			smaller, either := min(len(heardA[i]), len(heardB[k])), len(heardA[i])+len(heardB[k])-both[k]
			named := sameName(a[i], b[k])
			if named || both[k] > 0 && float64(both[k]) >= alikeUnits*float64(smaller) {
				all = append(all, likeness{i, k, float64(both[k]) / float64(max(either, 1)), named})
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
func sameName(a, b unit) bool { return a.key == b.key && (a.list != Items || a.key != "") }

func at(us []unit, i int) *unit {
	if i < 0 {
		return nil
	}
	return &us[i]
}
