// Package evidence holds statements of minutes against the words they cite, without a model: names,
// numbers with their units, days and times, negations, words of decision, how surely something was said,
// and what the statement is about. It also finds what sounds like a decision, a task or a vote in a
// transcript and stands nowhere in the minutes.
//
// What is not here: writing or mending a statement, and what becomes of one that has a fault (package
// summarize moves it to a person). The check is made of rules and errs to one side: it may send something
// true to a person, for words that it cannot bring together; it is built to let nothing stand that the
// cited words do not say.
package evidence

import (
	"slices"
	"strings"
	"sync"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

// Kind is what is wrong with a statement.
type Kind int

// The kinds of fault.
const (
	Uncited     Kind = iota // no valid segment is cited
	Name                    // a name that is not in the cited words, nor of who said them
	Person                  // a person who is named there, but not for this
	Number                  // a number that is not there
	Amount                  // a number that is there with another unit
	Day                     // a day, month or weekday that is not there
	Clock                   // a time of day that is not there
	Amended                 // a day that was corrected afterwards
	Negated                 // denies what was not denied
	Affirmed                // says what was denied
	Undecided               // words of decision without one
	Outcome                 // a result that is not the one that was said
	Modality                // states as settled what was proposed, asked, wished or doubted
	Unsupported             // is mostly about what was not said
	TakenBack               // a task that was dropped
)

var reasons = map[Kind]norsk.Word{
	Uncited: norsk.ReasonCited, Name: norsk.ReasonName, Person: norsk.ReasonWho, Number: norsk.ReasonNumber, Amount: norsk.ReasonAmount,
	Day: norsk.ReasonDate, Clock: norsk.ReasonClock, Amended: norsk.ReasonAmended, Negated: norsk.ReasonNegated, Affirmed: norsk.ReasonAffirmed,
	Undecided: norsk.ReasonDecided, Outcome: norsk.ReasonOutcome, Modality: norsk.ReasonModal, Unsupported: norsk.ReasonContent,
	TakenBack: norsk.ReasonTakenBack,
}

// Fault is one thing that a statement says and its evidence does not.
type Fault struct {
	Kind  Kind
	Words string // the statement's words, as they stand; empty for Uncited
	// Field is the part of a vote that is wrong while the rest may stand: "for", "against", "blank", "outcome",
	// "members". Empty: the whole statement.
	Field string
}

// Reason is the fault as a person reads it, in the language form "nb" or "nn".
func (f Fault) Reason(form string) string { return reasons[f.Kind].In(form, "words", f.Words) }

// Checker holds statements against one transcript. It reads the transcript once and is safe for
// concurrent use.
type Checker struct {
	m       *referent.Meeting
	t       *referent.Transcript
	order   map[string]int // segment id -> index
	said    []segment
	people  []string // full names of roster and voices
	known   map[string]bool
	heard   func() []referent.Vote   // what the rules hear; read when first asked for
	written func() *referent.Minutes // what the rules write, unchecked; read when first asked for, and not to be changed
	whole   func() source            // each word of the meeting, once; read when first asked for
}

// New prepares the check of a meeting's minutes. Neither argument is changed.
func New(m *referent.Meeting, t *referent.Transcript) *Checker {
	c := &Checker{m: m, t: t, order: map[string]int{}, known: map[string]bool{}}
	add := func(name string) {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(c.people, name) {
			c.people = append(c.people, name)
			for _, w := range norsk.Tokens(name) {
				c.known[w.Lower] = true
			}
		}
	}
	for _, p := range m.Participants {
		add(p.Name)
	}
	for _, s := range t.Speakers {
		add(s.Name)
	}
	c.said = make([]segment, len(t.Segments))
	for i, s := range t.Segments {
		c.order[s.ID] = i
		c.said[i] = readSegment(i, c.label(t.SpeakerName(s.Speaker)), s.Text)
	}
	c.whole = sync.OnceValue(c.readWhole)
	c.heard = sync.OnceValue(func() []referent.Vote { return extract.Heard(m, t) })
	c.written = sync.OnceValue(func() *referent.Minutes { return extract.Write(m, t) })
	return c
}

// Has reports whether a segment of this id exists.
func (c *Checker) Has(id string) bool {
	_, ok := c.order[id]
	return ok
}

// Knows reports whether a name is of the roster, of a voice, or was said whole somewhere in the meeting.
func (c *Checker) Knows(name string) bool {
	if slices.ContainsFunc(c.people, func(p string) bool { return norsk.Fold(p) == norsk.Fold(name) }) {
		return true
	}
	words := norsk.Tokens(name)
	return len(words) > 0 && slices.ContainsFunc(c.said, func(s segment) bool {
		return slices.ContainsFunc(s.sentences, func(st sentence) bool {
			return !slices.ContainsFunc(words, func(w norsk.Token) bool { return !spells(w.Lower, st.words) })
		})
	})
}

// Valid returns the ids that exist, in the transcript's order, each once.
func (c *Checker) Valid(ids []string) []string {
	out := []string{}
	for _, id := range ids {
		if c.Has(id) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return c.order[a] - c.order[b] })
	return out
}

// Check returns what a statement of fact says that the cited segments do not. None: it may stand.
func (c *Checker) Check(statement string, ids []string) []Fault {
	return c.check(statement, ids, asStated)
}

// Proposal checks the wording of a proposal or recommendation, which may be as open as it likes.
func (c *Checker) Proposal(text string, ids []string) []Fault { return c.check(text, ids, asProposed) }

// role is what a statement claims to be, which decides what else is asked of it.
type role int

const (
	asStated   role = iota // a fact: no surer than it was said
	asProposed             // somebody's wish
	asDecided              // settled: Decision asks for the wording that settles it
	asTask                 // to be done: Task asks who took it on
	asCited                // names, numbers and days alone
)

func (c *Checker) check(text string, ids []string, as role) []Fault {
	src := c.cite(ids)
	if src.empty() {
		return []Fault{{Kind: Uncited}}
	}
	st := readStatement(text)
	var out []Fault
	add := func(f []Fault) { out = append(out, f...) }
	add(c.dates(st, src))
	add(c.quantities(st, src))
	add(c.names(st, src, as))
	if as == asCited {
		return out
	}
	add(c.verbatim(st, src))
	add(result(st, src, as))
	pairs := align(st, src)
	for i := range pairs {
		pairs[i].task = as == asTask
	}
	add(c.stance(st, src, pairs, as))
	around := src
	if as == asTask || as == asDecided {
		around = c.surroundings(src)
	}
	add(content(st, src, around, pairs, as))
	add(c.foreign(st, as))
	return out
}

// label is what is known of a voice beside its words: name, role and party.
func (c *Checker) label(name string) string {
	for _, p := range c.m.Participants {
		if p.Name == name && name != "" {
			return strings.TrimSpace(name + "\n" + p.Role + "\n" + p.Party)
		}
	}
	return name
}
