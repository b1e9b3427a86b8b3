package mask_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent/summarize/mask"
)

// The ways in which people without a roster are named in spoken Norwegian, by class. Words between bars are the names.
var waysToName = map[string][]string{
	"dialect verb": {
		"|Roar| trur han rekk det før helga.",
		"|Even| fær ta den saka der.",
		"|Line| kjem ikkje før ti.",
		"|Liv| spurde om det same.",
		"|Gunnleif| sku ha vore her.",
		"|Stig| e i begravelse i Harstad.",
		"|Tor| kjæm seinar i dag.",
		"|Roar| ska ordne det med nøkla.",
		"|Bjørn| tæk det med entreprenøren.",
		"|Signe| va her i går.",
		"|Kåre| veit kor nøkkelen ligg.",
		"|Liv| æ på ferie te mandag.",
		"|Stein| hadd ikkje fått beskjed.",
		"|Tone| fiksa det før jul.",
		"|Per| tar referatet i dag.",
		"|Even| sjekker det med kommunen.",
		"|Jo| ringer til leverandøren.",
		"|Are| vart sjuk, så eg stiller.",
		"|Hans| skulle ha med kaffe.",
	},
	"first name that no list has": {
		"|Solborgfrid| e på kurs i Bodø i dag, så ho kjæm ikkje.",
		"|Hjalveig| har fri på fredag.",
		"|Arngunn| kjem litt seinare.",
		"|Steingerd| tek saka vidare.",
		"|Vermund| skulle ringe i går.",
		"|Tjodulf| va ikkje på lista.",
	},
	"double first name": {
		"|Tor Even| har meldt frå om forfall.",
		"|Dag Inge|, kor langt e du komme med taket?",
		"|May Iren| skal ha oppfølging på avdeling to.",
		"|Snorre Andre| tok med seg nøkkelen.",
		"Elektro, |Roy Andre|.",
		"I dag skal |Andre| legge fram saken.",
		"|Kim Andre|, du e jo flink med sånt.",
		"|Jan Are| tar vara på det.",
		"Da har vi med oss |Tom Even| og |Geir Inge|.",
		"|Odd Arne| sjekker det.",
		"Oppfølging ved |Ole Per| og |Jan Bo|.",
		"|Bjørn Tore| og |Svein Olav| har snakka om det.",
		"|Liv Unni| og |May Britt| steller i stand.",
		"|Nils Andre| møter ikke i dag.",
		"|Per Inge|, kan du se på det?",
	},
	"vocative": {
		"Kva meiner du, |Audhald|?",
		"Takk skal du ha, |Jorolv|.",
		"Godt jobba, |Vårild|!",
		"Du |Farid|, kan du hjelpe til?",
		"|Marwin|, kan du ta det?",
		"|Ylvarin|, du skulle vel på kurs?",
		"Kan du ta det, |Marwin|?",
		"Hva synes du, |Tarald|?",
		"Du |Kjølv|, har du fått nøklene?",
		"Hei |Gjøran|, fint at du kom.",
		"Kjære |Ellevine|, gratulerer med dagen.",
		"Korleis går det med deg, |Torborg|?",
		"|Per|, har du noe å si?",
		"|Torvard|, vær så god.",
		"Ja, |Ånon|, vær så god.",
		"Tusen takk, |Brigt|.",
		"Vil du begynne, |Tjøstel|?",
	},
	"possessive": {
		"|Asgjerd|s mann kom innom.",
		"|Stig|s forslag fikk flertall.",
		"|Per| sin traktor står i vegen.",
		"Bror til |Ingelund| ringte.",
		"Var det ikkje |Tarjei|s oppgåve?",
		"Det var |Solgerd| sitt forslag.",
		"Forslaget til |Oddgunn| er best.",
		"|Rønnfrid|s vakt må dekkes.",
		"Vi bruker |Stig|s bil.",
		"Det er bilen hannes |Oddleiv|.",
		"Bilen te |Torstein| står der.",
		"|Jon|s mappe ligger der.",
		"Kontoret hans |Ølver| er ledig.",
		"Vakta hennar |Jorhild| er ledig.",
		"Vaktene til |Hallgunn| må fordeles.",
	},
	"article of persons": {
		"Æ sa det til ho |Synnelin| i går.",
		"Spørs ka ho |Eva-Lill| sei.",
		"Spør han |Torgrein| om det.",
		"Eg snakka med ho |Gurill| i går.",
		"Det va hu |Marnhild| som sa det.",
		"Han |Leidulv| kjem i morgon.",
		"Ho |Guvild| tek nattevakta.",
		"Ka med han |Edgar|?",
	},
	"nynorsk": {
		"|Sigbjørg| kjem attende måndag.",
		"Det var |Margunn| som gjorde framlegg om det.",
		"|Torbjørg| vert med til Førde.",
		"|Ånund| gjev melding til skulen.",
		"|Knut-Arild| tykkjer det er greitt.",
		"|Aslaug| og |Gjertrud| ordnar med maten.",
		"|Sjugurd| meiner det er for dyrt.",
		"Eg og |Olaug| såg på det i går.",
	},
	"first name and initial": {
		"Da overlater vi det til |Tormod| |A.| og |Inger| |S.| i fellesskap.",
		"Referent: |Siv| |H.|",
		"Snakk med |J.| |P.| |Solheim| om brannøvelsen.",
		"|Kari| |L.| tar det.",
		"Da er det |Ola| |B.| og |Ola| |T.| som går.",
		"Ansvar: |Anne| |M|",
		"Frist for |Stian| |K.| er fredag.",
		"|O.| |Berge| møtte ikke.",
		"Vi har fått svar fra |A.| |Hansen|.",
		"|K.| |M.| |Eriksen| har ansvaret.",
	},
	"hyphenated": {
		"|Jo-Are| henter nøkkelen.",
		"|Bo-Inge| er syk.",
		"|Åse-Lill| og |Tor-Even| tar kjøkkenet.",
		"|Per-Bjarte| skal ringe.",
		"|Maj-Torill| kommer senere.",
		"Vi spør |Liv-Jorid| om det.",
		"Eg har kommentarar til |Bakke-Jensen|s diskusjon.",
		"|Jo-Are|s vakt er ledig.",
		"|Moe-Berg| tok ordet.",
		"|Ellen-Vår|s rapport kom i går.",
		"Ring |Strand-Haugli| i morgen.",
	},
	"foreign": {
		"|Tesfay| har fått jobb.",
		"|Rahwa| begynner på norskkurs.",
		"|Olena| og |Svitlana| trenger tolk.",
		"|Agnieszka| har nattevakt.",
		"|Suleiman| skal på praksis.",
		"|Zuzanna| og |Jakub| flytter inn.",
		"|Yonas| og |Semhar| er bosatt.",
		"|Abdulkadir| må ha time hos lege.",
		"|Thi Lan| er på permisjon.",
		"|Siddharth| møter fra leverandøren.",
		"|Ayaan| og |Ikram| går i fjerde.",
		"|Mykola| kan ikke komme.",
		"|Bogdan| og |Mirela| er vikarer.",
		"|Nasrin| og |Behzad| har klaga.",
	},
	"in a row": {
		"|Tjeran| og |Oddvil| kjem på tysdag.",
		"|Per| og |Pål| er ute.",
		"|Tone|, |Stig| og |Bo| har fri.",
		"|Khadijo| og |Ubah| har søkt om plass.",
		"Det er |Gryvild|, |Oddmann| og |Kari| som går.",
		"|Ølvin| og |Kari| tar matserveringen.",
		"|Kari| og |Ølvin| tar matserveringen.",
		"Til stede: |Torvil|, |Marit|, |Ellevar| og |Jens|.",
		"Både |Kjersti| og |Brennvar| er syke.",
	},
	"surname that is a word": {
		"|Lars| |Steinen| har hengt opp skilt ved steinen.",
		"Bakken er bratt, sa |Arne| |Sletten|. Vi måker sletten.",
		"|Hilde| |Haugen| bor ved haugen.",
		"Det er |Trond| |Eggen| som har ansvaret for eggen.",
		"Ordet til |Terje| |Kroken|, det står i kroken.",
	},
	"after a pause": {
		"Eh, |Stig| e sjuk.",
		"Ja, |Tor| kjem i morgen.",
		"Nei, |Liv| har det ikke.",
		"Så |Bo| tar det.",
		"Altså, |Bent| ska hente.",
	},
}

