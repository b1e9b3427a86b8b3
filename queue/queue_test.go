package queue_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
)

func TestInteractiveGoesFirst(t *testing.T) {
	p := newPlace(t)
	q, _ := p.queue()
	publish(t, q,
		queue.Message{Job: "p-bulk", Stage: referent.StagePrepare, Priority: referent.PriorityBulk},
		queue.Message{Job: "t-bulk", Stage: referent.StageTranscribe, Priority: referent.PriorityBulk},
		queue.Message{Job: "m-bulk", Stage: referent.StageMinutes, Priority: referent.PriorityBulk},
		queue.Message{Job: "p-inter", Stage: referent.StagePrepare, Priority: referent.PriorityInteractive},
		queue.Message{Job: "t-inter", Stage: referent.StageTranscribe, Priority: referent.PriorityInteractive},
	)
	pull := p.puller()
	var got []string
	for range 5 {
		d := next(t, pull)
		got = append(got, d.Job)
		if err := d.Ack(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"t-inter", "p-inter", "m-bulk", "t-bulk", "p-bulk"}; !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
	if empty, err := q.Empty(t.Context()); err != nil || !empty {
		t.Errorf("empty %v, %v after every ack", empty, err)
	}
}

func TestPullerTakesOnlyItsStages(t *testing.T) {
	p := newPlace(t)
	q, _ := p.queue()
	publish(t, q,
		queue.Message{Job: "m", Stage: referent.StageMinutes, Priority: referent.PriorityBulk},
		queue.Message{Job: "p", Stage: referent.StagePrepare, Priority: referent.PriorityBulk})
	pull := p.puller(referent.StagePrepare)
	if d := next(t, pull); d.Job != "p" || d.Stage != referent.StagePrepare || d.Priority != referent.PriorityBulk {
		t.Errorf("pulled %+v", d)
	}
	nothing(t, pull)
}

func TestAMessageIsInFlightOnce(t *testing.T) {
	p := newPlace(t)
	q, _ := p.queue()
	first, second := p.puller(), p.puller()
	publish(t, q, bulk("a", 1))
	d := next(t, first)
	nothing(t, second)
	if c, err := q.Pending(t.Context()); err != nil || c[referent.StageTranscribe] != (queue.Count{InFlight: 1}) {
		t.Errorf("pending %v, %v", c, err)
	}
	if err := d.InProgress(); err != nil {
		t.Fatal(err)
	}
	if err := d.Nak(0); err != nil {
		t.Fatal(err)
	}
	again := next(t, second)
	if again.Job != "a" {
		t.Errorf("pulled %s after nak", again.Job)
	}
	if err := again.Drop(); err != nil {
		t.Fatal(err)
	}
	nothing(t, first)
	eventually(t, "the dropped message is gone", func() bool {
		empty, err := q.Empty(t.Context())
		return err == nil && empty
	})
}

func TestNakDelayIsKept(t *testing.T) {
	p := newPlace(t)
	q, _ := p.queue()
	pull := p.puller()
	publish(t, q, bulk("a", 1))
	began := time.Now()
	if err := next(t, pull).Nak(time.Second); err != nil {
		t.Fatal(err)
	}
	if d := next(t, pull); d.Job != "a" {
		t.Fatalf("pulled %s", d.Job)
	}
	if waited := time.Since(began); waited < time.Second {
		t.Errorf("came back after %v, asked for a second", waited)
	}
}

// The same job is published again at the same epoch within the window in which JetStream looks for
// duplicates: waiting, in flight, and used up. Each time exactly one message is there.
func TestPublishReplaces(t *testing.T) {
	p := newPlace(t)
	q, _ := p.queue()
	pull := p.puller()

	publish(t, q, bulk("a", 7), bulk("a", 7), bulk("a", 8))
	if c, err := q.Pending(t.Context()); err != nil || c[referent.StageTranscribe] != (queue.Count{Queued: 1}) {
		t.Fatalf("pending %v, %v", c, err)
	}
	zombie := next(t, pull)
	nothing(t, pull)

	publish(t, q, bulk("a", 8)) // in flight
	current := next(t, pull)
	if current.Job != "a" {
		t.Fatalf("pulled %s", current.Job)
	}
	// The zombie's ack does not take the new message from its worker.
	if err := zombie.Ack(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := current.Nak(0); err != nil {
		t.Fatal(err)
	}
	current = next(t, pull)
	if err := current.Ack(t.Context()); err != nil {
		t.Fatal(err)
	}
	nothing(t, pull)

	publish(t, q, bulk("a", 8)) // used up
	if d := next(t, pull); d.Job != "a" {
		t.Fatalf("pulled %s", d.Job)
	}
	// A change of priority moves the message instead of adding one.
	publish(t, q, bulk("b", 1), queue.Message{Job: "b", Epoch: 1, Stage: referent.StageTranscribe, Priority: referent.PriorityInteractive})
	if d := next(t, pull); d.Priority != referent.PriorityInteractive {
		t.Errorf("priority %s", d.Priority)
	}
	nothing(t, pull)
}

func TestPublishersRace(t *testing.T) {
	p := newPlace(t)
	q, _ := p.queue()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 5 {
				// Losing three times in a row to others is told; what counts is that one stands.
				if err := q.Publish(t.Context(), bulk("a", int64(i*10+k))); err != nil && referent.CodeOf(err) != referent.CodeUnavailable {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	publish(t, q, bulk("a", 99))
	if c, err := q.Pending(t.Context()); err != nil || c[referent.StageTranscribe] != (queue.Count{Queued: 1}) {
		t.Fatalf("pending %v, %v", c, err)
	}
}

// A stage that never runs dry leaves others their turns. Interactive work is looked for in the order of the stages.
func TestBulkStagesTakeTurns(t *testing.T) {
	p := newPlace(t)
	q, _ := p.queue()
	pull := p.puller()
	put := func(job string, stage referent.Stage, priority referent.Priority) {
		t.Helper()
		publish(t, q, queue.Message{Job: job, Stage: stage, Priority: priority})
	}
	for i := range 4 {
		put(fmt.Sprint("chunk", i), referent.StageTranscribe, referent.PriorityBulk)
	}
	put("minutes0", referent.StageMinutes, referent.PriorityBulk)
	put("minutes1", referent.StageMinutes, referent.PriorityBulk)
	put("recording0", referent.StagePrepare, referent.PriorityBulk)
	take := func(want ...string) {
		t.Helper()
		for _, job := range want {
			d := next(t, pull)
			if d.Job != job {
				t.Fatalf("took %s, want %s", d.Job, job)
			}
			if err := d.Ack(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	take("minutes0", "chunk0", "recording0", "minutes1")
	put("dictated", referent.StagePrepare, referent.PriorityInteractive)
	put("written", referent.StageMinutes, referent.PriorityInteractive)
	put("recording1", referent.StagePrepare, referent.PriorityBulk)
	take("written", "dictated", "chunk1", "recording1", "chunk2", "chunk3")
	nothing(t, pull)
}

func TestRemove(t *testing.T) {
	p := newPlace(t)
	q, _ := p.queue()
	pull := p.puller()
	publish(t, q, bulk("a", 1), bulk("ab", 1))
	flying := next(t, pull)
	for _, job := range []string{"a", "ab", "never-there"} {
		if err := q.Remove(t.Context(), bulk(job, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if empty, err := q.Empty(t.Context()); err != nil || !empty {
		t.Errorf("empty %v, %v", empty, err)
	}
	if err := flying.Ack(t.Context()); err != nil {
		t.Errorf("ack of a removed message: %v", err)
	}
	nothing(t, pull)
}

// What is removed is not counted any more, whether it waited or was in flight, and of whatever priority it was.
func TestRemovedMessagesDoNotWait(t *testing.T) {
	p := newPlace(t)
	q, _ := p.queue()
	pull := p.puller()
	spoken := queue.Message{Job: "spoken", Stage: referent.StageTranscribe, Priority: referent.PriorityInteractive}
	publish(t, q, bulk("a", 1), bulk("b", 1), bulk("c", 1), bulk("d", 1), spoken)
	want := func(what string, inter, waiting int, jobs ...string) {
		t.Helper()
		h, err := q.Held(t.Context(), referent.StageTranscribe)
		if err != nil {
			t.Fatal(err)
		}
		if h.Waiting[referent.PriorityBulk] != waiting || h.Waiting[referent.PriorityInteractive] != inter {
			t.Errorf("%s: %v wait, want %d and %d", what, h.Waiting, inter, waiting)
		}
		if got := slices.Sorted(maps.Keys(h.Jobs)); !slices.Equal(got, jobs) {
			t.Errorf("%s: messages of %v, want %v", what, got, jobs)
		}
	}
	remove := func(jobs ...string) {
		t.Helper()
		for _, job := range jobs {
			if err := q.Remove(t.Context(), bulk(job, 1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	want("all", 1, 4, "a", "b", "c", "d", "spoken")
	next(t, pull) // the one that goes first
	next(t, pull)
	want("two are taken", 0, 3, "a", "b", "c", "d", "spoken")
	remove("d", "spoken")
	want("the newest is removed, and one that somebody has", 0, 2, "a", "b", "c")
	remove("a", "b", "c")
	want("all are removed", 0, 0)
	publish(t, q, bulk("e", 1))
	want("another came", 0, 1, "e")
}

func TestMessagesAreChecked(t *testing.T) {
	p := newPlace(t)
	q, _ := p.queue()
	for _, m := range []queue.Message{
		{Job: "", Stage: referent.StagePrepare, Priority: referent.PriorityBulk},
		{Job: "a.b", Stage: referent.StagePrepare, Priority: referent.PriorityBulk},
		{Job: "*", Stage: referent.StagePrepare, Priority: referent.PriorityBulk},
		{Job: "møte", Stage: referent.StagePrepare, Priority: referent.PriorityBulk},
		{Job: "a", Stage: referent.StageAssemble, Priority: referent.PriorityBulk},
		{Job: "a", Stage: referent.StagePrepare, Priority: "urgent"},
	} {
		if err := q.Publish(t.Context(), m); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("publish %+v: %v", m, err)
		}
		if err := q.Remove(t.Context(), m); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("remove %+v: %v", m, err)
		}
	}
}

func TestRestartKeepsMessagesAndGeneration(t *testing.T) {
	p := newPlace(t)
	q, nc := p.queue()
	for i := range 20 {
		publish(t, q, bulk(fmt.Sprintf("j%d", i), 1))
	}
	before, err := q.Generation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
	p.srv.Shutdown()
	p.start()
	q, _ = p.queue()
	after, err := q.Generation(t.Context())
	if err != nil || after != before {
		t.Errorf("generation %s, %v after a restart, was %s", after, err, before)
	}
	if c, err := q.Pending(t.Context()); err != nil || c[referent.StageTranscribe] != (queue.Count{Queued: 20}) {
		t.Errorf("pending %v, %v", c, err)
	}
}

func TestDeletedFolderChangesGeneration(t *testing.T) {
	p := newPlace(t)
	q, nc := p.queue()
	publish(t, q, bulk("a", 1))
	before, err := q.Generation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
	p.srv.Shutdown()
	if err := os.RemoveAll(p.queueDir()); err != nil {
		t.Fatal(err)
	}
	p.start()
	q, _ = p.queue()
	after, err := q.Generation(t.Context())
	if err != nil || after == before {
		t.Errorf("generation %s, %v; was %s before the folder was deleted", after, err, before)
	}
	if empty, err := q.Empty(t.Context()); err != nil || !empty {
		t.Errorf("empty %v, %v", empty, err)
	}
}

func TestWakesAnIdleWorkerAtOnce(t *testing.T) {
	p := newPlace(t)
	q, _ := p.queue()
	pull := p.puller()
	nothing(t, pull) // it has swept, and its subscription stands
	got := make(chan time.Time, 1)
	go func() {
		if d, err := pull.Next(t.Context()); err == nil && d.Job == "a" {
			got <- time.Now()
		}
	}()
	began := time.Now()
	publish(t, q, bulk("a", 1))
	select {
	case at := <-got:
		if at.Sub(began) > time.Second {
			t.Errorf("woke after %v", at.Sub(began))
		}
	case <-time.After(10 * time.Second):
		t.Fatal("was not woken")
	}
}

// eventually polls until ok or ten seconds are gone.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}
