package speaker

import (
	"cmp"
	"slices"

	"github.com/referent/referent"
)

const (
	// mostAtOnce is how many people are taken to speak at the same time.
	mostAtOnce = 2
	// breath is the longest silence of a speaker within a turn, in seconds. Turns that bridge longer ones say that
	// somebody speaks who does not: half of an hour's errors were that.
	breath = 0.5
	// thought is the longest silence within an exclusive turn, which says whose words are and not when there are
	// any, in seconds.
	thought = 1.5
)

// votes is what the stretches that cover a frame say of it.
type votes struct {
	stretches int // that cover it
	voices    int // active local voices in all of them
	speakers  [2 * referent.LocalVoices * 2]vote
	n         int
}

type vote struct {
	speaker int16
	count   int
}

func (v *votes) add(speaker int16) {
	for i := range v.speakers[:v.n] {
		if v.speakers[i].speaker == speaker {
			v.speakers[i].count++
			return
		}
	}
	if v.n < len(v.speakers) {
		v.speakers[v.n] = vote{speaker, 1}
		v.n++
	}
}

// active decides who speaks in each frame: as many as the stretches that cover it hear on average, and
// of the speakers those that most of them hear. Among equals it is whoever spoke in the frame before.
// The first of a frame is the one that the exclusive turns are made of.
func active(h *hearing, all []labels) [][mostAtOnce]int16 {
	none := [mostAtOnce]int16{nobody, nobody}
	on := make([][mostAtOnce]int16, h.frames)
	first, before := 0, none
	for f := range on {
		on[f] = none
		for first < len(h.stretches) && h.stretches[first].start+h.perStretch <= f {
			first++
		}
		var v votes
		for i := first; i < len(h.stretches) && h.stretches[i].start <= f; i++ {
			at := f - h.stretches[i].start
			if at >= len(h.stretches[i].active) {
				continue
			}
			v.stretches++
			v.voices += count(h.stretches[i].active[at])
			said := voters{}
			for _, c := range all[i][at] {
				if c != nobody && said.first(c) {
					v.add(c)
				}
			}
		}
		if v.stretches == 0 {
			before = none
			continue
		}
		speaking := min((2*v.voices+v.stretches-1)/(2*v.stretches), mostAtOnce)
		candidates := v.speakers[:v.n]
		weight := func(o vote) int {
			w := 4 * o.count
			if o.speaker == before[0] {
				w += 2
			} else if o.speaker == before[1] {
				w++
			}
			return w
		}
		slices.SortFunc(candidates, func(a, b vote) int {
			return cmp.Or(-cmp.Compare(weight(a), weight(b)), cmp.Compare(a.speaker, b.speaker))
		})
		for i := range min(speaking, v.n) {
			on[f][i] = candidates[i].speaker
		}
		before = on[f]
	}
	return on
}

// voters is the speakers that a stretch has voted for in a frame.
type voters struct {
	seen [referent.LocalVoices]int16
	n    int
}

func (m *voters) first(c int16) bool {
	if slices.Contains(m.seen[:m.n], c) {
		return false
	}
	m.seen[m.n] = c
	m.n++
	return true
}

// run is frames [from, to) in which a speaker is active.
type run struct {
	speaker  int16
	from, to int
}

// runs joins frames to turns, in order of their start.
func runs(h *hearing, on [][mostAtOnce]int16, speakers int) []run {
	gap := h.inFrames(breath)
	var all []run
	open := make([]int, speakers) // each one's latest turn
	for c := range open {
		open[c] = nobody
	}
	for f := range on {
		for _, c := range on[f] {
			if c == nobody {
				continue
			}
			if i := open[c]; i != nobody && f-all[i].to <= gap {
				all[i].to = f + 1
				continue
			}
			open[c] = len(all)
			all = append(all, run{speaker: c, from: f, to: f + 1})
		}
	}
	slices.SortStableFunc(all, func(a, b run) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.speaker, b.speaker))
	})
	return all
}

// exclusive joins the first speakers of the frames to turns, over silence in which nobody speaks.
func exclusive(h *hearing, on [][mostAtOnce]int16) []run {
	quiet := h.inFrames(thought)
	var all []run
	for f, speakers := range on {
		c := speakers[0]
		if c == nobody {
			continue
		}
		if n := len(all); n > 0 && all[n-1].speaker == c && f-all[n-1].to <= quiet {
			all[n-1].to = f + 1
			continue
		}
		all = append(all, run{speaker: c, from: f, to: f + 1})
	}
	return all
}
