package web

import (
	"slices"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
)

// A person's version goes back to the machine's that it was made from, through edits, parts taken and undoing.
func TestTakeOnePartLeadsToTheMachinesNewest(t *testing.T) {
	type v struct {
		from, source int
		did          string // "": a machine made it
	}
	machine := v{}
	for _, c := range []struct {
		name     string
		versions []v // from 1
		want     int
	}{
		{"the machine's is shown", []v{machine}, 0},
		{"edited", []v{machine, {1, 0, "set"}}, 0},
		{"written again", []v{machine, {1, 0, "set"}, machine}, 3},
		{"a part taken", []v{machine, {1, 0, "set"}, machine, {2, 3, "take"}}, 3},
		{"three parts taken, and an edit", []v{machine, {1, 0, "set"}, machine, {2, 3, "take"}, {4, 3, "take"}, {5, 0, "set"}, {6, 3, "take"}}, 3},
		{"taken and undone", []v{machine, {1, 0, "set"}, machine, {2, 3, "take"}, {4, 2, "restore"}}, 3},
		{"gone over to", []v{machine, {1, 0, "set"}, machine, {2, 3, "restore"}, {4, 0, "add"}}, 0},
		{"gone over to and back", []v{machine, {1, 0, "set"}, machine, {2, 3, "restore"}, {4, 2, "restore"}}, 3},
		{"gone over to, and written again", []v{machine, {1, 0, "set"}, machine, {2, 3, "restore"}, machine}, 5},
		{"written twice again", []v{machine, {1, 0, "set"}, machine, machine}, 4},
		{"written by hand first", []v{{0, 0, "save"}, machine}, 2},
		{"gone back to what is not known", []v{machine, {1, 0, "set"}, machine, {2, 0, "restore"}}, 0},
		{"made from what is not known", []v{machine, {1, 0, "set"}, machine, {0, 0, "save"}, machine}, 5},
	} {
		var rows []versionRow
		shown := 0
		for i, x := range c.versions {
			row := versionRow{MinutesInfo: MinutesInfo{Version: i + 1, From: x.from, Source: x.source, Did: x.did}}
			if x.did != "" {
				row.By, shown = "kari", i+1
			}
			rows = append(rows, row)
		}
		if shown == 0 {
			shown = len(rows)
		}
		slices.Reverse(rows)
		if got := newerMachine(rows, shown); got != c.want {
			t.Errorf("%s: led to %d, want %d", c.name, got, c.want)
		}
	}
}

// Where all of another version comes, what people have done and what it lacks is counted, once.
func TestTakeOnePartOrAllTellsWhatGoes(t *testing.T) {
	yes := &referent.Approval{By: "Kari", At: time.Unix(1, 0)}
	now := &referent.Minutes{Language: "nb",
		Items:     []referent.Item{{Heading: "Drift", Points: []referent.Point{{Text: "Ny", Added: true}, {Text: "Maskinens", Evidence: []string{"s1"}}}}},
		Decisions: []referent.Decision{{Text: "Tatt med", Evidence: []string{"s2"}}, {Text: "Maskinens, hørt samme sted", Evidence: []string{"s2"}}},
		Actions:   []referent.ActionItem{{Task: "Endret", Reworded: true, Evidence: []string{"s3"}}},
		Votes:     []referent.Vote{{Proposal: "A", Confirmed: yes}, {Proposal: "B", Confirmed: yes}, {Proposal: "C"}},
		Settled: []referent.Settled{{Text: "Tatt med", Evidence: []string{"s2"}, How: referent.SettledAccepted, As: string(review.Decisions)},
			{Text: "Ikke med", Evidence: []string{"s1"}, How: referent.SettledDismissed}}}
	machine := &referent.Minutes{Language: "nn", Votes: []referent.Vote{{Proposal: "A"}}}
	if own, votes := ownWords("nb", now, machine), confirmedVotes(now, machine); own != 3 || votes != 2 {
		t.Errorf("%d statements and %d votes go with the machine's", own, votes)
	}
	theirs := &referent.Minutes{Language: "nn", Actions: now.Actions, Votes: now.Votes[:1]}
	if own, votes := ownWords("nb", now, theirs), confirmedVotes(now, theirs); own != 2 || votes != 1 {
		t.Errorf("%d statements and %d votes go with a person's", own, votes)
	}
	if own, votes := ownWords("nb", now, now), confirmedVotes(now, now); own != 0 || votes != 0 {
		t.Errorf("%d statements and %d votes go with the same", own, votes)
	}
}
