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
