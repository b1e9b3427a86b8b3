package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// Deadlines that stand outside the sentence that gives a task: asked for afterwards, told before, or with the
// word that is to be sent when it is done.

var asksWhen = norsk.Phrases("når|nårtid|ka|hvor|kor ..1 får|kan|har|er|blir|rekker|rekk|klarer|klarar|tror|trur|fort|snart|raskt du|dere|de|dykk|det|den|vi", "når|nårtid ..3 du|dere|dykk|ferdig|klar|klart", "hvor|kor fort|snart|raskt", "innen|innan når", "hva|ka|kva er fristen", "til når")

// askedWhen takes the day that an owner names when asked for it, whatever else the answer says: "Når får du gjort
// det?" "Brevet skal være av gårde innen utgangen av måneden."
func (t *tracker) askedWhen(i int) bool {
	u := &t.us[i]
	me := t.p.voice(u).name
	n := len(t.list) - 1
	for n >= 0 && t.list[n].Owner != me {
		n--
	}
	if n < 0 || i == 0 || u.question() || t.us[i-1].voice == u.voice || !t.us[i-1].question() || !norsk.Has(asksWhen, t.us[i-1].tokens) {
		return false
	}
	x := &t.list[n]
	if i-x.at > window || t.us[x.at].theme != u.theme {
		return false
	}
	l, ok := t.agreed(u)
	if !ok {
		l, ok = t.c.find(u.tokens)
	}
	if !ok || refusedDay(u.tokens, l) {
		return false
	}
	x.due(l, u)
	x.Evidence, x.at = evidence(x.Evidence, u.evidence), i
	return true
}

var deadlineWords = norsk.Phrases("frist~", "svarfrist~", "søknadsfrist~", "innleveringsfrist~")

// term gives a task the deadline that was told of its matter just before: "Fristen er den femtende." "Jeg tar den.",
// "Jeg trenger vikar torsdag." "Jeg kan ta gruppene dine."
func (t *tracker) term(x *task) {
	if k := x.at - 1; k >= 0 && t.us[k].voice != t.us[x.at].voice && norsk.Has(lacks, t.us[k].tokens) {
		if l, ok := t.c.find(t.us[k].tokens); ok && !l.Day.IsZero() {
			x.due(l, &t.us[k])
			x.Evidence = evidence(t.us[k].evidence, x.Evidence)
			return
		}
	}
	for k := x.at; k >= max(0, x.at-4); k-- {
		u := &t.us[k]
		if u.theme != t.us[x.at].theme || !norsk.Has(deadlineWords, u.tokens) || norsk.Has(norsk.Phrases("ikke|ikkje noen|nokon|noe"), u.tokens) {
			continue
		}
		told := matters(u.tokens)
		if k > 0 && t.us[k-1].voice == u.voice {
			told = append(told, matters(t.us[k-1].tokens)...)
		}
		if shared(matters(norsk.Tokens(x.Task)), told) == 0 {
			continue
		}
		if slices.ContainsFunc(t.list, func(o task) bool { return o.at >= k || slices.Contains(o.Evidence, u.evidence[0]) && o.Due != nil }) {
			return // another task's
		}
		for _, l := range slices.Backward(t.days(u.tokens)) {
			if !l.Day.IsZero() && !refusedDay(u.tokens, l) {
				x.due(l, u)
				x.Evidence = evidence(u.evidence, x.Evidence)
				return
			}
		}
	}
}

// reporting are the words of a task that is no more than to tell those present of the one before.
var reporting = wordSet("sende gi gje gir si seie skrive ringe komme kome melde høre høyre deg dere dykk dokker beskjed melding e-post epost mail sms svar lyd fra frå tilbake tilbakemelding så en ein ei et eit da når")

// reports reports whether a task is only to tell of the one that the same voice took just before, which then has
// its deadline: "Jeg sjekker det, så sender jeg deg en e-post i morgen."
func (t *tracker) reports(i int, x *task) bool {
	n := len(t.list) - 1
	if n < 0 || t.list[n].Owner != x.Owner || i-t.list[n].at > 1 || t.us[t.list[n].at].voice != t.us[i].voice {
		return false
	}
	told := false
	for _, w := range norsk.Tokens(strings.TrimSuffix(x.Task, ".")) {
		if !reporting[w.Lower] && !norsk.Functional(w.Lower) {
			return false
		}
		told = told || slices.Contains([]string{"deg", "dere", "dykk", "dokker"}, w.Lower)
	}
	if !told {
		return false
	}
	if last := &t.list[n]; last.Due == nil && last.vague == "" {
		last.Due, last.vague = x.Due, x.vague
		last.Evidence = evidence(last.Evidence, x.Evidence)
	}
	return true
}
