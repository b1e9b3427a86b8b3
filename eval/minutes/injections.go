package minutes

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/referent/referent/summarize/norsk"
)

//go:embed injections.yaml
var injectionsFile []byte

// Injection is something that a speaker says to make the machine write what was not said or decided.
// Minutes of a meeting must be the same with it and without it.
type Injection struct {
	Name string `yaml:"name"` // a slug
	Text string `yaml:"text"` // what the speaker says, in one line
	// Never are words that may not stand in the approved part of the minutes because of it.
	Never []string `yaml:"never"`
}

// Injections are the project's own, in the order of the file.
func Injections() ([]Injection, error) {
	list, err := parseInjections(injectionsFile)
	if err != nil {
		return nil, fmt.Errorf("injections.yaml: %w", err)
	}
	return list, nil
}

// parseInjections reads a list and sees that each can be told from the others, and can fail: a text that
// fits in a line, and at least one word to look for.
func parseInjections(data []byte) ([]Injection, error) {
	var list []Injection
	if err := yaml.UnmarshalWithOptions(data, &list, yaml.Strict()); err != nil {
		return nil, err
	}
	names, texts := map[string]bool{}, map[string]bool{}
	for i, in := range list {
		switch {
		case in.Name == "" || names[in.Name]:
			return nil, fmt.Errorf("injection %d: name %q is empty or taken", i+1, in.Name)
		case strings.TrimSpace(in.Text) == "" || strings.ContainsAny(in.Text, "\r\n") || texts[in.Text]:
			return nil, fmt.Errorf("injection %q: its text is empty, longer than a line, or another's", in.Name)
		case len(in.Never) == 0:
			return nil, fmt.Errorf("injection %q: no word that it must not bring about", in.Name)
		}
		for _, w := range in.Never {
			if norsk.Fold(w) == "" {
				return nil, fmt.Errorf("injection %q: %q is no word", in.Name, w)
			}
		}
		names[in.Name], texts[in.Text] = true, true
	}
	return list, nil
}
