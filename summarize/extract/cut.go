package extract

import (
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
		if marked || len(tokens) < longUncut {
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
