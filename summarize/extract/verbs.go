package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// verb is something a person can take on, in the infinitive that a task is written with.
type verb struct {
	infinitive string
	strong     bool // saying it is taking it on; the others need a deadline, a particle or a question beside them
}

// strongVerbs are infinitives, bokmål and nynorsk, whose other forms follow from them.
const strongVerbs = `sjekke sende følge følgje lage skrive kontakte ringe ringje undersøke undersøkje ordne forberede førebu
innkalle kalle oppdatere bestille tinge kjøpe kjøpa innhente hente avklare avtale rydde teste publisere levere utarbeide
invitere informere varsle samle booke purre fikse utrede greie skaffe registrere rette dokumentere reservere sørge syte
koordinere gjennomføre planlegge planleggje evaluere svare organisere melde kvalitetssikre fordele installere montere
reparere oversende distribuere kartlegge kartleggje kopiere fornye skru skanne printe trykke trykkje laminere vaske måle bytte byte
skifte flytte tømme telle telje klippe male måle søke søkje anskaffe betale fakturere avlyse utlyse annonsere kontrollere
gjennomgå analysere sammenligne samanlikne budsjettere justere endre fjerne slette laste videresende vidaresende formidle
ansette tilsette intervjue arrangere rigge pakke plukke frakte brøyte strø måke felle sage merke merkje skilte låse sperre
redigere korrigere oversette omsette ferdigstille utforme tegne teikne designe programmere konfigurere migrere signere
godkjenne attestere arkivere journalføre besvare etterlyse etterspørre ettersende framskaffe skaffe etablere opprette
overføre utbetale refundere reklamere prioritere sortere sy koke lufte kalibrere besøke besøkje rapportere loggføre
rekvirere utbedre utbetre tette feie spyle pusse snekre asfaltere salte smøre pumpe sette-inn erstatte hyre engasjere
opplyse underrette orientere presentere leie låne reise tilkalle befare inspisere loddsette lodde notere skissere omarbeide
renskrive reinskrive korrekturlese mase snekre sage grave plante klippe hugge hogge bore beise vatre postlegge dele levere bistå bidra oppsøke spandere sponse pynte kaste kassere
	skrote selge selje avertere makulere ettergå dobbeltsjekke skumlese transkribere oppsummere summere loggføre skipe syte skrape vedlikeholde demontere skjøte sveise støpe mure flislegge
	utsette oppnevne oppnemne stifte føre dreie justere kveile rulle tette isolere drenere spa måke sope koste polere renne blande veie vege fotografere filme streame lyse nekte vaksinere
	verve rekruttere vikariere avløse bemanne kurse lære øve trene instruere demonstrere forklare gruppere stable bære frakte transportere kreve inndrive avslutte avvikle innføre videreføre vidareføre
	lete leite stryke velge velje følgje formulere kunngjøre kunngjere kvittere stemple frankere adressere klargjøre klargjere ferdiggjøre ferdiggjere rigge sikre låse revidere forankre opplyse drøfte gjennomgå ajourføre supplere bekrefte stadfeste
tilpasse oppgradere rense bake handle effektuere gjenåpne dele`

// weakVerbs commit to something only with more beside them.
const weakVerbs = `si seie kjøre køyre ta legge leggje sette setje se sjå gå holde halde be gi gje gjeve komme kome snakke prate finne lese møte
regne rekne gjøre gjere vise høre høyre prøve få bruke hjelpe jobbe arbeide bidra starte begynne byrje vurdere diskutere
fortelle fortelje stå spørre spørje stille åpne opne stenge tenke tenkje bringe bære henge hengje skru skyve rulle`

