package evidence

import (
	"slices"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

// Vote checks a vote: its proposal, that a vote was told of, its numbers and who stood on which side, and
// that its outcome is the one that was said or follows from the numbers.
func (c *Checker) Vote(v referent.Vote) []Fault {
	out := c.check(v.Proposal, v.Evidence, asProposed)
	src := c.cite(v.Evidence)
	if src.empty() {
		return out
	}
	if c.certain(v) {
		return append(out, c.numbers(v, src)...)
	}
	if !slices.ContainsFunc(src.sentences, func(s sentence) bool { return c.tellsVote(s) }) {
		out = append(out, Fault{Kind: Undecided, Words: strings.TrimSpace(v.Proposal)})
	}
	out = append(out, c.tally(v, src)...)
	out = append(out, c.outcome(v, src)...)
	for _, side := range []struct {
		name  string
		lists [2][]string
	}{{"for", [2][]string{v.ForMembers, v.ForParties}}, {"mot", [2][]string{v.AgainstMembers, v.AgainstParties}}, {"blank", [2][]string{v.BlankMembers}}} {
		for _, name := range slices.Concat(side.lists[0], side.lists[1]) {
			if f := c.voter(name, side.name, src); f != nil && !c.amongAll(name, side.name, v, src) {
				out = append(out, *f)
			}
		}
	}
	if v.Alternative != "" {
		if f := c.check(v.Alternative, v.Evidence, asProposed); len(f) > 0 {
			f[0].Field = "alternative"
			out = append(out, f[0])
		}
	}
	return out
}

// certain reports whether the rules hear this vote where it is cited, and everything in it adds up: the numbers are
// all who could vote, and the names on each side are as many as its number. What people say one by one, over many
// sentences, only they can follow. The wording of the proposal may be another; what it says is checked by itself.
func (c *Checker) certain(v referent.Vote) bool {
	same := func(a, b *int) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }
	within := func(a, b []string) bool {
		return !slices.ContainsFunc(a, func(name string) bool { return !slices.Contains(b, name) })
	}
	return slices.ContainsFunc(c.heard(), func(h referent.Vote) bool {
		return len(h.Faults) == 0 && c.sameVote(v.Proposal, v.Evidence, h) && ends(h.Outcome) == ends(v.Outcome) &&
			(same(h.For, v.For) || v.For == nil) && (same(h.Against, v.Against) || v.Against == nil || *v.Against == 0 && h.Against == nil) && (same(h.Blank, v.Blank) || v.Blank == nil) &&
			within(v.ForMembers, h.ForMembers) && within(v.AgainstMembers, h.AgainstMembers) && within(v.BlankMembers, h.BlankMembers) &&
			within(v.ForParties, h.ForParties) && within(v.AgainstParties, h.AgainstParties) && unanimously(v.Outcome) <= unanimously(h.Outcome)
	})
}

// sameVote reports whether a proposal that cites the ids is what the rules heard voted on there.
func (c *Checker) sameVote(proposal string, ids []string, h referent.Vote) bool {
	if !slices.ContainsFunc(h.Evidence, func(id string) bool { return slices.Contains(ids, id) }) || !c.Has(h.Evidence[len(h.Evidence)-1]) {
		return false
	}
	own := readStatement(proposal)
	heard := readStatement(h.Proposal)
	most := func(a, b *statement) bool {
		n, matter := 0, 0
		for _, w := range a.words {
			if w.function || template(w.Lower) || deciding(w.Lower) {
				continue
			}
			matter++
			if slices.ContainsFunc(b.words, func(x word) bool { return supports(w, x) || supports(x, w) }) {
				n++
			}
		}
		return matter > 0 && 10*n >= 7*matter
	}
	return most(own, heard) && (most(heard, own) || len(heard.words) > 2*len(own.words)) && (denies(own.tokens()) >= 0) == (denies(heard.tokens()) >= 0)
}

