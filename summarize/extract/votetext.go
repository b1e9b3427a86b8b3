package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// Votes as they are told: to a person who confirms them, and in a line of the minutes.

// ReviewVotes puts every vote before a person: a vote is never written by a machine alone.
func ReviewVotes(out *referent.Minutes) {
	for _, v := range out.Votes {
		out.NeedsReview = append(out.NeedsReview, VoteReview(v, string(out.Language)))
	}
}

// VoteReview is how a vote is put before a person, in the form nb or nn. What does not add up stands first in
// the reason.
func VoteReview(v referent.Vote, form string) referent.ReviewItem {
	text := v.Proposal
	if n := Count(v); n != "" {
		text = strings.TrimRight(text, ".") + " – " + n + "."
	}
	reason := strings.TrimSpace(strings.Join(v.Faults, " ") + " " + norsk.ReasonVote.In(form))
	return referent.ReviewItem{Text: text, Reason: reason, Evidence: v.Evidence}
}

// OfVote reports whether what is to be checked is the vote, as VoteReview puts it.
func OfVote(r referent.ReviewItem, v referent.Vote) bool {
	confirms := func(form string) bool { return strings.HasSuffix(r.Reason, norsk.ReasonVote.In(form)) }
	return (confirms("nb") || confirms("nn")) && slices.Equal(r.Evidence, v.Evidence) &&
		strings.HasPrefix(r.Text, strings.TrimRight(v.Proposal, "."))
}

// Count writes a vote's result in one line: "falt (3–8)", "enstemmig vedtatt".
func Count(v referent.Vote) string {
	if v.For == nil || v.Against == nil {
		return v.Outcome
	}
	return strings.TrimSpace(v.Outcome + " (" + itoa(*v.For) + "–" + itoa(*v.Against) + ")")
}

// sidesText says who voted which way, as it was said: by name, with the party, or by party.
func sidesText(v referent.Vote, form string) string {
	var b strings.Builder
	for _, side := range []struct {
		w     norsk.Word
		lists [2][]string
	}{{norsk.ForSide, [2][]string{v.ForParties, v.ForMembers}}, {norsk.AgainstSide, [2][]string{v.AgainstParties, v.AgainstMembers}}, {norsk.BlankSide, [2][]string{v.BlankMembers}}} {
		if names := slices.Concat(side.lists[0], side.lists[1]); len(names) > 0 {
			b.WriteString(" " + side.w.In(form, "names", enumerate(names)))
		}
	}
	return b.String()
}

// enumerate joins names as a sentence does.
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " og " + names[len(names)-1]
}
