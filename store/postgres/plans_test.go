package postgres

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/postgres/pgtest"
	"github.com/referent/referent/store/sqldb"
)

// explainer runs every query and notes how PostgreSQL would find the rows if it could help it to look through a table.
type explainer struct {
	db    *sql.DB
	plans map[string]string
}

func (e *explainer) note(query string, args []any) error {
	rows, err := e.db.Query("EXPLAIN "+query, args...)
	if err != nil {
		return fmt.Errorf("%w: %s", err, query)
	}
	defer rows.Close()
	e.plans[query] = ""
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		e.plans[query] += line + "\n"
	}
	return rows.Err()
}

func (e *explainer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := e.note(query, args); err != nil {
		return nil, err
	}
	return e.db.QueryContext(ctx, query, args...)
}

func (e *explainer) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if err := e.note(query, args); err != nil {
		panic(err)
	}
	return e.db.QueryRowContext(ctx, query, args...)
}

// Every read that is asked often has an index to walk: no table of meetings, passages, jobs or events must be looked
// through. What the planner chooses in the end depends on what is there.
func TestQueryPlans(t *testing.T) {
	ctx := t.Context()
	d, err := Open(ctx, Config{URL: pgtest.Empty(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	p := d.pool(2, map[string]string{"enable_seqscan": "off", "plan_cache_mode": "force_custom_plan"})
	t.Cleanup(func() { p.Close() })
	e := &explainer{p.DB, map[string]string{}}
	r := sqldb.NewReader(e, &dialect)
	cursor := func(place string) string { return base64.RawURLEncoding.EncodeToString([]byte(place)) }
	two := []referent.State{referent.StateFailed, referent.StateDraft}
	many := &store.Sight{Owner: "owner", Departments: make([]string, 60)}
	must := func(err error) {
		t.Helper()
		if err != nil && referent.CodeOf(err) != referent.CodeNotFound {
			t.Fatal(err)
		}
	}
	for _, seen := range []*store.Sight{nil, {Owner: "owner"}, {Unassigned: true, Departments: []string{"a"}}, {Owner: "owner", Departments: []string{"a", "b", "c"}}, many} {
		for _, states := range [][]referent.State{nil, two[:1], two} {
			for _, after := range []string{"", cursor("1000000 m")} {
				_, _, err := r.Meetings(ctx, store.MeetingFilter{Seen: seen, States: states, After: after})
				must(err)
			}
		}
		in := store.Choice{Seen: seen, Approved: []string{"d"}, Body: "b", From: time.Unix(1, 0), States: two}
		for _, q := range []store.SearchQuery{{Text: "snø frese", Speaker: "kari", In: in}, {Text: "ko", In: in}, {What: []store.Found{store.FoundDecision}, In: in, After: cursor("1 1 m")}} {
			_, _, err := r.Search(ctx, q)
			must(err)
		}
		for _, q := range []store.TaskQuery{{In: in}, {In: in, Owner: "kari", Before: "2026-01-01"}, {In: in, Without: true, Done: true}} {
			_, _, err := r.Tasks(ctx, q)
			must(err)
		}
		for _, meeting := range []string{"", "m"} {
			_, err := r.EventsAfter(ctx, meeting, seen, 1, 10)
			must(err)
		}
	}
	for _, read := range []func() error{
		func() error { _, err := r.Meeting(ctx, "m"); return err },
		func() error { _, err := r.Parts(ctx, "m"); return err },
		func() error { _, err := r.Artifact(ctx, "m", store.ArtifactPlan, 0); return err },
		func() error { _, err := r.Artifacts(ctx, "m"); return err },
		func() error { _, err := r.Keepings(ctx, "", 1); return err },
		func() error { _, err := r.ExpiredUploads(ctx, time.Now()); return err },
		func() error { _, err := r.Job(ctx, "j"); return err },
		func() error { _, err := r.JobsOf(ctx, "m"); return err },
		func() error { _, err := r.DeadJobs(ctx, 1); return err },
		func() error { _, err := r.Queued(ctx, store.QueuedFilter{Due: time.Now()}, 1); return err },
		func() error {
			_, err := r.Queued(ctx, store.QueuedFilter{Meeting: "m", Stage: referent.StagePrepare}, 1)
			return err
		},
		func() error { _, err := r.Offers(ctx, referent.StagePrepare, time.Now()); return err },
		func() error { _, err := r.Published(ctx, referent.StagePrepare, "j", 1); return err },
		func() error { _, err := r.Handed(ctx); return err },
		func() error { _, err := r.Queued(ctx, store.QueuedFilter{PausedBeyond: time.Now()}, 1); return err },
		func() error { _, err := r.ExpiredLeases(ctx, time.Now()); return err },
		func() error { _, err := r.Backlog(ctx); return err },
		func() error { _, err := r.Workloads(ctx); return err },
		func() error { _, err := r.Session(ctx, "h"); return err },
		func() error { _, err := r.Token(ctx, "h"); return err },
		func() error { _, err := r.TasksOf(ctx, "m"); return err },
		func() error { _, err := r.StaleIndexes(ctx, "m", 1); return err },
		func() error { _, err := r.Readings(ctx, store.ReadingFilter{User: "u"}); return err },
		func() error { _, err := r.History(ctx, "m"); return err },
	} {
		must(read())
	}
	if len(e.plans) < 40 {
		t.Errorf("only %d queries were explained", len(e.plans))
	}
	for query, plan := range e.plans {
		for _, table := range []string{"meetings", "passages", "jobs", "events", "tasks", "artifacts", "parts", "readings", "history", "sessions", "tokens"} {
			if strings.Contains(plan, "Seq Scan on "+table) {
				t.Errorf("all of %s is looked through: %s\n%s", table, query, plan)
			}
		}
	}
}

// What the dispatcher asks at each turn does not grow with the meetings that are done, whatever the statistics say.
func TestDispatchPlansWithManyMeetings(t *testing.T) {
	ctx := t.Context()
	d, err := Open(ctx, Config{URL: pgtest.Empty(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	const some = 1000
	err = d.Tx(ctx, func(tx store.Tx) error {
		for i := range some {
			m := &referent.Meeting{ID: fmt.Sprintf("m%03d", i), Owner: "o", Recording: &referent.Recording{Size: 1}}
			if err := tx.CreateMeeting(ctx, m, []byte("key")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p := d.pool(2, nil)
	t.Cleanup(func() { p.Close() })
	var columns string
	err = p.DB.QueryRow(`SELECT string_agg(quote_ident(column_name), ',') FROM information_schema.columns
		WHERE table_name = 'meetings' AND column_name NOT IN ('id', 'number') AND is_generated = 'NEVER'`).Scan(&columns)
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`INSERT INTO meetings (id, number, ` + columns + `) SELECT id || '-' || g, 100000 * g + number, ` + columns + ` FROM meetings, generate_series(1, 9) g`,
		`INSERT INTO jobs (id, meeting, stage, chunk, priority, state, epoch, attempt, worker, lease_expires, not_before, progress, code, created, updated, published)
			SELECT id || '/' || g, id, 'transcribe', g, 'bulk', 'done', 1, 1, '', 0, 0, 1, '', 1, 1, 1 FROM meetings, generate_series(1, 4) g`,
		`INSERT INTO jobs (id, meeting, stage, chunk, priority, state, epoch, attempt, worker, lease_expires, not_before, progress, code, created, updated, published)
			SELECT id || '/' || g, id, 'transcribe', g, 'bulk', 'queued', 0, 0, '', 0, 0, 0, '', number, number, CASE WHEN number % 50 = 0 THEN 1 ELSE 0 END
			FROM meetings, generate_series(10, 49) g WHERE id LIKE 'm0__'`,
		`ANALYZE`,
	} {
		if _, err := p.DB.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	e := &explainer{p.DB, map[string]string{}}
	r := sqldb.NewReader(e, &dialect)
	offers, err := r.Offers(ctx, referent.StageTranscribe, time.Now())
	if err != nil || len(offers) < 90 || offers[0].Recording == nil {
		t.Fatalf("%d offers, %v", len(offers), err)
	}
	if _, err := r.Handed(ctx); err != nil {
		t.Fatal(err)
	}
	published, err := r.Published(ctx, referent.StageTranscribe, "", 0)
	if err != nil || len(published) == 0 {
		t.Fatalf("%d are published, %v", len(published), err)
	}
	for query, plan := range e.plans {
		if strings.Contains(plan, "Seq Scan") {
			t.Errorf("a table is looked through: %s\n%s", query, plan)
		}
	}
}
