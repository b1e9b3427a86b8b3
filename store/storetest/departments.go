package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// owned sees what is the user's own.
func owned(user string) *store.Sight { return &store.Sight{Owner: user} }

func putDepartments(t *testing.T, s store.Store, all ...*store.Department) {
	t.Helper()
	do(t, s, func(tx store.Tx) error {
		for _, d := range all {
			if err := tx.PutDepartment(t.Context(), d); err != nil {
				return err
			}
		}
		return nil
	})
}

func testDepartments(t *testing.T, s store.Store) {
	school := &store.Department{ID: "d1", Name: "Skole", Created: noon}
	care := &store.Department{ID: "d2", Name: "Ål hjemmetjeneste", Health: true, Created: noon}
	putDepartments(t, s, care, school)
	got, err := s.Department(t.Context(), "d2")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the department", got, care)
	_, err = s.Department(t.Context(), "d3")
	wantNotFound(t, "another department", err)
	school.Name, school.Health = "Barnehage", true
	changed := *school
	changed.Created = noon.Add(time.Hour) // never written
	putDepartments(t, s, &changed)
	all, err := s.Departments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "all departments by name", all, []store.Department{*school, *care})
	err = s.Tx(t.Context(), func(tx store.Tx) error {
		return tx.PutDepartment(t.Context(), &store.Department{ID: "d3", Name: "ÅL HJEMMETJENESTE"})
	})
	wantConflict(t, "a name that is taken", err)
	for _, id := range []string{"", store.AllDepartments} {
		err := s.Tx(t.Context(), func(tx store.Tx) error {
			return tx.PutDepartment(t.Context(), &store.Department{ID: id, Name: "ny"})
		})
		if referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("a department with the id %q: %v", id, err)
		}
	}
	fresh := &store.Department{ID: "d4", Name: "Vei"}
	putDepartments(t, s, fresh)
	if time.Since(fresh.Created) > time.Hour {
		t.Errorf("Created was not set: %v", fresh.Created)
	}
}

func testMemberships(t *testing.T, s store.Store) {
	putUsers(t, s, newUser("u1", "kari"), newUser("u2", "ola"))
	putDepartments(t, s, &store.Department{ID: "d1", Name: "Skole"})
	put := func(m store.Membership) error {
		return s.Tx(t.Context(), func(tx store.Tx) error { return tx.PutMembership(t.Context(), m) })
	}
	a := store.Membership{User: "u1", Department: store.AllDepartments, Role: "auditor", Created: noon}
	b := store.Membership{User: "u1", Department: "d1", Role: "approver", Created: noon}
	c := store.Membership{User: "u1", Department: "d1", Role: "referent", Created: noon}
	claimed := c
	claimed.ByClaim = true
	d := store.Membership{User: "u2", Department: "d1", Role: "referent", Created: noon}
	again := b
	again.Created = noon.Add(time.Hour)
	for _, m := range []store.Membership{d, claimed, c, b, a, again} {
		if err := put(m); err != nil {
			t.Fatal(err)
		}
	}
	for user, want := range map[string][]store.Membership{"u1": {a, b, c, claimed}, "u2": {d}, "none": nil, "": {a, b, c, claimed, d}} {
		got, err := s.Memberships(t.Context(), user)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "the memberships of "+user, got, want)
	}
	wantNotFound(t, "a role of nobody", put(store.Membership{User: "none", Department: "d1", Role: "referent"}))
	wantNotFound(t, "a role in no department", put(store.Membership{User: "u1", Department: "none", Role: "referent"}))
	for range 2 {
		do(t, s, func(tx store.Tx) error { return tx.DeleteMembership(t.Context(), b) })
	}
	got, err := s.Memberships(t.Context(), "u1")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "what is left", got, []store.Membership{a, c, claimed})
	do(t, s, func(tx store.Tx) error { return tx.DeleteMembership(t.Context(), claimed) })
	if got, err = s.Memberships(t.Context(), "u1"); err != nil {
		t.Fatal(err)
	}
	wantSame(t, "what was given by hand", got, []store.Membership{a, c})
}

// places puts meetings into departments in turn: none (of kari), none (of ola), school, roads.
func places(i int, m *referent.Meeting) {
	m.Owner = []string{"kari", "ola", "kari", "kari"}[i%4]
	m.Department = []string{"", "", "school", "roads"}[i%4]
	m.State = []referent.State{referent.StateDraft, referent.StateApproved}[i/4%2]
}

