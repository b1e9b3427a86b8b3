// Package queue carries job ids from the server to the workers over NATS JetStream: the streams and
// consumers, publishing and pulling, who may say what, and the nats-server that runs inside the
// process when the organisation has none of its own.
//
// A message says that a job is waiting, and nothing else: an id, a stage and a priority, all in the
// subject. JetStream never erases what it has written to disk, so no text, name or sound may pass
// here. The queue is transport, not truth: the whole JetStream folder may be deleted, and the
// database fills it again ([Queue.Generation] tells that it happened). An ack says that a message is
// used up, never that a job is done; leases, attempts and results are the database's.
package queue

import (
	"fmt"
	"slices"
	"strings"

	"github.com/referent/referent"
)

// Subjects outside the job streams.
const (
	// SubjectReady is published, empty, after a message was put in the queue: an idle worker looks at once.
	SubjectReady = "work.ready"
	// SubjectCancelPrefix + job id is published when a job must stop.
	SubjectCancelPrefix = "cancel."
	// subjectWork + a worker's public key + "." + verb is a request of that worker; see package worker/protocol.
	subjectWork = "work."
)

// WorkSubject is where the worker with a public key asks for what the verb says; the key "*" stands for every worker.
func WorkSubject(key, verb string) string { return subjectWork + key + "." + verb }

// ParseWork is the reverse of [WorkSubject]; ok is false when the subject is none.
func ParseWork(subject string) (key, verb string, ok bool) {
	rest, isWork := strings.CutPrefix(subject, subjectWork)
	key, verb, ok = strings.Cut(rest, ".")
	return key, verb, ok && isWork && IsWorkerKey(key)
}

// Stages lists the stages that travel through the queue, in the order a worker that does them all
// looks for interactive work: what finishes a meeting goes before what begins one. Assembling is the server's own work.
var Stages = []referent.Stage{referent.StageMinutes, referent.StageTranscribe, referent.StagePrepare, referent.StageLive}

// priorities is the order in which messages are pulled.
var priorities = []referent.Priority{referent.PriorityInteractive, referent.PriorityBulk}

// Message says that a job waits for a worker.
type Message struct {
	Job      string // id: 1 to 128 letters, digits, '-' and '_'
	Epoch    int64  // of the job as it waits
	Stage    referent.Stage
	Priority referent.Priority
}

// deviceAny stands where the first design had a kind of device. Which worker a job fits is decided when one claims it: then it
// is known who else is there.
const deviceAny = "any"

func (m Message) subject() string {
	return fmt.Sprintf("job.%s.%s.%s.%s", m.Stage, deviceAny, m.Priority, m.Job)
}

// subjectsOf matches the messages of a stage.
func subjectsOf(s referent.Stage) string { return fmt.Sprintf("job.%s.>", s) }

func (m Message) check() error {
	if !validID(m.Job) {
		return referent.E(referent.CodeInvalid, "queue: check message", nil).
			WithHint("a job id is 1 to 128 letters, digits, '-' and '_'")
	}
	if !slices.Contains(Stages, m.Stage) {
		return referent.E(referent.CodeInvalid, "queue: check message", fmt.Errorf("stage %q is not queued", m.Stage))
	}
	if !slices.Contains(priorities, m.Priority) {
		return referent.E(referent.CodeInvalid, "queue: check message", fmt.Errorf("no priority %q", m.Priority))
	}
	return nil
}

// parseSubject is the reverse of Message.subject. The epoch does not travel: it is the database's.
func parseSubject(subject string) (Message, error) {
	t := strings.Split(subject, ".")
	if len(t) != 5 || t[0] != "job" || t[2] != deviceAny {
		return Message{}, referent.E(referent.CodeInvalid, "queue: read subject", nil)
	}
	m := Message{Stage: referent.Stage(t[1]), Priority: referent.Priority(t[3]), Job: t[4]}
	if err := m.check(); err != nil {
		return Message{}, err
	}
	return m, nil
}

// validID keeps ids to what is one token of a subject and one name of a file.
func validID(id string) bool {
	if len(id) == 0 || len(id) > 128 {
		return false
	}
	for _, c := range []byte(id) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// streamOf names the stream of a stage. The name is part of the workers' permissions.
func streamOf(s referent.Stage) string { return "JOBS_" + strings.ToUpper(string(s)) }

// consumerOf names the consumer of a priority within a stage's stream; also part of the permissions.
func consumerOf(p referent.Priority) string { return deviceAny + "-" + string(p) }
