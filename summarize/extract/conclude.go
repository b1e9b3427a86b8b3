package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// How a meeting says what it has come to, without any word for deciding: a main clause in the present tense about
// what "vi" do or how something is to be. Its form is the same whatever the verb is; what tells it from other talk
// is who says it, and that something was put forward or agreed on just before.

// conclusion is the form of a sentence that can say what was settled.
type conclusion int

const (
	noConclusion conclusion = iota
	thenWe                  // "da flytter vi dem dit"
	thenIt                  // "då blir opsjonen brukt", "da går turen til Storevatnet"
	weDo                    // "vi lar kafeen være"
	itIs                    // "terminalene får unntak ut året", "det kjøpes ingen skrivere"
	elliptic                // "lillejulaften, da", "bånd, da"
	letUs                   // "la oss heller ta konserten i aulaen"
)

var (
	// meetingVerbs are what a meeting does with itself, and verbs of states and of speaking: "da ser vi på det".
	meetingVerbs = wordSet(`er var blei ble hadde har ser såg så hører høyrer får må skal kan vil bør trenger treng vet veit tror trur begynner byrjar starter startar møtes møtest møtast ses sees
	snakkes snakkast tenker tenkjer håper håpar kommer kjem kom gleder ønsker ønskjer synes synest mener meiner diskuterer drøfter drøftar snakker snakkar prater pratar spør høres ligger ligg sitter sit
	banker avslutter avsluttar runder rundar rekker rekk mangler manglar klarer klarar savner saknar undrer lurer husker hugsar minner liker likar skjønner skjønar forstår vet gjenstår blir vert kunne ville skulle burde måtte
	hilser helsar stemmer voterer røystar røyster oppsummerer oppsummerar stod sto fikk fekk risikerer risikerar mister mistar taper tapar sliter slit lever spiller leser les lytter venter_på overlever slipper slepp nærmer bruker_opp finner finn tar_helg`)

	// stands are verbs that say how something is to be.
	stands = wordSet(`blir vert går får holder held gjelder gjeld utgår skal kommer kjem starter startar begynner byrjar stenger stengjer åpner opnar koster kostar ligger står har er
	tar tek varer varar slutter sluttar følger følgjer bruker brukar betaler betalar beholder beheld slipper slepp møter deler delar bytter byter flyttes flyttar flytter bor bur leverer får_lov`)

	// becomes are those of them that say by themselves that it is decided how something is to be.
	becomes = wordSet("blir vert får går skal utgår holder held stenger stengjer åpner opnar kjem kommer flyttes beholder beheld slipper slepp")

	persons = wordSet("jeg eg du dere dykk han hun ho hen de dei man dem")

	// unfit are words of a sentence that says something else than what is to be: doubt, wishes, other times.
	unfit = norsk.Phrases("kanskje", "tror|trur", "synes|synest", "håper|håpar", "lurer|lurar", "hvis|viss|dersom", "burde|bør|kunne|skulle|ville|måtte", "var|hadde|ble|vart|fikk|fekk|blei", "i fjor", "forrige|førre", "vel", "sikkert|nok", "visst|visstnok", "ifølge|ifølgje", "hva|kva|hvem|kven|hvor|kor|hvordan|korleis|hvorfor|kvifor", "tenk|tenke|tenkje", "husk|hugs", "aldri",
		"dessverre|diverre", "jo", "pleier|plar", "må", "ikke|ikkje ferdig|ferdige|sikkert|sikker|klart|noe|noko|så|lenge|lett", "vanskelig|vanskeleg|dyrt|synd|rart|leit|kjedelig|kjedeleg|umulig|umogleg|gøy|hyggelig|hyggeleg|spennende|spennande|fullt|trangt|travelt", "takk for", "velkommen|velkomen", "tur|turen sin", "innafor|tidsnok|krav|sant|riktig|bestilt|gjort")

	// proceeding are further words of leading a meeting.
	proceeding = norsk.Phrases("kjører|køyrer|setter|set|sett|drar|går|starter|startar|begynner|byrjar vi|me ..1 i|på gang|gong", "blir|vert vi|me", "står|stend vi|me ..1 uten|utan|fast|her|foran", "tar|tek vi|me helg|kveld|lunsj|pause|kaffe|en|ein|eit|et|fem|ti|neste|siste|sak|saka|saken|punkt|runden|ordet|opp|eventuelt|ymse|orientering~|resten|kvelden|først|fyrst|møtet", "tar|tek vi|me ..2 først|fyrst|som", "tar|tek vi|me ikke|ikkje", "er vi|me ..2 klare|klar|ferdige|ferdig|samla|samlet|fulltallige|mål|gang|framme|fremme|ute", "lar|lèt|let|lat vi|me ..1 det ..1 henge|hengje|ligge|liggje|vente", "lar|lèt|let|lat vi|me det ..1 være|vere opp", "går vi|me videre|vidare|over|til|løs|laus|gjennom|tilbake|rundt|hjem|heim|tom",
		"legger|legg vi|me ..2 bort|på is|vekk|over til", "venter|ventar vi|me på", "kommer|kjem vi|me", "setter|set vi|me ..1 i gang|strek|oss", "sier|seier vi|me takk|velkommen|ha|farvel|takk", "banker|hever|hevar|lukker|lukkar jeg|eg|vi|me", "holder|held vi|me på", "takker|takkar vi|me for|alle|deg|dere", "er det bare|berre|noen|nokon|over|klart|klar|godt|sak|neste|siste|slutt|nok", "er det på tide", "går det bra|fint|greit|an", "blir|vert det spennende|spennande|gøy|bra|verre|fint|liv|moro",
		"fortsetter|fortset|held vi|me fram?|frem? møtet|neste", "får vi|me", "går jeg|eg", "noe|noko|nokon|noen mer|meir|andre|anna")
)

