// Package sqlite is the store in one SQLite file: one connection writes, several read, and what a
// transaction has committed survives a power cut.
//
// The statements are package sqldb's. What only SQLite does is here: the connection settings in this file, the error
// codes in errors.go, full-text search (search.go and its migrations), and overwriting what was deleted (scrub.go).
//
// What is not here: the rules of a meeting's life (package pipeline), and bytes (package store/blob).
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/sqldb"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// busyTimeout is how long a statement waits for another process's lock (a backup, the sqlite3 shell)
// before it fails with CodeUnavailable. Inside the process nobody waits here: the writer's connection
// is one, and readers are never locked out in WAL mode.
const busyTimeout = 10 * time.Second

// DB is a store.Store.
type DB struct {
	store.Reader
	reader *cachedPool
	writer *sql.DB
	now    func() time.Time
	busy   time.Duration
}

var _ store.Store = (*DB)(nil)

// Option changes how a database is opened.
type Option func(*DB)

// WithClock sets the clock that stamps Created and Updated. The default is time.Now.
func WithClock(now func() time.Time) Option { return func(d *DB) { d.now = now } }

// WithBusyTimeout sets how long a statement waits for another process's lock. The default is 10 s.
func WithBusyTimeout(d time.Duration) Option { return func(db *DB) { db.busy = d } }

// Open opens the database file at path, makes it when it is not there, and brings its schema up to
// date. Its folder must exist. The file, and with it SQLite's -wal and -shm beside it, is readable by
// its owner alone. A file of a newer release is CodeConfig. The caller must Close it.
//
// No other code of the process may open and close the file while it is open here: POSIX would drop
// SQLite's locks with the first close.
func Open(ctx context.Context, path string, opts ...Option) (*DB, error) {
	const op = "store: open database"
	d := &DB{now: time.Now, busy: busyTimeout}
	for _, o := range opts {
		o(d)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, referent.E(referent.CodeConfig, op, err)
	}
	if err := createPrivate(path); err != nil {
		return nil, dialect.Wrap(err, op)
	}
	if d.writer, err = sql.Open("sqlite", d.dsn(path, "_txlock", "immediate")); err != nil {
		return nil, dialect.Wrap(err, op)
	}
	d.writer.SetMaxOpenConns(1)
	d.writer.SetConnMaxIdleTime(0)
	if err := migrate(ctx, d.writer); err != nil {
		return nil, errors.Join(dialect.Wrap(err, op), d.writer.Close())
	}
	readers, err := sql.Open("sqlite", d.dsn(path, "_query_only", "1"))
	if err != nil {
		return nil, errors.Join(dialect.Wrap(err, op), d.writer.Close())
	}
	n := max(4, 2*runtime.GOMAXPROCS(0))
	readers.SetMaxOpenConns(n)
	readers.SetMaxIdleConns(n)
	d.reader = newCachedPool(readers)
	d.Reader = sqldb.NewReader(d.reader, &dialect)
	if err := readers.PingContext(ctx); err != nil {
		return nil, errors.Join(dialect.Wrap(err, op), d.Close())
	}
	if err := sqldb.BeginAudit(ctx, d); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// createPrivate makes the file with mode 0600, or narrows an existing one's, durably.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return os.Chmod(path, 0o600) // not opened: see Open on closing files
	}
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// dsn is the driver's address of the file with the settings of every connection, and one more.
func (d *DB) dsn(path, key, value string) string {
	q := url.Values{
		"_busy_timeout": {strconv.FormatInt(d.busy.Milliseconds(), 10)},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"}, // a commit is on the platter before it is reported
		"_foreign_keys": {"1"},
		"_dqs":          {"0"}, // a misspelt column is an error, not a string
		"_pragma": {
			"secure_delete(ON)",   // deleted rows are overwritten with zeros
			"temp_store(MEMORY)",  // no sorted text in files under /tmp
			"trusted_schema(OFF)", // a doctored file runs no functions of ours
			"cell_size_check(ON)", // a damaged page is an error, not wrong rows
			"cache_size(-8192)",   // KiB for each connection
		},
		key: {value},
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}

// Tx implements store.Store.
func (d *DB) Tx(ctx context.Context, fn func(store.Tx) error) error {
	begin := func(ctx context.Context) (sqldb.Begun, error) {
		t, err := d.writer.BeginTx(ctx, nil)
		return sqldb.Plain{Tx: t}, err
	}
	return sqldb.Tx(ctx, &dialect, begin, d.now, fn)
}

// Ping implements store.Store: it writes a row and commits it.
func (d *DB) Ping(ctx context.Context) error {
	_, err := d.writer.ExecContext(ctx, `INSERT INTO pings (id, pinged) VALUES (1, $1)
		ON CONFLICT (id) DO UPDATE SET pinged = excluded.pinged`, sqldb.Micros(d.now()))
	return dialect.Wrap(err, "store: ping database")
}

// Close implements store.Store. It waits for what runs, and leaves the whole of the data in the one file.
func (d *DB) Close() error {
	return dialect.Wrap(errors.Join(d.reader.Close(), d.writer.Close()), "store: close database")
}
