package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// index gives a meeting segments s0, s1, ... with these texts.
func index(t *testing.T, s store.Store, meeting string, texts ...string) {
	t.Helper()
	var segments []referent.Segment
	for i, text := range texts {
		segments = append(segments, referent.Segment{ID: fmt.Sprint("s", i), Start: float64(i) + 0.5, Text: text})
	}
	do(t, s, func(tx store.Tx) error {
		return tx.IndexTranscript(t.Context(), meeting, &referent.Transcript{Segments: segments})
	})
}

func search(t *testing.T, s store.Store, q store.SearchQuery) []store.Hit {
	t.Helper()
	hits, _, err := s.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("Search %q: %v", q.Text, err)
	}
	return hits
}

func testSearchWords(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	index(t, s, "m000",
		"Kommunestyret vedtok økonomiplanen for Ålesund.",
		"Saken PS 12/25 ble utsatt; ordføreren sa «nei».",
		"Bar og bær er ikke det samme, og far er ikke får.",
		"Vi går videre. NOT OR AND NEAR",
		"blåbærsyltetøy",
	)
	for text, want := range map[string]string{
		"økonomiplanen":           "s0",
		"ØKONOMIPLANEN":           "s0",
		"økonomi":                 "s0", // the last word may be a prefix
		"økonomi vedtok":          "",   // others may not
		"vedtok økonomi":          "s0",
		"for vedtok":              "s0", // in any order
		"vedtok utsatt":           "",   // all in one segment
		"okonomiplanen":           "",   // ø is a letter of its own
		"bær":                     "s2",
		"bar":                     "s2",
		"får er":                  "s2",
		"blabær":                  "",
		"blåbærsyltetøy":          "s4",
		"bla\u030abærsyltetøy":    "s4", // a and a ring, as some keyboards write it
		"12/25":                   "s1",
		"PS-12":                   "s1",
		"«nei»":                   "s1",
		"ordføreren sa":           "s1",
		"finnes ikke":             "",
		"":                        "",
		"   ":                     "",
		"…":                       "",
		"Ålesund.":                "s0",
		"ålesund":                 "s0",
		"videre . . .":            "s3",
		strings.Repeat("vi ", 99): "s3",
	} {
		hits := search(t, s, store.SearchQuery{Text: text})
		got := ""
		for _, h := range hits {
			got += h.Segment
		}
		if got != want {
			t.Errorf("%q finds %q, want %q", text, got, want)
		}
	}
	wantSame(t, "the hit", search(t, s, store.SearchQuery{Text: "vedtok"}), []store.Hit{
		{Meeting: "m000", Title: newMeeting(0).Title, Held: newMeeting(0).Start, Created: newMeeting(0).Created, State: newMeeting(0).State, What: store.FoundSaid,
			Segment: "s0", Start: 0.5, Text: "Kommunestyret vedtok økonomiplanen for Ålesund.", Marks: []store.Mark{{From: 14, To: 20}}},
	})
}

func testSearchOwner(t *testing.T, s store.Store) {
	addMeetings(t, s, 3, func(i int, m *referent.Meeting) { m.Owner = []string{"a", "b", "a"}[i] })
	for _, id := range []string{"m000", "m001", "m002"} {
		index(t, s, id, "hemmelig sak")
	}
	if hits := search(t, s, store.SearchQuery{Text: "hemmelig"}); len(hits) != 3 {
		t.Errorf("the program itself finds %d hits", len(hits))
	}
	for owner, want := range map[string]int{"a": 2, "b": 1, "c": 0, "": 0, "A": 0} {
		if hits := search(t, s, store.SearchQuery{Text: "hemmelig", In: store.Choice{Seen: owned(owner)}}); len(hits) != want {
			t.Errorf("owner %q finds %d hits, want %d", owner, len(hits), want)
		}
	}
}

