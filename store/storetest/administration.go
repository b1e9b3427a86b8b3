package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/referent/referent/store"
)

func testActs(t *testing.T, s store.Store) {
	acts := []store.Act{
		{What: store.ActUserMade, By: "gone", User: "u1", At: noon}, // of people who are not there
		{What: store.ActRoleGiven, By: "u2", User: "u1", Department: "d1", Role: "referent", At: noon.Add(time.Second)},
		{What: store.ActRoleGiven, User: "u3", Department: store.AllDepartments, Role: "admin", At: noon.Add(time.Minute)},
		{What: store.ActReadingsRead, By: "u4", Meeting: "m1", At: noon.Add(2 * time.Minute)},
		{What: store.ActReadingsReviewed, By: "u4", Until: noon, At: noon.Add(3 * time.Minute)},
		{What: store.ActWorkerRevoked, By: "u4", Worker: "w1", At: noon.Add(4 * time.Minute)},
	}
	for i := range acts {
		do(t, s, func(tx store.Tx) error { return tx.AddAct(t.Context(), &acts[i]) })
	}
	for name, c := range map[string]struct {
		f    store.ActFilter
		want []store.Act
	}{
		"all, newest first":           {store.ActFilter{}, []store.Act{acts[5], acts[4], acts[3], acts[2], acts[1], acts[0]}},
		"of a kind":                   {store.ActFilter{What: store.ActRoleGiven}, []store.Act{acts[2], acts[1]}},
		"done by somebody or to them": {store.ActFilter{User: "u2"}, []store.Act{acts[1]}},
		"a page":                      {store.ActFilter{Limit: 1}, acts[5:]},
		"the next page":               {store.ActFilter{Limit: 1, Before: acts[2].ID}, acts[1:2]},
		"none":                        {store.ActFilter{User: "nobody"}, nil},
	} {
		got, err := s.Acts(t.Context(), c.f)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, name, got, c.want)
	}
	for name, c := range map[string]struct {
		like store.Act
		want *store.Act
	}{
		"of a meeting":     {store.Act{What: store.ActReadingsRead, By: "u4", Meeting: "m1"}, &acts[3]},
		"of everything":    {store.Act{What: store.ActReadingsRead, By: "u4"}, nil},
		"by somebody else": {store.Act{What: store.ActReadingsRead, By: "u1", Meeting: "m1"}, nil},
	} {
		last, err := s.LastAct(t.Context(), c.like)
		if c.want == nil {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("the last %s: %+v, %v", name, last, err)
			}
		} else if err != nil || *last != *c.want {
			t.Errorf("the last %s: %+v, %v", name, last, err)
		}
	}
	fresh := store.Act{What: store.ActSessionsEnded, By: "u1", User: "u1"}
	do(t, s, func(tx store.Tx) error { return tx.AddAct(t.Context(), &fresh) })
	if since := time.Since(fresh.At); since > time.Hour || since < 0 || fresh.ID <= acts[5].ID {
		t.Errorf("the new act is %+v", fresh)
	}
}
