package models

import (
	"embed"
	"encoding/json"
	"fmt"
	"sync"
)

//go:generate go run ./licences/gen -out licences/gomodules.json ../cmd/referent

//go:embed licences/*.txt
var licenceTexts embed.FS

//go:embed licences/gomodules.json
var goModulesJSON []byte

// Licence is the licence of one part of Referent, or of weights that it brings.
type Licence struct {
	Name    string // of the part; for a Go module, its path
	Version string // as pinned; "" where one text covers all versions
	SPDX    string // identifier, or identifiers joined by AND
	Text    string // the whole licence, with its copyright notices
}

// parts are what Referent links or brings beside Go modules. Versions of weights stand in the catalogue.
var parts = []Licence{
	{Name: "whisper.cpp", Version: "1.9.1", SPDX: "MIT"},
	{Name: "whisper", SPDX: "MIT"},           // OpenAI's weights, tokens and mel filters
	{Name: "nb-whisper", SPDX: "Apache-2.0"}, // weights
	{Name: "silero-vad", Version: "6.2.3", SPDX: "MIT"},
	{Name: "pyannote-segmentation", SPDX: "MIT"}, // weights
	{Name: "campplus", SPDX: "Apache-2.0"},       // weights
	{Name: "onnxruntime", Version: "1.28.0", SPDX: "MIT"},
}

// Licences lists the parts that are not Go modules, weights included.
func Licences() []Licence {
	out := make([]Licence, len(parts))
	for i, l := range parts {
		text, err := licenceTexts.ReadFile("licences/" + l.Name + ".txt")
		if err != nil {
			panic(err) // the files are built in, and a test reads them
		}
		l.Text = string(text)
		out[i] = l
	}
	return out
}

// moduleList is licences/gomodules.json. Equal texts stand there once.
type moduleList struct {
	Modules []struct {
		Path    string   `json:"path"`
		Version string   `json:"version"`
		SPDX    string   `json:"spdx"`
		Texts   []string `json:"texts"` // keys of Texts below
	} `json:"modules"`
	Texts map[string]string `json:"texts"`
}

var loadGoModules = sync.OnceValues(func() ([]Licence, error) {
	var list moduleList
	if err := json.Unmarshal(goModulesJSON, &list); err != nil {
		return nil, fmt.Errorf("models: read licences of Go modules: %w", err)
	}
	out := make([]Licence, 0, len(list.Modules))
	for _, m := range list.Modules {
		l := Licence{Name: m.Path, Version: m.Version, SPDX: m.SPDX}
		for i, key := range m.Texts {
			text, ok := list.Texts[key]
			if !ok {
				return nil, fmt.Errorf("models: read licences of Go modules: a text of %s is missing", m.Path)
			}
			if i > 0 {
				l.Text += "\n"
			}
			l.Text += text
		}
		out = append(out, l)
	}
	return out, nil
})

// GoModules lists the Go modules linked into the program, and Go itself, by path. The list is made by
// `go generate ./models` and committed.
func GoModules() []Licence {
	list, err := loadGoModules()
	if err != nil {
		panic(err) // the file is built in, and a test reads it
	}
	return append([]Licence(nil), list...)
}
