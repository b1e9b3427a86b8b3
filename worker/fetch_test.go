package worker

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

func weights(file string, n int) deskModel {
	data := noise(n)
	sum := sha256.Sum256(data)
	return deskModel{file: file, digest: hex.EncodeToString(sum[:]), data: data}
}

func TestFetchModel(t *testing.T) {
	d := newDesk(t)
	base := weights("ggml-base.bin", 5*protocol.MaxPiece+77)
	d.models["base"] = base
	dir := filepath.Join(t.TempDir(), "models")
	var most atomic.Int64
	src := ServerModels{Conn: d.dial(), Progress: func(done, total int64) {
		if total != int64(len(base.data)) {
			t.Errorf("total %d", total)
		}
		for seen := most.Load(); done > seen && !most.CompareAndSwap(seen, done); seen = most.Load() {
		}
	}}
	for _, state := range []string{"missing", "there", "broken"} {
		path := filepath.Join(dir, "ggml-base.bin")
		if state == "broken" {
			if err := os.WriteFile(path, base.data[:1000], 0o644); err != nil {
				t.Fatal(err)
			}
		}
		most.Store(0)
		w, err := src.FetchModel(t.Context(), "base", dir)
		if err != nil {
			t.Fatal(err)
		}
		if w.Path != path || w.SHA256 != base.digest || w.Size != int64(len(base.data)) {
			t.Errorf("%s: %+v", state, w)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, base.data) {
			t.Errorf("%s: %d bytes, %v", state, len(got), err)
		}
		if fetched := most.Load() == w.Size; fetched != (state != "there") {
			t.Errorf("%s: fetched %v", state, fetched)
		}
	}
	leftOnly(t, dir, "ggml-base.bin")
}

func TestFetchModelRefuses(t *testing.T) {
	d := newDesk(t)
	corrupt := weights("ok.bin", 2*protocol.MaxPiece)
	corrupt.corrupt = true
	badDigest := weights("ok.bin", 10)
	badDigest.digest = "abc"
	d.models = map[string]deskModel{
		"corrupt": corrupt, "bad-digest": badDigest,
		"climbs": weights("../../ok.bin", 10), "absolute": weights("/tmp/ok.bin", 10), "hidden": weights(".ok", 10),
		"unnamed": weights("", 10), "empty": weights("ok.bin", 0),
	}
	src := ServerModels{Conn: d.dial()}
	for name, code := range map[string]referent.Code{
		"corrupt": referent.CodeModelCorrupt, "bad-digest": referent.CodeInternal, "climbs": referent.CodeInternal,
		"absolute": referent.CodeInternal, "hidden": referent.CodeInternal, "unnamed": referent.CodeInternal,
		"empty": referent.CodeInternal, "never-heard-of": referent.CodeModelMissing,
	} {
		dir := t.TempDir()
		if _, err := src.FetchModel(t.Context(), name, dir); referent.CodeOf(err) != code {
			t.Errorf("%s: %v", name, err)
		}
		leftOnly(t, dir)
	}
}

// leftOnly checks what a folder holds.
func leftOnly(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(want) {
		t.Errorf("%d files in the folder, want %v", len(entries), want)
		return
	}
	for i, e := range entries {
		if e.Name() != want[i] {
			t.Errorf("left %s", e.Name())
		}
	}
}
