package eval

import (
	"strings"
	"unicode"
)

// Normalisation is [Words] in a sentence, for reports.
const Normalisation = "lower case; everything but letters, digits and marks separates words, except an apostrophe within a word and a comma or full stop between digits; hyphens separate; numbers stay as written; signs such as % are no words"

// Words normalises text for counting errors, and splits it: lower case, every character that is
// neither letter, digit nor mark is a space, but an apostrophe or full stop inside a word and a comma
// or full stop between digits join ("kl. 10.30" is "kl", "10.30"). Hyphens separate. Numbers stay as they
// are written: "3" is not "tre", and "10 000" is two words; "%" and "§" are no words. This is the stated
// normalisation of every word error rate that Referent prints; [Normalisation] says it in a sentence.
func Words(text string) []string {
	runes := []rune(strings.ToLower(text))
	var b strings.Builder
	for i, r := range runes {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			b.WriteRune(r)
		case (r == '.' || r == ',') && between(runes, i, unicode.IsDigit):
			b.WriteRune(r)
		case (r == '\'' || r == '’') && between(runes, i, unicode.IsLetter):
			b.WriteRune('\'')
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Fields(b.String())
}

func between(runes []rune, i int, is func(rune) bool) bool {
	return i > 0 && i+1 < len(runes) && is(runes[i-1]) && is(runes[i+1])
}

// Errors counts what separates a hypothesis from its reference, in words or in characters.
type Errors struct {
	Substitutions int `json:"substitutions"`
	Deletions     int `json:"deletions"`
	Insertions    int `json:"insertions"`
	Reference     int `json:"reference"` // length of the reference
}

// Rate is (S+D+I)/N. Against an empty reference it is 0 when the hypothesis is empty too, else 1.
func (e Errors) Rate() float64 {
	if e.Reference == 0 {
		return float64(min(e.Wrong(), 1))
	}
	return float64(e.Wrong()) / float64(e.Reference)
}

// Wrong is the number of errors.
func (e Errors) Wrong() int { return e.Substitutions + e.Deletions + e.Insertions }

// Add sums the counts, so that a total weighs each file by its length.
func (e Errors) Add(o Errors) Errors {
	return Errors{e.Substitutions + o.Substitutions, e.Deletions + o.Deletions, e.Insertions + o.Insertions, e.Reference + o.Reference}
}

// WER counts word errors after [Words] on both sides.
func WER(reference, hypothesis string) Errors {
	return Compare(Words(reference), Words(hypothesis))
}

// CER counts character errors of the normalised words joined by single spaces.
func CER(reference, hypothesis string) Errors {
	return Compare([]rune(strings.Join(Words(reference), " ")), []rune(strings.Join(Words(hypothesis), " ")))
}

// cell is the cheapest way to a point of the alignment.
type cell struct{ cost, sub, del, ins int }

// Compare aligns two sequences with the fewest edits (Levenshtein) and counts them by kind. Where
// several alignments are equally cheap it prefers substitutions, as sclite and jiwer do.
// Time is O(n·m), memory O(m).
func Compare[T comparable](reference, hypothesis []T) Errors {
	row := make([]cell, len(hypothesis)+1)
	for j := range row {
		row[j] = cell{cost: j, ins: j}
	}
	for i, r := range reference {
		diagonal := row[0]
		row[0] = cell{cost: i + 1, del: i + 1}
		for j, h := range hypothesis {
			up, left := row[j+1], row[j]
			best := diagonal
			if r != h {
				best.cost++
				best.sub++
				if c := up.cost + 1; c < best.cost {
					best = cell{c, up.sub, up.del + 1, up.ins}
				}
				if c := left.cost + 1; c < best.cost {
					best = cell{c, left.sub, left.del, left.ins + 1}
				}
			}
			diagonal, row[j+1] = up, best
		}
	}
	last := row[len(hypothesis)]
	return Errors{last.sub, last.del, last.ins, len(reference)}
}
