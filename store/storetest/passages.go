package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// indexMinutes gives a meeting decisions, each heard in s0, and tasks.
func indexMinutes(t *testing.T, s store.Store, meeting string, decisions []string, tasks ...store.Task) {
	t.Helper()
	var statements []store.Statement
	for _, text := range decisions {
		statements = append(statements, store.Statement{Text: text, Evidence: []string{"s0", "s1"}})
	}
	do(t, s, func(tx store.Tx) error { return tx.IndexMinutes(t.Context(), meeting, statements, tasks) })
}

// found writes hits as "m001 said", so that they are easy to compare.
func found(hits []store.Hit) []string {
	out := []string{}
	for _, h := range hits {
		out = append(out, fmt.Sprintf("%s %s", h.Meeting, h.What))
	}
	return out
}

func testSearchSpeakers(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	tr := &referent.Transcript{Speakers: []referent.Speaker{{ID: "S1", Name: "Åse Ødegård"}, {ID: "S2"}}, Segments: []referent.Segment{
		{ID: "s0", Speaker: "S1", Text: "Vi vedtar budsjettet."}, {ID: "s1", Speaker: "S2", Text: "Budsjettet er stramt, sa Åse."}, {ID: "s2", Text: "Uten navn."},
	}}
	put := func() {
		do(t, s, func(tx store.Tx) error { return tx.IndexTranscript(t.Context(), "m000", tr) })
	}
	put()
	check := func(q store.SearchQuery, want ...string) {
		t.Helper()
		wantIDs(t, fmt.Sprintf("%+v", q), search(t, s, q), func(h *store.Hit) string { return h.Segment + " " + h.Speaker }, want...)
	}
	check(store.SearchQuery{Speaker: "åse"}, "s0 Åse Ødegård")
	check(store.SearchQuery{Speaker: "øde"}, "s0 Åse Ødegård")
	check(store.SearchQuery{Speaker: "ase"})
	check(store.SearchQuery{Text: "åse"}, "s1 S2") // what is said of her is another thing
	check(store.SearchQuery{Text: "budsjettet", Speaker: "S2"}, "s1 S2")
	check(store.SearchQuery{Text: "budsjettet", Speaker: "ødegård åse"}, "s0 Åse Ødegård")
	check(store.SearchQuery{Text: "budsjettet", Speaker: `åse" OR words : "navn`})
	// A name that is put right is found, and the old one is not.
	tr.Speakers[0].Name, tr.Speakers[1].Name = "Kari Li", "Per Ås"
	put()
	check(store.SearchQuery{Speaker: "åse"})
	check(store.SearchQuery{Speaker: "kari"}, "s0 Kari Li")
	check(store.SearchQuery{Text: "budsjettet"}, "s0 Kari Li", "s1 Per Ås")
	check(store.SearchQuery{Text: "budsjettet", Speaker: "per", What: []store.Found{store.FoundSaid}}, "s1 Per Ås")
	check(store.SearchQuery{Text: "budsjettet", Speaker: "per", What: []store.Found{store.FoundTask}})
	check(store.SearchQuery{Speaker: "per", What: []store.Found{store.FoundTask, store.FoundDecision}})
}

// Somebody who speaks seldom is found among all that say the same, and a word that is rare among all that one says.
func testSearchSpeakerAmongMany(t *testing.T, s store.Store) {
	addMeetings(t, s, 4, nil)
	for m := range 4 {
		tr := &referent.Transcript{Speakers: []referent.Speaker{{ID: "S1", Name: "Kari Li"}, {ID: "S2", Name: "Per Ås"}}}
		for i := range 400 {
			seg := referent.Segment{ID: fmt.Sprint("s", i), Speaker: "S1", Text: "det vanlige"}
			if i%150 == 7 {
				seg.Speaker = "S2"
			}
			if i%130 == 7 {
				seg.Text += " sjeldne"
			}
			tr.Segments = append(tr.Segments, seg)
		}
		do(t, s, func(tx store.Tx) error { return tx.IndexTranscript(t.Context(), newMeeting(m).ID, tr) })
	}
	for _, c := range []struct {
		text, speaker string
		want          []string
	}{
		{"det", "per", []string{"s7", "s157", "s307"}},
		{"sjeldne", "kari", []string{"s137", "s267", "s397"}},
		{"sjeldne", "per", []string{"s7"}},
		{"sjeldne", "ola", nil},
	} {
		var want []string
		for range 4 {
			want = append(want, c.want...)
		}
		wantIDs(t, c.text+" by "+c.speaker, search(t, s, store.SearchQuery{Text: c.text, Speaker: c.speaker}), func(h *store.Hit) string { return h.Segment }, want...)
	}
}

