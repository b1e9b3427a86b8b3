package pipeline

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/postgres/pgtest"
	"github.com/referent/referent/store/sqldb"
	"github.com/referent/referent/store/sqlite"
)

// A database of each release so far, with a meeting in the middle of its work: one chunk is done, one is leased, others
// wait. The new release opens it, the worker that outlived the upgrade commits under its old lease, and the rest is done.
func TestUpgradeInTheMiddle(t *testing.T) {
	for schema := int64(1); ; schema++ {
		newest := int64(0)
		t.Run(fmt.Sprint("SQLite ", schema), func(t *testing.T) {
			r := newRig(t, nil)
			older := filepath.Join(t.TempDir(), "older.db")
			r.upgrade(func(ctx context.Context) (*sqldb.Snapshot, error) {
				s, err := sqlite.Snapshot(ctx, filepath.Join(r.dir, "referent.db"))
				if err == nil {
					newest = s.Schema
				}
				return s, err
			}, func(ctx context.Context) (*sqldb.Filling, error) { return sqlite.Fill(ctx, older, schema) }, func() {
				for _, suffix := range []string{"-wal", "-shm"} {
					if err := os.Remove(filepath.Join(r.dir, "referent.db"+suffix)); err != nil && !os.IsNotExist(err) {
						t.Fatal(err)
					}
				}
				ok(t, os.Rename(older, filepath.Join(r.dir, "referent.db")))
			})
		})
		if t.Failed() || schema >= newest {
			break
		}
	}
	for schema := int64(14); ; schema++ {
		newest := int64(0)
		t.Run(fmt.Sprint("PostgreSQL ", schema), func(t *testing.T) {
			address, older := pgtest.Empty(t), pgtest.Empty(t)
			r := newRigOver(t, func(now func() time.Time) (store.Store, error) {
				return postgres.Open(context.Background(), postgres.Config{URL: address}, postgres.WithClock(now))
			}, nil)
			r.upgrade(func(ctx context.Context) (*sqldb.Snapshot, error) {
				s, err := postgres.Snapshot(ctx, postgres.Config{URL: address})
				if err == nil {
					newest = s.Schema
				}
				return s, err
			}, func(ctx context.Context) (*sqldb.Filling, error) {
				return postgres.Fill(ctx, postgres.Config{URL: older}, schema)
			}, func() { address = older })
		})
		if t.Failed() || schema >= newest {
			break
		}
	}
}

// upgrade begins a meeting, puts what the database then holds into one of an older schema, with the tables and columns
// of that time, and goes on with that.
func (r *rig) upgrade(snapshot func(context.Context) (*sqldb.Snapshot, error), fill func(context.Context) (*sqldb.Filling, error), swap func()) {
	t := r.t
	t.Helper()
	ctx := context.Background()
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	h.chunks = 4
	h.one() // prepare
	h.one() // a chunk
	_, far := h.take()
	h.leave()
	r.close()

	s, err := snapshot(ctx)
	ok(t, err)
	f, err := fill(ctx)
	ok(t, err)
	rows := 0
	for _, table := range s.Tables {
		had := f.Columns(table.Name)
		var columns []sqldb.Column
		for _, c := range table.Columns {
			if slices.Contains(had, c) {
				columns = append(columns, c)
			}
		}
		if len(columns) == 0 {
			continue // a later release's
		}
		ok(t, s.Rows(ctx, &table, "", "~", func(row []any) error {
			var then []any
			for i, c := range table.Columns {
				if slices.Contains(columns, c) {
					then = append(then, row[i])
				}
			}
			rows++
			return f.Insert(ctx, table.Name, columns, then)
		}))
	}
	counters, err := s.Counters(ctx)
	ok(t, err)
	maps.DeleteFunc(counters, func(table string, _ int64) bool { return f.Columns(table) == nil })
	ok(t, f.Count(ctx, counters))
	ok(t, s.Close())
	ok(t, f.Commit())
	if rows < 12 {
		t.Fatalf("only %d rows went into the older schema", rows)
	}
	swap()

	r.open()
	r.run()
	if got := r.meeting(m.ID); got.Title != secretTitle || len(got.Participants) != 1 {
		t.Errorf("the meeting became %+v", got)
	}
	h = r.hand("far/1")
	if rep, err := h.extend(far.Lease, 0.5); err != nil || rep.Cancelled {
		t.Fatalf("extend after the upgrade: %+v, %v", rep, err)
	}
	h.do(far)
	ok(t, h.commit(far.Lease))
	h.until(m.ID, referent.StateDraft)
	for _, j := range r.jobs(m.ID) {
		if j.State != referent.JobDone || j.Attempt > 1 {
			t.Errorf("a job was begun again, or is not done: %+v", j)
		}
	}
	tr := new(referent.Transcript)
	ok(t, r.p.artifact(ctx, m.ID, store.ArtifactTranscript, tr))
	if len(tr.Segments) != 4 {
		t.Errorf("the transcript has %d segments, want one of each chunk", len(tr.Segments))
	}
	r.onceEach(m.ID)
	r.noStrayBlobs(m.ID)
}
