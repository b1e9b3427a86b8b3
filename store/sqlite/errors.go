package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// wrap turns an error of the driver into a *referent.Error with the code that says what a caller can
// do. Errors that already have a code, and nil, stay as they are. SQLite's messages name columns and
// constraints, never values.
func wrap(err error, op string) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*referent.Error](err); ok {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		return referent.E(referent.CodeNotFound, op, store.ErrNotFound)
	}
	if code, sentinel := classify(err); code != "" {
		if sentinel != nil {
			err = fmt.Errorf("%w: %w", sentinel, err)
		}
		return referent.E(code, op, err)
	}
	return referent.E(referent.CodeInternal, op, err)
}

// classify knows the errors that mean more than "something broke", and the store's name for them.
func classify(err error) (referent.Code, error) {
	switch {
	case errors.Is(err, context.Canceled):
		return referent.CodeCancelled, nil
	case errors.Is(err, context.DeadlineExceeded):
		return referent.CodeTimeout, nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return referent.CodeDiskFull, nil
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

func notFound(op string) error {
	return referent.E(referent.CodeNotFound, op, store.ErrNotFound)
}

// changed turns "no row was there to change" into store.ErrNotFound.
func changed(r sql.Result, err error, op string) error {
	if err != nil {
		return wrap(err, op)
	}
	n, err := r.RowsAffected()
	if err != nil {
		return wrap(err, op)
	}
	if n == 0 {
		return notFound(op)
	}
	return nil
}
