package sqlite

import (
	"context"
	"database/sql"
	"embed"

	"github.com/referent/referent/store/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date, each step in a transaction of its own.
func migrate(ctx context.Context, db *sql.DB) error {
	const op = "store: migrate database"
	p, err := provider(db)
	if err != nil {
		return dialect.Wrap(err, op)
	}
	have, known, err := p.GetVersions(ctx)
	if err != nil {
		return dialect.Wrap(err, op)
	}
	if have > known {
		return sqldb.TooNew(op, have, known)
	}
	if have == known {
		return nil
	}
	_, err = p.Up(ctx)
	return dialect.Wrap(err, op)
}
