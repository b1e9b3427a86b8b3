package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

var (
	modals  = []string{"skal", "ska", "må", "kan", "får", "vil", "lover", "lovar", "bør"}
	adverbs = []string{"da", "då", "også", "òg", "nok", "gjerne", "straks", "så", "bare", "berre", "selv", "sjølv", "jo", "nå", "no", "å", "deretter", "godt", "heller",
		"i", "morgen", "morgon", "dag", "vel", "også", "videre", "vidare", "eh", "da'", "nå", "liksom", "likevel", "òg", "fortsatt", "framleis", "alltids"}

	selfWords = []string{"jeg", "eg", "æ", "je", "ej", "jæ", "ég", "e"}
)

// hit is an owner with the verb of what is taken on.
type hit struct {
	from    int // where owner or verb begins
	rest    int // after the verb
	owner   named
	verb    verb
	present bool // said in the present tense: "sender", not "skal sende"
	order   bool // said to somebody: "du sender", "send"
	firm    bool // said with a word that binds: "skal", "lover å"
}

// hits finds owners with their verbs in a sentence.
func hits(u *utterance, p *people) []hit {
	var out []hit
	for i := 0; i < len(u.tokens); i++ {
		if h, ok := hitAt(u, p, i); ok {
			out = append(out, h)
			i = h.rest - 1
		}
	}
	return out
}

// promises lead to an infinitive: "jeg lover å sende", "Kari får ansvaret for å sende".
var promises = norsk.Phrases("lover|lovar å", "påtar|påtek meg|seg å", "tar|tek på meg|seg å", "tar|tek ansvar|ansvaret for å", "har|får ansvar|ansvaret for å",
	"er ansvarlig|ansvarleg for å", "sørger|syter for å", "har tenkt å|til?", "har|hadde tenkt|planlagt å|til?", "tenker|tenkjer å", "prøver|prøvar å", "skal prøve å", "skal sørge|syte for å", "må|skal huske|hugse på? å", "skal se|sjå til å", "ser|sjår til å",
	"melder|melde meg|seg til å", "tilbyr|tilbyd meg|seg å", "tar|tek jobben|oppgaven|oppgåva|oppdraget med å", "kommer|kjem til å", "stiller meg|seg til disposisjon for å",
	"har sagt seg? villig til å", "har sagt ja til å", "har lovet|lova å", "har tatt|teke på meg|seg å", "har påtatt|påteke meg|seg å", "har tilbudt|tilbode meg|seg å", "skal ha ansvar|ansvaret for å", "får i oppgave|oppgåve å", "får jobben|oppgaven|oppgåva med å",
	"har på meg|seg å", "er satt|sett|satt opp på|til å", "står på å", "står for å", "kunne tenke|tenkje meg å")

// sworn are promises with the verb before its subject: "den har Kari sagt ja til å lage".
var sworn = norsk.Phrases("sagt seg? ja|villig til å", "lovet|lova å", "tatt|teke på meg|seg å", "påtatt|påteke meg|seg å", "tilbudt|tilbode meg|seg å", "tenkt å|til?", "på meg|seg å", "ansvar|ansvaret for å", "på meg|seg ansvar|ansvaret for å", "i oppgave|oppgåve å", "oppgaven|oppgåva|jobben med å", "meg|seg til å")

var (
	inCharge = norsk.Phrases("har|får|tar|tek ansvar|ansvaret|hovedansvaret for|med", "er ansvarlig|ansvarleg for")
	begs     = norsk.Phrases("ber|bed")
	asked    = norsk.Phrase("om? å")
	minding  = norsk.Phrase("huske|hugse|passe|prøve|love|få på? å")
	cleft    = norsk.Phrases("det er|blir|vert|får|må bli|vere|være?", "er|blir|vert det", "det får|må|skal bli|verte|vere|være")
)

// hitAt reads "OWNER [skal] VERB", "VERB OWNER" and "[skal] OWNER VERB" at token i.
func hitAt(u *utterance, p *people, i int) (hit, bool) {
	h, ok := hitHere(u, p, i)
	if !ok || inSubclause(u.tokens, i) {
		return h, false
	}
	return h.settled(u.tokens), true
}

// subordinate words make of what follows a time, a reason or a circumstance of something else.
var subordinate = wordSet("før når mens medan fordi siden sidan hvis viss dersom som om hvor kor der til for selv")

