package minutes

import (
	"cmp"
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// wanted is what an item of the gold must be met by.
type wanted struct {
	lines []int
	keys  []string
}

// written is an item of the minutes, ready to be compared.
type written struct {
	text  string // folded
	lines []int
}

func (c *Case) written(text string, evidence []string) written {
	lines, _ := c.cited(evidence)
	return written{norsk.Fold(text), lines}
}

// holds reports whether a key stands in a folded text where a word begins; a key of four letters or more
// also inside a word, since Norwegian compounds end in what they are ("piggdekk").
func holds(text, key string) bool {
	key = norsk.Fold(key)
	return key != "" && (strings.Contains(" "+text, " "+key) || len([]rune(key)) >= 4 && strings.Contains(text, key))
}

// near is how many of the lines are cited, the line itself or the one beside it.
func near(lines, cited []int) (exact, beside int) {
	for _, l := range lines {
		switch {
		case slices.Contains(cited, l):
			exact++
		case slices.Contains(cited, l-1) || slices.Contains(cited, l+1):
			beside++
		}
	}
	return exact, beside
}

// closeness is how well a written item meets the gold, 0 when it does not: it must cite one of the gold's
// lines, or a line beside one, and hold at least half of its keys.
func (w wanted) closeness(a written) float64 {
	exact, beside := near(w.lines, a.lines)
	if exact+beside == 0 {
		return 0
	}
	hits := 0
	for _, k := range w.keys {
		if holds(a.text, k) {
			hits++
		}
	}
	if hits == 0 || 2*hits < len(w.keys) {
		return 0
	}
	return float64(hits)/float64(len(w.keys)) + (float64(exact)+0.1*float64(beside))/float64(len(w.lines))
}

// match gives each item of the gold one of the written, the closest pairs first; -1 where there is none.
func match(gold []wanted, list []written) []int {
	return pair(len(gold), len(list), func(i, j int) float64 { return gold[i].closeness(list[j]) })
}

// pair joins rows and columns one to one, the closest first. What has no closeness is not joined.
func pair(rows, columns int, closeness func(i, j int) float64) []int {
	type candidate struct {
		i, j  int
		score float64
	}
	var all []candidate
	for i := range rows {
		for j := range columns {
			if score := closeness(i, j); score > 0 {
				all = append(all, candidate{i, j, score})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	of := slices.Repeat([]int{-1}, rows)
	taken := make([]bool, columns)
	for _, c := range all {
		if of[c.i] < 0 && !taken[c.j] {
			of[c.i], taken[c.j] = c.j, true
		}
	}
	return of
}
