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

// bar is how long after a death the next chunk may be begun.
const bar = 15 * time.Second

// TestRecovery measures how long after the death of the only worker, and of the server, the next chunk is begun.
// A worker of its own machine is started again by this test within a fifth of a second, as systemd would after a
// little longer; the chunk that it held waits for its lease, the others do not.
func TestRecovery(t *testing.T) {
	if *failures == 0 {
		t.Skip("make chaos runs it")
	}
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
			s := &storm{w: w, ctx: t.Context(), r: rand.New(rand.NewPCG(uint64(*seed), 3)), l: &ledger{}, again: map[string][]time.Duration{}}
			defer s.busy(recordings(t, 3)[0])()
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

// busy sees to it that no worker is ever without work, until it is told that it is enough. A machine that does nothing else
// uploads faster than workers hear, and would fill the disk.
func (s *storm) busy(recording []byte) (enough func()) {
	const waiting = 30 // recordings, each of one chunk
	sent := 0
	for ; sent < 10; sent++ {
		s.w.upload(s.ctx, recording, "builtin")
	}
	more, stop := context.WithCancel(s.ctx)
	s.lives.Go(func() {
		for more.Err() == nil {
			if sent >= len(s.begun())+waiting {
				time.Sleep(50 * time.Millisecond)
				continue
			}
			s.w.upload(more, recording, "builtin")
			sent++
		}
	})
	return func() { stop(); s.lives.Wait() }
}

// TestRecoveryCluster does so of what a cluster leads by: the nats-server that leads the stream of chunks, or its consumer, and
// the leading server. Who died stays away until it is measured. Others go on meanwhile, and workers have asked for work before:
// so the longest time without a new chunk counts, in the 20 s after.
func TestRecoveryCluster(t *testing.T) {
	if *failures == 0 {
		t.Skip("make chaos runs it")
	}
	const stream, watched = "JOBS_TRANSCRIBE", 20 * time.Second
	c := newCluster(t, 2)
	s := &storm{w: c.world, ctx: t.Context(), r: rand.New(rand.NewPCG(uint64(*seed), 5)), l: &ledger{}}
	defer s.busy(recordings(t, 2)[0])()
	c.until(2*time.Minute, "chunks are begun", func() bool { return len(s.begun()) > 10 })
	calm := time.Now()
	s.sleep(watched)
	t.Logf("with nobody dead: a new chunk after %.1f s at the longest", s.pause(calm, watched).Seconds())
	for _, x := range []struct {
		name  string
		times int
		who   func() *process
	}{
		{"leader of the stream", 6, func() *process { return c.leaderOf(stream, "") }},
		{"leader of its consumer", 4, func() *process { return c.leaderOf(stream, "any-bulk") }},
		{"leading server", 6, func() *process { leader, _ := c.leading(); return leader }},
	} {
		var pauses, elected []float64 // until there is a chunk, and until NATS has leaders
		for range x.times {
			var p *process
			c.until(2*time.Minute, "all are there", func() bool { return c.front.readyNow() == 2 && c.whole(stream) })
			s.sleep(time.Duration(1000+s.r.IntN(2000)) * time.Millisecond)
			c.until(time.Minute, "somebody leads", func() bool { p = x.who(); return p != nil && p.pid() != 0 })
			p.hold(true)
			p.kill()
			died := time.Now()
			if within(watched, func() bool {
				a, b := c.leaderOf(stream, ""), c.leaderOf(stream, "any-bulk")
				return a != nil && a != p && b != nil && b != p
			}) {
				elected = append(elected, time.Since(died).Seconds())
			}
			s.sleep(time.Until(died.Add(watched)))
			p.hold(false)
			pauses = append(pauses, s.pause(died, watched).Seconds())
		}
		t.Logf("%s: NATS led after %.1f, no chunk was begun for %.1f", x.name, elected, pauses)
		slices.Sort(pauses)
		t.Logf("%s: %d deaths, a new chunk is begun after %.1f s (median), %.1f s (longest)", x.name, len(pauses), pauses[len(pauses)/2], pauses[len(pauses)-1])
		if longest := pauses[len(pauses)-1]; longest > bar.Seconds() {
			t.Errorf("%s: no chunk was begun for %.1f s, the bar is %v", x.name, longest, bar)
		}
	}
}

// pause is the longest time without a chunk that was begun, from a time on for so long.
func (s *storm) pause(from time.Time, watched time.Duration) (longest time.Duration) {
	last, end := from, from.Add(watched)
	for _, at := range s.begun() {
		if at.After(last) && at.Before(end) {
			longest, last = max(longest, at.Sub(last)), at
		}
	}
	return max(longest, end.Sub(last))
}
