package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent/eval/minutes"
	"github.com/referent/referent/eval/report"
	"github.com/referent/referent/locale"
)

func readMinutesReport(t *testing.T, path string) *minutes.Report {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := minutes.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Both writers are measured beside each other. An endpoint that answers nothing of use fails every meeting:
// they are named, and its bars are missed.
func TestEvalMinutes(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) }))
	defer server.Close()
	dir := t.TempDir()
	a, out, errs := newApp(locale.English, "HOME="+dir, "REFERENT_LLM_RETRIES=0", "REFERENT_LLM_CONTEXT_SIZE=8192")
	code := a.run(t.Context(), []string{"eval", "minutes", "--only", "own,ami", "--limit", "2", "--data", dir, "--out", filepath.Join(dir, "out"),
		"--llm", server.URL + "/v1", "--llm-model", "liten"})
	if code != exitFailedCheck {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	for _, want := range []string{"Built-in writer, Own meetings: 2 meetings", "Model liten, Own meetings: 2 meetings", "gave no minutes", "MISSED",
		"skipped  English meetings (AMI): the folder is not there", "skipped  Dictated instructions: not chosen"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("does not say %q:\n%s", want, out.String())
		}
	}
	r := readMinutesReport(t, filepath.Join(dir, "out", "report.json"))
	if len(r.Writers) != 2 || r.Writers[1].Model != "liten" || len(r.Writers[1].Set(minutes.SetOwn).Failed) != 2 || len(r.Skipped) != 5 || r.Met() {
		t.Errorf("%+v", r)
	}
	if r.Writers[0].Set(minutes.SetOwn).Total.Cited.Of == 0 {
		t.Error("the built-in writer wrote nothing")
	}
	page, err := os.ReadFile(filepath.Join(dir, "out", "report.html"))
	if err != nil || !bytes.Contains(page, []byte("Model: liten")) {
		t.Errorf("page: %v", err)
	}
	folder := t.TempDir()
	args := []string{"eval", "minutes", "--cases", folder, "--out", filepath.Join(dir, "own")}
	if code := a.run(t.Context(), args); code != exitConfig && code != exitUsage {
		t.Errorf("a folder without cases: exit %d", code)
	}
	meeting := "about: Et møte.\nkind: referat\nlanguage: nb\ndate: 2026-11-24\nlines:\n  - \"Kari Lunde: Da selger vi bilen.\"\n" +
		"gold:\n  decisions:\n    - {text: Bilen selges., lines: [1], keys: [bil]}\n"
	if err := os.WriteFile(filepath.Join(folder, "bil.yaml"), []byte(meeting), 0o600); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if code := a.run(t.Context(), args); code != exitOK || !strings.Contains(out.String(), "The folder of meetings: 1 meetings") {
		t.Errorf("a folder of one's own: exit %d: %s %s", code, out.String(), errs.String())
	}
	if code := a.run(t.Context(), []string{"eval", "minutes", "--only", "alt"}); code != exitUsage {
		t.Errorf("a set that is not known: exit %d", code)
	}
}

// What a model answered is kept and found again by the work that it was made of.
func TestKeptAnswers(t *testing.T) {
	k := keptAnswers{filepath.Join(t.TempDir(), "answers")}
	if data, err := k.Load(t.Context(), "a/b"); data != nil || err != nil {
		t.Errorf("%q %v", data, err)
	}
	for _, want := range []string{"one", "two"} {
		if err := k.Save(t.Context(), "a/b", []byte(want)); err != nil {
			t.Fatal(err)
		}
		if data, err := k.Load(t.Context(), "a/b"); string(data) != want || err != nil {
			t.Errorf("%q %v", data, err)
		}
	}
	if data, err := k.Load(t.Context(), "a/c"); data != nil || err != nil {
		t.Errorf("%q %v", data, err)
	}
}

// eval all takes the figures of the built-in writer into its own report.
func TestEvalAllWithMinutes(t *testing.T) {
	dir := t.TempDir()
	a, _, errs := newApp(locale.English, "HOME="+dir)
	code := a.run(t.Context(), []string{"eval", "all", "--only", "minutes", "--data", dir, "--out", filepath.Join(dir, "out")})
	if code != exitOK && code != exitFailedCheck { // whether the bars hold is what eval/minutes tests
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	f, err := os.Open(filepath.Join(dir, "out", "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := report.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	r := readMinutesReport(t, filepath.Join(dir, "out", "minutes", "report.json"))
	set := all.Sets[0]
	own := r.Writers[0].Set(minutes.SetOwn)
	if len(all.Sets) != 1 || set.Name != minutesSet || set.Recordings != own.Cases || len(set.Files) != own.Cases {
		t.Errorf("%+v", all.Sets)
	}
	if m, ok := set.Total(report.DecisionRecall); !ok || m.Value != own.Total.Decisions.Recall() {
		t.Errorf("%+v, should be %v", m, own.Total.Decisions.Recall())
	}
	if len(all.Bars) != len(r.Writers[0].Bars) || all.Met() != (code == exitOK) {
		t.Errorf("exit %d with bars %+v", code, all.Bars)
	}
}
