package mask

import (
	"slices"
	"strings"
)

// addressed tells a first name at the beginning of a sentence from the word that it also is: it is spoken to,
// does something or owns something. stem is the name without an ending of possession.
func (r *reader) addressed(i int, stem string) bool {
	w, next := r.low(i), r.low(i+1)
	if len(stem) < len(r.atoms[i].text) {
		// "Stigs bil", and not "Finns det", "Dags dato".
		return w != "dags" && r.is(i+1, word) && !r.atoms[i+1].capital && !subjects[next] && !acts[next] && next != "ikke" && next != "ikkje"
	}
	switch w {
	case "jo":
		// "Jo tar referatet", and not "Jo, det er greit" or "Jo har vi det".
		return acts[next] && !subjects[r.low(i+2)]
	case "my":
		return acts[next] && !being[next] && !starts[next]
	case "hans":
		return acts[next]
	}
	return next == "," || acts[next] || !ambiguous[w] && r.is(i+1, word) && !r.atoms[i+1].capital && !starts[next] && verbLike(next)
}

// acts are finite verbs of people, in bokmål, nynorsk and dialects.
var acts = wordSet("er e æ é har ha hev var va hadde hadd kommer kjem kjæm kjæme kjeme kom tar tek tæk tæ tok skal ska sku skulle ville vil kan kunne kunna må måtte ringer ringe ringte ringde ringt skriver skriv skreiv skrev " +
	"sender sende sendte sørger sørge syter lager lage lagar laga følger følgjer gjør gjer gjær gjorde gjord blir bli blei vert vart fikk fekk får fær sitter sit satt veit vet visste visst går gjekk gikk gjeng " +
	"står sto stod ligger ligg låg gir gjev gjer ga gav ser såg ber bes bør slepp slipper spør hjelper hjelp tror trur synes synest syns tykkjer vil jobber jobba ordner ordnar ordna fikser fiksar fiksa sjekker sjekkar sjekka " +
	"stiller stille møter trenger treng møtte prøver flytter slutter slutta begynner begynte byrjar byrja steller passer passar kjører køyrer kjøper kjøpe leser les skaffer skaffar skaffe klarer klare greier greie " +
	"ønsker ønskjer mangler manglar leverer leverte sluttar starter startar reiser dro drar drog held holder holdt heldt bor bur bodde skylder eier eig liker likar")

// subjects stand behind the verb where something else opens the sentence.
var subjects = wordSet("jeg eg æ vi me mi du han ho hun hu de dei dem dere dokker dykk det den dette man ein en noen nokon alle")

// being stand after any word: "My vart gjort".
var being = wordSet("er e æ é var va blir bli blei ble vert vart")

// ambiguous are names before which a word of any sort may stand: "Per meter", "Vår leder", "Finn bilder".
var ambiguous = wordSet("per hans vår finn rein storm sol odd stein dag live stig rør ask rose")

// verbLike tells by its ending.
func verbLike(w string) bool {
	for _, e := range []string{"er", "ar", "a", "te", "de"} {
		if strings.HasSuffix(w, e) && len(w) > 4 {
			return true
		}
	}
	return false
}

// called reports whether the words [from, to) are spoken to: "X, kan du ta det?", "Kan du ta det, X?"
func (r *reader) called(from, to int) bool {
	w := r.low(from)
	if r.low(to) == "," && (r.atoms[from].begins || r.low(from-1) == ",") && !exclamation(w) {
		a, b := r.low(to+1), r.low(to+2)
		if a == "du" || b == "du" && (acts[a] || a == "kunne") || (a == "vær" || a == "ver") && b == "så" {
			return true
		}
	}
	if from == 0 {
		return false
	}
	before := r.atoms[from-1]
	if before.text == "," && !r.atoms[from].begins && !exclamation(w) && (to == len(r.atoms) || r.endsSentence(to)) && r.is(from-2, word) && !r.atoms[from-2].capital {
		for i := from - 2; i >= 0 && i > from-16; i-- {
			if v := r.low(i); v == "du" || v == "deg" || v == "dæ" || thanks[v] || r.low(to) == "!" {
				return true
			}
			if r.atoms[i].begins {
				break
			}
		}
	}
	// "Du Kjell, ..."
	return before.low == "du" && before.begins && r.low(to) == ","
}

// thanks are words after which somebody is spoken to by name.
var thanks = wordSet("takk takkar takker velkommen velkomen gratulerer gratulere jobba jobbet hei lykke")

// exclamation tells what else stands before "kan du".
func exclamation(w string) bool {
	for _, e := range []string{"t", "ig", "lig", "isk", "ende", "leder", "leiar", "sjef", "ør", "fører", "førar", "tal", "mål", "ikk", "folk", "folkens"} {
		if strings.HasSuffix(w, e) {
			return true
		}
	}
	return exclamations[w]
}

var exclamations = wordSet("topp fine herleg strålande hallo heisann morn morna dessverre endelig endeleg videre vidare sist akkurat nemlig javel jaha jøss oi ops nettopp jada jovisst visst jammen heldigvis muligens hm hmm mm eh øh æh øy hæ nja njo joda neida greie deal kult kanon super yes nope " +
	"venner dere dokker alle mamma pappa gutter jenter karer kjære forresten forresten dessuten bra gjerne greit enda kom sånn slik sånne vent stopp hør høyr sjå se okay okey lykke")

