package extract

import (
	"slices"
	"strings"

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
	proceeding = norsk.Phrases("setter|set|sett vi|me strek", "setter|set|sett|åpner|opnar vi|me ..2 møte~|møtet|kriseledelse~|kriseleiing~|stab~", "kjører|køyrer|setter|set|sett|drar|går|starter|startar|begynner|byrjar vi|me ..1 i|på gang|gong", "blir|vert vi|me", "står|stend vi|me ..1 uten|utan|fast|her|foran", "tar|tek vi|me helg|kveld|lunsj|pause|kaffe|en|ein|eit|et|fem|ti|neste|siste|sak|saka|saken|punkt|runden|ordet|opp|eventuelt|ymse|orientering~|resten|kvelden|først|fyrst|møtet", "tar|tek vi|me ..2 først|fyrst|som", "tar|tek vi|me ikke|ikkje", "er vi|me ..2 klare|klar|ferdige|ferdig|samla|samlet|fulltallige|mål|gang|framme|fremme|ute", "lar|lèt|let|lat vi|me ..1 det ..1 henge|hengje|ligge|liggje|vente", "lar|lèt|let|lat vi|me det ..1 være|vere opp", "går vi|me videre|vidare|over|til|løs|laus|gjennom|tilbake|rundt|hjem|heim|tom",
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
		case (stands[v.Lower] && v.Lower != "er" && v.Lower != "har" && v.Lower != "skal" || inPassive(v)) && !persons[s.Lower] && len(rest) >= 3 && !s.Capitalised() && !norsk.Has(unfit, rest) && !(norsk.Has(stays, rest[:1]) && remarks(rest[1:])):
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
	then := (concluding[last] || last == "altså") && n <= 9 && n >= 2
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

// concluded reads a conclusion at utterance i where its form alone does not settle anything.
func concluded(us []utterance, th theme, i int) bool {
	u := &us[i]
	kind, from := reads(u)
	if kind == noConclusion && i > th.from && us[i-1].voice == u.voice && endsTalk(&us[i-1]) && fragment(u) && timed(u) && !norsk.Has(courtesy, u.tokens) {
		kind = elliptic // "Godt. Fjerde hver uke, med start i januar."
	}
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
		return u.leads && asked && (answersPrompt(us, th, i) || agreed && timed(u))
	case itIs:
		opened := from > 0 && settling[u.tokens[from-1].Lower]
		if w := u.tokens[from].Lower; asked && u.leads && (w == "dei" || w == "de" || w == "alle") {
			return true
		}
		return u.leads && asked && (opened || agreed && answersPrompt(us, th, i))
	}
	return false
}

// endsTalk tells a sentence of little but "Godt.", "Ja, det kan vi.", with which a leader ends a talk.
func endsTalk(u *utterance) bool {
	return len(u.tokens) <= 6 && !u.question() && len(u.tokens) > 0 && (settling[u.tokens[0].Lower]) && empty(u.tokens)
}

// takesUp reports whether sentence i speaks of the topic that its speaker, the leader, opened just before.
func takesUp(us []utterance, th theme, i int) bool {
	j := topicOf(us, th, i)
	return j >= 0 && i-j <= reach && shared(content(us[i].tokens), content(us[j].tokens)) > 0
}

// settling are the openers with which a leader ends a talk.
var settling = wordSet("ok okei okey greit greitt fint godt bra flott vel nei da då ja jo supert")

// timed reports whether a sentence says when, or how much.
func timed(u *utterance) bool {
	if first := u.tokens[0].Lower; first == "og" || first == "så" || first == "men" {
		return false
	}
	_, spoke := meetingClock(u.tokens, false)
	return spoke || len(bareDates(u.tokens)) > 0 || len(norsk.Numbers(u.tokens)) > 0 || norsk.Has(norsk.Phrases("hver|kvar|annenhver|annakvar"), u.tokens)
}

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