// Whatever a person types is words. None of it may be an error, or find what its words do not.
func testSearchSyntax(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	index(t, s, "m000", "alfa beta", "gamma delta")
	for text, want := range map[string]int{
		"alfa OR gamma":        0,
		"alfa NOT beta":        0,
		"alfa AND beta":        0,
		"NEAR(alfa beta)":      0,
		`"alfa beta"`:          1,
		`alfa" OR "gamma`:      0,
		"words:alfa":           0,
		"{words}:alfa":         0,
		"alfa*":                1,
		"alf* bet*":            0,
		"^beta":                1,
		"-alfa":                1,
		"alfa + beta":          1,
		"(alfa":                1,
		"alfa)":                1,
		`"`:                    0,
		`""`:                   0,
		"*":                    0,
		"'":                    0,
		"; DROP TABLE x; --":   0,
		"alfa\x00beta":         1,
		"alfa\nbeta\t":         1,
		"\xff\xfe":             0,
		"alfa \xff":            1,
		"%":                    0,
		"alfa_beta":            1,
		"😀":                    0,
		"alfa 😀":               1,
		"rank":                 0,
		"segments_fts":         0,
		"'; SELECT 'alfa":      0,
		"a\u0301":              0,
		"\u0301":               0,
		"alfa \u0301\u0301":    1,
		strings.Repeat("(", 5): 0,
	} {
		if hits := search(t, s, store.SearchQuery{Text: text}); len(hits) != want {
			t.Errorf("%q finds %d segments, want %d", text, len(hits), want)
		}
	}
}

// Files that people bring hold anything. What is no text is left out, and the words around it are found.
func testSearchAnything(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	long := strings.Repeat("lang", 3000)
	index(t, s, "m000", "alfa\x00beta", "gamma \xff\xfe delta", long+" epsilon", strings.Repeat("mange ord ", 40_000)+"til slutt", "' & | ! : * \\ zeta <-> %")
	indexMinutes(t, s, "m000", []string{"vedtak\x00en"}, store.Task{ID: "t1", Text: "oppgave\xff", Owner: "Kari\x00Li", Status: "snart"})
	for text, want := range map[string]int{"alfa": 1, "beta": 1, "gamma delta": 1, "epsilon": 1, long: 1, "mange": 1, "zeta": 1, "vedtak": 1, "oppgave": 1} {
		if hits := search(t, s, store.SearchQuery{Text: text}); len(hits) != want {
			t.Errorf("%.20q finds %d passages, want %d", text, len(hits), want)
		}
	}
	if hits := search(t, s, store.SearchQuery{Speaker: "li"}); len(hits) != 1 {
		t.Errorf("the name finds %d passages", len(hits))
	}
}

func testSearchReplace(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	index(t, s, "m000", "gammel tekst", "felles ord")
	index(t, s, "m001", "felles ord")
	index(t, s, "m000", "rettet tekst")
	for text, want := range map[string]int{"gammel": 0, "rettet": 1, "tekst": 1, "felles": 1} {
		if hits := search(t, s, store.SearchQuery{Text: text}); len(hits) != want {
			t.Errorf("%q finds %d segments, want %d", text, len(hits), want)
		}
	}
	index(t, s, "m000")
	if hits := search(t, s, store.SearchQuery{Text: "rettet"}); len(hits) != 0 {
		t.Errorf("an emptied transcript is found: %v", hits)
	}
	err := s.Tx(t.Context(), func(tx store.Tx) error {
		return tx.IndexTranscript(t.Context(), "none", &referent.Transcript{Segments: []referent.Segment{{ID: "s1", Text: "x"}}})
	})
	wantNotFound(t, "the transcript of no meeting", err)
}

func testSearchLimit(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	texts := make([]string, 60)
	for i := range texts {
		texts[i] = fmt.Sprint("ord nummer ", i)
	}
	index(t, s, "m000", texts...)
	for limit, want := range map[int]int{0: 50, 1: 1, 55: 55, 100: 60} {
		if hits := search(t, s, store.SearchQuery{Text: "nummer", Limit: limit}); len(hits) != want {
			t.Errorf("with limit %d there are %d hits, want %d", limit, len(hits), want)
		}
	}
}
