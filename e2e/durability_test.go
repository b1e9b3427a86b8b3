package e2e_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/referent/referent"
)

// recognition of ten minutes takes about half a minute on two quiet cores; ten times that is a hang.
const longLimit = 8 * time.Minute

// kill -9 of the worker, then of the server, in the middle of ten minutes: the meeting completes, chunks
// already done are not done again, and nothing is doubled.
func TestCrashesLoseNothing(t *testing.T) {
	data := t.TempDir()
	s := startServer(t, data, "--workers", "1")
	id := s.submitLong(longRecording(t))

	eventually(t, longLimit, "a first chunk is done", func() bool { return len(doneChunks(s.jobs(id))) >= 1 })
	workers := s.children()
	if len(workers) != 1 {
		t.Fatalf("the server has children %v, want one worker", workers)
	}
	if err := syscall.Kill(workers[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, longLimit, "another chunk is done after the worker's death", func() bool { return len(doneChunks(s.jobs(id))) >= 2 })
	replaced := s.children()
	if len(replaced) != 1 || replaced[0] == workers[0] {
		t.Fatalf("after the worker %v died the server has children %v", workers, replaced)
	}

	before := doneChunks(s.jobs(id))
	s.kill()
	eventually(t, 10*time.Second, "the worker is gone with its server", func() bool { return !alive(replaced[0]) })

	s = startServer(t, data, "--workers", "1")
	s.wait(id, referent.StateDraft, longLimit)
	jobs := s.jobs(id)
	after := doneChunks(jobs)
	if len(before) == len(after) {
		t.Errorf("all %d chunks were done before the server was killed: nothing was tested", len(after))
	}
	for chunk, was := range before {
		if now := after[chunk]; now.ID != was.ID || now.Epoch != was.Epoch || now.Attempt != was.Attempt || !now.Updated.Equal(was.Updated) {
			t.Errorf("chunk %d was done again: %+v, then %+v", chunk, was, now)
		}
	}
	seen := map[string]bool{}
	for _, j := range jobs {
		key := string(j.Stage) + string(rune('0'+j.Chunk))
		if seen[key] {
			t.Errorf("two jobs for stage %s chunk %d", j.Stage, j.Chunk)
		}
		seen[key] = true
		if j.State != referent.JobDone {
			t.Errorf("job %s chunk %d is %s", j.Stage, j.Chunk, j.State)
		}
	}
	notDoubled(t, s.transcript(id))
}

// notDoubled checks that the transcript runs forward over the whole recording.
func notDoubled(t *testing.T, tr *referent.Transcript) {
	t.Helper()
	end, ids := 0.0, map[string]bool{}
	for _, seg := range tr.Segments {
		if seg.Start < end-0.05 {
			t.Errorf("segment %s begins at %.2f, before %.2f where the last one ended", seg.ID, seg.Start, end)
		}
		if ids[seg.ID] {
			t.Errorf("segment id %s stands twice", seg.ID)
		}
		ids[seg.ID] = true
		end = max(end, seg.End)
	}
	if end < 560 || end > 601 {
		t.Errorf("the transcript ends at %.1f s of 600", end)
	}
	if tr.Coverage < 0.9 {
		t.Errorf("only %.0f %% of the speech became text", 100*tr.Coverage)
	}
}

// The JetStream folder is transport: deleting it while the server is stopped loses nothing.
func TestLostQueueLosesNothing(t *testing.T) {
	data := t.TempDir()
	s := startServer(t, data, "--workers", "1")
	id := s.submitLong(longRecording(t))
	eventually(t, longLimit, "a first chunk is done", func() bool { return len(doneChunks(s.jobs(id))) >= 1 })
	s.stop()
	if err := os.RemoveAll(filepath.Join(data, "nats")); err != nil {
		t.Fatal(err)
	}
	s = startServer(t, data, "--workers", "1")
	s.wait(id, referent.StateDraft, longLimit)
	got := s.transcript(id)
	if notDoubled(t, got); !t.Failed() {
		byOneWorker = got
	}
}

// byOneWorker is the transcript of longRecording by one worker at a time, begun with one queue and ended with another,
// when TestLostQueueLosesNothing has made it and found no fault in it: to make one takes most of a minute.
var byOneWorker *referent.Transcript

// Three workers of their own share one recording's chunks; killing one does not stop it; and the text
// is what one worker alone gives.
func TestThreeWorkersShareARecording(t *testing.T) {
	recording, spoken := longRecording(t)
	s := startServer(t, t.TempDir(), "--workers", "0")
	names := []string{"worker/a", "worker/b", "worker/c"}
	victim := s.startWorker(names[0])
	s.startWorker(names[1])
	// The third has no weights: an address and a key are all that a worker needs.
	weightless := t.TempDir()
	s.startWorker(names[2], "--models-dir", weightless)
	id := s.submitLong(recording, spoken)
	eventually(t, longLimit, "all three hold a chunk at once, and one is done", func() bool {
		holders := map[string]bool{}
		jobs := s.jobs(id)
		for _, j := range jobs {
			if j.Stage == referent.StageTranscribe && j.Worker != "" {
				holders[j.Worker] = true
			}
		}
		return len(holders) == 3 && len(doneChunks(jobs)) >= 1
	})
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	s.wait(id, referent.StateDraft, longLimit)
	three := s.transcript(id)
	notDoubled(t, three)
	finishers := map[string]int{}
	for _, j := range doneChunks(s.jobs(id)) {
		finishers[j.Worker]++
	}
	t.Logf("chunks finished by each worker: %v", finishers)
	if files, err := os.ReadDir(weightless); err != nil || len(files) == 0 {
		t.Errorf("the worker without weights fetched none: %v", err)
	}
	if len(finishers) < 2 {
		t.Errorf("chunks were finished by %v, want at least the two that live", finishers)
	}

	if byOneWorker == nil { // this test runs alone, or the other failed
		one := startServer(t, t.TempDir(), "--workers", "1")
		id := one.submitLong(recording, spoken)
		one.wait(id, referent.StateDraft, longLimit)
		byOneWorker = one.transcript(id)
	}
	sameText(t, byOneWorker, three)
}

// sameText checks that two transcripts of one recording say the same in the same segments.
func sameText(t *testing.T, one, three *referent.Transcript) {
	t.Helper()
	if len(one.Segments) != len(three.Segments) {
		t.Errorf("one worker gives %d segments, three give %d", len(one.Segments), len(three.Segments))
	}
	for i := range min(len(one.Segments), len(three.Segments)) {
		a, b := one.Segments[i], three.Segments[i]
		if a.Text != b.Text || a.Start != b.Start || a.End != b.End {
			t.Errorf("the text depends on the number of workers; first at segment %s:\none:   %.2f-%.2f %q\nthree: %.2f-%.2f %q",
				a.ID, a.Start, a.End, a.Text, b.Start, b.End, b.Text)
			return
		}
	}
}
