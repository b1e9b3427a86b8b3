package web_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/templates"
	"github.com/referent/referent/web"
)

// A kind may be an organisation's own template: there must be one of that id, and in the minutes' form.
func TestKindsOfTemplates(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.yaml": string(templates.Example),
		"b.yaml": "id: avvik\nbase: hjemmetjenestenotat\nname: {nb: Avvik}\nsections: [{source: text, heading: {nb: Hendelse}}]\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, err := templates.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, token := uploader(t, func(c *web.Config) { c.Templates = all })
	const m = "/api/v1/meetings"
	for _, body := range []string{`{"kind":"vits"}`, `{"kind":"En vits"}`} {
		if p := ask[web.Problem](r, "POST", m, token, body, 422); p.Code != referent.CodeInvalid {
			t.Errorf("%s: %+v", body, p)
		}
	}
	made := ask[referent.Meeting](r, "POST", m, token, `{"title":"x","language":"nn"}`, 201)
	if got := ask[referent.Meeting](r, "PATCH", m+"/"+made.ID, token, `{"kind":"prosjektmote"}`, 200); got.Kind != "prosjektmote" {
		t.Errorf("%+v", got)
	}
	for _, body := range []string{`{"kind":"avvik"}`, `{"kind":"vits"}`} {
		if p := ask[web.Problem](r, "PATCH", m+"/"+made.ID, token, body, 422); p.Code != referent.CodeInvalid {
			t.Errorf("%s: %+v", body, p)
		}
	}
	if got := ask[referent.Meeting](r, "GET", m+"/"+made.ID, token, "", 200); got.Kind != "prosjektmote" {
		t.Errorf("a refused change is kept: %+v", got)
	}
	if got := ask[referent.Meeting](r, "PATCH", m+"/"+made.ID, token, `{"kind":"avvik","language":"nb"}`, 200); got.Kind != "avvik" {
		t.Errorf("%+v", got)
	}
	if body := text(t, r.Do("GET", "/api/openapi.json", token, nil, nil)); !strings.Contains(body, "own templates") {
		t.Error("the API does not tell of templates")
	}
}
