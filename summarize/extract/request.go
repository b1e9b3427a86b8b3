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
