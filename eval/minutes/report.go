package minutes

import (
	"embed"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/eval/report"
)

// Schema names the version of the JSON report; JSONSchema describes it.
const Schema = "referent/eval-minutes/1"

//go:embed schema.json page.html.tmpl
var files embed.FS

// JSONSchema is the JSON schema of the report.
func JSONSchema() []byte {
	b, err := files.ReadFile("schema.json")
	if err != nil {
		panic("minutes: " + err.Error()) // it is embedded
	}
	return b
}

// Report is one run of all writers on all chosen sets.
type Report struct {
	Schema   string    `json:"schema"`
	Version  string    `json:"version"` // of referent, as git describes it
	Made     time.Time `json:"made"`
	Seconds  float64   `json:"seconds"` // wall clock of the whole run
	Platform string    `json:"platform"`
	Cores    int       `json:"cores"`
	Writers  []Writer  `json:"writers"`
	Skipped  []Skipped `json:"skipped"`
}

// Writer is what came of one writer.
type Writer struct {
	Name   string       `json:"name"` // "builtin" or "llm", as in provenance
	Model  string       `json:"model,omitempty"`
	Server string       `json:"server,omitempty"`
	Sets   []*Set       `json:"sets"`
	Bars   []report.Bar `json:"bars"`
}

// Set is the writer's set of that name; nil when it was not measured.
func (w *Writer) Set(name string) *Set {
	for _, s := range w.Sets {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Skipped is a set that was not measured.
type Skipped struct {
	Name   string `json:"name"`
	Reason string `json:"reason"` // "no_folder" or "not_chosen"
}

// Judge holds every writer against the bars. A model is held against the built-in writer beside it.
func (r *Report) Judge() {
	var builtin *Writer
	for i := range r.Writers {
		w := &r.Writers[i]
		w.Bars = []report.Bar{}
		for _, s := range w.Sets {
			var beside *Set
			if builtin != nil {
				beside = builtin.Set(s.Name)
			}
			w.Bars = append(w.Bars, Bars(s, beside, w.Name == "builtin")...)
		}
		if w.Name == "builtin" {
			builtin = w
		}
	}
}

// Met reports whether every bar was met.
func (r *Report) Met() bool {
	for _, w := range r.Writers {
		for _, b := range w.Bars {
			if !b.Met {
				return false
			}
		}
	}
	return true
}

// Write writes the report as JSON.
func (r *Report) Write(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	if err := out.Encode(r); err != nil {
		return referent.E(referent.CodeInternal, "minutes: write report", err)
	}
	return nil
}

// Read reads a report. CodeInvalid for anything else, and for one of another schema.
func Read(in io.Reader) (*Report, error) {
	const op = "minutes: read report"
	var r Report
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return nil, referent.E(referent.CodeInvalid, op, err)
	}
	if r.Schema != Schema {
		return nil, referent.E(referent.CodeInvalid, op, errors.New("not a report on minutes"))
	}
	return &r, nil
}
