package eval

import (
	"cmp"
	"math"
	"slices"
)

// SpeakerErrors is how wrong an account of who spoke when is, in seconds of speech. Where two people
// speak at once each second counts twice.
type SpeakerErrors struct {
	Missed     float64 `json:"missed"`      // somebody spoke whom nobody was found for
	FalseAlarm float64 `json:"false_alarm"` // somebody was found where nobody (or one fewer) spoke
	Confusion  float64 `json:"confusion"`   // somebody else was found
	Reference  float64 `json:"reference"`   // speech in the reference
}

// Rate is the diarization error rate: all errors over the reference's speech. Against a reference without
// speech it is 0 when nothing was found either, else 1.
func (e SpeakerErrors) Rate() float64 {
	wrong := e.Missed + e.FalseAlarm + e.Confusion
	switch {
	case e.Reference > 0:
		return wrong / e.Reference
	case wrong > 0:
		return 1
	}
	return 0
}

// Add sums the errors, so that a total weighs each recording by its speech.
func (e SpeakerErrors) Add(o SpeakerErrors) SpeakerErrors {
	return SpeakerErrors{e.Missed + o.Missed, e.FalseAlarm + o.FalseAlarm, e.Confusion + o.Confusion, e.Reference + o.Reference}
}

// Collar is the usual one: this many seconds on both sides of each boundary of the reference do not count.
const Collar = 0.25

// Scoring is what of a recording counts.
type Scoring struct {
	// Regions are scored, nothing outside them. None: from the first start to the last end of the reference,
	// as md-eval and meeteval do without a UEM. Speech found before and after is then not seen: name
	// the whole recording where its length is known.
	Regions []Region
	// Collar is how many seconds before and after each start and end in the reference do not count.
	Collar float64
}

func (s Scoring) regions(reference []Turn) []Region {
	if s.Regions != nil || len(reference) == 0 {
		return Union(s.Regions)
	}
	whole := Region{reference[0].Start, reference[0].End}
	for _, t := range reference {
		whole.Start, whole.End = min(whole.Start, t.Start), max(whole.End, t.End)
	}
	return Union([]Region{whole})
}

// DER compares the turns of one recording. Speech that overlaps counts. The speakers of the hypothesis
// are first given to those of the reference as [MapSpeakers] says. The figures are those of md-eval 22,
// which meeteval runs.
func DER(reference, hypothesis []Turn, scoring Scoring) SpeakerErrors {
	regions := scoring.regions(reference)
	mapping := MapSpeakers(reference, hypothesis, regions)
	if scoring.Collar > 0 {
		var collars []Region
		for _, t := range reference {
			collars = append(collars, Region{t.Start - scoring.Collar, t.Start + scoring.Collar}, Region{t.End - scoring.Collar, t.End + scoring.Collar})
		}
		regions = Without(regions, collars)
	}
	return CompareTurns(reference, hypothesis, mapping, regions)
}

// MapSpeakers gives each speaker of the hypothesis at most one of the reference, and each of those at most
// one, so that the time in which both speak is the longest possible within the regions. Pairs that never
// speak together are left out.
func MapSpeakers(reference, hypothesis []Turn, regions []Region) map[string]string {
	theirs, ours := Speakers(reference), Speakers(hypothesis)
	together := make([][]float64, len(theirs))
	for i := range together {
		together[i] = make([]float64, len(ours))
	}
	sweep(reference, hypothesis, regions, func(seconds float64, r, h map[string]int) {
		for i, name := range theirs {
			for j, other := range ours {
				if r[name] > 0 && h[other] > 0 {
					together[i][j] += seconds
				}
			}
		}
	})
	size := max(len(theirs), len(ours))
	cost := make([][]float64, size)
	for i := range cost {
		cost[i] = make([]float64, size)
		for j := range cost[i] {
			if i < len(theirs) && j < len(ours) {
				cost[i][j] = -together[i][j]
			}
		}
	}
	mapping := map[string]string{}
	for i, j := range assign(cost) {
		if i < len(theirs) && j < len(ours) && together[i][j] > 0 {
			mapping[ours[j]] = theirs[i]
		}
	}
	return mapping
}

// CompareTurns counts the errors within the regions when mapping says who of the hypothesis is who of the
// reference. The counts of regions that do not overlap can be added.
func CompareTurns(reference, hypothesis []Turn, mapping map[string]string, regions []Region) (e SpeakerErrors) {
	sweep(reference, hypothesis, regions, func(seconds float64, r, h map[string]int) {
		right := 0
		for name := range h {
			if who, known := mapping[name]; known && r[who] > 0 {
				right++
			}
		}
		e.Reference += seconds * float64(len(r))
		e.Missed += seconds * float64(max(0, len(r)-len(h)))
		e.FalseAlarm += seconds * float64(max(0, len(h)-len(r)))
		e.Confusion += seconds * float64(min(len(r), len(h))-right)
	})
	return e
}

// sweep visits every stretch of the regions in which the same people speak, in order of time. The maps
// hold who speaks in reference and hypothesis, and how many of their turns overlap there.
func sweep(reference, hypothesis []Turn, regions []Region, visit func(seconds float64, reference, hypothesis map[string]int)) {
	type event struct {
		at    float64
		who   map[string]int // nil: the event is a region's
		name  string
		delta int
	}
	theirs, ours := map[string]int{}, map[string]int{}
	var events []event
	add := func(who map[string]int, name string, start, end float64) {
		if start < end {
			events = append(events, event{start, who, name, +1}, event{end, who, name, -1})
		}
	}
	for _, t := range reference {
		add(theirs, t.Speaker, t.Start, t.End)
	}
	for _, t := range hypothesis {
		add(ours, t.Speaker, t.Start, t.End)
	}
	for _, r := range Union(regions) {
		add(nil, "", r.Start, r.End)
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	inside, before := 0, math.Inf(-1)
	for _, e := range events {
		if inside > 0 && e.at > before {
			visit(e.at-before, theirs, ours)
		}
		before = e.at
		if e.who == nil {
			inside += e.delta
			continue
		}
		if e.who[e.name] += e.delta; e.who[e.name] == 0 {
			delete(e.who, e.name)
		}
	}
}
