package evidence

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

var (
	// accepts say yes to a request; firstly only at the head of a sentence.
	accepts = norsk.Phrases("ja", "jo", "jada", "joda", "greit", "ok", "okei", "det er greit", "det e greit", "den er grei", "skal bli", "klart", "gjerne", "selvsagt", "sjølvsagt", "selvfølgelig", "absolutt", "fint", "greitt", "jepp", "ja visst", "det går fint|bra", "notert", "yes", "supert")
	takings = norsk.Phrases("vi|me tar|tek|gjør|gjer|ordner|ordnar det|den sammen|saman|i|vi", "det|den|dette skal|ska|kan|kainn|kanj|kann|gjør|gjer|fikser|fiksar|ordner|ordnar|tar|tek|tæk|tæke|klarer|klarar|rekker|rekk ..1 jeg|eg|æ|æ'n", "jeg|eg|æ|æ'n ..1 tar|tek|tæk|tæke|skal|ska|kan|kainn|kanj|kann|gjør|gjer|fikser|ordner|ordnar det|den|dette|dei|dem", "tar|tek|tæk|tæke jeg|eg|æ|æ'n på meg", "på meg",
		"kan jeg|eg|æ|æ'n gjøre|gjere|ta", "jeg|eg|æ|æ'n kan|kainn|kanj|kann|skal gjøre|gjere|ta|ordne|fikse|sende|spørre|spørje det|den|dei|dem", "kan jeg|eg|æ|æ'n", "skal jeg|eg|æ|æ'n", "jeg|eg|æ|æ'n kan",
		"jeg|eg|æ spør|spørr|ringer|ringjer|sender|sjekker|sjekkar|skriver|skriv|svarer|svarar|snakker|snakkar|følger|følgjer|henter|hentar ..1 han|ham|hun|ho|henne|dem|dei|den|det")
	refuses = norsk.Phrases("nei", "dessverre", "diverre", "rekker|rekk ..2 ikke|ikkje", "kan|kainn|kanj|kann|har|klarer|klarar jeg|eg ikke|ikkje", "jeg|eg kan|kainn|kanj|kann|har|rekker|rekk ikke|ikkje", "har jeg|eg ikke|ikkje tid")
	// orders give a task away, whatever they begin with.
	orders = norsk.Phrases("gjør|gjer det", "det er|e bra", "du", "dere|dykk", "takk", "godt")
	asks   = norsk.Phrases("kan|kainn|kanj|kann|kunne|vil|tar|tek|tæk|tæke|får|skal|ska|må|rekker|rekk|klarer|klarar|bestiller|bestillar|ordner|ordnar|fikser|fiksar|sender|sjekker|sjekkar|lager|lagar|skriver|skriv|ringer du|dere|de|dykk",
		"kan|kainn|kanj|kann|kunne|vil|tar|tek|tæk|tæke noen|nokon", "hvem|kven")
	commits = norsk.Phrases("jeg|eg|æ|æ'n|je også|òg|jo|da|då|nå|no|gjerne|godt|vel|nok|heller|bare|berre|selv|sjølv|og|altså|kan|skal? skal|ska|kan|kainn|kanj|kann|tar|tek|tæk|tæke|må|får|lover|lovar|fikser|fiksar|ordner|ordnar|gjør|gjer|prøver|prøvar|sir", "jeg|eg|æ|æ'n|je ..1 har på", "skal|ska|kan|kainn|kanj|kann|tar|tek|tæk|tæke|må|får|fikser|fiksar|ordner|ordnar|gjør|gjer|prøver|prøvar|lover|lovar jeg|eg|æ|æ'n|je", "til|på|av meg|mæ")
	dropped = norsk.Phrases("trenger|treng|trengs|trengst|trengst|behøver|behøves ..3 ikke|ikkje", "ikke|ikkje nødvendig|naudsynt", "vi|me dropper|droppar", "glem|gløym det|den", "likevel ikke|ikkje",
		"tar|tek|tæk|tæke ..3 tilbake|attende", "stryk|stryker det|den|oppgaven|oppgåva", "la det ligge|liggje", "allerede|allereie ..2 gjort|bestilt|sendt|ordna|ordnet|fikset|fiksa", "er alt? gjort",
		"slipper|slepp du", "gjør|gjer ..1 ikke|ikkje ..3 likevel", "ikke|ikkje aktuelt")
	prepositions = []string{"til", "med", "fra", "frå", "for", "hos", "av", "mot", "om", "ved", "etter", "enn", "uten", "utan", "bak", "under"}
)

