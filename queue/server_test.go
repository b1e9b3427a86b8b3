package queue_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
)

func TestKeysAreMadeOnceAndPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	if _, err := queue.LoadKeys(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{queue.ServerSeedFile, queue.WorkerSeedFile} {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := queue.LoadKeys(dir); err != nil {
			t.Fatal(err)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
			t.Errorf("%s changed on the second load: %v", name, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, queue.WorkerSeedFile), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := queue.LoadKeys(dir); referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" {
		t.Errorf("a broken seed: %v", err)
	}
}

func TestSecondServerOnTheFolderIsRefused(t *testing.T) {
	p := newPlace(t)
	_, err := queue.StartServer(queue.ServerConfig{Dir: p.queueDir(), Keys: p.keys})
	if referent.CodeOf(err) != referent.CodeConflict || referent.HintOf(err) == "" {
		t.Fatalf("second server: %v", err)
	}
	p.srv.Shutdown()
	p.start() // the folder is free again
}

func TestListenAddresses(t *testing.T) {
	keys, err := queue.LoadKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, listen := range []string{"0.0.0.0:0", ":4222", "192.0.2.1:4222", "[::]:0", "nonsense", "127.0.0.1:http", "127.0.0.1:99999"} {
		srv, err := queue.StartServer(queue.ServerConfig{Dir: t.TempDir(), Listen: listen, Keys: keys})
		if err == nil {
			srv.Shutdown()
		}
		if referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" {
			t.Errorf("%s: %v", listen, err)
		}
	}
}

func TestPortInUseIsTold(t *testing.T) {
	p := newPlace(t)
	listen := strings.TrimPrefix(p.srv.URL(), "nats://")
	srv, err := queue.StartServer(queue.ServerConfig{Dir: t.TempDir(), Listen: listen, Keys: p.keys})
	if err == nil {
		srv.Shutdown()
	}
	if referent.CodeOf(err) != referent.CodeUnavailable || !strings.Contains(fmt.Sprint(err), "in use") {
		t.Errorf("a taken port: %v", err)
	}
}

