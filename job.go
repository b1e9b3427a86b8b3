package referent

import "time"

// Stage is a step of a meeting's processing. Each is one or more jobs.
type Stage string

const (
	StageLive       Stage = "live"       // hear the recording while it arrives: at most one job, no meeting waits for it
	StagePrepare    Stage = "prepare"    // decode, voice activity, window plan: one job
	StageTranscribe Stage = "transcribe" // recognise one chunk of windows: many jobs
	StageAssemble   Stage = "assemble"   // join the chunks to a transcript: one job, on the server
	StageMinutes    Stage = "minutes"    // write the minutes: one job
)

// Stages lists the stages in the order they run.
var Stages = []Stage{StageLive, StagePrepare, StageTranscribe, StageAssemble, StageMinutes}

// Priority orders jobs: a person waiting goes before work that nobody watches.
type Priority string

const (
	PriorityInteractive Priority = "inter"
	PriorityBulk        Priority = "bulk"
)

// JobState is where one job is.
//
//	queued -> leased -> done
//	             |-> queued (tried again) -> ... -> dead (a person may retry)
//	queued, leased -> cancelled
type JobState string

const (
	JobQueued    JobState = "queued"
	JobLeased    JobState = "leased"
	JobDone      JobState = "done"
	JobDead      JobState = "dead"
	JobCancelled JobState = "cancelled"
)

// Job is one unit of work that a worker leases. Its identity is all that travels through the queue.
type Job struct {
	ID       string   `json:"id"`
	Meeting  string   `json:"meeting"`
	Stage    Stage    `json:"stage"`
	Chunk    int      `json:"chunk"` // index of the chunk for StageTranscribe, else 0
	Priority Priority `json:"priority"`
	State    JobState `json:"state"`

	// Epoch is the fencing token: claiming increments it, and only its holder may commit.
	Epoch int64 `json:"epoch"`
	// Attempt counts claims; it is incremented before any work so that crashes are counted too.
	Attempt      int       `json:"attempt"`
	Worker       string    `json:"worker,omitempty"`
	LeaseExpires time.Time `json:"lease_expires,omitzero"`
	NotBefore    time.Time `json:"not_before,omitzero"` // earliest next attempt after a failure
	Progress     float64   `json:"progress"`            // 0 to 1
	Code         Code      `json:"code,omitempty"`      // why the last attempt failed
	Created      time.Time `json:"created"`
	Updated      time.Time `json:"updated"`
}

// MaxAttempts is how often a job is tried before it becomes a dead letter.
const MaxAttempts = 3
