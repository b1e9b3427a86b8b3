package postgres_test

import (
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store/postgres"
)

// One server at a time has the database; what only looks is let in.
func TestServeAlone(t *testing.T) {
	address := database(t)
	a, err := postgres.Open(t.Context(), postgres.Config{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Serve(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := open(t, address, postgres.WithPatience(300*time.Millisecond))
	if _, err := b.Serve(t.Context()); referent.CodeOf(err) != referent.CodeConflict || referent.HintOf(err) == "" {
		t.Errorf("a second server: %v, want CodeConflict with a hint", err)
	}
	if err := put(t, b, "k", "v"); err != nil {
		t.Errorf("a tool beside it: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Serve(t.Context()); err != nil {
		t.Errorf("after the first has ended: %v", err)
	}
}

// Those that share everything else share the database, and one that does not is kept off, whoever was first.
func TestServeAmong(t *testing.T) {
	address := database(t)
	server := func() *postgres.DB {
		t.Helper()
		d, err := postgres.Open(t.Context(), postgres.Config{URL: address}, postgres.WithPatience(300*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	end := func(d *postgres.DB) {
		t.Helper()
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	a, b, alone := server(), server(), server()
	for _, d := range []*postgres.DB{a, b} {
		if _, err := d.ServeAmong(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := alone.Serve(t.Context()); referent.CodeOf(err) != referent.CodeConflict {
		t.Errorf("one that is alone, beside two: %v", err)
	}
	end(a)
	if _, err := alone.Serve(t.Context()); referent.CodeOf(err) != referent.CodeConflict {
		t.Errorf("one that is alone, beside one: %v", err)
	}
	end(b)
	if _, err := alone.Serve(t.Context()); err != nil {
		t.Errorf("when both have ended: %v", err)
	}
	c := server()
	if _, err := c.ServeAmong(t.Context()); referent.CodeOf(err) != referent.CodeConflict {
		t.Errorf("one of several, beside one that is alone: %v", err)
	}
	end(alone)
	end(c)
}
