package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/store/blob"
)

// A folder that has lost its keys is not served with new ones: all of it would seem lost, and the hourly copy of the keys would
// be replaced. Put back, they open it.
func TestLostKeysAreNotMadeAnew(t *testing.T) {
	cfg := configs.Defaults()
	cfg.DataDir, cfg.Listen, cfg.Workers = t.TempDir(), "127.0.0.1:0", 0
	dir := dataDir(cfg.DataDir)
	starts := func() error {
		s, err := openSystem(t.Context(), cfg, slog.New(slog.DiscardHandler))
		if err == nil {
			s.close()
		}
		return err
	}
	if err := starts(); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(t.TempDir(), "keys")
	if err := os.Rename(dir.keys(), kept); err != nil {
		t.Fatal(err)
	}
	for _, with := range []string{"no keys", "another installation's"} {
		if err := starts(); referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" {
			t.Errorf("started with %s: %v", with, err)
		}
		if _, err := os.Stat(dir.keyring()); (err == nil) != (with != "no keys") {
			t.Errorf("with %s the keyring is there or not: %v", with, err)
		}
		if _, err := blob.OpenKeyring(dir.keyring()); err != nil { // which makes one
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(dir.keys()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(kept, dir.keys()); err != nil {
		t.Fatal(err)
	}
	if err := starts(); err != nil {
		t.Errorf("with its own keys again: %v", err)
	}
}
