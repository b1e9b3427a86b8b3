package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
)

// The command line against a running server: found by its data folder, refused with a wrong token.
func TestCommandsAgainstAServer(t *testing.T) {
	data := t.TempDir()
	s := startServer(t, data)
	stdout, stderr, code := referentRun(t, nil, "submit", example("statusmote-nynorsk.vtt"), "--language", "nn", "--data-dir", data, "--wait")
	if code != 0 {
		t.Fatalf("submit: exit %d: %s", code, stderr)
	}
	id, _, _ := strings.Cut(strings.TrimSpace(stdout), " ")
	if stdout, stderr, code = referentRun(t, nil, "list", "--data-dir", data); code != 0 || !strings.Contains(stdout, id) {
		t.Errorf("list: exit %d: %s%s", code, stdout, stderr)
	}
	if stdout, stderr, code = referentRun(t, nil, "show", id, "--result", "minutes.md", "--data-dir", data); code != 0 || !strings.Contains(stdout, locale.T("nn", "web.draft")) {
		t.Errorf("show: exit %d: %s%s", code, stdout, stderr)
	}
	if stdout, stderr, code = referentRun(t, nil, "show", id, "--json", "--data-dir", data); code != 0 || !strings.Contains(stdout, `"state":"draft"`) {
		t.Errorf("show --json: exit %d: %s%s", code, stdout, stderr)
	}
	_, stderr, code = referentRun(t, nil, "list", "--server", s.url, "--token", "rft_galt")
	if code != 5 || !strings.Contains(stderr, locale.ErrorCode("nb", referent.CodeUnauthorized)) {
		t.Errorf("wrong token: exit %d: %s", code, stderr)
	}
	if _, stderr, code = referentRun(t, nil, "show", "finnes-ikke", "--data-dir", data); code != 4 {
		t.Errorf("unknown meeting: exit %d: %s", code, stderr)
	}
	if _, stderr, code = referentRun(t, nil, "delete", id, "--yes", "--data-dir", data); code != 0 {
		t.Errorf("delete: exit %d: %s", code, stderr)
	}
	if _, stderr, code = referentRun(t, nil, "show", id, "--data-dir", data); code != 4 {
		t.Errorf("deleted meeting: exit %d: %s", code, stderr)
	}
	if _, stderr, code = referentRun(t, nil, "serve", "--data-dir", data, "--listen", "127.0.0.1:0"); code != 12 {
		t.Errorf("a second server on the folder: exit %d: %s", code, stderr)
	}
	s.stop()
	if _, stderr, code = referentRun(t, nil, "list", "--data-dir", data); code != 6 {
		t.Errorf("stopped server: exit %d: %s", code, stderr)
	}
}

// Cancelling takes effect within one window.
func TestCancelIsPrompt(t *testing.T) {
	s := startServer(t, t.TempDir())
	id := s.submitLong(longRecording(t))
	eventually(t, longLimit, "recognition began", func() bool {
		for _, j := range s.jobs(id) {
			if j.Stage == referent.StageTranscribe && j.State == referent.JobLeased {
				return true
			}
		}
		return false
	})
	if _, err := s.api.Cancel(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	eventually(t, 30*time.Second, "the worker is idle", func() bool {
		busy, err := s.api.Workers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range busy {
			if w.Job != "" {
				return false
			}
		}
		return len(busy) > 0
	})
	t.Logf("the worker was idle %v after the cancellation", time.Since(began).Round(100*time.Millisecond))
	if m := s.wait(id, referent.StateCancelled, time.Second); m.Failure != nil {
		t.Errorf("a cancelled meeting has a failure: %+v", m.Failure)
	}
	// A window of 30 s takes about a second a core; a worker must not finish its chunk first.
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %v", took)
	}
}
