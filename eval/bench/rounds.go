package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Series is every run of one command, round by round.
type Series struct {
	Name string `json:"name"`
	Runs []Run  `json:"runs"`
}

// Rounds runs all commands in turn, so many times over. tell, when not nil, hears of each finished run.
func Rounds(ctx context.Context, commands []Command, rounds int, tell func(round int, name string, r Run)) ([]Series, error) {
	all := make([]Series, len(commands))
	for i, c := range commands {
		all[i].Name = c.Name
	}
	for round := range rounds {
		for i, c := range commands {
			r, err := Measure(ctx, c)
			if err != nil {
				return nil, err
			}
			all[i].Runs = append(all[i].Runs, r)
			if tell != nil {
				tell(round+1, c.Name, r)
			}
		}
	}
	return all, nil
}

// Median is the middle of f over the runs.
func (s Series) Median(f func(Run) float64) float64 {
	values := make([]float64, len(s.Runs))
	for i, r := range s.Runs {
		values[i] = f(r)
	}
	return median(values)
}

// Ratio compares two series of the same rounds: the median over the rounds of a's figure divided by b's,
// and the least and the greatest of them.
func Ratio(a, b Series, f func(Run) float64) (middle, least, most float64) {
	var ratios []float64
	for i := range min(len(a.Runs), len(b.Runs)) {
		if v := f(b.Runs[i]); v > 0 {
			ratios = append(ratios, f(a.Runs[i])/v)
		}
	}
	if len(ratios) == 0 {
		return 0, 0, 0
	}
	return median(ratios), slices.Min(ratios), slices.Max(ratios)
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

// Wall, CPU and Work are what is compared: the time that passed, the processor time used, and the time
// that passed without loading.
func Wall(r Run) float64 { return r.Wall }

// CPU is the processor time of a run.
func CPU(r Run) float64 { return r.CPU }

// Work is the time of a run without loading.
func Work(r Run) float64 { return r.Wall - r.Loaded }

// Load keeps so many threads busy until stop is called: another program that takes the processor.
func Load(ctx context.Context, threads int, busy Command) (stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{}, threads)
	for range threads {
		go func() {
			_, _ = Measure(ctx, busy) // it ends because it is ended
			done <- struct{}{}
		}()
	}
	stop = func() {
		cancel()
		for range threads {
			<-done
		}
	}
	select {
	case <-time.After(500 * time.Millisecond): // until they run
		return stop, nil
	case <-done:
		cancel()
		return nil, fmt.Errorf("bench: the competing load ended at once")
	}
}
