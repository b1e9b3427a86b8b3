package transcribe

import (
	"math"
	"slices"

	"github.com/referent/referent"
)

// Quality says how much of a plan's speech became text that can be trusted: segments and gaps are the
// whole transcript's, in any order. Stretches that are heard on several channels count once.
func Quality(plan *referent.Plan, segments []referent.Segment, gaps []referent.Gap) referent.QualitySummary {
	q := referent.QualitySummary{}
	reasons := map[string]float64{}
	var text []stretch
	for _, s := range segments {
		text = append(text, stretch{s.Start, s.End})
		if s.Quality.OK {
			continue
		}
		n := max(s.End-s.Start, 0)
		q.Doubtful += n
		for _, r := range s.Quality.Reasons {
			reasons[r] += n
		}
	}
	for _, g := range gaps {
		n := max(g.End-g.Start, 0)
		q.Gaps += n
		reasons[g.Reason] += n
	}
	if plan != nil {
		var speech []stretch
		for _, c := range plan.Chunks {
			for _, w := range c.Windows {
				for _, s := range w.Spans {
					speech = append(speech, stretch{seconds(s.Start), seconds(s.End)})
				}
			}
		}
		speech = union(speech)
		q.Speech, q.Covered = length(speech), length(common(speech, union(text)))
	}
	q.Speech, q.Covered, q.Doubtful, q.Gaps = millis(q.Speech), millis(q.Covered), millis(q.Doubtful), millis(q.Gaps)
	for r, n := range reasons {
		reasons[r] = millis(n)
	}
	if len(reasons) > 0 {
		q.Reasons = reasons
	}
	return q
}

// stretch is a part of the recording in seconds.
type stretch struct{ start, end float64 }

// union is the same time as stretches that are in order and disjoint.
func union(all []stretch) []stretch {
	slices.SortFunc(all, func(a, b stretch) int {
		switch {
		case a.start < b.start:
			return -1
		case a.start > b.start:
			return 1
		}
		return 0
	})
	var joined []stretch
	for _, s := range all {
		if n := len(joined); n > 0 && s.start <= joined[n-1].end {
			joined[n-1].end = max(joined[n-1].end, s.end)
		} else if s.end > s.start {
			joined = append(joined, s)
		}
	}
	return joined
}

// common is the time that lies in both; each is in order and disjoint.
func common(a, b []stretch) []stretch {
	var both []stretch
	for len(a) > 0 && len(b) > 0 {
		if s := (stretch{max(a[0].start, b[0].start), min(a[0].end, b[0].end)}); s.start < s.end {
			both = append(both, s)
		}
		if a[0].end < b[0].end {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return both
}

func length(all []stretch) float64 {
	sum := 0.0
	for _, s := range all {
		sum += s.end - s.start
	}
	return sum
}

func millis(s float64) float64 { return math.Round(s*1000) / 1000 }