// ends tells how a vote ended: adopted, fell or, where neither is said, -1.
func ends(outcome string) ruling {
	claims := told(norsk.Tokens(outcome))
	if _, lost := claims[fell]; lost {
		return fell
	}
	if len(claims) > 0 {
		return adopted
	}
	return -1
}

func unanimously(outcome string) int {
	if _, all := told(norsk.Tokens(outcome))[unanimous]; all {
		return 1
	}
	return 0
}

// tellsVote reports whether a sentence tells the result of a vote.
func (c *Checker) tellsVote(s sentence) bool {
	if s.question || c.jest(s) {
		return false
	}
	return extract.TellsVote(s.text) || len(counted(s)) > 0 || norsk.Has(fellWords, s.tokens) || settles(s) && len(told(s.tokens)) > 0 || norsk.Has(noneAgainst, s.tokens) || norsk.Has(elected, s.tokens) || carried(s)
}

// elected tells of an election, and of all hands.
var elected = norsk.Phrases("er|e|vart|ble|blei|blir|vert ..4 valgt|vald", "det er|var|e alle|samtlige", "alle enige|einige|samde")

// sides are the numbers of one count, -1 for what was not said.
type sides struct{ forVotes, against int }

var voting = norsk.Phrases("stemme~", "stemte", "stemt", "røyst~", "mot|imot", "votering~", "vedta~", "vedte~", "falt|fall|faller|fell")

// counted reads the pairs of numbers that a sentence tells: "åtte mot tre", "8 stemte for og 3 mot".
func counted(s sentence) []sides {
	var out []sides
	if !norsk.Has(voting, s.tokens) {
		return nil
	}
	qs := readQuantities(s.text, s.tokens)
	value := func(q quantity) int {
		n, err := strconv.Atoi(q.value)
		if err != nil {
			return -1
		}
		return n
	}
	one := sides{-1, -1}
	for i, q := range qs {
		n := value(q)
		if n < 0 {
			continue
		}
		next := len(s.tokens)
		if i+1 < len(qs) {
			next = qs[i+1].from
		}
		between := s.tokens[q.to:next]
		if i+1 < len(qs) && len(between) <= 3 && len(between) > 0 && norsk.Has(norsk.Phrases("mot|imot"), between[len(between)-1:]) &&
			!norsk.Has(norsk.Phrases("for", "ja"), between) && q.to == q.from+1 {
			out = append(out, sides{n, value(qs[i+1])})
			continue
		}
		near := between[:min(4, len(between))]
		before := s.tokens[max(0, q.from-3):q.from]
		switch {
		case norsk.Has(norsk.Phrases("mot|imot er|var|stemte|røysta|fikk"), before):
			one.against = n
		case norsk.Has(norsk.Phrases("for er|var|stemte|røysta|fikk"), before):
			one.forVotes = n
		case norsk.Has(norsk.Phrases("mot", "imot", "nei"), near) && !norsk.Has(norsk.Phrases("for", "ja"), near):
			one.against = n
		case norsk.Has(norsk.Phrases("for", "ja"), near):
			one.forVotes = n
		}
	}
	if one.forVotes >= 0 || one.against >= 0 {
		out = append(out, one)
	}
	return out
}

// numbers checks that each number of a vote was said. What a list of names adds up to is a number that was said.
func (c *Checker) numbers(v referent.Vote, src source) []Fault {
	var said []string
	everybody := false
	for _, s := range src.sentences {
		for _, q := range readQuantities(s.text, s.tokens) {
			said = append(said, q.value)
		}
		everybody = everybody || norsk.Has(noneAgainst, s.tokens) || told(s.tokens)[unanimous] != ""
	}
	var out []Fault
	for _, n := range []struct {
		field string
		n     *int
		named []string
		none  bool
	}{{"for", v.For, v.ForMembers, false}, {"against", v.Against, v.AgainstMembers, everybody}, {"blank", v.Blank, v.BlankMembers, true}} {
		if n.n == nil || *n.n == len(n.named) && *n.n > 0 {
			continue
		}
		words := strconv.Itoa(*n.n)
		if *n.n == 0 && (n.none || everybody || slices.ContainsFunc(src.sentences, func(s sentence) bool { return denies(s.tokens) >= 0 })) {
			continue
		}
		if !slices.Contains(said, words) && !(everybody && *n.n == c.seated()) {
			out = append(out, Fault{Kind: Number, Words: words, Field: n.field})
		}
	}
	return out
}