// Task checks that somebody took on a task: what it is, who took it, and that it was not dropped again.
// An empty owner is not asked for.
func (c *Checker) Task(task, owner string, ids []string) []Fault {
	src := c.cite(ids)
	task = said(task, src)
	out := c.check(task, ids, asTask)
	if src.empty() {
		return out
	}
	st := readStatement(task)
	if c.takenBack(st, src) {
		out = append(out, Fault{Kind: TakenBack, Words: strings.TrimSpace(task)})
	}
	for _, who := range owners(owner) {
		if !c.takes(who, st, src) {
			out = append(out, Fault{Kind: Person, Words: who})
		}
	}
	return out
}

// delivered tell what others get of who speaks: "dere får lista på fredag". receives is it in the words of who asked
// for it to be had; what others merely have is such only beside its matter.
var (
	delivered = norsk.Phrases("du|dere|dokker|de|dykk|utvalget|utvalet|styret ..1 får", "skal du|dere|dokker|de|dykk ..1 få|ha", "du|dere|dokker|dykk skal ..1 få|ha", "får du|dere|dokker|dykk", "får|få ..8 fra|frå|av meg|mæ|oss")
	had       = norsk.Phrases("dere|dokker|dykk har", "har du|dere|dokker|dykk")
)

// delivers reports whether a sentence promises its matter to others.
func (c *Checker) delivers(s sentence, st *statement) bool {
	matter := shared(st, s, span{0, len(s.words)}) > 0
	return norsk.Has(delivered, s.tokens) && (matter || c.spokenOf(s, st)) || norsk.Has(had, s.tokens) && matter
}

// said is a task without the word that a writer puts to it where none was said: "Følge opp: taket lekker", and
// "Sende" of what others are to get.
func said(task string, src source) string {
	task = strings.TrimSpace(task)
	for _, form := range []string{"nb", "nn"} {
		if rest, ok := strings.CutPrefix(task, norsk.FollowUp.In(form)); ok && strings.Trim(rest, ": .") != "" {
			return norsk.Capitalise(strings.TrimLeft(rest, ": "))
		}
	}
	if rest, ok := strings.CutPrefix(task, "Sende "); ok && !slices.ContainsFunc(src.words, func(w word) bool { return norsk.SameRoot(w.root, norsk.Root("sende")) }) && slices.ContainsFunc(src.sentences, func(s sentence) bool { return norsk.Has(delivered, s.tokens) || norsk.Has(had, s.tokens) }) {
		return norsk.Capitalise(rest)
	}
	return task
}

