package web_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

func TestWhoWasTold(t *testing.T) {
	r, token := uploader(t, nil)
	kari := must(r.Store.UserByName(t.Context(), "kari"))(t)
	m := ask[referent.Meeting](r, "POST", "/api/v1/meetings", token, `{"title":"Møte","purpose":" å skrive referat ","legal_basis":"kommuneloven § 11-4","told":true}`, 201)
	if m.Told == nil || m.Told.By != kari.ID || m.Told.At.IsZero() || m.Purpose != "å skrive referat" || m.LegalBasis != "kommuneloven § 11-4" {
		t.Errorf("made: %+v, told %+v", m, m.Told)
	}
	at := "/api/v1/meetings/" + m.ID
	if page := text(t, r.Do("GET", "/meetings/"+m.ID, token, nil, nil)); !strings.Contains(page, "Bekreftet av kari") || !strings.Contains(page, "kommuneloven § 11-4") {
		t.Error("the page does not say who confirmed it, or the legal basis")
	}
	first := m.Told.At
	if m = ask[referent.Meeting](r, "PATCH", at, token, `{"told":true}`, 200); m.Told == nil || !m.Told.At.Equal(first) {
		t.Errorf("confirmed again: %+v", m.Told)
	}
	r.User("sjef", true)
	ask[web.Problem](r, "PATCH", at, r.Token("sjef", store.ScopeRead, store.ScopeWrite, store.ScopeAdmin), `{"told":false}`, 403) // it is another's word
	if m = ask[referent.Meeting](r, "PATCH", at, token, `{"told":false,"purpose":"opplæring"}`, 200); m.Told != nil || m.Purpose != "opplæring" {
		t.Errorf("taken back: %+v", m)
	}
	if m = ask[referent.Meeting](r, "PATCH", at, token, `{"told":true}`, 200); m.Told == nil || m.Told.By != kari.ID || !m.Told.At.After(first) {
		t.Errorf("confirmed later: %+v", m.Told)
	}
	_, id := begin(r, token, 5, meta("told", "yes", "purpose", "å skrive referat"))
	if m := must(r.Store.Meeting(t.Context(), id))(t); m.Told == nil || m.Told.By != kari.ID || m.Purpose == "" {
		t.Errorf("from metadata: %+v", m)
	}
}

func TestRosterOfBody(t *testing.T) {
	r, token := uploader(t, nil)
	r.User("ola", false)
	other := r.Token("ola", store.ScopeRead)
	make := func(body string) { ask[referent.Meeting](r, "POST", "/api/v1/meetings", token, body, 201) }
	make(`{"body":"Rådet for eldre","place":"Rådhuset","purpose":"referat","participants":[{"name":"Åse","role":"leder","absent":true},{"name":"Per"}]}`)
	make(`{"body":"Rådet for eldre"}`)
	make(`{"body":"Formannskapet"}`)
	if got := ask[[]string](r, "GET", "/api/v1/bodies", token, "", 200); strings.Join(got, "|") != "Formannskapet|Rådet for eldre" {
		t.Errorf("bodies %q", got)
	}
	at := "/api/v1/roster?body=" + url.QueryEscape("Rådet for eldre")
	got := ask[web.Roster](r, "GET", at, token, "", 200)
	if len(got.Participants) != 2 || got.Participants[0].Absent || got.Participants[0].Role != "leder" || got.Place != "Rådhuset" || got.Held.IsZero() {
		t.Errorf("roster %+v", got)
	}
	// One department's are not offered in another, nor without one.
	kari := must(r.Store.UserByName(t.Context(), "kari"))(t)
	for _, d := range []store.Department{{ID: "skole", Name: "Skole"}, {ID: "omsorg", Name: "Omsorg", Health: true}} {
		webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
			if err := tx.PutDepartment(t.Context(), &d); err != nil {
				return err
			}
			return tx.PutMembership(t.Context(), store.Membership{User: kari.ID, Department: d.ID, Role: "registrar"})
		}))
	}
	make(`{"body":"Tiltaksteamet","department":"omsorg","participants":[{"name":"Per"}]}`)
	for department, want := range map[string]string{"": "Formannskapet|Rådet for eldre", "skole": "", "omsorg": "Tiltaksteamet", "ukjent": ""} {
		if got := ask[[]string](r, "GET", "/api/v1/bodies?department="+department, token, "", 200); strings.Join(got, "|") != want {
			t.Errorf("bodies of %q: %q", department, got)
		}
		status := 404
		if department == "omsorg" {
			status = 200
		}
		ask[struct{}](r, "GET", "/api/v1/roster?body=Tiltaksteamet&department="+department, token, "", status)
	}
	if got := ask[[]string](r, "GET", "/api/v1/bodies", other, "", 200); len(got) != 0 {
		t.Errorf("somebody else sees %q", got)
	}
	resp := r.Do("GET", at, other, nil, nil)
	text(t, resp)
	if resp.StatusCode != 404 {
		t.Errorf("somebody else's roster: %s", resp.Status)
	}
}

