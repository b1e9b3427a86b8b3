package web_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/openid"
	"github.com/referent/referent/openid/oidctest"
	"github.com/referent/referent/store"
	"github.com/referent/referent/summarize"
	"github.com/referent/referent/templates"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

const systemKey = "hemmelig-nøkkel"

// languageModel is an endpoint that has one model and wants the key.
func languageModel(t *testing.T) *httptest.Server {
	at := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+systemKey {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.Method != http.MethodGet || r.URL.Path != "/v1/models" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Write([]byte(`{"data":[{"id":"norsk-stor","owned_by":"noen","max_model_len":16384}]}`))
	}))
	t.Cleanup(at.Close)
	return at
}

// installed is what an installation with an endpoint and a folder of templates tells of itself.
func installed(t *testing.T, at *httptest.Server, model string) web.Installation {
	dir := t.TempDir()
	webtest.Check(t, os.WriteFile(filepath.Join(dir, "prosjekt.yaml"), templates.Example, 0o600))
	e := &referent.Endpoint{BaseURL: at.URL + "/v1?secret=ja", Model: model, Allowed: []string{"llm.kommune.no"}}
	return web.Installation{Endpoint: e, TemplatesDir: dir,
		Space:   func() (web.Space, error) { return web.Space{Free: 5e9, Total: 2e12}, nil },
		Weights: func() []web.Weights { return []web.Weights{{Name: "base", Size: 148e6, State: "verified"}} },
		TryEndpoint: func(ctx context.Context) (web.Answered, error) {
			asked := *e
			asked.BaseURL = at.URL + "/v1"
			info, err := summarize.Probe(ctx, &asked, systemKey)
			return web.Answered{Server: info.Server, Version: info.Version, ContextSize: info.ContextSize, HasModel: info.HasModel}, err
		}}
}

// addDead adds a meeting that has stopped, with the job that was given up.
func addDead(r *webtest.Rig, owner, department string) string {
	r.T.Helper()
	ctx := r.T.Context()
	m := &referent.Meeting{Owner: owner, Department: department, Title: "Hemmelig tittel"}
	webtest.Check(r.T, r.Pipeline.Create(ctx, m))
	webtest.Check(r.T, r.Store.Tx(ctx, func(tx store.Tx) error {
		j := &referent.Job{ID: "dead-" + m.ID, Meeting: m.ID, Stage: referent.StageMinutes, Priority: referent.PriorityBulk, Attempt: 3, Code: referent.CodeLLMUnreachable}
		if err := tx.AddJob(ctx, j); err != nil {
			return err
		}
		j.State = referent.JobDead
		m.State, m.Failure = referent.StateFailed, &referent.Failure{Code: j.Code, Stage: j.Stage, At: time.Now()}
		return errors.Join(tx.UpdateJob(ctx, j, 0), tx.UpdateMeeting(ctx, m))
	}))
	return m.ID
}

