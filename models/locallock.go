package models

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"github.com/referent/referent"
)

// localLock is what is known of the files in one folder: lock.json beside them.
type localLock struct {
	Version int               `json:"version"`
	Files   map[string]record `json:"files"` // by file name
}

// record is one file as it was when it was last hashed.
type record struct {
	File     string    `json:"file"`
	SHA256   string    `json:"sha256"`
	Size     int64     `json:"size"`
	Tensors  string    `json:"tensors,omitempty"`
	From     string    `json:"from"`
	Modified time.Time `json:"modified"`
	Entry    *Entry    `json:"entry,omitempty"` // for what is not in the catalogue
}

func (l localLock) sorted() []record {
	return slices.SortedFunc(maps.Values(l.Files), func(a, b record) int { return cmp.Compare(a.File, b.File) })
}

func (s *Store) lockPath() string { return filepath.Join(s.dir, "lock.json") }

func (s *Store) readLock() (localLock, error) {
	l := localLock{Version: 1, Files: map[string]record{}}
	raw, err := os.ReadFile(s.lockPath())
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, failed("models: read local lock", err)
	}
	if err := json.Unmarshal(raw, &l); err != nil || l.Files == nil {
		return l, referent.E(referent.CodeInvalid, "models: read local lock", fmt.Errorf("lock.json in the folder of weights is not readable")).
			WithHint("remove it; files are then hashed again")
	}
	for file, r := range l.Files {
		if !fileForm.MatchString(file) || r.File != file || r.Entry != nil && (r.Entry.File != file || !nameForm.MatchString(r.Entry.Name)) {
			return l, referent.E(referent.CodeInvalid, "models: read local lock", fmt.Errorf("lock.json in the folder of weights is not sound")).
				WithHint("remove it; files are then hashed again")
		}
	}
	return l, nil
}

// remember writes what is known of one file, under a lock that spans processes.
func (s *Store) remember(ctx context.Context, r record) error {
	info, err := os.Stat(filepath.Join(s.dir, r.File))
	if err != nil {
		return failed("models: remember file", err)
	}
	r.Modified = info.ModTime()
	unlock, err := s.hold(ctx, "lock.json")
	if err != nil {
		return err
	}
	defer unlock()
	l, err := s.readLock()
	if err != nil {
		return err
	}
	l.Files[r.File] = r
	raw, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return referent.E(referent.CodeInternal, "models: remember file", err)
	}
	return s.writeWhole("lock.json", append(raw, '\n'))
}

// hold waits for the right to work on one file of the folder, which other processes respect too.
func (s *Store) hold(ctx context.Context, file string) (release func(), err error) {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return nil, failed("models: make folder of weights", err)
	}
	lock := flock.New(filepath.Join(s.dir, "."+file+".lock"))
	ok, err := lock.TryLockContext(ctx, 50*time.Millisecond)
	if err != nil || !ok {
		if ctx.Err() != nil {
			return nil, failed("models: wait for another pull of the same file", ctx.Err())
		}
		return nil, failed("models: lock file", err)
	}
	return func() { _ = lock.Unlock() }, nil // the lock also ends with its file descriptor
}
