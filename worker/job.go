package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
)

// maxTranscript bounds what a minutes job reads into memory, in bytes; a day of speech is a tenth.
const maxTranscript = 256 << 20

// take claims the delivered job and runs it. Its error ends the worker; what goes wrong with the job
// alone is the server's to know.
func (w *Worker) take(ctx context.Context, d *queue.Delivery) error {
	jobCtx, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(nil)
	defer context.AfterFunc(ctx, func() { end(errLeaving) })()
	r := w.begin(d.Job, end) // before the claim, so that no cancel is missed
	defer w.finish(r)

	// A claim is waited for even when the worker is told to leave: one that was granted unheard would
	// hold the job until its lease runs out.
	claim, away, err := w.wire.claim(context.WithoutCancel(ctx), protocol.ClaimRequest{Job: d.Job, Worker: w.cfg.Name})
	switch code := referent.CodeOf(err); {
	case err == nil:
	case code == referent.CodeConflict, code == referent.CodeNotFound:
		w.log.Debug("stale message", "job", d.Job)
		w.lost("drop", d, d.Drop())
		return nil
	case errors.Is(err, nats.ErrNoResponders):
		w.lost("give back", d, d.Nak(4*w.pace.retry)) // nobody heard it
		return nil
	case away:
		w.lost("give back", d, d.Nak(w.pace.again)) // it may have been granted: let that lease run out
		return nil
	default:
		w.log.Warn("claim failed", "job", d.Job, "error", err)
		w.lost("give back", d, d.Nak(w.pace.again))
		return nil
	}
	if claim.Rest || claim.Lease.Job != d.Job {
		if claim.Rest {
			w.rests.begin(d.Stage, d.Priority, time.Now().Add(w.pace.aside))
		}
		w.lost("give back", d, d.Nak(0)) // the server has published it anew, if all went well
		if claim.Rest {
			return nil
		}
		d = d.Instead(claim.Lease.Job)
		w.rename(r, d.Job)
	}
	failpoint.Hit("worker.claimed")
	return w.work(jobCtx, r, d, claim)
}

// work runs a leased job to its end: committed, failed, given back or dropped.
func (w *Worker) work(ctx context.Context, r *running, d *queue.Delivery, claim protocol.ClaimReply) error {
	began := time.Now()
	log := w.log.With("job", claim.Lease.Job, "epoch", claim.Lease.Epoch, "stage", claim.Task.Stage)
	log.Info("job begins")
	k := newKeeper(w.wire, claim, d, w.stallAfter(claim.Task), r.end, log)
	w.mu.Lock()
	r.keeper = k
	if r.doubted {
		k.ask()
	}
	w.mu.Unlock()
	var keeping sync.WaitGroup
	keeping.Go(func() { k.run(ctx) })

	done := make(chan error, 1)
	go func() { done <- w.attempt(ctx, k, claim.Task) }()
	var err error
	returned := true
	select {
	case err = <-done:
	case <-ctx.Done():
		// What the server must hear does not wait for a stage that is deep in a window: its results
		// are refused from here on, whatever it does.
		select {
		case err = <-done:
		default:
			returned, err = false, context.Cause(ctx)
		}
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx) // the stage tells of it in its own way
	}
	r.end(err)
	keeping.Wait()
	w.settle(ctx, d, claim.Lease, log, err)
	if !returned {
		select {
		case <-done:
		case <-time.After(w.pace.unwind):
			return referent.E(referent.CodeTimeout, "worker: stop stage", errors.New("it does not stop")).
				WithHint("the process ends so that the stage does; its supervisor starts a new one")
		}
	}
	log.Info("job ends", "code", referent.CodeOf(err), "seconds", time.Since(began).Seconds())
	return nil
}

// stallAfter is how long the task's stage may stand still. A call to a language model shows nothing of
// itself until it ends, and its own timeout ends it: the stall comes after that.
func (w *Worker) stallAfter(task protocol.Task) time.Duration {
	if task.Stage != referent.StageMinutes || task.Endpoint == nil {
		return w.cfg.StallAfter
	}
	return max(w.cfg.StallAfter, task.Endpoint.CallTimeout()+w.pace.call)
}

// settle tells server and queue how the job ended. An unheard word costs time, never a result: the
// lease runs out, the message comes again, and the claim decides.
func (w *Worker) settle(ctx context.Context, d *queue.Delivery, lease protocol.Lease, log *slog.Logger, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.pace.farewell)
	defer cancel()
	fail := protocol.FailRequest{Lease: lease, Code: referent.CodeOf(err), Detail: detail(err)}
	switch {
	case err == nil:
		w.faults.mended(d.Stage)
		failpoint.Hit("worker.ack")
		w.lost("ack", d, d.Ack(ctx))
		failpoint.Hit("worker.acked")
		return
	case errors.Is(err, errCancelled):
		w.lost("drop", d, d.Drop())
		return
	case fail.Code == referent.CodeLeaseLost:
		return // the message may be with the job's new worker
	case errors.Is(err, errLeaving):
		fail.Release = true
	case fail.Code.OfMachine() && w.faults.meet(d.Stage, d.Job, fail.Code, time.Now()):
		log.Warn("this machine cannot do the job; it is given back", "code", fail.Code, "error", fail.Detail)
		fail.Code, fail.Release = referent.CodeCancelled, true
	default:
		if fail.Code == referent.CodeCancelled {
			// Nobody cancelled: said so, the server would take it for a worker that leaves, and would
			// not count the attempt.
			fail.Code = referent.CodeInternal
		}
		log.Warn("job failed", "code", fail.Code, "error", fail.Detail)
	}
	if err := w.wire.tell(ctx, protocol.SubjectFail, fail); err != nil {
		log.Info("failure not told", "error", err)
		return
	}
	w.lost("drop", d, d.Drop()) // the server has queued the job again, if it is to be
}

