package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// bargaining are words around a day that people agree on: "Fredag er for tidlig, mandag går fint."
var bargaining = wordSet(`passer passar rekker rekk rekke klarer klarar klare klara holder held greit greitt fint bra ok okei sent seint tidlig tidleg tidsnok tenkt tenkte hadde senest seinast frist fristen klar klart klare ferdig ferdige ute inne sier seier si
	sei blir bli vert skal må kan får få går gå trenger treng vil heller gjerne problem sikkert kanskje absolutt minst absolutte ønsker ønskjer håper innafor innanfor ha har hatt perfekt supert null godt grei bedre betre best tror trur være vere senere seinare
	lenger lengre før dagen dag kvelden morgen morgon formiddag ettermiddag uka veka måneden månaden nok ikke ikkje men notert selvsagt sjølvsagt jepp jess ja nei jo du dere jeg det den de dei vi me ho han hun da så først fyrst gir gjev gi levert sendt liggje ligge satser prøver prøvar`)

// gatherings tell when people meet, not when something is due.
var gatherings = norsk.Phrases("møte~|møtes|møtest|sees|ses|samles|samlast|treffes|treffest|snakkes|snakkast")

// bargain takes in a sentence that says little but a day, right after a task was asked for or taken: "Skal vi si
// fredag?", "Det er for sent. Mandag, hadde jeg tenkt.", "De må ha det senest tirsdag."
func (t *tracker) bargain(i int) bool {
	u := &t.us[i]
	if len(u.tokens) > 20 || norsk.Has(nextMeeting, u.tokens) || norsk.Has(gatherings, u.tokens) || slices.Equal(t.c.said, u.evidence) {
		return false
	}
	var x *task
	if n := len(t.list) - 1; n >= 0 && i-t.list[n].at <= 4 && t.us[t.list[n].at].theme == u.theme {
		x = &t.list[n]
	}
	if j := t.latest(i); j >= 0 && i-t.open[j].at <= 4 && (x == nil || t.open[j].at > x.at) && t.open[j].asked {
		if r := &t.open[j]; r.voice != u.voice && (r.Owner == "" || r.Owner == t.p.voice(u).name) {
			return false // an answer first of all
		}
		x = &t.open[j].task
	}
	if _, event := startsWith(norsk.Phrases("det|den er|var"), u.tokens); x == nil || x.Due != nil && event && !norsk.Has(amends, u.tokens) {
		return false
	}
	l, ok := t.agreed(u)
	if !ok || t.movedOn(x, i) || x.Due != nil && l.Day.IsZero() {
		return false
	}
	if _, yes := startsWith(accepts, u.tokens); yes && x.Owner == "" || t.waiting(i) && (yes || tookOn(u)) {
		return false // "Ja, på fredag.": an answer first of all
	}
	x.due(l, u)
	x.Evidence, x.at = evidence(x.Evidence, u.evidence), i
	return true
}

// movedOn reports whether something else was taken up between a task and utterance i.
func (t *tracker) movedOn(x *task, i int) bool {
	for k := x.at + 1; k < i; k++ {
		b := &t.us[k]
		if _, next := startsWith(norsk.Phrases("og? så|neste|siste er|var|har|e|va det|vi|me|sak|punkt"), b.tokens); next {
			return true
		}
		other := slices.DeleteFunc(matters(b.tokens), func(w string) bool {
			_, day := norsk.Ordinal(w)
			return day || bargaining[w]
		})
		if len(other) >= 2 && shared(other, matters(norsk.Tokens(x.Task))) == 0 && !b.question() {
			return true
		}
	}
	return false
}

