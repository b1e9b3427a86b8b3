package extract

import (
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// ReviewVotes puts every vote before a person: a vote is never written by a machine alone.
func ReviewVotes(out *referent.Minutes) {
	form := string(out.Language)
	for _, v := range out.Votes {
		text := v.Proposal
		if n := Count(v); n != "" {
			text = strings.TrimRight(text, ".") + " – " + n + "."
		}
		out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: text, Reason: norsk.ReasonVote.In(form), Evidence: v.Evidence})
	}
}

// Count writes a vote's result in one line: "falt (3–8)", "enstemmig vedtatt".
func Count(v referent.Vote) string {
	if v.For == nil || v.Against == nil {
		return v.Outcome
	}
	return strings.TrimSpace(v.Outcome + " (" + itoa(*v.For) + "–" + itoa(*v.Against) + ")")
}

