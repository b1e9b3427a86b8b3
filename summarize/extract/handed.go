package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// ordered reads "Kari, send ut lista." and "Ring dem, Ola.": an order to somebody by name.
func ordered(u *utterance, p *people, c *calendar) []task {
	who, ok := addressee(u, p)
	if !ok {
		return nil
	}
	at := 0
	if who.from == 0 {
		at = who.to
	}
	for at < len(u.tokens) && slices.Contains([]string{"og", "da", "då", "så", "vær", "ver", "snill", "fint", "flott"}, u.tokens[at].Lower) {
		at++
	}
	if at+1 >= len(u.tokens) {
		return nil
	}
	v, ok := imperatives[u.tokens[at].Lower]
	if !ok {
		return nil
	}
	rest := u.tokens[at+1:]
	if _, not := startsWith(notTasks, rest); not || !v.committing(rest) {
		return nil
	}
	t := task{ActionItem: referent.ActionItem{Owner: who.name, Evidence: u.evidence}, ambiguous: who.ambiguous, verb: v}
	words, due, found := object(u, at+1, len(u.tokens), p, c)
	if found {
		t.due(due, u)
	}
	if pronouns(words) {
		t.bare, t.rest = true, words
		return []task{t}
	}
	t.Task = norsk.Capitalise(v.infinitive) + " " + words + "."
	return []task{t}
}

// listing verbs put a person on the list: "da fører vi ham opp på det", "vi setter Siv på saken".
var (
	listing = norsk.Phrases("fører|noterer|lister|skriver|skriv|setter|set|plasserer vi|jeg|eg|me", "vi|jeg|eg|me fører|noterer|lister|skriver|skriv|setter|set|plasserer", "gir|gjev|overlater|delegerer|legger|legg vi|jeg|eg|me ..2 til", "ansvaret for")
	putOn   = norsk.Phrases("opp? på|med|som|for|til", "opp")
	yourJob = norsk.Phrases("din oppgave|oppgåve|jobb blir|er|vert å", "oppgaven|oppgåva|jobben din blir|er|vert å", "ditt ansvar blir|er å")
	given   = norsk.Phrases("ansvar|ansvaret for")
)

// listed reads such a sentence; what it is about stands in it or was said before.
func listed(u *utterance, p *people, c *calendar) []task {
	if _, to, ok := norsk.FindAny(yourJob, u.tokens); ok {
		who, named := addressee(u, p)
		if !named {
			who, named = u.you, u.you.name != ""
		}
		if v, ok := infinitiveAt(u.tokens, to); ok && named {
			h := hit{from: to, rest: to + 1, owner: who, verb: v, firm: true}
			if t, ok := h.task(u, len(u.tokens), true, p, c); ok {
				return []task{t}
			}
		}
		return nil
	}
	if list := inTurn(u, p); list != nil {
		return list
	}
	from, to, ok := norsk.FindAny(listing, u.tokens)
	if !ok || u.question() {
		return nil
	}
	base := task{ActionItem: referent.ActionItem{Evidence: u.evidence}}
	if l, ok := c.find(u.tokens); ok {
		base.due(l, u)
	}
	if start, end, ok := norsk.FindAny(given, u.tokens); ok && start <= from+1 { // "ansvaret for dugnaden legger vi til Siv"
		for k := len(u.tokens) - 1; k > end; k-- {
			who, ok := p.at(u.tokens, k)
			if !ok || u.tokens[k-1].Lower != "til" && u.tokens[k-1].Lower != "på" && u.tokens[k-1].Lower != "hos" {
				continue
			}
			stop := end
			for stop < k && !norsk.Has(norsk.Phrases("legger|legg|gir|gjev|går|ligger|ligg|overlater|har|får"), u.tokens[stop:stop+1]) {
				stop++
			}
			if matter := tidy(u.text[u.tokens[end].Start:u.tokens[max(end, stop-1)].End]); stop > end && !pronouns(matter) {
				base.Owner, base.ambiguous, base.verb = who.name, who.ambiguous, verb{infinitive: "ha", strong: true}
				base.Task = "Ha ansvaret for " + matter + "."
				return []task{base}
			}
		}
		return nil
	}
	for k := to; k < min(to+4, len(u.tokens)); k++ {
		who, ok := p.at(u.tokens, k)
		if w := u.tokens[k].Lower; !ok && (w == "ham" || w == "han" || w == "henne" || w == "ho" || w == "hun") && u.they.name != "" {
			who, ok = named{from: k, to: k + 1, name: u.they.name}, true
		}
		if !ok {
			continue
		}
		base.Owner, base.ambiguous, base.verb = who.name, who.ambiguous, verb{infinitive: "ta", strong: true}
		end, on := startsWith(putOn, u.tokens[who.to:])
		if !on {
			if k > to && u.tokens[k-1].Lower == "opp" || norsk.Has(norsk.Phrases("til"), u.tokens[from:to]) {
				base.bare = true
				return []task{base}
			}
			return nil
		}
		rest := who.to + end
		if rest < len(u.tokens) && u.tokens[rest].Lower == "å" {
			if v, ok := infinitiveAt(u.tokens, rest+1); ok {
				h := hit{from: rest, rest: rest + 2, owner: who, verb: v, firm: true}
				if t, ok := h.task(u, len(u.tokens), true, p, c); ok {
					return []task{t}
				}
			}
			return nil
		}
		words, _, _ := object(u, rest, len(u.tokens), p, c)
		if pronouns(words) || vague(words) {
			base.bare = true
			return []task{base}
		}
		base.Task = norsk.FollowUp.In(p.form) + " " + words + "."
		return []task{base}
	}
	return nil
}

