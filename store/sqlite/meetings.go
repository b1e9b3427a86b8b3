package sqlite

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

const meetingColumns = `id, owner, title, held, place, body, kind, language, participants, agenda, options,
	state, failure, progress, recording, created, updated`

func scanMeeting(s scan, m *referent.Meeting) error {
	return s(&m.ID, &m.Owner, &m.Title, asTime{&m.Start}, &m.Place, &m.Body, &m.Kind, &m.Language,
		column(&m.Participants), column(&m.Agenda), column(&m.Options), &m.State, column(&m.Failure),
		&m.Progress, column(&m.Recording), asTime{&m.Created}, asTime{&m.Updated})
}

// Meeting implements store.Reader.
func (r reads) Meeting(ctx context.Context, id string) (*referent.Meeting, error) {
	return one(r.q.QueryRowContext(ctx, `SELECT `+meetingColumns+` FROM meetings WHERE id = $1`, id),
		scanMeeting, "store: read meeting")
}

// Meetings implements store.Reader.
func (r reads) Meetings(ctx context.Context, f store.MeetingFilter) ([]referent.Meeting, string, error) {
	const op = "store: list meetings"
	query, args, err := meetingsQuery(f)
	if err != nil {
		return nil, "", referent.E(referent.CodeInvalid, op, err)
	}
	rows, err := r.q.QueryContext(ctx, query, args...)
	page, err := list(rows, err, scanMeeting, op)
	if err != nil {
		return nil, "", err
	}
	if n := limit(f.Limit, 50); len(page) > n {
		page = page[:n]
		return page, cursorAfter(&page[n-1]), nil
	}
	return page, "", nil
}

// meetingsQuery asks for one meeting more than a page, to know whether there is a next one. Each
// wanted state is a branch of its own that walks an index and stops after a page: with state IN (...)
// the database would have to sort every meeting that matches.
func meetingsQuery(f store.MeetingFilter) (string, []any, error) {
	args := []any{limit(f.Limit, 50) + 1}
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	var where []string
	if f.Owner != "" {
		where = append(where, "owner = "+arg(f.Owner))
	}
	if f.After != "" {
		created, id, err := parseCursor(f.After)
		if err != nil {
			return "", nil, err
		}
		where = append(where, "(created, id) < ("+arg(created)+", "+arg(id)+")")
	}
	branch := func(conditions []string) string {
		q := "SELECT " + meetingColumns + " FROM meetings"
		if len(conditions) > 0 {
			q += " WHERE " + strings.Join(conditions, " AND ")
		}
		return q + " ORDER BY created DESC, id DESC LIMIT $1"
	}
	if len(f.States) == 0 {
		return branch(where), args, nil
	}
	var branches []string
	seen := map[referent.State]bool{}
	for _, s := range f.States {
		if seen[s] {
			continue
		}
		seen[s] = true
		branches = append(branches, branch(append(where[:len(where):len(where)], "state = "+arg(s))))
	}
	if len(branches) == 1 {
		return branches[0], args, nil
	}
	for i, b := range branches {
		branches[i] = fmt.Sprintf("SELECT * FROM (%s) AS b%d", b, i)
	}
	return strings.Join(branches, " UNION ALL ") + " ORDER BY created DESC, id DESC LIMIT $1", args, nil
}

// cursorAfter is the place in the list after m. Neither column ever changes, so a cursor stays good
// while meetings come and go around it.
func cursorAfter(m *referent.Meeting) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", micros(m.Created), m.ID))
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
	return wrapped, wrap(err, "store: read meeting key")
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
	_, err := t.t.ExecContext(ctx, `INSERT INTO meetings (`+meetingColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		m.ID, m.Owner, m.Title, micros(m.Start), m.Place, m.Body, m.Kind, m.Language,
		column(&m.Participants), column(&m.Agenda), column(&m.Options), m.State, column(&m.Failure),
		m.Progress, column(&m.Recording), micros(m.Created), micros(m.Updated))
	if err != nil {
		return wrap(err, op)
	}
	if wrappedKey == nil {
		return nil
	}
	_, err = t.t.ExecContext(ctx, `INSERT INTO meeting_keys (meeting, wrapped) VALUES ($1, $2)`, m.ID, wrappedKey)
	return wrap(err, op)
}

// UpdateMeeting implements store.Tx.
func (t *tx) UpdateMeeting(ctx context.Context, m *referent.Meeting) error {
	updated := t.now()
	r, err := t.t.ExecContext(ctx, `UPDATE meetings SET title = $1, held = $2, place = $3, body = $4, kind = $5,
			language = $6, participants = $7, agenda = $8, options = $9, state = $10, failure = $11,
			progress = $12, recording = $13, updated = $14
		WHERE id = $15`,
		m.Title, micros(m.Start), m.Place, m.Body, m.Kind,
		m.Language, column(&m.Participants), column(&m.Agenda), column(&m.Options), m.State, column(&m.Failure),
		m.Progress, column(&m.Recording), micros(updated), m.ID)
	if err := changed(r, err, "store: update meeting"); err != nil {
		return err
	}
	m.Updated = updated
	return nil
}

// DestroyKey implements store.Tx. Destroying what is already gone is no error, so that an erasure that
// was interrupted can be run again.
func (t *tx) DestroyKey(ctx context.Context, meeting string) error {
	_, err := t.t.ExecContext(ctx, `DELETE FROM meeting_keys WHERE meeting = $1`, meeting)
	return wrap(err, "store: destroy meeting key")
}

// DeleteMeeting implements store.Tx.
func (t *tx) DeleteMeeting(ctx context.Context, meeting string, r store.Receipt) error {
	const op = "store: delete meeting"
	if _, err := t.t.ExecContext(ctx, `DELETE FROM events WHERE meeting = $1`, meeting); err != nil {
		return wrap(err, op)
	}
	// Everything else refers to the meeting's row and goes with it.
	res, err := t.t.ExecContext(ctx, `DELETE FROM meetings WHERE id = $1`, meeting)
	if err := changed(res, err, op); err != nil {
		return err
	}
	return t.AddReceipt(ctx, r)
}

// AddReceipt implements store.Tx. What is ErasedMeeting when it is not set.
func (t *tx) AddReceipt(ctx context.Context, r store.Receipt) error {
	_, err := t.t.ExecContext(ctx, `INSERT INTO receipts (meeting, what, erased_by, erased, blobs, bytes, key_gone)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, r.Meeting, cmp.Or(r.What, store.ErasedMeeting), r.By, micros(r.At), r.Blobs, r.Bytes, flag(r.KeyGone))
	return wrap(err, "store: add receipt")
}

// Receipts implements store.Reader, newest first. limit 0 means 1000.
func (r reads) Receipts(ctx context.Context, n int) ([]store.Receipt, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT meeting, what, erased_by, erased, blobs, bytes, key_gone FROM receipts
		ORDER BY id DESC LIMIT $1`, limit(n, 1000))
	return list(rows, err, func(s scan, v *store.Receipt) error {
		return s(&v.Meeting, &v.What, &v.By, asTime{&v.At}, &v.Blobs, &v.Bytes, &v.KeyGone)
	}, "store: list receipts")
}
