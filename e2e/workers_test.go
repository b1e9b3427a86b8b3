package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/queue/natstest"
	"github.com/referent/referent/worker/protocol"
)

// must runs the program and fails the test unless it succeeds.
func mustRun(t *testing.T, env []string, args ...string) string {
	t.Helper()
	out, errs, code := referentRun(t, env, args...)
	if code != 0 {
		t.Fatalf("referent %s: exit %d: %s", strings.Join(args, " "), code, errs)
	}
	return out
}

// enrol makes a token at the server and enrols this machine with it.
func (s *server) enrol(label string) (dir, id string) {
	s.t.Helper()
	var made client.Enrolment
	out := mustRun(s.t, nil, "workers", "enrol-token", "--json", "--label", label, "--data-dir", s.data)
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		s.t.Fatalf("%s: %v", out, err)
	}
	dir = filepath.Join(s.t.TempDir(), "worker")
	mustRun(s.t, []string{"REFERENT_ENROL_TOKEN=" + made.Token}, "worker", "enrol", "--server", s.url, "--dir", dir)
	for _, name := range []string{"worker.nk", "worker.json"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			s.t.Errorf("%s: %v %v", name, info, err)
		}
	}
	if _, errs, code := referentRun(s.t, []string{"REFERENT_ENROL_TOKEN=" + made.Token}, "worker", "enrol", "--server", s.url, "--dir", filepath.Join(s.t.TempDir(), "again")); code != 5 {
		s.t.Errorf("the token a second time: exit %d: %s", code, errs)
	}
	for _, w := range s.enrolled() {
		if w.Label == label {
			return dir, w.ID
		}
	}
	s.t.Fatalf("%s is not in the list", label)
	return "", ""
}

func (s *server) enrolled() (all []client.EnrolledWorker) {
	s.t.Helper()
	out := mustRun(s.t, nil, "workers", "--json", "--data-dir", s.data)
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		s.t.Fatalf("%s: %v", out, err)
	}
	return all
}

// present reports whether a process of the worker is heard of.
func (s *server) present(id string) bool {
	for _, w := range s.enrolled() {
		if w.ID == id {
			return len(w.Now) > 0
		}
	}
	return false
}

// describes looks at what the list tells of the machine of a worker that is there.
func (s *server) describes(id string) {
	s.t.Helper()
	for _, w := range s.enrolled() {
		if w.ID != id {
			continue
		}
		p := w.Now[0]
		if (p.Class == protocol.CPU) != (p.Device == "cpu") || p.Class == "" || p.Model != "" {
			s.t.Errorf("it runs on %q, which is %q, and has %q in memory without having recognised anything", p.Device, p.Class, p.Model)
		}
		told := mustRun(s.t, nil, "workers", "--data-dir", s.data)
		for _, want := range append(p.Models, locale.T("nb", "operations.class."+string(p.Class)), p.Worker) {
			if !strings.Contains(told, want) {
				s.t.Errorf("%q is not told: %s", want, told)
			}
		}
	}
}

// startEnrolled starts a worker with what enrolling left.
func startEnrolled(t *testing.T, dir string) *tail {
	t.Helper()
	log := &tail{}
	cmd := exec.Command(program, "worker", "--dir", dir, "--stages", "prepare,minutes", "--threads", "1")
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // killed: that is its error
	})
	return log
}

// settings writes a configuration file.
func settings(t *testing.T, nats string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "referent.yaml")
	if err := os.WriteFile(path, []byte("nats:\n"+nats), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A worker enrols over the network, with TLS and an authority of one's own; it does the work, and is shut out at once.
func TestEnrolledWorker(t *testing.T) {
	ca := natstest.NewAuthority(t)
	cert, key := ca.Server()
	s := startServer(t, t.TempDir(), "--workers", "0", "--config", settings(t,
		fmt.Sprintf("  listen: 127.0.0.1:0\n  tls_cert: %s\n  tls_key: %s\n  ca: %s\n", cert, key, ca.Path)))
	s.workedBy()
}

// A certificate has the name that other machines use; the server's own workers come by a loopback address, and do the work.
func TestOwnWorkersOfNamedQueue(t *testing.T) {
	ca := natstest.NewAuthority(t)
	cert, key := ca.Named("ko.example.no")
	s := startServer(t, t.TempDir(), "--workers", "1", "--threads", "1", "--config", settings(t,
		fmt.Sprintf("  listen: 127.0.0.1:0\n  tls_cert: %s\n  tls_key: %s\n  ca: %s\n", cert, key, ca.Path)))
	s.wait(s.submit(referent.Meeting{}, example("formannskapet.vtt")), referent.StateDraft, time.Minute)
}

// workedBy has an enrolled worker do a meeting, and shuts it out.
func (s *server) workedBy() {
	s.t.Helper()
	dir, id := s.enrol("Maskinrommet")
	log := startEnrolled(s.t, dir)
	defer func() {
		if s.t.Failed() {
			s.t.Logf("the worker's log:\n%s", log)
		}
	}()
	s.wait(s.submit(referent.Meeting{}, example("formannskapet.vtt")), referent.StateDraft, time.Minute)
	if !s.present(id) {
		s.t.Error("the worker is not shown as connected")
	}
	s.describes(id)
	mustRun(s.t, nil, "workers", "revoke", id, "--data-dir", s.data)
	later := s.submit(referent.Meeting{}, example("formannskapet.vtt"))
	time.Sleep(5 * time.Second)
	if m, err := s.api.Get(s.t.Context(), later); err != nil || m.State != referent.StateReceived {
		s.t.Errorf("after the revocation the meeting is %+v, %v", m, err)
	}
	if told, want := mustRun(s.t, nil, "workers", "--data-dir", s.data), locale.T("nb", "cli.workers.idle", "stages", "prepare"); !strings.Contains(told, want) {
		s.t.Errorf("that nobody does the work is not told: %s", told)
	}
	if s.present(id) {
		s.t.Error("the revoked worker is heard of")
	}
	dir, _ = s.enrol("En annen maskin")
	startEnrolled(s.t, dir)
	s.wait(later, referent.StateDraft, time.Minute)
}

// The same over three nats-server processes, as referent nats config describes them, one of which is killed.
func TestExternalCluster(t *testing.T) {
	bin := natstest.Program(t)
	ca, data := natstest.NewAuthority(t), t.TempDir()
	var urls []string
	var nodes []*exec.Cmd
	for _, n := range natstest.Nodes(t, 3, ca) {
		conf := mustRun(t, nil, append(n.Args, "--data-dir", data)...)
		path := filepath.Join(t.TempDir(), "nats.conf")
		if err := os.WriteFile(path, []byte(conf), 0o600); err != nil {
			t.Fatal(err)
		}
		node := exec.Command(bin, "-c", path)
		log := &tail{}
		node.Stderr = log
		if err := node.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = node.Process.Kill() // it may be dead
			_ = node.Wait()         // killed: that is its error
			if t.Failed() {
				t.Logf("nats-server's log:\n%s", log)
			}
		})
		nodes, urls = append(nodes, node), append(urls, n.URL)
	}
	s := startServer(t, data, "--workers", "0", "--config", settings(t, fmt.Sprintf("  url: %s\n  ca: %s\n", strings.Join(urls, ","), ca.Path)))
	s.workedBy()
	if err := nodes[0].Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	s.wait(s.submit(referent.Meeting{}, example("formannskapet.vtt")), referent.StateDraft, 45*time.Second)
	t.Logf("a meeting was done %v after the kill", time.Since(killed).Round(time.Millisecond))
}
