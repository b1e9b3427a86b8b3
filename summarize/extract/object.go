package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// topic is the object that stands before its verb: "Referatet tar jeg."
func topic(u *utterance, h hit, c *calendar) (string, bool) {
	begin := clauseStart(u.tokens, h.from)
	for begin < h.from && slices.Contains([]string{"og", "men", "ja", "nei", "jo"}, u.tokens[begin].Lower) {
		begin++
	}
	if begin >= h.from || h.from-begin > 8 || notTopics[u.tokens[begin].Lower] || slices.Contains(prepositions, u.tokens[begin].Lower) {
		return "", false
	}
	if _, dated := c.find(u.tokens[begin:h.from]); dated || slices.ContainsFunc(u.tokens[begin:h.from], func(t norsk.Token) bool { return modal(t.Lower) || slices.Contains(selfWords, t.Lower) }) {
		return "", false
	}
	words := tidy(u.text[u.tokens[begin].Start:u.tokens[h.from-1].End])
	return words, len(matters(norsk.Tokens(words))) > 0
}

// notTopics begin a sentence whose object comes later.
var notTopics = wordSet("da då så nå no her der etter før innen innan når hvis viss dersom også òg kanskje først fyrst dette sånn slik derfor difor deretter ellers elles imens samtidig samtidig neste")

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
	if _, aside := startsWith(tails, u.tokens[from:to]); (aside || ownClause(u.tokens[from:to])) && from > 0 && u.tokens[from-1].Mark == ',' {
		return "", limit{}, false // "jeg kan bestille, men ..."
	}
	whole := to
	to = withoutTail(u.tokens, from, to)
	for k := from; k+1 < to; k++ { // "det gjør jeg før jeg går hjem", "ta den i kveld når ungene har lagt seg", "det etter lunsj"
		if tellsWhen(u.tokens[k:to], k == from) && (k == from || vague(undated(u.tokens[from:k], c))) {
			due, found = c.find(u.tokens[k:to])
			due.From, due.To = due.From+k, due.To+k
			if k == from {
				return "", due, found
			}
			to = k
			break
		}
	}
	if from >= to {
		return "", limit{}, false
	}
	drop := make([]bool, to-from)
	if l, ok := c.find(u.tokens[from:to]); ok {
		due, found = l, true
		for i := due.From; i < due.To; i++ {
			drop[i] = true
		}
		due.From, due.To = due.From+from, due.To+from
	} else if so := to < whole && u.tokens[to].Lower == "så"; so || to < whole && slices.Contains(selfWords, u.tokens[to].Lower) {
		// "jeg kjøper ny lås, jeg, innen fredag", "jeg bestiller skilt, så det er på plass innen 1. juni"
		if due, found = c.find(u.tokens[to:whole]); found && so && due.Strength < 2 {
			due, found = limit{}, false
		} else if found {
			due.From, due.To = due.From+to, due.To+to
		}
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
	words = tidy(strings.TrimSuffix(strings.TrimSuffix(shortened(b.String()), " og"), " så"))
	for i := from; i < to; i++ { // a capital letter inside a sentence is a name's
		if !drop[i-from] {
			if u.tokens[i].Capitalised() && i > 0 && strings.HasPrefix(words, u.tokens[i].Lower) {
				words = norsk.Capitalise(words)
			}
			break
		}
	}
	return words, due, found
}

// tellsWhen reports whether tokens begin with words that tell when: a clause, or, where they come after an object,
// "etter lunsj".
func tellsWhen(tokens []norsk.Token, first bool) bool {
	switch tokens[0].Lower {
	case "etter":
		return !first
	case "før", "når", "mens", "medan":
		return ownClause(tokens[1:]) || slices.ContainsFunc(tokens[1:min(5, len(tokens))], func(t norsk.Token) bool {
			return stateVerb(t.Lower) || t.Lower == "vert"
		})
	}
	return false
}

// undated is the text of tokens without the day that they name.
func undated(tokens []norsk.Token, c *calendar) string {
	l, ok := c.find(tokens)
	var words []string
	for i, t := range tokens {
		if !ok || i < l.From || i >= l.To {
			words = append(words, t.Text)
		}
	}
	return strings.Join(words, " ")
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

// ownClause tells a clause with a subject of its own that goes on after a comma: "i morgen, jeg skal dit uansett".
func ownClause(tokens []norsk.Token) bool {
	if len(tokens) < 2 || !slices.Contains([]string{"jeg", "eg", "æ", "han", "hun", "ho", "vi", "me", "de", "dei", "den", "det", "du", "dere", "alt", "ingen"}, tokens[0].Lower) {
		return false
	}
	w := tokens[1].Lower
	_, present := verbs[w]
	return present || stateVerb(w) || w == "ha"
}

// stateVerb tells a verb of a clause that does not say what anybody does.
func stateVerb(lower string) bool {
	return modal(lower) || stativeWords[lower] || slices.Contains([]string{"er", "var", "har", "hadde", "ble", "blir"}, lower)
}

// withoutTail is the end of [from, to) without such words after a comma, or at the very end.
func withoutTail(tokens []norsk.Token, from, to int) int {
	for i := from + 1; i < to; i++ {
		if tokens[i-1].Mark == 0 {
			continue
		}
		if _, ok := startsWith(tails, tokens[i:to]); ok {
			return i
		}
		if tokens[i-1].Mark == ',' && (ownClause(tokens[i:to]) || slices.Contains(selfWords, tokens[i].Lower) && (i+1 == to || tokens[i].Mark == ',')) {
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
