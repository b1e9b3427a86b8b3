package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// nearAt reads a known name at token i as p.at does, or one that a recogniser has spelt a little wrong:
// two words or more, each at most one letter from the name's own (two in eight letters), and like nobody
// else's. near says that it is such a one; it is then to be shown to a person.
func (p *people) nearAt(tokens []norsk.Token, i int) (n named, near, ok bool) {
	if n, ok := p.at(tokens, i); ok {
		n = p.whole(tokens, n)
		return p.surnamed(tokens, n)
	}
	for size := min(4, len(tokens)-i); size >= 2; size-- {
		words := tokens[i : i+size]
		if slices.ContainsFunc(words, func(t norsk.Token) bool { return !t.Capitalised() }) ||
			slices.ContainsFunc(words[:size-1], func(t norsk.Token) bool { return t.Mark != 0 }) {
			continue
		}
		found := ""
		for _, full := range p.full {
			own := strings.Fields(norsk.Fold(full))
			if size == 2 && len(own) > 2 {
				own = []string{own[0], own[len(own)-1]}
			}
			if !closeWords(words, own) {
				continue
			}
			if found != "" {
				return named{}, false, false // two people it could be
			}
			found = full
		}
		if found != "" {
			return named{from: i, to: i + size, name: found}, true, true
		}
	}
	return named{}, false, false
}

// whole takes further words of a name in, so that "Anne Brit" is one name where the roster has "Anne Brit
// Tveitane", and settles with them whom a shared first name means.
func (p *people) whole(tokens []norsk.Token, n named) named {
	best := n
	for _, full := range p.full {
		own := strings.Fields(norsk.Fold(full))
		k := 0
		for k < len(own) && n.from+k < len(tokens) && tokens[n.from+k].Lower == own[k] && (k == 0 || tokens[n.from+k-1].Mark == 0) {
			k++
		}
		if to := n.from + k; to > best.to && k >= 2 {
			best = named{from: n.from, to: to, name: full}
		}
	}
	return best
}

// surnamed looks at the capitalised word after a first name: a surname a little wrong makes the name a near
// one, and another surname another person.
func (p *people) surnamed(tokens []norsk.Token, n named) (named, bool, bool) {
	if n.to >= len(tokens) || n.to-n.from != 1 || n.ambiguous || tokens[n.to-1].Mark != 0 || !tokens[n.from].Capitalised() || !tokens[n.to].Capitalised() || isParty(tokens[n.to].Lower) {
		return n, false, true
	}
	own := strings.Fields(norsk.Fold(n.name))
	if len(own) < 2 || tokens[n.from].Lower != own[0] || slices.ContainsFunc(p.full, func(f string) bool { return strings.HasPrefix(norsk.Fold(f), tokens[n.to].Lower) }) {
		return n, false, true
	}
	if possessive := tokens[n.to].Lower == own[len(own)-1]+"s"; possessive {
		return n, false, true
	}
	if closeWords(tokens[n.to:n.to+1], own[len(own)-1:]) {
		n.to++
		return n, true, true
	}
	return named{}, false, false
}

// closeWords compares a name as heard, perhaps in the genitive, with a name's words.
func closeWords(heard []norsk.Token, own []string) bool {
	if len(heard) != len(own) {
		return false
	}
	for k, t := range heard {
		x, y := []rune(t.Lower), []rune(own[k])
		allowed := 0
		switch {
		case len(y) >= 8:
			allowed = 2
		case len(y) >= 4:
			allowed = 1
		}
		if len(x) == 0 || x[0] != y[0] || distance(x, y) > allowed {
			return false
		}
	}
	return true
}

// distance is how many letters must be put in, taken out or changed to make a of b.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before := row[0]
		row[0] = i + 1
		for j := range b {
			cost := before
			if a[i] != b[j] {
				cost = 1 + min(before, row[j], row[j+1])
			}
			before, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
