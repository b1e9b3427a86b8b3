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

	left   time.Duration // inTurn's own, and so is
	beside time.Duration // how many of its department's are at it, itself too
}

// inTurn says when each meeting begins and ends when departments share the workers evenly and do their meetings one after
// another, a short one beside the one before it, as the dispatcher has it. A meeting of which nobody knows how long it takes goes
// on for ever to the others: what is said of them is no less than it will be.
func inTurn(lines [][]*stretch) {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i] = slices.Clone(lines[i])
		for _, s := range lines[i] {
			s.left = s.work
		}
	}
	over := func(s *stretch) bool { return s.known && s.reached && s.left <= 0 }
	for now := time.Duration(0); ; {
		lines = slices.DeleteFunc(lines, func(l []*stretch) bool { return len(l) == 0 })
		var at []*stretch
		for _, l := range lines {
			n := 1
			if len(l) > 1 && l[0].known && l[1].known && muchLess(l[1].left, l[0].left) {
				n = 2
			}
			for _, s := range l[:n] {
				if s.beside = time.Duration(n); !s.reached {
					s.begins, s.reached = now, true
				}
				if s.known {
					at = append(at, s)
				}
			}
		}
		if len(at) == 0 {
			return
		}
		passes := at[0].left * at[0].beside // in each department
		for _, s := range at {
			passes = min(passes, s.left*s.beside)
		}
		now += passes * time.Duration(len(lines))
		for _, s := range at {
			if s.left -= passes / s.beside; s.left <= 0 {
				s.ends = now
			}
		}
		for i := range lines {
			lines[i] = slices.DeleteFunc(lines[i], over)
		}
	}
}
