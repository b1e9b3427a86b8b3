package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// request is a task that nobody has taken yet.
type request struct {
	task         // Owner is the person asked, "" for whoever wants
	voice string // who asked
	was   string // who turned it down; a voice without a name may still be theirs
	asked bool   // asked for aloud, so that silence is worth a look; else only said to be needed
	thing bool   // Task names a thing that is wanting, not what to do
	offer bool   // "skal jeg sende den?": the one who asks does it if somebody says yes
}

var (
	accepts = norsk.Phrases("ja", "jo", "jada", "joda", "jepp", "ok|okei|okey|oki", "ja|jo|ok ..2 det|den skal|kan|gjør|gjer|fikser|fiksar|ordner|ordnar|tar|tek|klarer|klarar|lover|lovar jeg|eg|vi|me|æ",
		"det|den skal|kan|gjør|gjer|fikser|fiksar|ordner|ordnar|tar|tek|klarer|klarar|lover|lovar jeg|eg|vi|me|æ|e",
		"jeg|eg|æ tar|tek|skal|kan|gjør|gjer|fikser|fiksar|ordner|ordnar|klarer det|den", "jeg|eg|æ skal|kan ta|gjøre|gjere|fikse|ordne|få", "skal bli", "greit", "selvsagt", "sjølvsagt", "klart", "gjerne",
		"det går fint|bra|greit", "selvfølgelig", "sjølvsagt", "absolutt", "den er god|grei", "notert", "skal gjøre|gjere|ordne|fikse", "det er greit|fint|i orden", "det skal gå|jeg|eg", "yes", "supert", "mm", "mhm", "fint", "kan jeg|eg gjøre|gjere|godt", "jau", "åja", "det blir fint|gjort", "jess")
	refuses = norsk.Phrases("nei", "nja", "det|den ..3 rekker|har|kan|klarer|rekk|klarar|tar|tek|får ..1 jeg|eg|æ ..1 ikke|ikkje", "det|den rekker|rekk|klarer|klarar|kan|har jeg|eg ikke|ikkje",
		"jeg|eg|æ ..2 ikke|ikkje", "dessverre", "diverre", "det går ikke|ikkje", "helst ikke|ikkje", "ikke|ikkje jeg|eg|meg")
	takes = norsk.Phrases("det|den|dette|de|dei|dem|da tar|tek|fikser|fiksar|ordner|ordnar|gjør|gjer|følger|følgjer|sjekker|sjekkar jeg|eg|æ", "kan|skal|får jeg|eg|æ ta|fikse|ordne|gjøre|gjere|sjekke",
		"jeg|eg|æ ..1 tar|tek|fikser|fiksar|ordner|ordnar det|den|de|dei|dem|jobben|oppgaven|oppgåva|ansvaret|saken|biten", "jeg|eg|æ kan|skal ..1 ta|fikse|ordne|gjøre|gjere|lage|sende|sjekke det|den|de|dei|dem|jobben|oppgaven|oppgåva|ansvaret", "det|den|dette kan|skal|ska jeg|eg|æ ..1 ta|fikse|ordne|gjøre|gjere|lage|sende|sjekke|skrive|bestille|ringe", "det|den|dette kan|skal jeg|eg|æ ta|fikse|ordne|gjøre|gjere",
		"jeg|eg|æ kan gjøre|gjere|ta det", "det gjør|gjer jeg|eg", "tar|tek jeg|eg|æ", "den er min", "sett|skriv ..1 meg", "jeg|eg melder|melde meg")
	// short are takes that say something else when more follows: "det kan jeg forstå".
	short = norsk.Phrases("jeg|eg er med|på", "det|den|dette|de|dei|dem|da kan|skal jeg|eg|æ", "jeg|eg kan jo|gjerne|godt?", "meg")

	// asking opens a request also where recognition has set no question mark.
	asking  = norsk.Phrases("kan|kunne|vil|ville|gidder|orker|rekker|rekk|klarer|klarar|får du|de|dere|dykk", "kan|kunne noen|nokon", "hvem|kven ..1 kan|tar|tek|vil|skal|har|fikser|ordner|melder", "har du|dere|nokon|noen ..1 mulighet|tid|høve|anledning", "er det ..1 noen|nokon som|her")
	asksWho = norsk.Phrases("hvem|kven", "noen|nokon", "nån|noken", "en|ein|ei av dere|dykk|oss")
	offers  = norsk.Phrases("skal|kan|må jeg|eg|æ", "vil du|dere at jeg|eg skal")
)

