package pipeline

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/retention"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/templates"
)

// Queue carries the ids of jobs to the workers. It may lose everything: the store knows it all.
type Queue interface {
	// Publish makes the job's message available, in place of one that is still there.
	Publish(ctx context.Context, m queue.Message) error
	// Remove takes the job's message away. It is no error when there is none.
	Remove(ctx context.Context, m queue.Message) error
	// Generation names this incarnation of the queue's storage; it changes when the storage was lost. What is
	// missing of the storage is made.
	Generation(ctx context.Context) (string, error)
	// Renew makes the storage of a stage anew, empty.
	Renew(ctx context.Context, stage referent.Stage) error
	// MendAdvisories makes the stream of what the queue says of its messages when it is missing.
	MendAdvisories(ctx context.Context) error
	// Held looks at a stage's messages.
	Held(ctx context.Context, stage referent.Stage) (*queue.Held, error)
}

// ModelFile is one file of weights.
type ModelFile interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// ModelSource finds weights for workers that have none.
type ModelSource interface {
	// Open returns the weights called name in the catalogue, the file name they are kept under and
	// their SHA-256 in lower-case hex.
	Open(name string) (f ModelFile, file, sha256 string, err error)
}

// Assembler joins the chunks of a recording to a transcript. Beside it come the voices of its segments,
// nil when nobody was told apart by voice.
type Assembler func(referent.Assembly) (*referent.Transcript, *referent.Voices)

// Config is what a Pipeline is made of. Store, Vault, Queue, Conn, Log and Assemble are required.
type Config struct {
	Store    store.Store
	Vault    *blob.Vault
	Queue    Queue
	Conn     *nats.Conn // answers workers
	Log      *slog.Logger
	Assemble Assembler

	Models  ModelSource           // nil: workers cannot fetch weights from here
	Metrics prometheus.Registerer // nil: counted, not shown
	Now     func() time.Time      // nil: time.Now

	Language    referent.Language    // written form of minutes that do not say; "": Bokmal
	Model       string               // recognition weights; "": "base"
	Spoken      string               // spoken language of meetings that do not say; "": "no"
	Vocabulary  []string             // the organisation's own names and words
	Endpoint    *referent.Endpoint   // nil: the built-in writer makes the minutes
	Templates   *templates.Catalogue // the kinds that minutes are of; nil: the built-in ones
	MustTell    MustTell             // no meeting of these kinds is made unless somebody confirms that those present were told
	MaxDuration float64              // seconds of audio accepted; 0: no limit
	MaxUpload   int64                // bytes of a recording accepted; 0: no limit
	OwnKey      string               // public key of the workers on this machine; "": there are none
	// Disconnect closes the connections of the worker with a public key; nil: they end by themselves.
	Disconnect func(ctx context.Context, key string) error

	Retention    *retention.Rules // nil: everything is kept until somebody erases it
	UploadTTL    time.Duration    // an upload lives this long after its last byte; 0: 24 hours
	FinishAfter  time.Duration    // a recording whose last byte is younger is not finished by hand; 0: a minute
	EventsKept   time.Duration    // events are replayed this far back; 0: 7 days
	ReadingsKept time.Duration    // so long after it ended it is known who read what; 0: two years, negative: for ever

	// WorkersWithin is how long after its start the server waits to hear of workers before it says that there are
	// none; 0: three presence intervals.
	WorkersWithin time.Duration

	// Server names this start of this server among several over the same Store, Vault and Queue, who all have a name: 1 to
	// 32 small letters and digits, never given twice. "": there is no other.
	Server    string
	BeatEvery time.Duration // how often one of several says that it lives; 0: 1 s

	DispatchEvery  time.Duration // how often the dispatcher looks without being woken; 0: 3 s
	ReconcileEvery time.Duration // 0: 5 s
	// StalledAfter is how long a published job may wait while a worker who could do it is idle, before it is published
	// again; 0: 30 s. Workers look every two seconds.
	StalledAfter time.Duration
}

