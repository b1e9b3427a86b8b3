package main

import (
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent/locale"
	"github.com/referent/referent/queue"
)

// A token goes to a server that proves who it is, or stays on this machine.
func TestTokenGoesOverTLS(t *testing.T) {
	asked := 0
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		w.Write([]byte(`{"id":"w1","label":"Maskinrommet","nats":["tls://ko.example.no:4222"],"ca":"PEM","stages":["minutes"]}`))
	}))
	defer srv.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "worker")
	enrol := func(args ...string) (int, string) {
		a, _, errs := newApp(locale.Bokmal)
		return a.run(t.Context(), append([]string{"worker", "enrol", "--token", "rfw_x", "--dir", dir}, args...)), errs.String()
	}
	for name, c := range map[string]struct {
		args []string
		want int
	}{
		"in plain to another machine":      {[]string{"--server", "http://referat.example.no"}, 3},
		"no address":                       {[]string{"--server", "referat.example.no"}, exitUsage},
		"an authority that is not one":     {[]string{"--server", srv.URL, "--ca", "/dev/null"}, 3},
		"a server that nobody vouches for": {[]string{"--server", srv.URL}, 6},
	} {
		if code, errs := enrol(c.args...); code != c.want {
			t.Errorf("%s: exit %d: %s", name, code, errs)
		}
	}
	if asked != 0 {
		t.Fatalf("the token was sent %d times", asked)
	}
	if code, errs := enrol("--server", srv.URL, "--ca", ca); code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	if code, errs := enrol("--server", srv.URL, "--ca", ca); code != 12 || asked != 1 {
		t.Errorf("enrolled again: exit %d: %s", code, errs)
	}
	a, _, _ := newApp(locale.Bokmal)
	e, err := a.readEnrolment(a.workerCommand(), dir)
	if err != nil || e.url() != "tls://ko.example.no:4222" || strings.Join(e.stages(), " ") != "minutes" || e.ca == "" {
		t.Errorf("what was kept: %+v, %v", e, err)
	}
	if pem, err := os.ReadFile(e.ca); err != nil || string(pem) != "PEM" {
		t.Errorf("the authority: %q, %v", pem, err)
	}
}

// As on the page: the token from the environment, the data folder's own place, and a reply that is lost the first time.
func TestEnrolFromEnvironment(t *testing.T) {
	var keys []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Key string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		keys = append(keys, body.Key)
		if len(keys) == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		w.Write([]byte(`{"id":"w1","label":"x","nats":["tls://ko.example.no:4222"]}`))
	}))
	defer srv.Close()
	data := t.TempDir()
	for i, want := range []bool{false, true} {
		a, _, errs := newApp(locale.Bokmal)
		a.environ = []string{"REFERENT_ENROL_TOKEN=rfw_x", "REFERENT_DATA_DIR=" + data}
		if code := a.run(t.Context(), []string{"worker", "enrol", "--server", srv.URL}); (code == 0) != want {
			t.Fatalf("attempt %d: exit %d: %s", i, code, errs)
		}
	}
	if len(keys) != 2 || keys[0] == keys[1] {
		t.Fatalf("handed in: %v", keys)
	}
	key, _, err := queue.MakeSeed(filepath.Join(data, "worker", queue.WorkerSeedFile), "x")
	if err != nil || key != keys[1] {
		t.Errorf("kept %s of %v, %v", key, keys, err)
	}
	files, err := os.ReadDir(filepath.Join(data, "worker"))
	if err != nil || len(files) != 2 {
		t.Errorf("left there: %v, %v", files, err)
	}
}

func TestReachedAs(t *testing.T) {
	for name, c := range map[string]struct {
		own, listen, public string
		secure              bool
		want                string
	}{
		"on loopback":     {"nats://127.0.0.1:41", "127.0.0.1:0", "https://r.example.no", false, "nats://127.0.0.1:41"},
		"everywhere":      {"nats://127.0.0.1:4222", "0.0.0.0:4222", "https://r.example.no", true, "tls://r.example.no:4222"},
		"everywhere, too": {"nats://127.0.0.1:4222", ":4222", "https://r.example.no:8443", true, "tls://r.example.no:4222"},
		"one address":     {"tls://10.0.0.1:4222", "10.0.0.1:4222", "https://r.example.no", true, "tls://10.0.0.1:4222"},
	} {
		if got := reachedAs(c.own, c.listen, c.public, c.secure); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
