package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

var (
	accepts = norsk.Phrases("ja", "å ja|jo|greit|greitt", "jo", "jada", "joda", "jepp", "ok|okei|okey|oki", "ja|jo|ok ..2 det|den skal|kan|gjør|gjer|fikser|fiksar|ordner|ordnar|tar|tek|klarer|klarar|lover|lovar jeg|eg|vi|me|æ",
		"det|den skal|kan|gjør|gjer|fikser|fiksar|ordner|ordnar|tar|tek|klarer|klarar|lover|lovar jeg|eg|vi|me|æ|e",
		"jeg|eg|æ tar|tek|skal|kan|gjør|gjer|fikser|fiksar|ordner|ordnar|klarer det|den", "jeg|eg|æ skal|kan ta|gjøre|gjere|fikse|ordne|få", "skal bli", "greit", "selvsagt", "sjølvsagt", "klart", "gjerne",
		"det går fint|bra|greit", "selvfølgelig", "sjølvsagt", "absolutt", "den er god|grei", "notert", "skal gjøre|gjere|ordne|fikse", "det er greit|fint|i orden", "det skal gå|jeg|eg", "yes", "supert", "mm", "mhm", "fint", "ikke|ikkje noe|noko problem", "null problem|stress", "helt|heilt greit|greitt|fint|i orden", "greitt", "ja visst", "jo visst", "visst", "klart det", "den er notert", "det får vi|jeg|eg|me til", "skal prøve|ordnes", "det ordner|løser|løyser seg", "mhm", "kan jeg|eg gjøre|gjere|godt", "jau", "åja", "det blir fint|gjort", "jess")
	refuses = norsk.Phrases("nei", "nja", "det|den ..3 rekker|har|kan|klarer|rekk|klarar|tar|tek|får ..1 jeg|eg|æ ..1 ikke|ikkje", "det|den rekker|rekk|klarer|klarar|kan|har jeg|eg ikke|ikkje",
		"jeg|eg|æ ..2 ikke|ikkje", "dessverre", "diverre", "det går ikke|ikkje", "helst ikke|ikkje", "ikke|ikkje jeg|eg|meg")
	takes = norsk.Phrases("det|den|dette|de|dei|dem|da tar|tek|fikser|fiksar|ordner|ordnar|gjør|gjer|følger|følgjer|sjekker|sjekkar jeg|eg|æ", "kan|skal|får jeg|eg|æ ta|fikse|ordne|gjøre|gjere|sjekke",
		"jeg|eg|æ ..1 tar|tek|fikser|fiksar|ordner|ordnar det|den|de|dei|dem|jobben|oppgaven|oppgåva|ansvaret|saken|biten", "jeg|eg|æ kan|skal ..1 ta|fikse|ordne|gjøre|gjere|lage|sende|sjekke det|den|de|dei|dem|jobben|oppgaven|oppgåva|ansvaret", "det|den|dette kan|skal|ska jeg|eg|æ ..1 ta|fikse|ordne|gjøre|gjere|lage|sende|sjekke|skrive|bestille|ringe", "det|den|dette kan|skal jeg|eg|æ ta|fikse|ordne|gjøre|gjere",
		"jeg|eg|æ kan gjøre|gjere|ta det", "det gjør|gjer jeg|eg", "tar|tek jeg|eg|æ", "den er min", "sett|skriv|før|legg ..1 meg ..1 på|opp?", "gi|legg|send ..1 det|den ..1 til meg", "la meg ta|gjøre|gjere|fikse|ordne", "jeg|eg|æ får ..1 ta|gjøre|gjere det|den", "det|den får jeg|eg|æ ..1 ta|gjøre|gjere|fikse|ordne|se|sjå", "får jeg|eg|æ vel? ta", "jeg|eg melder|melde meg")
	// short are takes that say something else when more follows: "det kan jeg forstå".
	short = norsk.Phrases("jeg|eg er med|på", "det|den|dette|de|dei|dem|da kan|skal jeg|eg|æ", "jeg|eg kan jo|gjerne|godt?", "meg")

	// asking opens a request also where recognition has set no question mark.
	asking  = norsk.Phrases("kan|kunne|vil|ville|gidder|orker|rekker|rekk|klarer|klarar|får du|de|dere|dykk", "kan|kunne noen|nokon", "hvem|kven ..1 kan|tar|tek|vil|skal|har|fikser|ordner|melder", "har du|dere|nokon|noen ..1 mulighet|tid|høve|anledning", "er det ..1 noen|nokon som|her")
	asksWho = norsk.Phrases("hvem|kven", "noen|nokon", "nån|noken", "en|ein|ei av dere|dykk|oss")
	offers  = norsk.Phrases("skal|kan|må jeg|eg|æ", "vil du|dere at jeg|eg skal")
)

