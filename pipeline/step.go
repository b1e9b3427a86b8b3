package pipeline

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/templates"
	"github.com/referent/referent/worker/protocol"
)

// step is one transaction on a meeting's life, and what must follow outside the database once it has
// committed. What follows may get lost in a crash: the reconciler and the leases make up for it.
type step struct {
	store.Tx
	now      time.Time
	throttle *throttle
	partials *partials
	kinds    *templates.Catalogue

	queued  bool           // the dispatcher has something to do
	taken   bool           // there is room in the queue for others
	told    bool           // there are new events
	stopped []referent.Job // cancelled: take their messages away and tell their workers
	done    []ended        // leases that are over
	counts  []func(*metrics)
	unnamed []string // blobs that no row names any more

	forgotten []string // meetings whose provisional text has gone
}

// do runs fn in the writer's transaction and then does what must follow. Once begun it does not stop
// with ctx: a caller who hangs up in the middle must not leave it unknown what was committed.
func (p *Pipeline) do(ctx context.Context, fn func(ctx context.Context, s *step) error) error {
	if err := ctx.Err(); err != nil {
		return referent.E(referent.CodeCancelled, "pipeline: change meeting", err)
	}
	ctx = context.WithoutCancel(ctx)
	var s *step
	err := p.cfg.Store.Tx(ctx, func(tx store.Tx) error {
		s = &step{Tx: tx, now: p.now(), throttle: &p.throttle, partials: &p.partials, kinds: p.cfg.Templates}
		return fn(ctx, s)
	})
	if err != nil {
		return err
	}
	for _, c := range s.counts {
		c(p.metrics)
	}
	for _, e := range s.done {
		p.endSession(ctx, e)
		p.tellEnded(e)
	}
	for _, id := range s.forgotten {
		p.tellPeers(subjectForgotten, []byte(id))
	}
	if err := deleteBlobs(ctx, p.cfg.Vault, s.unnamed); err != nil {
		// They are sealed, nothing leads to them, and they go with their meeting.
		p.cfg.Log.Warn("blobs not deleted", "blobs", len(s.unnamed), "error", err)
	}
	if s.queued {
		wake(p.wakeDispatch)
		wake(p.wakeAssemble)
		p.tellPeers(subjectQueued, nil)
	}
	if s.taken || len(s.stopped) > 0 {
		defer p.tellTaken() // when the messages of those that were stopped are gone
	}
	if s.told {
		p.watchers.signal()
		p.tellPeers(subjectEvents, nil)
	}
	p.stop(ctx, s.stopped)
	return nil
}

// tellTaken wakes the dispatcher, here or where it is: what it published is not there any more.
func (p *Pipeline) tellTaken() {
	wake(p.wakeDispatch)
	p.tellPeers(subjectTaken, nil)
}

// stop tells workers at once what they would learn from their next extension, and takes messages away
// that would be dropped at the next claim: a failure here costs time, not truth.
func (p *Pipeline) stop(ctx context.Context, jobs []referent.Job) {
	for _, j := range jobs {
		if err := p.cfg.Conn.Publish(protocol.SubjectCancelPrefix+j.ID, nil); err != nil {
			p.cfg.Log.Warn("worker not told to stop", "job", j.ID, "error", err)
		}
		if j.Stage == referent.StageAssemble {
			continue
		}
		if err := p.cfg.Queue.Remove(ctx, message(&j)); err != nil {
			p.cfg.Log.Warn("message not removed", "job", j.ID, "error", err)
		}
	}
}

func message(j *referent.Job) queue.Message {
	return queue.Message{Job: j.ID, Epoch: j.Epoch, Stage: j.Stage, Priority: j.Priority}
}

func newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", referent.E(referent.CodeInternal, "pipeline: make id", err)
	}
	return id.String(), nil
}

func (s *step) count(f func(*metrics)) { s.counts = append(s.counts, f) }

// ended is a lease that is over.
type ended struct {
	Job   string `json:"job"`
	Epoch int64  `json:"epoch"` // of it; earlier ones are over too
}

// ended says that the job's lease is over, whoever held it.
func (s *step) ended(j *referent.Job) { s.done = append(s.done, ended{j.ID, j.Epoch}) }

