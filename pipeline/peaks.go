package pipeline

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// maxPeaks bounds how many points a recording is drawn with, whatever its length.
const maxPeaks = 8000

// leastPeak is how many samples a point stands for at least: a fiftieth of a second.
const leastPeak = referent.SampleRate / 50

// Peaks is how loud a recording is, to draw it.
type Peaks struct {
	Seconds float64 `json:"seconds"`
	Rate    float64 `json:"rate"` // points a second
	// Peaks are the greatest samples of each point's stretch, in any channel and whichever sign, 0 to 255.
	Peaks []int `json:"peaks"`
	// Audio is the version of the audio that they are of.
	Audio int `json:"audio"`
}

// Peaks tells how loud the decoded sound is. The first look reads all of the sound and keeps what it found, sealed, for
// as long as the sound. store.ErrNotFound: there is no sound (any more).
func (p *Pipeline) Peaks(ctx context.Context, meeting string) (*Peaks, error) {
	if kept, _, err := p.keptPeaks(ctx, meeting); kept != nil || err != nil {
		return kept, err
	}
	select { // one at a time: each reads a whole recording
	case p.peaking <- struct{}{}:
		defer func() { <-p.peaking }()
	case <-ctx.Done():
		return nil, referent.E(referent.CodeCancelled, "pipeline: read peaks", ctx.Err())
	}
	kept, audio, err := p.keptPeaks(ctx, meeting)
	if kept != nil || err != nil {
		return kept, err
	}
	made, err := p.readPeaks(ctx, meeting)
	if err != nil {
		return nil, err
	}
	made.Audio = audio.Version
	return made, p.keepPeaks(ctx, audio, made)
}

// keptPeaks finds the sound, and what was kept of it; nil when nothing was.
func (p *Pipeline) keptPeaks(ctx context.Context, meeting string) (*Peaks, *store.Artifact, error) {
	audio, err := p.cfg.Store.Artifact(ctx, meeting, store.ArtifactAudio, 0)
	if err != nil {
		return nil, nil, err
	}
	kept := new(Peaks)
	switch err := p.artifact(ctx, meeting, store.ArtifactPeaks, kept); {
	case errors.Is(err, store.ErrNotFound) || err == nil && kept.Audio != audio.Version:
		return nil, audio, nil
	case err != nil:
		return nil, nil, err
	}
	return kept, audio, nil
}

// readPeaks listens to all of the sound, in bounded memory.
func (p *Pipeline) readPeaks(ctx context.Context, meeting string) (*Peaks, error) {
	const op = "pipeline: read peaks"
	pcm, channels, err := p.Audio(ctx, meeting)
	if err != nil {
		return nil, err
	}
	defer pcm.Close()
	frame := int64(channels * bytesPerSample)
	frames := pcm.Size() / frame
	per := max((frames+maxPeaks-1)/maxPeaks, leastPeak)
	out := &Peaks{Seconds: float64(frames) / referent.SampleRate, Rate: referent.SampleRate / float64(per), Peaks: []int{}}
	in := io.NewSectionReader(pcm, 0, frames*frame)
	block := make([]byte, min(per*frame, 1<<16/frame*frame))
	for left := frames; left > 0; {
		if err := ctx.Err(); err != nil {
			return nil, referent.E(referent.CodeCancelled, op, err)
		}
		point := min(per, left)
		left -= point
		peak := 0
		for bytes := point * frame; bytes > 0; {
			b := block[:min(bytes, int64(len(block)))]
			if _, err := io.ReadFull(in, b); err != nil {
				return nil, referent.E(referent.CodeInternal, op, err)
			}
			bytes -= int64(len(b))
			for ; len(b) > 0; b = b[bytesPerSample:] {
				peak = max(peak, abs(int(int16(binary.LittleEndian.Uint16(b)))))
			}
		}
		out.Peaks = append(out.Peaks, min(peak>>7, 255))
	}
	return out, nil
}

func abs(n int) int { return max(n, -n) }

// keepPeaks stores what was found, unless the sound has gone meanwhile: nothing that was made of it stays then.
func (p *Pipeline) keepPeaks(ctx context.Context, audio *store.Artifact, made *Peaks) error {
	const op = "pipeline: keep peaks"
	data, err := json.Marshal(made)
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	key, err := p.key(ctx, audio.Meeting)
	if err != nil {
		return err
	}
	name, err := seal(ctx, p.cfg.Vault, audio.Meeting, key, data)
	if err != nil {
		return referent.E(referent.CodeOf(err), op, err)
	}
	err = p.do(ctx, func(ctx context.Context, s *step) error {
		if m, err := s.Meeting(ctx, audio.Meeting); err != nil {
			return err
		} else if m.State == referent.StatePurged {
			return referent.E(referent.CodeNotFound, op, store.ErrNotFound)
		}
		now, err := s.Artifact(ctx, audio.Meeting, store.ArtifactAudio, 0)
		if err != nil {
			return err
		}
		if now.Version != audio.Version {
			return refused(op, "the audio was made anew")
		}
		return s.PutArtifact(ctx, &store.Artifact{Meeting: audio.Meeting, Kind: store.ArtifactPeaks, Blob: name, Size: int64(len(data)), Created: s.now})
	})
	if err != nil {
		return p.dropBlobs(ctx, err, name)
	}
	return nil
}
