package evidence

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// polarity finds a clause that denies what was not denied, or says what was.
func polarity(p pair, src source) []Fault {
	tokens := p.sentence.tokens[p.clause.from:p.clause.to]
	if at := denies(tokens); at >= 0 {
		if n := count(tokens); n > 1 { // one more than was said turns it again
			most, found := 0, false
			for _, s := range src.sentences {
				for _, cl := range s.clauses {
					words := s.tokens[cl.from:cl.to]
					if p.best > 0 && matched(p, s, cl) == p.best || p.best == 0 && alike(tokens, words) {
						most, found = max(most, count(words)), true
					}
				}
			}
			if found && most < n {
				return []Fault{{Kind: Negated, Words: p.sentence.text[tokens[0].Start:tokens[len(tokens)-1].End]}}
			}
		}
		if f := p.misplaced(at, src); f != nil {
			return f
		}
		if answersNo(p, src) || p.asDenied(at, src) {
			return nil
		}
		for _, s := range src.sentences {
			for _, cl := range s.clauses {
				if denied(s, cl, p) && (2*matched(p, s, cl) >= p.best && p.best > 0 && p.closest(s, cl) || p.best == 0 && alike(tokens, s.tokens[cl.from:cl.to])) {
					return nil
				}
			}
		}
		end := min(len(tokens), at+3)
		return []Fault{{Kind: Negated, Words: p.sentence.text[tokens[at].Start:tokens[end-1].End]}}
	}
	if f := unturned(p, tokens, src); f != nil {
		return f
	}
	if f := undenied(p, src); f != nil {
		return f
	}
	if f := restated(p, src); f != nil {
		return f
	}
	if f := p.onlyDenied(src); f != nil {
		return f
	}
	to := p.to
	if p.best == 0 {
		to = echoes(tokens, src) // a clause of small words alone
	} else if 2*p.best < p.matter {
		return nil
	}
	if len(to) == 0 {
		return nil
	}
	for _, m := range to {
		if !denied(m.sentence, m.clause, p) && (p.best == 0 || p.closest(m.sentence, m.clause)) {
			return nil
		}
	}
	to = slices.DeleteFunc(slices.Clone(to), func(m match) bool {
		return !denied(m.sentence, m.clause, p) || turnsAnew(tokens, m.sentence.tokens[m.clause.from:m.clause.to])
	})
	if len(to) == 0 {
		return nil
	}
	if p.task && p.base == 0 && p.clause.from == 0 && saidOpenly(p.words()[0], src) {
		return nil // "Eg har ikkje fått svar. Eg purrar dei."
	}
	m := to[0]
	words := m.sentence.tokens[m.clause.from:m.clause.to]
	at := denies(words)
	from, end := max(0, at-2), min(len(words), at+3)
	return []Fault{{Kind: Affirmed, Words: m.sentence.text[words[from].Start:words[end-1].End]}}
}

// saidOpenly reports whether a verb stands in a clause of the source that neither denies nor asks.
func saidOpenly(verb word, src source) bool {
	return slices.ContainsFunc(src.sentences, func(s sentence) bool {
		return !s.question && slices.ContainsFunc(s.clauses, func(cl span) bool {
			return denies(s.tokens[cl.from:cl.to]) < 0 && slices.ContainsFunc(s.words[cl.from:cl.to], func(w word) bool { return supports(verb, w) })
		})
	})
}

// turnsAnew reports whether a clause denies by a word of its own what its source denies otherwise: "droppes"
// of "gjøres ikke", but not "stanses" of "stanses ikke".
func turnsAnew(tokens, said []norsk.Token) bool {
	anew := false
	for _, p := range turned {
		if !norsk.Has([]norsk.Pattern{p}, tokens) {
			continue
		}
		if norsk.Has([]norsk.Pattern{p}, said) {
			return false
		}
		anew = true
	}
	return anew
}

// closest reports whether a clause of the source shares about as many words of any kind with the clause as
// any that holds its matter does.
func (p pair) closest(s sentence, cl span) bool {
	tokens := p.sentence.tokens[p.clause.from:p.clause.to]
	own, best := common(tokens, s.tokens[cl.from:cl.to]), 0
	for _, m := range p.to {
		best = max(best, common(tokens, m.sentence.tokens[m.clause.from:m.clause.to]))
	}
	return own+1 >= best
}

// common counts the words of a that stand in b, denials aside.
func common(a, b []norsk.Token) int {
	n := 0
	for _, t := range a {
		if !polar(t.Lower) && slices.ContainsFunc(b, func(o norsk.Token) bool { return o.Lower == t.Lower }) {
			n++
		}
	}
	return n
}

// answersNo reports whether a no follows a question in the source that has the clause's matter: "Noen
// merknader? Nei." says that there are none.
func answersNo(p pair, src source) bool {
	for i, s := range src.sentences {
		if i == 0 || len(s.words) > 6 && (len(s.words) == 0 || s.words[0].Lower != "nei") || denies(s.tokens[:min(3, len(s.tokens))]) < 0 && (len(s.words) == 0 || s.words[0].Lower != "nei") {
			continue
		}
		q := src.sentences[i-1]
		if !q.question || denies(q.tokens) >= 0 && denies(q.tokens[:min(3, len(q.tokens))]) < 0 || norsk.Has(opposing, q.tokens) && !norsk.Has(opposing, p.sentence.tokens) {
			continue // no to "noen imot?" is a yes
		}
		n := matched(p, q, span{0, len(q.words)})
		if n > 0 && 2*n >= p.best {
			return true
		}
	}
	return false
}

var opposing = norsk.Phrases("imot|mot", "innvending~", "motforslag~", "andre forslag", "merknad~", "uenig~|usamd~")