// tell adds an event on the meeting as it now is.
func (s *step) tell(ctx context.Context, m *referent.Meeting, e store.Event) error {
	e.Meeting, e.Owner, e.Department, e.State, e.Progress, e.At = m.ID, m.Owner, m.Department, m.State, m.Progress, s.now
	s.told = true
	return s.AddEvent(ctx, &e)
}

// add queues a new job.
func (s *step) add(ctx context.Context, m *referent.Meeting, stage referent.Stage, chunk int) error {
	id, err := newID()
	if err != nil {
		return err
	}
	s.queued = true
	of := *m
	of.Kind = baseOf(s.kinds, m.Kind)
	return s.AddJob(ctx, &referent.Job{ID: id, Meeting: m.ID, Stage: stage, Chunk: chunk,
		Priority: of.Priority(), State: referent.JobQueued, Created: s.now, Updated: s.now})
}

// baseOf is the built-in kind whose rules hold for a meeting's: itself, unless it names a template.
func baseOf(c *templates.Catalogue, k referent.Kind) referent.Kind {
	if t := c.Find(k); t != nil {
		return t.Base
	}
	return k
}

// requeue writes a job that became queued.
func (s *step) requeue(ctx context.Context, j *referent.Job, fence int64) error {
	s.queued = true
	j.Updated = s.now
	return s.UpdateJob(ctx, j, fence)
}

// reopen gives an ended job a fresh set of attempts. The epoch grows, so that its message is not taken
// for a duplicate of one that was removed.
func (s *step) reopen(ctx context.Context, j *referent.Job) error {
	fence := j.Epoch
	j.Epoch++
	j.State, j.Attempt, j.Progress, j.Code, j.Worker = referent.JobQueued, 0, 0, "", ""
	j.NotBefore, j.LeaseExpires = time.Time{}, time.Time{}
	return s.requeue(ctx, j, fence)
}

// cancelJobs ends every open job of the meeting, and with them what was heard of it so far.
func (s *step) cancelJobs(ctx context.Context, meeting string) error {
	jobs, err := s.JobsOf(ctx, meeting)
	if err != nil {
		return err
	}
	s.forgetHeard(meeting)
	for i := range jobs {
		if !openJobs(jobs[i : i+1]) {
			continue
		}
		if err := s.cancelJob(ctx, &jobs[i]); err != nil {
			return err
		}
	}
	return nil
}

// cancelJob ends an open job.
func (s *step) cancelJob(ctx context.Context, j *referent.Job) error {
	j.State, j.LeaseExpires, j.Updated = referent.JobCancelled, time.Time{}, s.now
	if err := s.UpdateJob(ctx, j, j.Epoch); err != nil {
		return err
	}
	s.stopped = append(s.stopped, *j)
	s.ended(j)
	s.count(func(x *metrics) { x.jobs.WithLabelValues(string(j.Stage), "cancelled").Inc() })
	return nil
}

// showProgress writes the meeting's progress and tells it, at most once a second for each meeting.
func (s *step) showProgress(ctx context.Context, m *referent.Meeting, jobs []referent.Job) error {
	if !s.throttle.allow(m.ID, s.now) {
		return nil
	}
	now := progressOf(m, jobs)
	if now <= m.Progress {
		return nil
	}
	m.Progress = now
	if err := s.UpdateMeeting(ctx, m); err != nil {
		return err
	}
	return s.tell(ctx, m, store.Event{Type: "progress", Stage: stageOf(m.State)})
}

// stageOf is the stage that works on a meeting in the state.
func stageOf(st referent.State) referent.Stage {
	switch st {
	case referent.StateReceived:
		return referent.StagePrepare
	case referent.StatePrepared:
		return referent.StageTranscribe
	case referent.StateTranscribed:
		return referent.StageMinutes
	}
	return ""
}

func (s *step) hasMinutes(ctx context.Context, m *referent.Meeting) (bool, error) {
	_, err := s.Artifact(ctx, m.ID, store.ArtifactMinutes, 0)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func byPerson(a store.Artifact) bool { return a.Kind == store.ArtifactMinutes && a.Author != "" }

func openJobs(jobs []referent.Job) bool {
	return slices.ContainsFunc(jobs, func(j referent.Job) bool {
		return j.State == referent.JobQueued || j.State == referent.JobLeased
	})
}