func TestOperations(t *testing.T) {
	r := webtest.Start(t, func(c *web.Config) { c.Installation = installed(t, languageModel(t), "norsk-stor") })
	id, token := people(r, "sjef", "kari")
	ctx := t.Context()
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		return errors.Join(tx.PutDepartment(ctx, &store.Department{ID: "a", Name: "Skole"}), tx.PutDepartment(ctx, &store.Department{ID: "h", Name: "Helse", Health: true}))
	}))
	seen, hidden := addDead(r, id["kari"], "a"), addDead(r, id["kari"], "h")
	waits := &referent.Job{ID: "waits", Meeting: seen, Stage: referent.StageTranscribe, Priority: referent.PriorityInteractive, NotBefore: time.Now().Add(time.Hour)}
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error { return tx.AddJob(ctx, waits) }))
	o := ask[web.Operations](r, "GET", "/api/v1/operations", token["sjef"], "", 200)
	if !slices.Equal(o.Idle, []referent.Stage{referent.StageTranscribe}) {
		t.Errorf("nobody takes %v", o.Idle)
	}
	if len(o.Queue) != 1 || o.Queue[0].Waiting != 1 || o.Queue[0].Priority != referent.PriorityInteractive || !o.Queue[0].Oldest.Equal(waits.Created.Truncate(time.Microsecond)) ||
		o.Version != "test" || o.Disk.Free != 5e9 || o.Disk.Database == 0 || len(o.Weights) != 1 {
		t.Errorf("operations: %+v", o)
	}
	ask[web.Problem](r, "GET", "/api/v1/operations", token["kari"], "", 403)

	page := text(t, r.Do("GET", "/admin/operations", token["sjef"], nil, nil))
	for _, want := range []string{"ingen arbeider kan gjøre det nå: Skriver ut talen", "Ja, noen venter", locale.ErrorCode("nb", referent.CodeLLMUnreachable),
		`action="/meetings/` + seen + `/retry"`, "Et møte du ikke har tilgang til", "5,0 GB av 2,0 TB", "Det er lite plass igjen", "148 MB", "På plass, kontrollert"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, hidden) || strings.Contains(page, "Hemmelig tittel") || strings.Count(page, `/retry"`) != 1 {
		t.Errorf("the page tells too much: %s", page)
	}
	// How much room is taken up is counted once a minute.
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		return errors.Join(tx.AddPart(ctx, store.Part{Meeting: seen, Size: 4e9, Blob: "b"}), tx.AddJob(ctx, &referent.Job{ID: "own", Meeting: hidden, Stage: referent.StageAssemble, Priority: referent.PriorityBulk, NotBefore: waits.NotBefore}))
	}))
	if again := ask[web.Operations](r, "GET", "/api/v1/operations", token["sjef"], "", 200); again.Disk.Recordings != o.Disk.Recordings || len(again.Queue) != 2 {
		t.Errorf("operations within the minute: %+v", again)
	}
	// A worker that cannot do what waits is none; what the server does itself needs none.
	r.StartLackingWorker()
	r.Eventually("the worker is shown", func() bool {
		page = text(t, r.Do("GET", "/admin/operations", token["sjef"], nil, nil))
		return strings.Contains(page, "local/lacking") && strings.Contains(page, "Ledig") && strings.Contains(page, "ingen arbeider kan gjøre det nå: Skriver ut talen.")
	})
	for _, want := range []string{"Prosessor: cpu, tråder: 1", "Talemodell i minnet: base", "Talemodeller på disken: base, nb-large"} {
		if !strings.Contains(page, want) {
			t.Errorf("of the worker the page lacks %q", want)
		}
	}
	sound := random(5000)
	path, _ := begin(r, token["kari"], len(sound), "")
	patch(r, path, token["kari"], 0, bytes.NewReader(sound)).Body.Close()
	r.Eventually("what its machine lacks is told", func() bool {
		page = text(t, r.Do("GET", "/admin/operations", token["sjef"], nil, nil))
		return strings.Contains(page, `<p class="fault">Klargjør lyden: `) && strings.Contains(page, locale.ErrorCode("nb", referent.CodeFFmpegMissing))
	})
	r.Eventually("the stage with the fault is one that nobody can do", func() bool {
		page = text(t, r.Do("GET", "/admin/operations", token["sjef"], nil, nil))
		return strings.Contains(page, "ingen arbeider kan gjøre det nå: Klargjør lyden, Skriver ut talen.")
	})
}