func (c *Config) complete() error {
	const op = "pipeline: configure"
	if c.Store == nil || c.Vault == nil || c.Queue == nil || c.Conn == nil || c.Log == nil || c.Assemble == nil {
		return referent.E(referent.CodeConfig, op, errors.New("a required part is missing"))
	}
	if c.UploadTTL < 0 || c.FinishAfter < 0 || c.EventsKept < 0 || c.MaxDuration < 0 || c.MaxUpload < 0 {
		return referent.E(referent.CodeConfig, op, errors.New("a limit is negative"))
	}
	orDefault(&c.Language, referent.Bokmal)
	if !written(c.Language) {
		return referent.E(referent.CodeConfig, op, errors.New("the language form is nb or nn"))
	}
	orDefault(&c.Model, "base")
	orDefault(&c.Spoken, "no")
	if c.Retention == nil {
		forever := retention.Forever()
		c.Retention = &forever
	}
	orDefault(&c.UploadTTL, 24*time.Hour)
	orDefault(&c.FinishAfter, time.Minute)
	orDefault(&c.EventsKept, 7*24*time.Hour)
	orDefault(&c.ReadingsKept, 730*24*time.Hour)
	orDefault(&c.WorkersWithin, heardWithin)
	if c.Server != "" && !serverID.MatchString(c.Server) {
		return referent.E(referent.CodeConfig, op, errors.New("a server's name is 1 to 32 small letters and digits"))
	}
	orDefault(&c.BeatEvery, time.Second)
	orDefault(&c.DispatchEvery, 3*time.Second)
	orDefault(&c.ReconcileEvery, 5*time.Second)
	orDefault(&c.StalledAfter, 30*time.Second)
	if c.Now == nil {
		c.Now = time.Now
	}
	return nil
}

func orDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// Pipeline drives meetings from upload to minutes. Its methods are safe for concurrent use; those that
// change a meeting work whether or not Run is running.
type Pipeline struct {
	cfg     Config
	secret  []byte // signs lease tokens; lives in the store, so that leases outlive a restart
	metrics *metrics

	sessions sessions
	uploads  uploadLocks
	watchers watchers
	presence presence
	kept     kept
	partials partials
	throttle throttle
	pace     *pace
	outlooks outlooks
	seen     seen
	started  time.Time
	models   openModels
	peers    peers
	erasing  erasures
	life     atomic.Pointer[context.Context] // ends when Run is told to; nil: it is not running
	peaking  chan struct{}                   // one reading of a whole recording at a time

	rules       map[referent.Kind]retention.Rule
	reconciling sync.Mutex // one turn at a time
	retireNext  time.Time  // when the calendar is gone through again; the reconciler's own
	stalls      stalls     // the reconciler's own

	dispatching sync.Mutex // one turn of the dispatcher at a time
	shares      shares     // under dispatching
	excesses    excesses   // under dispatching
	strays      strays

	wakeDispatch  chan struct{}
	wakeAssemble  chan struct{}
	wakeReconcile chan struct{}
}

// settings that the pipeline keeps in the store.
const (
	settingSecret     = "pipeline.lease_secret"
	settingGeneration = "pipeline.queue_generation"
)