// readRequest reads "Kan du, Kari, sende ...?", "Sender du ut lista, Ola?", "Hvem tar kaffen?", "Skal jeg ringe?".
func readRequest(t *tracker, i int) (request, bool) {
	u := &t.us[i]
	lead, _, cue := norsk.FindAny(asking, u.tokens)
	if !u.question() && !(cue && lead <= 3 && !conditional(u)) {
		return request{}, false
	}
	if norsk.Has(norsk.Phrases("hvorfor|kvifor|korfor", "hvordan|korleis", "hva|kva sa|synes|mener|meiner|tenker|skjer|er", "når var|ble|vart", "hvor|kor mange|mye|mykje|er|lenge"), u.tokens[:min(5, len(u.tokens))]) {
		return request{}, false
	}
	r := request{asked: true, voice: u.voice}
	r.at, r.Evidence = i, u.evidence
	at, v, ok := askedVerb(u, t.p)
	if !ok {
		if at, ok = asksForIt(u, t.p); !ok {
			return request{}, false
		}
		v = verb{infinitive: "gjøre"}
	}
	if here[v.infinitive] && len(norsk.Dates(u.tokens, t.c.day)) == 0 {
		return request{}, false // "kan du si litt om status?"
	}
	who, named := addressee(u, t.p)
	if !named {
		who, named = askedPerson(u, t.p, at)
	}
	switch {
	case norsk.Has(offers, u.tokens[:min(6, len(u.tokens))]) && !named:
		me := t.p.voice(u)
		r.offer, r.Owner, r.ambiguous = true, me.name, me.ambiguous
	case named && !norsk.Has(asksWho, u.tokens[:min(4, len(u.tokens))]):
		r.Owner, r.ambiguous = who.name, who.ambiguous
	case norsk.Has(asksWho, u.tokens), slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return t.Lower == "du" || t.Lower == "dere" || t.Lower == "dykk" }):
	default:
		return request{}, false // asks of something, not for it
	}
	r.verb = v
	words, due, found := object(u, at+1, len(u.tokens), t.p, t.c)
	if named {
		words = withoutName(words, u, who)
	}
	words = strings.TrimPrefix(strings.TrimPrefix(words, "du "), "å ")
	if found {
		r.due(due, u)
	}
	if pronouns(words) || norsk.Has(norsk.Phrases("klar|klart|ferdig|ferdige|klare|gjort|unna|meg|oss"), norsk.Tokens(words)) && pronouns(strings.NewReplacer("klart", "", "klare", "", "klar", "", "ferdige", "", "ferdig", "", "gjort", "", "meg ", "", "oss ", "").Replace(words)) {
		r.bare, r.rest = true, words
		return r, true
	}
	if slices.Contains([]string{"si", "seie", "be", "få", "se", "sjå", "komme", "kome", "høre", "høyre", "møte", "stå"}, v.infinitive) && !v.committing(u.tokens[at+1:]) {
		return request{}, false
	}
	if !v.committing(u.tokens[at+1:]) && v.infinitive != "ta" && !found && !r.offer && !(cue && named) {
		return request{}, false
	}
	if _, not := startsWith(notTasks, u.tokens[at+1:]); not {
		return request{}, false
	}
	r.Task = norsk.Capitalise(v.infinitive) + " " + words + "."
	return r, true
}