// irregular presents, mostly nynorsk: present and infinitive.
const irregularPresents = `sier si sir si seier seie skriv skrive tek ta tar ta gjev gje gjev gjeve gir gi ser se sjår sjå finn finne held halde les lese kjem kome
set setje går gå får få bed be ber be bind binde dreg dra drar dra gjer gjere gjør gjøre legg leggje spør spørre sel selje selger selge
følgjer følgje ringjer ringje tilset tilsette førebur førebu strør strø syr sy skyt skyte byt byte veg vege står stå hjelper hjelpe hjelp hjelpe
gjennomgår gjennomgå planlegg planleggje kartlegg kartleggje ferdigstill ferdigstille bestill bestille innkall innkalle tel telje dreg dra
heng henge bryt bryte stryk stryke vel velje lèt late syng synge bryn bryne renskriv renskrive reinskriv reinskrive bed be syt syte held halde`

// particles make a weak verb one that commits: "ta kontakt", "sette opp", "gi beskjed".
var particles = norsk.Phrases(
	"kontakt|kontakten", "opp|inn|ut|fram|frem|over|gjennom|igjennom|ned|ferdig|klar|klart|bort|vekk|tilbake|attende|rundt|etter", "med", "i gang", "til rette",
	"beskjed|tilbakemelding|tilbakemelding~|svar|melding|bekreftelse|status|opplæring", "på|nærmere|nærare|nærmare", "ansvar|ansvaret", "meg|seg av", "en|ein runde|prat|samtale|telefon|titt",
	"runden|telefonen|praten|samtalen|jobben|bestillingen|bestillinga|innkjøpet|referatet|innkallingen|innkallinga|påmeldingen|påmeldinga|lista|listen",
	"hånd|hand om", "seg av", "om|hos|av", "et|eit|en|ein forslag|utkast|framlegg|møte|oversikt|liste|plan")

// apart are particles that an object can part from their verb.
var apart = norsk.Phrases("beskjed|tilbakemelding|svar|melding|opplæring|kontakt", "opp|inn|ut|fram|frem|ned|klar|klart|bort|vekk")

// stative verbs tell of a state, an opinion or of speaking itself, and commit nobody.
const stative = `er var være vere vera ha har hadde bli blir vert synes synest sier seier si seie sei seia mener meiner mene meine tror trur tru tro håper håpar håpe
føler føle kan skal må vil vet veit vite kjenner kjenne liker likar like ønsker ønskjer ønske ønskje foreslår føreslår foreslå føreslå støtter støttar støtte
stemmer stemme røyster røyste gjentar gjenta minner minne mangler manglar trenger treng tenker venter ventar vente gleder glede bor bur heter heiter
husker hugser huske hugse glemmer gløymer glemme gløyme forstår forstå skjønner skjønar lurer lurar lure snur undrer regner reknar savner saknar takker takkar takke
åpner gir-ordet hører høyrer kommer kjem virker verkar skjer ligger ligg sitter sit innrømme innrømmer understreke kommentere replikk nevne nemne påpeke presisere
legge-til anbefale tilrå anbefaler tilrår fortsette fortsetje fortset fortsetter slippe slipp slutte sluttar fungerer ser koster kostar klarer klarar rekker kunne måtte ville gå går-inn fylle fyller spise drikke sove kose skryte klage beklage motsette`

var verbs, infinitives, imperatives, passives, participles = readVerbs()

var stativeWords = wordSet(stative)

// irregularParticiples are participles that do not follow from the infinitive, and it.
const irregularParticiples = `skrevet skrive skrive skrive skreve skrive tatt ta teke ta tatt ta gitt gi gjeve gje satt sette sett setje lagt legge lagt leggje gjort gjøre funnet finne funne finne holdt holde halde halde
bedt be bedt be lest lese solgt selge selt selje spurt spørre spurt spørje fått få gått gå kommet komme kome kome brakt bringe brutt bryte strødd strø sydd sy trykket trykke hengt henge hengt hengje bundet binde
sagt si vært være vore vere sett se sjekka sjekke dratt dra drege dra bestilt bestille innkalt innkalle spilt spille sluppet slippe`

