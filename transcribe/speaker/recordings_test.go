package speaker_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-audio/wav"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/transcribe/internal/sample"
	"github.com/referent/referent/transcribe/speaker"
	"github.com/referent/referent/transcribe/voice"
	"github.com/referent/referent/transcribe/window"
)

// recordings is where the evaluation data lies, which a stranger's machine does without.
const recordings = "../../../shared/eval/speakers"

// readWAV gives the samples of a recording with one channel at referent.SampleRate.
func readWAV(t *testing.T, path string) []float32 {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := wav.NewDecoder(bytes.NewReader(raw)).FullPCMBuffer()
	if err != nil || b.Format.NumChannels != 1 || b.Format.SampleRate != second {
		t.Fatalf("%s: %v", path, err)
	}
	samples := make([]float32, len(b.Data))
	for i, v := range b.Data {
		samples[i] = float32(v) / (1 << 15)
	}
	return samples
}

// listen is what workers do: hear who speaks in every stretch.
func listen(t *testing.T, x *voice.Extractor, samples []float32) []referent.VoiceWindow {
	t.Helper()
	var windows []referent.VoiceWindow
	n := int64(len(samples))
	for _, v := range window.Voices([]referent.Span{{End: n}}, n) {
		w, err := x.Hear(t.Context(), v.Start, samples[v.Start:v.End])
		if err != nil {
			t.Fatal(err)
		}
		windows = append(windows, w)
	}
	return windows
}

func extractor(t *testing.T) *voice.Extractor {
	t.Helper()
	x, err := voice.Open(sample.Weights(t, "onnxruntime"), sample.Weights(t, "speaker-segmentation"), sample.Weights(t, "speaker-embedding"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	return x
}

func reference(t *testing.T, path string) []eval.Turn {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	turns, err := eval.ReadRTTM(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return turns
}

// hypothesis is the turns of s as eval knows them.
func hypothesis(s *speaker.Separation) (turns []eval.Turn) {
	for _, t := range s.Turns {
		turns = append(turns, eval.Turn{Speaker: t.Speaker, Start: t.Start, End: t.End})
	}
	return turns
}

func haveRecordings(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(recordings); err != nil {
		t.Skip("SKIPPED: the meetings with known speakers, in ../shared/eval/speakers, are not here")
	}
}

// The bar of the product: real meetings, no collar, overlap counted, the whole recording scored.
func TestErrorRateOfRealMeetings(t *testing.T) {
	haveRecordings(t)
	x := extractor(t)
	clips, err := filepath.Glob(filepath.Join(recordings, "ami", "*.wav"))
	if err != nil || len(clips) == 0 {
		t.Fatalf("no meetings: %v", err)
	}
	var total eval.SpeakerErrors
	for _, clip := range append(clips, filepath.Join(recordings, "sample.wav")) {
		base := strings.TrimSuffix(clip, ".wav")
		truth := base + ".ami.rttm"
		if _, err := os.Stat(truth); err != nil {
			truth = base + ".rttm"
		}
		samples := readWAV(t, clip)
		s := separate(t, listen(t, x, samples), int64(len(samples)), referent.SpeakerCount{})
		checkShape(t, s, int64(len(samples)))
		e := eval.DER(reference(t, truth), hypothesis(s), eval.Scoring{Regions: []eval.Region{{End: float64(len(samples)) / second}}})
		t.Logf("%-10s DER %5.1f %%  missed %4.1f s, false %4.1f s, confused %4.1f s of %4.1f s, %d speakers",
			filepath.Base(base), 100*e.Rate(), e.Missed, e.FalseAlarm, e.Confusion, e.Reference, len(s.Speakers))
		total = total.Add(e)
	}
	t.Logf("together   DER %5.1f %%", 100*total.Rate())
	if total.Rate() >= 0.23 {
		t.Errorf("DER %.1f %%, the bar is 23 %%", 100*total.Rate())
	}
}

// Eight people whose real voices are joined to a meeting of some minutes are eight.
func TestMeetingOfEight(t *testing.T) {
	haveRecordings(t)
	x := extractor(t)
	var people []eval.Voice
	for _, p := range []struct{ clip, who string }{
		{"ami/trn05", "FEE078"}, {"ami/trn06", "FEE083"}, {"ami/dev00", "MEE009"}, {"ami/dev00", "MEE012"},
		{"ami/trn04", "MEE075"}, {"sample", "speaker90"}, {"sample", "speaker91"},
	} {
		truth := filepath.Join(recordings, p.clip+".ami.rttm")
		if _, err := os.Stat(truth); err != nil {
			truth = filepath.Join(recordings, p.clip+".rttm")
		}
		said := alone(readWAV(t, filepath.Join(recordings, p.clip+".wav")), reference(t, truth), p.who)
		people = append(people, eval.Voice{Speaker: p.who, Clips: [][]int16{whole(said)}})
	}
	president := readWAV(t, filepath.Join(recordings, "..", "speech-en", "jfk", "jfk.wav"))
	people = append(people, eval.Voice{Speaker: "president", Clips: [][]int16{whole(president)}})
	sound, truth := eval.Compose(people, eval.Composition{Rate: second, Seconds: 340, Seed: 8})
	meeting := make([]float32, len(sound))
	for i, v := range sound {
		meeting[i] = float32(v) / (1 << 15)
	}
	s := separate(t, listen(t, x, meeting), int64(len(meeting)), referent.SpeakerCount{})
	e := eval.DER(truth, hypothesis(s), eval.Scoring{})
	t.Logf("%d s, %d speakers, DER %.1f %%: %+v", len(meeting)/second, len(s.Speakers), 100*e.Rate(), e)
	if len(s.Speakers) != len(people) || e.Rate() >= 0.10 {
		t.Errorf("%d speakers of %d, DER %.1f %%, the bar is 10 %%", len(s.Speakers), len(people), 100*e.Rate())
	}
}

// whole is samples as 16-bit numbers.
func whole(samples []float32) []int16 {
	out := make([]int16, len(samples))
	for i, v := range samples {
		out[i] = int16(max(-1, min(1, v)) * math.MaxInt16)
	}
	return out
}

// alone is what somebody says while nobody else speaks, at one level for all recordings.
func alone(samples []float32, truth []eval.Turn, who string) []float32 {
	var mine []float32
	for i := 0; i+second/10 <= len(samples); i += second / 10 {
		at, end := float64(i)/second, float64(i)/second+0.1
		one := false
		for _, t := range truth {
			if t.Start < end && at < t.End {
				if one = t.Speaker == who; !one {
					break
				}
			}
		}
		if one {
			mine = append(mine, samples[i:i+second/10]...)
		}
	}
	var power float64
	for _, v := range mine {
		power += float64(v) * float64(v)
	}
	gain := float32(0.05 / math.Sqrt(power/float64(len(mine))))
	for i := range mine {
		mine[i] *= gain
	}
	return mine
}