// reads returns the form of a conclusion that a sentence has, and the token at which it begins.
func reads(u *utterance) (kind conclusion, from int) {
	t := u.tokens
	if u.question() || u.joke || len(t) < 2 || len(t) > longestRuling {
		return noConclusion, 0
	}
	for p := range t {
		if p > 0 && t[p-1].Mark == 0 && !openers[t[p-1].Lower] {
			continue
		}
		w := t[p].Lower
		if w == "så" && p+1 < len(t) && concluding[t[p+1].Lower] {
			continue
		}
		if !concluding[w] || p+2 >= len(t) || t[p].Mark != 0 {
			continue
		}
		rest := t[p+1:]
		v, s := rest[0], rest[1]
		switch {
		case norsk.Has(proceeding, rest[:min(5, len(rest))]) || norsk.Has(procedural, rest[:min(5, len(rest))]) && !norsk.Has(norsk.Phrases("tar|tek vi|me imot"), rest[:3]):
		case (s.Lower == "vi" || s.Lower == "me") && len(rest) >= 3 && slices.Contains([]string{"ham", "henne", "deg", "dykk", "dere"}, rest[2].Lower): // hands somebody something to do
		case (s.Lower == "vi" || s.Lower == "me") && v.Lower != "er" && len(rest) >= 3:
			if (!meetingVerbs[v.Lower] || norsk.Has(norsk.Phrases("står|stend vi|me igjen|på|ved|att|fast"), rest) || norsk.Has(regular, rest) && v.Lower == "har") && !spoils(undecided, t[:p]) && !norsk.Has(usually, t) {
				return thenWe, p
			}
		case (stands[v.Lower] && v.Lower != "er" && v.Lower != "har" && v.Lower != "skal" || inPassive(v)) && !persons[s.Lower] && len(rest) >= 3 && !s.Capitalised() && !norsk.Has(unfit, rest):
			return thenIt, p
		}
	}
	p := 0 // the first word that says something
	for p < len(t)-1 && (openers[t[p].Lower] || p > 0 && t[p-1].Mark == 0 && t[p].Lower == "dere") {
		p++
	}
	if from, to, ok := norsk.FindAny(norsk.Phrases("la|lat oss"), t); ok && from <= p+3 && len(t)-to >= 2 && !norsk.Has(procedural, t[from:]) && !norsk.Has(norsk.Phrases("se|sjå|høre|høyre|begynne|starte|tenke|håpe|si", "gå videre|vidare|gjennom|over|til", "ta sak|saka|neste|en|ein|det|pause"), t[to:min(to+3, len(t))]) {
		return letUs, from
	}
	if (t[p].Lower == "vi" || t[p].Lower == "me") && len(t)-p >= 3 && !meetingVerbs[t[p+1].Lower] && !norsk.Has(unfit, t[p:]) && !norsk.Has(proceeding, swapped(t[p:])) {
		return weDo, p
	}
	if kind := elliptical(t, p); kind != noConclusion {
		return kind, p
	}
	if states(t[p:]) {
		return itIs, p
	}
	return noConclusion, 0
}

