package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"

	"github.com/referent/referent"
)

// writeFile writes a result so that nobody ever finds half of one: into a file beside, synced, renamed.
func writeFile(path string, write func(io.Writer) error) (err error) {
	const op = "referent: write result"
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return referent.E(referent.CodeConfig, op, err).WithHint("the folder must exist and be writable")
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriter(f)
	if err = write(w); err != nil {
		return err
	}
	for _, step := range []func() error{w.Flush, f.Sync, f.Close, func() error { return os.Chmod(f.Name(), 0o644) }, func() error { return os.Rename(f.Name(), path) }} {
		if err = step(); err != nil {
			return referent.E(referent.CodeDiskFull, op, err).WithHint("is there room on the disk?")
		}
	}
	return nil
}
