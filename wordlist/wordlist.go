// Package wordlist reads the lists of names and words that an organisation keeps for its recogniser: pasted text or
// CSV, a word or a name of several words in each line or cell. It is pure.
//
// What is not here: where lists are kept (package store), who keeps which (package web), and what the recogniser
// makes of them (package transcribe/names).
package wordlist

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/referent/referent"
	"golang.org/x/text/unicode/norm"
)

// The limits of a list.
const (
	MaxWords  = 500
	MaxLength = 60 // characters of a word, or of a name of several
)

// What can be wrong with a list.
const (
	TooMany   = "many"      // more than MaxWords
	TooLong   = "long"      // longer than MaxLength
	Character = "character" // something else than letters, digits, spaces, hyphens, full stops and apostrophes
	NoLetter  = "letter"    // no letter at all
)

// Fault is what is wrong with a list. It does not hold the word: it may be somebody's name.
type Fault struct {
	Line int // from 1; 0: the list as a whole
	What string
}

func (f *Fault) Error() string { return fmt.Sprintf("line %d: %s", f.Line, f.What) }

// Parse reads a list: words apart by line breaks, commas, semicolons or tabs, with or without quotation marks about
// them. It puts letters into their composed form and drops what is empty or stands there already. The error is
// CodeInvalid and holds the first *Fault.
func Parse(text string) ([]string, error) {
	const op = "wordlist: read"
	var words []string
	seen := map[string]bool{}
	text = strings.TrimPrefix(text, "\ufeff")
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		for _, cell := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ';' || r == '\t' }) {
			word := norm.NFC.String(strings.Join(strings.Fields(strings.Trim(strings.TrimSpace(cell), `"`)), " "))
			if word == "" || seen[word] {
				continue
			}
			if what := faultOf(word); what != "" {
				return nil, refuse(op, i+1, what)
			}
			if len(words) == MaxWords {
				return nil, refuse(op, 0, TooMany)
			}
			seen[word] = true
			words = append(words, word)
		}
	}
	return words, nil
}

func refuse(op string, line int, what string) error {
	return referent.E(referent.CodeInvalid, op, &Fault{line, what}).
		WithHint("at most %d words of at most %d characters each: letters, digits, spaces, hyphens, full stops, apostrophes", MaxWords, MaxLength)
}

// faultOf is what is wrong with a word; "": nothing.
func faultOf(word string) string {
	switch {
	case utf8.RuneCountInString(word) > MaxLength:
		return TooLong
	case strings.ContainsFunc(word, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" -.'’", r)
	}):
		return Character
	case !strings.ContainsFunc(word, unicode.IsLetter):
		return NoLetter
	}
	return ""
}

// FaultOf is the fault that err holds; nil: none.
func FaultOf(err error) *Fault {
	f, _ := errors.AsType[*Fault](err)
	return f
}

// Version tells a list from every other one, so that who changes it can say which they have read. No words are "".
func Version(words []string) string {
	if len(words) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join(words, "\n")))
	return hex.EncodeToString(sum[:12])
}

// Apart are the words that only one of two lists has, in its order.
func Apart(a, b []string) (onlyA, onlyB []string) {
	return without(a, b), without(b, a)
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(w string) bool { return slices.Contains(b, w) })
}
