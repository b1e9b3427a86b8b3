package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/referent/referent/eval/bench"
)

// The bars that a benchmark is held against: see docs/benchmarks.md for what each means.
const (
	leastSpeedup   = 1.4  // against the fastest peer whose word error rate is within a point of ours
	similarWER     = 0.01 // share of words
	mostSlowdown   = 2.5  // beside a load that wants every core
	mostMemory     = 600e6
	mostGrowth     = 1.05 // time for each second of audio, three hours against ten minutes
	leastShare     = 0.9  // of n workers' time that is not lost, on one three-hour recording
	mostMemoryRise = 1.05 // of the last quarter of a long run against its second
)

// find gives the series of a name.
func find(all []benchSeries, name string) (benchSeries, bool) {
	i := slices.IndexFunc(all, func(s benchSeries) bool { return s.Name == name })
	if i < 0 {
		return benchSeries{}, false
	}
	return all[i], true
}

func (s benchSeries) wer() float64 {
	if s.Errors == nil {
		return 0
	}
	return s.Errors.Rate()
}

// fastestPeer is the fastest, loading left out, of those that are as accurate as ours to a point.
func fastestPeer(r *benchReport) (benchSeries, bool) {
	ours := r.Speed[0]
	var best benchSeries
	found := false
	for _, s := range r.Speed[1:] {
		if strings.HasPrefix(s.Name, "referent") || s.wer() > ours.wer()+similarWER {
			continue
		}
		if !found || s.Median(bench.Work) < best.Median(bench.Work) {
			best, found = s, true
		}
	}
	return best, found
}

func benchBars(r *benchReport) []benchBar {
	var bars []benchBar
	atLeast := func(name string, value, limit float64) {
		bars = append(bars, benchBar{Name: name, Value: value, Limit: limit, Met: value >= limit})
	}
	atMost := func(name string, value, limit float64) {
		bars = append(bars, benchBar{Name: name, Value: value, Limit: limit, AtMost: true, Met: value <= limit})
	}
	ours := r.Speed[0]
	if peer, ok := fastestPeer(r); ok {
		middle, _, _ := bench.Ratio(peer.Series, ours.Series, bench.Work)
		atLeast("times as fast as "+peer.Name+" (its loading left out, ours counted)", middle, leastSpeedup)
	}
	if loaded, ok := find(r.Loaded, ours.Name); ok {
		middle, _, _ := bench.Ratio(loaded.Series, ours.Series, bench.Wall)
		atMost("slowdown beside a load on every core", middle, mostSlowdown)
	}
	most := func(s benchSeries) float64 { return s.Median(func(r bench.Run) float64 { return float64(r.Most) }) }
	memory := most(ours)
	if n := len(r.Scaling); n > 0 { // the last one tells speakers apart, as a worker does by default
		memory = max(memory, most(r.Scaling[n-1]))
	}
	if len(r.Long) == 2 {
		memory = max(memory, most(r.Long[1]))
		perSecond := func(s benchSeries) float64 { return s.Median(bench.Wall) / s.Seconds }
		atMost("time for each second of audio, three hours against ten minutes", perSecond(r.Long[1])/perSecond(r.Long[0]), mostGrowth)
		atMost("memory in the last quarter of three hours against the second", rise(r.Long[1].Runs[0].Memory), mostMemoryRise)
	}
	for _, w := range r.Workers[min(1, len(r.Workers)):] {
		atLeast(fmt.Sprintf("share of %d workers' time that recognition gets, three hours", w.Workers), w.Efficiency, leastShare)
	}
	atMost("memory of the worker, MB", memory/1e6, mostMemory/1e6)
	return bars
}

// rise compares the highest memory in the last quarter of a run with that in its second.
func rise(memory []int64) float64 {
	n := len(memory) / 4
	if n == 0 {
		return 1
	}
	return float64(slices.Max(memory[3*n:])) / float64(slices.Max(memory[n:2*n]))
}

