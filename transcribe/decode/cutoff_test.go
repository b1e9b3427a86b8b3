package decode_test

import (
	"math"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/decode"
)

// What a browser recorded until it was closed has no end: the containers that browsers write must be read as far
// as they came.
func TestRecordingsCutOff(t *testing.T) {
	for name, args := range map[string][]string{
		"x.webm": {"-c:a", "libopus", "-b:a", "64k", "-f", "webm", "-live", "1", "-cluster_time_limit", "1000"},
		"x.ogg":  {"-c:a", "libopus", "-b:a", "64k", "-f", "ogg"},
		"x.mp4":  {"-c:a", "aac", "-b:a", "64k", "-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof", "-frag_duration", "1000000"},
	} {
		t.Run(name, func(t *testing.T) {
			whole := ffmpeg(t, name, args...)
			for _, share := range []float64{0.3, 0.5, 0.81} {
				got, _, err := run(t.Context(), whole[:int(share*float64(len(whole)))], decode.Options{})
				if err != nil {
					t.Fatalf("the first %.0f %%: %v", 100*share, err)
				}
				if s := float64(len(got)) / referent.SampleRate; math.Abs(s-11*share) > 1.5 {
					t.Errorf("the first %.0f %%: %.1f s are read, want about %.1f", 100*share, s, 11*share)
				}
				if like := likeness(t, got); like < 0.9 {
					t.Errorf("the first %.0f %%: another sound, likeness %.2f", 100*share, like)
				}
			}
		})
	}
}
