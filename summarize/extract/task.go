package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// task is an action item while later sentences can still change it.
type task struct {
	referent.ActionItem
	verb      verb
	at        int    // utterance that spoke of it last
	bare      bool   // its object is a pronoun, so it has no text yet
	silent    bool   // nor is there a pronoun: "jeg kan bestille"
	vagueness bool   // it has a text, which only points back: "ringe dem"
	firm      bool   // said with a word that binds
	rest      string // what stands beside the pronoun
	ambiguous bool   // the owner's name can mean several people
	vague     string // a deadline that gives no one day
}

// doubt is an item for a person to look at.
type doubt struct {
	item   referent.ReviewItem
	reason norsk.Word
}

// tracker follows tasks through a meeting: what is asked for, who takes it, and what becomes of it later.
// What is only suggested, denied, hoped for, conditional or done already is no task.
type tracker struct {
	us   []utterance
	p    *people
	c    *calendar
	list []task
	open []request
	out  []doubt
	// topic is the text of the task that a sentence spoke of last, and where.
	topic   string
	topicAt int
	// answeredAt is the utterance that last said yes to something.
	answeredAt int
}

// window, in utterances, is how far back a "den" or "det" can point, and how long a request waits for an answer.
const window = 6

// tasks finds who takes on what by when.
func tasks(us []utterance, p *people, c *calendar) ([]task, []doubt) {
	t := &tracker{us: us, p: p, c: c, answeredAt: -2}
	pointed(us, p)
	for i := range us {
		t.expire(i)
		us[i].task = t.read(i)
		t.status(i)
	}
	t.expire(len(us) + window + 1)
	return t.list, t.out
}

var begun = norsk.Phrases("i gang", "påbegynt|påbyrja", "halvveis|halvvegs", "nesten|snart ferdig", "under arbeid", "godt i gang", "begynt|byrja|starta|startet på")

// status takes in what the owner says of a task right after it: that it will do, or how far it has come, as in
// "Jeg er halvveis."
func (t *tracker) status(i int) {
	n := len(t.list) - 1
	u := &t.us[i]
	if n < 0 || i-t.list[n].at > 1 || t.list[n].Status != "" || u.question() || t.p.voice(u).name != t.list[n].Owner {
		return
	}
	if _, yes := startsWith(accepts, u.tokens); yes && len(u.tokens) <= 5 && t.us[t.list[n].at].voice != u.voice {
		t.list[n].Evidence = evidence(t.list[n].Evidence, u.evidence) // "Ok, det går.", to a deadline that was put right
	}
	from, to, ok := norsk.FindAny(begun, u.tokens)
	if !ok || norsk.Has(norsk.Phrases("ikke|ikkje", "må|skal|kan|setter|set|sette"), u.tokens[:from]) {
		return
	}
	t.list[n].Status = strings.ToLower(u.text[u.tokens[from].Start:u.tokens[to-1].End])
	t.list[n].Evidence = evidence(t.list[n].Evidence, u.evidence)
}

// read takes in one utterance, and reports whether it was about a task.
func (t *tracker) read(i int) bool {
	u := &t.us[i]
	if jokes(u) {
		t.unsay(i)
		return false
	}
	if t.takeBack(i) || t.askedWhen(i) || t.bargain(i) || t.change(i) || t.delivers(i) {
		return true
	}
	statement := u.question() && tagged(u) && len(hits(u, t.p)) > 0
	if !statement {
		if r, ok := readRequest(t, i); ok {
			t.ask(i, r)
			return true
		}
		if u.question() {
			return false
		}
	}
	if t.declines(i) {
		return true
	}
	answered := t.answer(i)
	if answered {
		t.answeredAt = i
	}
	if r, ok := readOffer(t, i); ok && !answered {
		t.open = append(t.open, r)
		return true
	}
	if conditional(u) || norsk.Has(recommends, u.tokens) || norsk.Has(proposes, u.tokens) || t.quoted(i) {
		if r, ok := wasTo(u, i, t.p, t.c); ok && !answered {
			t.open = append(t.open, r)
		}
		return answered
	}
	for _, found := range assigned(u, t.p, t.c) {
		found.at = i
		if t.restates(i, &found) {
			answered = true
			continue
		}
		answered = t.take(i, found, answered) || answered
	}
	if !answered {
		if r, ok := need(u, i, t.p, t.c); ok {
			t.open = append(t.open, r)
		}
	}
	return answered
}

// quoted reports whether a sentence is the text of a proposal announced just before it.
func (t *tracker) quoted(i int) bool {
	u := &t.us[i]
	if i == 0 || t.us[i-1].voice != u.voice {
		return false
	}
	b := &t.us[i-1]
	_, to, ok := norsk.FindAny(proposes, b.tokens)
	return ok && len(b.tokens)-to <= 6 || norsk.Has(norsk.Phrases("forslag~|framlegg~|innstilling~|tilråding~ ..2 lyder|lyd"), b.tokens)
}