// swapped is a clause that begins with its subject, as it stands after an adverb: "vi tar helg" -> "tar vi helg".
func swapped(t []norsk.Token) []norsk.Token {
	out := slices.Clone(t[:min(5, len(t))])
	out[0], out[1] = out[1], out[0]
	return out
}

// inPassive tells a verb in the passive: "flyttes", "stengjast".
func inPassive(t norsk.Token) bool {
	if _, ok := passives[t.Lower]; ok {
		return true
	}
	return len([]rune(t.Lower)) > 6 && !t.Capitalised() && !norsk.Functional(t.Lower) && (strings.HasSuffix(t.Lower, "eres") || strings.HasSuffix(t.Lower, "ast") && len([]rune(t.Lower)) > 7)
}

// elliptical reads an answer without a verb: "Mandag åttende februar, da.", "Ok, lillejulaftan då."
func elliptical(t []norsk.Token, p int) conclusion {
	last := t[len(t)-1].Lower
	n := len(t) - p
	then := concluding[last] && n <= 7 && n >= 2
	opened := p > 0 && n <= 6 && n >= 2
	if !then && !opened {
		return noConclusion
	}
	named := false
	for _, w := range t[p:] {
		_, verb := verbs[w.Lower]
		if persons[w.Lower] || w.Lower == "vi" || w.Lower == "me" || stands[w.Lower] || meetingVerbs[w.Lower] || verb || choosing[w.Lower] || polarWord[w.Lower] {
			return noConclusion
		}
		named = named || len([]rune(w.Lower)) >= 4 && !norsk.Functional(w.Lower) && !openers[w.Lower] && !concluding[w.Lower] && !courteous[w.Lower]
	}
	if !named {
		return noConclusion
	}
	return elliptic
}

var (
	polarWord = wordSet("ikke ikkje nei takk hva kva hvem kven hvor når neste siste første")
	courteous = wordSet("takk tusen flott fint bra greit herlig supert nydelig hallo velkommen velkomen kjempebra perfekt notert dere dykk hallo morgen morgon framifrå strålende strålande")
)

// states reports whether a clause says how something is to be: a subject that is a thing, a verb of being so in the
// present tense, or the passive, and no doubt.
func states(t []norsk.Token) bool {
	if len(t) < 3 || len(t) > 24 || norsk.Has(unfit, t) || norsk.Has(nextMeeting, t) {
		return false
	}
	if w := t[0].Lower; (w == "dei" || w == "de" || w == "alle") && stands[t[1].Lower] && t[1].Lower != "er" {
		return true
	}
	for i, w := range t[:min(9, len(t))] {
		if persons[w.Lower] && w.Lower != "de" && w.Lower != "dei" && w.Lower != "den" {
			return false
		}
		if w.Lower == "vi" || w.Lower == "me" || w.Lower == "som" || w.Lower == "at" {
			return false
		}
		if i > 0 && (becomes[w.Lower] || inPassive(w)) {
			return len(t)-i >= 2
		}
		if i > 0 && (stands[w.Lower] || meetingVerbs[w.Lower]) {
			return false
		}
	}
	return false
}

