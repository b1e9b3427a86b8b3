package storetest

import (
	"testing"
	"time"

	"github.com/referent/referent/store"
)

func testWordLists(t *testing.T, s store.Store) {
	lists := []store.WordList{
		{Words: []string{"Øygarden", "St. Olavs"}, By: "u1", Changed: noon},
		{Body: "Råd A", Words: []string{"a"}, By: "gone", Changed: noon},
		{Department: "d1", Words: []string{"d"}, Changed: noon},
		{Department: "d1", Body: "Råd A", Words: []string{"da"}, Changed: noon},
		{Department: "d2", Body: "Råd B", Words: []string{"db"}, Changed: noon},
	}
	put := func(l store.WordList) {
		t.Helper()
		do(t, s, func(tx store.Tx) error { return tx.PutWordList(t.Context(), &l) })
	}
	for _, i := range []int{4, 2, 0, 3, 1} {
		put(lists[i])
	}
	all, err := s.WordLists(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "all", all, lists)
	for _, c := range []struct {
		name, department, body string
		want                   []store.WordList
	}{
		{"neither", "", "", lists[:1]},
		{"a body, in no department", "", "RA\u030aD A", []store.WordList{lists[1], lists[0]}},
		{"a department", "d1", "", []store.WordList{lists[2], lists[0]}},
		{"other spaces", "", " Råd\u00a0 a ", []store.WordList{lists[1], lists[0]}},
		{"both", "d1", "råd a", []store.WordList{lists[3], lists[1], lists[2], lists[0]}},
		{"a body of another department", "d1", "Råd B", []store.WordList{lists[2], lists[0]}},
		{"what has none", "d3", "Råd C", lists[:1]},
	} {
		got, err := s.WordListsFor(t.Context(), c.department, c.body)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "for "+c.name, got, c.want)
	}

	put(store.WordList{Department: "d1", Body: "RÅD  A", Words: []string{"ny", "da"}, By: "u2"})
	got, err := s.WordList(t.Context(), "d1", "råd A")
	if err != nil {
		t.Fatal(err)
	}
	if since := time.Since(got.Changed); since > time.Hour || since < 0 {
		t.Errorf("changed %v", got.Changed)
	}
	got.Changed = noon
	wantSame(t, "what was written anew", *got, store.WordList{Department: "d1", Body: "RÅD  A", Words: []string{"ny", "da"}, By: "u2", Changed: noon})
	for range 2 {
		put(store.WordList{Department: "d1", Body: "Råd A"})
	}
	_, err = s.WordList(t.Context(), "d1", "Råd  A")
	wantNotFound(t, "a list without words", err)
}