func testSearchMinutes(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	index(t, s, "m000", "Vi kjøper snøfreseren", "Da bestiller jeg snøfreser")
	index(t, s, "m001", "Snøfreser var det")
	tasks := []store.Task{{ID: "t1", Text: "Bestille snøfreser", Owner: "Ola Hansen", Due: "2026-04-01", Status: "påbegynt", Evidence: []string{"s1"}}}
	indexMinutes(t, s, "m000", []string{"Snøfreser kjøpes inn.", "Uten belegg"}, tasks...)
	indexMinutes(t, s, "m001", []string{"Ingen snøfreser i år."})

	check := func(q store.SearchQuery, want ...string) {
		t.Helper()
		if want == nil {
			want = []string{}
		}
		wantSame(t, fmt.Sprintf("%+v", q), found(search(t, s, q)), want)
	}
	// The newest meeting first; in a meeting decisions, tasks, then what was said.
	check(store.SearchQuery{Text: "snøf"}, "m001 decision", "m001 said", "m000 decision", "m000 task", "m000 said", "m000 said")
	check(store.SearchQuery{Text: "snøfreser", What: []store.Found{store.FoundDecision}}, "m001 decision", "m000 decision")
	check(store.SearchQuery{Text: "snøfreser", What: []store.Found{store.FoundDecision, store.FoundTask}}, "m001 decision", "m000 decision", "m000 task")
	check(store.SearchQuery{What: []store.Found{store.FoundDecision}}, "m001 decision", "m000 decision", "m000 decision")
	check(store.SearchQuery{Text: "…", What: []store.Found{store.FoundDecision}}) // signs that are no words find nothing
	check(store.SearchQuery{What: []store.Found{store.FoundSaid}})                // nor does nothing find all that was said
	check(store.SearchQuery{})
	check(store.SearchQuery{Speaker: "ola"}, "m000 task")
	hits := search(t, s, store.SearchQuery{Text: "bestille", What: []store.Found{store.FoundTask}})
	tasks[0].Meeting = "m000"
	m := newMeeting(0)
	wantSame(t, "the task", hits, []store.Hit{{Meeting: "m000", Title: m.Title, Held: m.Start, Created: m.Created, State: m.State, What: store.FoundTask, Segment: "s1", Start: 1.5,
		Text: "Bestille snøfreser", Marks: []store.Mark{{From: 0, To: 8}}, Task: &tasks[0]}})

	// What the minutes no longer say is not found; a task that they may say again is kept, and found when they do.
	tasks[0].Place, tasks[0].DoneAt, tasks[0].DoneBy = -1, noon, "user"
	indexMinutes(t, s, "m000", []string{"Noe annet."}, tasks...)
	check(store.SearchQuery{Text: "snøfreser", What: []store.Found{store.FoundDecision, store.FoundTask}}, "m001 decision")
	indexMinutes(t, s, "m000", nil)
	check(store.SearchQuery{What: []store.Found{store.FoundDecision, store.FoundTask}}, "m001 decision")
	check(store.SearchQuery{Text: "snøfreser", What: []store.Found{store.FoundSaid}}, "m001 said", "m000 said", "m000 said")
	err := s.Tx(t.Context(), func(tx store.Tx) error {
		return tx.IndexMinutes(t.Context(), "none", []store.Statement{{Text: "x"}}, nil)
	})
	wantNotFound(t, "the minutes of no meeting", err)
	do(t, s, func(tx store.Tx) error { return tx.DeleteMeeting(t.Context(), "m001", store.Receipt{Meeting: "m001"}) })
	check(store.SearchQuery{What: []store.Found{store.FoundDecision}})
}

