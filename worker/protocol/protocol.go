// Package protocol is what a worker and the server say to each other over NATS request-reply: the
// subjects, the messages, and the errors that cross the wire. Package worker speaks one side, package
// pipeline the other.
//
// A worker knows nothing but this: it leases a job, reads the bytes it needs, writes what it made, and
// commits. It holds no key, no file and no database. What is not here: how a worker learns that there
// is a job (package queue).
package protocol

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
)

// The requests. Each goes out under the asker's public key ([From]), which the nats-server sees to. Payloads are JSON except where a comment says raw bytes. An error comes back
// with an empty payload and the headers HeaderCode and HeaderDetail.
const (
	SubjectClaim      = "work.claim"      // ClaimRequest -> ClaimReply
	SubjectExtend     = "work.extend"     // ExtendRequest -> ExtendReply
	SubjectRead       = "work.read"       // ReadRequest -> raw bytes, total size in HeaderSize
	SubjectWrite      = "work.write"      // raw bytes; lease in HeaderLease, stream in HeaderStream, offset in HeaderOffset -> empty
	SubjectCommit     = "work.commit"     // CommitRequest -> empty
	SubjectFail       = "work.fail"       // FailRequest -> empty
	SubjectPartial    = "work.partial"    // PartialRequest -> empty
	SubjectPresence   = "work.presence"   // Presence, published, no reply; empty, as a request, it asks whether a server is there
	SubjectCheckpoint = "work.checkpoint" // raw bytes, at most MaxPiece; lease in HeaderLease, key in HeaderKey -> empty
	SubjectRecall     = "work.recall"     // lease in HeaderLease, key in HeaderKey -> raw bytes; none: nothing is there
	SubjectModel      = "work.model"      // ModelRequest -> raw bytes of weights; HeaderSize, HeaderName and HeaderDigest

	// SubjectReady is published, empty, when a job was put in the queue: an idle worker looks at once.
	SubjectReady = queue.SubjectReady
	// SubjectCancelPrefix + job id is published when the job must stop.
	SubjectCancelPrefix = queue.SubjectCancelPrefix
)

const work = "work."

// Requests lists every request that a worker makes.
var Requests = []string{SubjectClaim, SubjectExtend, SubjectRead, SubjectWrite, SubjectCommit, SubjectFail, SubjectPartial,
	SubjectPresence, SubjectCheckpoint, SubjectRecall, SubjectModel}

// From is where the worker with the public key sends a request.
func From(key, request string) string {
	return queue.WorkSubject(key, strings.TrimPrefix(request, work))
}

// FromAll is where the request of every worker is heard.
func FromAll(request string) string { return From("*", request) }

// Asked is the reverse of From; ok is false when the subject is no worker's request.
func Asked(subject string) (key, request string, ok bool) {
	key, verb, ok := queue.ParseWork(subject)
	return key, work + verb, ok
}

// At is where one of several servers hears a request: streams, and what was heard, are in the memory of the server that
// got their beginning. Without a name it is where whichever server comes to it answers.
func At(request, server string) string {
	if server == "" {
		return request
	}
	return request + "-" + server
}

// Headers of requests and replies with raw bytes.
const (
	HeaderLease  = "Referent-Lease" // Lease.String()
	HeaderStream = "Referent-Stream"
	HeaderOffset = "Referent-Offset"
	HeaderSize   = "Referent-Size"
	HeaderWhole  = "Referent-Whole" // on a read of SourceRecording: "true" when nothing more will come
	HeaderKey    = "Referent-Key"   // of a checkpoint: SHA-256 in lower-case hex of what it is made of
	HeaderCode   = "Referent-Code"
	HeaderDetail = "Referent-Detail"
	HeaderName   = "Referent-Name"   // of a SubjectModel reply: the weights' file name in the models folder
	HeaderServer = "Referent-Server" // on every reply of one of several servers: its name; see At
	HeaderDigest = "Referent-Digest" // of a SubjectModel reply: SHA-256 of the whole file, lower-case hex
)

