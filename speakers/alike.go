package speakers

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"github.com/referent/referent"
)

// fewest is how many segments of each of two voices must have a print for them to be told apart.
const fewest = 2

// apart is by how much two segments of one voice must sound more alike (cosine, on average) than two of
// different voices, for them to count as different. With CAM++ on pieces of 1.2 to 5 s of single voices
// from the AMI meetings, audiobooks and two test dialogues, the best division of one voice's 4 to 20
// pieces came to 0.10 on average and 0.20 at most, that of two voices to 0.24 and more in 95 of 100.
const apart = 0.2

// Split parts a speaker who is two people: the segments are divided by how they sound, and the part with
// less speech becomes a new speaker, whose id is returned. Segments too short to have a voiceprint
// follow the nearest that has one. CodeNotFound: there is no such speaker. CodeVoicesGone: how they
// sound is not known any more. CodeOneVoice: there are too few segments, or they sound like one person.
func Split(t *referent.Transcript, v *referent.Voices, id string) (edited *referent.Transcript, newID string, err error) {
	const op = "speakers: split speaker"
	if index(t, id) < 0 {
		return nil, "", unknown(op)
	}
	if v == nil {
		return nil, "", gone(op)
	}
	prints := printsOf(t, v, id)
	if len(prints) < 2*fewest {
		return nil, "", oneVoice(op, "too few segments are long enough to compare")
	}
	second := divide(prints)
	if worth(prints, second) < apart {
		return nil, "", oneVoice(op, "the segments sound like one person")
	}
	var parts [2][]int
	var speech [2]float64
	for i, s := range t.Segments {
		if s.Speaker != id {
			continue
		}
		part := 0
		if second[nearest(prints, t, i)] {
			part = 1
		}
		parts[part] = append(parts[part], i)
		speech[part] += s.End - s.Start
	}
	smaller := 1
	if speech[0] < speech[1] {
		smaller = 0
	}
	return give(t, parts[smaller], New, op)
}

// ReassignAlike gives a segment to another speaker, or to New, and with it all segments of its present
// speaker that sound more like it than like the rest. moved are their ids in order, the segment's own
// among them; nothing is changed but in the transcript that is returned, so that a person can look at
// moved first. Where the present speaker sounds like one person only the segment itself moves.
// Errors are those of Reassign, and CodeVoicesGone.
func ReassignAlike(t *referent.Transcript, v *referent.Voices, segment, to string) (edited *referent.Transcript, id string, moved []string, err error) {
	const op = "speakers: reassign segments"
	at := slices.IndexFunc(t.Segments, func(s referent.Segment) bool { return s.ID == segment })
	if at < 0 {
		return nil, "", nil, referent.E(referent.CodeNotFound, op, errors.New("no such segment"))
	}
	if v == nil {
		return nil, "", nil, gone(op)
	}
	all := []int{at}
	prints := printsOf(t, v, t.Segments[at].Speaker)
	seed := slices.IndexFunc(prints, func(p voiceprint) bool { return p.segment == at })
	if seed >= 0 {
		like := around(prints, seed)
		if difference(prints, like) >= apart {
			for i, p := range prints {
				if like[i] && i != seed {
					all = append(all, p.segment)
				}
			}
		}
	}
	slices.Sort(all)
	for _, i := range all {
		moved = append(moved, t.Segments[i].ID)
	}
	edited, id, err = give(t, all, to, op)
	if err != nil {
		return nil, "", nil, err
	}
	return edited, id, moved, nil
}

func gone(op string) error {
	return referent.E(referent.CodeVoicesGone, op, nil).WithHint("how voices sound is deleted with the audio; reassign segments one by one")
}

func oneVoice(op, why string) error { return referent.E(referent.CodeOneVoice, op, errors.New(why)) }

// voiceprint is how a segment sounds.
type voiceprint struct {
	segment int       // index in the transcript
	x       []float64 // unit length
}

// printsOf reads the voiceprints of a speaker's segments, in the order of the transcript. Vectors that
// are none, or of another length than the first, are left out.
func printsOf(t *referent.Transcript, v *referent.Voices, speaker string) []voiceprint {
	byID := make(map[string][]byte, len(v.Segments))
	for _, s := range v.Segments {
		byID[s.Segment] = s.Vector
	}
	var out []voiceprint
	for i, s := range t.Segments {
		if s.Speaker != speaker {
			continue
		}
		x := vector(byID[s.ID])
		if x != nil && (len(out) == 0 || len(x) == len(out[0].x)) {
			out = append(out, voiceprint{i, x})
		}
	}
	return out
}

