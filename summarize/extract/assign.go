package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// notTasks follow a verb that then commits nobody: "jeg tar ordet", "jeg ser at".
var notTasks = norsk.Phrases("ordet", "en|ein tanke", "at", "ikke|ikkje", "aldri", "bare|berre si|seie", "meg for", "det for gitt", "votering~", "saken til votering", "om ordet", "inn for", "til grunn",
	"vekk", "imot", "plass~", "på min|mi|si|sin kappe", "seg at|også|òg", "om at", "takk", "det? i protokollen|referatet|møteboka|møteboken|protokoll", "ut|inn på|i", "en|ei|ein innledning|innleiing|kort", "beskjed|vite", "en|ein liten?|kort? pause|kommentar", "fram til", "utgangspunkt", "forbehold", "permisjon", "ungen|ungene|barnet|barna i|på|fra|frå?", "avstand", "hverandre|kvarandre", "pause", "det opp til", "sjansen", "forslag~ opp til", "replikk",
	"til etterretning|orientering", "opp ..2 forslag~|framlegg~|saken|saka|tråden", "protokolltilførsel~|protokollmerknad~", "det til orientering|etterretning", "selvkritikk|sjølvkritikk", "å si|seie", "fri|ferie", "helg", "hensyn|omsyn",
	"litt? kort", "det ..2 kontra|her|nå|no", "oss fram|tilbake", "videre|vidare til", "frem|fram til? at", "på meg", "lett på", "opp hånda|hånden|handa", "nå|no over|videre|vidare", "gjerne? en|ein kaffe|kopp")

// reflexive turns what speakers say of themselves to what a document says.
var reflexive = strings.NewReplacer("meg selv", "seg selv", "meg sjølv", "seg sjølv")

