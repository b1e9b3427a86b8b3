package pipeline

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
)

// LocalWorkers begins the names of the workers that a server's supervisor starts; of one of several servers, the server's
// name and a slash follow.
const LocalWorkers = "local/"

// serverWorkers begins the names under which the server itself leases jobs.
const serverWorkers = "server/"

// ownName begins, after prefix, the names of this server among those of others.
func (p *Pipeline) ownName(prefix string) string {
	if p.alone() {
		return prefix
	}
	return prefix + p.cfg.Server + "/"
}

// serverLease is how long a server may be at a job of its own. Nobody extends it: a server that is started again, or
// that leads when another is dead, frees what the one before had. Three hours of speech held against 2,500 listed names take half a minute of one core.
const serverLease = 15 * time.Minute

// What bounds what strangers with a worker's credentials can make the server remember.
const (
	maxWorkers    = 10_000
	maxNames      = 64  // that one key's workers go by
	maxPresence   = 100 // bytes of what a worker says of its version and device
	maxJobsAtHand = 64
	maxOnDisk     = 64
)

// modelForm is what the name of weights is.
var modelForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// WorkerInfo is a worker that was heard of lately.
type WorkerInfo struct {
	protocol.Presence
	Seen time.Time `json:"seen"`

	key string // it connects with
}

// Able reports whether the worker takes jobs of the stage: it does such work, is not about to leave, and its machine has
// no standing fault there. One that has rested and is about to try again has: its clock may be another than ours, so
// that the moment it names is not compared.
func (w WorkerInfo) Able(stage referent.Stage) bool {
	return !w.Leaving && slices.Contains(w.Stages, stage) &&
		!slices.ContainsFunc(w.Faults, func(f protocol.StageFault) bool { return f.Stage == stage })
}

type presence struct {
	mu   sync.Mutex
	seen map[string]WorkerInfo
}

// of is what is known of a worker that was heard of lately.
func (w *presence) of(worker string, now time.Time) (WorkerInfo, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	info, known := w.seen[worker]
	return info, known && !silent(now)(info)
}

func (w *presence) note(p protocol.Presence, key string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.Leaving {
		delete(w.seen, p.Worker)
		return
	}
	if _, known := w.seen[p.Worker]; !known && (len(w.seen) >= maxWorkers || w.names(key) >= maxNames) {
		return
	}
	w.seen[p.Worker] = WorkerInfo{Presence: bounded(p), Seen: now, key: key}
}

// names counts those of a key. w.mu is held.
func (w *presence) names(key string) (n int) {
	for _, info := range w.seen {
		if info.key == key {
			n++
		}
	}
	return n
}

// bounded keeps of what a worker says of itself what it can be, and copies it: the rest of the message is let go.
func bounded(p protocol.Presence) protocol.Presence {
	short := func(s string) string { return strings.Clone(printable(s, maxPresence)) }
	one := func(job string) string { return strings.Clone(clip(job, maxPresence)) }
	var stages []referent.Stage
	var faults []protocol.StageFault
	for _, known := range queue.Stages {
		if slices.Contains(p.Stages, known) {
			stages = append(stages, known)
		}
		if i := slices.IndexFunc(p.Faults, func(f protocol.StageFault) bool { return f.Stage == known }); i >= 0 && codeForm.MatchString(string(p.Faults[i].Code)) {
			f := p.Faults[i]
			faults = append(faults, protocol.StageFault{Stage: known, Code: referent.Code(strings.Clone(string(f.Code))), Until: f.Until})
		}
	}
	var jobs []string
	for _, j := range p.Jobs[:min(len(p.Jobs), maxJobsAtHand)] {
		jobs = append(jobs, one(j))
	}
	var models []string
	for _, m := range p.Models[:min(len(p.Models), maxOnDisk)] {
		if modelForm.MatchString(m) {
			models = append(models, strings.Clone(m))
		}
	}
	if p.Class != protocol.CPU && p.Class != protocol.GPU {
		p.Class = "" // of a later release
	}
	if p.LLM != protocol.LLMReached && p.LLM != protocol.LLMUnreached {
		p.LLM = ""
	}
	if !modelForm.MatchString(p.Model) {
		p.Model = ""
	}
	return protocol.Presence{Class: p.Class, Models: models, Model: strings.Clone(p.Model), LLM: p.LLM, Worker: strings.Clone(p.Worker), Version: short(p.Version), Stages: stages, Threads: max(0, p.Threads), Device: short(p.Device),
		Job: one(p.Job), Jobs: jobs, Since: p.Since, Faults: faults, Leaving: p.Leaving}
}

func (w *presence) forget(gone func(WorkerInfo) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, info := range w.seen {
		if gone(info) {
			delete(w.seen, name)
		}
	}
}

// presenceLate is how late a worker's word may come. With the interval it is less than a server is waited for.
const presenceLate = 500 * time.Millisecond

// lives reports whether the worker was heard of within the last interval: one that died with a server that is taken for
// dead was not.
func (w *presence) lives(worker string, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	info, known := w.seen[worker]
	return known && now.Sub(info.Seen) < protocol.PresenceEvery+presenceLate
}

func silent(now time.Time) func(WorkerInfo) bool {
	return func(w WorkerInfo) bool { return now.Sub(w.Seen) > 3*protocol.PresenceEvery }
}

// Workers lists the workers heard of within three presence intervals, by name.
func (p *Pipeline) Workers() []WorkerInfo {
	p.presence.forget(silent(p.now()))
	p.presence.mu.Lock()
	defer p.presence.mu.Unlock()
	all := make([]WorkerInfo, 0, len(p.presence.seen))
	for _, w := range p.presence.seen {
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b WorkerInfo) int { return cmp.Compare(a.Worker, b.Worker) })
	return all
}

// ReleaseWorker frees the leases of every worker whose name begins with namePrefix: whoever started
// them saw them die, and nobody needs to wait for the leases to run out. The attempts count.
func (p *Pipeline) ReleaseWorker(ctx context.Context, namePrefix string) error {
	return p.takeFrom(ctx, namePrefix, func(j *referent.Job) error { return p.release(ctx, j.ID, j.Epoch) })
}

// takeFrom forgets the workers with a prefix, and takes each of their leases.
func (p *Pipeline) takeFrom(ctx context.Context, namePrefix string, take func(*referent.Job) error) error {
	p.presence.forget(func(w WorkerInfo) bool { return strings.HasPrefix(w.Worker, namePrefix) })
	leases, err := p.cfg.Store.LeasesOf(ctx, namePrefix)
	if err != nil {
		return err
	}
	for i := range leases {
		if err := take(&leases[i]); err != nil {
			return err
		}
	}
	return nil
}

// release takes the lease of that epoch back. One that has ended meanwhile is left alone.
func (p *Pipeline) release(ctx context.Context, job string, epoch int64) error {
	err := p.do(ctx, func(ctx context.Context, s *step) error {
		j, err := s.Job(ctx, job)
		if err != nil {
			return err
		}
		if j.State != referent.JobLeased || j.Epoch != epoch {
			return nil
		}
		m, err := s.Meeting(ctx, j.Meeting)
		if err != nil {
			return err
		}
		return s.retryOrBury(ctx, m, j, referent.CodeWorkerLost, false)
	})
	return ignoreGone(err)
}
