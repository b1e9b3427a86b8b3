package extract

import (
	"slices"

	"github.com/referent/referent/summarize/norsk"
)

// Names and numbers said during a vote that stand on no side of it.

// strayVoters are the members and parties named in a vote's stretch as people name who votes, and that stand on
// none of its sides.
func (s *sitting) strayVoters(h *vote, entitled []string) []string {
	var out []string
	full := s.expand(h.split.of, entitled)
	placed := func(name string) bool {
		return slices.Contains(full[0], name) || slices.Contains(full[1], name) || slices.Contains(full[2], name)
	}
	party := func(label string) bool {
		return slices.ContainsFunc(h.split.of[:], func(d side) bool {
			return slices.Contains(d.parties, label) || slices.Contains(d.someOf, label)
		})
	}
	from, to := s.stretch(h)
	back := 5 // who raised his hand is named before the number is understood
	if h.corrected {
		back = 12 // or in the count before
	}
	for i := min(from, max(h.after, from-back)); i < to; i++ {
		u := &s.us[i]
		if !s.namesVoters(i) || i < from && (!s.listOnly(u.tokens) || len(s.people.all(u.tokens)) < 2) {
			continue
		}
		for j := 0; j < len(u.tokens); {
			if _, ok := namesProposal(u.tokens, j); ok {
				j = s.afterOwners(u.tokens, j+1)
				continue
			}
			if n, _, ok := s.people.nearAt(u.tokens, j); ok {
				if !n.ambiguous && s.known(n.name) && s.standingOf(n.name) != guest && !placed(n.name) && !s.ownsProposal(u.tokens, n.to) && !authorAt(u.tokens, j) && !party(s.parties.of(s.people.party[n.name])) {
					out = appendNew(out, n.name)
				}
				j = s.afterParty(u.tokens, n)
				continue
			}
			if p, ok := s.parties.at(u.tokens, j); ok {
				if !party(p.label) && !s.ownsProposal(u.tokens, p.to) && !authorAt(u.tokens, j) && !slices.ContainsFunc(s.ofParty(p.label, entitled), placed) {
					out = appendNew(out, p.label)
				}
				j = p.to
				continue
			}
			if name := s.people.known(u.speaker); selfNamed(u.tokens, j) && s.known(name) && s.standingOf(name) != guest && !placed(name) {
				out = appendNew(out, name)
			}
			j++
		}
	}
	return appendNew(out, s.answerers(h, placed)...)
}

// answerers are members who spoke up, as each does at a roll call, while a vote was held, and stand on no side.
func (s *sitting) answerers(h *vote, placed func(string) bool) []string {
	var out []string
	spoke := 0
	last := lastOf(h.utterances)
	for i := max(h.after, last-60); i < last; i++ {
		u := &s.us[i]
		name := s.people.known(u.speaker)
		if s.counting(i) || !s.known(name) || len(u.tokens) > longestAnswer || u.question() {
			continue
		}
		_, sided := sideAlone(u)
		if sided || slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return recommendationAt([]norsk.Token{t}, 0) }) || len(s.parties.all(u.tokens)) > 0 && len(u.tokens) <= 3 {
			spoke++
			if !placed(name) {
				out = appendNew(out, name)
			}
		}
	}
	if spoke < 3 {
		return nil
	}
	return out
}

// namesVoters reports whether sentence i can name who voted how: a list of names, or names beside a side or a word
// of voting.
func (s *sitting) namesVoters(i int) bool {
	u := &s.us[i]
	if !s.counting(i) {
		own := slices.ContainsFunc(u.tokens, func(t norsk.Token) bool {
			return slices.Contains([]string{"jeg", "eg", "meg", "vi", "me"}, t.Lower)
		})
		return own && len(u.tokens) <= 12 && !u.question() && (s.listOnly(u.tokens) || slices.ContainsFunc(u.tokens, votes) || len(u.tokens) <= 5 && !norsk.Has(firstPersonTalk, u.tokens))
	}
	if u.question() && !norsk.Has(exceptWords, u.tokens) && !s.namedOnSide(u.tokens) {
		return false
	}
	if len(u.tokens) <= 8 && len(u.tokens) >= 3 && len(s.people.all(u.tokens)) > 0 && u.tokens[len(u.tokens)-1].Mark == '.' && !slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return t.Lower == "takk" || t.Lower == "ordet" || t.Lower == "du" }) {
		return true
	}
	return s.listOnly(u.tokens) || slices.ContainsFunc(u.tokens, votes) || slices.ContainsFunc(u.tokens, func(t norsk.Token) bool {
		_, ok := sideOf(t.Lower)
		return ok && t.Lower != "for" && t.Lower != "ja" && t.Lower != "nei"
	})
}

// namedOnSide reports whether a sentence asks whether somebody named is on a side: "Ahmed, du er imot?"
func (s *sitting) namedOnSide(t []norsk.Token) bool {
	return len(t) <= 8 && len(s.people.all(t)) > 0 && slices.ContainsFunc(t, func(w norsk.Token) bool {
		k, ok := sideOf(w.Lower)
		return ok && k != forSide && w.Lower != "nei"
	})
}

var firstPersonTalk = norsk.Phrases("takk", "skal|kan|vil|må|har|trekker|trekk", "enig|einig|samd")

// strayCounts are the numbers that were counted in a vote's stretch and that none of its sides has.
func (s *sitting) strayCounts(h *vote, entitled int) []string {
	var out []string
	from, to := s.stretch(h)
	for i := from; i < min(to, lastOf(h.utterances)+1); i++ {
		u := &s.us[i]
		if !s.counting(i) || u.question() || slices.Contains(h.utterances, i) {
			continue
		}
		n := bareCount(s.withoutNames(u.tokens))
		if n == nil || *n > entitled || *n == 0 {
			continue
		}
		known := slices.ContainsFunc([]*int{h.For, h.Against, h.Blank}, func(c *int) bool { return c != nil && *c == *n })
		if !known {
			out = appendNew(out, itoa(*n))
		}
	}
	return out
}
