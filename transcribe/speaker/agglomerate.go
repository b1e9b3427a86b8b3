package speaker

import (
	"math"
	"slices"

	"github.com/referent/referent"
)

// The model behind joining: a voiceprint is its speaker's own direction plus noise. Both are normal,
// alike in all of the few dimensions that matter. How much likelier two groups of voiceprints come from
// one speaker than from two then has a closed form, in which much speech decides more sharply than little.
const (
	dimensions = 30.0  // that tell speakers apart
	noise      = 0.015 // variance within a speaker, a dimension, of two seconds of speech
	ratio      = 1.2   // variance between speakers over noise
	// weightOfSecond is how many independent voiceprints a second of speech is worth.
	weightOfSecond = 0.5
	// drift bounds what much speech can decide: a person sounds a little different from one part of a
	// meeting to another, which no number of voiceprints averages out.
	drift = 5.0

	// What the segmentation network thought adds to it: two voices of one stretch are two people, one
	// voice is one, more or less surely, for each pair of voiceprints.
	apart    = 3.0
	together = 1.0

	// How much likelier two speakers must be than one, as a logarithm: the longer a recording, the more
	// voiceprints it has that a cough, a laugh or a second voice has spoilt, and that sound like nobody else.
	// It grows with the seconds of speech, up to some minutes of it.
	doubtOfSecond, mostDoubt = 0.05, 10.0
)

// atOnce is the most voiceprints that are compared with each other at once. A longer meeting is joined
// part by part first, where two voiceprints are close in time.
const atOnce = 2000

// group is voiceprints of one speaker, as far as is known.
type group struct {
	members []int // indices of prints, in order
	weight  float64
	seconds float64
	sum     []float32 // of the voiceprints, by weight
}

func single(prints []print, i int) group {
	p := prints[i]
	g := group{members: []int{i}, weight: p.seconds * weightOfSecond, seconds: p.seconds, sum: make([]float32, len(p.vector))}
	add(g.sum, p.vector, g.weight)
	return g
}

func (g group) join(o group) group {
	g.members = append(slices.Clone(g.members), o.members...)
	slices.Sort(g.members)
	g.sum = slices.Clone(g.sum)
	add(g.sum, o.sum, 1)
	g.weight += o.weight
	g.seconds += o.seconds
	return g
}

// speakersOf joins voiceprints to speakers, in order of their first voiceprint. Mixed ones take no part.
func speakersOf(prints []print, wanted referent.SpeakerCount) []group {
	var groups []group
	for i, p := range prints {
		if !p.mixed {
			groups = append(groups, single(prints, i))
		}
	}
	var total float64
	for _, g := range groups {
		total += g.seconds
	}
	doubt := min(doubtOfSecond*total, mostDoubt)
	for len(groups) > atOnce {
		// In each part the best two thirds of the joins are made: those nobody would doubt.
		var joined []group
		for part := range slices.Chunk(groups, atOnce) {
			t := newTree(part, prints)
			t.grow(len(part) / 3)
			joined = append(joined, t.cut(len(t.merges), part)...)
		}
		groups = joined
	}
	if len(groups) == 0 {
		return nil
	}
	t := newTree(groups, prints)
	t.grow(1)
	return t.choose(groups, wanted, doubt)
}

// tree is the order in which groups are joined, best first.
type tree struct {
	alive  []bool
	weight []float64
	dot    [][]float32       // of the sums, two by two
	bonus  []map[int]float64 // what the segmentation network thought of the pairs, where it saw both
	value  []float64         // how likely each group is by itself
	gains  [][]float32       // what joining two groups gains, the bonus included
	best   []int             // each group's best partner
	merges []merge
}

type merge struct {
	into, from int
	gain       float64
}

