package postgres

import (
	"context"
	"database/sql"
	"time"
)

// pool is a pool that makes lost connections again. Only what was not begun is tried again, and reads, which change
// nothing.
type pool struct {
	*sql.DB
	patience time.Duration
}

// again tries until it succeeds, fails for another cause than a lost connection, or patience or the context is over.
func (p *pool) again(ctx context.Context, try func() error) error {
	deadline, pause := time.Now().Add(p.patience), time.Duration(0)
	for {
		err := try()
		if err == nil || !lost(err) || time.Now().Add(pause).After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause): // the first time at once: the pool may hold others that are lost
		}
		pause = min(pause*2+10*time.Millisecond, 500*time.Millisecond)
	}
}

func (p *pool) QueryContext(ctx context.Context, query string, args ...any) (rows *sql.Rows, err error) {
	err = p.again(ctx, func() error { rows, err = p.DB.QueryContext(ctx, query, args...); return err })
	return rows, err
}

func (p *pool) QueryRowContext(ctx context.Context, query string, args ...any) (row *sql.Row) {
	p.again(ctx, func() error { row = p.DB.QueryRowContext(ctx, query, args...); return row.Err() })
	return row // which carries the error
}

func (p *pool) BeginTx(ctx context.Context, o *sql.TxOptions) (t *sql.Tx, err error) {
	err = p.again(ctx, func() error { t, err = p.DB.BeginTx(ctx, o); return err })
	return t, err
}
