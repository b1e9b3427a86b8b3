package pipeline

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/blob/faulty"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/postgres/pgtest"
	"github.com/referent/referent/store/sqlite"
	"github.com/referent/referent/store/sqlite/sqlitetest"
)

// How many random runs the property tests make, and how long each is, unless the flags say otherwise.
const randomRuns, randomSteps = "15", "60"

func TestMain(m *testing.M) {
	if os.Getenv(writerEnv) != "" {
		writerMain()
	}
	if os.Getenv(serverEnv) != "" {
		serverMain()
	}
	if err := errors.Join(flag.Set("rapid.checks", randomRuns), flag.Set("rapid.steps", randomSteps)); err != nil {
		panic(err)
	}
	flag.Parse() // what the command line says is stronger
	goleak.VerifyTestMain(pgtest.Main(m))
}

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

// clock is a clock that only tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// rig is a whole server without a face: database, blobs, queue and pipeline in one data folder.
type rig struct {
	t      testing.TB
	dir    string
	clock  *clock
	log    logBuffer
	db     store.Store
	folder *blob.Folder
	bucket *faulty.Bucket
	vault  *blob.Vault
	nats   *queue.Server
	keys   *queue.Keys
	conn   *nats.Conn
	queue  *queue.Queue
	p      *Pipeline
	change func(*Config)
	// database opens what the rig keeps its truth in; nil: SQLite in its folder.
	database func(now func() time.Time) (store.Store, error)

	stop func() error // ends Run
}

// newRig opens everything in a fresh folder and runs nothing yet. change may be nil.
func newRig(t testing.TB, change func(*Config)) *rig {
	t.Helper()
	return newRigOver(t, nil, change)
}

// newRigOver is newRig over another database.
func newRigOver(t testing.TB, database func(now func() time.Time) (store.Store, error), change func(*Config)) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), clock: newClock(), change: change, database: database}
	r.open()
	t.Cleanup(r.close)
	return r
}

// postgresOf opens a PostgreSQL database of the test's own.
func postgresOf(t testing.TB) func(now func() time.Time) (store.Store, error) {
	address := pgtest.Empty(t)
	return func(now func() time.Time) (store.Store, error) {
		return postgres.Open(context.Background(), postgres.Config{URL: address}, postgres.WithClock(now))
	}
}

func (r *rig) open() {
	r.t.Helper()
	ctx := context.Background()
	var err error
	if r.database != nil {
		r.db, err = r.database(r.clock.now)
	} else {
		path := filepath.Join(r.dir, "referent.db")
		sqlitetest.Migrated(r.t, path)
		r.db, err = sqlite.Open(ctx, path, sqlite.WithClock(r.clock.now))
	}
	ok(r.t, err)
	r.openVault(r.dir)
	r.keys, err = queue.LoadKeys(filepath.Join(r.dir, "keys"))
	ok(r.t, err)
	r.openQueue()
	r.p = r.newPipeline(r.db)
}

func (r *rig) openVault(dir string) {
	r.t.Helper()
	ring, err := blob.OpenKeyring(filepath.Join(dir, "keyring"))
	ok(r.t, err)
	r.folder, err = blob.OpenFolder(filepath.Join(dir, "blobs"))
	ok(r.t, err)
	r.bucket = faulty.Wrap(r.folder)
	r.vault = blob.NewVault(r.bucket, ring)
}

func (r *rig) openQueue() {
	r.t.Helper()
	var err error
	r.nats, err = queue.StartServer(queue.ServerConfig{Dir: filepath.Join(r.dir, "nats"), Keys: r.keys, Admit: AdmitFrom(r.db), Log: r.logger()})
	ok(r.t, err)
	r.conn, err = r.nats.Connect(context.Background())
	ok(r.t, err)
	r.queue, err = queue.New(context.Background(), r.conn)
	ok(r.t, err)
}

// disconnect outlives the nats-server, which some tests start anew.
func (r *rig) disconnect(ctx context.Context, key string) error { return r.nats.Disconnect(ctx, key) }

func (r *rig) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// logBuffer keeps what was logged.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// count says how often words were logged.
func (b *logBuffer) count(words string) int { return strings.Count(b.String(), words) }

func (r *rig) newPipeline(db store.Store) *Pipeline {
	r.t.Helper()
	cfg := Config{Store: db, Vault: r.vault, Queue: r.queue, Conn: r.conn, Log: r.logger(),
		Assemble: join, Now: r.clock.now, OwnKey: r.keys.WorkerKey(), Disconnect: r.disconnect}
	if r.change != nil {
		r.change(&cfg)
	}
	p, err := New(cfg)
	ok(r.t, err)
	return p
}

