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
