package postgres

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/referent/referent"
)

// scrubbed are the tables that hold anything of meetings or people, in which rows are deleted or changed. Those that
// others wait for most come last, and are the smallest.
var scrubbed = []string{"passages", "tasks", "artifacts", "parts", "checkpoints", "history", "holds", "readings", "administration", "audit", "events",
	"jobs", "uploads", "word_lists", "creations", "failed_signins", "workers", "enrolments", "invitations", "sessions", "tokens", "memberships", "departments", "users", "settings", "meeting_keys", "meetings"}

// Scrub implements store.Store. Deleted rows are dead first, then, when VACUUM has been there, free room that still
// holds what it held; and an index of words (GIN) never lets a word go. Only what is written anew holds nothing of them,
// so this writes every table and its indexes anew (VACUUM FULL), one after the other. Whoever needs a table waits for
// that: about two seconds for 300,000 passages, no time that can be felt for the others.
//
// Nothing goes while a transaction, another session's or a standby's, may still look at it: Scrub waits for those that
// began before it, for as long as connections are waited for, and is CodeUnavailable then.
//
// What else holds copies is the administrator's. The write-ahead log has every row that was ever written: with
// wal_recycle = off its old files are removed, not written over later, and when the user has the role pg_checkpoint and
// may call pg_switch_wal, Scrub itself ends the file that is in use. Archives of the log, backups, and standbys' logs
// must expire; the server's own log must not hold statements' parameters.
//
// The planner's samples hold no text: see the schema.
func (d *DB) Scrub(ctx context.Context) error {
	const op = "store: scrub database"
	p := d.pool(1, map[string]string{"lock_timeout": milliseconds(min(d.patience, 5*time.Second)), "maintenance_work_mem": "128MB"})
	defer p.Close()
	if err := d.outlast(ctx, p); err != nil {
		return dialect.Wrap(err, op)
	}
	var oldest int64
	if err := p.QueryRowContext(ctx, `SELECT COALESCE(MIN(seq), 0) FROM audit`).Scan(&oldest); err != nil {
		return dialect.Wrap(err, op)
	}
	for _, table := range scrubbed {
		if table == "audit" && d.scrubbedFrom.Load() == oldest { // no link went since, and it is the longest table
			continue
		}
		if _, err := p.ExecContext(ctx, `VACUUM (FULL) `+table); err != nil {
			return dialect.Wrap(err, op)
		}
	}
	d.scrubbedFrom.Store(oldest)
	for _, statement := range []string{`SELECT pg_switch_wal()`, `CHECKPOINT`} {
		if _, err := p.ExecContext(ctx, statement); err != nil && !forbidden(err) {
			return dialect.Wrap(err, op)
		}
	}
	return nil
}

// looks are the oldest transactions that any session, standby or prepared transaction of this database may look at or
// has begun.
const looks = `SELECT pid::text FROM pg_stat_activity WHERE pid <> pg_backend_pid()
		AND (datname = current_database() OR datid IS NULL) AND (age(backend_xmin) > age($1::text::xid) OR age(backend_xid) > age($1::text::xid))
	UNION ALL SELECT gid FROM pg_prepared_xacts WHERE database = current_database() AND age(transaction) > age($1::text::xid)
	UNION ALL SELECT slot_name FROM pg_replication_slots WHERE age(xmin) > age($1::text::xid)`

// outlast waits until nobody can look at what was deleted before it was called.
func (d *DB) outlast(ctx context.Context, p *pool) error {
	var next string
	err := p.again(ctx, func() error {
		return p.DB.QueryRowContext(ctx, `SELECT pg_snapshot_xmax(pg_current_snapshot())::xid::text`).Scan(&next)
	})
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(d.patience); ; {
		var who sql.NullString
		err := p.QueryRowContext(ctx, `SELECT (`+looks+` LIMIT 1)`, next).Scan(&who)
		if err != nil || !who.Valid {
			return err
		}
		if time.Now().After(deadline) {
			return referent.E(referent.CodeUnavailable, "store: wait for older transactions", nil).
				WithHint("a long transaction, or a standby that is behind, still looks at deleted rows (%s); try again", who.String)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func forbidden(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "42501"
}
