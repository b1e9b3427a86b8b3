package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/postgres/pgtest"
)

// line is a network between a server and its database that breaks when the next commit passes.
type line struct {
	net.Listener
	to   string
	how  atomic.Value // what becomes of the next commit: one of below, "" nothing
	mu   sync.Mutex
	held []net.Conn
}

const (
	answerLost = "the database gets it, and its answer is lost"
	neverSent  = "the database hears that the connection has ended"
	hanging    = "the database hears nothing more, and waits"
	silent     = "nothing passes any more, and nobody is told"
)

// through is the address of the database by a line.
func through(t *testing.T, address string) (*line, string) {
	t.Helper()
	tcp := pgtest.Shared(t).TCP(address)
	l := &line{to: tcp[strings.Index(tcp, "@")+1 : strings.LastIndex(tcp, "/")]}
	l.how.Store("")
	var err error
	if l.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s, err := net.Dial("tcp", l.to)
			if err != nil {
				c.Close()
				continue
			}
			l.mu.Lock()
			l.held = append(l.held, c, s)
			l.mu.Unlock()
			var lost atomic.Bool
			wg.Go(func() { l.pump(c, s, &lost, true) })
			wg.Go(func() { l.pump(s, c, &lost, false) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		l.mu.Lock()
		for _, c := range l.held {
			c.Close()
		}
		l.mu.Unlock()
		wg.Wait()
	})
	return l, strings.Replace(tcp, l.to, l.Addr().String(), 1)
}

func (l *line) pump(from, to net.Conn, lost *atomic.Bool, asks bool) {
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			if !lost.Load() {
				to.Close()
			}
			return
		}
		if lost.Load() {
			if !asks { // the answer has come, so the commit is done
				to.Close()
			}
			continue
		}
		if how := l.how.Load().(string); how != "" && asks && bytes.Contains(buf[:n], []byte("commit\x00")) {
			lost.Store(true)
			l.how.Store("")
			switch how {
			case neverSent:
				to.Close()
				from.Close()
			case hanging:
				from.Close()
			case answerLost:
				to.Write(buf[:n])
			}
			if how != answerLost {
				return
			}
			continue
		}
		to.Write(buf[:n])
	}
}

// Whoever commits is told what became of it, also when the answer is lost, and never that it failed when it did not.
func TestLostAnswerToCommit(t *testing.T) {
	for how, committed := range map[string]bool{answerLost: true, neverSent: false, hanging: false} {
		t.Run(how, func(t *testing.T) {
			address := database(t)
			l, by := through(t, address)
			d, err := postgres.Open(t.Context(), postgres.Config{URL: by, Password: pgtest.Password}, postgres.WithPatience(time.Second))
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if err := put(t, d, "before", "v"); err != nil {
				t.Fatal(err)
			}
			l.how.Store(how)
			err = put(t, d, "k", "v")
			unknown := errors.Is(err, store.ErrUnknown)
			if (err == nil) != committed || unknown != (how == hanging) || err != nil && (referent.CodeOf(err) != referent.CodeUnavailable || referent.HintOf(err) == "") {
				t.Errorf("Tx says %v", err)
			}
			if _, err := d.Setting(t.Context(), "k"); (err == nil) != committed {
				t.Errorf("what was written: %v, committed: %v", err, committed)
			}
		})
	}
}

// A crash may give an id again to another transaction, so nothing that was committed before it is taken for ours.
func TestHistoryEndsWithCrash(t *testing.T) {
	server := pgtest.Own(t)
	mark := func() (at string) {
		t.Helper()
		if err := other(t, server.Address("referent")).QueryRow("SELECT " + postgres.History).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	first := mark()
	for how, changes := range map[string]bool{"in order": false, "crash": true} {
		signal := syscall.SIGINT
		if changes {
			signal = syscall.SIGQUIT
		}
		before := mark()
		if err := errors.Join(server.Halt(signal), server.Launch()); err != nil {
			t.Fatal(err)
		}
		if now := mark(); (now != before) != changes || first == "" {
			t.Errorf("%s: the history was %s, is %s", how, before, now)
		}
	}
}

// A commit under way is not broken off by whoever asked for it.
func TestCommitOutlivesItsContext(t *testing.T) {
	address := database(t)
	d, o := open(t, address), other(t, address)
	if _, err := o.Exec(`CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.4); RETURN NULL; END $$;
		CREATE CONSTRAINT TRIGGER slow AFTER INSERT OR UPDATE ON settings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()`); err != nil {
		t.Fatal(err)
	}
	defer o.Exec("DROP TRIGGER slow ON settings; DROP FUNCTION slow()")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	err := d.Tx(ctx, func(tx store.Tx) error { return tx.PutSetting(t.Context(), "k", "v") })
	if v, read := d.Setting(t.Context(), "k"); err != nil || v != "v" {
		t.Errorf("the commit: %v; what is there: %q, %v", err, v, read)
	}
	if err := d.Tx(ctx, func(tx store.Tx) error { return tx.PutSetting(t.Context(), "k2", "v") }); err == nil {
		t.Error("a transaction is committed whose caller has gone")
	}
}

// A host that falls silent does not keep the only connection that writes.
func TestSilentHost(t *testing.T) {
	l, by := through(t, database(t))
	d, err := postgres.Open(t.Context(), postgres.Config{URL: by, Password: pgtest.Password},
		postgres.WithPatience(200*time.Millisecond), postgres.WithTimes(time.Second, 300*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	l.how.Store(silent)
	began := time.Now()
	if err := put(t, d, "k", "v"); !errors.Is(err, store.ErrUnknown) || time.Since(began) > 10*time.Second {
		t.Errorf("a commit to nobody: %v after %v", err, time.Since(began))
	}
}

// What the database was altered to, afterwards too, does not change what a transaction sees or promises.
func TestAlteredDatabase(t *testing.T) {
	server, address := pgtest.Shared(t), database(t)
	name := strings.TrimPrefix(address[:strings.Index(address, "?")], "postgres://"+pgtest.Role+"@/")
	alter := func(how string) error {
		return server.Exec(context.WithoutCancel(t.Context()), "postgres", "ALTER DATABASE "+name+" "+how)
	}
	if err := errors.Join(alter("SET default_transaction_isolation = 'repeatable read'"), alter("SET synchronous_commit = off")); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := alter("RESET ALL"); err != nil {
			t.Error(err)
		}
	}()
	a, b := open(t, address), open(t, address)
	if err := put(t, a, "k", "0"); err != nil {
		t.Fatal(err)
	}
	in, done := make(chan struct{}), make(chan error, 1)
	go func() {
		<-in
		done <- b.Tx(t.Context(), func(tx store.Tx) error {
			if v, err := tx.Setting(t.Context(), "k"); v != "1" || err != nil {
				t.Errorf("under the lock %q is seen, %v", v, err)
			}
			return nil
		})
	}()
	err := a.Tx(t.Context(), func(tx store.Tx) error {
		close(in)
		time.Sleep(300 * time.Millisecond) // b waits for the lock by now
		return tx.PutSetting(t.Context(), "k", "1")
	})
	if err := errors.Join(err, <-done); err != nil {
		t.Error(err)
	}
}
