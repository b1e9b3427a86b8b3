package evidence

import (
	"slices"

	"github.com/referent/referent/summarize/norsk"
)

// refusal is one of the ways in which a matter comes to nothing, or not now: its own words, and others that say as much
// of a matter.
type refusal struct{ words, others []norsk.Pattern }

var refusals = []refusal{
	{norsk.Phrases("avvis~|avslå~|avslått|avslo|avslag~|forkast~|nedstemt|nedrøysta"), nil},
	{norsk.Phrases("utsett~|utsatt|utset|utsatte"), norsk.Phrases("skyv~|skuv~|vente|venter|ventar|utover|frys~|flytt~|seinere|senere|seinare", "til|på neste møte|gang|gong")},
}

// result holds each sentence of a statement against its source: whether a matter went on or came to nothing.
func result(st *statement, src source, as role) (out []Fault) {
	for i := 0; i < len(st.words); {
		one := st.around(i)
		out = append(append(out, refused(one, src, as)...), granted(one, src, as)...)
		i += len(one.words)
	}
	return out
}

// refused are a sentence's words for turning a matter down or putting it off, where nobody says so of it: one word in
// the place of another makes the opposite of a resolution, with every name and number right.
func refused(st *statement, src source, as role) []Fault {
	tokens := st.tokens()
	denied := denies(tokens) >= 0
	for _, r := range refusals {
		at, _, ok := norsk.FindAny(r.words, tokens)
		if !ok {
			continue
		}
		// Of two alternatives the one that is put in the statement's words counts: it holds most of them.
		most := 0
		for _, s := range src.sentences {
			if !norsk.Has(r.words, s.tokens) {
				most = max(most, shared(st, s, span{0, len(s.words)}))
			}
		}
		if !slices.ContainsFunc(src.sentences, func(s sentence) bool {
			n := shared(st, s, span{0, len(s.words)})
			if norsk.Has(r.words, s.tokens) {
				return n > most || bare(s) && !s.question
			}
			if denied {
				return false
			}
			// That a proposal fell does not change its wording.
			fell := as != asProposed && (n > 0 || bare(s)) && norsk.Has(fellWords, s.tokens)
			return fell || n > 0 && (norsk.Has(r.others, s.tokens) || norsk.Has(flatly, s.tokens))
		}) {
			return []Fault{{Kind: Outcome, Words: tokens[at].Text}}
		}
	}
	return nil
}

// flatly are the denials that can be of a whole matter: "uten lys" is of the light alone, "ingen imot" of the vote.
var flatly = norsk.Phrases("ikke|ikkje|aldri")

// turnsDown reports whether words turn a matter down or put it off.
func turnsDown(tokens []norsk.Token) bool {
	return slices.ContainsFunc(refusals, func(r refusal) bool { return norsk.Has(r.words, tokens) })
}

// grants are words for going on with a matter.
var grants = norsk.Phrases("innvilg~", "vedta|vedtas|vedtatt|vedtek|vedteke|vedteken|vedtakast", "godkjen~")

// granted are a sentence's words for going on with a matter of which its source says only that it is turned down or
// put off.
func granted(st *statement, src source, as role) []Fault {
	tokens := st.tokens()
	at, _, ok := norsk.FindAny(grants, tokens)
	if !ok || turnsDown(tokens) {
		return nil
	}
	others, refusing := 0, -1 // the most words that one of them shares with the statement; -1: there is none
	for _, s := range src.sentences {
		n := shared(st, s, span{0, len(s.words)})
		switch {
		case norsk.Has(grants, s.tokens) && (n > 0 || bare(s)) && !turnsDown(s.tokens), as != asProposed && norsk.Has(fellWords, s.tokens):
			return nil
		case turnsDown(s.tokens):
			refusing = max(refusing, n)
		default:
			others = max(others, n)
		}
	}
	if refusing >= others {
		return []Fault{{Kind: Outcome, Words: tokens[at].Text}}
	}
	return nil
}
