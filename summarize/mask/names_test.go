package mask_test

import (
	"strings"
	"testing"

	"github.com/referent/referent/summarize/mask"
)

// People whom no roster knows, with names that stand in no list: what gives them away is the sentence.
// Words between bars are the names.
var inContext = []string{
	"Pasienten heter |Gurine Vassbotten| og er 83 år.",
	"Brukaren heiter |Torgils Øygarden|.",
	"Vi snakket med |Eldrid Fagerheim-Rosvoll| på telefonen i går.",
	"Jeg ringte fru |Kvisvik| før lunsj.",
	"Herr |Sandsdalen| var ikke hjemme.",
	"Ordet til |Tøndervold|, vær så god.",
	"Da er det replikk fra |Skjervheim|.",
	"Takk til |Grytøyr| for innlegget.",
	"Representanten |Uthaug| fremmet forslaget.",
	"Ordfører |Malmedal| ønsket velkommen.",
	"Fastlegen |Brunvatne| har økt dosen.",
	"Forslaget fra |Rødseth-Kvalheim| falt.",
	"Så sa |Hjønnevåg| at det haster.",
	"|Gro Tveitaskog| (Sp) ba om ordet.",
	"|Bryngeir Lofthus| foreslo at vi utsetter saken.",
	"I går møtte jeg |Zbigniew Wojciechowicz| på torget.",
	"Hun har en sønn, |Oddmar|, som heter |Oddmar Stokkvold|.",
	"Kontaktperson er |Ånund Vasstveit|.",
	"Dottera hennar, |Jorid Skåtun|, er pårørande.",
	"Saksbehandler |Eikremsvik| følger opp.",
	"Vi har fått brev fra |Abdikarim Yassin Duale|.",
	"Det er |Nguyen Thi Bich| som skal ha kurset.",
	"Naboen |Fjellstrøm| har klaget.",
	"Kan du ringe |Thea|, |Jonas| og |Bjørg-Unni|?",
	"Dr. |Heltveit| var på visitt.",
	"Møteleder |Oluf Brattgjerd| åpnet møtet.",
	"Med hilsen |Halldis Kornstad|.",
	"Rektor |Bremseth| svarte på spørsmålet.",
	"Det sa |Kari Mette Håvardsholm|s mann.",
	"Vara for |Svanhild Åmotsbakken| er |Pål-Espen Tronrud|.",
}

func TestUnknownNames(t *testing.T) {
	told, left := 0, 0
	for _, s := range inContext {
		var names []string
		for i, part := range strings.Split(s, "|") {
			if i%2 == 1 {
				names = append(names, strings.FieldsFunc(part, func(r rune) bool { return r == ' ' })...)
			}
		}
		text := strings.ReplaceAll(s, "|", "")
		m := mask.New(nil)
		m.Learn(text)
		masked := m.Mask(text)
		for _, n := range names {
			told++
			if strings.Contains(masked, n) {
				left++
				t.Logf("%s remains: %q", n, masked)
			}
		}
		if back := m.Unmask(masked); back != text {
			t.Errorf("%q comes home as %q", text, back)
		}
		if l := m.Leaks([]byte(masked)); l != nil {
			t.Errorf("%v in %q", l, masked)
		}
	}
	t.Logf("words of unknown names: %d, left: %d", told, left)
	if left*20 > told {
		t.Error("more than one in twenty is left")
	}
}

