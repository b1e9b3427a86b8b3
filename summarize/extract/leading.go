package extract

import (
	"slices"

	"github.com/referent/referent/summarize/norsk"
)

// infinitiveOrGot reads the infinitive at token k after the modal at j, or after "får" the participle: "jeg får
// sendt ut lista".
func infinitiveOrGot(tokens []norsk.Token, j, k int) (verb, bool) {
	if v, ok := infinitiveAt(tokens, k); ok {
		return v, true
	}
	if k < len(tokens) && !tokens[k].Capitalised() {
		if v, ok := imperatives[tokens[k].Lower]; ok && modal(tokens[j].Lower) { // "kainn du skriv", as dialects clip it
			return v, true
		}
		if v, ok := participles[tokens[k].Lower]; ok && (tokens[j].Lower == "får" || tokens[k-1].Lower == "ha") {
			return v, true
		}
	}
	return verb{}, false
}

// pastHave is the participle after "ha" at token k: "må ha tatt kurset".
func pastHave(tokens []norsk.Token, k int) int {
	if k+1 < len(tokens) && tokens[k].Lower == "ha" && tokens[k].Mark == 0 {
		if _, ok := participles[tokens[k+1].Lower]; ok {
			return k + 1
		}
	}
	return k
}

// downTo stands between a verb of posture and what is done: "setter oss ned og skriver".
var downTo = norsk.Phrases("oss|seg|meg|dere|dykk? ned|sammen|saman? og|å", "oss|seg|meg|dere|dykk? og|å", "rundt|ut|opp|bort|innom? og", "på å")

// settled goes on from a verb that only leads to another: "tar og sender", "skal få sendt", "prøver å ringe".
func (h hit) settled(tokens []norsk.Token) hit {
	for range 2 {
		at := h.rest
		if at >= len(tokens) {
			return h
		}
		switch h.verb.infinitive {
		case "få", "ha":
			if at+1 < len(tokens) && tokens[at].Mark == 0 {
				if v, ok := participles[tokens[at].Lower]; ok {
					h.verb, h.rest, h.present = v, at+1, false
					continue
				}
			}
		case "prøve", "huske", "hugse", "love", "begynne", "byrje", "starte", "forsøke", "tenke", "tenkje", "rekke":
			for at < len(tokens) && slices.Contains([]string{"på", "med", "meg"}, tokens[at].Lower) {
				at++
			}
			if at < len(tokens) && tokens[at].Lower == "å" {
				if v, ok := infinitiveAt(tokens, at+1); ok {
					h.verb, h.rest, h.present = v, at+2, false
					continue
				}
			}
		case "ta", "gå", "sette", "setje", "sitte", "stå", "dra", "komme", "kome", "reise", "stikke", "kjøre", "køyre", "være", "vere":
			if end, ok := startsWith(downTo, tokens[at:]); ok {
				v, ok := presentAt(tokens, at+end)
				if !ok {
					v, ok = infinitiveAt(tokens, at+end)
				}
				if ok {
					h.verb, h.rest = v, at+end+1
					continue
				}
			}
		}
		return h
	}
	return h
}
