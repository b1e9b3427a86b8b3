package extract

import (
	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// How people in a meeting put something forward, and how they agree to it.

// consents are the beginnings of an answer that agrees.
var (
	consents = norsk.Phrases("ja|jo|jau|jepp|japp|jess|jada|joda|ok|okei|greit|greitt|fint|supert|topp|perfekt|enig|einig|samd|støttes|støtter|støttar|gjerne|absolutt|klart|sjølvsagt|selvfølgelig|selvsagt|visst|mm|nettopp|riktig", "helt|heilt|veldig|kjempe enig|einig|greit|greitt|fint|ok|bra|klart|i|lurt|samd", "samme|same her", "jeg|eg også|òg|enig|einig|med", "jeg|eg er ..1 enig|einig|med|samd", "den|det er jeg|eg ..1 enig|einig|med|samd", "støttes|støttast", "det er|går|høres|høyrest|passer|kan|var ..3 greit|greitt|fint|bra|ok|enig|einig|med|lurt|på|an", "passer|passar ..1 bra|fint|greit|meg|oss",
		"for meg|min|vår ..1", "alle ..1 nikker|nikkar|enige|einige", "det nikkes|nikkast", "kan|får leve med", "jeg|eg gir|gjev meg", "jeg|eg kan leve", "sel|kjøp|gjør|gjer|ta det|den|han|henne", "da|då så", "send|kjør|køyr|bruk|prøv|bestill|sett|legg det|den|på|for", "ingen innvendinger|innvendingar|protester|protestar")
	dissents = norsk.Phrases("nei", "nja", "men", "ikke|ikkje", "uenig|ueinig|usamd", "vet|veit ikke|ikkje", "hva|kva|hvorfor|kvifor")
)

// consent reports whether a sentence does no more than agree.
func consent(u *utterance) bool {
	if len(u.tokens) == 0 || u.question() || len(u.tokens) > 14 {
		return false
	}
	_, ok := startsWith(consents, u.tokens)
	return ok && !norsk.Has(dissents, u.tokens[:min(6, len(u.tokens))])
}

// prompting puts a choice before a meeting in fewer words than suggests: "Lillejulaftan?", "A er jo frisk".
var prompting = norsk.Phrases("hva|ka|kva|åssen med", "hva|ka|kva om", "heller", "i stedet|staden", "går an", "hadde|hadd holdt|halde|vært|vore", "skal|kan|bør|burde|kunne|må ikke|ikkje? vi|me|det|den|de|dei", "eller", "jeg|eg hadde tenkt", "vil|ville|kunne ..1 foretrekke|foretrekkje|helst", "helst", "samme|same igjen|att", "er det greit|noen|nokon", "enten", "anbefaler|tilrår", "foreslår|føreslår", "det er|blir jo? bare|berre ..1 en|ein|ett|eitt igjen|att", "takke ja|nei", "svar|avklaring", "har|hadde ..2 tilbud|tilbod", "tilbyr|tilbyr", "velge|velje", "opsjon", "vil|ønsker|ønskjer|spør|spurte|søker|søkjer ..2 låne|leie|leige|bruke|få|kjøpe|ha")

// suggested reports whether a sentence puts something forward in so many words.
func suggested(u *utterance) bool {
	return norsk.Has(suggests, u.tokens) || norsk.Has(prompting, u.tokens)
}

// prompt reports whether a sentence puts something forward that a meeting can settle.
func prompt(u *utterance) bool {
	if u.joke || u.task && !u.question() || norsk.Has(norsk.Phrases("liksom"), u.tokens) {
		return false
	}
	return suggested(u) || u.question() && !norsk.Has(norsk.Phrases("hvem|kven|hvor mye|mange", "du"), u.tokens)
}

// reach is how many sentences back what a conclusion answers may stand.
const reach = 9

// prompted reports whether something was put forward in the sentences before i, and agreed whether somebody else
// has agreed since, or does so right after.
func prompted(us []utterance, th theme, i int) (asked, agreed bool) {
	for j := i - 1; j >= max(th.from, i-reach); j-- {
		if prompt(&us[j]) {
			asked = true
			for k := j + 1; k < i; k++ {
				agreed = agreed || consent(&us[k])
			}
			break
		}
	}
	for j := i + 1; j < min(th.to, i+4); j++ {
		if us[j].voice != us[i].voice {
			agreed = agreed || consent(&us[j])
			break
		}
	}
	return asked, agreed
}

// asksConsent asks a meeting whether it agrees, with what it is to agree on.
var asksConsent = norsk.Phrases("er|blir vi|me|alle|dere|de|dykk ..2 enige|einige|samde|enig|einig om", "er det greit|greitt|ok|orden|fint ..2 at vi|me", "er det ..1 i orden ..2 at vi|me", "er alle|dere|de med på at|å", "noen|nokon imot|mot at vi|me", "støtter|støttar dere|de|alle")

// openlyProposes puts something forward in so many words, in a meeting that holds no votes.
var openlyProposes = norsk.Phrases("jeg|eg|vi|me ..1 foreslår|føreslår|foreslå|føreslå ..1 at|å", "da|då foreslår|føreslår jeg|eg at|å", "forslaget|framlegget mitt|vårt er at|å")

// agreed reads what is settled by nothing but consent: the leader asks whether all agree, or somebody proposes, and
// two others or more say yes and nobody no.
func agreed(us []utterance, th theme, i int, taken map[int]bool) (referent.Decision, bool) {
	u := &us[i]
	asks := u.question() && u.leads && norsk.Has(asksConsent, u.tokens)
	if !asks && !(!u.question() && norsk.Has(openlyProposes, u.tokens)) || u.joke || thin(u.tokens) && !asks || norsk.Has(norsk.Phrases("pause|kaffe|begynne|begynner|starte|starter|neste sak|punkt", "rekkefølge~", "videre|vidare"), u.tokens) {
		return referent.Decision{}, false
	}
	voices := map[string]bool{}
	ids := u.evidence
	last := i
	for j := i + 1; j < min(th.to, i+7); j++ {
		o := &us[j]
		if o.voice == u.voice || o.voice == "" {
			if o.voice == u.voice && len(voices) > 0 {
				break
			}
			continue
		}
		if !consent(o) {
			if len(voices) < 2 || norsk.Has(dissents, o.tokens[:min(3, len(o.tokens))]) {
				return referent.Decision{}, false
			}
			break
		}
		voices[o.voice] = true
		ids, last = evidence(ids, o.evidence), j
	}
	if len(voices) < 2 {
		return referent.Decision{}, false
	}
	// Somebody says in words what it comes to: that is read there.
	for j := last + 1; j < min(th.to, last+4); j++ {
		if k, _ := reads(&us[j]); us[j].leads && (k == thenWe || k == thenIt || k == weDo || settles(&us[j]) != notSettled) {
			return referent.Decision{}, false
		}
	}
	text := norsk.Clean(u.text)
	if !asks {
		text = matter(u.text)
	}
	d := decision(us, th, i, text, ids, taken)
	return d, !thin(spoken(norsk.Tokens(d.Text)))
}
