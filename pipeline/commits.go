package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/review"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// result is what a finished job made: blobs that are durable already, and what the next stage follows from.
type result struct {
	artifacts  []store.Artifact
	prepared   *referent.PrepareResult // StagePrepare
	transcript *referent.Transcript    // StageAssemble, or StagePrepare of a transcript
	minutes    *referent.Minutes       // StageMinutes
}

// commit makes what was written the job's result. The blobs come first; one transaction then ends the
// job, names the blobs and schedules what follows. Whoever lost the lease meanwhile changes nothing.
func (p *Pipeline) commit(ctx context.Context, l protocol.Lease) error {
	const op = "pipeline: commit result"
	j, err := p.held(ctx, p.cfg.Store, l, op)
	if err != nil {
		return err
	}
	if j.State == referent.JobDone {
		return nil // the reply to the first commit was lost
	}
	if j.State != referent.JobLeased {
		return leaseLost(op)
	}
	s, err := p.session(ctx, j)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		// Another request of this lease ended it: if that was a commit, it was this one's twin.
		if j, err := p.held(ctx, p.cfg.Store, l, op); err != nil || j.State == referent.JobDone {
			return err
		}
		return leaseLost(op)
	}
	failpoint.Hit("commit.asked")
	r, err := p.sealResult(ctx, s)
	if err != nil {
		return err
	}
	failpoint.Hit("commit.sealed")
	return p.conclude(ctx, s, r)
}

// conclude is the transaction that ends a job well. The session's mu is held, and the session is closed
// when the result stands.
func (p *Pipeline) conclude(ctx context.Context, s *session, r *result) error {
	const op = "pipeline: commit result"
	var measured *referent.Recording // that the job found the length of
	var now time.Time
	err := p.do(ctx, func(ctx context.Context, st *step) error {
		now = st.now
		if err := stillIn(ctx, st); err != nil {
			return err
		}
		j, err := st.Job(ctx, s.job.ID)
		if errors.Is(err, store.ErrNotFound) {
			return leaseLost(op)
		}
		if err != nil {
			return err
		}
		if j.Epoch != s.job.Epoch || j.State != referent.JobLeased {
			return leaseLost(op)
		}
		m, err := st.Meeting(ctx, j.Meeting)
		if err != nil {
			return err
		}
		j.State, j.Progress, j.Code, j.Updated = referent.JobDone, 1, "", st.now
		if err := st.UpdateJob(ctx, j, s.job.Epoch); err != nil {
			return err
		}
		for i := range r.artifacts {
			r.artifacts[i].Created = st.now
			if err := st.PutArtifact(ctx, &r.artifacts[i]); err != nil {
				return err
			}
		}
		st.count(func(x *metrics) {
			x.jobs.WithLabelValues(string(j.Stage), "done").Inc()
			if r.prepared != nil {
				x.audioSeconds.Add(r.prepared.Duration)
			}
		})
		if err := st.advance(ctx, m, j, r); err != nil {
			return err
		}
		if r.prepared != nil && r.transcript == nil { // a transcript that was uploaded is no sound
			measured = m.Recording
		}
		pace, err := p.pace.with(&s.job, measured, now)
		if err != nil || pace == "" {
			return err
		}
		return st.PutSetting(ctx, settingPace, pace)
	})
	if err == nil || errors.Is(err, store.ErrUnknown) { // those of an earlier try stay loose
		s.loose = slices.DeleteFunc(s.loose, func(name string) bool {
			return slices.ContainsFunc(r.artifacts, func(a store.Artifact) bool { return a.Blob == name })
		})
	}
	if err != nil {
		return err
	}
	failpoint.Hit("commit.done")
	err = s.close(context.WithoutCancel(ctx))
	p.pace.done(&s.job, measured, now)
	p.sessions.mu.Lock()
	if p.sessions.open[s.job.ID] == s {
		delete(p.sessions.open, s.job.ID)
	}
	p.sessions.mu.Unlock()
	if err != nil {
		p.cfg.Log.Warn("session not closed cleanly", "job", s.job.ID, "error", err)
	}
	return nil
}

// sealResult checks the session's streams and makes blobs of them. Doing it again gives new blobs for
// the result, and the same for the audio; those without a row go when the session closes.
func (p *Pipeline) sealResult(ctx context.Context, s *session) (*result, error) {
	const op = "pipeline: read result"
	if len(s.result) == 0 {
		return nil, referent.E(referent.CodeConflict, op, errors.New("no result was written here")).
			WithHint("give the job back; it is done again from its start")
	}
	switch s.job.Stage {
	case referent.StagePrepare:
		return p.sealPrepared(ctx, s)
	case referent.StageTranscribe:
		var c referent.ChunkResult
		if err := decode(s.result, &c); err != nil {
			return nil, err
		}
		if c.Chunk != s.job.Chunk {
			return nil, invalid(op, "the result is another chunk's")
		}
		a, err := s.sealJSON(ctx, store.ArtifactChunk, c)
		return &result{artifacts: []store.Artifact{a}}, err
	case referent.StageLive:
		return &result{}, nil
	case referent.StageMinutes:
		var m referent.Minutes
		if err := decode(s.result, &m); err != nil {
			return nil, err
		}
		review.Machine(&m) // nothing a machine wrote goes without the label, or with a person's name
		a, err := s.sealJSON(ctx, store.ArtifactMinutes, m)
		return &result{artifacts: []store.Artifact{a}, minutes: &m}, err
	}
	return nil, referent.E(referent.CodeForbidden, op, errors.New("the stage has no result from workers"))
}

