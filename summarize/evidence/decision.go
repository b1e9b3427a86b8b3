package evidence

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

// after is how many segments after those cited the words that settle a matter may stand.
const after = 3

var (
	recommending = norsk.Phrases("innstill~", "tilråd~|tilrå~|tilrår", "kommunedirektør~", "rådmann~")
	proposing    = norsk.Phrases("foreslår|føreslår|foreslå|føreslå", "forslag~", "framlegg~", "endringsforslag~|tilleggsforslag~|fellesforslag~")
)

// Decision checks a statement of what was decided: beside its words, that these very matters were settled
// in the cited segments or just after.
func (c *Checker) Decision(text string, ids []string) []Fault {
	out := c.check(text, ids, asDecided)
	src := c.cite(ids)
	if !src.empty() && !c.settled(text, src) && !c.votedFor(text, ids) {
		out = append(out, Fault{Kind: Undecided, Words: strings.TrimSpace(text)})
	}
	return out
}

// votedFor reports whether the rules hear a vote that adopted this, and nothing in it does not add up.
func (c *Checker) votedFor(text string, ids []string) bool {
	return slices.ContainsFunc(c.heard(), func(h referent.Vote) bool {
		return len(h.Faults) == 0 && ends(h.Outcome) == adopted && c.sameVote(text, ids, h)
	})
}

func (c *Checker) settled(text string, src source) bool {
	st := readStatement(text)
	matter := 0
	for _, w := range st.words {
		if !w.function && !polar(w.Lower) && !deciding(w.Lower) && !template(w.Lower) {
			matter++
		}
	}
	if !slices.ContainsFunc(st.words, func(w word) bool {
		return !w.function && !polar(w.Lower) && !deciding(w.Lower) && !template(w.Lower) && !numeral(w)
	}) {
		return false // "15.": nobody can tell what was settled
	}
	enough := max(1, min(2, matter/3))
	last := src.segments[len(src.segments)-1].index
	cited := map[int]bool{}
	for _, s := range src.segments {
		cited[s.index] = true
	}
	for i := src.segments[0].index; i < min(len(c.said), last+1+after); i++ {
		if !cited[i] && !c.follows(i, cited) {
			continue
		}
		if i > last && slices.ContainsFunc(c.said[i].sentences, func(s sentence) bool { return norsk.Has(fellWords, s.tokens) }) {
			break // what was last spoken of fell; what is settled after it is something else
		}
		for _, s := range c.said[i].sentences {
			if c.jest(s) || norsk.Has(fellWords, s.tokens) {
				continue
			}
			if contrary(s, st) {
				continue
			}
			n := shared(st, s, span{0, len(s.words)})
			chairs := c.chairs(s.speaker)
			if cited[i] && carried(s) && ofThis(s, st) && (chairs || c.m.Kind == referent.KindProtocol && c.reports(s.speaker)) && c.proposed(st, src) {
				return true
			}
			if !settles(s) {
				if chairs && declares(s) && 10*n >= 6*matter && n > 0 {
					return true
				}
				if c.m.Kind == referent.KindProtocol || !cited[i] || hedged(s) || norsk.Has(elsewhen, s.tokens) || !extract.Concludes(s.text, chairs) {
					continue
				}
			}
			if n >= enough {
				return true
			}
			if bare(s) && c.meant(s, st, src) {
				return true
			}
		}
	}
	return false
}

// leaving says of something that nothing comes of it.
var (
	leftBe  = norsk.Phrases("lar|lèt|let|lét|la|lat ..4 være|vere|ligge|liggje|fare")
	leaving = norsk.Phrases("lar|lèt|let|lét|la|lat ..4 være|vere|ligge|liggje|fare", "dropper|droppar|skrinlegger|skrinlegg|skrinlegges")
)

