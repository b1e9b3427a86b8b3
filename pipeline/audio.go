package pipeline

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// outlive are the artifacts that are left when something is erased. Everything but these was made of the sound: the
// decoded audio, how the voices sound, and the chunks' results, which hold voiceprints too.
var outlive = map[string][]store.ArtifactKind{
	store.ErasedAudio:      {store.ArtifactPlan, store.ArtifactTranscript, store.ArtifactMinutes},
	store.ErasedTranscript: {store.ArtifactMinutes},
}

// audioErasure is a deletion of audio, or of audio and words, that has begun: no row names the blobs any more.
type audioErasure struct {
	What  string   `json:"what,omitempty"` // "": ErasedAudio
	By    string   `json:"by"`
	Blobs []string `json:"blobs"`
	Bytes int64    `json:"bytes"`
}

// DeleteAudio deletes the recording and all that was made of its sound, voiceprints above all; by is the
// user id of whoever wants it so. Transcript and minutes stay, with their key: unlike Delete it cannot
// make noise of copies of the blobs that lie elsewhere. A deletion that is interrupted is finished by
// the reconciler. CodeConflict: the audio is being worked on, or nothing else is left of the meeting; CodeHeld: there
// is a legal hold. store.ErrNotFound: there is no such meeting, or no audio (any more).
func (p *Pipeline) DeleteAudio(ctx context.Context, meeting, by string) (store.Receipt, error) {
	return p.eraseNow(ctx, meeting, func() (begun, error) { return p.beginAudio(ctx, meeting, by, nil) })
}

func (p *Pipeline) beginAudio(ctx context.Context, meeting, by string, so still) (begun, error) {
	const op = "pipeline: delete audio"
	return p.beginPart(ctx, meeting, by, store.ErasedAudio, op, so, func(s *step, _ *referent.Meeting, jobs []referent.Job) error {
		if _, err := shown(ctx, s, meeting, store.ArtifactTranscript); errors.Is(err, store.ErrNotFound) {
			return refused(op, "the meeting has no transcript (any more): delete all of it instead")
		} else if err != nil {
			return err
		}
		if openJobs(slices.DeleteFunc(jobs, func(j referent.Job) bool { return j.Stage == referent.StageMinutes })) {
			return refused(op, "the audio is being worked on: cancel that first")
		}
		return nil
	})
}

// DeleteTranscript deletes the transcript, and all that DeleteAudio does: the minutes stay, and can no longer be made
// anew. CodeConflict: the minutes are not approved, or there is no transcript (any more). Else as DeleteAudio.
func (p *Pipeline) DeleteTranscript(ctx context.Context, meeting, by string) (store.Receipt, error) {
	return p.eraseNow(ctx, meeting, func() (begun, error) { return p.beginTranscript(ctx, meeting, by, nil) })
}

func (p *Pipeline) beginTranscript(ctx context.Context, meeting, by string, so still) (begun, error) {
	const op = "pipeline: delete transcript"
	return p.beginPart(ctx, meeting, by, store.ErasedTranscript, op, so, func(s *step, m *referent.Meeting, _ []referent.Job) error {
		if !m.State.Approved() {
			return refused(op, "the minutes are not approved: they may have to be made anew")
		}
		if _, err := shown(ctx, s, meeting, store.ArtifactTranscript); errors.Is(err, store.ErrNotFound) {
			return refused(op, "the meeting has no transcript (any more)")
		} else if err != nil {
			return err
		}
		return s.IndexTranscript(ctx, meeting, nil)
	})
}

