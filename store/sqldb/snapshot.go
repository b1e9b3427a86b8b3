package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// Kind is what a column holds, whatever a database calls it.
type Kind string

// The kinds that there are. A migration that brings another teaches it to package store/backup too.
const (
	KindText    Kind = "text"
	KindInteger Kind = "integer"
	KindReal    Kind = "real"
	KindBytes   Kind = "bytes"
)

// Column is a column of a table.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

// Table is a table whose rows are copied.
type Table struct {
	Name    string
	Columns []Column
	Meeting string   // the column that names the meeting that a row goes with; "": the rows are the installation's
	refers  []string // tables that must be filled before
}

// Column is the place of a column among the table's; -1: it has none of that name.
func (t *Table) Column(name string) int {
	return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
}

// The tables that copies treat in their own way: one row for each meeting, which the others refer to, the wrapped keys,
// and what can be made again.
const (
	TableMeetings    = "meetings"
	TableKeys        = "meeting_keys"
	TableCheckpoints = "checkpoints"
)

// Not copied: what goose and Ping keep for themselves, and what is made anew of transcripts and minutes (a meeting is
// stale until it is): the words stand nowhere in a copy but sealed in the blobs.
var notCopied = []string{"goose_db_version", "pings", "passages"}

// Catalog is how a database tells of its tables.
type Catalog struct {
	Columns    string          // rows of table, column, type
	References string          // rows of table, column, the table that is referred to
	Kinds      map[string]Kind // by type
	Counters   string          // rows of table, last number given
	Insert     string          // what stands between the columns and VALUES
	Count      string          // sets the counter of table $1 to $2
	Defer      string          // lets rows refer to those that come later; "": they may not
	Empty      string          // whether there is no table yet
	Version    string          // the schema's number
}

// Snapshot is a database at one moment, while others write. Others cannot scrub until it is closed.
type Snapshot struct {
	store.Reader
	Schema int64   // number of the newest migration
	Tables []Table // those that others refer to first
	tx     *sql.Tx
	d      *Dialect
	end    func() error
}

// NewSnapshot begins a transaction of db that reads one state. db is closed with it.
func NewSnapshot(ctx context.Context, db *sql.DB, d *Dialect, newest int64) (_ *Snapshot, err error) {
	const op = "store: begin snapshot"
	defer func() {
		if err != nil {
			err = errors.Join(d.Wrap(err, op), db.Close())
		}
	}()
	tx, err := db.BeginTx(ctx, &d.Snapshot)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{Reader: reads{tx, d}, tx: tx, d: d, end: db.Close}
	if err := tx.QueryRowContext(ctx, d.Catalog.Version).Scan(&s.Schema); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	if s.Schema > newest {
		return nil, errors.Join(TooNew(op, s.Schema, newest), tx.Rollback())
	}
	if s.Tables, err = tables(ctx, tx, d); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return s, nil
}

// TooNew is the error of a database that a newer release has written.
func TooNew(op string, have, known int64) error {
	return referent.E(referent.CodeConfig, op, nil).
		WithHint("the database has schema %d, this release knows %d: install the newer release again", have, known)
}

// Close ends the snapshot.
func (s *Snapshot) Close() error {
	return s.d.Wrap(errors.Join(s.tx.Rollback(), s.end()), "store: end snapshot")
}

