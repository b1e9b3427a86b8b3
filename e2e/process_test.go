package e2e_test

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/locale"
)

const jfkWords = `And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country.`

// referentRun runs the program in Norwegian and returns its outputs and exit code.
func referentRun(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(append(os.Environ(), "REFERENT_LANG=nb"), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func TestProcessRecording(t *testing.T) {
	out := t.TempDir()
	temp := t.TempDir()
	_, stderr, code := referentRun(t, []string{"TMPDIR=" + temp}, "process", jfk(t), "--spoken", "en", "--out", out, "--participants", example("formannskapet-deltakere.csv"))
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, name := range []string{"transcript.json", "transcript.md", "transcript.html", "transcript.docx", "transcript.pdf", "transcript.vtt", "transcript.srt", "transcript.txt", "minutes.json", "minutes.md", "minutes.html", "minutes.docx", "minutes.pdf", "minutes.txt"} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	said, err := os.ReadFile(filepath.Join(out, "transcript.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if e := eval.WER(jfkWords, string(said)); e.Rate() != 0 {
		t.Errorf("heard %q: %+v", said, e)
	}
	left, err := os.ReadDir(temp)
	if err != nil || len(left) != 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
	for _, name := range []string{"minutes.md", "minutes.html", "minutes.json", "minutes.txt"} {
		data, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || !bytes.Contains(data, []byte(referent.DraftLabel)) {
			t.Errorf("%s lacks the label of AI output (%v)", name, err)
		}
	}
	if stdout, stderr, code := referentRun(t, nil, "eval", "schema", filepath.Join(out, "transcript.json"), filepath.Join(out, "minutes.json")); code != 0 {
		t.Errorf("schemas: exit %d: %s%s", code, stdout, stderr)
	}
}

// A transcript is an input like a recording; several files get a folder each; --json reports lines.
func TestProcessTranscripts(t *testing.T) {
	out := filepath.Join(t.TempDir(), "med mellomrom og æøå")
	stdout, stderr, code := referentRun(t, nil, "process", example("formannskapet.vtt"), example("statusmote-nynorsk.vtt"), "--json", "--date", "2026-11-19", "--out", out)
	if code != 0 {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	done := 0
	for line := range strings.Lines(stdout) {
		var event struct{ Event string }
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("not a JSON line: %q", line)
		}
		if event.Event == "done" {
			done++
		}
	}
	if done != 2 {
		t.Errorf("%d files done, want 2", done)
	}
	for _, dir := range []string{"formannskapet", "statusmote-nynorsk"} {
		var m referent.Minutes
		data, err := os.ReadFile(filepath.Join(out, dir, "minutes.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		if len(m.Decisions)+len(m.Actions) == 0 || m.Date != "2026-11-19" || m.Provenance.Writer != "builtin" {
			t.Errorf("%s: %d decisions, %d actions, date %q, writer %q", dir, len(m.Decisions), len(m.Actions), m.Date, m.Provenance.Writer)
		}
	}
}

// Bad input gets its own exit code and a Norwegian sentence.
func TestBadRecordings(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sample, err := os.ReadFile(jfk(t))
	if err != nil {
		t.Fatal(err)
	}
	noise := bytes.Repeat([]byte("\x00\x13\xff\x7eReferent\x01"), 4096)
	video := filepath.Join(dir, "stumfilm.mp4")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=c=black:s=64x64:d=1", "-y", video).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v %s", err, out)
	}
	for _, c := range []struct {
		name string
		path string
		exit int
		code referent.Code
	}{
		{"empty file", file("tom.wav", nil), 7, referent.CodeAudioEmpty},
		{"not audio", file("støy.mp3", noise), 7, referent.CodeAudioUnreadable},
		{"header only", file("bare hode.wav", sample[:44]), 7, referent.CodeAudioEmpty},
		{"absurd header", file("absurd.wav", absurdHeader(sample)), 7, referent.CodeAudioUnreadable},
		{"film without sound", video, 7, referent.CodeAudioNoTrack},
		{"broken transcript", file("brukket.vtt", []byte("WEBVTT\n\n00:00:xx --> 1\nhei\n")), 7, referent.CodeTranscriptBroken},
		{"no such file", filepath.Join(dir, "finnes ikke.wav"), 4, referent.CodeNotFound},
	} {
		_, stderr, code := referentRun(t, nil, "process", c.path, "--out", filepath.Join(dir, "ut"))
		if code != c.exit {
			t.Errorf("%s: exit %d, want %d: %s", c.name, code, c.exit, stderr)
		}
		if sentence := locale.ErrorCode("nb", c.code); !strings.Contains(stderr, sentence) {
			t.Errorf("%s: said %q, want %q", c.name, stderr, sentence)
		}
	}
	// A wrong extension is no error: content counts.
	if _, stderr, code := referentRun(t, nil, "process", file("egentlig wav.docx", sample), "--spoken", "en", "--out", filepath.Join(dir, "ut2")); code != 0 {
		t.Errorf("wrong extension: exit %d: %s", code, stderr)
	}
	// Silence is no error: the transcript is empty, the minutes say so.
	silence := filepath.Join(dir, "stille.wav")
	writeWAV(t, silence, make([]byte, 10*rate*2))
	if _, stderr, code := referentRun(t, nil, "process", silence, "--out", filepath.Join(dir, "ut3")); code != 0 {
		t.Errorf("silence: exit %d: %s", code, stderr)
	}
}

// absurdHeader claims 65535 channels at 4 GHz.
func absurdHeader(wav []byte) []byte {
	b := bytes.Clone(wav)
	copy(b[22:24], "\xff\xff")
	copy(b[24:28], "\xff\xff\xff\xff")
	return b
}

func TestMissingWeights(t *testing.T) {
	_, stderr, code := referentRun(t, []string{"REFERENT_MODELS_DIR=" + t.TempDir()}, "process", jfk(t), "--out", t.TempDir())
	if code != 8 || !strings.Contains(stderr, locale.ErrorCode("nb", referent.CodeModelMissing)) {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// An endpoint that is stopped, that answers nonsense, or that is not allowed: the transcript is written
// all the same, and the exit code and the sentence say what happened.
func TestEndpointsThatFail(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stopped := "http://" + l.Addr().String() + "/v1"
	l.Close()
	nonsense := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"choices":[{"message":{"role":"assistant","content":"{\"decisions\": [{\"te"},"finish_reason":"length"}]}`))
	}))
	defer nonsense.Close()
	for _, c := range []struct {
		name, url  string
		exit       int
		code       referent.Code
		transcript bool
	}{
		{"stopped", stopped, 9, referent.CodeLLMUnreachable, true},
		{"half a JSON", nonsense.URL + "/v1", 9, referent.CodeLLMAnswer, true},
		{"not allowed", "http://llm.example.no/v1", 3, referent.CodeConfig, false},
	} {
		out := t.TempDir()
		_, stderr, code := referentRun(t, []string{"REFERENT_LLM_RETRIES=0"}, "process", example("statusmote-nynorsk.vtt"), "--llm", c.url, "--llm-model", "m", "--out", out)
		if code != c.exit || !strings.Contains(stderr, locale.ErrorCode("nb", c.code)) {
			t.Errorf("%s: exit %d: %s", c.name, code, stderr)
		}
		_, err := os.Stat(filepath.Join(out, "transcript.json"))
		if (err == nil) != c.transcript {
			t.Errorf("%s: transcript.json: %v", c.name, err)
		}
	}
}
