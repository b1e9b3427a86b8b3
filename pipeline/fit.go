package pipeline

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// keptFor is how long a job is kept for workers that it fits better, from when another first asked for it: whatever workers say
// of themselves, it waits no longer. It is less than what is taken for a queue that stands still ([Config.StalledAfter]).
const keptFor = 20 * time.Second

// fitAmong is how many jobs that workers can find are looked through for one that fits the worker who asks.
const fitAmong = 64

// misfit is why a job is better off with another worker that is there; "": it is not.
type misfit string

const (
	misfitClass misfit = "class" // recognised thoroughly, on a processor while somebody has a graphics processor
	misfitLLM   misfit = "llm"   // a language model is to write, and the worker did not get through to it while others may
	misfitHost  misfit = "host"  // the language model is on another machine's loopback, and a worker there does this
)

var misfits = []misfit{misfitClass, misfitLLM, misfitHost}

// misfit says whether a job of a meeting with these options is better off with one of all than with w. A worker of a release
// that does not tell its class gets whatever it asks for.
func (p *Pipeline) misfit(j *referent.Job, o referent.Options, w *WorkerInfo, all []WorkerInfo) misfit {
	other := func(better func(*WorkerInfo) bool) bool {
		return slices.ContainsFunc(all, func(v WorkerInfo) bool { return v.Worker != w.Worker && v.Able(j.Stage) && better(&v) })
	}
	switch {
	case w.Class == protocol.CPU && j.Stage == referent.StageTranscribe && j.Priority == referent.PriorityBulk && thorough(o.Mode) &&
		other(func(v *WorkerInfo) bool { return v.Class == protocol.GPU }):
		return misfitClass
	case w.LLM == protocol.LLMUnreached && j.Stage == referent.StageMinutes && p.farLLM(o) &&
		other(func(v *WorkerInfo) bool { return v.LLM != protocol.LLMUnreached }):
		return misfitLLM
	case p.elsewhere(j, o, w.Worker, all):
		return misfitHost
	}
	return ""
}

// thorough reports whether a mode takes so much longer that it is worth waiting a little for a graphics processor.
func thorough(m referent.Mode) bool { return m == referent.ModeThorough || m == referent.ModeBeam }

// farLLM reports whether minutes with these options are written by a language model that one worker may reach and another not.
// Who gets those of one on loopback is decided otherwise (elsewhere).
func (p *Pipeline) farLLM(o referent.Options) bool {
	return o.Writer != WriterBuiltin && p.cfg.Endpoint != nil && !thisMachine(p.cfg.Endpoint.BaseURL)
}

// kept remembers since when jobs are kept for workers that they fit better.
type kept struct {
	mu    sync.Mutex
	since map[string]time.Time // by job
}

// still reports whether a job that does not fit is to wait on; the first time that is asked it begins to.
func (k *kept) still(job string, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.since == nil {
		k.since = map[string]time.Time{}
	}
	since, known := k.since[job]
	if !known || now.Before(since) {
		k.since[job], since = now, now
	}
	return now.Sub(since) < keptFor
}

// tidy forgets the jobs that workers have long asked for the first time: who does not have them by then is given them when one
// of them is asked for anew, a little later.
func (k *kept) tidy(now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for job, since := range k.since {
		if now.Sub(since) > time.Hour {
			delete(k.since, job)
		}
	}
}

func (k *kept) forget(job string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.since, job)
}

// fitting is the job to lease to a worker that asks for one: that, or another of the same kind that fits the worker when that one
// does not. rest: there is none, and the asker leaves it to others for now. What is not known here decides nothing: the claim
// that follows does.
func (p *Pipeline) fitting(ctx context.Context, job, worker string) (instead string, rest bool, err error) {
	w, known := p.presence.of(worker, p.now())
	if !known || w.Class == "" {
		return job, false, nil
	}
	asked, err := p.cfg.Store.Job(ctx, job)
	if err != nil || asked.State != referent.JobQueued {
		return job, false, ignoreGone(err)
	}
	all, options := p.Workers(), map[string]referent.Options{}
	keep := func(j *referent.Job) (misfit, error) {
		o, seen := options[j.Meeting]
		if !seen {
			m, err := p.cfg.Store.Meeting(ctx, j.Meeting)
			if err != nil {
				return "", err
			}
			o = m.Options
			options[j.Meeting] = o
		}
		why := p.misfit(j, o, &w, all)
		if why == "" || why != misfitHost && !p.kept.still(j.ID, p.now()) {
			return "", nil
		}
		return why, nil
	}
	why, err := keep(asked)
	if err != nil || why == "" {
		return job, false, ignoreGone(err)
	}
	p.metrics.kept.WithLabelValues(string(why)).Inc()
	// Others are to find it now. A message that its taker gives back is forgotten by nats-server until [queue.AckWait] is over
	// whenever another is purged, which publishing does.
	if err := p.cfg.Queue.Publish(ctx, message(asked)); err != nil {
		p.cfg.Log.Warn("job that is kept for other workers is not published again", "job", job, "error", err)
	}
	found, err := p.cfg.Store.Queued(ctx, store.QueuedFilter{Published: true, Due: p.now(), Stage: asked.Stage, Priority: asked.Priority}, fitAmong)
	if err != nil {
		return "", false, err
	}
	for i := range found {
		if found[i].ID == job {
			continue
		}
		why, err := keep(&found[i])
		if err != nil && ignoreGone(err) != nil {
			return "", false, err
		}
		if err == nil && why == "" {
			return found[i].ID, false, nil
		}
	}
	return "", true, nil
}
