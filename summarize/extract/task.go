package extract

import (
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// task is an action item while later sentences can still change it.
type task struct {
	referent.ActionItem
	at        int
	ambiguous bool   // the owner's name can mean several people
	vague     string // a deadline that gives no one day
	dropped   bool   // taken back
}

var (
	modals  = []string{"skal", "må", "kan", "får", "vil", "lover", "lovar"}
	adverbs = []string{"da", "då", "også", "òg", "nok", "gjerne", "straks", "så", "bare", "berre", "selv", "sjølv", "jo", "nå", "no", "å", "deretter"}

	firstPerson = []string{"jeg", "eg", "æ", "je"}

	accepts = norsk.Phrases("ja", "jo", "jada", "det|den skal|kan|gjør|gjer|fikser|fiksar|ordner|ordnar|tar|tek|klarer|klarar jeg|eg|vi",
		"jeg|eg tar|tek|skal|kan|gjør|gjer|fikser|ordner|ordnar det|den", "skal bli", "greit", "ok", "okei", "selvsagt", "sjølvsagt", "klart", "gjerne",
		"det går fint|bra", "selvfølgelig", "sjølvsagt", "absolutt")
	refuses = norsk.Phrases("nei", "det|den ..2 rekker|har|kan|klarer|rekk|klarar|tar|tek jeg|eg ikke|ikkje", "jeg|eg ..2 ikke|ikkje", "dessverre", "diverre")
	takes   = norsk.Phrases("det|den|dette tar|tek|fikser|fiksar|ordner|ordnar|gjør|gjer jeg|eg", "det|den|dette kan|skal jeg|eg ta|fikse|ordne|gjøre|gjere",
		"jeg|eg tar|tek det|den|jobben|oppgaven|oppgåva|ansvaret", "jeg|eg kan|skal ta det|den|jobben|oppgaven|oppgåva|ansvaret")
	asks      = norsk.Phrases("kan|kunne|vil du|de", "kan|kunne noen|nokon", "hvem|kven kan|tar|tek|vil", "har du", "klarer|klarar du", "rekker|rekk du")
	takenBack = norsk.Phrases("trenger|treng|trengs|trengst|behøver du|vi|me|det? ikke|ikkje", "trengs|trengst ikke|ikkje", "ikke|ikkje nødvendig|naudsynt likevel?",
		"vi|me dropper|droppar det|den", "glem|gløym det|den", "likevel ikke|ikkje", "tar|tek det|den|oppgaven|oppgåva tilbake|attende",
		"stryk|stryker det|den|oppgaven|oppgåva", "la det ligge|liggje", "det er allerede|allereie gjort", "det er gjort")
	amends = norsk.Phrases("nei", "i stedet", "i staden", "heller", "rettelse", "retting", "forresten", "unnskyld", "orsak", "korrigere", "utsette|utsetter|utset")
)

// tasks finds who takes on what by when. What is only suggested, denied, hoped for, conditional or done
// already is none; a task that is asked for needs an answer; a task taken back is dropped.
func tasks(us []utterance, p *people, day time.Time) (list []task, review []referent.ReviewItem, reasons map[int]norsk.Word) {
	reasons = map[int]norsk.Word{} // index in review -> reason
	ask := func(text string, ids []string, why norsk.Word) {
		reasons[len(review)] = why
		review = append(review, referent.ReviewItem{Text: text, Evidence: ids})
	}
	for i := range us {
		u := &us[i]
		if n := len(list) - 1; n >= 0 && i-list[n].at <= 6 && us[list[n].at].theme == u.theme {
			if changes(&list[n], u, i, day) {
				if list[n].dropped {
					ask(list[n].Task, evidence(list[n].Evidence, u.evidence), norsk.ReasonTakenBack)
					list = list[:n]
				}
				u.task = true
				continue
			}
		}
		if u.question() {
			t, why := asked(us, i, p, day)
			if t == nil {
				continue
			}
			if why != "" {
				ask(t.Task, t.Evidence, why)
				continue
			}
			list = append(list, *t)
			u.task = true
			continue
		}
		if conditional(u) {
			continue
		}
		found := assigned(u, p, day)
		for j := range found {
			found[j].at = i
		}
		if len(found) == 0 && norsk.Has(takes, u.tokens) && u.speaker != "" && i > 0 && !covered(list, i-1) {
			if t := taken(us, i, day); t != nil {
				found = append(found, *t)
			}
		}
		u.task = len(found) > 0
		list = append(list, found...)
	}
	return list, review, reasons
}

// covered reports whether the sentence at i has already given a task.
func covered(list []task, i int) bool {
	return slices.ContainsFunc(list, func(t task) bool { return t.at == i || t.at == i+1 })
}

// conditional tells sentences that do not commit anybody now.
func conditional(u *utterance) bool {
	return norsk.Has(norsk.Phrases("hvis", "viss", "dersom", "burde", "bør", "kanskje", "foreslår|føreslår", "håper|håpar", "tror|trur", "kunne|skulle ønske",
		"ville|hadde", "pleier|plar", "i fjor", "forrige|førre|sist", "alltid", "vanligvis", "vanlegvis"), u.tokens)
}

// assigned reads the tasks that a sentence gives: "Kari sender ...", "jeg skal ...", "så tar Ola ...".
func assigned(u *utterance, p *people, day time.Time) []task {
	var hits []hit
	for i := 0; i < len(u.tokens); i++ {
		if h, ok := hitAt(u, p, i); ok {
			hits = append(hits, h)
			i = h.rest - 1
		}
	}
	var out []task
	for k, h := range hits {
		end := len(u.tokens)
		if k+1 < len(hits) {
			end = hits[k+1].from
			for end > h.rest && slices.Contains([]string{"og", "men", "så", "mens"}, u.tokens[end-1].Lower) {
				end--
			}
		}
		t, ok := h.task(u, end, day)
		if ok {
			out = append(out, t)
		}
	}
	return out
}

// hit is an owner with the verb of what is taken on.
type hit struct {
	from    int // where owner or verb begins
	rest    int // after the verb
	owner   named
	verb    verb
	present bool // said in the present tense: "sender", not "skal sende"
}

// hitAt reads "OWNER [skal] VERB", "VERB OWNER" and "[skal] OWNER VERB" at token i.
func hitAt(u *utterance, p *people, i int) (hit, bool) {
	if who, ok := ownerAt(u, p, i); ok {
		j := skipAdverbs(u.tokens, who.to)
		if j < len(u.tokens) && u.tokens[j-1].Mark == 0 {
			if v, ok := verbs[u.tokens[j].Lower]; ok {
				return hit{from: i, rest: j + 1, owner: who, verb: v, present: true}, true
			}
			if slices.Contains(modals, u.tokens[j].Lower) {
				k := skipAdverbs(u.tokens, j+1)
				if k < len(u.tokens) {
					if v, ok := infinitives[u.tokens[k].Lower]; ok {
						return hit{from: i, rest: k + 1, owner: who, verb: v}, true
					}
				}
			}
		}
		return hit{}, false
	}
	if i+1 >= len(u.tokens) || u.tokens[i].Mark != 0 {
		return hit{}, false
	}
	modal := slices.Contains(modals, u.tokens[i].Lower)
	v, isVerb := verbs[u.tokens[i].Lower]
	if !modal && !isVerb {
		return hit{}, false
	}
	who, ok := ownerAt(u, p, i+1)
	if !ok {
		return hit{}, false
	}
	if !modal {
		return hit{from: i, rest: who.to, owner: who, verb: v, present: true}, true
	}
	k := skipAdverbs(u.tokens, who.to)
	if k >= len(u.tokens) {
		return hit{}, false
	}
	v, ok = infinitives[u.tokens[k].Lower]
	return hit{from: i, rest: k + 1, owner: who, verb: v}, ok
}

// ownerAt reads an owner at token i: a name, a role, the speaker ("jeg"), or who is spoken to by name.
func ownerAt(u *utterance, p *people, i int) (named, bool) {
	w := u.tokens[i].Lower
	if slices.Contains(firstPerson, w) {
		return named{from: i, to: i + 1, name: u.speaker}, u.speaker != ""
	}
	if w == "du" {
		// "Kari, du sender ...", "da tar du, Ola, kontakt"
		names := p.all(u.tokens)
		for _, n := range names {
			if n.to == i && u.tokens[i-1].Mark == ',' {
				return named{from: i, to: i + 1, name: n.name, ambiguous: n.ambiguous}, true
			}
			if n.from == i+1 && u.tokens[i].Mark == ',' {
				return named{from: i, to: n.to, name: n.name, ambiguous: n.ambiguous}, true
			}
		}
		return named{}, false
	}
	return p.owner(u.tokens, i)
}

func skipAdverbs(tokens []norsk.Token, i int) int {
	for i < len(tokens) && slices.Contains(adverbs, tokens[i].Lower) {
		i++
	}
	return i
}

// notTasks follow a verb that then commits nobody: "jeg tar ordet", "jeg ser at".
var notTasks = norsk.Phrases("ordet", "at", "ikke|ikkje", "aldri", "bare|berre si|seie", "meg for", "det for gitt", "votering~", "saken til votering", "om ordet", "inn for", "til grunn",
	"vekk", "imot", "fram til", "utgangspunkt", "forbehold", "permisjon", "avstand")

// task makes the item from what follows the verb, up to token end.
func (h hit) task(u *utterance, end int, day time.Time) (task, bool) {
	rest := u.tokens[h.rest:end]
	if len(rest) > 0 {
		for _, p := range notTasks {
			if _, ok := p.At(rest, 0); ok {
				return task{}, false
			}
		}
	}
	for _, t := range u.tokens[h.from:h.rest] {
		if slices.Contains(negations, t.Lower) {
			return task{}, false
		}
	}
	// A deadline can stand before the verb ("Innen fredag sender jeg ..."), in the first clause only.
	scope, base := rest, h.rest
	due, found := norsk.Deadline(rest, day)
	if !found {
		before := u.tokens[:h.from]
		if d, ok := norsk.Deadline(before, day); ok && d.To >= h.from-1 {
			due, found, scope, base = d, true, nil, 0
		}
	}
	if !h.verb.strong && !(found && due.Strength >= 1 && len(rest) > 1) {
		return task{}, false
	}
	if _, _, ok := norsk.FindAny(norsk.Phrases("ikke|ikkje"), rest[:min(2, len(rest))]); ok {
		return task{}, false
	}
	text := u.text
	from, to := h.rest, end
	var words string
	switch {
	case from >= to:
	case found && scope != nil:
		words = strings.TrimRight(text[u.tokens[from].Start:u.tokens[base+due.From].Start], " ") + " " +
			strings.TrimLeft(text[u.tokens[base+due.To-1].End:u.tokens[to-1].End], " ")
		if due.From == 0 {
			words = text[u.tokens[base+due.To-1].End:u.tokens[to-1].End]
		}
	default:
		words = text[u.tokens[from].Start:u.tokens[to-1].End]
	}
	words = tidy(words)
	if pronouns(words) {
		return task{}, false // "jeg sjekker", "jeg gjør det": what is not said
	}
	if h.present {
		words = allInfinitive(words)
	}
	t := task{ActionItem: referent.ActionItem{Task: norsk.Capitalise(h.verb.infinitive) + " " + words + ".", Owner: h.owner.name,
		Evidence: u.evidence}, ambiguous: h.owner.ambiguous}
	if found {
		t.setDue(due, u)
	}
	return t, true
}

// tidy takes loose commas and the speech around a task away.
func tidy(s string) string {
	s = strings.Join(strings.Fields(strings.NewReplacer(" ,", ",", " .", "").Replace(s)), " ")
	s = norsk.Clean(s)
	s = strings.TrimRight(s, " .,;:–-")
	if s == "" {
		return ""
	}
	tokens := norsk.Tokens(s)
	if len(tokens) > 0 && strings.ToUpper(tokens[0].Text) != tokens[0].Text || len(tokens) > 0 && len(tokens[0].Text) == 1 {
		first := tokens[0]
		if first.Start == 0 {
			s = first.Lower + s[first.End:]
		}
	}
	return s
}

// pronouns tells words that name nothing by themselves.
func pronouns(s string) bool {
	return !slices.ContainsFunc(norsk.Tokens(s), func(t norsk.Token) bool {
		return !slices.Contains([]string{"det", "den", "dette", "de", "dei", "opp", "på", "så", "da", "då"}, t.Lower)
	})
}

// allInfinitive turns the further verbs of a task: "sjekke ... og gir beskjed" -> "og gi beskjed".
func allInfinitive(s string) string {
	tokens := norsk.Tokens(s)
	var b strings.Builder
	at := 0
	for i, t := range tokens {
		if i == 0 || tokens[i-1].Lower != "og" {
			continue
		}
		if v, ok := verbs[t.Lower]; ok {
			b.WriteString(s[at:t.Start] + v.infinitive)
			at = t.End
		}
	}
	return b.String() + s[at:]
}

func (t *task) setDue(d norsk.Date, u *utterance) {
	t.Due, t.vague = nil, ""
	if iso := d.ISO(); iso != "" {
		t.Due = &iso
		return
	}
	t.vague = u.text[u.tokens[d.From].Start:u.tokens[d.To-1].End]
}

// changes applies what a following sentence does to a task: a deadline set or corrected, an owner
// named, the task taken back. It reports whether the sentence was about the task.
func changes(t *task, u *utterance, i int, day time.Time) bool {
	if norsk.Has(takenBack, u.tokens) && len(u.tokens) <= 16 {
		t.dropped = true
		return true
	}
	d, ok := norsk.Deadline(u.tokens, day)
	short := len(u.tokens) <= 10
	switch {
	case ok && short && t.Due == nil && i-t.at <= 2 && (d.Strength >= 2 || norsk.Has(norsk.Phrases("frist~"), u.tokens)):
	case ok && short && t.Due != nil && d.ISO() != *t.Due && norsk.Has(amends, u.tokens):
	case !ok && short && t.Due != nil && norsk.Has(amends, u.tokens):
		// "Nei, la oss si mandag.": a corrected day without a preposition
		all := norsk.Dates(u.tokens, day)
		if len(all) != 1 || all[0].ISO() == *t.Due {
			return false
		}
		d = all[0]
	default:
		return false
	}
	t.setDue(d, u)
	t.Evidence = evidence(t.Evidence, u.evidence)
	return true
}

// asked reads "Kan du, Kari, sende ...?" with the answers that follow. A reason means that a person
// must look at it.
func asked(us []utterance, i int, p *people, day time.Time) (*task, norsk.Word) {
	u := &us[i]
	if _, _, ok := norsk.FindAny(asks, u.tokens); !ok {
		// "Kan Kari sende ...?"
		if !norsk.Has(norsk.Phrases("kan|kunne|vil|skal"), u.tokens[:min(2, len(u.tokens))]) {
			return nil, ""
		}
	}
	at, v, ok := askedVerb(u)
	if !ok {
		return nil, ""
	}
	names := p.all(u.tokens)
	words := u.text[u.tokens[at].End:u.tokens[len(u.tokens)-1].End]
	t := &task{at: i, ActionItem: referent.ActionItem{Evidence: u.evidence}}
	if d, ok := norsk.Deadline(u.tokens[at+1:], day); ok {
		t.setDue(d, &utterance{text: u.text, tokens: u.tokens[at+1:]})
		words = u.text[u.tokens[at].End:u.tokens[at+1+d.From].Start] + u.text[u.tokens[at+d.To].End:u.tokens[len(u.tokens)-1].End]
	}
	for _, n := range names {
		if n.from > at && (u.tokens[n.from-1].Mark == ',' || n.to == len(u.tokens)) {
			words = strings.Replace(words, u.text[u.tokens[n.from].Start:u.tokens[n.to-1].End], "", 1) // "..., Kari?"
		}
	}
	if words = tidy(words); words == "" {
		return nil, ""
	}
	t.Task = norsk.Capitalise(v.infinitive) + " " + words + "."
	if len(names) > 0 && (names[0].from <= 3 || names[0].to == len(u.tokens)) {
		t.Owner, t.ambiguous = names[0].name, names[0].ambiguous
	}
	return answer(us, i, t, day)
}

// askedVerb is the first infinitive of a question.
func askedVerb(u *utterance) (int, verb, bool) {
	for i := 1; i < len(u.tokens); i++ {
		if v, ok := infinitives[u.tokens[i].Lower]; ok && (v.strong || v.infinitive == "ta" || v.infinitive == "se" || v.infinitive == "sjå" || v.infinitive == "legge") {
			return i, v, true
		}
	}
	return 0, verb{}, false
}

// answer looks for who takes a task that was asked for, in the next three sentences.
func answer(us []utterance, i int, t *task, day time.Time) (*task, norsk.Word) {
	for j := i + 1; j < min(i+4, len(us)); j++ {
		a := &us[j]
		if a.voice == us[i].voice && a.voice != "" {
			continue
		}
		if t.Owner != "" && a.speaker != "" && a.speaker != t.Owner && !t.ambiguous {
			continue // somebody else's words answer nothing
		}
		if _, ok := startsWith(refuses, a.tokens); ok {
			return nil, ""
		}
		_, yes := startsWith(accepts, a.tokens)
		if !yes && !norsk.Has(takes, a.tokens) {
			continue
		}
		if a.speaker != "" {
			t.Owner, t.ambiguous = a.speaker, false
		}
		t.Evidence = evidence(t.Evidence, a.evidence)
		if d, ok := norsk.Deadline(a.tokens, day); ok {
			t.setDue(d, a)
		}
		t.at = j
		if t.Owner == "" {
			return t, norsk.ReasonOwner
		}
		return t, ""
	}
	return t, norsk.ReasonNoAnswer
}

func startsWith(list []norsk.Pattern, tokens []norsk.Token) (int, bool) {
	for _, p := range list {
		if end, ok := p.At(tokens, 0); ok {
			return end, true
		}
	}
	return 0, false
}

var needs = norsk.Phrases("må|skal|bør|trenger å|treng å", "noen|nokon må", "vi|me må|skal|trenger|treng", "det må")

// taken makes a task of "det tar jeg": what is taken was said in the sentence before.
func taken(us []utterance, i int, day time.Time) *task {
	u := &us[i]
	for j := i - 1; j >= max(0, i-2); j-- {
		b := &us[j]
		if !norsk.Has(needs, b.tokens) || norsk.Has(norsk.Phrases("ikke|ikkje"), b.tokens) && !norsk.Has(norsk.Phrases("ikke|ikkje glemme|gløyme"), b.tokens) {
			continue
		}
		at, v, ok := askedVerb(b)
		if !ok || at+1 >= len(b.tokens) {
			continue
		}
		t := &task{at: i, ActionItem: referent.ActionItem{Owner: u.speaker, Evidence: evidence(b.evidence, u.evidence)}}
		words := b.text[b.tokens[at].End:b.tokens[len(b.tokens)-1].End]
		if d, ok := norsk.Deadline(b.tokens[at+1:], day); ok {
			t.setDue(d, &utterance{text: b.text, tokens: b.tokens[at+1:]})
			words = b.text[b.tokens[at].End:b.tokens[at+1+d.From].Start] + b.text[b.tokens[at+d.To].End:b.tokens[len(b.tokens)-1].End]
		}
		if d, ok := norsk.Deadline(u.tokens, day); ok {
			t.setDue(d, u)
		}
		if words = tidy(words); words == "" {
			continue
		}
		t.Task = norsk.Capitalise(v.infinitive) + " " + words + "."
		return t
	}
	return nil
}
