package mask

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sort of an atom.
type sort int

const (
	word sort = iota
	digits
	mark
)

// atom is the smallest piece of a text that is read: a word with the hyphens and apostrophes inside it, a
// string of digits, or one other sign. Space is no atom.
type atom struct {
	sort       sort
	from, to   int    // bytes of the text
	text       string // as it stands
	low        string // lower case, letters composed; of digits: ASCII
	capital    bool   // begins with a capital letter
	begins     bool   // begins a sentence, where a capital tells nothing
	spaced     bool   // space before it
	newLine    bool   // a new line before it
	afterDigit bool   // stands right behind a digit or letter of another atom
}

// lex reads the atoms of a text. It never fails: bytes that are no letters are signs.
func lex(s string) []atom {
	out := make([]atom, 0, len(s)/5+1)
	begins, spaced, newLine := true, false, true
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if silent(r) && r != utf8.RuneError {
			spaced = spaced || unicode.IsSpace(r)
			if r == '\n' {
				newLine, begins = true, true
			}
			i += n
			continue
		}
		a := atom{sort: mark, from: i, to: i + n, begins: begins, spaced: spaced, newLine: newLine}
		switch {
		case unicode.IsDigit(r):
			a.sort, a.to = digits, span(s, i, unicode.IsDigit)
		case letter(r):
			a.sort, a.to = word, wordEnd(s, i)
			if numbered(s[i:a.to]) {
				a.to = span(s, i, letter) // "tjue-fem-null": each number a word
			}
		}
		a.text = s[a.from:a.to]
		a.afterDigit = len(out) > 0 && out[len(out)-1].to == a.from && out[len(out)-1].sort != mark
		switch a.sort {
		case digits:
			a.low = plainDigits(a.text)
		case word:
			a.low = fold(a.text)
			a.capital = unicode.IsUpper(r)
		}
		begins, spaced, newLine = opens(out, a), false, false
		out = append(out, a)
		i = a.to
	}
	return out
}

// opens reports whether the atom after a begins a sentence.
func opens(before []atom, a atom) bool {
	if a.sort != mark {
		return false
	}
	switch a.text {
	case "?", "!", "…", ":", ";", "•", "*":
		return true
	case ".":
		// Not after an abbreviation or an initial: "kl.", "O. Berge".
		if len(before) == 0 {
			return true
		}
		last := before[len(before)-1]
		return last.sort != word || utf8.RuneCountInString(last.text) > 2
	case "«", "\"", "“", "”", "»", "(", "[", "-", "–", "—", "'":
		return a.begins
	}
	return false
}

// silent are space and the signs that nobody sees.
func silent(r rune) bool {
	return unicode.IsSpace(r) || r == '\u00ad' || r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\u2060' || r == '\ufeff' || r == '\u202f'
}

func letter(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r))
}

func span(s string, i int, in func(rune) bool) int {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !in(r) {
			break
		}
		i += n
	}
	return i
}

// wordEnd is the offset after the word at i: letters, with single hyphens and apostrophes between letters.
func wordEnd(s string, i int) int {
	for {
		i = span(s, i, letter)
		r, n := utf8.DecodeRuneInString(s[i:])
		if !strings.ContainsRune("-'’‑", r) || n == 0 || r == utf8.RuneError {
			return i
		}
		if next, _ := utf8.DecodeRuneInString(s[i+n:]); !letter(next) {
			return i
		}
		i += n
	}
}

// numbered reports whether a word is number words with hyphens between.
func numbered(s string) bool {
	if !strings.ContainsAny(s, "-‑") {
		return false
	}
	for part := range strings.SplitSeq(fold(s), "-") {
		if _, ok := joined(part); !ok {
			return false
		}
	}
	return true
}

// plainDigits writes any script's digits with ASCII ones.
func plainDigits(s string) string {
	if strings.Trim(s, "0123456789") == "" {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return r
		}
		// Unicode lays the ten digits of a script side by side, and zero is the one with none before it.
		zero := r
		for zero > r-9 && unicode.IsDigit(zero-1) {
			zero--
		}
		return '0' + (r-zero)%10
	}, s)
}

// composed are the letters that some keyboards and file systems write as a letter with a mark behind it.
var composed = strings.NewReplacer("a\u030a", "å", "o\u0308", "ö", "a\u0308", "ä", "u\u0308", "ü", "e\u0301", "é", "e\u0300", "è",
	"o\u0301", "ó", "o\u0302", "ô", "a\u0301", "á", "i\u0301", "í", "o\u0300", "ò", "c\u030c", "č", "s\u030c", "š", "z\u030c", "ž", "\u2011", "-", "’", "'")

// fold makes words comparable.
func fold(s string) string { return composed.Replace(strings.ToLower(s)) }
