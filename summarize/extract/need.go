package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

var needed = norsk.Phrases("noen|nokon|nån må|bør|burde|kan", "vi|me må|skal|bør|burde|trenger|treng|får", "må|bør|skal vi|me", "det må|bør", "må|bør ..1 noen|nokon",
	"trenger|treng ..1 noen|nokon", "ønsker|ønskjer|vil at noen|nokon", "synes|synest|meiner|mener noen|nokon ..1 må|bør|skal", "mangler|manglar", "er ..2 tomt|tom|ødelagt|øydelagd|øydelagt|slutt|knust|defekt")

// lacks is followed by a thing that somebody has to get: "vi trenger et prisoverslag".
var lacks = norsk.Phrases("vi|me|jeg|eg ..1 trenger|treng|mangler|manglar", "trenger|treng|mangler|manglar vi|me|jeg|eg", "må|bør|skal ..2 ha|få", "skulle vi|me hatt", "vi|me skulle ..1 hatt")

// lack reads what a sentence says is wanting.
func lack(u *utterance, i int, p *people, c *calendar) (request, bool) {
	_, to, ok := norsk.FindAny(lacks, u.tokens)
	if ok && to < len(u.tokens) && (u.tokens[to].Lower == "noen" || u.tokens[to].Lower == "nokon") {
		return request{}, false // "vi trenger noen til å vaske"
	}
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

// wasTo reads "Ola skulle bestille lokale": a task for Ola, if somebody then writes it down.
func wasTo(u *utterance, i int, p *people, c *calendar) (request, bool) {
	for k, t := range u.tokens {
		if t.Lower != "skulle" || k == 0 || k+1 >= len(u.tokens) || norsk.Has(norsk.Phrases("ikke|ikkje", "ha|hatt"), u.tokens[k:]) {
			continue
		}
		who, ok := p.at(u.tokens, k-1)
		if w := u.tokens[k-1].Lower; !ok && slices.Contains([]string{"han", "hun", "ho"}, w) {
			who, ok = u.they, u.they.name != ""
		}
		v, isVerb := infinitiveAt(u.tokens, k+1)
		if !ok || !isVerb {
			continue
		}
		r := request{voice: u.voice}
		r.at, r.Evidence, r.Owner, r.ambiguous, r.verb = i, u.evidence, who.name, who.ambiguous, v
		words, due, found := object(u, k+2, len(u.tokens), p, c)
		if pronouns(words) || vague(words) {
			continue
		}
		if found {
			r.due(due, u)
		}
		r.Task = norsk.Capitalise(v.infinitive) + " " + words + "."
		return r, true
	}
	return request{}, false
}

// need reads "Noen må ringe rørleggeren" and "Dekkene må bestilles": a task for whoever says "det tar jeg".
func need(u *utterance, i int, p *people, c *calendar) (request, bool) {
	if r, ok := lack(u, i, p, c); ok && !norsk.Has(norsk.Phrases("ikke|ikkje"), u.tokens) {
		return r, true
	}
	if r, ok := wasTo(u, i, p, c); ok {
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
		if pres, ok := presentAt(u.tokens, j); ok && !isInfinitive && (u.tokens[j-1].Lower == "noen" || u.tokens[j-1].Lower == "nokon") { // "jeg trenger at noen går gjennom dem"
			v, isInfinitive = pres, true
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
