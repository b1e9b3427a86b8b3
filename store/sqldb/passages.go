package sqldb

import (
	"context"
	"fmt"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// The id of a passage is made of its meeting's number and its place there: see 00007_passages.sql.
const (
	PlaceBits  = 20 // of an id: what is above them is the meeting's number
	mostPlaces = 1 << PlaceBits
	saidFrom   = 1 << 16 // the places below are the minutes'
)

// PassageID is the id of the passage at a place of the meeting with the number.
func PassageID(number int64, place int) int64 {
	return number<<PlaceBits | int64(mostPlaces-1-place)
}

// letters are what passages.what holds.
var letters = map[store.Found]string{store.FoundSaid: "s", store.FoundDecision: "d", store.FoundTask: "t"}

func foundBy(letter string) store.Found {
	for f, l := range letters {
		if l == letter {
			return f
		}
	}
	return ""
}

// passage is a row of passages.
type passage struct {
	id                              int64
	what, item, segment, who, words string
	starts                          float64
}

// IndexTranscript implements store.Tx.
func (t *tx) IndexTranscript(ctx context.Context, meeting string, tr *referent.Transcript) error {
	const op = "store: index transcript"
	var rows []passage
	if tr != nil {
		names := map[string]string{}
		for _, s := range tr.Speakers {
			names[s.ID] = s.Name
		}
		for _, s := range tr.Segments {
			who := names[s.Speaker]
			if who == "" {
				who = s.Speaker
			}
			rows = append(rows, passage{what: letters[store.FoundSaid], segment: s.ID, starts: s.Start, who: plain(who), words: plain(s.Text)})
		}
	}
	return t.replace(ctx, op, meeting, saidFrom, mostPlaces, rows)
}

// IndexMinutes implements store.Tx.
func (t *tx) IndexMinutes(ctx context.Context, meeting string, decisions []store.Statement, tasks []store.Task) error {
	const op = "store: index minutes"
	var rows []passage
	for _, d := range decisions {
		rows = append(rows, passage{what: letters[store.FoundDecision], segment: first(d.Evidence), words: plain(d.Text)})
	}
	for _, k := range tasks {
		if k.Place >= 0 {
			rows = append(rows, passage{what: letters[store.FoundTask], item: k.ID, segment: first(k.Evidence), who: plain(k.Owner), words: plain(k.Text)})
		}
	}
	if err := t.replace(ctx, op, meeting, 0, saidFrom, rows); err != nil {
		return err
	}
	return t.replaceTasks(ctx, meeting, tasks)
}

func first(segments []string) string {
	if len(segments) == 0 {
		return ""
	}
	return segments[0]
}

// replace makes rows the meeting's passages of the places from from on and below to. What stays as it was is not
// touched: most changes of a transcript are of one segment.
func (t *tx) replace(ctx context.Context, op, meeting string, from, below int, rows []passage) error {
	if len(rows) > below-from {
		return referent.E(referent.CodeTooLarge, op, nil)
	}
	number, err := t.number(ctx, meeting, op)
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].id = PassageID(number, from+i)
	}
	there, err := t.t.QueryContext(ctx, `SELECT id, what, item, segment, starts, who, words FROM passages WHERE id BETWEEN $1 AND $2`,
		PassageID(number, below-1), PassageID(number, from))
	old, err := list(t, there, err, func(s scan, p *passage) error {
		return s(&p.id, &p.what, &p.item, &p.segment, &p.starts, &p.who, &p.words)
	}, op)
	if err != nil {
		return err
	}
	if len(old) > len(rows) {
		// The ids fall with the places, so what is too much lies first.
		if _, err := t.t.ExecContext(ctx, `DELETE FROM passages WHERE id BETWEEN $1 AND $2`,
			PassageID(number, below-1), PassageID(number, from+len(rows))); err != nil {
			return t.wrap(err, op)
		}
	}
	was := make(map[int64]passage, len(old))
	for _, p := range old {
		was[p.id] = p
	}
	put, err := t.t.PrepareContext(ctx, t.d.PutPassage)
	if err != nil {
		return t.wrap(err, op)
	}
	defer put.Close()
	// SQLite's full-text tables gather what comes in the order of its ids, and write whenever one goes back.
	for _, p := range slices.Backward(rows) {
		if was[p.id] == p {
			continue
		}
		args := []any{p.id, meeting, p.what, p.item, p.segment, p.starts, p.who, p.words}
		if t.d.Lexemes != nil {
			args = append(args, t.d.Lexemes(p.who, p.words)...)
		}
		if _, err := put.ExecContext(ctx, args...); err != nil {
			return t.wrap(err, op)
		}
	}
	return nil
}