func withoutName(words string, u *utterance, who named) string {
	name := u.text[u.tokens[who.from].Start:u.tokens[who.to-1].End]
	for _, s := range []string{", " + name, name + ", ", name + " "} {
		words = strings.Replace(words, s, "", 1)
	}
	return strings.TrimRight(strings.TrimSuffix(words, " "+name), ", ")
}

// askedPerson is the one asked where the name is the sentence's subject: "Kan Kari sende ...?", "Tar Ola den?".
func askedPerson(u *utterance, p *people, verbAt int) (named, bool) {
	for _, n := range p.all(u.tokens) {
		if n.from >= 1 && n.from <= 3 && (n.to <= verbAt || n.from == verbAt+1) {
			if w := u.tokens[n.from-1].Lower; slices.Contains(modals, w) || w == "kunne" || w == "da" || n.from == verbAt+1 {
				return n, true
			}
		}
	}
	for i := 1; i < min(4, len(u.tokens)); i++ {
		if end, ok := groupAt(u.tokens, i); ok && slices.Contains(modals, u.tokens[i-1].Lower) {
			return named{from: i, to: end, name: norsk.Capitalise(joined(u.tokens[i:end])), group: true}, true
		}
	}
	return named{}, false
}

// askedVerb is what a question asks somebody to do: the infinitive after the modal, or the present tense
// before "du" or a name.
func askedVerb(u *utterance, p *people) (int, verb, bool) {
	for i, t := range u.tokens {
		if t.Mark != 0 && strings.ContainsRune(".!:;", t.Mark) {
			break
		}
		if slices.Contains([]string{"kan", "kunne", "vil", "ville", "skal", "får", "må", "klarer", "klarar", "rekker", "rekk", "gidder", "orker", "som"}, t.Lower) {
			for j := i + 1; j < min(i+7, len(u.tokens)); j++ {
				if v, ok := infinitives[u.tokens[j].Lower]; ok {
					return j, v, true
				}
				if w := u.tokens[j-1].Lower; w == "du" || w == "å" || w == "noen" || w == "nokon" || w == "jeg" || w == "eg" || w == "dere" || w == "kan" || w == "vil" {
					if v, ok := infinitiveAt(u.tokens, j); ok {
						return j, v, true
					}
				}
			}
		}
		if t.Lower == "å" {
			if v, ok := infinitiveAt(u.tokens, i+1); ok {
				return i + 1, v, true
			}
		}
		if v, ok := presentAt(u.tokens, i); ok && i+1 < len(u.tokens) && t.Mark == 0 {
			next := u.tokens[i+1].Lower
			_, person := p.at(u.tokens, i+1)
			before := ""
			if i > 0 {
				before = u.tokens[i-1].Lower
			}
			if next == "du" || person || slices.Contains([]string{"hvem", "kven", "du", "som"}, before) {
				return i, v, true
			}
		}
	}
	return 0, verb{}, false
}

// asksForIt reads "Odd, kan du det?": no verb but the modal, and only a pronoun to it. The index is of the last
// word that asks.
func asksForIt(u *utterance, p *people) (int, bool) {
	for i, t := range u.tokens {
		if !modal(t.Lower) && t.Lower != "kunne" || i+2 >= len(u.tokens) {
			continue
		}
		j := i + 1
		if n, ok := p.at(u.tokens, j); ok {
			j = n.to
		} else if u.tokens[j].Lower == "du" || u.tokens[j].Lower == "dere" {
			j++
		} else {
			continue
		}
		if j < len(u.tokens) && slices.Contains([]string{"det", "den", "dette"}, u.tokens[j].Lower) && (u.tokens[j].Mark != 0 || j+1 == len(u.tokens)) {
			return j - 1, true
		}
	}
	return 0, false
}

