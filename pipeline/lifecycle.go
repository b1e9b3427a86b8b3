package pipeline

import (
	"context"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// The life of a meeting as the server drives it. Each arrow is one transaction.
//
//	uploading ──last byte──▶ received ──prepare──▶ prepared ──transcribe × n, assemble──▶ transcribed
//	    │                       └──prepare, the upload was a transcript──────────────────────▶│
//	    │                                                                                minutes
//	    │                                                                                     ▼
//	    │      ┌───────────────────────────────Remake───────────────────────────── draft │ reviewed ──▶ approved …
//	    │      ▼                                                                 (reviewed: a person's
//	    │  transcribed                                                            version exists)
//	    ▼
//	any state on the first line ──a job is dead──▶ failed ────┐ Retry: back to the state whose
//	                            ──Cancel─────────▶ cancelled ─┘ work is the first that is missing
//	every state ──Delete──▶ purged, then no row at all
//
// Reopen takes an approved or exported meeting back to reviewed: a new draft is made of the approved version.
// When a Remake fails or is cancelled the meeting goes back to draft or reviewed: the earlier minutes
// are still there. A failed or cancelled meeting whose minutes a person writes becomes reviewed, and an
// empty upload may be followed by a new one.
var transitions = map[referent.State][]referent.State{
	referent.StateUploading:   {referent.StateReceived, referent.StateFailed, referent.StateCancelled},
	referent.StateReceived:    {referent.StatePrepared, referent.StateTranscribed, referent.StateFailed, referent.StateCancelled},
	referent.StatePrepared:    {referent.StateTranscribed, referent.StateFailed, referent.StateCancelled},
	referent.StateTranscribed: {referent.StateDraft, referent.StateReviewed, referent.StateFailed, referent.StateCancelled},
	referent.StateDraft:       {referent.StateTranscribed, referent.StateReviewed, referent.StateApproved},
	referent.StateReviewed:    {referent.StateTranscribed, referent.StateApproved},
	referent.StateApproved:    {referent.StateReviewed, referent.StateExported},
	referent.StateExported:    {referent.StateReviewed},
	referent.StateFailed:      {referent.StateUploading, referent.StateReceived, referent.StatePrepared, referent.StateTranscribed, referent.StateReviewed},
	referent.StateCancelled:   {referent.StateUploading, referent.StateReceived, referent.StatePrepared, referent.StateTranscribed, referent.StateReviewed},
}

// backoff is the pause after a first, second, ... failed attempt.
var backoff = []time.Duration{2 * time.Second, 10 * time.Second}

// postponement is the pause after a failure that is not the job's: a full disk, a part that is away.
const postponement = 30 * time.Second

// longestPause is the longest of all pauses.
const longestPause = postponement

// The shares of a meeting's progress bar.
const (
	sharePrepare    = 0.05
	shareTranscribe = 0.85
	shareMinutes    = 0.10
)

// move changes the meeting's state, as the table allows, and tells those who watch.
func (s *step) move(ctx context.Context, m *referent.Meeting, to referent.State) error {
	if to != referent.StatePurged && !slices.Contains(transitions[m.State], to) {
		return referent.E(referent.CodeConflict, "pipeline: change meeting", store.ErrConflict).
			WithHint("a meeting that is %s cannot become %s", m.State, to)
	}
	m.State = to
	if err := s.UpdateMeeting(ctx, m); err != nil {
		return err
	}
	if to == referent.StateApproved { // nothing is made anew from here on
		if err := s.dropCheckpoints(ctx, m.ID); err != nil {
			return err
		}
	}
	e := store.Event{Type: "state"}
	if to == referent.StateFailed && m.Failure != nil {
		e = store.Event{Type: "failed", Stage: m.Failure.Stage, Code: m.Failure.Code}
	}
	return s.tell(ctx, m, e)
}

// advance schedules what follows a finished job, inside the transaction that commits its result.
func (s *step) advance(ctx context.Context, m *referent.Meeting, done *referent.Job, r *result) error {
	switch done.Stage {
	case referent.StagePrepare:
		return s.afterPrepare(ctx, m, r)
	case referent.StageTranscribe:
		return s.afterChunk(ctx, m)
	case referent.StageAssemble:
		return s.afterTranscript(ctx, m, r.transcript)
	case referent.StageLive:
		return nil // what was heard has been told on the way
	case referent.StageMinutes:
		m.Progress = 1
		if m.Failure != nil && m.Failure.Stage == referent.StageMinutes {
			m.Failure = nil
		}
		if err := s.findMachines(ctx, m.ID, r.minutes); err != nil {
			return err
		}
		return s.settle(ctx, m)
	}
	return referent.E(referent.CodeInternal, "pipeline: advance meeting", nil).WithHint("unknown stage")
}

func (s *step) afterPrepare(ctx context.Context, m *referent.Meeting, r *result) error {
	m.Recording.Duration = r.prepared.Duration
	m.Progress = max(m.Progress, sharePrepare)
	if r.transcript != nil {
		return s.afterTranscript(ctx, m, r.transcript)
	}
	if err := s.move(ctx, m, referent.StatePrepared); err != nil {
		return err
	}
	chunks := len(r.prepared.Plan.Chunks)
	if chunks == 0 {
		return s.add(ctx, m, referent.StageAssemble, 0)
	}
	for i := range chunks {
		if err := s.add(ctx, m, referent.StageTranscribe, i); err != nil {
			return err
		}
	}
	return nil
}

// afterChunk schedules the joining once no chunk is left.
func (s *step) afterChunk(ctx context.Context, m *referent.Meeting) error {
	jobs, err := s.JobsOf(ctx, m.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(jobs, func(j referent.Job) bool {
		return j.Stage == referent.StageTranscribe && j.State != referent.JobDone
	}) {
		return s.showProgress(ctx, m, jobs)
	}
	m.Progress = max(m.Progress, progressOf(m, jobs))
	if err := s.UpdateMeeting(ctx, m); err != nil {
		return err
	}
	if err := s.tell(ctx, m, store.Event{Type: "progress", Stage: referent.StageTranscribe}); err != nil {
		return err
	}
	return s.add(ctx, m, referent.StageAssemble, 0)
}

func (s *step) afterTranscript(ctx context.Context, m *referent.Meeting, t *referent.Transcript) error {
	// What is found is what is shown: a person's version stays both, whatever a machine hears later.
	if a, err := shown(ctx, s, m.ID, store.ArtifactTranscript); err != nil {
		return err
	} else if a.Author == "" {
		if err := s.IndexTranscript(ctx, m.ID, t); err != nil {
			return err
		}
	}
	m.Progress = max(m.Progress, sharePrepare+shareTranscribe)
	if len(t.Segments) == 0 {
		m.Failure = &referent.Failure{Code: referent.CodeNoSpeech, Stage: referent.StageTranscribe, At: s.now}
	}
	if err := s.forgetLive(ctx, m.ID); err != nil {
		return err
	}
	if err := s.move(ctx, m, referent.StateTranscribed); err != nil {
		return err
	}
	return s.add(ctx, m, referent.StageMinutes, 0)
}

// settle gives a meeting that has minutes its resting state: a person's text makes it reviewed.
func (s *step) settle(ctx context.Context, m *referent.Meeting) error {
	arts, err := s.Artifacts(ctx, m.ID)
	if err != nil {
		return err
	}
	to := referent.StateDraft
	if slices.ContainsFunc(arts, byPerson) {
		to = referent.StateReviewed
	}
	return s.move(ctx, m, to)
}

// retryOrBury puts a failed job back in the queue, or ends it and with it the meeting.
func (s *step) retryOrBury(ctx context.Context, m *referent.Meeting, j *referent.Job, code referent.Code, pause bool) error {
	j.Code, j.Progress, j.LeaseExpires = code, 0, time.Time{}
	s.ended(j)
	if code.Permanent() || j.Attempt >= referent.MaxAttempts || tooLate(m, j) {
		return s.bury(ctx, m, j)
	}
	j.State, j.Worker, j.NotBefore = referent.JobQueued, "", s.now
	if pause {
		j.NotBefore = s.now.Add(backoff[min(max(j.Attempt, 1), len(backoff))-1])
	}
	s.count(func(x *metrics) { x.jobs.WithLabelValues(string(j.Stage), "retried").Inc() })
	return s.requeue(ctx, j, j.Epoch)
}

// postpone puts a job back in the queue that nothing is wrong with: the machine it met had no room, or a
// part of it did not answer. The attempt does not count, however long that lasts.
func (s *step) postpone(ctx context.Context, j *referent.Job, code referent.Code) error {
	j.State, j.Worker, j.Code, j.Progress, j.LeaseExpires = referent.JobQueued, "", code, 0, time.Time{}
	j.Attempt--
	j.NotBefore = s.now.Add(postponement)
	s.ended(j)
	s.count(func(x *metrics) { x.jobs.WithLabelValues(string(j.Stage), "postponed").Inc() })
	return s.requeue(ctx, j, j.Epoch)
}

// bury makes the job a dead letter and fails its meeting with the job's last code. A job that no meeting
// waits for only ends.
func (s *step) bury(ctx context.Context, m *referent.Meeting, j *referent.Job) error {
	if j.Stage == referent.StageLive {
		return s.cancelJob(ctx, j)
	}
	j.State, j.Updated = referent.JobDead, s.now
	if err := s.UpdateJob(ctx, j, j.Epoch); err != nil {
		return err
	}
	s.count(func(x *metrics) { x.jobs.WithLabelValues(string(j.Stage), "dead").Inc() })
	if err := s.cancelJobs(ctx, m.ID); err != nil {
		return err
	}
	return s.failMeeting(ctx, m, j.Stage, j.Code)
}

func (s *step) failMeeting(ctx context.Context, m *referent.Meeting, stage referent.Stage, code referent.Code) error {
	m.Failure = &referent.Failure{Code: code, Stage: stage, At: s.now}
	has, err := s.hasMinutes(ctx, m)
	if err != nil {
		return err
	}
	if has {
		m.Progress = 1
		if err := s.tell(ctx, m, store.Event{Type: "failed", Stage: stage, Code: code}); err != nil {
			return err
		}
		return s.settle(ctx, m)
	}
	return s.move(ctx, m, referent.StateFailed)
}

// resume schedules the first work that is missing. Work that is done is not done again.
func (s *step) resume(ctx context.Context, m *referent.Meeting) error {
	arts, err := s.Artifacts(ctx, m.ID)
	if err != nil {
		return err
	}
	jobs, err := s.JobsOf(ctx, m.ID)
	if err != nil {
		return err
	}
	has := func(k store.ArtifactKind) bool {
		return slices.ContainsFunc(arts, func(a store.Artifact) bool { return a.Kind == k })
	}
	m.Failure = nil
	switch {
	case has(store.ArtifactTranscript):
		m.Progress = sharePrepare + shareTranscribe
		if err := s.move(ctx, m, referent.StateTranscribed); err != nil {
			return err
		}
		return s.again(ctx, m, jobs, referent.StageMinutes)
	case has(store.ArtifactPlan):
		if err := s.move(ctx, m, referent.StatePrepared); err != nil {
			return err
		}
		missing := false
		for i := range jobs {
			if j := &jobs[i]; j.Stage == referent.StageTranscribe && j.State != referent.JobDone {
				missing = true
				if err := s.reopen(ctx, j); err != nil {
					return err
				}
			}
		}
		if missing {
			return nil
		}
		return s.again(ctx, m, jobs, referent.StageAssemble)
	default:
		parts, err := s.Parts(ctx, m.ID)
		if err != nil {
			return err
		}
		if len(parts) == 0 {
			return refused("pipeline: resume meeting", "neither recording nor transcript is left")
		}
		m.Progress = 0
		if err := s.move(ctx, m, referent.StateReceived); err != nil {
			return err
		}
		return s.again(ctx, m, jobs, referent.StagePrepare)
	}
}

// again reopens the stage's ended job, so that a dead letter that is retried is none any more, or adds
// a new one where the last was done.
func (s *step) again(ctx context.Context, m *referent.Meeting, jobs []referent.Job, stage referent.Stage) error {
	for i := range jobs {
		if j := &jobs[i]; j.Stage == stage && (j.State == referent.JobDead || j.State == referent.JobCancelled) {
			return s.reopen(ctx, j)
		}
	}
	return s.add(ctx, m, stage, 0)
}

// progressOf is the share of the meeting's work that is done.
func progressOf(m *referent.Meeting, jobs []referent.Job) float64 {
	mean := func(stage referent.Stage) float64 {
		var sum, n float64
		for _, j := range jobs {
			if j.Stage == stage && j.State != referent.JobCancelled {
				sum, n = sum+j.Progress, n+1
			}
		}
		return sum / max(n, 1)
	}
	switch m.State {
	case referent.StateUploading:
		return 0
	case referent.StateReceived:
		return sharePrepare * mean(referent.StagePrepare)
	case referent.StatePrepared:
		return sharePrepare + shareTranscribe*mean(referent.StageTranscribe)
	case referent.StateTranscribed:
		for _, j := range jobs {
			if j.Stage == referent.StageMinutes && (j.State == referent.JobLeased || j.State == referent.JobQueued) {
				return sharePrepare + shareTranscribe + shareMinutes*j.Progress
			}
		}
		return sharePrepare + shareTranscribe
	}
	return m.Progress
}
