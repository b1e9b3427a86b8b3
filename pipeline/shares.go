package pipeline

import (
	"maps"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// shares decides whose bulk job goes to the workers next. Within a stage departments take turns by start-time fair queuing
// (Goyal, Vin and Cheng, 1996): each turn begins where the department's last one ended, or where the turns of all have
// come to if that is later, and lasts as long as the job is; whose turn begins first has it. Of two departments that both
// have work waiting, neither gets more than the other over any stretch of time by more than one job of each: what a
// department has uploaded does not count, and one that had nothing to do has saved up nothing.
//
// What was owed is forgotten when a stage has nothing to do, and when jobs are taken back that turns were counted for. Turns are
// counted where the jobs are handed out, so that nothing has to be remembered of what was done: a server that
// begins to lead begins with everybody equal, and the same holds from there on. Meetings of no department share one turn.
type shares map[referent.Stage]*share

type share struct {
	now  float64            // where the last turn began
	ends map[string]float64 // by department: where its last turn ended, if that is later than now
	last map[string]string  // by department: the meeting that had it
}

func (s shares) of(stage referent.Stage) *share {
	if s[stage] == nil {
		s[stage] = &share{ends: map[string]float64{}, last: map[string]string{}}
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
	// Two that share their department's turns both end when the second could: only one that is short goes beside another.
	if second != nil && s.last[first.Department] == first.Meeting && muchLess(second.Waiting+second.Out, first.Waiting+first.Out) {
		return second
	}
	return first
}

// muchLess reports whether what a department's second meeting has left is so little that it goes beside the first.
func muchLess[T int | time.Duration](second, first T) bool { return 4*second <= first }

func (s *share) begins(department string) float64 { return max(s.now, s.ends[department]) }

// charge ends the turn of an offer's department with a job of some length.
func (s *share) charge(o *store.Offer, length float64) {
	s.now = s.begins(o.Department)
	s.ends[o.Department] = s.now + length
	s.last[o.Department] = o.Meeting
	maps.DeleteFunc(s.ends, func(_ string, end float64) bool { return end <= s.now })
}

const (
	// leastLength is how many seconds of audio are as much work as what a job costs whatever its length.
	leastLength = 10
	// chunkLength is how many seconds of audio a chunk has at most: four windows, each a little shorter than what Whisper hears.
	chunkLength = 4 * 29
	// bytesPerSecond is taken for the rate of a recording of which nothing else tells how long it lasts.
	bytesPerSecond = 16_000
	// longestGuess is how many seconds one counts for at most then: sound that is not compressed is no longer than other.
	longestGuess = 4 * 60 * 60
	// mostWeight is how much more work than the others of its stage a second of audio counts for at most, or less at least.
	mostWeight = 16
)

// length is how long a job of the offer's counts: its seconds of audio, and more or less as the way that the meeting chose has taken
// longer here than the stage does as a rule. Listening to recordings that arrive is all alike.
func (p *Pipeline) length(o *store.Offer) float64 {
	if o.Stage == referent.StageLive {
		return leastLength
	}
	seconds, known := p.pace.duration(o.Recording)
	if !known && o.Recording != nil {
		seconds = min(float64(o.Recording.Size)/bytesPerSecond, longestGuess)
	}
	if o.Stage == referent.StageTranscribe {
		seconds = min(seconds, chunkLength)
	}
	return max(seconds, leastLength) * p.pace.weight(o.Stage, o.Options)
}
