package worker

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/referent/referent/worker/protocol"
)

// home is the server, of several, that has in memory what a lease's requests have brought it. Where there is one server
// it has no name. A server that does not answer is left for any other. With patience it is left only when nobody hears
// there any more, for that long: what it has in memory is lost with it, and one that is slow, or says that it cannot now,
// still has it.
type home struct {
	patience time.Duration

	mu     sync.Mutex
	server string
	silent time.Time // it has not been there since; zero: it is
}

// at is where to ask.
func (h *home) at(request string) (subject, server string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return protocol.At(request, h.server), h.server
}

// answered notes who did.
func (h *home) answered(m *nats.Msg) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.server, h.silent = m.Header.Get(protocol.HeaderServer), time.Time{}
}

// missed notes that server did not answer, or, when it is gone, that nobody hears where it did, and reports whether it
// is left for that.
func (h *home) missed(server string, gone bool, now time.Time) (left bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if server == "" || h.server != server {
		return h.server != server
	}
	if h.patience > 0 && !gone {
		h.silent = time.Time{}
		return false
	}
	if h.silent.IsZero() {
		h.silent = now
	}
	if now.Sub(h.silent) < h.patience {
		return false
	}
	h.server, h.silent = "", time.Time{}
	return true
}

// onceAt is once, of a server. One that is gone cannot answer what it had been asked before: so whether it is there is
// asked meanwhile.
func (w wire) onceAt(ctx context.Context, server string, msg *nats.Msg) (reply *nats.Msg, away bool, err error) {
	if server == "" {
		return w.once(ctx, msg)
	}
	asking, gone := context.WithCancelCause(ctx)
	defer gone(nil)
	var probing sync.WaitGroup
	defer probing.Wait()
	ended, end := context.WithCancel(ctx)
	defer end()
	probing.Go(func() {
		for {
			select {
			case <-ended.Done():
				return
			case <-time.After(w.pace.probe):
			}
			_, _, err := w.once(ended, &nats.Msg{Subject: protocol.At(protocol.SubjectPresence, server)})
			if errors.Is(err, nats.ErrNoResponders) {
				gone(err)
			}
		}
	})
	reply, away, err = w.once(asking, msg)
	if cause := context.Cause(asking); err != nil && errors.Is(cause, nats.ErrNoResponders) {
		return nil, true, cause
	}
	return reply, away, err
}

// askAt is ask of the server that is h.
func (w wire) askAt(ctx context.Context, h *home, msg *nats.Msg) (*nats.Msg, error) {
	request := msg.Subject
	for wait := w.pace.retry; ; {
		var server string
		msg.Subject, server = h.at(request)
		reply, away, err := w.onceAt(ctx, server, msg)
		if err == nil {
			h.answered(reply)
		}
		if !away {
			return reply, err
		}
		// While this machine's own connection is away nothing is known of the server.
		gone := errors.Is(err, nats.ErrNoResponders)
		if w.nc.IsConnected() && h.missed(server, gone, time.Now()) && gone {
			continue // another answers at once
		}
		select {
		case <-ctx.Done():
			return nil, stopped(ctx, "worker: ask server", err)
		case <-time.After(wait):
		}
		wait = min(2*wait, 8*w.pace.retry)
	}
}
