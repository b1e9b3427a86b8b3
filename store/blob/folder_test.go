package blob_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/blob/blobtest"
	"github.com/referent/referent/store/blob/faulty"
)

func openFolder(t *testing.T, dir string) *blob.Folder {
	t.Helper()
	f, err := blob.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func TestFolder(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Bucket { return openFolder(t, filepath.Join(t.TempDir(), "blåbær og sånt")) })
}

// A wrapper without faults must be as good as what it wraps.
func TestFaultyWithoutFaults(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Bucket { return faulty.Wrap(openFolder(t, t.TempDir())) })
}

// store writes data into b and returns its name.
func store(t *testing.T, b blob.Bucket, meeting string, data []byte) string {
	t.Helper()
	w, err := b.Create(t.Context(), meeting)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	name, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// files lists the paths of all files under dir.
func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFolderLayoutAndModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "blobs")
	name := store(t, openFolder(t, dir), "m1", []byte("hello"))
	_, digest, _ := strings.Cut(name, "/")
	if want := filepath.Join(dir, "m1", digest[:2], digest); len(files(t, dir)) != 1 || files(t, dir)[0] != want {
		t.Errorf("files are %v, want %s", files(t, dir), want)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %04o", path, info.Mode().Perm())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What a killed writer left is removed at the next start; what a living one writes is not.
func TestFolderSweepsDeadWriters(t *testing.T) {
	dir := t.TempDir()
	f := openFolder(t, dir)
	living, err := f.Create(t.Context(), "m1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := living.Write([]byte("still at work")); err != nil {
		t.Fatal(err)
	}
	dead := filepath.Join(dir, "m1", ".part-"+rand.Text())
	if err := os.WriteFile(dead, []byte("nobody holds its lock"), 0o600); err != nil {
		t.Fatal(err)
	}
	openFolder(t, dir)
	if _, err := os.Stat(dead); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the dead writer's file: %v, want it gone", err)
	}
	if _, err := living.Commit(); err != nil {
		t.Errorf("the living writer: %v", err)
	}
}

// A link inside the folder leads nobody out of it.
func TestFolderFollowsNoLinkOut(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "kept"), []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "m1")); err != nil {
		t.Fatal(err)
	}
	f := openFolder(t, dir)
	if w, err := f.Create(t.Context(), "m1"); err == nil {
		t.Errorf("Create follows a link out of the folder: %v", w.Abort())
	}
	if _, _, err := f.DeleteAll(t.Context(), "m1"); err != nil {
		t.Logf("DeleteAll: %v", err) // refusing is fine as well; what counts is the file outside
	}
	if _, err := os.Stat(filepath.Join(outside, "kept")); err != nil {
		t.Errorf("DeleteAll went through a link: %v", err)
	}
}

func TestErrorsNameNoFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Kari Nordmann")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := blob.OpenFolder(dir)
	if err == nil || strings.Contains(err.Error(), "Kari") {
		t.Errorf("the error is %v", err)
	}
	if _, err := blob.OpenKeyring(filepath.Join(dir, "key")); err == nil || strings.Contains(err.Error(), "Kari") {
		t.Errorf("the keyring's error is %v", err)
	}
}

func TestDiskFullRemovesUnfinished(t *testing.T) {
	dir := t.TempDir()
	b := faulty.Wrap(openFolder(t, dir), faulty.DiskFull(100_000))
	w, err := b.Create(t.Context(), "m1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(bytes.Repeat([]byte("x"), 200_000))
	if referent.CodeOf(err) != referent.CodeDiskFull {
		t.Errorf("Write on a full disk: %v, want CodeDiskFull", err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("a full disk keeps %v", left)
	}
	if _, err := w.Commit(); referent.CodeOf(err) != referent.CodeDiskFull {
		t.Errorf("Commit after a full disk: %v, want CodeDiskFull", err)
	}
}

// TestRealDiskFull fills a small file system of its own, which takes the right to mount one.
func TestRealDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("NOT TESTED: a really full disk (mounting a small one: %v); TestDiskFullRemovesUnfinished has the simulated one", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	f, err := blob.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	kept := store(t, f, "m1", noise(100_000))
	w, err := f.Create(t.Context(), "m1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(noise(2 << 20)); referent.CodeOf(err) != referent.CodeDiskFull {
		t.Errorf("Write on a full disk: %v, want CodeDiskFull", err)
	}
	if left := files(t, dir); len(left) != 1 {
		t.Errorf("a full disk keeps %v", left)
	}
	if name := store(t, f, "m1", noise(500_000)); name == kept {
		t.Error("two byte strings have one name")
	}
}
