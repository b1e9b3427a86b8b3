package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

var update = flag.Bool("update", false, "rewrite golden files")

// ask sends JSON and decodes the answer, which must have the status.
func ask[T any](r *webtest.Rig, method, path, token, body string, want int) (v T) {
	r.T.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	resp := r.Do(method, path, token, content, func(q *http.Request) { q.Header.Set("Content-Type", "application/json") })
	data := text(r.T, resp)
	if resp.StatusCode != want {
		r.T.Fatalf("%s %s: %s, want %d: %s", method, path, resp.Status, want, data)
	}
	if data != "" {
		if err := json.Unmarshal([]byte(data), &v); err != nil {
			r.T.Fatalf("%s %s: %v in %s", method, path, err, data)
		}
	}
	return v
}

// witness notes in which language a meeting is asked for.
type witness struct {
	web.Pipeline
	asked chan referent.Language
}

func (w witness) Create(ctx context.Context, m *referent.Meeting) error {
	w.asked <- m.Language
	return w.Pipeline.Create(ctx, m)
}

func TestLanguageOfTheMinutesIsLeftToThePipeline(t *testing.T) {
	asked := make(chan referent.Language, 1)
	r, token := uploader(t, func(c *web.Config) { c.Pipeline = witness{c.Pipeline, asked} })
	for body, want := range map[string]referent.Language{`{"title":"x"}`: "", `{"title":"x","language":"nn"}`: referent.Nynorsk} {
		ask[referent.Meeting](r, "POST", "/api/v1/meetings", token, body, 201)
		if got := <-asked; got != want {
			t.Errorf("%s asks for %q", body, got)
		}
	}
	begin(r, token, 10, "")
	if got := <-asked; got != "" {
		t.Errorf("an upload asks for %q", got)
	}
}

func TestMeetings(t *testing.T) {
	r, token := uploader(t, nil)
	const m = "/api/v1/meetings"
	made := ask[referent.Meeting](r, "POST", m, token, `{"title":"Formannskapet","kind":"moteprotokoll","language":"nn","start":"2026-03-21T10:00:00Z",
		"place":"Rådhuset","body":"Formannskapet","participants":[{"name":"Kari Nordmann","role":"ordfører"}],"agenda":[{"number":"PS 1/26","title":"Budsjett"}],
		"options":{"mode":"grundig","spoken":"nn","speakers":"2-8","writer":"builtin"}}`, 201)
	if made.ID == "" || made.State != referent.StateUploading || made.Language != referent.Nynorsk || made.Options.Speakers != "2-8" {
		t.Errorf("made: %+v", made)
	}
	got := ask[referent.Meeting](r, "GET", m+"/"+made.ID, token, "", 200)
	if got.Place != "Rådhuset" || len(got.Participants) != 1 || got.Agenda[0].Number != "PS 1/26" {
		t.Errorf("got: %+v", got)
	}
	changed := ask[referent.Meeting](r, "PATCH", m+"/"+made.ID, token, `{"title":"Nytt navn","agenda":[]}`, 200)
	if changed.Title != "Nytt navn" || len(changed.Agenda) != 0 || changed.Place != "Rådhuset" || changed.State != referent.StateUploading {
		t.Errorf("changed: %+v", changed)
	}
	if jobs := ask[[]referent.Job](r, "GET", m+"/"+made.ID+"/jobs", token, "", 200); jobs == nil || len(jobs) != 0 {
		t.Errorf("jobs: %v", jobs)
	}
	if got := ask[referent.Meeting](r, "POST", m+"/"+made.ID+"/cancel", token, "", 200); got.State != referent.StateCancelled {
		t.Errorf("cancelled: %+v", got)
	}
	for _, act := range []string{"cancel", "retry", "remake"} { // nothing to stop, no recording, no minutes
		if p := ask[web.Problem](r, "POST", m+"/"+made.ID+"/"+act, token, "", 409); p.Code != referent.CodeConflict || p.Detail == "" {
			t.Errorf("%s: %+v", act, p)
		}
	}
	if p := ask[web.Problem](r, "POST", m+"/"+made.ID+"/retry?writer=skald", token, "", 422); len(p.Errors) == 0 {
		t.Errorf("unknown writer: %+v", p)
	}
	receipt := ask[store.Receipt](r, "DELETE", m+"/"+made.ID, token, "", 200)
	if receipt.Meeting != made.ID || !receipt.KeyGone {
		t.Errorf("receipt: %+v", receipt)
	}
	ask[web.Problem](r, "GET", m+"/"+made.ID, token, "", 404)
}