// lost notes that a message could not be used up. It comes again after its time, and is harmless then.
func (w *Worker) lost(verb string, d *queue.Delivery, err error) {
	if err != nil {
		w.log.Info("message will come again", "verb", verb, "job", d.Job, "error", err)
	}
}

// detail is what technicians may read of err: errors made by Referent carry no content; of others only
// the type is told.
func detail(err error) string {
	if err == nil {
		return ""
	}
	s := fmt.Sprintf("%T", err)
	if _, ok := errors.AsType[*referent.Error](err); ok {
		s = err.Error()
	}
	const most = 1000
	return strings.ToValidUTF8(s[:min(len(s), most)], "")
}

// attempt runs the stage, hands in what it made and commits. A panic is the stage's failure, not the
// worker's end.
func (w *Worker) attempt(ctx context.Context, k *keeper, task protocol.Task) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked(k.log, v)
		}
	}()
	result, err := w.stage(ctx, k, task)
	if err != nil {
		return err
	}
	failpoint.Hit("worker.made")
	data, err := json.Marshal(result)
	if err != nil {
		return referent.E(referent.CodeInternal, "worker: encode result", err)
	}
	for range 3 {
		if err = sendResult(ctx, w.wire, k, data); err != nil {
			return err
		}
		// A server that took the result may be gone before it has committed it.
		if err = w.commit(ctx, k); referent.CodeOf(err) != referent.CodeConflict {
			return err
		}
	}
	return err
}

func (w *Worker) commit(ctx context.Context, k *keeper) error {
	failpoint.Hit("worker.commit")
	k.committing.Store(true)
	ctx, cancel := context.WithTimeout(ctx, w.pace.patience)
	defer cancel()
	return w.wire.tellAt(ctx, &k.writes, protocol.SubjectCommit, protocol.CommitRequest{Lease: k.lease})
}

// panicked turns a recovered value into an error. The value may hold anything, so that only its type
// and the places it passed are told.
func panicked(log *slog.Logger, v any) error {
	cause := fmt.Errorf("panic: %T", v)
	if r, ok := v.(runtime.Error); ok {
		cause = r
	}
	log.Error("stage panicked", "error", cause, "stack", string(debug.Stack()))
	return referent.E(referent.CodeInternal, "worker: run stage", cause)
}

// stage runs the one that the task asks for and returns its result.
func (w *Worker) stage(ctx context.Context, k *keeper, task protocol.Task) (any, error) {
	const op = "worker: run stage"
	switch {
	case !slices.Contains(w.cfg.Stages, task.Stage):
		return nil, referent.E(referent.CodeInternal, op, fmt.Errorf("stage %q is not done here", task.Stage))
	case task.Stage == referent.StagePrepare && task.Preparation != nil:
		return w.prepare(ctx, k, task)
	case task.Stage == referent.StageTranscribe && task.Recognition != nil:
		src, err := openAudio(ctx, w.wire, k, task.Recognition)
		if err != nil {
			return nil, err
		}
		defer src.close()
		return made(w.cfg.Recognizer.Recognize(ctx, src, *task.Recognition, k.report))
	case task.Stage == referent.StageLive && task.Recognition != nil:
		return nil, w.listen(ctx, k, task)
	case task.Stage == referent.StageMinutes:
		t, err := w.transcript(ctx, k)
		if err != nil {
			return nil, err
		}
		task.Meeting.Template = task.Template
		mi, err := w.cfg.Minutes.Resume(ctx, &task.Meeting, t, task.Endpoint, &checkpoints{w.wire, k}, func(p float64) {
			// The writer says the same again after a call that took it no further, such as one that
			// is tried anew: it moves.
			k.touch()
			k.report(p)
		})
		if task.Endpoint != nil {
			w.llm.note(err, time.Now())
		}
		if err == nil && mi != nil && task.Template != nil {
			task.Template.Sign(mi)
		}
		return made(mi, err)
	}
	return nil, referent.E(referent.CodeInternal, op, errors.New("the task lacks what its stage needs"))
}

func (w *Worker) prepare(ctx context.Context, k *keeper, task protocol.Task) (any, error) {
	src, err := openWhole(ctx, w.wire, k, protocol.SourceRecording)
	if err != nil {
		return nil, err
	}
	defer src.close()
	audio := &sink{ctx: ctx, wire: w.wire, keeper: k, stream: protocol.StreamAudio}
	result, err := made(w.cfg.Preparer.Prepare(ctx, src, src.size, *task.Preparation, audio, k.report))
	if err != nil {
		return nil, err
	}
	return result, audio.flush()
}

func (w *Worker) transcript(ctx context.Context, k *keeper) (*referent.Transcript, error) {
	const op = "worker: read transcript"
	src, err := openWhole(ctx, w.wire, k, protocol.SourceTranscript)
	if err != nil {
		return nil, err
	}
	defer src.close()
	if src.size > maxTranscript {
		return nil, referent.E(referent.CodeTooLarge, op, nil)
	}
	t := new(referent.Transcript)
	if err := json.NewDecoder(io.NewSectionReader(src, 0, src.size)).Decode(t); err != nil {
		if _, ours := errors.AsType[*referent.Error](err); ours {
			return nil, err
		}
		return nil, referent.E(referent.CodeInternal, op, errors.New("it is not the JSON it should be"))
	}
	return t, nil
}

// made refuses a stage's answer that is neither a result nor an error.
func made[T any](result *T, err error) (*T, error) {
	if err == nil && result == nil {
		return nil, referent.E(referent.CodeInternal, "worker: run stage", errors.New("it made nothing"))
	}
	return result, err
}
