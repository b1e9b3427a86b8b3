package models

import (
	"net/url"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
)

func TestCatalogueIsSound(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		c, err := parseCatalogue(catalogueYAML, lockJSON, arch)
		if err != nil {
			t.Fatal(err)
		}
		names, files := map[string]bool{}, map[string]bool{}
		for _, e := range c.Entries {
			if files[e.File] {
				t.Errorf("two entries are kept in %s", e.File)
			}
			names[e.Name], files[e.File] = true, true
			if e.Licence != "MIT" && e.Licence != "Apache-2.0" {
				t.Errorf("%s: licence %q", e.Name, e.Licence)
			}
			if !slices.Contains([]Role{RoleRecognition, RoleVoiceActivity, RoleSpeakers, RoleRuntime}, e.Role) {
				t.Errorf("%s: role %q", e.Name, e.Role)
			}
			// OpenVINO is optional, and has another library for each family of processors.
			if len(e.Sources) == 0 && !(arch == "arm64" && strings.HasPrefix(e.Name, "openvino")) {
				t.Errorf("%s: no source on %s", e.Name, arch)
			}
			for _, s := range e.Sources {
				checkSource(t, e, s)
			}
		}
		for _, want := range []string{"base", "tiny", "small", "medium", "large-v3", "large-v3-turbo",
			"nb-tiny", "nb-base", "nb-small", "nb-medium", "nb-large", "silero-vad", "speaker-segmentation", "speaker-embedding", "onnxruntime", "openvino"} {
			if !names[want] {
				t.Errorf("%s is not in the catalogue", want)
			}
		}
	}
}

func checkSource(t *testing.T, e Entry, s Source) {
	t.Helper()
	switch s.Kind {
	case KindHTTPS:
		u, err := url.Parse(s.URL)
		if err != nil || u.Scheme != "https" || u.Host == "" || path.Ext(u.Path) != path.Ext(e.File) {
			t.Errorf("%s: address %q", e.Name, s.URL)
		}
	case KindWheels:
		members, vocabularies := 0, 0
		for _, w := range s.Wheels {
			name, version, ok := strings.Cut(w.Package, "==")
			prefix := strings.ReplaceAll(name, "-", "_") + "-" + version + "-"
			if !ok || !sha256Form.MatchString(w.SHA256) || !strings.HasPrefix(w.Archive, prefix) || !strings.HasSuffix(w.Archive, ".whl") {
				t.Errorf("%s: package %q is not pinned", e.Name, w.Package)
			}
			members += len(w.Members)
			if w.Vocabulary != "" {
				vocabularies++
			}
		}
		_, network := networks[s.Convert]
		known := network && members == 1 || s.Convert == ConvertWhisper || s.Convert == ""
		if members == 0 || (s.Convert == ConvertWhisper) != (vocabularies == 1) || !known {
			t.Errorf("%s: %d members, %d vocabularies, convert %q", e.Name, members, vocabularies, s.Convert)
		}
		if len(e.Digests) == 0 {
			t.Errorf("%s: made from packages, and no digest is known", e.Name)
		}
	default:
		t.Errorf("%s: source of kind %q", e.Name, s.Kind)
	}
}

func TestBaseHasTwoFormsOfTheSameSize(t *testing.T) {
	e, err := Lookup(Default)
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Digests) != 2 || e.Size != 147951465 || e.Digests[1].Size != e.Size || e.Digests[0].Tensors == "" {
		t.Errorf("%+v", e.Digests)
	}
	if _, ok := e.accepts("60ed5bc3dd14eea856493d334349b405782ddcaf0028d4b5df4088345fba2efe"); !ok {
		t.Error("the published file is not accepted")
	}
}

func TestLookupFails(t *testing.T) {
	for name, code := range map[string]referent.Code{"large-v9": referent.CodeNotFound, "../base": referent.CodeInvalid, "": referent.CodeInvalid} {
		_, err := Lookup(name)
		if referent.CodeOf(err) != code || !strings.Contains(referent.HintOf(err), "nb-large") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestCatalogueCannotBeChangedFromOutside(t *testing.T) {
	Catalogue()[0].Digests[0].SHA256 = "x"
	Catalogue()[0].Sources[0].Kind = "x"
	if e := Catalogue()[0]; e.Digests[0].SHA256 == "x" || e.Sources[0].Kind == "x" {
		t.Error("it can")
	}
}

func TestUnsoundCatalogues(t *testing.T) {
	const entry = "entries: [{name: a, file: a.bin, sources: [{kind: file, path: x}]}]"
	for _, c := range [][2]string{
		{"entries: [{name: a, file: ../a, sources: [{kind: file, path: x}]}]", `{}`},
		{"entries: [{name: A, file: a, sources: [{kind: file, path: x}]}]", `{}`},
		{"entries: [{name: a, file: a}]", `{}`},
		{"entries: [{name: a, file: a, colour: red, sources: [{kind: file, path: x}]}]", `{}`},
		{entry, `{`},
		{entry, `{"entries": {"b": []}}`},
		{entry, `{"entries": {"a": [{"sha256": "12", "size": 1, "from": "x"}]}}`},
		{entry, `{"entries": {"a": [{"sha256": "` + strings.Repeat("a", 64) + `", "size": 1}]}}`},
	} {
		if _, err := parseCatalogue([]byte(c[0]), []byte(c[1]), "amd64"); err == nil {
			t.Errorf("taken: %s with %s", c[0], c[1])
		}
	}
}

func TestLicencesAreWhole(t *testing.T) {
	for _, l := range Licences() {
		if l.SPDX == "" || len(l.Text) < 500 || !strings.Contains(l.Text, "icense") && !strings.Contains(l.Text, "Permission") {
			t.Errorf("%s: %q, %d bytes", l.Name, l.SPDX, len(l.Text))
		}
	}
	modules := GoModules()
	if len(modules) < 20 {
		t.Errorf("%d Go modules; `go generate ./models` makes the list", len(modules))
	}
	for _, l := range modules {
		if l.SPDX == "" || l.Version == "" || l.Text == "" {
			t.Errorf("%s %s: %q, %d bytes", l.Name, l.Version, l.SPDX, len(l.Text))
		}
	}
}

// The list is of what is linked now, with its versions.
func TestLicencesAreOfWhatIsLinked(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "../cmd/referent").Output()
	if err != nil {
		t.Fatal(err)
	}
	linked := map[string]bool{}
	for l := range strings.Lines(string(out)) {
		if l = strings.TrimSpace(l); l != "" {
			linked[l] = true
		}
	}
	for _, l := range GoModules() {
		if l.Name != "go" && !linked[l.Name+" "+l.Version] {
			t.Errorf("%s %s is not linked; `go generate ./models` makes the list", l.Name, l.Version)
		}
		delete(linked, l.Name+" "+l.Version)
	}
	for l := range linked {
		t.Errorf("%s has no licence here; `go generate ./models` makes the list", l)
	}
}
