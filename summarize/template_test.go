package summarize

import (
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/templates"
)

// A template's headings and instructions follow the fixed rules, in the minutes' form alone, and make another
// prompt hash; a built-in kind's prompt is untouched.
func TestTemplateInThePrompt(t *testing.T) {
	tpl, err := templates.Parse("example.yaml", templates.Example)
	if err != nil {
		t.Fatal(err)
	}
	hashes := map[string]bool{}
	for form, want := range map[referent.Language][2]string{
		referent.Bokmal:  {"- Risiko: Det noen sa kan gå galt.", "når de ble nevnt."},
		referent.Nynorsk: {"- Risiko: Det nokon sa kan gå gale.", "når dei vart nemnde."},
	} {
		m := &referent.Meeting{Kind: tpl.Base, Language: form}
		plain, err := newPrompt(m, "", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		m.Template = tpl
		with, err := newPrompt(m, "", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		added, ok := strings.CutPrefix(with.system, plain.system)
		if !ok || !strings.Contains(added, want[0]) || !strings.Contains(added, want[1]) || strings.Contains(added, "Gjennomgang") {
			t.Errorf("%s: the template adds %q", form, added)
		}
		other := map[referent.Language]string{referent.Bokmal: "nokon", referent.Nynorsk: "noen"}[form]
		if strings.Contains(added, other) {
			t.Errorf("%s holds words of the other form: %s", form, added)
		}
		hashes[plain.hash], hashes[with.hash] = true, true
	}
	if len(hashes) != 4 {
		t.Error("prompts that differ have one hash")
	}
	if s := templateText(&referent.Template{Name: referent.Forms{NB: "x"}, Sections: tpl.Sections}, referent.Nynorsk, nil); s != "" {
		t.Errorf("a template without the form adds %q", s)
	}
}
