package postgres_test

import (
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/postgres/pgtest"
)

// The database is stopped in order, and then crashes, under servers that write: they wait and go on, and all that they
// were told was committed is there.
func TestRestart(t *testing.T) {
	server := pgtest.Own(t)
	address := server.Address("referent")
	all := []*postgres.DB{open(t, address, postgres.WithPatience(time.Minute)), open(t, address, postgres.WithPatience(time.Minute))}
	var mu sync.Mutex
	var committed []string
	done := make(chan struct{})
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			for k := 0; ; k++ {
				select {
				case <-done:
					return
				default:
				}
				key := fmt.Sprintf("%d-%d", n, k)
				switch err := put(t, all[n%2], key, "v"); referent.CodeOf(err) {
				case "":
					mu.Lock()
					committed = append(committed, key)
					mu.Unlock()
				case referent.CodeUnavailable: // it had begun
				default:
					t.Errorf("a write: %v", err)
				}
				if _, err := all[n%2].Users(t.Context()); err != nil {
					t.Errorf("a read: %v", err)
				}
			}
		})
	}
	progress := func() {
		mu.Lock()
		from := len(committed)
		mu.Unlock()
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
			mu.Lock()
			n := len(committed)
			mu.Unlock()
			if n > from+20 {
				return
			}
			if time.Now().After(deadline) {
				t.Fatal("nobody writes any more")
			}
		}
	}
	for _, how := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		progress()
		if err := server.Halt(how); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond)
		if err := server.Launch(); err != nil {
			t.Fatal(err)
		}
		progress()
	}
	close(done)
	wg.Wait()
	for _, key := range committed {
		if _, err := all[0].Setting(t.Context(), key); err != nil {
			t.Errorf("%s was committed, and is not there: %v", key, err)
		}
	}
	t.Logf("%d commits", len(committed))

	short := open(t, address, postgres.WithPatience(300*time.Millisecond))
	if err := server.Halt(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, read := short.Users(t.Context())
	for what, err := range map[string]error{"a read": read, "a write": put(t, short, "k", "v"), "Ping": short.Ping(t.Context()), "Scrub": short.Scrub(t.Context()),
		"a search": func() error { _, _, err := short.Search(t.Context(), store.SearchQuery{Text: "ord"}); return err }()} {
		if referent.CodeOf(err) != referent.CodeUnavailable || referent.HintOf(err) == "" {
			t.Errorf("%s without a database: %v, want CodeUnavailable with a hint", what, err)
		}
	}
	if waited := time.Since(began); waited > 10*time.Second {
		t.Errorf("five tries took %v", waited)
	}
}
