package evidence

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

// denials turn what stands beside them into its opposite.
var denials = []string{"ikke", "ikkje", "ikkj", "aldri", "ingen", "inga", "inkje", "ingenting", "intet", "uten", "utan", "verken", "korkje", "neppe", "nei"}

func polar(lower string) bool { return slices.Contains(denials, lower) }

// affirmed are denials that deny nothing.
var affirmed = norsk.Phrases("ikke|ikkje ..1 glem~|gløym~", "ikke|ikkje bare|berre", "ikke|ikkje minst", "ikke|ikkje sant", "ikke|ikkje noe|noko|nokon problem",
	"uten|utan tvil", "ikke|ikkje uvanlig|uvanleg", "hvorfor|kvifor ikke|ikkje")

// turned are words that deny by themselves, so that "droppes" and "gjøres ikke" are not held against each other.
var turned = norsk.Phrases("dropp~", "avlys~", "utgår", "fritatt|fritas|fritek|friteken", "avslå~|avslått|avslag~", "avvis~|avvist", "forkast~", "stryk~", "stans~", "utsett~|utsatt|utset",
	"nekt~", "avstå~", "slutter|sluttar|sluttet|slutta", "nedlegg~|nedlagt", "uendret|uendra", "mangl~", "mindre", "stengt|stengd", "trukket|trekt")

// count is how many words deny among words.
func count(words []norsk.Token) int {
	n := 0
	for len(words) > 0 {
		at := denies(words)
		if at < 0 {
			break
		}
		n++
		words = words[at+1:]
	}
	return n
}

// denies returns where a stretch of words denies something, or -1.
func denies(words []norsk.Token) int {
	for i, t := range words {
		if !polar(t.Lower) || t.Lower == "nei" && len(words) > 2 {
			continue
		}
		cancelled := false
		for _, p := range affirmed {
			for from := max(0, i-1); from <= i; from++ {
				if end, ok := p.At(words, from); ok && i < end {
					cancelled = true
				}
			}
		}
		if !cancelled {
			return i
		}
	}
	return -1
}

// hedges say that something is proposed, wished, doubted or conditional.
var hedges = norsk.Phrases("kanskje", "burde", "bør", "muligens", "mogleg|mulig at", "kunne ha?", "vurdere|vurderer|vurderes|vurderast", "foreslår|foreslå|foreslo|føreslår|føreslå|føreslo",
	"mitt|vårt|et|eit forslag|framlegg", "ønsker|ønskjer|ynskjer|ønske|ønskje", "håper|håpar|vonar", "tror|trur", "skulle ønske|ønskje|gjerne", "i så fall",
	"lurer|lurar på", "tenkte|tenkjer vi|jeg|eg|me", "eventuelt kan|kunne", "hadde vært|vore", "en|ein idé|ide", "forslaget|framlegget mitt|vårt er|lyder|lyd", "innstiller|tilrår på?",
	"kan jo", "kunne vi|me|jeg|eg|du|dere", "skal vi|me ikke|ikkje")

// conditions make what they stand with depend on something.
var conditions = norsk.Phrases("hvis", "viss", "dersom", "forutsatt", "føresett", "med mindre")

// openly are a statement's words that leave open what the hedges of its source leave open.
var openly = norsk.Phrases("foreslå~|føreslå~|foreslo|føreslo|forslag~|framlegg~", "innstill~|tilrå~", "ønsk~|ynskj~", "vurder~", "diskuter~|drøft~", "spør~|spurte|spurde|spørsmål", "kanskje", "bør|burde", "kan|kunne",
	"håp~", "tror|trur|trudde|trodde", "mener|meiner|mente|meinte", "eventuelt", "mulig~|mogleg~", "idé|ide|ideen", "tok opp", "etterlys~", "argumenter~", "uttrykte", "syntes|syns|synest")

func hedging(lower string) bool {
	t := []norsk.Token{{Text: lower, Lower: lower}}
	return norsk.Has(hedges, t) || norsk.Has(openly, t) || norsk.Has(conditions, t)
}

// A ruling is a kind of result that a statement can tell of.
type ruling int

const (
	adopted ruling = iota
	unanimous
	fell
	approved
	majority
	minority
)

var rulings = []struct {
	ruling
	words []string
}{
	{adopted, strings.Fields("vedtatt vedtar vedtok vedtas vedtatte vedteke vedteken vedtekne vedtek besluttet beslutta besluttes beslutter bestemt bestemte bestemmer avgjort avgjord")},
	{unanimous, strings.Fields("enstemmig einstemmig samrøystes enstemmige")},
	{fell, strings.Fields("falt fall faller fell nedstemt nedstemte nedrøysta forkastet forkasta avvist avslått avslo")},
	{approved, strings.Fields("godkjent godkjend godkjente godkjende godkjennes")},
	{majority, strings.Fields("flertall flertallet fleirtal fleirtalet")},
	{minority, strings.Fields("mindretall mindretallet mindretal mindretalet")},
}

