package web

import (
	"slices"
	"testing"
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
