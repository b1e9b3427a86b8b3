package storetest

import (
	"testing"
	"time"

	"github.com/referent/referent/store"
)

func testReadings(t *testing.T, s store.Store) {
	all := []store.Reading{
		{User: "u1", Meeting: "m1", What: store.ReadTranscript, Ground: "owner", Own: true, First: noon, Last: noon.Add(time.Hour), Times: 7}, // of what is not there
		{User: "u2", Meeting: "m1", Department: "d1", What: store.ReadExport, Format: "minutes.docx", Ground: "role", First: noon.Add(time.Minute), Last: noon.Add(time.Minute), Times: 1},
		{User: "u2", Meeting: "m2", Department: "d2", What: store.ReadAudio, Ground: "administrator", Token: true, First: noon.Add(2 * time.Hour), Last: noon.Add(2 * time.Hour), Times: 1},
	}
	for i := range all {
		do(t, s, func(tx store.Tx) error { return tx.AddReading(t.Context(), &all[i]) })
	}
	check := func(cases map[string]readingCase) {
		t.Helper()
		for name, c := range cases {
			got, err := s.Readings(t.Context(), c.f)
			if err != nil {
				t.Fatal(err)
			}
			wantSame(t, name, got, c.want)
		}
	}
	check(map[string]readingCase{
		"all, newest first":      {store.ReadingFilter{}, []store.Reading{all[2], all[1], all[0]}},
		"of a meeting":           {store.ReadingFilter{Meeting: "m1"}, []store.Reading{all[1], all[0]}},
		"by a user of a meeting": {store.ReadingFilter{Meeting: "m1", User: "u2"}, all[1:2]},
		"in a department":        {store.ReadingFilter{Department: "d2"}, all[2:]},
		"of a kind":              {store.ReadingFilter{What: store.ReadTranscript}, all[:1]},
		"what began then":        {store.ReadingFilter{From: noon.Add(time.Minute)}, []store.Reading{all[2], all[1]}},
		"what began before":      {store.ReadingFilter{To: noon.Add(time.Minute)}, all[:1]},
		"of a user and a time":   {store.ReadingFilter{User: "u2", From: noon, To: noon.Add(time.Hour)}, all[1:2]},
		"a page":                 {store.ReadingFilter{Limit: 1}, all[2:]},
		"the next page":          {store.ReadingFilter{Limit: 1, Before: all[2].ID}, all[1:2]},
		"the page after that":    {store.ReadingFilter{Limit: 9, Before: all[0].ID}, nil},
		"none":                   {store.ReadingFilter{User: "nobody"}, nil},
	})

	// It goes on, and goes when its own time is over.
	all[1].Last, all[1].Times = noon.Add(90*time.Minute), 12
	do(t, s, func(tx store.Tx) error { return tx.ExtendReading(t.Context(), all[1].ID, all[1].Last, all[1].Times) })
	do(t, s, func(tx store.Tx) error { return tx.ExtendReading(t.Context(), all[1].ID, noon.Add(time.Hour), 11) }) // written by somebody slower
	do(t, s, func(tx store.Tx) error { return tx.ExtendReading(t.Context(), all[2].ID+1, noon, 2) })
	do(t, s, func(tx store.Tx) error { return tx.DeleteReadings(t.Context(), noon.Add(90*time.Minute)) })
	check(map[string]readingCase{"what is left": {store.ReadingFilter{}, []store.Reading{all[2], all[1]}}})

	// A meeting's readings outlive it.
	m := newMeeting(1)
	do(t, s, func(tx store.Tx) error { return tx.CreateMeeting(t.Context(), m, []byte("key")) })
	kept := store.Reading{User: "u1", Meeting: m.ID, What: store.ReadMinutes, First: noon.Add(3 * time.Hour), Last: noon.Add(3 * time.Hour), Times: 1}
	do(t, s, func(tx store.Tx) error { return tx.AddReading(t.Context(), &kept) })
	do(t, s, func(tx store.Tx) error { return tx.DeleteMeeting(t.Context(), m.ID, store.Receipt{Meeting: m.ID}) })
	check(map[string]readingCase{"of an erased meeting": {store.ReadingFilter{Meeting: m.ID}, []store.Reading{kept}}})
}

type readingCase struct {
	f    store.ReadingFilter
	want []store.Reading
}

func testReadCounts(t *testing.T, s store.Store) {
	midnight := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	day := store.ReadingDay{Begin: midnight, Morning: midnight.Add(6 * time.Hour), Evening: midnight.Add(22 * time.Hour), End: midnight.AddDate(0, 0, 1)}
	addOf := func(what, user, meeting string, own bool, at time.Time) {
		do(t, s, func(tx store.Tx) error {
			return tx.AddReading(t.Context(), &store.Reading{User: user, Meeting: meeting, Own: own, What: what, First: at, Last: at, Times: 1})
		})
	}
	add := func(user, meeting string, own bool, at time.Time) { addOf(store.ReadMinutes, user, meeting, own, at) }
	addOf(store.ReadTasks, "u1", "m7", false, day.Evening) // night, and in lists alone
	addOf(store.ReadSearch, "u1", "m8", false, day.Evening.Add(-time.Second))
	add("u1", "m1", true, day.Morning)
	add("u1", "m1", true, day.Morning.Add(-time.Microsecond)) // night
	add("u2", "m1", false, day.Begin)                         // night
	add("u2", "m2", false, day.Evening.Add(-time.Microsecond))
	add("u2", "m3", true, day.Evening)                       // night
	add("u3", "m1", false, day.Begin.Add(-time.Microsecond)) // the day before
	add("u3", "m1", false, day.End)                          // the day after
	for most, want := range map[int][]store.ReadCount{
		0: {{User: "u2", Meetings: 3, Others: 2, Readings: 3, Night: 2}, {User: "u1", Meetings: 1, Readings: 4, Night: 2}},
		1: {{User: "u2", Meetings: 3, Others: 2, Readings: 3, Night: 2}},
	} {
		got, err := s.CountReadings(t.Context(), day, most)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "the day", got, want)
	}
}
