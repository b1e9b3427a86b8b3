package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent/store"
)

func testServers(t *testing.T, s store.Store) {
	want := func(what string, servers ...store.Server) {
		t.Helper()
		got, err := s.Servers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, what, got, servers)
	}
	want("before any")
	for _, id := range []string{"b", "a", "b"} {
		do(t, s, func(tx store.Tx) error { return tx.Beat(t.Context(), id) })
	}
	want("three beats of two", store.Server{ID: "a", Beats: 1}, store.Server{ID: "b", Beats: 2})
	for range 2 {
		do(t, s, func(tx store.Tx) error { return tx.DeleteServer(t.Context(), "a") })
	}
	want("one left", store.Server{ID: "b", Beats: 2})

	_, err := s.Duty(t.Context(), "lead")
	wantNotFound(t, "a duty that nobody has had", err)
	for epoch, holder := range []string{"a", "b"} {
		d := store.Duty{Name: "lead", Holder: holder, Epoch: int64(epoch)}
		do(t, s, func(tx store.Tx) error { return tx.PutDuty(t.Context(), &d) })
		got, err := s.Duty(t.Context(), "lead")
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "the duty", got, &d)
	}
}

func testSignInFailures(t *testing.T, s store.Store) {
	_, err := s.SignInFailures(t.Context(), "x")
	wantNotFound(t, "somebody who has not failed", err)
	put := func(f store.SignInFailures) {
		t.Helper()
		do(t, s, func(tx store.Tx) error { return tx.PutSignInFailures(t.Context(), &f) })
		got, err := s.SignInFailures(t.Context(), f.ID)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "the failures", got, &f)
	}
	put(store.SignInFailures{ID: "x", Times: 1, Last: noon})
	put(store.SignInFailures{ID: "x", Times: 7, Last: noon.Add(time.Second), Until: noon.Add(time.Minute)})
	for i := range 5 {
		put(store.SignInFailures{ID: fmt.Sprint(i), Times: 1, Last: noon.Add(time.Duration(i) * time.Minute)})
	}
	left := func(what string, want ...string) {
		t.Helper()
		var ids []string
		for _, id := range []string{"x", "0", "1", "2", "3", "4"} {
			if _, err := s.SignInFailures(t.Context(), id); err == nil {
				ids = append(ids, id)
			}
		}
		wantSame(t, what, ids, want)
	}
	do(t, s, func(tx store.Tx) error { return tx.TrimSignInFailures(t.Context(), noon.Add(time.Second), 0) })
	left("trimmed by age", "x", "1", "2", "3", "4")
	do(t, s, func(tx store.Tx) error { return tx.TrimSignInFailures(t.Context(), noon, 3) })
	left("trimmed to a number", "2", "3", "4")
	for range 2 {
		do(t, s, func(tx store.Tx) error { return tx.DeleteSignInFailures(t.Context(), "3") })
	}
	left("forgotten", "2", "4")
}

func testCreations(t *testing.T, s store.Store) {
	_, err := s.Creation(t.Context(), "k")
	wantNotFound(t, "a creation that has made nothing", err)
	first := make(chan string, 8)
	var all sync.WaitGroup
	for i := range cap(first) { // of those who come together one is first, for all
		all.Go(func() {
			err := s.Tx(t.Context(), func(tx store.Tx) error {
				made, err := tx.AddCreation(t.Context(), "k", fmt.Sprint("u", i), noon)
				first <- made
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	want, err := s.Creation(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	for range cap(first) {
		wantSame(t, "what the creation made", <-first, want)
	}
	do(t, s, func(tx store.Tx) error { return tx.DeleteCreation(t.Context(), "another") })
	do(t, s, func(tx store.Tx) error { return tx.DeleteCreations(t.Context(), noon) })
	if _, err := s.Creation(t.Context(), "k"); err != nil {
		t.Error("one that is not old has gone:", err)
	}
	do(t, s, func(tx store.Tx) error { return tx.DeleteCreations(t.Context(), noon.Add(time.Second)) })
	_, err = s.Creation(t.Context(), "k")
	wantNotFound(t, "an old one", err)
	for range 2 {
		do(t, s, func(tx store.Tx) error {
			if first, err := tx.AddCreation(t.Context(), "k", "u", noon); err != nil || first != "u" {
				t.Errorf("made anew: %q, %v", first, err)
			}
			return tx.DeleteCreation(t.Context(), "k")
		})
	}
}
