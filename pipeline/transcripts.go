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
	"github.com/referent/referent/store"
)

// TranscriptVersion is one version of a meeting's transcript.
type TranscriptVersion struct {
	Version    int
	By         string // user id of the person who made it; "" for a machine's
	Created    time.Time
	Transcript *referent.Transcript
}

// VersionConflict is in the chain of the error that a change of a transcript or minutes gives when somebody else was
// faster.
type VersionConflict struct {
	Newest int // the version that is shown now
}

func (c *VersionConflict) Error() string { return fmt.Sprintf("version %d is newer", c.Newest) }

// TranscriptEdit makes a new transcript of one that it leaves as it is. voices reads how the segments
// sound; nil when that is not known.
type TranscriptEdit func(t *referent.Transcript, voices func() (*referent.Voices, error)) (*referent.Transcript, error)

// editTries bounds how often an edit that is for whatever version is shown is made anew.
const editTries = 5

// TranscriptVersion reads one version of the transcript. Version 0 is the one to show: a person's newest,
// else the machine's newest. store.ErrNotFound: there is no such version.
func (p *Pipeline) TranscriptVersion(ctx context.Context, meeting string, version int) (*TranscriptVersion, error) {
	a, err := p.version(ctx, meeting, store.ArtifactTranscript, version)
	if err != nil {
		return nil, err
	}
	key, err := p.key(ctx, meeting)
	if err != nil {
		return nil, err
	}
	v := &TranscriptVersion{Version: a.Version, By: a.Author, Created: a.Created, Transcript: new(referent.Transcript)}
	return v, p.load(ctx, a, key, v.Transcript)
}

// Voices reads how the segments of the shown transcript sound; nil when that is not known: the speakers
// were not told apart by voice, or the audio is deleted.
func (p *Pipeline) Voices(ctx context.Context, meeting string) (*referent.Voices, error) {
	arts, err := p.cfg.Store.Artifacts(ctx, meeting)
	if err != nil {
		return nil, err
	}
	a := voicesOf(arts)
	if a == nil {
		return nil, nil
	}
	key, err := p.key(ctx, meeting)
	if err != nil {
		return nil, err
	}
	v := new(referent.Voices)
	return v, p.load(ctx, a, key, v)
}

// HasVoices reports whether Voices has something to read.
func (p *Pipeline) HasVoices(ctx context.Context, meeting string) (bool, error) {
	arts, err := p.cfg.Store.Artifacts(ctx, meeting)
	return voicesOf(arts) != nil, err
}

// voicesOf finds the voices beside the machine's transcript that the shown one comes from. People edit
// what is shown, so a person's versions all come from the machine's last before the first of them. The
// two are stored in one transaction and carry its time.
func voicesOf(arts []store.Artifact) *store.Artifact {
	var base *store.Artifact
	for i := range arts { // by kind, chunk and version
		if arts[i].Kind != store.ArtifactTranscript {
			continue
		}
		if arts[i].Author != "" {
			break
		}
		base = &arts[i]
	}
	if base == nil {
		return nil
	}
	for i := range slices.Backward(arts) {
		if arts[i].Kind == store.ArtifactVoices && arts[i].Created.Equal(base.Created) {
			return &arts[i]
		}
	}
	return nil
}

// EditTranscript stores a person's version of the transcript, made by edit from the shown one; by is the
// person's user id. From then on it is the one shown and searched, whatever machines hear later. version
// is the one that the person looked at: CodeConflict with a *VersionConflict says that it is not the
// shown one any more, and nothing is changed. With version 0 the edit is for whichever is shown.
// CodeConflict without it: the minutes are approved. store.ErrNotFound: there is no transcript yet.
func (p *Pipeline) EditTranscript(ctx context.Context, meeting, by string, version int, edit TranscriptEdit) (*TranscriptVersion, error) {
	const op = "pipeline: edit transcript"
	if by == "" || edit == nil {
		return nil, invalid(op, "a version has an author and a change")
	}
	v, _, err := p.nextTranscript(ctx, meeting, draft{by: by, version: version}, func(from *TranscriptVersion) (*referent.Transcript, error) {
		return edit(from.Transcript, func() (*referent.Voices, error) { return p.Voices(ctx, meeting) })
	})
	return v, err
}

