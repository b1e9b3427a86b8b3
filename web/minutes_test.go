package web_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/review"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// uploadCouncil uploads the example of a council's meeting, and returns its id and address when its minutes are
// there.
func uploadCouncil(r *webtest.Rig, token string) (id, at string) {
	r.T.Helper()
	r.StartWorker()
	read := func(name string) string {
		return string(must(os.ReadFile(filepath.Join("..", "examples", name)))(r.T))
	}
	vtt := read("formannskapet.vtt")
	path, id := begin(r, token, len(vtt), meta("title", "Møte i formannskapet", "kind", "moteprotokoll", "date", "2026-11-24",
		"participants", read("formannskapet-deltakere.csv"), "agenda", read("formannskapet-saksliste.txt")))
	resp := patch(r, path, token, 0, strings.NewReader(vtt))
	if body := text(r.T, resp); resp.StatusCode != 204 {
		r.T.Fatalf("%s %s", resp.Status, body)
	}
	r.Eventually("minutes", func() bool {
		m, err := r.Store.Meeting(r.T.Context(), id)
		return err == nil && m.State == referent.StateDraft
	})
	return id, "/api/v1/meetings/" + id
}

// silence stores a minute of sound beside the meeting's transcript.
func silence(r *webtest.Rig, id string) {
	r.T.Helper()
	ctx := r.T.Context()
	key := must(r.Vault.Unwrap(must(r.Store.MeetingKey(ctx, id))(r.T)))(r.T)
	plan := must(json.Marshal(referent.PrepareResult{Plan: &referent.Plan{Samples: 60 * referent.SampleRate}, Duration: 60}))(r.T)
	for kind, data := range map[store.ArtifactKind][]byte{store.ArtifactAudio: make([]byte, 60*referent.SampleRate*2), store.ArtifactPlan: plan} {
		w := must(r.Vault.Create(ctx, id, key))(r.T)
		must(w.Write(data))(r.T)
		name := must(w.Commit())(r.T)
		webtest.Check(r.T, r.Store.Tx(ctx, func(tx store.Tx) error {
			return tx.PutArtifact(ctx, &store.Artifact{Meeting: id, Kind: kind, Blob: name, Size: int64(len(data))})
		}))
	}
}

// edit makes an edit of the minutes, for the version that is shown.
func edit(r *webtest.Rig, at, token string, e review.Edit) web.MinutesVersion {
	r.T.Helper()
	now := ask[web.MinutesVersion](r, "GET", at+"/minutes", token, "", 200)
	body := must(json.Marshal(map[string]any{"version": now.Version, "edit": e}))(r.T)
	return ask[web.MinutesVersion](r, "POST", at+"/minutes/edits", token, string(body), 200)
}

// check goes through all that must be checked.
func check(r *webtest.Rig, at, token string) web.MinutesVersion {
	r.T.Helper()
	v := ask[web.MinutesVersion](r, "GET", at+"/minutes", token, "", 200)
	for i := range v.Minutes.Votes {
		v = edit(r, at, token, review.Edit{Do: review.Confirm, List: review.Votes, Index: i})
	}
	for range v.Minutes.NeedsReview {
		v = edit(r, at, token, review.Edit{Do: review.Dismiss, List: review.NeedsReview})
	}
	if v.Open.Review != 0 {
		r.T.Fatalf("left: %+v", v.Open)
	}
	return v
}

func version(n int) string { return fmt.Sprintf(`{"version":%d}`, n) }

