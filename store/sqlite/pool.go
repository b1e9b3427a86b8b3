package sqlite

import (
	"context"
	"database/sql"
	"sync"
)

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
