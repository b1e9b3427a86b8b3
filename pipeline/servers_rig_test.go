package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/postgres/pgtest"
	"github.com/referent/referent/worker"
)

// beatsInTests is how often servers beat where a test does not measure how soon another takes over.
const beatsInTests = 100 * time.Millisecond

// among makes the rig's pipeline one of several servers. The time is the real one.
func among(name string, beat time.Duration) func(*Config) {
	return func(c *Config) { c.Server, c.BeatEvery, c.Now = name, beat, time.Now }
}

// newServers opens n servers, of which none runs yet: over one PostgreSQL, one folder and one nats-server, which are
// those of the first, each with its own connections.
func newServers(t testing.TB, n int, beat time.Duration) []*rig {
	t.Helper()
	database := postgresOf(t)
	first := newRigOver(t, database, among("a", beat))
	all := []*rig{first}
	for i := 1; i < n; i++ {
		all = append(all, first.beside(database, string(rune('a'+i)), beat))
	}
	return all
}

// beside opens another server over what the rig's has.
func (r *rig) beside(database func(func() time.Time) (store.Store, error), name string, beat time.Duration) *rig {
	r.t.Helper()
	o := &rig{t: r.t, dir: r.dir, clock: r.clock, change: among(name, beat), database: database, nats: r.nats, keys: r.keys}
	var err error
	o.db, err = database(time.Now)
	ok(r.t, err)
	o.openVault(r.dir)
	o.conn, err = r.nats.Connect(context.Background())
	ok(r.t, err)
	o.queue, err = queue.New(context.Background(), o.conn)
	ok(r.t, err)
	o.p = o.newPipeline(o.db)
	r.t.Cleanup(func() {
		o.halt()
		o.conn.Close()
		ok(o.t, o.folder.Close())
		ok(o.t, o.db.Close())
	})
	return o
}

// line is what a server reaches its queue over; it can be cut, or lose what is sent.
type line struct {
	mu    sync.Mutex
	down  bool
	loses atomic.Bool
	up    []net.Conn
}

type lossy struct {
	net.Conn
	*line
}

func (c lossy) Write(b []byte) (int, error) {
	if c.loses.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

func (l *line) Dial(network, address string) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, errors.New("the line is cut")
	}
	c, err := net.Dial(network, address)
	if err == nil {
		l.up = append(l.up, c)
		return lossy{c, l}, nil
	}
	return nil, err
}

func (l *line) set(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
	for _, c := range l.up {
		if down {
			_ = c.Close() // it may be closed
		}
	}
}

// over puts a line between a server that does not run yet and its queue.
func (r *rig) over() *line {
	r.t.Helper()
	l := new(line)
	seed, err := nats.NkeyOptionFromSeed(r.keys.ServerSeed)
	ok(r.t, err)
	nc, err := nats.Connect(r.nats.URL(), seed, nats.SetCustomDialer(l), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	ok(r.t, err)
	r.conn.Close()
	r.conn = nc
	r.queue, err = queue.New(context.Background(), nc)
	ok(r.t, err)
	r.p = r.newPipeline(r.db)
	return l
}

// listening returns when a server that runs answers workers: from then on it beats by itself.
func (r *rig) listening() {
	r.t.Helper()
	r.eventually("it beats", func() bool {
		servers, err := r.db.Servers(context.Background())
		ok(r.t, err)
		return slices.ContainsFunc(servers, func(s store.Server) bool { return s.ID == r.p.cfg.Server && s.Beats > 1 })
	})
}

func (r *rig) leads(servers ...*rig) (all []*rig) {
	for _, s := range servers {
		if s.p.leads() {
			all = append(all, s)
		}
	}
	return all
}

// What a server that is a process of its own is told by its environment.
const (
	serverEnv     = "REFERENT_TEST_SERVER" // its name
	serverDirEnv  = "REFERENT_TEST_SERVER_DIR"
	serverPGEnv   = "REFERENT_TEST_SERVER_PG"
	serverNATSEnv = "REFERENT_TEST_SERVER_NATS"
)

// serverMain is such a server, until it is killed or its parent dies. It beats as servers do.
func serverMain() {
	ctx, stop := worker.UntilParentDies(context.Background(), os.Stdin)
	defer stop()
	err := func() error {
		dir := os.Getenv(serverDirEnv)
		db, err := postgres.Open(ctx, postgres.Config{URL: os.Getenv(serverPGEnv)})
		if err != nil {
			return err
		}
		ring, err := blob.OpenKeyring(filepath.Join(dir, "keyring"))
		if err != nil {
			return err
		}
		folder, err := blob.OpenFolder(filepath.Join(dir, "blobs"))
		if err != nil {
			return err
		}
		seed, err := nats.NkeyOptionFromSeed(filepath.Join(dir, "keys", queue.ServerSeedFile))
		if err != nil {
			return err
		}
		conn, err := nats.Connect(os.Getenv(serverNATSEnv), seed, nats.MaxReconnects(-1))
		if err != nil {
			return err
		}
		q, err := queue.New(ctx, conn)
		if err != nil {
			return err
		}
		p, err := New(Config{Store: db, Vault: blob.NewVault(folder, ring), Queue: q, Conn: conn, Assemble: join,
			Log: slog.New(slog.DiscardHandler), Server: os.Getenv(serverEnv)})
		if err != nil {
			return err
		}
		return errors.Join(p.Run(ctx), db.Close())
	}()
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// process starts a server that is a process of its own, beside the rig's, and returns when it lives.
func (r *rig) process(name, database string) (kill func()) {
	r.t.Helper()
	kill = r.child(serverEnv+"="+name, serverDirEnv+"="+r.dir, serverPGEnv+"="+database, serverNATSEnv+"="+r.nats.URL())
	r.eventually("server "+name+" lives", func() bool {
		servers, err := r.db.Servers(context.Background())
		ok(r.t, err)
		for _, s := range servers {
			if s.ID == name {
				return true
			}
		}
		return false
	})
	return kill
}

// withProcess opens a server that does not run yet, and the address of the database that processes join it at.
func withProcess(t testing.TB) (*rig, string) {
	t.Helper()
	address := pgtest.Empty(t)
	r := newRigOver(t, func(now func() time.Time) (store.Store, error) {
		return postgres.Open(context.Background(), postgres.Config{URL: address})
	}, among("a", 0))
	return r, address
}
