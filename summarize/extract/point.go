package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// A chair seldom says "the proposal from Kari Lie": it is "Essotomta", "115 kroner" or "fem dager". What tells
// proposals apart is what one of them says and the others do not.

// live are the proposals that can still be voted on at utterance i.
func live(props []proposal, i int) []int {
	var out []int
	for k, q := range props {
		if q.at <= i && !q.settled && !q.withdrawn {
			out = append(out, k)
		}
	}
	return out
}

// means is the one of some proposals whose own words stand in a text, and those of no other; -1 when none, or
// several as well.
func means(t []norsk.Token, props []proposal, among []int) int {
	score := make([]int, len(among))
	for i := range t {
		var hits []int
		for n, k := range among {
			if tellsApart(t, i, norsk.Tokens(props[k].text)) {
				hits = append(hits, n)
			}
		}
		if len(hits) == len(among) && len(among) > 1 {
			continue // it tells nothing apart
		}
		for _, n := range hits {
			score[n]++
		}
	}
	best, at, tie := 0, -1, false
	for n, k := range among {
		switch {
		case score[n] > best:
			best, at, tie = score[n], k, false
		case score[n] == best:
			tie = true
		}
	}
	if tie {
		return -1
	}
	return at
}

// tellsApart reports whether the word at i is, in another form or within a compound, one of a proposal's words.
func tellsApart(t []norsk.Token, i int, words []norsk.Token) bool {
	a := t[i].Lower
	if n, ok := norsk.Number(a); ok {
		for k, w := range words {
			m, number := norsk.Number(w.Lower)
			if !number || m != n {
				continue
			}
			// "to avgangar" of two departures; "to" alone is a count
			if n > 12 || i+1 < len(t) && k+1 < len(words) && t[i].Mark == 0 && len([]rune(t[i+1].Lower)) > 3 && (sameStem(t[i+1].Lower, words[k+1].Lower) || t[i+1].Lower == words[k+1].Lower) {
				return true
			}
		}
		return false
	}
	if strings.ContainsAny(a, "0123456789") {
		return slices.ContainsFunc(words, func(w norsk.Token) bool { return w.Lower == a })
	}
	if len([]rune(a)) < 4 || norsk.Functional(a) || verbal[a] || votingTalk[a] || slices.Contains(votedWords, a) {
		return false
	}
	return slices.ContainsFunc(words, func(w norsk.Token) bool {
		b := w.Lower
		x, y := len([]rune(a)), len([]rune(b))
		if y < 3 || norsk.Functional(b) {
			return false
		}
		return a == b || sameStem(a, b) || norsk.SameWord(a, b) || y > x && strings.HasPrefix(b, a) || y >= 5 && x > y && strings.HasPrefix(a, b) ||
			y >= 5 && len([]rune(stem(a))) >= 5 && (strings.HasSuffix(b, stem(a)) || partOf(stem(a), b)) || x > y && y >= 5 && partOf(stem(b), a)
	})
}

// votingTalk are words of a vote itself, which belong to no proposal.
var votingTalk = wordSet("forslag forslaget framlegg framlegget innstilling innstillingen innstillinga tilråding tilrådinga stemme stemmer stemmene votering voteringen røysting hånd hånda hender hendene imot mange andre siste første noen nokon ingen alle samme vedtatt vedteke vedteken vedtas flertall fleirtal enstemmig samrøystes saken saka sak møtet dermed derfor altså punkt")

// opposes reads "Nordlys mot Vågen", "Essotomta eller Grustaket": words of one proposal on the one side and of
// another on the other.
func (s *sitting) opposes(t []norsk.Token, props []proposal, among []int, i int) (a, b int, ok bool) {
	for j := 1; j+1 < len(t); j++ {
		if !slices.Contains([]string{"mot", "imot", "eller", "kontra", "versus", "og"}, t[j].Lower) {
			continue
		}
		left, right := t[clauseStart(t, j):j], t[j+1:]
		a, b = s.points(left, props, among, i), s.points(right[:clauseEnd(right)], props, among, i)
		if a < 0 || b < 0 || a == b {
			continue
		}
		if t[j].Lower == "og" && !norsk.Has(eachOther, right) {
			continue
		}
		return a, b, true
	}
	return -1, -1, false
}

// clauseEnd is where the first clause of a text ends.
func clauseEnd(t []norsk.Token) int {
	for j := range t {
		if t[j].Mark != 0 {
			return j + 1
		}
	}
	return len(t)
}

var eachOther = norsk.Phrases("mot hverandre|kvarandre|einannan", "opp mot hverandre|kvarandre")
