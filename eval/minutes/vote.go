package minutes

import (
	"fmt"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// votes compares each vote of the gold with the one that was written for it. A vote of the gold that is not
// written at all is wrong too, and so is a written one that was never held: unless a person is told of it,
// and of the very part that is wrong (flag.go).
//
// The sentence that every vote is to be confirmed stands beside all of them, right or wrong, and tells
// nobody what to look at: it is no flag.
func (s *scoring) votes() {
	gold, list := s.c.Gold.Votes, s.got.Votes
	of := pair(len(gold), len(list), func(i, j int) float64 {
		v := s.c.written(list[j].Proposal+" "+list[j].Case, list[j].Evidence)
		exact, beside := near(gold[i].Lines, v.lines)
		if exact+beside == 0 {
			return 0
		}
		return float64(keysIn(gold[i].Keys, v.text))/float64(len(gold[i].Keys)) +
			(float64(exact)+0.1*float64(beside))/float64(len(gold[i].Lines))
	})
	held := make([]bool, len(list))
	for i, j := range of {
		if j < 0 {
			s.countVote(s.told(wanted{gold[i].Lines, gold[i].Keys}), gold[i].Proposal, "not written")
			continue
		}
		held[j] = true
		if wrong := differs(gold[i], list[j]); len(wrong) > 0 {
			var notes []string
			for _, w := range wrong {
				notes = append(notes, w.note)
			}
			s.countVote(s.flagged(list[j], wrong), list[j].Proposal, strings.Join(notes, "; "))
			continue
		}
		s.Votes.Exact++
	}
	for j, v := range list {
		if !held[j] {
			s.countVote(s.flagged(v, []slip{{field: voteHeld}}), v.Proposal, "no such vote was held")
		}
	}
}

func (s *scoring) countVote(flagged bool, text, wrong string) {
	if flagged {
		s.Votes.Flagged++
		s.fault(FlaggedVote, text, "%s", wrong)
		return
	}
	s.Votes.Wrong++
	s.fault(WrongVote, text, "%s", wrong)
}

// slip is one part of a vote that is not as in the gold.
type slip struct {
	field voteField
	note  string
}

// differs says what of a vote is not as in the gold.
func differs(g GoldVote, v referent.Vote) (wrong []slip) {
	add := func(field voteField, note string, args ...any) {
		wrong = append(wrong, slip{field, fmt.Sprintf(note, args...)})
	}
	number := func(what string, want, got *int) {
		if !sameCount(want, got) {
			add(voteNumbers, "%s is %s, should be %s", what, shown(got), shown(want))
		}
	}
	number("for", g.For, v.For)
	// Nobody against, or nobody blank, need not be said.
	number("against", orNone(g.Against, v.Against), orNone(v.Against, g.Against))
	number("blank", orNone(g.Blank, v.Blank), orNone(v.Blank, g.Blank))
	if adopted, known := adoptedBy(v.Outcome); !known || adopted != g.Adopted {
		add(voteOutcome, "outcome %q, adopted should be %v", v.Outcome, g.Adopted)
	}
	if !sameNames(g.ForMembers, v.ForMembers) {
		add(voteMembers, "for are %v, should be %v", v.ForMembers, g.ForMembers)
	}
	if !sameNames(g.AgainstMembers, v.AgainstMembers) {
		add(voteMembers, "against are %v, should be %v", v.AgainstMembers, g.AgainstMembers)
	}
	if hits := keysIn(g.Keys, norsk.Fold(v.Proposal+" "+v.Case)); hits == 0 || 2*hits < len(g.Keys) {
		add(voteProposal, "is not about %q", g.Proposal)
	}
	return wrong
}

func sameCount(a, b *int) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// orNone is n, or 0 where only the other is told and is 0.
func orNone(n, other *int) *int {
	if n == nil && other != nil && *other == 0 {
		return other
	}
	return n
}

func shown(n *int) string {
	if n == nil {
		return "not said"
	}
	return fmt.Sprint(*n)
}

func keysIn(keys []string, text string) (n int) {
	for _, k := range keys {
		if holds(text, k) {
			n++
		}
	}
	return n
}

// adoptedBy reads an outcome in either form of Norwegian.
func adoptedBy(outcome string) (adopted, known bool) {
	for _, w := range strings.Fields(norsk.Fold(outcome)) {
		switch w {
		case "falt", "fall", "falle", "ikke", "ikkje", "nedstemt", "nedrøysta", "forkastet", "forkasta", "avvist", "avslått", "avslege":
			return false, true
		case "vedtatt", "vedteke", "vedteken", "vedtekne", "tatt", "teken", "teke", "godkjent", "godkjend", "valgt", "vald", "utsatt", "utsett", "oversendt",
			"enstemmig", "samrøystes", "einstemmig":
			known = true
		}
	}
	return known, known
}
