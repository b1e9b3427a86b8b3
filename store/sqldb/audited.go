package sqldb

import (
	"context"
	"encoding/json"

	"github.com/referent/referent"
	"github.com/referent/referent/audit"
	"github.com/referent/referent/store"
)

// AuditHead implements store.Auditor.
func (r reads) AuditHead(ctx context.Context) (h audit.Head, err error) {
	err = r.q.QueryRowContext(ctx, `SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`).Scan(&h.Seq, &h.Hash)
	return h, r.wrap(err, "store: read head of audit chain")
}

// AuditLinks implements store.Auditor.
func (r reads) AuditLinks(ctx context.Context, after int64, n int) ([]audit.Link, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT seq, prev, hash, entry FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2`, after, limit(n, 1000))
	return list(r, rows, err, func(s scan, l *audit.Link) error {
		var entry string
		err := s(&l.Seq, &l.Prev, &l.Hash, &entry)
		l.Entry = []byte(entry)
		return err
	}, "store: list audit chain")
}

// VerifyAudit implements store.Auditor.
func (r reads) VerifyAudit(ctx context.Context, noted *audit.Head) (report *audit.Report, err error) {
	err = r.snapshot(ctx, func(s reads) error {
		report, err = audit.Verify(ctx, s, noted)
		return err
	})
	return report, r.wrap(err, "store: verify audit chain")
}

// The facts of the logs' rows, as links and sums have them. What these are must stay as it is: sums are made of them anew.
type (
	actFacts struct {
		What       string `json:"what"`
		By         string `json:"by"`
		User       string `json:"user"`
		Department string `json:"department"`
		Role       string `json:"role"`
		Meeting    string `json:"meeting"`
		Until      int64  `json:"until"`
		At         int64  `json:"at"`
		Worker     string `json:"worker,omitempty"` // left out where there is none: links from before it was kept have no such fact
	}
	deedFacts struct {
		Meeting string `json:"meeting"`
		What    string `json:"what"`
		Part    string `json:"part"`
		Version int    `json:"version"`
		From    int    `json:"from"`
		Source  int    `json:"source"`
		By      string `json:"by"`
		At      int64  `json:"at"`
	}
	// readingFacts are those of a reading when it begins: how long it went on is not proved. The department is left out,
	// which whoever reads the chain need not be allowed to know.
	readingFacts struct {
		User    string `json:"user"`
		Meeting string `json:"meeting"`
		Own     bool   `json:"own"`
		What    string `json:"what"`
		Format  string `json:"format"`
		Ground  string `json:"ground"`
		Token   bool   `json:"token"`
		First   int64  `json:"first"`
	}
	receiptFacts struct {
		Meeting string `json:"meeting"`
		What    string `json:"what"`
		By      string `json:"by"`
		At      int64  `json:"at"`
		Blobs   int    `json:"blobs"`
		Bytes   int64  `json:"bytes"`
		KeyGone bool   `json:"key_destroyed"`
	}
)

func factsOfAct(a *store.Act) actFacts {
	return actFacts{a.What, a.By, a.User, a.Department, a.Role, a.Meeting, Micros(a.Until), Micros(a.At), a.Worker}
}

func factsOfDeed(d *store.Deed) deedFacts {
	return deedFacts{d.Meeting, d.What, d.Part, d.Version, d.From, d.Source, d.By, Micros(d.At)}
}

func factsOfReading(x *store.Reading) readingFacts {
	return readingFacts{x.User, x.Meeting, x.Own, x.What, x.Format, x.Ground, x.Token, Micros(x.First)}
}

// logged is a log that links tell of.
type logged struct {
	stays   bool // no row of it is ever removed
	columns string
	facts   func(scan, *int64) (any, error)
}

const (
	actsLog     = "administration"
	deedsLog    = "history"
	readingsLog = "readings"
	receiptsLog = "receipts"
)

var logs = map[string]logged{
	actsLog: {true, actColumns, func(s scan, id *int64) (any, error) {
		var a store.Act
		err := scanAct(s, &a)
		*id = a.ID
		return factsOfAct(&a), err
	}},
	deedsLog: {false, deedColumns, func(s scan, id *int64) (any, error) {
		var d store.Deed
		err := scanDeed(s, &d)
		*id = d.ID
		return factsOfDeed(&d), err
	}},
	readingsLog: {false, readingColumns, func(s scan, id *int64) (any, error) {
		var x store.Reading
		err := scanReading(s, &x)
		*id = x.ID
		return factsOfReading(&x), err
	}},
	receiptsLog: {true, "id, meeting, what, erased_by, erased, blobs, bytes, key_gone", func(s scan, id *int64) (any, error) {
		var f receiptFacts
		err := s(id, &f.Meeting, &f.What, &f.By, &f.At, &f.Blobs, &f.Bytes, &f.KeyGone)
		return f, err
	}},
}

// AuditTables implements audit.Reader.
func (r reads) AuditTables() map[string]bool {
	all := map[string]bool{}
	for name, l := range logs {
		all[name] = l.stays
	}
	return all
}

// AuditRows implements audit.Reader.
func (r reads) AuditRows(ctx context.Context, table string, after int64, n int) ([]audit.Row, error) {
	const op = "store: list rows of a log"
	l, known := logs[table]
	if !known {
		return nil, referent.E(referent.CodeInternal, op, nil).WithHint("no log is called %q", table)
	}
	rows, err := r.q.QueryContext(ctx, `SELECT `+l.columns+` FROM `+table+` WHERE id > $1 ORDER BY id LIMIT $2`, after, limit(n, 1000))
	return list(r, rows, err, func(s scan, row *audit.Row) error {
		facts, err := l.facts(s, &row.ID)
		if err != nil {
			return err
		}
		row.Facts, err = json.Marshal(facts)
		return err
	}, op)
}
