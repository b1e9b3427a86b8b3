package summarize_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize"
	"github.com/referent/referent/summarize/norsk"
)

// A small model may repeat itself to the end of its room. What it comes to no end with is given to a person,
// and the rest of the meeting stands.
func TestModelComesToNoEnd(t *testing.T) {
	looping := `{"items": [{"heading": "Budsjett", "points": [{"text": "` + strings.Repeat("og så ", 400)
	m := &referent.Meeting{Kind: referent.KindReferat, Language: referent.Bokmal}
	tr := &referent.Transcript{}
	for i, text := range []string{"Vi snakket om brøyting av fortau.", "Refrenget går om igjen og om igjen.", "Strøsand kjøpes inn til uka."} {
		tr.Segments = append(tr.Segments, referent.Segment{ID: "s" + string(rune('1'+i)), Text: text})
	}
	var most float64
	e, calls := chat(t, func(body map[string]any, _ int) (int, string, string) {
		most = max(most, body["max_tokens"].(float64))
		if slices.ContainsFunc(shown(t, body), func(l string) bool { return strings.Contains(l, "Refrenget") }) {
			return 200, looping, "length"
		}
		return 200, `{"items": [], "decisions": [], "actions": [], "votes": [], "next_meeting": null}`, "stop"
	})
	e.ContextSize = 16384
	w := summarize.New(summarize.Config{Retries: -1})
	got, err := w.Write(t.Context(), m, tr, e, nil)
	if err != nil {
		t.Fatal(err)
	}
	reason := norsk.ReasonUnanswered.In("nb")
	var ids []string
	for _, r := range got.NeedsReview {
		if r.Reason == reason {
			ids = append(ids, r.Evidence...)
		}
	}
	if !slices.Equal(ids, []string{"s2"}) {
		t.Errorf("left to a person: %v of %+v", ids, got.NeedsReview)
	}
	if most >= 4096 {
		t.Errorf("an answer to three lines may have %.0f tokens", most)
	}
	t.Logf("%d calls, at most %.0f tokens each", calls.Load(), most)

	e, _ = chat(t, func(map[string]any, int) (int, string, string) { return 200, looping, "length" })
	e.ContextSize = 16384
	if _, err := w.Write(t.Context(), m, tr, e, nil); referent.CodeOf(err) != referent.CodeLLMAnswer {
		t.Errorf("a model that never comes to an end gives %v", err)
	}
}
