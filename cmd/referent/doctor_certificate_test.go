package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent/client"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/queue/natstest"
)

// The doctor reads the certificates as the server will, and tells before they expire.
func TestDoctorReadsCertificates(t *testing.T) {
	ca := natstest.NewAuthority(t)
	cert, key := ca.Named("moter.example.no")
	_, another := ca.Named("moter.example.no")
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		key  string
		now  time.Time
		want verdict
	}{
		"long before":    {key, time.Now().Add(-40 * day), good},
		"soon":           {key, time.Now(), warning},
		"after":          {key, time.Now().Add(2 * day), bad},
		"another's key":  {another, time.Now().Add(-40 * day), bad},
		"no file at all": {key + "x", time.Now().Add(-40 * day), bad},
	} {
		cfg := configs.Defaults()
		cfg.TLSCert, cfg.TLSKey, cfg.NATS.TLSCert, cfg.NATS.TLSKey = cert, c.key, cert, c.key
		d := &doctor{app: &app{lang: "nb"}, cfg: cfg}
		d.certificates(c.now)
		if len(d.findings) != 2 || d.findings[0].Verdict != c.want || d.findings[1].Verdict != c.want {
			t.Errorf("%s: %+v, want %s", name, d.findings, c.want)
		}
	}
	d := &doctor{app: &app{lang: "nb"}, cfg: configs.Defaults()}
	if d.certificates(time.Now()); len(d.findings) != 0 {
		t.Errorf("without certificates: %+v", d.findings)
	}
}

// A server whose authority the machine does not know is not taken for one that has stopped.
func TestDoctorTellsUntrustedFromStopped(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	cfg := configs.Defaults()
	cfg.DataDir = t.TempDir()
	dir := dataDir(cfg.DataDir)
	if err := os.MkdirAll(dir.keys(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := dir.writeLocal(localAccess{URL: srv.URL, Token: "x"}); err != nil {
		t.Fatal(err)
	}
	d := &doctor{app: &app{lang: "nb"}, cfg: cfg}
	d.server(t.Context())
	if len(d.findings) != 1 || d.findings[0].Verdict != bad || !strings.Contains(d.findings[0].Advice, "update-ca-certificates") {
		t.Errorf("%+v", d.findings)
	}
	_, err := client.New(srv.URL, "x").Get(t.Context(), "m1")
	if err == nil || !strings.Contains(err.Error(), "does not trust the certificate") {
		t.Errorf("the command line says %v", err)
	}
}