func deciding(lower string) bool {
	return slices.ContainsFunc(rulings, func(r struct {
		ruling
		words []string
	}) bool {
		return slices.Contains(r.words, lower)
	})
}

// told returns the results that a stretch of words tells of, with the word that does.
func told(tokens []norsk.Token) map[ruling]string {
	out := map[ruling]string{}
	for i, t := range tokens {
		for _, r := range rulings {
			if !slices.Contains(r.words, t.Lower) {
				continue
			}
			kind := r.ruling
			denied := slices.ContainsFunc(tokens[max(0, i-2):min(len(tokens), i+2)], func(t norsk.Token) bool { return t.Lower == "ikke" || t.Lower == "ikkje" })
			if denied && kind != fell {
				kind = fell
			}
			out[kind] = t.Text
		}
	}
	return out
}

var (
	noneAgainst = norsk.Phrases("ingen|inga ..2 mot|imot", "alle ..3 for|ja|enige|einige|samde", "ingen|inga innvending~|motforestilling~|motførestilling~|merknad~")
	fellWords   = norsk.Phrases("falt|fall|faller|fell|nedstemt|nedrøysta|forkastet|forkasta|avvist", "ikke|ikkje ..1 vedtatt|vedteke|vedteken|flertall|fleirtal|nok", "blir|vart|ble|er ..1 avslått")
	agreements  = norsk.Phrases("enige|einige|samde|samd om|i", "gikk|gjekk inn for", "går inn? for", "gjør|gjer vi|me det slik|sånn", "sånn|slik gjør|gjer vi|me", "sier|seier vi|me det",
		"blir|er|vert det slik|sånn", "konkluderte|konkluderer|konklusjon~", "lander|landa|landar|landet på", "velger|vel vi|me", "til orientering|etterretning")
)

// rulings said here and now, and agreements in so many words.
var settling = norsk.Phrases("godkjenner|godkjennar jeg|eg|vi|me", "bestemmer|bestemme|vedtar|vedta|vedtek|beslutter|spikrer|spikrar vi|me", "vi|me bestemmer|vedtar|vedtek|beslutter|spikrer|spikrar", "går vi|me for", "vi|me går for",
	"vi|me er|e|blir enige|enig|samde", "er|e|blir vi|me ..1 enige|enig|einige|samde", "da|då er|e det ..2 bestemt|vedtatt|vedteke|avgjort", "vi|me held|holder oss")

// elsewhen are words that put a decision at another time than now, or leave it to somebody else.
var elsewhen = norsk.Phrases("vedtok", "vedtatt|vedteke|bestemt|bestemte ..3 i fjor", "forrige|førre møte|gang|gong|uke|veke", "sist møte|gang|gong", "sist", "tidligere|tidlegare", "den gangen|gongen", "allerede|allereie", "ennå|enno", "må|skal|kan|bør|burde ..2 vedtas|vedta|vedtakast|bestemme|bestemmes|avgjøres|avgjerast",
	"når vi|me får|har")

// settles reports whether a sentence settles something: the wording of a decision or of a vote, not put
// as a question, not told of another time.
func settles(s sentence) bool {
	if s.question {
		return false
	}
	if extract.Decides(s.text) {
		return true
	}
	if hedged(s) || norsk.Has(elsewhen, s.tokens) {
		return false
	}
	if denies(s.tokens) < 0 && (norsk.Has(agreements, s.tokens) || norsk.Has(settling, s.tokens)) {
		return true
	}
	for r := range told(s.tokens) {
		if r != majority && r != minority {
			return true
		}
	}
	return false
}

// rules returns the results that the source tells of.
func (c *Checker) rules(src source) map[ruling]bool {
	out := map[ruling]bool{}
	for _, s := range src.sentences {
		if s.question || c.jest(s) {
			continue
		}
		settled := settles(s)
		for r := range told(s.tokens) {
			if settled || !hedged(s) {
				out[r] = true
			}
		}
		failed := norsk.Has(fellWords, s.tokens)
		if failed {
			out[fell] = true
		}
		if settled && !failed {
			out[adopted] = true
		}
		if norsk.Has(noneAgainst, s.tokens) {
			out[unanimous] = true
		}
	}
	return out
}

// jests mark what is not meant; the latter also what was said a few sentences before.
var (
	jests    = norsk.Phrases("haha", "hahaha", "ha ha", "hehe", "he he", "vel like godt", "neida", "neidå", "bare|berre tull|tulla|tullet|tøys|tøysa|fleip|fleipa|spøk|spøkte|spøka", "en|ein spøk")
	sobering = norsk.Phrases("neida", "neidå", "seriøs|seriøse|seriøst", "alvorlig|alvorleg talt", "jeg|eg bare|berre tulla|tullet|tøysa|fleipa|spøkte|spøka|spøkte", "det var bare|berre ..1 spøk|tull|fleip", "bare|berre tull|tøys|fleip")
)

