package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
)

// server is a running `referent serve`.
type server struct {
	t     *testing.T
	cmd   *exec.Cmd
	data  string
	url   string
	first string // where the first administrator chooses a password
	nats  string
	cred  string
	api   *client.Client
	tok   string
	log   *tail
	dead  chan struct{}
}

// startServer starts a server on the data folder and waits until it is ready.
func startServer(t *testing.T, data string, args ...string) *server {
	t.Helper()
	return startServerUnder(t, nil, data, args...)
}

// startServerUnder starts it by another program, such as taskset with its arguments.
func startServerUnder(t *testing.T, starter []string, data string, args ...string) *server {
	t.Helper()
	return startServerOf(t, program, starter, data, args...)
}

// startServerOf starts the program at path.
func startServerOf(t *testing.T, path string, starter []string, data string, args ...string) *server {
	t.Helper()
	s := &server{t: t, data: data, log: &tail{}, dead: make(chan struct{})}
	line := append(slices.Clone(starter), path, "serve", "--json", "--data-dir", data, "--listen", "127.0.0.1:0", "--log-level", "warn")
	line = append(line, args...)
	s.cmd = exec.Command(line[0], line[1:]...)
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("the server's log:\n%s", s.log)
		}
	})
	var ready struct {
		Event, URL, NATS string
		Error            json.RawMessage
		Creds            string `json:"worker_credentials"`
		Setup            string `json:"setup_url"`
	}
	err = json.NewDecoder(bufio.NewReader(out)).Decode(&ready)
	go func() { // before any test fails: kill waits for it
		_, _ = io.Copy(io.Discard, out)
		_ = s.cmd.Wait()
		close(s.dead)
	}()
	if err != nil || ready.Event != "serving" {
		t.Fatalf("serve said %s %s, %v; its log:\n%s", ready.Event, ready.Error, err, s.log)
	}
	var local struct{ URL, Token string }
	raw, err := os.ReadFile(filepath.Join(data, "keys", "local.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &local); err != nil {
		t.Fatal(err)
	}
	s.url, s.first, s.nats, s.cred, s.tok = ready.URL, ready.Setup, ready.NATS, ready.Creds, local.Token
	s.api = client.New(s.url, s.tok)
	eventually(t, 30*time.Second, "the server is ready", func() bool {
		res, err := http.Get(s.url + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	return s
}

// kill ends the server with SIGKILL, as a crash does, and waits until it is gone.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.dead
}

// stop ends the server as an administrator does.
func (s *server) stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	select {
	case <-s.dead:
	case <-time.After(60 * time.Second):
		s.t.Fatalf("the server did not stop; its log:\n%s", s.log)
	}
}

// children lists the server's worker processes.
func (s *server) children() (pids []int) {
	s.t.Helper()
	out, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", s.cmd.Process.Pid, s.cmd.Process.Pid))
	if err != nil || len(bytes.TrimSpace(out)) == 0 {
		pids = childrenByParent(s.t, s.cmd.Process.Pid)
		return pids
	}
	for _, f := range strings.Fields(string(out)) {
		pid, err := strconv.Atoi(f)
		if err != nil {
			s.t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// childrenByParent walks /proc: a child started by another thread of the server is not in the main
// thread's list.
func childrenByParent(t *testing.T, parent int) (pids []int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		after := string(data[bytes.LastIndexByte(data, ')')+1:])
		fields := strings.Fields(after)
		if len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			pid, err := strconv.Atoi(strings.Split(path, "/")[2])
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}

// alive reports whether a process runs (a zombie does not).
func alive(pid int) bool {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	after := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	return len(after) > 0 && after[0] != "Z"
}

// submit sends a file as a new meeting and returns its id.
func (s *server) submit(m referent.Meeting, path string) string {
	s.t.Helper()
	if m.Title == "" {
		m.Title = "Prøve"
	}
	if m.Kind == "" {
		m.Kind, m.Language = referent.KindReferat, referent.Bokmal
	}
	made, err := s.api.Create(s.t.Context(), &m)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.api.UploadFile(s.t.Context(), made.ID, path, nil); err != nil {
		s.t.Fatal(err)
	}
	return made.ID
}

// submitLong sends what longRecording made.
func (s *server) submitLong(path, spoken string) string {
	s.t.Helper()
	return s.submit(referent.Meeting{Options: referent.Options{Spoken: spoken}}, path)
}

// jobs lists the meeting's jobs.
func (s *server) jobs(id string) []referent.Job {
	s.t.Helper()
	jobs, err := s.api.Jobs(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return jobs
}

// doneChunks returns the finished chunks' jobs by chunk.
func doneChunks(jobs []referent.Job) map[int]referent.Job {
	done := map[int]referent.Job{}
	for _, j := range jobs {
		if j.Stage == referent.StageTranscribe && j.State == referent.JobDone {
			done[j.Chunk] = j
		}
	}
	return done
}

// wait waits until the meeting is in the state.
func (s *server) wait(id string, want referent.State, limit time.Duration) *referent.Meeting {
	s.t.Helper()
	var last *referent.Meeting
	eventually(s.t, limit, "the meeting is "+string(want), func() bool {
		m, err := s.api.Get(s.t.Context(), id)
		if err != nil {
			s.t.Fatal(err)
		}
		last = m
		if m.State == referent.StateFailed && want != referent.StateFailed {
			s.t.Fatalf("the meeting failed: %+v", m.Failure)
		}
		return m.State == want
	})
	return last
}

func (s *server) transcript(id string) *referent.Transcript {
	s.t.Helper()
	var b bytes.Buffer
	if err := s.api.Result(s.t.Context(), id, "transcript.json", &b); err != nil {
		s.t.Fatal(err)
	}
	var tr referent.Transcript
	if err := json.Unmarshal(b.Bytes(), &tr); err != nil {
		s.t.Fatal(err)
	}
	return &tr
}

// startWorker starts a `referent worker` of its own and returns its process.
func (s *server) startWorker(name string, args ...string) *exec.Cmd {
	s.t.Helper()
	cmd := s.workerCommand(program, name, args...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

// workerCommand is that of a worker of one thread, of the program at path.
func (s *server) workerCommand(path, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, append([]string{"worker", "--nats", s.nats, "--creds", s.cred, "--name", name, "--threads", "1", "--log-level", "warn"}, args...)...)
	cmd.Stderr = s.log
	return cmd
}

// eventually polls until ok, and fails the test after limit.
func eventually(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited %v in vain: %s", limit, what)
		case <-tick.C:
		}
	}
}

// tail keeps the last part of a log.
type tail struct {
	mu   sync.Mutex
	data []byte
}

func (l *tail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.data = append(l.data, p...)
	if over := len(l.data) - 64<<10; over > 0 {
		l.data = l.data[over:]
	}
	return len(p), nil
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.data)
}
