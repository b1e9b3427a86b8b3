package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker"
	"github.com/referent/referent/worker/protocol"
)

// What real workers do in these tests: as many chunks as a plan has, each of which takes its time.
const (
	fairChunks = 4
	fairTakes  = 5 * time.Millisecond
)

type fairStage struct{ takes time.Duration }

func (f fairStage) Prepare(_ context.Context, src io.ReaderAt, size int64, _ referent.Preparation, audio io.Writer, _ func(float64)) (*referent.PrepareResult, error) {
	time.Sleep(f.takes)
	prep := planOf(fairChunks, 100)
	if _, err := io.Copy(io.Discard, io.NewSectionReader(src, 0, size)); err != nil {
		return nil, err
	}
	_, err := audio.Write(noise(int(prep.Plan.Samples) * bytesPerSample))
	return prep, err
}

func (f fairStage) Recognize(_ context.Context, _ io.ReaderAt, task referent.Recognition, _ func(float64)) (*referent.ChunkResult, error) {
	time.Sleep(f.takes)
	return chunkResult(task.Chunk), nil
}

func (f fairStage) Resume(_ context.Context, m *referent.Meeting, t *referent.Transcript, _ *referent.Endpoint, _ referent.Checkpoints, _ func(float64)) (*referent.Minutes, error) {
	time.Sleep(f.takes)
	return minutesOf(m.Title, t), nil
}

// hire runs a real worker until the test ends.
func (r *rig) hire(name string, stages ...referent.Stage) {
	r.t.Helper()
	r.hireFor(name, fairTakes, stages...)
}

// hireFor is hire, of one that takes its time.
func (r *rig) hireFor(name string, takes time.Duration, stages ...referent.Stage) {
	r.t.Helper()
	does := fairStage{takes}
	ctx, cancel := context.WithCancel(context.Background())
	nc, err := queue.Connect(ctx, queue.DialConfig{URL: r.nats.URL(), Creds: r.keys.WorkerSeed, Name: name, Log: r.logger()})
	ok(r.t, err)
	w, err := worker.New(worker.Config{Conn: nc, Name: name, Stages: stages, Threads: 1, Device: "cpu", Log: r.logger(),
		Preparer: does, Recognizer: does, Minutes: does})
	ok(r.t, err)
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	r.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Error(err)
		}
		nc.Close()
	})
}

// of brings a recording of a department.
func (r *rig) of(department string) string {
	r.t.Helper()
	m := newMeeting()
	m.Department = department
	r.upload(m, 100)
	r.clock.advance(time.Millisecond)
	return m.ID
}

var worked3 = []referent.Stage{referent.StagePrepare, referent.StageTranscribe, referent.StageMinutes}

// neverLooks lets nothing happen but when somebody says that there is something to do.
func neverLooks(c *Config) { c.DispatchEvery, c.ReconcileEvery = time.Hour, time.Hour }

// One department has brought forty recordings when another brings one, and a third a dictation. All workers do all stages,
// and the server never looks by itself whether there is something to do.
func TestMuchWorkDelaysNobodyElse(t *testing.T) {
	r := newRig(t, neverLooks)
	r.run()
	var many []string
	for range 40 {
		many = append(many, r.of("a"))
	}
	for i := range 2 {
		r.hire(fmt.Sprint("far/", i), worked3...)
	}
	r.eventually("work goes on", func() bool { return r.meeting(many[2]).State == referent.StateDraft })
	finished := func() (n int) {
		for _, id := range many {
			for _, j := range r.jobs(id) {
				if j.State == referent.JobDone && j.Stage != referent.StageAssemble {
					n++
				}
			}
		}
		return n
	}
	before := finished()
	one := r.of("b")
	dictation := newMeeting()
	dictation.Kind, dictation.Department = referent.KindDictate, "a"
	r.upload(dictation, 100)
	r.waitState(dictation.ID, referent.StateDraft)
	afterDictation := finished() - before
	r.waitState(one, referent.StateDraft)
	after := finished() - before
	t.Logf("of the other department's %d jobs, %d were done meanwhile; %d before the dictation was", len(many)*(fairChunks+2), after, afterDictation)
	// Each of its six jobs waits in its stage for the jobs that are in the queue there and those being done (four a worker,
	// since a chunk has two slots), and has every other turn. Stages take turns too.
	if most := 80; after > most {
		t.Errorf("%d jobs of another department were done before one recording, want at most %d", after, most)
	}
	if most := 60; afterDictation > most {
		t.Errorf("%d jobs were done before a dictation, want at most %d", afterDictation, most)
	}
	for _, id := range many {
		r.waitState(id, referent.StateDraft)
		r.onceEach(id)
	}
}

// Workers that each do one stage are kept at it, whatever waits elsewhere.
func TestEachStageIsFed(t *testing.T) {
	r := newRig(t, neverLooks)
	r.run()
	var all []string
	for i := range 12 {
		all = append(all, r.of(fmt.Sprint("department ", i%3)))
	}
	for _, stage := range worked3 {
		r.hire("far/"+string(stage), stage)
	}
	for _, id := range all {
		r.waitState(id, referent.StateDraft)
	}
}

