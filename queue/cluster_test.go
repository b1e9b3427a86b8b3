package queue_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/queue/natstest"
)

// nodeEnv makes the test binary a nats-server with the configuration file named, which is what its own main does.
const nodeEnv = "REFERENT_TEST_NATS_SERVER"

func runNode(conf string) {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	opts, err := server.ProcessConfigFile(conf)
	fail(err)
	opts.NoLog = os.Getenv("REFERENT_TEST_NATS_LOG") == ""
	ns, err := server.NewServer(opts)
	fail(err)
	ns.ConfigureLogger()
	go func() { // it ends with the test, however that ends
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	fail(server.Run(ns))
	ns.WaitForShutdown()
	os.Exit(0)
}

// node is one nats-server process.
type node struct {
	name, url, conf string
	cmd             *exec.Cmd
}

// cluster is three nats-server processes with TLS, as referent nats config describes them.
type cluster struct {
	t     *testing.T
	ca    string
	keys  *queue.Keys
	nodes []*node
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	keys, err := queue.LoadKeys(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := keys.IssuerKey()
	if err != nil {
		t.Fatal(err)
	}
	authority := certificate{authority: true}.sign(t)
	c := &cluster{t: t, ca: authority.path, keys: keys}
	free := natstest.Ports(t, 6)
	ports, peers := free[:3], free[3:]
	var routes []string
	for _, port := range peers {
		routes = append(routes, "127.0.0.1:"+strconv.Itoa(port))
	}
	for i := range 3 {
		dir := t.TempDir()
		own := certificate{names: []string{"127.0.0.1"}, by: authority}.sign(t)
		der, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		n := &node{name: "n" + strconv.Itoa(i+1), url: "tls://127.0.0.1:" + strconv.Itoa(ports[i]), conf: filepath.Join(dir, "nats.conf")}
		key := filepath.Join(dir, "key.pem")
		text := queue.NodeConfig{Name: n.name, Host: "127.0.0.1", Port: ports[i], Peers: routes, PeerPort: peers[i], StoreDir: filepath.Join(dir, "store"),
			Cert: own.path, Key: key, CA: authority.path, ServerKeys: []string{keys.ServerKey()}, IssuerKey: issuer}.String()
		if err := errors.Join(os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600),
			os.WriteFile(n.conf, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
		c.nodes = append(c.nodes, n)
		c.start(n)
	}
	return c
}

func (c *cluster) start(n *node) {
	c.t.Helper()
	n.cmd = exec.Command(os.Args[0])
	n.cmd.Env = append(os.Environ(), nodeEnv+"="+n.conf, "GOMAXPROCS=2")
	n.cmd.Stderr = os.Stderr
	life, err := n.cmd.StdinPipe()
	if err == nil {
		err = n.cmd.Start()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := n.cmd
	c.t.Cleanup(func() {
		_ = life.Close()
		_ = cmd.Process.Kill() // it may be dead
		_ = cmd.Wait()         // killed: that is its error
	})
}

// kill is kill -9.
func (c *cluster) kill(n *node) {
	c.t.Helper()
	if err := n.cmd.Process.Kill(); err != nil {
		c.t.Fatal(err)
	}
	_ = n.cmd.Wait()
}

func (c *cluster) urls() string {
	var all []string
	for _, n := range c.nodes {
		all = append(all, n.url)
	}
	return strings.Join(all, ",")
}

func (c *cluster) open(admit queue.Admit) (*queue.Cluster, *nats.Conn) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	cl, err := queue.OpenCluster(ctx, queue.ClusterConfig{URL: c.urls(), CAFile: c.ca, Keys: c.keys, Admit: admit})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(cl.Shutdown)
	nc, err := cl.Connect(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(nc.Close)
	return cl, nc
}

// queue makes the streams once the three have found each other.
func (c *cluster) queue(nc *nats.Conn) *queue.Queue {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	q, err := queue.Await(ctx, nc, queue.WithReplicas(3))
	if err != nil {
		c.t.Fatal(err)
	}
	return q
}

func (c *cluster) dial(url string, e *enrolled) (*nats.Conn, error) {
	c.t.Helper()
	nc, err := queue.Connect(soon(c.t), queue.DialConfig{URL: url, Creds: e.seed, CAFile: c.ca, Name: "far"})
	if err == nil {
		c.t.Cleanup(nc.Close)
	}
	return nc, err
}

// leader is the node that leads the stream.
func (c *cluster) leader(nc *nats.Conn, stream string) *node {
	c.t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		c.t.Fatal(err)
	}
	s, err := js.Stream(soon(c.t), stream)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, n := range c.nodes {
		if n.name == s.CachedInfo().Cluster.Leader {
			return n
		}
	}
	c.t.Fatalf("nobody leads %s", stream)
	return nil
}

// Three nats-servers with TLS, the leader killed with -9 while messages are published and taken: publishing goes on
// within 15 s, and what was acknowledged is there.
func TestClusterLosesItsLeader(t *testing.T) {
	c := newCluster(t)
	far := newEnrolled(t)
	_, nc := c.open(far.admit)
	q := c.queue(nc)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(streams(), "JOBS_ADVISORIES") {
		s, err := js.Stream(soon(t), name)
		if err != nil {
			t.Fatal(err)
		}
		if cfg := s.CachedInfo().Config; cfg.Replicas != 3 || cfg.Storage != jetstream.FileStorage {
			t.Errorf("%s: %+v", name, cfg)
		}
	}

	var mu sync.Mutex
	stored := map[string]bool{}
	var last, gap, call atomic.Int64 // of acknowledgements, and the longest that one was waited for, in ns
	last.Store(time.Now().UnixNano())
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var publishing sync.WaitGroup
	publishing.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			id := fmt.Sprintf("job-%d", i)
			began := time.Now()
			err := q.Publish(ctx, bulk(id, 1))
			call.Store(max(call.Load(), int64(time.Since(began))))
			if err != nil {
				continue
			}
			now := time.Now().UnixNano()
			gap.Store(max(gap.Load(), now-last.Load()))
			last.Store(now)
			mu.Lock()
			stored[id] = true
			mu.Unlock()
		}
	})
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(stored)
	}
	eventually(t, "some are published", func() bool { return count() >= 50 })

	dead := c.leader(nc, "JOBS_TRANSCRIBE")
	before := count()
	killed := time.Now()
	c.kill(dead)
	for deadline := time.Now().Add(30 * time.Second); count() < before+50; {
		if time.Now().After(deadline) {
			t.Fatal("nothing is published any more")
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("publishing stood still for %v; 50 more were stored %v after the kill; one waited %v for an answer", time.Duration(gap.Load()).Round(time.Millisecond),
		time.Since(killed).Round(time.Millisecond), time.Duration(call.Load()).Round(time.Millisecond))
	if call.Load() > int64(8*time.Second) {
		t.Errorf("whoever publishes waited %v for a leader that was dead", time.Duration(call.Load()))
	}
	if gap.Load() > int64(15*time.Second) {
		t.Errorf("publishing stood still for %v", time.Duration(gap.Load()))
	}
	c.start(dead)
	time.Sleep(time.Second)
	stop()
	publishing.Wait()

	worker, err := c.dial(c.urls(), far)
	if err != nil {
		t.Fatal(err)
	}
	pull, err := queue.NewPuller(t.Context(), worker, []referent.Stage{referent.StageTranscribe})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := pull.Close(); err != nil {
			t.Error(err)
		}
	}()
	taken, total := map[string]int{}, len(stored)
	for deadline := time.Now().Add(60 * time.Second); len(stored) > 0; {
		one, cancel := context.WithDeadline(t.Context(), deadline)
		d, err := pull.Next(one)
		cancel()
		if err != nil {
			t.Fatalf("%d of %d acknowledged messages never came: %v", len(stored), total, err)
		}
		taken[d.Job]++
		delete(stored, d.Job)
		if err := d.Ack(t.Context()); err != nil {
			t.Logf("ack: %v", err)
		}
	}
	t.Logf("%d acknowledged, 0 lost", total)
}

