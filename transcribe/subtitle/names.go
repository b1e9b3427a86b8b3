package subtitle

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// particles may stand uncapitalised inside a name.
var particles = map[string]bool{
	"av": true, "af": true, "de": true, "den": true, "der": true, "la": true, "van": true, "von": true,
	"og": true, "bin": true, "al": true,
}

// nameAndText takes apart a line of the form "Name: text". A name is one to six words that begin with
// capitals or digits ("Taler 1"), with an addition in brackets at most ("(Ap)").
func nameAndText(line string) (name, text string, ok bool) {
	name, text, ok = strings.Cut(line, ":")
	if !ok || text == "" || !strings.HasPrefix(text, " ") {
		return "", "", false
	}
	name, text = strings.TrimSpace(name), strings.TrimSpace(text)
	if text == "" || !looksLikeName(name) {
		return "", "", false
	}
	return name, text, true
}

func looksLikeName(s string) bool {
	if s == "" || len(s) > 100 || strings.ContainsAny(s, "?!;\"<>") {
		return false
	}
	words := strings.Fields(s)
	if len(words) == 0 || len(words) > 6 {
		return false
	}
	for i, w := range words {
		r, _ := utf8.DecodeRuneInString(w)
		switch {
		case unicode.IsUpper(r), i > 0 && (unicode.IsDigit(r) || r == '(' || r == '[' || particles[w]):
		default:
			return false
		}
	}
	return true
}
