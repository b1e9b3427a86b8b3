package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/locale"
)

// What was said and decided, and tasks, found by the command line on a real server.
func TestSearchCommands(t *testing.T) {
	c := startCommands(t)
	api, call := c.api, func(want int, args ...string) string { t.Helper(); return c.call(t, want, args...) }
	m := c.draft(t, &referent.Meeting{Title: "Status\x1b[2Jmøte", Body: "Plangruppa", Language: referent.Nynorsk}, "../../examples/statusmote-nynorsk.vtt")
	said, err := os.ReadFile("../../examples/statusmote-nynorsk.vtt")
	if err != nil {
		t.Fatal(err)
	}
	word := regexp.MustCompile(`\p{L}{9,}`).FindString(string(said[strings.Index(string(said), "-->"):]))
	draft := locale.T(locale.Bokmal, "search.draft")
	if got := call(0, "search", word); !strings.Contains(got, m.ID) || !strings.Contains(got, "Status\ufffd[2Jmøte (draft)") || !strings.Contains(got, word) || !strings.Contains(got, draft) {
		t.Errorf("%s finds\n%s", word, got)
	}
	if got := call(0, "search", word, "--body", "Et annet organ"); got != "Ingen treff.\n" {
		t.Errorf("in another body:\n%s", got)
	}
	if got := call(0, "search", word, "--limit", "1", "--from", "2000-01-01", "--json"); !strings.HasPrefix(got, `[{"meeting":"`+m.ID) {
		t.Errorf("as JSON: %s", got)
	}
	if got := call(0, "search", "--what", "task"); !strings.Contains(got, "Oppgave, ") {
		t.Errorf("tasks without words:\n%s", got)
	}
	call(exitUsage, "search", word, "--from", "i går")

	tasks, next, err := api.Tasks(t.Context(), client.TaskFilter{Limit: 1})
	if err != nil || len(tasks) != 1 || next == "" {
		t.Fatalf("the first task: %+v, next %q, %v", tasks, next, err)
	}
	first := tasks[0]
	open := call(0, "tasks")
	if !strings.Contains(open, "[ ] ") || !strings.Contains(open, first.Text) || !strings.Contains(open, m.ID+" "+first.ID) || !strings.Contains(open, draft) {
		t.Errorf("tasks:\n%s", open)
	}
	if got := call(0, "tasks", "--limit", "1"); !strings.Contains(got, "Det er flere.") {
		t.Errorf("one of several:\n%s", got)
	}
	if got := call(0, "tasks", "done", m.ID, first.ID); !strings.HasPrefix(got, "[x] ") {
		t.Errorf("done: %s", got)
	}
	if got := call(0, "tasks"); strings.Contains(got, " "+first.ID+",") {
		t.Errorf("what is done is open:\n%s", got)
	}
	if got := call(0, "tasks", "--done"); !strings.Contains(got, first.Text) {
		t.Errorf("what is done:\n%s", got)
	}
	if got := call(0, "tasks", "reopen", m.ID, first.ID); !strings.HasPrefix(got, "[ ] ") {
		t.Errorf("open after all: %s", got)
	}
	if got := call(0, "tasks", "--owner", "Ingen Slik"); got != "Ingen oppgaver.\n" {
		t.Errorf("nobody's:\n%s", got)
	}
	call(exitNotFound, "tasks", "done", m.ID, "finnes-ikke")
}