// inTurn reads "det får bli Siv sin tur": what was asked for is hers.
func inTurn(u *utterance, p *people) []task {
	for k, t := range u.tokens {
		if t.Lower != "tur" || k < 2 || u.question() {
			continue
		}
		for _, n := range p.all(u.tokens[:k]) {
			if n.to == k-1 && slices.Contains([]string{"sin", "si"}, u.tokens[k-1].Lower) {
				return []task{{ActionItem: referent.ActionItem{Owner: n.name, Evidence: u.evidence}, ambiguous: n.ambiguous, verb: verb{infinitive: "ta", strong: true}, bare: true}}
			}
		}
	}
	return nil
}

// responsible names an owner of what was spoken of: "Ansvarlig er Kari."
var responsible = norsk.Phrases("ansvarlig|ansvarleg er|blir|vert", "ansvaret ligger|ligg hos|på", "oppgaven|oppgåva|jobben går til", "ansvaret går til")

// entrusted reads such a sentence.
func entrusted(u *utterance, p *people, c *calendar) []task {
	_, to, ok := norsk.FindAny(responsible, u.tokens)
	if !ok || to >= len(u.tokens) {
		return nil
	}
	who, ok := p.owner(u.tokens, to)
	if !ok {
		return nil
	}
	t := task{ActionItem: referent.ActionItem{Owner: who.name, Evidence: u.evidence}, ambiguous: who.ambiguous, verb: infinitives["ta"], bare: true}
	if l, ok := c.find(u.tokens); ok {
		t.due(l, u)
	}
	return []task{t}
}

// passive reads "Lista sendes ut av Kari" and "det følges opp av økonomi".
func passive(u *utterance, p *people, c *calendar) []task {
	for i, tok := range u.tokens {
		v, ok := passives[tok.Lower]
		if !ok || i == 0 {
			continue
		}
		by := slices.IndexFunc(u.tokens[i+1:], func(t norsk.Token) bool { return t.Lower == "av" })
		if by < 0 || by > 6 || i+by+2 >= len(u.tokens) {
			continue
		}
		by += i + 1
		who, ok := p.owner(u.tokens, by+1)
		if !ok {
			continue
		}
		t := task{ActionItem: referent.ActionItem{Owner: who.name, Evidence: u.evidence}, ambiguous: who.ambiguous, verb: v}
		particle, due, found := object(u, i+1, by, p, c)
		if !found {
			if l, ok := c.find(u.tokens[who.to:]); ok {
				l.From, l.To = l.From+who.to, l.To+who.to
				due, found = l, true
			}
		}
		if found {
			t.due(due, u)
		}
		begin := clauseStart(u.tokens, i)
		end := i
		for end > begin && slices.Contains([]string{"må", "skal", "kan", "bør", "og", "da", "då", "så", "også", "òg"}, u.tokens[end-1].Lower) {
			end--
		}
		for begin < end && slices.Contains([]string{"så", "da", "då", "og", "men"}, u.tokens[begin].Lower) {
			begin++
		}
		subject := ""
		if end > begin {
			subject = tidy(u.text[u.tokens[begin].Start:u.tokens[end-1].End])
		}
		if pronouns(subject) {
			t.bare, t.rest = true, particle
		} else {
			t.Task = norsk.Capitalise(strings.Join(strings.Fields(v.infinitive+" "+particle+" "+subject), " ")) + "."
		}
		return []task{t}
	}
	return nil
}
