// Package postgres is the store in a PostgreSQL database, which may be on another machine.
//
// One server at a time where recordings or the queue lie in its data folder (see Serve), or several that share both (see
// ServeAmong); and tools beside them.
//
// # One writer
//
// A transaction takes an advisory lock of the database first (writerKey), and holds it until it has ended: there is
// one writer at a time, in all processes together, as there is in SQLite. PostgreSQL lets go of the lock after the
// commit can be seen and not before, and each statement of a transaction (READ COMMITTED) sees what was committed
// when it began. So whoever comes next reads all that was written before, no numbers are given twice, no event can be
// seen before those with lesser ids, and a job is claimed by one. SERIALIZABLE would let several write at once, but
// ends those that met with an error, so that they must run again, and what they did beside the database with them;
// and it gives out ids in another order than that of the commits. It does some 1,900 small transactions a second where
// the one writer does 650 (BenchmarkWriters); fifty recordings that are sent at once ask for some fifty. Reads take no
// lock.
//
// A server that stops in the middle of a transaction, without its connection being closed, is cut off after holdTime,
// so that the others go on.
//
// # Connections
//
// One connection writes and several read. Those that were lost, as when the database is started anew, are made again:
// what was not begun waits for that, for as long as WithPatience says. Of a commit whose answer was lost the database is
// asked what became of it (see written.settle). Connections go to the database itself, or
// to a pooler that keeps them for whole sessions.
//
// The statements are package sqldb's. What is not here: the rules of a meeting's life (package pipeline), and bytes
// (package store/blob).
package postgres

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/referent/referent/store"
	"github.com/referent/referent/store/sqldb"
)

const (
	// writerKey names the advisory lock of whoever writes.
	writerKey int64 = 0x5265666572656e74
	// patience is how long what was not begun waits for a connection, unless WithPatience says otherwise.
	patience = 10 * time.Second
	// holdTime is how long a transaction may stand still before the database ends it.
	holdTime = 30 * time.Second
	// lockTime is how long a transaction waits for those of other servers before it fails with CodeUnavailable.
	// It is longer than holdTime, or all who wait behind one that stands still would fail with it.
	lockTime = 45 * time.Second
	// txTime is how long a transaction may take once it has the lock, and commitTime how long its commit may.
	txTime, commitTime = 2 * time.Minute, 30 * time.Second
)

// DB is a store.Store.
type DB struct {
	store.Reader
	hangUp             func() error // ends Serve; nil: it was not called
	config             *pgx.ConnConfig
	reader             *pool
	writer             *pool
	now                func() time.Time
	patience           time.Duration
	lockTime           time.Duration
	holdTime           time.Duration
	txTime, commitTime time.Duration
	watchTime          time.Duration

	scrubbedFrom atomic.Int64 // the oldest link of the audit chain when that was last written anew; 0: it was not
}

var _ store.Store = (*DB)(nil)

// Option changes how a database is opened.
type Option func(*DB)

// WithClock sets the clock that stamps Created and Updated. The default is time.Now.
func WithClock(now func() time.Time) Option { return func(d *DB) { d.now = now } }

// WithPatience sets how long what was not begun waits for a connection. The default is 10 s.
func WithPatience(t time.Duration) Option { return func(d *DB) { d.patience = t } }

// WithLimits sets how long a transaction waits for those of other servers, and how long it may stand still before
// the database ends it. The default is 45 s and 30 s.
func WithLimits(wait, hold time.Duration) Option {
	return func(d *DB) { d.lockTime, d.holdTime = wait, hold }
}

// Open connects to the database and brings its schema up to date, one server after the other. The database must be
// there, kept in UTF-8, and the user must be allowed to make tables in the first schema of its search path. Where
// the address names another machine, see Config. A database of a newer release, one that may lose what it committed,
// and credentials that do not do, are CodeConfig; one that does not answer is CodeUnavailable. The caller must Close it.
func Open(ctx context.Context, c Config, opts ...Option) (*DB, error) {
	const op = "store: open database"
	d := &DB{now: time.Now, patience: patience, lockTime: lockTime, holdTime: holdTime, txTime: txTime, commitTime: commitTime, watchTime: watchTime}
	for _, o := range opts {
		o(d)
	}
	var err error
	if d.config, err = c.parse(); err != nil {
		return nil, err
	}
	if err := d.migrate(ctx); err != nil {
		return nil, dialect.Wrap(err, op)
	}
	d.writer = d.pool(1, map[string]string{
		"lock_timeout": milliseconds(d.lockTime), "idle_in_transaction_session_timeout": milliseconds(d.holdTime),
	})
	d.reader = d.pool(max(4, 2*runtime.GOMAXPROCS(0)), map[string]string{
		"default_transaction_read_only": "on",
		"plan_cache_mode":               "force_custom_plan", // what is rare and what is common needs other plans
	})
	d.Reader = sqldb.NewReader(d.reader, &dialect)
	if err := d.reader.again(ctx, func() error { return check(ctx, d.reader.DB) }); err != nil {
		return nil, errors.Join(dialect.Wrap(err, op), d.Close())
	}
	if err := sqldb.BeginAudit(ctx, d); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// pool opens connections, n at most, with settings of their own.
func (d *DB) pool(n int, settings map[string]string) *pool {
	config := d.config.Copy()
	// The database, too, must notice within a while that a server has gone, for its locks.
	names := []string{"default_transaction_isolation", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count"}
	values := []string{"read committed", "15", "5", "2"}
	for k, v := range settings {
		names, values = append(names, k), append(values, v)
	}
	// Not as parameters of the start, which poolers refuse.
	db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS s (name, value)`, names, values)
		if err == nil {
			_, err = c.Exec(ctx, `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`)
		}
		return err
	}))
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxLifetime(time.Hour) // after a switch to another server none stays with the old one for ever
	return &pool{DB: db, patience: d.patience}
}

// Tx implements store.Store. After a write that failed, fn must return an error: PostgreSQL commits nothing of such a
// transaction. When the answer to the commit was lost, Tx asks what became of it; where that cannot be known, the error
// is CodeUnavailable and wraps store.ErrUnknown.
func (d *DB) Tx(ctx context.Context, fn func(store.Tx) error) error {
	return sqldb.Tx(ctx, &dialect, d.begin, d.now, fn)
}

// Ping implements store.Store: it writes a row and commits it.
func (d *DB) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, d.lockTime+d.commitTime)
	defer cancel()
	err := d.writer.again(ctx, func() error {
		_, err := d.writer.ExecContext(ctx, `INSERT INTO pings (id, pinged) VALUES (1, $1)
			ON CONFLICT (id) DO UPDATE SET pinged = excluded.pinged`, sqldb.Micros(d.now()))
		return err
	})
	return dialect.Wrap(err, "store: ping database")
}

// Close implements store.Store. It waits for what runs.
func (d *DB) Close() error {
	var hungUp error
	if d.hangUp != nil {
		hungUp = d.hangUp()
	}
	return dialect.Wrap(errors.Join(hungUp, d.reader.Close(), d.writer.Close()), "store: close database")
}
