package blob

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// DiskError gives an error of the file system, or of a context, its code, and takes file names out of it.
// One that has a code keeps it.
func DiskError(op string, err error) error {
	if _, ok := errors.AsType[*referent.Error](err); ok {
		return err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return referent.E(referent.CodeNotFound, op, store.ErrNotFound)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return referent.E(referent.CodeDiskFull, op, withoutPath(err))
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return referent.E(referent.CodeConfig, op, withoutPath(err)).WithHint("the data folder must belong to the user that runs the server")
	case errors.Is(err, context.Canceled):
		return referent.E(referent.CodeCancelled, op, err)
	case errors.Is(err, context.DeadlineExceeded):
		return referent.E(referent.CodeTimeout, op, err)
	}
	return referent.E(referent.CodeInternal, op, withoutPath(err))
}

// withoutPath drops the file name that os puts into its errors: errors are logged, names are not.
func withoutPath(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
