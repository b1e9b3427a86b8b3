package extract

import (
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// confirms settle what was said beside them: "ja, da sier vi det".
var confirms = norsk.Phrases(
	"da|så|ok|ja|dermed gjør|gjer vi|me det|den|slik|sånn|dette slik|sånn|da|då?", "da|så|ok|ja|dermed sier|seier vi|me det|slik|sånn", "det sier|seier vi|me", "vi|me sier|seier det slik|sånn|da|då?", "sier|seier vi|me det",
	"da|så? blir|vert det slik|sånn", "det blir|vert slik|sånn", "slik|sånn blir|vert det", "slik|sånn gjør|gjer vi|me det", "vi|me gjør|gjer det slik|sånn",
	"da|så er det|den|saken|saka ..1 bestemt|avgjort|avgjord|avklart|avklara|løst|løyst|spikra|spikret|landet|landa|vedtatt|vedteke", "da|så er det ..1 en|ein avtale", "det er ..1 bestemt|avgjort|vedtatt|vedteke nå|no?", "da|så spikrer|spikrar|bestemmer|avgjør|avgjer|fastsetter|fastset vi|me det|den|dette",
	"det|den går vi|me for", "det lander|landar vi|me på", "det tar|tek vi|me", "da|så kjører|køyrer vi|me det|den|på", "da|så er det|dette det|slik|sånn vi|me gjør|gjer",
	"vi|me gjør|gjer det samme|same", "det gjør|gjer vi|me", "da|så er vi|me ..1 enige|enig|einige|einig|samde", "vi|me er ..1 enige|enig|einige|einig|samde", "det er vi|me enige|enig|einige|einig|samde om", "det holder|held vi|me på", "det er en|ein avtale", "da|så har vi|me en|ein avtale", "da|så har vi|me bestemt|landet|landa", "da|så går vi|me for det|den|dette", "det velger|vel vi|me", "det er siste ord", "det får|kan de|dei|dere|dykk|han|hun|ho ..1 lov", "ikke|ikkje til diskusjon", "ingen|inga unntak", "det er|var ferdig snakka|snakket|diskutert|prata", "da|så vedtar|vedtek vi|me det", "da|så lander|landar vi|me på|der det?", "det står vi|me ved")

// rules carry what they settle: "vi går for den grønne", "heretter leveres rapporten mandag".
var rules = norsk.Phrases(
	"vi|me er|blir ..2 enige|enig|einige|einig|samde|samd om", "er|blir vi|me ..2 enige|enig|einige|einig|samde|samd om",
	"vi|me går inn? for", "går vi|me inn? for", "vi|me bestemmer|bestemmar oss? for?|at", "vi|me ..1 lander|landar på", "lander|landar vi|me på", "vi|me velger|vel", "da|så velger|vel vi|me", "vi|me blir enige|enig|einige|einig|samde om",
	"vi|me holder|held oss til", "vi|me holder|held fast ved|på", "da|så sier|seier vi|me", "vi|me sier|seier da|då", "konklusjon er|blir?", "beslutning|avgjerd er|blir?", "konklusjonen",
	"heretter", "fra|frå nå|no av", "fra|frå og med", "vi|me satser|satsar på", "vi|me dropper|droppar|droppe", "da|så dropper|droppar vi|me", "vi|me utsetter|utset", "vi|me innfører|innfører", "vi|me avlyser|avlyser",
	"da blir|vert", "det blir|vert da|då", "vi|me setter|set grensen|grensa|fristen|rammen|ramma", "da|så er det|vi|me enige|enig|einige|einig|samde|bestemt om|at", "vi|me kjører|køyrer på? med",
	"da|så skal vi|me ha", "da|så tar|tek vi|me alternativ|den|forslaget|tilbudet|tilbodet")

// remarks tells what follows "da blir" and says only how something is: an adjective.
func remarks(t []norsk.Token) bool {
	if len(t) > 0 && t[0].Lower == "det" {
		t = t[1:]
	}
	named := 0
	for _, w := range t {
		if w.Capitalised() || len(norsk.Dates([]norsk.Token{w}, anyDay)) > 0 || monthWords[w.Lower] {
			return false
		}
		if _, number := norsk.Number(w.Lower); number {
			return false
		}
		if !norsk.Functional(w.Lower) && !openers[w.Lower] && !adjective(w.Lower) {
			named++
		}
	}
	return named == 0
}

// adjective tells by its ending a word that says how something is.
func adjective(w string) bool {
	for _, end := range []string{"t", "lig", "leg", "ig", "ere", "are", "som", "sam"} {
		if len([]rune(w)) > len(end)+2 && strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

var laughs = norsk.Phrases("ha ha", "haha|hahaha|hehe|hihi|høhø", "he he")

// fromNow makes a rule of whatever it begins: "fra nå av er det sånn at ...".
var fromNow = norsk.Phrases("heretter", "fra|frå nå|no av")

// choosing are verbs that settle something after "da ... vi": "da kjøper vi scenelyset".
var choosing = wordSet(`kjøper kjøpe flytter flyttar utsetter utset innfører stenger avlyser beholder beheld dropper droppar fortsetter fortset bruker brukar
	leier leiger øker aukar kutter kuttar endrer endrar bytter byter åpner opnar ansetter tilset gir gjev gjer prioriterer takker takkar lar let venter ventar selger sel
	arrangerer feirer feirar reiser legger legg setter set har holder held sparer sparar velger vel inviterer kjører køyrer fjerner fjernar sier seier pusser
	investerer oppretter opprettar lager lagar deler delar halverer doblar dobler forlenger forlengar samler samlar slår reduserer hever hevar senker senkar satser satsar går fordeler fordelar starter startar bestiller bestiller tingar følger følgjer trykker trykkjer maler målar byggjer bygger rigger`)

// procedural are what a chair says to lead the meeting, not what it settles.
var procedural = norsk.Phrases("går vi|me videre|vidare|over|til|løs|laus|gjennom|tilbake|rundt", "tar|tek vi|me saken|saka|sak|neste|pause|en|ein|eit|et|eventuelt|ordet|fem|ti|lunsj|kvelden|opp|først|runden|punkt|orientering~|resten|kveld|til|møtet|driftsmøtet|statusmøtet", "tar|tek vi|me den|det|dette først|fyrst",
	"starter|startar|begynner|byrjar vi|me", "setter|set vi|me i|oss|møtet", "ser vi|me", "hører|høyrer vi|me", "har vi|me ..2 igjen|att|sak|saken|saka|punkt|status|orientering|kommet|komme|kome|nådd|tid|hørt|høyrt|gjort|litt|noen|nokon|ett|eitt|to|tre|fire|fem", "kommer|kjem vi|me", "møtes|møtest|ses|sees|snakkes|snakkast vi|me", "er vi|me ved|på|i|ferdige|ferdig|klare|klar|tilbake|alle|fulltallige|vedtaksføre", "får vi|me",
	"avslutter|avsluttar|runder|rundar|hever|hevar vi|me", "gir|gjev vi|me ordet", "lar|let vi|me ..2 snakke|si|seie|ligge|liggje|begynne", "venter|ventar vi|me på", "holder|held vi|me på", "slår vi|me av", "sier|seier vi|me takk|velkommen|ha", "setter|set vi|me i gang|strek", "legger|legg vi|me på|bort", "blir|vert det vel", "blir|vert det|jeg|eg|han|ho|hun ..2 dyrt|vanskelig|vanskeleg|bråk|krise|feil|fullt|trangt|sur|glad|for|spennende|mye|mykje|bra|verre",
	"fortsetter|fortset vi|me med|møtet", "har vi|me det|et|eit|en|ein problem|utfordring|vel", "har vi|me jo|ikke|ikkje")

// longestRuling is how many words a sentence that settles something informally has at most; recognition that
// sets no full stop runs on, and its phrases then belong to anything.
const longestRuling = 50

// ruling is how a sentence settles something informally.
type ruling int

const (
	notSettled ruling = iota
	beside            // what it settles stands beside it, not in it
	inFull
	ifAgreed // as people tell, too: "så kjører vi hjem", "nå bruker vi mye tid"; settled where it was suggested
)

// settles finds an informal wording of decision.
func settles(u *utterance) ruling {
	if u.question() || u.joke || len(u.tokens) < 2 || len(u.tokens) > longestRuling || norsk.Has(norsk.Phrases("kanskje|muligens|mogleg"), u.tokens) {
		return notSettled
	}
	if from, to, found := worded(u, confirms); found && !norsk.Has(usually, u.tokens) && !norsk.Has(norsk.Phrases("ikke|ikkje"), u.tokens[to:min(to+2, len(u.tokens))]) {
		words := 0
		for i, t := range u.tokens {
			if (i < from || i >= to) && !openers[t.Lower] && !nothing[t.Lower] {
				words++
			}
		}
		if words < 4 {
			return beside
		}
		return inFull
	}
	if norsk.Has(procedural, u.tokens) || norsk.Has(proceeding, u.tokens) || norsk.Has(revokes, u.tokens) {
		return notSettled
	}
	if from, to, found := worded(u, rules); found && len(u.tokens)-to >= 1 && len(u.tokens) >= 4 {
		w := u.tokens[from].Lower
		now := (from <= 3 || to >= len(u.tokens)) && norsk.Has(fromNow, u.tokens[from:to]) && !norsk.Has(norsk.Phrases("jeg|eg|du|kanskje|lurer|tenker"), u.tokens)
		if (w == "fra" || w == "frå" || w == "heretter") && !now && !stated(u) { // a rule for what comes: stated, not told of
			return notSettled
		}
		return inFull
	}
	if heldAsBefore(u) {
		return inFull
	}
	// "Da kjøper vi scenelyset.", "Fra 1. desember stenger vi ..."
	for i := 1; i+1 < len(u.tokens); i++ {
		if !choosing[u.tokens[i].Lower] || u.tokens[i+1].Lower != "vi" && u.tokens[i+1].Lower != "me" || u.tokens[i-1].Mark != 0 {
			continue
		}
		if w := u.tokens[i].Lower; (w == "har" || w == "holder" || w == "held") && !norsk.Has(regular, u.tokens[i:]) {
			continue
		}
		lead := u.tokens[i-1].Lower
		if !concluding[lead] && !telling[lead] || len(u.tokens)-i < 3 || norsk.Has(undecided, u.tokens[:i]) || norsk.Has(usually, u.tokens) {
			continue
		}
		if telling[lead] {
			return ifAgreed
		}
		return inFull
	}
	return notSettled
}

var (
	concluding = wordSet("da då dermed derfor difor")
	telling    = wordSet("så nå no")
	regular    = norsk.Phrases("hver|kvar|fast|faste|felles|stengt|stengd|ope|åpent|åpnet|fra|frå")
	usually    = norsk.Phrases("ofte|alltid|vanligvis|vanlegvis", "hvert|kvart år", "hver|kvar gang|gong")

	stays    = norsk.Phrases("blir|vert")
	asBefore = norsk.Phrases("som før|planlagt|vanlig|vanleg", "som i fjor")
	guessed  = norsk.Phrases("var|hadde|jeg|eg|du|kanskje|tror|trur|bør|burde|hvis|viss|om|nok|sikkert|vel|visst")
	// eventEndings end the names of what people hold, in the definite form: "forfatterkvelden", "dugnaden".
	eventEndings = []string{"kvelden", "kveldane", "møtet", "møta", "møtene", "festen", "turen", "seminaret", "kurset", "kursa", "kursene", "bordet", "dagen", "dugnaden", "treningen", "treninga", "frokosten", "frukosten", "lunsjen", "konserten", "utstillingen",
		"utstillinga", "messa", "messen", "markedet", "marknaden", "samlingen", "samlinga", "basaren", "vakta", "vakten", "øvelsen", "øvinga", "timen", "tida", "tidene", "tiden", "fristen", "uka", "veka", "leiren", "leiaren", "cupen", "turneringen", "turneringa", "kafeen", "framvisningen", "forestillingen", "førestillinga", "besøket", "planen", "ordningen", "ordninga"}
)

// heldAsBefore tells "Forfatterkvelden blir på biblioteket, som før.": what is held stays as it was. The
// weather does so by itself.
func heldAsBefore(u *utterance) bool {
	from, _, ok := norsk.FindAny(stays, u.tokens[:min(6, len(u.tokens))])
	return ok && norsk.Has(asBefore, u.tokens[from:]) && !norsk.Has(guessed, u.tokens) && slices.ContainsFunc(u.tokens[:from], func(t norsk.Token) bool {
		return slices.ContainsFunc(eventEndings, func(e string) bool { return strings.HasSuffix(t.Lower, e) })
	})
}

// agreedNear reports whether something was suggested or agreed on in the sentences just before i.
func agreedNear(us []utterance, th theme, i int) bool {
	for j := max(th.from, i-3); j < i; j++ {
		if norsk.Has(suggests, us[j].tokens) || norsk.Has(agrees, us[j].tokens) {
			return true
		}
	}
	return false
}

var agrees = norsk.Phrases("enig|einig|enige|einige|samd|samde", "god|bra idé|ide", "høres|høyrest bra|fint|greit ut", "for meg")

// stated reports whether a sentence says what is to be, in the present tense and without doubt.
func stated(u *utterance) bool {
	if norsk.Has(undecided, u.tokens) || norsk.Has(norsk.Phrases("var|hadde|fikk|fekk|ble|vart|har|hatt|må|ville|prosjekt~", "lurer|lurar", "tenkte|tenker", "ifølge|ifølgje", "jeg|eg", "du"), u.tokens) {
		return false
	}
	return slices.ContainsFunc(u.tokens, func(t norsk.Token) bool {
		_, passive := passives[t.Lower]
		return passive || t.Lower == "skal" || t.Lower == "er" || t.Lower == "blir" || t.Lower == "vert" || choosing[t.Lower]
	})
}

// settled reads an informal decision at utterance i.
func settled(us []utterance, th theme, i int, taken map[int]bool) (referent.Decision, bool) {
	u := &us[i]
	how := settles(u)
	if how == ifAgreed && (!agreedNear(us, th, i) || slices.ContainsFunc(us[max(0, i-3):i], func(b utterance) bool { return b.joke || norsk.Has(laughs, b.tokens) })) {
		how = notSettled
	}
	if how == notSettled && !u.task {
		if d, ok := agreed(us, th, i, taken); ok {
			return d, true
		}
	}
	if how == notSettled && !u.task && concluded(us, th, i) && !objected(us, th, i) {
		_, from := reads(u)
		if d := decision(us, th, i, matter(deciding(u, from)), u.evidence, taken); !thin(spoken(norsk.Tokens(d.Text))) {
			return d, true
		}
	}
	if how == notSettled || objected(us, th, i) {
		return referent.Decision{}, false
	}
	if how != beside {
		if u.task || norsk.Has(nextMeeting, u.tokens) {
			return referent.Decision{}, false
		}
		// "Den koster 29 000. Da kjøper vi den.": what a pronoun means stands before
		d := decision(us, th, i, matter(withoutConfirmation(u)), u.evidence, taken)
		return d, !vacuous(u) || !thin(spoken(norsk.Tokens(d.Text)))
	}
	if more, _ := additions(us, th, i); len(more) > 0 && !empty(spoken(norsk.Tokens(strings.Join(more, " ")))) { // said in full beside it
		d := decision(us, th, i, matter(u.text), u.evidence, taken)
		return d, !thin(spoken(norsk.Tokens(d.Text)))
	}
	if i+1 < th.to && us[i+1].voice == u.voice {
		if other := settles(&us[i+1]); other != notSettled && other != beside && !vacuous(&us[i+1]) {
			return referent.Decision{}, false // the next sentence says it in full
		}
	}
	text, ids, j := meant(us, th, i)
	if j < 0 || taken[j] {
		return referent.Decision{}, false
	}
	taken[j] = true
	d := decision(us, th, max(i, j), text, evidence(ids, u.evidence), taken)
	return d, !thin(spoken(norsk.Tokens(d.Text)))
}

// vacuous tells a sentence whose words name nothing: "Da tar vi den."
func vacuous(u *utterance) bool {
	n := 0
	for _, t := range u.tokens {
		if len([]rune(t.Lower)) > 7 && !norsk.Functional(t.Lower) && !choosing[t.Lower] {
			n++ // a long word names something by itself
		}
		if !openers[t.Lower] && !nothing[t.Lower] && !norsk.Functional(t.Lower) && !choosing[t.Lower] && t.Lower != "vi" && t.Lower != "me" {
			n++
		}
	}
	return n < 2
}

// withoutConfirmation is a sentence without a wording that only confirms it: "X, det er bestemt."
func withoutConfirmation(u *utterance) string {
	from, to, ok := norsk.FindAny(confirms, u.tokens)
	if !ok || from == 0 && to >= len(u.tokens) {
		return u.text
	}
	if to >= len(u.tokens)-1 && from > 2 && u.tokens[from-1].Mark != 0 {
		return strings.TrimRight(u.text[:u.tokens[from-1].End], ",;: ") + "."
	}
	begin := clauseStart(u.tokens, from)
	if rest := len(u.tokens) - to; rest >= 4 && begin <= 3 && u.tokens[to-1].Mark != 0 {
		return norsk.Capitalise(u.text[u.tokens[to].Start:])
	}
	return u.text
}

// objected reports whether the next speaker turns a decision down at once.
func objected(us []utterance, th theme, i int) bool {
	if i+1 >= th.to || us[i+1].voice == us[i].voice && us[i].voice != "" {
		return false
	}
	_, no := startsWith(norsk.Phrases("nei", "nja", "vent", "stopp", "det går ikke|ikkje", "det kan vi|me ikke|ikkje", "jeg|eg er uenig|ueinig|usamd"), us[i+1].tokens)
	return no && !norsk.Has(norsk.Phrases("greit", "enig|einig|samd", "nei da|då", "fint", "bra"), us[i+1].tokens)
}

// suggests puts something forward without the words of a proposal.
var suggests = norsk.Phrases("skal|kan|bør|burde|kunne vi|me", "hva|ka om", "hva|ka med", "jeg|eg foreslår|føreslår", "foreslår|føreslår jeg|eg", "forslag~|framlegg~", "jeg|eg synes|synest ..1 vi|me", "vi|me kan|kunne|bør|burde", "la oss", "jeg|eg vil ..2 at vi|me", "kanskje vi|me",
	"da|så kan vi|me", "går det an å", "hadde det ikke|ikkje vært|vore", "det beste er|hadde|ville", "jeg|eg tenker|tenkjer ..1 vi|at", "jeg|eg hadde tenkt", "må vi|me", "vi|me må", "ønsker|ønskjer vi|me", "vi|me ønsker|ønskjer", "stemmer|røystar for")

// meant is what a bare confirmation at i settles: what its speaker says next or said just before, else the
// latest suggestion, else the sentence before. The index is -1 when there is none.
func meant(us []utterance, th theme, i int) (text string, ids []string, at int) {
	u := &us[i]
	whole := func(j int) bool {
		return j >= th.from && j < th.to && len(us[j].tokens) >= 4 && !norsk.Has(courtesy[:6], us[j].tokens[:min(4, len(us[j].tokens))]) && !norsk.Has(nextMeeting, us[j].tokens)
	}
	sameTurn := func(j int) bool { return j >= 0 && j < len(us) && us[j].voice == u.voice }
	if j := i + 1; sameTurn(j) && whole(j) && !us[j].question() && resolves(&us[j]) && !us[j].task {
		return matter(us[j].text), us[j].evidence, j
	}
	if j := i - 1; sameTurn(j) && u.voice != "" && whole(j) && !us[j].question() && !us[j].task && !conditional(&us[j]) {
		return matter(us[j].text), us[j].evidence, j
	}
	for j := i - 1; j >= max(th.from, i-reach); j-- {
		if whole(j) && !empty(us[j].tokens) && prompt(&us[j]) && !us[j].task && !us[j].joke && !refused(us, j, i) {
			return matter(strings.TrimSuffix(us[j].text, "?")), us[j].evidence, j
		}
	}
	if j := i - 1; whole(j) && !us[j].question() && !us[j].task && !conditional(&us[j]) {
		return matter(us[j].text), us[j].evidence, j
	}
	return "", nil, -1
}

// resolves tells a sentence that says how it is to be: "Vi flytter møtet.", "Det blir gavekort.", "Sone nord
// får kurs i november."
func resolves(u *utterance) bool {
	if norsk.Has(procedural, u.tokens) || norsk.Has(announcements, u.tokens) || norsk.Has(undecided, u.tokens) || norsk.Has(norsk.Phrases("jeg|eg|du|var|hadde"), u.tokens[:min(4, len(u.tokens))]) {
		return false
	}
	_, ok := startsWith(norsk.Phrases("vi|me", "det blir|vert", "så ..1 vi|me", "fra|frå", "altså", "at", "alle"), u.tokens)
	return ok || len(u.tokens) >= 5 && slices.ContainsFunc(u.tokens[1:min(6, len(u.tokens))], func(t norsk.Token) bool {
		_, verb := verbs[t.Lower]
		_, passive := passives[t.Lower]
		return verb || passive || holds[t.Lower]
	})
}

// holds are verbs that tell how things are to be.
var holds = wordSet("blir vert skal får har er gjelder gjeld holder held bruker brukar koster kostar begynner")

// refused reports whether what is suggested at j is turned down before i.
func refused(us []utterance, j, i int) bool {
	for k := j + 1; k < i; k++ {
		if _, no := startsWith(norsk.Phrases("nei", "nja", "helst ikke|ikkje"), us[k].tokens); no && us[k].voice != us[j].voice {
			return true
		}
	}
	return false
}

// anyDay lets relative days be found where only their words matter.
var anyDay = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// bareDates are the days of a text without the words before them ("til", "innen").
func bareDates(tokens []norsk.Token) []norsk.Date {
	var out []norsk.Date
	for _, d := range norsk.Dates(tokens, anyDay) {
		for d.From < d.To-1 && slices.Contains([]string{"innen", "innan", "senest", "seinast", "til", "før", "på", "den", "er", "blir", "frist", "fristen"}, tokens[d.From].Lower) {
			d.From++
		}
		out = append(out, d)
	}
	return out
}
