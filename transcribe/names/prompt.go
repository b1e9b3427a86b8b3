package names

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxEntries and maxPromptTokens bound a prompt: more of it starts to be repeated as if it were said,
	// and whisper.cpp keeps no more than 223 tokens of it, dropping the first, which here are the names.
	maxEntries      = 40
	maxPromptTokens = 180
	// bytesPerToken is how much of a Norwegian name one token of Whisper's holds, rather too little.
	bytesPerToken = 2.2

	longWord = 10 // runes: an ordinary word this long is seldom enough to be worth telling
)

// Prompt makes the text put before a window from the names and titles of a meeting, and after them what word lists hold,
// both the most important first. Of the meeting's own, names come before all else; of a longer title, or of a long entry
// of a list, only the words that are not everyday ones are told. It is bounded, so that it can neither push itself out of what the recogniser reads nor be most of what it
// hears; what does not fit is left out. No names give no prompt.
func Prompt(names, listed []string) string {
	var people, rest []string
	for i, n := range slices.Concat(names, listed) {
		words := strings.Fields(n)
		switch {
		case len(words) == 0:
		case i >= len(names) && len(words) <= 5 && allNames(words):
			rest = append(rest, strings.Join(words, " ")) // where the list has it
		case len(words) <= 5 && allNames(words):
			people = append(people, strings.Join(words, " "))
		case len(words) <= 2:
			rest = append(rest, strings.Join(words, " "))
		default:
			rest = append(rest, rareWords(words)...)
		}
	}
	seen := map[string]bool{}
	var entries []string
	tokens := 1.0 // the full stop
	for _, e := range append(people, rest...) {
		cost := 1 + float64(len(e))/bytesPerToken
		if key := strings.ToLower(e); seen[key] || tokens+cost > maxPromptTokens {
			continue
		} else {
			seen[key] = true
		}
		entries = append(entries, e)
		tokens += cost
		if len(entries) == maxEntries {
			break
		}
	}
	if len(entries) == 0 {
		return ""
	}
	return strings.Join(entries, ", ") + "."
}

// allNames reports whether every word is written as a name is, small words between them aside.
func allNames(words []string) bool {
	for i, w := range words {
		if !capitalised(w) && (i == 0 || !particles[w]) {
			return false
		}
	}
	return true
}

// particles stand within names in small letters.
var particles = map[string]bool{"af": true, "av": true, "de": true, "del": true, "der": true, "di": true,
	"la": true, "le": true, "ter": true, "van": true, "von": true, "og": true, "i": true, "på": true}

// rareWords are the words of a title that the recogniser may not expect: names, abbreviations and long
// compounds. The first word is capitalised as it begins the title, and counts as a name only when it is
// no everyday word.
func rareWords(title []string) []string {
	var rare []string
	for i, w := range title {
		w = strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		n := utf8.RuneCountInString(w)
		switch {
		case n < 3 || everyday[strings.ToLower(w)] || !unicode.IsLetter([]rune(w)[0]):
		case i > 0 && capitalised(w), n >= longWord, i == 0 && !looksDerived(strings.ToLower(w)):
			rare = append(rare, w)
		}
	}
	return rare
}

// looksDerived reports whether a word ends as Norwegian's ordinary nouns and verbs do.
func looksDerived(w string) bool {
	for _, end := range []string{"ing", "ingen", "inger", "else", "elsen", "elser", "het", "heten", "sjon", "sjonen", "sjoner",
		"tet", "skap", "dom", "eri", "plan", "planen", "sak", "saken", "saker", "isk", "lig", "ere", "ert", "else"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

func capitalised(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsUpper(r)
}
