package extract

import (
	"slices"

	"github.com/referent/referent/summarize/norsk"
)

// called is who a sentence calls by name and nothing else, as the secretary of a roll call does: the utterance of the
// answer, or -1.
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
	if speaker := b.s.people.known(answer.speaker); speaker != n.name && b.s.known(speaker) && answer.voice != u.voice || len(answer.tokens) > 6 || answer.question() {
		return -1
	}
	return i + 1
}

// rollCall reads who votes what where each member is called by name and answers. It returns where it ends, or i
// where sentence i begins none.
func (b *box) rollCall(i int) int {
	type vote struct {
		name string
		side int
	}
	var list []vote
	var at []int
	lost := false
	j := i
	subjects := b.subjects
	if len(subjects) == 0 {
		subjects = b.topic(i)
	}
	for j < b.th.to {
		k := b.called(j)
		if k < 0 {
			if len(list) > 0 && j+1 < b.th.to && b.called(j+1) >= 0 && len(b.s.us[j].tokens) <= 8 {
				j++ // a remark between
				continue
			}
			break
		}
		n, _, _ := b.s.people.nearAt(b.s.us[j].tokens, 0)
		if side := b.choiceOf(k, subjects); side >= 0 {
			list = append(list, vote{n.name, side})
			at = append(at, j, k)
		} else {
			lost = true
		}
		j = k + 1
	}
	if len(list) < 3 {
		return i
	}
	if b.current != nil && (b.current.Outcome != "" || len(b.current.said) > 0) {
		b.close()
	}
	if b.current == nil {
		v := b.newVote(i, subjects)
		b.current = &v
	}
	v := b.current
	for _, x := range list {
		v.split.of[x.side].names = appendNew(v.split.of[x.side].names, x.name)
	}
	v.called = !lost
	v.utterances = append(v.utterances, at...)
	b.subjects, b.open, b.asked = subjects, j-1, -1
	return j
}

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
	side := -1
	for _, w := range t {
		if k, ok := sideOf(w.Lower); ok {
			if side >= 0 && side != k {
				return -1
			}
			side = k
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
