package blob

import (
	"context"
	"encoding/hex"
	"errors"
	"hash"
	"io/fs"
	"os"
	"path"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
)

// folderWriter writes one byte string. The first error ends it: the unfinished file is removed at
// once, so that a full disk is not kept full, and every later call returns that error.
type folderWriter struct {
	ctx     context.Context
	folder  *Folder
	meeting string
	temp    string
	file    *os.File
	digest  hash.Hash
	end     error // why no more can be written; nil while it can
}

var errEnded = errors.New("the writer has ended")

func (w *folderWriter) Write(p []byte) (int, error) {
	const op = "blob: write byte string"
	if w.end != nil {
		return 0, w.end
	}
	if err := w.ctx.Err(); err != nil {
		return 0, w.fail(op, err)
	}
	n, err := w.file.Write(p)
	w.digest.Write(p[:n])
	if err != nil {
		return n, w.fail(op, err)
	}
	return n, nil
}

func (w *folderWriter) Commit() (string, error) {
	const op = "blob: commit byte string"
	if w.end != nil {
		return "", w.end
	}
	if err := w.ctx.Err(); err != nil {
		return "", w.fail(op, err)
	}
	if err := w.file.Sync(); err != nil {
		return "", w.fail(op, err)
	}
	name := w.meeting + "/" + hex.EncodeToString(w.digest.Sum(nil))
	place, err := Place(op, name)
	if err != nil {
		return "", w.fail(op, err)
	}
	dir := path.Dir(place)
	// The meeting's own directory is not made again: when it is gone, DeleteAll took it, and nothing of
	// the meeting may come back.
	if err := w.folder.makeDir(dir); err != nil {
		return "", w.fail(op, err)
	}
	failpoint.Hit("blob.synced")
	if err := w.folder.root.Rename(w.temp, place); err != nil {
		return "", w.fail(op, err)
	}
	failpoint.Hit("blob.named")
	w.end = referent.E(referent.CodeInternal, op, errEnded)
	if err := w.file.Close(); err != nil {
		return "", DiskError(op, err)
	}
	if err := errors.Join(w.folder.syncDir(dir), w.folder.syncDir(w.meeting)); err != nil {
		return "", DiskError(op, err)
	}
	return name, nil
}

func (w *folderWriter) Abort() error {
	const op = "blob: abort byte string"
	if w.end != nil {
		return nil
	}
	w.end = referent.E(referent.CodeInternal, op, errEnded)
	return w.discard(op)
}

// fail ends the writer with err.
func (w *folderWriter) fail(op string, err error) error {
	w.end = DiskError(op, err)
	if e := w.discard(op); e != nil {
		return errors.Join(w.end, e)
	}
	return w.end
}

// discard removes the unfinished file. That it is already gone (DeleteAll) is as well.
func (w *folderWriter) discard(op string) error {
	err := w.folder.root.Remove(w.temp)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err = errors.Join(err, w.file.Close()); err != nil {
		return DiskError(op, err)
	}
	return nil
}
