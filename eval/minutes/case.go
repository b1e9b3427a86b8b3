// Package minutes scores draft minutes against gold: meetings whose decisions, tasks, votes and attendance
// a person has written down, with the lines of the transcript that they rest on.
//
// What is not here: writing minutes (package summarize), and the words and speakers of a transcript, which
// package eval scores.
package minutes

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/referent/referent"
)

//go:embed cases/*.yaml
var caseFiles embed.FS

//go:embed wider/*.yaml
var widerFiles embed.FS

//go:embed heldout/*.yaml
var heldOutFiles embed.FS

// Case is one meeting with what minutes of it must hold. Lines count from 1.
type Case struct {
	Name         string            `yaml:"-"`     // the file's, without extension
	About        string            `yaml:"about"` // what makes it hard, in a sentence
	Kind         referent.Kind     `yaml:"kind"`
	Language     referent.Language `yaml:"language"` // of the minutes
	Title        string            `yaml:"title"`
	Body         string            `yaml:"body"`
	Date         string            `yaml:"date"` // ISO
	Participants []Participant     `yaml:"participants"`
	Agenda       []AgendaItem      `yaml:"agenda"`
	Lines        []Line            `yaml:"lines"`
	Gold         Gold              `yaml:"gold"`
}

// Participant is a referent.Participant.
type Participant struct {
	Name   string `yaml:"name"`
	Role   string `yaml:"role"`
	Party  string `yaml:"party"`
	Absent bool   `yaml:"absent"`
}

// AgendaItem is a referent.AgendaItem.
type AgendaItem struct {
	Number string `yaml:"number"`
	Title  string `yaml:"title"`
}

// Line is one segment: who speaks and what is said. In YAML it is "Name: text"; "?: text" is a speaker
// that nobody has named.
type Line struct{ Speaker, Text string }

// UnmarshalYAML reads "Name: text".
func (l *Line) UnmarshalYAML(unmarshal func(any) error) error {
	var s string
	if err := unmarshal(&s); err != nil {
		return err
	}
	speaker, text, ok := strings.Cut(s, ": ")
	if !ok || strings.TrimSpace(text) == "" {
		return fmt.Errorf("line %q: must be \"speaker: text\"", s)
	}
	l.Speaker, l.Text = speaker, strings.TrimSpace(text)
	return nil
}

// Gold is what a person found in a case.
type Gold struct {
	Decisions []GoldDecision `yaml:"decisions"`
	Actions   []GoldAction   `yaml:"actions"`
	Votes     []GoldVote     `yaml:"votes"`
	Present   []string       `yaml:"present"` // whole names
	Absent    []string       `yaml:"absent"`
	Next      *GoldNext      `yaml:"next"`
	// Never are words that may not stand in the approved part of the minutes: what a trap offers.
	Never []string `yaml:"never"`
}

// GoldDecision is a decision that was made.
type GoldDecision struct {
	Text  string   `yaml:"text"`
	Case  string   `yaml:"case"`
	Lines []int    `yaml:"lines"` // where it was made, and what it was about
	Keys  []string `yaml:"keys"`  // beginnings of words that its wording cannot do without
}

// GoldAction is a task that somebody took on.
type GoldAction struct {
	Task  string   `yaml:"task"`
	Owner string   `yaml:"owner"` // whole name, or a group's; empty: nobody was named
	Due   string   `yaml:"due"`   // ISO, or empty
	Lines []int    `yaml:"lines"`
	Keys  []string `yaml:"keys"`
}

// GoldVote is a vote that was held.
type GoldVote struct {
	Case           string   `yaml:"case"`
	Proposal       string   `yaml:"proposal"`
	For            *int     `yaml:"for"`
	Against        *int     `yaml:"against"`
	Blank          *int     `yaml:"blank"`
	Adopted        bool     `yaml:"adopted"`
	ForMembers     []string `yaml:"for_members"`
	AgainstMembers []string `yaml:"against_members"`
	Lines          []int    `yaml:"lines"`
	Keys           []string `yaml:"keys"`
}

// GoldNext is the next meeting.
type GoldNext struct {
	Date  string `yaml:"date"` // ISO
	Time  string `yaml:"time"` // "10.30"
	Lines []int  `yaml:"lines"`
}

// Cases are the project's own, by name: full of traps, and what the checks are proved on.
func Cases() ([]Case, error) { return readCases(caseFiles, "cases/*.yaml") }

// Wider are ordinary meetings that the rules were tuned on after they had been measured on them, by name. The own set
// is both.
func Wider() ([]Case, error) { return readCases(widerFiles, "wider/*.yaml") }

