package pipeline

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
)

// A consumer that gives out nothing of what waits, as a full disk may leave it, is made anew: the job runs, once.
func TestStalledQueueIsMended(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.StalledAfter = 100 * time.Millisecond
		c.ReconcileEvery, c.DispatchEvery = 20*time.Millisecond, 20*time.Millisecond
	})
	js, err := jetstream.New(r.conn)
	ok(t, err)
	deaf, err := js.PauseConsumer(t.Context(), "JOBS_PREPARE", "any-bulk", time.Now().Add(time.Hour))
	ok(t, err)
	if !deaf.Paused {
		t.Fatal("the consumer is not deaf")
	}
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if d, err := h.puller.Next(ctx); err == nil {
		t.Fatalf("message of %s, and nobody is heard of who is idle", d.Job)
	}
	if n := r.log.count("published again"); n != 0 {
		t.Fatalf("published %d times again without an idle worker", n)
	}
	r.present(protocol.Presence{Worker: "far/1", Stages: queue.Stages})
	h.until(m.ID, referent.StateDraft)
	r.onceEach(m.ID)
	if n := r.log.count("published again"); n < 2 || n > 3 {
		t.Errorf("published %d times again", n)
	}
}

// Only what waits in the queue while a worker could have it is a stall.
func TestWhatStandsStill(t *testing.T) {
	r := newRig(t, nil)
	stalled := func() bool {
		t.Helper()
		still, err := r.p.standStill(t.Context())
		ok(t, err)
		_, is := still[referent.StagePrepare]
		return is
	}
	r.create(1000)
	idle := protocol.Presence{Worker: "far/1", Stages: queue.Stages}
	r.present(idle)
	if stalled() {
		t.Error("not yet published")
	}
	ok(t, r.p.dispatch(t.Context()))
	if !stalled() {
		t.Error("a published job waits, and a worker is idle")
	}
	for name, p := range map[string]protocol.Presence{
		"it is at another job":     {Stages: queue.Stages, Jobs: []string{"x"}},
		"it does not do such":      {Stages: []referent.Stage{referent.StageMinutes}},
		"its machine cannot do it": {Stages: queue.Stages, Faults: []protocol.StageFault{{Stage: referent.StagePrepare, Code: referent.CodeFFmpegMissing}}},
		"it is about to leave":     {Stages: queue.Stages, Leaving: true},
	} {
		p.Worker = "far/1"
		r.present(p)
		if stalled() {
			t.Error(name)
		}
	}
	r.present(idle)
	r.run()
	r.hand("far/1").take()
	if stalled() {
		t.Error("the job is being done")
	}
}

func TestStallsAreMendedEverMoreRarely(t *testing.T) {
	const after = 30 * time.Second
	var w stalls
	begin, head := time.Unix(1000, 0), time.Unix(1, 0)
	still := map[referent.Stage]time.Time{referent.StageMinutes: head}
	at := func(seconds int, still map[referent.Stage]time.Time, want bool) {
		t.Helper()
		due := w.due(still, begin.Add(time.Duration(seconds)*time.Second), after)
		if got := slices.Contains(due, referent.StageMinutes); got != want {
			t.Fatalf("after %d s: mended %v, want %v", seconds, got, want)
		}
	}
	at(0, still, false)
	at(29, still, false)
	at(30, still, true)
	at(40, nil, false) // being published
	at(45, still, false)
	at(69, still, false)
	at(70, still, true)
	at(71, map[referent.Stage]time.Time{referent.StageMinutes: head.Add(1)}, false) // another is at the head
	at(100, map[referent.Stage]time.Time{referent.StageMinutes: head.Add(1)}, false)
	at(101, map[referent.Stage]time.Time{referent.StageMinutes: head.Add(1)}, true)
	at(200, nil, false)
	at(201, still, false)
}