// contrary reports whether a sentence denies the matter of a statement that denies nothing: "Da går vi ikke for
// hjertestarter" settles that none is bought.
func contrary(s sentence, st *statement) bool {
	if s.question || denies(st.tokens()) >= 0 || norsk.Has(turned, st.tokens()) {
		return false
	}
	denied := false
	for _, cl := range s.clauses {
		if shared(st, s, cl) == 0 {
			continue
		}
		words := s.tokens[cl.from:cl.to]
		if denies(words) < 0 && !norsk.Has(leaving, words) || norsk.Has(noneAgainst, words) {
			return false
		}
		denied = true
	}
	return denied
}

// carries are wordings, beside those of a resolution, in which a chair says that what was voted on is carried.
var carries = norsk.Phrases("det er|e|var|ble|vart ..1 flertall|fleirtal", "vi|me sitter|sit|står igjen|att med", "får|fikk|fekk|har|fått ..2 flertall|fleirtal|fleirtalet|flertallet", "tillegget|forslaget|framlegget|punktet|det|den er ..1 med|inne", "vant|vann ..2 frem|fram", "går|gikk|gjekk ..1 gjennom|igjennom", "samlet|samla ..1 kommunestyre|formannskap|utvalg|utval|ting|fylkesting|råd|styre",
	"da|då går|vert|blir den|det videre|vidare|slik|sånn|stående|ståande", "da|då ble|blei|vart|vert|blir det ..6", "strøket|stroke|stroken", "utsatt|utsett", "avslått")

// carried reports whether a sentence says that something was carried: in words, or by a count that is more for
// than against.
func carried(s sentence) bool {
	if s.question || hedged(s) || norsk.Has(elsewhen, s.tokens) || norsk.Has(fellWords, s.tokens) || norsk.Has(norsk.Phrases("ikke|ikkje ..2 flertall|fleirtal|nok|gjennom|fram|frem|med"), s.tokens) {
		return false
	}
	if norsk.Has(carries, s.tokens) || norsk.Has(noneAgainst, s.tokens) {
		return true
	}
	for i := 1; i+1 < len(s.tokens); i++ {
		if w := s.tokens[i].Lower; w != "mot" && w != "imot" {
			continue
		}
		a, pro := norsk.Number(s.tokens[i-1].Lower)
		b, contra := norsk.Number(s.tokens[i+1].Lower)
		if pro && contra && s.tokens[i-1].Mark == 0 {
			return a > b
		}
	}
	return false
}

// ofThis reports whether what a sentence names beside its count is of the statement: "Ni mot åtte, og ferja går med to
// avganger" carries no other proposal.
func ofThis(s sentence, st *statement) bool {
	named, same := 0, 0
	for i, w := range s.words {
		if _, number := norsk.Number(w.Lower); w.function || number || polar(w.Lower) || deciding(w.Lower) || template(w.Lower) || agreeing(w.Lower) || i > 0 && w.Capitalised() {
			continue
		}
		named++
		if slices.ContainsFunc(st.words, func(o word) bool { return supports(o, w) }) {
			same++
		}
	}
	return named <= 1 || 2*same > named
}

// proposed reports whether the source holds, in one sentence, most of what a statement says was decided.
func (c *Checker) proposed(st *statement, src source) bool {
	matter := 0
	for _, w := range st.words {
		if !w.function && !polar(w.Lower) && !deciding(w.Lower) && !template(w.Lower) {
			matter++
		}
	}
	return slices.ContainsFunc(src.sentences, func(s sentence) bool { return 10*shared(st, s, span{0, len(s.words)}) >= 6*matter })
}

// reports tells a voice that is nobody elected: the secretary or the administration, who count hands too.
func (c *Checker) reports(name string) bool {
	return slices.ContainsFunc(c.m.Participants, func(p referent.Participant) bool { return p.Name == name && name != "" && p.Party == "" })
}

// declaring are the wordings in which the one who leads a meeting states what it has come to.
var (
	declaring = norsk.Phrases("da|då", "vi|me", "blir|vert|bli", "det blir|vert", "gjelder|gjeld", "heretter|heretter", "ok", "okei", "greit")
	managing  = norsk.Phrases("så|da|då har|kommer|kjem|kjæm vi|me", "vi|me tar|tek ..4 først|fyrst", "da|då går|tar|tek|starter|startar|begynner|begynnar|voterer|voterar|røystar|røyster|setter|set|har|kan|får|ser|skjønner|er|må vi|me|jeg|eg", "velkommen|velkomen", "neste møte", "takk for")
)

