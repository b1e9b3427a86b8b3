package pipeline

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// Standing is what a meeting that work is left on is doing.
type Standing string

const (
	Working   Standing = "working"    // somebody is at it
	Queued    Standing = "queued"     // it waits its turn
	Paused    Standing = "paused"     // it is tried again at a time, after something went wrong
	Resting   Standing = "resting"    // every worker that could go on rests for a fault of its own machine
	NoWorker  Standing = "no_worker"  // there are workers, but none does the stage
	NoWorkers Standing = "no_workers" // there is no worker at all
)

// Outlook is how it goes with a meeting that work is left on, and what can be said of when.
type Outlook struct {
	Meeting  string         `json:"meeting"`
	Standing Standing       `json:"standing" enum:"working,queued,paused,resting,no_worker,no_workers"`
	Stage    referent.Stage `json:"stage" doc:"What is done, or waited for."`
	Place    int            `json:"place,omitempty" doc:"In the queue, from 1, when it waits: dictations go first, then departments in turn."`
	Begins   *float64       `json:"begins,omitempty" doc:"Seconds until it is likely to begin. Absent: it has begun, or too little is known."`
	Left     *float64       `json:"left,omitempty" doc:"Seconds until its minutes are likely to be there, when it is worked on. Absent: too little is known."`
	Until    time.Time      `json:"until,omitzero" doc:"When it is tried again."`
	Code     referent.Code  `json:"code,omitempty" doc:"Why it was put back."`

	Owner, Department string `json:"-"`
}

// outlookFor is how long an outlook is good: the queue is asked for it by everybody who watches.
const outlookFor = time.Second

// outlooks remembers the last answer.
type outlooks struct {
	mu  sync.Mutex
	at  time.Time
	all []Outlook
}

// Outlooks lists every meeting that work is left on, in the order that workers come to them. The caller leaves it as
// it is. It is at most a second old.
func (p *Pipeline) Outlooks(ctx context.Context) ([]Outlook, error) {
	p.outlooks.mu.Lock()
	defer p.outlooks.mu.Unlock()
	now := p.now()
	if age := now.Sub(p.outlooks.at); age >= 0 && age < outlookFor {
		return p.outlooks.all, nil
	}
	backlog, err := p.cfg.Store.Backlog(ctx)
	if err != nil {
		return nil, err
	}
	p.outlooks.at, p.outlooks.all = now, p.look(backlog, now)
	return p.outlooks.all, nil
}

// look says of each meeting what is ahead of it. A dictation is worked on beside what is going on, and so waits for
// other dictations alone; all else waits for those, and for its department's turn. What stands still holds nobody up.
func (p *Pipeline) look(backlog []store.Unfinished, now time.Time) []Outlook {
	workers := p.Workers()
	var ahead time.Duration
	known := true
	all := make([]Outlook, 0, len(backlog))
	var bulk []waiting
	lines := map[string][]*stretch{}
	for i := range backlog {
		m := &backlog[i]
		o := Outlook{Meeting: m.Meeting, Stage: m.Stage, Owner: m.Owner, Department: m.Department}
		o.Standing = p.standing(m, workers, now)
		if o.Standing == Paused {
			o.Until, o.Code = m.NotBefore, m.Code
		}
		if m.Priority == referent.PriorityInteractive {
			all = append(all, p.lookAtOne(m, o, &ahead, &known))
			continue
		}
		w := waiting{Outlook: o, depth: len(lines[m.Department]), stretch: new(stretch)}
		if o.Standing == Working || o.Standing == Queued {
			w.stretch.work, w.stretch.known = p.pace.remaining(m)
			lines[m.Department] = append(lines[m.Department], w.stretch)
		}
		bulk = append(bulk, w)
	}
	inTurn(slices.Collect(maps.Values(lines)))
	slices.SortStableFunc(bulk, func(a, b waiting) int {
		switch a, b := a.Standing == Working, b.Standing == Working; {
		case a && !b:
			return -1
		case b && !a:
			return 1
		}
		return cmp.Compare(a.depth, b.depth)
	})
	for _, w := range bulk {
		switch w.Standing {
		case Queued:
			w.Begins = secondsIf(ahead+w.stretch.begins, known && w.stretch.reached)
		case Working:
			w.Left = secondsIf(ahead+w.stretch.ends, known && w.stretch.reached && w.stretch.known)
		}
		all = append(all, w.Outlook)
	}
	place := 0
	for i := range all {
		if all[i].Standing == Queued {
			place++
			all[i].Place = place
		}
	}
	return all
}

// waiting is a meeting that nobody waits for, and how many of its department stand before it.
type waiting struct {
	Outlook
	depth   int
	stretch *stretch
}

// lookAtOne adds an interactive meeting's work to what is ahead of the others.
func (p *Pipeline) lookAtOne(m *store.Unfinished, o Outlook, ahead *time.Duration, known *bool) Outlook {
	if o.Standing == Queued {
		o.Begins = secondsIf(*ahead, *known)
	}
	if o.Standing == Working || o.Standing == Queued {
		left, sure := p.pace.remaining(m)
		*ahead, *known = *ahead+left, *known && sure
	}
	if o.Standing == Working {
		o.Left = secondsIf(*ahead, *known)
	}
	return o
}

func (p *Pipeline) standing(m *store.Unfinished, workers []WorkerInfo, now time.Time) Standing {
	switch {
	case m.Leased > 0 || m.Stage == referent.StageAssemble: // the server joins what was heard itself
		return Working
	case m.NotBefore.After(now) && (m.Code == referent.CodeDiskFull || m.Code == referent.CodeUnavailable):
		return Paused
	case now.Sub(p.started) < p.cfg.WorkersWithin: // they have not had the time to say that they are there
	case len(workers) == 0:
		return NoWorkers
	case !slices.ContainsFunc(workers, func(w WorkerInfo) bool { return slices.Contains(w.Stages, m.Stage) }):
		return NoWorker
	case !slices.ContainsFunc(workers, func(w WorkerInfo) bool { return w.Able(m.Stage) }):
		return Resting
	}
	return Queued
}

func secondsIf(d time.Duration, known bool) *float64 {
	if !known {
		return nil
	}
	s := d.Seconds()
	return &s
}

// heardWithin is how soon a worker is heard of, at the latest.
const heardWithin = 3 * protocol.PresenceEvery
