package speaker

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/referent/referent"
)

// How words get their speakers. All are seconds of speech, as that is what a word has for or against a
// speaker.
const (
	blur = 0.1 // how far on both sides of a word its times may be wrong
	// What another speaker costs from one word to the next: inside a sentence, after its end, and after a
	// pause. A change must be worth it, so a word whose times are uncertain stays with its neighbours.
	changeWithin, changeAfter, changePause = 0.35, 0.1, 0.05
	pause                                  = 0.6
	// A word further than this from any turn is as likely anybody's.
	farthest = 5.0
	// atTheSameTime is the least time in which two must speak at once to be named beside each other.
	atTheSameTime = 0.3
)

// Assign gives every word of segments, which are in order of time, to a speaker of s, and parts segments
// where the speaker changes. Words, their order and their text stay as they are. Segments have no ids yet.
// Without any speaker the segments come back as they are.
func (s *Separation) Assign(segments []referent.Segment) []referent.Segment {
	if len(s.Speakers) == 0 {
		return slices.Clone(segments)
	}
	speakers := s.decode(items(segments))
	var parted []referent.Segment
	next := 0
	for _, segment := range segments {
		n := max(len(segment.Words), 1)
		for _, part := range split(segment, speakers[next:next+n]) {
			part.Others = s.others(part)
			parted = append(parted, part)
		}
		next += n
	}
	return parted
}

// item is a word, or a segment without words.
type item struct {
	start, end float64
	change     float64 // what another speaker than the item before costs
}

func items(segments []referent.Segment) []item {
	var all []item
	place := func(start, end, cost float64) {
		if n := len(all); n > 0 && start-all[n-1].end > pause {
			cost = min(cost, changePause)
		}
		all = append(all, item{start, max(start, end), cost})
	}
	for _, segment := range segments {
		// Segments end where sentences do, as a rule.
		cost := changeAfter
		if len(segment.Words) == 0 {
			place(segment.Start, segment.End, cost)
		}
		for _, w := range segment.Words {
			place(w.Start, w.End, cost)
			cost = changeWithin
			if endsSentence(w.Text) {
				cost = changeAfter
			}
		}
	}
	return all
}

func endsSentence(word string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(word, "»\")"))
	return last == '.' || last == '?' || last == '!' || last == '…'
}

// decode finds the speakers of all items that together fit best.
func (s *Separation) decode(all []item) []string {
	n := len(s.Speakers)
	index := make(map[string]int, n)
	for i, id := range s.Speakers {
		index[id] = i
	}
	score, next := make([]float64, n), make([]float64, n)
	from := make([][]int16, len(all))
	first := 0 // of the exclusive turns that may matter
	for i, it := range all {
		for first < len(s.Exclusive) && s.Exclusive[first].End < it.start-farthest {
			first++
		}
		best := 0
		for k := range score {
			if score[k] > score[best] {
				best = k
			}
		}
		from[i] = make([]int16, n)
		fit := s.fit(it, first, index)
		for k := range n {
			from[i][k] = int16(k)
			next[k] = score[k]
			if changed := score[best] - it.change; i > 0 && changed > next[k] {
				next[k], from[i][k] = changed, int16(best)
			}
			next[k] += fit[k]
		}
		score, next = next, score
	}
	at := 0
	for k := range score {
		if score[k] > score[at] {
			at = k
		}
	}
	speakers := make([]string, len(all))
	for i := len(all) - 1; i >= 0; i-- {
		speakers[i] = s.Speakers[at]
		at = int(from[i][at])
	}
	return speakers
}

// fit is how much of an item each speaker has, in seconds; where nobody speaks the nearest turn counts
// for a little.
func (s *Separation) fit(it item, first int, index map[string]int) []float64 {
	fit := make([]float64, len(s.Speakers))
	closest, who := farthest, nobody
	for _, t := range s.Exclusive[first:] {
		if t.Start > it.end+farthest {
			break
		}
		if both := min(t.End, it.end+blur) - max(t.Start, it.start-blur); both > 0 {
			fit[index[t.Speaker]] += both
		}
		if d := max(t.Start-it.end, it.start-t.End, 0); d < closest {
			closest, who = d, index[t.Speaker]
		}
	}
	if who != nobody && slices.Max(fit) == 0 {
		fit[who] = blur * (1 - closest/farthest)
	}
	return fit
}

