package chaos

import (
	"os"
	"syscall"
	"testing"
)

// diskFor is a folder on a disk of its own that can be filled: three gigabytes of memory, of which a run uses the half.
func diskFor(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=3g,mode=0700"); err != nil {
		t.Fatalf("a disk that can be filled needs root, or a user namespace (unshare -rm): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
		_ = os.Remove(dir)
	})
	return dir
}
