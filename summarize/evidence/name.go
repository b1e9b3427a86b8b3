package evidence

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// parties maps what parties are called to one name.
var parties = func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(`ap arbeiderpartiet arbeidarpartiet arbeiderpartiets
h høyre høgre høyres
sp senterpartiet senterpartiets
frp fremskrittspartiet framstegspartiet
sv sosialistisk sosialistisk-venstreparti
v venstre venstres
krf
r rødt raudt
mdg
inp
pp
`) {
		f := strings.Fields(line)
		for _, w := range f {
			m[w] = f[0]
		}
	}
	m["kristelig"], m["kristeleg"] = "krf", "krf"
	return m
}()

// names finds the names of a statement that its source neither says nor was said by, and persons of whom
// something else was said.
func (c *Checker) names(st *statement, src source, as role) []Fault {
	var out []Fault
	wider := src
	if as == asTask {
		wider = c.surroundings(src)
	}
	for i := 0; i < len(st.words); i++ {
		if st.fact[i] || !st.words[i].Capitalised() {
			continue
		}
		to := i + 1
		for to < len(st.words) && !st.fact[to] && st.words[to].Capitalised() && st.words[to-1].Mark == 0 && !st.initial[to] {
			to++
		}
		first := st.words[i].Lower
		if st.initial[i] && !c.known[first] && !c.known[strings.TrimSuffix(first, "s")] {
			// A capital at the start proves no name; one that nobody said and that acts does.
			if to == i+1 {
				if c.subject(st, i, src) {
					out = append(out, Fault{Kind: Name, Words: st.words[i].Text})
				}
				continue
			}
			if norsk.Functional(first) || held(first, src) || as == asTask && i == 0 && infinitive(first) {
				i++
			}
		}
		if f, ok := c.name(st, i, to, src); !ok {
			place := !slices.ContainsFunc(st.words[i:to], func(w word) bool { return c.known[w.Lower] || !spells(w.Lower, wider.words) })
			if f.Kind != Name || as != asTask || !place { // a task may name the place that it is about, and that was named before
				out = append(out, f)
			}
		}
		st.mark(i, to)
		i = to - 1
	}
	return out
}

// infinitive tells the form that a task begins with.
func infinitive(lower string) bool {
	return strings.HasSuffix(lower, "e") || strings.HasSuffix(lower, "a") || strings.HasSuffix(lower, "i") || strings.HasSuffix(lower, "å")
}

// finite are verbs that a subject is followed by and that do not end as presents do.
var finite = strings.Fields(`skal må vil kan har er blir vert får var ble vart vil tek gjer foreslo ga gav fikk fekk tok kom gikk gjekk sa skriv held set legg skulle ville kunne burde hadde
kjem kjæm kjeme ligg sit søv syng bryt skyt stryk les ber dreg fer finn bind spring vinn heng veks dett gret kryp lyg tyt e ha tæk står ser ler mått ska kainn bør sit satt sat låg lå stod sto såg så ble bli vaks sprang fann fant dro drog lét let sang skreiv heldt`)

// bodies may be the subject of a sentence though nobody said their name: a meeting speaks of them as "we".
var bodies = strings.Fields(`kommunen administrasjonen møtet gruppen gruppa utvalget utvalet styret avdelingen avdelinga ledelsen leiinga rådet formannskapet kommunestyret
barnehagen barnehagane skolen skulen biblioteket sykehjemmet sjukeheimen kontoret etaten bedriften bedrifta selskapet klubben klubbar laget foreningen foreininga organisasjonen virksomheten verksemda nemnda komiteen prosjektet teamet enheten eininga seksjonen senteret
barna borna ungene ungane elevene elevane foreldrene foreldra brukerne brukarane beboerne bebuarane innbyggerne innbyggjarane deltakerne deltakarane medlemmene medlemene flertallet fleirtalet mindretallet mindretalet saken saka forslaget framlegget innstillingen innstillinga tilrådinga flere fleire noen nokon`)