// vector reads little-endian float32 and makes their length 1; nil when they have none.
func vector(b []byte) []float64 {
	if len(b) == 0 || len(b)%4 != 0 {
		return nil
	}
	x := make([]float64, len(b)/4)
	for i := range x {
		x[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
	}
	norm := math.Sqrt(dot(x, x))
	if norm == 0 || math.IsNaN(norm) || math.IsInf(norm, 0) {
		return nil
	}
	for i := range x {
		x[i] /= norm
	}
	return x
}

func dot(a, b []float64) float64 {
	var sum float64
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func addTo(sum, x []float64, times float64) {
	for i := range sum {
		sum[i] += times * x[i]
	}
}

func count(part []bool) int {
	n := 0
	for _, in := range part {
		if in {
			n++
		}
	}
	return n
}

// divide finds two parts by how the prints sound. It tries two beginnings, the direction in which the
// prints differ most and the two that are least alike, lets each print go where the others are more like
// it, and takes what tells the parts apart best.
func divide(prints []voiceprint) []bool {
	direction, mean := spread(prints), meanOf(prints)
	byDirection, byPair := make([]bool, len(prints)), make([]bool, len(prints))
	one := least(prints, mean)
	other := least(prints, prints[one].x)
	for i, p := range prints {
		byDirection[i] = dot(p.x, direction) > dot(mean, direction)
		byPair[i] = dot(p.x, prints[one].x) > dot(p.x, prints[other].x)
	}
	refine(prints, byDirection, -1)
	refine(prints, byPair, -1)
	if worth(prints, byPair) > worth(prints, byDirection) {
		return byPair
	}
	return byDirection
}

// worth is the difference of two parts that are large enough to be voices, else less than any.
func worth(prints []voiceprint, part []bool) float64 {
	if n := count(part); n < fewest || len(prints)-n < fewest {
		return -1
	}
	return difference(prints, part)
}

// least is the print that is least like x.
func least(prints []voiceprint, x []float64) int {
	at := 0
	for i, p := range prints {
		if dot(p.x, x) < dot(prints[at].x, x) {
			at = i
		}
	}
	return at
}

// around finds the prints that are like the seed rather than like the rest.
func around(prints []voiceprint, seed int) []bool {
	part := make([]bool, len(prints))
	part[seed] = true
	if len(prints) <= fewest {
		return part // nothing to compare the others with
	}
	rest := make([]float64, len(prints[0].x))
	for i, p := range prints {
		if i != seed {
			addTo(rest, p.x, 1)
		}
	}
	others := float64(len(prints) - 2) // without the seed and the print itself
	for i, p := range prints {
		if i != seed {
			part[i] = dot(p.x, prints[seed].x) > (dot(p.x, rest)-1)/others
		}
	}
	refine(prints, part, seed)
	return part
}

// refine moves prints between the parts until each is more like its own than like the other, on average
// over their members without itself: means of pairs, since the cosine to a centroid grows with the
// number of prints it is made of. The pinned print stays; -1: none.
func refine(prints []voiceprint, part []bool, pinned int) {
	const rounds = 25
	for range rounds {
		sum, n := sums(prints, part)
		changed := false
		for i, p := range prints {
			if i == pinned {
				continue
			}
			in, out := side(part[i]), side(!part[i])
			if n[in] < 2 || n[out] == 0 {
				continue // alone in its part, or no other part
			}
			own := (dot(p.x, sum[in]) - 1) / (n[in] - 1)
			if other := dot(p.x, sum[out]) / n[out]; other > own {
				part[i] = !part[i]
				addTo(sum[in], p.x, -1)
				addTo(sum[out], p.x, 1)
				n[in]--
				n[out]++
				changed = true
			}
		}
		if !changed {
			return
		}
	}
}

func side(second bool) int {
	if second {
		return 1
	}
	return 0
}

func sums(prints []voiceprint, part []bool) (sum [2][]float64, n [2]float64) {
	for k := range sum {
		sum[k] = make([]float64, len(prints[0].x))
	}
	for i, p := range prints {
		k := side(part[i])
		addTo(sum[k], p.x, 1)
		n[k]++
	}
	return sum, n
}

// difference is by how much pairs within the parts are more alike than pairs across them. It is 0 where
// there is nothing to compare.
func difference(prints []voiceprint, part []bool) float64 {
	sum, n := sums(prints, part)
	if n[0] == 0 || n[1] == 0 {
		return 0
	}
	var within, pairs float64
	for k := range sum {
		within += dot(sum[k], sum[k]) - n[k] // every pair twice, without each with itself
		pairs += n[k] * (n[k] - 1)
	}
	if pairs == 0 {
		return 0
	}
	return within/pairs - dot(sum[0], sum[1])/(n[0]*n[1])
}

func meanOf(prints []voiceprint) []float64 {
	mean := make([]float64, len(prints[0].x))
	for _, p := range prints {
		addTo(mean, p.x, 1/float64(len(prints)))
	}
	return mean
}

// spread is the direction in which the prints differ most, by power iteration.
func spread(prints []voiceprint) []float64 {
	const rounds = 60
	mean := meanOf(prints)
	d := slices.Clone(prints[least(prints, mean)].x)
	addTo(d, mean, -1)
	for range rounds {
		next := make([]float64, len(d))
		along := dot(mean, d)
		for _, p := range prints {
			w := dot(p.x, d) - along
			addTo(next, p.x, w)
			addTo(next, mean, -w)
		}
		norm := math.Sqrt(dot(next, next))
		if norm < 1e-12 {
			return d // they are all the same
		}
		for i := range next {
			next[i] /= norm
		}
		d = next
	}
	return d
}

// nearest is the print of the segment, else that of the segment closest in time.
func nearest(prints []voiceprint, t *referent.Transcript, segment int) int {
	at, ok := slices.BinarySearchFunc(prints, segment, func(p voiceprint, i int) int { return p.segment - i })
	if ok {
		return at
	}
	gap := func(i int) float64 {
		a, b := t.Segments[prints[i].segment], t.Segments[segment]
		return max(a.Start-b.End, b.Start-a.End)
	}
	switch {
	case at == 0:
		return 0
	case at == len(prints):
		return at - 1
	case gap(at) < gap(at-1):
		return at
	}
	return at - 1
}
