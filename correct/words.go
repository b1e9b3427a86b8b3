package correct

import (
	"math"
	"slices"
	"unicode/utf8"

	"github.com/referent/referent"
)

// maxTable bounds the table that finds the words in common; longer changes are aligned at their ends alone.
const maxTable = 4 << 20

// maxCells bounds the tables of a whole batch, so that none keeps the server busy for more than about a second.
const maxCells = 32 << 20

// realign gives a segment's new words times. Words that stay, in order, keep what is known of them; new ones share
// the time between their neighbours by their length, and are certain. from tells for each new word which old one it
// is, -1 for none.
func (d *draft) realign(old []referent.Word, text []string, start, end float64) (words []referent.Word, from []int) {
	from = d.common(old, text)
	words = make([]referent.Word, len(text))
	for i := range text {
		if from[i] >= 0 {
			words[i] = old[from[i]]
		}
	}
	for i := 0; i < len(text); {
		if from[i] >= 0 {
			i++
			continue
		}
		j := i
		for j < len(text) && from[j] < 0 {
			j++
		}
		a, b := start, end
		if i > 0 {
			a = words[i-1].End
			// New words stand where the ones were said that they take the place of.
			if k := from[i-1] + 1; k < len(old) && (j == len(text) || k < from[j]) {
				a = old[k].Start
			}
		} else if len(old) > 0 && (j == len(text) || from[j] > 0) {
			a = old[0].Start
		}
		if j < len(text) {
			b = words[j].Start
			if k := from[j] - 1; k >= 0 && (i == 0 || k > from[i-1]) {
				b = old[k].End
			}
		} else if len(old) > 0 && (i == 0 || from[i-1] < len(old)-1) {
			b = old[len(old)-1].End
		}
		if j < len(text) {
			a = min(a, b)
		}
		spread(words[i:j], text[i:j], a, max(a, b))
		i = j
	}
	inOrder(words, start, end)
	return words, from
}

// spread gives words the time from a to b, by their length.
func spread(words []referent.Word, text []string, a, b float64) {
	total := 0
	for _, x := range text {
		total += utf8.RuneCountInString(x) + 1
	}
	said := 0
	for i, x := range text {
		w := referent.Word{Text: x, Start: a + (b-a)*float64(said)/float64(total), Probability: 1}
		said += utf8.RuneCountInString(x) + 1
		w.End = a + (b-a)*float64(said)/float64(total)
		w.Start, w.End = milliseconds(w.Start), milliseconds(w.End)
		words[i] = w
	}
}

// inOrder holds the times of words in order and within the segment: recognisers' words may overlap by a little.
func inOrder(words []referent.Word, start, end float64) {
	at := start
	for i := range words {
		w := &words[i]
		w.Start = min(max(w.Start, at), max(end, at))
		w.End = min(max(w.End, w.Start), max(end, w.Start))
		at = w.Start
	}
}

// common finds for each of text which of old it is: the longest common subsequence.
func (d *draft) common(old []referent.Word, text []string) []int {
	from := make([]int, len(text))
	for i := range from {
		from[i] = -1
	}
	head := 0
	for head < len(old) && head < len(text) && old[head].Text == text[head] {
		from[head] = head
		head++
	}
	tail := 0
	for tail < len(old)-head && tail < len(text)-head && old[len(old)-1-tail].Text == text[len(text)-1-tail] {
		tail++
		from[len(text)-tail] = len(old) - tail
	}
	a, b := old[head:len(old)-tail], text[head:len(text)-tail]
	cells := (len(a) + 1) * (len(b) + 1)
	if len(a) == 0 || len(b) == 0 || cells > min(maxTable, d.cells) {
		return from
	}
	d.cells -= cells
	width := len(b) + 1
	length := make([]int32, cells)
	for i, w := range slices.Backward(a) {
		for j, x := range slices.Backward(b) {
			if w.Text == x {
				length[i*width+j] = length[(i+1)*width+j+1] + 1
			} else {
				length[i*width+j] = max(length[(i+1)*width+j], length[i*width+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i].Text == b[j]:
			from[head+j] = head + i
			i, j = i+1, j+1
		case length[(i+1)*width+j] >= length[i*width+j+1]:
			i++
		default:
			j++
		}
	}
	return from
}

func textOf(words []referent.Word) string {
	n := 0
	for _, w := range words {
		n += len(w.Text) + 1
	}
	out := make([]byte, 0, n)
	for i, w := range words {
		if i > 0 {
			out = append(out, ' ')
		}
		out = append(out, w.Text...)
	}
	return string(out)
}

// milliseconds rounds a time in seconds as the domain writes it.
func milliseconds(s float64) float64 { return math.Round(s*1000) / 1000 }