func TestListPagesAndFilters(t *testing.T) {
	r, token := uploader(t, nil)
	for range 5 {
		ask[referent.Meeting](r, "POST", "/api/v1/meetings", token, `{}`, 201)
	}
	seen := map[string]bool{}
	after := ""
	for range 3 {
		page := ask[web.MeetingPage](r, "GET", "/api/v1/meetings?limit=2&after="+after, token, "", 200)
		for _, m := range page.Meetings {
			seen[m.ID] = true
		}
		after = page.Next
	}
	if len(seen) != 5 || after != "" {
		t.Errorf("%d meetings over three pages, next %q", len(seen), after)
	}
	if page := ask[web.MeetingPage](r, "GET", "/api/v1/meetings?state=draft,failed", token, "", 200); page.Meetings == nil || len(page.Meetings) != 0 {
		t.Errorf("drafts: %v", page.Meetings)
	}
	if page := ask[web.MeetingPage](r, "GET", "/api/v1/meetings?state=uploading", token, "", 200); len(page.Meetings) != 5 {
		t.Errorf("uploading: %d", len(page.Meetings))
	}
	for _, bad := range []string{"limit=0", "limit=201", "limit=x", "state=nope"} {
		ask[web.Problem](r, "GET", "/api/v1/meetings?"+bad, token, "", 422)
	}
}

func TestBadMeetingsAreRefused(t *testing.T) {
	r, token := uploader(t, nil)
	for body, want := range map[string]int{
		`{"kind":"roman"}`: 422, `{"language":"sv"}`: 422, `{"title":7}`: 422, `{"unknown":1}`: 422, `{`: 400,
		`{"title":"` + strings.Repeat("a", 301) + `"}`: 422, `{"title":"` + strings.Repeat("a", 2<<20) + `"}`: 413,
		`{"options":{"writer":"llm"}}`: 501,
	} {
		p := ask[web.Problem](r, "POST", "/api/v1/meetings", token, body, want)
		if p.Code == "" || p.Detail == "" || p.Instance == "" {
			t.Errorf("%.40s: %+v", body, p)
		}
	}
}

// Everything about a meeting of somebody else answers as if it did not exist.
func TestOthersMeetingsDoNotExist(t *testing.T) {
	r, kari := uploader(t, nil)
	r.User("ola", false)
	r.User("sjef", true)
	ola := r.Token("ola", store.ScopeRead, store.ScopeWrite)
	sjef := r.Token("sjef", store.ScopeRead, store.ScopeWrite, store.ScopeAdmin)
	modest := r.Token("sjef", store.ScopeRead, store.ScopeWrite) // an administrator's token without the scope
	m := ask[referent.Meeting](r, "POST", "/api/v1/meetings", kari, `{"title":"Lukket"}`, 201)
	tried := 0
	for _, rt := range r.Server.Routes() {
		if !strings.Contains(rt.Path, "/meetings/{id}") {
			continue
		}
		path := strings.NewReplacer("{id}", m.ID, "{speaker}", "S1", "{segment}", "s1", "{index}", "0").Replace(rt.Path)
		body := ""
		switch rt.Method + " " + strings.TrimPrefix(rt.Path, "/api/v1/meetings/{id}") {
		case "PATCH ":
			body = `{"title":"Stjålet"}`
		case "POST /minutes/edits":
			body = `{"version":1,"edit":{"do":"delete","list":"decisions"}}`
		case "POST /minutes/approve", "POST /minutes/reopen":
			body = `{"version":1}`
		case "PUT /minutes":
			body = emptyMinutes
		case "PATCH /speakers/{speaker}":
			body = `{"name":"Stjålet"}`
		case "POST /speakers/{speaker}/merge":
			body = `{"into":"S2"}`
		case "POST /segments/{segment}/speaker":
			body = `{"to":"S2"}`
		case "POST /corrections/{index}/revert":
			body = `{"version":1}`
		}
		for _, token := range []string{ola, modest} {
			resp := r.Do(rt.Method, path, token, strings.NewReader(body), func(q *http.Request) { q.Header.Set("Content-Type", "application/json") })
			if got := text(t, resp); resp.StatusCode != 404 {
				t.Errorf("%s %s: %s %s", rt.Method, rt.Path, resp.Status, got)
			}
		}
		tried++
	}
	if tried < 20 {
		t.Errorf("only %d routes were tried", tried)
	}
	if got := ask[referent.Meeting](r, "GET", "/api/v1/meetings/"+m.ID, sjef, "", 200); got.Title != "Lukket" || got.State != referent.StateUploading {
		t.Errorf("the administrator sees %+v", got)
	}
	if page := ask[web.MeetingPage](r, "GET", "/api/v1/meetings", ola, "", 200); len(page.Meetings) != 0 {
		t.Errorf("ola's list: %v", page.Meetings)
	}
	if page := ask[web.MeetingPage](r, "GET", "/api/v1/meetings", sjef, "", 200); len(page.Meetings) != 1 {
		t.Errorf("the administrator's list: %v", page.Meetings)
	}
}