// declares reports whether a sentence states how it will be: not as a question, a wish or a report of
// what was, and not to lead the meeting.
func declares(s sentence) bool {
	if s.question || hedged(s) || norsk.Has(elsewhen, s.tokens) || norsk.Has(managing, s.tokens) || norsk.Has(norsk.Phrases("jeg|eg|æ"), s.tokens) {
		return false
	}
	passive := slices.ContainsFunc(s.words, func(w word) bool {
		return len(w.Lower) > 5 && (strings.HasSuffix(w.Lower, "es") || strings.HasSuffix(w.Lower, "ast")) && !w.Capitalised()
	})
	return passive || norsk.Has(declaring, s.tokens)
}

// chairs reports whether a person leads the meeting: by role, or, when no role says so, as the first voice.
func (c *Checker) chairs(name string) bool {
	known := false
	for _, p := range c.m.Participants {
		if extract.Leads(p.Role) {
			known = true
			if p.Name == name && name != "" {
				return true
			}
		}
	}
	return !known && len(c.said) > 0 && c.said[0].speaker == name
}

// follows reports whether segment i stands shortly after a cited one.
func (c *Checker) follows(i int, cited map[int]bool) bool {
	for j := max(0, i-after); j < i; j++ {
		if cited[j] {
			return true
		}
	}
	return false
}

// bare reports whether a sentence settles something without saying much of what: "Da er det vedtatt."
func bare(s sentence) bool { return named(s) <= 2 }

// named is how many words of a sentence say what it settles.
func named(s sentence) int {
	n := 0
	for i, w := range s.words {
		if w.function || polar(w.Lower) || deciding(w.Lower) || template(w.Lower) || hedging(w.Lower) || agreeing(w.Lower) || i > 0 && w.Capitalised() || w.Text[0] <= '9' {
			continue
		}
		if _, ok := wordValue(w.Lower); ok {
			continue
		}
		n++
	}
	return n
}

// agreeing are the words of agreement itself.
func agreeing(lower string) bool {
	return slices.Contains(strings.Fields("enige einige samde samd enig einig konkluderer konkluderar konklusjon konklusjonen konkluderte tatt teken tas teke slik sånn greit klart imot stemme stemmer røyst konstatert dermed herved alternativ kommunedirektørens rådmannens"), lower)
}

// meant reports whether a bare word of decision can be of the statement's matter: one about the
// recommendation is not of a member's proposal, and the reverse.
func (c *Checker) meant(s sentence, st *statement, src source) bool {
	best := 0
	var from []sentence
	for _, e := range src.sentences {
		n := shared(st, e, span{0, len(e.words)})
		if n > best {
			best, from = n, nil
		}
		if n == best && n > 0 {
			from = append(from, e)
		}
	}
	if best == 0 {
		return false
	}
	// "forslaget til Nora er vedtatt" is of what Nora said, or of what names her.
	for _, who := range c.people {
		if who != s.speaker && mentioned(who, s.words) && norsk.Has(proposing, s.tokens) {
			return slices.ContainsFunc(from, func(e sentence) bool { return e.speaker == who || mentioned(who, e.words) })
		}
	}
	if !norsk.Has(norsk.Phrases("innstilling~", "tilråding~"), s.tokens) {
		return true
	}
	for _, e := range from {
		if norsk.Has(recommending, e.tokens) || !norsk.Has(proposing, e.tokens) && !c.announced(e) {
			return true
		}
	}
	return false
}

// announced reports whether the sentences just before, of the same voice, put forward a proposal.
func (c *Checker) announced(e sentence) bool {
	for i := max(0, e.segment-1); i <= e.segment; i++ {
		if c.said[i].speaker != e.speaker {
			continue
		}
		for _, s := range c.said[i].sentences {
			if norsk.Has(recommending, s.tokens) {
				return false
			}
			if norsk.Has(proposing, s.tokens) {
				return true
			}
		}
	}
	return false
}
