package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

var (
	modals  = []string{"skal", "ska", "må", "kan", "får", "vil", "lover", "lovar", "bør"}
	adverbs = []string{"da", "då", "også", "òg", "nok", "gjerne", "straks", "så", "bare", "berre", "selv", "sjølv", "jo", "nå", "no", "å", "deretter", "godt", "heller",
		"i", "morgen", "morgon", "dag", "vel", "også", "videre", "vidare", "eh", "da'", "nå", "liksom", "likevel", "òg", "fortsatt", "framleis", "alltids"}

	selfWords = []string{"jeg", "eg", "æ", "je", "ej", "jæ", "ég", "e"}
)

// hit is an owner with the verb of what is taken on.
type hit struct {
	from    int // where owner or verb begins
	rest    int // after the verb
	owner   named
	verb    verb
	present bool // said in the present tense: "sender", not "skal sende"
	order   bool // said to somebody: "du sender", "send"
}

// hits finds owners with their verbs in a sentence.
func hits(u *utterance, p *people) []hit {
	var out []hit
	for i := 0; i < len(u.tokens); i++ {
		if h, ok := hitAt(u, p, i); ok {
			out = append(out, h)
			i = h.rest - 1
		}
	}
	return out
}

// promises lead to an infinitive: "jeg lover å sende", "Kari får ansvaret for å sende".
var promises = norsk.Phrases("lover|lovar å", "påtar|påtek meg|seg å", "tar|tek på meg|seg å", "tar|tek ansvar|ansvaret for å", "har|får ansvar|ansvaret for å",
	"er ansvarlig|ansvarleg for å", "sørger|syter for å", "har tenkt å|til?", "prøver|prøvar å", "skal prøve å", "melder meg|seg til å", "tar|tek jobben|oppgaven|oppgåva med å", "kommer|kjem til å",
	"har sagt seg? villig til å", "har lovet|lova å", "skal ha ansvar|ansvaret for å", "får i oppgave|oppgåve å", "får jobben|oppgaven|oppgåva med å")

var (
	inCharge = norsk.Phrases("har|får ansvar|ansvaret for")
	begs     = norsk.Phrases("ber|bed")
	asked    = norsk.Phrase("om? å")
	minding  = norsk.Phrase("huske|hugse|passe|prøve|love|få på? å")
)

// hitAt reads "OWNER [skal] VERB", "VERB OWNER" and "[skal] OWNER VERB" at token i.
func hitAt(u *utterance, p *people, i int) (hit, bool) {
	if who, ok := ownerAt(u, p, i); ok {
		j := skipAdverbs(u.tokens, who.to)
		if j >= len(u.tokens) || u.tokens[j-1].Mark != 0 && !isVocative(u, who) {
			return hit{}, false
		}
		for _, pattern := range promises {
			if end, ok := pattern.At(u.tokens, j); ok {
				if v, ok := infinitiveAt(u.tokens, end); ok {
					return hit{from: i, rest: end + 1, owner: who, verb: v}, true
				}
			}
		}
		if _, ok := startsWith(inCharge, u.tokens[j:]); ok {
			return hit{from: i, rest: j + 1, owner: who, verb: verb{infinitive: "ha", strong: true}}, true
		}
		if end, ok := asked.At(u.tokens, j); ok && i > 0 && norsk.Has(begs, u.tokens[max(0, i-2):i]) {
			if v, ok := infinitiveAt(u.tokens, end); ok { // "jeg ber Ola om å sjekke garantien"
				return hit{from: i, rest: end + 1, owner: who, verb: v, order: true}, true
			}
		}
		if slices.Contains(modals, u.tokens[j].Lower) {
			k := skipAdverbs(u.tokens, j+1)
			if end, ok := minding.At(u.tokens, k); ok {
				k = end
			}
			if v, ok := infinitiveAt(u.tokens, k); ok && u.tokens[k-1].Mark == 0 {
				return hit{from: i, rest: k + 1, owner: who, verb: v, order: u.tokens[i].Lower == "du"}, true
			}
		}
		v, ok := presentAt(u.tokens, j)
		if !ok && !who.group {
			v, ok = unlisted(u.tokens, j)
		}
		if ok {
			return hit{from: i, rest: j + 1, owner: who, verb: v, present: true, order: u.tokens[i].Lower == "du"}, true
		}
		return hit{}, false
	}
	if i+1 >= len(u.tokens) || u.tokens[i].Mark != 0 {
		return hit{}, false
	}
	modal := slices.Contains(modals, u.tokens[i].Lower)
	v, isVerb := presentAt(u.tokens, i)
	if !modal && !isVerb {
		return hit{}, false
	}
	at := i + 1
	if w := u.tokens[at].Lower; slices.Contains([]string{"da", "då", "heller", "også", "òg", "nå"}, w) && at+1 < len(u.tokens) {
		at++
	}
	who, ok := ownerAt(u, p, at)
	if !ok {
		return hit{}, false
	}
	order := u.tokens[at].Lower == "du"
	if modal {
		k := skipAdverbs(u.tokens, who.to)
		if v, ok := infinitiveAt(u.tokens, k); ok && u.tokens[k-1].Mark == 0 {
			return hit{from: i, rest: k + 1, owner: who, verb: v, order: order}, true
		}
	}
	if !isVerb {
		return hit{}, false
	}
	return hit{from: i, rest: who.to, owner: who, verb: v, present: true, order: order}, true
}

