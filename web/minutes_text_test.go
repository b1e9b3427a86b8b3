package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web/webtest"
)

// The text is of the version that is asked for, and the log has who took it out.
func TestMinutesText(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadCouncil(r, token)
	edit(r, at, token, review.Edit{Do: review.Set, List: review.Decisions, Words: review.Words{Text: "Innkallingen er godkjent."}})
	for version, changed := range map[string]bool{"": true, "?version=0": true, "?version=2": true, "?version=1": false} {
		resp := r.Do("GET", at+"/minutes.txt"+version, token, nil, nil)
		body := text(t, resp)
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.HasPrefix(body, referent.DraftLabel+"\n\nMøte i formannskapet\nMøteprotokoll\n") {
			t.Errorf("%q: %s %s: %.300s", version, resp.Status, resp.Header.Get("Content-Type"), body)
		}
		if got := strings.Contains(body, "\n– Innkallingen er godkjent.\n"); got != changed {
			t.Errorf("%q has the change: %v", version, got)
		}
	}
	for version, want := range map[string]int{"?version=9": 404, "?version=x": 422} {
		if resp := r.Do("GET", at+"/minutes.txt"+version, token, nil, nil); resp.StatusCode != want {
			t.Errorf("%q: %s, want %d", version, resp.Status, want)
		}
	}
	rows := must(r.Store.Readings(t.Context(), store.ReadingFilter{Meeting: id, What: store.ReadExport}))(t)
	if len(rows) != 1 || rows[0].Format != "minutes.txt" {
		t.Errorf("logged: %+v", rows)
	}

	// The page offers it of the version that it shows, to copy and, without a script, as a file.
	for version, n := range map[string]int{"": 2, "?version=1": 1} {
		page := text(t, r.Do("GET", "/meetings/"+id+"/minutes"+version, token, nil, nil))
		address := fmt.Sprintf("%s/minutes.txt?version=%d", at, n)
		if !strings.Contains(page, `<p class="copy" hidden><button`) || !strings.Contains(page, `data-src="`+address+`"`) || !strings.Contains(page, `href="`+address+`" download="minutes.txt">`) {
			t.Errorf("%q: the page does not offer version %d as text", version, n)
		}
	}

	// What cites nothing is had without the transcript, also while that cannot be read.
	ctx := t.Context()
	w := must(r.Vault.Create(ctx, id, must(r.Vault.Unwrap(must(r.Store.MeetingKey(ctx, id))(t)))(t)))(t)
	must(w.Write([]byte("no transcript")))(t)
	name := must(w.Commit())(t)
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		return tx.PutArtifact(ctx, &store.Artifact{Meeting: id, Kind: store.ArtifactTranscript, Version: 9, Blob: name, Size: 13})
	}))
	for format, want := range map[string]int{"txt": 200, "json": 200, "md": 500} {
		if resp := r.Do("GET", at+"/minutes."+format, token, nil, nil); resp.StatusCode != want {
			t.Errorf("%s: %s, want %d", format, resp.Status, want)
		}
	}
}