// draft is what is told of a version before it is one.
type draft struct {
	by      string // user id
	version int    // that the person looked at; 0: whichever is shown
	batch   string // the sender's name for the edits; "": none
}

// nextTranscript makes a version of the shown one, and tells both. An edit that is for whichever version is shown is
// made anew when somebody was faster. One that gives the transcript back as it was makes no version.
func (p *Pipeline) nextTranscript(ctx context.Context, meeting string, d draft, edit func(*TranscriptVersion) (*referent.Transcript, error)) (v, from *TranscriptVersion, err error) {
	for try := 1; ; try++ {
		v, from, err = p.editOnce(ctx, meeting, d, edit)
		if _, faster := errors.AsType[*VersionConflict](err); faster && d.version == 0 && try < editTries {
			continue
		}
		return v, from, err
	}
}

func (p *Pipeline) editOnce(ctx context.Context, meeting string, d draft, edit func(*TranscriptVersion) (*referent.Transcript, error)) (v, from *TranscriptVersion, err error) {
	const op = "pipeline: edit transcript"
	from, err = p.TranscriptVersion(ctx, meeting, 0)
	if err != nil {
		return nil, nil, err
	}
	if d.version != 0 && d.version != from.Version {
		return nil, nil, outdated(op, from.Version)
	}
	t, err := edit(from)
	if err != nil {
		return nil, nil, err
	}
	if t == from.Transcript {
		return from, from, nil
	}
	data, err := json.Marshal(t)
	if err != nil {
		return nil, nil, referent.E(referent.CodeInvalid, op, err)
	}
	if len(data) > maxResult {
		return nil, nil, referent.E(referent.CodeTooLarge, op, nil)
	}
	if data, err = pack(data); err != nil {
		return nil, nil, err
	}
	key, err := p.key(ctx, meeting)
	if err != nil {
		return nil, nil, err
	}
	name, err := seal(ctx, p.cfg.Vault, meeting, key, data)
	if err != nil {
		return nil, nil, referent.E(referent.CodeOf(err), op, err)
	}
	failpoint.Hit("correction.sealed")
	a := store.Artifact{Meeting: meeting, Kind: store.ArtifactTranscript, Blob: name, Size: int64(len(data)), Author: d.by, Batch: d.batch}
	err = p.do(ctx, func(ctx context.Context, s *step) error {
		now, err := shown(ctx, s, meeting, store.ArtifactTranscript)
		if err != nil {
			return err
		}
		if now.Version != from.Version {
			return outdated(op, now.Version)
		}
		m, err := s.Meeting(ctx, meeting)
		if err != nil {
			return err
		}
		switch m.State {
		case referent.StateApproved, referent.StateExported, referent.StatePurged:
			return refused(op, "the minutes are approved")
		}
		a.Created = s.now
		if err := s.PutArtifact(ctx, &a); err != nil {
			return err
		}
		if err := s.IndexTranscript(ctx, meeting, t); err != nil {
			return err
		}
		return s.tell(ctx, m, store.Event{Type: "transcript"})
	})
	if err != nil {
		return nil, nil, p.dropBlobs(ctx, err, name)
	}
	failpoint.Hit("correction.saved")
	return &TranscriptVersion{Version: a.Version, By: d.by, Created: a.Created, Transcript: t}, from, nil
}

func outdated(op string, newest int) error {
	return referent.E(referent.CodeConflict, op, errors.Join(store.ErrConflict, &VersionConflict{newest})).
		WithHint("it is at version %d; look at that and try again", newest)
}
