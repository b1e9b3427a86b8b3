package postgres

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/referent/referent/store/sqldb"
)

var catalog = sqldb.Catalog{
	Columns: `SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
		WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name, ordinal_position`,
	References: `SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text FROM pg_constraint c
		JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace`,
	Kinds: map[string]sqldb.Kind{"text": sqldb.KindText, "bigint": sqldb.KindInteger, "integer": sqldb.KindInteger,
		"double precision": sqldb.KindReal, "bytea": sqldb.KindBytes},
	Counters: `SELECT c.table_name, COALESCE(s.last_value, 0)
		FROM information_schema.columns c
		JOIN pg_sequences s ON format('%I.%I', s.schemaname, s.sequencename) = pg_get_serial_sequence(format('%I.%I', c.table_schema, c.table_name), c.column_name)
		WHERE c.table_schema = current_schema() AND c.is_identity = 'YES'`,
	Count:   `SELECT setval(pg_get_serial_sequence($1, 'id'), $2)`,
	Insert:  `OVERRIDING SYSTEM VALUE`,
	Empty:   `SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S'))`,
	Version: `SELECT MAX(version_id) FROM goose_db_version`,
}

// Snapshot reads the database as it is at this moment, while servers, of this release or an older one, write it. It
// changes nothing.
func Snapshot(ctx context.Context, c Config) (*sqldb.Snapshot, error) {
	db, err := connect(c)
	if err != nil {
		return nil, err
	}
	p, err := provider(db)
	if err != nil {
		return nil, errors.Join(dialect.Wrap(err, "store: begin snapshot"), db.Close())
	}
	known := p.ListSources()
	return sqldb.NewSnapshot(ctx, db, &dialect, known[len(known)-1].Version)
}

// Fill gives an empty database the schema of a migration, to be filled from a copy. Open brings it up to date.
func Fill(ctx context.Context, c Config, schema int64) (*sqldb.Filling, error) {
	db, err := connect(c)
	if err != nil {
		return nil, err
	}
	return sqldb.NewFilling(ctx, db, &dialect, schema, func(ctx context.Context) error {
		if err := check(ctx, db); err != nil {
			return err
		}
		p, err := provider(db)
		if err != nil {
			return err
		}
		return sqldb.MigrateTo(ctx, p, schema)
	})
}

// connect opens connections without a server's patience: a copy that fails is made again.
func connect(c Config) (*sql.DB, error) {
	config, err := c.parse()
	if err != nil {
		return nil, err
	}
	return stdlib.OpenDB(*config), nil
}

func provider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files, goose.WithDisableGlobalRegistry(true))
}
