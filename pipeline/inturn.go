package pipeline

import (
	"slices"
	"time"
)

// stretch is a meeting's work that is left, and when it is likely to be done.
type stretch struct {
	work         time.Duration // with every worker at it
	begins, ends time.Duration // from now, when known
	known        bool          // what it takes, and then also when it ends
	reached      bool          // when it begins is known
}

// inTurn says when each meeting begins and ends when departments share the workers evenly, as the dispatcher has it, and
// do their meetings one after another. A meeting of which nobody knows how long it takes goes on for ever to the others:
// what is said of them is no less than it will be.
func inTurn(lines [][]*stretch) {
	lines = slices.DeleteFunc(slices.Clone(lines), func(l []*stretch) bool { return len(l) == 0 })
	left := make([]time.Duration, len(lines))
	begin := func(i int, now time.Duration) {
		lines[i][0].begins, lines[i][0].reached = now, true
		left[i] = lines[i][0].work
	}
	for i := range lines {
		begin(i, 0)
	}
	for now := time.Duration(0); ; {
		first, sharing := -1, 0
		for i, l := range lines {
			if len(l) == 0 {
				continue
			}
			sharing++
			if l[0].known && (first < 0 || left[i] < left[first]) {
				first = i
			}
		}
		if first < 0 {
			return
		}
		done := left[first]
		now += done * time.Duration(sharing)
		for i := range lines {
			if len(lines[i]) == 0 || !lines[i][0].known {
				continue
			}
			if left[i] -= done; left[i] > 0 {
				continue
			}
			lines[i][0].ends = now
			if lines[i] = lines[i][1:]; len(lines[i]) > 0 {
				begin(i, now)
			}
		}
	}
}
