package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent/eval/corpus"
	"github.com/referent/referent/eval/report"
)

// A folder of one's own is measured: what is said, what nobody says, a recording that cannot be read; what
// is not there is named, and the second run stands beside the first.
func TestEvalOnAFolder(t *testing.T) {
	data, out := t.TempDir(), t.TempDir()
	put := func(name string) string {
		path := filepath.Join(data, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	writeWAV(t, put("speech-en/jfk/jfk.wav"), decode(t, jfk(t)))
	writeWAV(t, put("noise/silence/a.wav"), make([]byte, 2*2*rate))
	writeWAV(t, put("speech-nb/utekst.wav"), make([]byte, 2*rate))

	measured := func(exit int) *report.Report {
		t.Helper()
		stdout, stderr, code := referentRun(t, nil, "eval", "all", "--data", data, "--out", out)
		if code != exit {
			t.Fatalf("exit %d: %s%s", code, stdout, stderr)
		}
		f, err := os.Open(filepath.Join(out, "report.json"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r, err := report.Read(f)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	figure := func(r *report.Report, set, measure string) float64 {
		t.Helper()
		for i := range r.Sets {
			if r.Sets[i].Name == set {
				if m, ok := r.Sets[i].Total(measure); ok {
					return m.Value
				}
			}
		}
		t.Fatalf("no %s of %s in %+v", measure, set, r.Sets)
		return 0
	}
	first := measured(0)
	if wer := figure(first, corpus.SpeechEN, report.WER); wer != 0 {
		t.Errorf("WER is %v", wer)
	}
	// Silence is heard in every language, and gives no words.
	if words, failed := figure(first, corpus.Noise, report.Invented), figure(first, corpus.Noise, report.Failures); words != 0 || failed != 0 {
		t.Errorf("%v words of silence, %v failures", words, failed)
	}
	reasons := map[string]string{}
	for _, s := range first.Skipped {
		reasons[s.Name] = s.Reason
	}
	for name, want := range map[string]corpus.Reason{"speech-nb/utekst.wav": corpus.NoReference, "formats": corpus.NoFolder, "speakers": corpus.NoFolder, "meeting": corpus.NoClips} {
		if reasons[name] != string(want) {
			t.Errorf("%s was passed over for %q, want %q", name, reasons[name], want)
		}
	}
	if len(first.Models) == 0 || first.Models[0].SHA256 == "" || first.Settings.Model != "base" {
		t.Errorf("the report does not say with what: %+v %+v", first.Models, first.Settings)
	}

	// A recording that cannot be read is no good result: the bar on failures is missed.
	if err := os.WriteFile(put("noise/broken.wav"), []byte("RIFF this is no sound"), 0o600); err != nil {
		t.Fatal(err)
	}
	second := measured(13)
	if failed := figure(second, corpus.Noise, report.Failures); failed != float64(len(corpus.NoiseLanguages)) || second.Met() {
		t.Errorf("%v failures, met: %v", failed, second.Met())
	}
	page, err := os.ReadFile(filepath.Join(out, "report.html"))
	if err != nil || !strings.Contains(string(page), "noise/broken.wav (nn)") || !strings.Contains(string(page), "IKKE nådd") {
		t.Errorf("the page does not tell of the broken recording (%v)", err)
	}
	kept, err := filepath.Glob(filepath.Join(out, "history", "*.json"))
	if err != nil || len(kept) != 2 {
		t.Errorf("history: %v, %v", kept, err)
	}
}
