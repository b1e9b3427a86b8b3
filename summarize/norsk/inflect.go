package norsk

import (
	"strings"
	"unicode/utf8"
)

// Root is a word in the form that SameWord compares: lower case, nynorsk and bokmål spellings of one sound
// or word made one, doubled consonants single, an irregular form put back to its infinitive. It is no word
// to show anybody.
func Root(word string) string {
	w := plain.Replace(strings.ToLower(word))
	if r, ok := irregular[w]; ok {
		return r
	}
	return spell(w)
}

var plain = strings.NewReplacer("é", "e", "è", "e", "ê", "e", "ó", "o", "ò", "o", "ô", "o", "à", "a", "ä", "æ", "ö", "ø", "’", "'")

// spell makes the two forms' spellings one and doubled letters single.
func spell(w string) string {
	for _, p := range spellings {
		w = strings.ReplaceAll(w, p[0], p[1])
	}
	if rest, ok := strings.CutPrefix(w, "føre"); ok {
		w = "fore" + rest
	}
	for _, v := range []string{"hv", "kv"} {
		if rest, ok := strings.CutPrefix(w, v); ok {
			w = "v" + rest
		}
	}
	var b strings.Builder
	var last rune
	for _, r := range w {
		if r != last || !strings.ContainsRune("bdfgklmnprst", r) {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// spellings are nynorsk letters or parts of words and what bokmål has in their place, in the order they
// are applied.
var spellings = [][2]string{
	{"skul", "skol"}, {"leiar", "leder"}, {"leiing", "ledelse"}, {"sjuk", "syk"}, {"heim", "hjem"}, {"tenest", "tjenest"},
	{"månad", "måned"}, {"utval", "utvalg"}, {"utvalgg", "utvalg"}, {"fram", "frem"}, {"hald", "hold"}, {"rekne", "regne"},
	{"rekna", "regna"}, {"rekneskap", "regnskap"}, {"regneskap", "regnskap"}, {"oppgåv", "oppgav"}, {"utgåv", "utgav"}, {"verksemd", "virksomhet"},
	{"tilskot", "tilskudd"}, {"leik", "het"}, {"heit", "het"}, {"veg", "vei"}, {"naudsyn", "nødvendi"}, {"moge", "mu"}, {"mogleg", "mulig"},
	{"løysing", "løsning"}, {"løyse", "løse"}, {"stad", "sted"}, {"tryggje", "trygge"}, {"saks", "sak"}, {"eigen", "egen"}, {"utgreiing", "utredning"},
	{"førebu", "forbere"}, {"føreset", "forutset"}, {"frå", "fra"}, {"arbeid", "arbed"}, {"verdi", "verdi"},
	{"nivå", "nivå"}, {"øving", "øving"}, {"kyrkje", "kirke"}, {"mjølk", "melk"}, {"sjølv", "selv"}, {"hjelp", "hjelp"}, {"leg", "lig"},
	{"øy", "ø"}, {"au", "ø"}, {"ei", "e"}, {"gj", "g"}, {"kj", "k"}, {"gg", "g"}, {"aa", "å"},
}

// irregular maps forms of strong verbs, and words that differ between the forms of Norwegian, to the
// first word of their line.
var irregular = func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(`ta tar tok tatt tas tatte tek teke teken tekne
gi gir ga gav gitt gis gje gjev gjeve gjeven gitte
gjøre gjør gjorde gjort gjøres gjere gjer gjerast gjort
se ser sett sees sjå såg
gå går gikk gått gjekk gått
få får fikk fått fås fekk
komme kommer kom kommet kome kjem komen komne
skrive skriver skrev skrevet skriv skreiv skrives skrivast
holde holder holdt holdes halde held heldt haldast halden
legge legger la lagt legges leggje legg leggast lagde
sette setter satte satt settes setje set setjast
si sier sir sa sagt seie seier sies
finne finner fant funnet finn fann funne finnes finst
dra drar dro dratt drage dreg drog
stå står sto stod stått
be ber ba bad bedt bede
velge velger valgte valgt velges vel valde vald velje veljast valg valget val valet valgene
selge selger solgte solgt selges sel selde seld selje seljast salg salget sal salet
spørre spør spurte spurt spørje spurde spørsmål spørsmålet
hjelpe hjelper hjalp hjulpet hjelpt hjelp hjelpte
følge følger fulgte fulgt følges følgje følgjer følgde følgt følgjast
fortelle forteller fortalte fortalt fortel fortalde
bryte bryter brøt brutt bryt braut brote
tilby tilbyr tilbød tilbudt tilbys tilbod tilbode tilbud tilbudet tilbodet
vite vet visste visst veit
gjelde gjelder gjaldt gjeld galdt
trekke trekker trakk trukket trekkes trekk trekt trekkje drog
stige stiger steg steget stig stige
vinne vinner vant vunnet vann vunne
drikke drikker drakk drukket drikk drukke
sitte sitter satt sit sat sete
ligge ligger lå ligget ligg låg lege
øke øker økte økt økes økning økningen auke aukar auka auking aukinga aukast auken
måtte må måste
møte møter møtte møtt møtes møttes møtast møtest
sende sender sendte sendt sendes sendast
bringe bringer brakte brakt brakte
bære bærer bar båret ber bore
drive driver drev drevet drives driv dreiv drivast
forstå forstår forsto forstod forstått
skje skjer skjedde skjedd hende hender
kunne kan
ville vil
skulle skal
bør burde
lyde lyder lød lyd lydde
bestå består besto bestod bestått
avslå avslår avslo avslått avslås avslag avslaget
foreslå foreslår foreslo foreslått foreslås føreslå føreslår føreslo føreslått forslag forslaget forslagene forslaga framlegg framlegget framlegga
utrede utreder utredet utredes utredning utgreie utgreiar utgreidd utgreiing
forberede forbereder forberedte forberedt forberedes førebu førebur førebudde førebudd førebuing
nødvendig naudsynt nødvendige naudsynte
uke uken uka uker ukene ukas veke veka veker vekene vekas
år året åra årene
gang gangen ganger gong gongen gonger gongar
hjem hjemme heim heime
stemme stemmer stemte stemt stemmene stemmes røyst røyster røysta røyste røystene røystast
votering voteringen voteringa røysting røystinga votere voterer
innstilling innstillingen innstillinga innstille innstiller tilråding tilrådinga tilrå tilrår tilrådd
beslutning beslutningen besluttet beslutte beslutter avgjerd avgjerda avgjersle avgjort avgjord avgjøre avgjør avgjøres avgjere bestemme bestemmer bestemt bestemte bestemmes bestemmast bestemmelse vedta vedtar vedtok vedtatt vedtas vedtatte vedtek vedteke vedteken vedtekne vedtakast vedtak vedtaket vedtakene vedtaka
godkjenne godkjenner godkjente godkjent godkjennes godkjend godkjende godkjenning godkjenningen godkjennast
bestille bestiller bestilte bestilt bestilles bestilling bestillingen tinge tingar tinga
bolig boligen boliger boligene bustad bustaden bustader bustadene bustadar
ansatt ansatte ansette ansettes tilsett tilsette tilsatt
lite liten lita små
mange flere flest fleire
god godt gode bra bedre best betre
ny nye nytt
barn barna barnet barnas
mann menn mannen mennene
tann tenner
bok bøker bøkene boka boken
natt netter
hånd hender hand hånden handa
fot føtter
far fedre
bonde bønder
eksempel eksempler døme
tillatelse tillatelsen løyve løyvet
bevilge bevilger bevilget bevilges bevilgning bevilgningen løyve løyver løyvd løyving løyvinga
fritak fritaket
hver hvert kvar kvart enhver
annenhver annethvert annakvar annankvar annakvart
alle samtlige all alt
begge både
dag dagen dager dagene dagar dagane
time timen timer timene timar timane
krone kroner kronene kr
prosent pst
foreldre foreldrene forelder føresette foresatte
virke virker virket verke verkar verka
virkning virkningen verknad verknaden
innhold innholdet innhald innhaldet
mål målet målene måla
utsette utsetter utsatte utsatt utsettes utsettelse utset utsett utsetje utsetjast utsetjing
oppnevne oppnevner oppnevnt oppnevnes oppnevning oppnemne oppnemner oppnemnd oppnemning
orientering orienteringen orientere orienterer orienterte orientert orienteringa
enig enige einig einige samd samde enighet semje
enstemmig enstemmige einstemmig samrøystes
inhabil inhabile ugild ugilde inhabilitet
ledelse ledelsen leiing leiinga
stenge stenger stengte stengt stenges stengje stengd stengde
åpne åpner åpnet åpnes åpen åpent åpning åpningen opne opnar opna ope open opning opninga opnast
lukke lukker lukket lukkes lukka
liste listen lista listene
rydde rydder ryddar ryddet rydda ryddes
`) {
		f := strings.Fields(line)
		lemma := spell(f[0])
		for _, w := range f {
			if _, taken := m[plain.Replace(w)]; !taken {
				m[plain.Replace(w)] = lemma
			}
		}
	}
	return m
}()

// endings are what inflection and the making of nouns from verbs add to a word, spelled as by spell.
var endings = func() map[string]bool {
	m := map[string]bool{"": true}
	for e := range strings.FieldsSeq(`a e en et ene ane ar er ers ars s es as ens ets enes anes t te de d da ed ede edes ende ande
ing inga ingen inger ingar ingane ingene ings else elsen elser elsene nad naden nader r n ne na re rne st ste ere eren erne are aren arane
arar est este aste ast tes des det dt ete erer erte ert eres ering eringa eringen eringer asjon asjonen asjoner asjonar asjonane
ning ningen ninger ninga ningar ningane nings el len ler lene lane lar rene lig lige ligt m men ma ig ige igt skap het heten eter
un an ane id ta tet tene sten`) {
		m[spell(e)] = true
	}
	return m
}()

// SameWord reports whether two words are forms of one word in either form of Norwegian: "skjermene" and
// "skjerm", "bestiller" and "bestilt", "skulen" and "skole". It takes some neighbours for forms ("bil",
// "bilde"); names, numbers and days are not to be compared with it.
func SameWord(a, b string) bool { return SameRoot(Root(a), Root(b)) }

// SameRoot is SameWord for words that are roots already.
func SameRoot(x, y string) bool {
	if x == y {
		return true
	}
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	for n > 0 && (n < len(x) && !utf8.RuneStart(x[n]) || n < len(y) && !utf8.RuneStart(y[n])) {
		n--
	}
	for ; n > 0; n-- {
		letters := utf8.RuneCountInString(x[:n])
		if letters < 3 {
			return false
		}
		if !utf8.RuneStart(at(x, n)) || !utf8.RuneStart(at(y, n)) {
			continue
		}
		if letters == 3 && (len(x)-n > 3 || len(y)-n > 3) {
			return false
		}
		if endings[x[n:]] && endings[y[n:]] {
			return true
		}
		if len(x)-n > 8 || len(y)-n > 8 {
			return false
		}
	}
	return false
}

// at is byte n of a string, or a letter past its end.
func at(s string, n int) byte {
	if n < len(s) {
		return s[n]
	}
	return 'a'
}

// particles, as roots, stand before a verb's noun and after the verb: "oppfølging", "følge opp".
var particles = spelled("opp", "ned", "inn", "ut", "frem", "fram", "av", "på", "til", "om", "over", "under", "etter", "tilbake", "igang", "vidare", "videre", "gjen")

func spelled(words ...string) []string {
	for i, w := range words {
		words[i] = spell(w)
	}
	return words
}

// PartOf reports whether a word is, an ending aside, the last part of a compound ("budsjettet" of
// "kulturbudsjettet"), or the two differ by a particle ("innkjøp", "kjøpe"). Both are roots.
func PartOf(word, compound string) bool {
	if utf8.RuneCountInString(word) >= 4 && len(compound) > len(word) {
		for cut := range compound {
			if cut >= 3 && len(compound)-cut >= 4 && SameRoot(word, compound[cut:]) {
				return true
			}
		}
	}
	for _, p := range particles {
		if rest, ok := strings.CutPrefix(word, p); ok && len(rest) >= 3 && sameVerb(rest, compound) {
			return true
		}
		if rest, ok := strings.CutPrefix(compound, p); ok && len(rest) >= 3 && sameVerb(rest, word) {
			return true
		}
	}
	return false
}

// sameVerb compares what is left without a particle, an irregular form put back.
func sameVerb(rest, word string) bool {
	if r, ok := irregular[rest]; ok {
		rest = r
	}
	return SameRoot(rest, word)
}

// functional are words that carry no matter of their own: articles, pronouns, prepositions,
// conjunctions, auxiliaries, adverbs of a conversation.
var functional = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`en ein ei et eit ett den det de dei denne dette disse desse
jeg eg æ je du han hun ho hen vi me dere de dykk dei man ein en meg deg seg ham henne oss dem selv sjølv
min mi mitt mine din di ditt dine sin si sitt sine hans hennes hennar vår vårt våre deres dykkar deira
og eller men at som om hvis viss dersom når da då så for fordi siden sidan mens medan enn både verken korkje samt slik sånn slike
i på til av med fra frå for om ved hos over under mellom etter før innen innan uten utan mot gjennom rundt langs bak foran framfor ifølge ifølgje angående
per pr via inn ut opp ned bort fram frem tilbake attende igjen att også òg
er var vært vere vore være bli blir ble blei vart vorte blitt vert verte har hadde hatt ha skal skulle vil ville kan kunne må måtte bør burde får fikk fekk fått la
å ikke ikkje ja nei jo her der hit dit nå no nok vel bare berre jo altså egentlig eigentleg faktisk liksom litt veldig ganske svært heller
hva kva hvem kven hvor kor hvordan korleis hvorfor kvifor når hvilken hvilket hvilke kva
noe noen noko nokon noka nokre annen annet anna andre samme same egen eget eiga eige egne eigne
videre vidare dermed derfor difor deretter derfra herved likevel imidlertid allerede allereie fortsatt framleis fremdeles straks snart gjerne kanskje ellers elles
blant anna annet gjelder gjeld gjaldt angår ang knyttet knytt forbindelse samband henhold tråd måte måten del deler
møtet møte deltakerne deltakarane gruppen gruppa sak saken saka punkt punktet tema temaet
ble vart gjør gjorde gjort gjøres gjennom si sa sier sagt gjere gjer
orienterte orienterer orientert informerte informerer opplyste opplyser fortalte forteller mente mener meiner meinte spurte spør svarte svarer
diskuterte diskutert diskuteres drøftet drøfta drøftes gjennomgikk gjennomgått presenterte presentert understreket understreka påpekte påpeika redegjorde
kommenterte tok opp viste viser synte ønsket ønsker ønskte ønskjer ønska uttalte uttalt nevnte nemnde sa tilføyde stilte finnes finst fins eksisterer
stedet staden gang gongen ganger hele heile mye mykje mer meir mest mange flere fleire først fyrst sist siste neste
`) {
		m[w] = true
	}
	return m
}()

// Functional reports whether a word in lower case says nothing of the matter by itself.
func Functional(word string) bool { return functional[word] || utf8.RuneCountInString(word) < 2 }
