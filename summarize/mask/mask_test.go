package mask_test

import (
	"testing"

	"github.com/referent/referent/summarize/mask"
)

func TestMask(t *testing.T) {
	for text, want := range map[string]string{
		"Fødselsnummeret er 13097248022.":                                           "Fødselsnummeret er [IDNUMMER_1].",
		"Det er 130972 48022, altså.":                                               "Det er [IDNUMMER_1], altså.",
		"en tre null ni sju to fire åtte null to to":                                "[IDNUMMER_1]",
		"tretten null ni syttito førtiåtte null tjueto":                             "[IDNUMMER_1]",
		"tretten null ni sytti to, fire hundre og åtti, tjue to":                    "[IDNUMMER_1]",
		"tretten, null ni, to og sytti, eh, førtiåtte null tjue to":                 "[IDNUMMER_1]",
		"Han er født trettende september nittensyttito, fire åtte null to to.":      "Han er født [IDNUMMER_1].",
		"Født 13. september 1972 48022":                                             "Født [IDNUMMER_1]",
		"Født 13.9.72, personnummer 48022.":                                         "Født [IDNUMMER_1].",
		"ein tre null ni sju to, øh, fire åtte null to to":                          "[IDNUMMER_1]",
		"Ring 98 76 54 32 eller +47 22 33 44 55.":                                   "Ring [TELEFON_1] eller [TELEFON_2].",
		"Mobilen er ni åtte sju seks fem fire tre to":                               "Mobilen er [TELEFON_1]",
		"nittiåtte syttiseks femtifire trettito":                                    "[TELEFON_1]",
		"Konto 1234.56.78903 og 8601 11 17947":                                      "Konto [KONTONR_1] og [KONTONR_2]",
		"Send til kari.lunde@kommune.no, takk.":                                     "Send til [EPOST_1], takk.",
		"Adressen er post krøllalfa kommune punktum no":                             "Adressen er [EPOST_1]",
		"Hun bor i Storgata 12 B, 6800 Førde.":                                      "Hun bor i [ADRESSE_1], [ADRESSE_2].",
		"Møt opp i Karl Johans gate 5":                                              "Møt opp i [ADRESSE_1]",
		"Koden er 4 7 1 1.":                                                         "Koden er [HEMMELIG_1].",
		"Koden til nøkkelboksen er fire sju en en, og den ligger ute.":              "Koden til nøkkelboksen er [HEMMELIG_1], og den ligger ute.",
		"Passordet er Sommer2026! og ikke noe annet.":                               "Passordet er [HEMMELIG_1] og ikke noe annet.",
		"Passordet er byttet.":                                                      "Passordet er byttet.",
		"Rammen er 12 500 000 kroner, opp fra 45 000 000 i 2025.":                   "Rammen er 12 500 000 kroner, opp fra 45 000 000 i 2025.",
		"Sak PS 12/25, kommuneloven § 11-4, vedtatt med sju mot fire, 21.30-22.00.": "Sak PS 12/25, kommuneloven § 11-4, vedtatt med sju mot fire, 21.30-22.00.",
		"Vi ser på 2026, 2027, 2028 og 2029, og 24.11.2026 kl. 18.00.":              "Vi ser på 2026, 2027, 2028 og 2029, og 24.11.2026 kl. 18.00.",
		"Ordet til Tøndel, og så fru Berg.":                                         "Ordet til [FORNAVN_1], og så fru [ETTERNAVN_2].",
		"Kari Lunde sa at Ola Berge skulle ringe Karis søster. Lunde var enig.":     "[PERSON_1] sa at [PERSON_2] skulle ringe [FORNAVN_1]s søster. [ETTERNAVN_1] var enig.",
		"Sa du PERSON_1, Kari Lunde?":                                               "Sa du [SITAT_1], [PERSON_1]?",
		"Hun heter Gurine Vassbø og bor ved Solberg skole.":                         "Hun heter [PERSON_1] og bor ved Solberg skole.",
		"Per i dag er det Arbeiderpartiet og Høyre som styrer Oslo kommune.":        "Per i dag er det Arbeiderpartiet og Høyre som styrer Oslo kommune.",
		"I 1814 Grunnloven, i 2026 Oslo.":                                           "I 1814 Grunnloven, i 2026 Oslo.",
	} {
		m := mask.New(nil)
		m.Learn(text)
		got := m.Mask(text)
		if got != want {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
		if back := m.Unmask(got); back != text {
			t.Errorf("%q: back as %q", text, back)
		}
		if l := m.Leaks([]byte(got)); l != nil {
			t.Errorf("%q: leaks %v", got, l)
		}
	}
}

func FuzzMask(f *testing.F) {
	for _, s := range []string{"Kari Lunde sa PERSON_1, [PERSON_1]s og \\[PERSON\\_1\\].", "en to tre fire fem seks sju åtte ni ti elleve", "tjue to og tjue tusen hundre og to",
		"13.9.72 48022 kr 98 76 54 32", "\xff\xfe 1\u00ad3 \u0661\u0663", "a@b.c passordet er «x»", "Per Per per-Per O. Berge's", "[[PERSON_1]] Kari_1 person 1234567"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		m := mask.New([]string{"Kari Lunde", "Per", a})
		m.Learn(b)
		for _, s := range []string{a, b, a + " " + b} {
			masked := m.Mask(s)
			if back := m.Unmask(masked); back != s {
				t.Fatalf("%q -> %q -> %q", s, masked, back)
			}
			if again := m.Mask(s); again != masked {
				t.Fatalf("%q -> %q, then %q", s, masked, again)
			}
		}
		for _, l := range m.Leaks([]byte(a + b)) {
			if l.Offset < 0 || l.Offset >= len(a)+len(b) {
				t.Fatalf("leak at %d", l.Offset)
			}
		}
		m.Unknown(a)
		m.Counts()
	})
}
