package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/models"
	"github.com/referent/referent/transcribe"
)

func TestWeightsOf(t *testing.T) {
	dir := t.TempDir()
	e, err := models.Lookup(transcribe.ModelVoiceActivity)
	if err != nil {
		t.Fatal(err)
	}
	is := func(state string, size int64, code referent.Code) {
		t.Helper()
		all := weightsOf(models.Open(dir), []string{e.Name})
		if w := all[0]; len(all) != 1 || w.Name != e.Name || w.State != state || w.Size != size || w.Code != code {
			t.Errorf("%+v, want %s", all, state)
		}
	}
	// What is there is told by size, time and the notes on what was hashed: the bytes are not read.
	at, size := filepath.Join(dir, e.File), e.Digests[0].Size
	put := func(size int64) {
		t.Helper()
		if err := os.WriteFile(at, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(at, size); err != nil {
			t.Fatal(err)
		}
	}
	is("missing", 0, "")
	put(size + 1)
	is("corrupt", size+1, "")
	put(size)
	is("unverified", size, "")
	info, err := os.Stat(at)
	if err != nil {
		t.Fatal(err)
	}
	notes, err := json.Marshal(map[string]any{"files": map[string]any{e.File: map[string]any{"file": e.File, "sha256": e.Digests[0].SHA256, "size": size, "modified": info.ModTime()}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "lock.json"), notes, 0o600); err != nil {
		t.Fatal(err)
	}
	is("verified", size, "")
	if err := os.Chtimes(at, time.Time{}, info.ModTime().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	is("unverified", size, "")
	if err := os.WriteFile(filepath.Join(dir, "lock.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = models.Open(dir).Status(e.Name)
	is("unknown", 0, referent.CodeOf(err))
	if err == nil {
		t.Error("notes that cannot be read are no fault")
	}
}
