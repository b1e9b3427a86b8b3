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
		head, err := t.newest(ctx)
		if err != nil {
			return err
		}
		t.head = &head
		if head.Seq == 0 && kind != audit.Began { // somebody emptied it: what there is now is where it begins anew
			if err := t.begin(ctx, table, row); err != nil {
				return err
			}
		}
	}
	body, err := json.Marshal(facts)
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	l, err := audit.Next(*t.head, audit.Entry{At: t.stamp(), Kind: kind, By: store.Actor(ctx), Table: table, Row: row, Facts: body})
	if err != nil {
		return err
	}
	if _, err := t.t.ExecContext(ctx, `INSERT INTO audit (seq, prev, hash, entry) VALUES ($1, $2, $3, $4)`, l.Seq, l.Prev, l.Hash, string(l.Entry)); err != nil {
		return t.wrap(err, op)
	}
	t.head = &audit.Head{Seq: l.Seq, Hash: l.Hash}
	return nil
}

// slip is how far a clock may be behind another server's, or behind itself after it was set right.
const slip = 5 * time.Minute

// stamp is when a link is made: not before the one before it, when that is a clock's small fault.
func (t *tx) stamp() time.Time {
	at := t.now()
	if ahead := t.headAt.Sub(at); ahead > 0 && ahead <= slip {
		at = t.headAt
	}
	t.headAt = at
	return at
}

// newest reads the newest link; none is no error.
func (t *tx) newest(ctx context.Context) (h audit.Head, err error) {
	var entry string
	err = t.t.QueryRowContext(ctx, `SELECT seq, hash, entry FROM audit ORDER BY seq DESC LIMIT 1`).Scan(&h.Seq, &h.Hash, &entry)
	if errors.Is(err, sql.ErrNoRows) {
		return h, nil
	}
	if e, err := (audit.Link{Entry: []byte(entry)}).Parse(); err == nil {
		t.headAt = e.At
	}
	return h, t.wrap(err, "store: read newest link of audit chain")
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
		return t.begin(ctx, "", 0)
	})
}

// begin writes the first link: how many rows the logs held that stay, and their sum. The row that the next link tells of
// is not among them.
func (t *tx) begin(ctx context.Context, but string, row int64) error {
	base := audit.Base{Tables: map[string]audit.Past{}}
	for table, stays := range t.AuditTables() {
		var p audit.Past
		err := t.t.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0) FROM `+table).Scan(&p.Through)
		if err == nil && table == but && row > 0 {
			err = t.t.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0) FROM `+table+` WHERE id < $1`, row).Scan(&p.Through)
		}
		if err != nil {
			return t.wrap(err, "store: begin audit chain")
		}
		if stays {
			if p.Rows, p.SHA256, err = audit.DigestThrough(ctx, t, table, p.Through); err != nil {
				return err
			}
		}
		base.Tables[table] = p
	}
	return t.record(ctx, audit.Began, "", 0, base)
}

// pruneSome bounds how many links one transaction removes: others wait for it.
const pruneSome = 5000

// PruneAudit implements store.Tx. It takes whole days, or that would be what the chain tells of most.
func (t *tx) PruneAudit(ctx context.Context, before time.Time) (more bool, err error) {
	const op = "store: prune audit chain"
	before = before.UTC().Truncate(24 * time.Hour)
	oldest, err := t.AuditLinks(ctx, 0, 1)
	if err != nil || len(oldest) == 0 {
		return false, err
	}
	if e, err := oldest[0].Parse(); err == nil && !e.At.Before(before) && !e.At.After(t.now()) {
		return false, nil
	}
	base, err := t.auditBase(ctx)
	if err != nil {
		return false, err
	}
	next, err := audit.Outlived(ctx, t, base, before, t.now(), pruneSome)
	if errors.Is(err, audit.ErrFaulty) {
		return false, referent.E(referent.CodeInternal, op, err).WithHint("no link is removed; referent audit verify tells what is wrong")
	}
	if err != nil || next == nil {
		return false, err
	}
	if err := t.record(ctx, audit.Pruned, "", 0, next); err != nil {
		return false, err
	}
	_, err = t.t.ExecContext(ctx, `DELETE FROM audit WHERE seq <= $1`, next.Through)
	return next.Through-base.Through >= pruneSome, t.wrap(err, op)
}

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
	if err == nil && (e.Kind == audit.Began || e.Kind == audit.Pruned) {
		err = json.Unmarshal(e.Facts, &base)
	}
	if err != nil {
		return base, referent.E(referent.CodeInternal, op, audit.ErrFaulty)
	}
	return base, nil
}
