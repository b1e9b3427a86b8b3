package e2e_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/referent/referent"
)

// scaledProgram builds the program with the recogniser that takes a set time (failpoint/scaled), for workers alone:
// servers are always the program that people run.
var scaledProgram = sync.OnceValues(func() (string, error) {
	path := program + "-scaled"
	out, err := exec.Command("go", "build", "-tags", "failpoints", "-buildvcs=false", "-ldflags", os.Getenv("E2E_LDFLAGS"), "-o", path, "../cmd/referent").CombinedOutput()
	if err != nil {
		err = errors.New(err.Error() + ": " + string(out))
	}
	return path, err
})

// scaledWorker is a worker of one thread in a process of its own, which takes a set time for each second of sound.
type scaledWorker struct {
	*exec.Cmd
	heard string
	gone  chan struct{}
}

func (s *server) startScaled(name string, pace time.Duration, args ...string) *scaledWorker {
	s.t.Helper()
	path, err := scaledProgram()
	if err != nil {
		s.t.Fatal("the program does not build: ", err)
	}
	w := &scaledWorker{heard: filepath.Join(s.t.TempDir(), "heard"), gone: make(chan struct{})}
	w.Cmd = s.workerCommand(path, name, args...)
	w.Env = append(os.Environ(), "FAILPOINTS_PACE="+pace.String(), "FAILPOINTS_SEATS=1", "FAILPOINTS_HEARD="+w.heard)
	if err := w.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		_ = w.Wait() // ended by the test: that is its error
		close(w.gone)
	}()
	s.t.Cleanup(func() {
		_ = w.Process.Kill() // it may have ended
		<-w.gone
	})
	return w
}

// leave ends the worker as an administrator does: it gives back what it has at hand.
func (w *scaledWorker) leave(t *testing.T) {
	t.Helper()
	if err := w.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-w.gone:
	case <-time.After(30 * time.Second):
		t.Fatal("the worker did not leave")
	}
}

// presentWorkers waits until the server has heard of so many workers.
func (s *server) presentWorkers(n int) {
	s.t.Helper()
	eventually(s.t, time.Minute, "the workers are there", func() bool {
		all, err := s.api.Workers(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		return len(all) == n
	})
}

// samples is how many the worker has heard.
func (w *scaledWorker) samples(t *testing.T) (all int64) {
	t.Helper()
	text, err := os.ReadFile(w.heard)
	if err != nil && !errors.Is(err, os.ErrNotExist) { // none: nothing came to it
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		n, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
		if err != nil {
			t.Fatalf("not what was heard: %q", line)
		}
		all += n
	}
	return all
}

// speech is a recording as long as one likes, and in no file: WAV of the public sample again and again, from some place
// in it on.
type speech struct {
	header, pcm []byte
	from, size  int64 // bytes
}

// speeches makes n of so many seconds, that begin at different places.
func speeches(t *testing.T, n int, seconds int64) []*speech {
	t.Helper()
	pcm := decode(t, jfk(t))
	size := seconds * 2 * referent.SampleRate
	h := wavHeader(uint32(size))
	all := make([]*speech, n)
	for i := range all {
		all[i] = &speech{h, pcm, int64(i) * 2 * 1009 % int64(len(pcm)), int64(len(h)) + size}
	}
	return all
}

func (s *speech) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		at := off + int64(n)
		var part []byte
		switch head := int64(len(s.header)); {
		case at >= s.size:
			return n, io.EOF
		case at < head:
			part = s.header[at:]
		default:
			part = s.pcm[(s.from+at-head)%int64(len(s.pcm)):]
			part = part[:min(int64(len(part)), s.size-at)]
		}
		n += copy(p[n:], part)
	}
	return n, nil
}
