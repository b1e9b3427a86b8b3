package sqlite

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// explain knows the errors that mean more than "something broke". SQLite's messages name columns and constraints,
// never values.
func explain(err error, op string) *referent.Error {
	code, sentinel := classify(err)
	if code == "" {
		return nil
	}
	if sentinel != nil {
		err = fmt.Errorf("%w: %w", sentinel, err)
	}
	return referent.E(code, op, err)
}

func classify(err error) (referent.Code, error) {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "", nil // as it is everywhere
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOENT):
		return referent.CodeConfig, nil
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return "", nil
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return referent.CodeConflict, store.ErrConflict
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: // its meeting or user is gone
		return referent.CodeNotFound, store.ErrNotFound
	case sqlite3.SQLITE_IOERR_SHMSIZE: // no room for the index of the write-ahead log
		return referent.CodeDiskFull, nil
	}
	switch e.Code() & 0xff { // the primary code
	case sqlite3.SQLITE_FULL:
		return referent.CodeDiskFull, nil
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return referent.CodeUnavailable, nil
	case sqlite3.SQLITE_CONSTRAINT: // a CHECK: the caller's row is not one that can be
		return referent.CodeInvalid, nil
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOTADB:
		return referent.CodeConfig, nil
	case sqlite3.SQLITE_INTERRUPT:
		return referent.CodeCancelled, nil
	}
	return "", nil
}
