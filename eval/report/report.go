// Package report writes what `referent eval all` measured: report.json for programs, and a page for people
// that shows totals with their intervals, the bars that were met and missed, how the figures moved from
// version to version, which kinds of errors there are, and the worst stretches with their sound.
//
// What is not here: the measures (package eval) and the recordings (package corpus).
package report

import (
	"embed"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
)

// Schema names the version of report.json; JSONSchema describes it.
const Schema = "referent/eval/1"

//go:embed schema.json report.css report.html.tmpl
var files embed.FS

// JSONSchema is the JSON schema of report.json.
func JSONSchema() []byte {
	b, err := files.ReadFile("schema.json")
	if err != nil {
		panic("report: " + err.Error()) // it is embedded
	}
	return b
}

// CSS is how the pages of reports look.
func CSS() string {
	b, err := files.ReadFile("report.css")
	if err != nil {
		panic("report: " + err.Error()) // it is embedded
	}
	return string(b)
}

// Report is one run of all measures.
type Report struct {
	Schema        string              `json:"schema"`
	Version       string              `json:"version"` // of referent, as git describes it
	Made          time.Time           `json:"made"`
	Seconds       float64             `json:"seconds"` // wall clock of the whole run
	Machine       Machine             `json:"machine"`
	Settings      Settings            `json:"settings"`
	Models        []referent.ModelUse `json:"models"`        // the weights, with their digests
	Normalisation string              `json:"normalisation"` // of words, before they are compared
	Sets          []Set               `json:"sets"`
	Bars          []Bar               `json:"bars"`
	Skipped       []Skipped           `json:"skipped"`
}

// Machine is what the run ran on.
type Machine struct {
	Platform  string `json:"platform"` // e.g. "linux/amd64"
	Processor string `json:"processor,omitempty"`
	Cores     int    `json:"cores"`
	Native    string `json:"native"` // whisper.cpp's build
	Go        string `json:"go"`
}

// Settings are the choices that change the figures.
type Settings struct {
	Model   string        `json:"model"`
	Mode    referent.Mode `json:"mode"`
	Workers int           `json:"workers"`
	Threads int           `json:"threads"` // of each worker
	// Material tells one collection of recordings from another: a digest of their names and sizes.
	// Trends are drawn over runs of the same material only.
	Material string `json:"material"`
}

// Set is one kind of recordings and what came of it.
type Set struct {
	Name       string      `json:"name"`
	Note       string      `json:"note,omitempty"` // how the material was made, for a technician, in English
	Recordings int         `json:"recordings"`
	Seconds    float64     `json:"seconds"` // of audio
	Measures   []Measure   `json:"measures"`
	Files      []File      `json:"files"`
	Confusions []Confusion `json:"confusions,omitempty"` // what was written instead of what, most frequent first
	Worst      []Stretch   `json:"worst,omitempty"`      // worst first
}

// Total is the set's measure of that name.
func (s *Set) Total(name string) (Measure, bool) { return find(s.Measures, name) }

// File is one recording.
type File struct {
	Name     string    `json:"name"`             // path within the data folder
	Spoken   string    `json:"spoken,omitempty"` // language it was heard as
	Seconds  float64   `json:"seconds,omitempty"`
	Beside   bool      `json:"beside,omitempty"` // not part of the set's totals
	Failed   string    `json:"failed,omitempty"` // error code of a recording that gave no transcript
	Measures []Measure `json:"measures"`

	Words    *eval.Errors        `json:"words,omitempty"`    // wrong words by kind
	Speakers *eval.SpeakerErrors `json:"speakers,omitempty"` // wrong seconds by kind, no collar
}

// Measure is the file's measure of that name.
func (f *File) Measure(name string) (Measure, bool) { return find(f.Measures, name) }

// Measure is one figure. Its name says its unit: see [UnitOf].
type Measure struct {
	Name     string         `json:"name"`
	Value    float64        `json:"value"`
	Interval *eval.Interval `json:"interval,omitempty"` // 95 %, by bootstrap
}

func find(all []Measure, name string) (Measure, bool) {
	for _, m := range all {
		if m.Name == name {
			return m, true
		}
	}
	return Measure{}, false
}

// Bar is a figure that must not be exceeded (or fallen short of).
type Bar struct {
	Set     string  `json:"set"`
	File    string  `json:"file,omitempty"`
	Measure string  `json:"measure"`
	Limit   float64 `json:"limit"`
	Floor   bool    `json:"floor,omitempty"` // Limit is the least, not the most
	Below   bool    `json:"below,omitempty"` // Limit itself is too much
	Above   bool    `json:"above,omitempty"` // Limit itself is too little
	Value   float64 `json:"value"`
	Met     bool    `json:"met"`
}

// Check fills Met.
func (b Bar) Check() Bar {
	switch {
	case b.Floor:
		b.Met = b.Value >= b.Limit
	case b.Below:
		b.Met = b.Value < b.Limit
	case b.Above:
		b.Met = b.Value > b.Limit
	default:
		b.Met = b.Value <= b.Limit
	}
	return b
}

// Sign names how Value is to lie to Limit: "at_least", "at_most", "below" or "above".
func (b Bar) Sign() string {
	switch {
	case b.Floor:
		return "at_least"
	case b.Below:
		return "below"
	case b.Above:
		return "above"
	}
	return "at_most"
}

// Skipped is what was not measured.
type Skipped struct {
	Name   string `json:"name"`   // a set, or a recording's path within the data folder
	Reason string `json:"reason"` // a corpus.Reason
}

// Confusion is words that took the place of others. An empty From was added, an empty To left out.
type Confusion struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Count int    `json:"count"`
}

// Stretch is a part of a recording that went badly.
type Stretch struct {
	File   string  `json:"file"`
	Start  float64 `json:"start"` // seconds
	End    float64 `json:"end"`
	Wrong  float64 `json:"wrong"` // words, or seconds of speech
	Audio  string  `json:"audio,omitempty"`
	Pieces []Piece `json:"pieces,omitempty"` // what was said and written
	Turns  []Track `json:"turns,omitempty"`  // who spoke, and who was found
}

// Piece is words of an alignment: the same in both when From and To are equal.
type Piece struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Same reports whether nothing is wrong with it.
func (p Piece) Same() bool { return p.From == p.To }

// Track is one speaker's turns within a stretch.
type Track struct {
	Reference bool          `json:"reference"` // else found
	Speaker   string        `json:"speaker"`
	Regions   []eval.Region `json:"regions"`
}

// Met reports whether every bar was met.
func (r *Report) Met() bool {
	for _, b := range r.Bars {
		if !b.Met {
			return false
		}
	}
	return true
}

// Write writes report.json.
func (r *Report) Write(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	if err := out.Encode(r); err != nil {
		return referent.E(referent.CodeInternal, "report: write report", err)
	}
	return nil
}

// Read reads a report.json. CodeInvalid for anything else, and for one of another schema.
func Read(in io.Reader) (*Report, error) {
	const op = "report: read report"
	var r Report
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return nil, referent.E(referent.CodeInvalid, op, err)
	}
	if r.Schema != Schema {
		return nil, referent.E(referent.CodeInvalid, op, errors.New("not a report of this kind"))
	}
	return &r, nil
}
