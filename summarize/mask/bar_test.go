package mask_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent/summarize/mask"
)

// secret is one personal number and a sentence that tells it; {} is where it stands.
type secret struct {
	kind, digits string
	sentences    []string // bokmål, then nynorsk, in turn
}

var sentences = map[string][]string{
	"identity": {
		"Fødselsnummeret hennes er {}, så da kan dere slå henne opp.", "Fødselsnummeret hennar er {}, så kan de slå henne opp.",
		"Søkeren er registrert med {} i systemet.", "Søkjaren er registrert med {} i systemet.",
		"{} er nummeret som står på skjemaet.", "{} er nummeret som står på skjemaet.",
		"Da tar jeg personnummeret, det er {}.", "Då tek eg personnummeret, det er {}.",
		"Kan du notere {} på saken, og ringe i morgen?", "Kan du notere {} på saka, og ringje i morgon?",
		"Hun oppga {} da vi møttes 12. mars klokka 10.30.", "Ho oppgav {} då vi møttest 12. mars klokka 10.30.",
		"Det gjelder bruker {} som venter på vedtak.", "Det gjeld brukar {} som ventar på vedtak.",
		"Ja, altså, {}.", "Ja, altså, {}.",
	},
	"duf": {
		"DUF-nummeret er {}.", "DUF-nummeret er {}.",
		"Hun er registrert hos utlendingsmyndighetene med DUF {} fra i fjor.", "Ho er registrert hos utlendingsmaktene med DUF {} frå i fjor.",
	},
	"account": {
		"Utbetalingen går til kontonummer {}.", "Utbetalinga går til kontonummer {}.",
		"Kontoen er {}, og beløpet er 12 500 kroner.", "Kontoen er {}, og beløpet er 12 500 kroner.",
		"Pengene skal til {} innen fredag.", "Pengane skal til {} innan fredag.",
	},
	"phone": {
		"Ring henne på {} hvis det haster.", "Ring henne på {} om det hastar.",
		"Telefonnummeret er {}.", "Telefonnummeret er {}.",
		"Mobilen til pårørende er {}, men ikke etter klokka 21.", "Mobilen til pårørande er {}, men ikkje etter klokka 21.",
		"Du når ham på {} hele dagen.", "Du når han på {} heile dagen.",
		"Ho har +47 {} på jobb.", "Ho har +47 {} på jobb.",
	},
	"code": {
		"Koden til nøkkelboksen er {}.", "Koden til nøkkelboksen er {}.",
		"Dørkoden er {}, og nøkkelen henger inne.", "Dørkoden er {}, og nøkkelen heng inne.",
		"PIN-koden på alarmen er {}.", "PIN-koden på alarmen er {}.",
	},
}

func digit(n int) string { return fmt.Sprintf("%d", n) }

func check(d string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += w * int(d[i]-'0')
	}
	return sum
}