// Concludes reports whether a sentence has the form in which a meeting says what it has come to. leads: who says it
// leads the meeting, and can say it in fewer words.
func Concludes(text string, leads bool) bool {
	for _, s := range norsk.Sentences(text) {
		u := utterance{text: s, tokens: spoken(norsk.Tokens(s))}
		if k, _ := reads(&u); k == thenWe || k != noConclusion && leads {
			return true
		}
	}
	return false
}

// consents are the beginnings of an answer that agrees.
var (
	consents = norsk.Phrases("ja|jo|jau|jepp|japp|jess|jada|joda|ok|okei|greit|greitt|fint|supert|topp|perfekt|enig|einig|samd|støttes|støtter|støttar|gjerne|absolutt|klart|sjølvsagt|selvfølgelig|selvsagt|visst|mm|nettopp|riktig", "helt|heilt|veldig|kjempe enig|einig|greit|greitt|fint|ok|bra|klart|i|lurt|samd", "samme|same her", "jeg|eg også|òg|enig|einig|med", "jeg|eg er ..1 enig|einig|med|samd", "den|det er jeg|eg ..1 enig|einig|med|samd", "støttes|støttast", "det er|går|høres|høyrest|passer|kan|var ..3 greit|greitt|fint|bra|ok|enig|einig|med|lurt|på|an", "passer|passar ..1 bra|fint|greit|meg|oss",
		"for meg|min|vår ..1", "alle ..1 nikker|nikkar|enige|einige", "det nikkes|nikkast", "kan|får leve med", "jeg|eg gir|gjev meg", "jeg|eg kan leve", "sel|kjøp|gjør|gjer|ta det|den|han|henne", "da|då så", "ingen innvendinger|innvendingar|protester|protestar")
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
var prompting = norsk.Phrases("hva|ka|kva|åssen med", "hva|ka|kva om", "heller", "i stedet|staden", "går an", "hadde|hadd holdt|halde|vært|vore", "skal|kan|bør|burde|kunne|må ikke|ikkje? vi|me|det|den|de|dei", "eller", "jeg|eg hadde tenkt", "vil|ville|kunne ..1 foretrekke|foretrekkje|helst", "helst", "samme|same igjen|att", "er det greit|noen|nokon", "enten", "anbefaler|tilrår", "foreslår|føreslår", "det er|blir jo? bare|berre ..1 en|ein|ett|eitt igjen|att", "takke ja|nei", "svar|avklaring", "har|hadde ..2 tilbud|tilbod", "tilbyr|tilbyr", "velge|velje", "opsjon")

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

// concluded reads a conclusion at utterance i where its form alone does not settle anything.
func concluded(us []utterance, th theme, i int) bool {
	u := &us[i]
	kind, from := reads(u)
	if kind == noConclusion || norsk.Has(revokes, u.tokens) && !norsk.Has(norsk.Phrases("ikke|ikkje før"), u.tokens) && kind != thenWe || norsk.Has(norsk.Phrases("likevel"), u.tokens) || norsk.Has(nextMeeting, u.tokens) || norsk.Has(courtesy[:4], u.tokens) {
		return false
	}
	if _, _, own := norsk.FindAny(norsk.Phrases("jeg|eg|min|mitt|mi|meg"), u.tokens[from:]); own && kind != letUs {
		return false
	}
	asked, agreed := prompted(us, th, i)
	switch kind {
	case thenWe:
		return u.leads || asked && agreed
	case thenIt:
		return asked && (u.leads || agreed)
	case letUs:
		return agreed && (u.leads || asked)
	case weDo:
		return u.leads && (asked || takesUp(us, th, i)) || asked && agreed && choosing[u.tokens[from+1].Lower]
	case elliptic:
		return u.leads && asked && answersPrompt(us, th, i)
	case itIs:
		opened := from > 0 && settling[u.tokens[from-1].Lower]
		if w := u.tokens[from].Lower; asked && u.leads && (w == "dei" || w == "de" || w == "alle") {
			return true
		}
		return u.leads && asked && (opened || agreed && answersPrompt(us, th, i))
	}
	return false
}

// takesUp reports whether sentence i speaks of the topic that its speaker, the leader, opened just before.
func takesUp(us []utterance, th theme, i int) bool {
	j := topicOf(us, th, i)
	return j >= 0 && i-j <= reach && shared(content(us[i].tokens), content(us[j].tokens)) > 0
}

// settling are the openers with which a leader ends a talk.
var settling = wordSet("ok okei okey greit greitt fint godt bra flott vel nei da då ja jo supert")

// answersPrompt reports whether sentence i takes up a word of what was asked or suggested before it.
func answersPrompt(us []utterance, th theme, i int) bool {
	own := content(us[i].tokens)
	for j := i - 1; j >= max(th.from, i-reach); j-- {
		if us[j].voice == us[i].voice && j == i-1 {
			continue
		}
		if (prompt(&us[j]) || len(us[j].tokens) <= 6) && shared(own, content(us[j].tokens)) > 0 {
			return true
		}
	}
	return false
}

// decision is what a conclusion at utterance i settles, in words that name it: what its speaker adds in the same
// breath, and, where all that names nothing, what it answers and what it is about. text and ids are the
// conclusion's own.
func decision(us []utterance, th theme, i int, text string, ids []string, taken map[int]bool) referent.Decision {
	parts := []string{text}
	more, from := additions(us, th, i)
	for k, add := range more {
		parts = append(parts, add)
		ids = evidence(ids, us[from+k].evidence)
		taken[from+k] = true
	}
	if first := spoken(norsk.Tokens(parts[0])); len(parts) > 1 && empty(first) && len(bareDates(first)) == 0 && len(norsk.Numbers(first)) == 0 {
		parts = parts[1:]
	}
	kind, _ := reads(&us[i])
	at := i
	for n := range 2 {
		if !thin(spoken(norsk.Tokens(strings.Join(parts, " ")))) && (kind != elliptic || n > 0) {
			break
		}
		j := answered(us, th, at, parts, ids, kind == elliptic)
		if j < 0 {
			break
		}
		at = j
		parts = append([]string{norsk.Clean(us[j].text)}, parts...) // a question stays one: the answer may be no
		ids = evidence(us[j].evidence, ids)
	}
	if thin(spoken(norsk.Tokens(strings.Join(parts, " ")))) || kind == elliptic && len(parts) == 1 {
		if j := topicOf(us, th, i); j >= 0 && !slices.Contains(ids, us[j].evidence[0]) {
			parts = append([]string{norsk.Clean(strings.TrimSuffix(us[j].text, "?"))}, parts...)
			ids = evidence(us[j].evidence, ids)
		}
	}
	return referent.Decision{Text: strings.Join(parts, " "), Evidence: ids}
}

// additions are what the speaker of sentence i says more of it in the same breath, from sentence from on.
func additions(us []utterance, th theme, i int) (more []string, from int) {
	for j := i + 1; j < min(th.to, i+3) && us[j].voice == us[i].voice && us[i].voice != "" && adds(&us[j]); j++ {
		more = append(more, norsk.Clean(us[j].text))
	}
	return more, i + 1
}

// topicOf is the sentence before i in which the leader named what is talked of: "Skidagen.", "Så er det bussen vår.";
// -1 when there is none.
func topicOf(us []utterance, th theme, i int) int {
	for j := i - 1; j >= max(th.from, i-2*reach); j-- {
		u := &us[j]
		if !u.leads || u.joke || u.task || naming(u.tokens) == 0 || len(u.tokens) > 12 {
			continue
		}
		if _, opens := startsWith(topics, u.tokens); opens || len(u.tokens) <= 4 && !verbed(u.tokens) && (len(u.tokens) <= 2 || openers[u.tokens[0].Lower] || concluding[u.tokens[len(u.tokens)-1].Lower] || u.tokens[len(u.tokens)-1].Lower == "først") {
			return j
		}
	}
	return -1
}

var topics = norsk.Phrases("så|ok|okei|og er|var|har det|vi|me|jeg|eg", "neste|første|fyrste|siste ..1 er|var|gjelder|gjeld", "da|då|så gjenstår|attstår", "og så ..1 er|var|har")

// verbed reports whether a verb stands among the words.
func verbed(tokens []norsk.Token) bool {
	return slices.ContainsFunc(tokens, func(t norsk.Token) bool {
		_, verb := verbs[t.Lower]
		return verb || stands[t.Lower] || meetingVerbs[t.Lower] || choosing[t.Lower]
	})
}

// adds reports whether a sentence after a conclusion says more of what was settled.
func adds(u *utterance) bool {
	if u.question() || u.task || u.joke || len(u.tokens) > 16 || norsk.Has(nextMeeting, u.tokens) || norsk.Has(announcements, u.tokens) || norsk.Has(unfit, u.tokens) || norsk.Has(procedural, u.tokens) {
		return false
	}
	if slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return slices.Contains([]string{"jeg", "eg", "du", "meg", "deg"}, t.Lower) }) {
		return false
	}
	if states(u.tokens) {
		return true
	}
	if len(u.tokens) >= 4 && telling[u.tokens[0].Lower] && (u.tokens[2].Lower == "vi" || u.tokens[2].Lower == "me") && !meetingVerbs[u.tokens[1].Lower] && !norsk.Has(proceeding, u.tokens) {
		return true // "Så bruker vi heller gamle bilder."
	}
	k, _ := reads(u)
	return k == weDo || k == thenWe || k == itIs || fragment(u)
}