// number is the meeting's.
func (t *tx) number(ctx context.Context, meeting, op string) (n int64, err error) {
	err = t.t.QueryRowContext(ctx, `SELECT number FROM meetings WHERE id = $1`, meeting).Scan(&n)
	return n, t.wrap(err, op)
}

// StaleIndexes implements store.Reader.
func (r reads) StaleIndexes(ctx context.Context, after string, n int) ([]string, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT id FROM meetings WHERE stale = 1 AND id > $1 ORDER BY id LIMIT $2`, after, limit(n, 50))
	return list(r, rows, err, func(s scan, id *string) error { return s(id) }, "store: list stale indexes")
}

// MarkIndexed implements store.Tx.
func (t *tx) MarkIndexed(ctx context.Context, meeting string) error {
	r, err := t.t.ExecContext(ctx, `UPDATE meetings SET stale = 0 WHERE id = $1`, meeting)
	return t.changed(r, err, "store: mark meeting as indexed")
}

// Chosen is the condition that a choice makes of meetings; "": all. alias is that of the table, with its dot.
func Chosen(c store.Choice, alias string, n *Args) string {
	var all []string
	and := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if c.Seen != nil {
		seen := visible(c.Seen, alias, n)
		if len(c.Approved) > 0 {
			seen = fmt.Sprintf("(%s OR %[2]sdepartment || '' IN %[3]s AND %[2]sstate IN (%[4]s, %[5]s))", seen, alias, n.list(c.Approved),
				n.Arg(referent.StateApproved), n.Arg(referent.StateExported))
		}
		and("%s", seen)
	}
	if c.Body != "" {
		and("%sbody = %s", alias, n.Arg(c.Body))
	}
	if c.Kind != "" {
		and("%skind = %s", alias, n.Arg(c.Kind))
	}
	if c.Department != "" {
		and("%sdepartment || '' = %s", alias, n.Arg(c.Department))
	}
	if len(c.States) > 0 {
		states := make([]string, len(c.States))
		for i, s := range c.States {
			states[i] = string(s)
		}
		and("%sstate || '' IN %s", alias, n.list(states))
	}
	when := fmt.Sprintf("CASE WHEN %[1]sheld <> 0 THEN %[1]sheld ELSE %[1]screated END", alias)
	if !c.From.IsZero() {
		and("%s >= %s", when, n.Arg(Micros(c.From)))
	}
	if !c.To.IsZero() {
		and("%s < %s", when, n.Arg(Micros(c.To)))
	}
	return joined(all)
}

// BodiesIn implements store.Reader.
func (r reads) BodiesIn(ctx context.Context, in store.Choice) ([]string, error) {
	var args Args
	query := `SELECT body FROM meetings ` + r.d.Along("meetings_to_search") + ` WHERE body <> ''`
	if c := Chosen(in, "", &args); c != "" {
		query += " AND " + c
	}
	rows, err := r.q.QueryContext(ctx, query+` GROUP BY body ORDER BY body LIMIT 500`, args...)
	return list(r, rows, err, func(s scan, b *string) error { return s(b) }, "store: list bodies")
}