// others is what else the meeting says: words in small letters that are also names.
const others = "Dei andre får jo bo her, og per i dag er det ikke mange som tar en tone i kroken eller på eggen."

func TestWaysToName(t *testing.T) {
	told, left := 0, 0
	for _, class := range slices.Sorted(maps.Keys(waysToName)) {
		for _, s := range waysToName[class] {
			var names []string
			for i, part := range strings.Split(s, "|") {
				if i%2 == 1 {
					names = append(names, strings.Fields(part)...)
				}
			}
			text := strings.ReplaceAll(s, "|", "")
			m := mask.New(nil)
			m.Learn(text, others)
			masked := m.Mask(text)
			for _, n := range names {
				told++
				if slices.Contains(strings.FieldsFunc(masked, func(r rune) bool { return strings.ContainsRune(" ,?!;:", r) }), n) || strings.Contains(masked, strings.TrimSuffix(n, ".")) && len(n) > 2 {
					left++
					t.Errorf("%s: %s remains: %q", class, n, masked)
				}
			}
			if back := m.Unmask(masked); back != text {
				t.Errorf("%q comes home as %q", text, back)
			}
			if l := m.Leaks(outgoing(t, masked)); l != nil {
				t.Errorf("%v in %q", l, masked)
			}
		}
	}
	t.Logf("words of names: %d, left: %d", told, left)
}

