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
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
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

// MinutesWriter writes minutes; without an endpoint (nil) by the built-in writer. Each call of progress,
// also with a value said before, shows that it moves.
type MinutesWriter interface {
	Write(ctx context.Context, m *referent.Meeting, t *referent.Transcript, e *referent.Endpoint, progress func(float64)) (*referent.Minutes, error)
}

// Config is what a worker is and can do.
type Config struct {
	Conn   *nats.Conn       // from queue.Connect
	Name   string           // unique among all workers; "local/..." for supervised ones
	Stages []referent.Stage // what it does; each needs its part below

	Preparer   Preparer
	Recognizer Recognizer
	Minutes    MinutesWriter

	Threads int    // told to the server, for people to see
	Device  string // "cpu", "cuda", "vulkan"
	Version string
	Log     *slog.Logger // says who the worker is, if that should be told

	// StallAfter is how long a stage may go without progress, or bytes moved, before it loses its
	// lease. 0 means DefaultStallAfter.
	StallAfter time.Duration

	pace *pace // nil: normalPace
}

// Worker runs one job at a time. Make it with New.
type Worker struct {
	cfg  Config
	log  *slog.Logger
	wire wire
	pace pace

	faults faults // the loop's own

	mu      sync.Mutex
	job     string                  // id of the job at hand, "" when idle
	endJob  context.CancelCauseFunc // ends its context
	keeper  *keeper                 // keeps its lease
	changed chan struct{}           // signalled when job changes, so that presence is told at once
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
		}[s]
		if !able {
			return nil, referent.E(referent.CodeConfig, op, errors.New("nothing here does stage "+string(s)))
		}
	}
	if cfg.StallAfter <= 0 {
		cfg.StallAfter = DefaultStallAfter
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	p := normalPace
	if cfg.pace != nil {
		p = *cfg.pace
	}
	return &Worker{cfg: cfg, log: cfg.Log, wire: wire{cfg.Conn, p}, pace: p,
		faults:  faults{p.rests, map[referent.Stage]*stageFaults{}},
		changed: make(chan struct{}, 1)}, nil
}

// Run works until ctx ends, and then gives the job at hand back: nil. It fails when the connection is
// closed, when the queue cannot be opened, or when a stage does not stop though it was told to; the
// process must end then, for what hangs cannot be freed in any other way.
func (w *Worker) Run(ctx context.Context) error {
	cancels, err := w.cfg.Conn.Subscribe(queue.SubjectCancelPrefix+"*", func(m *nats.Msg) {
		w.stopJob(strings.TrimPrefix(m.Subject, queue.SubjectCancelPrefix), errCancelled)
	})
	if err != nil {
		return referent.E(referent.CodeUnavailable, "worker: listen for cancels", err)
	}
	var present sync.WaitGroup
	ctx, stop := context.WithCancel(ctx)
	present.Go(func() { w.present(ctx) })
	err = w.loop(ctx)
	stop()
	present.Wait()
	return errors.Join(err, quiet(cancels.Unsubscribe()))
}

// openQueue waits for the streams: at a first start the worker may come before the server made them.
func (w *Worker) openQueue(ctx context.Context, stages []referent.Stage) (*queue.Puller, error) {
	for {
		p, err := queue.NewPuller(ctx, w.cfg.Conn, stages)
		if err == nil || referent.CodeOf(err) == referent.CodeConfig || w.cfg.Conn.IsClosed() {
			return p, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(4 * w.pace.retry):
		}
	}
}

// loop takes jobs of the stages that do not rest, from round to round.
func (w *Worker) loop(ctx context.Context) error {
	for {
		able, next := w.faults.able(w.cfg.Stages, time.Now())
		if err := w.round(ctx, able, next); err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// round takes jobs of stages until next, if it is set; until what rests has changed; or until ctx ends.
func (w *Worker) round(ctx context.Context, stages []referent.Stage, next time.Time) (err error) {
	until, cancel := ctx, context.CancelFunc(func() {})
	if !next.IsZero() {
		until, cancel = context.WithDeadline(ctx, next)
	}
	defer cancel()
	if len(stages) == 0 {
		<-until.Done()
		return nil
	}
	puller, err := w.openQueue(until, stages)
	if err != nil {
		if until.Err() != nil && ctx.Err() == nil {
			return nil
		}
		return err
	}
	defer func() { err = errors.Join(err, puller.Close()) }()
	for {
		d, err := puller.Next(until)
		switch {
		case d != nil && ctx.Err() != nil:
			return d.Nak(0)
		case d == nil && until.Err() != nil:
			return nil
		case d == nil:
			return err
		}
		if err := w.take(ctx, d); err != nil {
			return err
		}
		if now, _ := w.faults.able(stages, time.Now()); len(now) < len(stages) {
			return nil
		}
	}
}

// stopJob ends the job at hand if it is the one named.
func (w *Worker) stopJob(job string, cause error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.job == job && w.endJob != nil {
		w.endJob(cause)
	}
}

func (w *Worker) setJob(job string, end context.CancelCauseFunc) {
	w.mu.Lock()
	w.job, w.endJob, w.keeper = job, end, nil
	w.mu.Unlock()
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// Moved says that the job at hand gets on in a way that its stage does not tell, such as weights that
// are being fetched for it: it is no stall. It may be called at any time, from anywhere.
func (w *Worker) Moved() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.keeper != nil {
		w.keeper.touch()
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
	w.mu.Lock()
	job := w.job
	w.mu.Unlock()
	msg, err := jsonMsg(protocol.SubjectPresence, protocol.Presence{
		Worker: w.cfg.Name, Version: w.cfg.Version, Stages: w.cfg.Stages,
		Threads: w.cfg.Threads, Device: w.cfg.Device, Job: job, Leaving: leaving,
	})
	if err == nil {
		// While the connection is away the server cannot hear; the next presence says the same.
		_ = w.cfg.Conn.PublishMsg(msg)
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
