package eval

import (
	"cmp"
	"maps"
	"slices"
)

// Turn is a stretch in which one speaker speaks. Times are seconds.
type Turn struct {
	Session    string // the recording; empty where there is only one
	Speaker    string
	Start, End float64
}

// Utterance is what one speaker says in one stretch. Times are seconds.
type Utterance struct {
	Session    string
	Speaker    string
	Start, End float64
	Text       string
}

// Word is one word with its place in the recording, in seconds.
type Word struct {
	Session    string
	Channel    string
	Text       string
	Start, End float64
}

// Region is a stretch of a recording, in seconds.
type Region struct {
	Start float64 `json:"start"`
	End   float64 `json:"end"`
}

// Len is the region's length in seconds.
func (r Region) Len() float64 { return r.End - r.Start }

// Sessions splits things by the recording that they belong to.
func Sessions[T Turn | Utterance | Word](all []T) map[string][]T {
	by := map[string][]T{}
	for _, t := range all {
		name := session(t)
		by[name] = append(by[name], t)
	}
	return by
}

func session[T Turn | Utterance | Word](t T) string {
	switch t := any(t).(type) {
	case Turn:
		return t.Session
	case Utterance:
		return t.Session
	case Word:
		return t.Session
	}
	return ""
}

// Spoken is where at least one of the turns is.
func Spoken(turns []Turn) []Region {
	regions := make([]Region, len(turns))
	for i, t := range turns {
		regions[i] = Region{t.Start, t.End}
	}
	return Union(regions)
}

// Union joins regions that touch or overlap and sorts them. Empty ones vanish.
func Union(regions []Region) []Region {
	sorted := slices.DeleteFunc(slices.Clone(regions), func(r Region) bool { return r.End <= r.Start })
	slices.SortFunc(sorted, func(a, b Region) int { return cmp.Compare(a.Start, b.Start) })
	var joined []Region
	for _, r := range sorted {
		if last := len(joined) - 1; last >= 0 && r.Start <= joined[last].End {
			joined[last].End = max(joined[last].End, r.End)
			continue
		}
		joined = append(joined, r)
	}
	return joined
}

// Intersect is what lies in both of two sets of regions.
func Intersect(a, b []Region) []Region {
	a, b = Union(a), Union(b)
	var both []Region
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if start, end := max(a[i].Start, b[j].Start), min(a[i].End, b[j].End); start < end {
			both = append(both, Region{start, end})
		}
		if a[i].End < b[j].End {
			i++
		} else {
			j++
		}
	}
	return both
}

// Without is what of a does not lie in b.
func Without(a, b []Region) []Region {
	var left []Region
	b = Union(b)
	for _, r := range Union(a) {
		for _, hole := range b {
			if hole.End <= r.Start || hole.Start >= r.End {
				continue
			}
			if hole.Start > r.Start {
				left = append(left, Region{r.Start, hole.Start})
			}
			r.Start = hole.End
		}
		if r.Start < r.End {
			left = append(left, r)
		}
	}
	return left
}

// Seconds is how long the regions last together, each moment counted once.
func Seconds(regions []Region) float64 {
	var sum float64
	for _, r := range Union(regions) {
		sum += r.Len()
	}
	return sum
}

// Speakers are the different speakers of the turns, sorted.
func Speakers(turns []Turn) []string {
	names := map[string]bool{}
	for _, t := range turns {
		names[t.Speaker] = true
	}
	return slices.Sorted(maps.Keys(names))
}
