package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// A vote of the minutes held against the one that is heard where it cites the recording.

// Heard are the votes that the rules hear in a meeting, with what does not add up in each.
func Heard(m *referent.Meeting, t *referent.Transcript) []referent.Vote {
	s := read(m, t, string(m.Language))
	var out []referent.Vote
	for _, th := range s.themes {
		for _, h := range s.votes(th, s.proposals(th)) {
			v := h.Vote
			v.Faults = s.faults(&v, &h)
			out = append(out, v)
		}
	}
	return out
}

// citedBy are the utterances that rest on the segments.
func (s *sitting) citedBy(ids []string) []int {
	var out []int
	for i := range s.us {
		if slices.ContainsFunc(s.us[i].evidence, func(id string) bool { return slices.Contains(ids, id) }) {
			out = append(out, i)
		}
	}
	return out
}

// heardAs is the vote that the rules heard at the segments that a written one cites: the one with most of them
// in common, and of those alike the one with the same numbers.
func (s *sitting) heardAs(v *referent.Vote, heard []vote) *vote {
	best, at := 0, -1
	for k := range heard {
		score := 0
		for i, id := range heard[k].Evidence {
			if slices.Contains(v.Evidence, id) {
				score += 4
				if i == len(heard[k].Evidence)-1 {
					score += 2 // the conclusion
				}
			}
		}
		if score == 0 {
			continue
		}
		for _, p := range [][2]*int{{v.For, heard[k].For}, {v.Against, heard[k].Against}} {
			if p[0] != nil && p[1] != nil && *p[0] == *p[1] {
				score++
			}
		}
		if norsk.Fold(v.Proposal) == norsk.Fold(heard[k].Proposal) {
			score += 3
		}
		if score > best {
			best, at = score, k
		}
	}
	if at < 0 {
		return nil
	}
	return &heard[at]
}

// differs says what of a written vote is not what the rules heard.
func (s *sitting) differs(v *referent.Vote, h *vote) []string {
	var out []string
	for _, p := range [][2]*int{{v.For, h.For}, {v.Against, h.Against}, {v.Blank, h.Blank}} {
		a, b := p[0], p[1]
		if a != nil && b != nil && *a != *b || (a == nil) != (b == nil) && !(a != nil && *a == 0 || b != nil && *b == 0) {
			out = append(out, norsk.FaultSaid.In(s.form, "words", "«"+s.textOf(h.utterances)+"»"))
			break
		}
	}
	fell := func(o string) bool { return norsk.Fell.Is(o) || strings.HasPrefix(norsk.Fold(o), "fal") }
	if h.Outcome != "" && fell(v.Outcome) != fell(h.Outcome) {
		out = append(out, norsk.FaultSaid.In(s.form, "words", "«"+h.Outcome+"»"))
	}
	if members := [2][]string{v.ForMembers, v.AgainstMembers}; len(h.ForMembers)+len(h.AgainstMembers) > 0 &&
		(!sameSet(members[0], h.ForMembers) || !sameSet(members[1], h.AgainstMembers)) && len(members[0])+len(members[1]) > 0 {
		out = append(out, norsk.FaultSaid.In(s.form, "words", strings.TrimSpace(sidesText(h.Vote, s.form))))
	}
	return out
}

func sameSet(a, b []string) bool {
	x, y := slices.Clone(a), slices.Clone(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(slices.Compact(x), slices.Compact(y))
}

// textOf is what was said where a vote was counted and concluded.
func (s *sitting) textOf(at []int) string {
	var parts []string
	for _, i := range at {
		if i < len(s.us) && len(parts) < 3 && slices.ContainsFunc(s.us[i].tokens, func(t norsk.Token) bool { return count(t) != nil }) {
			parts = append(parts, strings.TrimSpace(s.us[i].text))
		}
	}
	return strings.Join(parts, " ")
}
