package export

import (
	"strings"
	"testing"

	"github.com/referent/referent"
)

// A document says how all of it came to be: also what was taken from a version that something else wrote.
func TestProvenanceOfParts(t *testing.T) {
	builtin, model := referent.Taken{Writer: "builtin"}, referent.Taken{Writer: "llm", Model: "modell-1"}
	for name, c := range map[string]struct {
		p    referent.Provenance
		want string
	}{
		"rules":            {referent.Provenance{Writer: "builtin"}, "Laget av den innebygde regelbaserte skriveren. Ingen språkmodell er brukt."},
		"rules, twice":     {referent.Provenance{Writer: "builtin", Taken: []referent.Taken{builtin}}, "Laget av den innebygde regelbaserte skriveren. Ingen språkmodell er brukt."},
		"parts of a model": {referent.Provenance{Writer: "builtin", Taken: []referent.Taken{model, builtin, model}}, "Laget av den innebygde regelbaserte skriveren. Deler er laget med språkmodellen modell-1."},
		"parts of rules":   {referent.Provenance{Writer: "llm", Model: "modell-2", Taken: []referent.Taken{builtin, model}}, "Laget med språkmodellen modell-2. Deler er laget av den innebygde regelbaserte skriveren. Deler er laget med språkmodellen modell-1."},
	} {
		if got := bokmal.provenanceText(c.p); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	p := referent.Provenance{Writer: "builtin", Taken: []referent.Taken{model, model}}
	if got := nynorsk.provenanceText(p); got != "Laga av den innebygde regelbaserte skrivaren. Delar er laga med språkmodellen modell-1." {
		t.Errorf("nynorsk: %q", got)
	}
	d := &document{provenance: p, label: referent.DraftLabel}
	var told []string
	for _, x := range d.properties() {
		told = append(told, x[0]+"="+x[1])
	}
	if s := strings.Join(told, " "); !strings.Contains(s, "ai-writer=builtin ai-part-writers=llm ai-part-models=modell-1") {
		t.Errorf("properties: %s", s)
	}
}
