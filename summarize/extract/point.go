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
			if slices.ContainsFunc(norsk.Tokens(props[k].text), func(w norsk.Token) bool { return tellsApart(t, i, w) }) {
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

// tellsApart reports whether the word at i is, in another form or within a compound, a proposal's word w.
func tellsApart(t []norsk.Token, i int, w norsk.Token) bool {
	a, b := t[i].Lower, w.Lower
	if n, ok := norsk.Number(a); ok {
		m, number := norsk.Number(b)
		return number && n == m && n != 1 && (n > 12 || unitAfter(t, i) || i+1 < len(t) && t[i].Mark == 0 && len([]rune(t[i+1].Lower)) > 3)
	}
	if strings.ContainsAny(a, "0123456789") {
		return a == b
	}
	x, y := []rune(a), []rune(b)
	if len(x) < 4 || len(y) < 3 || norsk.Functional(a) || norsk.Functional(b) || verbal[a] || votingTalk[a] || slices.Contains(votedWords, a) {
		return false
	}
	return a == b || sameStem(a, b) || norsk.SameWord(a, b) ||
		len(x) >= 4 && len(y) > len(x) && strings.HasPrefix(b, a) || len(y) >= 5 && len(x) > len(y) && strings.HasPrefix(a, b)
}

// votingTalk are words of a vote itself, which belong to no proposal.
var votingTalk = wordSet("forslag forslaget framlegg framlegget innstilling innstillingen innstillinga tilråding tilrådinga stemme stemmer stemmene votering voteringen røysting hånd hånda hender hendene imot mange andre siste første noen nokon ingen alle samme vedtatt vedteke vedteken vedtas flertall fleirtal enstemmig samrøystes saken saka sak møtet dermed derfor altså punkt")

// opposes reads "Nordlys mot Vågen", "Essotomta eller Grustaket": words of one proposal on the one side and of
// another on the other.
func opposes(t []norsk.Token, props []proposal, among []int) (a, b int, ok bool) {
	for j := 1; j+1 < len(t); j++ {
		if !slices.Contains([]string{"mot", "imot", "eller", "kontra", "versus", "og"}, t[j].Lower) {
			continue
		}
		left, right := t[clauseStart(t, j):j], t[j+1:]
		a, b = means(left, props, among), means(right, props, among)
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

var eachOther = norsk.Phrases("mot hverandre|kvarandre|einannan", "opp mot hverandre|kvarandre")
