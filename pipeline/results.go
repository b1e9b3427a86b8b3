package pipeline

import (
	"context"
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