func testSearchChoice(t *testing.T, s store.Store) {
	day := func(n int) time.Time { return time.Date(2026, 5, n, 12, 0, 0, 0, time.UTC) }
	addMeetings(t, s, 4, func(i int, m *referent.Meeting) {
		m.Body = []string{"Formannskapet", "Råd", "Formannskapet", ""}[i]
		m.Kind = []referent.Kind{referent.KindProtocol, referent.KindReferat, referent.KindReferat, referent.KindProtocol}[i]
		m.Department = []string{"d1", "d1", "", "d2"}[i]
		m.State = []referent.State{referent.StateDraft, referent.StateApproved, referent.StateReviewed, referent.StateDraft}[i]
		m.Start = []time.Time{day(1), day(2), day(3), {}}[i]
		m.Created = day(10 + i)
	})
	for i := range 4 {
		index(t, s, newMeeting(i).ID, "saken")
	}
	for _, c := range []struct {
		name string
		in   store.Choice
		want string // digits of the meetings
	}{
		{"all", store.Choice{}, "3210"},
		{"a body", store.Choice{Body: "Formannskapet"}, "20"},
		{"a kind", store.Choice{Kind: referent.KindProtocol}, "30"},
		{"a department", store.Choice{Department: "d1"}, "10"},
		{"a state", store.Choice{States: []referent.State{referent.StateDraft}}, "30"},
		{"states", store.Choice{States: []referent.State{referent.StateReviewed, referent.StateApproved}}, "21"},
		{"from a day", store.Choice{From: day(2)}, "321"},
		{"before a day", store.Choice{To: day(2)}, "0"},
		{"one that was never dated, by when it was made", store.Choice{From: day(13), To: day(14)}, "3"},
		{"together", store.Choice{Body: "Formannskapet", From: day(2), States: []referent.State{referent.StateReviewed}}, "2"},
		{"together, with a sight", store.Choice{Body: "Formannskapet", Seen: &store.Sight{Departments: []string{"d1"}}}, "0"},
		{"a department that is not seen", store.Choice{Department: "d2", Seen: &store.Sight{Departments: []string{"d1"}}}, ""},
	} {
		got := ""
		for _, h := range search(t, s, store.SearchQuery{Text: "saken", In: c.in}) {
			got += h.Meeting[3:]
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Pages join without a gap or a double, also when what is between them is erased.
func testSearchPages(t *testing.T, s store.Store) {
	addMeetings(t, s, 6, nil)
	for i := range 6 {
		index(t, s, newMeeting(i).ID, "ordet en", "ordet to", "ordet tre")
	}
	walk := func(between func()) (got []string) {
		q := store.SearchQuery{Text: "ordet", Limit: 4}
		for pages := 0; pages < 10; pages++ {
			page, next, err := s.Search(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range page {
				got = append(got, h.Meeting+h.Segment)
			}
			if q.After = next; next == "" {
				return got
			}
			if pages == 0 && between != nil {
				between()
			}
		}
		t.Fatal("the pages do not end")
		return nil
	}
	var want []string
	for i := 5; i >= 0; i-- {
		for k := range 3 {
			want = append(want, fmt.Sprintf("m%03ds%d", i, k))
		}
	}
	wantSame(t, "all pages", walk(nil), want)
	// The meeting that the second page begins in is erased, and a new one is made.
	want = append(want[:4:4], want[6:]...)
	got := walk(func() {
		do(t, s, func(tx store.Tx) error {
			if err := tx.DeleteMeeting(t.Context(), "m004", store.Receipt{Meeting: "m004"}); err != nil {
				return err
			}
			return tx.CreateMeeting(t.Context(), newMeeting(7), nil)
		})
		index(t, s, "m007", "ordet fire")
	})
	wantSame(t, "with an erasure in between", got, want)
	for _, cursor := range []string{"x", "*", "MSAy"} {
		if _, _, err := s.Search(t.Context(), store.SearchQuery{Text: "ordet", After: cursor}); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("after %q: %v", cursor, err)
		}
	}
}

// However few of many meetings somebody sees, they find what is there, and nothing else.
func testSearchFewAmongMany(t *testing.T, s store.Store) {
	const n = 700
	addMeetings(t, s, n, func(i int, m *referent.Meeting) {
		if i%331 == 7 {
			m.Owner, m.Department = "kari", ""
		} else {
			m.Department = "d"
		}
	})
	do(t, s, func(tx store.Tx) error {
		for i := range n {
			if err := tx.IndexTranscript(t.Context(), newMeeting(i).ID, &referent.Transcript{Segments: []referent.Segment{{ID: "s0", Text: "det vanlige"}, {ID: "s1", Text: fmt.Sprint("det ", i%400)}}}); err != nil {
				return err
			}
		}
		return nil
	})
	mine := store.Choice{Seen: owned("kari")}
	for text, want := range map[string][]string{
		"det":       {"m669 said", "m669 said", "m338 said", "m338 said", "m007 said", "m007 said"},
		"vanl":      {"m669 said", "m338 said", "m007 said"},
		"det 269":   {"m669 said"},
		"det 7":     {"m007 said"},
		"det 8":     {},
		"finnesikk": {},
	} {
		wantSame(t, text, found(search(t, s, store.SearchQuery{Text: text, In: mine})), want)
	}
}

func testBodiesIn(t *testing.T, s store.Store) {
	addMeetings(t, s, 4, func(i int, m *referent.Meeting) {
		m.Owner = []string{"kari", "kari", "ola", "kari"}[i]
		m.Body = []string{"Utvalget", "Formannskapet", "Råd", ""}[i]
	})
	for owner, want := range map[string][]string{"kari": {"Formannskapet", "Utvalget"}, "ola": {"Råd"}, "per": nil} {
		got, err := s.BodiesIn(t.Context(), store.Choice{Seen: owned(owner)})
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "the bodies that "+owner+" sees", got, want)
	}
}

func testStaleIndexes(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	got, err := s.StaleIndexes(t.Context(), "", 0)
	if err != nil || len(got) != 0 {
		t.Errorf("a new meeting is stale: %v, %v", got, err)
	}
	do(t, s, func(tx store.Tx) error { return tx.MarkIndexed(t.Context(), "m000") })
	wantNotFound(t, "marking no meeting", s.Tx(t.Context(), func(tx store.Tx) error { return tx.MarkIndexed(t.Context(), "none") }))
}
