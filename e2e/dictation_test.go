package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
)

// repeated writes the public sample again and again as a WAV file that lasts as long as said.
func repeated(t *testing.T, length time.Duration) string {
	t.Helper()
	once := decode(t, jfk(t))
	size := int(length.Seconds()) * rate * 2
	pcm := make([]byte, 0, size+len(once))
	for len(pcm) < size {
		pcm = append(pcm, once...)
	}
	path := filepath.Join(t.TempDir(), "opptak.wav")
	writeWAV(t, path, pcm[:size])
	return path
}

const dictation = 100 * time.Second // under two minutes

// dictate sends a dictation and says how long its transcript took from when all of it had come.
func (s *server) dictate(path string) time.Duration {
	s.t.Helper()
	id := s.submit(referent.Meeting{Kind: referent.KindDictate, Language: referent.Bokmal, Options: referent.Options{Spoken: "en"}}, path)
	came := time.Now()
	eventually(s.t, longLimit, "the dictation has a transcript", func() bool { return s.transcribed(id) })
	return time.Since(came)
}

func (s *server) transcribed(id string) bool {
	s.t.Helper()
	m, err := s.api.Get(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	if m.State == referent.StateFailed {
		s.t.Fatalf("the meeting failed: %+v", m.Failure)
	}
	return m.State == referent.StateTranscribed || m.State == referent.StateDraft
}

// A dictation goes past the long recording that the only worker is at. How long the recording is can be
// said with E2E_BULK, e.g. 3h.
func TestDictationOvertakes(t *testing.T) {
	length := 20 * time.Minute
	if v := os.Getenv("E2E_BULK"); v != "" {
		var err error
		if length, err = time.ParseDuration(v); err != nil {
			t.Fatal(err)
		}
	}
	s := startServer(t, t.TempDir(), "--workers", "1")
	short := repeated(t, dictation)
	s.dictate(jfk(t)) // loads the weights
	alone := s.dictate(short)

	bulk := s.submitLong(repeated(t, length), "en")
	eventually(t, longLimit, "the long recording is being recognised", func() bool {
		m, err := s.api.Get(t.Context(), bulk)
		if err != nil {
			t.Fatal(err)
		}
		return m.State == referent.StatePrepared && m.Progress > 0.06 // past what preparing it counts
	})
	beside := s.dictate(short)
	if s.transcribed(bulk) {
		t.Fatal("the long recording was done first: nothing was tested")
	}
	if _, err := s.api.Cancel(t.Context(), bulk); err != nil {
		t.Fatal(err)
	}
	alone = max(alone, s.dictate(short)) // before and after, so that a machine that others use too is fair
	t.Logf("a dictation of %v has its transcript %.1f s after it has come; beside a recording of %v, %.1f s: %.1f times as long",
		dictation, alone.Seconds(), length, beside.Seconds(), beside.Seconds()/alone.Seconds())
	// It shares the cores with the windows under way and takes every one that comes free.
	if limit := 3*alone + 5*time.Second; beside > limit {
		t.Errorf("beside the long recording it took %v, more than %v", beside, limit)
	}
}

// One core is enough for a dictation. What other processes take of that core meanwhile does not count.
func TestDictationOnOneCore(t *testing.T) {
	const core = "0"
	s := startServerUnder(t, []string{"taskset", "-c", core}, t.TempDir(), "--workers", "1", "--threads", "1")
	short := repeated(t, dictation)
	s.dictate(jfk(t)) // loads the weights
	idle, busy := idleSeconds(t, "cpu"+core), s.cpuSeconds()
	took := s.dictate(short)
	idle, busy = idleSeconds(t, "cpu"+core)-idle, s.cpuSeconds()-busy
	share := (busy + idle) / dictation.Seconds()
	t.Logf("a dictation of %v has its transcript %.1f s after it has come, %.1f s of them on one core and %.1f s with the core idle: %.2f of its length",
		dictation, took.Seconds(), busy, idle, share)
	limit := 0.4
	if raceDetector {
		limit = 1 // it watches every access to memory, which costs more than what is measured
	}
	if share > limit {
		t.Errorf("that is more than %.1f of its length", limit)
	}
}

// ticks is how many units of processor time in /proc make a second.
const ticks = 100

// cpuSeconds is what the server and its workers have used of any core.
func (s *server) cpuSeconds() (sum float64) {
	s.t.Helper()
	for _, pid := range append(s.children(), s.cmd.Process.Pid) {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			s.t.Fatal(err)
		}
		fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
		for _, f := range fields[11:13] { // in user and in system mode
			n, err := strconv.ParseFloat(f, 64)
			if err != nil {
				s.t.Fatal(err)
			}
			sum += n / ticks
		}
	}
	return sum
}

// idleSeconds is how long a core has had nothing to do.
func idleSeconds(t *testing.T, core string) float64 {
	t.Helper()
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) < 6 || fields[0] != core {
			continue
		}
		sum := 0.0
		for _, f := range fields[4:6] { // idle, and waiting for a disk
			n, err := strconv.ParseFloat(f, 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += n / ticks
		}
		return sum
	}
	t.Fatalf("/proc/stat has no %s", core)
	return 0
}
