package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/backup"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/postgres/pgtest"
	"github.com/referent/referent/store/sqlite"
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
	if err := apart(at("data"), at("link", "keys")); referent.CodeOf(err) != referent.CodeConfig {
		t.Errorf("keys alone, in the data folder: %v", err)
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

// refusing takes nothing, as an object store that is full.
type refusing struct{ blob.Bucket }

func (refusing) Create(context.Context, string) (blob.Writer, error) {
	return nil, referent.E(referent.CodeDiskFull, "test", errors.New("full"))
}

// A restore into PostgreSQL that ended after the rows leaves a database that no folder serves or copies, though it has the
// keys; and one that is over is served by its own keyring alone.
func TestHalfRestoredDatabaseIsNotServed(t *testing.T) {
	ctx, away := t.Context(), t.TempDir()
	configured := func(name string, more ...string) configs.Config {
		cfg, err := configs.Load("", append([]string{"REFERENT_DATA_DIR=" + filepath.Join(t.TempDir(), name), "REFERENT_LISTEN=127.0.0.1:0", "REFERENT_WORKERS=0"}, more...), nil)
		if err != nil {
			t.Fatal(err)
		}
		return cfg.Config
	}
	first := configured("first")
	s, err := openSystem(ctx, first, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.close()
	src, err := backupSource(first)
	if err != nil {
		t.Fatal(err)
	}
	dir := dataDir(first.DataDir)
	folder, err := blob.OpenFolder(dir.blobs())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	src.Bucket = folder
	vault := blob.NewVault(folder, src.Keyring)
	key, wrapped, err := vault.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	w, err := vault.Create(ctx, "m", key)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(w, "opptak")
	name, e := w.Commit()
	st, f := sqlite.Open(ctx, dir.database())
	if err := errors.Join(err, e, f); err != nil {
		t.Fatal(err)
	}
	err = st.Tx(ctx, func(tx store.Tx) error {
		return errors.Join(tx.CreateMeeting(ctx, &referent.Meeting{ID: "m", State: referent.StateDraft}, wrapped), tx.AddPart(ctx, store.Part{Meeting: "m", Size: 6, Blob: name}))
	})
	if err := errors.Join(err, st.Close()); err != nil {
		t.Fatal(err)
	}
	place, err := backup.OpenPlace(filepath.Join(away, "copies"), true)
	if err != nil {
		t.Fatal(err)
	}
	defer place.Close()
	if _, err := place.Make(ctx, src, backup.Options{KeysTo: filepath.Join(away, "keys")}); err != nil {
		t.Fatal(err)
	}
	k, err := backup.ReadKeys(filepath.Join(away, "keys"))
	if err != nil {
		t.Fatal(err)
	}

	for _, half := range []bool{true, false} {
		address := "REFERENT_DATABASE_URL=" + pgtest.Empty(t)
		cfg := configured("second", address)
		r := &restoring{cfg: cfg, dir: dataDir(cfg.DataDir)}
		lock, err := r.dir.openEmpty()
		if err != nil {
			t.Fatal(err)
		}
		to, err := blob.OpenFolder(r.dir.blobs())
		if err != nil {
			t.Fatal(err)
		}
		var bucket blob.Bucket = to
		if half {
			bucket = refusing{to}
		}
		_, _, err = r.put(ctx, place, bucket, k, nil)
		if half != (referent.CodeOf(err) == referent.CodeDiskFull) {
			t.Fatalf("half %v: %v", half, err)
		}
		if half {
			err = r.dir.clear()
		}
		if err := errors.Join(err, to.Close(), lock.Unlock()); err != nil {
			t.Fatal(err)
		}

		keysOnly := configured("third", address) // as restore keys leaves it
		dir := dataDir(keysOnly.DataDir)
		if lock, err = dir.openEmpty(); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(dir.writeKeys(k.Files), dir.restored(), lock.Unlock()); err != nil {
			t.Fatal(err)
		}
		src, err := backupSource(keysOnly)
		if err != nil {
			t.Fatal(err)
		}
		snap, copied := src.Snapshot(ctx)
		if copied == nil {
			if err := snap.Close(); err != nil {
				t.Error(err)
			}
		}
		s, served := openSystem(ctx, keysOnly, slog.New(slog.DiscardHandler))
		if served == nil {
			s.close()
		}
		for what, err := range map[string]error{"copied": copied, "served": served} {
			if half && (referent.CodeOf(err) != referent.CodeConflict || referent.HintOf(err) == "") || !half && err != nil {
				t.Errorf("half %v, %s: %v", half, what, err)
			}
		}
		// Another folder's keyring is refused before anything is served.
		if s, err := openSystem(ctx, configured("foreign", address), slog.New(slog.DiscardHandler)); err == nil {
			s.close()
			t.Errorf("half %v: served with another keyring", half)
		}
	}
}
