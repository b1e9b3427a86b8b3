package extract_test

import (
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

var team = referent.Meeting{Kind: referent.KindReferat, Participants: []referent.Participant{
	{Name: "Kari Lie", Role: "møteleder"}, {Name: "Ola Vik"}, {Name: "Siv Moe"}, {Name: "Per Dahl"}, {Name: "Elin Rognes"}, {Name: "Jon Arne Haug"}}}

// A task is written "owner: words that stand in it: day", spoken on Tuesday 24 November 2026; "" is no task.
type taking struct{ said, want string }

func testTaking(t *testing.T, cases []taking) {
	t.Helper()
	for _, c := range cases {
		lines := strings.Split(c.said, " / ")
		got := given(team, lines...)
		var want []string
		for w := range strings.SplitSeq(c.want, "; ") {
			if w != "" {
				want = append(want, w)
			}
		}
		ok := len(got) == len(want)
		for i := 0; ok && i < len(got); i++ {
			ok = meets(got[i], want[i])
		}
		if !ok {
			t.Errorf("%q:\n got %q\nwant %q", c.said, got, want)
		}
	}
}

// meets compares "Ola Vik | Sende brevet. | 2026-11-27" with "Ola Vik: send brev: 2026-11-27".
func meets(got, want string) bool {
	g := strings.SplitN(got, " | ", 3)
	w := strings.SplitN(want+"::", ":", 4)
	if len(g) != 3 || g[0] != strings.TrimSpace(w[0]) || g[2] != strings.TrimSpace(w[2]) {
		return false
	}
	for k := range strings.FieldsSeq(w[1]) {
		if !strings.Contains(norsk.Fold(g[1]), k) {
			return false
		}
	}
	return true
}

func TestAskedAndTaken(t *testing.T) {
	testTaking(t, []taking{
		{"Kari Lie: Hvem tar kontakt med elektrikeren? / Ola Vik: Det kan jeg.", "Ola Vik: kontakt elektrikeren"},
		{"Kari Lie: Ola, du sender vel over tegningene? / Ola Vik: Jepp.", "Ola Vik: sende tegningene"},
		{"Kari Lie: Noen må gi beskjed til skolen. Elin? / Elin Rognes: Ja, det går fint.", "Elin Rognes: beskjed skolen"},
		{"Kari Lie: Noen må gi beskjed til skolen. Elin? / Elin Rognes: Jeg har nok å gjøre, altså. / Ola Vik: Jeg kan ta det, jeg treffer dem i morgen.", "Ola Vik: beskjed skolen: 2026-11-25"},
		{"Kari Lie: Kan ikke du lage en plakat, Siv? / Siv Moe: Jo da.", "Siv Moe: lage plakat"},
		{"Kari Lie: Og bestillingen av blomster, den tar du, Ola? / Ola Vik: Nei, jeg er på ferie. / Siv Moe: Da tar jeg den.", "Siv Moe: blomster"},
		{"Kari Lie: Innkallingen, hvem skriver den? / Siv Moe: Det kan jeg gjøre. Når må den være ute? / Kari Lie: Senest fredag. / Siv Moe: Notert.", "Siv Moe: innkalling: 2026-11-27"},
		{"Kari Lie: Amfiet må ryddes. / Ola Vik: Det tar vi på drift.", "Drift: amfi"},
		{"Kari Lie: Ola, gir du leverandøren beskjed om flisene? De må ha det senest fredag. / Ola Vik: Skal bli.", "Ola Vik: leverandør beskjed flis: 2026-11-27"},
		{"Kari Lie: kan du mase på den rapporten / Ola Vik: det skal jeg ordne jeg får tak i rapporten fra leverandøren til mandag", "Ola Vik: rapporten: 2026-11-30"},
		{"Kari Lie: Ola, hadde du hatt mulighet til å hente nøklene på torsdag? / Ola Vik: Ja, ikke noe problem.", "Ola Vik: hente nøklene: 2026-11-26"},
		{"Kari Lie: Kan vi be deg om å skrive en søknad til sparebankstiftelsen, Siv? / Siv Moe: Ja visst.", "Siv Moe: skrive søknad"},
		{"Kari Lie: Per, er det greit at du ringer forsikringsselskapet? / Per Dahl: Den er grei.", "Per Dahl: ringe forsikringsselskapet"},
		{"Kari Lie: Jeg trenger at noen går gjennom listene før helga. / Per Dahl: Jeg kan gå gjennom dem.", "Per Dahl: listene: 2026-11-27"},
		{"Kari Lie: Siv, du får ta en prat med naboen. / Siv Moe: Greit.", "Siv Moe: prat naboen"},
		{"Kari Lie: Kem kan ordne med kaker tell lørdag? / Siv Moe: Æ kainn det.", "Siv Moe: kake: 2026-11-28"},
		{"Kari Lie: Siv, kainn du skriv vaktlista? / Siv Moe: Æ kainn det. Du får ho på mandag.", "Siv Moe: skrive vaktlista: 2026-11-30"},
		{"Kari Lie: Kan du ta det med Statnett, Per? / Per Dahl: Det gjør jeg.", "Per Dahl: statnett"},
		{"Kari Lie: Kan du undersøke om vi har lov til det, Per? / Per Dahl: Ja, jeg skal høre med juristen.", "Per Dahl: lov"},
		{"Kari Lie: Hvem følger opp taket? / Ola Vik: Jeg er nede der på torsdag, så jeg kan gjøre det da.", "Ola Vik: følge opp taket: 2026-11-26"},
		{"Kari Lie: Kan jeg få deg til å sende meg tallene innen torsdag, Siv? / Siv Moe: Du får dem i morgen.", "Siv Moe: sende tallene: 2026-11-25"},
		{"Kari Lie: Vil du svare dem, Per? / Per Dahl: Helst ikke. Kan ikke Siv? / Siv Moe: Jo, jeg kan svare dem.", "Siv Moe: svare"},
		{"Kari Lie: Kven vil melde oss på løpet? / Siv Moe: Eg kan ta på meg det.", "Siv Moe: melde løpet"},
		{"Kari Lie: Me treng nokon til å vaske lokalet etterpå. / Per Dahl: Sett meg på det.", "Per Dahl: vaske lokalet"},
	})
}

func TestOffered(t *testing.T) {
	testTaking(t, []taking{
		{"Ola Vik: Jeg kunne jo høre med museet om de vil ha den gamle krana. / Kari Lie: Gjør det, du Ola.", "Ola Vik: museet krana"},
		{"Ola Vik: Skal jeg ta en telefon til Hansen? / Kari Lie: Ja takk.", "Ola Vik: telefon hansen"},
		{"Siv Moe: Jeg kan godt skrive leserinnlegget. / Kari Lie: Så bra.", "Siv Moe: skrive leserinnlegget"},
		{"Kari Lie: Pumpa i kjelleren har stoppa igjen. / Ola Vik: Det fikser jeg.", "Ola Vik: pumpa kjelleren"},
		{"Kari Lie: Hengslene på porten er rustne. / Ola Vik: Æ kainn ta det.", "Ola Vik: hengslene porten"},
		{"Ola Vik: Vil dere at jeg skal bestille mat? / Kari Lie: Nei, det trengs ikke.", ""},
		{"Siv Moe: Jeg melder meg til å koke suppe. / Kari Lie: Fint.", "Siv Moe: koke suppe"},
		{"Siv Moe: La meg sjekke det med banken. / Kari Lie: Fint.", "Siv Moe: sjekke banken"},
		{"Siv Moe: Gi den til meg, så skriver jeg et svar til fylket.", "Siv Moe: skrive svar fylket"},
		{"Siv Moe: Dere får en oversikt over utgiftene fra meg på fredag.", "Siv Moe: oversikt utgiftene: 2026-11-27"},
		{"Siv Moe: Jeg får sendt ut lista i løpet av uka.", "Siv Moe: sende lista: 2026-11-27"},
		{"Siv Moe: Det kan jeg love. Jeg får målt opp tomta innen utgangen av desember.", "Siv Moe: måle tomta: 2026-12-31"},
		{"Siv Moe: Eg kan jo ta med meg spørsmålet om busslomma til fylket. / Kari Lie: Gjer det.", "Siv Moe: busslomma fylket"},
		{"Kari Lie: Lyset i gangen er gått. / Per Dahl: Jeg tar en titt på det etterpå.", "Per Dahl: lyset gangen"},
		{"Siv Moe: Jeg snekrer en ny benk før jul.", "Siv Moe: snekre benk: 2026-12-24"},
		{"Siv Moe: Da gjør jeg det sånn at jeg sender dere et forslag i morgen.", "Siv Moe: sende forslag: 2026-11-25"},
		{"Siv Moe: Jeg har tenkt å invitere rektor til neste gang. / Kari Lie: Bra.", "Siv Moe: invitere rektor"},
		{"Per Dahl: Jeg må uansett innom kommunen, så jeg leverer søknaden. / Kari Lie: Flott.", "Per Dahl: levere søknaden"},
	})
}

func TestAssigned(t *testing.T) {
	testTaking(t, []taking{
		{"Kari Lie: Da får Per ta den søknaden.", "Per Dahl: søknad"},
		{"Kari Lie: Lista må oppdateres. / Kari Lie: Det får Per ta seg av.", "Per Dahl: lista"},
		{"Kari Lie: Siv og jeg skriver uttalelsen.", "Siv Moe og Kari Lie: skrive uttalelsen"},
		{"Kari Lie: Ola, du og Siv setter dere ned og fordeler vaktene, går det an? / Ola Vik: Jada.", "Ola Vik og Siv Moe: fordele vaktene"},
		{"Kari Lie: Jeg og Per tar en befaring på torsdag.", "Kari Lie og Per Dahl: befaring: 2026-11-26"},
		{"Kari Lie: Vi på drift ser på ventilasjonen.", "Drift: ventilasjonen"},
		{"Kari Lie: Så setter vi opp Ola på å bestille buss.", "Ola Vik: bestille buss"},
		{"Kari Lie: Da blir det Siv som tar imot gjestene.", "Siv Moe: gjestene"},
		{"Kari Lie: Da er det Per som har ansvaret for nøklene.", "Per Dahl: nøklene"},
		{"Kari Lie: Jon Arne tar kontakt med Nav.", "Jon Arne Haug: kontakt nav"},
		{"Kari Lie: Ola skulle bestille lokale innen fredag. Da fører vi ham opp på det.", "Ola Vik: lokale: 2026-11-27"},
		{"Kari Lie: Hva med brannøvelsen? / Siv Moe: Den har Per sagt ja til å arrangere.", "Per Dahl: arrangere brannøvelsen"},
		{"Kari Lie: Hvem skriver protokollen? / Ola Vik: Jeg skrev sist. Det får bli Siv sin tur. / Siv Moe: Greit.", "Siv Moe: skrive"},
		{"Kari Lie: Elin tar seg av påmeldingene, og Per ordner kaffe.", "Elin Rognes: påmeldingene; Per Dahl: kaffe"},
		{"Kari Lie: Ansvaret for dugnaden legger vi til Siv.", "Siv Moe: dugnaden"},
		{"Kari Lie: Per må ringe rørleggeren i morgen tidlig.", "Per Dahl: ringe rørleggeren: 2026-11-25"},
		{"Kari Lie: Det er Elin som skal følge opp tilsynet fra Arbeidstilsynet.", "Elin Rognes: følge opp tilsynet"},
		{"Kari Lie: Me set Siv på saka om gangvegen.", "Siv Moe: gangvegen"},
		{"Kari Lie: Ola finner ut hva det koster å leie lift.", "Ola Vik: finne leie lift"},
		{"Kari Lie: Siv, din oppgave blir å samle inn nøklene.", "Siv Moe: samle nøklene"},
	})
}

func TestDeadlinesSpoken(t *testing.T) {
	testTaking(t, []taking{
		{"Siv Moe: Jeg skriver rapporten. / Kari Lie: Fint, til når da? / Siv Moe: Si fredag.", "Siv Moe: rapporten: 2026-11-27"},
		{"Siv Moe: Jeg kan skrive brevet. / Kari Lie: Skal vi si den fjortende? / Siv Moe: Ja.", "Siv Moe: brevet: 2026-12-14"},
		{"Siv Moe: Jeg kan skrive brevet. Skal vi si den fjerde? / Kari Lie: Det er for sent. Mandag, hadde jeg tenkt. / Siv Moe: Okei, mandag.", "Siv Moe: brevet: 2026-11-30"},
		{"Siv Moe: Jeg sender lista om fjorten dager.", "Siv Moe: lista: 2026-12-08"},
		{"Siv Moe: Jeg sender lista innen månedsslutt.", "Siv Moe: lista: 2026-11-30"},
		{"Siv Moe: Jeg bestiller skilt i løpet av uke 50.", "Siv Moe: skilt: 2026-12-11"},
		{"Siv Moe: Jeg tar og bestiller skilt før helgen.", "Siv Moe: skilt: 2026-11-27"},
		{"Kari Lie: Per, kan du sende inn søknaden? / Per Dahl: Ja. / Kari Lie: Fristen er femtende desember.", "Per Dahl: søknaden: 2026-12-15"},
		{"Siv Moe: Jeg tar referatet. / Kari Lie: Det må være ute innen torsdag.", "Siv Moe: referat: 2026-11-26"},
		{"Siv Moe: Jeg lager et budsjett til neste gang. / Kari Lie: Neste møte er tirsdag 15. desember klokka ti.", "Siv Moe: budsjett: 2026-12-15"},
		{"Kari Lie: Ola sender ut planen i morgen. / Ola Vik: Rekker ikke i morgen, men torsdag skal gå.", "Ola Vik: planen: 2026-11-26"},
		{"Siv Moe: Eg skal få ringt dei over helga.", ""},
		{"Siv Moe: Eg purrar på kommunen innan utgangen av veka.", "Siv Moe: purre kommunen: 2026-11-27"},
		{"Siv Moe: Innen mandag skal jeg ha pratet med advokaten.", "Siv Moe: advokaten: 2026-11-30"},
		{"Siv Moe: Jeg bestiller det nye skapet. / Ola Vik: Når skjer det? / Siv Moe: I morgen.", "Siv Moe: skapet: 2026-11-25"},
		{"Kari Lie: Siv sjekker prisene på leie. Torsdag, er det greit? / Siv Moe: Det er greit.", "Siv Moe: prisene: 2026-11-26"},
		{"Kari Lie: Kan du ha forslaget klart til torsdag, Siv? / Siv Moe: Ja.", "Siv Moe: forslaget: 2026-11-26"},
		{"Siv Moe: Jeg ringer skolen i dag, nei forresten, de har stengt. I morgen, da.", "Siv Moe: skolen: 2026-11-25"},
		{"Siv Moe: Jeg har det klart til første desember. / Kari Lie: Fint.", ""},
	})
}

// Sentences as they run on, with reasons and asides beside what is promised.
func TestTakingInPassing(t *testing.T) {
	testTaking(t, []taking{
		{"Kari Lie: Jeg har en bil som må på verksted. / Ola Vik: Det kan jeg ordne på mandag.", "Ola Vik: ordne bil verksted: 2026-11-30"},
		{"Kari Lie: Nå må noen snart vaske kaffetrakteren. / Siv Moe: Da tar jeg den, da.", "Siv Moe: vaske kaffetrakteren"},
		{"Kari Lie: Elin, du tok på deg å lage en oversikt over nøklene, ikke sant? / Elin Rognes: Jo, den kommer på fredag.", "Elin Rognes: oversikt nøklene: 2026-11-27"},
		{"Kari Lie: Per og Siv får i oppgave å lage en plan for rokeringen innen 15. desember.", "Per Dahl og Siv Moe: plan rokeringen: 2026-12-15"},
		{"Kari Lie: Og så må jeg purre på byggesaken. Det gjør jeg i dag.", "Kari Lie: purre byggesaken: 2026-11-24"},
		{"Ola Vik: Eg kan nok få sendt over dei rapportane i løpet av veka. / Kari Lie: Fint.", "Ola Vik: sende rapportane: 2026-11-27"},
		{"Kari Lie: Siv, sørger du for at alle får innkalling? / Siv Moe: Ja.", "Siv Moe: innkalling"},
		{"Kari Lie: Og gulvet, det måler du på nytt, Siv? / Siv Moe: Ja, om fjorten dager.", "Siv Moe: måle gulvet: 2026-12-08"},
		{"Kari Lie: Siv, kan du høre med skolen? / Siv Moe: Ja, det gjør jeg før jeg går hjem i dag.", "Siv Moe: skolen: 2026-11-24"},
		{"Siv Moe: Jeg kjøper ny lås, jeg, innen måneden er omme.", "Siv Moe: kjøpe ny lås: 2026-11-30"},
		{"Kari Lie: Ola, henter du inn priser på gulvet? / Ola Vik: Ja. / Kari Lie: Jeg må ha dem innen den femtende, for da skal jeg levere budsjettet.", "Ola Vik: priser: 2026-12-15"},
		{"Kari Lie: Hvem kan følge med på innboksen i ferien? / Per Dahl: Jeg. / Kari Lie: Fint.", "Per Dahl: innboksen"},
		{"Kari Lie: Montørene må ha adgangskort. Det ordner Siv, ikke sant? / Siv Moe: Jo da.", "Siv Moe: ordne adgangskort"},
		{"Kari Lie: Ola, kan du og Siv ta en kikk på budsjettet til torsdag? / Ola Vik: Ja, det ordner vi.", "Ola Vik og Siv Moe: kikk budsjettet: 2026-11-26"},
		{"Kari Lie: Per tar seg av kaffen, Siv ordner rom, og jeg sender innkalling.", "Per Dahl: kaffen; Siv Moe: rom; Kari Lie: innkalling"},
		{"Siv Moe: Vi bør få noen til å se på taket.", ""},
		{"Kari Lie: Kommunen skal legge ut saken på høring neste uke.", ""},
		{"Ola Vik: Jeg har avtalt møte med banken på torsdag.", ""},
		{"Ola Vik: Jeg må hente ungene i barnehagen, så jeg går nå.", ""},
	})
}

func TestNoTaking(t *testing.T) {
	testTaking(t, []taking{
		{"Kari Lie: Noen burde se på adgangskontrollen en gang. / Siv Moe: Mm. En gang, ja.", ""},
		{"Siv Moe: Jeg bestilte skiltene i går.", ""},
		{"Siv Moe: Jeg har sendt søknaden.", ""},
		{"Siv Moe: Elektrikeren kommer på torsdag.", ""},
		{"Siv Moe: Fylket sender ut svar innen jul.", ""},
		{"Kari Lie: Alle må huske å låse døra når de går.", ""},
		{"Kari Lie: Da gir jeg ordet til Ola. / Ola Vik: Jeg legger fram saken.", ""},
		{"Kari Lie: Ola legger fram. / Ola Vik: Takk.", ""},
		{"Ola Vik: Jeg holder på forslaget mitt.", ""},
		{"Siv Moe: Jeg kan ta med lefser. / Per Dahl: Siv, det er tretti unger. / Siv Moe: Nei, sant. Glem det.", ""},
		{"Siv Moe: Vi kunne skaffet oss en robot. / Per Dahl: Haha, ja, jeg bestiller en i morgen.", ""},
		{"Siv Moe: Han sa at han skulle ringe når bilen er ferdig.", ""},
		{"Siv Moe: Jeg tror vi må vurdere det etter hvert.", ""},
		{"Siv Moe: Entreprenøren skifter vinduene i uke 50.", ""},
		{"Siv Moe: Det må jeg nesten le av.", ""},
		{"Kari Lie: Hvem skal ha kaffe? / Ola Vik: Jeg tar en kopp.", ""},
		{"Siv Moe: Jeg tar heisen, jeg.", ""},
		{"Siv Moe: Jeg ser at vi ligger bak.", ""},
		{"Siv Moe: Jeg kjører barna til trening hver tirsdag.", ""},
		{"Kari Lie: Skal vi ha kurs til våren? / Siv Moe: Det kan vi ta stilling til senere.", ""},
		{"Siv Moe: Jeg pleier å sende dem en purring.", ""},
		{"Siv Moe: Hvis det blir snø, måker jeg.", ""},
		{"Kari Lie: Hva gjør vi med gjerdet? / Per Dahl: Jeg vet ikke. / Kari Lie: Da lar vi det ligge.", ""},
		{"Siv Moe: Da jeg ringte dem, sa de nei.", ""},
		{"Kari Lie: Velkommen. Jeg leder møtet i dag, og Siv skriver referat.", ""},
		{"Siv Moe: Vi får håpe at noen rydder.", ""},
	})
}
