package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// unsteady is a queue that is cut off after so many messages were removed; left < 0: never.
type unsteady struct {
	Queue
	left   int
	before func(queue.Message) // each removal
}

var errCut = errors.New("cut off")

func (q *unsteady) Remove(ctx context.Context, m queue.Message) error {
	if q.left == 0 {
		return errCut
	}
	q.left--
	if q.before != nil {
		q.before(m)
	}
	return q.Queue.Remove(ctx, m)
}

// staff lets so many workers be heard of, and nobody else.
func (r *rig) staff(n int) {
	r.p.presence.forget(func(WorkerInfo) bool { return true })
	for i := range n {
		r.present(protocol.Presence{Worker: fmt.Sprint("far/", i), Stages: queue.Stages, Threads: 1})
	}
}

// flood publishes the recordings of n meetings as a release did that published all there was.
func (r *rig) flood(department string, n int) (all []string) {
	r.t.Helper()
	ctx := context.Background()
	for range n {
		id := r.of(department)
		j := r.job(id, referent.StagePrepare, 0)
		ok(r.t, r.queue.Publish(ctx, message(&j)))
		ok(r.t, r.db.Tx(ctx, func(tx store.Tx) error { return tx.MarkPublished(ctx, j.ID, j.Epoch) }))
		all = append(all, id)
	}
	return all
}

func (r *rig) held(stage referent.Stage) *queue.Held {
	r.t.Helper()
	h, err := r.queue.Held(context.Background(), stage)
	ok(r.t, err)
	return h
}

func (r *rig) published(stage referent.Stage) []referent.Job {
	r.t.Helper()
	jobs, err := r.db.Published(context.Background(), stage, "", 0)
	ok(r.t, err)
	return jobs
}

// noneLost fails when a job is thought to be in the queue and is not.
func (r *rig) noneLost() {
	r.t.Helper()
	for _, stage := range queue.Stages {
		held := r.held(stage)
		for _, j := range r.published(stage) {
			if !held.Jobs[j.ID] {
				r.t.Errorf("%s %s is marked as published, and has no message", stage, j.ID)
			}
		}
	}
}

// lookFor lets the dispatcher look again and again for so long, while as many workers are heard of.
func (r *rig) lookFor(d time.Duration, workers int) (errs []error) {
	r.t.Helper()
	const step = 2 * time.Second
	for ; d > 0; d -= step {
		r.staff(workers)
		if err := r.p.dispatch(context.Background()); err != nil {
			errs = append(errs, err)
		}
		r.clock.advance(step)
	}
	return errs
}

// A recall that breaks off at any message leaves no job that nobody comes to: before a message goes, the dispatcher has its
// job again. The server that comes after it finds them all.
func TestRecallBreaksOff(t *testing.T) {
	q := &unsteady{left: -1}
	r := newRig(t, func(c *Config) {
		neverLooks(c)
		q.Queue, c.Queue = r0(c, q), q
	})
	many := r.flood("a", 40)
	q.before = func(m queue.Message) {
		for _, j := range r.published(m.Stage) {
			if j.ID == m.Job {
				t.Errorf("the message of %s goes, and it is thought to be there", m.Job)
			}
		}
	}
	q.left = 5
	errs := r.lookFor(heardWithin+4*time.Second, 1)
	if len(errs) == 0 || !errors.Is(errors.Join(errs...), errCut) {
		t.Fatalf("it did not break off: %v", errs)
	}
	r.noneLost()
	if held, marked := len(r.held(referent.StagePrepare).Jobs), len(r.published(referent.StagePrepare)); held != len(many)-5 || marked >= held {
		t.Errorf("%d messages and %d that are thought to be there", held, marked)
	}
	q.left = -1
	r.p = r.newPipeline(r.db)
	for range 2 { // the first sees the queue's storage for the first time
		ok(t, r.p.reconcile(t.Context()))
	}
	ok(t, r.p.dispatch(t.Context()))
	r.noneLost()
	if held, marked := len(r.held(referent.StagePrepare).Jobs), len(r.published(referent.StagePrepare)); held != marked || marked == 0 {
		t.Errorf("%d messages and %d that are thought to be there, when the messages that were left could be removed", held, marked)
	}
	r.run()
	h := r.hand("far/1")
	got := map[string]bool{}
	for range many {
		d, c := h.take()
		got[c.Task.Meeting.ID] = true
		ok(t, h.fail(c.Lease, referent.CodeAudioUnreadable)) // for good
		ok(t, d.Drop())
	}
	if len(got) != len(many) {
		t.Errorf("%d recordings were come to, of %d", len(got), len(many))
	}
}

// r0 is the queue beneath q, also when a pipeline is made anew.
func r0(c *Config, q *unsteady) Queue {
	if c.Queue == Queue(q) {
		return q.Queue
	}
	return c.Queue
}

