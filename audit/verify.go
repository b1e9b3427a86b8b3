package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"math"
	"reflect"
	"slices"

	"github.com/referent/referent"
)

// longestLine bounds a line of a file. Ours have some hundred bytes.
const longestLine = 1 << 20

// VerifyFile checks an exported file, which may be a part of the chain. An error is that it cannot be read; what is
// wrong with the chain is in the report.
func VerifyFile(r io.Reader, noted *Head) (*Report, error) {
	c := NewChecker(noted)
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 0, 64<<10), longestLine)
	for in.Scan() {
		l, err := ParseLine(in.Bytes())
		if err != nil {
			return nil, err
		}
		c.Add(l)
	}
	if err := in.Err(); err != nil {
		return nil, referent.E(referent.CodeInvalid, "audit: read file", err)
	}
	return c.Report(true), nil
}

// Reader reads chain and logs, all in one state of the database.
type Reader interface {
	// AuditLinks lists those after a number, the oldest first; limit 0 means 1000.
	AuditLinks(ctx context.Context, after int64, limit int) ([]Link, error)
	// AuditRows lists rows of a log that have ids greater than after, by id; limit 0 means 1000.
	AuditRows(ctx context.Context, table string, after int64, limit int) ([]Row, error)
	// AuditTables are the logs, and whether all of their rows stay. Of the others rows go with their time.
	AuditTables() map[string]bool
}

// Verify checks the chain of a database, and holds the logs against it.
func Verify(ctx context.Context, db Reader, noted *Head) (*Report, error) {
	g, err := groundOf(ctx, db)
	if err != nil {
		return nil, err
	}
	c := NewChecker(noted)
	v := newVerifier(db, c, g.base)
	if g.based { // else it is beheaded
		if err := v.pasts(ctx); err != nil {
			return nil, err
		}
	}
	if err := Links(ctx, db, 0, func(l Link) error { return v.told(ctx, c.Add(l)) }); err != nil {
		return nil, err
	}
	for _, table := range slices.Sorted(maps.Keys(v.logs)) {
		if err := v.strays(ctx, v.logs[table], 0); err != nil {
			return nil, err
		}
	}
	return c.Report(false), nil
}

// Links calls each with every link after a number.
func Links(ctx context.Context, db Reader, after int64, each func(Link) error) error {
	for {
		page, err := db.AuditLinks(ctx, after, 0)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, l := range page {
			if err := each(l); err != nil {
				return err
			}
		}
		after = page[len(page)-1].Seq
	}
}

// Rows calls each with every row of a log after an id.
func Rows(ctx context.Context, db Reader, table string, after int64, each func(Row) error) error {
	for {
		page, err := db.AuditRows(ctx, table, after, 0)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			if err := each(r); err != nil {
				return err
			}
		}
		after = page[len(page)-1].ID
	}
}

// groundOf finds what the chain stands on before the logs are held against it.
func groundOf(ctx context.Context, db Reader) (g ground, err error) {
	err = Links(ctx, db, 0, func(l Link) error {
		var e Entry
		if g.first == 0 || bytes.Contains(l.Entry, []byte(Began)) || bytes.Contains(l.Entry, []byte(Pruned)) {
			e, _ = l.Parse() // the Checker tells of what cannot be read
		}
		g.add(l, l.Seq, e)
		return nil
	})
	return g, err
}

// verifier holds the logs against the chain. Both are in the order in which things were done, so they are walked side by
// side.
type verifier struct {
	db     Reader
	report *Report
	logs   map[string]*log
}

type log struct {
	table string
	stays bool
	past  Past
	at    int64 // the last row that was looked at
	page  []Row // that follow it
	end   bool  // after page there is none
}

func newVerifier(db Reader, c *Checker, base Base) *verifier {
	v := &verifier{db: db, report: &c.report, logs: map[string]*log{}}
	for table, stays := range db.AuditTables() {
		l := &log{table: table, stays: stays, past: base.Tables[table]}
		l.at = l.past.Through
		v.logs[table] = l
	}
	return v
}

