package e2e_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/referent/referent/store"
	"github.com/referent/referent/store/sqlite"
	"github.com/referent/referent/store/storetest"
)

// fillMeetings makes what an installation has after some years, before there is a server: n meetings that are over, in
// departments of their own. They have words that are found, but no sound and no files.
func fillMeetings(t *testing.T, data string, n int) {
	t.Helper()
	d, err := sqlite.Open(t.Context(), filepath.Join(data, "referent.db"))
	if err != nil {
		t.Fatal(err)
	}
	storetest.FillLarge(t, d, n)
	err = d.Tx(t.Context(), func(tx store.Tx) error {
		for i := range storetest.LargeDepartments {
			if err := tx.PutDepartment(t.Context(), &store.Department{ID: fmt.Sprint("d", i), Name: fmt.Sprint("Avdeling ", i)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// queued is a recording that waits.
type queued struct {
	by      *person
	meeting string
}

// queueUp uploads n recordings of the people in turn.
func queueUp(t *testing.T, people []*person, n int) []queued {
	t.Helper()
	all := make([]queued, n)
	sounds := speeches(t, n, 11)
	var group errgroup.Group
	group.SetLimit(8)
	for i := range all {
		group.Go(func() error {
			p := people[i%len(people)]
			id, err := p.meeting()
			if err != nil {
				return err
			}
			all[i] = queued{p, id}
			return p.api.Upload(t.Context(), id, sounds[i], sounds[i].size, nil)
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return all
}

// waiting counts the jobs of the stage that are queued.
func (s *server) waiting(stage string) int {
	s.t.Helper()
	var o struct {
		Queue []struct {
			Stage   string
			Waiting int
		}
	}
	boss := &person{url: s.url, token: s.tok}
	boss.ask(s.t, "GET", "/operations", nil, &o)
	n := 0
	for _, q := range o.Queue {
		if q.Stage == stage {
			n += q.Waiting
		}
	}
	return n
}