// Who may connect is decided by the servers of Referent for the cluster as for the embedded server: a worker has the
// same permissions, revoked it is closed at whatever server it is, and nobody else gets in.
func TestClusterAsksWhoMayConnect(t *testing.T) {
	c := newCluster(t)
	far, stranger := newEnrolled(t), newEnrolled(t)
	var revoked atomic.Bool
	cl, server := c.open(func(_ context.Context, key string) (queue.Admission, error) {
		if key != far.key || revoked.Load() {
			return queue.Admission{}, referent.E(referent.CodeForbidden, "test", nil)
		}
		return queue.Admission{Stages: []referent.Stage{referent.StageMinutes}}, nil
	})
	c.queue(server)
	var conns []*nats.Conn
	for _, n := range c.nodes {
		nc, err := c.dial(n.url, far)
		if err != nil {
			t.Fatal(err)
		}
		if state, err := nc.TLSConnectionState(); err != nil || !state.HandshakeComplete {
			t.Errorf("not encrypted: %v", err)
		}
		conns = append(conns, nc)
	}
	if _, err := c.dial(c.nodes[0].url, stranger); referent.CodeOf(err) != referent.CodeUnauthorized {
		t.Errorf("a stranger: %v", err)
	}
	for name, opts := range map[string][]nats.Option{
		"nobody": {}, "a password": {nats.UserInfo("server", "x")}, "no inbox": {nkeyOf(t, far.seed), nats.Name("far")},
	} {
		nc, err := nats.Connect(c.nodes[0].url, append(opts, nats.RootCAs(c.ca))...)
		if err == nil {
			nc.Close()
		}
		if !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s: %v", name, err)
		}
	}

	// The servers speak with each other.
	peer, err := cl.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	hears, err := peer.SubscribeSync("server.live.*")
	if err == nil {
		err = peer.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "one hears the other", func() bool {
		if err := server.Publish("server.live.heard", []byte("x")); err != nil {
			t.Fatal(err)
		}
		_, err := hears.NextMsg(200 * time.Millisecond)
		return err == nil
	})

	// Permissions are those of the embedded server, inbox included, and reach nothing of the cluster's own.
	refused := violations(conns[0])
	theirs := conns[1].NewInbox()
	for _, subject := range []string{theirs, "work." + stranger.key + ".read", "work." + far.key + ".a.b", "cancel.x", "$SYS.REQ.USER.AUTH", "$SYS.REQ.ACCOUNT.PING.CONNZ",
		"$SYS.REQ.SERVER." + "X" + ".KICK", "$SYS.REQ.USER.INFO", "$JS.API.CONSUMER.MSG.NEXT.JOBS_TRANSCRIBE.any-bulk", "$JS.API.STREAM.PURGE.JOBS_MINUTES", "$JS.API.STREAM.LIST",
		"server.wake.events", "server.live.heard", "work." + stranger.key + ".read-b"} {
		if err := conns[0].PublishRequest(subject, conns[0].NewInbox(), []byte("{}")); err != nil {
			t.Fatal(err)
		}
		expectRefused(t, refused, subject)
	}
	for _, subject := range []string{">", theirs, "work.>", "$SYS.>", "$SYS.REQ.USER.AUTH", "_INBOX.>", "_INBOX_worker.>", "$JS.>", "server.>", "server.live.*"} {
		if _, err := conns[0].SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		expectRefused(t, refused, subject)
	}
	pull, err := queue.NewPuller(t.Context(), conns[2], []referent.Stage{referent.StageMinutes})
	if err != nil {
		t.Fatal(err)
	}
	if err := pull.Close(); err != nil {
		t.Error(err)
	}

	revoked.Store(true)
	at := time.Now()
	if err := cl.Disconnect(t.Context(), far.key); err != nil {
		t.Fatal(err)
	}
	for i, nc := range conns {
		eventually(t, "it is closed", func() bool { return !nc.IsConnected() })
		t.Logf("the connection at %s was closed after %v", c.nodes[i].name, time.Since(at).Round(time.Millisecond))
	}
	time.Sleep(time.Second)
	for i, nc := range conns {
		if nc.IsConnected() {
			t.Errorf("the connection at %s is back", c.nodes[i].name)
		}
	}
	if !server.IsConnected() || server.Statistics.Reconnects > 0 {
		t.Error("the server was disconnected too")
	}
	if _, err := c.dial(c.urls(), far); referent.CodeOf(err) != referent.CodeUnauthorized {
		t.Errorf("the revoked worker: %v", err)
	}
}

