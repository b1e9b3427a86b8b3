package blob

import (
	"os"
	"path/filepath"
	"testing"
)

// A keyring is known by its marks: the same each time it is read, also when a new identity is put on top.
func TestMarks(t *testing.T) {
	dir := t.TempDir()
	path, another := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	marks := func(path string) []string {
		t.Helper()
		k, err := OpenKeyring(path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := k.Marks()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	a, b := marks(path), marks(another)
	if len(a) != 1 || len(a[0]) != 32 || a[0] == b[0] || marks(path)[0] != a[0] {
		t.Errorf("the marks are %v and %v", a, b)
	}
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	top, err := os.ReadFile(another)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(top, old...), 0o600); err != nil {
		t.Fatal(err)
	}
	if both := marks(path); len(both) != 2 || both[0] != b[0] || both[1] != a[0] {
		t.Errorf("both together are %v", both)
	}
}
