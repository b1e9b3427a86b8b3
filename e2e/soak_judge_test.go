package e2e_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// series is one figure at the end of each round.
type series []float64

// leastRounds is how many must be there to be judged: of fewer, not even one that rises each time is beyond chance.
const leastRounds = 6

// trend is how a series goes from its first value to its last.
type trend struct {
	first, last float64 // medians of the first and the last third
	slope       float64 // of a round: the median of those between any two values (Theil and Sen), which a third of outliers does not move
	z           float64 // how far the order of the values is from chance, in standard deviations (Mann and Kendall); rising is positive
}

// sure is the least z that is no chance: so much is seen once in 200 series that do not rise.
const sure = 2.58

func (s series) trend() (t trend) {
	third := (len(s) + 2) / 3
	t.first, t.last = median(s[:third]), median(s[len(s)-third:])
	var slopes []float64
	rises, ties := 0, map[float64]float64{}
	for i, a := range s {
		ties[a]++
		for j := i + 1; j < len(s); j++ {
			slopes = append(slopes, (s[j]-a)/float64(j-i))
			switch {
			case s[j] > a:
				rises++
			case s[j] < a:
				rises--
			}
		}
	}
	t.slope = median(slopes)
	n := float64(len(s))
	variance := n * (n - 1) * (2*n + 5)
	for _, g := range ties {
		variance -= g * (g - 1) * (2*g + 5)
	}
	if rises != 0 && variance > 0 { // one less, since the sum goes by twos
		t.z = (math.Abs(float64(rises)) - 1) / math.Sqrt(variance/18) * math.Copysign(1, float64(rises))
	}
	return t
}

// growth is what the trend makes of all rounds.
func (s series) growth() float64 { return s.trend().slope * float64(len(s)-1) }

// grows reports whether the series rises by more than is allowed, and not by chance: as the slope has it, or, as for what
// leaks in a few rounds only, whose slope is none, as its last third lies above the first.
func (s series) grows(allowed float64) bool {
	t := s.trend()
	return t.z >= sure && max(s.growth(), t.last-t.first) > allowed
}

func median(of []float64) float64 {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// What leaks is found, however slowly and under whatever noise that it rises out of; what is only noisy is not.
func TestGrowthIsJudged(t *testing.T) {
	const rounds, many = 60, 200
	r := rand.New(rand.NewPCG(20261123, 1))
	of := func(n int, value func(i int) float64) series {
		s := make(series, n)
		for i := range s {
			s[i] = value(i)
		}
		return s
	}
	share := func(allowed float64, make func() series) float64 {
		found := 0
		for range many {
			if make().grows(allowed) {
				found++
			}
		}
		return float64(found) / many
	}
	spiked := func(v float64) float64 { // one round in ten, somebody is still at something
		if r.IntN(10) == 0 {
			return v + 40
		}
		return v
	}
	for _, c := range []struct {
		name        string
		allowed     float64
		series      func() series
		least, most float64 // share that must be found
	}{
		{"a goroutine every round, six rounds", 2, func() series { return of(6, func(i int) float64 { return float64(100 + i) }) }, 1, 1},
		{"a goroutine every tenth round", 2, func() series { return of(rounds, func(i int) float64 { return float64(100 + i/10) }) }, 1, 1},
		{"the same under spikes", 2, func() series { return of(rounds, func(i int) float64 { return spiked(float64(100 + i/10)) }) }, 1, 1},
		{"a connection in one round of thirty", 0, func() series { return of(rounds, func(i int) float64 { return float64(3 + i/30) }) }, 1, 1},
		{"20 kB a round under noise of 100 kB", 1 << 20, func() series {
			return of(rounds, func(i int) float64 { return 20e6 + 20e3*float64(i) + 100e3*r.NormFloat64() })
		}, 0.99, 1},
		{"it stays", 0, func() series { return of(rounds, func(int) float64 { return 7 }) }, 0, 0},
		{"it falls", 0, func() series { return of(rounds, func(i int) float64 { return float64(100 - i) }) }, 0, 0},
		{"spikes alone", 2, func() series { return of(rounds, func(int) float64 { return spiked(100) }) }, 0, 0},
		{"six rounds of counts that waver by two", 2, func() series { return of(6, func(int) float64 { return float64(100 + r.IntN(3)) }) }, 0, 0},
		{"noise of 300 kB", 1 << 20, func() series { return of(rounds, func(int) float64 { return 20e6 + 300e3*r.NormFloat64() }) }, 0, 0},
		{"less than is allowed, noise and all", 1 << 20, func() series {
			return of(rounds, func(i int) float64 { return 20e6 + 5e3*float64(i) + 50e3*r.NormFloat64() })
		}, 0, 0.01},
		{"one spike at the end", 0, func() series { return of(rounds, func(i int) float64 { return float64(i / (rounds - 1)) }) }, 0, 0},
	} {
		if found := share(c.allowed, c.series); found < c.least || found > c.most {
			t.Errorf("%s: found to grow in %.3f of %d, want %.2f to %.2f", c.name, found, many, c.least, c.most)
		}
	}
}