// ask takes in a request. One without an object of its own asks who takes what was just spoken of.
func (t *tracker) ask(i int, r request) {
	if !r.bare {
		t.open = append(t.open, r)
		return
	}
	if j := t.latest(i); j >= 0 && t.open[j].takes(r.verb) {
		o := &t.open[j]
		o.with(r.verb, t.form())
		o.asked, o.at, o.voice, o.offer = true, i, r.voice, r.offer
		o.Evidence = evidence(o.Evidence, r.Evidence)
		if r.Owner != "" {
			o.Owner, o.ambiguous = r.Owner, r.ambiguous
		}
		if r.Due != nil || r.vague != "" {
			o.Due, o.vague = r.Due, r.vague
		}
		return
	}
	if i == 0 {
		return
	}
	b := &t.us[i-1]
	if j := len(t.list) - 1; j >= 0 && i-t.list[j].at <= 2 { // "Rekker du det til fredag?"
		if l, ok := t.c.find(t.us[i].tokens); ok && t.list[j].Due == nil {
			t.list[j].due(l, &t.us[i])
			t.list[j].Evidence = evidence(t.list[j].Evidence, r.Evidence)
		}
		return
	}
	if len(b.tokens) < 4 || b.question() || b.theme != t.us[i].theme || r.verb.infinitive == "gjøre" || r.verb.infinitive == "gjere" {
		return
	}
	lead := norsk.Capitalise(strings.TrimSpace(r.verb.infinitive + " " + particle(r.rest)))
	if r.verb.infinitive == "ta" {
		lead = norsk.FollowUp.In(t.form())
	}
	r.Task = lead + ": " + strings.TrimRight(norsk.Clean(b.text), ".!") + "."
	r.Evidence = evidence(b.evidence, r.Evidence)
	r.bare = false
	t.open = append(t.open, r)
}

// answer lets an utterance take on what was asked for, or turn it down.
func (t *tracker) answer(i int) bool {
	u := &t.us[i]
	for j := len(t.open) - 1; j >= 0; j-- {
		r := &t.open[j]
		same := r.voice == u.voice && u.voice != ""
		if i-r.at > window || t.us[r.at].theme != u.theme {
			continue
		}
		me := t.p.voice(u)
		took := tookOn(u)
		_, yes := startsWith(accepts, u.tokens)
		_, no := startsWith(refuses, u.tokens)
		if r.offer {
			if same {
				continue
			}
			if no {
				t.open = slices.Delete(t.open, j, j+1)
				return true
			}
			if !yes && !norsk.Has(norsk.Phrases("gjerne", "gjør|gjer det", "takk", "fint", "bra", "flott"), u.tokens) {
				continue
			}
			x := r.task
			x.Evidence, x.at = evidence(x.Evidence, u.evidence), i
			t.open = slices.Delete(t.open, j, j+1)
			t.add(x)
			return true
		}
		if same && !took {
			continue // who asking does not answer
		}
		mine := r.Owner == "" || me.name == r.Owner || u.speaker == "" || r.ambiguous && strings.HasPrefix(norsk.Fold(me.name), norsk.Fold(r.Owner))
		l, dated := t.c.find(u.tokens)
		if no && !(dated && norsk.Has(norsk.Phrases("men", "ikke|ikkje før"), u.tokens)) && !took {
			if mine && r.asked {
				r.was, r.Owner, r.asked, r.ambiguous, r.at = r.Owner, "", false, false, i // somebody else may take it
				return true
			}
			continue
		}
		if r.thing {
			continue // the verb of who takes it says what is done with it
		}
		counter := no && dated // "det rekker jeg ikke, men til mandag går det"
		if !r.asked && !took {
			continue // "ja" to what is needed promises nothing
		}
		if !mine && !took {
			continue
		}
		if !yes && !took && !counter && !(dated && answersDay(u, l)) {
			continue
		}
		if t.givesAnother(u, me.name) {
			continue
		}
		if conditional(u) {
			continue
		}
		x := r.task
		switch {
		case u.speaker != "":
			x.Owner, x.ambiguous = me.name, me.ambiguous
		case x.Owner == "":
			x.Owner = r.was
		}
		if dated {
			x.due(l, u)
		}
		if own, ok := t.inOwnWords(u, &x); ok {
			x.Task = own
		}
		x.Evidence, x.at = evidence(x.Evidence, u.evidence), i
		t.open = slices.Delete(t.open, j, j+1)
		if x.Owner == "" {
			t.doubt(x.Task, x.Evidence, norsk.ReasonOwner)
			return true
		}
		t.add(x)
		return true
	}
	return false
}

