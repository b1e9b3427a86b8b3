package chaos

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/referent/referent/failpoint/scaled"
	"github.com/referent/referent/queue/natstest"
)

// world is a server with two local workers, a worker of its own behind a connection that can be cut, and whoever
// starts them again when they die, as systemd would.
type world struct {
	t      *testing.T
	dir    string // of data, failpoints and logs
	data   string
	points string
	env    []string
	url    string
	nats   string
	cut    *proxy
	log    *os.File
	local  string // how many local workers
	closed sync.Once
	model  *httptest.Server

	mu      sync.Mutex
	server  *exec.Cmd
	far     *exec.Cmd // the worker of its own
	token   string
	hold    bool // the server is not started again
	stopped bool
	started time.Time // the server, the last time
	over    sync.WaitGroup
}

// newWorld starts everything on a data folder, which may have been used before.
func newWorld(t *testing.T, dir string, env ...string) *world {
	t.Helper()
	return newWorldOf(t, dir, 2, true, env...)
}

// newWorldOf starts a server with so many local workers, and with or without one of its own.
func newWorldOf(t *testing.T, dir string, local int, far bool, env ...string) *world {
	t.Helper()
	w := &world{t: t, dir: dir, data: filepath.Join(dir, "data"), points: filepath.Join(t.TempDir(), "points"), env: env, local: strconv.Itoa(local)}
	for _, d := range []string{w.data, w.points} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	logs := t.TempDir()
	if *keep != "" {
		logs = *keep
	}
	var err error
	if w.log, err = os.OpenFile(filepath.Join(logs, strings.ReplaceAll(t.Name(), "/", "-")+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		t.Fatal(err)
	}
	ports := natstest.Ports(t, 2)
	w.url, w.nats = fmt.Sprint("127.0.0.1:", ports[0]), fmt.Sprint("127.0.0.1:", ports[1])
	w.cut = newProxy(t, w.nats)
	w.model = httptest.NewServer(http.HandlerFunc(scaled.AnswerNothing))
	w.over.Go(w.keepServer)
	if far {
		w.over.Go(w.keepFar)
	}
	t.Cleanup(w.close)
	w.ready()
	return w
}

func (w *world) environ() []string {
	return append(append(os.Environ(), "FAILPOINTS="+w.points, "FAILPOINTS_PACE=15ms",
		"REFERENT_LLM_URL="+w.model.URL+"/v1", "REFERENT_LLM_MODEL=tom"), w.env...)
}

// keepServer starts the server again whenever it is gone.
func (w *world) keepServer() {
	runtime.LockOSThread() // the signal at the parent's death is for that of the thread
	for {
		w.mu.Lock()
		stopped, hold := w.stopped, w.hold
		w.mu.Unlock()
		if stopped {
			return
		}
		if hold {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		cmd := exec.Command(program, "serve", "--json", "--data-dir", w.data, "--listen", w.url, "--nats-listen", w.nats,
			"--workers", w.local, "--threads", "1", "--log-level", "warn")
		cmd.Env, cmd.Stderr, cmd.SysProcAttr = w.environ(), w.log, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			fmt.Fprintln(w.log, "chaos: server not started:", err)
			time.Sleep(200 * time.Millisecond)
			continue
		}
		w.mu.Lock()
		w.server = cmd
		w.started = time.Now()
		w.mu.Unlock()
		w.told(out)
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
		w.mu.Lock()
		w.server = nil
		w.mu.Unlock()
		time.Sleep(100 * time.Millisecond)
	}
}

// told takes the server's word that it serves, and the token that it left.
func (w *world) told(out io.Reader) {
	var ready struct{ Event string }
	if json.NewDecoder(bufio.NewReader(out)).Decode(&ready) != nil || ready.Event != "serving" {
		return
	}
	var local struct{ Token string }
	raw, err := os.ReadFile(filepath.Join(w.data, "keys", "local.json"))
	if err == nil && json.Unmarshal(raw, &local) == nil {
		w.mu.Lock()
		w.token = local.Token
		w.mu.Unlock()
	}
}

func (w *world) keepFar() {
	runtime.LockOSThread()
	creds := filepath.Join(w.data, "keys", "worker.nk")
	for {
		w.mu.Lock()
		stopped := w.stopped
		w.mu.Unlock()
		if stopped {
			return
		}
		cmd := exec.Command(program, "worker", "--nats", "nats://"+w.cut.address(), "--creds", creds, "--name", "worker/far", "--threads", "1", "--log-level", "warn")
		cmd.Env, cmd.Stderr, cmd.SysProcAttr = w.environ(), w.log, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := cmd.Start(); err == nil {
			w.mu.Lock()
			w.far = cmd
			w.mu.Unlock()
			_ = cmd.Wait()
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func (w *world) close() { w.closed.Do(w.shut) }

func (w *world) shut() {
	w.mu.Lock()
	w.stopped = true
	for _, c := range []*exec.Cmd{w.server, w.far} {
		if c != nil {
			_ = c.Process.Signal(syscall.SIGCONT)
			_ = c.Process.Kill()
		}
	}
	w.mu.Unlock()
	w.over.Wait()
	w.cut.close()
	w.model.Close()
	if w.t.Failed() {
		if text, err := os.ReadFile(w.log.Name()); err == nil {
			w.t.Logf("the end of the log:\n%s", text[max(0, len(text)-2500):])
		}
	}
	_ = w.log.Close()
}

// ready waits until the server answers.
func (w *world) ready() {
	w.t.Helper()
	w.until(2*time.Minute, "the server is ready", func() bool {
		res, err := http.Get("http://" + w.url + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

func (w *world) until(limit time.Duration, what string, ok func() bool) {
	w.t.Helper()
	if !within(limit, ok) {
		w.t.Fatalf("waited %v in vain: %s", limit, what)
	}
}

func within(limit time.Duration, ok func() bool) bool {
	for end := time.Now().Add(limit); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// serverPID is 0 while there is none.
func (w *world) serverPID() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.server == nil {
		return 0
	}
	return w.server.Process.Pid
}

func (w *world) farPID() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.far == nil {
		return 0
	}
	return w.far.Process.Pid
}

// workerPIDs are the server's own workers.
func (w *world) workerPIDs() (pids []int) {
	server := strconv.Itoa(w.serverPID())
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
		if len(fields) > 1 && fields[1] == server && fields[0] != "Z" {
			if pid, err := strconv.Atoi(strings.Split(path, "/")[2]); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// down kills the server and keeps it down while f does something to its folder.
func (w *world) down(f func()) {
	w.mu.Lock()
	w.hold = true
	w.mu.Unlock()
	if pid := w.serverPID(); pid != 0 {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	w.until(time.Minute, "the server is gone", func() bool { return w.serverPID() == 0 })
	f()
	w.mu.Lock()
	w.hold = false
	w.mu.Unlock()
}
