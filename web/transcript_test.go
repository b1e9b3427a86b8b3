package web_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/correct"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// amend makes edits of the transcript, for what is seen in the version given.
func amend(r *webtest.Rig, at, token string, want int, since int, edits ...correct.Amendment) web.TranscriptEdited {
	r.T.Helper()
	body := must(json.Marshal(map[string]any{"since": since, "edits": edits}))(r.T)
	return ask[web.TranscriptEdited](r, "POST", at+"/transcript/edits", token, string(body), want)
}

func segmentOf(r *webtest.Rig, at, token, id string) referent.Segment {
	r.T.Helper()
	v := ask[web.TranscriptVersion](r, "GET", at+"/transcript", token, "", 200)
	i := slices.IndexFunc(v.Transcript.Segments, func(s referent.Segment) bool { return s.ID == id })
	if i < 0 {
		r.T.Fatalf("there is no segment %s", id)
	}
	return v.Transcript.Segments[i]
}

func seenIn(s referent.Segment) correct.Seen { return correct.Seen{Text: s.Text, Speaker: s.Speaker} }

func TestTranscriptIsCorrected(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadDebate(r, token)
	first := ask[web.TranscriptVersion](r, "GET", at+"/transcript", token, "", 200)
	if first.Version != 4 || first.By != "kari" || len(first.Transcript.Segments) != 5 || first.State != referent.StateDraft {
		t.Fatalf("first: %+v", first)
	}
	s2, s3, s5 := first.Transcript.Segments[1], first.Transcript.Segments[2], first.Transcript.Segments[4]

	// Two people, who looked at the same version, in different segments.
	one := amend(r, at, token, 200, first.Version, correct.Amendment{Do: correct.Text, Segment: "s2", Seen: seenIn(s2), Text: "Takk. Regnskapet er i balanse.", Heard: true})
	if one.From != 4 || one.Version != 5 || !slices.Equal(one.Edited, []string{"s2"}) || one.Changes.Segments[0].Segment.Text != "Takk. Regnskapet er i balanse." {
		t.Fatalf("edited: %+v", one)
	}
	two := amend(r, at, token, 200, first.Version, correct.Amendment{Do: correct.Split, Segment: "s5", Seen: seenIn(s5), Word: 1})
	if two.From != 5 || two.Version != 6 || len(two.Changes.Segments) != 3 || len(two.Edited) != 2 {
		t.Fatalf("edited: %+v", two)
	}
	if c := ask[web.TranscriptChanges](r, "GET", at+"/transcript/changes?since=5", token, "", 200); len(c.Segments) != 2 || c.Version != 6 || c.Segments[1].After != "s5" {
		t.Errorf("changes: %+v", c)
	}

	// In the same segment the second is told what stands there, and nothing of the batch is done.
	body := must(json.Marshal(map[string]any{"edits": []correct.Amendment{
		{Do: correct.Text, Segment: "s3", Seen: seenIn(s3), Text: "Halvgjort"}, {Do: correct.Text, Segment: "s2", Seen: seenIn(s2), Text: "Takk. Mitt."}}}))(t)
	p := ask[web.Problem](r, "POST", at+"/transcript/edits", token, string(body), 409)
	if p.Changed == nil || p.Changed.Edit != 1 || p.Changed.Segment != "s2" || p.Changed.Now.Text != "Takk. Regnskapet er i balanse." || p.Detail == "" {
		t.Fatalf("conflict: %+v", p)
	}
	if got := segmentOf(r, at, token, "s3").Text; got != s3.Text {
		t.Errorf("half of a batch was done: %q", got)
	}

	// Undone by restoring what was touched; history and comparison tell it.
	undo := amend(r, at, token, 200, 0, correct.Amendment{Do: correct.Restore, Segment: "s2", Version: one.From, Seen: seenIn(segmentOf(r, at, token, "s2"))})
	if got := undo.Changes.Segments[0].Segment; got.Text != s2.Text || got.Confirmed || undo.Version != 7 {
		t.Errorf("undone: %+v", undo)
	}
	versions := ask[[]web.TranscriptInfo](r, "GET", at+"/transcript/versions?limit=2", token, "", 200)
	if len(versions) != 2 || versions[0].Version != 7 || !versions[0].Shown || versions[0].Changed != 1 || versions[1].Changed != 2 || versions[1].By != "kari" {
		t.Errorf("versions: %+v", versions)
	}
	if older := ask[[]web.TranscriptInfo](r, "GET", at+"/transcript/versions?before=2", token, "", 200); len(older) != 1 || older[0].By != "" {
		t.Errorf("the machine's: %+v", older)
	}
	if lines := ask[[]correct.Difference](r, "GET", at+"/transcript/comparison?from=5", token, "", 200); len(lines) != 3 || lines[0].After.Text != s2.Text {
		t.Errorf("comparison: %+v", lines)
	}
	ask[web.Problem](r, "POST", at+"/transcript/restore", token, `{"version":6,"to":4}`, 409)
	back := ask[web.TranscriptEdited](r, "POST", at+"/transcript/restore", token, `{"version":7,"to":4}`, 200)
	if back.Version != 8 || len(back.Changes.Removed) != 1 || segmentOf(r, at, token, "s5").Text != s5.Text {
		t.Errorf("gone back: %+v", back)
	}
	if v := ask[web.TranscriptVersion](r, "GET", at+"/transcript?version=6", token, "", 200); len(v.Transcript.Segments) != 6 {
		t.Errorf("version 6: %+v", v)
	}

	// What a person joined is found by what cites either; what is malformed is told, and read with a reading token alone.
	next := seenIn(s3)
	amend(r, at, token, 200, 0, correct.Amendment{Do: correct.Join, Segment: "s2", Seen: seenIn(s2), Next: &next})
	if s := segmentOf(r, at, token, "s2"); !slices.Equal(s.Joined, []string{"s3"}) || !s.Corrected {
		t.Errorf("joined: %+v", s)
	}
	for _, body := range []string{`{"edits":[]}`, `{}`, `{"edits":[{"do":"dance","segment":"s1","seen":{}}]}`, `{"edits":[{"do":"text","segment":"s1"}]}`,
		`{"edits":[{"do":"split","segment":"s2","seen":{"text":"` + segmentOf(r, at, token, "s2").Text + `"},"word":0}]}`} {
		ask[web.Problem](r, "POST", at+"/transcript/edits", token, body, 422)
	}
	ask[web.Problem](r, "GET", at+"/transcript/changes?since=99", token, "", 404)
	ask[web.Problem](r, "POST", at+"/transcript/edits", r.Token("kari", store.ScopeRead), `{"edits":[]}`, 403)
	webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
		m, err := tx.Meeting(t.Context(), id)
		if err != nil {
			return err
		}
		m.State = referent.StateApproved
		return tx.UpdateMeeting(t.Context(), m)
	}))
	s1 := segmentOf(r, at, token, "s1")
	locked := must(json.Marshal(map[string]any{"edits": []correct.Amendment{{Do: correct.Text, Segment: "s1", Seen: seenIn(s1), Text: "Endret"}}}))(t)
	if p := ask[web.Problem](r, "POST", at+"/transcript/edits", token, string(locked), 409); p.Changed != nil || p.Version != 0 {
		t.Errorf("locked: %+v", p)
	}
	// Without a script the page leads to where the transcript is there to be read.
	page := text(t, r.Do("GET", "/meetings/"+id+"/transcript", token, nil, nil))
	plain := text(t, r.Do("GET", "/meetings/"+id+"/transcript?plain=yes", token, nil, nil))
	_, without, _ := strings.Cut(page, "<noscript>")
	if without, _, _ = strings.Cut(without, "</noscript>"); !strings.Contains(without, `href="/meetings/`+id+`/transcript?plain=yes"`) || strings.Contains(page, "balanse") ||
		!strings.Contains(plain, `<dt id="s5">`) || !strings.Contains(plain, "Budsjettet er i balanse.") || strings.Contains(plain, "transcript.js") {
		t.Errorf("without a script: %s %s", page, plain)
	}
	// Where a statement was heard is found there too; what names no segment is left out.
	for asked, want := range map[string]string{"s5": "#s5", "": "", "%23s5%22%3E": ""} {
		if page := text(t, r.Do("GET", "/meetings/"+id+"/transcript?segment="+asked, token, nil, nil)); !strings.Contains(page, `?plain=yes`+want+`">`) {
			t.Errorf("without a script, to %q: %s", asked, page)
		}
	}
	for _, secret := range []string{"Regnskapet", "balanse", "Halvgjort"} {
		if strings.Contains(r.Log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

func TestPeaksOfTheSound(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadDebate(r, token)
	ask[web.Problem](r, "GET", at+"/audio/peaks", token, "", 404)
	silence(r, id)
	if p := ask[pipeline.Peaks](r, "GET", at+"/audio/peaks", token, "", 200); p.Seconds != 60 || p.Rate != 50 || len(p.Peaks) != 3000 {
		t.Errorf("peaks: %v s at %v, %d", p.Seconds, p.Rate, len(p.Peaks))
	}
	receipt := ask[store.Receipt](r, "DELETE", at+"/audio", token, "", 200)
	if receipt.Blobs != 3 { // the upload, the sound, its peaks
		t.Errorf("receipt: %s", fmt.Sprint(receipt))
	}
	ask[web.Problem](r, "GET", at+"/audio/peaks", token, "", 404)
}