// subject reports whether a sentence begins with a word that nobody said and then a verb: a name that no
// list knows, or somebody of whom nothing was said.
func (c *Checker) subject(st *statement, i int, src source) bool {
	w := st.words[i]
	if w.function || polar(w.Lower) || spells(w.Lower, src.words) || i+1 >= len(st.words) || w.Mark != 0 || slices.Contains(bodies, w.Lower) || template(w.Lower) || deciding(w.Lower) || inSource(w, src) || spells(w.Lower, readWords(c.m.Body+" "+c.m.Title)) {
		return false
	}
	next := st.words[i+1].Lower
	if st.words[i+1].Capitalised() && !st.words[i+1].function && spells(next, src.words) || afterName(next, i, st, src) {
		return true // it stands where another name stood
	}
	return slices.Contains(finite, next) || len(next) > 3 && strings.HasSuffix(next, "r") || len(next) > 4 && (strings.HasSuffix(next, "te") || strings.HasSuffix(next, "dde"))
}

// afterName reports whether a word was said right after a name, and after nothing else, with the word that follows it, as it stands in the statement
// after word i.
func afterName(next string, i int, st *statement, src source) bool {
	named := false
	for _, s := range src.sentences {
		for j := 1; j < len(s.words); j++ {
			if s.words[j].Lower != next || s.words[j-1].Mark != 0 {
				continue
			}
			if i+2 < len(st.words) && (j+1 >= len(s.words) || s.words[j+1].Lower != st.words[i+2].Lower) {
				continue
			}
			if w := s.words[j-1]; !w.Capitalised() || w.function {
				return false
			}
			named = true
		}
	}
	return named
}

// held reports whether a word or a form of it was said, or is of who said it.
func held(lower string, src source) bool {
	root := norsk.Root(lower)
	has := func(e word) bool { return e.Lower == lower || norsk.SameRoot(root, e.root) }
	return slices.ContainsFunc(src.words, has) || slices.ContainsFunc(src.labels, has)
}

// name checks the name in the words [from, to).
func (c *Checker) name(st *statement, from, to int, src source) (Fault, bool) {
	var missing []string
	for _, w := range st.words[from:to] {
		if !spells(w.Lower, src.words) && !spells(w.Lower, src.labels) {
			missing = append(missing, w.Lower)
		}
	}
	whole := strings.TrimSuffix(norsk.Fold(st.quote(from, to)), "'")
	person := c.person(whole)
	if len(missing) > 0 {
		// A last name that the roster adds to the first names that were said, if these can mean only one.
		if person != "" && to-from > 2 && len(missing) == 1 && missing[0] == st.words[to-1].Lower && len(c.called(norsk.Fold(st.quote(from, to-1)))) == 1 {
			return Fault{}, true
		}
		if person != "" && whole != norsk.Fold(st.words[from].Lower) && len(missing) == to-from-1 && len(c.called(st.words[from].Lower)) == 1 {
			return Fault{}, true
		}
		if person != "" && len(missing) == to-from-1 {
			return Fault{Kind: Person, Words: st.quote(from, to)}, false
		}
		return Fault{Kind: Name, Words: st.quote(from, to)}, false
	}
	if person != "" && !c.about(person, st.around(from), src) {
		return Fault{Kind: Person, Words: st.quote(from, to)}, false
	}
	return Fault{}, true
}

// spells reports whether a name stands among words, a genitive aside.
func spells(lower string, words []word) bool {
	bare := strings.TrimSuffix(strings.TrimSuffix(lower, "s"), "'")
	party := parties[lower]
	return slices.ContainsFunc(words, func(e word) bool {
		return e.Lower == lower || strings.TrimSuffix(strings.TrimSuffix(e.Lower, "s"), "'") == bare && len(bare) > 1 || party != "" && parties[e.Lower] == party
	})
}

// person is the one known person that a folded name, genitive included, can mean, or "".
func (c *Checker) person(name string) string {
	for _, n := range []string{name, strings.TrimSuffix(name, "s")} {
		if who := c.called(n); len(who) == 1 {
			return who[0]
		}
	}
	return ""
}