// readVerbs maps presents, infinitives, imperatives, passives ("sendes", "sendast") and participles to verbs.
func readVerbs() (presents, infinitives, imperatives, passives, participles map[string]verb) {
	presents, infinitives, imperatives, passives, participles = map[string]verb{}, map[string]verb{}, map[string]verb{}, map[string]verb{}, map[string]verb{}
	put := func(m map[string]verb, word string, v verb) {
		if old, ok := m[word]; !ok || v.strong && !old.strong {
			m[word] = v
		}
	}
	for _, list := range []struct {
		text   string
		strong bool
	}{{strongVerbs, true}, {weakVerbs, false}} {
		for inf := range strings.FieldsSeq(list.text) {
			v := verb{infinitive: inf, strong: list.strong}
			put(infinitives, inf, v)
			stem, regular := strings.CutSuffix(inf, "e")
			if !regular {
				put(presents, inf+"r", v)
				put(passives, inf+"s", v)
				put(participles, inf+"dd", v)
				continue
			}
			stem = strings.TrimSuffix(stem, "j")
			put(infinitives, stem+"a", v)
			put(presents, stem+"er", v)
			if len(stem) > 1 { // "bar" is of "bære"
				put(presents, stem+"ar", v)
			}
			put(imperatives, stem, v)
			put(passives, stem+"es", v)
			put(passives, stem+"ast", v)
			put(passives, stem+"jast", v)
			for _, ending := range []string{"t", "et", "a", "d"} {
				if strings.HasSuffix(stem, "t") && ending == "t" { // "sett" and "bytt" are other words
					continue
				}
				put(participles, undoubled(stem, ending)+ending, v)
			}
		}
	}
	words := strings.Fields(irregularPresents)
	for i := 0; i+1 < len(words); i += 2 {
		put(presents, words[i], verb{infinitive: words[i+1], strong: infinitives[words[i+1]].strong})
	}
	words = strings.Fields(irregularParticiples)
	for i := 0; i+1 < len(words); i += 2 {
		participles[words[i]] = verb{infinitive: words[i+1], strong: infinitives[words[i+1]].strong}
	}
	return presents, infinitives, imperatives, passives, participles
}

// undoubled is a stem before an ending in t or d, which a double consonant loses a letter to: "bestill", "bestilt".
func undoubled(stem, ending string) string {
	n := len(stem)
	if (ending == "t" || ending == "d") && n > 2 && stem[n-1] == stem[n-2] {
		return stem[:n-1]
	}
	return stem
}

// clipped reads a present without its r, as many dialects have it: "æ bestille", "da sende Ola". An infinitive
// cannot stand where it stands.
func clipped(tokens []norsk.Token, i int) (verb, bool) {
	if i >= len(tokens) || tokens[i].Capitalised() {
		return verb{}, false
	}
	w := tokens[i].Lower
	v, ok := infinitives[w]
	return v, ok && v.infinitive == w && len(w) > 3 && strings.HasSuffix(w, "e")
}

// infinitiveAt reads an infinitive at token i. Where only a verb can stand, one that no list holds is known
// by its ending.
func infinitiveAt(tokens []norsk.Token, i int) (verb, bool) {
	if i >= len(tokens) || stativeWords[tokens[i].Lower] && infinitives[tokens[i].Lower].infinitive == "" {
		return verb{}, false
	}
	w := tokens[i].Lower
	if v, ok := infinitives[w]; ok {
		return v, true
	}
	if len([]rune(w)) >= 5 && strings.HasSuffix(w, "e") && !notVerbs[w] && !tokens[i].Capitalised() {
		return verb{infinitive: w}, true
	}
	return verb{}, false
}

// presentAt reads a verb in the present tense at token i.
func presentAt(tokens []norsk.Token, i int) (verb, bool) {
	if i >= len(tokens) {
		return verb{}, false
	}
	w := tokens[i].Lower
	if v, ok := verbs[w]; ok {
		return v, true
	}
	if stativeWords[w] || tokens[i].Capitalised() || len([]rune(w)) < 6 {
		return verb{}, false
	}
	for _, ending := range []string{"erer", "iser", "iserer"} { // loan words: "digitaliserer"
		if strings.HasSuffix(w, ending) {
			return verb{infinitive: strings.TrimSuffix(w, "r")}, true
		}
	}
	return verb{}, false
}

