package postgres

import (
	"context"
	"embed"

	"github.com/referent/referent/store/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date, each step in a transaction of its own. It holds the writer's lock, so that
// servers that start at once do it one after the other, and those that run do not write meanwhile.
func (d *DB) migrate(ctx context.Context) (err error) {
	const op = "store: migrate database"
	p := d.pool(2, nil)
	defer p.Close()
	var lock interface{ Close() error }
	err = p.again(ctx, func() error {
		c, err := p.Conn(ctx)
		if err != nil {
			return err
		}
		if _, err := c.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, writerKey); err != nil {
			c.Close()
			return err
		}
		lock = c
		return nil
	})
	if err != nil {
		return err
	}
	defer lock.Close() // and with the pool the session ends, which had the lock
	g, err := provider(p.DB)
	if err != nil {
		return err
	}
	have, known, err := g.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > known {
		return sqldb.TooNew(op, have, known)
	}
	if have == known {
		return nil
	}
	_, err = g.Up(ctx)
	return err
}
