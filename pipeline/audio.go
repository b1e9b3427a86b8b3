package pipeline

import (
	"context"
	"errors"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// erasingAudio are the deletions of audio that are not over.
const erasingAudio = unfinished[audioErasure]("pipeline.erasing_audio")

// withoutAudio are the artifacts that outlive the audio. Everything else was made of its sound: the decoded
// audio, how the voices sound, and the chunks' results, which hold voiceprints too.
var withoutAudio = []store.ArtifactKind{store.ArtifactPlan, store.ArtifactTranscript, store.ArtifactMinutes}

// audioErasure is a deletion of audio that has begun: no row names the blobs any more.
type audioErasure struct {
	By    string   `json:"by"`
	Blobs []string `json:"blobs"`
	Bytes int64    `json:"bytes"`
}

// DeleteAudio deletes the recording and all that was made of its sound, voiceprints above all; by is the
// user id of whoever wants it so. Transcript and minutes stay, with their key: unlike Delete it cannot
// make noise of copies of the blobs that lie elsewhere. A deletion that is interrupted is finished by
// the reconciler. CodeConflict: the audio is being worked on, or nothing else is left of the meeting.
// store.ErrNotFound: there is no such meeting, or no audio (any more).
func (p *Pipeline) DeleteAudio(ctx context.Context, meeting, by string) (store.Receipt, error) {
	const op = "pipeline: delete audio"
	if by == "" {
		return store.Receipt{}, invalid(op, "somebody must ask for it")
	}
	p.erasing.Lock()
	defer p.erasing.Unlock()
	var gone audioErasure
	err := p.do(ctx, func(ctx context.Context, s *step) error {
		m, err := s.Meeting(ctx, meeting)
		if err != nil {
			return err
		}
		if _, err := shown(ctx, s, meeting, store.ArtifactTranscript); errors.Is(err, store.ErrNotFound) {
			return refused(op, "the meeting has no transcript: delete all of it instead")
		} else if err != nil {
			return err
		}
		jobs, err := s.JobsOf(ctx, meeting)
		if err != nil {
			return err
		}
		if openJobs(slices.DeleteFunc(jobs, func(j referent.Job) bool { return j.Stage == referent.StageMinutes })) {
			return refused(op, "the audio is being worked on: cancel that first")
		}
		var kinds []store.ArtifactKind
		if gone, kinds, err = audioOf(ctx, s, meeting); err != nil {
			return err
		}
		if len(gone.Blobs) == 0 {
			return referent.E(referent.CodeNotFound, op, store.ErrNotFound)
		}
		gone.By = by
		if err := erasingAudio.change(ctx, s, func(all map[string]audioErasure) {
			before := all[meeting] // one that is not finished yet
			gone.Blobs, gone.Bytes = append(before.Blobs, gone.Blobs...), before.Bytes+gone.Bytes
			all[meeting] = gone
		}); err != nil {
			return err
		}
		if err := s.DeleteRecording(ctx, meeting, kinds); err != nil {
			return err
		}
		return s.tell(ctx, m, store.Event{Type: "state"})
	})
	if err != nil {
		return store.Receipt{}, err
	}
	return p.eraseAudio(context.WithoutCancel(ctx), meeting, gone)
}

// audioOf lists what goes with the audio, and of which kinds it is.
func audioOf(ctx context.Context, r store.Reader, meeting string) (gone audioErasure, kinds []store.ArtifactKind, err error) {
	parts, err := r.Parts(ctx, meeting)
	if err != nil {
		return gone, nil, err
	}
	for _, x := range parts {
		gone.Blobs, gone.Bytes = append(gone.Blobs, x.Blob), gone.Bytes+x.Size
	}
	arts, err := r.Artifacts(ctx, meeting)
	if err != nil {
		return gone, nil, err
	}
	for _, a := range arts {
		if slices.Contains(withoutAudio, a.Kind) {
			continue
		}
		gone.Blobs, gone.Bytes = append(gone.Blobs, a.Blob), gone.Bytes+a.Size
		if !slices.Contains(kinds, a.Kind) {
			kinds = append(kinds, a.Kind)
		}
	}
	return gone, kinds, nil
}

// eraseAudio removes blobs that no row names and writes the receipt. It may have been begun before.
func (p *Pipeline) eraseAudio(ctx context.Context, meeting string, gone audioErasure) (store.Receipt, error) {
	if err := deleteBlobs(ctx, p.cfg.Vault, gone.Blobs); err != nil {
		return store.Receipt{}, err
	}
	var receipt store.Receipt
	err := p.do(ctx, func(ctx context.Context, s *step) error {
		receipt = store.Receipt{Meeting: meeting, What: store.ErasedAudio, By: gone.By, At: s.now,
			Blobs: len(gone.Blobs), Bytes: gone.Bytes}
		if err := s.AddReceipt(ctx, receipt); err != nil {
			return err
		}
		return erasingAudio.over(ctx, s, meeting)
	})
	if err != nil {
		return store.Receipt{}, err
	}
	p.cfg.Log.Info("audio deleted", "meeting", meeting, "by", gone.By, "blobs", receipt.Blobs, "bytes", receipt.Bytes)
	return receipt, nil
}

// finishAudioErasures goes on with those that were interrupted. p.erasing is held.
func (p *Pipeline) finishAudioErasures(ctx context.Context) error {
	all, err := erasingAudio.read(ctx, p.cfg.Store)
	if err != nil {
		return err
	}
	for meeting, gone := range all {
		if _, err := p.eraseAudio(ctx, meeting, gone); err != nil {
			return err
		}
	}
	return nil
}
