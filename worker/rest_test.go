package worker

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// The server gives another job in the place of the one that was asked for: that is done, and what was asked for stays in the
// queue until it is granted.
func TestAnotherJobIsGivenInstead(t *testing.T) {
	d := newDesk(t)
	d.mu.Lock()
	d.jobs["other"] = &deskJob{task: modelTask("quick"), state: referent.JobQueued}
	d.mu.Unlock()
	d.add("asked", &deskJob{task: modelTask("quick"), instead: "other"})
	heard := make(chan string, 2)
	stop := d.hire(recognizing(func(_ context.Context, _ io.ReaderAt, task referent.Recognition, _ func(float64)) (*referent.ChunkResult, error) {
		heard <- task.Model
		return &referent.ChunkResult{Chunk: task.Chunk}, nil
	}))
	d.waitFor("other", "the other job is done", done)
	eventually(t, "presence tells of it by its own name", func() bool { return d.saw("other") })
	d.waitFor("asked", "the one that was asked for is done in its turn", done)
	d.see("asked", func(j *deskJob) {
		if j.claims != 1 || len(j.fails) != 0 {
			t.Errorf("%d claims, failures %v", j.claims, j.fails)
		}
	})
	if len(heard) != 2 {
		t.Errorf("%d chunks were heard", len(heard))
	}
	eventually(t, "no message is left", func() bool { return d.messages() == 0 })
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// What is said to be better off with others is left to them for a while, by all lanes. The message stays, nothing counts as
// an attempt, and dictations are taken meanwhile.
func TestAKindOfJobRests(t *testing.T) {
	d := newDesk(t)
	f, _, _ := byName("slow")
	d.add("asked", &deskJob{task: modelTask("quick"), rests: 2})
	began := time.Now()
	stop := d.hire(recognizing(f))
	d.waitFor("asked", "it was asked for", func(j *deskJob) bool { return j.asked > 0 })
	d.add("dictation", &deskJob{task: modelTask("quick"), waits: true})
	d.waitFor("dictation", "a dictation is done meanwhile", done)
	d.see("asked", func(j *deskJob) {
		// Each of the two lanes may have asked once before either heard the answer.
		if j.asked > 2 || time.Since(began) < testPace.aside && j.state != referent.JobQueued {
			t.Errorf("it was asked for %d times after %v, and is %s", j.asked, time.Since(began), j.state)
		}
	})
	d.waitFor("asked", "it is done when the server grants it", done)
	if took := time.Since(began); took < testPace.aside {
		t.Errorf("it was asked for again after %v", took)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// What a worker tells of the language model is how its last call went, and for a while only.
func TestLLMToldAsItWentLast(t *testing.T) {
	var l llm
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	unreached := referent.E(referent.CodeLLMUnreachable, "test", nil)
	if got := l.told(at); got != "" {
		t.Errorf("before any call: %q", got)
	}
	l.note(unreached, at)
	if got := l.told(at.Add(llmCounts - 1)); got != protocol.LLMUnreached {
		t.Errorf("after one that did not get through: %q", got)
	}
	if got := l.told(at.Add(llmCounts)); got != "" {
		t.Errorf("long after: %q", got)
	}
	l.note(errors.New("anything else"), at.Add(time.Hour))
	if got := l.told(at.Add(time.Hour)); got != "" {
		t.Errorf("after a failure of another kind: %q", got)
	}
	l.note(nil, at.Add(time.Hour))
	if got := l.told(at.Add(time.Hour)); got != protocol.LLMReached {
		t.Errorf("after one that went well: %q", got)
	}
}
