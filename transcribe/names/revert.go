package names

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/referent/referent"
)

// Revert takes back t.Corrections[index]: what was heard stands there again, and the correction is gone
// from the list. CodeInvalid: there is no such correction, or its words have been changed since.
func Revert(t *referent.Transcript, index int) error {
	const op = "names: take back correction"
	if index < 0 || index >= len(t.Corrections) {
		return referent.E(referent.CodeInvalid, op, fmt.Errorf("no correction %d", index))
	}
	c := t.Corrections[index]
	i := slices.IndexFunc(t.Segments, func(s referent.Segment) bool { return s.ID == c.Segment })
	if i < 0 {
		return referent.E(referent.CodeInvalid, op, fmt.Errorf("its segment is not there"))
	}
	s := &t.Segments[i]
	if c.Word < 0 || c.Words < 1 || c.Word+c.Words > len(s.Words) || textOf(s.Words[c.Word:c.Word+c.Words]) != c.To {
		return referent.E(referent.CodeInvalid, op, fmt.Errorf("its words are not there"))
	}
	back := replaced(s.Words[c.Word:c.Word+c.Words], strings.Split(c.From, " "))
	for j := range back {
		back[j].Heard = ""
	}
	s.Words = slices.Concat(s.Words[:c.Word], back, s.Words[c.Word+c.Words:])
	s.Text = textOf(s.Words)
	t.Corrections = slices.Delete(slices.Clone(t.Corrections), index, index+1)
	for j := range t.Corrections {
		if other := &t.Corrections[j]; other.Segment == c.Segment && other.Word > c.Word {
			other.Word += len(back) - c.Words
		}
	}
	return nil
}

// replaced gives words of other text in the time of old. As many as before keep their own times and
// probabilities; more or fewer share the time by their length.
func replaced(old []referent.Word, text []string) []referent.Word {
	words := make([]referent.Word, len(text))
	if len(text) == len(old) {
		for i, w := range old {
			words[i] = w
			if words[i].Text = text[i]; text[i] != w.Text {
				words[i].Heard = w.Text
			}
		}
		return words
	}
	var probability, letters float64
	for _, w := range old {
		probability += w.Probability / float64(len(old))
	}
	for _, x := range text {
		letters += float64(utf8.RuneCountInString(x))
	}
	at, heard := old[0].Start, textOf(old)
	length := old[len(old)-1].End - at
	for i, x := range text {
		end := at + length*float64(utf8.RuneCountInString(x))/letters
		words[i] = referent.Word{Text: x, Start: milliseconds(at), End: milliseconds(end), Probability: probability, Heard: heard}
		at = end
	}
	words[len(words)-1].End = old[len(old)-1].End
	return words
}

func textOf(words []referent.Word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return strings.Join(texts, " ")
}

// milliseconds rounds a time in seconds as the domain writes it.
func milliseconds(s float64) float64 { return math.Round(s*1000) / 1000 }
