package pipeline

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/referent/referent"
)

// metrics are the pipeline's counters. Labels are stages, states and outcomes, never names or ids.
type metrics struct {
	gauges *gauges

	jobs          *prometheus.CounterVec // stage, outcome: done, retried, dead, cancelled, returned, postponed
	audioSeconds  prometheus.Counter
	uploadedBytes prometheus.Counter
	leasesExpired prometheus.Counter
	retries       prometheus.Counter // by people
	loopErrors    *prometheus.CounterVec
	kept          *prometheus.CounterVec // why
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	if reg == nil {
		reg = prometheus.NewRegistry()
	}
	var failed error
	counter := func(name, help string) prometheus.Counter {
		return register(reg, &failed, prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help}))
	}
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		return register(reg, &failed, prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels))
	}
	m := &metrics{
		gauges:        register(reg, &failed, newGauges()),
		jobs:          vec("referent_jobs_total", "Jobs by what became of an attempt.", "stage", "outcome"),
		audioSeconds:  counter("referent_audio_seconds_total", "Seconds of audio decoded."),
		uploadedBytes: counter("referent_uploaded_bytes_total", "Bytes of recordings stored."),
		leasesExpired: counter("referent_leases_expired_total", "Leases whose worker was not heard of in time."),
		retries:       counter("referent_retries_total", "Meetings that a person had tried again."),
		loopErrors:    vec("referent_pipeline_errors_total", "Background turns that failed and will be tried again.", "task"),
		kept:          vec("referent_claims_kept_total", "Claims of jobs that are kept for a while for other workers, which they fit better.", "why"),
	}
	if failed != nil {
		return nil, referent.E(referent.CodeConfig, "pipeline: register metrics", failed)
	}
	for _, why := range misfits {
		m.kept.WithLabelValues(string(why))
	}
	for _, stage := range referent.Stages {
		for _, outcome := range []string{"done", "retried", "dead", "cancelled", "returned", "postponed"} {
			m.jobs.WithLabelValues(string(stage), outcome) // at 0: what goes from nothing to 1 is no increase to Prometheus
		}
	}
	return m, nil
}

// register adds c to reg, or finds the equal one that an earlier Pipeline of this process registered.
func register[C prometheus.Collector](reg prometheus.Registerer, failed *error, c C) C {
	err := reg.Register(c)
	if err == nil {
		return c
	}
	if are, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if old, ok := are.ExistingCollector.(C); ok {
			return old
		}
	}
	*failed = errors.Join(*failed, err)
	return c
}
