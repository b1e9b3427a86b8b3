// Package worker is the loop that takes jobs from the queue, leases them from the server, runs the
// stage and hands the result back. It knows NATS and nothing else: no database, no keys, and no file
// but the weights. What it reads and writes passes through memory; a worker that is killed leaves
// nothing behind.
//
// A job is the worker's for as long as the server says so. The lease is extended while the stage
// moves; when it is lost, or the job is cancelled, the stage's context ends and nothing is committed.
// The message is acked only after the commit, which is what counts.
//
// What is not here: the stages themselves (packages transcribe and summarize, wired by cmd), what the
// server does with an answer (package pipeline), and the words the two speak (worker/protocol). The
// [Supervisor] keeps local worker processes alive for the server.
package worker

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
	"golang.org/x/sync/errgroup"
)

// Preparer turns an upload of size bytes into 16 kHz mono s16le PCM, written to audio in order, and a
// plan; or into a transcript, when the upload is one. progress is 0 to 1, and may be called from any goroutine until Prepare returns.
type Preparer interface {
	Prepare(ctx context.Context, src io.ReaderAt, size int64, task referent.Preparation, audio io.Writer, progress func(float64)) (*referent.PrepareResult, error)
}

// Recognizer hears the windows of a task. audio is the meeting's PCM by byte offset, two bytes a
// sample; only bytes inside the task's windows can be read.
type Recognizer interface {
	Recognize(ctx context.Context, audio io.ReaderAt, task referent.Recognition, progress func(float64)) (*referent.ChunkResult, error)
}

// MinutesWriter writes minutes; without an endpoint (nil) by the built-in writer. What takes long it saves in
// done, and takes up from there what an earlier attempt has saved. Each call of progress, also with a
// value said before, shows that it moves.
type MinutesWriter interface {
	Resume(ctx context.Context, m *referent.Meeting, t *referent.Transcript, e *referent.Endpoint, done referent.Checkpoints, progress func(float64)) (*referent.Minutes, error)
}

// Listener hears a recording while it arrives. read gives the bytes that have come and waits for more;
// it ends with io.EOF, or with its context. What ends before from, in seconds, is not heard again. heard
// takes what was recognised: segments to be added in the place of those that were open, and up to where
// nothing is open. A recording that cannot be heard in this way is no error.
type Listener interface {
	Listen(ctx context.Context, read func(ctx context.Context, p []byte) (int, error), task referent.Recognition, from float64, heard func(referent.Partial) error) error
}

// Config is what a worker is and can do.
type Config struct {
	Conn   *nats.Conn       // from queue.Connect
	Name   string           // unique among all workers; "local/..." for supervised ones
	Stages []referent.Stage // what it does; each needs its part below

	Preparer   Preparer
	Recognizer Recognizer
	Minutes    MinutesWriter
	Listener   Listener

	Live    int    // recordings listened to at once while they arrive; 0: DefaultLive
	Threads int    // told to the server, for people to see
	Device  string // "cpu", "CUDA0"; Describe may know better
	Version string
	// Describe puts into a presence what the machine was seen to have: Device, Class, Models and Model. It is asked at any
	// time; nil: nothing is told, and the server gives the worker its jobs as they come.
	Describe func(*protocol.Presence)
	Log      *slog.Logger // says who the worker is, if that should be told

	// StallAfter is how long a stage may go without progress, or bytes moved, before it loses its
	// lease. 0 means DefaultStallAfter.
	StallAfter time.Duration

	pace *pace // nil: normalPace
}

// Worker runs jobs in lanes: one for whatever comes, one for interactive work alone, so that a dictation
// does not wait for a chunk of a long meeting, and one that listens to recordings while they arrive.
// Make it with New.
type Worker struct {
	cfg    Config
	log    *slog.Logger
	wire   wire
	pace   pace
	faults faults
	rests  rests
	llm    llm
	since  time.Time // it was made

	mu      sync.Mutex
	running []*running    // the jobs at hand, in the order they were taken
	changed chan struct{} // signalled when running changes, so that presence is told at once
}

// running is what belongs to one job at hand.
type running struct {
	job     string
	end     context.CancelCauseFunc // ends the job's context
	keeper  *keeper                 // keeps its lease; nil before the claim was granted
	doubted bool                    // somebody said that it must stop
}