const emptyMinutes = `{"schema":"referent/minutes/1","label":"","kind":"referat","language":"nb","title":"","date":"","place":"","present":[],"absent":[],
	"items":[],"decisions":[],"actions":[],"votes":[],"next_meeting":null,"needs_review":[],"possibly_missed":[],"missing":[],
	"provenance":{"writer":"builtin","masked":false,"created":"2026-03-21T10:00:00Z"}}`

const transcriptVTT = "WEBVTT\n\n1\n00:00:01.000 --> 00:00:04.000\n<v Kari Nordmann>Vi vedtar å kjøpe ny snøfreser til skolen.</v>\n\n" +
	"2\n00:00:05.000 --> 00:00:09.000\n<v Ola Hansen>Jeg sender <b>bestillingen</b> innen 1. april 2026.</v>\n"

// uploadTranscript uploads the sample and waits for its minutes.
func uploadTranscript(r *webtest.Rig, token string, pairs ...string) (id string) {
	r.T.Helper()
	path, id := begin(r, token, len(transcriptVTT), meta(pairs...))
	resp := patch(r, path, token, 0, strings.NewReader(transcriptVTT))
	if body := text(r.T, resp); resp.StatusCode != 204 {
		r.T.Fatalf("%s %s", resp.Status, body)
	}
	r.Eventually("minutes", func() bool {
		m, err := r.Store.Meeting(r.T.Context(), id)
		if err == nil && m.State == referent.StateFailed {
			r.T.Fatalf("the meeting failed: %+v", m.Failure)
		}
		return err == nil && m.State == referent.StateDraft
	})
	return id
}

func TestResults(t *testing.T) {
	r, token := uploader(t, nil)
	r.StartWorker()
	id := uploadTranscript(r, token, "title", "Driftsmøte")
	at := "/api/v1/meetings/" + id
	for name, want := range map[string]string{
		"transcript.json": `"referent/transcript/1"`, "transcript.md": "snøfreser", "transcript.vtt": "WEBVTT", "transcript.srt": "00:00:01,000", "transcript.txt": "snøfreser",
		"transcript.html": "<strong>Kari Nordmann:</strong>", "transcript.docx": "PK", "transcript.pdf": "%PDF-1.7", "transcript.rttm": "SPEAKER recording 1 1.000 3.000 <NA> <NA> S1 <NA> <NA>",
		"minutes.json": referent.DraftLabel, "minutes.md": referent.DraftLabel, "minutes.html": referent.DraftLabel, "minutes.docx": "PK", "minutes.pdf": "%PDF-1.7", "minutes.txt": referent.DraftLabel + "\n\nDriftsmøte\n",
	} {
		resp := r.Do("GET", at+"/"+name, token, nil, nil)
		body := text(t, resp)
		if resp.StatusCode != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %s, lacks %q: %.200s", name, resp.Status, want, body)
		}
		how := "inline"
		if strings.HasSuffix(name, ".pdf") {
			how = "attachment" // no browser shows it in a sandbox
		}
		if got := resp.Header.Get("Content-Disposition"); got != how+`; filename="`+name+`"` {
			t.Errorf("%s: %s", name, got)
		}
		if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") {
			t.Errorf("%s: %s", name, csp)
		}
	}
	if hits := ask[[]web.Hit](r, "GET", "/api/v1/search?q=sn%C3%B8fre", token, "", 200); len(hits) != 1 || hits[0].Meeting != id || hits[0].Start != 1 {
		t.Errorf("search: %+v", hits)
	}
	if strings.Contains(r.Log.String(), "snøfre") || strings.Contains(r.Log.String(), "sn%C3") {
		t.Error("the words searched for are in the log")
	}
	ask[web.Problem](r, "GET", at+"/audio", token, "", 404) // a transcript has no sound
	ask[web.Problem](r, "GET", at+"/minutes.json?version=9", token, "", 404)

	ask[struct{}](r, "PUT", at+"/minutes", token, strings.Replace(emptyMinutes, `"title":""`, `"title":"Rettet av et menneske"`, 1), 204)
	if mi := ask[referent.Minutes](r, "GET", at+"/minutes.json", token, "", 200); mi.Title != "Rettet av et menneske" {
		t.Errorf("a person's version is not the one shown: %+v", mi)
	}
	if m := ask[referent.Meeting](r, "GET", at, token, "", 200); m.State != referent.StateReviewed {
		t.Errorf("state %s", m.State)
	}
	if mi := ask[referent.Minutes](r, "GET", at+"/minutes.json?version=1", token, "", 200); mi.Title == "Rettet av et menneske" {
		t.Error("the machine's version was overwritten")
	}
}

