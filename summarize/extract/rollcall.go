package extract

import (
	"slices"

	"github.com/referent/referent/summarize/norsk"
)

// called reads a sentence that calls a member by name and nothing else, as the secretary of a roll call does. It returns
// the sentence after the member's answer, or -1.
func (b *box) called(i int) int {
	u := &b.s.us[i]
	if i+1 >= b.th.to || len(u.tokens) > 6 || len(u.tokens) == 0 {
		return -1
	}
	n, _, ok := b.s.people.nearAt(u.tokens, 0)
	if !ok || n.ambiguous || n.to != len(u.tokens) || b.s.standingOf(n.name) == guest {
		return -1
	}
	answer := &b.s.us[i+1]
	if speaker := b.s.people.known(answer.speaker); speaker != n.name && b.s.known(speaker) && answer.voice != u.voice || len(answer.tokens) > longestAnswer || answer.question() {
		return -1
	}
	end := i + 2
	for end < b.th.to && end-i <= 5 && answer.voice != u.voice && b.s.us[end].voice == answer.voice && len(b.s.us[end].tokens) <= longestAnswer {
		end++ // "Høyre. Nei, unnskyld, innstillingen."
	}
	return end
}

// longestAnswer is how many words a member says at most when he is called by name.
const longestAnswer = 12

// rollCall reads who votes what where each member is called by name and answers. It returns where it ends, or i
// where sentence i begins none.
func (b *box) rollCall(i int) int {
	if b.called(i) < 0 {
		return i
	}
	subjects := b.subjects
	if len(subjects) == 0 || b.current != nil && b.current.Outcome != "" {
		subjects = b.topic(i)
	}
	x := split{}
	answers, lost := 0, 0
	var at []int
	j := i
	for j < b.th.to {
		end := b.called(j)
		if end < 0 {
			if next := j + 1; answers > 0 && next < b.th.to && len(b.s.us[j].tokens) <= longestAnswer && (b.called(next) >= 0 || next+1 < b.th.to && b.called(next+1) >= 0) {
				j = next // a remark between
				continue
			}
			break
		}
		n, _, _ := b.s.people.nearAt(b.s.us[j].tokens, 0)
		side := -1
		for k := j + 1; k < end; k++ {
			if c := b.choiceOf(k, subjects); c >= 0 {
				side = c // the last counts
			}
			at = append(at, k)
		}
		answers++
		at = append(at, j)
		if side < 0 {
			lost++
		} else {
			x.of[side].names = appendNew(x.of[side].names, n.name)
		}
		j = end
	}
	if answers < 3 || 2*lost > answers {
		return i
	}
	for k := max(b.th.from, i-3); k < min(b.th.to, j+2); k++ { // who calls, or leads, says his own
		name := b.s.people.known(b.s.us[k].speaker)
		own := b.s.known(name) && b.s.standingOf(name) != guest && norsk.Has(ownAnswer, b.s.us[k].tokens)
		if to := b.choiceOf(k, subjects); own && to >= 0 && (k < i || k >= j) && !slices.ContainsFunc(x.of[:], func(d side) bool { return slices.Contains(d.names, name) }) {
			x.of[to].names = append(x.of[to].names, name)
			at = append(at, k)
		}
	}
	if b.current != nil && (b.current.Outcome != "" || len(b.current.said) > 0) {
		b.close()
	}
	if b.current == nil {
		v := b.newVote(i, subjects)
		b.current = &v
	}
	for k := range x.of {
		b.current.split.of[k].add(x.of[k])
	}
	b.current.utterances = append(b.current.utterances, at...)
	b.subjects, b.open, b.asked = subjects, j-1, -1
	return j
}

var ownAnswer = norsk.Phrases("jeg|eg|æ ..2 svarer|svarar|stemmer|røystar|røyster|sier|seier", "svarer|svarar|stemmer|røystar|røyster|sier|seier jeg|eg|æ")

// newVote is a vote on what was announced.
func (b *box) newVote(i int, subjects []int) vote {
	v := vote{about: -1, other: -1, open: live(b.props, i)}
	if len(subjects) > 0 {
		v.about = subjects[0]
	}
	if len(subjects) == 2 {
		v.other = subjects[1]
	}
	v.Case = b.th.heading
	if b.open >= b.th.from && b.open >= 0 {
		v.utterances = append(v.utterances, b.open)
	}
	return v
}

// choiceOf is the side that an answer at a roll call takes, or -1.
func (b *box) choiceOf(i int, subjects []int) int {
	t := b.s.us[i].tokens
	if len(subjects) == 2 {
		if k := b.s.choiceIn(t, b.props, subjects, i); k >= 0 {
			return k
		}
	}
	side, weak := -1, false
	for _, w := range t {
		k, ok := sideOf(w.Lower)
		switch little := w.Lower == "ja" || w.Lower == "nei"; {
		case !ok, little && side >= 0: // "Nei, unnskyld, for."
		case side >= 0 && side != k && !weak:
			return -1
		default:
			side, weak = k, little
		}
	}
	return side
}

// choiceIn is which of two proposals an answer names, 0 or 1: in its words, by its owner, or as the recommendation.
func (s *sitting) choiceIn(t []norsk.Token, props []proposal, subjects []int, i int) int {
	if k := s.points(t, props, subjects, i); k >= 0 {
		return slices.Index(subjects, k)
	}
	for j := range t {
		if n, ok := s.people.at(t, j); ok && !n.ambiguous {
			if k := s.ownedBy(n.name, props, subjects); k >= 0 {
				return slices.Index(subjects, k)
			}
		}
	}
	return -1
}