// Capitals that are nobody.
var nobody = []string{
	"Arbeiderpartiet og Høyre stemte for, Senterpartiet og Rødt imot.",
	"Framstegspartiet, Venstre og Miljøpartiet De Grønne røysta mot.",
	"Oslo kommune og Nordre Follo samarbeider om vannverket.",
	"Statsforvalteren i Vestland har opphevet vedtaket.",
	"Vi brukar Microsoft Teams og Visma til dette.",
	"Møre og Romsdal fylkeskommune eier veien.",
	"Stortinget vedtok lova i fjor, seier Kommunal- og distriktsdepartementet.",
	"NAV og KS har laget en veileder.",
	"Solberg skole og Haugen barnehage slås sammen.",
	"Vi reiser til Bergen på tirsdag og til Trondheim i juni.",
	"Budsjettet er vedtatt. Saken er avsluttet. Møtet er hevet.",
	"Kommunedirektøren innstiller på at Sentrumsplanen legges ut.",
	"Per i dag har vi ikke penger. Eventuelt tar vi det siden.",
	"Finn fram sakspapirene. Hans vurdering var klar. Stig på.",
	"Dag og natt er det noen der. Liv og helse går først.",
	"Etter jul starter Trinn 2 av prosjektet.",
	"Legemidlene er Paracet, Albyl-E og Metoprolol.",
	"Hun fikk Marevan 2,5 mg klokka 8.",
	"Ungdommens hus åpner på Vestbyen i høst.",
	"Husbanken og Enova gir støtte.",
	"Norges Bank hevet renta, sier Statistisk sentralbyrå.",
	"Vedtaket påklages til Statens vegvesen innen tre uker.",
	"Klima- og miljøutvalget møtes på Rådhuset.",
	"Leverandøren sier at det kommer. Administrasjonen mener det samme.",
	"Takk for det. Ordet er fritt. Vær så god. Godt. Neste.",
	"Vi skal til Danmark og Sverige for å lære.",
	"Sak 12 gjelder E39 og fylkesvei 53.",
	"Teknisk hovedplan for Vann og avløp er på høring.",
	"Åsen skule treng nytt tak. Bakken er bratt der.",
	"Eldrerådet og Ungdomsrådet har uttalt seg.",
}

func TestNobodyIsMasked(t *testing.T) { testNobody(t, nobody) }

// testNobody sees that of texts that name nobody at most one word in a hundred is masked.
func testNobody(t *testing.T, texts []string) {
	t.Helper()
	words, masked := 0, 0
	for _, text := range texts {
		m := mask.New([]string{"Kari Lunde"})
		m.Learn(text)
		out := m.Mask(text)
		words += len(strings.Fields(text))
		if n := strings.Count(out, "["); n > 0 {
			masked += n
			t.Logf("%q", out)
		}
	}
	t.Logf("%d words about nobody, %d masked", words, masked)
	if masked*100 > words {
		t.Error("more than one in a hundred")
	}
}

