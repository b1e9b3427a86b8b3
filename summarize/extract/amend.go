package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

var (
	takenBack = norsk.Phrases("trenger|treng|trengs|trengst|behøver|behøves ..1 du|vi|me|det|jeg|eg|han|hun|ho|dere? ..1 ikke|ikkje", "trengs|trengst ikke|ikkje", "ikke|ikkje nødvendig|naudsynt|nødvendigvis likevel?",
		"vi|me dropper|droppar|skipper|stryker ..1 det|den", "dropp|dropper|droppar|stryk|stryker ..1 det|den|dette|oppgaven|oppgåva|punktet", "glem|gløym ..1 det|den|dette", "likevel ikke|ikkje", "ikke|ikkje ..4 likevel", "gjør|gjer|tar|tek ikke|ikkje jeg|eg det|den",
		"tar|tek|trekker|trekk ..3 tilbake|attende", "la det ligge|liggje", "det er allerede|allereie gjort|ordna|ordnet|fikset|fiksa|bestilt|sendt|sagt",
		"det er gjort", "er|ble|vart|har|blitt ..3 allerede|allereie ..3 gjort|ordna|ordnet|fikset|fiksa|bestilt|bestilte|sendt|sende|skrevet|skrive|kjøpt|ringt|levert|avtalt|tinga|laga|laget",
		"har ..2 allerede|allereie gjort|skrevet|skrive|bestilt|tinga|sendt|ordnet|ordna|kjøpt|ringt|laget|laga|fikset|fiksa", "har|er ..3 alt gjort|skrive|bestilt|tinga|sendt|ordna|kjøpt|ringt|laga|fiksa",
		"slipper|slepp ..1 du|jeg|eg|vi|me", "blir|vert ..1 ikke|ikkje noe|noko? av", "da|då slipper|slepp", "utgår", "er avlyst|avlyste|lagt på is", "venter|ventar ..1 vi|me med", "rekker|rekk|får jeg|eg ikke|ikkje likevel", "kan jeg|eg ikke|ikkje ta likevel", "jeg|eg klarer|klarar|rekker|rekk ..1 ikke|ikkje likevel")
	amends = norsk.Phrases("nei", "i stedet", "i staden", "istedenfor|istaden|isteden", "heller", "rettelse", "retting", "forresten", "unnskyld", "orsak", "korrigere", "utsette|utsetter|utset", "flytter|flyttar|flytte", "jeg|eg mener|meiner|meinte|mente", "likevel", "var visst", "skal være|vere", "feil",
		"retter|rettar", "ble|vart visst", "må bli", "blir|vert for knapt|tidlig|tidleg|seint|sent", "korrigerer|korrigerar", "endrer|endrar|endre", "bytter|byter|bytte", "ombestem~", "beklager|beklagar", "la oss si", "seier heller", "sier heller")
)

// about is the task that an utterance speaks of, by what it names, else by nearness; -1 when none.
func (t *tracker) about(i int, near int) (at int, named bool) {
	u := &t.us[i]
	words := content(u.tokens)
	best, score := -1, 0
	for j := len(t.list) - 1; j >= 0; j-- {
		verb, object, _ := strings.Cut(t.list[j].Task, " ")
		n := 2 * shared(content(norsk.Tokens(object)), words)
		if i-t.list[j].at <= 2 && (n > 0 || shared([]string{strings.ToLower(verb)}, words) > 0) {
			n++ // of two that fit, the one just spoken of
		}
		if i-t.list[j].at <= 2 && shared([]string{strings.ToLower(verb)}, words) > 0 {
			n++
		}
		if n > score {
			best, score = j, n
		}
	}
	if best >= 0 && score > 0 {
		if _, object, _ := strings.Cut(t.list[best].Task, " "); alike(object, u.text) >= 0.5 {
			t.topic, t.topicAt = t.list[best].Task, i
		}
		return best, true
	}
	if t.topic != "" && i-t.topicAt <= 2 { // named in the sentence before: "Det brevet til brukerne. Det blir innen mandag."
		if j := slices.IndexFunc(t.list, func(x task) bool { return x.Task == t.topic }); j >= 0 {
			return j, true
		}
	}
	if j := len(t.list) - 1; j >= 0 && i-t.list[j].at <= near && t.us[t.list[j].at].theme == u.theme {
		return j, false
	}
	return -1, false
}