// benchPage is the report for people.
func benchPage(r *benchReport) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("# Benchmarks\n")
	p("Written by `referent bench` (`make bench`); every figure comes from one run of it on %s.", r.Created.Format("2006-01-02"))
	p("Machines like this one are shared: compare the ratios, which were taken side by side, not the seconds.\n")
	p("- %s, %d cores used, %s, %s", r.Machine.Processor, r.Machine.Cores, r.Machine.Device, r.Machine.System)
	for _, name := range []string{"referent", "whisper.cpp", "openvino", "weights", "faster-whisper", "go"} {
		if v, ok := r.Engines[name]; ok {
			p("- %s: %v", name, v)
		}
	}
	p("- %.0f s of speech%s, %d rounds; medians\n", r.Audio.Seconds, wordsOf(r), r.Rounds)

	p("## Bars\n")
	p("| measure | found | bar | |\n|---|---|---|---|")
	for _, bar := range r.Bars {
		side, verdict := "at least", "met"
		if bar.AtMost {
			side = "at most"
		}
		if !bar.Met {
			verdict = "**missed**"
		}
		p("| %s | %.2f | %s %.2f | %s |", bar.Name, bar.Value, side, bar.Limit, verdict)
	}
	p("\n## Speed and accuracy, the same weights\n")
	p("Ours is the whole job: reading the file, encrypted storage, queue, voice activity, recognition, quality")
	p("gates, minutes by the built-in writer, all results written, starting and stopping included. Time is")
	p("against the first line; of peers that load in a process of their own, loading is left out of it.\n")
	benchTable(p, r.Speed, r.Speed[0])
	p("\n## Beside a load that wants all %d cores\n", r.Machine.Cores)
	p("| | slowdown | from | to |\n|---|---|---|---|")
	for _, s := range r.Loaded {
		if quiet, ok := find(r.Speed, s.Name); ok {
			middle, least, most := bench.Ratio(s.Series, quiet.Series, bench.Work)
			p("| %s | %.2f | %.2f | %.2f |", s.Name, middle, least, most)
		}
	}
	p("\n## Threads, workers, speakers\n")
	benchTable(p, r.Scaling, r.Scaling[0])
	if len(r.Long) > 0 {
		p("\n## Length\n")
		benchTable(p, r.Long, r.Long[0])
	}
	if len(r.Workers) > 0 {
		p("\n## Many workers on one recording of three hours\n")
		p("Everything is real but the time that recognition takes, which is slept: %v for each second of speech,", workPace)
		p("less than any model needs, so that what is lost between the workers shows.\n")
		p("| workers | prepared, s | transcribed, s | share of their time |\n|---|---|---|---|")
		for _, w := range r.Workers {
			p("| %d | %.1f | %.1f | %.2f |", w.Workers, w.Prepare, w.Transcribe, w.Efficiency)
		}
	}
	if len(r.Skipped) > 0 {
		p("\nNot measured here: %s.", strings.Join(r.Skipped, "; "))
	}
	p("\nSpeed is seconds of audio for each second of time; CPU is processor seconds for each second of audio,")
	p("all processes together; memory is the most that all processes held together, pages they share counted")
	p("for each; first text is when the first window, or line, was there. Word errors are counted as in")
	p("`referent eval wer`. Made with %s.", runtime.Version())
	return b.String()
}

func wordsOf(r *benchReport) string {
	if r.Audio.Words == 0 {
		return ""
	}
	return fmt.Sprintf(", %d words", r.Audio.Words)
}

// benchTable is one line a series; time is relative to base.
func benchTable(p func(string, ...any), all []benchSeries, base benchSeries) {
	p("| | time | from | to | speed | CPU | memory MB | first text s | word errors |\n|---|---|---|---|---|---|---|---|---|")
	for _, s := range all {
		middle, least, most := bench.Ratio(s.Series, base.Series, bench.Work)
		if len(s.Runs) > 0 && s.Seconds != base.Seconds {
			middle = s.Median(bench.Work) / s.Seconds / (base.Median(bench.Work) / base.Seconds)
			least, most = middle, middle
		}
		wer := "-"
		if s.Errors != nil {
			wer = fmt.Sprintf("%.2f %%", 100*s.Errors.Rate())
		}
		p("| %s | %.2f | %.2f | %.2f | %.1f | %.3f | %.0f | %.1f | %s |", s.Name, middle, least, most,
			s.Seconds/s.Median(bench.Work), s.Median(bench.CPU)/s.Seconds,
			s.Median(func(r bench.Run) float64 { return float64(r.Peak) })/1e6,
			s.Median(func(r bench.Run) float64 { return r.First }), wer)
	}
}
