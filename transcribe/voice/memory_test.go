package voice_test

import (
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/referent/referent/transcribe/internal/sample"
)

// resident is how much memory this process holds, in bytes.
func resident(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skipf("SKIPPED, memory was not measured: this system does not tell (%v)", err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(b))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// A worker hears thousands of stretches with pieces of ever different lengths: what it holds must not grow
// with them.
func TestMemoryStaysFlat(t *testing.T) {
	x := extractor(t)
	all := sample.Float(t)
	hear := func(seed uint64, times int) {
		var wg sync.WaitGroup
		for g := range uint64(2) {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(seed, g))
				for range times {
					n := 8000 + r.IntN(stretch-8000)
					from := r.IntN(len(all) - n)
					if _, err := x.Hear(t.Context(), 0, all[from:from+n]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	}
	hear(1, 8)
	// What leaks grows each time; what two stretches hold at once can be more by chance, on a machine with other work.
	least := math.MaxInt
	for round := range uint64(3) {
		before := resident(t)
		hear(2+round, 16)
		grown := resident(t) - before
		t.Logf("%d MB held, %.1f MB more after 32 stretches", before>>20, float64(grown)/(1<<20))
		if least = min(least, grown); least <= 24<<20 {
			return
		}
	}
	t.Errorf("32 stretches made the process %d MB larger, each time", least>>20)
}
