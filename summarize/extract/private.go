package extract

import (
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// Private holds a statement of a care note that the rules did not write against what a note must not hold.
// said is what the statement rests on and before what was said right before it: a code often stands in the
// sentence after the one that names it. left is the statement without codes, passwords and private numbers;
// secret tells that some were there, and others that it tells private matters of somebody else than the user.
func Private(text, said, before, form string) (left string, secret, others bool) {
	cued, theirs := norsk.Has(codeCues, norsk.Tokens(before+" "+said)), false
	for _, s := range norsk.Sentences(said) {
		tokens := norsk.Tokens(s)
		theirs = theirs || aboutOthers(tokens) || namesOther(&utterance{tokens: tokens})
	}
	var sentences []string
	for _, s := range norsk.Sentences(text) {
		tokens := norsk.Tokens(s)
		// A statement may turn the words around: whoever it is about is then known by what was said.
		others = others || aboutOthers(tokens) || namesOther(&utterance{tokens: tokens}) ||
			theirs && (norsk.Has(relation, tokens) || norsk.Has(private, tokens))
		out, found := withoutSecrets(s, form, cued)
		secret = secret || found
		cued = cued || norsk.Has(codeCues, tokens)
		sentences = append(sentences, out)
	}
	if !secret {
		return text, false, others
	}
	return strings.Join(sentences, " "), true, others
}
