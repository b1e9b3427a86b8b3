package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"

	"github.com/referent/referent"
	"github.com/referent/referent/store/sqldb"
)

// catalog tells of the tables that are neither SQLite's own nor parts of a full-text index.
var catalog = sqldb.Catalog{
	Columns: `SELECT t.name, c.name, c.type FROM pragma_table_list t, pragma_table_info(t.name) c
		WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY t.name, c.cid`,
	References: `SELECT t.name, f."from", f."table" FROM pragma_table_list t, pragma_foreign_key_list(t.name) f
		WHERE t.schema = 'main' AND t.type = 'table'`,
	Kinds: map[string]sqldb.Kind{"TEXT": sqldb.KindText, "BIGINT": sqldb.KindInteger, "INTEGER": sqldb.KindInteger,
		"DOUBLE PRECISION": sqldb.KindReal, "BLOB": sqldb.KindBytes},
	Counters: `SELECT name, seq FROM sqlite_sequence`,
	Count:    `INSERT OR REPLACE INTO sqlite_sequence (rowid, name, seq) VALUES ((SELECT rowid FROM sqlite_sequence WHERE name = $1), $1, $2)`,
	Defer:    `PRAGMA defer_foreign_keys = ON`,
	Empty:    `SELECT COUNT(*) = 0 FROM sqlite_schema`,
	Version:  `SELECT MAX(version_id) FROM goose_db_version`,
}

// Snapshot reads the file at path as it is at this moment, also while a server, of this release or an older one, writes
// it. It changes nothing. store.ErrNotFound: there is no such file. The process must not have the file open (see Open).
func Snapshot(ctx context.Context, path string) (*sqldb.Snapshot, error) {
	const op = "store: begin snapshot"
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, referent.E(referent.CodeNotFound, op, errors.New("no database"))
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, referent.E(referent.CodeConfig, op, err)
	}
	db, err := sql.Open("sqlite", (&DB{busy: busyTimeout}).dsn(path, "_query_only", "1"))
	if err != nil {
		return nil, dialect.Wrap(err, op)
	}
	db.SetMaxOpenConns(1)
	newest, err := newestSchema(db)
	if err != nil {
		return nil, errors.Join(dialect.Wrap(err, op), db.Close())
	}
	return sqldb.NewSnapshot(ctx, db, &dialect, newest)
}

// Fill makes the file at path with the schema of a migration, to be filled from a copy. Open brings it up to date.
func Fill(ctx context.Context, path string, schema int64) (*sqldb.Filling, error) {
	const op = "store: fill database"
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, referent.E(referent.CodeConfig, op, err)
	}
	if err := createPrivate(path); err != nil {
		return nil, dialect.Wrap(err, op)
	}
	db, err := sql.Open("sqlite", (&DB{busy: busyTimeout}).dsn(path, "_txlock", "immediate"))
	if err != nil {
		return nil, dialect.Wrap(err, op)
	}
	db.SetMaxOpenConns(1)
	return sqldb.NewFilling(ctx, db, &dialect, schema, func(ctx context.Context) error {
		p, err := provider(db)
		if err != nil {
			return err
		}
		return sqldb.MigrateTo(ctx, p, schema)
	})
}

// provider knows the migrations of the file.
func provider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
}

// newestSchema is the number of the newest migration that this release knows.
func newestSchema(db *sql.DB) (int64, error) {
	p, err := provider(db)
	if err != nil {
		return 0, err
	}
	all := p.ListSources()
	return all[len(all)-1].Version, nil
}
