package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

func tasks(t *testing.T, s store.Store, q store.TaskQuery) []store.Task {
	t.Helper()
	page, _, err := s.Tasks(t.Context(), q)
	if err != nil {
		t.Fatalf("Tasks %+v: %v", q, err)
	}
	return page
}

func taskText(k *store.Task) string { return k.Text }

func testTasks(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	index(t, s, "m000", "Jeg ringer", "Jeg skriver")
	ring := store.Task{ID: "t1", Place: 0, Text: "Ringe", Owner: "Åse Ødegård", Due: "2026-04-02", Status: "påbegynt", Evidence: []string{"s1", "s0"}}
	indexMinutes(t, s, "m000", nil, ring, store.Task{ID: "t2", Place: 1, Text: "Skrive", Owner: "ÅSE  ØDEGÅRD"}, store.Task{ID: "t3", Place: 2, Text: "Tenke"})
	indexMinutes(t, s, "m001", []string{"Et vedtak"}, store.Task{ID: "t1", Place: 0, Text: "Male", Owner: "Ola", Due: "2026-04-01"}, store.Task{ID: "t2", Place: 1, Text: "Vaske", Owner: "Ola", Due: "2026-04-02"})

	for _, c := range []struct {
		name string
		q    store.TaskQuery
		want []string
	}{
		{"all", store.TaskQuery{}, []string{"Male", "Ringe", "Vaske", "Skrive", "Tenke"}},
		{"one person's", store.TaskQuery{Owner: "åse ødegård"}, []string{"Ringe", "Skrive"}},
		{"nobody's", store.TaskQuery{Unowned: true}, []string{"Tenke"}},
		{"overdue", store.TaskQuery{Before: "2026-04-02"}, []string{"Male"}},
		{"without a deadline", store.TaskQuery{Without: true}, []string{"Skrive", "Tenke"}},
		{"without a deadline, of one person", store.TaskQuery{Without: true, Owner: "Ola"}, nil},
		{"done", store.TaskQuery{Done: true}, nil},
		{"of a body", store.TaskQuery{In: store.Choice{Body: "none"}}, nil},
	} {
		wantIDs(t, c.name, tasks(t, s, c.q), taskText, c.want...)
	}
	m := newMeeting(0)
	ring.Meeting = "m000"
	got, err := s.TasksOf(t.Context(), "m000")
	if err != nil || len(got) != 3 {
		t.Fatal(got, err)
	}
	wantSame(t, "a task of its meeting", got[0], ring)
	ring.Title, ring.Held, ring.Created, ring.State, ring.Start = m.Title, m.Start, m.Created, m.State, 1.5
	wantSame(t, "a task of the list", tasks(t, s, store.TaskQuery{})[1], ring)
	owners, err := s.TaskOwners(t.Context(), store.Choice{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(owners) != 2 || owners[0] != "Ola" {
		t.Errorf("the owners are %q", owners)
	}
	do(t, s, func(tx store.Tx) error { return tx.DeleteMeeting(t.Context(), "m001", store.Receipt{Meeting: "m001"}) })
	wantIDs(t, "after an erasure", tasks(t, s, store.TaskQuery{}), taskText, "Ringe", "Skrive", "Tenke")
}

func testSettleTask(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	indexMinutes(t, s, "m000", nil, store.Task{ID: "t1", Text: "Ringe", Owner: "Kari"}, store.Task{ID: "t2", Place: 1, Text: "Skrive", Owner: "Ola"})
	do(t, s, func(tx store.Tx) error { return tx.SettleTask(t.Context(), "m000", "t1", "user", noon) })
	wantIDs(t, "open", tasks(t, s, store.TaskQuery{}), taskText, "Skrive")
	done := tasks(t, s, store.TaskQuery{Done: true})
	wantIDs(t, "done", done, taskText, "Ringe")
	if done[0].DoneBy != "user" || !done[0].DoneAt.Equal(noon) || !done[0].Done() {
		t.Errorf("done: %+v", done[0])
	}
	owners, err := s.TaskOwners(t.Context(), store.Choice{}, false)
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "owners of open tasks", owners, []string{"Ola"})
	if owners, err = s.TaskOwners(t.Context(), store.Choice{}, true); err != nil {
		t.Fatal(err)
	}
	wantSame(t, "owners of tasks that are done", owners, []string{"Kari"})
	// The minutes drop it and take it in again: it stays done, and is nowhere in between.
	kept := done[0]
	kept.Place = -1
	indexMinutes(t, s, "m000", nil, kept)
	wantIDs(t, "done, while the minutes lack it", tasks(t, s, store.TaskQuery{Done: true}), taskText)
	all, err := s.TasksOf(t.Context(), "m000")
	if err != nil || len(all) != 1 || all[0].Place != -1 || !all[0].Done() {
		t.Errorf("what is kept: %+v, %v", all, err)
	}
	kept.Place = 0
	indexMinutes(t, s, "m000", nil, kept)
	wantIDs(t, "done again", tasks(t, s, store.TaskQuery{Done: true}), taskText, "Ringe")
	do(t, s, func(tx store.Tx) error { return tx.SettleTask(t.Context(), "m000", "t1", "", time.Time{}) })
	wantIDs(t, "open again", tasks(t, s, store.TaskQuery{}), taskText, "Ringe")
	wantNotFound(t, "no such task", s.Tx(t.Context(), func(tx store.Tx) error { return tx.SettleTask(t.Context(), "m000", "t9", "user", noon) }))
}

func testTasksSight(t *testing.T, s store.Store) {
	addMeetings(t, s, 8, places)
	for i := range 8 {
		indexMinutes(t, s, newMeeting(i).ID, nil, store.Task{ID: "t1", Text: "Oppgave", Owner: fmt.Sprint("Person ", i)})
	}
	for _, c := range []struct {
		name     string
		seen     *store.Sight
		approved []string
		want     int
	}{
		{"the program itself", nil, nil, 8},
		{"nobody", &store.Sight{}, nil, 0},
		{"an owner", owned("kari"), nil, 2},
		{"an owner with departments", &store.Sight{Owner: "kari", Departments: []string{"school", "roads", "none"}}, nil, 6},
		{"what is approved", &store.Sight{}, []string{"school"}, 1},
	} {
		in := store.Choice{Seen: c.seen, Approved: c.approved}
		if got := tasks(t, s, store.TaskQuery{In: in}); len(got) != c.want {
			t.Errorf("%s: %d tasks, want %d", c.name, len(got), c.want)
		}
		owners, err := s.TaskOwners(t.Context(), in, false)
		if err != nil || len(owners) != c.want {
			t.Errorf("%s: the owners %v, %v, want %d", c.name, owners, err, c.want)
		}
	}
}

func testTaskPages(t *testing.T, s store.Store) {
	addMeetings(t, s, 3, nil)
	var want []string
	for i := range 3 {
		var list []store.Task
		for k := range 4 {
			list = append(list, store.Task{ID: fmt.Sprint("t", k), Place: k, Text: fmt.Sprint(i, k), Due: []string{"2026-01-01", "2026-01-01", "2026-02-01", ""}[k]})
		}
		indexMinutes(t, s, newMeeting(i).ID, nil, list...)
	}
	for _, places := range [][]int{{0, 1}, {2}, {3}} {
		for i := range 3 {
			for _, k := range places {
				want = append(want, fmt.Sprint(i, k))
			}
		}
	}
	var got []string
	for q := (store.TaskQuery{Limit: 5}); ; {
		page, next, err := s.Tasks(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range page {
			got = append(got, k.Text)
		}
		if q.After = next; next == "" {
			break
		}
	}
	wantSame(t, "all pages", got, want)
	if _, _, err := s.Tasks(t.Context(), store.TaskQuery{After: "x"}); referent.CodeOf(err) != referent.CodeInvalid {
		t.Errorf("a bad cursor: %v", err)
	}
}
