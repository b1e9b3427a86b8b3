package templates_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/templates"
)

// The built-in kinds are files of the same format as anybody's, in both forms.
func TestBuiltin(t *testing.T) {
	var c *templates.Catalogue
	all := c.All()
	if len(all) != len(referent.Kinds) {
		t.Fatalf("%d templates for %d kinds", len(all), len(referent.Kinds))
	}
	for i, k := range referent.Kinds {
		x := all[i]
		if x != templates.Builtin(k) || x != c.Find(k) {
			t.Errorf("%s is not found", k)
		}
		if x.ID != string(k) || x.Base != k || !x.Has(referent.Bokmal) || !x.Has(referent.Nynorsk) || x.Has("en") || len(x.SHA256) != 64 {
			t.Errorf("%s: %+v", k, x)
		}
		// A kind shows all that its writers can give, so that nothing lands after the last section.
		var has []referent.SectionSource
		for _, s := range x.Sections {
			has = append(has, s.Source)
		}
		want := []referent.SectionSource{referent.SectionReview, referent.SectionMissed}
		if !k.Interactive() {
			want = append(want, referent.SectionActions, referent.SectionVotes, referent.SectionNext, referent.SectionMissing, referent.SectionAttendance)
		}
		for _, w := range want {
			if !slices.Contains(has, w) {
				t.Errorf("%s has no section %s", k, w)
			}
		}
	}
	if got := templates.Builtin("hms"); got.ID != string(referent.KindReferat) {
		t.Errorf("an unknown kind has %s", got.ID)
	}
}

func TestExampleIsATemplate(t *testing.T) {
	x, err := templates.Parse("example.yaml", templates.Example)
	if err != nil {
		t.Fatal(err)
	}
	written := x.Written()
	if len(written) != 2 || written[0].Heading.In(referent.Nynorsk) != "Bakgrunn" || written[1].Instruction.In(referent.Bokmal) == "" || !written[0].Prose {
		t.Errorf("%+v", written)
	}
	if !x.Layout.Numbered || !x.Layout.Evidence || x.Layout.Votes != referent.AsList || x.Base != referent.KindReferat || !strings.Contains(x.Instructions.NN, "vart nemnde") {
		t.Errorf("%+v", x)
	}
	for _, s := range referent.FieldSources {
		if !bytes.Contains(templates.Example, []byte(s)) {
			t.Errorf("the example does not tell of field source %s", s)
		}
	}
	for _, s := range referent.SectionSources {
		if !bytes.Contains(templates.Example, []byte(s)) {
			t.Errorf("the example does not tell of section source %s", s)
		}
	}
}

