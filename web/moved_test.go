package web_test

import (
	"strconv"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web/webtest"
)

// Who loses sight of a meeting that moves is told that it left, and not how it is; who sees it from then on is told how it
// is; who sees it in both places is not told that it left. Told live and to those who come back later alike.
func TestMovingTellsWhoLosesSightAndWhoGainsIt(t *testing.T) {
	r := webtest.Start(t, nil)
	ctx := t.Context()
	id, token := people(r, "kari", "ola", "eva", "siri")
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		for _, d := range []string{"a", "b", "c"} {
			if err := tx.PutDepartment(ctx, &store.Department{ID: d, Name: d}); err != nil {
				return err
			}
		}
		for _, m := range []store.Membership{
			{User: id["kari"], Department: "a", Role: "registrar"}, {User: id["kari"], Department: "a", Role: "referent"},
			{User: id["kari"], Department: "b", Role: "registrar"}, {User: id["kari"], Department: "b", Role: "referent"},
			{User: id["kari"], Department: "c", Role: "registrar"},
			{User: id["ola"], Department: "a", Role: "referent"}, {User: id["eva"], Department: "b", Role: "referent"},
			{User: id["siri"], Department: "c", Role: "referent"},
		} {
			if err := tx.PutMembership(ctx, m); err != nil {
				return err
			}
		}
		return nil
	}))
	m := ask[referent.Meeting](r, "POST", "/api/v1/meetings", token["kari"], `{"department":"a","title":"Hemmelig"}`, 201)
	from := must(r.Store.LastEvent(ctx))(t)
	since := strconv.FormatInt(from, 10)
	path := "/api/v1/meetings/" + m.ID
	live := map[string]*stream{}
	for who := range token {
		live[who] = watch(r, "/api/v1/events", token[who], "")
	}
	one := watch(r, path+"/events", token["ola"], "")
	if _, e := one.event(); e.Type != "state" {
		t.Errorf("the meeting's stream begins with %+v", e)
	}
	seen := func(s *stream, who, want string) {
		t.Helper()
		_, e := s.event()
		if e.Meeting != m.ID || e.Type != want {
			t.Errorf("%s is told %+v, want %s", who, e, want)
		}
		if told := e.State != "" || e.Progress != 0; told != (want == "state") {
			t.Errorf("%s is told of how the meeting is, or is not: %+v", who, e)
		}
	}
	ask[referent.Meeting](r, "PATCH", path, token["kari"], `{"department":"b"}`, 200)
	seen(live["kari"], "kari", "state") // who sees both
	seen(live["ola"], "ola", "left")
	seen(one, "ola, of the meeting", "left")
	seen(live["eva"], "eva", "state")

	// What was told to those of a stays theirs when it moves on.
	ask[referent.Meeting](r, "PATCH", path, token["kari"], `{"department":"c"}`, 200)
	seen(live["eva"], "eva", "left")
	seen(live["siri"], "siri", "state") // and nothing before

	later := func(who string) []store.Event {
		t.Helper()
		sight := &store.Sight{Owner: id[who], Departments: map[string][]string{"ola": {"a"}, "eva": {"b"}, "siri": {"c"}}[who]}
		return must(r.Store.EventsAfter(ctx, "", sight, from, 0))(t)
	}
	for _, who := range []string{"ola", "eva"} {
		if got := later(who); len(got) != 1 || got[0].Type != store.EventLeft || got[0].State != "" {
			t.Errorf("%s finds %+v", who, got)
		}
	}
	seen(watch(r, "/api/v1/events?after="+since, token["ola"], ""), "ola, who was away,", "left")
	again := watch(r, "/api/v1/events?after="+since, token["siri"], "")
	seen(again, "siri, who was away,", "state")
	seen(again, "siri, who was away,", "state")

	// Who puts their own into a department sees it there.
	own := ask[referent.Meeting](r, "POST", "/api/v1/meetings", token["kari"], `{}`, 201)
	s := watch(r, "/api/v1/events", token["kari"], "")
	ask[referent.Meeting](r, "PATCH", "/api/v1/meetings/"+own.ID, token["kari"], `{"department":"c"}`, 200)
	if _, e := s.event(); e.Meeting != own.ID || e.Type != "state" {
		t.Errorf("the owner is told %+v", e)
	}
}