// New makes a Pipeline. It reads and, the first time, writes the secret that signs leases.
func New(cfg Config) (*Pipeline, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	p := &Pipeline{
		cfg:           cfg,
		rules:         rulesOf(&cfg),
		wakeDispatch:  make(chan struct{}, 1),
		wakeAssemble:  make(chan struct{}, 1),
		wakeReconcile: make(chan struct{}, 1),
		peaking:       make(chan struct{}, 1),
		erasing:       newErasures(),
	}
	p.sessions.open = map[string]*session{}
	p.uploads.held = map[string]bool{}
	p.watchers.all = map[chan struct{}]bool{}
	p.presence.seen = map[string]WorkerInfo{}
	p.partials.of = map[string]*partial{}
	p.seen.at = map[string]time.Time{}
	p.throttle.last = map[string]time.Time{}
	p.shares, p.excesses = shares{}, excesses{}
	p.models.files = map[string]openModel{}
	p.peers.seen, p.peers.turns, p.peers.wake = map[string]sighting{}, map[*context.CancelFunc]bool{}, make(chan struct{}, 1)
	var err error
	if p.metrics, err = newMetrics(cfg.Metrics); err != nil {
		return nil, err
	}
	if p.secret, err = leaseSecret(cfg.Store); err != nil {
		return nil, err
	}
	if err = p.admitOwn(context.Background()); err != nil {
		return nil, err
	}
	if p.pace, err = readPace(cfg.Store); err != nil {
		return nil, err
	}
	p.started = p.now()
	p.metrics.gauges.of.Store(p)
	return p, nil
}

func leaseSecret(st store.Store) ([]byte, error) {
	const op = "pipeline: read lease secret"
	var text string
	err := st.Tx(context.Background(), func(tx store.Tx) error {
		var err error
		text, err = tx.Setting(context.Background(), settingSecret)
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		secret := make([]byte, 32)
		if _, err := rand.Read(secret); err != nil {
			return err
		}
		text = hex.EncodeToString(secret)
		return tx.PutSetting(context.Background(), settingSecret, text)
	})
	if err != nil {
		return nil, referent.E(referent.CodeOf(err), op, err)
	}
	secret, err := hex.DecodeString(text)
	if err != nil || len(secret) != 32 {
		return nil, referent.E(referent.CodeInternal, op, errors.New("the stored secret is malformed"))
	}
	return secret, nil
}

// Run answers workers, feeds the queue, joins chunks and repairs what crashes left behind, until ctx
// ends. Everything it started has ended when it returns.
func (p *Pipeline) Run(ctx context.Context) error {
	defer p.models.close()
	defer p.closeSessions()
	if err := p.enlist(ctx); err != nil {
		return err
	}
	defer p.retireServer()
	until := ctx
	p.life.Store(&until)
	defer p.life.Store(nil)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	if err := p.serve(ctx, g); err != nil {
		stopped := until.Err() != nil
		cancel()
		if err = errors.Join(err, g.Wait()); stopped && errors.Is(err, context.Canceled) {
			return nil // it was told to end while it began
		}
		return err
	}
	if !p.alone() {
		g.Go(func() error { return p.beating(ctx) })
		g.Go(func() error { return p.every(ctx, "events", lookEvery, nil, p.lookForEvents) })
		g.Go(func() error { return p.every(ctx, "tidy", p.cfg.ReconcileEvery, nil, p.tidyMemory) })
	}
	g.Go(func() error {
		return p.every(ctx, "dispatch", p.cfg.DispatchEvery, p.wakeDispatch, p.leading(p.dispatch))
	})
	g.Go(func() error {
		return p.every(ctx, "assemble", p.cfg.DispatchEvery, p.wakeAssemble, p.leading(p.assemble))
	})
	g.Go(func() error { return p.every(ctx, "index", p.cfg.ReconcileEvery, nil, p.leading(p.fillIndexes)) })
	g.Go(func() error {
		return p.every(ctx, "reconcile", p.cfg.ReconcileEvery, p.wakeReconcile, p.leading(p.reconcile))
	})
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// every runs task at once, when woken and at intervals, until ctx ends. A task that fails is tried again
// at the next turn: the database knows what is left to do.
func (p *Pipeline) every(ctx context.Context, name string, interval time.Duration, wake <-chan struct{}, task func(context.Context) error) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := task(ctx); err != nil && ctx.Err() == nil {
			p.metrics.loopErrors.WithLabelValues(name).Inc()
			p.cfg.Log.Warn("will try again", "task", name, "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		case <-wake:
		}
	}
}

func (p *Pipeline) now() time.Time { return p.cfg.Now().UTC() }

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
