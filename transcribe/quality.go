package transcribe

import (
	"math"
	"slices"
	"sort"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/window"
)

// padding is what detected speech has around it that nobody speaks in: text counts as reaching so far.
var padding = float64(window.Default.Pad) / referent.SampleRate

// Quality says how much of a plan's speech became text that can be trusted: segments and gaps are the
// whole transcript's, in any order. Stretches that are heard on several channels count once.
func Quality(plan *referent.Plan, segments []referent.Segment, gaps []referent.Gap) referent.QualitySummary {
	q := referent.QualitySummary{}
	reasons := map[string]float64{}
	var text, speech stretches
	for _, s := range segments {
		text = append(text, stretch{s.Start - padding, s.End + padding})
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
		for _, c := range plan.Chunks {
			for _, w := range c.Windows {
				for _, s := range w.Spans {
					speech = append(speech, stretch{seconds(s.Start), seconds(s.End)})
				}
			}
		}
		speech = speech.joined()
		q.Speech, q.Covered = speech.common(speech), speech.common(text.joined())
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

// stretches are parts of the recording.
type stretches []stretch

type stretch struct{ start, end float64 } // seconds

// joined is the same time in order and disjoint.
func (s stretches) joined() (all stretches) {
	s = slices.Clone(s)
	sort.Slice(s, func(i, j int) bool { return s[i].start < s[j].start })
	for _, x := range s {
		if n := len(all); n > 0 && x.start <= all[n-1].end {
			all[n-1].end = max(all[n-1].end, x.end)
		} else if x.end > x.start {
			all = append(all, x)
		}
	}
	return all
}

// common is how long both are, each in order and disjoint.
func (s stretches) common(other stretches) float64 {
	sum := 0.0
	for len(s) > 0 && len(other) > 0 {
		sum += max(min(s[0].end, other[0].end)-max(s[0].start, other[0].start), 0)
		if s[0].end < other[0].end {
			s = s[1:]
		} else {
			other = other[1:]
		}
	}
	return sum
}

func millis(s float64) float64 { return math.Round(s*1000) / 1000 }
