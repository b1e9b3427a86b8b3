package extract

import (
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// pause, in seconds, is a silence that begins a new paragraph of a dictation; paragraphSentences begins
// one when the speaker never pauses.
const (
	pause              = 2.0
	paragraphSentences = 6
)

var (
	newParagraph = norsk.Phrases("nytt|ny avsnitt|linje|linjeskift", "nytt|ny avsnittet")
	signs        = map[string]string{"punktum": ".", "komma": ",", "kolon": ":", "spørsmålstegn": "?", "spørjeteikn": "?", "utropstegn": "!", "utropsteikn": "!"}
)

// dictate writes a dictation out: its sentences cleaned, what the speaker took back put right, in paragraphs,
// nothing else left out. "Nytt avsnitt" and spoken signs are done, not written.
func dictate(out *referent.Minutes, t *referent.Transcript, us []utterance) {
	times := map[string]referent.Segment{}
	for _, s := range t.Segments {
		times[s.ID] = s
	}
	var points []referent.Point
	var text []string
	var ids []string
	flush := func() {
		if joined := strings.Join(text, " "); joined != "" {
			points = append(points, referent.Point{Text: joined, Evidence: evidence(ids)})
		}
		text, ids = nil, nil
	}
	add := func(s string, from []string) {
		for _, sentence := range norsk.Sentences(punctuated(s)) {
			if sentence = norsk.Clean(sentence); sentence != "" {
				text, ids = append(text, sentence), append(ids, from...)
			}
		}
	}
	us = struck(us)
	for i := range us {
		u := &us[i]
		if i > 0 {
			before := times[us[i-1].evidence[len(us[i-1].evidence)-1]]
			if times[u.evidence[0]].Start-before.End >= pause || u.voice != us[i-1].voice || len(text) >= paragraphSentences {
				flush()
			}
		}
		rest := u.text
		for {
			tokens := norsk.Tokens(rest)
			from, to, ok := norsk.FindAny(newParagraph, tokens)
			if !ok || spokenOf(tokens, from) {
				break
			}
			add(strings.TrimRight(rest[:tokens[from].Start], " ,"), u.evidence)
			flush()
			rest = strings.TrimLeft(rest[tokens[to-1].End:], " .,:")
		}
		add(rest, u.evidence)
	}
	flush()
	if len(points) > 0 {
		out.Items = []referent.Item{{Heading: "", Points: points}}
	}
}

// strikes order a sentence out of what is dictated.
var (
	strikes = norsk.Phrases("det|den ..1 der|her|siste|sist? kan|skal|må du|vi? ..1 ta|stryke|slette|fjerne bort|vekk|ut?", "det|den ..2 kan|skal|må du? ta|takast|tas|strykes|strykast|slettes|slettast|fjernes|fjernast bort|vekk|ut?", "det|dette ..1 skal ikke|ikkje stå ..1 der|her|med|i?", "ta bort|vekk|ut ..1 det|den|setningen|setninga|siste|dette", "stryk|slett|fjern ..1 det|den|dette|setningen|setninga|siste|forrige|førre", "glem|gløym ..1 det|den|siste|dette", "ikke|ikkje skriv ..1 det|dette", "ikke|ikkje ta det|dette med", "det|dette tar|tek vi|du|me ikke|ikkje med")
	saysNo  = wordSet("nei å eh øh ja vent unnskyld orsak beklager forresten og men jo herregud")
)

// struck leaves out what the speaker orders struck: the sentence that the order stands in, up to its mark, or, where
// the order is all of its sentence, the one before.
func struck(us []utterance) []utterance {
	var out []utterance
	for _, u := range us {
		from, to, ok := norsk.FindAny(strikes, u.tokens)
		if !ok || u.question() || from > 0 && u.tokens[from-1].Mark == 0 && !saysNo[u.tokens[from-1].Lower] {
			out = append(out, u)
			continue
		}
		for from > 0 && saysNo[u.tokens[from-1].Lower] {
			from--
		}
		for to < len(u.tokens) && u.tokens[to-1].Mark == 0 {
			to++
		}
		if n := len(out) - 1; from == 0 && n >= 0 && out[n].voice == u.voice {
			out = out[:n]
		}
		if to < len(u.tokens) { // what is said after the order stands
			u.text = norsk.Capitalise(u.text[u.tokens[to].Start:])
			u.tokens = spoken(norsk.Tokens(u.text))
			out = append(out, u)
		}
	}
	return out
}

// spokenOf tells words that are part of a sentence, not an order to who writes: "i et nytt avsnitt".
func spokenOf(tokens []norsk.Token, from int) bool {
	return from > 0 && tokens[from-1].Mark == 0 && (tokens[from-1].Lower == "et" || tokens[from-1].Lower == "eit" || tokens[from-1].Lower == "en" || tokens[from-1].Lower == "ei" || tokens[from-1].Lower == "på" || tokens[from-1].Lower == "i")
}

// punctuated writes spoken signs as signs: "i morgen punktum". A decimal comma between numbers stays a word.
func punctuated(s string) string {
	tokens := norsk.Tokens(s)
	var b strings.Builder
	at := 0
	for i, t := range tokens {
		sign, ok := signs[t.Lower]
		if !ok || i == 0 {
			continue
		}
		_, before := norsk.Number(tokens[i-1].Lower)
		if before && i+1 < len(tokens) {
			if _, after := norsk.Number(tokens[i+1].Lower); after {
				continue
			}
		}
		if w := tokens[i-1].Lower; w == "et" || w == "eit" || w == "sette" || w == "setter" || w == "set" {
			continue
		}
		b.WriteString(strings.TrimRight(s[at:t.Start], " ,.") + sign)
		at = t.End
		if t.Mark != 0 { // recognition set a sign of its own beside the spoken one
			at++
		}
		if sign == "." || sign == "?" || sign == "!" {
			rest := strings.TrimLeft(s[at:], " ")
			b.WriteByte(' ')
			b.WriteString(firstCapital(rest))
			at = len(s) - len(rest) + firstLen(rest)
		}
	}
	return b.String() + s[at:]
}

func firstLen(s string) int {
	for i := range s {
		if i > 0 {
			return i
		}
	}
	return len(s)
}

func firstCapital(s string) string { return norsk.Capitalise(s[:firstLen(s)]) }
