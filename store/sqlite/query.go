package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// queryer is where reads go: the readers' pool, or the writer's transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// reads implements store.Reader.
type reads struct{ q queryer }

// tx implements store.Tx.
type tx struct {
	reads
	t   *sql.Tx
	now func() time.Time
}

// cachedPool is a pool that compiles each statement once for each connection. Only reads need it: a
// write costs a sync of the disk, beside which compiling it is nothing. The statements are the few
// constants of this package, so the cache is bounded.
type cachedPool struct {
	*sql.DB
	mu    sync.RWMutex
	stmts map[string]*sql.Stmt
}

func newCachedPool(db *sql.DB) *cachedPool {
	return &cachedPool{DB: db, stmts: map[string]*sql.Stmt{}}
}

func (p *cachedPool) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	p.mu.RLock()
	s := p.stmts[query]
	p.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	s, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if first := p.stmts[query]; first != nil { // somebody else was quicker
		return first, s.Close()
	}
	p.stmts[query] = s
	return s, nil
}

func (p *cachedPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (p *cachedPool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s, err := p.stmt(ctx, query)
	if err != nil {
		return p.DB.QueryRowContext(ctx, query, args...) // only a sql.Row can carry the error
	}
	return s.QueryRowContext(ctx, args...)
}

func (p *cachedPool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.stmts {
		if err := s.Close(); err != nil {
			return err
		}
	}
	clear(p.stmts)
	return p.DB.Close()
}

// scan reads one row's columns.
type scan func(dest ...any) error

// one reads a single row with fill.
func one[T any](row *sql.Row, fill func(scan, *T) error, op string) (*T, error) {
	var v T
	if err := fill(row.Scan, &v); err != nil {
		return nil, wrap(err, op)
	}
	return &v, nil
}

// list reads all rows with fill.
func list[T any](rows *sql.Rows, err error, fill func(scan, *T) error, op string) (all []T, _ error) {
	if err != nil {
		return nil, wrap(err, op)
	}
	defer rows.Close()
	for rows.Next() {
		var v T
		if err := fill(rows.Scan, &v); err != nil {
			return nil, wrap(err, op)
		}
		all = append(all, v)
	}
	return all, wrap(rows.Err(), op)
}

// limit is n, or otherwise when n is not set.
func limit(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

// micros is the column form of a time: microseconds since 1970, 0 for the zero time.
func micros(t time.Time) int64 {
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