// jest reports whether a sentence was not meant: it says so, or what follows does.
func (c *Checker) jest(s sentence) bool {
	if s.segment < 0 || len(c.said) == 0 {
		return false
	}
	if norsk.Has(jests, s.tokens) {
		return true
	}
	after, passed := 0, false
	for i := s.segment; i < min(len(c.said), s.segment+4); i++ {
		for _, e := range c.said[i].sentences {
			if !passed {
				passed = i == s.segment && e.text == s.text
				continue
			}
			after++
			if after <= 4 && norsk.Has(sobering, e.tokens) || after == 1 && norsk.Has(jests, e.tokens[:min(3, len(e.tokens))]) {
				return true
			}
		}
	}
	return false
}

func hedged(s sentence) bool { return norsk.Has(hedges, s.tokens) || norsk.Has(conditions, s.tokens) }

// stance holds against the source whether something was denied, settled or left open.
func (c *Checker) stance(st *statement, src source, pairs []pair, as role) []Fault {
	var out []Fault
	if as != asProposed {
		out = append(out, c.outcomes(st, src)...)
	}
	for _, p := range pairs {
		out = append(out, polarity(p, src)...)
	}
	if as == asStated {
		out = append(out, c.modality(st, src, pairs)...)
	}
	return out
}

// outcomes finds results in a statement that the source does not tell of.
func (c *Checker) outcomes(st *statement, src source) []Fault {
	claims := told(st.tokens())
	if len(claims) == 0 {
		return nil
	}
	held := c.rules(src)
	for _, r := range rulings {
		word, claimed := claims[r.ruling]
		if !claimed || held[r.ruling] {
			continue
		}
		if r.ruling == approved && held[adopted] && !held[fell] {
			continue
		}
		if len(held) == 0 {
			return []Fault{{Kind: Undecided, Words: word}}
		}
		return []Fault{{Kind: Outcome, Words: word}}
	}
	return nil
}

// modality finds a sentence that states as settled what its source leaves open.
func (c *Checker) modality(st *statement, src source, pairs []pair) []Fault {
	var settling []sentence
	for _, s := range src.sentences {
		if settles(s) && !norsk.Has(fellWords, s.tokens) && !c.jest(s) {
			settling = append(settling, s)
		}
	}
	for _, s := range st.sentences {
		if s.question || norsk.Has(openly, s.tokens) || norsk.Has(hedges, s.tokens) || norsk.Has(jests, s.tokens) {
			continue
		}
		conditional := norsk.Has(conditions, s.tokens)
		best := 0
		var from []sentence
		for _, p := range pairs {
			if p.sentence.text != s.text || 2*p.best < p.matter {
				continue
			}
			for _, m := range p.to {
				if m.shared > best {
					best, from = m.shared, nil
				}
				if m.shared == best {
					from = append(from, m.sentence)
				}
			}
		}
		if len(from) == 0 || slices.ContainsFunc(from, func(e sentence) bool { return !e.question && !open(e, conditional) && !c.jest(e) }) {
			continue
		}
		if slices.ContainsFunc(settling, func(e sentence) bool { return c.excuses(e, from[0], s, src) }) {
			continue
		}
		if from[0].question && (replied(from[0], src) || denies(s.tokens) >= 0) { // a denial is checked as one
			continue
		}
		return []Fault{{Kind: Modality, Words: shorten(from[0].text)}}
	}
	return nil
}

// excuses reports whether a settling sentence of the source is of what sentence s of the statement says: they
// share matter, or it settles in bare words what was said before it ("Da gjør vi det slik").
func (c *Checker) excuses(settling, said, s sentence, src source) bool {
	own := readStatement(s.text)
	return shared(own, settling, span{0, len(settling.words)}) > 0 || named(settling) == 0 && later(settling, said, src) && c.meant(settling, own, src)
}

// later reports whether sentence a of the source comes after sentence b.
func later(a, b sentence, src source) bool {
	passed := false
	for _, s := range src.sentences {
		switch {
		case s.segment == b.segment && s.text == b.text:
			passed = true
		case passed && s.segment == a.segment && s.text == a.text:
			return true
		}
	}
	return false
}

// open reports whether a sentence of the source leaves its matter open; a long one may hedge something else.
// conditional: the statement has a condition too, which then opens nothing.
func open(s sentence, conditional bool) bool {
	return (norsk.Has(hedges, s.tokens) || !conditional && norsk.Has(conditions, s.tokens)) && len(s.words) <= 2*longClause
}

// replied reports whether a yes follows a question in the source.
func replied(q sentence, src source) bool {
	after := false
	for _, s := range src.sentences {
		if after && !s.question && s.speaker != q.speaker && norsk.Has(accepts, s.tokens[:min(6, len(s.tokens))]) {
			return true
		}
		after = after || s.segment == q.segment && s.text == q.text
	}
	return false
}

// shorten keeps a quotation of the source within a line.
func shorten(s string) string {
	f := strings.Fields(s)
	if len(f) > 10 {
		return strings.Join(f[:10], " ") + " …"
	}
	return strings.Join(f, " ")
}