// A job that is claimed while it is taken back stays its worker's.
func TestRecallMeetsClaims(t *testing.T) {
	q := &unsteady{left: -1}
	r := newRig(t, func(c *Config) { neverLooks(c); q.Queue, c.Queue = r0(c, q), q })
	r.flood("a", 40)
	var taken []string
	q.before = func(m queue.Message) {
		j, err := r.db.Job(t.Context(), m.Job)
		ok(t, err)
		if j.State == referent.JobQueued && len(taken) < 3 {
			if _, _, err := r.p.lease(t.Context(), m.Job, "far/1", false); err != nil {
				t.Error(err)
			}
			taken = append(taken, m.Job)
		}
	}
	if errs := r.lookFor(heardWithin+4*time.Second, 1); len(errs) > 0 {
		t.Fatal(errs)
	}
	for _, id := range taken {
		if j, err := r.db.Job(t.Context(), id); err != nil || j.State != referent.JobLeased {
			t.Errorf("the job is %+v, %v", j, err)
		}
	}
	if len(taken) != 3 {
		t.Errorf("%d were taken", len(taken))
	}
	r.noneLost()
}

// A server that leads no more goes on where it stood still, and takes the messages away of jobs that the next has published
// meanwhile: that one finds it out.
func TestRecallOfWhoLeadsNoMore(t *testing.T) {
	q := &unsteady{left: -1}
	r := newRig(t, func(c *Config) { neverLooks(c); q.Queue, c.Queue = r0(c, q), q })
	ok(t, r.p.reconcile(t.Context())) // it sees the queue's storage for the first time
	many := r.flood("a", 40)
	old := r.p
	next := r.newPipeline(r.db)
	next.cfg.Queue = r.queue
	for i := range 60 {
		next.presence.note(protocol.Presence{Worker: fmt.Sprint("far/", i), Stages: queue.Stages, Threads: 1}, "", r.clock.now().Add(time.Hour))
	}
	taken := 0
	q.before = func(queue.Message) {
		if taken++; taken == 1 {
			ok(t, next.dispatch(t.Context()))
		}
	}
	ok(t, old.unpublish(t.Context(), &turn{}, referent.StagePrepare, 38))
	if marked, held := len(r.published(referent.StagePrepare)), len(r.held(referent.StagePrepare).Jobs); marked <= held {
		t.Fatalf("%d are thought to be there, and %d are", marked, held)
	}
	old.closeSessions()
	ok(t, next.compareQueue(t.Context()))
	r.noneLost()
	ok(t, next.dispatch(t.Context()))
	r.noneLost()
	if n := len(r.held(referent.StagePrepare).Jobs); n != len(many) {
		t.Errorf("%d messages, want %d", n, len(many))
	}
}

// The queue's storage is lost between the look at its generation and the look at what it holds.
func TestQueueLostWhileItIsCompared(t *testing.T) {
	r := newRig(t, neverLooks)
	r.staff(10)
	for range 5 {
		r.of("a")
	}
	ok(t, r.p.reconcile(t.Context()))
	other := r.of("b")
	ok(t, r.db.Tx(t.Context(), func(tx store.Tx) error {
		j := &referent.Job{ID: "chunk", Meeting: other, Stage: referent.StageTranscribe, Priority: referent.PriorityBulk, Created: r.clock.now()}
		return tx.AddJob(t.Context(), j)
	}))
	ok(t, r.p.dispatch(t.Context()))
	r.p.cfg.Queue = &quickQueue{Queue: r.queue, before: func() {
		ok(t, r.queue.Renew(t.Context(), referent.StageTranscribe))
		ok(t, r.queue.Renew(t.Context(), referent.StagePrepare))
	}}
	ok(t, r.p.compareQueue(t.Context()))
	r.noneLost()
	r.p.cfg.Queue = r.queue
	ok(t, r.p.compareQueue(t.Context())) // and sees that it is another
	ok(t, r.p.dispatch(t.Context()))
	r.noneLost()
	if n := len(r.held(referent.StagePrepare).Jobs) + len(r.held(referent.StageTranscribe).Jobs); n != 7 {
		t.Errorf("%d messages, want 7", n)
	}
}