// pasts looks at the rows of the logs that no link tells of any more.
func (v *verifier) pasts(ctx context.Context) error {
	for _, table := range slices.Sorted(maps.Keys(v.logs)) {
		if err := v.past(ctx, v.logs[table]); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) past(ctx context.Context, l *log) error {
	if !l.stays {
		rows, err := v.db.AuditRows(ctx, l.table, math.MinInt64, 1)
		if err == nil && len(rows) > 0 && rows[0].ID <= 0 { // no database numbers so
			v.report.fault(Finding{Fault: RowStray, Table: l.table, Row: rows[0].ID})
		}
		return err
	}
	if l.past.SHA256 == "" {
		v.report.fault(Finding{Fault: PastOther, Table: l.table})
		return nil
	}
	n, sum, err := DigestThrough(ctx, v.db, l.table, l.past.Through)
	if err != nil {
		return err
	}
	v.report.Rows += n
	if n != l.past.Rows || sum != l.past.SHA256 {
		v.report.fault(Finding{Fault: PastOther, Table: l.table})
	}
	return nil
}

// DigestThrough sums up the rows of a log up to an id.
func DigestThrough(ctx context.Context, db Reader, table string, through int64) (n int64, sum string, err error) {
	return Digest(func(yield func(Row) error) error {
		err := Rows(ctx, db, table, math.MinInt64, func(r Row) error {
			if r.ID > through {
				return io.EOF
			}
			return yield(r)
		})
		if err == io.EOF {
			return nil
		}
		return err
	})
}

// told holds the row that an entry tells of against it.
func (v *verifier) told(ctx context.Context, e Entry) error {
	l := v.logs[e.Table]
	if l == nil || e.Row == 0 {
		return nil
	}
	if e.Row <= l.past.Through { // then the base hides rows that links tell of
		v.report.fault(Finding{Fault: Baseless, Seq: e.Seq, Table: l.table, Row: e.Row})
		return nil
	}
	if e.Row <= l.at { // out of order, which the Checker tells of
		return nil
	}
	if err := v.strays(ctx, l, e.Row); err != nil {
		return err
	}
	l.at = e.Row
	if len(l.page) == 0 || l.page[0].ID != e.Row {
		if l.stays {
			v.report.fault(Finding{Fault: RowGone, Seq: e.Seq, Table: l.table, Row: e.Row})
		}
		return nil
	}
	v.report.Rows++
	if !agrees(l.page[0].Facts, e.Facts) {
		v.report.fault(Finding{Fault: RowOther, Seq: e.Seq, Table: l.table, Row: e.Row})
	}
	l.page = l.page[1:]
	return nil
}

// strays passes over the rows before an id, or with 0 all that are left: no link tells of them.
func (v *verifier) strays(ctx context.Context, l *log, before int64) error {
	for {
		if len(l.page) == 0 && !l.end {
			page, err := v.db.AuditRows(ctx, l.table, l.at, 0)
			if err != nil {
				return err
			}
			l.page, l.end = page, len(page) == 0
		}
		if len(l.page) == 0 || before > 0 && l.page[0].ID >= before {
			return nil
		}
		v.report.Rows++
		v.report.fault(Finding{Fault: RowStray, Table: l.table, Row: l.page[0].ID})
		l.at, l.page = l.page[0].ID, l.page[1:]
	}
}

// agrees reports whether a row is what the link says of it. The row may say more: a later release tells more of it.
func agrees(row, link json.RawMessage) bool {
	var have, told map[string]any
	if json.Unmarshal(row, &have) != nil || json.Unmarshal(link, &told) != nil {
		return false
	}
	for k, v := range told {
		if !reflect.DeepEqual(have[k], v) {
			return false
		}
	}
	return true
}
