package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

var revokes = norsk.Phrases("vi|me går tilbake på|frå|fra", "går bort fra|frå", "omgjør|omgjer vi|me", "vi|me omgjør|omgjer", "trekker|trekk vi|me ..2 tilbake|attende", "vi|me trekker|trekk ..2 vedtak~|beslutning~|avgjerd~", "ikke|ikkje noe|noko av ..2 likevel", "ikke|ikkje ..4 likevel", "likevel ikke|ikkje",
	"dropper|droppar vi|me ..3 likevel", "vi|me dropper|droppar ..3 likevel", "blir|vert ikke|ikkje noe|noko av", "ombestem~", "vi|me snur|snudde", "snur vi|me", "stryk ..1 vedtaket|beslutningen|avgjerda|det", "gjelder|gjeld ikke|ikkje likevel")

// revise drops what the meeting went back on later, and puts a corrected day or number in its place. What was
// dropped is returned as well, with the sentence that dropped it, for a person to see.
func revise(us []utterance, list []referent.Decision) (out, revoked []referent.Decision) {
	at := func(d referent.Decision) int {
		last := -1
		for i := range us {
			if slices.Contains(us[i].evidence, d.Evidence[len(d.Evidence)-1]) {
				last = i
			}
		}
		return last
	}
	for k, d := range list {
		i := at(d)
		begin := i + 1
		kept := true
		for j := begin; j < len(us) && kept && i >= 0; j++ {
			u := &us[j]
			if !u.turns || u.question() {
				continue
			}
			// Few sentences go back on anything; what they have in common with a decision costs more to find.
			back, other := norsk.Has(revokes, u.tokens) && !norsk.Has(norsk.Phrases("ikke|ikkje før"), u.tokens), norsk.Has(amends, u.tokens) || norsk.Corrects(u.tokens)
			if !back && !other {
				continue
			}
			named := shared(content(norsk.Tokens(d.Text)), content(u.tokens)) > 0
			more, _ := additions(us, theme{from: 0, to: len(us)}, j)
			instead := content(norsk.Tokens(strings.Join(more, " "))) // "Ok, vi snur. Det blir blå fliser."
			named = named || shared(content(norsk.Tokens(d.Text)), instead) > 0
			near := j-i <= 4 && len(instead) == 0 && us[i].theme == u.theme && !slices.ContainsFunc(list[k+1:], func(o referent.Decision) bool { return at(o) < j })
			if !named && !near {
				continue
			}
			if back && (named || len(u.tokens) <= 12) {
				kept = false
				d.Evidence = evidence(d.Evidence, u.evidence)
				revoked = append(revoked, d)
				continue
			}
			if other {
				if text, ok := replaced(d.Text, u); ok {
					d.Text, d.Evidence = text, evidence(d.Evidence, u.evidence)
				}
			}
		}
		if kept {
			out = append(out, d)
		}
	}
	return superseded(us, out, at), revoked
}

// superseded drops a decision that a later one about the same takes the place of.
func superseded(us []utterance, list []referent.Decision, at func(referent.Decision) int) []referent.Decision {
	return slices.DeleteFunc(slices.Clone(list), func(d referent.Decision) bool {
		return slices.ContainsFunc(list, func(o referent.Decision) bool {
			j := at(o)
			return j > at(d) && alike(d.Text, o.Text) >= 0.5 && (norsk.Has(amends, us[j].tokens) || j > 0 && us[j-1].voice == us[j].voice && us[j-1].turns)
		})
	})
}

// replaced puts the day that a correction names in the place of the one in the text.
func replaced(text string, u *utterance) (string, bool) {
	tokens := norsk.Tokens(text)
	old := bareDates(tokens)
	var fresh []norsk.Date
	for _, d := range bareDates(u.tokens) {
		if !denied(u.tokens, d) {
			fresh = append(fresh, d)
		}
	}
	if len(old) != 1 || len(fresh) == 0 {
		return "", false
	}
	n := fresh[len(fresh)-1]
	was, is := text[tokens[old[0].From].Start:tokens[old[0].To-1].End], u.text[u.tokens[n.From].Start:u.tokens[n.To-1].End]
	if norsk.Fold(was) == norsk.Fold(is) || len(u.tokens) > 16 {
		return "", false
	}
	end := tokens[old[0].To-1].End
	return strings.TrimRight(text[:tokens[old[0].From].Start]+is+text[end:], " "), true
}