// take adds a task that a sentence gives; one whose object is a pronoun gets it from what was said before.
func (t *tracker) take(i int, found task, answered bool) bool {
	if found.vagueness && t.pointsAt(i, &found) {
		return true
	}
	if !found.bare {
		if j := t.wanted(i, &found); j >= 0 { // what was asked for, said again in full
			r := t.open[j]
			t.open = slices.Delete(t.open, j, j+1)
			t.answeredAt = i
			found.Evidence = evidence(r.Evidence, found.Evidence)
			if found.Due == nil && found.vague == "" {
				found.Due, found.vague = r.Due, r.vague
			}
			if found.Owner == "" {
				found.Owner = r.Owner
				if found.Owner == "" {
					found.Owner = r.was
				}
			}
		}
		if found.Owner == "" {
			t.doubt(found.Task, found.Evidence, norsk.ReasonOwner) // "jeg", by a voice that nobody has named
			return true
		}
		if n := len(t.list) - 1; n >= 0 && !answered && strings.Contains(t.list[n].Task, ": ") && t.list[n].Owner == found.Owner && i-t.list[n].at <= 1 {
			// "Den kan jeg ta. Jeg skriver om veiledningen.": now it is said in full
			found.Evidence = evidence(t.list[n].Evidence, found.Evidence)
			t.list = t.list[:n]
		}
		if !t.reports(i, &found) {
			t.add(found)
		}
		return true
	}
	u := &t.us[i]
	if j := t.latest(i); found.silent && (j < 0 || t.open[j].verb.infinitive != found.verb.infinitive) {
		return false
	}
	generic := slices.Contains([]string{"ta", "gjøre", "gjere", "fikse", "ordne", "få", "se", "sjå", "følge", "følgje"}, found.verb.infinitive)
	if j := len(t.list) - 1; j >= 0 && (t.list[j].Owner == found.Owner || found.Owner == "") && !t.waiting(i) && i-t.list[j].at <= 2 {
		last := &t.list[j] // "jeg sender den på mandag": of the task just taken
		if found.Due != nil || found.vague != "" {
			last.Due, last.vague = found.Due, found.vague
			last.Evidence = evidence(last.Evidence, found.Evidence)
		}
		last.at = i
		return true
	}
	if answered {
		return true
	}
	if j := t.latest(i); j >= 0 && t.open[j].takes(found.verb) {
		r := t.open[j]
		t.open = slices.Delete(t.open, j, j+1)
		r.with(found.verb, t.form())
		if found.Owner != "" {
			r.Owner, r.ambiguous = found.Owner, found.ambiguous
		} else if r.Owner == "" {
			r.Owner = r.was
		}
		if found.Due != nil || found.vague != "" {
			r.Due, r.vague = found.Due, found.vague
		}
		r.Evidence, r.at = evidence(r.Evidence, found.Evidence), i
		if r.Owner == "" {
			t.doubt(r.Task, r.Evidence, norsk.ReasonOwner)
			return true
		}
		t.add(r.task)
		return true
	}
	if j := len(t.list) - 1; j >= 0 && i-t.list[j].at <= 4 && t.us[t.list[j].at].theme == u.theme && norsk.Has(amends, u.tokens) {
		last := &t.list[j] // "nei, Siv tar det heller"
		last.Owner, last.ambiguous, last.at = found.Owner, found.ambiguous, i
		last.Evidence = evidence(last.Evidence, found.Evidence)
		return true
	}
	if !generic && !found.verb.strong || i == 0 || found.Owner == "" {
		return false
	}
	// "Kaffemaskinen lekker. Det fikser jeg.": what was said before says what.
	if b := &t.us[i-1]; b.task && b.voice != u.voice || norsk.Has(norsk.Phrases("gjøre|gjere|få"), norsk.Tokens(found.verb.infinitive)) && !found.firm {
		return false // "det gjør jeg": an answer to something else
	}
	said, matter, ids := t.antecedent(i)
	if said == "" {
		return false
	}
	found.Task = t.withThing(found.verb, found.rest, said, matter)
	found.Evidence = evidence(ids, found.Evidence)
	found.bare = false
	t.add(found)
	return true
}

// pointsAt finds what a task's words point back to: "jeg ringer dem", "jeg spør han". It reports whether the task is
// then part of one that is known; else its text is made to say it.
func (t *tracker) pointsAt(i int, found *task) bool {
	u := &t.us[i]
	if j := t.latest(i); j >= 0 && t.waiting(i) && i-t.open[j].at <= 3 && (t.open[j].Owner == "" || t.open[j].Owner == found.Owner) && found.Owner != "" && !t.open[j].thing {
		r := t.open[j]
		t.open = slices.Delete(t.open, j, j+1)
		x := r.task
		x.Owner, x.ambiguous, x.at = found.Owner, found.ambiguous, i
		x.Evidence = evidence(x.Evidence, found.Evidence)
		if found.Due != nil || found.vague != "" {
			x.Due, x.vague = found.Due, found.vague
		}
		t.add(x)
		return true
	}
	if n := len(t.list) - 1; n >= 0 && t.list[n].Owner == found.Owner && i-t.list[n].at <= 1 {
		x := &t.list[n]
		if found.Due != nil || found.vague != "" {
			x.Due, x.vague = found.Due, found.vague
		}
		x.Evidence, x.at = evidence(x.Evidence, found.Evidence), i
		return true
	}
	if said, matter, ids := t.antecedent(i); said != "" && (i == 0 || !t.us[i-1].task || t.us[i-1].voice == u.voice) {
		found.Task = t.withThing(found.verb, found.rest, said, matter)
		found.Evidence = evidence(ids, found.Evidence)
	}
	return false
}

