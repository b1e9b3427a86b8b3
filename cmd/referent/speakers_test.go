package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent"
)

const dialogue = "WEBVTT\n\n1\n00:00:01.000 --> 00:00:05.000\n<v Taler 1>Ordet til Ola.</v>\n\n" +
	"2\n00:00:05.000 --> 00:00:10.000\n<v Taler 2>Takk. Budsjettet er i balanse.</v>\n\n" +
	"3\n00:00:10.000 --> 00:00:14.000\n<v Taler 3>Takk, Ola.</v>\n"

// speakers by the command line, against a real server.
func TestSpeakersCommands(t *testing.T) {
	c := startCommands(t)
	file := filepath.Join(t.TempDir(), "møte.vtt")
	if err := os.WriteFile(file, []byte(dialogue), 0o600); err != nil {
		t.Fatal(err)
	}
	m := c.draft(t, &referent.Meeting{Participants: []referent.Participant{{Name: "Kari Nordmann"}, {Name: "Ola Hansen"}}}, file)
	call := func(want int, args ...string) string { t.Helper(); return c.call(t, want, args...) }
	holds := func(text string, want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("no %q in:\n%s", w, text)
			}
		}
	}
	holds(call(0, "speakers", m.ID), "Versjon 1. Talerne er slik de stod", "S1", "0:00:04", "Taler 1", "(hør: s1)")
	holds(call(0, "speakers", "rename", m.ID, "S2", ""), "Versjon 2.", "uten navn")
	holds(call(0, "speakers", "suggest", m.ID), "S2: Ola Hansen (", "Får ordet like før: «Ordet til Ola» (s1 0:00:01)", "Blir takket like etter: «Takk, Ola» (s3 0:00:10)")
	holds(call(0, "speakers", "rename", m.ID, "S2", "Ola Hansen", "--version", "2"), "Versjon 3.", "Ola Hansen")
	holds(call(exitConflict, "speakers", "rename", m.ID, "S2", "Per", "--version", "2"), "version 3")
	holds(call(0, "speakers", "merge", m.ID, "S3", "S1"), "Flyttet: s3", "0:00:08")
	holds(call(0, "speakers", "move", m.ID, "s3", "new", "--dry-run"), "Ville bli flyttet: s3")
	holds(call(0, "speakers", "move", m.ID, "s3", "new"), "S4")
	holds(call(exitConflict, "speakers", "split", m.ID, "S1"), "ikke sammenlignes")
	call(exitNotFound, "speakers", "rename", m.ID, "S9", "x")
	call(exitUsage, "speakers", "merge", m.ID, "S1")
	holds(call(0, "speakers", m.ID, "--json"), `"version":5`, `"speakers":[{"id":"S1"`)
	holds(call(0, "corrections", m.ID), "Ingen rettinger")
	call(exitNotFound, "corrections", m.ID, "--revert", "1")
	holds(call(0, "show", m.ID, "--result", "transcript.rttm"), "SPEAKER recording 1 5.000 5.000 <NA> <NA> S2")

	holds(call(0, "delete", m.ID, "--audio"), "Slette lyden", "Ingenting er slettet")
	holds(call(0, "delete", m.ID, "--audio", "--yes"), "Lyden er slettet: 1 filer")
	call(exitNotFound, "show", m.ID, "--result", "recording")
	holds(call(0, "show", m.ID, "--result", "transcript.txt"), "Budsjettet er i balanse.")
}