// What somebody says in a meeting is text on the page, never markup.
func TestPagesEscape(t *testing.T) {
	r, token := uploader(t, nil)
	r.StartWorker()
	const evil = `<script>alert(1)</script><img src=x onerror=alert(2)>`
	id := uploadTranscript(r, token, "title", evil)
	c := sessionCookie(t, signIn(r, "kari", webtest.Password, nil))
	for _, path := range []string{"/", "/meetings/" + id, "/meetings/" + id + "/delete"} {
		page := text(t, r.Do("GET", path, "", nil, func(q *http.Request) { q.AddCookie(c) }))
		if strings.Contains(page, "<script>") || strings.Contains(page, "<img") || !strings.Contains(page, "&lt;script&gt;") {
			t.Errorf("%s shows the title as markup", path)
		}
	}
}

func TestSanitize(t *testing.T) {
	for in, want := range map[string]string{
		`<html><head><title>x</title><style>p{}</style></head><body><h1 onclick="x()">A</h1><p style="x">b</p></body></html>`: `<h2>A</h2><p>b</p>`,
		`<p>a<script>alert(1)</script>b</p>`:                                   `<p>ab</p>`,
		`<a href="javascript:alert(1)">x</a><a href="#s1">y</a>`:               `<a>x</a><a href="#s1">y</a>`,
		`<form action="/delete"><button>z</button></form>`:                     `z`,
		`<svg><script>alert(1)</script></svg><math><mi>x</mi></math>`:          ``,
		`<p id="content" class="note" lang="nn">&lt;b&gt;</p>`:                 `<p class="note" lang="nn">&lt;b&gt;</p>`,
		`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`:        ``,
		`<table><tr><th scope="col">n</th><td colspan="2">1</td></tr></table>`: `<table><tbody><tr><th scope="col">n</th><td colspan="2">1</td></tr></tbody></table>`,
	} {
		got, err := web.Sanitize(strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(string(got)) != want && !(want == "" && !strings.Contains(string(got), "<")) {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}

func FuzzSanitize(f *testing.F) {
	for _, seed := range []string{"<p>x</p>", "<svg><style><img src=x onerror=alert(1)>", "<a href=' javascript:x'>", "<math><mtext><table><mglyph><style>", "\x00<scr\x00ipt>"} {
		f.Add(seed)
	}
	bad := regexp.MustCompile(`(?i)<\s*(script|style|iframe|object|embed|svg|math|img|form|input|link|meta)\b|<[^>]*\son\w+\s*=`)
	f.Fuzz(func(t *testing.T, in string) {
		got, err := web.Sanitize(strings.NewReader(in))
		if err != nil {
			return
		}
		// Attribute values are quoted and escaped, so that a tag or handler can only be real.
		if bare := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(string(got), `""`); bad.MatchString(bare) {
			t.Fatalf("%q became %q", in, got)
		}
	})
}

func TestAdministration(t *testing.T) {
	r, kari := uploader(t, nil)
	r.User("sjef", true)
	sjef := r.Token("sjef", store.ScopeRead, store.ScopeWrite, store.ScopeAdmin)
	made := ask[web.Account](r, "POST", "/api/v1/users", sjef, `{"name":"Per","password":"`+webtest.Password+`"}`, 201)
	if made.ID == "" || made.Admin {
		t.Errorf("made %+v", made)
	}
	ask[web.Problem](r, "POST", "/api/v1/users", sjef, `{"name":"per","password":"`+webtest.Password+`"}`, 409)
	ask[web.Problem](r, "POST", "/api/v1/users", sjef, `{"name":"x","password":"kort"}`, 422)
	sessionCookie(t, signIn(r, "per", webtest.Password, nil))
	if users := ask[[]web.Account](r, "GET", "/api/v1/users", sjef, "", 200); len(users) != 3 {
		t.Errorf("users: %+v", users)
	}
	for _, path := range []string{"/api/v1/workers", "/api/v1/dead-letters", "/api/v1/receipts"} {
		if got := ask[[]any](r, "GET", path, sjef, "", 200); got == nil {
			t.Errorf("%s is null", path)
		}
	}
	token := ask[web.NewToken](r, "POST", "/api/v1/tokens", kari, `{"name":"skript","scopes":["read"],"days":1}`, 201)
	if me := ask[web.Account](r, "GET", "/api/v1/me", token.Secret, "", 200); me.Name != "kari" {
		t.Errorf("the token is %+v's", me)
	}
	ask[web.Problem](r, "POST", "/api/v1/tokens", kari, `{"name":"x","scopes":["admin"]}`, 403)
	ask[web.Problem](r, "DELETE", "/api/v1/tokens/"+token.ID, sjef, "", 404)
	ask[struct{}](r, "DELETE", "/api/v1/tokens/"+token.ID, kari, "", 204)
	ask[web.Problem](r, "GET", "/api/v1/me", token.Secret, "", 401)

	resp := r.Do("GET", "/metrics", sjef, nil, nil)
	if body := text(t, resp); resp.StatusCode != 200 || !strings.Contains(body, "# TYPE") {
		t.Errorf("metrics: %s %.100s", resp.Status, body)
	}
}

func TestHealthReadinessAndOpenMetrics(t *testing.T) {
	r := webtest.Start(t, func(c *web.Config) { c.MetricsOpen = true })
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		resp := r.Do("GET", path, "", nil, nil)
		resp.Body.Close()
		if resp.StatusCode != 200 {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
	bad := webtest.Start(t, func(c *web.Config) { c.Ready = errReady })
	resp := bad.Do("GET", "/readyz", "", nil, nil)
	if body := text(t, resp); resp.StatusCode != 503 || strings.Contains(body, "secret") {
		t.Errorf("%s %s", resp.Status, body)
	}
	if !strings.Contains(bad.Log.String(), "secret detail") {
		t.Error("the log does not say why")
	}
}

func TestReadinessIsLookedAtOnceForMany(t *testing.T) {
	var looks, ahead atomic.Int64
	var failing atomic.Bool
	r := webtest.Start(t, func(c *web.Config) {
		c.Ready = func(ctx context.Context) error {
			looks.Add(1)
			if failing.Load() {
				return errReady(ctx)
			}
			return nil
		}
	})
	now := time.Now()
	r.Server.SetClock(func() time.Time { return now.Add(time.Duration(ahead.Load())) })
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			resp := r.Do("GET", "/readyz", "", nil, nil)
			resp.Body.Close()
			if resp.StatusCode != 200 {
				t.Error(resp.Status)
			}
		})
	}
	all.Wait()
	if n := looks.Load(); n != 1 {
		t.Errorf("%d looks", n)
	}
	failing.Store(true)
	ahead.Store(int64(2 * time.Second))
	for range 2 {
		resp := r.Do("GET", "/readyz", "", nil, nil)
		resp.Body.Close()
		if resp.StatusCode != 503 {
			t.Error(resp.Status)
		}
	}
	if n := looks.Load(); n != 2 {
		t.Errorf("%d looks", n)
	}
}

// The document is made from the code; this shows each change of it to whoever reviews.
func TestOpenAPIDocument(t *testing.T) {
	r, token := uploader(t, nil)
	got, err := r.Server.Document()
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "openapi.json")
	if *update {
		webtest.Check(t, os.MkdirAll("testdata", 0o755))
		webtest.Check(t, os.WriteFile(golden, got, 0o644))
	}
	want, err := os.ReadFile(golden)
	if errors.Is(err, os.ErrNotExist) {
		t.Fatal("no golden file; run go test ./web -run OpenAPI -update")
	}
	if string(got) != string(want) {
		t.Error("the API changed; look at it with: go test ./web -run OpenAPI -update && git diff")
	}
	if served := text(t, r.Do("GET", "/api/openapi.json", token, nil, nil)); served != string(got) {
		t.Error("what is served is not the document")
	}
	if served := text(t, r.Do("GET", "/api/openapi.yaml", token, nil, nil)); !strings.Contains(served, "openapi: 3.1.0") {
		t.Errorf("YAML: %.100s", served)
	}
	c := sessionCookie(t, signIn(r, "kari", webtest.Password, nil))
	page := text(t, r.Do("GET", "/api", "", nil, func(q *http.Request) { q.AddCookie(c) }))
	checkOpenAPI(t, got, page)
}