// owners splits "Kari og Ola".
func owners(s string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(strings.NewReplacer(" og ", ",", " & ", ",", " + ", ",", ";", ",").Replace(s), func(r rune) bool { return r == ',' }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// takes reports whether the source has this owner take the task: in the first person, by saying yes to who
// asked, or by being named for it.
func (c *Checker) takes(owner string, st *statement, src source) bool {
	person := c.person(norsk.Fold(owner))
	if person == "" && len(c.called(norsk.Fold(owner))) > 1 {
		return false // two of that name
	}
	if who := c.subjects(st, src); len(who) > 0 && !slices.ContainsFunc(who, func(w string) bool { return c.sameOwner(w, owner, person) }) {
		return false // it says in so many words who does it
	}
	if slices.ContainsFunc(src.sentences, func(s sentence) bool {
		return person != "" && s.speaker == person && leaves(s, st)
	}) {
		return false
	}
	for i, s := range src.sentences {
		own := s.speaker != "" && s.speaker == person || c.holds(owner, src, s.segment)
		if own && (!s.question || norsk.Has(nods, s.tokens[max(0, len(s.tokens)-6):])) && (c.commits(s, st, src) || c.delivers(s, st)) && !c.thinksAgain(s) {
			return true
		}
		if own && norsk.Has(offering, s.tokens) && shared(st, s, span{0, len(s.words)}) > 0 && c.welcomed(i, s, src) {
			return true
		}
		if !c.namedFor(owner, person, s) || hedged(s) && !s.question {
			continue
		}
		stranger := person == "" && !collective(owner) // neither on the roster nor a voice, and no group or office
		switch {
		case !s.question && c.objectOf(person, s):
		case !s.question && !norsk.Has(asks, s.tokens) && c.othersTake(person, s, st, src):
		case person == "" && !stranger, c.agreed(i, s, person, src):
			return true
		case s.question || norsk.Has(asks, s.tokens):
		case !stranger || !norsk.Has(refuses, s.tokens[:min(3, len(s.tokens))]) && denies(s.tokens) < 0:
			return true
		}
	}
	return false
}

// leaves reports whether a clause leaves the task to others: "Men Coop bør nok noen andre ringe."
func leaves(s sentence, st *statement) bool {
	return !s.question && slices.ContainsFunc(s.clauses, func(cl span) bool {
		words := s.tokens[cl.from:cl.to]
		if _, to, ok := norsk.FindAny(norsk.Phrases("det|den|han|ho får|må|kan|bør|skal"), words); ok && to < len(words) && words[to].Capitalised() && !norsk.Functional(words[to].Lower) {
			return true // "Det får Rune gjøre"
		}
		return norsk.Has(norsk.Phrases("noen|nokon|nån andre", "en|ein annen|annan"), words) && shared(st, s, cl) > 0
	})
}

// objectOf reports whether another voice says "jeg" where it names the person, as one to whom or with whom it does
// something: "eg melder på både meg og Tor".
func (c *Checker) objectOf(person string, s sentence) bool {
	if person == "" || s.speaker == person || s.speaker == "" {
		return false
	}
	return slices.ContainsFunc(s.clauses, func(cl span) bool {
		words := s.tokens[cl.from:cl.to]
		return mentioned(person, s.words[cl.from:cl.to]) && norsk.Has(commits, words) && !norsk.Has(norsk.Phrases("jeg|eg|æ og", "og jeg|eg|æ"), words)
	})
}

// offering asks whether to do something, or says that one could.
var (
	offering = norsk.Phrases("skal|kan|må|vil jeg|eg|æ|je", "jeg|eg|æ|je kunne|kan", "kunne jeg|eg|æ|je", "vil du|dere|de at jeg|eg")
	welcomes = norsk.Phrases("ja|jo|gjerne|takk|supert|flott|fint|bra|greit|perfekt|absolutt|kjempefint|kjempebra|nydelig|ok|okei", "gjør|gjer det|du", "hadde|det hadde vært|vore", "gjør|gjer")
)

// welcomed reports whether somebody else then says yes to an offer.
func (c *Checker) welcomed(i int, offer sentence, src source) bool {
	for _, s := range src.sentences[i+1:] {
		if s.speaker == offer.speaker && offer.speaker != "" {
			continue
		}
		if norsk.Has(welcomes, s.tokens[:min(6, len(s.tokens))]) && !norsk.Has(refuses, s.tokens[:min(2, len(s.tokens))]) {
			return true
		}
	}
	return false
}

// nods end a statement that asks for no more than that: "jeg og Per skriver det, sant, Per?"
var nods = norsk.Phrases("sant", "går det an|greit|bra|fint", "er det greit|ok|okei|i orden|bra|fint")

// namedFor reports whether a sentence names an owner, not merely as one to whom or of whom something is.
// A first name that several have names nobody.
func (c *Checker) namedFor(owner, person string, s sentence) bool {
	names := norsk.Tokens(owner)
	if person != "" {
		names = norsk.Tokens(person)
	}
	if len(names) == 0 {
		return false
	}
	group := person == "" && collective(owner)
	for i, w := range s.words {
		for j, n := range names {
			if j > 0 && j < len(names)-1 {
				continue // a middle name alone is nobody
			}
			if w.Lower != n.Lower && !(group && len(w.Lower) > 3 && norsk.SameRoot(w.root, norsk.Root(n.Lower))) {
				continue
			}
			if person != "" && len(names) > 1 && len(c.called(n.Lower)) > 1 && !(i+1 < len(s.words) && s.words[i+1].Lower == names[len(names)-1].Lower) {
				continue
			}
			if person == "" && !group && !spells(names[0].Lower, s.words) {
				continue
			}
			first := i
			for first > 0 && slices.ContainsFunc(names, func(n norsk.Token) bool { return n.Lower == s.words[first-1].Lower }) {
				first-- // "til Ola By" is to him, whichever of his names is looked at
			}
			if group || first == 0 || !slices.Contains(prepositions, s.words[first-1].Lower) {
				return true
			}
		}
	}
	return false
}

// collective reports whether an owner is a group or an office rather than a person: it is written small, in
// capitals throughout ("HR"), or ends in what such are called.
func collective(owner string) bool {
	names := norsk.Tokens(owner)
	if len(names) == 0 {
		return false
	}
	last := names[len(names)-1]
	return !last.Capitalised() || len(last.Text) > 1 && strings.ToUpper(last.Text) == last.Text ||
		slices.ContainsFunc(names, func(t norsk.Token) bool { return office(t.Lower) || slices.Contains(bodies, t.Lower) })
}

// holds reports whether the voice of a segment has the owner as its role: "Kommunedirektøren".
func (c *Checker) holds(owner string, src source, segment int) bool {
	root := norsk.Root(strings.ToLower(owner))
	for _, s := range src.segments {
		if s.index == segment {
			name := len(norsk.Tokens(s.speaker))
			return slices.ContainsFunc(s.label[min(name, len(s.label)):], func(w word) bool { return norsk.SameRoot(root, w.root) })
		}
	}
	return false
}

// agreed reports whether a yes, and no refusal, follows sentence i: in the source or just after it. Who
// says no and then yes in one turn ("ikke i dag, men jeg kan i morgen") has said yes.
//
// person is who was asked, "" anybody: when another says "that I can do", it is not the one asked who does.
func (c *Checker) agreed(i int, asked sentence, person string, src source) bool {
	turn := func(list []sentence) (yes, no bool) {
		for _, s := range list {
			if person != "" && s.speaker != "" && s.speaker != person && s.speaker != asked.speaker && norsk.Has(takings, s.tokens) {
				return yes, true
			}
			if s.speaker == asked.speaker && s.speaker != "" && s.segment != asked.segment || s.question || s.segment == asked.segment {
				continue
			}
			head := s.tokens[:min(8, len(s.tokens))]
			if norsk.Has(refuses, head) {
				no = true
				if denies(s.tokens) >= 0 {
					yes = yes && !norsk.Has(norsk.Phrases("nei"), s.tokens[:min(2, len(s.tokens))])                                                                                             // "Ja. Eller nei, ..."
					yes = yes || norsk.Has(takings, s.tokens[:min(4, len(s.tokens))]) && slices.ContainsFunc(s.tokens[:denies(s.tokens)], func(t norsk.Token) bool { return t.Lower == "men" }) // "det kan jeg, men ikke denne uka"
					continue
				}
			}
			yes = yes || norsk.Has(accepts, s.tokens[:min(4, len(s.tokens))]) || norsk.Has(takings, s.tokens) || s.speaker != asked.speaker && c.promises(s)
		}
		return yes, no
	}
	for j := asked.segment + 1; j < min(len(c.said), asked.segment+4); j++ {
		if asked.question && j > asked.segment+1 && c.said[j].speaker == asked.speaker && c.putsOff(j-1, person) && c.grants(j) {
			return true
		}
		if yes, no := turn(c.said[j].sentences); yes || no {
			return yes
		}
	}
	rest := src.sentences[i+1:]
	yes, _ := turn(rest)
	return yes
}

// promises reports whether a sentence says when what was asked for will be there: "Den er på plass innen onsdag."
func (c *Checker) promises(s sentence) bool {
	return norsk.Has(norsk.Phrases("det|den|han|ho|de|dei|dem står|ligger|ligg|er|e|skal|kommer|kjem|blir|vert"), s.tokens[:min(3, len(s.tokens))]) && denies(s.tokens) < 0 && !hedged(s) &&
		slices.ContainsFunc(c.fixed(s.tokens), func(d norsk.Date) bool { return !d.Day.IsZero() })
}

// putsOff reports whether a segment's voice, the one asked, asks for more time; grants whether one gives it.
func (c *Checker) putsOff(j int, person string) bool {
	return (person == "" || c.said[j].speaker == person) && slices.ContainsFunc(c.said[j].sentences, func(s sentence) bool {
		return s.question && norsk.Has(norsk.Phrases("kan|kainn det|den vente|ta", "skal vi|me si|seie", "holder|held ..1 det|den", "går|gjeng ..1 det", "er|e det|den greit|ok|tidsnok"), s.tokens)
	})
}

func (c *Checker) grants(j int) bool {
	return slices.ContainsFunc(c.said[j].sentences, func(s sentence) bool {
		return !s.question && denies(s.tokens) < 0 && norsk.Has(norsk.Phrases("greit|greitt|fint|ok|okei|ja|holder|held|bra|går"), s.tokens)
	})
}

// takenBack reports whether a task was dropped: after it in the cited words, or shortly afterwards.
func (c *Checker) takenBack(st *statement, src source) bool {
	last := -1
	for i, s := range src.sentences {
		if shared(st, s, span{0, len(s.words)}) > 0 && !drops(s) {
			last = i
		}
	}
	if last < 0 {
		return false
	}
	for _, s := range src.sentences[last+1:] {
		if drops(s) && len(s.words) <= 20 && !s.question {
			return true
		}
	}
	end := src.segments[len(src.segments)-1].index
	other := false // something else has been taken up
	for j := end + 1; j < min(len(c.said), end+1+lookahead); j++ {
		for _, s := range c.said[j].sentences {
			if !drops(s) || len(s.words) > 20 || s.question {
				other = other || weight(s) >= 3 && shared(st, s, span{0, len(s.words)}) == 0
				continue
			}
			if shared(st, s, span{0, len(s.words)}) > 0 || !other && j <= end+2 && len(s.words) > 0 && slices.Contains([]string{"det", "den", "nei", "forresten", "eller", "stopp", "vent"}, s.words[0].Lower) {
				return true
			}
		}
	}
	return false
}

// drops tells a sentence that says a task is not needed. That one need not worry about it is something else.
func drops(s sentence) bool {
	return norsk.Has(dropped, s.tokens) && !norsk.Has(norsk.Phrases("ikke|ikkje ..3 mase|tenke|tenkje|bekymre|vente|være|vere|bry|uroe|spørre|spørje"), s.tokens)
}

// weight is how many words of matter a sentence has.
func weight(s sentence) int {
	n := 0
	for _, w := range s.words {
		if !w.function {
			n++
		}
	}
	return n
}
