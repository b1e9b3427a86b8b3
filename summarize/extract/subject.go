package extract

import (
	"slices"

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
	"er ansvarlig|ansvarleg for å", "sørger|syter for å", "har tenkt å|til?", "prøver|prøvar å", "skal prøve å", "melder meg|seg til å", "tar|tek jobben|oppgaven|oppgåva med å", "kommer|kjem til å",
	"har sagt seg? villig til å", "har lovet|lova å", "skal ha ansvar|ansvaret for å", "får i oppgave|oppgåve å", "får jobben|oppgaven|oppgåva med å")

var (
	inCharge = norsk.Phrases("har|får ansvar|ansvaret for")
	begs     = norsk.Phrases("ber|bed")
	asked    = norsk.Phrase("om? å")
	minding  = norsk.Phrase("huske|hugse|passe|prøve|love|få på? å")
)

// hitAt reads "OWNER [skal] VERB", "VERB OWNER" and "[skal] OWNER VERB" at token i.
func hitAt(u *utterance, p *people, i int) (hit, bool) {
	if who, ok := ownerAt(u, p, i); ok {
		j := skipAdverbs(u.tokens, who.to)
		if j >= len(u.tokens) || u.tokens[j-1].Mark != 0 && !isVocative(u, who) {
			return hit{}, false
		}
		for _, pattern := range promises {
			if end, ok := pattern.At(u.tokens, j); ok {
				if v, ok := infinitiveAt(u.tokens, end); ok {
					return hit{from: i, rest: end + 1, owner: who, verb: v}, true
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
			if v, ok := infinitiveAt(u.tokens, k); ok && u.tokens[k-1].Mark == 0 {
				return hit{from: i, rest: k + 1, owner: who, verb: v, order: u.tokens[i].Lower == "du"}, true
			}
		}
		v, ok := presentAt(u.tokens, j)
		if !ok && !who.group {
			v, ok = unlisted(u.tokens, j)
		}
		if ok {
			return hit{from: i, rest: j + 1, owner: who, verb: v, present: true, order: u.tokens[i].Lower == "du"}, true
		}
		return hit{}, false
	}
	if i+1 >= len(u.tokens) || u.tokens[i].Mark != 0 {
		return hit{}, false
	}
	modal := slices.Contains(modals, u.tokens[i].Lower)
	v, isVerb := presentAt(u.tokens, i)
	if !modal && !isVerb {
		return hit{}, false
	}
	at := i + 1
	if w := u.tokens[at].Lower; slices.Contains([]string{"da", "då", "heller", "også", "òg", "nå"}, w) && at+1 < len(u.tokens) {
		at++
	}
	who, ok := ownerAt(u, p, at)
	if !ok {
		return hit{}, false
	}
	order := u.tokens[at].Lower == "du"
	if modal {
		k := skipAdverbs(u.tokens, who.to)
		if v, ok := infinitiveAt(u.tokens, k); ok && u.tokens[k-1].Mark == 0 {
			return hit{from: i, rest: k + 1, owner: who, verb: v, order: order}, true
		}
	}
	if !isVerb {
		return hit{}, false
	}
	return hit{from: i, rest: who.to, owner: who, verb: v, present: true, order: order}, true
}

// ownerAt reads an owner at token i: a name, a role, the speaker ("jeg"), or who is spoken to by name.
func ownerAt(u *utterance, p *people, i int) (named, bool) {
	w := u.tokens[i].Lower
	if slices.Contains(selfWords, w) {
		if w == "e" && (i == 0 || !slices.Contains(modals, u.tokens[i-1].Lower)) {
			return named{}, false // "e" is "er" too; after a modal it is "jeg"
		}
		who := p.voice(u)
		return named{from: i, to: i + 1, name: who.name, ambiguous: who.ambiguous}, true
	}
	if w == "du" {
		if who, ok := addressee(u, p); ok {
			to := i + 1
			if who.from == i+1 {
				to = who.to // "da tar du, Ola, kontakt"
			}
			return named{from: i, to: to, name: who.name, ambiguous: who.ambiguous}, true
		}
		return named{}, false
	}
	return p.owner(u.tokens, i)
}

// addressee is the person that a sentence speaks to by name: "Kari, du ...", "... du, Kari, ...", "..., Kari?".
func addressee(u *utterance, p *people) (named, bool) {
	for _, n := range p.all(u.tokens) {
		if isVocative(u, n) {
			return n, true
		}
	}
	if n := len(u.tokens); n > 0 { // without the comma, at the very end after "du"
		if last, ok := p.at(u.tokens, n-1); ok && slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return t.Lower == "du" }) && n >= 2 && u.tokens[n-2].Lower != "og" &&
			!slices.Contains([]string{"til", "fra", "frå", "med", "av", "for", "hos", "om", "på"}, u.tokens[n-2].Lower) {
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
