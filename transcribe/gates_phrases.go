package transcribe

import (
	_ "embed"
	"strings"
)

//go:embed stockphrases.txt
var stockFile string

// stock holds the phrases: whole ones, and beginnings that any name may follow.
var stock = func() (s struct {
	whole  map[string]bool
	begins []string
}) {
	s.whole = map[string]bool{}
	for line := range strings.Lines(stockFile) {
		switch open, text := strings.HasSuffix(strings.TrimSpace(line), "…"), bare(line); {
		case text == "":
		case open:
			s.begins = append(s.begins, text)
		default:
			s.whole[text] = true
		}
	}
	return s
}()

// mostAfterBeginning is how many words may follow the beginning of a stock phrase: a name or two.
const mostAfterBeginning = 5

// stockPhrase reports whether text, all of it, is what subtitles say that nobody spoke.
func stockPhrase(text string) bool {
	text = bare(text)
	if stock.whole[text] {
		return true
	}
	for _, b := range stock.begins {
		if rest, ok := strings.CutPrefix(text, b); ok && (rest == "" || rest[0] == ' ') {
			return len(strings.Fields(rest)) <= mostAfterBeginning
		}
	}
	return false
}

// annotation reports whether text describes sound instead of repeating words: music notes, dots, or all
// of it in brackets or between stars, such as "[Musikk]".
func annotation(text string) bool {
	text = strings.TrimSpace(text)
	if letters(text) == 0 {
		return true
	}
	text = strings.TrimRight(text, ".,!? ")
	for _, pair := range []string{"[]", "()", "**", "♪♪", "♫♫"} {
		marks := []rune(pair)
		if inner, ok := strings.CutPrefix(text, string(marks[0])); ok {
			if inner, ok = strings.CutSuffix(inner, string(marks[1])); ok && !strings.ContainsRune(inner, marks[1]) {
				return true
			}
		}
	}
	return false
}

const (
	echoWords = 4 // of the vocabulary in a row make an echo
)

// echoes gives the parts of a text, in words, that repeat the vocabulary put before it: four words of it
// or more in the same order, or all of it when it is shorter.
func echoes(words, prompt []string) []run {
	need := min(echoWords, len(prompt))
	if need < 2 {
		return nil
	}
	var found []run
	for i := 0; i < len(words); {
		best := 0
		for j := range prompt {
			n := 0
			for i+n < len(words) && j+n < len(prompt) && words[i+n] == prompt[j+n] {
				n++
			}
			best = max(best, n)
		}
		if best >= need {
			found = append(found, run{i, i + best})
			i += best
		} else {
			i++
		}
	}
	return found
}

// alike reports whether two words may be spellings of one: half their letters or more stand in both, in
// order.
func alike(a, b string) bool {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1) // longest common subsequence
	for _, r := range x {
		diagonal := 0
		for j, q := range y {
			up := row[j+1]
			if r == q {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(up, row[j])
			}
			diagonal = up
		}
	}
	return 3*row[len(y)] >= 2*max(len(x), len(y))
}