// What is left out has the defaults that the documentation names.
func TestDefaults(t *testing.T) {
	x, err := templates.Parse("a.yaml", []byte("id: ab\nbase: referat\nname: {nn: Referat}\nsections: [{source: items}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if want := (referent.TemplateLayout{Actions: "table", Votes: "table", Evidence: true, Logo: true}); x.Layout != want {
		t.Errorf("%+v", x.Layout)
	}
	if x.Has(referent.Bokmal) || !x.Has(referent.Nynorsk) {
		t.Error("the forms are not those of the name")
	}
}

// minimal is a right template with lines to be changed: each fault below is told with its line.
const minimal = `id: hms
base: referat
name: {nb: HMS-møte, nn: HMS-møte}
fields:
  - {source: date, label: {nb: Dato, nn: Dato}}
  - {source: text, label: {nb: Hjemmel, nn: Heimel}, text: {nb: "§ 1", nn: "§ 1"}}
sections:
  - {source: text, heading: {nb: Avvik, nn: Avvik}}
  - {source: items}
  - {source: signatures, heading: {nb: Underskrift, nn: Underskrift}, signers: [{nb: Leder, nn: Leiar}]}
layout: {actions: list}
`

func TestFaults(t *testing.T) {
	if _, err := templates.Parse("hms.yaml", []byte(minimal)); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("æ", 121)
	for _, c := range []struct {
		about, from, to string
		line            int
		says            string
	}{
		{"id", "id: hms", "id: HMS møte", 1, "small letters"},
		{"id of a built-in kind", "id: hms", "id: diktat", 0, "built-in kind"},
		{"no id", "id: hms\n", "", 1, "small letters"},
		{"base", "base: referat", "base: årsmelding", 2, "one of [referat"},
		{"no name", "name: {nb: HMS-møte, nn: HMS-møte}", "name: {}", 3, "nb, nn or both"},
		{"a form is missing", "nn: Avvik}", "}", 8, "every text must"},
		{"a form too many", "name: {nb: HMS-møte, nn: HMS-møte}", "name: {nb: HMS-møte}", 5, "lacks the form nn"},
		{"blank", "nn: Dato}", "nn: ' '}", 5, "is missing"},
		{"unknown key", "base: referat", "base: referat\nheader: x", 3, `unknown field "header"`},
		{"unknown key deep down", "source: items}", "source: items, headings: x}", 9, `unknown field "headings"`},
		{"twice", "base: referat", "base: referat\nid: hms", 3, "already defined"},
		{"wrong type", "source: items}", "source: items, always: kanskje}", 9, "cannot unmarshal"},
		{"not a list", "layout: {actions: list}", "layout: {actions: list}\nsections2: [", 12, "sequence end"},
		{"field source", "source: date", "source: dato", 5, "fields[0].source: must be one of"},
		{"field twice", "  - {source: text, label: {nb: Hjemmel, nn: Heimel}, text: {nb: \"§ 1\", nn: \"§ 1\"}}", "  - {source: date, label: {nb: Dag, nn: Dag}}", 6, "already"},
		{"field without text", `, text: {nb: "§ 1", nn: "§ 1"}`, "", 6, "fields[1].text.nb: is missing"},
		{"text of another field", "source: date,", "source: date, text: {nb: x, nn: x},", 5, "only for source text"},
		{"section source", "source: items", "source: themes", 9, "must be one of"},
		{"no heading", "source: text, heading: {nb: Avvik, nn: Avvik}", "source: text", 8, "is missing"},
		{"heading twice", "nn: Underskrift}", "nn: avvik}", 10, "earlier section"},
		{"source twice", "source: items}", "source: decisions, heading: {nb: a, nn: a}}\n  - {source: decisions, heading: {nb: b, nn: b}}", 10, "section already"},
		{"cases of a referat", "source: items", "source: cases", 9, "choose items"},
		{"items of a protocol", "base: referat", "base: moteprotokoll", 9, "choose cases"},
		{"a protocol without cases", "base: referat", "base: moteprotokoll", 8, "must have cases"},
		{"instruction elsewhere", "source: items", "source: items, instruction: {nb: a, nn: a}", 9, "only for source text"},
		{"instruction in one form", "nn: Avvik}}", "nn: Avvik}, instruction: {nb: a}}", 8, "instruction.nn: is missing"},
		{"prose elsewhere", "signers:", "prose: true, signers:", 10, "only for source text and items"},
		{"signers elsewhere", "source: items", "source: items, signers: [{nb: a, nn: a}]", 9, "only for source signatures"},
		{"no signers", ", signers: [{nb: Leder, nn: Leiar}]", "", 10, "1 to 6"},
		{"layout", "actions: list", "actions: grid", 11, "table or list"},
		{"too long", "nb: Avvik", "nb: " + long, 8, "longer than 120"},
		{"a mark", "nb: Avvik", "nb: 'Avvik <b>'", 8, "must not hold"},
		{"the prompt's own place", "nb: Avvik", "nb: 'Avvik {mark}'", 8, "must not hold"},
		{"unseen", "nb: Avvik", `nb: "Avvik\u202e"`, 8, "not seen"},
		{"two lines", "nb: Avvik", `nb: "Av\nvik"`, 8, "not seen"},
		{"anchor", "nb: Avvik", "nb: &a Avvik", 8, "anchors"},
		{"alias", "nb: Avvik, nn: Avvik", "nb: &a Avvik, nn: *a", 8, "anchors"},
		{"tag", "nb: Avvik", "nb: !!str Avvik", 8, "tags"},
		{"second document", "layout: {actions: list}\n", "---\nid: x\n", 12, "second document"},
		{"no sections", minimal[strings.Index(minimal, "sections:"):], "", 1, "sections: must be 1 to 40"},
		{"too long together", "  - {source: items}\n", manyInstructions(), 8, "more than 4000 characters in the form nn"},
		{"too many sections", "  - {source: items}\n", manySections(), 8, "1 to 40"},
	} {
		text := strings.Replace(minimal, c.from, c.to, 1)
		if text == minimal {
			t.Errorf("%s: nothing was changed", c.about)
			continue
		}
		_, err := templates.Parse("hms.yaml", []byte(text))
		if err == nil {
			t.Errorf("%s: is let through", c.about)
			continue
		}
		where := "hms.yaml:"
		if c.line > 0 {
			where = fmt.Sprintf("hms.yaml:%d: ", c.line)
		}
		if !strings.Contains(err.Error(), where) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %s… %s", c.about, err, where, c.says)
		}
	}
	for about, data := range map[string][]byte{"empty": nil, "a remark": []byte("# nothing\n"), "not UTF-8": {'i', 'd', ':', ' ', 0xff}, "a list": []byte("- a\n"),
		"a word": []byte("referat"), "too large": bytes.Repeat([]byte("# \n"), 30_000)} {
		if _, err := templates.Parse("x.yaml", data); err == nil || !strings.HasPrefix(err.Error(), "x.yaml:") {
			t.Errorf("%s: %v", about, err)
		}
	}
}

