package minutes

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/referent/referent"
)

// Sitting is one sitting of hours: whether its minutes were made, and whether all of it was read.
type Sitting struct {
	Name     string  `json:"name"`
	Hours    float64 `json:"hours"` // from the first word to the last
	Segments int     `json:"segments"`
	Words    int     `json:"words"`
	Parts    int     `json:"parts"`  // calls that it was cut for; 0: no endpoint was asked
	Tokens   int     `json:"tokens"` // that the server read; fewer than the words: it dropped some
	// Tenths are those of the sitting that some statement cites.
	Tenths Share `json:"tenths"`
}

// Whole reports whether nothing of the sitting can have been cut off unseen: a server that was asked read
// a token or more for every word.
func (s Sitting) Whole() bool { return s.Parts == 0 || s.Tokens >= s.Words }

// Length is how long the sitting is, as 3:07:49.
func (s Sitting) Length() string {
	seconds := int(math.Round(3600 * s.Hours))
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

// storting has the writer write whole sittings. There is no gold: measured is that minutes come, that all
// of the sitting was read, and that what they say stands in the words they cite.
func (r *run) storting(data fs.FS) error {
	names, err := fs.Glob(data, "storting/*_transcription.csv")
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fs.ErrNotExist
	}
	sittings, err := sittings(data, names)
	if err != nil {
		return err
	}
	sittings = limited(sittings, r.limit)
	r.out.Cases = len(sittings)
	for i, long := range sittings {
		r.told(float64(i) / float64(len(sittings)))
		c := long.Case
		got, err := r.minutes(&c)
		if err != nil {
			return err
		}
		s := Sitting{Name: c.Name, Hours: long.hours, Segments: len(c.Lines)}
		for _, l := range c.Lines {
			s.Words += len(strings.Fields(l.Text))
		}
		if got != nil {
			s.Parts, s.Tokens = got.Provenance.Parts, got.Provenance.PromptTokens
			s.Tenths = c.tenths(got)
			r.out.Each = append(r.out.Each, Support(c, got))
		}
		r.out.Sittings = append(r.out.Sittings, s)
	}
	return nil
}

// Support scores minutes of a meeting that has no gold: citations, what is unsupported, and form.
func Support(c Case, got *referent.Minutes) Result {
	s := scoring{c: &c, got: got}
	s.Result = newResult(&c, got)
	s.support()
	return s.Result
}

// tenths counts the tenths of the meeting, by lines, that some statement cites.
func (c *Case) tenths(got *referent.Minutes) Share {
	of := Share{Of: min(10, len(c.Lines))}
	cited := map[int]bool{}
	for _, st := range approved(got) {
		lines, _ := c.cited(st.evidence)
		for _, l := range lines {
			cited[(l-1)*of.Of/len(c.Lines)] = true
		}
	}
	of.Right = len(cited)
	return of
}

// long is a sitting as a case.
type long struct {
	Case
	hours float64
}

// sittings are all sittings in one, which is longer than three hours, and then each by itself.
func sittings(data fs.FS, names []string) ([]long, error) {
	var each []long
	for _, name := range names {
		c, hours, err := sitting(data, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
		each = append(each, long{c, hours})
	}
	whole := each[len(each)-1]
	whole.Name, whole.Lines, whole.hours = "storting-in-one", nil, 0
	for _, s := range each {
		whole.Lines, whole.hours = append(whole.Lines, s.Lines...), whole.hours+s.hours
	}
	return append([]long{whole}, each...), nil
}

// sitting reads a machine's transcript of a sitting: a CSV whose rows are stretches of half a minute with
// their text in bokmål and their start and end in seconds. Nobody's name is known.
func sitting(data fs.FS, name string) (c Case, hours float64, err error) {
	f, err := data.Open(name)
	if err != nil {
		return c, 0, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return c, 0, err
	}
	if len(rows) < 2 {
		return c, 0, errors.New("no rows")
	}
	text, start, end := slices.Index(rows[0], "text_bm"), slices.Index(rows[0], "start"), slices.Index(rows[0], "end")
	if text < 0 || start < 0 || end < 0 {
		return c, 0, errors.New("no columns text_bm, start and end")
	}
	date := path.Base(name)[:len("2006-01-02")]
	c = Case{Name: "storting-" + date, Kind: referent.KindReferat, Language: referent.Bokmal, Title: "Møte i Stortinget", Body: "Stortinget", Date: date}
	first, last := 0.0, 0.0
	for _, row := range rows[1:] {
		if strings.TrimSpace(row[text]) == "" {
			continue
		}
		from, err := strconv.ParseFloat(row[start], 64)
		if err != nil {
			return c, 0, err
		}
		to, err := strconv.ParseFloat(row[end], 64)
		if err != nil {
			return c, 0, err
		}
		if len(c.Lines) == 0 {
			first = from
		}
		last = max(last, to)
		c.Lines = append(c.Lines, Line{Speaker: "?", Text: strings.TrimSpace(row[text])})
	}
	return c, (last - first) / 3600, c.validate()
}
