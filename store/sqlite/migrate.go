package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"

	"github.com/pressly/goose/v3"

	"github.com/referent/referent"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date, each step in a transaction of its own.
func migrate(ctx context.Context, db *sql.DB) error {
	const op = "store: migrate database"
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return dialect.Wrap(err, op)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return dialect.Wrap(err, op)
	}
	have, known, err := p.GetVersions(ctx)
	if err != nil {
		return dialect.Wrap(err, op)
	}
	if have > known {
		return referent.E(referent.CodeConfig, op, nil).
			WithHint("the database has schema %d, this release knows %d: install the newer release again", have, known)
	}
	if have == known {
		return nil
	}
	_, err = p.Up(ctx)
	return dialect.Wrap(err, op)
}