// tookOn reports whether a speaker says that they do it.
func tookOn(u *utterance) bool {
	if norsk.Has(takes, u.tokens) {
		return true
	}
	from, to, ok := norsk.FindAny(short, u.tokens)
	return ok && u.tokens[to-1].Mark != 0 && from <= 3 || ok && to == len(u.tokens) && from <= 3
}

// givesAnother reports whether a sentence gives a task to somebody else than its speaker.
func (t *tracker) givesAnother(u *utterance, me string) bool {
	return slices.ContainsFunc(hits(u, t.p), func(h hit) bool { return h.owner.name != "" && h.owner.name != me && !h.owner.group })
}

// inOwnWords is how who accepts a request says the same again: "Ja, jeg bestiller kurset på mandag."
func (t *tracker) inOwnWords(u *utterance, x *task) (string, bool) {
	for _, own := range assigned(u, t.p, t.c) {
		if own.bare || own.verb.infinitive != x.verb.infinitive {
			continue
		}
		if strings.Contains(x.Task, ": ") || len(content(norsk.Tokens(own.Task))) > len(content(norsk.Tokens(x.Task))) {
			return own.Task, true
		}
	}
	return "", false
}

// wanted is the open request that a task answers in its own words, or -1.
func (t *tracker) wanted(i int, x *task) int {
	for j := len(t.open) - 1; j >= 0; j-- {
		r := &t.open[j]
		if i-r.at <= window && (r.Owner == "" || r.Owner == x.Owner) && alike(r.Task, x.Task) >= 0.5 {
			return j
		}
	}
	return -1
}

// latest is the request made last that still waits, or -1. Who asked for it may take it, too.
func (t *tracker) latest(i int) int {
	for j := len(t.open) - 1; j >= 0; j-- {
		r := &t.open[j]
		if i-r.at <= window && r.at < i && t.us[r.at].theme == t.us[i].theme && !r.offer {
			return j
		}
	}
	return -1
}

// expire gives up requests that got no answer. A person is asked about those that were asked aloud.
func (t *tracker) expire(i int) {
	t.open = slices.DeleteFunc(t.open, func(r request) bool {
		if i-r.at <= window {
			return false
		}
		if r.asked && !r.offer && r.Task != "" {
			t.doubt(r.Task, r.Evidence, norsk.ReasonNoAnswer)
		}
		return true
	})
}

var needed = norsk.Phrases("noen|nokon|nån må|bør|burde|kan", "vi|me må|skal|bør|burde|trenger|treng|får", "må|bør|skal vi|me", "det må|bør", "må|bør ..1 noen|nokon",
	"trenger|treng noen|nokon", "mangler|manglar", "er ..2 tomt|tom|ødelagt|øydelagd|øydelagt|slutt|knust|defekt")

// lacks is followed by a thing that somebody has to get: "vi trenger et prisoverslag".
var lacks = norsk.Phrases("vi|me|jeg|eg ..1 trenger|treng|mangler|manglar", "trenger|treng|mangler|manglar vi|me|jeg|eg", "vi|me må|bør ha", "må|bør vi|me ha", "skulle vi|me hatt", "vi|me skulle ..1 hatt")

// lack reads what a sentence says is wanting.
func lack(u *utterance, i int, p *people, c *calendar) (request, bool) {
	_, to, ok := norsk.FindAny(lacks, u.tokens)
	if !ok || to >= len(u.tokens) || u.tokens[to].Lower == "å" || u.tokens[to].Lower == "at" {
		return request{}, false
	}
	r := request{voice: u.voice, thing: true}
	r.at, r.Evidence = i, u.evidence
	words, due, found := object(u, to, len(u.tokens), p, c)
	if pronouns(words) {
		return request{}, false
	}
	if found {
		r.due(due, u)
	}
	r.Task = words
	return r, true
}

