package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// readiness asks for a thing by when it can be there: "kan du ha forslaget klart til torsdag?", "rapporten, når har du
// den ferdig?", "får jeg et notat fra deg?".
var (
	readiness = norsk.Phrases("klar|klart|klare|ferdig|ferdige", "i mål", "på plass")
	getting   = norsk.Phrases("får|fekk|fikk|skal|kan jeg|eg|vi|me ..1 få?", "skulle ..1 jeg|eg|vi|me ..1 hatt", "jeg|eg|vi|me skulle ..2 hatt", "vil|må jeg|eg|vi|me ..1 ha")
	fromYou   = norsk.Phrases("fra|frå|av|hos deg|dykk|dere|dæ")
)

func (t *tracker) readReadiness(i int, r request) (request, bool) {
	u := &t.us[i]
	who, named := addressee(u, t.p)
	if !named {
		who, named = u.you, u.you.name != ""
	}
	r.verb = verb{infinitive: "ta", strong: true}
	set := func(words string, due limit, dated bool) (request, bool) {
		if named {
			r.Owner, r.ambiguous = who.name, who.ambiguous
		}
		if dated {
			r.due(due, u)
		}
		if pronouns(words) || vague(words) {
			r.bare, r.rest = true, words
			if matter, _, ok := fronted(u); ok {
				r.bare, r.Task = false, norsk.FollowUp.In(t.form())+": "+matter+"."
			}
			return r, true
		}
		r.Task = norsk.FollowUp.In(t.form()) + ": " + words + "."
		return r, true
	}
	if _, to, ok := norsk.FindAny(getting, u.tokens); ok {
		if from, _, ok := norsk.FindAny(fromYou, u.tokens); ok && from > to {
			words, due, dated := object(u, to, len(u.tokens), t.p, t.c)
			for _, s := range []string{" fra deg", " frå deg", " av deg", " fra dere", " frå dykk"} {
				words = strings.Replace(words, s, "", 1)
			}
			if r, ok := set(words, due, dated); ok && !r.bare {
				r.Task = "Sende " + words + "."
				return r, true
			}
		}
	}
	from, end, ok := norsk.FindAny(readiness, u.tokens)
	if !ok || !u.question() {
		return request{}, false
	}
	for k := 0; k < from; k++ {
		w := u.tokens[k].Lower
		_, name := t.p.at(u.tokens, k)
		if !(w == "du" || name && k > 0 && (modal(u.tokens[k-1].Lower) || u.tokens[k-1].Lower == "har")) || k == 0 || !askers[u.tokens[k-1].Lower] && !modal(u.tokens[k-1].Lower) && !slices.Contains([]string{"greier", "klarer", "rekker"}, u.tokens[k-1].Lower) {
			continue
		}
		if name {
			n, _ := t.p.at(u.tokens, k)
			who, named, k = n, true, n.to-1
		}
		start := k + 1
		if start < from && slices.Contains([]string{"ha", "få", "gjøre", "gjere", "være", "vere"}, u.tokens[start].Lower) {
			start++
		}
		words, _, _ := object(u, start, from, t.p, t.c)
		due, dated := t.c.find(u.tokens[end:])
		due.From, due.To = due.From+end, due.To+end
		return set(words, due, dated)
	}
	return request{}, false
}
