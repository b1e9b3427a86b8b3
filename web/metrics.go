package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/referent/referent"
)

// metrics are what is counted of requests. Labels are routes as they are registered, never addresses.
type metrics struct {
	took    *prometheus.HistogramVec // seconds; route, method, status
	streams prometheus.Gauge
}

func newMetrics(reg *prometheus.Registry) (*metrics, error) {
	m := &metrics{
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "referent_http_request_seconds",
			Help: "How long answers took, event streams left out.", Buckets: []float64{.005, .01, .025, .05, .1, .2, .5, 1, 2, 5, 15, 60}},
			[]string{"route", "method", "status"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "referent_event_streams", Help: "Event streams that are open."}),
	}
	if reg == nil {
		return m, nil
	}
	if err := errors.Join(reg.Register(m.took), reg.Register(m.streams)); err != nil {
		return nil, referent.E(referent.CodeConfig, "web: register metrics", err)
	}
	return m, nil
}

// request counts an answer. A stream ends when its reader likes, so that its time tells nothing.
func (m *metrics) request(r *http.Request, rec *recorder, took time.Duration) {
	if rec.Header().Get("Content-Type") == eventStream {
		return
	}
	m.took.WithLabelValues(routeOf(r), methodOf(r), strconv.Itoa(rec.status()/100)+"xx").Observe(took.Seconds())
}

// routeOf is the pattern that matched, without what a stranger wrote.
func routeOf(r *http.Request) string {
	if loggedPath(r) == noRoute {
		return noRoute
	}
	_, path, found := strings.Cut(r.Pattern, " ")
	if !found {
		path = r.Pattern
	}
	return path
}

// methodOf is one of those that the program knows: the word is the stranger's.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}
