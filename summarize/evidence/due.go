package evidence

import (
	"slices"
	"strings"
	"time"

	"github.com/referent/referent/summarize/norsk"
)

// Due checks a deadline as a day in ISO form: it must follow from the cited words, and not have been put
// off afterwards.
func (c *Checker) Due(iso string, ids []string) []Fault {
	day, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return []Fault{{Kind: Day, Words: iso}}
	}
	src := c.cite(ids)
	found, denied, others := false, true, false
	for _, s := range src.sentences {
		for _, d := range c.fixed(s.tokens) {
			if d.Day.IsZero() {
				continue
			}
			if by := beside(s.tokens[d.To:]); by != 0 { // "onsdag den fjortende, jeg vil ha det dagen før"
				d.Day, d.From = d.Day.AddDate(0, 0, by), d.To
			}
			if !d.Day.Equal(day) {
				others = true
				continue
			}
			found = true
			for _, cl := range s.clauses {
				if d.From >= cl.from && d.From < cl.to {
					denied = denied && denies(s.tokens[cl.from:cl.to]) >= 0
				}
			}
		}
	}
	found, denied = found || c.ofMonth(day, src) || c.byMeeting(day, src), denied && found
	switch {
	case !found, denied && others, c.elseAgreed(day, src): // "ikke i dag, men i morgen"
		return []Fault{{Kind: Day, Words: iso}}
	case c.amended(day, src):
		return []Fault{{Kind: Amended, Words: iso}}
	}
	return nil
}

// beside is how many days from a day just named words put another: "dagen før", "to dager etter".
func beside(after []norsk.Token) int {
	for i, t := range after {
		n := 1
		switch t.Lower {
		case "dagen":
		case "dager", "dagar":
			var ok bool
			if i == 0 {
				continue
			}
			if n, ok = norsk.Number(after[i-1].Lower); !ok {
				continue
			}
		default:
			continue
		}
		if i+1 >= len(after) {
			break
		}
		switch after[i+1].Lower {
		case "før":
			return -n
		case "etter":
			return n
		}
	}
	return 0
}

// weekdays are the days of the week as they are said, Sunday first.
var weekdays = [7]string{"søndag", "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag"}

// elseAgreed reports whether the last word on when is a short yes to another day: "Tirsdag, ok."
func (c *Checker) elseAgreed(day time.Time, src source) bool {
	for _, s := range slices.Backward(src.sentences) {
		if s.question || len(s.words) > 5 {
			continue
		}
		days := c.fixed(s.tokens)
		week := slices.IndexFunc(s.words, func(w word) bool { return slices.Contains(weekdays[:], seasonal[w.Lower]) })
		number := slices.IndexFunc(s.tokens, func(t norsk.Token) bool { _, ok := norsk.Ordinal(t.Lower); return ok && len(t.Lower) > 3 })
		if len(days) == 0 && week < 0 && number < 0 {
			continue
		}
		if !norsk.Has(accepts, s.tokens) || denies(s.tokens) >= 0 {
			return false
		}
		if slices.ContainsFunc(days, func(d norsk.Date) bool { return d.Day.Equal(day) }) {
			return false
		}
		switch {
		case week >= 0:
			return seasonal[s.words[week].Lower] != weekdays[day.Weekday()]
		case number >= 0:
			n, _ := norsk.Ordinal(s.tokens[number].Lower)
			return n != day.Day()
		}
		return !slices.ContainsFunc(days, func(d norsk.Date) bool { return d.Day.IsZero() })
	}
	return false
}

// byMeeting reports whether the source names the next meeting as the time, "til neste møte", "til møtet i mars", and this
// is its day.
func (c *Checker) byMeeting(day time.Time, src source) bool {
	named := slices.ContainsFunc(src.sentences, func(s sentence) bool {
		if norsk.Has(norsk.Phrases("neste|nesta møte|møtet|gang|gong"), s.tokens) {
			return true
		}
		from, to, ok := norsk.FindAny(norsk.Phrases("møte|møtet i"), s.tokens)
		return ok && to < len(s.tokens) && from >= 0 && norsk.MonthOf(s.tokens[to].Lower) == day.Month()
	})
	if !named {
		return false
	}
	next := c.written().NextMeeting
	return next != nil && next.Date != nil && *next.Date == day.Format(time.DateOnly)
}

// ofMonth reports whether the source names a day by its number alone: "den tjuende", "mandag sekstende". It means
// the next such day.
func (c *Checker) ofMonth(day time.Time, src source) bool {
	near := func() bool { // another day of that month was named
		return slices.ContainsFunc(src.sentences, func(s sentence) bool {
			return slices.ContainsFunc(c.fixed(s.tokens), func(d norsk.Date) bool { return d.Day.Year() == day.Year() && d.Day.Month() == day.Month() })
		})
	}
	if c.m.Start.IsZero() || day.Before(c.m.Start.AddDate(0, 0, -1)) || day.After(c.m.Start.AddDate(0, 1, 1)) && !near() {
		return false
	}
	return slices.ContainsFunc(src.sentences, func(s sentence) bool {
		for i, t := range s.tokens {
			if n, ok := norsk.Ordinal(t.Lower); ok && n == day.Day() && beside(s.tokens[i+1:]) == 0 {
				return true
			}
		}
		return false
	})
}

// Resolve returns the day that a wording names, reckoned from the meeting's day: "innen fredag",
// "2026-11-27".
func (c *Checker) Resolve(words string) (iso string, ok bool) {
	words = strings.TrimSpace(words)
	if _, err := time.Parse(time.DateOnly, words); err == nil {
		return words, true
	}
	found := c.fixed(norsk.Tokens(words))
	if len(found) != 1 || found[0].Day.IsZero() {
		return "", false
	}
	return found[0].ISO(), true
}
