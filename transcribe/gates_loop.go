package transcribe

import (
	"bytes"
	"compress/zlib"
	"strings"
	"unicode"
)

// Text that goes round in circles. Whisper falls into it when it loses the sound: one word for ever, two
// sentences that take turns, a paragraph said again.
const (
	longestPeriod   = 40  // words; longer rounds do not fit a window twice
	longPeriod      = 10  // words; what is this long nobody says twice over without a pause
	rounds          = 3   // of a shorter period
	oneWordRounds   = 6   // "nei, nei, nei" is speech
	maxCompression  = 2.4 // above it, text is repetition, even if no two rounds are the same
	compressionFrom = 60  // bytes; shorter texts do not compress
)

// run is a part of a text, in words: [from, to).
type run struct{ from, to int }

// loops gives the parts of a text that repeat themselves word for word, in order and disjoint: a period
// of n words said three times, a single word six times, a period of ten words or more twice.
func loops(words []string) []run {
	var found []run
	for at := 0; at < len(words); {
		end := at
		for n := 1; n <= longestPeriod && at+n < len(words); n++ {
			same := at + n // end of the words that equal the one n before
			for same < len(words) && words[same] == words[same-n] {
				same++
			}
			if same-at >= n*wanted(n) {
				end = max(end, same)
			}
		}
		if end > at {
			found = append(found, run{at, end})
			at = end
		} else {
			at++
		}
	}
	return found
}

// wanted is how many rounds of n words make a loop.
func wanted(n int) int {
	switch {
	case n == 1:
		return oneWordRounds
	case n >= longPeriod:
		return 2
	}
	return rounds
}

// squeezed reports whether text compresses as no speech does: the same phrases in ever new order.
func squeezed(text string) bool {
	return len(text) >= compressionFrom && compression(text) > maxCompression
}

func compression(text string) float64 {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(text)) // a Buffer never fails
	w.Close()
	return float64(len(text)) / float64(b.Len())
}

// bare is text in lower case without anything but letters, digits and single spaces.
func bare(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
}