// called lists the known persons whose whole, first or last name this is.
func (c *Checker) called(name string) []string {
	var out []string
	for _, p := range c.people {
		full := norsk.Fold(p)
		if full == name {
			return []string{p}
		}
		if strings.HasPrefix(full, name+" ") || strings.HasSuffix(full, " "+name) {
			out = append(out, p)
		}
	}
	return out
}

// about reports whether a sentence of a statement can have been said of the person that it names: the
// person is named where the matter is, or spoke of it. What was said of another person in so many words
// is not.
func (c *Checker) about(person string, st *statement, src source) bool {
	own := c.bond(person, st, src)
	if own.clause == 0 && !mentioned(person, src.words) && own.voice == 0 && !replies(person, src) {
		return false // only the voice of words about something else
	}
	for _, other := range c.people {
		if other == person || mentioned(other, st.words) {
			continue
		}
		b := c.bond(other, st, src)
		theirs, mine := max(b.clause, b.first), max(own.clause, own.voice)
		if mine == 0 && theirs >= 2 && theirs > own.sentence || mine > 0 && b.clause >= 2*mine+1 && own.voice == 0 {
			return false
		}
		if mine == 0 && own.sentence > 0 && b.clause >= max(1, own.sentence-1) && c.together(person, other, src) {
			return false // "Kari bestiller, og Ola rydder" says of Ola that he tidies
		}
	}
	return true
}

// bonds are how many words of a statement's matter stand close to a person.
type bonds struct {
	clause   int // in a clause that names the person
	sentence int // in a sentence that does
	voice    int // in a sentence the person said
	first    int // in one the person said in the first person
}

func (c *Checker) bond(person string, st *statement, src source) bonds {
	var b bonds
	for _, s := range src.sentences {
		if s.speaker == person && !s.question {
			n := shared(st, s, span{0, len(s.words)})
			b.voice = max(b.voice, n)
			if norsk.Has(norsk.Phrases("jeg|eg|æ"), s.tokens) {
				b.first = max(b.first, n)
			}
		}
		if !mentioned(person, s.words) {
			continue
		}
		b.sentence = max(b.sentence, shared(st, s, span{0, len(s.words)}))
		for _, cl := range s.clauses {
			if !mentioned(person, s.words[cl.from:cl.to]) {
				continue
			}
			if cl.to-cl.from <= 3 && len(s.clauses) > 1 {
				cl = span{0, len(s.words)} // "Ola, kan du ...?"
			}
			b.clause = max(b.clause, shared(st, s, cl))
		}
	}
	return b
}

// together reports whether a sentence names both persons.
func (c *Checker) together(a, b string, src source) bool {
	return slices.ContainsFunc(src.sentences, func(s sentence) bool { return mentioned(a, s.words) && mentioned(b, s.words) })
}

// shared counts the words of a statement's matter, names aside, that stand in a clause.
func shared(st *statement, s sentence, cl span) int {
	n := 0
	for i, w := range st.words {
		if w.function || w.Capitalised() && !st.initial[i] {
			continue
		}
		if slices.ContainsFunc(s.words[cl.from:cl.to], func(e word) bool { return supports(w, e) }) {
			n++
		}
	}
	return n
}

// mentioned reports whether a person's first or last name stands among words.
func mentioned(person string, words []word) bool {
	f := strings.Fields(norsk.Fold(person))
	if len(f) == 0 {
		return false
	}
	return spells(f[0], words) || len(f) > 1 && spells(f[len(f)-1], words)
}

// replies reports whether a person gave a short answer in the cited words: "Ja, det gjør jeg."
func replies(person string, src source) bool {
	return slices.ContainsFunc(src.sentences, func(s sentence) bool {
		return s.speaker == person && !s.question && len(s.words) <= 12 && (norsk.Has(accepts, s.tokens[:min(3, len(s.tokens))]) || norsk.Has(firstPerson, s.tokens))
	})
}

var firstPerson = norsk.Phrases("jeg", "eg", "æ", "je", "vi", "me", "meg", "min", "mitt", "mine", "vår", "vårt", "våre")