func (p *Pipeline) sealPrepared(ctx context.Context, s *session) (*result, error) {
	const op = "pipeline: read result"
	prep := new(referent.PrepareResult)
	if err := decode(s.result, prep); err != nil {
		return nil, err
	}
	if err := checkPrepared(prep, s.length); err != nil {
		return nil, err
	}
	r := &result{prepared: prep}
	if prep.Plan != nil {
		name, err := s.sealAudio()
		if err != nil {
			return nil, err
		}
		if name != "" { // a recording without a single sample has no audio
			r.artifacts = append(r.artifacts, store.Artifact{Meeting: s.job.Meeting,
				Kind: store.ArtifactAudio, Blob: name, Size: s.length})
		}
	} else {
		m, err := p.cfg.Store.Meeting(ctx, s.job.Meeting)
		if err != nil {
			return nil, err
		}
		if m.Recording == nil {
			return nil, invalid(op, "the meeting has no recording")
		}
		r.transcript = prep.Transcript
		r.transcript.Schema = referent.TranscriptSchema
		r.transcript.Recording = *m.Recording
		r.transcript.Recording.Duration = prep.Duration
		a, err := s.sealJSON(ctx, store.ArtifactTranscript, r.transcript)
		if err != nil {
			return nil, err
		}
		r.artifacts = append(r.artifacts, a)
	}
	a, err := s.sealJSON(ctx, store.ArtifactPlan, prep)
	if err != nil {
		return nil, err
	}
	r.artifacts = append(r.artifacts, a)
	return r, nil
}

// mostChannels bounds how many channels may hold a person of their own.
const mostChannels = 16

// checkPrepared holds a plan against the audio that came with it: a window outside it would only fail
// later, in another worker.
func checkPrepared(prep *referent.PrepareResult, audio int64) error {
	const op = "pipeline: read result"
	if (prep.Plan == nil) == (prep.Transcript == nil) {
		return invalid(op, "the result is neither a plan nor a transcript")
	}
	if prep.Duration < 0 {
		return invalid(op, "the duration is negative")
	}
	if t := prep.Transcript; t != nil {
		seen := make(map[string]bool, len(t.Segments))
		for _, s := range t.Segments {
			if s.ID == "" || seen[s.ID] {
				return invalid(op, "segment ids are not unique")
			}
			seen[s.ID] = true
		}
		return nil
	}
	channels := prep.Plan.Channels
	if channels < 0 || channels > mostChannels {
		return invalid(op, "the number of channels is out of range")
	}
	inside := func(s referent.Span) bool { return s.Start >= 0 && s.End > s.Start && s.End <= prep.Plan.Samples }
	// Bounded first: a number that wraps around could be any.
	if prep.Plan.Samples < 0 || prep.Plan.Samples > audio || prep.Plan.Samples*bytesPerSample*int64(max(channels, 1)) != audio {
		return referent.E(referent.CodeConflict, op,
			fmt.Errorf("the plan is for %d samples, %d bytes of audio came", prep.Plan.Samples, audio))
	}
	for _, c := range prep.Plan.Chunks {
		if len(c.Windows) == 0 {
			return invalid(op, "a chunk has no windows")
		}
		for _, w := range c.Windows {
			if len(w.Spans) == 0 {
				return invalid(op, "a window has no spans")
			}
			for _, s := range w.Spans {
				if !inside(s) {
					return invalid(op, "a window lies outside the recording")
				}
			}
			if w.Channel < 0 || w.Channel > channels {
				return invalid(op, "a window has no channel of the recording")
			}
		}
		if slices.ContainsFunc(c.Voices, func(s referent.Span) bool { return !inside(s) }) {
			return invalid(op, "a stretch of voices lies outside the recording")
		}
	}
	return nil
}

func invalid(op, why string) error { return referent.E(referent.CodeInvalid, op, errors.New(why)) }

// decode reads a worker's JSON. Its errors name types and offsets, never what was said.
func decode(data []byte, into any) error {
	if err := json.Unmarshal(data, into); err != nil {
		if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			err = fmt.Errorf("wrong JSON type at byte %d", t.Offset)
		} else {
			err = errors.New("not JSON")
		}
		return referent.E(referent.CodeInvalid, "pipeline: read result", err)
	}
	return nil
}
