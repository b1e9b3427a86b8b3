package summarize

import (
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

// checker compares what a model wrote with the segments it cites, without a model: names, numbers and
// dates of a statement must be found where it says they were heard.
type checker struct {
	m     *referent.Meeting
	t     *referent.Transcript
	order map[string]int // segment id -> index
}

func newChecker(m *referent.Meeting, t *referent.Transcript) *checker {
	c := &checker{m: m, t: t, order: map[string]int{}}
	for i, s := range t.Segments {
		c.order[s.ID] = i
	}
	return c
}

// cited is the text of the segments with who said it, and, for names and numbers, of the case's title.
func (c *checker) cited(ids []string) string {
	var b strings.Builder
	for _, id := range ids {
		s := c.t.Segments[c.order[id]]
		b.WriteString(c.t.SpeakerName(s.Speaker) + ". " + s.Text + "\n")
	}
	return b.String()
}

// unfounded returns the first name, number or date of a text that its evidence does not hold, or "".
func (c *checker) unfounded(text string, ids []string) string {
	tokens := norsk.Tokens(text)
	source := norsk.Tokens(c.cited(ids))
	stems := map[string]bool{}
	for _, t := range source {
		stems[t.Lower] = true
	}
	numbers := norsk.Numbers(source)
	dates := norsk.Dates(source, c.m.Start)
	inDate := make([]bool, len(tokens))
	for _, d := range norsk.Dates(tokens, c.m.Start) {
		if d.Day.IsZero() {
			continue
		}
		if !slices.ContainsFunc(dates, func(s norsk.Date) bool { return s.Day.Equal(d.Day) }) {
			return words(text, tokens[d.From:d.To])
		}
		for i := d.From; i < d.To; i++ {
			inDate[i] = true
		}
	}
	for i, t := range tokens {
		if inDate[i] {
			continue
		}
		for _, n := range norsk.Numbers(tokens[i : i+1]) {
			if !stems[t.Lower] && !slices.Contains(numbers, n) && !c.inWhole(tokens, i, numbers) {
				return t.Text
			}
		}
		sentenceStart := i == 0 || strings.ContainsRune(".?!:", tokens[i-1].Mark) && tokens[i-1].Mark != 0
		if !t.Capitalised() || sentenceStart && !c.isName(t) || norskMonth(t.Lower) {
			continue
		}
		if !stems[t.Lower] && !stems[strings.TrimSuffix(t.Lower, "s")] && !stems[t.Lower+"s"] {
			return t.Text
		}
	}
	return ""
}

// inWhole reports whether token i is part of a number of several words that the evidence holds.
func (c *checker) inWhole(tokens []norsk.Token, i int, numbers []string) bool {
	for from := max(0, i-4); from <= i; from++ {
		for to := i + 1; to <= min(len(tokens), from+6); to++ {
			if got := norsk.Numbers(tokens[from:to]); len(got) == 1 && slices.Contains(numbers, got[0]) {
				return true
			}
		}
	}
	return false
}

func norskMonth(w string) bool {
	return slices.Contains([]string{"januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "desember"}, w)
}

// isName reports whether a word that a capital letter alone does not prove a name is one of a person
// of the meeting.
func (c *checker) isName(t norsk.Token) bool {
	has := func(name string) bool {
		return slices.ContainsFunc(norsk.Tokens(name), func(n norsk.Token) bool { return n.Lower == t.Lower })
	}
	return slices.ContainsFunc(c.m.Participants, func(p referent.Participant) bool { return has(p.Name) }) ||
		slices.ContainsFunc(c.t.Speakers, func(s referent.Speaker) bool { return has(s.Name) })
}

func words(text string, tokens []norsk.Token) string {
	return text[tokens[0].Start:tokens[len(tokens)-1].End]
}

// window is how many segments after a decision's evidence the words that decide it may stand.
const window = 3

// decided reports whether the cited segments, or those just after, hold the wording of a decision.
func (c *checker) decided(ids []string) bool {
	for _, id := range ids {
		at := c.order[id]
		for i := at; i < min(len(c.t.Segments), at+1+window); i++ {
			if extract.Decides(c.t.Segments[i].Text) {
				return true
			}
		}
	}
	return false
}

// voted reports whether the cited segments tell of a vote.
func (c *checker) voted(ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return extract.TellsVote(c.t.Segments[c.order[id]].Text) })
}

// person reports whether an owner is named in, or is the voice of, a cited segment.
func (c *checker) person(owner string, ids []string) bool {
	source := norsk.Tokens(c.cited(ids))
	for _, t := range norsk.Tokens(owner) {
		if t.Lower == "og" {
			continue
		}
		if !slices.ContainsFunc(source, func(s norsk.Token) bool { return s.Lower == t.Lower }) && !c.surname(t, owner, source) {
			return false
		}
	}
	return true
}

// surname allows a last name that the roster adds to a first name that was said.
func (c *checker) surname(t norsk.Token, owner string, source []norsk.Token) bool {
	full := norsk.Fold(owner)
	first, _, _ := strings.Cut(full, " ")
	known := slices.ContainsFunc(c.m.Participants, func(p referent.Participant) bool { return norsk.Fold(p.Name) == full }) ||
		slices.ContainsFunc(c.t.Speakers, func(s referent.Speaker) bool { return norsk.Fold(s.Name) == full })
	return known && t.Lower != first && slices.ContainsFunc(source, func(s norsk.Token) bool { return s.Lower == first })
}

// fullName is the one person of the meeting that a name can mean, else the name.
func (c *checker) fullName(name string) string {
	key := norsk.Fold(name)
	var found []string
	add := func(full string) {
		if f := norsk.Fold(full); (f == key || strings.HasPrefix(f, key+" ")) && full != "" && !slices.Contains(found, full) {
			found = append(found, full)
		}
	}
	for _, p := range c.m.Participants {
		add(p.Name)
	}
	for _, s := range c.t.Speakers {
		add(s.Name)
	}
	if len(found) == 1 {
		return found[0]
	}
	return name
}

// due resolves a model's words for a day, which the evidence must hold too; nil when it does not.
func (c *checker) due(said string, ids []string) (*string, bool) {
	said = strings.TrimSpace(said)
	var day time.Time
	if t, err := time.Parse(time.DateOnly, said); err == nil {
		day = t
	} else if found := norsk.Dates(norsk.Tokens(said), c.m.Start); len(found) == 1 {
		day = found[0].Day
	}
	if day.IsZero() {
		return nil, false
	}
	for _, d := range norsk.Dates(norsk.Tokens(c.cited(ids)), c.m.Start) {
		if d.Day.Equal(day) {
			iso := d.ISO()
			return &iso, true
		}
	}
	return nil, false
}