// need reads "Noen må ringe rørleggeren" and "Dekkene må bestilles": a task for whoever says "det tar jeg".
func need(u *utterance, i int, p *people, c *calendar) (request, bool) {
	if r, ok := lack(u, i, p, c); ok && !norsk.Has(norsk.Phrases("ikke|ikkje"), u.tokens) {
		return r, true
	}
	if norsk.Has(norsk.Phrases("ikke|ikkje"), u.tokens) && !norsk.Has(norsk.Phrases("ikke|ikkje glemme|gløyme"), u.tokens) {
		return request{}, false
	}
	from, to, ok := norsk.FindAny(needed, u.tokens)
	passive := false
	if !ok { // "Dekkene må bestilles": of things, not of what others must do
		if from, to, passive = norsk.FindAny(norsk.Phrases("må|skal|bør"), u.tokens); !passive {
			return request{}, false
		}
	}
	if to < len(u.tokens) && slices.Contains(selfWords, u.tokens[to].Lower) {
		return request{}, false // "det må jeg ta på min kappe"
	}
	r := request{voice: u.voice}
	r.at, r.Evidence = i, u.evidence
	for j := to; j < min(to+6, len(u.tokens)); j++ {
		v, isInfinitive := infinitives[u.tokens[j].Lower]
		if pv, isPassive := passives[u.tokens[j].Lower]; isPassive && !isInfinitive {
			words, due, found := object(u, j+1, len(u.tokens), p, c)
			begin := clauseStart(u.tokens, from)
			subject := ""
			if from > begin {
				subject = tidy(u.text[u.tokens[begin].Start:u.tokens[from-1].End])
			}
			if found {
				r.due(due, u)
			}
			if pronouns(subject) {
				subject = ""
			}
			r.verb = pv
			if both := strings.Join(strings.Fields(particle(words)+" "+subject+" "+strings.TrimPrefix(words, particle(words))), " "); !pronouns(both) {
				r.Task = norsk.Capitalise(pv.infinitive) + " " + both + "."
				return r, true
			}
			return request{}, false
		}
		if !isInfinitive || passive || slices.Contains([]string{"få", "gjøre", "gjere"}, v.infinitive) && j+1 >= len(u.tokens) {
			continue
		}
		words, due, found := object(u, j+1, len(u.tokens), p, c)
		if pronouns(words) {
			return request{}, false
		}
		if found {
			r.due(due, u)
		}
		r.verb = v
		r.Task = norsk.Capitalise(v.infinitive) + " " + words + "."
		return r, true
	}
	return request{}, false
}

func startsWith(list []norsk.Pattern, tokens []norsk.Token) (int, bool) {
	if len(tokens) == 0 {
		return 0, false
	}
	for _, p := range list {
		if end, ok := p.At(tokens, 0); ok {
			return end, true
		}
	}
	return 0, false
}

// takes reports whether a verb can be said of what the request is about.
func (r *request) takes(v verb) bool {
	return !r.thing || slices.Contains([]string{"ta", "gjøre", "gjere", "få", "lage", "skaffe", "bestille", "tinge", "kjøpe", "sende", "ordne", "fikse", "finne", "hente", "skrive", "innhente", "låne", "leie", "se", "sjå"}, v.infinitive)
}

// with makes a task of a thing that is wanting: what the verb does with it.
func (r *request) with(v verb, form string) {
	if !r.thing {
		return
	}
	r.thing = false
	lead := v.infinitive
	if slices.Contains([]string{"ta", "gjøre", "gjere", "få", ""}, lead) {
		lead = norsk.FollowUp.In(form) + ":"
	}
	r.Task = norsk.Capitalise(lead) + " " + r.Task + "."
}
