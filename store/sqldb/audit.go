package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/audit"
	"github.com/referent/referent/store"
)

// record adds a link for what the transaction does, after it is done. One transaction writes at a time, so that the chain
// is a line. table and row name the log's row that tells the same; "" and 0: there is none.
func (t *tx) record(ctx context.Context, kind, table string, row int64, facts any) error {
	const op = "store: add to audit chain"
	if t.head == nil {
		head, err := t.AuditHead(ctx)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		t.head = &head
		if head.Seq == 0 && kind != audit.Began { // somebody emptied it: what there is now is where it begins anew
			if err := t.begin(ctx); err != nil {
				return err
			}
		}
	}
	body, err := json.Marshal(facts)
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	l, err := audit.Next(*t.head, audit.Entry{At: t.now(), Kind: kind, By: store.Actor(ctx), Table: table, Row: row, Facts: body})
	if err != nil {
		return err
	}
	if _, err := t.t.ExecContext(ctx, `INSERT INTO audit (seq, prev, hash, entry) VALUES ($1, $2, $3, $4)`, l.Seq, l.Prev, l.Hash, string(l.Entry)); err != nil {
		return t.wrap(err, op)
	}
	t.head = &audit.Head{Seq: l.Seq, Hash: l.Hash}
	return nil
}

// recordIf records when a statement changed a row.
func (t *tx) recordIf(ctx context.Context, res sql.Result, err error, op, kind string, facts any) error {
	if err != nil {
		return t.wrap(err, op)
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return t.wrap(err, op)
	}
	return t.record(ctx, kind, "", 0, facts)
}

// BeginAudit writes the first link, where there is none. A database is opened with it.
func BeginAudit(ctx context.Context, s store.Store) error {
	if _, err := s.AuditHead(ctx); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return s.Tx(ctx, func(x store.Tx) error {
		t := x.(*tx)
		if _, err := t.AuditHead(ctx); !errors.Is(err, store.ErrNotFound) {
			return err // another server was quicker
		}
		t.head = &audit.Head{}
		return t.begin(ctx)
	})
}

// begin writes the first link: how many rows the logs held, and their sum.
func (t *tx) begin(ctx context.Context) error {
	base := audit.Base{Tables: map[string]audit.Past{}}
	for table := range t.AuditTables() {
		var through int64
		if err := t.t.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0) FROM `+table).Scan(&through); err != nil {
			return t.wrap(err, "store: begin audit chain")
		}
		past, err := t.past(ctx, table, through)
		if err != nil {
			return err
		}
		base.Tables[table] = past
	}
	return t.record(ctx, audit.Began, "", 0, base)
}

func (t *tx) past(ctx context.Context, table string, through int64) (audit.Past, error) {
	n, sum, err := audit.DigestThrough(ctx, t, table, through)
	return audit.Past{Through: through, Rows: n, SHA256: sum}, err
}

// pruneAudit removes the oldest links, those from before a time, and adds one that says what the others stand on now. It
// takes whole days, or that would be what the chain tells of most.
func (t *tx) pruneAudit(ctx context.Context, before time.Time) error {
	const op = "store: prune audit chain"
	before = before.UTC().Truncate(24 * time.Hour)
	base, err := t.auditBase(ctx)
	if err != nil {
		return err
	}
	next := audit.Base{Through: base.Through, Tables: map[string]audit.Past{}}
	for table, p := range base.Tables {
		next.Tables[table] = audit.Past{Through: p.Through}
	}
	err = audit.Links(ctx, t, 0, func(l audit.Link) error {
		e, err := l.Parse()
		if err != nil {
			return err // nothing goes from a chain that somebody has been at
		}
		if !e.At.Before(before) {
			return errYoung
		}
		next.Through, next.Hash = l.Seq, l.Hash
		if p := next.Tables[e.Table]; e.Table != "" && e.Row > p.Through {
			next.Tables[e.Table] = audit.Past{Through: e.Row}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errYoung) {
		return err
	}
	if next.Through == base.Through {
		return nil
	}
	for table, stays := range t.AuditTables() {
		if !stays {
			continue
		}
		if next.Tables[table], err = t.past(ctx, table, next.Tables[table].Through); err != nil {
			return err
		}
	}
	if err := t.record(ctx, audit.Pruned, "", 0, next); err != nil {
		return err
	}
	_, err = t.t.ExecContext(ctx, `DELETE FROM audit WHERE seq <= $1`, next.Through)
	return t.wrap(err, op)
}

var errYoung = errors.New("young enough to stay")

// auditBase is what the chain stands on, found from its newest end: it is pruned once a day.
func (t *tx) auditBase(ctx context.Context) (base audit.Base, err error) {
	const op = "store: find what the audit chain stands on"
	var entry string
	err = t.t.QueryRowContext(ctx, `SELECT entry FROM audit WHERE entry LIKE '%,"kind":"`+audit.Pruned+`",%' ORDER BY seq DESC LIMIT 1`).Scan(&entry)
	if errors.Is(err, sql.ErrNoRows) {
		err = t.t.QueryRowContext(ctx, `SELECT entry FROM audit ORDER BY seq LIMIT 1`).Scan(&entry)
	}
	if err != nil {
		return base, t.wrap(err, op)
	}
	e, err := audit.Link{Entry: []byte(entry)}.Parse()
	if err == nil {
		err = json.Unmarshal(e.Facts, &base)
	}
	if err != nil {
		return base, referent.E(referent.CodeInternal, op, err)
	}
	return base, nil
}
