package review_test

import (
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
)

// Where all of another version comes, what people have done and what it lacks is counted, once.
func TestLostToAllOfAnotherVersion(t *testing.T) {
	yes := &referent.Approval{By: "Kari", At: time.Unix(1, 0)}
	now := &referent.Minutes{Language: "nb",
		Items:     []referent.Item{{Heading: "Drift", Points: []referent.Point{{Text: "Ny", Added: true}, {Text: "Maskinens", Evidence: []string{"s1"}}}}},
		Decisions: []referent.Decision{{Text: "Tatt med", Evidence: []string{"s2"}}, {Text: "Maskinens, hørt samme sted", Evidence: []string{"s2"}}},
		Actions:   []referent.ActionItem{{Task: "Endret", Reworded: true, Evidence: []string{"s3"}}},
		Votes:     []referent.Vote{{Proposal: "A", Confirmed: yes}, {Proposal: "B", Confirmed: yes}, {Proposal: "C"}},
		Settled: []referent.Settled{{Text: "Tatt med", Evidence: []string{"s2"}, How: referent.SettledAccepted, As: string(review.Decisions)},
			{Text: "Ikke med", Evidence: []string{"s1"}, How: referent.SettledDismissed}}}
	machine := &referent.Minutes{Language: "nn", Votes: []referent.Vote{{Proposal: "A"}}}
	if own, votes := review.Lost(now, machine); own != 3 || votes != 2 {
		t.Errorf("%d statements and %d votes go with the machine's", own, votes)
	}
	theirs := &referent.Minutes{Language: "nn", Actions: now.Actions, Votes: now.Votes[:1]}
	if own, votes := review.Lost(now, theirs); own != 2 || votes != 1 {
		t.Errorf("%d statements and %d votes go with a person's", own, votes)
	}
	if own, votes := review.Lost(now, now); own != 0 || votes != 0 {
		t.Errorf("%d statements and %d votes go with the same", own, votes)
	}
}
