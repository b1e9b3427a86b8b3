package norsk

import (
	"slices"
	"strings"
	"sync"
)

// Pattern is a phrase to look for in tokens, in either form of Norwegian.
type Pattern struct {
	elements []element
}

type element struct {
	words    []string
	prefixes []string
	any      int  // matches 0 to this many tokens whatever they are
	number   bool // matches a number in digits or words
	optional bool
}

// Phrase compiles a phrase. Its elements are separated by spaces and match one token each:
//
//	er|blir      one of these words
//	vedt~        a word that starts so
//	#            a number, in digits or as one word
//	herved?      may be left out
//	..3          up to three tokens of any kind within one clause
//
// It panics on an empty phrase: phrases are written in the source. Each is compiled once.
func Phrase(s string) Pattern {
	if p, ok := compiled.Load(s); ok {
		return p.(Pattern)
	}
	p := compile(s)
	compiled.Store(s, p)
	return p
}

var compiled sync.Map // phrase -> Pattern

func compile(s string) Pattern {
	var p Pattern
	for f := range strings.FieldsSeq(s) {
		var e element
		if n, ok := strings.CutPrefix(f, ".."); ok {
			e.any, _ = Number(n)
			if e.any == 0 {
				panic("norsk: phrase " + s)
			}
			p.elements = append(p.elements, e)
			continue
		}
		f, e.optional = strings.CutSuffix(f, "?")
		for w := range strings.SplitSeq(f, "|") {
			if prefix, ok := strings.CutSuffix(w, "~"); ok {
				e.prefixes = append(e.prefixes, prefix)
			} else if w == "#" {
				e.number = true
			} else {
				e.words = append(e.words, w)
			}
		}
		p.elements = append(p.elements, e)
	}
	if len(p.elements) == 0 {
		panic("norsk: empty phrase")
	}
	return p
}

// Phrases compiles several.
func Phrases(list ...string) []Pattern {
	out := make([]Pattern, len(list))
	for i, s := range list {
		out[i] = Phrase(s)
	}
	return out
}

// At reports whether the phrase stands at token i, and the index after it.
func (p Pattern) At(tokens []Token, i int) (end int, ok bool) {
	return match(p.elements, tokens, i)
}

// Find returns where the phrase first stands, as token indices [from, to).
func (p Pattern) Find(tokens []Token) (from, to int, ok bool) {
	for i := range tokens {
		if end, ok := p.At(tokens, i); ok {
			return i, end, true
		}
	}
	return 0, 0, false
}

// FindAny returns where the first of the phrases in the text stands, the longest at the same place.
func FindAny(list []Pattern, tokens []Token) (from, to int, ok bool) {
	for i := range tokens {
		best := -1
		for _, p := range list {
			if end, ok := p.At(tokens, i); ok {
				best = max(best, end)
			}
		}
		if best >= 0 {
			return i, best, true
		}
	}
	return 0, 0, false
}

// Has reports whether any of the phrases stands in the text.
func Has(list []Pattern, tokens []Token) bool {
	_, _, ok := FindAny(list, tokens)
	return ok
}

func match(elements []element, tokens []Token, i int) (int, bool) {
	if len(elements) == 0 {
		return i, true
	}
	e := elements[0]
	if e.any > 0 {
		for skip := 0; skip <= e.any && i+skip <= len(tokens); skip++ {
			if skip > 0 && (tokens[i+skip-1].Mark != 0 || i > 0 && tokens[i-1].Mark != 0) {
				return 0, false
			}
			if end, ok := match(elements[1:], tokens, i+skip); ok {
				return end, true
			}
		}
		return 0, false
	}
	if i < len(tokens) && e.one(tokens[i]) {
		if end, ok := match(elements[1:], tokens, i+1); ok {
			return end, true
		}
	}
	if e.optional {
		return match(elements[1:], tokens, i)
	}
	return 0, false
}

func (e element) one(t Token) bool {
	if slices.Contains(e.words, t.Lower) {
		return true
	}
	if e.number {
		if _, ok := Number(t.Lower); ok {
			return true
		}
	}
	return slices.ContainsFunc(e.prefixes, func(p string) bool { return strings.HasPrefix(t.Lower, p) })
}
