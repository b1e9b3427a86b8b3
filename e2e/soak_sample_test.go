package e2e_test

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"github.com/referent/referent/failpoint"
)

// sample is what there is at an idle point, by name.
type sample map[string]float64

// atLeast keeps the lesser of each: what is there for a moment, such as a turn of the reconciler, is not kept.
func (a sample) atLeast(b sample) {
	for name, v := range b {
		if was, ok := a[name]; !ok || v < was {
			a[name] = v
		}
	}
}

// inside has a process tell of itself.
func (k *soak) inside(pid int) (in failpoint.Inside) {
	k.t.Helper()
	path := filepath.Join(k.told, fmt.Sprint(pid, ".json"))
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		k.t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGUSR1); err != nil {
		k.t.Fatalf("process %d: %v", pid, err)
	}
	eventually(k.t, time.Minute, "a process tells of itself", func() bool {
		text, err := os.ReadFile(path)
		return err == nil && json.Unmarshal(text, &in) == nil
	})
	return in
}

// look takes one look at everything.
func (k *soak) look() sample {
	all := sample{}
	for who, pid := range k.processes() {
		name := func(what string) string { return who + " " + what }
		in := k.inside(pid)
		k.stacks[who] = in.Stacks
		all[name("goroutines")] = float64(in.Goroutines)
		all[name("heap")] = float64(in.Heap)
		all[name("Go memory")] = float64(in.Go)
		all[name("memory")] = 1024 * k.status(pid, "VmRSS")
		all[name("threads")] = k.status(pid, "Threads")
		all[name("children")] = float64(len(childrenByParent(k.t, pid)))
		for kind, n := range k.files(pid) {
			all[name(kind)] = n
		}
	}
	all["event streams"] = k.metric("referent_event_streams")
	all["temporary files"] = float64(len(filesIn(k.t, k.temp)))
	all["blobs"] = float64(len(filesIn(k.t, filepath.Join(k.server.data, "blobs"))))
	k.lookAtQueue(all)
	k.lookAtStore(all)
	return all
}

// status is a number of /proc/PID/status.
func (k *soak) status(pid int, line string) float64 {
	k.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		k.t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "\n"+line+":")
	v, err := strconv.ParseFloat(strings.Fields(after + " ?")[0], 64)
	if err != nil {
		k.t.Fatalf("no %s of process %d", line, pid)
	}
	return v
}

// files counts what a process has open, by kind.
func (k *soak) files(pid int) map[string]float64 {
	k.t.Helper()
	kinds := map[string]float64{"sockets": 0, "pipes": 0, "database files": 0, "other files": 0}
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, e := range entries {
		at, err := os.Readlink(filepath.Join(dir, e.Name()))
		switch {
		case err != nil: // it was closed meanwhile
		case strings.HasPrefix(at, "socket:"):
			kinds["sockets"]++
		case strings.HasPrefix(at, "pipe:"):
			kinds["pipes"]++
		case strings.Contains(at, "/referent.db"):
			kinds["database files"]++
		default:
			kinds["other files"]++
		}
	}
	return kinds
}

// filesIn lists the files below dir.
func filesIn(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // it went meanwhile, or was never needed
			return nil
		}
		if err == nil && !d.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// metric reads what the server tells Prometheus.
func (k *soak) metric(name string) float64 {
	k.t.Helper()
	req, err := http.NewRequestWithContext(k.t.Context(), "GET", k.server.url+"/metrics", nil)
	if err != nil {
		k.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+k.server.tok)
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		k.t.Fatal(err)
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				k.t.Fatal(err)
			}
			return v
		}
	}
	k.t.Fatalf("/metrics: %s, no %s", res.Status, name)
	return 0
}

// dialQueue connects to the server's queue as the server, which alone may ask all of it.
func (k *soak) dialQueue() *nats.Conn {
	k.t.Helper()
	seed, err := os.ReadFile(filepath.Join(k.server.data, "keys", "server.nk"))
	if err != nil {
		k.t.Fatal(err)
	}
	pair, err := nkeys.ParseDecoratedNKey(seed)
	if err != nil {
		k.t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		k.t.Fatal(err)
	}
	conn, err := nats.Connect(k.server.nats, nats.Nkey(public, pair.Sign), nats.Name("soak"))
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(conn.Close)
	return conn
}

// lookAtQueue counts connections and subscriptions but the soak's own, and what JetStream holds.
func (k *soak) lookAtQueue(into sample) {
	k.t.Helper()
	reply, err := k.queue.Request("$SYS.REQ.ACCOUNT.PING.CONNZ", nil, 10*time.Second)
	if err != nil {
		k.t.Fatal(err)
	}
	var told struct {
		Data struct {
			Connections []struct {
				Name          string
				Subscriptions float64
			}
		}
	}
	if err := json.Unmarshal(reply.Data, &told); err != nil {
		k.t.Fatal(err)
	}
	for _, c := range told.Data.Connections {
		if c.Name != "soak" {
			into["NATS connections"]++
			into["NATS subscriptions"] += c.Subscriptions
		}
	}
	if into["NATS connections"] < 3 {
		k.t.Fatalf("the server and two workers are not connected: %s", reply.Data)
	}
	js, err := jetstream.New(k.queue)
	if err != nil {
		k.t.Fatal(err)
	}
	info, err := js.AccountInfo(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	into["NATS streams"], into["NATS consumers"], into["JetStream bytes"] = float64(info.Streams), float64(info.Consumers), float64(info.Store)
}

// lookAtStore tells how much is stored.
func (k *soak) lookAtStore(into sample) {
	k.t.Helper()
	path := filepath.Join(k.server.data, "referent.db")
	for name, file := range map[string]string{"database file": path, "write-ahead log": path + "-wal"} {
		info, err := os.Stat(file)
		if err != nil {
			k.t.Fatal(err)
		}
		into[name] = float64(info.Size())
	}
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		k.t.Fatal(err)
	}
	defer db.Close()
	for _, table := range []string{"meetings", "jobs", "uploads", "sessions", "events", "audit", "readings", "receipts"} {
		var n float64
		if err := db.QueryRowContext(k.t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			k.t.Fatal(err)
		}
		into[table+" rows"] = n
	}
}