// takeBack drops a task that somebody says is not needed, or is done. A person is told.
func (t *tracker) takeBack(i int) bool {
	u := &t.us[i]
	if u.question() || len(u.tokens) > 24 {
		return false
	}
	me := t.p.voice(u).name
	if n := len(t.list) - 1; n >= 0 && t.list[n].at == i-1 && me != "" && t.list[n].Owner == me && t.us[i-1].voice == u.voice {
		// "Jeg kan jo. Eller nei, jeg har tentamen."
		if _, no := startsWith(norsk.Phrases("eller nei", "nei", "nei forresten|vent", "men nei"), u.tokens); no && !norsk.Has(norsk.Phrases("men", "i stedet|staden"), u.tokens) {
			if _, dated := t.c.find(u.tokens); !dated && len(norsk.Dates(u.tokens, t.c.day)) == 0 {
				x := t.list[n]
				t.list = t.list[:n]
				if len(x.Evidence) > 1 && !norsk.Has(takenBack, u.tokens) { // it was asked for, so that somebody else may take it
					x.Owner, x.at = "", i
					t.open = append(t.open, request{task: x, asked: true})
				} else {
					t.doubt(x.Task, evidence(x.Evidence, u.evidence), norsk.ReasonTakenBack)
				}
				return true
			}
		}
	}
	if !norsk.Has(takenBack, u.tokens) {
		return false
	}
	if _, _, must := norsk.FindAny(norsk.Phrases("ikke|ikkje glemme|gløyme", "må ikke|ikkje"), u.tokens); must {
		return false
	}
	near := 1
	if i > 0 && t.us[i-1].voice == u.voice {
		near = 2
	}
	j, named := t.about(i, near)
	if n := len(t.list) - 1; j < 0 && n >= 0 && t.list[n].Owner == me && me != "" && i-t.list[n].at <= window && t.us[t.list[n].at].theme == u.theme {
		j = n // "nei, da gjør ikke jeg det likevel"
	}
	pointed := slices.ContainsFunc(u.tokens, func(t norsk.Token) bool {
		return slices.Contains([]string{"det", "den", "dette", "oppgaven", "oppgåva"}, t.Lower)
	}) || len(u.tokens) <= 5
	if j >= 0 && (named || pointed) {
		x := t.list[j]
		t.list = slices.Delete(t.list, j, j+1)
		t.doubt(x.Task, evidence(x.Evidence, u.evidence), norsk.ReasonTakenBack)
		return true
	}
	for j := len(t.open) - 1; j >= 0; j-- {
		if r := &t.open[j]; i-r.at <= 3 && pointed {
			t.open = slices.Delete(t.open, j, j+1)
			return true
		}
	}
	return false
}

// change applies what an utterance does to a task taken before: a deadline set or corrected. It reports
// whether the utterance is about nothing else.
func (t *tracker) change(i int) bool {
	u := &t.us[i]
	amending := norsk.Has(amends, u.tokens)
	l, dated := t.c.find(u.tokens)
	if !dated && amending { // "Nei, la oss si mandag.": a corrected day without a preposition
		all := norsk.Dates(u.tokens, t.c.day)
		all = slices.DeleteFunc(all, func(d norsk.Date) bool { return denied(u.tokens, d) })
		if len(all) == 0 {
			return false
		}
		l, dated = limit{Date: all[len(all)-1]}, true
	}
	if !dated || len(u.tokens) > 18 || norsk.Has(nextMeeting, u.tokens) || norsk.Has(norsk.Phrases("møtet|møte"), u.tokens) {
		return false
	}
	_, only := t.agreed(u)
	if u.question() && !only {
		return false // asks when something else is
	}
	short := len(u.tokens) <= 10
	aboutDeadline := norsk.Has(norsk.Phrases("frist~", "innen", "innan", "senest", "seinast"), u.tokens)
	gives := len(hits(u, t.p)) > 0
	// A request that waits: "Innen fredag?", "Fristen er mandag."
	if n := len(t.open) - 1; n >= 0 && !gives && u.voice != "" && i-t.open[n].at <= 1 && t.open[n].voice == u.voice && short && len(u.tokens)-(l.To-l.From) <= 4 && (len(t.list) == 0 || t.list[len(t.list)-1].at < t.open[n].at) {
		r := &t.open[n]
		if r.Due == nil || amending || aboutDeadline {
			r.due(l, u)
			r.Evidence, r.at = evidence(r.Evidence, u.evidence), i
			return true
		}
	}
	j, named := t.about(i, window)
	if j < 0 {
		return false
	}
	x := &t.list[j]
	recent := i-x.at <= 2
	sameTheme := t.us[x.at].theme == u.theme
	switch {
	case x.Due == nil && i-x.at <= 3 && sameTheme && !gives && len(u.tokens) <= 12 && aboutDeadline:
	case x.Due == nil && recent && sameTheme && short && !gives && (l.Strength >= 2 || aboutDeadline || len(u.tokens)-(l.To-l.From) <= 3):
	case x.Due == nil && named && aboutDeadline && !gives:
	case x.Due != nil && amending && (named || sameTheme && i-x.at <= window && short && only) && !gives && l.ISO() != *x.Due:
	case x.Due != nil && named && norsk.Has(norsk.Phrases("frist~"), u.tokens) && !gives && l.ISO() != *x.Due:
	case x.Due != nil && recent && sameTheme && len(u.tokens) <= 6 && !gives && l.ISO() != *x.Due && t.us[x.at].voice != u.voice && answersDay(u, l): // "Ja, men til mandag."
	default:
		return false
	}
	x.due(l, u)
	x.Evidence, x.at = evidence(x.Evidence, u.evidence), i
	return true
}

// answersDay reports whether a sentence says little but a day: "Ja, men til mandag."
func answersDay(u *utterance, l limit) bool {
	for i, t := range u.tokens {
		if (i < l.From || i >= l.To) && !openers[t.Lower] && !nothing[t.Lower] && t.Lower != "si" && t.Lower != "først" {
			return false
		}
	}
	return true
}
