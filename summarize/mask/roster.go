package mask

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameWords are the words of a name as a person or a roster writes it, in the order in which it is said:
// "Lunde, Zofhia" is Zofhia Lunde. Titles, places in a list ("1. vara"), brackets and what is no name at all
// ("Taler 2") are left out.
func nameWords(name string) []string {
	if i := strings.IndexByte(name, '('); i > 0 {
		name = name[:i]
	}
	name, behind, _ := strings.Cut(name, ",")
	listed := placeBefore.MatchString(name)
	name = placeBefore.ReplaceAllString(name, "")
	numbered := numberWord.MatchString(name)
	name = numberWord.ReplaceAllString(name, " ")
	out := properWords(name)
	if given := properWords(behind); givenNames(out, given, behind) {
		out = append(given, out...)
	}
	if (listed || numbered) && !proper(out) {
		return nil
	}
	if numbered && len(out) == 1 && !firstNames[fold(out[0])] {
		return nil
	}
	if len(out) == 1 && (starts[fold(out[0])] || bodies[fold(out[0])] || utf8.RuneCountInString(out[0]) < 2) {
		return nil
	}
	return out
}

var (
	placeBefore = regexp.MustCompile(`^\s*\d+\s*[.):]?\s*`)
	numberWord  = regexp.MustCompile(`\S*\d\S*`)
)

// proper reports whether all words are written as names are.
func proper(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool {
		first, _ := utf8.DecodeRuneInString(w)
		return !unicode.IsUpper(first) && !particles[w] || starts[fold(w)]
	})
}

// properWords are the words of a text without titles before the first.
func properWords(s string) (out []string) {
	for _, a := range lex(s) {
		if a.sort == word && (len(out) > 0 || !titles[a.low] && !seats[a.low]) {
			out = append(out, a.text)
		}
	}
	return out
}

// seats stand before a name in a roster, and mean other things in what is said.
var seats = wordSet("vara varaperson møtende møtande fast faste ny nye")

// givenNames reports whether the words behind a comma are first names, and not a party, a task or a place:
// "Lunde, Zofhia", and not "Lunde, Høyre" or "Kari Nord, Solvik".
func givenNames(before, behind []string, text string) bool {
	if len(behind) == 0 || len(behind) > 3 || strings.ContainsAny(text, "0123456789") {
		return false
	}
	for _, w := range behind {
		first, n := utf8.DecodeRuneInString(w)
		second, _ := utf8.DecodeRuneInString(w[n:])
		if low := fold(w); !unicode.IsUpper(first) || !unicode.IsLower(second) || utf8.RuneCountInString(w) < 3 ||
			bodies[low] || titles[low] || seats[low] || places[low] {
			return false
		}
	}
	if len(before) <= 1 {
		return len(before) == 0 || !firstNames[fold(before[0])] || firstNames[fold(behind[0])]
	}
	return firstNames[fold(behind[0])] && !firstNames[fold(before[0])]
}
