package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// general are words that say how something is done, or stand for any matter: a task of these alone does not say
// what it is about.
var general = wordSet(`telefon telefonen runde runden prat praten samtale samtalen tur turen titt kikk blikk jobb jobben oppgave oppgaven oppgåve oppgåva sak saken saka punkt punktet ting tingen greie greia biten delen resten
	orden tak snart etterpå etterkant først fyrst siden sidan med seg meg oss deg dykk dere over gjennom igjennom rundt litt nok bare berre selv sjølv sånn slik slikt ansvar ansvaret hånd hand kontakt beskjed svar tilbakemelding melding
	nærmere nærare snarest fort kjapt raskt sammen saman innom tilbake attende hit dit samme same fikset fiksa ordna ordnet gjort gjøre gjere`)

// vague reports whether a task's words name nothing by themselves and point back to what was said: "ringe dem",
// "ta en titt på det".
func vague(words string) bool {
	tokens := norsk.Tokens(words)
	points := len(tokens) == 2 && slices.Contains([]string{"en", "ein", "ei", "et", "eit"}, tokens[0].Lower) || len(tokens) == 0 || len(tokens) == 2 && tokens[0].Lower == "seg"
	for _, t := range tokens {
		if pointing[t.Lower] {
			points = true
			continue
		}
		if nothing[t.Lower] || general[t.Lower] || norsk.Functional(t.Lower) {
			continue
		}
		return false
	}
	return points
}

var pointing = wordSet("det den dette denne de dei dem desse disse han hun ho ham henne der detta")

// pointsBack reports whether a task's words lean on what was said before, whatever else they say: "spør han på
// kampen".
func pointsBack(words string) bool {
	tokens := norsk.Tokens(words)
	for i, t := range tokens {
		if i < 3 && pointing[t.Lower] && !slices.Contains([]string{"det", "den", "de", "dei", "der"}, t.Lower) || pointing[t.Lower] && i+1 == len(tokens) && i < 3 {
			return true
		}
	}
	return false
}

// leadIns begin a sentence that only names a matter: "Hva med brannøvelsen?", "Så var det flisene."
var leadIns = norsk.Phrases("og? hva|kva med", "og", "og? så|neste|siste|første|fyrste er|var|har|e|blir? det|vi|me?", "så", "men", "ja,? og", "neste|siste|første|fyrste? punkt|post|sak|tema er|e?", "når det gjelder|gjeld", "det med", "da|då gjenstår|står det? igjen?")

// matterOf is the matter that a sentence names without saying anything of it: "Julebordet.", "Og brannøvelsen?".
func matterOf(u *utterance) (string, bool) {
	from := 0
	if end, ok := longest(leadIns, u.tokens); ok {
		from = end
	}
	to := len(u.tokens)
	for to > from && slices.Contains([]string{"da", "då", "eller", "altså"}, u.tokens[to-1].Lower) {
		to--
	}
	if from >= to || to-from > 7 {
		return "", false
	}
	for i := from; i < to; i++ {
		w := u.tokens[i].Lower
		if i > from && predicate(u.tokens, i) || slices.Contains([]string{"skulle", "ville", "burde", "kunne", "måtte"}, w) {
			return "", false
		}
		if _, verb := verbs[w]; verb || modal(w) || stativeWords[w] || slices.Contains(selfWords, w) || slices.Contains([]string{"er", "var", "har", "hadde", "blir", "ble", "du", "vi", "me", "hvem", "kven", "hva", "kva"}, w) {
			return "", false
		}
		if i+1 < to && u.tokens[i].Mark != 0 {
			return "", false
		}
	}
	if _, yes := startsWith(accepts, u.tokens[from:]); yes || norsk.Has(welcomes, u.tokens[from:to]) {
		return "", false
	}
	words := tidy(u.text[u.tokens[from].Start:u.tokens[to-1].End])
	return words, len(matters(norsk.Tokens(words))) > 0
}

// predicate tells a word that reads as the verb of what stands before it: "kaffen smaker".
func predicate(tokens []norsk.Token, i int) bool {
	w, before := tokens[i].Lower, tokens[i-1].Lower
	definite := slices.ContainsFunc([]string{"en", "et", "a", "ene", "ane"}, func(e string) bool { return strings.HasSuffix(before, e) }) && len([]rune(before)) > 3
	if slices.Contains(prepositions, before) || !definite && !tokens[i-1].Capitalised() {
		return false
	}
	return slices.ContainsFunc([]string{"er", "ar", "te", "de"}, func(e string) bool { return strings.HasSuffix(w, e) }) && len([]rune(w)) > 4
}

