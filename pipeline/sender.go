package pipeline

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// seenEvery is how often it is written down that a worker was heard of.
const seenEvery = time.Minute

// sender is the worker that a request came from, as the nats-server knows it: it lets nobody ask under another's key.
type sender struct{ *store.Worker }

type senderKey struct{}

func withSender(ctx context.Context, w sender) context.Context {
	return context.WithValue(ctx, senderKey{}, w)
}

// askedBy is the public key of the worker that asks; "" for the server itself.
func askedBy(ctx context.Context) string {
	if s, ok := ctx.Value(senderKey{}).(sender); ok {
		return s.Key
	}
	return ""
}

// nameOf is what a worker is called everywhere: those that enrolled stand below their own id, so that none passes for
// another, or for one of the server's own machine.
func nameOf(ctx context.Context, name string) string {
	if s, ok := ctx.Value(senderKey{}).(sender); ok && !s.Own {
		return WorkerPrefix(s.ID) + strings.TrimPrefix(name, "worker/")
	}
	return name
}

// WorkerPrefix begins the names of all processes that connect as one enrolled worker.
func WorkerPrefix(id string) string { return "worker-" + id + "/" }

// sender finds out who asks. It is read for each request, so that a revoked worker gets no answer from any server from
// the moment that it is committed, whatever connection it still has.
func (p *Pipeline) sender(ctx context.Context, subject, reply string) (sender, error) {
	key, _, ok := protocol.Asked(subject)
	// The reply is published with the server's rights: a worker must not choose JetStream's API, say, or another job's
	// cancellation as the place for it.
	if !ok || reply != "" && !queue.IsInboxOf(key, reply) {
		return sender{}, errElsewhere
	}
	w, err := admitted(ctx, p.cfg.Store, key)
	return sender{w}, err
}

// admitted is the worker with a public key. CodeForbidden: there is none, or it was revoked.
func admitted(ctx context.Context, r store.Reader, key string) (*store.Worker, error) {
	const op = "pipeline: see who asks"
	w, err := r.Worker(ctx, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, referent.E(referent.CodeForbidden, op, errors.New("the key is nobody's"))
	case err != nil:
		return nil, err
	case !w.Admitted():
		return nil, referent.E(referent.CodeForbidden, op, errors.New("the worker was revoked"))
	}
	return w, nil
}

// stillIn refuses, inside the transaction that changes something, the worker that was shut out since it asked.
func stillIn(ctx context.Context, r store.Reader) error {
	key := askedBy(ctx)
	if key == "" {
		return nil // the server itself
	}
	_, err := admitted(ctx, r, key)
	return err
}

// errElsewhere is that a request came in a way that no worker asks in. It is not answered.
var errElsewhere = referent.E(referent.CodeForbidden, "pipeline: see who asks", errors.New("reply elsewhere than to the worker"))

// seen remembers when it was last written down that a worker was heard of.
type seen struct {
	mu sync.Mutex
	at map[string]time.Time // by key
}

// see writes down that the worker lives. A failure costs a time on a page.
func (p *Pipeline) see(ctx context.Context, w *store.Worker) {
	now := p.now()
	p.seen.mu.Lock()
	last := p.seen.at[w.Key]
	if last.Before(w.Seen) {
		last = w.Seen
	}
	due := now.Sub(last) >= seenEvery
	if due {
		p.seen.at[w.Key] = now
	}
	p.seen.mu.Unlock()
	if !due {
		return
	}
	if err := p.cfg.Store.Tx(ctx, func(tx store.Tx) error { return tx.SeeWorker(ctx, w.Key, now) }); err != nil {
		p.cfg.Log.Warn("not noted that a worker was heard of", "worker", w.ID, "error", err)
	}
}

// mayDo refuses a job of a stage that the worker was not let in for.
func mayDo(ctx context.Context, stage referent.Stage) error {
	if s, ok := ctx.Value(senderKey{}).(sender); ok && len(s.Stages) > 0 && !slices.Contains(s.Stages, stage) {
		return referent.E(referent.CodeForbidden, "pipeline: claim job", errors.New("the worker is not for this stage"))
	}
	return nil
}
