package transcribe_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe"
)

// Sound in which nobody speaks gives no words and costs no recognition: it has no windows.
func TestNoiseGivesNoWords(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	at := func(i int) float64 { return float64(i) / referent.SampleRate }
	for name, sound := range map[string]func(i int) float64{
		"silence":     func(int) float64 { return 0 },
		"faint noise": func(int) float64 { return 0.001 * rnd.NormFloat64() },
		"loud noise":  func(int) float64 { return 0.2 * rnd.NormFloat64() },
		"mains hum":   func(i int) float64 { return 0.3 * math.Sin(2*math.Pi*50*at(i)) },
		"beeps": func(i int) float64 {
			if i/8000%2 == 0 {
				return 0
			}
			return 0.4 * math.Sin(2*math.Pi*1000*at(i))
		},
		"knocks": func(i int) float64 { return 0.8 * math.Exp(-float64(i%12000)/200) * rnd.NormFloat64() },
		"a chord": func(i int) float64 {
			return 0.1 * (math.Sin(2*math.Pi*262*at(i)) + math.Sin(2*math.Pi*330*at(i)) + math.Sin(2*math.Pi*392*at(i)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var pcm []byte
			for i := range 20 * referent.SampleRate {
				s := max(-1, min(1, sound(i)))
				pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(s*32767)))
			}
			if prepared, _ := prepare(t, wave(pcm)); len(prepared.Plan.Chunks) != 0 {
				t.Errorf("speech in it: %+v", prepared.Plan)
			}
		})
	}
}

// holdNoSpeech are the recordings of eval/noise without speech or singing; the others hold words: singing
// in Norwegian and English, people who say "test" or a number, readers, talks.
var holdNoSpeech = []string{
	"audiomentations/*", "auditok/*", "ina/silence2sec.wav", "librosa_music/bird.ogg", "librosa_music/hungarian_dance.ogg",
	"librosa_music/sweet-waltz.ogg", "pyannote_empty/*", "silero/test.opus", "speechbrain_noise/*",
}

func TestRecordedNoiseGivesNoWords(t *testing.T) {
	noise := "../../shared/eval/noise"
	if _, err := os.Stat(noise); err != nil {
		t.Skip("SKIPPED: no ../shared/eval/noise beside the repository; the made noise of TestNoiseGivesNoWords was heard")
	}
	p := transcribe.NewPreparer(config(t, 1))
	for _, pattern := range holdNoSpeech {
		files, err := filepath.Glob(filepath.Join(noise, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files, %v", pattern, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var pcm bytes.Buffer
			prepared, err := p.Prepare(t.Context(), bytes.NewReader(b), int64(len(b)), referent.Preparation{}, &pcm, nil)
			if err != nil {
				t.Errorf("%s: %v", pattern, err)
			} else if len(prepared.Plan.Chunks) != 0 {
				t.Errorf("%s: speech in it: %+v", pattern, prepared.Plan.Chunks)
			}
		}
	}
}
