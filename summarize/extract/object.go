package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// topic is the object that stands before its verb: "Referatet tar jeg."
func topic(u *utterance, h hit) (string, bool) {
	begin := clauseStart(u.tokens, h.from)
	if begin >= h.from || h.from-begin > 8 {
		return "", false
	}
	words := tidy(u.text[u.tokens[begin].Start:u.tokens[h.from-1].End])
	return words, !pronouns(words)
}

// before reports whether "det", "den" or another word for what was said stands right before token i.
func before(u *utterance, i int) bool {
	return i > 0 && slices.Contains([]string{"det", "den", "dette", "de", "dei", "dem", "denne", "detta"}, u.tokens[i-1].Lower)
}

// clauseStart is the first token of the clause that holds token i.
func clauseStart(tokens []norsk.Token, i int) int {
	for i > 0 && (tokens[i-1].Mark == 0 || tokens[i-1].Mark == '.') {
		i--
	}
	return i
}

// object is what a verb is about: the words in [from, to) without the deadline, the name of who is spoken to
// and the politeness around it.
func object(u *utterance, from, to int, p *people, c *calendar) (words string, due limit, found bool) {
	if from >= to {
		return "", limit{}, false
	}
	if _, aside := startsWith(tails, u.tokens[from:to]); aside && from > 0 && u.tokens[from-1].Mark == ',' {
		return "", limit{}, false // "jeg kan bestille, men ..."
	}
	to = withoutTail(u.tokens, from, to)
	if from >= to {
		return "", limit{}, false
	}
	drop := make([]bool, to-from)
	due, found = c.find(u.tokens[from:to])
	if found {
		for i := due.From; i < due.To; i++ {
			drop[i] = true
		}
		due.From, due.To = due.From+from, due.To+from
	}
	for _, n := range p.all(u.tokens) {
		if n.from >= from && n.to <= to && isVocative(u, n) {
			for i := n.from; i < n.to; i++ {
				drop[i-from] = true
			}
		}
	}
	var b strings.Builder
	gap := false
	for i := from; i < to; i++ {
		if drop[i-from] {
			gap = true
			continue
		}
		if b.Len() > 0 {
			if between := u.text[u.tokens[i-1].End:u.tokens[i].Start]; gap {
				b.WriteByte(' ')
			} else {
				b.WriteString(between)
			}
		}
		gap = false
		b.WriteString(u.tokens[i].Text)
	}
	return tidy(strings.TrimSuffix(strings.TrimSuffix(shortened(b.String()), " og"), " så")), due, found
}

// longestObject is how many words say what a task is; recognition that sets no full stop runs on.
const longestObject = 24

// shortened cuts an object that runs on, where a new clause begins if it can.
func shortened(s string) string {
	tokens := norsk.Tokens(s)
	if len(tokens) <= longestObject {
		return s
	}
	for i := 5; i < longestObject; i++ {
		if slices.Contains([]string{"så", "og", "men", "for", "fordi", "da", "då", "eee", "slik"}, tokens[i].Lower) {
			return s[:tokens[i-1].End]
		}
	}
	return s[:tokens[longestObject-1].End]
}

// tails are words after a request that are no part of it.
var tails = norsk.Phrases("er det greit|ok|okei|mulig|mogleg|bra|fint|i orden", "går det bra|greit|an", "er du snill", "vær så snill|snill", "ver så snill", "takk", "ok", "okei", "ikke|ikkje sant",
	"eller", "hvis|viss|dersom du|det|dere|de", "så er det gjort", "så er vi i mål", "så får vi", "rett og slett", "ja", "sant", "da|då", "greit", "tenker|tenkjer jeg|eg", "altså", "for å si det sånn",
	"så det er|blir", "så vi", "så har vi", "så det", "så kan", "så dere|de|dykk", "så du", "så jeg|eg slipper|slepp", "nå|no", "jeg|eg vet|veit", "det går greit|fint|bra", "det er|var", "for det|da|då|vi|jeg|eg", "men")

// withoutTail is the end of [from, to) without such words after a comma, or at the very end.
func withoutTail(tokens []norsk.Token, from, to int) int {
	for i := from + 1; i < to; i++ {
		if tokens[i-1].Mark == 0 {
			continue
		}
		if _, ok := startsWith(tails, tokens[i:to]); ok {
			return i
		}
	}
	for to-from > 1 && slices.Contains([]string{"da", "då", "takk", "eller", "altså", "ja", "også", "òg", "jeg", "eg", "sikkert"}, tokens[to-1].Lower) {
		to--
	}
	return to
}

// tidy takes loose commas and the speech around a task away.
func tidy(s string) string {
	s = strings.Join(strings.Fields(strings.NewReplacer(" ,", ",", " .", "").Replace(s)), " ")
	s = norsk.Clean(s)
	s = strings.TrimRight(s, " .,;:?!–-")
	if s == "" {
		return ""
	}
	tokens := norsk.Tokens(s)
	if len(tokens) > 0 && strings.ToUpper(tokens[0].Text) != tokens[0].Text || len(tokens) > 0 && len(tokens[0].Text) == 1 {
		first := tokens[0]
		if first.Start == 0 {
			s = first.Lower + s[first.End:]
		}
	}
	return s
}

var nothing = wordSet("han hun ho henne ham det den dette denne de dei dem opp på så da då ned ut inn over seg det's her der jo òg også gjerne nå no med det, oss alt alle saken saka biten jobben oppgaven oppgåva ansvaret detta")

// pronouns tells words that name nothing by themselves.
func pronouns(s string) bool {
	return !slices.ContainsFunc(norsk.Tokens(s), func(t norsk.Token) bool { return !nothing[t.Lower] })
}

// allInfinitive turns the further verbs of a task: "sjekke ... og gir beskjed" -> "og gi beskjed".
func allInfinitive(s string) string {
	tokens := norsk.Tokens(s)
	var b strings.Builder
	at := 0
	for i, t := range tokens {
		if i == 0 || tokens[i-1].Lower != "og" {
			continue
		}
		if v, ok := verbs[t.Lower]; ok {
			b.WriteString(s[at:t.Start] + v.infinitive)
			at = t.End
		}
	}
	return b.String() + s[at:]
}
