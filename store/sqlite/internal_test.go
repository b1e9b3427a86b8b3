package sqlite

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/sqldb"
)

func openInternal(t testing.TB) *DB {
	t.Helper()
	d, err := Open(context.Background(), filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func pragma(t *testing.T, db *sql.DB, name string) (value string) {
	t.Helper()
	if err := db.QueryRow(`PRAGMA ` + name).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestSettings(t *testing.T) {
	d := openInternal(t)
	for pool, db := range map[string]*sql.DB{"writer": d.writer, "reader": d.reader.DB} {
		for name, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "temp_store": "2",
			"busy_timeout": "10000", "query_only": map[string]string{"writer": "0", "reader": "1"}[pool],
		} {
			if got := pragma(t, db, name); got != want {
				t.Errorf("the %s has %s = %s, want %s", pool, name, got, want)
			}
		}
	}
	var v string
	if err := d.writer.QueryRow(`SELECT v FROM passages_fts_config WHERE k = 'secure-delete'`).Scan(&v); v != "1" || err != nil {
		t.Errorf("FTS5's secure-delete is %q, %v", v, err)
	}
}

// TestDiskFull lets SQLite itself run out of pages, as on a full disk.
func TestDiskFull(t *testing.T) {
	d := openInternal(t)
	pages := pragma(t, d.writer, "page_count")
	pragma(t, d.writer, "max_page_count = "+pages)
	m := &referent.Meeting{ID: "m", Title: strings.Repeat("x", 100_000)}
	create := func() error {
		return d.Tx(t.Context(), func(tx store.Tx) error { return tx.CreateMeeting(t.Context(), m, nil) })
	}
	if err := create(); referent.CodeOf(err) != referent.CodeDiskFull {
		t.Errorf("on a full disk: %v, want CodeDiskFull", err)
	}
	if _, err := d.Users(t.Context()); err != nil {
		t.Errorf("reading on a full disk: %v", err)
	}
	pragma(t, d.writer, "max_page_count = 1000000")
	if err := create(); err != nil {
		t.Errorf("when there is room again: %v", err)
	}
}

// explainer runs every query and notes how SQLite finds the rows.
type explainer struct {
	db    *sql.DB
	plans map[string][]string // by query
}

func (e *explainer) note(query string, args []any) error {
	rows, err := e.db.Query("EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	e.plans[query] = nil
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return err
		}
		e.plans[query] = append(e.plans[query], detail)
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

// cursor is the place in a list that a page gives.
func cursor(place string) string { return base64.RawURLEncoding.EncodeToString([]byte(place)) }

// Every read walks an index: none looks through a whole table, and none that may be long is sorted.
func TestQueryPlans(t *testing.T) {
	d := openInternal(t)
	ctx := t.Context()
	e := &explainer{d.reader.DB, map[string][]string{}}
	r := sqldb.NewReader(e, &dialect)
	two := []referent.State{referent.StateFailed, referent.StateDraft}
	after := cursor("1000000 m")
	many := &store.Sight{Owner: "owner", Departments: make([]string, 60)}
	for _, seen := range []*store.Sight{nil, {Owner: "owner"}, {Unassigned: true, Departments: []string{"a"}}, {Owner: "owner", Departments: []string{"a", "b", "c"}}, many} {
		for _, states := range [][]referent.State{nil, two[:1], two} {
			for _, from := range []string{"", after} {
				f := store.MeetingFilter{Seen: seen, States: states, After: from}
				if _, _, err := r.Meetings(ctx, f); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, in := range []store.Choice{{Seen: seen, Approved: []string{"d"}}, {Seen: seen, Body: "b", From: time.Unix(1, 0), States: two}} {
			for _, after := range []string{"", cursor("1 1 m")} {
				if _, _, err := r.Search(ctx, store.SearchQuery{Text: "snø frese", Speaker: "kari", In: in, After: after}); err != nil {
					t.Fatal(err)
				}
			}
			for _, q := range []store.TaskQuery{{In: in}, {In: in, Owner: "kari", Before: "2026-01-01"}, {In: in, Without: true, Done: true}} {
				if _, _, err := r.Tasks(ctx, q); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := r.TaskOwners(ctx, in, false); err != nil {
				t.Fatal(err)
			}
			if _, err := r.BodiesIn(ctx, in); err != nil {
				t.Fatal(err)
			}
		}
		for _, meeting := range []string{"", "m"} {
			if _, err := r.EventsAfter(ctx, meeting, seen, 1, 10); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, read := range map[string]func() error{
		"Meeting":        func() error { _, err := r.Meeting(ctx, "m"); return err },
		"MeetingKey":     func() error { _, err := r.MeetingKey(ctx, "m"); return err },
		"Parts":          func() error { _, err := r.Parts(ctx, "m"); return err },
		"Artifact":       func() error { _, err := r.Artifact(ctx, "m", store.ArtifactPlan, 1); return err },
		"newest":         func() error { _, err := r.Artifact(ctx, "m", store.ArtifactPlan, 0); return err },
		"Artifacts":      func() error { _, err := r.Artifacts(ctx, "m"); return err },
		"Receipts":       func() error { _, err := r.Receipts(ctx, 1); return err },
		"Hold":           func() error { _, err := r.Hold(ctx, "m"); return err },
		"Keeping":        func() error { _, err := r.Keeping(ctx, "m"); return err },
		"Keepings":       func() error { _, err := r.Keepings(ctx, "", 1); return err },
		"Upload":         func() error { _, err := r.Upload(ctx, "u"); return err },
		"ExpiredUploads": func() error { _, err := r.ExpiredUploads(ctx, time.Now()); return err },
		"Job":            func() error { _, err := r.Job(ctx, "j"); return err },
		"JobsOf":         func() error { _, err := r.JobsOf(ctx, "m"); return err },
		"DeadJobs":       func() error { _, err := r.DeadJobs(ctx, 1); return err },
		"Queued":         func() error { _, err := r.Queued(ctx, store.QueuedFilter{Due: time.Now()}, 1); return err },
		"meeting's": func() error {
			_, err := r.Queued(ctx, store.QueuedFilter{Meeting: "m", Stage: referent.StagePrepare}, 1)
			return err
		},
		"assembly": func() error {
			_, err := r.Queued(ctx, store.QueuedFilter{Due: time.Now(), Stage: referent.StageAssemble}, 1)
			return err
		},
		"paused":        func() error { _, err := r.Queued(ctx, store.QueuedFilter{PausedBeyond: time.Now()}, 1); return err },
		"Published":     func() error { _, err := r.Published(ctx, referent.StagePrepare, "j", 1); return err },
		"Handed":        func() error { _, err := r.Handed(ctx); return err },
		"Offers":        func() error { _, err := r.Offers(ctx, referent.StagePrepare, time.Now()); return err },
		"Workloads":     func() error { _, err := r.Workloads(ctx); return err },
		"Backlog":       func() error { _, err := r.Backlog(ctx); return err },
		"ExpiredLeases": func() error { _, err := r.ExpiredLeases(ctx, time.Now()); return err },
		"LeasesOf":      func() error { _, err := r.LeasesOf(ctx, "w"); return err },
		"CountJobs":     func() error { _, err := r.CountJobs(ctx); return err },
		"User":          func() error { _, err := r.User(ctx, "u"); return err },
		"UserByName":    func() error { _, err := r.UserByName(ctx, "u"); return err },
		"Session":       func() error { _, err := r.Session(ctx, "h"); return err },
		"Token":         func() error { _, err := r.Token(ctx, "h"); return err },
		"Tokens":        func() error { _, err := r.Tokens(ctx, "u"); return err },
		"Department":    func() error { _, err := r.Department(ctx, "d"); return err },
		"Departments":   func() error { _, err := r.Departments(ctx); return err },
		"Memberships":   func() error { _, err := r.Memberships(ctx, "u"); return err },
		"everybody's":   func() error { _, err := r.Memberships(ctx, ""); return err },
		"TasksOf":       func() error { _, err := r.TasksOf(ctx, "m"); return err },
		"StaleIndexes":  func() error { _, err := r.StaleIndexes(ctx, "m", 1); return err },
		"Setting":       func() error { _, err := r.Setting(ctx, "k"); return err },
	} {
		if err := read(); err != nil && referent.CodeOf(err) != referent.CodeNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(e.plans) < 35 {
		t.Errorf("only %d queries were explained", len(e.plans))
	}
	sortsFew := []string{
		"FROM jobs WHERE meeting = $",       // one meeting's jobs
		"FROM tasks k WHERE k.meeting = $1", // one meeting's tasks
		"LIMIT $1) AS b",                    // a page of tasks
		"SELECT owner_key,", "SELECT body",  // names that are listed once each
		"AS open", "AS handed", // meetings and stages that work is left on
		"FROM jobs WHERE state IN ('queued', 'leased') GROUP BY stage",
		"not_before > 0", "priority || ''", // what is paused, and the server's own work
	}
	for query, plan := range e.plans {
		what := fmt.Sprintf("%s\n\t%s", query, strings.Join(plan, "\n\t"))
		if strings.Contains(query, "department = ") {
			for _, step := range plan {
				rows := strings.Contains(step, " meetings") || strings.Contains(step, " events")
				if rows && !strings.Contains(step, "_by_department") {
					t.Errorf("an index by department is not used: %s", what)
				}
			}
		}
		for _, step := range plan {
			whole := strings.HasPrefix(step, "SCAN") && !strings.Contains(step, "INDEX") &&
				!strings.Contains(step, "(subquery") && !strings.HasPrefix(step, "SCAN b") &&
				!strings.HasPrefix(step, "SCAN open") && !strings.HasPrefix(step, "SCAN handed") &&
				!strings.HasPrefix(step, "SCAN receipts") && !strings.HasPrefix(step, "SCAN events")
			if whole {
				t.Errorf("a whole table is read: %s", what)
			}
			if strings.Contains(step, "TEMP B-TREE") {
				if strings.Contains(query, " UNION ALL ") {
					continue // what is merged is sorted, each part at most a page long
				}
				few := false
				for _, s := range sortsFew {
					few = few || strings.Contains(query, s)
				}
				if !few {
					t.Errorf("rows are sorted: %s", what)
				}
			}
		}
	}
	if t.Failed() || testing.Verbose() {
		for query, plan := range e.plans {
			t.Logf("%s\n\t%s", strings.Join(strings.Fields(query), " "), strings.Join(plan, "\n\t"))
		}
	}
}

// After random changes and a scrub the file is sound, and so is the index of its words.
func TestScrubKeepsTheFileSound(t *testing.T) {
	d := openInternal(t)
	ctx := t.Context()
	random := rand.New(rand.NewPCG(5, 6))
	text := func(n int) string { return strings.Repeat(fmt.Sprintf("ord%d ", random.IntN(500)), 1+random.IntN(n)) }
	alive := map[string]string{}
	for round := range 60 {
		id := fmt.Sprint("m", random.IntN(40))
		err := d.Tx(ctx, func(tx store.Tx) error {
			if _, there := alive[id]; there && random.IntN(3) == 0 {
				delete(alive, id)
				return tx.DeleteMeeting(ctx, id, store.Receipt{Meeting: id})
			}
			m := &referent.Meeting{ID: id, Title: text(1000)}
			var err error
			if _, there := alive[id]; there {
				err = tx.UpdateMeeting(ctx, m)
			} else {
				err = tx.CreateMeeting(ctx, m, []byte(text(100)))
			}
			alive[id] = m.Title
			tr := &referent.Transcript{Speakers: []referent.Speaker{{ID: "S1", Name: text(3)}}}
			for i := range random.IntN(30) {
				tr.Segments = append(tr.Segments, referent.Segment{ID: fmt.Sprint(i), Speaker: []string{"", "S1"}[random.IntN(2)], Text: text(60)})
			}
			if err == nil {
				err = tx.IndexTranscript(ctx, id, tr)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if round == 30 {
			if err := d.Scrub(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	if dirtyGaps(t, d) == 0 {
		t.Error("no gap holds anything before the scrub; this test would prove nothing")
	}
	if err := d.Scrub(ctx); err != nil {
		t.Fatal(err)
	}
	if n := dirtyGaps(t, d); n != 0 {
		t.Errorf("%d gaps hold something after the scrub", n)
	}
	if got := pragma(t, d.writer, "integrity_check"); got != "ok" {
		t.Errorf("integrity_check: %s", got)
	}
	for _, table := range []string{"passages_fts", "names_fts"} {
		if _, err := d.writer.Exec(`INSERT INTO ` + table + ` (` + table + `, rank) VALUES ('integrity-check', 1)`); err != nil {
			t.Errorf("the index %s: %v", table, err)
		}
	}
	for id, title := range alive {
		if m, err := d.Meeting(ctx, id); err != nil || m.Title != title {
			t.Errorf("meeting %s is no longer what was written: %v", id, err)
		}
	}
}

// dirtyGaps counts the pages whose gap holds something.
func dirtyGaps(t *testing.T, d *DB) (n int) {
	t.Helper()
	rows, err := d.writer.Query(`SELECT pgno, data FROM sqlite_dbpage`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var number int64
		var page []byte
		if err := rows.Scan(&number, &page); err != nil {
			t.Fatal(err)
		}
		if gap, err := gapOf(page, number); err != nil {
			t.Errorf("page %d: %v", number, err)
		} else if !allZero(gap) {
			n++
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}

func FuzzGapOf(f *testing.F) {
	leaf := make([]byte, 4096)
	copy(leaf, []byte{13, 0, 0, 0, 4, 9, 0x3f, 0})
	f.Add(leaf, int64(2))
	f.Add(leaf, int64(1))
	f.Add([]byte{5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, int64(3))
	f.Add([]byte{}, int64(1))
	f.Fuzz(func(t *testing.T, page []byte, number int64) {
		gap, err := gapOf(page, number)
		if err != nil || gap == nil {
			return
		}
		before := append([]byte(nil), page...)
		clear(gap)
		for i := range min(8, len(page)) { // never the header
			if number != 1 && page[i] != before[i] {
				t.Errorf("the gap covers byte %d of the header", i)
			}
		}
		if len(gap) > len(page)-8 {
			t.Errorf("a gap of %d bytes in a page of %d", len(gap), len(page))
		}
	})
}

func BenchmarkMeetingsPage(b *testing.B) {
	d := openInternal(b)
	_, err := d.writer.Exec(`INSERT INTO meetings (id, owner, department, title, held, place, body, kind, language, participants, agenda, options,
			state, failure, progress, recording, created, updated, number)
		WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
		SELECT 'm' || i, 'u' || (i % 100), CASE WHEN i % 2 = 0 THEN 'd' || (i % 200) ELSE '' END, 'title', 0, '', '', 'referat', 'nb', '[]', '[]', '{}', 'draft', 'null', 0, 'null', i, i, i FROM n`)
	if err != nil {
		b.Fatal(err)
	}
	var departments []string
	for i := range 100 {
		departments = append(departments, fmt.Sprint("d", 2*i))
	}
	for name, f := range map[string]store.MeetingFilter{
		"all":    {},
		"owner":  {Seen: &store.Sight{Owner: "u7"}},
		"few":    {Seen: &store.Sight{Owner: "u7", Departments: departments[:5]}},
		"many":   {Seen: &store.Sight{Owner: "u7", Departments: departments}},
		"states": {States: []referent.State{referent.StateDraft, referent.StateFailed}},
		"deep":   {After: cursor("500 m500")},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if page, _, err := d.Meetings(context.Background(), f); err != nil || len(page) != 50 {
					b.Fatal(len(page), err)
				}
			}
		})
	}
}
