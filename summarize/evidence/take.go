package evidence

import (
	"slices"

	"github.com/referent/referent/summarize/norsk"
)

// commits reports whether a sentence of its speaker takes the task: says so of its matter, or says yes to
// what another has just asked.
func (c *Checker) commits(s sentence, st *statement, src source) bool {
	head := s.tokens[:min(3, len(s.tokens))]
	if norsk.Has(refuses, head) && !norsk.Has(takings, s.tokens) || hedged(s) && !norsk.Has(takings, s.tokens) ||
		norsk.Has(orders, s.tokens) && !norsk.Has(norsk.Phrases("jeg|eg|æ"), s.tokens) {
		return false
	}
	if norsk.Has(refuses, s.tokens) && denies(s.tokens) >= 0 {
		return false // "nei, det rekker jeg ikke"
	}
	matter := shared(st, s, span{0, len(s.words)})
	if c.says(s, st) && matter > 0 {
		return true
	}
	for _, cl := range s.clauses {
		words := s.tokens[cl.from:cl.to]
		if norsk.Has(commits, words) && !norsk.Has(demands, words) && (matter > 0 && len(s.clauses) == 1 || shared(st, s, cl) > 0 || matter > 0 && takesUp(words, st)) {
			return true
		}
	}
	if !norsk.Has(takings, s.tokens) && !doesIt(s.tokens) && !(norsk.Has(accepts, head) && matter == 0) {
		return false
	}
	if denies(s.tokens) < 0 && slices.ContainsFunc(s.clauses, func(cl span) bool { return takesUp(s.tokens[cl.from:cl.to], st) }) && c.spokenOf(s, st) {
		return true
	}
	return c.answers(s) && (norsk.Has(takings, s.tokens) || !c.askedWho(s)) && c.spokenOf(s, st)
}

// takesUp reports whether words take on what was spoken of: "da tar jeg det", not "da skal jeg levere budsjettet".
func takesUp(words []norsk.Token, st *statement) bool {
	if !norsk.Has(takings, words) && !doesIt(words) {
		return false
	}
	others := 0
	from, to, _ := norsk.FindAny(takings, words)
	for i, t := range words {
		if i >= from && i < to || norsk.Functional(t.Lower) || seasonal[t.Lower] != "" || t.Capitalised() || norsk.Has(accepts, []norsk.Token{t}) {
			continue
		}
		w := word{Token: t, root: norsk.Root(t.Lower)}
		if !slices.ContainsFunc(st.words, func(x word) bool { return supports(x, w) }) {
			others++
		}
	}
	return others < 2 || len(words) > 8 && others < 4
}

// thinking are verbs with which nobody does anything.
var thinking = norsk.Phrases("tror|trur|synes|syns|synest|mener|meiner|vet|veit|ser|håper|håpar|husker|hugsar|forstår|skjønner|skjønar|har|er|kjenner|kjenner|liker|likar|hører|høyrer|ble|var|tenker|tenkjer")

// doesIt reports whether words say "det sier jeg fra om": what was spoken of, a verb and who speaks.
func doesIt(words []norsk.Token) bool {
	for i := 0; i+2 < len(words); i++ {
		if slices.Contains([]string{"det", "den", "dette", "de", "dei", "dem", "han", "ho"}, words[i].Lower) && verbal(words[i+1].Lower) && !norsk.Has(thinking, words[i+1:i+2]) &&
			slices.Contains([]string{"jeg", "eg", "æ", "je"}, words[i+2].Lower) {
			return true
		}
	}
	return false
}

// demands say what somebody wants to have, not what they do.
var demands = norsk.Phrases("jeg|eg|æ|je må|mått|skal|vil|trenger|treng|trænge ..1 ha|få", "må|mått|skal|vil jeg|eg|æ|je ..1 ha|få", "sende|sender|gi|gje|gir|gjev meg|mæ|oss")

