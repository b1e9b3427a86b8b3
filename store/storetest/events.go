package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// addEvent adds e, which needs no ID.
func addEvent(t *testing.T, s store.Store, e *store.Event) {
	t.Helper()
	do(t, s, func(tx store.Tx) error { return tx.AddEvent(t.Context(), e) })
}

func eventsAfter(t *testing.T, s store.Store, meeting string, seen *store.Sight, after int64, limit int) []store.Event {
	t.Helper()
	got, err := s.EventsAfter(t.Context(), meeting, seen, after, limit)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func testEvents(t *testing.T, s store.Store) {
	var all []store.Event
	for i := range 6 {
		e := store.Event{
			Meeting: []string{"x", "y", "z"}[i%3], Owner: []string{"a", "b"}[i%2], Type: "failed", State: referent.StateFailed,
			Stage: referent.StageMinutes, Progress: 0.25, Code: referent.CodeLLMAnswer, At: noon.Add(time.Duration(i)),
		}
		e.At = e.At.Truncate(time.Microsecond)
		addEvent(t, s, &e)
		if i > 0 && e.ID <= all[i-1].ID {
			t.Errorf("event %d has ID %d after %d", i, e.ID, all[i-1].ID)
		}
		all = append(all, e)
	}
	pick := func(want ...int) (events []store.Event) {
		for _, i := range want {
			events = append(events, all[i])
		}
		return events
	}
	for _, c := range []struct {
		meeting string
		seen    *store.Sight
		after   int64
		limit   int
		want    []store.Event
	}{
		{"", nil, 0, 0, all},
		{"", nil, all[2].ID, 0, pick(3, 4, 5)},
		{"", nil, all[0].ID, 2, pick(1, 2)},
		{"", nil, all[5].ID, 0, nil},
		{"", owned("a"), 0, 0, pick(0, 2, 4)},
		{"x", nil, 0, 0, pick(0, 3)},
		{"x", owned("a"), 0, 0, pick(0)},
		{"", owned("c"), 0, 0, nil},
		{"", &store.Sight{}, 0, 0, nil},
		{"x", &store.Sight{}, 0, 0, nil},
		{"", &store.Sight{Unassigned: true}, 0, 0, all},
		{"x", nil, all[0].ID, 0, pick(3)},
		{"nobody", nil, 0, 0, nil},
	} {
		got := eventsAfter(t, s, c.meeting, c.seen, c.after, c.limit)
		wantSame(t, fmt.Sprintf("events of meeting %q, seen by %+v after %d, %d at most", c.meeting, c.seen, c.after, c.limit), got, c.want)
	}
	e := store.Event{Meeting: "x", Type: "state"}
	addEvent(t, s, &e)
	if time.Since(e.At) > time.Hour || time.Since(e.At) < 0 {
		t.Errorf("At was not set: %v", e.At)
	}
}

// An ID is never given twice: a watcher who has seen it would miss the second event.
func testTrimEvents(t *testing.T, s store.Store) {
	old, young := store.Event{Meeting: "x", At: noon.Add(-time.Microsecond)}, store.Event{Meeting: "x", At: noon}
	addEvent(t, s, &old)
	addEvent(t, s, &young)
	trim := func(before time.Time) {
		do(t, s, func(tx store.Tx) error { return tx.TrimEvents(t.Context(), before) })
	}
	trim(noon)
	wantSame(t, "after trimming", eventsAfter(t, s, "", nil, 0, 0), []store.Event{young})
	trim(noon.Add(time.Hour))
	if got := eventsAfter(t, s, "", nil, 0, 0); len(got) != 0 {
		t.Errorf("after trimming all: %v", got)
	}
	next := store.Event{Meeting: "x"}
	addEvent(t, s, &next)
	if next.ID <= young.ID {
		t.Errorf("after trimming all, ID %d follows %d", next.ID, young.ID)
	}
}

func testEventsOutliveMeeting(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	before := store.Event{Meeting: "m000", Owner: "owner", Type: "state", At: noon}
	addEvent(t, s, &before)
	deleted := store.Event{Meeting: "m000", Owner: "owner", Type: "deleted", State: referent.StatePurged, At: noon}
	do(t, s, func(tx store.Tx) error {
		if err := tx.DeleteMeeting(t.Context(), "m000", store.Receipt{Meeting: "m000"}); err != nil {
			return err
		}
		return tx.AddEvent(t.Context(), &deleted)
	})
	wantSame(t, "the events of a deleted meeting", eventsAfter(t, s, "m000", owned("owner"), 0, 0), []store.Event{deleted})
}