// longest is the end of the longest of the phrases at the beginning.
func longest(list []norsk.Pattern, tokens []norsk.Token) (int, bool) {
	best := 0
	for _, p := range list {
		if end, ok := p.At(tokens, 0); ok {
			best = max(best, end)
		}
	}
	return best, best > 0
}

// matters are the words of a text that can say what it is about.
func matters(tokens []norsk.Token) []string {
	return slices.DeleteFunc(content(tokens), func(w string) bool { return general[w] || openers[w] || len([]rune(w)) < 4 })
}

// fronted is the matter that stands before the sentence it belongs to: "Innkallingen, hvem skriver den?". The index
// is where the sentence itself begins.
func fronted(u *utterance) (string, int, bool) {
	from := 0
	for range 2 { // "Johannes, rapporten om låna, når har du han klar?"
		comma := slices.IndexFunc(u.tokens[from:], func(t norsk.Token) bool { return t.Mark == ',' }) + from
		if comma < from || comma-from > 7 || comma+2 >= len(u.tokens) {
			return "", 0, false
		}
		next := u.tokens[comma+1].Lower
		if !pointing[next] && !slices.Contains([]string{"hvem", "kven", "når"}, next) {
			from = comma + 1
			continue
		}
		head := utterance{text: u.text, tokens: slices.Clone(u.tokens[from : comma+1])}
		head.tokens[comma-from].Mark = 0
		words, ok := matterOf(&head)
		return words, comma + 1, ok
	}
	return "", 0, false
}

// antecedent is what a pronoun in utterance i stands for: a matter that was just named, else the sentence that
// was just said. It carries its evidence.
func (t *tracker) antecedent(i int) (said string, matter bool, ids []string) {
	if words, _, ok := fronted(&t.us[i]); ok {
		return words, true, nil
	}
	for j := i - 1; j >= max(0, i-4); j-- {
		b := &t.us[j]
		if b.joke || b.task && j < i-1 {
			break
		}
		if words, ok := matterOf(b); ok && j >= i-2 {
			return words, true, b.evidence
		}
		if _, polite := startsWith(courtesy[:4], b.tokens); polite || len(matters(b.tokens)) == 0 {
			continue
		}
		if words, _, ok := fronted(b); ok {
			return words, true, b.evidence
		}
		if first := b.tokens[0].Lower; pointing[first] && len(matters(b.tokens)) < 2 || first == "det" && len(b.tokens) > 1 && b.tokens[1].Lower == "var" {
			continue // it points back itself
		}
		if b.question() && !norsk.Has(asksWho, b.tokens) && j < i-1 || len(b.tokens) < 3 {
			continue
		}
		if b.task || b.theme != t.us[i].theme && j < i-2 {
			break
		}
		return strings.TrimRight(plainly(b.text), ".!?"), false, b.evidence
	}
	return "", false, nil
}

// plainly is a sentence without the word that ties it to the one before.
func plainly(s string) string {
	s = norsk.Clean(s)
	for _, w := range []string{"Men ", "Og så ", "Og ", "Så "} {
		if rest, ok := strings.CutPrefix(s, w); ok && w != "Så " {
			return norsk.Capitalise(rest)
		}
	}
	return s
}

// withThing writes a task whose words only point back, with what they point to.
func (t *tracker) withThing(v verb, words, said string, matter bool) string {
	lead := v.infinitive
	if slices.Contains([]string{"ta", "gjøre", "gjere", "fikse", "ordne", "få", ""}, lead) && pronouns(words) && lead != "fikse" && lead != "ordne" {
		lead = norsk.FollowUp.In(t.form())
		words = ""
	}
	if matter {
		return norsk.Capitalise(strings.Join(strings.Fields(lead+" "+inPlace(words, said)), " ")) + "."
	}
	if pronouns(words) {
		words = particle(words)
	}
	return norsk.Capitalise(strings.TrimSpace(lead+" "+words)) + ": " + said + "."
}

// inPlace puts a matter where its pronoun stands.
func inPlace(words, matter string) string {
	tokens := norsk.Tokens(words)
	for _, t := range tokens {
		if pointing[t.Lower] && t.Lower != "der" {
			return words[:t.Start] + matter + words[t.End:]
		}
	}
	return words + " " + matter
}
