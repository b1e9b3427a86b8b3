package postgres_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/postgres/pgtest"
)

// other is a connection of somebody else's.
func other(t testing.TB, address string) *sql.DB {
	t.Helper()
	connector, err := stdlib.GetDefaultDriver().(*stdlib.Driver).OpenConnector(address)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

// servers opens the same database n times, as servers do.
func servers(t *testing.T, n int) []*postgres.DB {
	t.Helper()
	address := database(t)
	all := make([]*postgres.DB, n)
	for i := range all {
		all[i] = open(t, address)
	}
	return all
}

// Whoever follows the events misses none, whichever server adds them, and however many fail in between: none is seen
// before one with a lesser id.
func TestEventsOfManyServers(t *testing.T) {
	const each = 60
	all := servers(t, 3)
	var wg sync.WaitGroup
	for i, d := range all[:2] {
		for range 2 {
			wg.Go(func() {
				for k := range each {
					err := d.Tx(t.Context(), func(tx store.Tx) error {
						if err := tx.AddEvent(t.Context(), &store.Event{Meeting: fmt.Sprint("m", i), Type: "progress"}); err != nil || k%5 != 0 {
							return err
						}
						return errors.New("this one is not to be")
					})
					if err != nil && k%5 != 0 {
						t.Error(err)
					}
				}
			})
		}
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	var last int64
	seen := 0
	for over := false; ; {
		select {
		case <-done:
			over = true // one more look after the last one was added
		default:
		}
		page, err := all[2].EventsAfter(t.Context(), "", nil, last, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page {
			if e.ID <= last {
				t.Fatalf("event %d comes after %d", e.ID, last)
			}
			last = e.ID
		}
		seen += len(page)
		if over && len(page) == 0 {
			break
		}
	}
	if want := 4 * each * 4 / 5; seen != want {
		t.Errorf("a follower saw %d events of %d", seen, want)
	}
}

// Each job is claimed once, whether a claimer looks first or relies on the epoch.
func TestClaimersOfManyServers(t *testing.T) {
	const jobs = 40
	all := servers(t, 2)
	err := all[0].Tx(t.Context(), func(tx store.Tx) error {
		if err := tx.CreateMeeting(t.Context(), &referent.Meeting{ID: "m"}, nil); err != nil {
			return err
		}
		for i := range jobs {
			if err := tx.AddJob(t.Context(), &referent.Job{ID: fmt.Sprint("j", i), Meeting: "m", Stage: referent.StageTranscribe, Chunk: i, Priority: referent.PriorityBulk}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	claimed := make([][]string, len(all)*2)
	var wg sync.WaitGroup
	for n := range claimed {
		wg.Go(func() {
			d, worker := all[n/2], fmt.Sprint("w", n)
			for i := range jobs {
				id := fmt.Sprint("j", i)
				read := func(r store.Reader) (*referent.Job, error) { return r.Job(t.Context(), id) }
				j, err := read(d) // outside, and so perhaps what was
				if err != nil {
					t.Error(err)
					return
				}
				err = d.Tx(t.Context(), func(tx store.Tx) error {
					if n%2 == 0 {
						if j, err = read(tx); err != nil {
							return err
						}
					}
					if j.State != referent.JobQueued {
						return store.ErrFenced
					}
					fence := j.Epoch
					j.Epoch, j.State, j.Worker = j.Epoch+1, referent.JobLeased, worker
					return tx.UpdateJob(t.Context(), j, fence)
				})
				switch {
				case err == nil:
					claimed[n] = append(claimed[n], id)
				case !errors.Is(err, store.ErrFenced):
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	owner := map[string]int{}
	for n, ids := range claimed {
		for _, id := range ids {
			if first, twice := owner[id]; twice {
				t.Errorf("%s was claimed by %d and %d", id, first, n)
			}
			owner[id] = n
			if j, err := all[1].Job(t.Context(), id); err != nil || j.Epoch != 1 || j.Worker != fmt.Sprint("w", n) {
				t.Errorf("%s is %+v, %v, but was claimed by %d", id, j, err, n)
			}
		}
	}
	if len(owner) != jobs {
		t.Errorf("%d of %d jobs were claimed", len(owner), jobs)
	}
}

// Versions, numbers of meetings and what is read and written again come out as if one server had done it all.
func TestCountingOfManyServers(t *testing.T) {
	const each = 25
	all := servers(t, 2)
	if err := put(t, all[0], "n", ""); err != nil {
		t.Fatal(err)
	}
	err := all[0].Tx(t.Context(), func(tx store.Tx) error { return tx.CreateMeeting(t.Context(), &referent.Meeting{ID: "m"}, nil) })
	if err != nil {
		t.Fatal(err)
	}
	versions := make(chan int, len(all)*2*each)
	var wg sync.WaitGroup
	for n := range len(all) * 2 {
		wg.Go(func() {
			for k := range each {
				err := all[n/2].Tx(t.Context(), func(tx store.Tx) error {
					v, err := tx.Setting(t.Context(), "n")
					if err != nil {
						return err
					}
					a := store.Artifact{Meeting: "m", Kind: store.ArtifactMinutes, Blob: "b"}
					if err := tx.PutArtifact(t.Context(), &a); err != nil {
						return err
					}
					versions <- a.Version
					if err := tx.CreateMeeting(t.Context(), &referent.Meeting{ID: fmt.Sprintf("m%d-%d", n, k)}, nil); err != nil {
						return err
					}
					return tx.PutSetting(t.Context(), "n", v+"x")
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	close(versions)
	seen := map[int]bool{}
	for v := range versions {
		if seen[v] {
			t.Errorf("version %d was given twice", v)
		}
		seen[v] = true
	}
	if v, err := all[1].Setting(t.Context(), "n"); len(v) != len(seen) || len(seen) != len(all)*2*each || !seen[len(seen)] {
		t.Errorf("%d changes and %d versions of %d are there, %v", len(v), len(seen), len(all)*2*each, err)
	}
}

// Who waits too long for another server's transaction is told, and reads go on meanwhile.
func TestWaitingForTheWriter(t *testing.T) {
	address := database(t)
	a, b := open(t, address), open(t, address, postgres.WithLimits(50*time.Millisecond, time.Minute))
	err := a.Tx(t.Context(), func(tx store.Tx) error {
		if err := put(t, b, "k", "v"); referent.CodeOf(err) != referent.CodeUnavailable || referent.HintOf(err) == "" {
			t.Errorf("a write beside another server's: %v, want CodeUnavailable with a hint", err)
		}
		_, err := b.Users(t.Context())
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := put(t, b, "k", "v"); err != nil {
		t.Errorf("a write afterwards: %v", err)
	}
}

// A server that stands still in the middle of a transaction is cut off, and what it did there never was.
func TestStandingStill(t *testing.T) {
	address := database(t)
	a, b := open(t, address, postgres.WithLimits(time.Minute, 200*time.Millisecond)), open(t, address)
	err := a.Tx(t.Context(), func(tx store.Tx) error {
		if err := tx.PutSetting(t.Context(), "k", "a"); err != nil {
			return err
		}
		return put(t, b, "k", "b") // which waits for this transaction itself
	})
	if referent.CodeOf(err) != referent.CodeUnavailable {
		t.Errorf("the one that stood still: %v, want CodeUnavailable", err)
	}
	if v, err := b.Setting(t.Context(), "k"); v != "b" || err != nil {
		t.Errorf("what was written is %q, %v", v, err)
	}
	if err := put(t, a, "k", "c"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// A transaction whose write failed is never half there, also when its function says that all is well.
func TestFailedWriteIsNotSwallowed(t *testing.T) {
	d := servers(t, 1)[0]
	err := d.Tx(t.Context(), func(tx store.Tx) error {
		if err := tx.PutSetting(t.Context(), "k", "v"); err != nil {
			return err
		}
		if err := tx.AddPart(t.Context(), store.Part{Meeting: "none"}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a part of no meeting: %v", err)
		}
		return nil
	})
	if err == nil {
		t.Error("Tx says that it committed")
	}
	if _, err := d.Setting(t.Context(), "k"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("half of it is there: %v", err)
	}
}

// Scrub must not claim that deleted rows are gone while somebody may still look at them.
func TestScrubBesideLongRead(t *testing.T) {
	address := database(t)
	d := open(t, address, postgres.WithPatience(100*time.Millisecond))
	long, err := other(t, address).BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer long.Rollback()
	var n int
	if err := long.QueryRow(`SELECT 1`).Scan(&n); err != nil { // it holds no table
		t.Fatal(err)
	}
	if err := put(t, d, "k", "v"); err != nil {
		t.Fatal(err)
	}
	if err := d.Scrub(t.Context()); referent.CodeOf(err) != referent.CodeUnavailable {
		t.Errorf("Scrub beside a long read: %v, want CodeUnavailable", err)
	}
	if err := long.Rollback(); err != nil {
		t.Fatal(err)
	}
	su := other(t, strings.Replace(address, pgtest.Role+"@", "postgres@", 1))
	for what, s := range map[string][3]string{
		"another role's session": {"BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT 1", "ROLLBACK"},
		"a prepared transaction": {"BEGIN", "SELECT pg_current_xact_id()", "PREPARE TRANSACTION 'x'"},
	} {
		c, err := su.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		run := func(statements ...string) {
			t.Helper()
			for _, s := range statements {
				if _, err := c.ExecContext(t.Context(), s); err != nil {
					t.Fatal(what, err)
				}
			}
		}
		run(s[0], s[1])
		if s[0] == "BEGIN" {
			run(s[2])
		}
		if err := put(t, d, "k", what); err != nil {
			t.Fatal(err)
		}
		if err := d.Scrub(t.Context()); referent.CodeOf(err) != referent.CodeUnavailable {
			t.Errorf("Scrub beside %s: %v, want CodeUnavailable", what, err)
		}
		if s[0] == "BEGIN" {
			run("ROLLBACK PREPARED 'x'")
		} else {
			run(s[2])
		}
		c.Close()
	}
	if err := d.Scrub(t.Context()); err != nil {
		t.Errorf("Scrub afterwards: %v", err)
	}
}
