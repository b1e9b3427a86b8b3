package e2e_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
)

// After a meeting is deleted, no byte under the data folder holds what was said, its title or a name:
// write-ahead log and JetStream folder included. Before, the search does find what lies in plain, so
// that a search that looks at nothing cannot pass.
func TestErasedIsErased(t *testing.T) {
	data := t.TempDir()
	s := startServer(t, data)
	vtt := filepath.Join(t.TempDir(), "møte.vtt")
	const sentence = "Fru Gyldenkrantz foreslår at brannstasjonen males turkis"
	if err := os.WriteFile(vtt, []byte("WEBVTT\n\n00:00:01.000 --> 00:00:05.000\n<v Ragnfrid Gyldenkrantz>"+sentence+".</v>\n\n"+
		"00:00:06.000 --> 00:00:09.000\n<v Ragnfrid Gyldenkrantz>Da er det vedtatt at Ragnfrid bestiller malingen innen fredag.</v>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	id := s.submit(referent.Meeting{Title: "Turkisplanen", Participants: []referent.Participant{{Name: "Ragnfrid Gyldenkrantz"}}}, vtt)
	s.wait(id, referent.StateDraft, time.Minute)
	traces := []string{"turkis", "Turkisplanen", "Gyldenkrantz", "brannstasjonen"}
	if where := search(t, data, traces); len(where) == 0 {
		t.Fatal("nothing is found before the deletion either: the search does not work")
	}
	if _, err := s.api.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if where := search(t, data, traces); len(where) > 0 {
		t.Errorf("after the deletion, with the server running: %v", where)
	}
	if _, err := s.api.Get(t.Context(), id); referent.CodeOf(err) != referent.CodeNotFound {
		t.Errorf("the meeting is still there: %v", err)
	}
	s.stop()
	if where := search(t, data, traces); len(where) > 0 {
		t.Errorf("after the server stopped: %v", where)
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
