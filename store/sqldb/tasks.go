package sqldb

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// never stands in tasks.until where there is no deadline: after all that have one.
const never = "9999"

// asDue scans tasks.until.
type asDue struct{ s *string }

func (a asDue) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a column of deadlines holds %T", v)
	}
	*a.s = s
	if s == never {
		*a.s = ""
	}
	return nil
}

// ownerKey is what owners are compared by.
func ownerKey(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(plain(name)), " "))
}

// replaceTasks makes tasks the meeting's.
func (t *tx) replaceTasks(ctx context.Context, meeting string, tasks []store.Task) error {
	const op = "store: index tasks"
	number, err := t.number(ctx, meeting, op)
	if err != nil {
		return err
	}
	if _, err := t.t.ExecContext(ctx, `DELETE FROM tasks WHERE meeting = $1`, meeting); err != nil {
		return t.wrap(err, op)
	}
	for _, k := range tasks {
		if _, err := t.t.ExecContext(ctx, `INSERT INTO tasks (meeting, item, number, place, words, owner, owner_key, until, status, segment, evidence, done, done_by, done_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
			meeting, k.ID, number, k.Place, plain(k.Text), plain(k.Owner), ownerKey(k.Owner), cmp.Or(k.Due, never), plain(k.Status), first(k.Evidence),
			column(&k.Evidence), flag(k.Done()), k.DoneBy, Micros(k.DoneAt)); err != nil {
			return t.wrap(err, op)
		}
	}
	return nil
}

// SettleTask implements store.Tx.
func (t *tx) SettleTask(ctx context.Context, meeting, task, by string, at time.Time) error {
	r, err := t.t.ExecContext(ctx, `UPDATE tasks SET done = $1, done_by = $2, done_at = $3 WHERE meeting = $4 AND item = $5`,
		flag(!at.IsZero()), by, Micros(at), meeting, task)
	if err := t.changed(r, err, "store: settle task"); err != nil {
		return err
	}
	return t.record(ctx, store.AuditTask, "", 0, map[string]any{"meeting": meeting, "done": !at.IsZero(), "by": by})
}

const taskColumns = `k.meeting, k.item, k.place, k.words, k.owner, k.until, k.status, k.evidence, k.done_by, k.done_at`

func scanTask(k *store.Task) []any {
	return []any{&k.Meeting, &k.ID, &k.Place, &k.Text, &k.Owner, asDue{&k.Due}, &k.Status, column(&k.Evidence), &k.DoneBy, asTime{&k.DoneAt}}
}

// TasksOf implements store.Reader.
func (r reads) TasksOf(ctx context.Context, meeting string) ([]store.Task, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT `+taskColumns+` FROM tasks k WHERE k.meeting = $1 ORDER BY k.place, k.item`, meeting)
	return list(r, rows, err, func(s scan, k *store.Task) error { return s(scanTask(k)...) }, "store: list a meeting's tasks")
}

// taskConditions choose the tasks of the chosen meetings, done or open.
func (r reads) taskConditions(in store.Choice, done bool, n *Args) []string {
	all := []string{"place >= 0", "done = " + n.Arg(flag(done))}
	if c := Chosen(in, "", n); c != "" {
		all = append(all, "number IN (SELECT number FROM meetings "+r.d.Along("meetings_to_search")+" WHERE "+c+")")
	}
	return all
}

// Tasks implements store.Reader. It walks along the index of deadlines and reads only the rows of the page.
func (r reads) Tasks(ctx context.Context, q store.TaskQuery) (page []store.Task, next string, err error) {
	const op = "store: list tasks"
	n := limit(q.Limit, 50)
	args := Args{n + 1}
	all := r.taskConditions(q.In, q.Done, &args)
	switch {
	case q.Unowned:
		all = append(all, "owner_key = ''")
	case q.Owner != "":
		all = append(all, "owner_key = "+args.Arg(ownerKey(q.Owner)))
	}
	switch {
	case q.Without:
		all = append(all, "until = "+args.Arg(never))
	case q.Before != "":
		all = append(all, "until < "+args.Arg(q.Before))
	}
	if q.After != "" {
		until, meeting, place, err := parseTaskCursor(q.After)
		if err != nil {
			return nil, "", referent.E(referent.CodeInvalid, op, err)
		}
		all = append(all, fmt.Sprintf("(until, meeting, place) > (%s, %s, %s)", args.Arg(until), args.Arg(meeting), args.Arg(place)))
	}
	rows, err := r.q.QueryContext(ctx, `SELECT `+taskColumns+`, m.title, m.held, m.created, m.state, COALESCE(e.starts, 0), COALESCE(e.who, '')
		FROM (SELECT `+r.d.Row+` AS task FROM tasks `+r.d.Along("tasks_by_deadline")+` WHERE `+joined(all)+` ORDER BY until, meeting, place LIMIT $1) AS b
			JOIN tasks k ON k.`+r.d.Row+` = b.task JOIN meetings m ON m.id = k.meeting
			LEFT JOIN passages e ON e.meeting = k.meeting AND e.segment = k.segment AND e.what = 's'
		ORDER BY k.until, k.meeting, k.place`, args...)
	page, err = list(r, rows, err, func(s scan, k *store.Task) error {
		return s(append(scanTask(k), &k.Title, asTime{&k.Held}, asTime{&k.Created}, &k.State, &k.Start, &k.Speaker)...)
	}, op)
	if err != nil {
		return nil, "", err
	}
	if len(page) > n {
		page = page[:n]
		last := page[n-1]
		next = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s %d %s", cmp.Or(last.Due, never), last.Place, last.Meeting))
	}
	return page, next, nil
}

func parseTaskCursor(s string) (until, meeting string, place int, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	parts := strings.SplitN(string(b), " ", 3)
	if err != nil || len(parts) != 3 {
		return "", "", 0, errCursor
	}
	if place, err = strconv.Atoi(parts[1]); err != nil {
		return "", "", 0, errors.Join(errCursor, err)
	}
	return parts[0], parts[2], place, nil
}

// TaskOwners implements store.Reader.
func (r reads) TaskOwners(ctx context.Context, in store.Choice, done bool) ([]string, error) {
	var args Args
	all := r.taskConditions(in, done, &args)
	rows, err := r.q.QueryContext(ctx, `SELECT owner_key, MIN(owner) FROM tasks WHERE `+joined(all)+` AND owner_key <> '' GROUP BY owner_key ORDER BY owner_key LIMIT 500`, args...)
	return list(r, rows, err, func(s scan, name *string) error {
		var key string
		return s(&key, name)
	}, "store: list owners of tasks")
}
