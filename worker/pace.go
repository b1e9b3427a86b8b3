package worker

import (
	"time"

	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
)

// DefaultStallAfter is how long a stage may go without moving before it is taken to hang. One window
// of the slowest model on a slow machine takes less.
const DefaultStallAfter = 3 * time.Minute

// DefaultLive is how many recordings a worker listens to at once while they arrive: it mostly waits.
const DefaultLive = protocol.DefaultLive

// pace is every interval of the loop in one place, so that tests can run it faster.
type pace struct {
	extend   time.Duration // between extensions of the lease
	brisk    time.Duration // the least between them when there is progress to tell
	patience time.Duration // how long a lease is believed in without an answer
	reply    time.Duration // how long one answer is waited for
	brief    time.Duration // how long the answer to an extension is, so that several tries fit in a lease
	retry    time.Duration // first pause before a request is repeated
	probe    time.Duration // between two looks whether one of several servers, which has been asked, is still there
	home     time.Duration // how long one of several servers that has part of a job's result may be silent before another gets it anew
	presence time.Duration
	unwind   time.Duration   // how long a stage that was told to stop may take
	farewell time.Duration   // how long the server is told about an ended job
	call     time.Duration   // beyond a language model's own timeout, before the minutes are taken to hang
	rests    []time.Duration // of a stage, after this machine's faults
	arrive   time.Duration   // between two looks whether more of a recording has come
	left     time.Duration   // nothing of a recording has come for so long when it is no longer waited for
	again    time.Duration   // when a message whose claim was not answered comes back
	aside    time.Duration   // a kind of job is not asked for after all of it was said to be better off with others
}

// After patience without an answer the queue gives the message to another worker anyway.
var normalPace = pace{
	extend:   protocol.LeaseTTL / 3,
	brisk:    2 * time.Second,
	patience: queue.AckWait,
	reply:    10 * time.Second,
	brief:    2 * time.Second,
	retry:    250 * time.Millisecond,
	probe:    time.Second,
	home:     3 * time.Second,
	presence: protocol.PresenceEvery,
	unwind:   2 * time.Minute,
	farewell: 5 * time.Second,
	call:     time.Minute, // what stands between two calls: the wait before another attempt
	rests:    machineRests,
	arrive:   300 * time.Millisecond,
	left:     2 * time.Minute,
	again:    protocol.LeaseTTL + 5*time.Second,
	aside:    3 * time.Second,
}
