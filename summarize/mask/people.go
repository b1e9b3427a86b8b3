package mask

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// person is somebody whose name is known, from the roster or from what was said.
type person struct {
	n                 int
	full, first, last string   // as first met; any may be empty
	words             []string // of the whole name, folded
}

// people knows whom a name can mean.
type people struct {
	all    []*person // number n stands at n-1
	whole  map[string]*person
	byWord map[string][]*person
	shared map[string]int  // a word that several people bear -> the number it gets instead
	common map[string]bool // words that the texts have in small letters: ordinary ones
}

func newPeople() people {
	return people{whole: map[string]*person{}, byWord: map[string][]*person{}, shared: map[string]int{}, common: map[string]bool{}}
}

// titles stand before a name and are no part of it.
var titles = wordSet("ordfører ordførar ordføreren ordføraren varaordfører varaordførar varaordføreren varaordføraren rådmann rådmannen kommunedirektør kommunedirektøren " +
	"kommunalsjef kommunalsjefen rektor lege legen overlege fastlege fastlegen tannlege sykepleier sjukepleiar sykepleieren sjukepleiaren helsefagarbeider helsefagarbeidar " +
	"lærer lærar læreren læraren advokat advokaten professor doktor dr prest presten biskop representant representanten statsråd statsråden statsminister " +
	"leder leiar nestleder nestleiar møteleder møteleiar sekretær sekretæren referent avdelingsleder avdelingsleiar enhetsleder einingsleiar " +
	"saksbehandler saksbehandlar saksbehandleren saksbehandlaren økonomisjef økonomisjefen kultursjef kultursjefen helsesjef plansjef revisor kontrollør " +
	"fru herr frøken frk hr ms mr mrs onkel tante bestemor bestefar mormor farmor morfar farfar datter datteren dotter dottera sønn sønnen søn son sonen bror broren svigersønn svigerdatter mor mora moren far faren mamma pappa søster bror pasient pasienten bruker brukeren brukar brukaren beboer bebuar " +
	"vaktmester vaktmeister vaktmesteren trener trenar kaptein politioverbetjent lensmann lensmannen fylkesordfører fylkesordførar byråd byråden kollega kollegaen saksordfører saksordførar saksordføreren saksordføraren medlem medlemmet varamedlem vararepresentant vararepresentanten gruppeleder gruppeleiar gruppelederen gruppeleiaren president presidenten fysioterapeut vernepleier vernepleiar hjelpepleier hjelpepleiar ektemannen ektefelle kona mannen sonen sønnen dottera datteren dattera søstera broren nabo naboen elev eleven kunde kunden klient klienten søker søkjar søkeren søkjaren")

// particles stand inside names.
var particles = wordSet("van von de der den di da del af av la le el al bin ibn")

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		set[w] = true
	}
	return set
}

// learn makes a whole name known; surnameOnly says that a single word is a surname ("herr Berge").
func (p *people) learn(words []string, surnameOnly bool) *person {
	if len(words) == 0 {
		return nil
	}
	folded := make([]string, len(words))
	for i, w := range words {
		folded[i] = fold(w)
	}
	key := strings.Join(folded, " ")
	if who := p.whole[key]; who != nil {
		return who
	}
	if len(words) == 1 {
		if owners := p.byWord[folded[0]]; len(owners) > 0 {
			return owners[0]
		}
	}
	who := p.sameAs(folded)
	if who == nil {
		who = &person{n: len(p.all) + 1}
		p.all = append(p.all, who)
	}
	p.whole[key] = who
	if len(folded) > len(who.words) || len(folded) == len(who.words) && len(strings.Join(folded, "")) > len(strings.Join(who.words, "")) {
		who.words = folded
		who.full = strings.Join(words, " ")
		switch {
		case len(words) > 1:
			who.first, who.last = words[0], words[len(words)-1]
		case surnameOnly:
			who.last = words[0]
		default:
			who.first = words[0]
		}
	}
	for i, w := range folded {
		for _, part := range append(strings.Split(w, "-"), w) {
			if bears(part, i) && !p.common[part] && !slices.Contains(p.byWord[part], who) {
				p.byWord[part] = append(p.byWord[part], who)
			}
		}
	}
	return who
}

