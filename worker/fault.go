package worker

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// faults remembers what this machine could not do for want of something of its own, such as weights or
// ffmpeg: other workers may have it. The stage rests here then, in all lanes, so that its jobs reach them.
type faults struct {
	mu     sync.Mutex
	rests  []time.Duration // after the first fault of a stage, the second, ...; the last stays
	stages map[referent.Stage]*stageFaults
}

type stageFaults struct {
	count int
	code  referent.Code  // of the last
	until time.Time      // the stage rests
	jobs  map[string]int // how often each met the fault here
}

// maxReturns is how often a job is given back for the machine's fault as if nothing had been. After
// that it fails with the fault's code: when no other worker takes it, a person must come to see why.
const maxReturns = 3

// machineRests are short until a lone machine's job has failed for good (its returns, and then its
// attempts), so that the cause is soon seen; and long for what goes on after that.
var machineRests = []time.Duration{
	2 * time.Second, 4 * time.Second, 8 * time.Second, 8 * time.Second, 8 * time.Second,
	30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
}

// meet notes a fault of the machine and lets the stage rest. It reports whether the job may be given
// back uncounted.
func (f *faults) meet(stage referent.Stage, job string, code referent.Code, now time.Time) (giveBack bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stages[stage]
	if s == nil {
		s = &stageFaults{jobs: map[string]int{}}
		f.stages[stage] = s
	}
	s.until = now.Add(f.rests[min(s.count, len(f.rests)-1)])
	s.count, s.code = s.count+1, code
	s.jobs[job]++
	return s.jobs[job] <= maxReturns
}

// mended forgets the stage's faults: it worked.
func (f *faults) mended(stage referent.Stage) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.stages, stage)
}

// able is those of stages that do not rest, and when the first of the others is back; zero when none
// rests.
func (f *faults) able(stages []referent.Stage, now time.Time) (able []referent.Stage, next time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, stage := range stages {
		s := f.stages[stage]
		if s == nil || !now.Before(s.until) {
			able = append(able, stage)
		} else if next.IsZero() || s.until.Before(next) {
			next = s.until
		}
	}
	return slices.Clip(able), next
}

// told are the faults that stand, by stage.
func (f *faults) told() []protocol.StageFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []protocol.StageFault
	for stage, s := range f.stages {
		list = append(list, protocol.StageFault{Stage: stage, Code: s.code, Until: s.until.UTC()})
	}
	slices.SortFunc(list, func(a, b protocol.StageFault) int { return cmp.Compare(a.Stage, b.Stage) })
	return list
}