// agreed is the day of a sentence that says nothing but it. Of several the last that is not turned down.
func (t *tracker) agreed(u *utterance) (limit, bool) {
	list := t.days(u.tokens)
	var best limit
	found := false
	for k, tok := range u.tokens {
		if k > 0 && u.tokens[k-1].Mark == ',' && (tok.Lower == "for" || tok.Lower == "fordi") {
			list = slices.DeleteFunc(list, func(l limit) bool { return l.From >= k })
			break // why it is so
		}
		if _, number := norsk.Number(tok.Lower); number && tok.Mark != 0 {
			continue
		}
		if (tok.Lower == "går" || tok.Lower == "gå") && (k+1 == len(u.tokens) || slices.Contains([]string{"greit", "greitt", "fint", "bra", "det", "an", "ikke", "ikkje"}, u.tokens[k+1].Lower)) {
			continue
		}
		if tok.Lower == "går" {
			return limit{}, false // "det går ut 9. desember"
		}
		if slices.ContainsFunc(list, func(l limit) bool { return k >= l.From && k < l.To }) {
			continue
		}
		if !bargaining[tok.Lower] && !openers[tok.Lower] && !nothing[tok.Lower] && !norsk.Functional(tok.Lower) {
			if _, name := t.p.at(u.tokens, k); !name {
				return limit{}, false
			}
		}
	}
	for _, l := range list {
		if refusedDay(u.tokens, l) {
			continue
		}
		best, found = l, true
	}
	return best, found
}

// refusedDay tells a day that its clause says no to: "fredag rekker jeg ikke", "mandag er for sent".
func refusedDay(tokens []norsk.Token, l limit) bool {
	from, to := l.From, l.To
	for from > 0 && tokens[from-1].Mark == 0 && tokens[from-1].Lower != "men" {
		from--
	}
	for to < len(tokens) && tokens[to-1].Mark == 0 && tokens[to].Lower != "men" {
		to++
	}
	clause := tokens[from:to]
	if norsk.Has(norsk.Phrases("ikke|ikkje før", "ikke|ikkje senere|seinare enn", "ikke|ikkje noe|noko problem"), clause) {
		return false
	}
	return norsk.Has(norsk.Phrases("ikke|ikkje", "for sent|seint|tidlig|tidleg|knapt", "i stedet|staden for"), clause)
}

// days are the days that a sentence names, also "den fjerde" and "mandag sekstende", which only mean a day where
// one was asked for.
func (t *tracker) days(tokens []norsk.Token) []limit {
	var out []limit
	for _, d := range norsk.Dates(tokens, t.c.day) {
		out = append(out, limit{Date: d})
	}
	if len(out) == 0 || slices.ContainsFunc(out, func(l limit) bool { return l.To < len(tokens) && ordinalAt(tokens, l.To) }) {
		for k := range tokens {
			if !ordinalAt(tokens, k) {
				continue
			}
			from := k
			lead := []norsk.Token{{Text: "til", Lower: "til"}, {Text: "den", Lower: "den"}}
			if k > 0 && tokens[k-1].Lower == "den" {
				from--
			}
			word := tokens[k]
			word.Mark = '.'
			if n, _ := norsk.Ordinal(word.Lower); n < 10 && !(k > 1 && norsk.Has(norsk.Phrases("til|før|innen|innan|senest|seinast|på"), tokens[k-2:k])) {
				continue // "den fjerde" alone may count anything
			}
			for _, d := range norsk.Dates(append(lead, word), t.c.day) {
				d.From, d.To = from, k+1
				if k > 0 {
					for _, earlier := range out { // "mandag sekstende": one day, if they agree
						if earlier.To == from && !earlier.Day.IsZero() && !d.Day.IsZero() && earlier.Day.Weekday() == d.Day.Weekday() {
							d.From = earlier.From
						}
					}
				}
				out = slices.DeleteFunc(out, func(l limit) bool { return l.From >= d.From && l.To <= d.To || l.To == d.From })
				out = append(out, limit{Date: d})
			}
		}
	}
	for _, l := range t.c.limits(tokens) {
		if !slices.ContainsFunc(out, func(o limit) bool { return o.From < l.To && l.From < o.To }) {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b limit) int { return a.From - b.From })
	return out
}

// ordinalAt tells a day of the month that stands alone.
func ordinalAt(tokens []norsk.Token, k int) bool {
	n, ok := norsk.Ordinal(tokens[k].Lower)
	if !ok || n < 1 || n > 31 || n < 3 && (k == 0 || tokens[k-1].Lower != "den") {
		return false
	}
	return k+1 >= len(tokens) || tokens[k].Mark != 0 || bargaining[tokens[k+1].Lower] || openers[tokens[k+1].Lower] || nothing[tokens[k+1].Lower]
}