// fragment tells a few words without a verb that name something: "Frukost klokka ni.", "Til de samme trinnene."
func fragment(u *utterance) bool {
	if len(u.tokens) > 6 || len(u.tokens) < 2 {
		return false
	}
	n := 0
	for _, t := range u.tokens {
		if _, verb := verbs[t.Lower]; verb || stands[t.Lower] || meetingVerbs[t.Lower] || courteous[t.Lower] || openers[t.Lower] || concluding[t.Lower] || persons[t.Lower] || polarWord[t.Lower] {
			return false
		}
		if len([]rune(t.Lower)) >= 4 && !norsk.Functional(t.Lower) {
			n++
		}
	}
	return n >= 1 && (len(bareDates(u.tokens)) > 0 || norsk.Has(norsk.Phrases("klokka|kl|klokken", "til|for|i|på|fra|frå|med|innen|hver|kvar|ikke|ikkje"), u.tokens))
}

// timely are words that only say when.
var timely = wordSet(`nyttår jul jula påske klokka klokken uke veke uka veka dag dagen dager dagar kveld kvelden morgen morgenen morgon år året årets måned månad igjen fremover framover heretter
	variant varianten forslag forslaget framlegg framlegget alternativ alternativet løsning løsningen løysing løysinga måten ordning ordningen tilbud tilbudet ideen tanken første andre tredje hverdag
	imot takke velge velje bruke ombestemmer snur altså greit fint bra flott godt bestemt avgjort avklart enige einige enig klart løst ferdig oppdrag sånn slik begge alle tusen hundre million millioner millionar`)

