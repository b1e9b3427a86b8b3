package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/postgres/pgtest"
)

// The whole server over PostgreSQL, chosen by configuration alone: it starts, is started again, and the doctor knows it.
func TestServeOverPostgreSQL(t *testing.T) {
	server := pgtest.Own(t)
	dir := t.TempDir()
	password := filepath.Join(dir, "passord")
	if err := os.WriteFile(password, []byte(pgtest.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"REFERENT_DATA_DIR=" + filepath.Join(dir, "data"), "REFERENT_LISTEN=127.0.0.1:0", "REFERENT_WORKERS=0",
		"REFERENT_DATABASE_URL=" + server.TCP(server.Address("referent")), "REFERENT_DATABASE_PASSWORD_FILE=" + password}
	cfg, err := configs.Load("", environ, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	for round, setup := range []bool{true, true} { // until somebody is made, each start tells where
		s, err := openSystem(t.Context(), cfg.Config, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(round, err)
		}
		if err := s.ready(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.welcome(t.Context()); err != nil || (s.setupURL != "") != setup {
			t.Errorf("round %d: set-up at %q, %v", round, s.setupURL, err)
		}
		s.close()
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "referent.db")); err == nil {
		t.Error("there is an SQLite file beside it")
	}
	elsewhere := cfg.Config
	elsewhere.DataDir = filepath.Join(dir, "elsewhere")
	if s, err := openSystem(t.Context(), elsewhere, slog.New(slog.DiscardHandler)); referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" {
		s.close()
		t.Errorf("with another data folder: %v", err)
	}
	if _, err := os.Stat(dataDir(elsewhere.DataDir).keyring()); err == nil {
		t.Error("a new keyring was made over the database of another")
	}
	foreign := dataDir(filepath.Join(dir, "foreign")) // with a keyring of its own
	if err := os.MkdirAll(foreign.keys(), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := blob.OpenKeyring(foreign.keyring()); err != nil {
		t.Fatal(err)
	}
	elsewhere.DataDir = string(foreign)
	if s, err := openSystem(t.Context(), elsewhere, slog.New(slog.DiscardHandler)); referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" {
		s.close()
		t.Errorf("with another keyring: %v", err)
	}
	examined := func(environ []string) finding {
		t.Helper()
		a, out, _ := newApp(locale.Bokmal, environ...)
		a.run(context.Background(), []string{"doctor", "--json"})
		for line := range strings.Lines(out.String()) {
			var f finding
			if err := json.Unmarshal([]byte(line), &f); err == nil && f.Check == "database" {
				return f
			}
		}
		t.Fatalf("the doctor says nothing of the database: %s", out)
		return finding{}
	}
	if f := examined(environ); f.Verdict != good || f.Detail != "PostgreSQL" {
		t.Errorf("the doctor says %+v", f)
	}
	if err := os.WriteFile(password, []byte("et annet hemmelig"), 0o600); err != nil {
		t.Fatal(err)
	}
	if f := examined(environ); f.Verdict != bad || f.Advice == "" || strings.Contains(f.Detail, "hemmelig") {
		t.Errorf("with a wrong password the doctor says %+v", f)
	}
	// A folder that has a database of its own is not served from another.
	if err := os.WriteFile(filepath.Join(dir, "data", "referent.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := openSystem(t.Context(), cfg.Config, slog.New(slog.DiscardHandler)); referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" {
		s.close()
		t.Errorf("over another database: %v", err)
	}
}