// undenied finds a word that its source denies as it stands, "ikke onsdag", in a clause that does not.
func undenied(p pair, src source) []Fault {
	if len(p.to) == 0 {
		return nil
	}
	words := p.words()
	for _, s := range src.sentences {
		if s.segment != p.to[0].sentence.segment || s.text != p.to[0].sentence.text || s.question && !p.sentence.question {
			continue
		}
		for i, t := range s.tokens {
			if !polar(t.Lower) || t.Lower == "nei" || i+1 >= len(s.words) || t.Mark != 0 {
				continue
			}
			x := s.words[i+1]
			if x.function && x.Lower != "bare" && x.Lower != "berre" {
				continue
			}
			again := slices.ContainsFunc(s.words[:i], func(w word) bool { return w.Lower == x.Lower }) || slices.ContainsFunc(s.words[i+2:], func(w word) bool { return w.Lower == x.Lower })
			if !again && slices.ContainsFunc(words, func(w word) bool { return w.Lower == x.Lower }) {
				return []Fault{{Kind: Affirmed, Words: s.text[t.Start:x.End]}}
			}
		}
	}
	return nil
}

// reversed are words that a denial turns to their opposite, and that mean something else without it.
var reversed = norsk.Phrases("glem~", "gløym~")

// unturned finds "glemme å bestille" for "ikke glemme å bestille", and "ikke bare" for "bare".
func unturned(p pair, tokens []norsk.Token, src source) []Fault {
	from, to, ok := norsk.FindAny(reversed, tokens)
	bareDenial := slices.ContainsFunc(tokens, func(t norsk.Token) bool { return polar(t.Lower) && t.Lower != "nei" })
	if ok && !bareDenial {
		for _, s := range src.sentences {
			if at, _, said := norsk.FindAny(reversed, s.tokens); said && slices.ContainsFunc(s.tokens[max(0, at-3):at], func(t norsk.Token) bool { return polar(t.Lower) }) {
				return []Fault{{Kind: Affirmed, Words: p.sentence.text[tokens[from].Start:tokens[to-1].End]}}
			}
		}
	}
	only := norsk.Phrases("ikke|ikkje bare|berre")
	if norsk.Has(only, tokens) && !slices.ContainsFunc(src.sentences, func(s sentence) bool { return norsk.Has(only, s.tokens) }) &&
		slices.ContainsFunc(src.words, func(w word) bool { return w.Lower == "bare" || w.Lower == "berre" }) {
		return []Fault{{Kind: Negated, Words: strings.TrimSpace(p.sentence.text)}}
	}
	if bareDenial && !slices.ContainsFunc(src.words, func(w word) bool { return polar(w.Lower) }) {
		return []Fault{{Kind: Negated, Words: strings.TrimSpace(p.sentence.text)}}
	}
	return nil
}

// alike reports whether two stretches share most of their words, whatever these are.
func alike(a, b []norsk.Token) bool {
	n := 0
	for _, t := range a {
		if slices.ContainsFunc(b, func(o norsk.Token) bool { return o.Lower == t.Lower }) {
			n++
		}
	}
	return 3*n >= 2*len(a)
}

// echoes are the clauses of the source that are a stretch but for denials, or else that hold all its words.
func echoes(tokens []norsk.Token, src source) []match {
	var out, exact []match
	if len(tokens) < 2 {
		return nil
	}
	bare := func(list []norsk.Token) []string {
		var words []string
		for _, t := range list {
			if !polar(t.Lower) {
				words = append(words, t.Lower)
			}
		}
		return words
	}
	own := bare(tokens)
	for _, s := range src.sentences {
		for _, cl := range s.clauses {
			n := 0
			for _, t := range tokens {
				if slices.ContainsFunc(s.tokens[cl.from:cl.to], func(o norsk.Token) bool { return o.Lower == t.Lower }) {
					n++
				}
			}
			if n == len(tokens) {
				out = append(out, match{s, cl, n})
			}
			if slices.Equal(own, bare(s.tokens[cl.from:cl.to])) {
				exact = append(exact, match{s, cl, len(own)})
			}
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return out
}

// nearby is how many words from the matter a denial may stand where no punctuation bounds the clause.
const nearby = 7

// denied reports whether a clause of the source denies; in one without punctuation, near the matter.
func denied(s sentence, cl span, p pair) bool {
	if s.question && !p.sentence.question {
		return false // "kan vi ikke slå dem sammen?" denies nothing
	}
	words := s.tokens[cl.from:cl.to]
	if refuted(s, cl) && !refuted(p.sentence, p.clause) {
		return denies(words) < 0
	}
	at := denies(words)
	if at < 0 {
		return norsk.Has(leftBe, words) && !norsk.Has(leftBe, p.sentence.tokens[p.clause.from:p.clause.to])
	}
	if i := p.passive(); i >= 0 && len(words) >= longClause/2 {
		for j := cl.from; j < cl.to; j++ {
			if supports(p.words()[i], s.words[j]) {
				return deniedAt(s, cl, j)
			}
		}
	}
	if len(words) < longClause {
		return true
	}
	for i, e := range s.words[cl.from:cl.to] {
		if abs(i-at) <= nearby && slices.ContainsFunc(p.words(), func(w word) bool { return !w.function && supports(w, e) }) {
			return true
		}
	}
	return false
}

func abs(n int) int { return max(n, -n) }

func (p pair) words() []word { return p.sentence.words[p.clause.from:p.clause.to] }

// matched counts the words of matter of a clause that a clause of the source holds.
func matched(p pair, s sentence, cl span) int {
	n := 0
	for _, w := range p.words() {
		if !w.function && !polar(w.Lower) && !deciding(w.Lower) &&
			slices.ContainsFunc(s.words[cl.from:cl.to], func(e word) bool { return supports(w, e) }) {
			n++
		}
	}
	return n
}
