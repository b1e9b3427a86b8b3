package queue_test

import (
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
)

// A renewal may be interrupted after the stream was deleted. What that stage lacks does not keep the others' jobs
// waiting, and is made when the server looks.
func TestMissingStorageIsMade(t *testing.T) {
	for name, lose := range map[string]func(js jetstream.JetStream) error{
		"stream":   func(js jetstream.JetStream) error { return js.DeleteStream(t.Context(), "JOBS_LIVE") },
		"consumer": func(js jetstream.JetStream) error { return js.DeleteConsumer(t.Context(), "JOBS_LIVE", "any-bulk") },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			q, nc := p.queue()
			js, err := jetstream.New(nc)
			if err != nil {
				t.Fatal(err)
			}
			worker := p.puller(referent.StageLive, referent.StageMinutes, referent.StageTranscribe)
			before, err := q.Generation(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := lose(js); err != nil {
				t.Fatal(err)
			}
			publish(t, q, bulk("a", 1))
			if d := next(t, worker); d.Job != "a" {
				t.Errorf("message of %s", d.Job)
			}
			after, err := q.Generation(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if name == "stream" && after == before {
				t.Error("the generation is as before: nobody would publish again what was lost")
			}
			publish(t, q, queue.Message{Job: "b", Stage: referent.StageLive, Priority: referent.PriorityBulk})
			if d := next(t, worker); d.Job != "b" {
				t.Errorf("message of %s", d.Job)
			}
		})
	}
}

// The stream of advisories is made again while the server runs, as those of jobs are, and no job is published anew for it.
func TestMissingAdvisoriesAreMade(t *testing.T) {
	p := newPlace(t)
	q, nc := p.queue()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	before, err := q.Generation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), "JOBS_ADVISORIES"); err != nil {
		t.Fatal(err)
	}
	if err := q.MendAdvisories(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after, err := q.Generation(t.Context()); err != nil || after != before {
		t.Errorf("generation %s, %v; it was %s", after, err, before)
	}
	pull := p.puller()
	publish(t, q, bulk("a", 1))
	if err := next(t, pull).Drop(); err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(t.Context(), "JOBS_ADVISORIES")
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "an advisory is kept", func() bool {
		info, err := s.Info(t.Context())
		return err == nil && info.State.Msgs == 1
	})
}