// manyInstructions is nine sections whose instructions are right each and too long together.
func manyInstructions() string {
	var b strings.Builder
	for i := range 9 {
		fmt.Fprintf(&b, "  - {source: text, heading: {nb: i%d, nn: i%d}, instruction: {nb: kort, nn: %s}}\n", i, i, strings.Repeat("a", 490))
	}
	return b.String()
}

func manySections() string {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "  - {source: text, heading: {nb: h%d, nn: h%d}}\n", i, i)
	}
	return b.String()
}

// All that is wrong is told at once, and a note has neither votes nor cases.
func TestAllFaultsAtOnce(t *testing.T) {
	text := strings.NewReplacer("id: hms", "id: H", "base: referat", "base: hjemmetjenestenotat", "source: items", "source: votes, heading: {nb: a, nn: a}",
		"actions: list", "actions: x").Replace(minimal)
	_, err := templates.Parse("hms.yaml", []byte(text))
	if err == nil {
		t.Fatal("is let through")
	}
	for _, want := range []string{"hms.yaml:1: id", "hms.yaml:9: sections[1].source: votes is never given with base hjemmetjenestenotat", "hms.yaml:11: layout.actions"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("hms.yaml", minimal)
	put("a.yml", strings.Replace(minimal, "id: hms", "id: aa", 1))
	put("nn.yaml", "id: nynorsk\nbase: diktat\nname: {nn: Diktat}\nsections: [{source: items, prose: true}]\n")
	put("README.md", "not a template")
	put(".hidden.yaml", "nor this")
	if err := os.Mkdir(filepath.Join(dir, "old"), 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := templates.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, x := range c.All()[len(referent.Kinds):] {
		ids = append(ids, x.ID)
	}
	if !slices.Equal(ids, []string{"aa", "hms", "nynorsk"}) {
		t.Errorf("%v", ids)
	}
	if x, err := c.Choose("hms", referent.Nynorsk); err != nil || x.ID != "hms" {
		t.Errorf("%v, %v", x, err)
	}
	for kind, form := range map[referent.Kind]referent.Language{"nynorsk": referent.Bokmal, "finnes-ikke": referent.Bokmal, "referat": "en"} {
		if _, err := c.Choose(kind, form); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%s in %s: %v", kind, form, err)
		}
	}

	put("b.yaml", strings.Replace(minimal, "id: hms", "id: aa", 1))
	put("c.yaml", "id: x\n")
	_, err = templates.Load(dir)
	if referent.CodeOf(err) != referent.CodeConfig || !strings.Contains(err.Error(), "b.yaml") || !strings.Contains(err.Error(), "a.yml") || !strings.Contains(err.Error(), "c.yaml:1: base") {
		t.Errorf("%v", err)
	}
	if _, err := templates.Load(filepath.Join(dir, "none")); referent.CodeOf(err) != referent.CodeConfig {
		t.Errorf("%v", err)
	}
	if c, err := templates.Load(""); err != nil || len(c.All()) != len(referent.Kinds) {
		t.Errorf("%v", err)
	}
	if _, err := templates.ReadFile(filepath.Join(dir, "c.yaml")); referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" {
		t.Errorf("%v", err)
	}
}

// Whatever a file holds, reading it ends, and what is read keeps the promises of a template.
func FuzzParse(f *testing.F) {
	f.Add([]byte(minimal))
	f.Add(templates.Example)
	f.Add([]byte("a: &a [*a, *a]\n"))
	f.Add([]byte("id: x\n---\n? [a]\n: b"))
	f.Add([]byte("d\n---"))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := templates.Parse("x.yaml", data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "x.yaml:") {
				t.Errorf("the error does not say where: %v", err)
			}
			return
		}
		if !slices.Contains(referent.Kinds, x.Base) || x.Name.Empty() || len(x.Sections) == 0 || len(x.Sections) > 40 {
			t.Errorf("%+v", x)
		}
		for _, s := range x.Written() {
			for _, l := range []referent.Language{referent.Bokmal, referent.Nynorsk} {
				if x.Has(l) != (s.Heading.In(l) != "") {
					t.Errorf("a heading lacks a form: %+v", s)
				}
			}
		}
	})
}
