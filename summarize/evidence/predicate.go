package evidence

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// predicate is the word of a clause that its denial at word at turns: a verb of its own that stands right before it
// ("flyttes ikke"), or else the next word of matter ("vert ikkje utsett"). -1: there is none.
func (p pair) predicate(at int) int {
	words := p.words()
	says := func(i int) bool {
		return !words[i].function && !polar(words[i].Lower) && !numeral(words[i]) && (!words[i].Capitalised() || i == 0 && p.clause.from == 0)
	}
	if at > 0 && says(at-1) && verbal(words[at-1].Lower) {
		return at - 1
	}
	for i := at + 1; i < len(words); i++ {
		if words[i-1].Mark != 0 {
			break
		}
		if says(i) {
			return i
		}
	}
	if at > 0 && says(at-1) {
		return at - 1
	}
	return -1
}

// verbal tells the endings of present and passive verbs.
func verbal(lower string) bool {
	return len(lower) > 3 && (strings.HasSuffix(lower, "r") || strings.HasSuffix(lower, "es") || strings.HasSuffix(lower, "ast") || strings.HasSuffix(lower, "te"))
}

// misplaced finds a denial of what its source says without one: the word it turns stands in clauses that do not deny
// alone. A word that stops something, denied, starts it again, and that too must have been said.
func (p pair) misplaced(at int, src source) []Fault {
	words := p.words()
	i := p.predicate(at)
	if i < 0 || p.sentence.question {
		return nil
	}
	fault := []Fault{{Kind: Negated, Words: p.sentence.text[words[min(i, at)].Start:words[max(i, at)].End]}}
	said, denied := false, false
	for _, s := range src.sentences {
		for _, cl := range s.clauses {
			for j := cl.from; j < cl.to; j++ {
				if !supports(words[i], s.words[j]) {
					continue
				}
				if s.question {
					continue
				}
				said, denied = true, denied || deniedAt(s, cl, j)
			}
		}
	}
	if said && !denied {
		return fault
	}
	if !said && norsk.Has(turned, []norsk.Token{words[i].Token}) {
		return fault
	}
	return nil
}

// asDenied reports whether the source denies a word in just these words: "uten merknader".
func (p pair) asDenied(at int, src source) bool {
	words := p.words()
	if at+1 >= len(words) || words[at+1].function {
		return false
	}
	return slices.ContainsFunc(src.sentences, func(s sentence) bool {
		for i := 0; i+1 < len(s.words); i++ {
			if !s.question && s.words[i].Lower == words[at].Lower && s.words[i].Mark == 0 && s.words[i+1].Lower == words[at+1].Lower {
				return true
			}
		}
		return false
	})
}

// deniedAt reports whether a clause denies its word j: anywhere in a short clause, close by in a long one, which speech
// that has no punctuation makes of several.
func deniedAt(s sentence, cl span, j int) bool {
	if refuted(s, cl) {
		return true
	}
	if denies(s.tokens[cl.from:cl.to]) < 0 {
		return false
	}
	if cl.to-cl.from < longClause/2 {
		return true
	}
	return slices.ContainsFunc(s.words[max(cl.from, j-nearby+1):min(cl.to, j+nearby)], func(w word) bool { return polar(w.Lower) })
}

// passive is the word of a clause that says that something is done: "repareres", "leggast", or what follows "blir". -1:
// there is none.
func (p pair) passive() int {
	words := p.words()
	for i, w := range words {
		if w.Capitalised() || w.function || i == 0 {
			continue
		}
		if len(w.Lower) > 5 && (strings.HasSuffix(w.Lower, "es") || strings.HasSuffix(w.Lower, "ast")) {
			return i
		}
		if slices.Contains([]string{"blir", "vert", "bli", "er", "ble", "vart"}, words[i-1].Lower) {
			return i
		}
	}
	return -1
}

// onlyDenied finds a clause that says of something that it is done, where whoever spoke of it denied that.
func (p pair) onlyDenied(src source) []Fault {
	i := p.passive()
	if i < 0 || p.sentence.question {
		return nil
	}
	words := p.words()
	var found *Fault
	for _, s := range src.sentences {
		if s.question {
			continue
		}
		for _, cl := range s.clauses {
			for j := cl.from; j < cl.to; j++ {
				if !supports(words[i], s.words[j]) {
					continue
				}
				if !deniedAt(s, cl, j) {
					return nil
				}
				if matched(p, s, cl) >= 2 {
					from, to := max(cl.from, j-2), min(cl.to, j+3)
					found = &Fault{Kind: Affirmed, Words: s.text[s.words[from].Start:s.words[to-1].End]}
				}
			}
		}
	}
	if found == nil {
		return nil
	}
	return []Fault{*found}
}

// refutes reports whether words deny what was said just before, in small words alone: "det er jeg ikke".
func refutes(words []norsk.Token) bool {
	if len(words) == 0 || len(words) > 6 || !slices.Contains([]string{"det", "den", "dette", "men", "og"}, words[0].Lower) || denies(words) < 0 {
		return false
	}
	return !slices.ContainsFunc(words, func(t norsk.Token) bool {
		return !norsk.Functional(t.Lower) && !polar(t.Lower) && !t.Capitalised()
	})
}

// refute marks the clauses that the words after them deny.
func refute(list []sentence) {
	for i := range list {
		for k, cl := range list[i].clauses {
			if !refutes(list[i].tokens[cl.from:cl.to]) {
				continue
			}
			switch {
			case k > 0:
				list[i].refuted = append(list[i].refuted, list[i].clauses[k-1])
			case i > 0 && !list[i-1].question && len(list[i-1].clauses) > 0:
				before := list[i-1].clauses
				list[i-1].refuted = append(list[i-1].refuted, before[len(before)-1])
			}
		}
	}
}

// restated finds a clause of a statement that says what was denied right after it was said: "with the correction that
// she was there", of one who said that she was not.
func restated(p pair, src source) []Fault {
	for _, s := range src.sentences {
		for _, cl := range s.refuted {
			words := s.words[cl.from:cl.to]
			for i, w := range words {
				if w.Lower == "at" {
					words = words[i+1:]
					break
				}
			}
			at, n := -1, 0
			missing := slices.ContainsFunc(words, func(w word) bool {
				if w.function || polar(w.Lower) {
					return false
				}
				n++
				k := slices.IndexFunc(p.words(), func(x word) bool { return x.Lower == w.Lower })
				at = max(at, k)
				return k < 0
			})
			if missing || n == 0 {
				continue
			}
			own := p.words()
			from := at
			for from > 0 && own[from].Lower != "at" {
				from--
			}
			if denies(tokensOf(own[from:at+1])) < 0 && !refuted(p.sentence, p.clause) {
				return []Fault{{Kind: Affirmed, Words: p.sentence.text[own[from].Start:own[at].End]}}
			}
		}
	}
	return nil
}

// refuted reports whether a clause was denied by what came after it.
func refuted(s sentence, cl span) bool { return slices.Contains(s.refuted, cl) }
