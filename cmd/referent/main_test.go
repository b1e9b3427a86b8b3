package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
)

// newApp is a run of the program whose output is caught.
func newApp(lang string, environ ...string) (a *app, out, errs *bytes.Buffer) {
	out, errs = &bytes.Buffer{}, &bytes.Buffer{}
	return &app{lang: lang, in: strings.NewReader(""), out: out, err: errs, environ: environ}, out, errs
}

// Every command and flag has a text in every language: a key that shows is a text that is missing.
func TestHelpIsWholeInEveryLanguage(t *testing.T) {
	for _, lang := range locale.Languages {
		a, _, _ := newApp(lang)
		var walk func(c *cobra.Command)
		walk = func(c *cobra.Command) {
			var help bytes.Buffer
			c.SetOut(&help)
			if err := c.Help(); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(help.String()) {
				if strings.Contains(line, "cli.") {
					t.Errorf("%s, %s: %q has no text", lang, c.CommandPath(), strings.TrimSpace(line))
				}
			}
			for _, sub := range c.Commands() {
				walk(sub)
			}
		}
		walk(a.rootCommand())
	}
	a, _, _ := newApp(locale.Bokmal)
	if usage := a.rootCommand().UsageString(); !strings.Contains(usage, "Bruk:") || strings.Contains(usage, "Usage:") {
		t.Errorf("the Norwegian usage is not Norwegian:\n%s", usage)
	}
}

func TestExitCodes(t *testing.T) {
	for code, want := range map[referent.Code]int{
		referent.CodeInvalid: 2, referent.CodeConfig: 3, referent.CodeNotFound: 4, referent.CodeUnauthorized: 5, referent.CodeForbidden: 5,
		referent.CodeUnavailable: 6, referent.CodeAudioDRM: 7, referent.CodeNoSpeech: 7, referent.CodeModelMissing: 8,
		referent.CodeLLMAnswer: 9, referent.CodeCancelled: 10, referent.CodeDiskFull: 11, referent.CodeConflict: 12, referent.CodeInternal: 1,
	} {
		if got := exitCode(referent.E(code, "x: y", nil)); got != want {
			t.Errorf("%s exits with %d, want %d", code, got, want)
		}
	}
	if got := exitCode(&reported{errFailedCheck}); got != 13 {
		t.Errorf("a failed check exits with %d", got)
	}
}

func TestWrongCommandLines(t *testing.T) {
	for _, args := range [][]string{{"finnes-ikke"}, {"process"}, {"serve", "--nei"}, {"worker", "--nats", "nats://127.0.0.1:1"}, {"eval", "wer", "a"}, {"show"}} {
		a, _, errs := newApp(locale.Bokmal)
		if code := a.run(t.Context(), args); code != exitUsage {
			t.Errorf("%v exits with %d: %s", args, code, errs)
		}
	}
	a, out, _ := newApp(locale.Bokmal)
	if code := a.run(t.Context(), []string{"process", filepath.Join(t.TempDir(), "x.wav"), "--json"}); code != exitNotFound {
		t.Errorf("a missing file exits with %d", code)
	}
	var answer struct {
		Error struct {
			Code, Message string
			Exit          int
		}
	}
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil || answer.Error.Code != "not_found" || answer.Error.Exit != exitNotFound || answer.Error.Message == "" {
		t.Errorf("--json answered %q, %v", out, err)
	}
}

func TestResultFolders(t *testing.T) {
	one := &processing{out: "ut", files: []string{"a/møte.wav"}}
	if got := one.folders(); !slices.Equal(got, []string{"ut"}) {
		t.Errorf("one file: %v", got)
	}
	many := &processing{out: "ut", files: []string{"a/møte.wav", "b/møte.mp3", "c/annet.vtt"}}
	want := []string{filepath.Join("ut", "møte"), filepath.Join("ut", "møte-2"), filepath.Join("ut", "annet")}
	if got := many.folders(); !slices.Equal(got, want) {
		t.Errorf("many files: %v, want %v", got, want)
	}
}

func TestMeetingFlags(t *testing.T) {
	list := filepath.Join(t.TempDir(), "deltakere.csv")
	if err := os.WriteFile(list, []byte("Navn;Parti\nÅse Lund;Sp\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &meetingFlags{kind: "moteprotokoll", language: "nn", date: "2026-11-21T10:30", mode: "grundig", participants: list}
	m, err := f.meeting("opptak/styremøte.m4a")
	if err != nil {
		t.Fatal(err)
	}
	if m.Title != "styremøte" || m.Kind != referent.KindProtocol || m.Start.Format("2006-01-02 15:04") != "2026-11-21 10:30" ||
		len(m.Participants) != 1 || m.Options.Mode != referent.ModeThorough {
		t.Errorf("got %+v", m)
	}
	for name, bad := range map[string]meetingFlags{
		"kind":     {kind: "En vits", language: "nb", mode: "rask"},
		"language": {kind: "referat", language: "en", mode: "rask"},
		"mode":     {kind: "referat", language: "nb", mode: "treg"},
		"date":     {kind: "referat", language: "nb", mode: "rask", date: "i går"},
	} {
		if _, err := bad.meeting("x.wav"); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A result is whole or not there.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "minutes.md")
	err := writeFile(path, func(w io.Writer) error {
		_, _ = w.Write([]byte("halv"))
		return referent.E(referent.CodeUnavailable, "x: y", nil)
	})
	if referent.CodeOf(err) != referent.CodeUnavailable {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A worker's environment holds none of the server's settings.
func TestWorkerEnviron(t *testing.T) {
	got := workerEnviron([]string{"PATH=/bin", "REFERENT_ADMIN_PASSWORD=x", "PGPASSWORD=z", "REFERENT_DATA_DIR=y", "REFERENT_CACHE=/c"})
	if want := []string{"PATH=/bin", "REFERENT_CACHE=/c"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if localName("", 1) == localName("", 10)[:len(localName("", 1))] {
		t.Error("one worker's name is the beginning of another's")
	}
}
