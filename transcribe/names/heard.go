package names

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/referent/referent"
)

// heard is a word of the transcript, taken apart.
type heard struct {
	before, core, after string // punctuation, the word, punctuation
	lower               string
	sound               []rune
	// stem and stemSound are the word without the s of a genitive; the same as core for words without.
	stem      string
	stemSound []rune

	p       float64
	capital bool
	begins  bool // a sentence, so that its capital says nothing
	letters bool // an abbreviation, or a part of a compound: "NATO", "barne-"
	plain   bool // an everyday word, as far as lists and the rest of the transcript tell
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

func takeApart(w referent.Word, begins bool, plain map[string]bool) heard {
	h := heard{p: w.Probability, begins: begins}
	from := strings.IndexFunc(w.Text, inWord)
	if from < 0 {
		h.before = w.Text
		return h
	}
	to := strings.LastIndexFunc(w.Text, inWord)
	_, size := utf8.DecodeRuneInString(w.Text[to:])
	h.before, h.core, h.after = w.Text[:from], w.Text[from:to+size], w.Text[to+size:]
	h.lower = strings.ToLower(h.core)
	h.sound = sound(h.core)
	h.capital = capitalised(h.core)
	h.letters = strings.HasPrefix(h.after, "-") || len(h.core) > 1 && strings.ToUpper(strings.TrimSuffix(h.core, "s")) == strings.TrimSuffix(h.core, "s")
	h.plain = everyday[h.lower] || plain[h.lower]
	h.stem, h.stemSound = h.core, h.sound
	if stem, cut := strings.CutSuffix(h.core, "s"); cut {
		stem = strings.TrimRight(stem, "'’")
		if utf8.RuneCountInString(stem) >= 2 {
			h.stem, h.stemSound = stem, sound(stem)
		}
	}
	return h
}

// hasEnded reports whether a sentence ends with the word.
func (h *heard) hasEnded() bool { return strings.ContainsAny(h.after, ".?!:") || h.core == "" }

// match compares the word with a part of a name; a score below least may be 0. When it is nearer to it without the s of a genitive,
// suffix is that s.
func (h *heard) match(p *part, least float64) (score float64, suffix string) {
	if h.lower == p.lower {
		return 1, ""
	}
	score = likenessFrom(least, h.sound, p.sound)
	if len(h.stem) < len(h.core) && !strings.HasSuffix(p.lower, "s") {
		if s := likenessFrom(least, h.stemSound, p.sound); s > score || strings.EqualFold(h.stem, p.text) {
			score, suffix = s, h.core[len(h.stem):]
			if strings.EqualFold(h.stem, p.text) {
				return 1, suffix
			}
		}
	}
	return min(score, sameSound), suffix
}

// sameSound is the score of names that only their spelling tells apart.
const sameSound = 0.98
