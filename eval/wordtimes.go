package eval

import (
	"math"
	"slices"
)

// TimeErrors are the errors of the times of words that reference and hypothesis share, in seconds; above
// zero is too late.
type TimeErrors struct {
	Reference int // words of the reference
	Start     []float64
	End       []float64
}

// Add joins the errors of two recordings.
func (e TimeErrors) Add(o TimeErrors) TimeErrors {
	return TimeErrors{e.Reference + o.Reference, slices.Concat(e.Start, o.Start), slices.Concat(e.End, o.End)}
}

// All are the errors of starts and ends together.
func (e TimeErrors) All() []float64 { return slices.Concat(e.Start, e.End) }

// Near is how many seconds a word's time may be off.
const Near = 0.2

// TimeStats sums up time errors; all but Near are seconds.
type TimeStats struct {
	Count  int     `json:"count"`
	Mean   float64 `json:"mean"`   // of the absolute errors
	Bias   float64 `json:"bias"`   // mean of the signed errors: above zero is late
	Median float64 `json:"median"` // of the absolute errors
	P95    float64 `json:"p95"`    // of the absolute errors
	Near   float64 `json:"near"`   // share within [Near] seconds, 0 to 1
}

// TimeStatsOf sums up signed errors. Without any it is zero.
func TimeStatsOf(errors []float64) TimeStats {
	if len(errors) == 0 {
		return TimeStats{}
	}
	s := TimeStats{Count: len(errors)}
	off := make([]float64, len(errors))
	for i, e := range errors {
		off[i] = math.Abs(e)
		s.Mean += off[i]
		s.Bias += e
		if off[i] <= Near+1e-9 { // times are written in hundredths, which binary fractions miss by a hair
			s.Near++
		}
	}
	n := float64(len(errors))
	s.Mean, s.Bias, s.Near = s.Mean/n, s.Bias/n, s.Near/n
	slices.Sort(off)
	s.Median, s.P95 = quantile(off, 0.5), quantile(off, 0.95)
	return s
}

// WordTimes compares the times of the words that both have, as an alignment of the normalised words pairs
// them. Of a word that normalises to several, the first has its start and the last its end.
func WordTimes(reference, hypothesis []Word, words func(string) []string) TimeErrors {
	theirs, ours := tokens(reference, words), tokens(hypothesis, words)
	e := TimeErrors{Reference: len(theirs)}
	text := func(all []token) (texts []string) {
		for _, t := range all {
			texts = append(texts, t.text)
		}
		return texts
	}
	for _, edit := range Align(text(theirs), text(ours)) {
		if edit.Kind != Equal {
			continue
		}
		r, h := theirs[edit.Reference], ours[edit.Hypothesis]
		if r.first && h.first {
			e.Start = append(e.Start, h.start-r.start)
		}
		if r.last && h.last {
			e.End = append(e.End, h.end-r.end)
		}
	}
	return e
}

// token is one normalised word with the times of the word that it is from.
type token struct {
	text        string
	start, end  float64
	first, last bool // of that word's tokens
}

func tokens(all []Word, words func(string) []string) (tokens []token) {
	for _, w := range all {
		parts := words(w.Text)
		for i, p := range parts {
			tokens = append(tokens, token{p, w.Start, w.End, i == 0, i == len(parts)-1})
		}
	}
	return tokens
}

// quantile of sorted values, interpolated between neighbours.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