func newTree(groups []group, prints []print) *tree {
	n := len(groups)
	t := &tree{
		alive: make([]bool, n), weight: make([]float64, n), dot: make([][]float32, n), bonus: make([]map[int]float64, n),
		value: make([]float64, n), gains: make([][]float32, n), best: make([]int, n),
	}
	type voice struct {
		group, local int
		weight       float64
	}
	seen := map[int][]voice{} // by stretch
	for i, g := range groups {
		t.alive[i], t.weight[i], t.bonus[i] = true, g.weight, map[int]float64{}
		t.dot[i], t.gains[i] = make([]float32, n), make([]float32, n)
		for j := range i + 1 {
			d := float32(dot(g.sum, groups[j].sum))
			t.dot[i][j], t.dot[j][i] = d, d
		}
		for _, m := range g.members {
			p := prints[m]
			for _, o := range seen[p.stretch] {
				if o.group == i {
					continue
				}
				b := min(o.weight, p.seconds*weightOfSecond)
				if o.local == p.local {
					b *= together
				} else {
					b *= -apart
				}
				t.bonus[i][o.group] += b
				t.bonus[o.group][i] += b
			}
			seen[p.stretch] = append(seen[p.stretch], voice{i, p.local, p.seconds * weightOfSecond})
		}
	}
	for i := range n {
		t.value[i] = likelihood(sharpness(t.weight[i]), t.scaled(i, i))
	}
	for i := range n {
		t.weigh(i)
	}
	for i := range n {
		t.seek(i)
	}
	return t
}

// sharpness is what so much speech is worth when drift is counted.
func sharpness(weight float64) float64 { return weight / (1 + weight/drift) }

// likelihood is the logarithm of how much likelier voiceprints of so much weight, whose sum has this
// squared length, are from one speaker than each from nobody in particular.
func likelihood(weight, squared float64) float64 {
	return -dimensions/2*math.Log1p(weight*ratio) + ratio*squared/(2*noise*(1+weight*ratio))
}

// scaled is the dot product of two groups' sums when drift is counted.
func (t *tree) scaled(i, j int) float64 {
	return float64(t.dot[i][j]) / ((1 + t.weight[i]/drift) * (1 + t.weight[j]/drift))
}

// gainOf is what joining two groups gains, without the bonus.
func (t *tree) gainOf(i, j int) float64 {
	squared := t.scaled(i, i) + t.scaled(j, j) + 2*t.scaled(i, j)
	return likelihood(sharpness(t.weight[i])+sharpness(t.weight[j]), squared) - t.value[i] - t.value[j]
}

// weigh finds anew what joining i with each other group gains.
func (t *tree) weigh(i int) {
	for j, alive := range t.alive {
		if alive && j != i {
			g := float32(t.gainOf(i, j))
			t.gains[i][j], t.gains[j][i] = g, g
		}
	}
	for j, b := range t.bonus[i] {
		g := t.gains[i][j] + float32(b)
		t.gains[i][j], t.gains[j][i] = g, g
	}
}

// seek finds the best partner of i, the first among equals.
func (t *tree) seek(i int) {
	best := -1
	for j, g := range t.gains[i] {
		if t.alive[j] && j != i && (best < 0 || g > t.gains[i][best]) {
			best = j
		}
	}
	t.best[i] = best
}

// grow joins until so many groups are left.
func (t *tree) grow(left int) {
	for range len(t.alive) - max(left, 1) {
		i := -1
		for k, alive := range t.alive {
			if alive && (i < 0 || t.gains[k][t.best[k]] > t.gains[i][t.best[i]]) {
				i = k
			}
		}
		t.join(min(i, t.best[i]), max(i, t.best[i]))
	}
}

