// Package webtest starts a whole server for tests: database, encrypted blobs, queue, pipeline and web,
// all real, in a temporary folder on loopback. What it leaves out unless asked is workers.
package webtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/referent/referent"
	"github.com/referent/referent/export"
	"github.com/referent/referent/models"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/retention"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/sqlite"
	"github.com/referent/referent/store/sqlite/sqlitetest"
	"github.com/referent/referent/summarize"
	"github.com/referent/referent/transcribe"
	"github.com/referent/referent/web"
	"github.com/referent/referent/worker"
	"github.com/referent/referent/worker/protocol"
)

// Patience is how long a test waits for what must happen.
const Patience = 30 * time.Second

// Password is that of every user that the rig makes.
const Password = "et langt og godt passord"

// Rig is a running server.
type Rig struct {
	T        testing.TB
	URL      string
	Store    store.Store
	Vault    *blob.Vault
	Pipeline *pipeline.Pipeline
	Server   *web.Server
	HTTP     *http.Client // keeps no cookies and follows no redirects
	Log      *Log

	hire  func(name string, change func(*worker.Config)) (*worker.Worker, error)
	close sync.Once
	http  *httptest.Server
	die   func()
}

// Log collects what the server logs.
type Log struct {
	mu   sync.Mutex
	text []byte
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

// Start starts a server that ends with the test. change, when not nil, changes its configuration.
func Start(t testing.TB, change func(*web.Config)) *Rig {
	t.Helper()
	dir := t.TempDir()
	database := filepath.Join(dir, "referent.db")
	sqlitetest.Migrated(t, database)
	db := must(sqlite.Open(context.Background(), database))(t)
	return start(t, db, newHouse(t, dir, db), "", change)
}

// StartMany starts servers over one queue, one folder of sealed bytes and the database that open connects each to.
func StartMany(t testing.TB, n int, open func() (store.Store, error), change func(*web.Config)) (all []*Rig) {
	t.Helper()
	admit := must(open())(t) // outlives each server's own
	t.Cleanup(func() { Check(t, admit.Close()) })
	h := newHouse(t, t.TempDir(), admit)
	for i := range n {
		all = append(all, start(t, must(open())(t), h, fmt.Sprint("server", i), change))
	}
	return all
}

// house is what servers share beside the database.
type house struct {
	dir  string
	keys *queue.Keys
	nats *queue.Server
}

func newHouse(t testing.TB, dir string, db store.Store) *house {
	t.Helper()
	keys := must(queue.LoadKeys(filepath.Join(dir, "keys")))(t)
	nats := must(queue.StartServer(queue.ServerConfig{Dir: filepath.Join(dir, "nats"), Keys: keys, Admit: pipeline.AdmitFrom(db), Log: slog.New(slog.DiscardHandler)}))(t)
	t.Cleanup(nats.Shutdown)
	return &house{dir, keys, nats}
}

// start starts a server; name is its own among several.
func start(t testing.TB, db store.Store, h *house, name string, change func(*web.Config)) *Rig {
	t.Helper()
	dir, ctx, keys, nats := h.dir, context.Background(), h.keys, h.nats
	r := &Rig{T: t, Log: &Log{}}
	log := slog.New(slog.NewJSONHandler(r.Log, nil))
	t.Cleanup(func() { Check(t, db.Close()) })
	folder := must(blob.OpenFolder(filepath.Join(dir, "blobs")))(t)
	t.Cleanup(func() { Check(t, folder.Close()) })
	ring := must(blob.OpenKeyring(filepath.Join(dir, "keyring")))(t)
	conn := must(nats.Connect(ctx))(t)
	t.Cleanup(conn.Close)
	q := must(queue.New(ctx, conn))(t)

	metrics := prometheus.NewRegistry()
	vault := blob.NewVault(folder, ring)
	p := must(pipeline.New(pipeline.Config{Store: db, Vault: vault, Queue: q, Conn: conn, OwnKey: keys.WorkerKey(), Disconnect: nats.Disconnect,
		Log: slog.New(slog.DiscardHandler), Assemble: transcribe.Assemble, Metrics: metrics, Server: name,
		Retention:   &retention.Rules{Default: retention.Rule{Audio: 30, Transcript: retention.Never, Minutes: 400, Unapproved: retention.Never}},
		FinishAfter: 300 * time.Millisecond, WorkersWithin: time.Millisecond, DispatchEvery: 100 * time.Millisecond, ReconcileEvery: 100 * time.Millisecond}))(t)
	r.Store, r.Vault, r.Pipeline = db, vault, p
	r.die = r.background("pipeline", p.Run)
	r.hire = func(name string, change func(*worker.Config)) (*worker.Worker, error) {
		c, err := queue.Connect(ctx, queue.DialConfig{URL: nats.URL(), Creds: keys.WorkerSeed, Name: name})
		if err != nil {
			return nil, err
		}
		t.Cleanup(c.Close)
		cfg := worker.Config{Conn: c, Name: name, Threads: 1, Device: "cpu", Log: slog.New(slog.DiscardHandler),
			Describe: func(p *protocol.Presence) {
				p.Class, p.Model, p.Models = protocol.CPU, "base", []string{"base", "nb-large"}
			}}
		change(&cfg)
		return worker.New(cfg)
	}

	r.http = httptest.NewUnstartedServer(nil)
	r.URL = "http://" + r.http.Listener.Addr().String()
	cfg := web.Config{PublicURL: r.URL, Several: name != "", Store: db, Pipeline: p, Render: export.Renderer{}, Log: log, Metrics: metrics, Version: "test"}
	if change != nil {
		change(&cfg)
	}
	r.Server = must(web.New(cfg))(t)
	r.http.Config.Handler = r.Server.Handler()
	r.http.Config.RegisterOnShutdown(r.Server.Close)
	r.http.Start()
	r.HTTP = &http.Client{
		Transport:     &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(r.Stop)
	return r
}

// Stop ends the web server in good order; the rest of the rig ends with the test.
func (r *Rig) Stop() {
	r.close.Do(func() {
		r.HTTP.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		Check(r.T, r.http.Config.Shutdown(ctx))
		Check(r.T, r.Server.Flush(ctx))
		r.http.Close()
	})
}

// Die ends the server without a word: its connections are cut, and what it was doing is broken off.
func (r *Rig) Die() {
	r.close.Do(func() {
		r.HTTP.CloseIdleConnections()
		r.http.CloseClientConnections()
		r.http.Close()
		r.die()
	})
}

// StartWorker starts a worker that prepares uploads and writes minutes; transcripts need no more.
func (r *Rig) StartWorker() {
	r.T.Helper()
	w := must(r.hire("local/test", func(c *worker.Config) {
		c.Stages = []referent.Stage{referent.StagePrepare, referent.StageMinutes}
		c.Preparer = transcribe.NewPreparer(transcribe.Config{Models: models.Open("")})
		c.Minutes = summarize.New(summarize.Config{})
	}))(r.T)
	r.background("worker", w.Run)
}

// StartLackingWorker starts a worker whose machine has no ffmpeg.
func (r *Rig) StartLackingWorker() {
	r.T.Helper()
	w := must(r.hire("local/lacking", func(c *worker.Config) {
		c.Stages = []referent.Stage{referent.StagePrepare}
		c.Preparer = transcribe.NewPreparer(transcribe.Config{Models: models.Open(""), FFmpeg: "/nowhere/ffmpeg"})
	}))(r.T)
	r.background("worker", w.Run)
}

// StartListener starts a worker that hears recordings while they arrive as l does.
func (r *Rig) StartListener(l worker.Listener) {
	r.T.Helper()
	w := must(r.hire("local/listener", func(c *worker.Config) {
		c.Stages, c.Listener = []referent.Stage{referent.StageLive}, l
	}))(r.T)
	r.background("listener", w.Run)
}

// background runs something until the test ends, and fails the test when it ends badly.
func (r *Rig) background(name string, run func(context.Context) error) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	end = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil && !errors.Is(err, context.Canceled) {
				r.T.Errorf("%s: %v", name, err)
			}
		case <-time.After(Patience):
			r.T.Errorf("%s does not end", name)
		}
	})
	r.T.Cleanup(end)
	return end
}