// assigned reads the tasks that a sentence gives: "Kari sender ...", "jeg skal ...", "så tar Ola ...". A task
// whose object is only a pronoun has no text yet.
func assigned(u *utterance, p *people, c *calendar) []task {
	list := hits(u, p)
	var out []task
	for k, h := range list {
		end := len(u.tokens)
		if k+1 < len(list) {
			end = list[k+1].from
			for end > h.rest && slices.Contains([]string{"og", "men", "så", "mens", "da", "då", "det", "den"}, u.tokens[end-1].Lower) && (end >= len(u.tokens) || u.tokens[end-1].Lower != "det" && u.tokens[end-1].Lower != "den" || end-2 >= h.rest && u.tokens[end-2].Lower == "og") {
				end--
			}
		}
		if t, ok := h.task(u, end, k == len(list)-1, p, c); ok {
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		out = append(out, listed(u, p, c)...)
	}
	if len(list) == 0 && len(out) == 0 {
		out = append(out, ordered(u, p, c)...)
	}
	if len(out) == 0 {
		out = append(out, passive(u, p, c)...)
	}
	if len(out) == 0 {
		out = append(out, entrusted(u, p, c)...)
	}
	return out
}

// task makes the item from what follows the verb, up to token end.
func (h hit) task(u *utterance, end int, last bool, p *people, c *calendar) (task, bool) {
	rest := u.tokens[h.rest:end]
	if h.rest > 0 && u.tokens[h.rest-1].Mark == ',' {
		rest = nil // "det ordner Siv, ikke sant?": what follows is said of something else
	}
	_, seesTo := startsWith(norsk.Phrases("meg|seg av"), rest) // "jeg tar meg av postlista"
	if _, ok := startsWith(norsk.Phrases("meg"), rest); ok && !seesTo && !slices.Contains([]string{"sende", "gi", "gje", "gjeve", "levere", "skaffe", "vise", "lage", "ringe", "ringje"}, h.verb.infinitive) {
		return task{}, false
	}
	_, receives := startsWith(norsk.Phrases("imot"), rest)
	if _, ok := startsWith(notTasks, rest); ok && !seesTo && !(receives && len(rest) > 1) {
		return task{}, false
	}
	if w := u.tokens[h.owner.from].Lower; !h.owner.group && (w == "vi" || w == "me") && (u.tokens[0].Lower != "da" || h.from > 1) {
		return task{}, false // what the administration does as a rule
	}
	if _, ok := startsWith(rides, rest); ok && (h.verb.infinitive == "ta" || h.verb.infinitive == "rekke") || h.past(u) {
		return task{}, false
	}
	if slices.Contains([]string{"sette", "setje", "legge", "leggje", "ta", "stille", "gi", "gje", "gjere", "gjøre"}, h.verb.infinitive) && norsk.Has(norsk.Phrases("forslag~|framlegg~|endringsforslag~|innstilling~|tilråding~"), rest) && !norsk.Has(norsk.Phrases("til"), rest) {
		return task{}, false // puts a proposal forward, here and now
	}
	for _, t := range u.tokens[max(0, h.from-1):h.rest] {
		if slices.Contains(negations, t.Lower) {
			return task{}, false
		}
	}
	if norsk.Has(norsk.Phrases("ikke|ikkje"), rest[:min(2, len(rest))]) {
		return task{}, false
	}
	t := task{ActionItem: referent.ActionItem{Owner: h.owner.name, Evidence: u.evidence}, ambiguous: h.owner.ambiguous, verb: h.verb, firm: h.firm}
	words, due, found := object(u, h.rest, end, p, c)
	if !found { // a deadline can stand before the verb: "Innen fredag sender jeg ..."
		begin := clauseStart(u.tokens, h.from)
		if l, ok := c.find(u.tokens[begin:h.from]); ok {
			l.From, l.To = l.From+begin, l.To+begin
			due, found = l, true
		}
	}
	if found {
		t.due(due, u)
	}
	front, isFront := topic(u, h, c)
	if isFront && (pronouns(words) || goesOn(words)) && h.owner.name != "" {
		t.Task = norsk.Capitalise(strings.Join(strings.Fields(h.verb.infinitive+" "+afterObject(words, front)), " ")) + "."
		return t, h.verb.strong || h.firm || h.verb.infinitive == "ta" || found || h.verb.committing(norsk.Tokens(words+" "+front))
	}
	if matter, at, ok := fronted(u); ok && at < h.from+1 && h.from-at <= 2 && (pronouns(words) || goesOn(words)) { // "Plakaten, den lager jeg."
		t.Task = norsk.Capitalise(strings.Join(strings.Fields(h.verb.infinitive+" "+afterObject(words, matter)), " ")) + "."
		return t, true
	}
	if before(u, h.from) && words != "" && !pronouns(words) && len(matters(norsk.Tokens(words))) == 0 { // "den har Per sagt ja til å skipe til"
		t.bare, t.rest = true, words
		return t, true
	}
	if pronouns(words) {
		if h.owner.group && u.tokens[h.from].Lower == "må" {
			return task{}, false // "det må vel vaktmesteren ta"
		}
		points := slices.ContainsFunc(norsk.Tokens(words), func(t norsk.Token) bool { return pointing[t.Lower] && t.Lower != "der" })
		if !points && !before(u, h.from) && !found && particle(words) != "" && h.present && !strings.Contains(words, "seg") {
			return task{}, false // "Lovise samler inn", there and then
		}
		if points || strings.Contains(" "+strings.ToLower(words)+" ", " det ") || strings.Contains(" "+strings.ToLower(words)+" ", " den ") || before(u, h.from) || h.verb.strong && (found || words != "") {
			t.bare, t.rest = true, words
			return t, true
		}
		if h.verb.strong && words == "" {
			t.bare, t.silent = true, true
			return t, true
		}
		return task{}, false
	}
	if inMeeting(h, words) && !found && !h.owner.group {
		return task{}, false
	}
	if h.verb.infinitive == "be" && h.owner.group {
		return task{}, false // what a body resolves
	}
	if words == "referat" && h.present && !found {
		return task{}, false // keeps the minutes of this meeting
	}
	if everybody(h.owner) && due.Day.IsZero() {
		return task{}, false // a duty of everyone
	}
	if norsk.Has(customs, rest) {
		return task{}, false
	}
	if slices.Contains([]string{"si", "seie", "se", "sjå", "få", "be", "komme", "kome", "stå", "høre", "høyre"}, h.verb.infinitive) && !h.verb.committing(rest) {
		return task{}, false
	}
	if _, listed := infinitives[h.verb.infinitive]; !listed && !h.verb.strong && !(h.firm && !h.owner.group && len(matters(norsk.Tokens(words))) > 0) && (!found || due.Day.IsZero() || h.owner.group) {
		return task{}, false // a verb known by its ending alone
	}
	if !h.verb.committing(rest) && !found && !(h.firm && infinitives[h.verb.infinitive].infinitive == "") && !(h.verb.infinitive == "ta" && h.owner.name != "" && len(norsk.Tokens(words)) <= 5 && !h.owner.group) {
		return task{}, false
	}
	if h.present {
		words = allInfinitive(words)
	}
	if words == "feil" {
		return task{}, false // "jeg tar feil"
	}
	if after, ok := strings.CutPrefix(words, "meg av "); ok {
		words = "seg av " + after
	}
	words = reflexive.Replace(words)
	t.vagueness, t.rest = vague(words) || pointsBack(words), words
	t.Task = norsk.Capitalise(h.verb.infinitive) + " " + words + "."
	return t, true
}

// rides are what people take to get somewhere.
var rides = norsk.Phrases("turen|bussen|toget|bilen|ferja|heisen|trappa|trappen|flyet|båten|drosje|taxi")

// past reports whether the clause that a hit stands in tells of another time: "i fjor sendte ...".
func (h hit) past(u *utterance) bool {
	from, to := clauseStart(u.tokens, h.from), h.rest
	for to < len(u.tokens) && u.tokens[to-1].Mark == 0 {
		to++
	}
	return norsk.Has(othertimes, u.tokens[from:min(to, len(u.tokens))])
}

// inMeeting tells what a speaker does there and then: "jeg går gjennom punktene", "Ola legger fram".
func inMeeting(h hit, words string) bool {
	if !h.present {
		return false
	}
	tokens := norsk.Tokens(words)
	switch h.verb.infinitive {
	case "svare":
		return len(matters(tokens)) == 0 || slices.Contains(prepositions, tokens[0].Lower) || slices.Contains([]string{"ja", "nei", "at"}, tokens[0].Lower)
	case "legge", "leggje":
		return len(tokens) <= 3 && norsk.Has(norsk.Phrases("fram|frem"), tokens)
	case "gå":
		return norsk.Has(norsk.Phrases("gjennom|igjennom punkt~|sak~|lista|listen|innstilling~|tilråding~|det|dette|kort"), tokens)
	case "godkjenne", "vedta", "bestemme", "avgjøre", "avgjere", "innvilge", "avslå", "støtte", "anbefale", "tilrå": // done by saying so
		return true
	case "telle", "telje", "holde", "halde":
		return h.verb.infinitive == "telle" || h.verb.infinitive == "telje" || len(tokens) > 0 && tokens[0].Lower == "på"
	}
	return here[h.verb.infinitive] && !(len(tokens) > 0 && tokens[0].Lower == "med") // "høre med skolen" is to ask there
}

// everybody tells an owner that is all of them.
func everybody(n named) bool {
	return n.group && strings.HasPrefix(norsk.Fold(n.name), "alle")
}

// customs tell what is done again and again.
var customs = norsk.Phrases("hver|kvar dag|uke|veke|måned|månad|mandag|måndag|tirsdag|tysdag|onsdag|torsdag|fredag|lørdag|laurdag|søndag|sundag|morgen|morgon|kveld|gang|gong|jul|år|sommer|sommar", "annenhver|annankvar", "til vanlig|vanleg", "støtt")

// goesOn tells words that go on after an object: "på nytt", "med vaktmesteren", "ut".
func goesOn(words string) bool {
	tokens := norsk.Tokens(words)
	return len(tokens) > 0 && len(tokens) <= 6 && (slices.Contains(prepositions, tokens[0].Lower) || particle(tokens[0].Lower) != "")
}

// afterObject puts an object that stood before its verb where a document has it: a particle, the object, the rest.
func afterObject(words, object string) string {
	tokens := norsk.Tokens(words)
	if pronouns(words) {
		return particle(words) + " " + object
	}
	if len(tokens) > 0 && particle(tokens[0].Lower) != "" && !slices.Contains([]string{"på", "over"}, tokens[0].Lower) {
		return tokens[0].Text + " " + object + " " + words[tokens[0].End:]
	}
	return object + " " + words
}

// here are verbs of what speakers do in the meeting itself; they are a task only when a deadline is said.
var here = wordSet("lese presentere orientere stille spørre spørje notere vise høre høyre fortelle fortelje starte begynne byrje referere kommentere oppsummere drøfte diskutere")