// naming counts the words that name what a text is about.
func naming(tokens []norsk.Token) int {
	n := 0
	for i, t := range tokens {
		_, verb := verbs[t.Lower]
		_, infinitive := infinitives[t.Lower]
		_, number := norsk.Number(t.Lower)
		verb = verb || infinitive
		if len([]rune(t.Lower)) < 3 || norsk.Functional(t.Lower) || verb || number || choosing[t.Lower] || meetingVerbs[t.Lower] || stands[t.Lower] || timely[t.Lower] || openers[t.Lower] || nothing[t.Lower] || i > 0 && t.Capitalised() && strings.HasSuffix(t.Lower, "s") && i+1 < len(tokens) && timely[tokens[i+1].Lower] {
			continue
		}
		if _, ok := norsk.Ordinal(t.Lower); ok || len(norsk.Dates(tokens[i:i+1], anyDay)) > 0 || monthWords[t.Lower] {
			continue
		}
		n++
	}
	return n
}

var monthWords = wordSet("januar februar mars april mai juni juli august september oktober november desember")

// empty reports whether a text names nothing at all: "Da gjør vi det."
func empty(tokens []norsk.Token) bool { return naming(tokens) == 0 }

// thin reports whether a text does not name what it is about: nothing but verbs and times, or little beside a word
// that points back.
func thin(tokens []norsk.Token) bool {
	n := naming(tokens)
	if n == 0 {
		return true
	}
	if n > 1 {
		return false
	}
	for i, t := range tokens {
		if !slices.Contains([]string{"det", "den", "dem", "dei", "dit", "denne", "dette"}, t.Lower) || i == 0 {
			continue
		}
		if t.Mark != 0 || i+1 >= len(tokens) || norsk.Functional(tokens[i+1].Lower) || infinitives[tokens[i+1].Lower].infinitive != "" {
			return true
		}
	}
	return false
}