// split parts a segment where the speakers of its words change.
func split(segment referent.Segment, speakers []string) []referent.Segment {
	var parts []referent.Segment
	from := 0
	for i := 1; i <= len(speakers); i++ {
		if i < len(speakers) && speakers[i] == speakers[from] {
			continue
		}
		part := segment
		part.Speaker = speakers[from]
		if i-from < len(speakers) {
			part.Words = segment.Words[from:i:i]
			part.Start, part.End = part.Words[0].Start, part.Words[i-from-1].End
			texts := make([]string, len(part.Words))
			for j, w := range part.Words {
				texts[j] = w.Text
			}
			part.Text = strings.Join(texts, " ")
			part.Quality.Reasons = slices.Clone(segment.Quality.Reasons)
		}
		parts = append(parts, part)
		from = i
	}
	return parts
}

// others are those who speak at the same time as the segment's speaker, during the segment, in order of
// their ids' first appearance.
func (s *Separation) others(segment referent.Segment) []string {
	shared := map[string]float64{}
	during := s.during(segment.Start, segment.End)
	for _, own := range during {
		if own.Speaker != segment.Speaker {
			continue
		}
		for _, t := range during {
			if t.Speaker != segment.Speaker {
				shared[t.Speaker] += max(0, min(t.End, own.End)-max(t.Start, own.Start))
			}
		}
	}
	var others []string
	for _, id := range s.Speakers {
		if shared[id] >= atTheSameTime {
			others = append(others, id)
		}
	}
	return others
}

// during gives the turns inside [start, end), cut to it.
func (s *Separation) during(start, end float64) []referent.Turn {
	var inside []referent.Turn
	for _, t := range s.Turns[s.before(start):] {
		if t.Start >= end {
			break
		}
		if t.End > start {
			inside = append(inside, referent.Turn{Speaker: t.Speaker, Start: max(t.Start, start), End: min(t.End, end)})
		}
	}
	return inside
}

// Voices are the mean voiceprints of segments, which have their ids: from what their speaker says in
// them. Segments with too little speech for one are left out.
func (s *Separation) Voices(segments []referent.Segment) *referent.Voices {
	voices := &referent.Voices{Segments: []referent.SegmentVoice{}}
	first := 0
	for _, segment := range segments {
		for first < len(s.prints) && s.prints[first].end < segment.Start-referent.VoiceSeconds {
			first++
		}
		var prints []print
		var shares []float64
		for _, p := range s.prints[first:] {
			if p.start >= segment.End+referent.VoiceSeconds {
				break
			}
			if both := min(p.end, segment.End) - max(p.start, segment.Start); both > 0 && p.speaker == segment.Speaker {
				prints, shares = append(prints, p.print), append(shares, both)
			}
		}
		next := 0
		if mean := meanOf(prints, func(print) float64 { next++; return shares[next-1] }); mean != nil {
			voices.Segments = append(voices.Segments, referent.SegmentVoice{Segment: segment.ID, Vector: bytesOf(mean)})
		}
	}
	return voices
}

// millisecond rounds seconds as the domain writes them.
func millisecond(seconds float64) float64 { return math.Round(seconds*1000) / 1000 }

// before is the index of a turn before which none reaches to second start: a turn lasts at most as long
// as the longest of all.
func (s *Separation) before(start float64) int {
	if s.longest == 0 {
		for _, t := range s.Turns {
			s.longest = max(s.longest, t.End-t.Start)
		}
	}
	i, _ := slices.BinarySearchFunc(s.Turns, start-s.longest, func(t referent.Turn, at float64) int {
		if t.Start < at {
			return -1
		}
		return 1
	})
	return i
}
