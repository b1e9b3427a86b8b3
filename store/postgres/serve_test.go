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
