package pipeline

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// gaugesLimit is how long the database may take to tell what a scrape asks of it.
const gaugesLimit = 5 * time.Second

// maxWorkerGauges bounds the workers that have a line of their own: a name is a new series for ever.
const maxWorkerGauges = 500

// gauges tell how things stand when they are asked for, so that every server of an installation tells the same of what
// they share. What is not known is left out rather than told as it was.
type gauges struct {
	of atomic.Pointer[Pipeline] // the newest that was registered

	jobs, oldest, lanes, workers, faults, busy, classes *prometheus.Desc
}

func newGauges() *gauges {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &gauges{
		jobs:    desc("referent_jobs", "Jobs by state, as the database has them.", "stage", "state"),
		oldest:  desc("referent_queue_oldest_seconds", "How long ago the first of the jobs that wait was asked for; 0: none waits.", "stage", "priority"),
		lanes:   desc("referent_queue_jobs", "Jobs that are not done: waiting for the dispatcher, published to the workers, or running.", "stage", "priority", "state"),
		workers: desc("referent_workers", "Workers heard of lately that take jobs of the stage.", "stage"),
		faults:  desc("referent_worker_faults", "Workers whose machine lacks something for the stage.", "stage", "code"),
		classes: desc("referent_worker_classes", "Workers heard of lately, by what recognition was seen to run on (unknown: an older release) and which weights are in their memory: the server's (configured), others, or none.", "class", "model"),
		busy:    desc("referent_worker_jobs", "Jobs that a worker is at, by its own name.", "worker", "device", "threads"),
	}
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.jobs, g.oldest, g.lanes, g.workers, g.faults, g.busy, g.classes} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	p := g.of.Load()
	if p == nil {
		return
	}
	tell := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), gaugesLimit)
	defer cancel()
	if err := errors.Join(g.tellJobs(ctx, p, tell), g.tellQueue(ctx, p, tell)); err != nil {
		p.metrics.loopErrors.WithLabelValues("metrics").Inc()
		p.cfg.Log.Warn("metrics are incomplete", "error", err)
	}
	g.tellWorkers(p, tell)
}

type tellGauge func(d *prometheus.Desc, v float64, labels ...string)

func (g *gauges) tellJobs(ctx context.Context, p *Pipeline, tell tellGauge) error {
	counts, err := p.cfg.Store.CountJobs(ctx)
	if err != nil {
		return err
	}
	for _, c := range counts {
		tell(g.jobs, float64(c.Count), string(c.Stage), string(c.State))
	}
	return nil
}

// tellQueue has a line for each stage and priority also when nothing waits, so that an alert's series does not end.
func (g *gauges) tellQueue(ctx context.Context, p *Pipeline, tell tellGauge) error {
	loads, err := p.cfg.Store.Workloads(ctx)
	if err != nil {
		return err
	}
	type lane struct {
		stage    referent.Stage
		priority referent.Priority
	}
	age, load := map[lane]float64{}, map[lane]store.Workload{}
	for _, l := range loads {
		load[lane{l.Stage, l.Priority}] = l
		if !l.Oldest.IsZero() {
			age[lane{l.Stage, l.Priority}] = max(0, p.now().Sub(l.Oldest).Seconds())
		}
	}
	for _, stage := range referent.Stages {
		for _, priority := range []referent.Priority{referent.PriorityInteractive, referent.PriorityBulk} {
			l := load[lane{stage, priority}]
			tell(g.oldest, age[lane{stage, priority}], string(stage), string(priority))
			tell(g.lanes, float64(l.Waiting-l.Published), string(stage), string(priority), "waiting")
			tell(g.lanes, float64(l.Published), string(stage), string(priority), "published")
			tell(g.lanes, float64(l.Running), string(stage), string(priority), "running")
		}
	}
	return nil
}

func (g *gauges) tellWorkers(p *Pipeline, tell tellGauge) {
	all := p.Workers()
	type fault struct {
		stage referent.Stage
		code  referent.Code
	}
	faults := map[fault]int{}
	for _, stage := range queue.Stages {
		able := 0
		for _, w := range all {
			if w.Able(stage) {
				able++
			}
		}
		tell(g.workers, float64(able), string(stage))
	}
	for _, class := range []protocol.Class{protocol.CPU, protocol.GPU, ""} {
		held := map[string]int{"configured": 0, "other": 0, "none": 0}
		for _, w := range all {
			switch {
			case w.Class != class:
			case w.Model == "":
				held["none"]++
			case w.Model == p.cfg.Model:
				held["configured"]++
			default:
				held["other"]++
			}
		}
		for model, n := range held {
			tell(g.classes, float64(n), cmp.Or(string(class), "unknown"), model)
		}
	}
	for i, w := range all {
		for _, f := range w.Faults {
			faults[fault{f.Stage, f.Code}]++
		}
		if i < maxWorkerGauges {
			tell(g.busy, float64(len(w.Jobs)), w.Worker, w.Device, strconv.Itoa(w.Threads))
		}
	}
	for f, n := range faults {
		tell(g.faults, float64(n), string(f.stage), string(f.code))
	}
}
