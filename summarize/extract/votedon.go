package extract

import (
	"maps"
	"slices"

	"github.com/referent/referent/summarize/norsk"
)

// among are the proposals that a sentence can be about: the two announced, or all that can still be voted on.
func (b *box) among(i int) []int {
	if len(b.subjects) == 2 {
		return b.subjects
	}
	return live(b.props, i)
}

// counts takes in the numbers of each of two proposals, and returns the first of them.
func (b *box) counts(n map[int]int, r *result) int {
	if len(b.subjects) != 2 {
		b.subjects = slices.Sorted(maps.Keys(n))
	}
	forVotes, against := n[b.subjects[0]], n[b.subjects[1]]
	r.forVotes, r.against, r.firstOf = &forVotes, &against, true
	return b.subjects[0]
}

// subject is what a result that names nothing is about.
func (b *box) subject(i int) (about, other int, unsure bool) {
	switch len(b.subjects) {
	case 0:
		about, unsure = b.guess(i)
		return about, -1, unsure
	case 1:
		return b.subjects[0], -1, false
	}
	return b.subjects[0], b.subjects[1], false
}

// ofPerson reports whether the call for hands that is open asks of somebody's impartiality.
func (b *box) ofPerson(i int) bool {
	return b.open >= b.th.from && b.open >= 0 && i-b.open <= 3 && norsk.Has(impartiality, b.s.us[b.open].tokens) || b.current != nil && b.current.about < 0 && b.current.person
}

// guess is the proposal that a result with no name for it is about: the only one not yet voted on, else the
// last of them.
func (b *box) guess(i int) (about int, unsure bool) {
	var open []int
	for j, q := range b.props {
		if q.at <= i && !q.settled {
			open = append(open, j)
		}
	}
	if len(open) == 0 {
		return -1, false
	}
	return open[len(open)-1], len(open) > 1
}

// otherAdopted reports whether another proposal was adopted within three sentences before i.
func (b *box) otherAdopted(i, about int) bool {
	v := b.current
	if v == nil && len(b.list) > 0 {
		v = &b.list[len(b.list)-1]
	}
	return v != nil && v.adopted && v.about != about && i-lastOf(v.utterances) <= 3
}