// Rows calls each with the values of a table's columns, row by row: nil, string, int64, float64 or []byte, in a slice
// that each may keep. Of a table that goes with meetings these are the meetings from and to and what lies between them.
func (s *Snapshot) Rows(ctx context.Context, t *Table, from, to string, each func(row []any) error) error {
	const op = "store: read rows"
	query, args := "SELECT "+t.list()+" FROM "+t.Name, []any(nil)
	if t.Meeting != "" {
		query += fmt.Sprintf(" WHERE %s >= $1 AND %[1]s <= $2 ORDER BY %[1]s", t.Meeting)
		args = []any{from, to}
	}
	rows, err := s.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return s.d.Wrap(err, op)
	}
	defer rows.Close()
	for rows.Next() {
		row, into := make([]any, len(t.Columns)), make([]any, len(t.Columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return s.d.Wrap(err, op)
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return s.d.Wrap(rows.Err(), op)
}

// MeetingIDs lists meetings by id, those after one.
func (s *Snapshot) MeetingIDs(ctx context.Context, after string, n int) ([]string, error) {
	return s.ids(ctx, `SELECT id FROM meetings WHERE id > $1 ORDER BY id LIMIT $2`, after, n)
}

// Keyless lists the meetings whose key is destroyed, and whose rows are about to go.
func (s *Snapshot) Keyless(ctx context.Context) ([]string, error) {
	return s.ids(ctx, `SELECT id FROM meetings WHERE id NOT IN (SELECT meeting FROM meeting_keys)`)
}

func (s *Snapshot) ids(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := s.tx.QueryContext(ctx, query, args...)
	return list(s.Reader.(reads), rows, err, func(s scan, id *string) error { return s(id) }, "store: list meetings")
}

// Receipts implements store.Reader. A database of before anything but whole meetings was erased alone has no word for it.
func (s *Snapshot) Receipts(ctx context.Context, n int) ([]store.Receipt, error) {
	at := slices.IndexFunc(s.Tables, func(t Table) bool { return t.Name == "receipts" })
	if at < 0 || s.Tables[at].Column("what") >= 0 {
		return s.Reader.Receipts(ctx, n)
	}
	return s.Reader.(reads).receipts(ctx, "'"+store.ErasedMeeting+"'", n)
}

// Counters are the last numbers that tables gave to their rows.
func (s *Snapshot) Counters(ctx context.Context) (map[string]int64, error) {
	const op = "store: read counters"
	rows, err := s.tx.QueryContext(ctx, s.d.Catalog.Counters)
	if err != nil {
		return nil, s.d.Wrap(err, op)
	}
	defer rows.Close()
	all := map[string]int64{}
	for rows.Next() {
		var table string
		var last int64
		if err := rows.Scan(&table, &last); err != nil {
			return nil, s.d.Wrap(err, op)
		}
		if !slices.Contains(notCopied, table) {
			all[table] = last
		}
	}
	return all, s.d.Wrap(rows.Err(), op)
}

func (t *Table) list() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}

// tables reads what tables there are, and orders them so that each comes after those that it refers to.
func tables(ctx context.Context, q Queryer, d *Dialect) ([]Table, error) {
	var found []*Table
	byName := map[string]*Table{}
	err := triples(ctx, q, d.Catalog.Columns, func(table, column, kind string) error {
		if slices.Contains(notCopied, table) {
			return nil
		}
		t := byName[table]
		if t == nil {
			t = &Table{Name: table}
			byName[table], found = t, append(found, t)
		}
		k, ok := d.Catalog.Kinds[kind]
		if !ok {
			return referent.E(referent.CodeInternal, "store: read tables", fmt.Errorf("%s.%s is of a type that is not copied", table, column))
		}
		t.Columns = append(t.Columns, Column{column, k})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if t := byName[TableMeetings]; t != nil {
		t.Meeting = "id"
	}
	err = triples(ctx, q, d.Catalog.References, func(table, column, to string) error {
		t := byName[table]
		if t == nil {
			return nil
		}
		if to == TableMeetings {
			if t.Meeting != "" && t.Meeting != column {
				return referent.E(referent.CodeInternal, "store: read tables", fmt.Errorf("%s goes with two meetings", table))
			}
			t.Meeting = column
		}
		t.refers = append(t.refers, to)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, t := range found {
		for _, to := range t.refers {
			// Its rows would be sealed to the installation's key, and outlive the meeting.
			if t.Meeting == "" && byName[to] != nil && byName[to].Meeting != "" {
				return nil, referent.E(referent.CodeInternal, "store: read tables", fmt.Errorf("%s goes with meetings and does not name them", t.Name))
			}
		}
	}
	var all []Table
	done := map[string]bool{}
	for len(all) < len(found) {
		before := len(all)
		for _, t := range found {
			ready := !slices.ContainsFunc(t.refers, func(to string) bool { return to != t.Name && !done[to] })
			if ready && !done[t.Name] {
				done[t.Name], all = true, append(all, *t)
			}
		}
		if len(all) == before {
			return nil, referent.E(referent.CodeInternal, "store: read tables", errors.New("tables refer to each other in a circle"))
		}
	}
	return all, nil
}

func triples(ctx context.Context, q Queryer, query string, each func(a, b, c string) error) error {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var a, b, c string
		if err := rows.Scan(&a, &b, &c); err != nil {
			return err
		}
		if err := each(a, b, c); err != nil {
			return err
		}
	}
	return rows.Err()
}