// inSubclause reports whether what begins at token i is such a clause: "det gjør jeg før jeg går hjem", "for da skal
// jeg levere budsjettet".
func inSubclause(tokens []norsk.Token, i int) bool {
	if i == 0 {
		return false
	}
	w := tokens[i-1].Lower
	if i > 1 && (w == "da" || w == "då" || w == "så") && tokens[i-1].Mark == 0 && (tokens[i-2].Lower == "for" || tokens[i-2].Lower == "fordi") {
		return true
	}
	if tokens[i-1].Mark != 0 || !subordinate[w] {
		return false
	}
	switch w {
	case "som", "der", "til", "for":
		return w != "som" && slices.Contains(selfWords, tokens[i].Lower) || w == "for" && i > 1 && tokens[i-2].Mark == ','
	case "siden", "sidan":
		return i > 1
	}
	return true
}

func hitHere(u *utterance, p *people, i int) (hit, bool) {
	if who, ok := ownerAt(u, p, i); ok {
		return subjectFirst(u, who, i)
	}
	if i+2 < len(u.tokens) && (u.tokens[i].Lower == "la" || u.tokens[i].Lower == "lat") && u.tokens[i+1].Lower == "meg" {
		if v, ok := infinitiveAt(u.tokens, i+2); ok { // "la meg sjekke det med banken"
			me := p.voice(u)
			return hit{from: i, rest: i + 3, owner: named{from: i + 1, to: i + 2, name: me.name, ambiguous: me.ambiguous}, verb: v}, true
		}
	}
	return verbFirst(u, p, i)
}

// subjectFirst reads "OWNER [skal] VERB" where the owner stands at token i.
func subjectFirst(u *utterance, who named, i int) (hit, bool) {
	j := skipAdverbs(u.tokens, who.to)
	if j >= len(u.tokens) || u.tokens[j-1].Mark != 0 && !isVocative(u, who) {
		return hit{}, false
	}
	if u.tokens[j].Lower == "som" && j+1 < len(u.tokens) { // "da blir det Siv som tar imot gjestene"
		if !norsk.Has(cleft, u.tokens[max(0, i-3):i]) {
			return hit{}, false
		}
		j++
	}
	order := u.tokens[i].Lower == "du"
	for _, pattern := range promises {
		if end, ok := pattern.At(u.tokens, j); ok {
			if v, ok := infinitiveAt(u.tokens, end); ok {
				return hit{from: i, rest: end + 1, owner: who, verb: v, firm: true}, true
			}
		}
	}
	if _, ok := startsWith(inCharge, u.tokens[j:]); ok {
		return hit{from: i, rest: j + 1, owner: who, verb: verb{infinitive: "ha", strong: true}}, true
	}
	if end, ok := asked.At(u.tokens, j); ok && i > 0 && norsk.Has(begs, u.tokens[max(0, i-2):i]) {
		if v, ok := infinitiveAt(u.tokens, end); ok { // "jeg ber Ola om å sjekke garantien"
			return hit{from: i, rest: end + 1, owner: who, verb: v, order: true}, true
		}
	}
	if slices.Contains(modals, u.tokens[j].Lower) {
		k := skipAdverbs(u.tokens, j+1)
		if end, ok := minding.At(u.tokens, k); ok {
			k = end
		}
		k = pastHave(u.tokens, k)
		if v, ok := infinitiveOrGot(u.tokens, j, k); ok && u.tokens[k-1].Mark == 0 {
			return hit{from: i, rest: k + 1, owner: who, verb: v, order: order, firm: firm(u.tokens[j].Lower)}, true
		}
	}
	v, ok := presentAt(u.tokens, j)
	if !ok && !who.group {
		v, ok = unlisted(u.tokens, j)
	}
	if !ok && (i == 0 || !leadsInfinitive(u.tokens[i-1].Lower)) {
		v, ok = clipped(u.tokens, j)
	}
	if !ok {
		return hit{}, false
	}
	rest := j + 1
	if rest < len(u.tokens) && u.tokens[rest].Lower == "du" && u.tokens[j].Mark == 0 { // "tonje skriver du til firmaet", without marks
		rest++
	}
	return hit{from: i, rest: rest, owner: who, verb: v, present: true, order: order}, true
}