// beginPart begins to delete what does not outlive the part, when check has nothing against it. the duty to erase is had.
func (p *Pipeline) beginPart(ctx context.Context, meeting, by, what, op string, so still, check func(*step, *referent.Meeting, []referent.Job) error) (begun, error) {
	if by == "" {
		return begun{}, invalid(op, "somebody must ask for it")
	}
	var gone audioErasure
	err := p.do(ctx, func(ctx context.Context, s *step) error {
		m, err := s.Meeting(ctx, meeting)
		if err != nil {
			return err
		}
		if err := held(ctx, s, meeting, op); err != nil {
			return err
		}
		if err := so.holds(ctx, s); err != nil {
			return err
		}
		jobs, err := s.JobsOf(ctx, meeting)
		if err != nil {
			return err
		}
		if err := check(s, m, jobs); err != nil {
			return err
		}
		var kinds []store.ArtifactKind
		if gone, kinds, err = partOf(ctx, s, meeting, what); err != nil {
			return err
		}
		if len(gone.Blobs) == 0 {
			return referent.E(referent.CodeNotFound, op, store.ErrNotFound)
		}
		gone.What, gone.By = what, by
		if err := erasingAudio.change(ctx, s, func(all map[string]audioErasure) {
			before := all[meeting] // one that is not finished yet
			gone.Blobs, gone.Bytes = append(before.Blobs, gone.Blobs...), before.Bytes+gone.Bytes
			all[meeting] = gone
		}); err != nil {
			return err
		}
		if what == store.ErasedTranscript {
			if err := s.DeleteCheckpoints(ctx, meeting); err != nil {
				return err
			}
		}
		if err := s.DeleteRecording(ctx, meeting, kinds); err != nil {
			return err
		}
		return s.tell(ctx, m, store.Event{Type: "state"})
	})
	return begun{parts: map[string]audioErasure{meeting: gone}}, err
}

// partOf lists what goes with a part, and of which kinds it is.
func partOf(ctx context.Context, r store.Reader, meeting, what string) (gone audioErasure, kinds []store.ArtifactKind, err error) {
	parts, err := r.Parts(ctx, meeting)
	if err != nil {
		return gone, nil, err
	}
	for _, x := range parts {
		gone.Blobs, gone.Bytes = append(gone.Blobs, x.Blob), gone.Bytes+x.Size
	}
	if what == store.ErasedTranscript { // checkpoints hold what was said
		all, err := r.Checkpoints(ctx, meeting)
		if err != nil {
			return gone, nil, err
		}
		for _, c := range all {
			gone.Blobs, gone.Bytes = append(gone.Blobs, c.Blob), gone.Bytes+c.Size
		}
	}
	arts, err := r.Artifacts(ctx, meeting)
	if err != nil {
		return gone, nil, err
	}
	for _, a := range arts {
		if slices.Contains(outlive[what], a.Kind) {
			continue
		}
		gone.Blobs, gone.Bytes = append(gone.Blobs, a.Blob), gone.Bytes+a.Size
		if !slices.Contains(kinds, a.Kind) {
			kinds = append(kinds, a.Kind)
		}
	}
	return gone, kinds, nil
}

// endPart writes the receipt of what is gone, and takes the mark away. store.ErrNotFound: another server has, or more has
// gone since the mark was read, and lies there still.
func (p *Pipeline) endPart(ctx context.Context, meeting string, gone audioErasure) (store.Receipt, error) {
	var receipt store.Receipt
	err := p.do(ctx, func(ctx context.Context, s *step) error {
		same := false
		if err := erasingAudio.change(ctx, s, func(all map[string]audioErasure) {
			if now, marked := all[meeting]; marked && slices.Equal(now.Blobs, gone.Blobs) {
				same = true
				delete(all, meeting)
			}
		}); err != nil {
			return err
		}
		if !same {
			return referent.E(referent.CodeNotFound, "pipeline: erase part of a meeting", store.ErrNotFound)
		}
		receipt = store.Receipt{Meeting: meeting, What: cmp.Or(gone.What, store.ErasedAudio), By: gone.By, At: s.now,
			Blobs: len(gone.Blobs), Bytes: gone.Bytes}
		return s.AddReceipt(ctx, receipt)
	})
	if err != nil {
		return store.Receipt{}, err
	}
	p.cfg.Log.Info(receipt.What+" deleted", "meeting", meeting, "by", gone.By, "blobs", receipt.Blobs, "bytes", receipt.Bytes)
	return receipt, nil
}