// User makes a user.
func (r *Rig) User(name string, admin bool) *store.User {
	r.T.Helper()
	return must(web.CreateUser(context.Background(), r.Store, name, Password, admin))(r.T)
}

// Token makes an API token for a user.
func (r *Rig) Token(user string, scopes ...store.Scope) string {
	r.T.Helper()
	return must(web.MintToken(context.Background(), r.Store, user, "test", scopes, 0))(r.T)
}

// Do sends a request; edit may be nil. The caller closes the answer's body.
func (r *Rig) Do(method, path, token string, body io.Reader, edit func(*http.Request)) *http.Response {
	r.T.Helper()
	req := must(http.NewRequestWithContext(context.Background(), method, r.URL+path, body))(r.T)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if edit != nil {
		edit(req)
	}
	return must(r.HTTP.Do(req))(r.T)
}

// Eventually waits until cond holds.
func (r *Rig) Eventually(what string, cond func() bool) {
	r.T.Helper()
	deadline := time.After(Patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-deadline:
			r.T.Fatalf("waited %v in vain: %s", Patience, what)
		}
	}
}

// Check fails the test on err.
func Check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// must lets a call and its check stand on one line: must(f())(t).
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(fmt.Errorf("set up the test's server: %w", err))
		}
		return v
	}
}