// waiting reports whether a request was made after the last task was taken.
func (t *tracker) waiting(i int) bool {
	j := t.latest(i)
	return j >= 0 && (len(t.list) == 0 || t.open[j].at > t.list[len(t.list)-1].at)
}

// particle is what of the words beside a pronoun belongs to the verb: "følger det opp".
func particle(words string) string {
	for _, w := range norsk.Tokens(words) {
		if slices.Contains([]string{"opp", "ut", "inn", "over", "på", "ned"}, w.Lower) {
			return w.Lower
		}
	}
	return ""
}

func (t *tracker) form() string { return t.p.form }

// add puts a task on the list, into one that is there already when it says the same again.
func (t *tracker) add(x task) {
	for j := len(t.list) - 1; j >= 0; j-- {
		o := &t.list[j]
		if !sameTask(o, &x) {
			continue
		}
		o.Evidence, o.at = evidence(o.Evidence, x.Evidence), x.at
		if x.Due != nil || x.vague != "" {
			o.Due, o.vague = x.Due, x.vague
		}
		return
	}
	if x.Due == nil && x.vague == "" {
		t.term(&x)
	}
	t.list = append(t.list, x)
}

// sameTask reports whether two tasks are one: of one owner, and about the same.
func sameTask(a, b *task) bool {
	if a.Owner != b.Owner {
		return false
	}
	return norsk.Fold(a.Task) == norsk.Fold(b.Task) || alike(a.Task, b.Task) >= 0.6
}

// alike is the share of the content words of the shorter text that the other holds, at least two of them.
func alike(a, b string) float64 {
	x, y := content(norsk.Tokens(a)), content(norsk.Tokens(b))
	if len(y) < len(x) {
		x, y = y, x
	}
	if n := shared(x, y); n >= 2 || n == len(x) && n > 0 {
		return float64(n) / float64(len(x))
	}
	return 0
}

// content are the words of a text that say what it is about.
func content(tokens []norsk.Token) []string {
	var out []string
	for _, t := range tokens {
		if len([]rune(t.Lower)) >= 3 && !norsk.Functional(t.Lower) && !verbal[t.Lower] {
			out = append(out, t.Lower)
		}
	}
	return out
}

// verbal are words that many tasks have in common.
var verbal = wordSet(`sende sender sendte ta tar tek lage lager skal kan må får opp inn ut med til den det fra frå sjekke sjekker gjøre gjør gjere gjer fikse fikser ordne ordner
	følge følger bli blir vil innen innan fredag mandag måndag tirsdag tysdag onsdag torsdag allerede allereie trenger treng likevel oppgaven oppgåva frist fristen ikke ikkje
	jeg eg du vi me han hun ho bare berre også nei forresten egentlig eigentleg altså klar ferdig neste uke veke møte møtet`)

func shared(x, y []string) int {
	n := 0
	for _, w := range x {
		if slices.ContainsFunc(y, func(v string) bool {
			return norsk.SameWord(v, w) || partOf(w, v) || partOf(v, w)
		}) {
			n++
		}
	}
	return n
}

// partOf reports whether a word is a whole part of a compound: "dekk" of "piggdekk". Endings are none.
func partOf(w, compound string) bool {
	return len([]rune(w)) > 3 && !slices.Contains([]string{"inger", "ingen", "inga", "elsen", "heten", "ning", "else"}, w) && norsk.PartOf(w, compound)
}

// unsay drops what was said for fun, in the sentences just before.
func (t *tracker) unsay(i int) {
	for j := len(t.list) - 1; j >= 0; j-- {
		if i-t.list[j].at <= 1 && t.us[t.list[j].at].theme == t.us[i].theme {
			x := t.list[j]
			t.list = slices.Delete(t.list, j, j+1)
			t.doubt(x.Owner+": "+x.Task, x.Evidence, norsk.ReasonJoke)
		}
	}
	t.open = slices.DeleteFunc(t.open, func(r request) bool { return i-r.at <= 1 })
}

func (t *tracker) doubt(text string, ids []string, why norsk.Word) {
	t.out = append(t.out, doubt{referent.ReviewItem{Text: strings.TrimPrefix(text, ": "), Evidence: ids}, why})
}
