package pipeline

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

func TestThisMachine(t *testing.T) {
	for address, want := range map[string]bool{
		"http://127.0.0.1:11434/v1":       true,
		"http://127.8.8.8/v1":             true,
		"http://[::1]:8080/v1":            true,
		"http://[::ffff:127.0.0.1]:80/v1": true,
		"http://0.0.0.0:11434/v1":         true,
		"http://LocalHost:11434/v1":       true,
		"http://llm.localhost./v1":        true,
		"http://localhost.example/v1":     false,
		"http://10.0.0.7:11434/v1":        false,
		"https://llm.example/v1":          false,
		"":                                false,
	} {
		if got := thisMachine(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

// The address of an LLM on the server's loopback means another machine to a worker elsewhere.
func TestMinutesOverLoopbackStayOnThisMachine(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Endpoint = &referent.Endpoint{BaseURL: "http://127.0.0.1:11434/v1", Model: "m"} })
	r.run()
	far := r.hand("far/1")
	present := func(w protocol.Presence) {
		data, err := json.Marshal(w)
		ok(t, err)
		ok(t, far.askJSON(protocol.SubjectPresence, json.RawMessage(data), nil))
	}
	m := r.create(1000)
	for range 1 + far.chunks { // the plan and the chunks
		far.one()
	}
	r.waitState(m.ID, referent.StateTranscribed)
	job := r.job(m.ID, referent.StageMinutes, 0)
	minutes := []referent.Stage{referent.StageMinutes}

	present(protocol.Presence{Worker: "local/1", Stages: minutes})
	_, err := far.claim(job.ID)
	wantCode(t, err, referent.CodeUnavailable) // not a conflict: the message stays
	if j := r.job(m.ID, referent.StageMinutes, 0); j.Epoch != job.Epoch || j.Attempt != 0 || j.State != referent.JobQueued {
		t.Errorf("a refused claim left %+v", j)
	}

	// One of this release rests from minutes for a moment, and the message is there at once for whoever is asked next.
	present(protocol.Presence{Worker: "far/1", Stages: minutes, Class: protocol.GPU})
	reply, err := far.claim(job.ID)
	ok(t, err)
	if !reply.Rest || reply.Task.Endpoint != nil {
		t.Errorf("it was answered %+v", reply)
	}
	r.clock.advance(2 * time.Second)
	if held := r.held(referent.StageMinutes); held.Waiting[job.Priority] != 1 {
		t.Errorf("%d messages wait", held.Waiting[job.Priority])
	}
	present(protocol.Presence{Worker: "far/1", Stages: minutes})

	near := r.hand("local/1")
	c, err := near.claim(job.ID)
	ok(t, err)
	if c.Task.Endpoint == nil {
		t.Error("no endpoint")
	}
	ok(t, near.fail(c.Lease, referent.CodeCancelled))

	// A local worker that does no minutes, or none at all: the far one is meant.
	present(protocol.Presence{Worker: "local/1", Stages: []referent.Stage{referent.StageTranscribe}})
	c, err = far.claim(job.ID)
	ok(t, err)
	ok(t, far.fail(c.Lease, referent.CodeCancelled))
	present(protocol.Presence{Worker: "local/1", Stages: minutes})
	r.clock.advance(3*protocol.PresenceEvery + time.Second)
	_, err = far.claim(job.ID)
	ok(t, err)
}
