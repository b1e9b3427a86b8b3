package export

import (
	"slices"
	"testing"
)

// No section of text is a table; one that came as one would still stand there.
func TestTextOfATable(t *testing.T) {
	var got []string
	textPart(func(s string) { got = append(got, s) }, &part{heading: "Voteringer", number: 2, columns: []string{"Sak", "For", "Mot"},
		rows: []row{{cells: []string{"PS 1", "3", "–"}, note: "8 stemmer av 9."}, {cells: []string{"PS 2", "4", "5"}}}})
	if want := []string{"2. Voteringer", "Sak · For · Mot", "PS 1 · 3 · – – 8 stemmer av 9.", "PS 2 · 4 · 5"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