// Nobody is heard of for a while after the queue was lost and found, or when a server begins to lead: what waits stays, and only
// what is too much for as long as workers need to say that they are there is taken back.
func TestRecallWaitsForWorkers(t *testing.T) {
	const workers, slack = 40, 4 * time.Second
	r := newRig(t, neverLooks)
	r.staff(workers)
	for range 2 * workers {
		r.of("a")
	}
	ok(t, r.p.dispatch(t.Context()))
	waits := func(what string, want int) {
		t.Helper()
		if n := len(r.published(referent.StagePrepare)); n != want {
			t.Fatalf("%s: %d wait, want %d", what, n, want)
		}
	}
	waits("at first", bulkBatch) // the rest would be less than a quarter
	r.clock.advance(time.Minute) // without a word, and without a look
	r.staff(0)
	ok(t, r.p.dispatch(t.Context()))
	waits("after a minute out of reach", bulkBatch)
	r.lookFor(heardWithin-slack, 0)
	waits("before workers have had the time", bulkBatch)
	r.lookFor(slack, workers)
	r.lookFor(heardWithin-slack, 0)
	waits("they were there in between", bulkBatch)
	r.lookFor(2*slack, 0)
	waits("they are gone", nobodyFinds)
	if r.p.shares[referent.StagePrepare] != nil {
		t.Error("a department is charged for what was taken back")
	}
}

// What the queue refuses of one stage keeps nothing of another waiting.
func TestOneStageIsRefused(t *testing.T) {
	q := &unsteady{left: -1}
	r := newRig(t, func(c *Config) { neverLooks(c); q.Queue, c.Queue = r0(c, q), q })
	r.flood("a", 60)
	q.left = 0
	if errs := r.lookFor(heardWithin+4*time.Second, 1); len(errs) == 0 {
		t.Fatal("nothing was refused")
	}
	add := func(id string, stage referent.Stage, priority referent.Priority) {
		m := r.of("b")
		ok(t, r.db.Tx(t.Context(), func(tx store.Tx) error {
			return tx.AddJob(t.Context(), &referent.Job{ID: id, Meeting: m, Stage: stage, Priority: priority, Created: r.clock.now()})
		}))
	}
	stuck := &stuckStage{Queue: r.queue, stage: referent.StageMinutes}
	r.p.cfg.Queue = stuck
	add("written", referent.StageMinutes, referent.PriorityBulk)
	add("written at once", referent.StageMinutes, referent.PriorityInteractive)
	add("heard", referent.StageTranscribe, referent.PriorityBulk)
	add("heard-at-once", referent.StageTranscribe, referent.PriorityInteractive)
	if err := r.p.dispatch(t.Context()); !errors.Is(err, errCut) {
		t.Fatalf("the queue refuses minutes, and it is told %v", err)
	}
	if got := r.held(referent.StageTranscribe).Jobs; !got["heard"] || !got["heard-at-once"] {
		t.Errorf("of chunks there are %v", got)
	}
	if stuck.tried != 1 {
		t.Errorf("minutes were tried %d times in a turn", stuck.tried)
	}
	r.noneLost()
}

// stuckStage takes nothing of a stage.
type stuckStage struct {
	Queue
	stage referent.Stage
	tried int
}

func (q *stuckStage) Publish(ctx context.Context, m queue.Message) error {
	if m.Stage == q.stage {
		q.tried++
		return errCut
	}
	return q.Queue.Publish(ctx, m)
}

// Messages that are lost are found out while workers are at others, however many those are, and one by one: the rest stays.
func TestLostMessagesBesideBusyWorkers(t *testing.T) {
	r := newRig(t, neverLooks)
	r.staff(10)
	for range 20 {
		r.of("a")
	}
	ok(t, r.p.reconcile(t.Context())) // it sees the queue's storage for the first time
	ok(t, r.p.dispatch(t.Context()))
	r.run()
	h := r.hand("far/1")
	for range 6 {
		h.take()
	}
	// All but what is too little to be published: it is looked as workers take them, or after several.
	r.eventually("others have come", func() bool { return len(r.published(referent.StagePrepare)) > 10-10/4 })
	r.halt()
	there := len(r.published(referent.StagePrepare))
	lost := r.published(referent.StagePrepare)[3:7]
	for _, j := range lost {
		ok(t, r.queue.Remove(t.Context(), message(&j)))
	}
	ok(t, r.p.compareQueue(t.Context()))
	if left := r.published(referent.StagePrepare); len(left) != there-len(lost) {
		t.Errorf("%d are thought to be there, of %d that were", len(left), there)
	}
	r.noneLost()
	ok(t, r.p.dispatch(t.Context()))
	r.noneLost()
	if n := len(r.published(referent.StagePrepare)); n != 10 {
		t.Errorf("%d wait, want 10", n)
	}
}

