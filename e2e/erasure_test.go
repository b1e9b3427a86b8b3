package e2e_test

import (
	"bytes"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/referent/referent"
	"github.com/referent/referent/store/blob/s3/s3test"
)

// After a meeting is deleted, no byte of what the installation keeps holds what was said, its title or a name, or the key
// of its blobs: write-ahead logs, JetStream folder and old versions of objects included. Before, the search does find what
// lies in plain, so that a search that looks at nothing cannot pass.
func TestErasedIsErased(t *testing.T) {
	t.Run("one machine", func(t *testing.T) {
		data := filepath.Join(t.TempDir(), "data")
		erased(t, place{dirs: []string{data}}, func(id string) []byte {
			db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "referent.db")+"?mode=ro")
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			return wrappedKey(t, db, id)
		})
	})
	t.Run("PostgreSQL and S3", func(t *testing.T) {
		objects := s3test.Start(t, false)
		p := apart(t, objects)
		if err := objects.Client(t).EnableVersioning(t.Context(), p.env["REFERENT_BLOBS_BUCKET"]); err != nil {
			t.Fatal(err)
		}
		p.dirs[len(p.dirs)-1] = objects.Dir // with the versions
		erased(t, p, func(id string) []byte {
			db, err := sql.Open("pgx", p.env["REFERENT_DATABASE_URL"]+"&sslmode=disable")
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			return wrappedKey(t, db, id)
		})
	})
}

func wrappedKey(t *testing.T, db *sql.DB, id string) (wrapped []byte) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), `SELECT wrapped FROM meeting_keys WHERE meeting = $1`, id).Scan(&wrapped); err != nil {
		t.Fatal(err)
	}
	if len(wrapped) < 1000 {
		t.Fatalf("the wrapped key has %d bytes", len(wrapped))
	}
	return wrapped
}

func erased(t *testing.T, p place, keyOf func(id string) []byte) {
	p.use(t)
	s := startServer(t, p.dirs[0])
	vtt := filepath.Join(t.TempDir(), "møte.vtt")
	const sentence = "Fru Gyldenkrantz foreslår at brannstasjonen males karmosinrød"
	if err := os.WriteFile(vtt, []byte("WEBVTT\n\n00:00:01.000 --> 00:00:05.000\n<v Ragnfrid Gyldenkrantz>"+sentence+".</v>\n\n"+
		"00:00:06.000 --> 00:00:09.000\n<v Ragnfrid Gyldenkrantz>Da er det vedtatt at Ragnfrid bestiller malingen innen fredag.</v>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	id := s.submit(referent.Meeting{Title: "Karmosinplanen", Participants: []referent.Participant{{Name: "Ragnfrid Gyldenkrantz"}}}, vtt)
	s.wait(id, referent.StateDraft, time.Minute)
	// What is stored is whole in the files only after a checkpoint; 60 bytes of the key, in its random part, are enough.
	key := keyOf(id)
	key = key[len(key)-200 : len(key)-140]
	traces := []string{"karmosin", "Karmosinplanen", "Gyldenkrantz", "brannstasjonen"}
	all := func() (where []string) {
		for _, dir := range p.dirs {
			where = append(where, search(t, dir, traces)...)
			where = append(where, holding(t, dir, key)...)
			where = append(where, named(t, dir, id)...)
		}
		return where
	}
	before := all()
	if !slices.ContainsFunc(before, func(s string) bool { return strings.HasPrefix(s, "the key") }) ||
		!slices.ContainsFunc(before, func(s string) bool { return strings.HasPrefix(s, "a file") }) ||
		!slices.ContainsFunc(before, func(s string) bool { return strings.HasPrefix(s, "Gylden") }) {
		t.Fatalf("before the deletion only these are found: the search does not work: %v", before)
	}
	if _, err := s.api.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if where := all(); len(where) > 0 {
		t.Errorf("after the deletion, with the server running: %v", where)
	}
	if _, err := s.api.Get(t.Context(), id); referent.CodeOf(err) != referent.CodeNotFound {
		t.Errorf("the meeting is still there: %v", err)
	}
	s.stop()
	if where := all(); len(where) > 0 {
		t.Errorf("after the server stopped: %v", where)
	}
}

// holding lists the files under dir that hold the bytes of a key.
func holding(t *testing.T, dir string, key []byte) (where []string) {
	t.Helper()
	each(t, dir, func(path string) {
		content, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if bytes.Contains(content, key) {
			where = append(where, "the key in "+path)
		}
	})
	return where
}

// named lists the files under dir that are called by a meeting, but for the mark of its erasure.
func named(t *testing.T, dir, id string) (where []string) {
	t.Helper()
	each(t, dir, func(path string) {
		if strings.Contains(path, id) && !strings.Contains(path, ".erased") {
			where = append(where, "a file called "+path)
		}
	})
	return where
}

func each(t *testing.T, dir string, do func(path string)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			do(path)
		}
		if os.IsNotExist(err) {
			return nil // gone between listing and looking
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// search lists the files under dir in which one of the words stands, in any case.
func search(t *testing.T, dir string, words []string) (where []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil // gone between listing and reading
		}
		if err != nil {
			return err
		}
		content = bytes.ToLower(content)
		for _, w := range words {
			if bytes.Contains(content, []byte(strings.ToLower(w))) || strings.Contains(strings.ToLower(path), strings.ToLower(w)) {
				where = append(where, w+" in "+path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return where
}
