package sqlite_test

import (
	"database/sql"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/sqlite"
	"github.com/referent/referent/store/sqlite/sqlitetest"
	"github.com/referent/referent/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens a database that the end of the test closes.
func open(t *testing.T, path string, opts ...sqlite.Option) *sqlite.DB {
	t.Helper()
	d, err := sqlite.Open(t.Context(), path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// put writes a setting.
func put(t *testing.T, d *sqlite.DB, key, value string) error {
	t.Helper()
	return d.Tx(t.Context(), func(tx store.Tx) error { return tx.PutSetting(t.Context(), key, value) })
}

// other is another process's connection to the file.
func other(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: "_txlock=immediate"}).String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		path := filepath.Join(t.TempDir(), "møter 100%?#.db")
		sqlitetest.Migrated(t, path)
		return open(t, path)
	})
}

func TestFilesArePrivate(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "wide.db"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"new.db", "wide.db"} {
		if err := put(t, open(t, filepath.Join(dir, name)), "a", "b"); err != nil {
			t.Fatal(err)
		}
	}
	seen := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if seen++; info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %04o", d.Name(), info.Mode().Perm())
		}
		return nil
	})
	if err != nil || seen != 6 {
		t.Errorf("there are %d files, want 2 databases with -wal and -shm; %v", seen, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, path := range map[string]string{
		"no folder":      filepath.Join(dir, "none", "x.db"),
		"a folder":       dir,
		"not a database": write("text.db", "This is a text file and was never a database, however long one looks at it."),
	} {
		d, err := sqlite.Open(t.Context(), path)
		if referent.CodeOf(err) != referent.CodeConfig {
			t.Errorf("%s: %v (code %s), want CodeConfig", name, err, referent.CodeOf(err))
		}
		if err == nil {
			d.Close()
		}
	}
}

func TestOpenRefusesNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := other(t, path).Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`); err != nil {
		t.Fatal(err)
	}
	_, err = sqlite.Open(t.Context(), path)
	if referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" {
		t.Errorf("Open: %v, want CodeConfig with a hint", err)
	}
}

// Two servers started by mistake on the same file, or a server and a tool, both open it.
func TestOpenTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	a, b := open(t, path), open(t, path)
	if err := put(t, a, "k", "v"); err != nil {
		t.Fatal(err)
	}
	if v, err := b.Setting(t.Context(), "k"); v != "v" || err != nil {
		t.Errorf("the second reads %q, %v", v, err)
	}
	if err := put(t, b, "k", "w"); err != nil {
		t.Errorf("the second writes: %v", err)
	}
}

func TestBusyIsUnavailable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := open(t, path, sqlite.WithBusyTimeout(20*time.Millisecond))
	lock, err := other(t, path).Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Rollback()
	if err := put(t, d, "k", "v"); referent.CodeOf(err) != referent.CodeUnavailable {
		t.Errorf("a write beside another process's: %v, want CodeUnavailable", err)
	}
	if err := d.Ping(t.Context()); referent.CodeOf(err) != referent.CodeUnavailable {
		t.Errorf("Ping beside another process's write: %v, want CodeUnavailable", err)
	}
	if _, err := d.Users(t.Context()); err != nil {
		t.Errorf("a read beside another process's write: %v", err)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := put(t, d, "k", "v"); err != nil {
		t.Errorf("a write afterwards: %v", err)
	}
}

// Scrub must not claim that the logs are clean while a reader still needs them.
func TestScrubBesideLongRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := open(t, path, sqlite.WithBusyTimeout(20*time.Millisecond))
	reader, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	long, err := reader.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer long.Rollback()
	var n int
	if err := long.QueryRow(`SELECT COUNT(*) FROM meetings`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if err := put(t, d, "k", "v"); err != nil {
		t.Fatal(err)
	}
	if err := d.Scrub(t.Context()); referent.CodeOf(err) != referent.CodeUnavailable {
		t.Errorf("Scrub beside a long read: %v, want CodeUnavailable", err)
	}
	if err := long.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := d.Scrub(t.Context()); err != nil {
		t.Errorf("Scrub afterwards: %v", err)
	}
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() != 0 {
		t.Errorf("after Scrub the write-ahead log is %+v, %v, want it empty", info, err)
	}
}

func TestClock(t *testing.T) {
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	d := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.WithClock(func() time.Time { return now }))
	m := &referent.Meeting{ID: "m"}
	if err := d.Tx(t.Context(), func(tx store.Tx) error { return tx.CreateMeeting(t.Context(), m, nil) }); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Meeting(t.Context(), "m"); err != nil || !got.Created.Equal(now) {
		t.Errorf("the meeting is %+v, %v", got, err)
	}
}
