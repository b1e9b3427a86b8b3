package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/referent/referent"
	"github.com/referent/referent/access"
)

// registerOpen registers what machines ask: is it alive, is it ready, how much is going on.
func (s *Server) registerOpen() {
	plain := func(w http.ResponseWriter, status int, text string) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		w.Write([]byte(text + "\n"))
	}
	s.routes.handle(http.MethodGet, "/healthz", access.Public, func(w http.ResponseWriter, r *http.Request) {
		plain(w, http.StatusOK, "ok")
	})
	ready := &readiness{check: s.cfg.Ready, now: func() time.Time { return s.now() }}
	s.routes.handle(http.MethodGet, "/readyz", access.Public, func(w http.ResponseWriter, r *http.Request) {
		if err := ready.look(r.Context()); err != nil {
			// Strangers may ask this, so they learn that it is not ready and the log says why.
			infoOf(r.Context()).err = referent.E(referent.CodeUnavailable, "web: check readiness", err)
			plain(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		plain(w, http.StatusOK, "ready")
	})
	if s.cfg.Metrics != nil {
		metrics := promhttp.HandlerFor(s.cfg.Metrics, promhttp.HandlerOpts{})
		s.routes.add(route{Method: http.MethodGet, Path: "/metrics", Needs: access.ManageSystem, Loopback: s.cfg.MetricsOpen}, metrics.ServeHTTP)
	}
}

const (
	readyKept     = 2 * time.Second // how long an answer is good for
	readyPatience = 5 * time.Second // how long finding one may take
)

// readiness looks whether the server is ready, for everybody who asks within two seconds at once:
// strangers may ask, and each look writes to the database.
type readiness struct {
	check func(context.Context) error
	now   func() time.Time

	mu    sync.Mutex
	known bool
	at    time.Time
	err   error
}

func (c *readiness) look(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if age := c.now().Sub(c.at); c.known && age >= 0 && age < readyKept {
		return c.err
	}
	// The answer is for others too: that one who asked has gone does not make the server unready.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyPatience)
	defer cancel()
	c.err = c.check(ctx)
	c.known, c.at = true, c.now()
	return c.err
}
