// Package locale holds every sentence that a person reads, in Norwegian bokmål, nynorsk and English,
// in one catalogue: the YAML files in texts/, one file for each area, merged at start.
//
// What is not here: the words of the minutes themselves (package export and package summarize know
// the forms of Norwegian documents), and the technician's messages in logs, which are English.
package locale

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/referent/referent"
	"golang.org/x/text/language"
)

// The languages of the catalogue.
const (
	Bokmal  = "nb"
	Nynorsk = "nn"
	English = "en"
)

// Languages lists the languages of the catalogue; the first is the default.
var Languages = []string{Bokmal, Nynorsk, English}

//go:embed texts/*.yaml
var files embed.FS

// catalogue maps key -> language -> text.
var catalogue = sync.OnceValue(func() map[string]map[string]string {
	all, err := load(files)
	if err != nil {
		panic("locale: the embedded catalogue is broken: " + err.Error()) // a test reads every file
	}
	return all
})

func load(fsys fs.FS) (map[string]map[string]string, error) {
	names, err := fs.Glob(fsys, "texts/*.yaml")
	if err != nil {
		return nil, err
	}
	all := map[string]map[string]string{}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		var area map[string]map[string]string
		if err := yaml.Unmarshal(data, &area); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for key, texts := range area {
			if _, twice := all[key]; twice {
				return nil, fmt.Errorf("%s: key %q stands in two places", name, key)
			}
			all[key] = texts
		}
	}
	return all, nil
}

// Keys lists every key of the catalogue, sorted.
func Keys() []string { return slices.Sorted(maps.Keys(catalogue())) }

// Has reports whether the catalogue holds the key.
func Has(key string) bool { return catalogue()[key] != nil }

// T returns the text of key in lang with its {placeholders} filled: args are names and values in turn.
// A language the catalogue lacks falls back to bokmål; a key it lacks is returned as it is, so that a
// forgotten text is seen and not lost.
func T(lang, key string, args ...any) string {
	texts := catalogue()[key]
	s, ok := texts[lang]
	if !ok {
		if s, ok = texts[Bokmal]; !ok {
			return key
		}
	}
	if len(args) == 0 {
		return s
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, fmt.Sprintf("{%v}", args[i]), fmt.Sprint(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// ErrorCode returns the sentence for a kind of failure.
func ErrorCode(lang string, code referent.Code) string {
	if key := "error." + string(code); Has(key) {
		return T(lang, key)
	}
	return T(lang, "error.internal")
}

// Error returns the sentence for err's code, and "" for nil.
func Error(lang string, err error) string {
	if err == nil {
		return ""
	}
	return ErrorCode(lang, referent.CodeOf(err))
}

var matcher = language.NewMatcher([]language.Tag{
	language.MustParse("nb"), language.MustParse("nn"), language.English, language.MustParse("no"),
})

// Match picks the catalogue's language for an Accept-Language header or a list of tags, and fallback
// when nothing in it fits.
func Match(accept, fallback string) string {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return fallback
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return fallback
	}
	return []string{Bokmal, Nynorsk, English, Bokmal}[i]
}

// FromEnvironment picks the language of a terminal from LC_ALL, LC_MESSAGES and LANG: bokmål or nynorsk
// where the locale is Norwegian, English elsewhere. REFERENT_LANG comes before them all.
func FromEnvironment() string {
	if v := os.Getenv("REFERENT_LANG"); slices.Contains(Languages, v) {
		return v
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		v, _, _ := strings.Cut(os.Getenv(name), ".")
		if v == "" {
			continue
		}
		switch strings.ToLower(strings.SplitN(v, "_", 2)[0]) {
		case "nb", "no":
			return Bokmal
		case "nn":
			return Nynorsk
		}
		return English
	}
	return English
}
