package postgres_test

import (
	"database/sql"
	"syscall"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/postgres/pgtest"
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

// A server that stops while the database is away stops in good order.
func TestCloseWhileTheDatabaseIsAway(t *testing.T) {
	server := pgtest.Own(t)
	d, err := postgres.Open(t.Context(), postgres.Config{URL: server.Address("referent")},
		postgres.WithPatience(100*time.Millisecond), postgres.WithWatch(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	over, err := d.ServeAmong(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Halt(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second) // it looks, and tries to take the lock again, many times
	began := time.Now()
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	select {
	case err := <-over:
		t.Errorf("the lock is taken for lost: %v", err)
	default:
	}
}

// A server whose lock another took while its connection was lost is told so, and can be closed.
func TestServerThatLostItsLock(t *testing.T) {
	address := database(t)
	a, err := postgres.Open(t.Context(), postgres.Config{URL: address}, postgres.WithPatience(300*time.Millisecond), postgres.WithWatch(2*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	over, err := a.Serve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, address, postgres.WithPatience(20*time.Second))
	taken := make(chan error, 1)
	go func() {
		_, err := b.Serve(t.Context())
		taken <- err
	}()
	time.Sleep(500 * time.Millisecond) // it waits
	raw, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var ended int
	if err := raw.QueryRowContext(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&ended); err != nil || ended != 1 {
		t.Fatalf("%d connections ended, %v", ended, err)
	}
	if err := <-taken; err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-over:
		if referent.CodeOf(err) != referent.CodeConflict {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it goes on")
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}