// join puts group j into group i, which is the earlier one.
func (t *tree) join(i, j int) {
	t.merges = append(t.merges, merge{i, j, float64(t.gains[i][j])})
	t.alive[j] = false
	t.weight[i] += t.weight[j]
	own := t.dot[i][i] + t.dot[j][j] + 2*t.dot[i][j]
	for k, alive := range t.alive {
		if alive {
			t.dot[i][k] += t.dot[j][k]
			t.dot[k][i] = t.dot[i][k]
		}
	}
	t.dot[i][i] = own
	for k, b := range t.bonus[j] {
		delete(t.bonus[k], j)
		if k != i {
			t.bonus[i][k] += b
			t.bonus[k][i] += b
		}
	}
	t.dot[j], t.gains[j], t.bonus[j] = nil, nil, nil
	t.value[i] = likelihood(sharpness(t.weight[i]), t.scaled(i, i))
	t.weigh(i)
	t.seek(i)
	for k, alive := range t.alive {
		switch {
		case !alive || k == i:
		case t.best[k] == i || t.best[k] == j:
			t.seek(k)
		case t.gains[k][i] > t.gains[k][t.best[k]]:
			t.best[k] = i
		}
	}
}

// natural is how many joins to make when only the voices decide: all up to the first that loses more
// than the doubt whether there are two speakers.
func (t *tree) natural(doubt float64) int {
	for i, m := range t.merges {
		if m.gain < -doubt {
			return i
		}
	}
	return len(t.merges)
}

// cut gives the groups after so many joins, in order of their first members.
func (t *tree) cut(joins int, groups []group) []group {
	parts := make([]*group, len(groups))
	for i := range groups {
		parts[i] = &groups[i]
	}
	for _, m := range t.merges[:joins] {
		g := parts[m.into].join(*parts[m.from])
		parts[m.into], parts[m.from] = &g, nil
	}
	var left []group
	for _, p := range parts {
		if p != nil {
			left = append(left, *p)
		}
	}
	slices.SortFunc(left, func(a, b group) int { return a.members[0] - b.members[0] })
	return left
}

// choose makes as many joins as the voices say, or as it takes to come nearest to the number wanted,
// and then lets go of the groups that are too small for a speaker.
func (t *tree) choose(groups []group, wanted referent.SpeakerCount, doubt float64) []group {
	least := smallest(groups)
	joins := t.natural(doubt)
	if wanted.Max > 0 {
		speakers := t.counts(groups, least)
		miss := func(joins int) int { return max(wanted.Min-speakers[joins], speakers[joins]-wanted.Max, 0) }
		natural := joins
		for step := range len(speakers) { // outwards from what the voices say
			for _, other := range []int{natural + step, natural - step} {
				if other >= 0 && other < len(speakers) && miss(other) < miss(joins) {
					joins = other
				}
			}
		}
	}
	return large(t.cut(joins, groups), least)
}

// counts is how many speakers there are after 0, 1, ... joins.
func (t *tree) counts(groups []group, least float64) []int {
	seconds := make([]float64, len(groups))
	n := 0
	for i, g := range groups {
		seconds[i] = g.seconds
		if g.seconds >= least {
			n++
		}
	}
	counts := []int{max(n, 1)}
	for _, m := range t.merges {
		for _, i := range []int{m.into, m.from} {
			if seconds[i] >= least {
				n--
			}
		}
		seconds[m.into] += seconds[m.from]
		if seconds[m.into] >= least {
			n++
		}
		counts = append(counts, max(n, 1))
	}
	return counts
}

// How much speech makes a speaker: a share of all that was heard, within bounds. Less is as likely to be
// a cough, a laugh or a half-heard word of somebody else.
const (
	speakerShare                 = 0.0025
	leastSpeaker, enoughOfSpeech = 2.0, 6.0 // seconds
)

func smallest(groups []group) float64 {
	var total float64
	for _, g := range groups {
		total += g.seconds
	}
	return min(max(speakerShare*total, leastSpeaker), enoughOfSpeech)
}

// large leaves out the groups with less speech than least; the one with most always stays.
func large(groups []group, least float64) []group {
	most := 0
	for i, g := range groups {
		if g.seconds > groups[most].seconds {
			most = i
		}
	}
	var kept []group
	for i, g := range groups {
		if i == most || g.seconds >= least {
			kept = append(kept, g)
		}
	}
	return kept
}
