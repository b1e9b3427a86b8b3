package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent/pipeline"
)

// The audit chain and the purge from the command line: taken out, proved, and found where somebody was at the file.
func TestAuditAndPurgeCommands(t *testing.T) {
	data := t.TempDir()
	s := startServer(t, data)
	run := func(want int, args ...string) string {
		t.Helper()
		stdout, stderr, code := referentRun(t, nil, args...)
		if code != want {
			t.Fatalf("%v: exit %d, want %d: %s%s", args, code, want, stdout, stderr)
		}
		return stdout
	}
	var head struct {
		Seq  int64
		Hash string
	}
	if err := json.Unmarshal([]byte(run(0, "audit", "head", "--json", "--data-dir", data)), &head); err != nil {
		t.Fatal(err)
	}
	noted := strings.TrimSpace(strings.TrimPrefix(run(0, "audit", "head", "--data-dir", data), "Nyeste ledd:"))
	if !strings.HasSuffix(noted, head.Hash) || head.Seq < 2 {
		t.Errorf("head: %s, %+v", noted, head)
	}
	run(0, "submit", example("statusmote-nynorsk.vtt"), "--data-dir", data, "--wait")
	exported := run(0, "audit", "export", "--data-dir", data)
	run(0, "audit", "verify", "--head", noted, "--data-dir", data)
	run(2, "audit", "verify", "--head", "tull", "--data-dir", data)
	run(13, "audit", "verify", "--head", "1:"+head.Hash, "--data-dir", data)

	var purge pipeline.Purge
	if err := json.Unmarshal([]byte(run(0, "purge", "--dry-run", "--json", "--days", "400", "--data-dir", data)), &purge); err != nil || purge.Meetings == nil || purge.Since.IsZero() {
		t.Errorf("purge --dry-run: %+v, %v", purge, err)
	}
	if said := run(0, "purge", "--yes", "--data-dir", data); !strings.Contains(said, "0 hele møter") || !strings.Contains(said, "ingenting slettes før") {
		t.Errorf("purge: %s", said)
	}
	s.stop()

	file := filepath.Join(t.TempDir(), "audit.jsonl")
	verify := func(text string, want int, args ...string) string {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return run(want, append([]string{"audit", "verify", file}, args...)...)
	}
	if said := verify(exported, 0, "--head", noted); !strings.Contains(said, "Kjeden er hel.") {
		t.Errorf("verify says: %s", said)
	}
	lines := strings.SplitAfter(exported, "\n")
	if said := verify(strings.Join(lines[1:], ""), 0); !strings.Contains(said, "en del av kjeden") {
		t.Errorf("a part: %s", said)
	}
	if said := verify(lines[0]+strings.Join(lines[2:], ""), 13); !strings.Contains(said, "IKKE hel") {
		t.Errorf("without its second link: %s", said)
	}
	verify(strings.Replace(exported, `"kind":"meeting_made"`, `"kind":"meeting_lost"`, 1), 13)
	verify(lines[0], 13, "--head", noted)
	if _, _, code := referentRun(t, nil, "audit", "verify", file+"x"); code != 4 {
		t.Errorf("a file that is not there: exit %d", code)
	}
}