// ownerAt reads an owner at token i: a name, a role, the speaker ("jeg"), or who is spoken to by name.
func ownerAt(u *utterance, p *people, i int) (named, bool) {
	w := u.tokens[i].Lower
	if slices.Contains(selfWords, w) {
		if w == "e" && (i == 0 || !slices.Contains(modals, u.tokens[i-1].Lower)) {
			return named{}, false // "e" is "er" too; after a modal it is "jeg"
		}
		who := p.voice(u)
		return named{from: i, to: i + 1, name: who.name, ambiguous: who.ambiguous}, true
	}
	if w == "du" {
		if who, ok := addressee(u, p); ok {
			to := i + 1
			if who.from == i+1 {
				to = who.to // "da tar du, Ola, kontakt"
			}
			return named{from: i, to: to, name: who.name, ambiguous: who.ambiguous}, true
		}
		return named{}, false
	}
	return p.owner(u.tokens, i)
}

// addressee is the person that a sentence speaks to by name: "Kari, du ...", "... du, Kari, ...", "..., Kari?".
func addressee(u *utterance, p *people) (named, bool) {
	for _, n := range p.all(u.tokens) {
		if isVocative(u, n) {
			return n, true
		}
	}
	if n := len(u.tokens); n > 0 { // without the comma, at the very end after "du"
		if last, ok := p.at(u.tokens, n-1); ok && slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return t.Lower == "du" }) && n >= 2 && u.tokens[n-2].Lower != "og" &&
			!slices.Contains([]string{"til", "fra", "frå", "med", "av", "for", "hos", "om", "på"}, u.tokens[n-2].Lower) {
			return last, true
		}
	}
	if len(u.tokens) > 2 { // "Kari kan du ...", as recognition writes it
		if first, ok := p.at(u.tokens, 0); ok && first.to+1 < len(u.tokens) && u.tokens[first.to+1].Lower == "du" {
			return first, true
		}
	}
	return named{}, false
}

// isVocative tells a name that is set off as the one spoken to.
func isVocative(u *utterance, n named) bool {
	before := n.from == 0 || u.tokens[n.from-1].Mark == ','
	after := n.to == len(u.tokens) || u.tokens[n.to-1].Mark != 0
	if n.from > 0 && n.to < len(u.tokens) && u.tokens[n.from-1].Lower == "du" {
		before = true
	}
	return before && after && (n.from > 0 || n.to < len(u.tokens) && u.tokens[n.to-1].Mark == ',')
}

var asides = norsk.Phrases("i alle|hvert|kvart|så fall", "for så vidt", "selvfølgelig|sjølvsagt|selvsagt|absolutt")

func skipAdverbs(tokens []norsk.Token, i int) int {
	for _, p := range asides {
		if end, ok := p.At(tokens, i); ok {
			i = end
		}
	}
	for i < len(tokens) && slices.Contains(adverbs, tokens[i].Lower) && tokens[i].Mark == 0 {
		i++
	}
	return i
}

// notTasks follow a verb that then commits nobody: "jeg tar ordet", "jeg ser at".
var notTasks = norsk.Phrases("ordet", "en|ein tanke", "at", "ikke|ikkje", "aldri", "bare|berre si|seie", "meg for", "det for gitt", "votering~", "saken til votering", "om ordet", "inn for", "til grunn",
	"vekk", "imot", "plass~", "på min|mi|si|sin kappe", "seg at|også|òg", "om at", "takk", "det? i protokollen|referatet|møteboka|møteboken|protokoll", "ut|inn på|i", "en|ei|ein innledning|innleiing|kort", "beskjed|vite", "en|ein liten?|kort? pause|kommentar", "fram til", "utgangspunkt", "forbehold", "permisjon", "avstand", "hverandre|kvarandre", "pause", "det opp til", "sjansen", "forslag~ opp til", "replikk",
	"til etterretning|orientering", "opp ..2 forslag~|framlegg~|saken|saka|tråden", "protokolltilførsel~|protokollmerknad~", "det til orientering|etterretning", "selvkritikk|sjølvkritikk", "turen|bussen|toget|bilen|ferja", "å si|seie", "fri|ferie", "helg", "hensyn|omsyn",
	"litt? kort", "meg", "oss fram|tilbake", "videre|vidare til", "frem|fram til? at", "på meg", "lett på", "opp hånda|hånden|handa", "nå|no over|videre|vidare", "gjerne? en|ein kaffe|kopp")

