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