func TestMinutesAreReviewedAndApproved(t *testing.T) {
	r, token := uploader(t, nil)
	_, at := uploadCouncil(r, token)
	first := ask[web.MinutesVersion](r, "GET", at+"/minutes", token, "", 200)
	if first.Version != 1 || first.By != "" || first.State != referent.StateDraft || first.Open.Review < 4 || len(first.Minutes.Votes) < 3 {
		t.Fatalf("the machine's: %+v", first)
	}
	made := edit(r, at, token, review.Edit{Do: review.Set, List: review.Decisions, Words: review.Words{Text: "Innkallingen er godkjent."}})
	if made.Version != 2 || made.By != "kari" || made.State != referent.StateReviewed || made.Minutes.Decisions[0].Text != "Innkallingen er godkjent." || len(made.Minutes.Decisions[0].Evidence) == 0 {
		t.Errorf("made: %+v", made)
	}

	// Two at once: the second learns of the newer version, and nothing is lost.
	p := ask[web.Problem](r, "POST", at+"/minutes/edits", token, `{"version":1,"edit":{"do":"delete","list":"decisions","index":0}}`, 409)
	if p.Code != referent.CodeConflict || p.Version != 2 || p.Detail == "" {
		t.Errorf("conflict: %+v", p)
	}
	if p := ask[web.Problem](r, "PUT", at+"/minutes?version=1", token, emptyMinutes, 409); p.Version != 2 {
		t.Errorf("conflict of a whole version: %+v", p)
	}
	for body, want := range map[string]int{
		`{"version":2,"edit":{"do":"set","list":"decisions","words":{"text":" "}}}`: 422,
		`{"version":2,"edit":{"do":"delete","list":"decisions","index":99}}`:        404,
		`{"version":2,"edit":{"do":"dance"}}`:                                       422, `{"edit":{"do":"delete","list":"decisions"}}`: 422, `{"version":2,"edit":{"do":"restore","version":9}}`: 404,
	} {
		if p := ask[web.Problem](r, "POST", at+"/minutes/edits", token, body, want); p.Detail == "" {
			t.Errorf("%s: %+v", body, p)
		}
	}

	// Nobody answers for what nobody has checked.
	p = ask[web.Problem](r, "POST", at+"/minutes/approve", token, version(2), 409)
	if p.Code != referent.CodeUnchecked || p.Version != 0 || !strings.Contains(p.Detail, "Må kontrolleres") {
		t.Errorf("approved unchecked: %+v", p)
	}
	missed := made.Open.Missed
	ready := check(r, at, token)
	if ready.Open.Missed != missed || len(ready.Minutes.Settled) < 4 || ready.Minutes.Settled[0].By != "kari" {
		t.Errorf("checked: %+v", ready.Open)
	}
	ask[web.Problem](r, "POST", at+"/minutes/approve", token, version(2), 409)
	done := ask[web.MinutesVersion](r, "POST", at+"/minutes/approve", token, version(ready.Version), 200)
	if done.State != referent.StateApproved || done.Minutes.Approval == nil || done.Minutes.Approval.By != "kari" || done.Minutes.Label != "" {
		t.Errorf("approved: %+v", done)
	}
	for name, want := range map[string]string{"minutes.md": "Godkjent av kari", "minutes.html": "Godkjent av kari", "minutes.txt": "\nGodkjent av kari ", "minutes.json": `"by": "kari"`} {
		if body := text(t, r.Do("GET", at+"/"+name, token, nil, nil)); !strings.Contains(body, want) || strings.Contains(body, referent.DraftLabel) {
			t.Errorf("%s lacks %q, or has the label", name, want)
		}
	}
	if p := ask[web.Problem](r, "POST", at+"/minutes/edits", token, fmt.Sprintf(`{"version":%d,"edit":{"do":"delete","list":"decisions"}}`, done.Version), 409); p.Version != 0 {
		t.Errorf("an edit of approved minutes: %+v", p)
	}
	ask[web.Problem](r, "PUT", at+"/minutes", token, emptyMinutes, 409)
	again := ask[web.MinutesVersion](r, "POST", at+"/minutes/reopen", token, version(done.Version), 200)
	if again.State != referent.StateReviewed || again.Minutes.Approval != nil || again.Minutes.Label != referent.DraftLabel {
		t.Errorf("reopened: %+v", again)
	}
	ask[web.Problem](r, "POST", at+"/minutes/reopen", token, version(again.Version), 409)
	back := edit(r, at, token, review.Edit{Do: review.Restore, Version: 1})
	if back.Minutes.Decisions[0].Text != first.Minutes.Decisions[0].Text || back.Open != first.Open {
		t.Errorf("restored: %+v", back)
	}

	versions := ask[[]web.MinutesInfo](r, "GET", at+"/minutes/versions", token, "", 200)
	if v := versions[done.Version-1]; len(versions) != back.Version || !v.Approved || !v.Replaced || v.Shown || v.By != "kari" || !versions[back.Version-1].Shown || versions[0].By != "" {
		t.Errorf("versions: %+v", versions)
	}
	if old := ask[web.MinutesVersion](r, "GET", fmt.Sprintf("%s/minutes?version=%d", at, done.Version), token, "", 200); old.Minutes.Approval == nil {
		t.Error("the approved version cannot be read any more")
	}
	changed := 0
	for _, l := range ask[[]review.Line](r, "GET", at+"/minutes/comparison?from=1&to=2", token, "", 200) {
		if l.Op != review.Same {
			changed++
		}
	}
	if changed == 0 || changed > 2 {
		t.Errorf("%d statements differ", changed)
	}
	history := ask[[]web.Deed](r, "GET", at+"/history", token, "", 200)
	if d := history[0]; len(history) != back.Version-1 || d.What != "set" || d.Part != "decisions" || d.By != "kari" || d.Version != 2 || d.From != 1 {
		t.Errorf("history: %+v", history)
	}

	reader := r.Token("kari", store.ScopeRead)
	ask[web.Problem](r, "POST", at+"/minutes/approve", reader, version(back.Version), 403)
	ask[web.MinutesVersion](r, "GET", at+"/minutes", reader, "", 200)
	for _, secret := range []string{"Innkallingen er godkjent", "formannskapet", "Nordmann"} {
		if strings.Contains(r.Log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

// The page's forms without any script.
func TestMinutesForms(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadCouncil(r, token)
	page := "/meetings/" + id + "/minutes"
	get := func(path string) string {
		t.Helper()
		resp := r.Do("GET", path, token, nil, func(q *http.Request) { q.Header.Set("Accept-Language", "nb") })
		body := text(t, resp)
		if resp.StatusCode != 200 || strings.Contains(body, "minutes.") && strings.Contains(strings.NewReplacer("minutes.css", "", "minutes.js", "", "minutes.docx", "", "minutes.pdf", "", "minutes.html", "", "minutes.md", "", "minutes.txt", "", "minutes.json", "").Replace(body), "minutes.") {
			t.Errorf("%s: %s, or a text is missing", path, resp.Status)
		}
		return body
	}
	post := func(form url.Values, want int, to ...string) (body, leads string) {
		t.Helper()
		resp := r.Do("POST", page+strings.Join(to, ""), token, strings.NewReader(form.Encode()), func(q *http.Request) {
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			q.Header.Set("Accept-Language", "nb")
		})
		body = text(t, resp)
		if resp.StatusCode != want {
			t.Fatalf("%v: %s, want %d: %.300s", form, resp.Status, want, body)
		}
		return body, resp.Header.Get("Location")
	}
	for _, want := range []string{"Utkast laget ved hjelp av KI", `id="needs_review-0"`, "Bekreft voteringen", "kommuneloven § 11-4", "0:00:30", "PS 31/26 Lørdagsåpent bibliotek – Behandling", "da er innkalling og saksliste godkjent", `id="decisions-1"`} {
		if !strings.Contains(get(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for path, files := range map[string]map[string]string{
		page: {"minutes.docx": "Word (.docx)", "minutes.pdf": "PDF, til arkiv", "minutes.html": "Nettside (.html)", "minutes.txt": "Tekst (.txt)"},
		"/meetings/" + id: {"minutes.pdf": "PDF, til arkiv", "minutes.txt": "Tekst (.txt)", "transcript.docx": "Word (.docx)", "transcript.txt": "Tekst (.txt)", "transcript.vtt": "Undertekster (.vtt)",
			"transcript.rttm": "Hvem som snakket når (.rttm)"},
	} {
		body := get(path)
		for file, called := range files {
			if !strings.Contains(body, `download="`+file+`">`+called+"</a>") {
				t.Errorf("%s does not offer %s as %s", path, file, called)
			}
		}
		if strings.Contains(body, "web.file.") {
			t.Errorf("%s: a kind of file has no name", path)
		}
	}
	if body := get("/meetings/" + id); !strings.Contains(body, `<ul class="files" aria-labelledby="files-transcript">`) || !strings.Contains(body, `id="files-transcript">Transkripsjon</h3>`) {
		t.Error("the links do not tell what they are forms of")
	}
	heard := regexp.MustCompile(`/transcript\?segment=(s\d+)#(s\d+)"`).FindStringSubmatch(get(page))
	if len(heard) == 0 || heard[1] != heard[2] || strings.Contains(get(page), "/transcript#") {
		t.Errorf("where a statement was heard, with a script or without: %q", heard)
	}
	if strings.Contains(get(page), `value="approve"`) {
		t.Error("what is not checked can be approved")
	}
	reader := r.Token("kari", store.ScopeRead)
	resp := r.Do("GET", page, reader, nil, nil)
	if body := text(t, resp); resp.StatusCode != 200 || strings.Contains(body, "data-edit") || !strings.Contains(body, `id="decisions-0"`) {
		t.Errorf("who may only read is shown forms: %s", resp.Status)
	}
	for lang, want := range map[string]string{"nn": "Å ta stilling til", "en": "To take a stand on"} {
		resp := r.Do("GET", page, token, nil, func(q *http.Request) { q.Header.Set("Accept-Language", lang) })
		if body := text(t, resp); !strings.Contains(body, want) || !strings.Contains(body, `<html lang="`+lang+`"`) {
			t.Errorf("in %s the page lacks %q", lang, want)
		}
	}
	if strings.Contains(get(page), "endret for hånd") {
		t.Error("what a machine wrote is marked as a person's words")
	}
	if _, to := post(url.Values{"do": {"set"}, "list": {"decisions"}, "index": {"0"}, "version": {"1"}, "text": {"Et vedtak <Å>."}, "case": {"PS 1"}}, 303); to != page+"#decisions-0" {
		t.Errorf("leads to %s", to)
	}
	if body := get(page); !strings.Contains(body, "Et vedtak &lt;Å&gt;.") || !strings.Contains(body, "endret for hånd") {
		t.Error("the change is not on the page, not escaped, or not marked")
	}
	// Only one's own change is offered to be undone.
	if !strings.Contains(get(page), "Angre siste endring") {
		t.Error("what was just changed cannot be undone")
	}
	ctx, kari, ola := t.Context(), must(r.Store.UserByName(t.Context(), "kari"))(t), r.User("ola", false)
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		err := errors.Join(tx.PutDepartment(ctx, &store.Department{ID: "a", Name: "A"}), tx.MoveMeeting(ctx, id, "a"))
		for _, role := range []access.Role{access.Referent, access.Approver} {
			for _, user := range []*store.User{kari, ola} {
				err = errors.Join(err, tx.PutMembership(ctx, store.Membership{User: user.ID, Department: "a", Role: string(role)}))
			}
		}
		return err
	}))
	resp = r.Do("GET", page, r.Token("ola", store.ScopeRead, store.ScopeWrite), nil, nil)
	if body := text(t, resp); resp.StatusCode != 200 || !strings.Contains(body, `value="set"`) || strings.Contains(body, `value="restore" data-after="approval"`) {
		t.Errorf("somebody else's change can be undone as if it were one's own: %s", resp.Status)
	}
	// What was written is not lost when somebody else was faster, nor when it cannot be.
	body, _ := post(url.Values{"do": {"set"}, "list": {"decisions"}, "index": {"0"}, "version": {"1"}, "text": {"Noe som tok lang tid å skrive"}}, 409)
	if !strings.Contains(body, "Noe som tok lang tid å skrive</textarea>") || !strings.Contains(body, `role="alert"`) || !strings.Contains(body, `name="version" value="2"`) {
		t.Errorf("what was written is lost: %.2000s", body)
	}
	if body, _ := post(url.Values{"do": {"delete"}, "list": {"decisions"}, "index": {"0"}, "version": {"1"}}, 409); !strings.Contains(body, "det du ba om, er ikke gjort") || strings.Contains(body, `id="written"`) {
		t.Error("where nothing was written, something is said to be")
	}
	body, _ = post(url.Values{"do": {"set"}, "list": {"actions"}, "index": {"0"}, "version": {"2"}, "text": {"En oppgave"}, "due": {"i morgen"}}, 422)
	if !strings.Contains(body, "i morgen</textarea>") {
		t.Error("what was written is lost")
	}
	post(url.Values{"do": {"set"}, "list": {"votes"}, "index": {"0"}, "version": {"2"}, "text": {"x"}, "for": {"mange"}}, 422)
	post(url.Values{"do": {"dance"}, "version": {"2"}}, 422)
	post(url.Values{"do": {"delete"}, "list": {"decisions"}, "index": {"0"}}, 422)
	if _, to := post(url.Values{"do": {"down"}, "list": {"decisions"}, "index": {"0"}, "version": {"2"}, "text": {"not this"}}, 303); to != page+"#decisions-1" {
		t.Errorf("leads to %s", to)
	}
	votes := ask[web.MinutesVersion](r, "GET", at+"/minutes", token, "", 200).Minutes.Votes
	form := url.Values{"do": {"set"}, "list": {"votes"}, "index": {"2"}, "version": {"3"}, "text": {votes[2].Proposal}, "for": {"7"}, "against": {"4"}, "blank": {""}, "outcome": {"vedtatt"},
		"for_members": {"Kari Nordmann\r\nOla Lunde\r\n"}, "double_vote": {"true"}}
	post(form, 303)
	if v := ask[web.MinutesVersion](r, "GET", at+"/minutes", token, "", 200).Minutes.Votes[2]; *v.For != 7 || v.Blank != nil || len(v.ForMembers) != 2 || !v.DoubleVote {
		t.Errorf("the vote: %+v", v)
	}
	post(url.Values{"do": {"accept"}, "list": {"needs_review"}, "index": {"0"}, "version": {"4"}, "as": {"actions"}, "text": {"Spørre Ola"}, "owner": {"Kari"}, "due": {"2027-01-31"}}, 303)
	if body := get(page); !strings.Contains(body, "Frist: 31.01.2027") || !strings.Contains(body, "tatt med av kari") {
		t.Error("what was taken in is not on the page")
	}
	ready := check(r, at, token)
	if body := get(page); !strings.Contains(body, "Godkjenn som kari") {
		t.Error("it cannot be approved")
	}
	if body := get(fmt.Sprintf("%s?version=%d", page, 2)); strings.Contains(body, `data-edit`) || !strings.Contains(body, "eldre versjon") {
		t.Error("an older version can be changed")
	}
	if body := get(fmt.Sprintf("%s/compare?from=1&to=%d", page, ready.Version)); !strings.Contains(body, "<ins>") || !strings.Contains(body, "<del>") {
		t.Errorf("nothing differs: %.2000s", body)
	}
	post(url.Values{"version": {fmt.Sprint(ready.Version)}}, 303, "/approve")
	if body := get(page); !strings.Contains(body, "Godkjent av kari") || !strings.Contains(body, "låst") || strings.Contains(body, "Utkast laget") || strings.Contains(body, `value="set"`) {
		t.Error("the approved page can be changed, or does not say who approved")
	}
	post(url.Values{"version": {fmt.Sprint(ready.Version + 1)}}, 303, "/reopen")
	if body := get(page); !strings.Contains(body, "Utkast laget") || !strings.Contains(body, "erstattet") {
		t.Error("the reopened page does not say so")
	}
	for _, path := range []string{page + "?version=99", page + "/compare?from=99"} {
		if resp := r.Do("GET", path, token, nil, nil); resp.StatusCode != 404 {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
	for _, path := range []string{page + "?version=x", page + "/compare?from=-1"} {
		if resp := r.Do("GET", path, token, nil, nil); resp.StatusCode != 422 {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
}
