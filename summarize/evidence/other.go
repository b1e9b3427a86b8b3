package evidence

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// Person checks that somebody is named in, or is a voice of, the cited segments.
func (c *Checker) Person(name string, ids []string) []Fault {
	src := c.cite(ids)
	if src.empty() {
		return []Fault{{Kind: Uncited, Words: name}}
	}
	st := readStatement(name)
	if len(st.words) == 0 {
		return nil
	}
	missing := 0
	for _, w := range st.words {
		if !spells(w.Lower, src.words) && !spells(w.Lower, src.labels) && !w.function {
			missing++
		}
	}
	if missing == 0 {
		return nil
	}
	// The roster adds to the part of a name that was said, if it can mean only one.
	for _, w := range []word{st.words[0], st.words[len(st.words)-1]} {
		if spells(w.Lower, src.words) && len(c.called(norsk.Fold(name))) == 1 && len(c.called(w.Lower)) == 1 {
			return nil
		}
	}
	return []Fault{{Kind: Name, Words: name}}
}

// Cited checks only that the names, numbers, days and times of a text were said.
func (c *Checker) Cited(text string, ids []string) []Fault { return c.check(text, ids, asCited) }

// Next checks what is said of the next meeting: its sentence, day, time and place.
func (c *Checker) Next(n *referent.NextMeeting) []Fault {
	out := c.check(n.Text, n.Evidence, asProposed)
	src := c.cite(n.Evidence)
	if src.empty() {
		return out
	}
	if n.Date != nil {
		out = append(out, c.Due(*n.Date, n.Evidence)...)
	}
	if n.Time != "" {
		if f := c.Time(n.Time, n.Evidence); f != nil {
			out = append(out, f...)
		}
	}
	if n.Place != "" {
		for _, w := range readWords(n.Place) {
			if !w.function && !inSource(w, src) {
				out = append(out, Fault{Kind: Name, Words: n.Place})
				break
			}
		}
	}
	return out
}

// Time checks a time of day, "10.00", that stands in a field of its own.
func (c *Checker) Time(words string, ids []string) []Fault {
	tokens := norsk.Tokens(words)
	asked := readClocks(tokens, true)
	if len(asked) == 0 && len(tokens) == 1 && figures(tokens[0].Text) {
		asked = readClocks(norsk.Tokens("kl "+words), false)
	}
	if len(asked) == 0 {
		return []Fault{{Kind: Clock, Words: strings.TrimSpace(words)}}
	}
	var said []clock
	for _, s := range c.cite(ids).sentences {
		said = append(said, readClocks(s.tokens, true)...)
	}
	for _, k := range asked {
		if !slices.ContainsFunc(said, k.same) {
			return []Fault{{Kind: Clock, Words: strings.TrimSpace(words)}}
		}
	}
	return nil
}

// FullName is the one person of the meeting that a name can mean, else the name.
func (c *Checker) FullName(name string) string {
	if who := c.called(norsk.Fold(name)); len(who) == 1 {
		return who[0]
	}
	return name
}
