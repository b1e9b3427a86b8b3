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

// readRequest reads "Kan du, Kari, sende ...?", "Sender du ut lista, Ola?", "Hvem tar kaffen?", "Skal jeg ringe?".
func readRequest(t *tracker, i int) (request, bool) {
	u := &t.us[i]
	lead, _, cue := norsk.FindAny(asking, u.tokens)
	if !u.question() && !(cue && lead <= 3 && !conditional(u)) {
		return request{}, false
	}
	r := request{asked: true, voice: u.voice}
	r.at, r.Evidence = i, u.evidence
	if ready, ok := t.readReadiness(i, r); ok {
		return ready, true
	}
	if norsk.Has(norsk.Phrases("hvorfor|kvifor|korfor", "hvordan|korleis", "hva|kva sa|synes|mener|meiner|tenker|skjer|er", "når var|ble|vart", "hvor|kor mange|mye|mykje|er|lenge"), u.tokens[:min(5, len(u.tokens))]) {
		return request{}, false
	}
	if who, ok := passesOn(u, t.p); ok && t.latest(i) >= 0 {
		r.Owner, r.ambiguous, r.bare, r.verb = who.name, who.ambiguous, true, verb{infinitive: "gjøre"}
		return r, true
	}
	at, v, ok := askedVerb(u, t.p)
	if !ok {
		if at, ok = asksForIt(u, t.p); !ok {
			return request{}, false
		}
		v = verb{infinitive: "gjøre"}
	} else {
		h := hit{rest: at + 1, verb: v}.settled(u.tokens)
		at, v = h.rest-1, h.verb
	}
	if here[v.infinitive] && !(at+1 < len(u.tokens) && u.tokens[at+1].Lower == "med") && len(norsk.Dates(u.tokens, t.c.day)) == 0 {
		return request{}, false // "kan du si litt om status?"
	}
	who, named := addressee(u, t.p)
	if !named {
		who, named = askedPerson(u, t.p, at)
	}
	switch {
	case norsk.Has(offers, u.tokens[:min(6, len(u.tokens))]) && !named && !norsk.Has(norsk.Phrases("deg|dere|dykk"), u.tokens):
		me := t.p.voice(u)
		r.offer, r.Owner, r.ambiguous = true, me.name, me.ambiguous
	case named && !norsk.Has(asksWho, u.tokens[:min(4, len(u.tokens))]):
		r.Owner, r.ambiguous = who.name, who.ambiguous
	case u.you.name != "" && !norsk.Has(asksWho, u.tokens) && norsk.Has(norsk.Phrases("du|deg"), u.tokens):
		r.Owner, r.ambiguous = u.you.name, u.you.ambiguous
	case norsk.Has(asksWho, u.tokens), norsk.Has(norsk.Phrases("du|deg|dere|dykk"), u.tokens):
	default:
		return request{}, false // asks of something, not for it
	}
	for k := 0; r.Owner != "" && !r.offer && k+2 < len(u.tokens); k++ { // "kan du og Siv ta en kikk på det?"
		if n, ok := t.p.at(u.tokens, k+2); ok && u.tokens[k].Lower == "du" && u.tokens[k+1].Lower == "og" && n.name != r.Owner && !n.ambiguous {
			r.Owner += " og " + n.name
		}
	}
	r.verb = v
	begin := at + 1
	if named && who.from == begin { // "det ordner Tone, ikke sant?"
		begin = who.to
	}
	words, due, found := object(u, begin, len(u.tokens), t.p, t.c)
	if named && begin == at+1 {
		words = withoutName(words, u, who)
	}
	words = strings.TrimPrefix(strings.TrimPrefix(words, "du "), "å ")
	if rest, ok := strings.CutPrefix(words, "deg "); ok {
		words = "seg " + rest
	}
	if words == "du" || words == "du da" {
		words = ""
	}
	if found {
		r.due(due, u)
	}
	if vague(words) && !pronouns(words) && !r.offer { // "hvem tar en telefon?"
		if said, matter, ids := t.antecedent(i); said != "" && t.latest(i) < 0 {
			r.Task, r.Evidence = t.withThing(v, words, said, matter), evidence(ids, r.Evidence)
			return r, true
		}
	}
	if goesOn(words) {
		if matter, from, ok := fronted(u); ok && at-from <= 2 && pointing[u.tokens[from].Lower] { // "og gulvet, det måler du på nytt?"
			r.Task = norsk.Capitalise(strings.Join(strings.Fields(v.infinitive+" "+afterObject(words, matter)), " ")) + "."
			return r, true
		}
	}
	if pronouns(words) {
		if matter, _, ok := fronted(u); ok {
			r.Task = t.withThing(v, words, matter, true)
			return r, true
		}
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
	_, ride := startsWith(rides, u.tokens[at+1:])
	if _, not := startsWith(notTasks, u.tokens[at+1:]); not || ride && v.infinitive == "ta" {
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

// askers are the verbs of asking: what is asked for is an infinitive after their subject.
var askers = wordSet("kan kunne vil ville skal skulle får må klarer klarar rekker rekk gidder orker tør har hadde er blir")

// towards lead from what is asked of a person to what the person is asked to do: "be deg om å", "mulighet til å".
var towards = norsk.Phrases("be|bede|få|utfordre|bruke|spørre|spørje|sette|setje|ha deg|dere|dykk|de|noen|nokon ..2 om|til|på? å", "mulighet|høve|anledning|tid|lyst|kapasitet|ork|rom ..3 til|for å", "være|vere? så? snill|grei|hyggelig|venleg ..1 å|og", "tenke|tenkje deg|dykk|dere å", "ta på deg|seg|dykk|dere|oss å", "med på å", "ta ansvar|ansvaret for å",
	"på deg|dere|dykk å", "om å", "lov til å", "til å")

// askedVerb is what a question asks somebody to do: the infinitive after the modal and its subject, or the present
// tense before "du" or a name.
func askedVerb(u *utterance, p *people) (int, verb, bool) {
	for i, t := range u.tokens {
		if t.Mark != 0 && strings.ContainsRune(".!:;", t.Mark) {
			break
		}
		if askers[t.Lower] || t.Lower == "som" {
			if at, v, ok := askedAfter(u, p, i+1, t.Lower); ok {
				return at, v, true
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
			before, mine := "", false
			if i > 0 {
				before = u.tokens[i-1].Lower
				n, ok := p.at(u.tokens, max(0, i-1))
				mine = ok && n.to == i && i >= 2 && u.tokens[i-2].Lower == "at"
			}
			if (next == "noen" || next == "nokon") && (v.infinitive == "gjøre" || v.infinitive == "gjere") {
				continue // "gjør noen det?"
			}
			if next == "du" || next == "dere" || next == "noen" || next == "nokon" || person || mine || slices.Contains([]string{"hvem", "kven", "du", "som", "noen", "nokon"}, before) {
				return i, v, true
			}
		}
	}
	return 0, verb{}, false
}

// askedAfter reads the infinitive after a modal and its subject.
func askedAfter(u *utterance, p *people, from int, asker string) (int, verb, bool) {
	subject := false
	leads := !slices.Contains([]string{"har", "hadde", "er", "blir"}, asker) // "har du tid til å": only after "å"
	for j := from; j < min(from+7, len(u.tokens)); j++ {
		w := u.tokens[j].Lower
		if end, ok := startsWith(towards, u.tokens[j:]); ok && (subject || asker == "er" || asker == "har" || asker == "hadde" || w == "med" || w == "på") {
			if v, ok := infinitiveAt(u.tokens, j+end); ok {
				return j + end, v, true
			}
		}
		if _, ok := p.at(u.tokens, j); ok || slices.Contains([]string{"du", "dere", "dykk", "noen", "nokon", "jeg", "eg", "vi", "me", "hvem", "kven", "en"}, w) {
			subject = true
			continue
		}
		if !leads {
			continue
		}
		if asker == "får" && subject && slices.Contains([]string{"tak", "orden", "svar", "inn", "ut", "fram", "frem"}, w) { // "får du tak i ham?"
			return j - 1, verb{infinitive: "få"}, true
		}
		if v, ok := participles[w]; ok && subject && asker == "får" { // "får du lagt inn listene?"
			return j, v, true
		}
		if v, ok := infinitives[w]; ok && (!u.tokens[j].Capitalised() || j == 0) {
			return j, v, true
		}
		if prev := u.tokens[j-1].Lower; subject || prev == "kan" || prev == "vil" {
			if v, ok := infinitiveAt(u.tokens, j); ok {
				return j, v, true
			}
			if v, ok := imperatives[w]; ok && subject && slices.Contains([]string{"du", "dere", "noen", "nokon", "jeg"}, prev) { // "kainn du skriv"
				return j, v, true
			}
		}
		if end := skipAdverbs(u.tokens, j); end > j && w != "i" {
			continue
		}
		if u.tokens[j].Mark != 0 && u.tokens[j].Mark != ',' {
			break
		}
	}
	return 0, verb{}, false
}

// asksForIt reads "Odd, kan du det?" and "Kan ikke Siv?": no verb but the modal, and at most a pronoun to it. The
// index is of the last word that asks.
func asksForIt(u *utterance, p *people) (int, bool) {
	for i, t := range u.tokens {
		if !modal(t.Lower) && t.Lower != "kunne" || i+1 >= len(u.tokens) {
			continue
		}
		j := i + 1
		for j < len(u.tokens) && slices.Contains([]string{"ikke", "ikkje", "da", "heller", "jo", "kanskje"}, u.tokens[j].Lower) {
			j++
		}
		if j >= len(u.tokens) {
			continue
		}
		if n, ok := p.at(u.tokens, j); ok {
			j = n.to
		} else if u.tokens[j].Lower == "du" || u.tokens[j].Lower == "dere" {
			j++
		} else {
			continue
		}
		if j == len(u.tokens) || u.tokens[j-1].Mark != 0 && j+3 >= len(u.tokens) {
			return j - 1, true
		}
		if slices.Contains([]string{"det", "den", "dette"}, u.tokens[j].Lower) && (u.tokens[j].Mark != 0 || j+1 == len(u.tokens)) {
			return j - 1, true
		}
	}
	return 0, false
}

// passing are the words of a question that only passes a matter on to somebody: "Elin?", "Hva med deg, Per?".
var passing = wordSet("hva kva med deg dere kanskje du eller da då og er det noe noko for vil kan tar tek den går an ok okei greit du, dæ sier sei seier")

// passesOn reads such a question.
func passesOn(u *utterance, p *people) (named, bool) {
	all := p.all(u.tokens)
	if !u.question() || len(all) != 1 || len(u.tokens) > 8 {
		return named{}, false
	}
	for i, t := range u.tokens {
		if (i < all[0].from || i >= all[0].to) && !passing[t.Lower] {
			return named{}, false
		}
	}
	return all[0], true
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
	if j := len(t.list) - 1; j >= 0 && i-t.list[j].at <= 2 { // "Rekker du det til fredag?"
		if l, ok := t.c.find(t.us[i].tokens); ok && t.list[j].Due == nil {
			t.list[j].due(l, &t.us[i])
			t.list[j].Evidence = evidence(t.list[j].Evidence, r.Evidence)
		}
		return
	}
	if r.verb.infinitive == "gjøre" || r.verb.infinitive == "gjere" {
		return
	}
	said, matter, ids := t.antecedent(i)
	if said == "" {
		return
	}
	r.Task, r.bare = t.withThing(r.verb, r.rest, said, matter), false
	r.Evidence = evidence(ids, r.Evidence)
	t.open = append(t.open, r)
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