func testSight(t *testing.T, s store.Store) {
	addMeetings(t, s, 8, places)
	do(t, s, func(tx store.Tx) error {
		for i := range 8 {
			m := newMeeting(i)
			places(i, m)
			if err := tx.AddEvent(t.Context(), &store.Event{Meeting: m.ID, Owner: m.Owner, Department: m.Department, Type: "state"}); err != nil {
				return err
			}
		}
		return nil
	})
	for _, c := range []struct {
		name string
		seen *store.Sight
		want []int // of the first four
	}{
		{"the program itself", nil, []int{0, 1, 2, 3}},
		{"nobody", &store.Sight{}, nil},
		{"an owner, without what is in a department", owned("kari"), []int{0}},
		{"a department", &store.Sight{Departments: []string{"school"}}, []int{2}},
		{"an owner with departments", &store.Sight{Owner: "ola", Departments: []string{"roads", "school"}}, []int{1, 2, 3}},
		{"an administrator", &store.Sight{Owner: "ola", Unassigned: true, Departments: []string{"roads"}}, []int{0, 1, 3}},
		{"no department is no department's name", &store.Sight{Departments: []string{"none"}}, nil},
	} {
		var all, approved, events []string
		for half := range 2 {
			for i, n := range c.want {
				id := fmt.Sprintf("m%03d", c.want[len(c.want)-1-i]+4*(1-half))
				all = append(all, id)
				if half == 0 {
					approved = append(approved, id)
				}
				events = append(events, fmt.Sprintf("m%03d", n+4*half))
			}
		}
		got, _ := walk(t, s, store.MeetingFilter{Seen: c.seen, Limit: 3}, nil)
		wantSame(t, c.name+": the meetings", got, all)
		got, _ = walk(t, s, store.MeetingFilter{Seen: c.seen, Limit: 3, States: []referent.State{referent.StateApproved, referent.StateFailed}}, nil)
		wantSame(t, c.name+": the approved ones", got, approved)
		id := func(e *store.Event) string { return e.Meeting }
		wantIDs(t, c.name+": the events", eventsAfter(t, s, "", c.seen, 0, 0), id, events...)
		for i := range 4 {
			m := fmt.Sprintf("m%03d", i)
			seen := len(eventsAfter(t, s, m, c.seen, 0, 0)) == 1
			if want := slices.Contains(all, m); seen != want {
				t.Errorf("%s: the events of %s are seen: %v", c.name, m, seen)
			}
		}
	}
}

// However many departments somebody is in, the list is the same as the list of each.
func testSightOfMany(t *testing.T, s store.Store) {
	const n = 150
	addMeetings(t, s, n, func(i int, m *referent.Meeting) {
		m.Department = fmt.Sprint("d", i)
		m.State = []referent.State{referent.StateDraft, referent.StateFailed, referent.StateApproved}[i%3]
	})
	for _, many := range []int{1, 5, 40, 47, 48, 49, 130} {
		seen := &store.Sight{Owner: "owner"}
		var want, two []string
		for i := many - 1; i >= 0; i-- {
			seen.Departments = append(seen.Departments, fmt.Sprint("d", i))
			want = append(want, newMeeting(i).ID)
			if i%3 != 1 {
				two = append(two, newMeeting(i).ID)
			}
		}
		got, _ := walk(t, s, store.MeetingFilter{Seen: seen, Limit: 7}, nil)
		wantSame(t, fmt.Sprintf("the meetings of %d departments", many), got, want)
		got, _ = walk(t, s, store.MeetingFilter{Seen: seen, Limit: 7, States: []referent.State{referent.StateDraft, referent.StateApproved}}, nil)
		wantSame(t, fmt.Sprintf("in two states, of %d departments", many), got, two)
	}
}

func testMoveMeeting(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	for _, id := range []string{"m000", "m001"} {
		addEvent(t, s, &store.Event{Meeting: id, Owner: "owner", Type: "state", At: noon})
	}
	addEvent(t, s, &store.Event{Meeting: "m000", Owner: "owner", Department: "roads", Type: store.EventLeft, At: noon})
	do(t, s, func(tx store.Tx) error { return tx.MoveMeeting(t.Context(), "m000", "school") })
	got, err := s.Meeting(t.Context(), "m000")
	if err != nil {
		t.Fatal(err)
	}
	want := newMeeting(0)
	want.Department, want.Updated = "school", got.Updated
	wantSame(t, "the meeting", got, want)
	school := &store.Sight{Departments: []string{"school"}}
	id := func(e *store.Event) string { return e.Meeting }
	wantIDs(t, "the department's events", eventsAfter(t, s, "", school, 0, 0), id, "m000")
	wantIDs(t, "the owner's events", eventsAfter(t, s, "", owned("owner"), 0, 0), id, "m001")
	wantIDs(t, "what those are told from whom it went before", eventsAfter(t, s, "", &store.Sight{Departments: []string{"roads"}}, 0, 0), id, "m000")
	err = s.Tx(t.Context(), func(tx store.Tx) error { return tx.MoveMeeting(t.Context(), "none", "school") })
	wantNotFound(t, "moving no meeting", err)
}

func testSearchDepartments(t *testing.T, s store.Store) {
	addMeetings(t, s, 8, places)
	for i := range 8 {
		index(t, s, newMeeting(i).ID, "hemmelig sak")
	}
	for _, c := range []struct {
		name     string
		seen     *store.Sight
		approved []string
		want     int
	}{
		{"nobody", &store.Sight{}, nil, 0},
		{"an owner", owned("kari"), nil, 2},
		{"an owner with departments", &store.Sight{Owner: "kari", Departments: []string{"school", "roads", "none"}}, nil, 6},
		{"an administrator", &store.Sight{Unassigned: true}, nil, 4},
		{"what is approved", &store.Sight{}, []string{"school"}, 1},
		{"what is approved beside all of another", &store.Sight{Departments: []string{"roads"}}, []string{"school", "none", "roads"}, 3},
	} {
		if hits := search(t, s, store.SearchQuery{Text: "hemmelig", In: store.Choice{Seen: c.seen, Approved: c.approved}}); len(hits) != c.want {
			t.Errorf("%s: %d hits, want %d", c.name, len(hits), c.want)
		}
	}
}
