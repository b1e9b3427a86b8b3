package main

import (
	"context"
	"io/fs"
	"path/filepath"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/eval/corpus"
)

// The made meeting: an hour of eight people.
const (
	meetingSet     = "meeting"
	meetingName    = "meeting/hour.wav"
	meetingSeconds = 3600
	meetingSeed    = 8
	meetingNote    = "Made by joining clips of eight known voices (eval.Compose, seed 8): turns of 2 to 20 s in random order, " +
		"silences of 0.3 to 1.2 s between them, no overlap, equally loud to within 3 dB, a faint hiss under all. Clips are repeated " +
		"until the hour is full. In the reference, pauses of 0.3 s or more inside a turn are no speech; a pause is what lies 28 dB below " +
		"a clip's loud frames or within 8 dB of its quiet ones, so the reference owes nothing to any network."
)

// makeMeeting joins the clips of the data folder to an hour of sound, which it writes to a file, and tells
// who speaks when in it. CodeNotFound when not all clips are there.
func (a *app) makeMeeting(ctx context.Context, ffmpeg, data string, folder fs.FS, to string) (corpus.Recording, error) {
	clips, err := corpus.MeetingClips(folder)
	if err != nil {
		return corpus.Recording{}, err
	}
	var voices []eval.Voice
	decoded := map[string][]int16{}
	for _, c := range clips {
		all, ok := decoded[c.Name]
		if !ok {
			if all, err = samples(ctx, ffmpeg, filepath.Join(data, filepath.FromSlash(c.Name))); err != nil {
				return corpus.Recording{}, err
			}
			decoded[c.Name] = all
		}
		start, end := min(int(c.Start*referent.SampleRate), len(all)), len(all)
		if c.End > 0 {
			end = min(int(c.End*referent.SampleRate), len(all))
		}
		if last := len(voices) - 1; last < 0 || voices[last].Speaker != c.Speaker {
			voices = append(voices, eval.Voice{Speaker: c.Speaker})
		}
		v := &voices[len(voices)-1]
		v.Clips = append(v.Clips, all[start:end])
	}
	sound, turns := eval.Compose(voices, eval.Composition{Rate: referent.SampleRate, Seconds: meetingSeconds, Seed: meetingSeed})
	if err := writeWAV(to, sound); err != nil {
		return corpus.Recording{}, err
	}
	return corpus.Recording{Name: meetingName, Spoken: "no", Turns: turns, Speakers: len(eval.Speakers(turns)),
		Known: true, Speech: eval.Spoken(turns)}, nil
}
