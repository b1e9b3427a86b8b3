package sqldb

import (
	"context"
	"time"

	"github.com/referent/referent/store"
)

// Readings implements store.Reader.
func (r reads) Readings(ctx context.Context, f store.ReadingFilter) ([]store.Reading, error) {
	var n Args
	conditions := []string{"1 = 1"}
	for _, c := range []struct{ column, value string }{{"user_id", f.User}, {"meeting", f.Meeting}, {"department", f.Department}, {"what", f.What}} {
		if c.value != "" {
			conditions = append(conditions, c.column+" = "+n.Arg(c.value))
		}
	}
	if !f.From.IsZero() {
		conditions = append(conditions, "first_at >= "+n.Arg(Micros(f.From)))
	}
	if !f.To.IsZero() {
		conditions = append(conditions, "first_at < "+n.Arg(Micros(f.To)))
	}
	if f.Before > 0 {
		conditions = append(conditions, "(first_at, id) < (SELECT first_at, id FROM readings WHERE id = "+n.Arg(f.Before)+")")
	}
	rows, err := r.q.QueryContext(ctx, `SELECT `+readingColumns+` FROM readings WHERE `+joined(conditions)+` ORDER BY first_at DESC, id DESC LIMIT `+n.Arg(limit(f.Limit, 100)), n...)
	return list(r, rows, err, scanReading, "store: list readings")
}

const readingColumns = "id, user_id, meeting, department, own, what, format, ground, token, first_at, last_at, times"

func scanReading(s scan, x *store.Reading) error {
	return s(&x.ID, &x.User, &x.Meeting, &x.Department, &x.Own, &x.What, &x.Format, &x.Ground, &x.Token, asTime{&x.First}, asTime{&x.Last}, &x.Times)
}

// CountReadings implements store.Reader.
func (r reads) CountReadings(ctx context.Context, d store.ReadingDay, most int) ([]store.ReadCount, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT user_id, COUNT(DISTINCT CASE WHEN what NOT IN ('search', 'tasks') THEN meeting END) AS meetings,
			COUNT(DISTINCT CASE WHEN own = 0 AND what NOT IN ('search', 'tasks') THEN meeting END),
			COUNT(*) AS readings, SUM(CASE WHEN first_at < $2 OR first_at >= $3 THEN 1 ELSE 0 END)
		FROM readings WHERE first_at >= $1 AND first_at < $4
		GROUP BY user_id ORDER BY meetings DESC, readings DESC, user_id LIMIT $5`,
		Micros(d.Begin), Micros(d.Morning), Micros(d.Evening), Micros(d.End), limit(most, 100))
	return list(r, rows, err, func(s scan, x *store.ReadCount) error {
		return s(&x.User, &x.Meetings, &x.Others, &x.Readings, &x.Night)
	}, "store: count readings")
}

// AddReading implements store.Tx.
func (t *tx) AddReading(ctx context.Context, x *store.Reading) error {
	err := t.t.QueryRowContext(ctx, `INSERT INTO readings (user_id, meeting, department, own, what, format, ground, token, first_at, last_at, times)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`,
		x.User, x.Meeting, x.Department, flag(x.Own), x.What, x.Format, x.Ground, flag(x.Token), Micros(x.First), Micros(x.Last), x.Times).Scan(&x.ID)
	if err != nil {
		return t.wrap(err, "store: add reading")
	}
	return t.record(ctx, store.AuditReading, readingsLog, x.ID, factsOfReading(x))
}

// ExtendReading implements store.Tx.
func (t *tx) ExtendReading(ctx context.Context, id int64, last time.Time, times int) error {
	_, err := t.t.ExecContext(ctx, `UPDATE readings SET last_at = CASE WHEN last_at < $2 THEN $2 ELSE last_at END,
		times = CASE WHEN times < $3 THEN $3 ELSE times END WHERE id = $1`, id, Micros(last), times)
	return t.wrap(err, "store: extend reading")
}

// DeleteReadings implements store.Tx.
func (t *tx) DeleteReadings(ctx context.Context, before time.Time) error {
	_, err := t.t.ExecContext(ctx, `DELETE FROM readings WHERE last_at < $1`, Micros(before))
	return t.wrap(err, "store: delete readings")
}