// tally checks the numbers of a vote, each by itself and as they were said together.
func (c *Checker) tally(v referent.Vote, src source) []Fault {
	out := c.numbers(v, src)
	var pairs []sides
	failed := false
	for _, s := range src.sentences {
		pairs = append(pairs, counted(s)...)
		failed = failed || norsk.Has(fellWords, s.tokens)
	}
	if v.For != nil && v.Against != nil && len(out) == 0 && len(pairs) > 0 {
		fits := slices.ContainsFunc(pairs, func(p sides) bool {
			a := (p.forVotes < 0 || p.forVotes == *v.For) && (p.against < 0 || p.against == *v.Against)
			b := failed && (p.forVotes < 0 || p.forVotes == *v.Against) && (p.against < 0 || p.against == *v.For)
			return a || b
		})
		named := len(v.ForMembers) == *v.For && len(v.AgainstMembers) == *v.Against
		if !fits && !named {
			both := strconv.Itoa(*v.For) + "–" + strconv.Itoa(*v.Against)
			out = append(out, Fault{Kind: Number, Words: both, Field: "for"}, Fault{Kind: Number, Words: both, Field: "against"})
		}
	}
	return out
}

// seated is how many members the roster has present.
func (c *Checker) seated() int {
	n := 0
	for _, p := range c.m.Participants {
		if !p.Absent {
			n++
		}
	}
	return n
}

// outcome checks a vote's result against the words and its numbers.
func (c *Checker) outcome(v referent.Vote, src source) []Fault {
	if v.Outcome == "" {
		return nil
	}
	claims := told(norsk.Tokens(v.Outcome))
	held := c.rules(src)
	_, lost := claims[fell]
	_, won := claims[adopted]
	_, all := claims[unanimous]
	won = won || all || claims[approved] != ""
	wrong := []Fault{{Kind: Outcome, Words: v.Outcome, Field: "outcome"}}
	if v.For != nil && v.Against != nil {
		switch {
		case won && *v.For < *v.Against, lost && *v.For > *v.Against, all && *v.Against > 0:
			return wrong
		case *v.For == *v.Against && *v.For > 0 && !v.DoubleVote && !slices.ContainsFunc(src.words, func(w word) bool {
			return strings.HasPrefix(w.Lower, "dobbelts") || strings.HasPrefix(w.Lower, "dobbelr")
		}):
			return wrong
		}
	}
	if v.For != nil && v.Against != nil && *v.For == *v.Against && won && held[fell] && !slices.ContainsFunc(src.sentences, func(s sentence) bool {
		t := told(s.tokens)
		return !s.question && (t[adopted] != "" || t[approved] != "") && !norsk.Has(fellWords, s.tokens)
	}) {
		return wrong // a casting vote settles it either way: only what was said of the outcome tells which
	}
	decidedByCount := v.For != nil && v.Against != nil && *v.For != *v.Against
	switch {
	case all && !held[unanimous]:
		return wrong
	case lost && !held[fell] && !decidedByCount && !held[adopted]:
		return wrong
	case won && !lost && !held[adopted] && !held[approved] && !held[unanimous] && !decidedByCount:
		return wrong
	case won && !lost && held[fell] && !decidedByCount && !c.clearly(src):
		return wrong
	case lost && !held[fell] && !decidedByCount:
		return wrong
	}
	if len(c.check(v.Outcome, v.Evidence, asCited)) > 0 {
		return wrong
	}
	return nil
}

// clearly reports whether the source has a sentence of its own that adopts.
func (c *Checker) clearly(src source) bool {
	return slices.ContainsFunc(src.sentences, func(s sentence) bool { return settles(s) && !c.jest(s) && !norsk.Has(fellWords, s.tokens) })
}
