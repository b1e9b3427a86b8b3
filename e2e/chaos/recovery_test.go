package chaos

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// TestRecovery measures how long after the death of the only worker, and of the server, the next chunk is begun. The bar
// is 15 s. A worker of its own machine is started again by this test within a fifth of a second, as systemd would after a
// little longer; the chunk that it held waits for its lease, the others do not.
func TestRecovery(t *testing.T) {
	if *failures == 0 {
		t.Skip("make chaos runs it")
	}
	const bar = 15 * time.Second
	for name, c := range map[string]struct {
		local int
		far   bool
		who   func(w *world) int
	}{
		"local worker":   {1, false, func(w *world) int { return append(w.workerPIDs(), 0)[0] }},
		"distant worker": {0, true, (*world).farPID},
		"server":         {1, false, (*world).serverPID},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorldOf(t, diskFor(t), c.local, c.far)
			sounds := recordings(t, 3)
			s := &storm{w: w, ctx: t.Context(), r: rand.New(rand.NewPCG(uint64(*seed), 3)), l: &ledger{}, again: map[string][]time.Duration{}}
			for range 10 {
				w.upload(t.Context(), sounds[0], "builtin")
			}
			more, enough := context.WithCancel(t.Context())
			s.lives.Go(func() { // a worker must never be without work
				for more.Err() == nil {
					w.upload(more, sounds[0], "builtin")
				}
			})
			defer func() { enough(); s.lives.Wait() }()
			kind := "worker"
			if name == "server" {
				kind = "server"
			}
			for range 8 {
				var pid int
				if !within(30*time.Second, func() bool { pid = c.who(w); return pid != 0 }) {
					t.Fatal("there is nobody to kill")
				}
				s.sleep(time.Duration(500+s.r.IntN(1500)) * time.Millisecond)
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
				s.at = time.Now()
				s.recovered(kind)
				s.sleep(3 * time.Second)
			}
			times := slices.Sorted(slices.Values(s.again[kind]))
			if len(times) == 0 {
				t.Fatalf("nothing was measured in %s", filepath.Base(w.points))
			}
			t.Logf("%s: %d deaths, the next chunk is begun after %.1f s (median), %.1f s (longest)", name, len(times), times[len(times)/2].Seconds(), times[len(times)-1].Seconds())
			if longest := times[len(times)-1]; longest > bar {
				t.Errorf("the next chunk is begun after %v, the bar is %v", longest, bar)
			}
		})
	}
}
