package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
)

// tempPrefix starts the names of byte strings not yet committed. No meeting and no digest starts so.
const tempPrefix = ".part-"

// Folder is a Bucket in a directory: <dir>/<meeting>/<first two digits>/<digest>. Directories have mode
// 0700 and files 0600. A byte string is written beside its place, synced, renamed to it, and the
// directories are synced: what Commit has reported survives a power cut, and what it has not reported
// is not there. All access goes through os.Root, so that no name and no link leads out of dir.
type Folder struct{ root *os.Root }

var _ Bucket = (*Folder)(nil)

// OpenFolder opens the folder at dir, makes it when it is not there, and removes what writers left
// behind that died. Several processes may have the same folder open: a writer holds a lock on its
// unfinished file, which ends with it. The caller must Close it.
func OpenFolder(dir string) (*Folder, error) {
	const op = "blob: open folder"
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, DiskError(op, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, DiskError(op, err)
	}
	f := &Folder{root}
	if err := f.sweep(); err != nil {
		return nil, errors.Join(DiskError(op, err), root.Close())
	}
	return f, nil
}

// Close lets go of the folder. What is open stays readable.
func (f *Folder) Close() error { return f.root.Close() }

// sweep removes the unfinished files of dead writers.
func (f *Folder) sweep() error {
	meetings, err := f.readDir(".")
	if err != nil {
		return err
	}
	for _, m := range meetings {
		if !m.IsDir() || !validMeeting(m.Name()) {
			continue
		}
		entries, err := f.readDir(m.Name())
		if err != nil {
			return err
		}
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), tempPrefix) {
				continue
			}
			if err := f.sweepFile(path.Join(m.Name(), e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

func (f *Folder) sweepFile(name string) error {
	file, err := f.root.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil // its writer lives
	}
	if err != nil {
		return err
	}
	return f.root.Remove(name)
}

// readDir lists a directory by name; one that is not there is empty.
func (f *Folder) readDir(name string) ([]fs.DirEntry, error) {
	d, err := f.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

// makeDir makes a directory durably, unless it is there. Its parent must exist.
func (f *Folder) makeDir(name string) error {
	err := f.root.Mkdir(name, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.syncDir(path.Dir(name))
}

func (f *Folder) syncDir(name string) error {
	d, err := f.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Create implements Bucket.
func (f *Folder) Create(ctx context.Context, meeting string) (Writer, error) {
	const op = "blob: create byte string"
	if err := ctx.Err(); err != nil {
		return nil, DiskError(op, err)
	}
	if err := CheckMeeting(op, meeting); err != nil {
		return nil, err
	}
	if err := f.makeDir(meeting); err != nil {
		return nil, DiskError(op, err)
	}
	temp := path.Join(meeting, tempPrefix+rand.Text())
	file, err := f.root.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, DiskError(op, err)
	}
	w := &folderWriter{ctx: ctx, folder: f, meeting: meeting, temp: temp, file: file, digest: sha256.New()}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, w.fail(op, err)
	}
	return w, nil
}

// folderReader is an open byte string.
type folderReader struct {
	*os.File
	size int64
}

func (r folderReader) Size() int64 { return r.size }

func (r folderReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := r.File.ReadAt(p, off)
	if err != nil && err != io.EOF {
		err = DiskError("blob: read byte string", err)
	}
	return n, err
}

// Open implements Bucket.
func (f *Folder) Open(ctx context.Context, name string) (ReadAtCloser, error) {
	const op = "blob: open byte string"
	if err := ctx.Err(); err != nil {
		return nil, DiskError(op, err)
	}
	place, err := Place(op, name)
	if err != nil {
		return nil, err
	}
	file, err := f.root.Open(place)
	if err != nil {
		return nil, DiskError(op, err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(DiskError(op, err), file.Close())
	}
	return folderReader{file, info.Size()}, nil
}

// Delete implements Bucket.
func (f *Folder) Delete(ctx context.Context, name string) error {
	const op = "blob: delete byte string"
	if err := ctx.Err(); err != nil {
		return DiskError(op, err)
	}
	place, err := Place(op, name)
	if err != nil {
		return err
	}
	if err := f.root.Remove(place); err != nil {
		return DiskError(op, err)
	}
	if err := f.syncDir(path.Dir(place)); err != nil {
		return DiskError(op, err)
	}
	return nil
}

// DeleteAll implements Bucket. A meeting that has nothing is no error, so that an interrupted erasure
// can be run again. A writer that is at work on the meeting fails when it commits.
func (f *Folder) DeleteAll(ctx context.Context, meeting string) (count int, bytes int64, err error) {
	const op = "blob: delete meeting's byte strings"
	if err := ctx.Err(); err != nil {
		return 0, 0, DiskError(op, err)
	}
	if err := CheckMeeting(op, meeting); err != nil {
		return 0, 0, err
	}
	err = fs.WalkDir(f.root.FS(), meeting, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case d.IsDir():
			return nil
		}
		info, err := d.Info()
		if err == nil {
			err = f.root.Remove(name)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // its writer aborted it
		}
		if err != nil {
			return err
		}
		count, bytes = count+1, bytes+info.Size()
		return nil
	})
	if err == nil {
		err = f.root.RemoveAll(meeting)
	}
	if err == nil {
		err = f.syncDir(".")
	}
	if err != nil {
		return count, bytes, DiskError(op, err)
	}
	return count, bytes, nil
}

// List implements Bucket, in the order of the names. Unfinished byte strings are not in it.
func (f *Folder) List(ctx context.Context, meeting string) (names []string, err error) {
	const op = "blob: list byte strings"
	root := meeting
	switch {
	case meeting == "":
		root = "."
	case !validMeeting(meeting):
		return nil, badName(op)
	}
	err = fs.WalkDir(f.root.FS(), root, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if found, ok := NameAt(name); ok && !d.IsDir() {
			names = append(names, found)
		}
		return nil
	})
	if err != nil {
		return nil, DiskError(op, err)
	}
	return names, nil
}
