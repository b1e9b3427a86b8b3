package extract

import (
	"slices"

	"github.com/referent/referent/summarize/norsk"
)

// conditional tells sentences that do not commit anybody now.
func conditional(u *utterance) bool {
	single := !slices.ContainsFunc(u.tokens[:max(0, len(u.tokens)-1)], func(t norsk.Token) bool { return t.Mark == ',' })
	if norsk.Has(uncommitted, u.tokens) || single && norsk.Has(othertimes, u.tokens) {
		return true
	}
	// "Hvis ingen andre vil, tar jeg det": only a clause with "if" before the task is a condition on it
	for _, p := range conditions {
		if from, _, ok := p.Find(u.tokens); ok && (from < 4 || u.tokens[from-1].Mark == 0) {
			return true
		}
	}
	return false
}

var (
	uncommitted = norsk.Phrases("burde", "kanskje", "foreslår|føreslår", "håper|håpar", "kunne|skulle ønske|tenke|tenkje", "sa at", "sa han|hun|ho", "skulle ha|hatt")
	// othertimes make the clause they stand in tell of what was or what is done as a rule.
	othertimes = norsk.Phrases("ville|hadde", "pleier|plar|bruker|brukar å", "i fjor", "forrige|førre|sist", "alltid", "vanligvis", "vanlegvis", "hver gang", "kvar gong", "i går")
	conditions = norsk.Phrases("hvis", "viss", "dersom", "bør", "tror|trur")
)

var joking = norsk.Phrases("haha", "hahaha", "hehe", "hæhæ", "latter", "tuller|tullar bare|berre?", "bare|berre tulla|tullet|tøysa|tøyset|spøkte|spøka|kødda|kødder", "tøyser|tøysar|kødder|køddar", "det var en|ein spøk|vits|spøk",
	"neida|neidå|neidu|neigu", "fra|frå spøk til alvor|ålvor", "spøk til side", "spøk", "på tull", "det var tull", "på fleip", "fleip")

// jokes tells a sentence that takes what was just said as a joke.
func jokes(u *utterance) bool { return norsk.Has(joking, u.tokens) }
