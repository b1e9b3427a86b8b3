package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/store"
)

// assemble does the jobs that are the server's own: joining the chunks of a recording. They are leased
// and counted like any other, and never enter the queue.
func (p *Pipeline) assemble(ctx context.Context) error {
	jobs, err := p.cfg.Store.Queued(ctx, store.QueuedFilter{Due: p.now(), Stage: referent.StageAssemble}, 0)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if err := p.assembleOne(ctx, j.ID); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pipeline) assembleOne(ctx context.Context, job string) error {
	j, m, err := p.lease(ctx, job, p.ownName(serverWorkers)+"assemble", true)
	if referent.CodeOf(err) == referent.CodeConflict {
		return nil // cancelled since it was listed
	}
	if err != nil {
		return err
	}
	failpoint.Hit("assemble.leased")
	if err = p.join(ctx, j, m); err == nil || referent.CodeOf(err) == referent.CodeLeaseLost {
		return nil
	}
	p.cfg.Log.Error("transcript not assembled", "job", j.ID, "attempt", j.Attempt, "error", err)
	err = p.giveBack(context.WithoutCancel(ctx), j.ID, j.Epoch, referent.CodeOf(err))
	if referent.CodeOf(err) == referent.CodeLeaseLost {
		return nil
	}
	return err
}

// join builds the transcript from the chunks' results and commits it.
func (p *Pipeline) join(ctx context.Context, j *referent.Job, m *referent.Meeting) error {
	s, err := p.session(ctx, j)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return leaseLost("pipeline: assemble transcript")
	}
	prep, err := p.plan(ctx, m.ID)
	if err != nil {
		return err
	}
	chunks, err := p.chunks(ctx, s, prep)
	if err != nil {
		return err
	}
	speakers, err := referent.ParseSpeakerCount(m.Options.Speakers)
	if err != nil {
		return err
	}
	terms, err := p.terms(ctx, m)
	if err != nil {
		return err
	}
	t, voices, err := p.callAssemble(referent.Assembly{
		Prepared: prep, Recording: *m.Recording, Chunks: chunks, Speakers: speakers, Terms: terms, Language: p.spoken(m),
	})
	if err != nil {
		return err
	}
	a, err := s.sealJSON(ctx, store.ArtifactTranscript, t)
	if err != nil {
		return err
	}
	r := &result{artifacts: []store.Artifact{a}, transcript: t}
	if voices != nil {
		v, err := s.sealJSON(ctx, store.ArtifactVoices, voices)
		if err != nil {
			return err
		}
		r.artifacts = append(r.artifacts, v)
	}
	failpoint.Hit("assemble.sealed")
	return p.conclude(ctx, s, r)
}

// chunks reads every chunk's result, in order.
func (p *Pipeline) chunks(ctx context.Context, s *session, prep *referent.PrepareResult) ([]referent.ChunkResult, error) {
	const op = "pipeline: read chunks"
	arts, err := p.cfg.Store.Artifacts(ctx, s.job.Meeting)
	if err != nil {
		return nil, err
	}
	arts = slices.DeleteFunc(arts, func(a store.Artifact) bool { return a.Kind != store.ArtifactChunk })
	slices.SortFunc(arts, func(a, b store.Artifact) int { return a.Chunk - b.Chunk })
	if prep.Plan == nil || len(arts) != len(prep.Plan.Chunks) {
		return nil, referent.E(referent.CodeInternal, op, errors.New("the chunks are not those of the plan"))
	}
	all := make([]referent.ChunkResult, len(arts))
	for i := range arts {
		if arts[i].Chunk != i {
			return nil, referent.E(referent.CodeInternal, op, fmt.Errorf("chunk %d is missing", i))
		}
		if err := p.load(ctx, &arts[i], s.key, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// callAssemble turns a panic into a failure of this one job. What was panicked with may hold text of the
// meeting, so that only its type is told.
func (p *Pipeline) callAssemble(a referent.Assembly) (t *referent.Transcript, v *referent.Voices, err error) {
	const op = "pipeline: assemble transcript"
	defer func() {
		if r := recover(); r != nil {
			err = referent.E(referent.CodeInternal, op, fmt.Errorf("panic with a %T", r))
		}
	}()
	if t, v = p.cfg.Assemble(a); t == nil {
		return nil, nil, referent.E(referent.CodeInternal, op, errors.New("no transcript came"))
	}
	return t, v, nil
}