func TestConnectFailures(t *testing.T) {
	p := newPlace(t)
	strangers, err := queue.LoadKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	gone := "nats://127.0.0.1:1"
	tests := map[string]struct {
		cfg  queue.DialConfig
		code referent.Code
	}{
		"wrong key":    {queue.DialConfig{URL: p.srv.URL(), Creds: strangers.WorkerSeed}, referent.CodeUnauthorized},
		"no file":      {queue.DialConfig{URL: p.srv.URL(), Creds: filepath.Join(t.TempDir(), "none")}, referent.CodeConfig},
		"nobody there": {queue.DialConfig{URL: gone, Creds: p.keys.WorkerSeed}, referent.CodeUnavailable},
		"no such CA":   {queue.DialConfig{URL: p.srv.URL(), Creds: p.keys.WorkerSeed, CAFile: "none.pem"}, referent.CodeConfig},
		"no CA in it":  {queue.DialConfig{URL: p.srv.URL(), Creds: p.keys.WorkerSeed, CAFile: p.keys.WorkerSeed}, referent.CodeConfig},
	}
	for name, tt := range tests {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		nc, err := queue.Connect(ctx, tt.cfg)
		cancel()
		if err == nil {
			nc.Close()
		}
		if referent.CodeOf(err) != tt.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// With TLS the server's own connection stays inside the process, and a worker needs the certificate's
// authority, or the very certificate: then the address need not be one that the certificate names.
func TestTLS(t *testing.T) {
	keys, err := queue.LoadKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ip := certificate{names: []string{"127.0.0.1"}}.sign(t)
	authority := certificate{authority: true}.sign(t)
	named := certificate{names: []string{"referent.example"}, by: authority}.sign(t)
	wild := certificate{names: []string{"*.referent.example"}}.sign(t)
	signed := certificate{names: []string{"127.0.0.1"}, by: authority}.sign(t)
	tests := map[string]struct {
		server *issued
		trusts string
		ok     bool
	}{
		"the certificate itself":            {ip, ip.path, true},
		"its authority":                     {signed, authority.path, true},
		"the certificate, at another name":  {named, named.path, true},
		"a wildcard, at another name":       {wild, wild.path, true},
		"its authority, at another name":    {named, authority.path, false},
		"another certificate":               {named, wild.path, false},
		"another of the same authority":     {signed, named.path, false},
		"the system's authorities know not": {ip, "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			srv, err := queue.StartServer(queue.ServerConfig{Dir: t.TempDir(), Listen: "127.0.0.1:0", Keys: keys,
				TLS: &tls.Config{Certificates: []tls.Certificate{tt.server.Certificate}, MinVersion: tls.VersionTLS12}})
			if err != nil {
				t.Fatal(err)
			}
			defer srv.Shutdown()
			inside, err := srv.Connect(soon(t))
			if err != nil {
				t.Fatal(err)
			}
			defer inside.Close()
			nc, err := queue.Connect(soon(t), queue.DialConfig{URL: srv.URL(), Creds: keys.WorkerSeed, CAFile: tt.trusts})
			if !tt.ok {
				if err == nil {
					nc.Close()
				}
				if referent.CodeOf(err) != referent.CodeConfig {
					t.Errorf("connected: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			if state, err := nc.TLSConnectionState(); err != nil || !state.HandshakeComplete {
				t.Errorf("not encrypted: %v", err)
			}
		})
	}
}

// A worker that was told what certificate to expect does not speak in the clear.
func TestNoTLSWhereItIsExpected(t *testing.T) {
	p := newPlace(t)
	ca := certificate{authority: true}.sign(t)
	nc, err := queue.Connect(soon(t), queue.DialConfig{URL: p.srv.URL(), Creds: p.keys.WorkerSeed, CAFile: ca.path})
	if err == nil {
		nc.Close()
	}
	if referent.CodeOf(err) != referent.CodeConfig {
		t.Errorf("connected: %v", err)
	}
}

// certificate says what to issue; by is nil for one that signs itself.
type certificate struct {
	names     []string
	authority bool
	by        *issued
}

type issued struct {
	tls.Certificate
	key  *ecdsa.PrivateKey
	leaf *x509.Certificate
	path string
}

func (c certificate) sign(t *testing.T) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: serial.String()},
		NotAfter: time.Now().Add(time.Hour), IsCA: c.authority, BasicConstraintsValid: true}
	for _, name := range c.names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	parent, signer := template, key
	if c.by != nil {
		parent, signer = c.by.leaf, c.by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "certificate.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &issued{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, key, leaf, path}
}

// A process that publishes is killed in the middle; every message it was told is stored is there after.
func TestKilledPublisherLosesNothing(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), publisherEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stored := map[string]bool{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		stored[lines.Text()] = true
		if len(stored) == 100 {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(stored) < 100 {
		t.Fatalf("publisher ended by itself after %d messages: %v", len(stored), err)
	}

	keys, err := queue.LoadKeys(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: dir, keys: keys}
	p.start() // the dead process's lock is gone too
	p.queue()
	pull := p.puller()
	lost := len(stored)
	for lost > 0 {
		d := next(t, pull) // fails when a stored one never comes
		if stored[d.Job] {
			delete(stored, d.Job)
			lost--
		}
		if err := d.Ack(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// publishForEver is the killed process: it says each id once JetStream has it.
func publishForEver(dir string) {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	ctx := context.Background()
	keys, err := queue.LoadKeys(filepath.Join(dir, "keys"))
	fail(err)
	srv, err := queue.StartServer(queue.ServerConfig{Dir: filepath.Join(dir, "queue"), Keys: keys})
	fail(err)
	nc, err := srv.Connect(ctx)
	fail(err)
	q, err := queue.New(ctx, nc)
	fail(err)
	for i := 0; ; i++ {
		id := fmt.Sprintf("job-%d", i)
		fail(q.Publish(ctx, queue.Message{Job: id, Epoch: 1, Stage: referent.StageTranscribe, Priority: referent.PriorityBulk}))
		fmt.Println(id)
	}
}
