package extract

import (
	"github.com/referent/referent/summarize/norsk"
)

// The numbers and names on each side of a vote.

// twoCounts tells sentences that give two proposals their numbers: "innstillingen fikk sju, forslaget fire".
func twoCounts(u *utterance) bool {
	n := 0
	for _, t := range u.tokens {
		if count(t) != nil {
			n++
		}
	}
	return n >= 2
}

// gotCounts are the numbers of a sentence that says how many votes each of two proposals got.
func gotCounts(tokens []norsk.Token) []int {
	if !norsk.Has(norsk.Phrases("fikk|fekk|får|fått"), tokens) {
		return nil
	}
	var out []int
	for i, t := range tokens {
		if n := count(t); n != nil && !unitAfter(tokens, i) {
			out = append(out, *n)
		}
	}
	return out
}

// sides takes in a list of who voted how, said by itself.
func (b *box) sides(i int, r result, x split) {
	v := b.current
	if v == nil && len(b.list) > 0 && i-lastOf(b.list[len(b.list)-1].utterances) <= 5 && b.open <= lastOf(b.list[len(b.list)-1].utterances) {
		v = &b.list[len(b.list)-1]
	}
	if v == nil {
		if b.open < 0 || i-b.open > openFor {
			// Before its result: "For stemte Ap. Imot stemte H. Dermed falt forslaget."
			if !r.adopted && !b.resultFollows(i) {
				return
			}
		}
		about := -1
		if len(b.subjects) > 0 {
			about = b.subjects[0]
		} else if refs, _ := b.s.refer(&b.s.us[i], b.props, i); len(refs) > 0 {
			about = refs[0]
		}
		guessed := false
		if about < 0 {
			about, guessed = b.guess(i)
		}
		v = &vote{about: about, other: -1, open: live(b.props, i), guessed: guessed}
		if len(b.subjects) == 2 {
			v.other = b.subjects[1]
		}
		v.Case = b.th.heading
		if b.open >= b.th.from && b.open >= 0 {
			v.utterances = append(v.utterances, b.open)
		}
		b.current = v
	}
	b.take(v, i, r, x)
}
