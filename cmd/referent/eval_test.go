package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/eval/corpus"
	"github.com/referent/referent/eval/report"
	"github.com/referent/referent/locale"
)

// spoken is a transcript whose words last half a second each, from a start on, segment by segment.
func spoken(duration float64, segments ...referent.Segment) *referent.Transcript {
	for i := range segments {
		s := &segments[i]
		for j, w := range strings.Fields(s.Text) {
			s.Words = append(s.Words, referent.Word{Text: w, Start: s.Start + float64(j)/2, End: s.Start + float64(j+1)/2})
		}
		s.End = s.Start + float64(len(s.Words))/2
	}
	return &referent.Transcript{Recording: referent.Recording{Duration: duration}, Segments: segments}
}

func value(t *testing.T, all []report.Measure, name string) float64 {
	t.Helper()
	for _, m := range all {
		if m.Name == name {
			return m.Value
		}
	}
	t.Errorf("there is no %s in %+v", name, all)
	return math.NaN()
}

func TestScoreSpeech(t *testing.T) {
	rec := corpus.Recording{Name: "speech-nb/a.mp3", Spoken: "no", Text: "møtet er satt og saken er vedtatt",
		Words: []eval.Word{{Text: "møtet", Start: 1, End: 1.5}, {Text: "satt", Start: 2.3, End: 2.5}}}
	h := heard{transcript: spoken(10, referent.Segment{Start: 1, Text: "Møtet er satt."}, referent.Segment{Start: 5, Text: "og boken er vedtatt nå"}), seconds: 10}
	h.transcript.Quality = referent.QualitySummary{Speech: 8, Covered: 6, Doubtful: 2}
	s := score(rec, h)
	if s.words != (eval.Errors{Substitutions: 1, Insertions: 1, Reference: 7}) {
		t.Errorf("words %+v", s.words)
	}
	for name, want := range map[string]float64{report.WER: 2.0 / 7, report.TimeNear: 0.75, report.SelfCovered: 0.75, report.Doubtful: 0.25} {
		if got := value(t, s.file.Measures, name); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	stretches := worst(corpus.SpeechNB, []*scored{s})
	if len(stretches) != 1 || stretches[0].Start != 5 || stretches[0].Wrong != 2 {
		t.Fatalf("worst %+v", stretches)
	}
	want := []report.Piece{{From: "og", To: "og"}, {From: "saken", To: "boken"}, {From: "er vedtatt", To: "er vedtatt"}, {To: "nå"}}
	if !slices.Equal(stretches[0].Pieces, want) {
		t.Errorf("pieces %+v", stretches[0].Pieces)
	}
	set := total(corpus.SpeechNB, "", []*scored{s, s, score(rec, heard{code: referent.CodeAudioUnreadable})})
	if got := value(t, set.Measures, report.WER); math.Abs(got-(2+2+7)/21.0) > 1e-9 {
		t.Errorf("total %v: a recording that failed has nothing right", got)
	}
	if value(t, set.Measures, report.Failures) != 1 || set.Files[2].Failed != "audio_unreadable" {
		t.Errorf("failures: %+v", set)
	}
	if set.Confusions[0].Count != 2 || !slices.Contains(set.Confusions, report.Confusion{From: "saken", To: "boken", Count: 2}) {
		t.Errorf("confusions %+v", set.Confusions)
	}
	if m, _ := set.Total(report.WER); m.Interval == nil || m.Interval.Low > m.Value || m.Interval.High < m.Value {
		t.Errorf("interval of %+v", m)
	}
}

// Words that are left out belong to the segment after them, with the sound before it.
func TestWordsLeftOut(t *testing.T) {
	rec := corpus.Recording{Name: "a", Text: "en to tre fire fem seks sju"}
	s := score(rec, heard{transcript: spoken(30, referent.Segment{Start: 1, Text: "en to"}, referent.Segment{Start: 12, Text: "fem"}), seconds: 30})
	got := worst(corpus.SpeechNB, []*scored{s})
	if len(got) != 1 || got[0].Start != 2 || got[0].End != 30 || got[0].Wrong != 4 {
		t.Errorf("got %+v", got)
	}
	s = score(rec, heard{transcript: spoken(30), seconds: 30})
	if got := worst(corpus.SpeechNB, []*scored{s}); len(got) != 1 || got[0].End != 30 || got[0].Wrong != 7 || len(got[0].Pieces) != 1 {
		t.Errorf("nothing written: %+v", got)
	}
}

func TestScoreSpeakers(t *testing.T) {
	rec := corpus.Recording{Name: "speakers/a.wav", Speakers: 2, Known: true,
		Turns:      []eval.Turn{{Speaker: "A", Start: 0, End: 10}, {Speaker: "B", Start: 12, End: 20}},
		Utterances: []eval.Utterance{{Speaker: "A", Start: 0, Text: "en to"}, {Speaker: "B", Start: 12, Text: "tre fire"}},
		Speech:     []eval.Region{{Start: 0, End: 10}, {Start: 12, End: 20}}}
	tr := spoken(30, referent.Segment{Start: 1, Speaker: "s1", Text: "en to tre"}, referent.Segment{Start: 14, Speaker: "s2", Text: "fire"}, referent.Segment{Start: 25, Speaker: "s2", Text: "takk for meg"})
	tr.Turns = []referent.Turn{{Speaker: "s1", Start: 0, End: 12}, {Speaker: "s2", Start: 12, End: 19}}
	s := score(rec, heard{transcript: tr, seconds: 30})
	if got := s.turns; math.Abs(got.FalseAlarm-2) > 1e-9 || math.Abs(got.Missed-1) > 1e-9 || got.Confusion != 0 || got.Reference != 18 {
		t.Errorf("turns %+v", got)
	}
	for name, want := range map[string]float64{report.DER: 3.0 / 18, report.WER: 0.75, report.CPWER: 5.0 / 4, report.Attribution: 0.5, report.Found: 2, report.Invented: 3, report.Coverage: 2.0 / 18} {
		if got := value(t, s.file.Measures, name); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	rough := rec
	rough.Beside, rough.Known = true, false
	set := total(corpus.Speakers, "", []*scored{s, score(rough, heard{transcript: spoken(30), seconds: 30})})
	if got := value(t, set.Measures, report.DER); math.Abs(got-3.0/18) > 1e-9 {
		t.Errorf("total %v: what stands beside counts", got)
	}
	if value(t, set.Measures, report.FoundExact) != 1 || value(t, set.Measures, report.Invented) != 3 || len(set.Files) != 2 {
		t.Errorf("set %+v", set.Measures)
	}
	stretches := worst(corpus.Speakers, []*scored{s})
	if len(stretches) != 1 || stretches[0].Start != 10 || stretches[0].End != 20 || len(stretches[0].Turns) != 3 {
		t.Errorf("worst %+v", stretches)
	}
	// Nothing found: all speech is missed.
	if s := score(rec, heard{code: referent.CodeRecognition, seconds: 30}); s.turns.Rate() != 1 {
		t.Errorf("nothing found: %+v", s.turns)
	}
}

func TestScoreNoise(t *testing.T) {
	rec := corpus.Recording{Name: "noise/hens.ogg", Spoken: "nn", Known: true}
	loud := score(rec, heard{transcript: spoken(30, referent.Segment{Start: 3, Text: "Takk for at du så på."}), seconds: 30})
	quiet := score(rec, heard{transcript: spoken(30), seconds: 30})
	set := total(corpus.Noise, "", []*scored{loud, quiet})
	set.Worst = worst(corpus.Noise, []*scored{loud, quiet})
	if value(t, set.Measures, report.Invented) != 6 || value(t, set.Measures, report.PerMinute) != 6 || len(set.Worst) != 1 || set.Worst[0].Wrong != 6 {
		t.Errorf("%+v, worst %+v", set.Measures, set.Worst)
	}
	if got := bars(&set, report.Settings{}); len(got) != 2 || !got[0].Met || got[1].Met {
		t.Errorf("bars %+v", got)
	}
}

// A bar that nothing was measured for must not pass: what failed is counted, and no time is near.
func TestBarsOfFailures(t *testing.T) {
	rec := corpus.Recording{Name: "speech-en/a.wav", Text: "en", Words: []eval.Word{{Text: "en", End: 1}}}
	set := total(corpus.SpeechEN, "", []*scored{score(rec, heard{code: referent.CodeModelMissing})})
	for _, b := range bars(&set, report.Settings{}) {
		if b.Met {
			t.Errorf("%+v is met", b)
		}
	}
	nb := total(corpus.SpeechNB, "", []*scored{score(rec, heard{transcript: spoken(1, referent.Segment{Text: "to"})})})
	if got := bars(&nb, report.Settings{Model: "base", Mode: referent.ModeFast}); len(got) != 1 {
		t.Errorf("the limit of the thorough mode holds for the fast one: %+v", got)
	}
	if got := bars(&nb, report.Settings{Model: "base", Mode: referent.ModeThorough}); len(got) != 2 || got[1].Met {
		t.Errorf("thorough: %+v", got)
	}
}

func TestWAV(t *testing.T) {
	path := filepath.Join(t.TempDir(), "under", "a.wav")
	want := []int16{0, 1, -1, 32767, -32768, 12}
	if err := writeWAV(path, slices.Repeat(want, 4000)); err != nil {
		t.Fatal(err)
	}
	got, err := samples(t.Context(), "", path)
	if err != nil || !slices.Equal(got, slices.Repeat(want, 4000)) {
		t.Errorf("%d samples come back, %v", len(got), err)
	}
}

// files writes small files and returns where they are.
func files(t *testing.T, contents map[string]string) func(name string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range contents {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(name string) string { return filepath.Join(dir, name) }
}

func TestMeasuresOfFiles(t *testing.T) {
	transcript, err := json.Marshal(spoken(20, referent.Segment{Start: 1, Speaker: "s1", Text: "En to."}, referent.Segment{Start: 4, Speaker: "s2", Text: "Tre!"}))
	if err != nil {
		t.Fatal(err)
	}
	at := files(t, map[string]string{
		"t.json": string(transcript), "ref.txt": "en to fire",
		"ref.rttm": "SPEAKER x 1 1 1 <NA> <NA> A <NA>\nSPEAKER x 1 3.5 1 <NA> <NA> B <NA>\n", "x.uem": "x 1 0 20\n",
		"ref.stm": "x 1 A 1 2 en to\nx 1 B 3 5 tre fire\n", "ref.ctm": "x 1 1.1 0.4 en\nx 1 1.5 0.5 to\n",
		"two.rttm": "SPEAKER x 1 1 1 <NA> <NA> A <NA>\nSPEAKER y 1 3.5 1 <NA> <NA> B <NA>\n", "bad.stm": "x 1",
	})
	run := func(args ...string) (map[string]any, int) {
		t.Helper()
		a, out, _ := newApp(locale.English)
		code := a.run(t.Context(), append([]string{"eval", "--json"}, args...))
		var last map[string]any
		for line := range bytes.Lines(out.Bytes()) {
			last = nil
			if err := json.Unmarshal(line, &last); err != nil {
				t.Fatalf("%v: %q", args, line)
			}
		}
		return last, code
	}
	near := func(got any, want float64) bool { v, ok := got.(float64); return ok && math.Abs(v-want) < 1e-9 }
	if got, code := run("wer", at("ref.txt"), at("t.json")); code != 0 || !near(got["wer"], 1.0/3) || got["cer"] == nil {
		t.Errorf("wer %v, %d", got, code)
	}
	if got, code := run("wer", "--limit", "0.3", at("ref.txt"), at("t.json")); code != exitFailedCheck {
		t.Errorf("limit: %v, %d", got, code)
	}
	// A speaks as found; B's half second before 4 is missed.
	if got, code := run("der", "--uem", at("x.uem"), at("ref.rttm"), at("t.json")); code != 0 || !near(got["der"], 0.25) || !near(got["der_collar"], 0.25) {
		t.Errorf("der %v, %d", got, code)
	}
	if got, code := run("der", at("two.rttm"), at("ref.rttm")); code != 0 || got["file"] != "total" || !near(got["der"], 1.0/2) {
		t.Errorf("der of sessions %v, %d", got, code)
	}
	if got, code := run("cpwer", at("ref.stm"), at("t.json")); code != 0 || !near(got["cpwer"], 0.25) {
		t.Errorf("cpwer %v, %d", got, code)
	}
	if got, code := run("words", at("ref.ctm"), at("t.json")); code != 0 || !near(got["all"].(map[string]any)["near"], 1) || !near(got["matched"], 2) {
		t.Errorf("words %v, %d", got, code)
	}
	if got, code := run("noise", "--speech", at("ref.rttm"), at("t.json")); code != 0 || !near(got["words"], 0) || !near(got["seconds"], 18) {
		t.Errorf("noise %v, %d", got, code)
	}
	if got, code := run("noise", at("t.json")); code != 0 || !near(got["words"], 3) || !near(got["per_minute"], 9) {
		t.Errorf("noise without speech %v, %d", got, code)
	}
	for _, args := range [][]string{{"der", at("ref.rttm")}, {"cpwer", at("bad.stm"), at("t.json")}, {"noise", at("ref.ctm")}, {"all", "--only", "alt"}, {"all", "--mode", "treg"}} {
		if got, code := run(args...); code != exitUsage {
			t.Errorf("%v: %v, %d", args, got, code)
		}
	}
	if _, code := run("all", "--data", at("nowhere")); code != exitNotFound {
		t.Errorf("no data: %d", code)
	}
}
