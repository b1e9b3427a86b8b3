// Package norsk knows the written Norwegian that minutes are made of, in bokmål and nynorsk: words,
// sentences, numbers in words, dates as people say them, phrases, and the fixed words of documents.
//
// What is not here: what a phrase means for a meeting (package summarize/extract) and how a document
// is laid out (package export). Nothing here reads a transcript or a meeting.
package norsk

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Token is one word or number of a text. Numbers keep the signs inside them: "12/25", "10.30", "1,5".
type Token struct {
	Text       string // as it stands
	Lower      string // lower case, accents of emphasis ("én") kept
	Start, End int    // byte offsets into the text
	Mark       rune   // the punctuation that follows directly: one of . , ? ! : ; or 0
}

// Tokens splits a text into words. Bytes that are neither letters nor digits separate words, except a
// hyphen or apostrophe between letters and the signs . , : / - between digits.
func Tokens(s string) []Token {
	var out []Token
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !wordRune(r) {
			i += n
			continue
		}
		end := wordEnd(s, i)
		t := Token{Text: s[i:end], Start: i, End: end}
		t.Lower = strings.ToLower(t.Text)
		if r, _ := utf8.DecodeRuneInString(s[end:]); strings.ContainsRune(".,?!:;", r) && end < len(s) {
			t.Mark = r
		}
		out = append(out, t)
		i = end
	}
	return out
}

// wordEnd is the offset after the word that starts at i.
func wordEnd(s string, i int) int {
	var prev rune
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if wordRune(r) {
			prev, i = r, i+n
			continue
		}
		next, _ := utf8.DecodeRuneInString(s[i+n:])
		joinsDigits := unicode.IsDigit(prev) && unicode.IsDigit(next) && strings.ContainsRune(".,:/-", r)
		joinsLetters := wordRune(prev) && wordRune(next) && strings.ContainsRune("-'’", r)
		if !joinsDigits && !joinsLetters {
			return i
		}
		prev, i = r, i+n
	}
	return i
}

func wordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// Capitalised reports whether the word starts with a capital letter.
func (t Token) Capitalised() bool {
	r, _ := utf8.DecodeRuneInString(t.Text)
	return unicode.IsUpper(r)
}

// Fold makes texts comparable: lower case, words joined by one space, punctuation gone.
func Fold(s string) string {
	tokens := Tokens(s)
	words := make([]string, len(tokens))
	for i, t := range tokens {
		words[i] = t.Lower
	}
	return strings.Join(words, " ")
}

// Capitalise makes the first letter a capital.
func Capitalise(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
