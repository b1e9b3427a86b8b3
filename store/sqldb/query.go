// Package sqldb is what the databases share: the statements, and what becomes of their rows.
//
// Statements are plain SQL with numbered parameters, which SQLite and PostgreSQL both understand. What one of them
// does in its own way it tells by a Dialect; packages store/sqlite and store/postgres open, migrate and scrub. Times are
// kept as whole microseconds and come back in UTC.
package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/referent/referent/audit"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/store"
)

// Queryer is where reads go: a pool, or a transaction.
type Queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// reads implements store.Reader.
type reads struct {
	q Queryer
	d *Dialect
}

// NewReader reads from q. When q has BeginTx, as pools have, reads that need several statements take one state.
func NewReader(q Queryer, d *Dialect) store.Reader { return reads{q, d} }

// tx implements store.Tx.
type tx struct {
	reads
	t    *sql.Tx
	now  func() time.Time
	head *audit.Head // the chain's newest link; nil: it was not looked at

	headAt time.Time // when that was made
}

// Begun is a transaction, and how it is committed.
type Begun interface {
	SQL() *sql.Tx
	Commit(ctx context.Context) error
	Rollback() error // does nothing after Commit
}

// Plain is a transaction that its own Commit ends.
type Plain struct{ Tx *sql.Tx }

// SQL implements Begun.
func (p Plain) SQL() *sql.Tx { return p.Tx }

// Commit implements Begun.
func (p Plain) Commit(context.Context) error { return p.Tx.Commit() }

// Rollback implements Begun.
func (p Plain) Rollback() error { return p.Tx.Rollback() }

// Tx runs fn in the transaction that begin gives, as store.Store's Tx promises. now stamps what is made and changed.
// A panic in fn rolls back and goes on.
func Tx(ctx context.Context, d *Dialect, begin func(context.Context) (Begun, error), now func() time.Time, fn func(store.Tx) error) error {
	const op = "store: run transaction"
	t, err := begin(ctx)
	if err != nil {
		return d.Wrap(err, op)
	}
	defer t.Rollback()
	if err = fn(&tx{reads: reads{t.SQL(), d}, t: t.SQL(), now: now}); err == nil {
		failpoint.Hit("store.commit")
		if err = ctx.Err(); err == nil {
			err = t.Commit(ctx)
		}
		if err == nil {
			failpoint.Hit("store.committed")
		}
		err = d.Wrap(err, op)
	}
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		// database/sql rolls back beside us when the context is over, and whoever comes later hears
		// only that the transaction has ended.
		err = d.Wrap(ctx.Err(), op)
	}
	return err
}

// scan reads one row's columns.
type scan func(dest ...any) error

// wrapper names the errors of reading.
type wrapper interface {
	wrap(err error, op string) error
}

// one reads a single row with fill.
func one[T any](r wrapper, row *sql.Row, fill func(scan, *T) error, op string) (*T, error) {
	var v T
	if err := fill(row.Scan, &v); err != nil {
		return nil, r.wrap(err, op)
	}
	return &v, nil
}

// list reads all rows with fill.
func list[T any](r wrapper, rows *sql.Rows, err error, fill func(scan, *T) error, op string) (all []T, _ error) {
	if err != nil {
		return nil, r.wrap(err, op)
	}
	defer rows.Close()
	for rows.Next() {
		var v T
		if err := fill(rows.Scan, &v); err != nil {
			return nil, r.wrap(err, op)
		}
		all = append(all, v)
	}
	return all, r.wrap(rows.Err(), op)
}

// limit is n, or otherwise when n is not set.
func limit(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

// Micros is the column form of a time: microseconds since 1970, 0 for the zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// asTime scans the column form of a time.
type asTime struct{ t *time.Time }

func (a asTime) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a time column holds %T", v)
	}
	*a.t = time.Time{}
	if n != 0 {
		*a.t = time.UnixMicro(n).UTC()
	}
	return nil
}

// asJSON keeps a value as the text that encoding/json makes of it.
type asJSON[T any] struct{ v *T }

// column makes the asJSON of a field.
func column[T any](v *T) asJSON[T] { return asJSON[T]{v} }

func (a asJSON[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(a.v)
	return string(b), err
}

func (a asJSON[T]) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a JSON column holds %T", v)
	}
	return json.Unmarshal([]byte(s), a.v)
}
