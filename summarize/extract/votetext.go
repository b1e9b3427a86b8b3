package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// Votes as they are told: to a person who confirms them, and in a line of the minutes.

// ReviewVotes puts every vote before a person: a vote is never written by a machine alone. What does not add
// up stands first in the reason.
func ReviewVotes(out *referent.Minutes) {
	form := string(out.Language)
	for _, v := range out.Votes {
		text := v.Proposal
		if n := Count(v); n != "" {
			text = strings.TrimRight(text, ".") + " – " + n + "."
		}
		reason := strings.TrimSpace(strings.Join(v.Faults, " ") + " " + norsk.ReasonVote.In(form))
		out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: text, Reason: reason, Evidence: v.Evidence})
	}
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