// Several files at once, the roster from the last time and from a spreadsheet, by keyboard.
func TestNewMeetingsByHand(t *testing.T) {
	r, token := uploader(t, func(c *web.Config) { c.MaxUpload, c.MustTell = 5000, []string{string(referent.KindProtocol)} })
	ask[referent.Meeting](r, "POST", "/api/v1/meetings", token, `{"body":"Rådet for eldre","place":"Rådhuset","participants":[{"name":"Åse Lund","role":"leder","party":"Sp"},{"name":"Per"}]}`, 201)
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		webtest.Check(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	// The first two are alike but for their names, as two that a recorder cut to one length may nearly be.
	first, second, large := file("en.vtt", transcriptVTT), file("to.vtt", transcriptVTT), file("stor.vtt", strings.Repeat("x", 6000))
	for _, path := range []string{first, second} {
		webtest.Check(t, os.Chtimes(path, time.Time{}, time.Unix(1_700_000_000, 0)))
	}
	excel := file("liste.csv", "Navn;Rolle\r\nBj\xf8rn;sekret\xe6r\r\n")
	broken := file("liste.docx", "PK\x00\x03")
	ctx := browserWith(t, []chromedp.ExecAllocatorOption{chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("host-resolver-rules", "MAP kommune.example 127.0.0.1")}, "Failed to load resource", "Cross-Origin-Opener-Policy") // the large one is refused
	run(t, ctx, chromedp.Navigate(r.URL+"/signin"), focused("name"),
		chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter), shows("h1", "Nytt opptak"))

	run(t, ctx, chromedp.SetUploadFiles(css("#participants-file"), []string{broken}), shows("#participants-note", "ikke tekst"),
		chromedp.SetUploadFiles(css("#participants-file"), []string{excel}), shows("#participants-note", "lagt inn"))
	if got := read(t, ctx, chromedp.Value(css("#participants"))); !strings.Contains(got, "Bjørn;sekretær") {
		t.Errorf("from the spreadsheet: %q", got)
	}
	run(t, ctx, chromedp.Focus(css("#body")), chromedp.KeyEvent("Rådet for eldre"+kb.Tab), shows("#roster", "2 deltakere"),
		chromedp.Focus(css("#roster button")), chromedp.KeyEvent(kb.Enter), shows("#roster", "tekst fra før"))
	if got := read(t, ctx, chromedp.Value(css("#participants"))); !strings.Contains(got, "Bjørn;sekretær") {
		t.Errorf("what stood there was overwritten: %q", got)
	}
	run(t, ctx, until(`() => { document.getElementById('participants').value = ''; return true; }`), chromedp.KeyEvent(kb.Enter), focused("participants"))
	if got := read(t, ctx, chromedp.Value(css("#participants"))); got != "Navn;Rolle;Parti\nÅse Lund;leder;Sp\nPer;;" {
		t.Errorf("from the last time: %q", got)
	}

	// A kind that needs the confirmation does not go without it.
	run(t, ctx, chromedp.SetValue(css("#kind"), string(referent.KindProtocol)),
		until(`() => { document.getElementById('kind').dispatchEvent(new Event('change')); return document.getElementById('told').required; }`),
		chromedp.SetUploadFiles(css("#file"), []string{first, large, second}),
		chromedp.Focus(css("#upload-start")), chromedp.KeyEvent(kb.Enter), focused("told"), chromedp.KeyEvent(" "))
	picture(t, ctx, "new-meeting")
	audit(t, ctx, "the form for new meetings", "#upload")
	run(t, ctx, chromedp.Focus(css("#upload-start")), chromedp.KeyEvent(kb.Enter),
		shows("#upload-status", "2 av 3 filer er lastet opp, 1 stoppet"), shows(`#upload-files [data-state=failed]`, "stor.vtt"))
	picture(t, ctx, "new-meetings")
	run(t, ctx, chromedp.Focus(css("#upload-files .again:not([hidden])")), chromedp.KeyEvent(kb.Enter), shows(`#upload-files [data-state=failed]`, "stor.vtt"))

	// Where recording is not possible the page says what to do.
	run(t, ctx, chromedp.Navigate(r.URL+"/record"), chromedp.Click(css("#record-start")), shows("#record-alert", "får ikke bruke mikrofonen"))
	picture(t, ctx, "record-denied")
	audit(t, ctx, "recording refused")
	elsewhere := strings.Replace(r.URL, "127.0.0.1", "kommune.example", 1)
	run(t, ctx, chromedp.Navigate(elsewhere+"/signin?next=/record"), focused("name"),
		chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter), shows("#record-alert", "https://"))

	list := ask[web.MeetingPage](r, "GET", "/api/v1/meetings", token, "", 200).Meetings
	titles := map[string]bool{}
	for _, m := range list {
		titles[m.Title] = m.Told != nil && m.Body == "Rådet for eldre" && m.Place == "Rådhuset" && len(m.Participants) == 2 && m.Participants[0].Party == "Sp" && m.Recording != nil
	}
	if len(list) != 3 || !titles["en"] || !titles["to"] {
		t.Errorf("%d meetings, %v", len(list), titles)
	}
}

// A link on another site opens the page that records, and no microphone.
func TestOnlyOurOwnPagesBeginARecording(t *testing.T) {
	r, token := uploader(t, nil)
	for from, want := range map[string]bool{"same-origin": true, "same-site": false, "cross-site": false, "none": false, "": false} {
		page := text(t, r.Do("GET", "/record?kind=diktat", token, nil, func(q *http.Request) { q.Header.Set("Sec-Fetch-Site", from) }))
		if !strings.Contains(page, `data-auto="`) || strings.Contains(page, `data-auto="true"`) != want {
			t.Errorf("from %q: begins %t", from, !want)
		}
	}
}