func nkeyOf(t *testing.T, seed string) nats.Option {
	t.Helper()
	o, err := nats.NkeyOptionFromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// A connection whose end nobody was told to bring about ends by itself, and comes back only if its key still may.
func TestClusterAsksAnew(t *testing.T) {
	c := newCluster(t)
	far := newEnrolled(t)
	var revoked atomic.Bool
	cl, server := c.open(func(_ context.Context, key string) (queue.Admission, error) {
		if key != far.key || revoked.Load() {
			return queue.Admission{}, referent.E(referent.CodeForbidden, "test", nil)
		}
		return queue.Admission{}, nil
	})
	c.queue(server)
	cl.AdmitFor(3 * time.Second)
	nc, err := c.dial(c.urls(), far)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "it came back while it may", func() bool { return nc.Stats().Reconnects > 0 && nc.IsConnected() })
	revoked.Store(true)
	eventually(t, "it ended", func() bool { return !nc.IsConnected() })
	time.Sleep(2 * time.Second)
	if nc.IsConnected() {
		t.Error("it is back")
	}
}

// A worker that starts while no server of Referent answers who it is waits for one.
func TestWorkerWaitsForSomebodyToAnswer(t *testing.T) {
	c := newCluster(t)
	far := newEnrolled(t)
	cl, server := c.open(far.admit)
	c.queue(server)
	cl.Shutdown()
	server.Close()
	type dialled struct {
		nc  *nats.Conn
		err error
	}
	done := make(chan dialled, 1)
	go func() {
		nc, err := queue.Connect(soon(t), queue.DialConfig{URL: c.nodes[0].url, Creds: far.seed, CAFile: c.ca, Name: "far"})
		done <- dialled{nc, err}
	}()
	select {
	case d := <-done:
		if d.nc != nil {
			d.nc.Close()
		}
		t.Fatalf("it did not wait: %v", d.err)
	case <-time.After(8 * time.Second):
	}
	c.open(far.admit)
	d := <-done
	if d.err != nil {
		t.Fatal(d.err)
	}
	d.nc.Close()
}
