package speakers

import (
	"cmp"
	"slices"

	"github.com/referent/referent"
)

// stub is the shortest piece of a turn, in seconds, that stays behind when a segment is cut out of it: a
// turn's edges and a segment's never fall together exactly.
const stub = 0.25

// giveTurns makes what from's turns hold of [start, end) to's. Where from has no turn there, to gets one,
// if the transcript has turns at all: a person says that to speaks.
func giveTurns(turns []referent.Turn, from, to string, start, end float64) []referent.Turn {
	if len(turns) == 0 || end <= start {
		return turns
	}
	out := make([]referent.Turn, 0, len(turns)+2)
	found := false
	for _, x := range turns {
		a, b := max(x.Start, start), min(x.End, end)
		if x.Speaker != from || a >= b {
			out = append(out, x)
			continue
		}
		found = true
		if a-x.Start >= stub {
			out = append(out, referent.Turn{Speaker: from, Start: x.Start, End: a})
		} else {
			a = x.Start
		}
		if x.End-b >= stub {
			out = append(out, referent.Turn{Speaker: from, Start: b, End: x.End})
		} else {
			b = x.End
		}
		out = append(out, referent.Turn{Speaker: to, Start: a, End: b})
	}
	if !found {
		out = append(out, referent.Turn{Speaker: to, Start: start, End: end})
	}
	return out
}

// joinTurns orders turns by time and makes one of those of a speaker that touch or overlap.
func joinTurns(turns []referent.Turn) []referent.Turn {
	slices.SortFunc(turns, func(a, b referent.Turn) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Speaker, b.Speaker))
	})
	last := map[string]int{} // a speaker's latest turn in out
	out := turns[:0]
	for _, x := range turns {
		if i, ok := last[x.Speaker]; ok && x.Start <= out[i].End {
			out[i].End = max(out[i].End, x.End)
			continue
		}
		last[x.Speaker] = len(out)
		out = append(out, x)
	}
	return out
}
