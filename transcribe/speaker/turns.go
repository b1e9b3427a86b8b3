package speaker

import (
	"cmp"
	"slices"

	"github.com/referent/referent"
)

const (
	// mostAtOnce is how many people are taken to speak at the same time.
	mostAtOnce = 2
	// breath is the longest silence within a turn, in seconds.
	breath = 0.3
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
			said := map16{}
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
		speaking := min((2*v.voices+v.stretches)/(2*v.stretches), mostAtOnce)
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

// map16 is the speakers that a stretch has voted for in a frame.
type map16 struct {
	seen [referent.LocalVoices]int16
	n    int
}

func (m *map16) first(c int16) bool {
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

// runs joins frames to turns in order of their start, bridging breaths. speaking says whether a speaker
// is active in a frame.
func runs(frames, speakers, gap int, speaking func(f int, speaker int16) bool) []run {
	var all []run
	for c := range int16(speakers) {
		current := run{speaker: c, from: -1}
		for f := range frames {
			if !speaking(f, c) {
				continue
			}
			if current.from >= 0 && f-current.to > gap {
				all = append(all, current)
				current.from = -1
			}
			if current.from < 0 {
				current.from = f
			}
			current.to = f + 1
		}
		if current.from >= 0 {
			all = append(all, current)
		}
	}
	slices.SortFunc(all, func(a, b run) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.speaker, b.speaker))
	})
	return all
}
