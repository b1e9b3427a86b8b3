package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web/webtest"
)

// Beside a running server the doctor tells of the stages that work waits for and nobody takes, and no longer when
// somebody does.
func TestDoctorTellsOfWorkThatNobodyTakes(t *testing.T) {
	r := webtest.Start(t, nil)
	r.User("kari", true)
	dir := t.TempDir()
	examine := func(token string) finding {
		t.Helper()
		a, _, _ := newApp(locale.Bokmal)
		d := &doctor{app: a, cfg: configs.Defaults()}
		d.cfg.DataDir = dir
		if err := os.MkdirAll(dataDir(dir).keys(), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := dataDir(dir).writeLocal(localAccess{URL: r.URL, Token: token}); err != nil {
			t.Fatal(err)
		}
		d.server(t.Context())
		for _, f := range d.findings {
			if f.Check == "work" {
				return f
			}
		}
		t.Fatalf("it says nothing of work: %+v", d.findings)
		return finding{}
	}
	admin := r.Token("kari", store.ScopeRead, store.ScopeWrite, store.ScopeAdmin)
	if f := examine(admin); f.Verdict != good {
		t.Errorf("where nothing waits it says %+v", f)
	}
	if f := examine(r.Token("kari", store.ScopeRead)); f.Verdict != warning || f.Advice == "" {
		t.Errorf("who may not know is told %+v", f)
	}
	transcript := filepath.Join(t.TempDir(), "m.vtt")
	if err := os.WriteFile(transcript, []byte("WEBVTT\n\n00:00.000 --> 00:02.000\n<v Kari>Vi vedtar budsjettet.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	api := client.New(r.URL, admin)
	m, err := api.Create(t.Context(), &referent.Meeting{Title: "Møte", Kind: referent.KindReferat})
	if err != nil {
		t.Fatal(err)
	}
	if err := api.UploadFile(t.Context(), m.ID, transcript, nil); err != nil {
		t.Fatal(err)
	}
	var f finding
	r.Eventually("work waits", func() bool { f = examine(admin); return f.Verdict != good })
	if f.Verdict != warning || !strings.Contains(f.Advice, "ingen arbeider kan gjøre det nå: "+f.Detail+".") || referent.Stage(f.Detail) != referent.StagePrepare {
		t.Errorf("of work that nobody takes it says %+v", f)
	}
	r.StartWorker()
	r.Eventually("a worker is there", func() bool { return examine(admin).Verdict == good })
}
