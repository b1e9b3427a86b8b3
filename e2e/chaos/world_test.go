package chaos

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent/failpoint/scaled"
	"github.com/referent/referent/queue/natstest"
)

// world is the processes that a test is about, and whoever starts them again when they die, as systemd would: a server with
// two local workers, and a worker of its own behind a connection that can be cut; or all that newCluster starts.
type world struct {
	t      *testing.T
	dir    string // of data, failpoints and logs
	data   string // of the server, or the first of them
	points string
	env    []string
	url    string // where people reach it
	cut    *proxy
	log    *os.File
	closed sync.Once
	model  *httptest.Server

	servers []*process
	far     []*process // the workers that no server starts
	others  []*process // on which these depend
	over    sync.WaitGroup

	// What is stored: the files that hold a meeting's, and those that are not what was written.
	files   func(meeting string) []string
	damaged func() []string

	mu    sync.Mutex
	token string
}

// newWorld starts everything on a data folder, which may have been used before.
func newWorld(t *testing.T, dir string, env ...string) *world {
	t.Helper()
	return newWorldOf(t, dir, 2, true, env...)
}

// newWorldOf starts a server with so many local workers, and with or without one of its own.
func newWorldOf(t *testing.T, dir string, local int, far bool, env ...string) *world {
	t.Helper()
	w := emptyWorld(t, dir, env)
	ports := natstest.Ports(t, 2)
	var nats string
	w.url, nats = fmt.Sprint("127.0.0.1:", ports[0]), fmt.Sprint("127.0.0.1:", ports[1])
	w.cut = newProxy(t, nats)
	w.files = func(meeting string) []string {
		files, _ := filepath.Glob(filepath.Join(w.data, "blobs", meeting, "*", "*"))
		return files
	}
	w.damaged = func() []string { return damagedFiles(filepath.Join(w.data, "blobs")) }
	w.servers = append(w.servers, w.keep(&process{name: "server", pause: 100 * time.Millisecond, heard: w.told(w.data), make: func() *exec.Cmd {
		return exec.Command(program, "serve", "--json", "--data-dir", w.data, "--listen", w.url, "--nats-listen", nats,
			"--workers", strconv.Itoa(local), "--threads", "1", "--log-level", "warn")
	}}))
	if far {
		w.far = append(w.far, w.keep(&process{name: "worker", pause: 200 * time.Millisecond, make: func() *exec.Cmd {
			return exec.Command(program, "worker", "--nats", "nats://"+w.cut.address(), "--creds", filepath.Join(w.data, "keys", "worker.nk"),
				"--name", "worker/far", "--threads", "1", "--log-level", "warn")
		}}))
	}
	w.ready()
	return w
}

// emptyWorld has a folder, a log and a language model, and ends with the test.
func emptyWorld(t *testing.T, dir string, env []string) *world {
	t.Helper()
	w := &world{t: t, dir: dir, data: filepath.Join(dir, "data"), points: filepath.Join(t.TempDir(), "points"), env: env}
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
	w.model = httptest.NewServer(http.HandlerFunc(scaled.AnswerNothing))
	t.Cleanup(w.close)
	return w
}

// keep starts a process, and starts it again until the world ends.
func (w *world) keep(p *process) *process {
	if p.log == nil {
		p.log = w.log
	}
	command := p.make
	p.make = func() *exec.Cmd {
		cmd := command()
		cmd.Env = w.environ()
		return cmd
	}
	w.over.Go(p.keep)
	return p
}
func (w *world) environ() []string {
	return append(append(os.Environ(), "FAILPOINTS="+w.points, "FAILPOINTS_PACE=15ms",
		"REFERENT_LLM_URL="+w.model.URL+"/v1", "REFERENT_LLM_MODEL=tom"), w.env...)
}

// told takes the word of the server with the folder that it serves, and the token that it left.
func (w *world) told(data string) func(out io.Reader) {
	return func(out io.Reader) {
		var ready struct{ Event string }
		if json.NewDecoder(bufio.NewReader(out)).Decode(&ready) != nil || ready.Event != "serving" {
			return
		}
		var local struct{ Token string }
		raw, err := os.ReadFile(filepath.Join(data, "keys", "local.json"))
		if err == nil && json.Unmarshal(raw, &local) == nil {
			w.mu.Lock()
			w.token = local.Token
			w.mu.Unlock()
		}
	}
}

func (w *world) close() { w.closed.Do(w.shut) }

func (w *world) shut() {
	for _, p := range slices.Concat(w.servers, w.far, w.others) {
		p.stop()
	}
	w.over.Wait()
	if w.cut != nil {
		w.cut.close()
	}
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

// serverPID is that of the one server there is, 0 while there is none.
func (w *world) serverPID() int { return w.servers[0].pid() }

func (w *world) farPID() int {
	if len(w.far) == 0 {
		return 0
	}
	return w.far[0].pid()
}

// workerPIDs are the server's own workers.
func (w *world) workerPIDs() []int { return w.servers[0].children() }

// down kills all servers and keeps them down while f does something to what they work on.
func (w *world) down(f func()) {
	for _, p := range w.servers {
		p.hold(true)
		p.kill()
	}
	w.until(time.Minute, "the server is gone", func() bool {
		return !slices.ContainsFunc(w.servers, func(p *process) bool { return p.pid() != 0 })
	})
	f()
	for _, p := range w.servers {
		p.hold(false)
	}
}
