package roster

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"

	"github.com/referent/referent"
)

// ParticipantsText writes people in the plainest form that [Participants] reads as the same people: a line each, else
// CSV with a header row, else JSON.
func ParticipantsText(people []referent.Participant) string {
	same := func(text string) bool {
		got, err := Participants(strings.NewReader(text))
		return err == nil && slices.Equal(got, people)
	}
	var lines []string
	rows := [][]string{{"Navn", "Rolle", "Parti", "Forfall"}}
	for _, p := range people {
		lines = append(lines, strings.TrimSuffix(p.Name+", "+p.Role, ", "))
		absent := ""
		if p.Absent {
			absent = "ja"
		}
		rows = append(rows, []string{p.Name, p.Role, p.Party, absent})
	}
	return plainest(people, same, strings.Join(lines, "\n"), rows)
}

// AgendaText writes cases in the plainest form that [Agenda] reads as the same cases.
func AgendaText(items []referent.AgendaItem) string {
	same := func(text string) bool {
		got, err := Agenda(strings.NewReader(text))
		return err == nil && slices.Equal(got, items)
	}
	var lines []string
	rows := [][]string{{"Nummer", "Tittel"}}
	for _, it := range items {
		lines = append(lines, strings.TrimSpace(it.Number+" "+it.Title))
		rows = append(rows, []string{it.Number, it.Title})
	}
	return plainest(items, same, strings.Join(lines, "\n"), rows)
}

func plainest[T any](list []T, same func(string) bool, lines string, rows [][]string) string {
	if len(list) == 0 {
		return ""
	}
	if same(lines) {
		return lines
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = ';'
	// Writing to memory does not fail, and neither does JSON of plain text.
	if w.WriteAll(rows) == nil && same(b.String()) {
		return strings.TrimSpace(b.String())
	}
	text, _ := json.Marshal(list)
	return string(text)
}