// Of two servers one leads, and what the other leases makes room in the queue: it is filled without anybody looking.
func TestClaimsAtAnotherServerFeedTheQueue(t *testing.T) {
	servers := newServers(t, 2, beatsInTests)
	for _, s := range servers {
		old := s.change
		s.change = func(c *Config) { old(c); neverLooks(c) }
		s.p = s.newPipeline(s.db)
		s.run()
	}
	r := servers[0]
	r.eventually("one leads", func() bool { return len(r.leads(servers...)) == 1 })
	other := servers[0]
	if other.p.leads() {
		other = servers[1]
	}
	for range 3 * nobodyFinds {
		r.of("a")
	}
	published := func() []referent.Job {
		jobs, err := r.db.Queued(t.Context(), store.QueuedFilter{Published: true}, 0)
		ok(t, err)
		return jobs
	}
	for range 2 * nobodyFinds {
		r.eventually("the queue is filled", func() bool { return len(published()) == nobodyFinds })
		_, _, err := other.p.lease(t.Context(), published()[0].ID, "far/1", false)
		ok(t, err)
	}
	r.eventually("the queue is filled", func() bool { return len(published()) == nobodyFinds })
}

// What an earlier release has published all at once, or workers that have left would have come to, is taken back: who
// comes after it has a turn.
func TestTooMuchPublishedIsTakenBack(t *testing.T) {
	r := newRig(t, nil)
	many := r.flood("a", 60)
	one := r.of("b")
	ok(t, r.p.dispatch(t.Context()))
	waits := func() int { return r.held(referent.StagePrepare).Waiting[referent.PriorityBulk] }
	if n := waits(); n != 60 {
		t.Fatalf("%d wait before workers have had the time to say that they are there", n)
	}
	if errs := r.lookFor(heardWithin+2*time.Second, 1); len(errs) > 0 {
		t.Fatal(errs)
	}
	if n := waits(); n != leastWaits {
		t.Fatalf("%d wait in the queue, want %d", n, leastWaits)
	}
	r.run()
	h := r.hand("far/1")
	var order []string
	for range len(many) + 1 {
		d, c := h.take()
		order = append(order, c.Task.Meeting.ID)
		ok(t, h.fail(c.Lease, referent.CodeAudioUnreadable)) // for good
		ok(t, d.Drop())
	}
	if at := slices.Index(order, one); at < 0 || at > leastWaits+1 {
		t.Errorf("another department's recording was number %d", at+1)
	}
	slices.Sort(order)
	if n := len(slices.Compact(order)); n != len(many)+1 {
		t.Errorf("%d recordings were come to, want %d", n, len(many)+1)
	}
}

// Messages that workers took and died with are made up for before they come again.
func TestMessagesTakenAndNotClaimed(t *testing.T) {
	r := newRig(t, nil)
	for range 3 * nobodyFinds {
		r.of("a")
	}
	ok(t, r.p.reconcile(t.Context())) // it sees the queue's storage for the first time
	ok(t, r.p.dispatch(t.Context()))
	dead := r.hand("far/dead")
	for range nobodyFinds {
		dead.next()
	}
	ok(t, r.p.dispatch(t.Context()))
	h := r.hand("far/1")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if d, err := h.puller.Next(ctx); err == nil {
		t.Fatalf("%s was published beside those that are thought to wait", d.Job)
	}
	ok(t, r.p.reconcile(t.Context()))
	ok(t, r.p.dispatch(t.Context()))
	h.next()
}

// A message that is lost is found out also while much else waits for the dispatcher.
func TestVanishedMessageBehindABacklog(t *testing.T) {
	r := newRig(t, nil)
	first := r.of("a")
	for range 10 * nobodyFinds {
		r.of("a")
	}
	ok(t, r.p.reconcile(t.Context()))
	ok(t, r.p.dispatch(t.Context()))
	j := r.job(first, referent.StagePrepare, 0)
	ok(t, r.queue.Remove(t.Context(), message(&j)))
	ok(t, r.p.reconcile(t.Context()))
	ok(t, r.p.dispatch(t.Context()))
	h := r.hand("far/1")
	var got []string
	for range nobodyFinds {
		got = append(got, h.next().Job)
	}
	if !slices.Contains(got, j.ID) {
		t.Errorf("messages of %v, and not of %s", got, j.ID)
	}
}

