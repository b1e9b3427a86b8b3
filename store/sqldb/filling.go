package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/referent/referent"
)

// Filling is an empty database that gets its rows from a copy, all of them or none.
type Filling struct {
	tx     *sql.Tx
	d      *Dialect
	tables map[string]*Table
	end    func() error
}

// skipped is how far a restored database counts on from where the copy was made, so that a number that was given
// between then and the loss is not given to something else: a browser remembers the last event that it has seen, and a
// worker that outlived the server its lease's epoch.
const skipped = 1 << 20

// NewFilling begins to fill a database that create gives the schema of a migration. One that holds anything is
// CodeConflict; tables without rows, as a restore that failed leaves them, are nothing. db is closed with it.
func NewFilling(ctx context.Context, db *sql.DB, d *Dialect, schema int64, create func(context.Context) error) (_ *Filling, err error) {
	const op = "store: fill database"
	defer func() {
		if err != nil {
			err = errors.Join(d.Wrap(err, op), db.Close())
		}
	}()
	var empty bool
	if err := db.QueryRowContext(ctx, d.Catalog.Empty).Scan(&empty); err != nil {
		return nil, err
	}
	if !empty {
		empty, err = unused(ctx, db, d, schema)
	}
	if err != nil {
		return nil, err
	}
	if !empty {
		return nil, referent.E(referent.CodeConflict, op, errors.New("the database is not empty")).
			WithHint("restore into a new, empty database; nothing is ever overwritten")
	}
	if err := create(ctx); err != nil {
		return nil, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	f := &Filling{tx: tx, d: d, tables: map[string]*Table{}, end: db.Close}
	all, err := tables(ctx, tx, d)
	if err == nil && d.Catalog.Defer != "" {
		_, err = tx.ExecContext(ctx, d.Catalog.Defer)
	}
	if err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	for _, t := range all {
		f.tables[t.Name] = &t
	}
	return f, nil
}

// unused reports whether a database has the tables of a migration, or an older one, and not a row in them.
func unused(ctx context.Context, db *sql.DB, d *Dialect, schema int64) (bool, error) {
	var have int64
	if err := db.QueryRowContext(ctx, d.Catalog.Version).Scan(&have); err != nil || have > schema {
		return false, nil // of something else
	}
	all, err := tables(ctx, db, d)
	if err != nil {
		return false, nil
	}
	for _, t := range all {
		var rows bool
		if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+t.Name+")").Scan(&rows); err != nil || rows {
			return false, err
		}
	}
	return true, nil
}

// Columns are those of a table; nil: the schema has no such table.
func (f *Filling) Columns(table string) []Column {
	if t := f.tables[table]; t != nil {
		return t.Columns
	}
	return nil
}

// Insert adds a row to a table, its values as Snapshot.Rows gives them, in the order of columns. A table or column that
// the schema does not have is CodeInvalid.
func (f *Filling) Insert(ctx context.Context, table string, columns []Column, row []any) error {
	const op = "store: add row"
	t := f.tables[table]
	if t == nil || len(row) != len(columns) {
		return referent.E(referent.CodeInvalid, op, errors.New("a table that the schema does not have"))
	}
	names, places := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		at := t.Column(c.Name)
		if at < 0 || t.Columns[at].Kind != c.Kind {
			return referent.E(referent.CodeInvalid, op, fmt.Errorf("table %s has no such column", table))
		}
		names[i], places[i] = c.Name, fmt.Sprint("$", i+1)
	}
	_, err := f.tx.ExecContext(ctx, "INSERT INTO "+t.Name+" ("+strings.Join(names, ", ")+") "+f.d.Catalog.Insert+
		" VALUES ("+strings.Join(places, ", ")+")", row...)
	return f.d.Wrap(err, op)
}

// elsewhere are the tables whose rows are of another time: who is signed in or may be, who serves, and what was tried.
var elsewhere = []string{"sessions", "invitations", "enrolments", "servers", "duties", "failed_signins", "creations"}

// Renew makes of a state that was copied one that can go on elsewhere, at another time: jobs that somebody was at are
// queued again, with an epoch that no worker has a lease of, and without counting the attempt; the queue holds nothing;
// what is searched is made anew; nobody is signed in or invited; no server serves; uploads get a day to go on. An older
// schema lacks some of this. counters are the last numbers that
// tables had given, and forget are settings that do not come back.
func (f *Filling) Renew(ctx context.Context, counters map[string]int64, forget []string, now time.Time) error {
	const op = "store: renew restored rows"
	type change struct {
		query string
		args  []any
	}
	changes := []change{
		{`UPDATE jobs SET attempt = attempt - 1 WHERE state = 'leased' AND attempt > 0`, nil},
		{`UPDATE jobs SET state = 'queued', worker = '', lease_expires = 0, progress = 0 WHERE state = 'leased'`, nil},
		{`UPDATE jobs SET epoch = epoch + $1, published = 0`, []any{int64(skipped)}},
		{`UPDATE uploads SET expires = $1 WHERE expires < $1`, []any{Micros(now.Add(24 * time.Hour))}},
	}
	if f.tables[TableMeetings].Column("stale") >= 0 { // the migration that brings it sets it
		changes = append(changes, change{`UPDATE meetings SET stale = 1 WHERE id IN (SELECT meeting FROM artifacts WHERE kind IN ('transcript', 'minutes'))`, nil})
	}
	for _, table := range elsewhere {
		if f.tables[table] != nil {
			changes = append(changes, change{"DELETE FROM " + table, nil})
		}
	}
	for _, c := range changes {
		if _, err := f.tx.ExecContext(ctx, c.query, c.args...); err != nil {
			return f.d.Wrap(err, op)
		}
	}
	for _, name := range forget {
		if _, err := f.tx.ExecContext(ctx, `DELETE FROM settings WHERE name = $1`, name); err != nil {
			return f.d.Wrap(err, op)
		}
	}
	ahead := map[string]int64{}
	for table, last := range counters {
		ahead[table] = last + skipped
	}
	return f.Count(ctx, ahead)
}

// PutSetting sets a setting.
func (f *Filling) PutSetting(ctx context.Context, name, value string) error {
	return (&tx{t: f.tx, reads: reads{f.tx, f.d}}).PutSetting(ctx, name, value)
}

// Count says which numbers tables gave last; the next are above.
func (f *Filling) Count(ctx context.Context, counters map[string]int64) error {
	const op = "store: set counters"
	for table, last := range counters {
		if f.tables[table] == nil {
			return referent.E(referent.CodeInvalid, op, errors.New("a counter of a table that the schema does not have"))
		}
		if _, err := f.tx.ExecContext(ctx, f.d.Catalog.Count, table, max(last, 1)); err != nil { // PostgreSQL counts from 1
			return f.d.Wrap(err, op)
		}
	}
	return nil
}

// Commit keeps what was added, and closes the database.
func (f *Filling) Commit() error {
	return f.d.Wrap(errors.Join(f.tx.Commit(), f.end()), "store: commit restored rows")
}

// Abort keeps nothing, and closes the database.
func (f *Filling) Abort() error {
	return f.d.Wrap(errors.Join(f.tx.Rollback(), f.end()), "store: give up restored rows")
}