// So are those of dictations, of which all are in the queue, page after page; what is claimed and done meanwhile is left alone.
func TestLostMessagesAmongHundreds(t *testing.T) {
	r := newRig(t, neverLooks)
	m := r.create(100)
	ok(t, r.p.reconcile(t.Context()))
	const all = compareBatch + 100
	ctx := t.Context()
	ok(t, r.db.Tx(ctx, func(tx store.Tx) error {
		for i := range all {
			j := &referent.Job{ID: fmt.Sprintf("chunk-%04d", i), Meeting: m.ID, Stage: referent.StageTranscribe, Chunk: i, Priority: referent.PriorityInteractive, Created: r.clock.now()}
			if err := tx.AddJob(ctx, j); err != nil {
				return err
			}
		}
		return nil
	}))
	ok(t, r.p.dispatch(ctx))
	every := func() (jobs []referent.Job) {
		for after := ""; ; after = jobs[len(jobs)-1].ID {
			page, err := r.db.Published(ctx, referent.StageTranscribe, after, 0)
			ok(t, err)
			if jobs = append(jobs, page...); len(page) == 0 {
				return jobs
			}
		}
	}
	if n := len(every()); n != all {
		t.Fatalf("%d are published", n)
	}
	jobs := every()
	for _, i := range []int{0, compareBatch - 1, compareBatch, all - 1} {
		ok(t, r.queue.Remove(ctx, message(&jobs[i])))
	}
	// One is claimed and its message used up, between the look at the jobs and the look at the queue.
	quick := &quickQueue{Queue: r.queue, before: func() {
		_, _, err := r.p.lease(ctx, jobs[7].ID, "far/1", false)
		ok(t, err)
		ok(t, r.queue.Remove(ctx, message(&jobs[7])))
	}}
	r.p.cfg.Queue = quick
	ok(t, r.p.compareQueue(ctx))
	r.p.cfg.Queue = r.queue
	if n := len(every()); n != all-5 {
		t.Errorf("%d are thought to be there, want %d", n, all-5)
	}
	if j, err := r.db.Job(ctx, jobs[7].ID); err != nil || j.State != referent.JobLeased {
		t.Errorf("the job that was claimed is %+v, %v", j, err)
	}
	ok(t, r.p.dispatch(ctx))
	held := r.held(referent.StageTranscribe)
	if slices.ContainsFunc(every(), func(j referent.Job) bool { return !held.Jobs[j.ID] }) || len(held.Jobs) != all-1 {
		t.Errorf("%d messages", len(held.Jobs))
	}
}

// quickQueue lets something happen before it looks at chunks.
type quickQueue struct {
	Queue
	before func()
}

func (q *quickQueue) Held(ctx context.Context, stage referent.Stage) (*queue.Held, error) {
	if stage == referent.StageTranscribe {
		q.before()
	}
	return q.Queue.Held(ctx, stage)
}

// A worker dies with what it took and did not claim, after somebody has cancelled meetings that waited: the next finds something.
func TestMessagesTakenAfterOthersWereCancelled(t *testing.T) {
	r := newRig(t, neverLooks)
	var ids []string
	for range 5 * nobodyFinds {
		ids = append(ids, r.of("a"))
	}
	ok(t, r.p.reconcile(t.Context()))
	ok(t, r.p.dispatch(t.Context()))
	for range 2 {
		for _, id := range ids[:nobodyFinds] {
			ok(t, r.p.Cancel(t.Context(), id))
		}
		ids = ids[nobodyFinds:]
		ok(t, r.p.dispatch(t.Context()))
	}
	dead := r.hand("far/dead")
	for range nobodyFinds - 1 {
		dead.next()
	}
	// The newest is cancelled while it waits, and another comes in its place.
	ok(t, r.p.Cancel(t.Context(), ids[nobodyFinds-1]))
	ok(t, r.p.dispatch(t.Context()))
	ok(t, r.p.Cancel(t.Context(), ids[nobodyFinds]))
	ok(t, r.p.reconcile(t.Context()))
	if n := r.p.strays.count(referent.StagePrepare); n != nobodyFinds-1 {
		t.Errorf("%d messages were taken and not claimed, want %d", n, nobodyFinds-1)
	}
	ok(t, r.p.dispatch(t.Context()))
	h := r.hand("far/1")
	for range nobodyFinds {
		h.next()
	}
}

// What is too much counts from when it was last not so, or the queue was last found, or was last looked at.
func TestExcess(t *testing.T) {
	e := excesses{}
	at := newClock().now()
	look := func(what string, after time.Duration, much bool, links uint64, want bool) {
		t.Helper()
		at = at.Add(after)
		if got := e.stands(referent.StagePrepare, much, links, at, 10*time.Second); got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	look("at first", 0, true, 1, false)
	look("a while later", 9*time.Second, true, 1, false)
	look("ten seconds", time.Second, true, 1, true)
	look("and still", time.Second, true, 1, true)
	look("not any more", time.Second, false, 1, false)
	look("again", time.Second, true, 1, false)
	look("soon after", 9*time.Second, true, 1, false)
	look("the queue was lost and found", time.Second, true, 2, false)
	look("and then", 9*time.Second, true, 2, false)
	look("nobody looked for longer than that", 11*time.Second, true, 2, false)
	look("later", 9*time.Second, true, 2, false)
	look("the clock was set back", -time.Hour, true, 2, false)
	look("after that", 10*time.Second, true, 2, true)
}