// What cannot be found out is told as such, beside the rest.
func TestOperationsWithoutDiskAndWeights(t *testing.T) {
	r := webtest.Start(t, func(c *web.Config) {
		c.Installation = web.Installation{Space: func() (web.Space, error) { return web.Space{}, errors.New("gone") },
			Weights: func() []web.Weights {
				return []web.Weights{{Name: "base", State: "unknown", Code: referent.CodeConfig}, {Name: "stor", Size: 3e9, State: "verified"}}
			}}
	})
	_, token := people(r, "sjef")
	o := ask[web.Operations](r, "GET", "/api/v1/operations", token["sjef"], "", 200)
	if o.Disk.Code != referent.CodeUnavailable || o.Disk.Database == 0 || len(o.Weights) != 2 || o.Weights[0].Code != referent.CodeConfig {
		t.Errorf("operations: %+v", o)
	}
	page := text(t, r.Do("GET", "/admin/operations", token["sjef"], nil, nil))
	for _, want := range []string{"Ukjent: " + locale.ErrorCode("nb", referent.CodeUnavailable), "Ukjent: " + locale.ErrorCode("nb", referent.CodeConfig), "På plass, kontrollert", "Ingenting venter"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// What is configured is shown, without what is secret, and asked whether it answers.
func TestEndpoints(t *testing.T) {
	at := languageModel(t)
	in := installed(t, at, "norsk-stor")
	var provider *oidctest.Provider
	r := webtest.Start(t, func(c *web.Config) {
		provider = oidctest.Start(t, c.PublicURL+"/signin/oidc/callback", c.PublicURL+"/signin", false)
		c.Installation = in
		c.OpenID = &web.OpenID{Config: openid.Config{Issuer: provider.URL, ClientID: oidctest.Client, Secret: oidctest.Secret, Allowed: []string{"nøkler.no"}}}
	})
	_, token := people(r, "sjef", "kari")
	all := ask[[]web.Endpoint](r, "GET", "/api/v1/endpoints", token["sjef"], "", 200)
	host := strings.TrimPrefix(at.URL, "http://")
	if len(all) != 2 || all[0].Host != host || !all[0].Local || all[0].Masked || all[0].Model != "norsk-stor" || all[1].ID != "oidc" || all[1].Allowed[0] != "nøkler.no" {
		t.Errorf("endpoints: %+v", all)
	}
	try := func(endpoint string) web.Tried {
		return ask[web.Tried](r, "POST", "/api/v1/endpoints/"+endpoint+"/try", token["sjef"], "", 200)
	}
	if got := try("llm"); !got.OK || got.Code != "" || got.ContextSize != 16384 || !strings.Contains(got.Detail, "norsk-stor") {
		t.Errorf("tried: %+v", got)
	}
	if got := try("oidc"); !got.OK {
		t.Errorf("tried the provider: %+v", got)
	}
	ask[web.Problem](r, "POST", "/api/v1/endpoints/llm/try", token["kari"], "", 403)
	ask[web.Problem](r, "POST", "/api/v1/endpoints/annen/try", token["sjef"], "", 422)

	press := func(which string) string {
		return text(t, form(r, "/admin/endpoints", url.Values{"try": {which}}, func(q *http.Request) { q.Header.Set("Authorization", "Bearer "+token["sjef"]) }))
	}
	if page := press("llm"); !strings.Contains(page, "Svarer, og har modellen norsk-stor.") || !strings.Contains(page, host) || strings.Contains(page, "secret=") ||
		strings.Contains(page, systemKey) || strings.Contains(page, oidctest.Secret) || !strings.Contains(page, "llm.kommune.no") {
		t.Errorf("the page: %s", page)
	}
	in.Endpoint.Model = "en annen"
	if got := try("llm"); got.OK || got.Code != referent.CodeLLMAnswer || !strings.Contains(got.Detail, "en annen") {
		t.Errorf("tried without the model: %+v", got)
	}
	at.Close()
	if got := try("llm"); got.OK || got.Code != referent.CodeLLMUnreachable || got.Detail != locale.ErrorCode("nb", referent.CodeLLMUnreachable) {
		t.Errorf("tried what does not answer: %+v", got)
	}

	// Nothing is configured, or what is does not answer.
	const objects = "https://s3.kommune.no"
	var down error
	gone := httptest.NewServer(http.NotFoundHandler())
	bare := webtest.Start(t, func(c *web.Config) {
		c.OpenID = &web.OpenID{Config: openid.Config{Issuer: gone.URL, ClientID: "x"}}
		c.Installation.Blobs, c.Installation.TryBlobs = objects, func(context.Context) error { return down }
	})
	_, token = people(bare, "sjef")
	if got := ask[web.Tried](bare, "POST", "/api/v1/endpoints/oidc/try", token["sjef"], "", 200); got.OK || got.Code != referent.CodeUnavailable || !strings.Contains(got.Detail, "innlogging") {
		t.Errorf("tried what is no provider: %+v", got)
	}
	gone.Close()
	if got := ask[web.Tried](bare, "POST", "/api/v1/endpoints/blobs/try", token["sjef"], "", 200); !got.OK || got.Code != "" {
		t.Errorf("tried the object store: %+v", got)
	}
	down = referent.E(referent.CodeUnavailable, "s3: check bucket", errors.New("the connection broke"))
	if got := ask[web.Tried](bare, "POST", "/api/v1/endpoints/blobs/try", token["sjef"], "", 200); got.OK || got.Code != referent.CodeUnavailable || !strings.Contains(got.Detail, "Opptak") {
		t.Errorf("tried an object store that is down: %+v", got)
	}
	if page := text(t, bare.Do("GET", "/admin/endpoints", token["sjef"], nil, nil)); !strings.Contains(page, "Objektlager") || !strings.Contains(page, "s3.kommune.no") || !strings.Contains(page, "blobs.endpoint") {
		t.Errorf("with an object store: %s", page)
	}
	ask[web.Problem](bare, "POST", "/api/v1/endpoints/llm/try", token["sjef"], "", 404)
	if page := text(t, bare.Do("GET", "/admin/endpoints", token["sjef"], nil, nil)); !strings.Contains(page, "ingenting forlater maskinene") {
		t.Errorf("without an endpoint: %s", page)
	}
}

func TestTemplatesPage(t *testing.T) {
	in := installed(t, languageModel(t), "")
	loaded := must(templates.Load(in.TemplatesDir))(t)
	r := webtest.Start(t, func(c *web.Config) { c.Installation, c.Templates = in, loaded })
	_, token := people(r, "sjef", "kari")
	put := func(name, text string) {
		webtest.Check(t, os.WriteFile(filepath.Join(in.TemplatesDir, name), []byte(text), 0o600))
	}
	put("avvik.yaml", "id: avvik\nbase: hjemmetjenestenotat\nname: {nb: Avvik}\nsections: [{source: text, heading: {nb: Hendelse}}]\n")
	put("feil.yaml", "id: feil\nbase: <b>\n")
	f := ask[web.Templates](r, "GET", "/api/v1/templates", token["sjef"], "", 200)
	if n := len(referent.Kinds); len(f.Templates) != n+1 || f.Templates[0].Own || !f.Templates[n].Own || len(f.Templates[n].Sections) == 0 || len(f.Templates[n].Languages) == 0 {
		t.Errorf("templates: %+v", f.Templates)
	}
	if len(f.Files) != 3 || f.Files[0].Name != "avvik.yaml" || f.Files[0].InUse || f.Files[0].Fault != "" || !strings.Contains(f.Files[1].Fault, "feil.yaml:2:") || !f.Files[2].InUse {
		t.Errorf("files: %+v", f.Files)
	}
	ask[web.Problem](r, "GET", "/api/v1/templates", token["kari"], "", 403)
	page := text(t, r.Do("GET", "/admin/templates", token["sjef"], nil, nil))
	for _, want := range []string{"Referat fra prosjektmøte", "feil.yaml:2:", "I bruk", "i bruk fra neste start", in.TemplatesDir, "Gjennomgang"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	webtest.Check(t, os.RemoveAll(in.TemplatesDir))
	if page := text(t, r.Do("GET", "/admin/templates", token["sjef"], nil, nil)); !strings.Contains(page, "Mappen kan ikke leses") {
		t.Errorf("without its folder: %s", page)
	}
}