// run starts the pipeline's Run; it ends with the test, or with halt.
func (r *rig) run() {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	p := r.p
	go func() { done <- p.Run(ctx) }()
	r.stop = func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(patience):
			return errors.New("Run does not end")
		}
	}
}

func (r *rig) halt() {
	r.t.Helper()
	if r.stop != nil {
		stop := r.stop
		r.stop = nil
		ok(r.t, stop())
	}
}

// restart ends everything as a stopped server does and opens the same folder again.
func (r *rig) restart() {
	r.t.Helper()
	r.close()
	r.open()
}

// loseQueue stops the server, deletes JetStream's folder and starts again.
func (r *rig) loseQueue() {
	r.t.Helper()
	r.close()
	ok(r.t, os.RemoveAll(filepath.Join(r.dir, "nats")))
	r.open()
}

func (r *rig) close() {
	r.t.Helper()
	r.halt()
	r.conn.Close()
	r.nats.Shutdown()
	ok(r.t, r.folder.Close())
	ok(r.t, r.db.Close())
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code referent.Code) {
	t.Helper()
	if got := referent.CodeOf(err); got != code {
		t.Fatalf("code = %q, want %q (error: %v)", got, code, err)
	}
}

// eventually waits until cond holds, looking each time the pipeline has told of something, and now and
// then besides.
func (r *rig) eventually(what string, cond func() bool) {
	r.t.Helper()
	told, end := r.p.Watch()
	defer end()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-told:
		case <-tick.C:
		case <-deadline:
			r.t.Fatalf("never happened: %s", what)
		}
	}
}

func (r *rig) meeting(id string) *referent.Meeting {
	r.t.Helper()
	m, err := r.db.Meeting(context.Background(), id)
	ok(r.t, err)
	return m
}

func (r *rig) waitState(id string, want referent.State) *referent.Meeting {
	r.t.Helper()
	r.eventually(fmt.Sprintf("state %s", want), func() bool { return r.meeting(id).State == want })
	return r.meeting(id)
}

func (r *rig) jobs(id string) []referent.Job {
	r.t.Helper()
	jobs, err := r.db.JobsOf(context.Background(), id)
	ok(r.t, err)
	return jobs
}

// job returns the meeting's newest job of a stage and chunk.
func (r *rig) job(meeting string, stage referent.Stage, chunk int) referent.Job {
	r.t.Helper()
	for _, j := range slices.Backward(r.jobs(meeting)) {
		if j.Stage == stage && j.Chunk == chunk {
			return j
		}
	}
	r.t.Fatalf("no job %s %d", stage, chunk)
	return referent.Job{}
}

// Words that must not be found anywhere once their meeting is deleted.
const (
	secretTitle    = "Fagottkvelden i Ullern"
	secretName     = "Torbjørg Fnatthode"
	secretSentence = "hemmeligheten ligger under kirsebærtreet"
)

func newMeeting() *referent.Meeting {
	return &referent.Meeting{Owner: "user-1", Title: secretTitle, Place: "Rådhuset",
		Participants: []referent.Participant{{Name: secretName}},
		Agenda:       []referent.AgendaItem{{Number: "PS 1/26", Title: "Budsjett"}}}
}

// create makes a meeting whose recording of n bytes has come.
func (r *rig) create(n int) *referent.Meeting {
	r.t.Helper()
	m := newMeeting()
	r.upload(m, n)
	return m
}

// upload makes m, and brings a recording of n bytes.
func (r *rig) upload(m *referent.Meeting, n int) {
	r.t.Helper()
	ctx := context.Background()
	ok(r.t, r.p.Create(ctx, m))
	u, err := r.p.BeginUpload(ctx, m.ID, m.Owner, int64(n))
	ok(r.t, err)
	off, err := r.p.Append(ctx, u.ID, 0, bytes.NewReader(noise(n)), nil)
	ok(r.t, err)
	if off != int64(n) {
		r.t.Fatalf("offset = %d, want %d", off, n)
	}
}

// noise is n bytes that repeat nowhere near.
func noise(n int) []byte {
	b := make([]byte, n)
	x := uint32(2463534242)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}

// join is the assembler of these tests: segments in order, with ids.
func join(a referent.Assembly) (*referent.Transcript, *referent.Voices) {
	t := &referent.Transcript{Schema: referent.TranscriptSchema, Recording: a.Recording, Language: "no", Coverage: 1}
	for _, c := range a.Chunks {
		for _, s := range c.Segments {
			s.ID = fmt.Sprintf("s%d", len(t.Segments)+1)
			t.Segments = append(t.Segments, s)
		}
	}
	return t, nil
}