// The server's own work, and what waits after a failure, is found behind however much that waits for workers.
func TestOwnWorkBehindABacklog(t *testing.T) {
	r := newRig(t, nil)
	ctx := context.Background()
	for range 30 {
		id := r.of("a")
		ok(t, r.db.Tx(ctx, func(tx store.Tx) error {
			for chunk := range 40 {
				j := &referent.Job{ID: fmt.Sprint(id, "-", chunk), Meeting: id, Stage: referent.StageTranscribe, Chunk: chunk, Priority: referent.PriorityBulk, Created: r.clock.now()}
				if err := tx.AddJob(ctx, j); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	last := r.of("b")
	ok(t, r.db.Tx(ctx, func(tx store.Tx) error {
		return tx.AddJob(ctx, &referent.Job{ID: "own", Meeting: last, Stage: referent.StageAssemble, Priority: referent.PriorityBulk, Created: r.clock.now()})
	}))
	ok(t, r.p.assemble(ctx))
	if j, err := r.db.Job(ctx, "own"); err != nil || j.Attempt != 1 {
		t.Errorf("the server's own job: %+v, %v", j, err)
	}
	// A clock that was ahead when a job was put back has been set right.
	last = r.of("b")
	ok(t, r.db.Tx(ctx, func(tx store.Tx) error {
		j := r.job(last, referent.StagePrepare, 0)
		j.NotBefore = r.clock.now().Add(time.Hour)
		return tx.UpdateJob(ctx, &j, j.Epoch)
	}))
	ok(t, r.p.mendTimes(ctx))
	if j := r.job(last, referent.StagePrepare, 0); j.NotBefore.After(r.clock.now()) {
		t.Errorf("it waits until %v, and it is %v", j.NotBefore, r.clock.now())
	}
}

// Behind a long meeting of a department a short one is recognised beside it, and a third when that is done; and no
// more recordings are prepared than keep the workers busy, unless one could do nothing else.
func TestMeetingsOfADepartment(t *testing.T) {
	workers := []WorkerInfo{{Presence: protocol.Presence{Stages: queue.Stages}}}
	of := func(stage referent.Stage, department, meeting string, chunks int) *store.Offer {
		return &store.Offer{Stage: stage, Department: department, Meeting: meeting, Waiting: chunks}
	}
	long, next, third := of(referent.StageTranscribe, "a", "long", 50), of(referent.StageTranscribe, "a", "next", 3), of(referent.StageTranscribe, "a", "third", 3)
	other := of(referent.StageTranscribe, "b", "other", 1)
	chunks := []*store.Offer{long, next, third, other}
	prepare := func() []*store.Offer {
		return []*store.Offer{of(referent.StagePrepare, "a", "fourth", 1), of(referent.StagePrepare, "b", "fifth", 1)}
	}
	if got := ready(prepare(), chunks, 2, workers); len(got) != 1 || got[0].Meeting != "fifth" {
		t.Errorf("ready to be prepared: %+v", got)
	}
	if got := ready(prepare(), chunks, 100, workers); len(got) != 2 {
		t.Errorf("where many workers soon have done all chunks: %+v", got)
	}
	alone := append(workers, WorkerInfo{Presence: protocol.Presence{Stages: []referent.Stage{referent.StagePrepare}}})
	if got := ready(prepare(), chunks, 2, alone); len(got) != 2 {
		t.Errorf("for a worker that can do nothing else: %+v", got)
	}
	if got := ready(prepare(), append(chunks, of(referent.StageTranscribe, "c", "longer", 2*aheadChunks)), 2, alone); len(got) != 1 || got[0].Meeting != "fifth" {
		t.Errorf("for one that is far ahead of those who recognise: %+v", got)
	}
	s := shares{}.of(referent.StageTranscribe)
	var order bytes.Buffer
	for range 11 {
		o := s.next(chunks)
		s.charge(o, 1)
		o.Waiting--
		o.Out++
		fmt.Fprint(&order, o.Meeting, " ")
	}
	if want := "long other next long next long next long third long third "; order.String() != want {
		t.Errorf("chunks in the order %s, want %s", order.String(), want)
	}
}

func TestWindow(t *testing.T) {
	r := newRig(t, nil)
	worker := func(threads int, stages ...referent.Stage) WorkerInfo {
		return WorkerInfo{Presence: protocol.Presence{Stages: stages, Threads: threads}}
	}
	many := slices.Repeat([]WorkerInfo{worker(8, referent.StageTranscribe)}, 10)
	tired := worker(8, referent.StageTranscribe)
	tired.Faults = []protocol.StageFault{{Stage: referent.StageTranscribe, Code: referent.CodeModelMissing}}
	for name, c := range map[string]struct {
		workers []WorkerInfo
		want    int
	}{
		"nobody":                             {nil, nobodyFinds},
		"nobody who can":                     {[]WorkerInfo{worker(2, referent.StageMinutes), tired}, nobodyFinds},
		"one":                                {[]WorkerInfo{worker(2, referent.StageTranscribe)}, 2},
		"ten of eight threads":               {many, 30},
		"one that says that it has millions": {[]WorkerInfo{worker(1<<30, referent.StageTranscribe)}, mostSlots},
		"thousands":                          {slices.Repeat(many, 200), mostWaits},
	} {
		if got := r.p.window(referent.StageTranscribe, c.workers); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if got := r.p.window(referent.StagePrepare, []WorkerInfo{worker(8, referent.StagePrepare)}); got != leastWaits {
		t.Errorf("recordings for one: %d, want %d", got, leastWaits)
	}
}