// promised begin a sentence in which the speaker says what the others get: "Dere får lista på fredag."
var promised = norsk.Phrases("du|dere|de|dykk|dokker|utvalget|utvalet|styret|alle skal|vil|kan? få|ha", "får|har|skal|kan du|dere|de|dykk", "du|dere|de|dykk får|har", "den|det|dei|de|dem|ho får|har|skal|kan du|dere|de|dykk få|ha?")

// delivers reads such a sentence: who says it has taken it on to send what they get.
func (t *tracker) delivers(i int) bool {
	u := &t.us[i]
	if u.question() || conditional(u) || norsk.Has(norsk.Phrases("ikke|ikkje", "rett", "lov", "tenke", "bare|berre ha"), u.tokens) {
		return false
	}
	from, to, ok := norsk.FindAny(promised, u.tokens)
	if !ok || from > 3 || to >= len(u.tokens) && from == 0 && len(t.days(u.tokens)) == 0 {
		return false
	}
	if _, verb := infinitives[u.tokens[min(to, len(u.tokens)-1)].Lower]; verb || to < len(u.tokens) && participles[u.tokens[to].Lower].infinitive != "" {
		return false // "du får ta det", "dere har gjort det"
	}
	me := t.p.voice(u)
	fromMe := norsk.Has(norsk.Phrases("fra|frå|av|hos meg"), u.tokens)
	words, due, dated := object(u, to, len(u.tokens), t.p, t.c)
	for _, s := range []string{" fra meg", " frå meg", " av meg", "fra meg", "frå meg"} {
		words = strings.TrimSpace(strings.Replace(words, s, "", 1))
	}
	if !dated {
		if all := t.days(u.tokens[from:]); len(all) > 0 {
			due, dated = all[len(all)-1], true
			due.From, due.To = due.From+from, due.To+from
			if due.From >= to {
				words = tidy(u.text[u.tokens[to].Start:u.tokens[max(to, due.From-1)].End])
				if due.From <= to {
					words = ""
				}
			}
		}
	}
	if !fromMe && !dated || me.name == "" {
		return false
	}
	words = strings.TrimSuffix(strings.TrimSuffix(words, " klart"), " klar")
	// of what was asked for, or taken on
	if j := t.latest(i); j >= 0 && t.waiting(i) && (t.open[j].Owner == "" || t.open[j].Owner == me.name) && t.open[j].voice != u.voice && (vague(words) || pronouns(words) || t.open[j].asked || alike(t.open[j].Task, words) > 0) {
		r := t.open[j]
		t.open = slices.Delete(t.open, j, j+1)
		r.with(verb{infinitive: "sende", strong: true}, t.form())
		if strings.Contains(r.Task, ": ") && len(matters(norsk.Tokens(words))) > 0 {
			r.Task = "Sende " + words + "." // "du skal få et overslag": what was asked for, in plain words
		}
		x := r.task
		x.Owner, x.ambiguous = me.name, me.ambiguous
		if dated {
			x.due(due, u)
		}
		x.Evidence, x.at = evidence(x.Evidence, u.evidence), i
		t.add(x)
		return true
	}
	if n := len(t.list) - 1; n >= 0 && t.list[n].Owner == me.name && i-t.list[n].at <= 3 && (pronouns(words) || vague(words) || alike(t.list[n].Task, words) > 0) {
		if dated {
			t.list[n].due(due, u)
		}
		t.list[n].Evidence, t.list[n].at = evidence(t.list[n].Evidence, u.evidence), i
		return true
	}
	if pronouns(words) || vague(words) || len(matters(norsk.Tokens(words))) == 0 {
		return false
	}
	x := task{verb: verb{infinitive: "sende", strong: true}, at: i, ambiguous: me.ambiguous}
	x.Owner, x.Evidence = me.name, u.evidence
	x.Task = "Sende " + words + "."
	if dated {
		x.due(due, u)
	}
	t.add(x)
	return true
}