// MaxPiece is the most bytes in one read or write: NATS carries 1 MiB, headers included.
const MaxPiece = 512 << 10

// LeaseTTL is how long a lease lives without an extend; workers extend every third of it, and only
// while the job makes progress.
const LeaseTTL = 30 * time.Second

// Lease is the right to work on a job and to commit its result, until it expires or is claimed anew.
type Lease struct {
	Job   string `json:"job"`
	Epoch int64  `json:"epoch"`
	Token string `json:"token"` // a secret of this claim; without it nothing of the job can be read
}

// String writes the lease for HeaderLease: job, epoch and token with dots between, none of which holds one.
func (l Lease) String() string { return fmt.Sprintf("%s.%d.%s", l.Job, l.Epoch, l.Token) }

// ParseLease is the reverse of Lease.String. CodeInvalid: s is no lease.
func ParseLease(s string) (Lease, error) {
	job, rest, _ := strings.Cut(s, ".")
	epoch, token, _ := strings.Cut(rest, ".")
	n, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil || job == "" || token == "" || strings.Contains(token, ".") {
		return Lease{}, referent.E(referent.CodeInvalid, "protocol: read lease", nil)
	}
	return Lease{Job: job, Epoch: n, Token: token}, nil
}

// ClaimRequest asks for the lease of one job.
type ClaimRequest struct {
	Job    string `json:"job"`
	Worker string `json:"worker"` // the worker's name, chosen by itself, unique
}

// ClaimReply grants it. Errors: CodeConflict (somebody holds it, or it ended: drop the message).
//
// To a worker that tells its Class it may also say that the job is another's: then Lease is of a job of the same stage and
// priority that fits the asker, or there is none and Rest is set. The message of the job that was asked for stays either way.
type ClaimReply struct {
	Lease  Lease  `json:"lease"`
	Rest   bool   `json:"rest,omitempty"` // all that waits here is better off with others for now: ask again in a while
	Task   Task   `json:"task"`
	Server string `json:"server,omitempty"` // of several, the one to send the result to; see At
}

// Task is all a worker needs to know of a job. Which of the pointers is set follows the stage.
type Task struct {
	Stage       referent.Stage        `json:"stage"`
	Meeting     referent.Meeting      `json:"meeting"`
	Preparation *referent.Preparation `json:"preparation,omitempty"` // StagePrepare
	Recognition *referent.Recognition `json:"recognition,omitempty"` // StageTranscribe, and StageLive: without windows
	Endpoint    *referent.Endpoint    `json:"endpoint,omitempty"`    // StageMinutes; nil: the built-in writer
	// Template is the organisation's own form of the minutes; Meeting.Kind is then its base. StageMinutes;
	// nil: Meeting.Kind says it all.
	Template *referent.Template `json:"template,omitempty"`
	Heard    float64            `json:"heard,omitempty"` // StageLive: seconds that an earlier worker has dealt with
}

// Source is a byte string of the job's meeting that the lease lets a worker read.
type Source string

const (
	SourceRecording  Source = "recording"  // the upload as it came; StagePrepare, and StageLive as far as it has come
	SourceAudio      Source = "audio"      // 16 kHz mono s16le PCM; StageTranscribe, only within its windows
	SourceTranscript Source = "transcript" // JSON of referent.Transcript; StageMinutes
)

// ReadRequest asks for at most MaxPiece bytes of a source. Reading at the end gives an empty reply; in
// StageLive the end moves until a reply carries HeaderWhole.
type ReadRequest struct {
	Lease  Lease  `json:"lease"`
	Source Source `json:"source"`
	Offset int64  `json:"offset"`
	Length int    `json:"length"`
}

// PartialRequest adds to what has been heard in StageLive. Its segments follow those of the requests
// before, whose open ones it replaces. Seq counts the requests of a lease from 1, so that one that is
// repeated is added once.
type PartialRequest struct {
	Lease   Lease            `json:"lease"`
	Seq     int64            `json:"seq"`
	Partial referent.Partial `json:"partial"`
}