// New checks cfg. CodeConfig tells what is missing.
func New(cfg Config) (*Worker, error) {
	const op = "worker: configure"
	if cfg.Conn == nil || cfg.Name == "" || len(cfg.Stages) == 0 {
		return nil, referent.E(referent.CodeConfig, op, errors.New("connection, name and stages are needed"))
	}
	for _, s := range cfg.Stages {
		able := map[referent.Stage]bool{
			referent.StagePrepare:    cfg.Preparer != nil,
			referent.StageTranscribe: cfg.Recognizer != nil,
			referent.StageMinutes:    cfg.Minutes != nil,
			referent.StageLive:       cfg.Listener != nil,
		}[s]
		if !able {
			return nil, referent.E(referent.CodeConfig, op, errors.New("nothing here does stage "+string(s)))
		}
	}
	if cfg.StallAfter <= 0 {
		cfg.StallAfter = DefaultStallAfter
	}
	if cfg.Live <= 0 {
		cfg.Live = DefaultLive
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	p := normalPace
	if cfg.pace != nil {
		p = *cfg.pace
	}
	return &Worker{cfg: cfg, log: cfg.Log, wire: wire{cfg.Conn, p}, pace: p,
		faults:  faults{rests: p.rests, stages: map[referent.Stage]*stageFaults{}},
		rests:   rests{until: map[kind]time.Time{}},
		since:   time.Now().UTC(),
		changed: make(chan struct{}, 1)}, nil
}

// Run works until ctx ends, and then gives the jobs at hand back: nil. It fails when the connection is
// closed, when the queue cannot be opened, or when a stage does not stop though it was told to; the
// process must end then, for what hangs cannot be freed in any other way.
func (w *Worker) Run(ctx context.Context) error {
	cancels, err := w.cfg.Conn.Subscribe(queue.SubjectCancelPrefix+"*", func(m *nats.Msg) {
		w.doubt(strings.TrimPrefix(m.Subject, queue.SubjectCancelPrefix))
	})
	if err != nil {
		return referent.E(referent.CodeUnavailable, "worker: listen for cancels", err)
	}
	work, ctx := errgroup.WithContext(ctx) // what ends one lane ends all
	var present sync.WaitGroup
	present.Go(func() { w.present(ctx) })
	for _, l := range w.lanes() {
		work.Go(func() error { return l.loop(ctx, work) })
	}
	err = work.Wait()
	present.Wait()
	return errors.Join(err, quiet(cancels.Unsubscribe()))
}

// doubt asks the server at once whether the job named goes on, if it is at hand. The message alone stops nothing:
// JetStream answers a pull wherever the puller says, so that any worker can have one sent.
func (w *Worker) doubt(job string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.running {
		if r.job == job {
			r.doubted = true
			if r.keeper != nil {
				r.keeper.ask()
			}
		}
	}
}

// begin takes a job in hand; finish lets go of it.
func (w *Worker) begin(job string, end context.CancelCauseFunc) *running {
	r := &running{job: job, end: end}
	w.mu.Lock()
	w.running = append(w.running, r)
	w.mu.Unlock()
	w.change()
	return r
}

// rename is for a job that was given in the place of another. Whether it was cancelled before its name was known is asked.
func (w *Worker) rename(r *running, job string) {
	w.mu.Lock()
	r.job, r.doubted = job, true
	w.mu.Unlock()
	w.change()
}

func (w *Worker) finish(r *running) {
	w.mu.Lock()
	w.running = slices.DeleteFunc(w.running, func(o *running) bool { return o == r })
	w.mu.Unlock()
	w.change()
}

func (w *Worker) change() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// Moved says that the jobs at hand get on in a way that their stages do not tell, such as weights that
// are being fetched for them: it is no stall. It may be called at any time, from anywhere.
func (w *Worker) Moved() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.running {
		if r.keeper != nil {
			r.keeper.touch()
		}
	}
}

// present tells the server that this worker is here, until ctx ends, and then that it leaves.
func (w *Worker) present(ctx context.Context) {
	tick := time.NewTicker(w.pace.presence)
	defer tick.Stop()
	for {
		w.sayPresence(false)
		select {
		case <-ctx.Done():
			w.sayPresence(true)
			return
		case <-tick.C:
		case <-w.changed:
		}
	}
}

func (w *Worker) sayPresence(leaving bool) {
	p := protocol.Presence{
		Worker: w.cfg.Name, Version: w.cfg.Version, Stages: w.cfg.Stages,
		Threads: w.cfg.Threads, Device: w.cfg.Device, Leaving: leaving,
		Since: w.since, Faults: w.faults.told(), LLM: w.llm.told(time.Now()),
	}
	if w.cfg.Describe != nil {
		w.cfg.Describe(&p)
	}
	w.mu.Lock()
	for _, r := range w.running {
		p.Jobs = append(p.Jobs, r.job)
	}
	w.mu.Unlock()
	if len(p.Jobs) > 0 {
		p.Job = p.Jobs[0]
	}
	msg, err := jsonMsg(protocol.SubjectPresence, p)
	if err == nil {
		// While the connection is away the server cannot hear; the next presence says the same.
		_ = w.cfg.Conn.PublishMsg(w.wire.signed(msg))
	}
	if leaving {
		// The process may end next; what stands in the buffer would go with it.
		_ = w.cfg.Conn.FlushTimeout(time.Second)
	}
}

// quiet passes over the errors of taking down what a closed connection has taken down already.
func quiet(err error) error {
	if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrBadSubscription) {
		return nil
	}
	return err
}