// assigned reads the tasks that a sentence gives: "Kari sender ...", "jeg skal ...", "så tar Ola ...". A task
// whose object is only a pronoun has no text yet.
func assigned(u *utterance, p *people, c *calendar) []task {
	list := hits(u, p)
	var out []task
	for k, h := range list {
		end := len(u.tokens)
		if k+1 < len(list) {
			end = list[k+1].from
			for end > h.rest && slices.Contains([]string{"og", "men", "så", "mens", "da", "då"}, u.tokens[end-1].Lower) {
				end--
			}
		}
		if t, ok := h.task(u, end, k == len(list)-1, p, c); ok {
			out = append(out, t)
		}
	}
	if len(list) == 0 {
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
	_, seesTo := startsWith(norsk.Phrases("meg|seg av"), rest) // "jeg tar meg av postlista"
	if _, ok := startsWith(notTasks, rest); ok && !seesTo {
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
	t := task{ActionItem: referent.ActionItem{Owner: h.owner.name, Evidence: u.evidence}, ambiguous: h.owner.ambiguous, verb: h.verb}
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
	if pronouns(words) {
		if strings.Contains(" "+strings.ToLower(words)+" ", " det ") || strings.Contains(" "+strings.ToLower(words)+" ", " den ") || before(u, h.from) || h.verb.strong && (found || words != "") {
			t.bare, t.rest = true, words
			return t, true
		}
		if h.verb.strong && words == "" {
			t.bare, t.silent = true, true
			return t, true
		}
		return task{}, false
	}
	if (here[h.verb.infinitive] && h.present || h.verb.infinitive == "telle" && h.present || h.verb.infinitive == "telje" && h.present) && !found && !h.owner.group {
		return task{}, false
	}
	if slices.Contains([]string{"si", "seie", "se", "sjå", "få", "be", "komme", "kome", "stå", "høre", "høyre"}, h.verb.infinitive) && !h.verb.committing(rest) {
		return task{}, false
	}
	if _, listed := infinitives[h.verb.infinitive]; !listed && !h.verb.strong && (!found || due.Day.IsZero() || h.owner.group) {
		return task{}, false // a verb known by its ending alone
	}
	if !h.verb.committing(rest) && !found && !(h.verb.infinitive == "ta" && h.owner.name != "" && len(norsk.Tokens(words)) <= 5 && !h.owner.group) {
		return task{}, false
	}
	if h.present {
		words = allInfinitive(words)
	}
	if subject, ok := topic(u, h); ok && slices.Contains([]string{"ta", "fikse", "ordne", "gjøre", "gjere"}, h.verb.infinitive) && len(norsk.Tokens(words)) == 0 {
		words = subject
	}
	if words == "feil" {
		return task{}, false // "jeg tar feil"
	}
	if after, ok := strings.CutPrefix(words, "meg av "); ok {
		words = "seg av " + after
	}
	t.Task = norsk.Capitalise(h.verb.infinitive) + " " + words + "."
	return t, true
}

// here are verbs of what speakers do in the meeting itself; they are a task only when a deadline is said.
var here = wordSet("svare lese presentere orientere stille spørre spørje notere vise høre høyre fortelle fortelje starte begynne byrje referere kommentere oppsummere drøfte diskutere")

// topic is the object that stands before its verb: "Referatet tar jeg."
func topic(u *utterance, h hit) (string, bool) {
	begin := clauseStart(u.tokens, h.from)
	if begin >= h.from || h.from-begin > 8 {
		return "", false
	}
	words := tidy(u.text[u.tokens[begin].Start:u.tokens[h.from-1].End])
	return words, !pronouns(words)
}

// before reports whether "det", "den" or another word for what was said stands right before token i.
func before(u *utterance, i int) bool {
	return i > 0 && slices.Contains([]string{"det", "den", "dette", "de", "dei", "dem", "denne", "detta"}, u.tokens[i-1].Lower)
}

// clauseStart is the first token of the clause that holds token i.
func clauseStart(tokens []norsk.Token, i int) int {
	for i > 0 && (tokens[i-1].Mark == 0 || tokens[i-1].Mark == '.') {
		i--
	}
	return i
}

// object is what a verb is about: the words in [from, to) without the deadline, the name of who is spoken to
// and the politeness around it.
func object(u *utterance, from, to int, p *people, c *calendar) (words string, due limit, found bool) {
	if from >= to {
		return "", limit{}, false
	}
	if _, aside := startsWith(tails, u.tokens[from:to]); aside && from > 0 && u.tokens[from-1].Mark == ',' {
		return "", limit{}, false // "jeg kan bestille, men ..."
	}
	to = withoutTail(u.tokens, from, to)
	if from >= to {
		return "", limit{}, false
	}
	drop := make([]bool, to-from)
	due, found = c.find(u.tokens[from:to])
	if found {
		for i := due.From; i < due.To; i++ {
			drop[i] = true
		}
		due.From, due.To = due.From+from, due.To+from
	}
	for _, n := range p.all(u.tokens) {
		if n.from >= from && n.to <= to && isVocative(u, n) {
			for i := n.from; i < n.to; i++ {
				drop[i-from] = true
			}
		}
	}
	var b strings.Builder
	gap := false
	for i := from; i < to; i++ {
		if drop[i-from] {
			gap = true
			continue
		}
		if b.Len() > 0 {
			if between := u.text[u.tokens[i-1].End:u.tokens[i].Start]; gap {
				b.WriteByte(' ')
			} else {
				b.WriteString(between)
			}
		}
		gap = false
		b.WriteString(u.tokens[i].Text)
	}
	return tidy(strings.TrimSuffix(strings.TrimSuffix(shortened(b.String()), " og"), " så")), due, found
}

// longestObject is how many words say what a task is; recognition that sets no full stop runs on.
const longestObject = 24

// shortened cuts an object that runs on, where a new clause begins if it can.
func shortened(s string) string {
	tokens := norsk.Tokens(s)
	if len(tokens) <= longestObject {
		return s
	}
	for i := 5; i < longestObject; i++ {
		if slices.Contains([]string{"så", "og", "men", "for", "fordi", "da", "då", "eee", "slik"}, tokens[i].Lower) {
			return s[:tokens[i-1].End]
		}
	}
	return s[:tokens[longestObject-1].End]
}

// tails are words after a request that are no part of it.
var tails = norsk.Phrases("er det greit|ok|okei|mulig|mogleg|bra|fint|i orden", "går det bra|greit|an", "er du snill", "vær så snill|snill", "ver så snill", "takk", "ok", "okei", "ikke|ikkje sant",
	"eller", "hvis|viss|dersom du|det|dere|de", "så er det gjort", "så er vi i mål", "så får vi", "rett og slett", "ja", "sant", "da|då", "greit", "tenker|tenkjer jeg|eg", "altså", "for å si det sånn",
	"så det er|blir", "så vi", "så har vi", "så det", "så kan", "så dere|de|dykk", "så du", "så jeg|eg slipper|slepp", "nå|no", "jeg|eg vet|veit", "det går greit|fint|bra", "det er|var", "for det|da|då|vi|jeg|eg", "men")

// withoutTail is the end of [from, to) without such words after a comma, or at the very end.
func withoutTail(tokens []norsk.Token, from, to int) int {
	for i := from + 1; i < to; i++ {
		if tokens[i-1].Mark == 0 {
			continue
		}
		if _, ok := startsWith(tails, tokens[i:to]); ok {
			return i
		}
	}
	for to-from > 1 && slices.Contains([]string{"da", "då", "takk", "eller", "altså", "ja", "også", "òg", "jeg", "eg", "sikkert"}, tokens[to-1].Lower) {
		to--
	}
	return to
}

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

// tidy takes loose commas and the speech around a task away.
func tidy(s string) string {
	s = strings.Join(strings.Fields(strings.NewReplacer(" ,", ",", " .", "").Replace(s)), " ")
	s = norsk.Clean(s)
	s = strings.TrimRight(s, " .,;:?!–-")
	if s == "" {
		return ""
	}
	tokens := norsk.Tokens(s)
	if len(tokens) > 0 && strings.ToUpper(tokens[0].Text) != tokens[0].Text || len(tokens) > 0 && len(tokens[0].Text) == 1 {
		first := tokens[0]
		if first.Start == 0 {
			s = first.Lower + s[first.End:]
		}
	}
	return s
}

var nothing = wordSet("han hun ho henne ham det den dette denne de dei dem opp på så da då ned ut inn over seg det's her der jo òg også gjerne nå no med det, oss alt alle saken saka biten jobben oppgaven oppgåva ansvaret detta")

// pronouns tells words that name nothing by themselves.
func pronouns(s string) bool {
	return !slices.ContainsFunc(norsk.Tokens(s), func(t norsk.Token) bool { return !nothing[t.Lower] })
}

// allInfinitive turns the further verbs of a task: "sjekke ... og gir beskjed" -> "og gi beskjed".
func allInfinitive(s string) string {
	tokens := norsk.Tokens(s)
	var b strings.Builder
	at := 0
	for i, t := range tokens {
		if i == 0 || tokens[i-1].Lower != "og" {
			continue
		}
		if v, ok := verbs[t.Lower]; ok {
			b.WriteString(s[at:t.Start] + v.infinitive)
			at = t.End
		}
	}
	return b.String() + s[at:]
}
