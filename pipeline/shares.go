package pipeline

import (
	"maps"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// shares decides whose bulk job goes to the workers next. Within a stage departments take turns by start-time fair queuing
// (Goyal, Vin and Cheng, 1996): each turn begins where the department's last one ended, or where the turns of all have
// come to if that is later, and lasts as long as the job is; whose turn begins first has it. Of two departments that both
// have work waiting, neither gets more than the other over any stretch of time by more than one job of each: what a
// department has uploaded does not count, and one that had nothing to do has saved up nothing.
//
// Turns are counted where the jobs are handed out, so that nothing has to be remembered of what was done: a server that
// begins to lead begins with everybody equal, and the same holds from there on. Meetings of no department share one turn.
type shares map[referent.Stage]*share

type share struct {
	now  float64            // where the last turn began
	ends map[string]float64 // by department: where its last turn ended, if that is later than now
}

func (s shares) of(stage referent.Stage) *share {
	if s[stage] == nil {
		s[stage] = &share{ends: map[string]float64{}}
	}
	return s[stage]
}

// next is whose turn it is among the offers of one stage, which are the oldest first; nil: nobody has anything.
func (s *share) next(offers []*store.Offer) *store.Offer {
	var first, second *store.Offer // of the department whose turn it is, its oldest meetings
	seen := map[string]bool{}
	for _, o := range offers {
		switch {
		case o.Waiting == 0:
		case first != nil && o.Department == first.Department:
			if second == nil {
				second = o
			}
		case !seen[o.Department]:
			seen[o.Department] = true
			if first == nil || s.begins(o.Department) < s.begins(first.Department) {
				first, second = o, nil
			}
		}
	}
	// A long meeting shares its department's turns with the one behind it; all of them at once would finish none.
	if second != nil && second.Out < first.Out {
		return second
	}
	return first
}

func (s *share) begins(department string) float64 { return max(s.now, s.ends[department]) }

// charge ends a department's turn with a job of some length.
func (s *share) charge(department string, length float64) {
	s.now = s.begins(department)
	s.ends[department] = s.now + length
	maps.DeleteFunc(s.ends, func(_ string, end float64) bool { return end <= s.now })
}

const (
	// leastLength is how many seconds of audio are as much work as what a job costs whatever its length.
	leastLength = 10
	// bytesPerSecond is taken for the rate of a recording of which nothing else tells how long it lasts.
	bytesPerSecond = 16_000
)

// length is how long a job of the offer's counts, in what is the same for all jobs of a stage: chunks are alike, and so is
// listening; the work with a whole recording follows its length in seconds.
func (p *Pipeline) length(o *store.Offer) float64 {
	if o.Stage != referent.StagePrepare && o.Stage != referent.StageMinutes || o.Recording == nil {
		return 1
	}
	seconds, known := p.pace.duration(o.Recording)
	if !known {
		seconds = float64(o.Recording.Size) / bytesPerSecond
	}
	return max(seconds, leastLength)
}
