package pipeline

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
)

// Transcript reads what was said, in the version to show. store.ErrNotFound: there is no transcript yet.
func (p *Pipeline) Transcript(ctx context.Context, meeting string) (*referent.Transcript, error) {
	v, err := p.TranscriptVersion(ctx, meeting, 0)
	if err != nil {
		return nil, err
	}
	return v.Transcript, nil
}

// Minutes reads one version of the minutes. Version 0 is the one to show: a person's newest, else the
// machine's newest. store.ErrNotFound: there is no such version.
func (p *Pipeline) Minutes(ctx context.Context, meeting string, version int) (*referent.Minutes, error) {
	a, err := p.version(ctx, meeting, store.ArtifactMinutes, version)
	if err != nil {
		return nil, err
	}
	key, err := p.key(ctx, meeting)
	if err != nil {
		return nil, err
	}
	m := new(referent.Minutes)
	if err := p.load(ctx, a, key, m); err != nil {
		return nil, err
	}
	return m, nil
}

// version finds a version of a result that people may write too. Version 0 is the one to show.
func (p *Pipeline) version(ctx context.Context, meeting string, kind store.ArtifactKind, version int) (*store.Artifact, error) {
	if version != 0 {
		return p.cfg.Store.Artifact(ctx, meeting, kind, version)
	}
	return shown(ctx, p.cfg.Store, meeting, kind)
}

// shown is the version of a result to show: a person's newest, else the machine's newest, so that nothing
// a machine does later hides what a person wrote.
func shown(ctx context.Context, r store.Reader, meeting string, kind store.ArtifactKind) (*store.Artifact, error) {
	arts, err := r.Artifacts(ctx, meeting)
	if err != nil {
		return nil, err
	}
	var best *store.Artifact
	for i := range arts {
		a := &arts[i]
		if a.Kind != kind {
			continue
		}
		mine, theirs := a.Author != "", best != nil && best.Author != ""
		if best == nil || mine && !theirs || mine == theirs && a.Version > best.Version {
			best = a
		}
	}
	if best == nil {
		return nil, referent.E(referent.CodeNotFound, "pipeline: read "+string(kind), store.ErrNotFound)
	}
	return best, nil
}

// Recording opens the upload as it came, as far as it came. store.ErrNotFound: nothing came.
func (p *Pipeline) Recording(ctx context.Context, meeting string) (blob.ReadAtCloser, error) {
	parts, err := p.cfg.Store.Parts(ctx, meeting)
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return nil, referent.E(referent.CodeNotFound, "pipeline: open recording", store.ErrNotFound)
	}
	key, err := p.key(ctx, meeting)
	if err != nil {
		return nil, err
	}
	return newRecording(p.cfg.Vault, key, parts)
}

// Audio opens the decoded sound: 16-bit little-endian samples at 16 kHz without a header, of so many
// channels, interleaved. There are several only where each holds a person of its own.
// store.ErrNotFound: not prepared yet, or the upload was a transcript.
func (p *Pipeline) Audio(ctx context.Context, meeting string) (pcm blob.ReadAtCloser, channels int, err error) {
	if pcm, err = p.open(ctx, meeting, store.ArtifactAudio); err != nil {
		return nil, 0, err
	}
	prep, err := p.plan(ctx, meeting)
	if err == nil && prep.Plan == nil {
		err = referent.E(referent.CodeInternal, "pipeline: open audio", errors.New("there is no plan for it"))
	}
	if err != nil {
		return nil, 0, errors.Join(err, pcm.Close())
	}
	return pcm, max(prep.Plan.Channels, 1), nil
}

// open opens the newest artifact of a kind.
func (p *Pipeline) open(ctx context.Context, meeting string, kind store.ArtifactKind) (blob.ReadAtCloser, error) {
	a, err := p.cfg.Store.Artifact(ctx, meeting, kind, 0)
	if err != nil {
		return nil, err
	}
	return p.openArtifact(ctx, a)
}

func (p *Pipeline) openArtifact(ctx context.Context, a *store.Artifact) (blob.ReadAtCloser, error) {
	key, err := p.key(ctx, a.Meeting)
	if err != nil {
		return nil, err
	}
	return p.cfg.Vault.Open(ctx, a.Blob, key)
}

// SaveMinutes stores a person's version of the minutes; by is the person's user id. From then on it is
// the one shown, whatever machines write later. CodeConflict: the meeting has no transcript yet, or is
// approved.
func (p *Pipeline) SaveMinutes(ctx context.Context, meeting, by string, m *referent.Minutes) error {
	const op = "pipeline: save minutes"
	if by == "" || m == nil {
		return invalid(op, "a version has an author and a text")
	}
	key, err := p.key(ctx, meeting)
	if err != nil {
		return err
	}
	kept := *m
	kept.Schema = referent.MinutesSchema
	// Approving is an act of its own: who writes a version can neither take the label away nor name an approver.
	kept.Label, kept.Approval = referent.DraftLabel, nil
	data, err := json.Marshal(kept)
	if err != nil {
		return referent.E(referent.CodeInvalid, op, err)
	}
	if len(data) > maxResult {
		return referent.E(referent.CodeTooLarge, op, nil)
	}
	name, err := seal(ctx, p.cfg.Vault, meeting, key, data)
	if err != nil {
		return referent.E(referent.CodeOf(err), op, err)
	}
	err = p.do(ctx, func(ctx context.Context, s *step) error {
		row, err := s.Meeting(ctx, meeting)
		if err != nil {
			return err
		}
		if _, err := s.Artifact(ctx, meeting, store.ArtifactTranscript, 0); errors.Is(err, store.ErrNotFound) {
			return refused(op, "the meeting has no transcript yet")
		} else if err != nil {
			return err
		}
		switch row.State {
		case referent.StateApproved, referent.StateExported, referent.StatePurged:
			return refused(op, "the minutes are approved")
		}
		err = s.PutArtifact(ctx, &store.Artifact{Meeting: meeting, Kind: store.ArtifactMinutes, Blob: name,
			Size: int64(len(data)), Author: by, Created: s.now})
		if err != nil {
			return err
		}
		switch row.State {
		case referent.StateFailed, referent.StateCancelled: // what the machine could not, a person did
			row.Failure, row.Progress = nil, 1
			fallthrough
		case referent.StateDraft:
			return s.move(ctx, row, referent.StateReviewed)
		}
		return s.tell(ctx, row, store.Event{Type: "state"})
	})
	if err != nil {
		return errors.Join(err, deleteBlobs(context.WithoutCancel(ctx), p.cfg.Vault, []string{name}))
	}
	return nil
}