// verbFirst reads "VERB OWNER" and "[skal] OWNER VERB" where the verb stands at token i.
func verbFirst(u *utterance, p *people, i int) (hit, bool) {
	if i+1 >= len(u.tokens) || u.tokens[i].Mark != 0 {
		return hit{}, false
	}
	w := u.tokens[i].Lower
	modal := slices.Contains(modals, w)
	at := skipAdverbs(u.tokens, i+1)
	if at >= len(u.tokens) || at > i+3 {
		return hit{}, false
	}
	v, isVerb := presentAt(u.tokens, i)
	if !isVerb && !modal && w != "har" {
		if v, isVerb = unlisted(u.tokens, i); !isVerb && (i == 0 || !leadsInfinitive(u.tokens[i-1].Lower)) {
			v, isVerb = clipped(u.tokens, i)
		}
	}
	if !modal && !isVerb && w != "har" {
		return hit{}, false
	}
	who, ok := ownerAt(u, p, at)
	if !ok {
		return hit{}, false
	}
	order := u.tokens[at].Lower == "du"
	k := skipAdverbs(u.tokens, who.to)
	for _, pattern := range sworn {
		if end, ok := pattern.At(u.tokens, k); ok && (w == "har" || w == "får" || w == "tar" || w == "tek" || w == "melder") {
			if v, ok := infinitiveAt(u.tokens, end); ok {
				return hit{from: i, rest: end + 1, owner: who, verb: v, firm: true}, true
			}
		}
	}
	if modal {
		k = pastHave(u.tokens, k)
		if v, ok := infinitiveOrGot(u.tokens, i, k); ok && u.tokens[k-1].Mark == 0 {
			return hit{from: i, rest: k + 1, owner: who, verb: v, order: order, firm: firm(w)}, true
		}
	}
	if !isVerb {
		return hit{}, false
	}
	if _, listed := infinitives[v.infinitive]; !listed && (who.group || who.name == "" || u.tokens[at].Lower == "han" || u.tokens[at].Lower == "hun") {
		return hit{}, false
	}
	return hit{from: i, rest: who.to, owner: who, verb: v, present: true, order: order}, true
}

// firm tells the modals that bind: "skal", not "kan".
func firm(w string) bool {
	return slices.Contains([]string{"skal", "ska", "må", "får", "lover", "lovar"}, w)
}

// leadsInfinitive tells a word after whose subject a verb in -e is an infinitive: "kan du sende", "lar Ola sende".
func leadsInfinitive(w string) bool {
	return modal(w) || slices.Contains([]string{"å", "kunne", "ville", "skulle", "burde", "måtte", "la", "lar", "lat", "ser", "hører", "høyrer", "ba", "bad", "og"}, w)
}

// ownerAt reads an owner at token i: a name, a role, the speaker ("jeg"), who is spoken to ("du") or was spoken
// of ("han"), and two of them together.
func ownerAt(u *utterance, p *people, i int) (named, bool) {
	first, ok := oneOwnerAt(u, p, i)
	if !ok || first.group || first.to+1 >= len(u.tokens) || u.tokens[first.to].Lower != "og" || u.tokens[first.to-1].Mark != 0 {
		return first, ok
	}
	if second, ok := oneOwnerAt(u, p, first.to+1); ok && !second.group && second.name != "" && first.name != "" && second.name != first.name && !strings.Contains(first.name, " og ") {
		return named{from: i, to: second.to, name: first.name + " og " + second.name, ambiguous: first.ambiguous || second.ambiguous}, true
	}
	return first, ok
}

