package sqldb

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

const meetingColumns = `id, owner, department, title, held, place, body, kind, language, participants, agenda, options,
	state, failure, progress, recording, created, updated, purpose, legal_basis, told`

func scanMeeting(s scan, m *referent.Meeting) error {
	return s(&m.ID, &m.Owner, &m.Department, &m.Title, asTime{&m.Start}, &m.Place, &m.Body, &m.Kind, &m.Language,
		column(&m.Participants), column(&m.Agenda), column(&m.Options), &m.State, column(&m.Failure),
		&m.Progress, column(&m.Recording), asTime{&m.Created}, asTime{&m.Updated},
		&m.Purpose, &m.LegalBasis, column(&m.Told))
}

// Meeting implements store.Reader.
func (r reads) Meeting(ctx context.Context, id string) (*referent.Meeting, error) {
	return one(r, r.q.QueryRowContext(ctx, `SELECT `+meetingColumns+` FROM meetings WHERE id = $1`, id),
		scanMeeting, "store: read meeting")
}

// Meetings implements store.Reader.
func (r reads) Meetings(ctx context.Context, f store.MeetingFilter) ([]referent.Meeting, string, error) {
	const op = "store: list meetings"
	query, args, err := meetingsQuery(f)
	if err != nil {
		return nil, "", referent.E(referent.CodeInvalid, op, err)
	}
	if query == "" {
		return nil, "", nil // nothing is seen
	}
	rows, err := r.q.QueryContext(ctx, query, args...)
	page, err := list(r, rows, err, scanMeeting, op)
	if err != nil {
		return nil, "", err
	}
	if n := limit(f.Limit, 50); len(page) > n {
		page = page[:n]
		return page, cursorAfter(&page[n-1]), nil
	}
	return page, "", nil
}

// meetingsQuery asks for one meeting more than a page, to know whether there is a next one. Each part of
// what is seen, and each wanted state of it, is a branch of its own that walks an index and stops after a
// page: with state IN (...) the database would have to sort every meeting that matches.
func meetingsQuery(f store.MeetingFilter) (string, []any, error) {
	const order = " ORDER BY created DESC, id DESC LIMIT $1"
	args := Args{limit(f.Limit, 50) + 1}
	after := ""
	if f.After != "" {
		created, id, err := parseCursor(f.After)
		if err != nil {
			return "", nil, err
		}
		after = "(created, id) < (" + args.Arg(created) + ", " + args.Arg(id) + ")"
	}
	states := []string{""}
	if len(f.States) > 0 {
		states = nil
		for i, s := range f.States {
			if !slices.Contains(f.States[:i], s) {
				states = append(states, "state = "+args.Arg(s))
			}
		}
	}
	sights, narrow := branches(f.Seen, len(states), &args)
	if !narrow {
		sights = []string{visible(f.Seen, "", &args)}
	}
	var parts []string
	for _, sight := range sights {
		for _, state := range states {
			q := "SELECT " + meetingColumns + " FROM meetings"
			conditions := slices.DeleteFunc([]string{sight, state, after}, func(c string) bool { return c == "" })
			if len(conditions) > 0 {
				q += " WHERE " + strings.Join(conditions, " AND ")
			}
			parts = append(parts, q+order)
		}
	}
	return merged(parts, order), args, nil
}

// cursorAfter is the place in the list after m. Neither column ever changes, so a cursor stays good
// while meetings come and go around it.
func cursorAfter(m *referent.Meeting) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", Micros(m.Created), m.ID))
}

func parseCursor(s string) (created int64, id string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return 0, "", errors.New("not a cursor of this list")
	}
	number, id, ok := strings.Cut(string(b), " ")
	if created, err = strconv.ParseInt(number, 10, 64); err != nil || !ok {
		return 0, "", errors.New("not a cursor of this list")
	}
	return created, id, nil
}

// MeetingKey implements store.Reader.
func (r reads) MeetingKey(ctx context.Context, meeting string) (wrapped []byte, err error) {
	err = r.q.QueryRowContext(ctx, `SELECT wrapped FROM meeting_keys WHERE meeting = $1`, meeting).Scan(&wrapped)
	return wrapped, r.wrap(err, "store: read meeting key")
}

// CreateMeeting implements store.Tx. Created and Updated are now when they are not set, and State is
// StateUploading.
func (t *tx) CreateMeeting(ctx context.Context, m *referent.Meeting, wrappedKey []byte) error {
	const op = "store: create meeting"
	if m.Created.IsZero() {
		m.Created = t.now()
	}
	if m.Updated.IsZero() {
		m.Updated = m.Created
	}
	if m.State == "" {
		m.State = referent.StateUploading
	}
	_, err := t.t.ExecContext(ctx, `INSERT INTO meetings (`+meetingColumns+`, number)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
			(SELECT COALESCE(MAX(number), 0) + 1 FROM meetings))`,
		m.ID, m.Owner, m.Department, m.Title, Micros(m.Start), m.Place, m.Body, m.Kind, m.Language,
		column(&m.Participants), column(&m.Agenda), column(&m.Options), m.State, column(&m.Failure),
		m.Progress, column(&m.Recording), Micros(m.Created), Micros(m.Updated),
		m.Purpose, m.LegalBasis, column(&m.Told))
	if err != nil {
		return t.wrap(err, op)
	}
	if wrappedKey != nil {
		_, err = t.t.ExecContext(ctx, `INSERT INTO meeting_keys (meeting, wrapped) VALUES ($1, $2)`, m.ID, wrappedKey)
		if err != nil {
			return t.wrap(err, op)
		}
	}
	return t.record(ctx, store.AuditMeeting, "", 0, map[string]any{"meeting": m.ID, "owner": m.Owner})
}

