package postgres

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/sqldb"
)

// written is a transaction of the one writer.
type written struct {
	*sql.Tx
	d       *DB
	conn    *sql.Conn
	fuse    *time.Timer // closes the connection, so that a host that fell silent does not keep the only one for ever
	id      string
	history string
}

// begin begins a transaction of the one writer. It does not end with ctx, which is that of its statements: a commit that
// is broken off leaves it unknown what was committed.
func (d *DB) begin(ctx context.Context) (sqldb.Begun, error) {
	var w *written
	err := d.writer.again(ctx, func() (err error) {
		w, err = d.tryBegin(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// tryBegin takes the lock, and then the transaction's id: whoever waits has none, which would keep back others. An id
// costs no more than a number; what writes nothing is still not waited for at the disk.
func (d *DB) tryBegin(ctx context.Context) (_ *written, err error) {
	w := &written{d: d}
	if w.conn, err = d.writer.Conn(ctx); err != nil {
		return nil, err
	}
	var line net.Conn
	err = w.conn.Raw(func(c any) error { line = c.(*stdlib.Conn).Conn().PgConn().Conn(); return nil })
	if err != nil {
		return nil, errors.Join(err, w.conn.Close())
	}
	w.fuse = time.AfterFunc(d.lockTime+d.commitTime, func() { line.Close() })
	if w.Tx, err = w.conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: sql.LevelReadCommitted}); err == nil {
		err = w.QueryRowContext(ctx, `SELECT pg_advisory_xact_lock($1)::text || pg_current_xact_id()::text, `+history, writerKey).Scan(&w.id, &w.history)
	}
	if err != nil {
		w.Rollback() // the connection goes with it, if that is what failed
		return nil, err
	}
	w.fuse.Reset(d.txTime)
	return w, nil
}

// history names what a server remembers without a gap: it is another after a crash, and on another server. After those
// an id may have been given again, to somebody who did commit.
const history = `(SELECT stats_reset::text FROM pg_stat_wal)`

// SQL implements sqldb.Begun.
func (w *written) SQL() *sql.Tx { return w.Tx }

// Rollback implements sqldb.Begun.
func (w *written) Rollback() error {
	defer w.close()
	if w.Tx == nil {
		return nil
	}
	return w.Tx.Rollback()
}

func (w *written) close() {
	w.fuse.Stop()
	w.conn.Close() // gives it back to the pool; again does nothing
}

// Commit implements sqldb.Begun. nil says that it is committed.
func (w *written) Commit(ctx context.Context) error {
	w.fuse.Reset(w.d.commitTime)
	err := w.Tx.Commit()
	w.close()
	if e, answered := errors.AsType[*pgconn.PgError](err); err == nil || answered && !lost(e) {
		return err
	}
	return w.settle(context.WithoutCancel(ctx), err)
}

// settle finds out what became of the transaction whose commit ended with err, the answer being lost.
func (w *written) settle(ctx context.Context, err error) error {
	d := w.d
	ctx, cancel := context.WithTimeout(ctx, d.patience+d.commitTime)
	defer cancel()
	var status, now sql.NullString
	for deadline := time.Now().Add(d.patience); ; {
		// An id of a server that was not so far ahead is an error there, and so unknown.
		asked := d.reader.QueryRowContext(ctx, `SELECT pg_xact_status($1::text::xid8), `+history, w.id).Scan(&status, &now)
		if asked != nil {
			status = sql.NullString{}
		}
		if status.String != "in progress" || time.Now().After(deadline) {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	switch {
	case status.String == "aborted" && now.String == w.history:
		if e := explain(err, "store: commit"); e != nil {
			return e
		}
		return referent.E(referent.CodeUnavailable, "store: commit", errors.New("connection lost")).WithHint("the connection to the database was lost; try again")
	case status.String == "committed" && now.String == w.history:
		return nil
	}
	return referent.E(referent.CodeUnavailable, "store: commit", store.ErrUnknown).
		WithHint("the connection to the database was lost during a commit; look whether it was done before trying again")
}
