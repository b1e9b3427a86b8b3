package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
)

// The three places must be apart, also where a link makes them look so.
func TestBackupPlacesAreApart(t *testing.T) {
	dir := t.TempDir()
	at := func(names ...string) string { return filepath.Join(append([]string{dir}, names...)...) }
	if err := os.MkdirAll(at("data", "blobs"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(at("data"), at("link")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, to, keys string
		fine           bool
	}{
		{"apart", at("copies"), at("keys"), true},
		{"names that begin alike", at("data2"), at("data3"), true},
		{"the same", at("copies"), at("copies"), false},
		{"keys in the copies", at("copies"), at("copies", "keys"), false},
		{"copies in the keys", at("keys", "copies"), at("keys"), false},
		{"in the data folder", at("data", "copies"), at("keys"), false},
		{"keys in the data folder, by a link", at("copies"), at("link", "keys"), false},
		{"the data folder in the copies", dir, at("..", "keys"), false},
	} {
		err := apart(at("data"), c.to, c.keys)
		if c.fine != (err == nil) || !c.fine && (referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	var use *usageError
	if err := apart(at("data"), at("copies"), ""); !errors.As(err, &use) {
		t.Errorf("without a place for the keys: %v", err)
	}
}

// A folder whose restore was cut off is neither served, nor copied, nor restored into; one that failed is empty again.
func TestHalfRestoredIsNotServed(t *testing.T) {
	dir := dataDir(filepath.Join(t.TempDir(), "data"))
	lock, err := dir.openEmpty()
	if err != nil {
		t.Fatal(err)
	}
	if err := dir.writeKeys(map[string][]byte{"installation.key": []byte("x")}); err != nil {
		t.Fatal(err)
	}
	if err := lock.Unlock(); err != nil { // as if the process had been killed
		t.Fatal(err)
	}
	cfg, err := configs.Load("", []string{"REFERENT_DATA_DIR=" + string(dir), "REFERENT_LISTEN=127.0.0.1:0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openSystem(t.Context(), cfg.Config, slog.New(slog.DiscardHandler)); referent.CodeOf(err) != referent.CodeConflict || referent.HintOf(err) == "" {
		t.Errorf("served: %v", err)
	}
	if _, err := backupSource(cfg.Config); referent.CodeOf(err) != referent.CodeConflict {
		t.Errorf("copied: %v", err)
	}
	if _, err := dir.openEmpty(); referent.CodeOf(err) != referent.CodeConflict {
		t.Errorf("restored into: %v", err)
	}
	if err := dir.clear(); err != nil {
		t.Fatal(err)
	}
	if lock, err = dir.openEmpty(); err != nil {
		t.Errorf("after it was cleared: %v", err)
	} else if err := errors.Join(dir.restored(), lock.Unlock()); err != nil {
		t.Error(err)
	}
}

// What lasts only as long as a run of the server is not among the keys.
func TestKeyFiles(t *testing.T) {
	dir := dataDir(t.TempDir())
	if err := os.MkdirAll(filepath.Join(dir.keys(), "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"installation.key", "worker.nk", "local.json", "local.json.part", ".keyring-X"} {
		if err := os.WriteFile(filepath.Join(dir.keys(), name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := dir.keyFiles()
	if err != nil || len(files) != 2 || string(files["installation.key"]) != "installation.key" || files["worker.nk"] == nil {
		t.Errorf("the keys are %q, %v", files, err)
	}
}
