package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"syscall"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// Wrap turns an error of a driver into a *referent.Error with the code that says what a caller can do. Errors that
// already have a code, and nil, stay as they are.
func (d *Dialect) Wrap(err error, op string) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*referent.Error](err); ok {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		return notFound(op)
	}
	if e := d.Explain(err, op); e != nil {
		return e
	}
	switch {
	case errors.Is(err, context.Canceled):
		return referent.E(referent.CodeCancelled, op, err)
	case errors.Is(err, context.DeadlineExceeded):
		return referent.E(referent.CodeTimeout, op, err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return referent.E(referent.CodeDiskFull, op, err)
	}
	return referent.E(referent.CodeInternal, op, err)
}

func (r reads) wrap(err error, op string) error { return r.d.Wrap(err, op) }

func notFound(op string) error {
	return referent.E(referent.CodeNotFound, op, store.ErrNotFound)
}

// changed turns "no row was there to change" into store.ErrNotFound.
func (r reads) changed(res sql.Result, err error, op string) error {
	if err != nil {
		return r.wrap(err, op)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return r.wrap(err, op)
	}
	if n == 0 {
		return notFound(op)
	}
	return nil
}
