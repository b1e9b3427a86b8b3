package speaker

import "github.com/referent/referent"

const nobody = -1

// labels is which speaker each local voice of a stretch is, frame by frame; nobody where it is silent or
// not known.
type labels [][referent.LocalVoices]int16

// reach is over how many seconds around a frame the voiceprints of a local voice are asked whose it is;
// where they are silent, reachFar, and then the whole stretch.
const (
	reach    = 2.0
	reachFar = 8.0
)

// labeller gives the local voices of all stretches their speakers.
type labeller struct {
	h         *hearing
	speakers  int
	centroids [][]float32
	owner     []int16 // for each frame of the recording, whose voiceprint was taken from it
	labels    []labels
}

// label finds the speaker of every local voice. of is the speaker of each print.
func label(h *hearing, of []int, centroids [][]float32) []labels {
	l := &labeller{h: h, speakers: len(centroids), centroids: centroids, owner: make([]int16, h.frames), labels: make([]labels, len(h.stretches))}
	for i := range l.owner {
		l.owner[i] = nobody
	}
	for i, p := range h.prints {
		s := &h.stretches[p.stretch]
		for f := p.from; f < p.to && !p.mixed; f++ {
			if s.alone(p.local, f-s.start) {
				l.owner[f] = int16(of[i])
			}
		}
	}
	mixed := map[[2]int]print{}
	for _, p := range h.prints {
		if p.mixed {
			mixed[[2]int{p.stretch, p.local}] = p
		}
	}
	// First what is known from voiceprints, then what follows from the stretches that have them.
	var rest [][2]int
	for i := range h.stretches {
		l.labels[i] = make(labels, len(h.stretches[i].active))
		for f := range l.labels[i] {
			l.labels[i][f] = [referent.LocalVoices]int16{nobody, nobody, nobody}
		}
		for local := range referent.LocalVoices {
			if l.anywhere(i, local) && !l.byOwner(i, local) {
				rest = append(rest, [2]int{i, local})
			}
		}
	}
	var unknown [][2]int
	for _, at := range rest {
		p, ok := mixed[at]
		if !ok {
			unknown = append(unknown, at)
			continue
		}
		l.whole(at[0], at[1], func(speaker int) float64 { return dot(p.vector, l.centroids[speaker]) })
	}
	spoken := l.spoken()
	for _, at := range unknown {
		l.byOthers(at[0], at[1], spoken)
	}
	return l.labels
}

func (l *labeller) anywhere(i, local int) bool {
	for f := range l.h.stretches[i].active {
		if l.h.stretches[i].speaks(local, f) {
			return true
		}
	}
	return false
}

// byOwner labels a local voice where voiceprints of its own frames, in this stretch or another, are
// near. It says false when there are none in the stretch.
func (l *labeller) byOwner(i, local int) bool {
	s := &l.h.stretches[i]
	n := len(s.active)
	heard := make(map[int16][]int32) // for each speaker, its frames up to each frame
	for f := range n {
		if c := l.owner[s.start+f]; c != nobody && s.alone(local, f) && heard[c] == nil {
			heard[c] = make([]int32, n+1)
		}
	}
	if len(heard) == 0 {
		return false
	}
	for c, sum := range heard {
		for f := range n {
			sum[f+1] = sum[f]
			if l.owner[s.start+f] == c && s.alone(local, f) {
				sum[f+1]++
			}
		}
	}
	near, far := l.h.inFrames(reach/2), l.h.inFrames(reachFar/2)
	for f := range n {
		if !s.speaks(local, f) {
			continue
		}
		best, most := int16(nobody), -1.0
		for c := range int16(l.speakers) {
			sum := heard[c]
			if sum == nil {
				continue
			}
			within := func(r int) float64 { return float64(sum[min(f+r+1, n)] - sum[max(f-r, 0)]) }
			if score := within(near) + 1e-3*within(far) + 1e-6*float64(sum[n]); score > most {
				best, most = c, score
			}
		}
		l.labels[i][f][local] = best
	}
	return true
}

// whole gives all of a local voice to the speaker with the best score, who is not one that speaks at the
// same time as another local voice of the stretch.
func (l *labeller) whole(i, local int, score func(speaker int) float64) {
	s := &l.h.stretches[i]
	taken := make([]float64, l.speakers)
	var frames float64
	for f := range s.active {
		if !s.speaks(local, f) {
			continue
		}
		frames++
		for other, c := range l.labels[i][f] {
			if other != local && c != nobody {
				taken[c]++
			}
		}
	}
	best, most := nobody, 0.0
	for c := range l.speakers {
		if v := score(c) - 2*taken[c]/frames; best == nobody || v > most {
			best, most = c, v
		}
	}
	for f := range s.active {
		if s.speaks(local, f) {
			l.labels[i][f][local] = int16(best)
		}
	}
}

// spoken is who speaks in each frame of the recording as far as is labelled; the later stretch counts.
func (l *labeller) spoken() [][referent.LocalVoices]int16 {
	spoken := make([][referent.LocalVoices]int16, l.h.frames)
	for f := range spoken {
		spoken[f] = [referent.LocalVoices]int16{nobody, nobody, nobody}
	}
	for i, s := range l.h.stretches {
		for f, c := range l.labels[i] {
			if c != [referent.LocalVoices]int16{nobody, nobody, nobody} {
				spoken[s.start+f] = c
			}
		}
	}
	return spoken
}

// byOthers labels a local voice without voiceprint by who speaks at the same time in the stretches beside
// it, and failing that by who speaks nearest to it.
func (l *labeller) byOthers(i, local int, spoken [][referent.LocalVoices]int16) {
	s := &l.h.stretches[i]
	scores := make([]float64, l.speakers)
	var frames float64
	first, last := -1, 0
	for f := range s.active {
		if !s.speaks(local, f) {
			continue
		}
		frames++
		if first < 0 {
			first = s.start + f
		}
		last = s.start + f
		for _, c := range spoken[s.start+f] {
			if c != nobody {
				scores[c]++
			}
		}
	}
	for c := range scores {
		scores[c] /= frames
	}
	seen := make([]bool, l.speakers)
	bit := 1e-3
	for distance := 1; distance < l.h.frames && bit > 1e-4; distance++ {
		for _, f := range []int{first - distance, last + distance} {
			if f < 0 || f >= l.h.frames {
				continue
			}
			for _, c := range spoken[f] {
				if c != nobody && !seen[c] {
					seen[c] = true
					scores[c] += bit
					bit /= 2
				}
			}
		}
	}
	l.whole(i, local, func(speaker int) float64 { return scores[speaker] })
}
