package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/correct"
	"github.com/referent/referent/speakers"
	"github.com/referent/referent/store"
)

// Corrected is what came of edits of a transcript.
type Corrected struct {
	Before, After *TranscriptVersion // the same when everything stood so already
}

// doneAlready stops edits that a version has come of already.
type doneAlready struct{ before, after int }

func (doneAlready) Error() string { return "the batch is done already" }

// CorrectTranscript makes the edits on whichever version of the transcript is shown, all of them or none; by is the
// person's user id. batch is the sender's own name for them: sent again by the same person they are not done again, and
// what came of them is told as the first time. "": they have none. Errors are those of EditTranscript and of
// correct.Apply.
func (p *Pipeline) CorrectTranscript(ctx context.Context, meeting, by, batch string, edits []correct.Amendment) (Corrected, error) {
	if by == "" {
		return Corrected{}, invalid("pipeline: correct transcript", "a version has an author")
	}
	after, before, err := p.nextTranscript(ctx, meeting, draft{by: by, batch: batch}, func(from *TranscriptVersion) (*referent.Transcript, error) {
		// Looked for after the version was read: one that comes in between is found when this is tried again.
		if err := p.doneAlready(ctx, meeting, by, batch); err != nil {
			return nil, err
		}
		// At most one version is made of each, so that an id with its number is never made twice.
		made := 0
		fresh := func() string { made++; return fmt.Sprintf("s%d-%d", from.Version, made) }
		return correct.Apply(ctx, from.Transcript, edits, fresh, func(version int) (*referent.Transcript, error) { return p.transcriptAt(ctx, meeting, version) })
	})
	if done, is := errors.AsType[doneAlready](err); is {
		if before, err = p.TranscriptVersion(ctx, meeting, done.before); err == nil {
			after, err = p.TranscriptVersion(ctx, meeting, done.after)
		}
	}
	return Corrected{before, after}, err
}

// doneAlready finds the version that came of a batch, and the one that it was made of: a doneAlready when there is one.
func (p *Pipeline) doneAlready(ctx context.Context, meeting, by, batch string) error {
	if batch == "" {
		return nil
	}
	arts, err := p.cfg.Store.Artifacts(ctx, meeting)
	if err != nil {
		return err
	}
	machine, person := 0, 0
	for _, a := range arts { // of a kind by version
		switch {
		case a.Kind != store.ArtifactTranscript:
		case a.Batch == batch && a.Author == by:
			return doneAlready{before: cmp.Or(person, machine), after: a.Version}
		case a.Author != "":
			person = a.Version
		default:
			machine = a.Version
		}
	}
	return nil
}

// RestoreTranscript makes a new version that is as an earlier one was. version is the one that the person looked at.
// Errors are those of EditTranscript; CodeNotFound: there is no such earlier version.
func (p *Pipeline) RestoreTranscript(ctx context.Context, meeting, by string, version, to int) (Corrected, error) {
	const op = "pipeline: restore transcript"
	if by == "" || version < 1 || to < 1 {
		return Corrected{}, invalid(op, "a version is restored by its number, in the place of one that was read")
	}
	after, before, err := p.nextTranscript(ctx, meeting, draft{by: by, version: version}, func(from *TranscriptVersion) (*referent.Transcript, error) {
		if to == from.Version {
			return from.Transcript, nil
		}
		t, err := p.transcriptAt(ctx, meeting, to)
		if err == nil {
			t.SpeakersMade = max(speakers.Made(t), speakers.Made(from.Transcript))
		}
		return t, err
	})
	return Corrected{before, after}, err
}

func (p *Pipeline) transcriptAt(ctx context.Context, meeting string, version int) (*referent.Transcript, error) {
	v, err := p.TranscriptVersion(ctx, meeting, version)
	if errors.Is(err, store.ErrNotFound) {
		return nil, referent.E(referent.CodeNotFound, "pipeline: read version", err)
	}
	if err != nil {
		return nil, err
	}
	return v.Transcript, nil
}

// TranscriptInfo tells of a version without what stands in it.
type TranscriptInfo struct {
	Version int
	By      string // user id of the person who made it; "" for a machine's
	Created time.Time
	Shown   bool // it is the one that is shown
	From    int  // the version before it in the list; 0: none
	Changed int  // how many segments a person reads otherwise than in From
}

// TranscriptVersions lists versions, the newest first: those before the given number, or with 0 all, at most limit.
// Each is read to count what changed, one at a time.
func (p *Pipeline) TranscriptVersions(ctx context.Context, meeting string, before, limit int) ([]TranscriptInfo, error) {
	arts, err := p.cfg.Store.Artifacts(ctx, meeting)
	if err != nil {
		return nil, err
	}
	best, err := shown(ctx, p.cfg.Store, meeting, store.ArtifactTranscript)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []store.Artifact // the newest first
	for i := len(arts) - 1; i >= 0; i-- {
		if a := arts[i]; a.Kind == store.ArtifactTranscript && (before == 0 || a.Version < before) {
			list = append(list, a)
		}
	}
	key, err := p.key(ctx, meeting)
	if err != nil {
		return nil, err
	}
	var out []TranscriptInfo
	var newer *referent.Transcript
	for i, a := range list {
		t := new(referent.Transcript)
		if err := p.load(ctx, &a, key, t); err != nil {
			return nil, err
		}
		if i > 0 {
			out[i-1].From, out[i-1].Changed = a.Version, len(correct.Compare(t, newer))
		}
		if i == limit {
			break
		}
		out = append(out, TranscriptInfo{Version: a.Version, By: a.Author, Created: a.Created, Shown: a.Version == best.Version})
		newer = t
	}
	return out, nil
}
