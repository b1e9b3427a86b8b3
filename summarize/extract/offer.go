package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// couldDo is an offer without a question: "jeg kunne jo høre med museet", "jeg kan kanskje ta det".
var couldDo = norsk.Phrases("jeg|eg|æ|je kunne ..3", "kunne jeg|eg|æ|je", "jeg|eg|æ|je kan ..1 kanskje|eventuelt", "kanskje ..1 kan jeg|eg|æ|je", "kanskje jeg|eg|æ|je kan|skal")

// readOffer reads such a sentence. It binds nobody until somebody says yes.
func readOffer(t *tracker, i int) (request, bool) {
	u := &t.us[i]
	from, _, ok := norsk.FindAny(couldDo, u.tokens)
	if !ok || u.question() || norsk.Has(norsk.Phrases("ønske|ønskje|ikke|ikkje|vært|vore|hatt|gjort|tenke|tenkje meg"), u.tokens) {
		return request{}, false
	}
	for j := from; j < min(from+6, len(u.tokens)); j++ {
		v, ok := infinitives[u.tokens[j].Lower]
		if !ok {
			continue
		}
		h := hit{rest: j + 1, verb: v}.settled(u.tokens)
		words, due, found := object(u, h.rest, len(u.tokens), t.p, t.c)
		if !h.verb.committing(u.tokens[h.rest:]) && !found && len(matters(norsk.Tokens(words))) == 0 {
			return request{}, false
		}
		me := t.p.voice(u)
		r := request{offer: true, asked: true, voice: u.voice}
		r.at, r.Evidence, r.Owner, r.ambiguous, r.verb = i, u.evidence, me.name, me.ambiguous, h.verb
		if found {
			r.due(due, u)
		}
		if pronouns(words) || vague(words) {
			said, matter, ids := t.antecedent(i)
			if said == "" {
				return request{}, false
			}
			r.Task, r.Evidence = t.withThing(h.verb, words, said, matter), evidence(ids, r.Evidence)
			return r, true
		}
		r.Task = norsk.Capitalise(h.verb.infinitive) + " " + words + "."
		return r, true
	}
	return request{}, false
}

// welcomes are how an offer is taken.
var welcomes = norsk.Phrases("gjerne", "gjør|gjer det|du", "hadde|det hadde vært|vore ..2 fint|bra|flott|topp|supert|kjempefint|gull|nydelig", "takk", "fint", "bra", "flott", "supert", "kjempebra|kjempefint|kjempeflott", "perfekt", "nydelig", "topp", "strålende|strålande", "den er god|grei", "absolutt", "så snilt", "for all del", "vær så god")

// tags end a statement that asks for no more than a nod.
var tags = norsk.Phrases("sant", "ikke|ikkje sant", "går det an|greit|bra|fint", "er det greit|ok|okei|i orden|bra|fint|avtalt", "ok|okei|greit|eller|hva|kva|vel|da|då|avtale|avtalt", "kan vi|me si det|sånn|slik", "høres det greit|bra ut", "synes|synest du|dere ikke|ikkje")

// tagged reports whether a question is a statement with such an end: "Jonas, du og Fatima fordeler dem, går det an?"
func tagged(u *utterance) bool {
	for i := max(1, len(u.tokens)-5); i < len(u.tokens); i++ {
		if u.tokens[i-1].Mark != ',' {
			continue
		}
		for _, p := range tags {
			if end, ok := p.At(u.tokens, i); ok && (end == len(u.tokens) || end+2 >= len(u.tokens) && u.tokens[end-1].Mark == ',') {
				first := u.tokens[0].Lower
				_, asks := verbs[first]
				return !asks && !modal(first) && first != "hvem" && first != "kven"
			}
		}
	}
	return false
}

// declines lets somebody say no to a task that another has just given them; somebody else may take it then.
func (t *tracker) declines(i int) bool {
	u := &t.us[i]
	n := len(t.list) - 1
	if n < 0 || u.question() || i-t.list[n].at > 2 || t.us[t.list[n].at].voice == u.voice || t.us[t.list[n].at].theme != u.theme {
		return false
	}
	me := t.p.voice(u)
	if me.name == "" || t.list[n].Owner != me.name || !refusal(u) || tookOn(u) {
		return false
	}
	if _, dated := t.agreed(u); dated {
		return false
	}
	x := t.list[n]
	t.list = t.list[:n]
	r := request{task: x, voice: t.us[x.at].voice, was: x.Owner}
	r.Owner, r.at = "", i
	t.open = append(t.open, r)
	return true
}

// excuses turn a request down without a no.
var excuses = norsk.Phrases("nok å gjøre|gjere|gjør", "bortreist|bortreiste", "på ferie|kurs|reise|reisefot", "har ..2 ferie|fri da|då", "ikke|ikkje ..2 tid|lov|kapasitet|mulighet|klarering|greie på", "ikke|ikkje ..2 flink|god ..1 til|i|på", "opptatt|oppteken", "spør ..1 heller", "spør|ta|be heller",
	"ikke|ikkje jeg|eg|meg|æ", "helst ikke|ikkje", "beklager", "får ikke|ikkje", "det må ..1 vær|være|vere|bli", "har ..2 for mye|mykje")

// refusal reports whether a sentence turns a request down.
func refusal(u *utterance) bool {
	if _, no := startsWith(refuses, u.tokens); no {
		return true
	}
	return norsk.Has(excuses, u.tokens) && !norsk.Has(norsk.Phrases("men jeg|eg|æ kan|skal|tar|tek"), u.tokens)
}

// redirected is whom a refusal names instead: "Spør heller Wenche.", "Det må bli Mohammed.", "Det får Rune gjøre."
func (t *tracker) redirected(u *utterance) (named, bool) {
	me := t.p.voice(u).name
	all := slices.DeleteFunc(t.p.all(u.tokens), func(n named) bool { return n.name == me || isVocative(u, n) && n.to < len(u.tokens) })
	if len(all) != 1 {
		return named{}, false
	}
	before := u.tokens[max(0, all[0].from-4):all[0].from]
	if norsk.Has(norsk.Phrases("spør|spørj|ta|be|prøv|heller|kanskje|må|får|kan|bør|bli|være|vere|er"), before) {
		return all[0], true
	}
	return named{}, false
}

// restates takes in what who has just said yes says of it again: "Ja. Jeg stikker innom henne i morgen."
func (t *tracker) restates(i int, found *task) bool {
	u := &t.us[i]
	n := len(t.list) - 1
	if n < 0 || found.bare || t.list[n].Owner != found.Owner || t.answeredAt != i && !(t.answeredAt == i-1 && t.us[i-1].voice == u.voice) {
		return false
	}
	x := &t.list[n]
	old, own := matters(norsk.Tokens(x.Task)), matters(norsk.Tokens(found.Task))
	same := shared(old, own) > 0 || found.vagueness
	if t.answeredAt != i && !same || t.answeredAt == i && !same && norsk.Has(norsk.Phrases("og så", "i tillegg", "dessuten", "og ..1 jeg|eg|æ"), u.tokens) {
		return false
	}
	if !found.vagueness && (same && len(own) > len(old) || strings.Contains(x.Task, ": ") && len(own) > 0) {
		x.Task, x.verb = found.Task, found.verb
	}
	if found.Due != nil || found.vague != "" {
		x.Due, x.vague = found.Due, found.vague
	}
	x.Evidence, x.at = evidence(x.Evidence, found.Evidence), i
	return true
}
