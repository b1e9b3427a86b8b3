package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/queue/natstest"
	"github.com/referent/referent/worker/protocol"
)

// authority is a certificate authority of one's own.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	path string
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t}
	a.path, _, a.cert, a.key = a.issue(&x509.Certificate{IsCA: true, Subject: pkix.Name{CommonName: "test"}})
	return a
}

// issue signs a certificate; the authority's own when it has none.
func (a *authority) issue(c *x509.Certificate) (path, keyPath string, made *x509.Certificate, key *ecdsa.PrivateKey) {
	a.t.Helper()
	fail := func(err error) {
		if err != nil {
			a.t.Fatal(err)
		}
	}
	var err error
	key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(err)
	c.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62))
	fail(err)
	c.NotAfter, c.BasicConstraintsValid = time.Now().Add(time.Hour), true
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	fail(err)
	made, err = x509.ParseCertificate(der)
	fail(err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	fail(err)
	dir := a.t.TempDir()
	path, keyPath = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	fail(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	fail(os.WriteFile(keyPath, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	return path, keyPath, made, key
}

func (a *authority) server() (cert, key string) {
	a.t.Helper()
	cert, key, _, _ = a.issue(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	return cert, key
}

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
	ca := newAuthority(t)
	cert, key := ca.server()
	s := startServer(t, t.TempDir(), "--workers", "0", "--config", settings(t,
		fmt.Sprintf("  listen: 127.0.0.1:0\n  tls_cert: %s\n  tls_key: %s\n  ca: %s\n", cert, key, ca.path)))
	s.workedBy()
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
	bin := filepath.Join(t.TempDir(), "nats-server")
	if out, err := exec.Command("go", "build", "-o", bin, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		t.Fatalf("nats-server does not build: %v\n%s", err, out)
	}
	ca, data := newAuthority(t), t.TempDir()
	free := natstest.Ports(t, 6)
	var urls, peers []string
	for _, port := range free[3:] {
		peers = append(peers, "127.0.0.1:"+strconv.Itoa(port))
	}
	var nodes []*exec.Cmd
	for i := range 3 {
		cert, key := ca.server()
		port, peer := strconv.Itoa(free[i]), strconv.Itoa(free[3+i])
		conf := mustRun(t, nil, "nats", "config", "--name", "n"+strconv.Itoa(i+1), "--host", "127.0.0.1", "--port", port, "--peer-port", peer,
			"--peers", strings.Join(peers, ","), "--cert", cert, "--key", key, "--ca", ca.path, "--store-dir", t.TempDir(), "--data-dir", data)
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
		nodes, urls = append(nodes, node), append(urls, "tls://127.0.0.1:"+port)
	}
	s := startServer(t, data, "--workers", "0", "--config", settings(t, fmt.Sprintf("  url: %s\n  ca: %s\n", strings.Join(urls, ","), ca.path)))
	s.workedBy()
	if err := nodes[0].Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	s.wait(s.submit(referent.Meeting{}, example("formannskapet.vtt")), referent.StateDraft, 45*time.Second)
	t.Logf("a meeting was done %v after the kill", time.Since(killed).Round(time.Millisecond))
}
