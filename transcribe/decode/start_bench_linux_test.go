package decode_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/confine"
	"github.com/referent/referent/transcribe/decode"
	"github.com/referent/referent/transcribe/internal/sample"
)

// What confinement adds to the decoding of a short recording: run both with -count to see them by turns.
func BenchmarkStart(b *testing.B) {
	for _, mode := range []confine.Mode{confine.Off, confine.Require} {
		b.Run(string(mode), func(b *testing.B) {
			for b.Loop() {
				if _, err := decode.Channels(b.Context(), bytes.NewReader(spell("list", "/")), int64(len(spell("list", "/"))), decode.Options{FFmpeg: "ffmpeg", Confine: mode}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What confinement adds to the decoding of four minutes: each turn decodes with and without, first one and then the other
// way round, and tells the median of the turns' ratios, by the clock and by the processor time of ffmpeg and ourselves.
func BenchmarkFourMinutes(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.m4a")
	if out, err := exec.Command(maker, "-v", "error", "-nostdin", "-stream_loop", "-1", "-i", sample.JFK(b), "-t", "240", "-ar", "44100", path).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	spent := func() (s float64) {
		for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
			var r unix.Rusage
			if err := unix.Getrusage(who, &r); err != nil {
				b.Fatal(err)
			}
			s += float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
		}
		return s
	}
	measure := func(mode confine.Mode) (clock, cpu float64) {
		before, start := spent(), time.Now()
		if samples, _, err := run(b.Context(), file, decode.Options{Confine: mode}); err != nil || len(samples) < 239*referent.SampleRate {
			b.Fatal(len(samples), err)
		}
		return time.Since(start).Seconds(), spent() - before
	}
	measure(confine.Auto) // what is found out of ffmpeg is found once
	var clocks, cpus []float64
	var seconds float64
	for turn := 0; b.Loop(); turn++ {
		var clock, cpu [2]float64
		for i := range 2 {
			which := (turn + i) % 2
			clock[which], cpu[which] = measure([]confine.Mode{confine.Off, confine.Auto}[which])
		}
		clocks, cpus = append(clocks, clock[1]/clock[0]), append(cpus, cpu[1]/cpu[0])
		seconds += cpu[1] - cpu[0]
		b.Logf("turn %d: clock %.3f %.3f, processor %.3f %.3f", turn, clock[0], clock[1], cpu[0], cpu[1])
	}
	slices.Sort(clocks)
	slices.Sort(cpus)
	b.ReportMetric(clocks[len(clocks)/2], "clock-ratio")
	b.ReportMetric(cpus[len(cpus)/2], "processor-ratio")
	b.ReportMetric(1000*seconds/float64(len(cpus)), "ms-more-processor")
}
