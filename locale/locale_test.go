package locale_test

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"

	"go/ast"
)

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func TestEveryTextStandsInEveryLanguage(t *testing.T) {
	for _, key := range locale.Keys() {
		want := placeholders(locale.T(locale.Bokmal, key))
		for _, lang := range locale.Languages {
			text := locale.T(lang, key)
			if text == "" || text == key {
				t.Errorf("%s has no text in %s", key, lang)
			}
			if got := placeholders(text); !slices.Equal(got, want) {
				t.Errorf("%s in %s has placeholders %v, bokmål has %v", key, lang, got, want)
			}
		}
	}
}

func placeholders(s string) []string {
	p := placeholder.FindAllString(s, -1)
	slices.Sort(p)
	return slices.Compact(p)
}

// Every Code constant of the root package must have a sentence of its own: a person never reads a code.
func TestEveryCodeHasASentence(t *testing.T) {
	codes := codeConstants(t)
	if len(codes) < 20 {
		t.Fatalf("found only %d codes in errors.go", len(codes))
	}
	for _, code := range codes {
		if !locale.Has("error." + code) {
			t.Errorf("no sentence for error code %q", code)
		}
	}
}

func codeConstants(t *testing.T) (codes []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); ok && id.Name == "Code" {
			for _, v := range spec.Values {
				s, err := strconv.Unquote(v.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				codes = append(codes, s)
			}
		}
		return true
	})
	return codes
}

func TestT(t *testing.T) {
	if got := locale.T("nb", "no.such.key"); got != "no.such.key" {
		t.Errorf("a missing key gave %q", got)
	}
	if got := locale.T("fi", "error.not_found"); got != locale.T("nb", "error.not_found") {
		t.Errorf("an unknown language gave %q, want bokmål", got)
	}
	err := fmt.Errorf("outer: %w", referent.E(referent.CodeAudioEmpty, "x: y", errors.New("z")))
	if got := locale.Error("nb", err); got != locale.T("nb", "error.audio_empty") {
		t.Errorf("Error gave %q", got)
	}
	if got := locale.Error("nb", nil); got != "" {
		t.Errorf("Error(nil) gave %q", got)
	}
}

func TestMatch(t *testing.T) {
	for header, want := range map[string]string{
		"nb-NO,nb;q=0.9,en;q=0.5": "nb", "nn": "nn", "no": "nb", "en-GB": "en",
		"": "nb", "fi": "nb", "x;;;": "nb", "de, en;q=0.3": "en",
	} {
		if got := locale.Match(header, "nb"); got != want {
			t.Errorf("Match(%q) = %q, want %q", header, got, want)
		}
	}
}

func TestFromEnvironment(t *testing.T) {
	for env, want := range map[string]string{
		"LANG=nb_NO.UTF-8": "nb", "LANG=nn_NO.UTF-8": "nn", "LC_ALL=en_US.UTF-8": "en",
		"LANG=C.UTF-8": "en", "REFERENT_LANG=nn": "nn",
	} {
		for _, name := range []string{"REFERENT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
			t.Setenv(name, "")
		}
		name, value, _ := strings.Cut(env, "=")
		t.Setenv(name, value)
		if got := locale.FromEnvironment(); got != want {
			t.Errorf("%s gave %q, want %q", env, got, want)
		}
	}
}
