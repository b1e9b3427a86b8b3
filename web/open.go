package web

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/referent/referent"
)

// registerOpen registers what machines ask: is it alive, is it ready, how much is going on.
func (s *Server) registerOpen() {
	plain := func(w http.ResponseWriter, status int, text string) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		w.Write([]byte(text + "\n"))
	}
	s.routes.handle(http.MethodGet, "/healthz", public, func(w http.ResponseWriter, r *http.Request) {
		plain(w, http.StatusOK, "ok")
	})
	s.routes.handle(http.MethodGet, "/readyz", public, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if err := s.cfg.Ready(ctx); err != nil {
			// Strangers may ask this, so they learn that it is not ready and the log says why.
			infoOf(r.Context()).err = referent.E(referent.CodeUnavailable, "web: check readiness", err)
			plain(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		plain(w, http.StatusOK, "ready")
	})
	if s.cfg.Metrics != nil {
		metrics := promhttp.HandlerFor(s.cfg.Metrics, promhttp.HandlerOpts{})
		s.routes.handle(http.MethodGet, "/metrics", monitoring, metrics.ServeHTTP)
	}
}