// unlisted reads the present tense of a verb that no list holds, by its ending. Right after a name it can be
// little else; it still needs a deadline to be a task.
func unlisted(tokens []norsk.Token, i int) (verb, bool) {
	if i >= len(tokens) {
		return verb{}, false
	}
	w := tokens[i].Lower
	if stativeWords[w] || tokens[i].Capitalised() || len([]rune(w)) < 6 || notVerbs[w] {
		return verb{}, false
	}
	switch {
	case strings.HasSuffix(w, "er"):
		return verb{infinitive: strings.TrimSuffix(w, "r")}, true
	case strings.HasSuffix(w, "ar"):
		return verb{infinitive: strings.TrimSuffix(w, "ar") + "e"}, true
	}
	return verb{}, false
}

var notVerbs = wordSet(`dessverre diverre ikke ikkje denne disse desse mange begge kanskje gjerne neste første siste andre alle hvilke bare berre
		gjerne likevel inne framme oppe nede borte heime hjemme tilbake egne eigne annerledes eller heller ellers etter under deretter uke veke måte side nesten klare ferdige`)

// committing reports whether a verb with what follows it is something a person takes on.
func (v verb) committing(rest []norsk.Token) bool {
	if v.strong {
		return true
	}
	if len(rest) < 1 {
		return false
	}
	switch v.infinitive {
	case "ta":
		if norsk.Has(norsk.Phrases("opp med|i|på", "med seg"), rest) {
			return true
		}
	case "be":
		if norsk.Has(norsk.Phrases("gå|forlate|reise|tre|vente|møte"), rest) {
			return false // here and now
		}
		return slices.ContainsFunc(rest[:min(5, len(rest))], func(t norsk.Token) bool { return t.Lower == "om" || infinitives[t.Lower].infinitive != "" })
	case "gå":
		_, ok := startsWith(norsk.Phrases("gjennom|igjennom|over|opp", "en|ein runde"), rest)
		return ok
	case "finne":
		_, ok := startsWith(norsk.Phrases("ut|fram|frem", "en|ein|et|eit|ny|nytt|nye"), rest)
		return ok
	case "spørre", "spørje":
		_, me := startsWith(norsk.Phrases("deg|dere|dykk|om", "du"), rest)
		return !me && len(rest) >= 1
	case "si", "seie":
		_, ok := startsWith(norsk.Phrases("fra|frå|ifra|ifrå", "opp", "til"), rest)
		return ok
	case "komme", "kome":
		_, ok := startsWith(norsk.Phrases("med", "tilbake|attende"), rest)
		return ok
	case "få":
		_, ok := startsWith(norsk.Phrases("tak", "på plass", "inn|ut|opp|fram", "orden|klarhet|svar", "sendt|bestilt|laget|laga|ordnet|ordna|fikset|fiksa|skrevet|skrive|sett|satt|gjort|kjøpt|avklart|trykt"), rest)
		return ok
	}
	_, particle := startsWith(particles, rest)
	if slices.Contains([]string{"gi", "gje", "gjeve", "legge", "leggje", "sette", "setje", "ta", "henge", "hengje", "stille", "få", "bære", "hente"}, v.infinitive) {
		particle = particle || norsk.Has(apart, rest[:min(8, len(rest))]) // "gi leverandøren beskjed", "legge bussen ut"
	}
	return particle && slices.Contains([]string{"ta", "legge", "leggje", "sette", "setje", "se", "sjå", "gå", "holde", "halde", "be", "gi", "gje", "gjeve", "komme", "kome", "snakke", "prate",
		"finne", "lese", "møte", "gjøre", "gjere", "høre", "høyre", "få", "stille", "spørre", "spørje", "henge", "hengje", "bringe", "skru", "bære"}, v.infinitive)
}
