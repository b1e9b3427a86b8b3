package speaker

import (
	"errors"
	"fmt"

	"github.com/referent/referent"
)

// Separation is who spoke when in a recording.
type Separation struct {
	// Speakers are "S1", "S2", ... in order of their first turn.
	Speakers []string
	// Turns are in order of start; those of different speakers may overlap.
	Turns []referent.Turn
	// Exclusive are turns of which no two overlap: where several speak, that of whom most stretches hear.
	Exclusive []referent.Turn

	prints  []placed
	longest float64 // turn, in seconds
}

// placed is a voiceprint of a known speaker, in seconds of the recording.
type placed struct {
	speaker    string
	start, end float64
	print
}

// Separate tells the speakers of a recording of so many samples apart. windows are what was heard of its
// voices, in any order; the result depends on nothing else. Where wanted asks for a number of speakers or
// a range, as many are found as the voices allow; otherwise the voices decide. Without any voice there
// is no speaker.
//
// Errors: CodeSpeakers when what was heard cannot be read.
func Separate(windows []referent.VoiceWindow, samples int64, wanted referent.SpeakerCount) (*Separation, error) {
	if wanted.Off {
		return nil, referent.E(referent.CodeInvalid, "speaker: separate voices", errors.New("speakers are not to be told apart"))
	}
	h, err := read(windows, samples)
	if err != nil {
		return nil, err
	}
	groups := speakersOf(h.prints, wanted)
	centroids := make([][]float32, len(groups))
	of := make([]int, len(h.prints))
	for i := range of {
		of[i] = nobody
	}
	for g, members := range groups {
		var prints []print
		for _, m := range members.members {
			of[m] = g
			prints = append(prints, h.prints[m])
		}
		centroids[g] = meanOf(prints, func(p print) float64 { return p.seconds })
	}
	for i, p := range h.prints {
		if of[i] == nobody {
			of[i] = nearest(centroids, p.vector)
		}
	}
	return separation(h, of, centroids), nil
}

// nearest is the speaker whose voice is most like v; nobody when there is none.
func nearest(centroids [][]float32, v []float32) int {
	best := nobody
	var most float64
	for c, mean := range centroids {
		if d := dot(mean, v); best == nobody || d > most {
			best, most = c, d
		}
	}
	return best
}

// separation leads labels to turns and gives the speakers their ids.
func separation(h *hearing, of []int, centroids [][]float32) *Separation {
	s := &Separation{Speakers: []string{}, Turns: []referent.Turn{}, Exclusive: []referent.Turn{}}
	if len(centroids) == 0 {
		// Voices were heard, but none for long enough to know it again: they count as one.
		centroids = [][]float32{nil}
		of = make([]int, len(h.prints))
		for i := range h.prints {
			h.prints[i].mixed = false
		}
	}
	on := active(h, label(h, of, centroids))
	ids := make([]string, len(centroids))
	for _, r := range runs(h, on, len(centroids)) {
		if ids[r.speaker] == "" {
			ids[r.speaker] = fmt.Sprintf("S%d", len(s.Speakers)+1)
			s.Speakers = append(s.Speakers, ids[r.speaker])
		}
		s.Turns = append(s.Turns, h.turn(ids[r.speaker], r))
	}
	for _, r := range exclusive(h, on) {
		s.Exclusive = append(s.Exclusive, h.turn(ids[r.speaker], r))
	}
	for i, p := range h.prints {
		if !p.mixed && ids[of[i]] != "" {
			s.prints = append(s.prints, placed{speaker: ids[of[i]], start: h.at(p.from), end: h.at(p.to), print: p})
		}
	}
	return s
}

// turn is r in seconds, inside the recording.
func (h *hearing) turn(id string, r run) referent.Turn {
	return referent.Turn{Speaker: id, Start: millisecond(h.at(r.from)), End: millisecond(h.at(r.to))}
}