// ReadCases are the cases of a folder of one's own, by name: a .yaml file for each.
func ReadCases(folder fs.FS) ([]Case, error) { return readCases(folder, "*.yaml") }

// HeldOut are cases by name that nothing was ever tuned on, written by somebody who had not seen the rules: they
// tell how the figures of Cases hold for meetings that nobody has looked at.
func HeldOut() ([]Case, error) { return readCases(heldOutFiles, "heldout/*.yaml") }

func readCases(files fs.FS, pattern string) ([]Case, error) {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return nil, err
	}
	var all []Case
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		c, err := Parse(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
		c.Name = strings.TrimSuffix(path.Base(name), ".yaml")
		all = append(all, c)
	}
	return all, nil
}

// Parse reads one case and sees that it holds together: lines that exist, keys that stand in them, names
// that are known.
func Parse(data []byte) (Case, error) {
	var c Case
	if err := yaml.UnmarshalWithOptions(data, &c, yaml.Strict()); err != nil {
		return c, err
	}
	return c, c.validate()
}

func (c *Case) validate() error {
	if !slices.Contains(referent.Kinds, c.Kind) {
		return fmt.Errorf("kind %q", c.Kind)
	}
	if c.Language != referent.Bokmal && c.Language != referent.Nynorsk {
		return fmt.Errorf("language %q", c.Language)
	}
	if _, err := time.Parse(time.DateOnly, c.Date); err != nil {
		return err
	}
	if len(c.Lines) == 0 {
		return fmt.Errorf("no lines")
	}
	for _, d := range c.Gold.Decisions {
		if err := c.grounded(d.Text, d.Lines, d.Keys); err != nil {
			return err
		}
	}
	for _, a := range c.Gold.Actions {
		if err := c.grounded(a.Task, a.Lines, a.Keys); err != nil {
			return err
		}
		if a.Due != "" {
			if _, err := time.Parse(time.DateOnly, a.Due); err != nil {
				return err
			}
		}
	}
	for _, v := range c.Gold.Votes {
		if err := c.grounded(v.Proposal, v.Lines, v.Keys); err != nil {
			return err
		}
	}
	return nil
}

// grounded sees that gold rests on lines of the case, and that its keys stand in those lines.
func (c *Case) grounded(text string, lines []int, keys []string) error {
	if text == "" || len(lines) == 0 || len(keys) == 0 {
		return fmt.Errorf("gold %q: needs text, lines and keys", text)
	}
	var said strings.Builder
	for _, n := range lines {
		if n < 1 || n > len(c.Lines) {
			return fmt.Errorf("gold %q: no line %d", text, n)
		}
		said.WriteString(" " + strings.ToLower(c.Lines[n-1].Speaker+" "+c.Lines[n-1].Text))
	}
	for _, k := range keys {
		if !strings.Contains(said.String(), strings.ToLower(k)) {
			return fmt.Errorf("gold %q: key %q stands in none of its lines", text, k)
		}
	}
	return nil
}

// Meeting is the case as the writers get it. Segments are called s1, s2, ... after their lines.
func (c *Case) Meeting() (*referent.Meeting, *referent.Transcript) {
	day, _ := time.Parse(time.DateOnly, c.Date) // validated
	m := &referent.Meeting{
		ID: c.Name, Title: c.Title, Body: c.Body, Kind: c.Kind, Language: c.Language,
		Start: day.Add(18 * time.Hour),
	}
	for _, p := range c.Participants {
		m.Participants = append(m.Participants, referent.Participant(p))
	}
	for _, a := range c.Agenda {
		m.Agenda = append(m.Agenda, referent.AgendaItem(a))
	}
	t := &referent.Transcript{Schema: referent.TranscriptSchema, Language: "no"}
	ids := map[string]string{}
	at := 0.0
	for i, l := range c.Lines {
		if l.Speaker != "?" && ids[l.Speaker] == "" {
			ids[l.Speaker] = fmt.Sprintf("p%d", len(ids)+1)
			t.Speakers = append(t.Speakers, referent.Speaker{ID: ids[l.Speaker], Name: l.Speaker})
		}
		seconds := 0.4 * float64(len(strings.Fields(l.Text)))
		t.Segments = append(t.Segments, referent.Segment{
			ID: fmt.Sprintf("s%d", i+1), Start: at, End: at + seconds, Speaker: ids[l.Speaker], Text: l.Text,
			Quality: referent.Quality{OK: true},
		})
		at += seconds + 0.5
	}
	t.Recording.Duration = at
	return m, t
}