// hear notes the words that a text has in small letters, so that they are not taken for names where they
// begin a sentence. Names of the lists stay names: some recognisers write all in small letters.
func (p *people) hear(text string) {
	for _, a := range lex(text) {
		if a.sort == word && !a.capital && !p.known(a.low) && !firstNames[a.low] && !lastNames[a.low] {
			p.common[a.low] = true
		}
	}
}

// bears reports whether a word of a name stands for the person when it is said alone.
func bears(w string, at int) bool {
	return utf8.RuneCountInString(w) > 1 && (at == 0 || !particles[w])
}

// sameAs finds the person of whom a whole name says more, or less: "Kari Lunde" and "Kari Marie Lunde", and
// a first name that nobody else bears.
func (p *people) sameAs(folded []string) *person {
	if len(folded) < 2 {
		return nil
	}
	first, last := folded[0], folded[len(folded)-1]
	for _, who := range p.byWord[last] {
		n := len(who.words)
		if n > 1 && who.words[0] == first && who.words[n-1] == last && (n == 2 || len(folded) == 2) {
			return who
		}
	}
	if who := p.byInitial(first, last); who != nil {
		return who
	}
	for _, w := range []string{first, last} {
		if owners := p.byWord[w]; len(owners) == 1 && len(owners[0].words) == 1 {
			return owners[0]
		}
	}
	return nil
}

// byInitial finds the only person whose whole name is the same but for an initial: "Kari L." and "Kari Lunde".
func (p *people) byInitial(first, last string) *person {
	var found *person
	for _, w := range []string{first, last} {
		for _, who := range p.byWord[w] {
			n := len(who.words)
			if n < 2 || who == found || !sameInitial(who.words[0], first) || !sameInitial(who.words[n-1], last) {
				continue
			}
			if found != nil {
				return nil
			}
			found = who
		}
	}
	return found
}

// sameInitial reports whether two words are the same, or one is the first letter of the other.
func sameInitial(a, b string) bool {
	if utf8.RuneCountInString(a) > 1 && utf8.RuneCountInString(b) > 1 {
		return a == b
	}
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}

// known reports whether a single word is part of a known name.
func (p *people) known(folded string) bool { return len(p.byWord[folded]) > 0 }

// resolve tells which placeholder a name gets: its label and number, and the name it counts as.
func (p *people) resolve(words []string) (label, int, string) {
	folded := make([]string, len(words))
	for i, w := range words {
		folded[i] = fold(w)
	}
	if len(words) > 1 {
		who := p.learn(words, false)
		return labelPerson, who.n, strings.Join(who.words, " ")
	}
	owners := p.byWord[folded[0]]
	if len(owners) == 0 {
		if who := p.whole[folded[0]]; who != nil {
			owners = []*person{who}
		}
	}
	switch len(owners) {
	case 0:
		who := p.learn(words, lastNames[folded[0]] && !firstNames[folded[0]])
		l := labelFirst
		if who.last != "" && who.first == "" {
			l = labelLast
		}
		return l, who.n, strings.Join(who.words, " ")
	case 1:
		who := owners[0]
		l := labelFirst
		if who.words[0] != folded[0] || who.first == "" {
			l = labelLast
		}
		return l, who.n, strings.Join(who.words, " ")
	}
	// Several people bear it, and nobody can say who is meant.
	n, ok := p.shared[folded[0]]
	if !ok {
		p.all = append(p.all, &person{n: len(p.all) + 1, first: words[0], words: nil})
		n = len(p.all)
		p.shared[folded[0]] = n
	}
	if owners[0].words[0] == folded[0] {
		return labelFirst, n, folded[0]
	}
	return labelLast, n, folded[0]
}

// form is a name of person n that fits the label, when it is known.
func (p *people) form(l label, n int) (string, bool) {
	if n < 1 || n > len(p.all) {
		return "", false
	}
	who, s := p.all[n-1], ""
	switch l {
	case labelPerson:
		s = who.full
	case labelFirst:
		s = who.first
	case labelLast:
		s = who.last
	}
	return s, s != ""
}

// genitive parts a word from the ending of possession: the length of the name, 0 when there is none.
func genitive(text string) int {
	for _, ending := range []string{"'s", "’s", "s", "S"} {
		if n := len(text) - len(ending); n > 1 && strings.HasSuffix(text, ending) {
			return n
		}
	}
	return 0
}
