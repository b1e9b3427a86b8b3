package e2e_test

import (
	"os"
	"path/filepath"
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
	id := s.submit(referent.Meeting{Kind: referent.KindDictate, Language: referent.Bokmal, Options: referent.Options{Spoken: "en", Speakers: "off"}}, path)
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
// said with REFERENT_E2E_BULK, e.g. 3h.
func TestDictationOvertakes(t *testing.T) {
	length := 30 * time.Minute
	if v := os.Getenv("REFERENT_E2E_BULK"); v != "" {
		var err error
		if length, err = time.ParseDuration(v); err != nil {
			t.Fatal(err)
		}
	}
	s := startServer(t, t.TempDir(), "--workers", "1")
	short := repeated(t, dictation)
	s.dictate(short) // loads the weights
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
	t.Logf("a dictation of %v has its transcript %.1f s after it has come; beside a recording of %v, %.1f s: %.1f times as long",
		dictation, alone.Seconds(), length, beside.Seconds(), beside.Seconds()/alone.Seconds())
	// It shares the cores with the windows under way and takes every one that comes free.
	if limit := 3*alone + 5*time.Second; beside > limit {
		t.Errorf("beside the long recording it took %v, more than %v", beside, limit)
	}
	if _, err := s.api.Cancel(t.Context(), bulk); err != nil {
		t.Fatal(err)
	}
}

// One core is enough for a dictation.
func TestDictationOnOneCore(t *testing.T) {
	s := startServerUnder(t, []string{"taskset", "-c", "0"}, t.TempDir(), "--workers", "1", "--threads", "1")
	short := repeated(t, dictation)
	s.dictate(short) // loads the weights
	took := s.dictate(short)
	share := took.Seconds() / dictation.Seconds()
	t.Logf("a dictation of %v has its transcript %.1f s after it has come: %.2f of its length", dictation, took.Seconds(), share)
	if share > 0.5 {
		t.Errorf("that is more than half its length")
	}
}
