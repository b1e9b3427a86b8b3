// Package summarize turns a transcript into draft minutes in which every statement names the segments
// it rests on: through a language model behind an OpenAI-compatible endpoint, or by the built-in rules
// of package extract when there is none.
//
// What is not here: recognising speech, laying out documents (package export), and approving anything.
// A vote or a resolution that this package writes is a proposal to a secretary.
//
// What was said is data. It reaches a model inside marks that it cannot close, and nothing a speaker
// says changes what is asked for; what is said to the machine and not to the meeting (package injection)
// reaches no writer at all. No text of a meeting is logged or stands in an error.
package summarize

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
)

// Config says how a Writer reaches endpoints. The zero value works.
type Config struct {
	APIKey  string           // sent to the endpoint as a bearer token; from the environment
	Log     *slog.Logger     // host, bytes and times of calls, never content; nil: discarded
	HTTP    *http.Client     // only its TLS settings are used; nil: the system's
	Retries int              // further attempts after a call fails or an answer is unusable; 0: 3, negative: none
	Backoff time.Duration    // wait before the first further attempt, doubled each time; 0: one second
	Now     func() time.Time // the time in provenance; nil: time.Now
}

// Writer makes minutes. It is safe for concurrent use and holds nothing of a meeting.
type Writer struct {
	cfg Config
	net network
}

// New makes a Writer.
func New(cfg Config) *Writer {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Retries = max(0, cmp.Or(cfg.Retries, 3))
	cfg.Backoff = cmp.Or(cfg.Backoff, time.Second)
	return &Writer{cfg: cfg, net: system}
}

// Write is Resume that keeps nothing between two attempts.
func (w *Writer) Write(ctx context.Context, m *referent.Meeting, t *referent.Transcript, e *referent.Endpoint,
	progress func(float64)) (*referent.Minutes, error) {
	return w.Resume(ctx, m, t, e, nil, progress)
}

// Resume makes the draft minutes of a meeting. A nil endpoint means the built-in writer; with an
// endpoint only the endpoint's model writes, and when it fails the error says so: the two are never
// swapped. Each answer of the model is saved in done as soon as it is there, and one that is there already
// is not asked for again; nil: nothing is kept. progress, which may be nil, is called with 0 to 1 from the calling goroutine; with the value
// of the call before when an endpoint answered and no part became ready by it.
//
// Errors: CodeInvalid without a meeting or transcript, CodeLLMForbidden, CodeLLMLeak, CodeLLMUnreachable,
// CodeLLMAnswer, CodeCancelled, and those of done.
func (w *Writer) Resume(ctx context.Context, m *referent.Meeting, t *referent.Transcript, e *referent.Endpoint,
	done referent.Checkpoints, progress func(float64)) (*referent.Minutes, error) {
	if m == nil || t == nil {
		return nil, referent.E(referent.CodeInvalid, "summarize: write minutes", nil).WithHint("needs a meeting and a transcript")
	}
	if progress == nil {
		progress = func(float64) {}
	}
	if err := ctx.Err(); err != nil {
		return nil, referent.E(referent.CodeCancelled, "summarize: write minutes", err)
	}
	progress(0)
	t, aside := heard(t)
	builtin := extract.Write(m, t)
	out := builtin
	if e != nil {
		var err error
		if out, err = w.writeLLM(ctx, m, t, e, builtin, done, progress); err != nil {
			return nil, err
		}
	}
	verify(out, m, t)
	tellAside(out, aside)
	out.Provenance.Created = w.cfg.Now().UTC().Truncate(time.Second)
	extract.Complete(out)
	progress(1)
	return out, nil
}
