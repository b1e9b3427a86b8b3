package export

import (
	"regexp"
	"strings"
	"unicode"
)

// hard is a space that a line is not broken at.
const hard = "\u00a0"

var (
	thousands = regexp.MustCompile(`[\d ]*\d \d{3}(?:[^\d]|$)`)
	quoted    = regexp.MustCompile(`"([^"]*)"`)
	// kept are pairs that belong on one line: kl. 10.30, § 11-5, 21. november, 250 kroner, 12 %.
	kept = regexp.MustCompile(`\b(kl\.|nr\.|[Ss]ak) (\d)|(§§?) (\d)|(\d\.) (januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember)\b|(\d) (%|kr\b|kroner\b|millionar\b|millioner\b|milliarder\b|milliardar\b|prosent\b)`)
)

// typeset is a text on one line as Norwegian documents set it: 10 000 and kl. 10.30 are not broken, and
// quotation marks are «». Its words and signs stay as they are.
func typeset(s string) string {
	s = oneLine(s)
	s = thousands.ReplaceAllStringFunc(s, tied)
	s = kept.ReplaceAllStringFunc(s, func(m string) string {
		at := strings.LastIndexByte(m, ' ')
		return m[:at] + hard + m[at+1:]
	})
	return quoted.ReplaceAllString(s, "«$1»")
}

// tied joins the groups of a number with hard spaces, when it is one: "250 000", not "22 33 44 555".
func tied(m string) string {
	body := strings.TrimRightFunc(m, func(r rune) bool { return !unicode.IsDigit(r) })
	tail := m[len(body):]
	lead := body[:len(body)-len(strings.TrimLeft(body, " "))]
	list := strings.Split(body[len(lead):], " ")
	if len(list[0]) == 0 || len(list[0]) > 3 {
		return m
	}
	for _, g := range list[1:] {
		if len(g) != 3 {
			return m
		}
	}
	return lead + strings.Join(list, hard) + tail
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) && r != '-' }
