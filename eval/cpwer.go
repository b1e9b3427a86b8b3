package eval

import (
	"cmp"
	"maps"
	"slices"
)

// Pair is a speaker of the reference and the one of the hypothesis that is taken for the same. An empty
// name stands for nobody when Missed or Invented says so.
type Pair struct {
	Reference  string `json:"reference"`
	Hypothesis string `json:"hypothesis"`
	Missed     bool   `json:"missed,omitempty"`   // nobody in the hypothesis was left for this one
	Invented   bool   `json:"invented,omitempty"` // nobody in the reference was left
	Errors     Errors `json:"errors"`
}

// CPWER is the word error rate of one recording when it also matters who said a word: all that a speaker
// says is joined in order of time, and speakers are paired so that the errors are fewest (concatenated
// minimum-permutation word error rate). What a speaker without a partner says is all deleted, or all
// inserted. words normalises and splits a text, e.g. [Words].
//
// The number of errors is that of meeteval's cpWER; where several alignments are equally short it
// may share them out differently among substitutions, deletions and insertions.
func CPWER(reference, hypothesis []Utterance, words func(string) []string) (Errors, []Pair) {
	theirs, ours := bySpeaker(reference, words), bySpeaker(hypothesis, words)
	size := max(len(theirs), len(ours))
	errors := make([][]Errors, size)
	cost := make([][]float64, size)
	for i := range size {
		errors[i], cost[i] = make([]Errors, size), make([]float64, size)
		for j := range size {
			errors[i][j] = Compare(at(theirs, i).words, at(ours, j).words)
			cost[i][j] = float64(errors[i][j].Wrong())
		}
	}
	var total Errors
	var pairs []Pair
	for i, j := range assign(cost) {
		total = total.Add(errors[i][j])
		pairs = append(pairs, Pair{at(theirs, i).speaker, at(ours, j).speaker, j >= len(ours), i >= len(theirs), errors[i][j]})
	}
	return total, pairs
}

// monologue is everything one speaker says.
type monologue struct {
	speaker string
	words   []string
}

// at is the i-th monologue, or silence.
func at(all []monologue, i int) monologue {
	if i < len(all) {
		return all[i]
	}
	return monologue{}
}

func bySpeaker(utterances []Utterance, words func(string) []string) (all []monologue) {
	sorted := slices.SortedStableFunc(slices.Values(utterances), func(a, b Utterance) int { return cmp.Compare(a.Start, b.Start) })
	said := map[string][]string{}
	for _, u := range sorted {
		said[u.Speaker] = append(said[u.Speaker], words(u.Text)...)
	}
	for _, name := range slices.Sorted(maps.Keys(said)) {
		all = append(all, monologue{name, said[name]})
	}
	return all
}
