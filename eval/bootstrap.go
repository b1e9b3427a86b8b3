package eval

import (
	"math/rand/v2"
	"slices"
)

// Interval is where a figure lies with 95 % confidence.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// resamples is how often a figure is computed anew. More changes the second digit of an interval's ends.
const resamples = 1000

// Bootstrap estimates how far a figure would vary with other material of the same kind: it draws as many
// units as there are, with replacement, a thousand times, and gives the 2.5th and 97.5th percentile of the
// statistic. The draws are the same every time. Units are what may be taken for independent: recordings,
// or stretches of one. With fewer than two there is no interval.
func Bootstrap[T any](units []T, statistic func([]T) float64) (Interval, bool) {
	if len(units) < 2 {
		return Interval{}, false
	}
	draw := rand.New(rand.NewPCG(1, uint64(len(units))))
	sample, values := make([]T, len(units)), make([]float64, resamples)
	for i := range values {
		for j := range sample {
			sample[j] = units[draw.IntN(len(units))]
		}
		values[i] = statistic(sample)
	}
	slices.Sort(values)
	return Interval{quantile(values, 0.025), quantile(values, 0.975)}, true
}

// Adder is a count that can be added to another.
type Adder[T any] interface{ Add(T) T }

// Sum adds all of them.
func Sum[T Adder[T]](all []T) (sum T) {
	for _, a := range all {
		sum = sum.Add(a)
	}
	return sum
}
