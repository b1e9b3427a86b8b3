package minutes

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// voteField is a part of a vote that can be wrong, and that a person can be told of.
type voteField int

const (
	voteNumbers voteField = iota
	voteOutcome
	voteMembers
	voteProposal
	voteHeld // that there was a vote
)

// concerns are the reasons that tell a person to look at each part of a vote.
var concerns = map[voteField][]norsk.Word{
	voteNumbers: {norsk.FaultTotal, norsk.FaultTooMany, norsk.FaultUnknownSum, norsk.FaultOutcome, norsk.FaultMembers, norsk.FaultCounts, norsk.FaultCorrected,
		norsk.FaultOneSide, norsk.FaultNoCount, norsk.FaultQuality, norsk.FaultUnheard, norsk.FaultTie, norsk.FaultUnanimous, norsk.FaultUnread, norsk.ReasonNumber},
	voteOutcome: {norsk.FaultUnread, norsk.FaultOutcome, norsk.FaultNoOutcome, norsk.FaultUnanimous, norsk.FaultTie, norsk.FaultDouble, norsk.FaultChair, norsk.FaultUnheard,
		norsk.ReasonOutcome, norsk.ReasonDecided},
	voteMembers: {norsk.FaultMembers, norsk.FaultNotEntitled, norsk.FaultBothSides, norsk.FaultParty, norsk.FaultSomeOf, norsk.FaultNearName, norsk.FaultWho, norsk.FaultUnread, norsk.FaultUnheard,
		norsk.ReasonName, norsk.ReasonWho},
	voteProposal: {norsk.FaultProposal, norsk.FaultUnread, norsk.FaultUnheard, norsk.ReasonContent},
	voteHeld:     {norsk.FaultUnheard, norsk.FaultUnread, norsk.FaultNoOutcome, norsk.ReasonDecided},
}

// flagged reports whether a person is told of every part of a vote that is wrong: in the vote's own faults, or
// in a note that cites one of its lines.
func (s *scoring) flagged(v referent.Vote, wrong []slip) bool {
	told := slices.Clone(v.Faults)
	lines, _ := s.c.cited(v.Evidence)
	for _, r := range s.got.NeedsReview {
		cited, _ := s.c.cited(r.Evidence)
		if slices.ContainsFunc(cited, func(l int) bool { return slices.Contains(lines, l) }) {
			told = append(told, r.Reason)
		}
	}
	return !slices.ContainsFunc(wrong, func(w slip) bool {
		return !slices.ContainsFunc(told, func(reason string) bool { return w.field.in(reason) })
	})
}

// told reports whether a vote that is not written is at least put before a person, by more than the standing
// sentence that votes are to be confirmed.
func (s *scoring) told(w wanted) bool {
	for _, r := range s.got.NeedsReview {
		standing := r.Reason == norsk.ReasonVote.In(string(referent.Bokmal)) || r.Reason == norsk.ReasonVote.In(string(referent.Nynorsk))
		if !standing && w.closeness(s.c.written(r.Text, r.Evidence)) > 0 {
			return true
		}
	}
	return slices.ContainsFunc(s.got.PossiblyMissed, func(p referent.Point) bool { return w.closeness(s.c.written(p.Text, p.Evidence)) > 0 })
}

// in reports whether a reason tells of this part of a vote.
func (f voteField) in(reason string) bool {
	for _, form := range []referent.Language{referent.Bokmal, referent.Nynorsk} {
		if slices.ContainsFunc(concerns[f], func(w norsk.Word) bool { _, ok := filled(w.In(string(form)), reason); return ok }) {
			return true
		}
		if heard, ok := filled(norsk.FaultSaid.In(string(form)), reason); ok && saidOf(heard) == f {
			return true
		}
	}
	return false
}

// saidOf is the part of a vote that a quotation of the recording is of: who voted how is told without quotation
// marks, a result is one of the few words for one, and anything else that is quoted is what was counted.
func saidOf(heard string) voteField {
	quoted, ok := strings.CutPrefix(heard, "«")
	if !ok {
		return voteMembers
	}
	if _, known := adoptedBy(quoted); known && len(strings.Fields(strings.Split(quoted, "»")[0])) <= 2 {
		return voteOutcome
	}
	return voteNumbers
}

// filled reports whether a reason holds a wording whose {placeholders} have been filled in, and what stands
// from the first of these on.
func filled(wording, reason string) (rest string, ok bool) {
	first := true
	for wording != "" {
		literal, after, more := strings.Cut(wording, "{")
		at := strings.Index(reason, literal)
		if at < 0 {
			return "", false
		}
		reason = reason[at+len(literal):]
		if more && first {
			rest, first = reason, false
		}
		_, wording, _ = strings.Cut(after, "}")
	}
	return rest, true
}