// identity makes an identity number: kind 0 birth, 1 D, 2 H, 3 synthetic, 4 D and H, 5 D and synthetic,
// 6 by the rules from 2032, 7 with a wrong digit.
func identity(r *rand.Rand, kind int) string {
	for {
		day, month := 1+r.IntN(28), 1+r.IntN(12)
		if kind == 1 || kind == 4 || kind == 5 {
			day += 40
		}
		if kind == 2 || kind == 4 {
			month += 40
		}
		if kind == 3 || kind == 5 {
			month += 80
		}
		d := fmt.Sprintf("%02d%02d%02d%03d", day, month, r.IntN(100), r.IntN(1000))
		first := (11 - check(d, 3, 7, 6, 1, 8, 9, 4, 5, 2)%11) % 11
		if kind == 6 {
			first = (first + 1 + r.IntN(3)) % 11
		}
		if first == 10 {
			continue
		}
		d += digit(first)
		second := (11 - check(d, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11
		if second == 10 {
			continue
		}
		d += digit(second)
		if kind == 7 {
			at := 6 + r.IntN(5)
			d = d[:at] + digit((int(d[at]-'0')+1+r.IntN(9))%10) + d[at+1:]
		}
		return d
	}
}

func duf(r *rand.Rand) string {
	d := fmt.Sprintf("%d%06d", 1990+r.IntN(36), r.IntN(1_000_000))
	return d + fmt.Sprintf("%02d", check(d, 4, 6, 3, 2, 4, 6, 3, 2, 7, 5)%11)
}

func account(r *rand.Rand) string {
	for {
		d := fmt.Sprintf("%04d%06d", 1000+r.IntN(9000), r.IntN(1_000_000))
		if c := (11 - check(d, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11; c != 10 {
			return d + digit(c)
		}
	}
}

func draw(r *rand.Rand, i int) secret {
	switch k := i % 14; {
	case k < 8:
		return secret{"identity", identity(r, k), sentences["identity"]}
	case k == 8:
		return secret{"duf", duf(r), sentences["duf"]}
	case k == 9 || k == 10:
		return secret{"account", account(r), sentences["account"]}
	case k == 11 || k == 12:
		return secret{"phone", fmt.Sprintf("%d%07d", 2+r.IntN(8), r.IntN(10_000_000)), sentences["phone"]}
	}
	return secret{"code", fmt.Sprintf("%04d", r.IntN(10_000)), sentences["code"]}
}

// outgoing is a request's body as it goes to an endpoint.
func outgoing(t *testing.T, text string) []byte {
	b, err := json.Marshal(map[string]any{"model": "m", "seed": 0, "messages": []any{map[string]string{"role": "user", "content": "s1 " + text}}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The bar: of a thousand personal numbers, written and spoken, none is found back in the bytes that go out,
// and the final check finds every one in bytes that were never masked as long as it is not broken up.
func TestNothingLeaks(t *testing.T) {
	const cases = 1000
	leaked, refused, caught := 0, 0, 0
	perKind := map[string]int{}
	for i := range cases {
		r := rand.New(rand.NewPCG(5, uint64(i)))
		s := speaker{r, i%2 == 1}
		c := draw(r, i/2)
		pair := 2 * r.IntN(len(c.sentences)/2)
		said := s.say(c.digits)
		text := strings.Replace(c.sentences[pair+i%2], "{}", said, 1)
		perKind[c.kind]++
		m := mask.New([]string{"Kari Lunde"})
		m.Learn(text)
		masked := m.Mask(text)
		body := outgoing(t, masked)
		limit := len(c.digits) * 2 / 3
		if c.kind == "code" {
			limit = len(c.digits)
		}
		if n := spelledIn(string(body), c.digits); n >= limit {
			leaked++
			t.Errorf("case %d: %s: %d of %d digits remain\n of %q\nout %q", i, c.kind, n, len(c.digits), text, masked)
		}
		if l := m.Leaks(body); l != nil {
			refused++
			t.Errorf("case %d: the final check refuses what was masked: %v\n of %q\nout %q", i, l, text, masked)
		}
		if back := m.Unmask(masked); back != text {
			t.Errorf("case %d: %q comes home as %q", i, text, back)
		}
		// The same masker knows the number now: unmasked bytes must be refused.
		if m.Leaks(outgoing(t, text)) != nil {
			caught++
		} else {
			t.Logf("case %d: the final check alone lets through %q", i, text)
		}
	}
	t.Logf("%d cases %v: %d leaked; the final check refused %d masked requests, and caught %d unmasked ones", cases, perKind, leaked, refused, caught)
	if caught < cases*98/100 {
		t.Errorf("the final check catches %d of %d", caught, cases)
	}
}

// The final check of a masker that has seen nothing: it must find numbers with valid check digits by itself.
func TestFinalCheckAlone(t *testing.T) {
	caught, cases := 0, 0
	for i := range 700 {
		r := rand.New(rand.NewPCG(6, uint64(i)))
		s := speaker{r, i%2 == 1}
		said := s.say(identity(r, i%7))
		cases++
		if l := mask.New(nil).Leaks(outgoing(t, "Nummeret er "+said+", sa hun.")); slices.ContainsFunc(l, func(l mask.Leak) bool { return l.Kind == mask.IdentityNo }) {
			caught++
		} else {
			t.Logf("not seen: %q", said)
		}
	}
	t.Logf("identity numbers that the final check finds by itself: %d of %d", caught, cases)
	if caught < cases*97/100 {
		t.Errorf("%d of %d", caught, cases)
	}
}

// ordinary makes a sentence of a meeting with numbers and nothing personal.
func ordinary(s speaker) string {
	n := func(from, to int) string { return digit(from + s.IntN(to-from)) }
	spaced := func(v int) string {
		d := fmt.Sprint(v)
		for i := len(d) - 3; i > 0; i -= 3 {
			d = d[:i] + s.one(" ", "\u00a0", ".")[0:] + d[i:]
		}
		return d
	}
	amount := func() string {
		v := 1 + s.IntN(999)
		for range 1 + s.IntN(3) {
			v *= 10 * (1 + s.IntN(20))
		}
		return spaced(v)
	}
	date := func() string {
		return s.one(n(1, 29)+". "+s.one("januar", "mars", "mai", "juni", "august", "desember"), fmt.Sprintf("%02d.%02d.%d", 1+s.IntN(28), 1+s.IntN(12), 2023+s.IntN(6)),
			fmt.Sprintf("%d.%d.%02d", 1+s.IntN(28), 1+s.IntN(12), 24+s.IntN(6)), fmt.Sprintf("%d-%02d-%02d", 2024+s.IntN(4), 1+s.IntN(12), 1+s.IntN(28)))
	}
	clock := func() string { return fmt.Sprintf("%02d%s%02d", 8+s.IntN(14), s.one(".", ":"), 5*s.IntN(12)) }
	small := func() string { return s.unit(2 + s.IntN(8)) }
	tens := func() string { return s.pair(10 + s.IntN(90)) }
	sak := func() string { return s.one("PS ", "RS ", "sak ") + n(1, 200) + "/" + n(23, 28) }
	nb := []func() string{
		func() string { return "Rammen for prosjektet er " + amount() + " kroner i " + n(2024, 2030) + "." },
		func() string { return "Kostnaden ble " + amount() + " kr, mot budsjetterte " + amount() + " kr." },
		func() string { return "Vi søker om kr " + amount() + " til nytt bygg." },
		func() string {
			return "Saken " + sak() + " ble vedtatt med " + small() + " mot " + small() + " stemmer."
		},
		func() string { return "Møtet er lukket etter kommuneloven § 11-" + n(2, 9) + " andre ledd." },
		func() string { return "Neste møte er " + date() + " klokka " + clock() + "." },
		func() string { return "Møtet varte fra kl. " + clock() + " til " + clock() + " den " + date() + "." },
		func() string {
			return "Handlingsplanen gjelder for " + n(2024, 2027) + "–" + n(2028, 2032) + ", og revideres i " + n(2026, 2030) + "."
		},
		func() string {
			return "Frafallet gikk ned fra " + n(5, 30) + "," + n(0, 9) + " til " + n(5, 30) + "," + n(0, 9) + " prosent."
		},
		func() string {
			return "Det er " + tens() + " elever på " + small() + ". trinn og " + tens() + " på neste."
		},
		func() string {
			return "Vi bruker " + small() + " millioner " + small() + " hundre tusen kroner på dette hvert år."
		},
		func() string {
			return "Da tar vi sakene " + n(10, 20) + ", " + n(20, 30) + ", " + n(30, 40) + " og " + n(40, 50) + " samlet."
		},
		func() string { return "Eiendommen har gnr. " + n(1, 200) + " bnr. " + n(1, 900) + " i grunnboka." },
		func() string {
			return "Forslaget fikk " + n(2, 30) + " stemmer, og " + n(2, 30) + " stemte imot av " + n(30, 60) + " til stede."
		},
		func() string {
			return "Fristen er " + date() + ", og budsjettet for " + n(2025, 2029) + " er " + amount() + " kroner."
		},
		func() string {
			return "Arkivsak " + n(2021, 2027) + "/" + n(100, 9999) + " ble utsatt til " + date() + "."
		},
		func() string {
			return "Befolkningen vokste fra " + spaced(3000+s.IntN(90000)) + " til " + spaced(3000+s.IntN(90000)) + " innbyggere på " + small() + " år."
		},
		func() string {
			return "Vi har åpent mandag til fredag " + fmt.Sprintf("%02d.00-%02d.30", 7+s.IntN(3), 15+s.IntN(7)) + " og lørdag " + fmt.Sprintf("%02d.00–%02d.00", 9+s.IntN(3), 14+s.IntN(9)) + "."
		},
		func() string { return "Punkt én, to og tre er greie, men punkt " + small() + " må vi diskutere." },
		func() string {
			return "Årene " + n(2020, 2023) + ", " + n(2023, 2025) + ", " + n(2025, 2027) + " og " + n(2027, 2029) + " skiller seg ut."
		},
		func() string { return "Vannmengden var " + amount() + " liter i døgnet i uke " + n(1, 52) + "." },
		func() string {
			return "Det skjedde for " + tens() + " år siden, i nitten" + s.pair(50+s.IntN(50)) + "."
		},
		func() string { return "Tiltaket gir " + amount() + " i besparelse, altså " + n(2, 40) + " prosent." },
		func() string {
			return "En, to, tre, fire, fem, seks, sju, åtte, ni, ti, " + s.one("elleve, tolv.", "da er vi ferdige.", "elleve, tolv, tretten, da er vi samlet.")
		},
		func() string {
			return "Vi delte ut " + n(100, 900) + " nøkler og " + n(10, 90) + " adgangskort i " + n(2022, 2027) + "."
		},
		func() string {
			return "Kontoen for vedlikehold er overskredet med " + amount() + " kroner per " + date() + "."
		},
		func() string { return "Telefontiden er fra " + clock() + " til " + clock() + " hver dag." },
		func() string {
			return "Ring på " + n(2, 5) + ". etasje, møterom " + n(100, 499) + ", klokka " + clock() + "."
		},
		func() string {
			return "Side " + n(2, 90) + ", " + n(90, 120) + " og " + n(120, 180) + " i saksframlegget på " + n(180, 300) + " sider."
		},
		func() string {
			return "Møtene er " + clock() + ", " + clock() + ", " + clock() + " og " + clock() + "."
		},
		func() string {
			return "Vi ses " + fmt.Sprintf("%02d.%02d, %02d.%02d, %02d.%02d", 1+s.IntN(28), 1+s.IntN(12), 1+s.IntN(28), 1+s.IntN(12), 1+s.IntN(28), 1+s.IntN(12)) + " og " + date() + "."
		},
		func() string {
			return "Andelen var " + n(10, 40) + "," + n(0, 9) + ", " + n(10, 40) + "," + n(0, 9) + ", " + n(10, 40) + "," + n(0, 9) + " og " + n(10, 40) + "," + n(0, 9) + "."
		},
		func() string { return "Fakturanummer " + n(20_000_000, 99_999_999) + " ble betalt " + date() + "." },
		func() string {
			return "Kurs " + date() + " " + fmt.Sprintf("%02d.%02d-%02d.00", 8+s.IntN(4), 15*s.IntN(4), 13+s.IntN(8)) + " og " + date() + "."
		},
		func() string {
			return "Posten 1.4" + n(100, 999) + ".120.0 på ansvar " + n(10000, 99999) + " er brukt opp."
		},
		func() string { return "Temperaturen var 37,5, blodtrykket " + n(110, 160) + " over " + n(60, 95) + "." },
	}
	nn := []func() string{
		func() string { return "Ramma for prosjektet er " + amount() + " kroner i " + n(2024, 2030) + "." },
		func() string { return "Kostnaden vart " + amount() + " kr, mot budsjetterte " + amount() + " kr." },
		func() string {
			return "Saka " + sak() + " vart vedteken med " + small() + " mot " + small() + " røyster."
		},
		func() string { return "Møtet er lukka etter kommunelova § 11-" + n(2, 9) + " andre ledd." },
		func() string { return "Neste møte er " + date() + " klokka " + clock() + "." },
		func() string {
			return "Planen gjeld for " + n(2024, 2027) + "–" + n(2028, 2032) + ", og vert rullert i " + n(2026, 2030) + "."
		},
		func() string {
			return "Fråværet gjekk ned frå " + n(5, 30) + "," + n(0, 9) + " til " + n(5, 30) + "," + n(0, 9) + " prosent."
		},
		func() string {
			return "Det er " + tens() + " elevar på " + small() + ". trinn og " + tens() + " på neste."
		},
		func() string {
			return "Vi brukar " + small() + " millionar " + small() + " hundre tusen kroner på dette kvart år."
		},
		func() string { return "Framlegget fekk " + small() + " røyster, og " + tens() + " røysta imot." },
		func() string {
			return "Fristen er " + date() + ", og budsjettet for " + n(2025, 2029) + " er " + amount() + " kroner."
		},
		func() string {
			return "Arkivsak " + n(2021, 2027) + "/" + n(100, 9999) + " vart utsett til " + date() + "."
		},
		func() string {
			return "Folketalet voks frå " + spaced(3000+s.IntN(90000)) + " til " + spaced(3000+s.IntN(90000)) + " innbyggjarar på " + small() + " år."
		},
		func() string {
			return "Vi tek sakene " + tens() + ", " + tens() + ", " + tens() + " og " + tens() + " under eitt."
		},
		func() string { return "Punkt ein, to og tre er greie, men punkt " + small() + " må vi drøfte." },
		func() string {
			return "Bygget er på " + amount() + " kvadratmeter og stod ferdig i " + n(1950, 2024) + "."
		},
		func() string {
			return "Ho fekk " + small() + " av " + tens() + " plassar, det er " + tens() + " prosent."
		},
		func() string {
			return "Møtet vart heva klokka " + clock() + " den " + date() + ", etter " + small() + " timar."
		},
	}
	if s.nynorsk {
		return nn[s.IntN(len(nn))]()
	}
	return nb[s.IntN(len(nb))]()
}

// The other half of the bar: numbers that belong to meetings stay as they are.
func TestFewFalseAlarms(t *testing.T) {
	const cases = 3000
	changed, refused := 0, 0
	for i := range cases {
		s := speaker{rand.New(rand.NewPCG(7, uint64(i))), i%3 == 2}
		text := ordinary(s)
		m := mask.New([]string{"Kari Lunde", "Ola Berge"})
		m.Learn(text)
		masked := m.Mask(text)
		if masked != text {
			changed++
			t.Logf("%q\n-> %q", text, masked)
		}
		if l := m.Leaks(outgoing(t, masked)); l != nil {
			refused++
			t.Logf("refused %v: %q", l, masked)
		}
	}
	t.Logf("%d sentences with numbers: %d changed (%.2f %%), %d refused (%.2f %%)", cases, changed, 100*float64(changed)/cases, refused, 100*float64(refused)/cases)
	if changed*100 >= cases || refused*100 >= cases {
		t.Error("a hundredth or more are false alarms")
	}
}
