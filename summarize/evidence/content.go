package evidence

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/referent/referent/summarize/norsk"
)

// supports reports whether a word of a statement is a form, or the plainer name, of a word that was said.
func supports(w, said word) bool {
	return w.Lower == said.Lower || norsk.SameRoot(w.root, said.root) || norsk.PartOf(w.root, said.root)
}

// pair is a clause of a statement beside the clauses of its source that say most of it.
type pair struct {
	sentence sentence // of the statement
	base     int      // index of the sentence's first word in the statement
	clause   span
	matter   int // words of matter in the clause
	best     int // the most of them that one clause of the source holds
	to       []match
	task     bool // the clause is of a task, which begins with its verb
}

// match is a clause of the source that holds the most, or nearly, of a clause.
type match struct {
	sentence sentence
	clause   span
	shared   int
}

// align finds for each clause of a statement where in the source it was said.
func align(st *statement, src source) []pair {
	var out []pair
	base := 0
	for _, s := range st.sentences {
		for _, cl := range s.clauses {
			p := pair{sentence: s, base: base, clause: cl}
			var matter []word
			for _, w := range s.words[cl.from:cl.to] {
				if !w.function && !polar(w.Lower) && !deciding(w.Lower) {
					matter = append(matter, w)
				}
			}
			p.matter = len(matter)
			var all []match
			for _, e := range src.sentences {
				for _, ecl := range e.clauses {
					n := 0
					for _, w := range matter {
						if slices.ContainsFunc(e.words[ecl.from:ecl.to], func(x word) bool { return supports(w, x) }) {
							n++
						}
					}
					p.best = max(p.best, n)
					all = append(all, match{e, ecl, n})
				}
			}
			for _, m := range all {
				if m.shared > 0 && m.shared == p.best {
					p.to = append(p.to, m)
				}
			}
			out = append(out, p)
		}
		base += len(s.words)
	}
	return out
}

// The share of a statement's words of matter that its evidence must hold, over all and in each clause of
// its own; measured on the gold cases and their falsifications (gold_test.go).
const (
	leastWhole  = 0.6
	leastClause = 0.5
	leastOwn    = 0.4  // of them in the cited words, where some stand just before these
	leastTask   = 0.25 // the same of a task, which is taken on in fewer words: "Det kan jeg gjøre"
)

// content finds a statement, or a clause of one, that is mostly about what was not said.
//
// around is the source with what was said just before it: what is decided or taken on is often named there alone. A
// statement that rests on that must still have a good part of its words from the source itself.
func content(st *statement, src, around source, pairs []pair, as role) []Fault {
	total, found, own, verb := 0, 0, 0, 0
	for _, fact := range st.fact { // a name or a number, which is checked by itself, ties a statement to its source too
		if fact {
			own++
		}
	}
	var missing []string
	for _, p := range pairs {
		n, ok := 0, 0
		var here []string
		for i := p.clause.from; i < p.clause.to; i++ {
			w := p.sentence.words[i]
			if w.function || st.fact[p.base+i] || polar(w.Lower) || deciding(w.Lower) || hedging(w.Lower) || template(w.Lower) {
				continue
			}
			if as == asTask && p.base+i == 0 && doing(w.Lower) && !inSource(w, around) {
				continue
			}
			n++
			if as == asTask && p.base+i == 0 {
				verb = 1
			}
			if cited := inSource(w, src); cited || inSource(w, around) {
				ok++
				if cited && !(as == asTask && p.base+i == 0) {
					own++
				}
			} else {
				here = append(here, w.Text)
			}
		}
		alone := n == 1 && ok == 0 && len(pairs) > 1 && p.clause.to-p.clause.from > 1
		added := p.clause.from > 0 && n >= 2 && n <= 4 && 3*ok <= 2*n // a clause put to a sentence
		if alone || added || n >= 2 && float64(ok) < leastClause*float64(n) {
			return []Fault{{Kind: Unsupported, Words: strings.Join(here, " ")}}
		}
		total, found, missing = total+n, found+ok, append(missing, here...)
	}
	least := leastOwn
	if as == asTask {
		least = leastTask
	}
	if total > 0 && (float64(found) < leastWhole*float64(total) || float64(own) < least*float64(total-verb) && len(around.words) > len(src.words)) {
		return []Fault{{Kind: Unsupported, Words: strings.Join(missing, " ")}}
	}
	return nil
}

// doing are the verbs that a writer puts to a task of which only the thing was said: "Vaktlista tar jeg."
func doing(lower string) bool {
	return slices.Contains(strings.Fields("lage sette setje setja gjennomføre gjere gjøre gjera ordne fikse utføre følge følgje følgja ta sørge syte legge leggje leggja skrive skriva"), lower)
}

// before is how many segments ahead of those cited may name what these are about.
const before = 8

// surroundings are a source with the segments just before each of its own.
func (c *Checker) surroundings(src source) source {
	cited := map[int]bool{}
	for _, s := range src.segments {
		cited[s.index] = true
	}
	out := source{segments: src.segments, sentences: src.sentences, words: slices.Clone(src.words), labels: src.labels}
	for i := max(0, src.segments[0].index-before); i < src.segments[len(src.segments)-1].index; i++ {
		if cited[i] {
			continue
		}
		for _, s := range c.said[i].sentences {
			out.words = append(out.words, s.words...)
		}
	}
	return out
}

// inSource reports whether a word was said: in a form of it, as part of a compound, or, a compound itself,
// in its parts.
func inSource(w word, src source) bool {
	party := parties[w.Lower]
	has := func(e word) bool { return supports(w, e) || party != "" && parties[e.Lower] == party }
	if slices.ContainsFunc(src.words, has) || slices.ContainsFunc(src.labels, has) {
		return true
	}
	for cut := range w.root {
		if cut < 2 || len(w.root)-cut < 4 || !utf8.RuneStart(w.root[cut]) {
			continue
		}
		head := slices.ContainsFunc(src.words, func(e word) bool { return norsk.SameRoot(w.root[cut:], e.root) })
		if !head {
			continue
		}
		front := strings.TrimSuffix(w.root[:cut], "s")
		if slices.ContainsFunc(src.words, func(e word) bool {
			return len(front) > 4 && strings.HasPrefix(e.root, front) || e.root == front || e.root == w.root[:cut] || utf8.RuneCountInString(e.root) >= 3 && (norsk.SameRoot(front, e.root) || norsk.SameRoot(w.root[:cut], e.root))
		}) {
			return true
		}
	}
	return false
}

// template tells the words that a document adds: "Forslag fra", "Innstilling:".
func template(lower string) bool {
	return slices.Contains([]string{"forslag", "forslaget", "framlegg", "framlegget", "innstilling", "innstillingen", "innstillinga", "tilråding", "tilrådinga",
		"orientering", "oppsummering", "beslutning", "avgjerd", "votering", "røysting", "gjennomføres", "gjennomførast", "stemmer", "røyster", "stemte", "røysta"}, lower)
}