// answered is the sentence that a conclusion at i answers: the last that was put forward and not turned down, by
// whom it names if it names somebody; else the last statement with matter. -1 when there is none.
func answered(us []utterance, th theme, i int, parts, ids []string, short bool) int {
	owner := ""
	own := content(norsk.Tokens(strings.Join(parts, " ")))
	for _, t := range norsk.Tokens(parts[0]) {
		for j := i - 1; j >= max(th.from, i-2*reach); j-- {
			if first, _, _ := strings.Cut(us[j].speaker, " "); first != "" && t.Capitalised() && t.Lower == strings.ToLower(first)+"s" {
				owner = us[j].speaker
			}
		}
	}
	begin := max(th.from, i-reach, topicOf(us, th, i)) // nothing from before the topic was opened
	fit := func(j int) bool {
		if slices.ContainsFunc(us[j].tokens, func(t norsk.Token) bool { return t.Lower == "du" || t.Lower == "deg" }) {
			return false // asks one person
		}
		return !slices.Contains(ids, us[j].evidence[0]) && !us[j].joke && !us[j].task && len(us[j].tokens) <= longestRuling && naming(us[j].tokens) > 0
	}
	if owner != "" {
		for j := i - 1; j >= max(th.from, i-2*reach); j-- {
			if us[j].speaker == owner && fit(j) && !us[j].question() && len(us[j].tokens) >= 4 {
				return j
			}
		}
	}
	for j := i - 1; short && j >= begin; j-- { // it takes up a word of what it answers
		if fit(j) && len(us[j].tokens) >= 4 && shared(own, content(us[j].tokens)) > 0 {
			return j
		}
	}
	for j := i - 1; j >= begin; j-- {
		if fit(j) && suggested(&us[j]) && !refused(us, j, i) {
			return j
		}
	}
	for j := i - 1; j >= begin; j-- {
		if fit(j) && prompt(&us[j]) && !refused(us, j, i) {
			return j
		}
	}
	for j := i - 1; j >= max(begin, i-5); j-- {
		if fit(j) && !consent(&us[j]) && len(us[j].tokens) >= 4 && !us[j].question() {
			return j
		}
	}
	return -1
}
