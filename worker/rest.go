package worker

import (
	"sync"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// kind is what one consumer of the queue has.
type kind struct {
	stage    referent.Stage
	priority referent.Priority
}

// rests are the kinds of jobs that the server has said are better off with others for now: all lanes pass them by, or they would
// keep the messages from those others by asking again and again.
type rests struct {
	mu    sync.Mutex
	until map[kind]time.Time
}

func (r *rests) begin(stage referent.Stage, priority referent.Priority, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.until[kind{stage, priority}] = until
}

func (r *rests) rests(stage referent.Stage, priority referent.Priority) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Before(r.until[kind{stage, priority}])
}

// llmCounts is how long the last call to a language model tells how the next one goes. Without an end to it a worker whose
// network was mended would be passed over for as long as there is another.
const llmCounts = 5 * time.Minute

// llm is how the last call to a language model went. Nobody calls one only to find out.
type llm struct {
	mu sync.Mutex
	at time.Time
	is protocol.LLM
}

// note takes what became of minutes that a language model was to write. What went wrong otherwise tells nothing.
func (l *llm) note(err error, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil:
		l.is, l.at = protocol.LLMReached, now
	case referent.CodeOf(err) == referent.CodeLLMUnreachable:
		l.is, l.at = protocol.LLMUnreached, now
	}
}

func (l *llm) told(now time.Time) protocol.LLM {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.at) >= llmCounts {
		return ""
	}
	return l.is
}