// Stream is a byte string that a job makes. Writes are in order; a write at an offset that is already
// stored is accepted and ignored, one past the end is refused.
type Stream string

const (
	StreamAudio  Stream = "audio"  // StagePrepare
	StreamResult Stream = "result" // JSON of PrepareResult, ChunkResult or Minutes; in StageLive null
)

// ExtendRequest keeps a lease alive and says how far the job is.
type ExtendRequest struct {
	Lease    Lease   `json:"lease"`
	Progress float64 `json:"progress"` // 0 to 1
}

// ExtendReply tells whether the job must stop.
type ExtendReply struct {
	Cancelled bool `json:"cancelled"`
}

// CommitRequest makes what was written the job's result. It is safe to repeat: the second commit of the
// same lease succeeds without doing anything. CodeLeaseLost: somebody else has the job; drop it.
type CommitRequest struct {
	Lease Lease `json:"lease"`
}

// FailRequest gives the job back. The server decides whether it is tried again.
type FailRequest struct {
	Lease Lease         `json:"lease"`
	Code  referent.Code `json:"code"`
	// Detail is for technicians: operation and cause. It must not hold spoken text or names.
	Detail string `json:"detail,omitempty"`
	// Release says that nothing is wrong with the job: the worker is leaving, in good order, or gives
	// back what it could not start. The server queues the job again at once, takes back the attempt
	// that the claim counted, and records no failure. Code is CodeCancelled then.
	Release bool `json:"release,omitempty"`
}

// Presence is what a worker says of itself every few seconds.
type Presence struct {
	Worker  string           `json:"worker"`
	Version string           `json:"version"`
	Stages  []referent.Stage `json:"stages"`
	Threads int              `json:"threads"`
	Device  string           `json:"device"`         // as whisper.cpp names it: "cpu", "CUDA0", "Vulkan0"
	Job     string           `json:"job,omitempty"`  // the one it has had longest
	Jobs    []string         `json:"jobs,omitempty"` // all that it is at
	Since   time.Time        `json:"since,omitzero"` // it was started
	Faults  []StageFault     `json:"faults,omitempty"`
	Leaving bool             `json:"leaving,omitempty"`

	Class  Class    `json:"class,omitempty"`  // what recognition runs on; "" of a release that does not tell
	Models []string `json:"models,omitempty"` // recognition weights on its disk; it fetches others from the server
	Model  string   `json:"model,omitempty"`  // those in its memory
	LLM    LLM      `json:"llm,omitempty"`    // how its last call to a language model went; "": none was made lately
}

// Class is the kind of device that recognition was seen to run on.
type Class string

// The classes.
const (
	CPU Class = "cpu"
	GPU Class = "gpu"
)

// LLM is whether a worker got through to the language model that writes minutes.
type LLM string

// What a worker knows of it.
const (
	LLMReached   LLM = "reached"
	LLMUnreached LLM = "unreached"
)

// StageFault is a stage that the worker's machine lacks something for. The worker does not take its jobs until a
// moment, and then tries again; the fault stands until one has gone well.
type StageFault struct {
	Stage referent.Stage `json:"stage"`
	Code  referent.Code  `json:"code"`
	Until time.Time      `json:"until"` // the stage rests
}

// PresenceEvery is the interval of Presence; a worker unheard for three of them is gone.
const PresenceEvery = 4 * time.Second

// ModelRequest asks the server for a piece of weights (public data), so that a worker needs no other
// source. Every reply names the file (HeaderName), its whole size (HeaderSize) and its digest
// (HeaderDigest), so that a piece of other weights under the same name is noticed. CodeModelMissing: the
// server does not have them. Length 0 asks for the headers alone.
type ModelRequest struct {
	Name   string `json:"name"` // in the catalogue
	Offset int64  `json:"offset"`
	Length int    `json:"length"`
}
