package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/referent/referent/store/blob"
)

func TestDamagedBlobsAreNamed(t *testing.T) {
	dir := t.TempDir()
	folder, err := blob.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	var names []string
	for _, text := range []string{"one", "another"} {
		w, err := folder.Create(t.Context(), "m1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		name, err := w.Commit()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if damaged, count, err := damagedBlobs(t.Context(), dir); len(damaged) != 0 || count != 2 || err != nil {
		t.Fatalf("%v, %d, %v", damaged, count, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "m1", "*", filepath.Base(names[1])))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if err := os.WriteFile(files[0], []byte("Another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if damaged, count, err := damagedBlobs(t.Context(), dir); len(damaged) != 1 || damaged[0] != names[1] || count != 1 || err != nil {
		t.Errorf("%v, %d, %v", damaged, count, err)
	}
}