// answer lets an utterance take on what was asked for, or turn it down.
func (t *tracker) answer(i int) bool {
	u := &t.us[i]
	for j := len(t.open) - 1; j >= 0; j-- {
		r := &t.open[j]
		same := r.voice == u.voice && u.voice != ""
		if i-r.at > window || t.us[r.at].theme != u.theme {
			continue
		}
		me := t.p.voice(u)
		took := tookOn(u)
		_, yes := startsWith(accepts, u.tokens)
		no := refusal(u)
		if r.offer {
			if same {
				continue
			}
			if no && !norsk.Has(norsk.Phrases("gjør|gjer det", "gjerne"), u.tokens) {
				t.open = slices.Delete(t.open, j, j+1)
				return true
			}
			if !yes && !norsk.Has(welcomes, u.tokens[:min(8, len(u.tokens))]) {
				continue
			}
			x := r.task
			x.Evidence, x.at = evidence(x.Evidence, u.evidence), i
			t.open = slices.Delete(t.open, j, j+1)
			t.add(x)
			return true
		}
		if same && !took {
			continue // who asking does not answer
		}
		both := me.name != "" && slices.Contains(strings.Split(r.Owner, " og "), me.name) && me.name != r.Owner
		mine := r.Owner == "" || me.name == r.Owner || both || u.speaker == "" || r.ambiguous && strings.HasPrefix(norsk.Fold(me.name), norsk.Fold(r.Owner))
		l, dated := t.agreed(u)
		if !dated {
			l, dated = t.c.find(u.tokens)
		}
		_, onlyDay := t.agreed(u)
		if no && !(dated && norsk.Has(norsk.Phrases("men", "ikke|ikkje før"), u.tokens)) && !took {
			if mine && r.asked {
				r.was, r.Owner, r.asked, r.ambiguous, r.at = r.Owner, "", false, false, i // somebody else may take it
				if who, ok := t.redirected(u); ok {
					r.Owner, r.ambiguous, r.asked = who.name, who.ambiguous, true
					r.Evidence = evidence(r.Evidence, u.evidence)
				}
				return true
			}
			continue
		}
		if r.thing {
			continue // the verb of who takes it says what is done with it
		}
		counter := no && dated // "det rekker jeg ikke, men til mandag går det"
		if !r.asked && !took {
			continue // "ja" to what is needed promises nothing
		}
		if !mine && !took {
			continue
		}
		if !yes && !took && !counter && !(onlyDay && r.Owner != "") && !(dated && answersDay(u, l)) {
			continue
		}
		if t.givesAnother(u, me.name) {
			continue
		}
		if !took && slices.ContainsFunc(t.us[r.at+1:i], func(b utterance) bool { return b.question() && b.voice != u.voice && !b.task }) {
			continue // "ja" answers what was asked last
		}
		if conditional(u) && !onlyDay {
			continue
		}
		x := r.task
		switch {
		case both:
		case u.speaker != "":
			x.Owner, x.ambiguous = me.name, me.ambiguous
		case x.Owner == "":
			x.Owner = r.was
		}
		if dated {
			x.due(l, u)
		}
		if own, ok := t.inOwnWords(u, &x); ok {
			x.Task = own
		}
		x.Evidence, x.at = evidence(x.Evidence, u.evidence), i
		t.open = slices.Delete(t.open, j, j+1)
		if x.Owner == "" {
			t.doubt(x.Task, x.Evidence, norsk.ReasonOwner)
			return true
		}
		t.add(x)
		return true
	}
	return false
}

// tookOn reports whether a speaker says that they do it.
func tookOn(u *utterance) bool {
	if norsk.Has(takes, u.tokens) || len(u.tokens) <= 2 && slices.Contains(selfWords, u.tokens[0].Lower) && (len(u.tokens) == 1 || slices.Contains([]string{"kan", "skal", "da", "då"}, u.tokens[1].Lower)) {
		return true
	}
	from, to, ok := norsk.FindAny(short, u.tokens)
	return ok && u.tokens[to-1].Mark != 0 && from <= 3 || ok && to == len(u.tokens) && from <= 3
}

// givesAnother reports whether a sentence gives a task to somebody else than its speaker.
func (t *tracker) givesAnother(u *utterance, me string) bool {
	return slices.ContainsFunc(hits(u, t.p), func(h hit) bool { return h.owner.name != "" && h.owner.name != me && !h.owner.group })
}

// inOwnWords is how who accepts a request says the same again: "Ja, jeg bestiller kurset på mandag."
func (t *tracker) inOwnWords(u *utterance, x *task) (string, bool) {
	for _, own := range assigned(u, t.p, t.c) {
		if own.bare || own.verb.infinitive != x.verb.infinitive {
			continue
		}
		if strings.Contains(x.Task, ": ") || len(content(norsk.Tokens(own.Task))) > len(content(norsk.Tokens(x.Task))) {
			return own.Task, true
		}
	}
	return "", false
}

// wanted is the open request that a task answers in its own words, or -1.
func (t *tracker) wanted(i int, x *task) int {
	for j := len(t.open) - 1; j >= 0; j-- {
		r := &t.open[j]
		if i-r.at <= window && (r.Owner == "" || r.Owner == x.Owner) && alike(r.Task, x.Task) >= 0.5 {
			return j
		}
	}
	return -1
}

// latest is the request made last that still waits, or -1. Who asked for it may take it, too.
func (t *tracker) latest(i int) int {
	for j := len(t.open) - 1; j >= 0; j-- {
		r := &t.open[j]
		if i-r.at <= window && r.at < i && t.us[r.at].theme == t.us[i].theme && !r.offer {
			return j
		}
	}
	return -1
}

// expire gives up requests that got no answer. A person is asked about those that were asked aloud.
func (t *tracker) expire(i int) {
	t.open = slices.DeleteFunc(t.open, func(r request) bool {
		if i-r.at <= window {
			return false
		}
		if r.asked && !r.offer && r.Task != "" {
			t.doubt(r.Task, r.Evidence, norsk.ReasonNoAnswer)
		}
		return true
	})
}
