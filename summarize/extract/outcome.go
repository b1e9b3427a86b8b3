package extract

import (
	"slices"

	"github.com/referent/referent/summarize/norsk"
)

// What a vote comes to when its sentences have been read: which of them are of it, what its numbers say, and what
// cannot be of it any more.

// conclude gives a vote whose end was not understood the outcome that its numbers have: everybody who could vote is
// counted, and one side has more.
func (s *sitting) conclude(v *vote) {
	if norsk.Unanimous.Is(v.Outcome) && v.For == nil {
		s.countAll(v)
	}
	if v.nobody && v.about >= 0 && (v.Against == nil || *v.Against == 0) && (v.Outcome == "" || v.adopted) {
		v.Outcome, v.adopted = norsk.Unanimous.In(s.form), true
		return
	}
	if except := v.split.of[forSide].except; v.split.of[forSide].rest && v.split.of[againstSide].empty() && v.Against != nil && *v.Against == len(except) {
		v.split.of[againstSide].names = append(v.split.of[againstSide].names, except...) // "alle unntatt Egil", and one against
	}
	if v.Outcome != "" || v.Against == nil || v.For == nil || v.about < 0 {
		return
	}
	at := lastOf(v.utterances)
	entitled, sure := s.entitledIn(&v.Vote, at)
	n := len(entitled)
	if said, ok := s.saidPresent(at, s.us[at].theme); !sure && ok {
		n, sure = said, true
	}
	if !sure || *v.For+*v.Against+orZero(v.Blank) != n || *v.For == *v.Against {
		return
	}
	v.adopted = *v.For > *v.Against
	v.Outcome = norsk.Fell.In(s.form)
	if v.adopted {
		v.Outcome = norsk.Adopted.In(s.form)
	}
}

// countAll gives a unanimous vote the number that was said to be everybody: "Alle fire."
func (s *sitting) countAll(v *vote) {
	at := lastOf(v.utterances)
	entitled, sure := s.entitledIn(&v.Vote, at)
	for i := slices.Min(v.utterances); i <= at; i++ {
		if n := counted(withVotes, s.us[i].tokens); n != nil && s.counting(i) && sure && *n == len(entitled) {
			v.For = n
			if !slices.Contains(v.utterances, i) {
				v.utterances = append(v.utterances, i)
			}
			return
		}
	}
}

// bound settles between which sentences each vote was held.
func (b *box) bound() {
	for k := range b.list {
		v := &b.list[k]
		v.after, v.until = b.th.from, min(b.th.to, lastOf(v.utterances)+3)
		if k > 0 {
			v.after = b.list[k-1].until
		}
		if k+1 < len(b.list) {
			v.until = min(v.until, max(lastOf(v.utterances)+1, slices.Min(b.list[k+1].utterances)))
		}
	}
}

// countsOn reports whether a number goes on from the one before: "Fem. Seks."
func (v *vote) countsOn(i int, r result) bool {
	if len(v.said) == 0 || !r.bare || !slices.Contains(v.utterances, i-1) {
		return false
	}
	before := v.said[len(v.said)-1]
	for k, n := range []*int{r.forVotes, r.against, r.blank} {
		if n != nil {
			return before[k] != nil && *n == *before[k]+1
		}
	}
	return false
}

// conflicts reports whether a sentence tells other numbers than those of this vote.
func (v *vote) conflicts(r result) bool {
	for _, p := range [][2]*int{{v.For, r.forVotes}, {v.Against, r.against}} {
		if p[0] != nil && p[1] != nil && *p[0] != *p[1] {
			return true
		}
	}
	return false
}

// accepts reports whether what a sentence says can be of this vote.
func (v *vote) accepts(about int, r result) bool {
	if about >= 0 && v.about >= 0 && about != v.about && about != v.other {
		return false
	}
	if v.Outcome == "" {
		return true
	}
	if v.adopted && r.fell || !v.adopted && (r.adopted || r.unanimous) {
		return false
	}
	return true
}

// turn makes the second of two proposals the one that the vote is about.
func (v *vote) turn(about, other int) {
	if v.about == about {
		return
	}
	v.about, v.other = about, other
	v.For, v.Against = v.Against, v.For
	v.split.of[forSide], v.split.of[againstSide] = v.split.of[againstSide], v.split.of[forSide]
	for k := range v.said {
		v.said[k][0], v.said[k][1] = v.said[k][1], v.said[k][0]
	}
}