func oneOwnerAt(u *utterance, p *people, i int) (named, bool) {
	w := u.tokens[i].Lower
	switch {
	case slices.Contains(selfWords, w):
		if w == "e" && (i == 0 || !slices.Contains(modals, u.tokens[i-1].Lower)) {
			return named{}, false // "e" is "er" too; after a modal it is "jeg"
		}
		who := p.voice(u)
		return named{from: i, to: i + 1, name: who.name, ambiguous: who.ambiguous}, true
	case w == "du":
		if who, ok := addressee(u, p); ok {
			to := i + 1
			if who.from == i+1 {
				to = who.to // "da tar du, Ola, kontakt"
			}
			return named{from: i, to: to, name: who.name, ambiguous: who.ambiguous}, true
		}
		if u.you.name != "" {
			return named{from: i, to: i + 1, name: u.you.name, ambiguous: u.you.ambiguous}, true
		}
		return named{}, false
	case slices.Contains([]string{"han", "hun", "ho", "ham"}, w):
		if u.they.name == "" || i > 0 && slices.Contains(prepositions, u.tokens[i-1].Lower) {
			return named{}, false
		}
		return named{from: i, to: i + 1, name: u.they.name, ambiguous: u.they.ambiguous}, true
	case (w == "vi" || w == "me" || w == "dere") && i+2 < len(u.tokens) && slices.Contains([]string{"på", "i", "frå", "fra", "hos"}, u.tokens[i+1].Lower):
		if end, ok := unitAt(u.tokens, i+2); ok { // "vi på drift ser på det"
			return named{from: i, to: end, name: norsk.Capitalise(joined(u.tokens[i+2 : end])), group: true}, true
		}
		return named{}, false
	case (w == "vi" || w == "me") && p.serves(u):
		who := p.voice(u) // the administration's "vi" is who speaks for it
		return named{from: i, to: i + 1, name: who.name, ambiguous: who.ambiguous}, true
	}
	return p.owner(u.tokens, i)
}

// serves reports whether who speaks is with a body whose members have parties, and has none: the administration.
func (p *people) serves(u *utterance) bool {
	who := p.voice(u)
	return len(p.party) > 2 && who.name != "" && !who.ambiguous && p.party[who.name] == "" && slices.Contains(p.full, who.name)
}

// unitAt reads what "vi på ..." names at token i: a group that is known, or the words up to the verb.
func unitAt(tokens []norsk.Token, i int) (int, bool) {
	if end, ok := groupAt(tokens, i); ok && (end >= len(tokens) || tokens[end].Lower != "og") {
		return end, true
	}
	for j := i; j < min(i+4, len(tokens)); j++ {
		w := tokens[j].Lower
		_, present := verbs[w]
		if present || modal(w) {
			return j, j > i
		}
		if tokens[j].Mark != 0 || pointing[w] || slices.Contains(selfWords, w) {
			return 0, false
		}
	}
	return 0, false
}

var prepositions = []string{"til", "fra", "frå", "med", "av", "for", "hos", "om", "på", "i", "ved", "mot", "etter", "uten", "utan", "enn"}

// addressee is the person that a sentence speaks to by name: "Kari, du ...", "... du, Kari, ...", "..., Kari?".
func addressee(u *utterance, p *people) (named, bool) {
	for _, n := range p.all(u.tokens) {
		if isVocative(u, n) {
			return n, true
		}
	}
	if n := len(u.tokens); n > 0 { // without the comma, at the very end after "du"
		if last, ok := p.at(u.tokens, n-1); ok && slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return t.Lower == "du" }) && n >= 2 && u.tokens[n-2].Lower != "og" &&
			!slices.Contains(prepositions, u.tokens[n-2].Lower) {
			return last, true
		}
	}
	if len(u.tokens) > 2 { // "Kari kan du ...", as recognition writes it
		if first, ok := p.at(u.tokens, 0); ok && first.to+1 < len(u.tokens) && u.tokens[first.to+1].Lower == "du" {
			return first, true
		}
	}
	return named{}, false
}

// isVocative tells a name that is set off as the one spoken to.
func isVocative(u *utterance, n named) bool {
	before := n.from == 0 || u.tokens[n.from-1].Mark == ','
	after := n.to == len(u.tokens) || u.tokens[n.to-1].Mark != 0
	if n.from > 0 && n.to < len(u.tokens) && u.tokens[n.from-1].Lower == "du" {
		before = true
	}
	return before && after && (n.from > 0 || n.to < len(u.tokens) && u.tokens[n.to-1].Mark == ',')
}

var asides = norsk.Phrases("i alle|hvert|kvart|så fall", "for så vidt", "selvfølgelig|sjølvsagt|selvsagt|absolutt")

func skipAdverbs(tokens []norsk.Token, i int) int {
	for _, p := range asides {
		if end, ok := p.At(tokens, i); ok {
			i = end
		}
	}
	for i < len(tokens) && slices.Contains(adverbs, tokens[i].Lower) && tokens[i].Mark == 0 {
		i++
	}
	return i
}