// UpdateMeeting implements store.Tx.
func (t *tx) UpdateMeeting(ctx context.Context, m *referent.Meeting) error {
	updated := t.now()
	r, err := t.t.ExecContext(ctx, `UPDATE meetings SET title = $1, held = $2, place = $3, body = $4, kind = $5,
			language = $6, participants = $7, agenda = $8, options = $9, state = $10, failure = $11,
			progress = $12, recording = $13, updated = $14, purpose = $15, legal_basis = $16, told = $17
		WHERE id = $18`,
		m.Title, Micros(m.Start), m.Place, m.Body, m.Kind,
		m.Language, column(&m.Participants), column(&m.Agenda), column(&m.Options), m.State, column(&m.Failure),
		m.Progress, column(&m.Recording), Micros(updated), m.Purpose, m.LegalBasis, column(&m.Told), m.ID)
	if err := t.changed(r, err, "store: update meeting"); err != nil {
		return err
	}
	m.Updated = updated
	if store.Actor(ctx) == "" { // the machine goes on with it
		return nil
	}
	return t.record(ctx, store.AuditChanged, "", 0, map[string]any{"meeting": m.ID, "state": m.State})
}

// MoveMeeting implements store.Tx.
func (t *tx) MoveMeeting(ctx context.Context, meeting, department string) error {
	const op = "store: move meeting"
	r, err := t.t.ExecContext(ctx, `UPDATE meetings SET department = $1, updated = $2 WHERE id = $3`, department, Micros(t.now()), meeting)
	if err := t.changed(r, err, op); err != nil {
		return err
	}
	_, err = t.t.ExecContext(ctx, `UPDATE events SET department = $1 WHERE meeting = $2 AND type <> $3`, department, meeting, store.EventLeft)
	if err != nil {
		return t.wrap(err, op)
	}
	return t.record(ctx, store.AuditMoved, "", 0, map[string]any{"meeting": meeting}) // where to, not everybody may know
}

// DestroyKey implements store.Tx. Destroying what is already gone is no error, so that an erasure that
// was interrupted can be run again.
func (t *tx) DestroyKey(ctx context.Context, meeting string) error {
	res, err := t.t.ExecContext(ctx, `DELETE FROM meeting_keys WHERE meeting = $1`, meeting)
	return t.recordIf(ctx, res, err, "store: destroy meeting key", store.AuditKey, map[string]any{"meeting": meeting})
}

// DeleteMeeting implements store.Tx.
func (t *tx) DeleteMeeting(ctx context.Context, meeting string, r store.Receipt) error {
	const op = "store: delete meeting"
	if _, err := t.t.ExecContext(ctx, `DELETE FROM events WHERE meeting = $1`, meeting); err != nil {
		return t.wrap(err, op)
	}
	// Everything else refers to the meeting's row and goes with it.
	res, err := t.t.ExecContext(ctx, `DELETE FROM meetings WHERE id = $1`, meeting)
	if err := t.changed(res, err, op); err != nil {
		return err
	}
	return t.AddReceipt(ctx, r)
}

// AddReceipt implements store.Tx. What is ErasedMeeting when it is not set.
func (t *tx) AddReceipt(ctx context.Context, r store.Receipt) error {
	f, id := receiptFacts{r.Meeting, cmp.Or(r.What, store.ErasedMeeting), r.By, Micros(r.At), r.Blobs, r.Bytes, r.KeyGone}, int64(0)
	err := t.t.QueryRowContext(ctx, `INSERT INTO receipts (meeting, what, erased_by, erased, blobs, bytes, key_gone)
		VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`, f.Meeting, f.What, f.By, f.At, f.Blobs, f.Bytes, flag(f.KeyGone)).Scan(&id)
	if err != nil {
		return t.wrap(err, "store: add receipt")
	}
	return t.record(ctx, store.AuditErased, receiptsLog, id, f)
}

// Receipts implements store.Reader, newest first. limit 0 means 1000.
func (r reads) Receipts(ctx context.Context, n int) ([]store.Receipt, error) {
	return r.receipts(ctx, "what", n)
}

func (r reads) receipts(ctx context.Context, what string, n int) ([]store.Receipt, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT meeting, `+what+`, erased_by, erased, blobs, bytes, key_gone FROM receipts
		ORDER BY id DESC LIMIT $1`, limit(n, 1000))
	return list(r, rows, err, func(s scan, v *store.Receipt) error {
		return s(&v.Meeting, &v.What, &v.By, asTime{&v.At}, &v.Blobs, &v.Bytes, &v.KeyGone)
	}, "store: list receipts")
}
