package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// Openings returns the ids of the segments in which a new case or theme begins.
func Openings(m *referent.Meeting, t *referent.Transcript) map[string]bool {
	us := utterances(t)
	out := map[string]bool{}
	for _, th := range themes(us, m.Agenda) {
		if th.heading != "" && th.from < len(us) {
			out[us[th.from].evidence[0]] = true
		}
	}
	return out
}

// CaseNumber is the number in a case's name, "12/25" of "PS 12/25 Skolestruktur", or "".
func CaseNumber(heading string) string {
	n, _, ok := saidNumber(norsk.Tokens(heading))
	if !ok {
		return ""
	}
	return n
}

// CaseSeries is the series that the number in a case's name is of, "ps" of "PS 12/25 Skolestruktur", or "": each series
// has numbers of its own.
func CaseSeries(heading string) string {
	tokens := norsk.Tokens(heading)
	_, end, ok := saidNumber(tokens)
	if !ok {
		return ""
	}
	for _, t := range slices.Backward(tokens[max(0, end-4) : end-1]) {
		if slices.Contains(caseWords, t.Lower) && !strings.HasPrefix(t.Lower, "sak") {
			return t.Lower
		}
	}
	return ""
}

// TellsVote reports whether a text tells the result of a vote.
func TellsVote(text string) bool {
	for _, s := range norsk.Sentences(text) {
		u := utterance{text: s, tokens: norsk.Tokens(s)}
		if _, ok := readVote(&u); ok {
			return true
		}
	}
	return false
}
