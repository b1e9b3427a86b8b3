//go:build llm

package summarize_test

import (
	"bytes"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/export"
	"github.com/referent/referent/export/schema"
	"github.com/referent/referent/summarize"
)

// TestLlamaServer makes minutes of the sample meetings with a real model behind a real server. It is
// built with the tag "llm" and run by make test-llm, which starts the server.
func TestLlamaServer(t *testing.T) {
	e := &referent.Endpoint{BaseURL: os.Getenv("REFERENT_LLM_URL"), Model: os.Getenv("REFERENT_LLM_MODEL"), Timeout: 10 * time.Minute}
	if e.BaseURL == "" || e.Model == "" {
		t.Fatal("REFERENT_LLM_URL and REFERENT_LLM_MODEL are not set; make test-llm sets them")
	}
	info, err := summarize.Probe(t.Context(), e, os.Getenv("REFERENT_LLM_KEY"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("server %q, models %v, context %d", info.Server, info.Models, info.ContextSize)
	w := summarize.New(summarize.Config{APIKey: os.Getenv("REFERENT_LLM_KEY"), Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	for name, read := range map[string]func(testing.TB) (*referent.Meeting, *referent.Transcript){"formannskapet": councilMeeting, "statusmote": staffMeeting} {
		t.Run(name, func(t *testing.T) {
			m, tr := read(t)
			start := time.Now()
			got, err := w.Write(t.Context(), m, tr, e, func(p float64) { t.Logf("%3.0f %% after %v", 100*p, time.Since(start).Round(time.Second)) })
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := (export.Renderer{}).Minutes(&out, got, tr, m, "json"); err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(out.Bytes()); err != nil {
				t.Error(err)
			}
			checkEvidence(t, got, tr)
			p := got.Provenance
			if p.Writer != "llm" || p.Model != e.Model || got.Label != referent.DraftLabel || !strings.HasPrefix(p.Server, "llama.cpp ") || p.Parts == 0 ||
				p.PromptTokens == 0 || p.AnswerTokens == 0 || p.Seconds <= 0 || p.Masked {
				t.Errorf("provenance %+v, label %q", p, got.Label)
			}
			t.Logf("%d parts, %d + %d tokens, %.0f s", p.Parts, p.PromptTokens, p.AnswerTokens, p.Seconds)
			// The smallest model may answer with nothing; then the reader must be shown what it missed.
			if len(got.Items)+len(got.Decisions)+len(got.Actions)+len(got.NeedsReview) == 0 && len(got.PossiblyMissed) == 0 {
				t.Error("the model wrote nothing, and nothing is shown as missed")
			}
			out.Reset()
			if err := (export.Renderer{}).Minutes(&out, got, tr, m, "md"); err != nil {
				t.Fatal(err)
			}
			t.Logf("\n%s", out.String())
		})
	}
}

// checkEvidence demands that everything stated as fact rests on segments of the transcript.
func checkEvidence(t *testing.T, mi *referent.Minutes, tr *referent.Transcript) {
	t.Helper()
	var ids []string
	for _, s := range tr.Segments {
		ids = append(ids, s.ID)
	}
	check := func(what string, evidence []string) {
		if len(evidence) == 0 {
			t.Errorf("%q has no evidence", what)
		}
		for _, id := range evidence {
			if !slices.Contains(ids, id) {
				t.Errorf("%q cites %q, which is no segment", what, id)
			}
		}
	}
	for _, it := range mi.Items {
		for _, p := range it.Points {
			check(p.Text, p.Evidence)
		}
	}
	for _, d := range mi.Decisions {
		check(d.Text, d.Evidence)
	}
	for _, a := range mi.Actions {
		check(a.Task, a.Evidence)
	}
	for _, v := range mi.Votes {
		check(v.Proposal, v.Evidence)
	}
	if mi.NextMeeting != nil {
		check(mi.NextMeeting.Text, mi.NextMeeting.Evidence)
	}
}