// A first name with an initial is the person of the whole name, when there is one only.
func TestInitials(t *testing.T) {
	m := mask.New([]string{"Kari Lunde", "Ola Berge", "Ola Bakken", "Per T. Moen"})
	text := "Kari L. tar det, Ola B. går, og P. Moen venter. Kari e her."
	m.Learn(text)
	masked := m.Mask(text)
	if want := "[PERSON_1]. tar det, [PERSON_5]. går, og [PERSON_4] venter. [FORNAVN_1] e her."; masked != want {
		t.Errorf("got %q, want %q", masked, want)
	}
	if back := m.Unmask(masked); back != text {
		t.Errorf("comes home as %q", back)
	}
	if l := m.Leaks(outgoing(t, masked)); l != nil {
		t.Errorf("leaks %v", l)
	}
}

// Capitals and dialect of nobody.
var nobodyEither = []string{
	"Ja, kan du ta det? Fint, kan du sende det? Topp, du tar det. Perfekt, har du alt?",
	"Supert, kan du ordne det? Ferdig, da tar vi neste. Vent, har du mer?",
	"Andre saker? Andre som vil ha ordet? Andre har sagt det samme.",
	"Are you there? Even om det er dyrt. Jo, det er greit. Jo har vi penger.",
	"Jo, du har rett. Jo, kan du ikke det? Per dags dato er det tomt.",
	"Rutinen er klar. Medisin e dyrt. Grunn er det nok av.",
	"Bokmål har to former. Elektro e ferdig. Drift tar det videre.",
	"E alle her? Æ trur det går bra. Ska vi begynn? Kjem det noko meir?",
	"Kommunen e positiv. Fylket kjem med svar. Entreprenøren tæk det.",
	"Han skal til Bergen. Ho reiste til Harstad. Ho NAV har sendt svar.",
	"Kan vi bruke Teams, eller Zoom? Vil du ha kaffe?",
	"Vitamin C og Hepatitt B er bestilt. Plan A er best. Klasse 7 B drar.",
	"Sør-Varanger og Nord-Fron, Midt-Norge og Vest-Agder samarbeider.",
	"Forslaget til Handlingsplan er sendt ut. Innspill til Kystsoneplan er kommet.",
	"Vakta på Solsida er dekket. Vaktene til Påske er satt opp.",
	"Per møte er det to timer, og per prøve tar det ti minutter. Per reise er det dyrt. Finn så en dato. Hans reise ble lang.",
	"Tone i brevet var hard. Stein ligger i vegen. Storm er meldt.",
	"Liv er viktigst. Dag for dag blir det bedre. My er gjort.",
	"Brannvarsling, elektro og rør er ferdig. Rør er bestilt. Ventilasjon tar tid.",
	"Enig, vi tar det. Riktig, du har rett. Nettopp, har du sett det?",
	"Folkens, kan dere høre etter? Venner, har dere fått med dere det?",
	"Snø e meldt. Regn kjem. Jul e snart her. Mandag har vi fri.",
	"Isbjørn er sett på Svalbard. Paradis er en bydel.",
	"Og Husbanken og Enova og Kommunalbanken gir støtte. Rapporten og Kommunelova seier det.",
	"Sjå Kart A. Vedlegg B. Tabell C er ny. Alternativ B. Saka er klar.",
	"Vert det møte? Blir det møte? Verdal og Levanger slår seg saman.",
	"Beklager, du må gjenta. Unnskyld, kan du gjenta? Hallo, er du der?",
	"Ordet til Høyre, så Senterpartiet. Spør han Nei-sida om det.",
	"Herlig, du er flink. Selvfølgelig, kan du få det. Dessverre, du er sein.",
}

func TestNobodyEither(t *testing.T) { testNobody(t, nobodyEither) }