func TestContact(t *testing.T) {
	for text, want := range map[string]string{
		"Skriv til kari.lunde@eksempel.kommune.no.":                                           "Skriv til [EPOST_1].",
		"E-posten er ola punktum berge krøllalfa gmail punktum com, takk":                     "E-posten er [EPOST_1], takk",
		"Adressa er post alfakrøll eksempel.no":                                               "Adressa er [EPOST_1]",
		"Ho bur i Storgata 12b, 6800 Førde.":                                                  "Ho bur i [ADRESSE_1], [ADRESSE_2].",
		"Han bor i Nedre Torggate fjorten, og trives.":                                        "Han bor i [ADRESSE_1], og trives.",
		"Hjemmebesøk i Solsvingen 4, og i Bjørkeveien 23 C.":                                  "Hjemmebesøk i [ADRESSE_1], og i [ADRESSE_2].",
		"Hun bor i Parkveien.":                                                                "Hun bor i [ADRESSE_1].",
		"Postadressen er 2040 Kløfta.":                                                        "Postadressen er [ADRESSE_1].",
		"Vi utbedrer fylkesvei 53, Riksvei 13 og gangveien.":                                  "Vi utbedrer fylkesvei 53, Riksvei 13 og gangveien.",
		"I 2026 Oslo, i 1814 Eidsvoll, 1500 meter.":                                           "I 2026 Oslo, i 1814 Eidsvoll, 1500 meter.",
		"Storgata skal asfalteres i 2027.":                                                    "Storgata skal asfalteres i 2027.",
		"Passordet er Vinter-2026!.":                                                          "Passordet er [HEMMELIG_1].",
		"Passord: «sommerfugl»":                                                               "Passord: «[HEMMELIG_1]»",
		"Passordet er glemt, og passordet må byttes.":                                         "Passordet er glemt, og passordet må byttes.",
		"Nøkkelboksen har kode fire sju en en.":                                               "Nøkkelboksen har kode [HEMMELIG_1].",
		"Koden er 4711. Ja, 4711, altså fire sju en en.":                                      "Koden er [HEMMELIG_1]. Ja, [HEMMELIG_1], altså [HEMMELIG_1B].",
		"Koden ble byttet i 2024.":                                                            "Koden ble byttet i 2024.",
		"Kontonummeret er 1234 56 78903.":                                                     "Kontonummeret er [KONTONR_1].",
		"IBAN NO93 8601 1117 947":                                                             "IBAN NO[KONTONR_1]",
		"Firmaet har organisasjonsnummer 974 760 673.":                                        "Firmaet har organisasjonsnummer [ORGNR_1].",
		"Kortet er 4539 1488 0343 6467.":                                                      "Kortet er [KORTNR_1].",
		"Ring (+47) 22 33 44 55 eller 0047 98765432.":                                         "Ring [TELEFON_1] eller [TELEFON_2].",
		"Ring meg på pluss førtisju ni åtte sju seks fem fire tre to":                         "Ring meg på [TELEFON_1]",
		"Passordet er Sommer2026, altså Sommer2026, og i sommer er det stengt.":               "Passordet er [HEMMELIG_1], altså [HEMMELIG_1], og i sommer er det stengt.",
		"Passordet er sommerfugl. En sommerfugl fløy.":                                        "Passordet er [HEMMELIG_1]. En sommerfugl fløy.",
		"Koden er 4711, men det koster 4711 kroner. Hun bor i Parkveien. Parkveien er bratt.": "Koden er [HEMMELIG_1], men det koster 4711 kroner. Hun bor i [ADRESSE_1]. Parkveien er bratt.",
		"Nummeret til legevakta er 116117.":                                                   "Nummeret til legevakta er 116117.",
	} {
		m := mask.New(nil)
		got := m.Mask(text)
		if got != want {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
		if back := m.Unmask(got); back != text {
			t.Errorf("%q comes home as %q", text, back)
		}
		if l := m.Leaks([]byte(got)); l != nil {
			t.Errorf("%q: leaks %v", got, l)
		}
	}
}

// Rosters write names in their own ways: the person is masked however the name is said.
func TestRosterForms(t *testing.T) {
	for name, said := range map[string]string{
		"Lunde, Zofhia":                 "Zofhia Lunde sa ja, og Zofhia gikk.",
		"LUNDE, Zofhia Marie":           "Zofhia Marie Lunde sa ja, og Zofhia gikk.",
		"Berg Hansen, Kari (H)":         "Kari Berg Hansen sa ja, og Kari gikk.",
		"1. vara Zofhia Xnord":          "Zofhia Xnord sa ja, og Xnord gikk.",
		"2) Xnord, Zofhia":              "Zofhia Xnord sa ja, og Xnord gikk.",
		"Zofhia Xnord, 1. vara":         "Zofhia Xnord sa ja, og Xnord gikk.",
		"3 Zofhia Xnord 4711":           "Zofhia Xnord sa ja, og Xnord gikk.",
		"Ordfører, Zofhia Xnord":        "Zofhia Xnord sa ja, og Xnord gikk.",
		"Zofhia Xnord, Arbeiderpartiet": "Zofhia Xnord sa ja, og Arbeiderpartiet gikk.",
	} {
		m := mask.New([]string{name})
		m.Learn(said)
		got := m.Mask(said)
		for _, w := range []string{"Zofhia", "Xnord", "Lunde", "Kari"} {
			if strings.Contains(got, w) {
				t.Errorf("%s: %s", name, got)
			}
		}
		if strings.Contains(said, "partiet") != strings.Contains(got, "partiet") || m.Counts()[mask.Person] != 1 {
			t.Errorf("%s: %s, %v", name, got, m.Counts())
		}
	}
	for _, name := range []string{"Taler 2", "Speaker 1", "Ukjent taler 3", "3. Ukjent taler", "Lunde, Høyre", "2. møte", "1", "12, 13", ", "} {
		m := mask.New([]string{name})
		said := "Taler og Speaker. Vi hørte Høyre, og Møte og Ukjent."
		if got := m.Mask(said); got != said {
			t.Errorf("%s: %s", name, got)
		}
	}
}
