package chaos

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/referent/referent"
)

// TestPowerCut runs on a file system of its own in a file, and starts again from copies of that file: in a copy is what
// the file system has written out, and nothing that it still held in memory, such as bytes that nobody synced. What
// a drive loses that lies about its flushes is not tried.
func TestPowerCut(t *testing.T) {
	if os.Getenv(namespaced) != "" {
		t.Skip("a disk image is mounted by root alone")
	}
	beside(t)
	cuts := 1
	if *failures > 0 {
		cuts = max(3, *failures/40)
	}
	t.Logf("seed %d", *seed)
	sounds := recordings(t, 3)
	image := filepath.Join(t.TempDir(), "image")
	must(t, "truncate", "-s", "600M", image)
	must(t, "mkfs.ext4", "-q", "-F", image)
	var reference []*referent.Transcript
	accepted, edits := 0, 0
	for cut := range cuts {
		dir := mountImage(t, image)
		w := newWorld(t, dir)
		if reference == nil {
			reference = append(w.reference(t.Context(), sounds[:2]), &referent.Transcript{})
		}
		l := &ledger{}
		ctx, cancel := context.WithCancel(t.Context())
		var lives sync.WaitGroup
		for i := range people {
			lives.Go(func() {
				r := rand.New(rand.NewPCG(uint64(*seed), uint64(1000*cut+i)))
				for ctx.Err() == nil {
					which := r.IntN(2)
					w.live(ctx, l, r, sounds[which], which, false)
				}
			})
		}
		w.until(2*time.Minute, "somebody has corrected something", func() bool { return w.corrected(ctx, l) })
		r := rand.New(rand.NewPCG(uint64(*seed), uint64(cut)))
		least := 3000
		if *failures > 0 {
			least = 6000
		}
		time.Sleep(time.Duration(least+r.IntN(4000)) * time.Millisecond)
		pid := w.serverPID()
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond) // what was answered before is noted, and nobody is answered any more
		next := filepath.Join(t.TempDir(), "image")
		must(t, "cp", "--sparse=always", image, next)
		promised := l.copied()
		cancel()
		w.close()
		lives.Wait()
		must(t, "umount", dir)

		dir = mountImage(t, next)
		again := newWorld(t, dir)
		for _, m := range promised.meetings {
			if !m.erased && m.pending != "erase" {
				again.toDraftOrFurther(t.Context(), m)
			}
		}
		v := again.judge(t.Context(), promised, reference)
		t.Logf("power cut %d: recordings accepted %d, came out %d, erased %d; edits acknowledged %d; lost %d, doubled %d, overwritten %d, damaged %d",
			cut+1, v.accepted, v.out, v.erased, v.edits, len(v.lost), len(v.doubled), len(v.overwritten), len(v.damaged))
		v.report(t)
		accepted, edits = accepted+v.accepted, edits+v.edits
		again.close()
		must(t, "umount", dir)
		image = next
	}
	t.Logf("%d power cuts: %d recordings and %d edits were accepted before them", cuts, accepted, edits)
	if accepted == 0 || edits == 0 {
		t.Error("nothing was accepted before a power cut")
	}
}

func must(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// mountImage mounts it so that nothing is written out that nobody asks for.
func mountImage(t *testing.T, image string) string {
	t.Helper()
	dir := t.TempDir()
	must(t, "mount", "-o", "loop,commit=300", image, dir)
	t.Cleanup(func() { _ = exec.Command("umount", "--quiet", dir).Run() }) // it may be gone already
	return dir
}

// corrected reports whether a transcript is another than the machine's.
func (w *world) corrected(ctx context.Context, l *ledger) bool {
	l.mu.Lock()
	ids := make([]string, 0, len(l.meetings))
	for _, m := range l.meetings {
		ids = append(ids, m.id)
	}
	l.mu.Unlock()
	for _, id := range ids {
		var now shownTranscript
		if w.read(ctx, at(id)+"/transcript", &now) == http.StatusOK && now.Version > 1 {
			return true
		}
	}
	return false
}

// copied is what was promised up to now.
func (l *ledger) copied() *ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := &ledger{}
	for _, m := range l.meetings {
		one := *m
		one.batches, one.saved = append([]batch(nil), m.batches...), append([]string(nil), m.saved...)
		all.meetings = append(all.meetings, &one)
	}
	return all
}

// toDraftOrFurther waits until a meeting has come out.
func (w *world) toDraftOrFurther(ctx context.Context, m *meeting) {
	var now referent.Meeting
	if w.read(ctx, at(m.id), &now) == 200 && now.State.Approved() {
		return
	}
	limited, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	w.toDraft(limited, m)
}