// thinksAgain reports whether a bare yes is taken back in the same turn: "Ja. Eller nei, jeg har ikke tid."
func (c *Checker) thinksAgain(s sentence) bool {
	passed := false
	for _, e := range c.said[s.segment].sentences {
		if passed && norsk.Has(norsk.Phrases("nei"), e.tokens[:min(2, len(e.tokens))]) && (denies(e.tokens) >= 0 || norsk.Has(refuses, e.tokens[min(2, len(e.tokens)):])) && !norsk.Has(takings, e.tokens) {
			return true
		}
		passed = passed || e.text == s.text
	}
	return false
}

// askedWho reports whether the question right before was only who is meant, which a yes does not answer.
func (c *Checker) askedWho(s sentence) bool {
	if s.segment == 0 {
		return false
	}
	before := c.said[s.segment-1].sentences
	if len(before) == 0 {
		return false
	}
	last := before[len(before)-1]
	return last.question && len(last.words) <= 4 && norsk.Has(norsk.Phrases("hvem|kven|kem"), last.tokens)
}

// othersTake reports whether a known voice other than this person takes the task in so many words: who is merely named
// beside it has not.
func (c *Checker) othersTake(person string, named sentence, st *statement, src source) bool {
	return person != "" && slices.ContainsFunc(src.sentences, func(s sentence) bool {
		return s.speaker != "" && s.speaker != person && !s.question && (s.segment > named.segment || s.speaker == named.speaker && s.text != named.text) && !mentioned(person, s.words) && (c.commits(s, st, src) || norsk.Has(offering, s.tokens) && shared(st, s, span{0, len(s.words)}) > 0)
	})
}

// says reports whether the task's own verb stands beside a first person: "jeg bestiller", "sender eg".
func (c *Checker) says(s sentence, st *statement) bool {
	if len(st.words) == 0 {
		return false
	}
	for i, w := range s.words {
		if !supports(st.words[0], w) {
			continue
		}
		if slices.ContainsFunc(s.clauses, func(cl span) bool { return i >= cl.from && i < cl.to && norsk.Has(past, s.tokens[cl.from:cl.to]) }) {
			continue // "I fjor var det eg som laga han"
		}
		for _, j := range []int{i - 1, i + 1, i - 2} {
			if j == i-2 && j > 0 && s.words[j+1].Capitalised() && s.words[j].Lower == "og" || i > 3 && s.words[i-1].Capitalised() && s.words[i-2].Capitalised() && s.words[i-3].Lower == "og" {
				k := j // "jeg og Per skriver"
				for k > 0 && s.words[k].Lower != "og" {
					k--
				}
				if k > 0 && slices.Contains([]string{"jeg", "eg", "æ"}, s.words[k-1].Lower) {
					return true
				}
			}
			if j >= 0 && j < len(s.words) && slices.Contains([]string{"jeg", "eg", "æ", "je", "vi", "me"}, s.words[j].Lower) {
				return true
			}
		}
	}
	return false
}

// spokenOf reports whether the sentences just before have the task's matter: "det tar jeg" is of them.
func (c *Checker) spokenOf(s sentence, st *statement) bool {
	from, passed := s.segment, 0
	for from > 0 && from > s.segment-4 && passed < 2 { // "hvem av oss?" is nothing that was spoken of
		from--
		if slices.ContainsFunc(c.said[from].sentences, func(e sentence) bool { return weight(e) >= 2 }) {
			passed++
		}
	}
	for i := from; i <= s.segment; i++ {
		for _, e := range c.said[i].sentences {
			if i == s.segment && e.text == s.text {
				break
			}
			if shared(st, e, span{0, len(e.words)}) > 0 {
				return true
			}
		}
	}
	return false
}

// answers reports whether a sentence answers what another voice has just asked or handed out.
func (c *Checker) answers(s sentence) bool {
	for i := s.segment - 1; i >= max(0, s.segment-2); i-- {
		if c.said[i].speaker == s.speaker && s.speaker != "" {
			continue
		}
		for _, e := range c.said[i].sentences {
			if norsk.Has(asks, e.tokens) || s.speaker != "" && mentioned(s.speaker, e.words) {
				return true
			}
		}
		return false
	}
	return false
}
