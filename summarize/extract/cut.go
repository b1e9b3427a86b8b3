package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// cues begin a new sentence of whoever leads a meeting. Recognised text without full stops is cut before
// them; nobody says them inside another sentence.
var cues = norsk.Phrases("da|då er det sak", "da|då er|var|falt|fall|faller|fell|tar|går|røystar|voterer innstilling~|insstilling~|tilråding~|forslaget|framlegget|det|vi|me|den|saken|saka|innkalling|innkallinga|innkallingen|ordet", "da|då falt|fall|faller|fell", "de|dei som er|støtter|stør|støttar|stemmer|vil|røystar", "noen|nokon imot|mot|som", "og? imot er",
	"så? innstillingen|insstillingen|innstillinga|tilrådinga de|dei|da|då|noen|er", "neste|siste sak", "sak # er|gjelder|gjeld", "først|fyrst forslaget|framlegget|innstillingen", "det er #|en", "insstillingen|innstillingen|innstillinga|tilrådinga er vedtatt|vedteken|vedteke|enstemmig", "neste møte", "jeg|eg foreslår|føreslår|fremmer at")

// longUncut is how many words a sentence without any mark may have before it is taken for several.
const longUncut = 11

// cut splits sentences in which the recogniser has set no marks where the next one plainly begins.
func cut(sentences []string) []string {
	var out []string
	for _, s := range sentences {
		tokens := norsk.Tokens(s)
		marked := false
		for _, t := range tokens[:max(0, len(tokens)-1)] {
			marked = marked || t.Mark != 0
		}
		if marked {
			out = append(out, cutResults(s, tokens)...)
			continue
		}
		if len(tokens) < longUncut {
			out = append(out, s)
			continue
		}
		from := 0
		for i := 1; i < len(tokens); i++ {
			if _, ok := startsWith(cues, tokens[i:]); ok && i > 0 {
				if part := strings.TrimSpace(s[from:tokens[i].Start]); part != "" && len(norsk.Tokens(part)) >= 1 {
					out = append(out, part)
				}
				from = tokens[i].Start
			}
		}
		if part := strings.TrimSpace(s[from:]); part != "" {
			out = append(out, part)
		}
	}
	return out
}

var outcomes = norsk.Phrases("falt|fall|faller|fell|nedstemt|nedrøysta", "er|ble|blei|vart|vert|blir ..5 vedtatt|vedteke|vedteken|vedtekne")

// cutResults splits a sentence that tells the results of several votes, "forslaget fra A falt med to mot sju, og
// innstillingen ble vedtatt", before the next proposal that has a result of its own.
func cutResults(s string, tokens []norsk.Token) []string {
	var out []string
	from := 0
	for i := 1; i < len(tokens); i++ {
		k := i
		if tokens[k].Lower == "og" || tokens[k].Lower == "mens" || tokens[k].Lower == "medan" {
			k++
		}
		if tokens[i-1].Mark != ',' || k >= len(tokens) || !norsk.Has(proposalWord, tokens[k:k+1]) && !(k+1 < len(tokens) && norsk.Has(proposalWord, tokens[k+1:k+2])) {
			continue
		}
		end := i + 1
		for end < len(tokens) && (tokens[end-1].Mark != ',' || end < i+3) {
			end++
		}
		if start := slices.IndexFunc(tokens, func(t norsk.Token) bool { return t.Start >= from }); norsk.Has(outcomes, tokens[start:i]) && norsk.Has(outcomes, tokens[i:end]) {
			out = append(out, strings.TrimRight(strings.TrimSpace(s[from:tokens[i].Start]), ","))
			from = tokens[i].Start
		}
	}
	return append(out, strings.TrimSpace(s[from:]))
}