// possessive reports whether an s at the end of an unknown surname is an ending: something is owned.
func possessive(r *reader, i int) bool {
	return r.is(i+1, word) && !r.atoms[i+1].capital && !speech[r.low(i+1)] && !starts[r.low(i+1)]
}

// introduces reports whether the words before atom i announce a name.
func (r *reader) introduces(i int) bool {
	w, w2, w3 := r.low(i-1), r.low(i-2), r.low(i-3)
	if w == ":" && (w2 == "stemte" || w2 == "røysta" || w2 == "imot" || w2 == "for" || w2 == "møtte" || w2 == "forfall" || w2 == "ansvarlig" || w2 == "ansvarleg" || w2 == "stede" || w2 == "stades") {
		return true
	}
	if w == "er" && (w2 == "dette" || w2 == "navnet" || w2 == "namnet" || w2 == "navn") {
		return true
	}
	if w == "," || w == ":" {
		return w2 == "takk" || w2 == "godt" && w3 == "så" || w2 == "ordet" || w2 == "god" && w3 == "så" || w2 == "så" && w3 == "ver"
	}
	if w == "." {
		return w2 == "dr" || w2 == "hr" || w2 == "frk"
	}
	switch w {
	case "heter", "heiter", "hette", "het", "heitte", "kalles", "kalla":
		return true
	case "til":
		return w2 == "ordet" || w2 == "takk" || w2 == "replikk" || kin[w2]
	case "te", "åt":
		return kin[w2]
	case "fra", "frå":
		return slices.Contains([]string{"forslag", "forslaget", "framlegg", "framlegget", "replikk", "innlegg", "innlegget", "spørsmål", "spørsmålet", "forfall", "protokolltilførsel", "beskjed", "melding"}, w2)
	case "replikk", "hilsen", "helsing", "mvh", "hei", "hallo", "heisann", "kjære":
		return true
	case "han", "ho", "hu", "hun", "hannes", "hennar", "hennes", "hannar", "hans":
		// "Spør han Torgrein", "bilen hannes Oddleiv", and not "Ga du ho Paracet?"
		return !gives[w2] && !gives[w3]
	}
	return titles[w] || speech[w]
}

// speech are what people do in meetings; a name stands before or after.
var speech = wordSet("sa sier seier sagt mente meiner mener foreslo foreslår spurte spør svarte svarer svarar repliserte fremmet fremma fremmer fremmar uttalte uttaler etterlyste etterlyser " +
	"påpekte påpeker orienterte orienterer orienterar redegjorde presiserte presiserer bemerket understreket takket ba bad fratrådte tiltrådte møtte meldte etterspurte innledet innleia oppsummerte")

// kin are people who are told of by whose they are: "bror til X".
var kin = wordSet("mor mora moren far faren bror broren søster søstera søsteren sønn sønnen søn sonen son datter dattera datteren dotter dottera mamma mammaen pappa pappaen kona mannen ektemannen samboer samboeren sambuar sambuaren tante tanta onkel onkelen " +
	"bestemor bestefar farmor farfar mormor morfar foreldre foreldrene foreldra nabo naboen svigersønn svigerdatter barnebarn barnebarnet kjæreste kjæresten verge vergen pårørende pårørande lege legen fastlege fastlegen kontaktlærer kontaktlærar")

// gives are verbs between a person and a thing that has a name.
var gives = wordSet("gi gir gje gjev ga gav gitt gjeve få får fikk fekk fått har ha hadde hatt trenger treng tar tek ta tok bruker brukar bruke brukte tåler toler får")

// follows reports whether the words after atom i tell that it was a name: a party, or a verb of speech
// unless that could stand after any word that begins a sentence ("Leverandøren sier").
func (r *reader) follows(i int, verbs bool) bool {
	if r.low(i+1) == "(" && r.is(i+2, word) && (abbreviation(r.atoms[i+2].text) || bodies[r.low(i+2)]) {
		return true
	}
	if own := r.low(i + 1); verbs && (own == "sitt" || own == "sin" || own == "sine" || own == "si") {
		return true
	}
	return verbs && speech[r.low(i+1)] && r.low(i+1) != "møtte" || r.low(i+2) == "ordet" && (r.low(i+1) == "har" || r.low(i+1) == "tok" || r.low(i+1) == "fikk" || r.low(i+1) == "fekk" || r.low(i+1) == "får")
}

// placed reports whether the words before atom i tell a place.
func (r *reader) placed(i int) bool {
	switch r.low(i - 1) {
	case "i", "på", "ved", "til", "fra", "frå", "mot", "over", "mellom", "rundt", "nær", "ovenfor", "nedenfor", "langs", "forbi":
		return true
	}
	return false
}

// sent reports whether what comes is a place or a person: "brev fra Abdikarim Yassin".
func (r *reader) sent(i int) bool {
	switch r.low(i - 1) {
	case "fra", "frå", "til", "ved", "mot", "mellom":
		return true
	}
	return false
}
