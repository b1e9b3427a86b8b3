package mask_test

import (
	"regexp"
	"slices"
	"strings"
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
			// What was met since may be known better now, and must come home too.
			if back := m.Unmask(m.Mask(s)); back != s {
				t.Fatalf("%q comes home as %q", s, back)
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

// Everybody of the roster is found, however the name is bent, and is the same person throughout.
func TestRosterNames(t *testing.T) {
	m := mask.New([]string{"Ordfører Kari Lunde (Ap)", "Ola Berge", "Kari Moe", "Per-Arne Strøm Hagen", "Taler 2", "Møteleder", "Siv", "Truls Wickström"})
	for text, want := range map[string]string{
		"Kari Lunde har ordet. Lundes forslag og Ola Berges bil.": "[PERSON_1] har ordet. [ETTERNAVN_1]s forslag og [PERSON_2]s bil.",
		"KARI LUNDE og kari lunde":                                "[PERSON_1B] og [PERSON_1C]",
		"Både Kari og Kari.":                                      "Både [FORNAVN_6] og [FORNAVN_6].", // two of the name
		"Ola sa at Berge-utvalget og Ola’s bil":                   "[FORNAVN_2] sa at [ETTERNAVN_2]-utvalget og [FORNAVN_2]’s bil",
		"Per-Arne Hagen og Per-Arne Strøm Hagen":                  "[PERSON_4] og [PERSON_4B]",
		"Hagen, Strøm. Siv? Wickstrøm, Wickströms":                "[ETTERNAVN_4], [ETTERNAVN_4B]. [FORNAVN_5]? Wickstrøm, [ETTERNAVN_7]s",
		"Møteleder er enig med Taler 2.":                          "Møteleder er enig med Taler 2.",
		"anti-Berge og ikke-Olas":                                 "anti-[ETTERNAVN_2] og ikke-[FORNAVN_2]s",
		"Wickstro\u0308m er her":                                  "[ETTERNAVN_7B] er her",
	} {
		if got := m.Mask(text); !sameUpToNumbers(got, want) {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
		if back := m.Unmask(m.Mask(text)); back != text {
			t.Errorf("%q comes home as %q", text, back)
		}
	}
}

// sameUpToNumbers compares what was masked, not in which order things were met.
func sameUpToNumbers(a, b string) bool {
	return numbers.ReplaceAllString(a, "_n]") == numbers.ReplaceAllString(b, "_n]")
}

var numbers = regexp.MustCompile(`_\d+[A-Z]?\]`)

func TestConsistent(t *testing.T) {
	m := mask.New([]string{"Kari Lunde"})
	m.Learn("Tøndel har ordet.", "Ja, og Gurine Tøndel sa at hun kjenner Vassbø.")
	out := m.Mask("Kari Lunde ba Gurine Tøndel ringe 98 76 54 32.") + "|" + m.Mask("Tøndel ringte 98765432, og Kari svarte. Gurine lo.")
	if want := "[PERSON_1] ba [PERSON_2] ringe [TELEFON_1].|[ETTERNAVN_2] ringte [TELEFON_1B], og [FORNAVN_1] svarte. [FORNAVN_2] lo."; out != want {
		t.Errorf("%q", out)
	}
	if c := m.Counts(); c[mask.Person] != 2 || c[mask.Phone] != 1 || len(c) != 2 {
		t.Error(c)
	}
}

// A run that is taken up again masks only the last texts, and must send the same bytes.
func TestOrderDoesNotMatter(t *testing.T) {
	texts := []string{"Ring 98 76 54 32, sa Tøndel.", "Gurine Tøndel har 22 33 44 55.", "Koden er 4711, post til a.b@c.no i Storgata 5."}
	first, again := mask.New([]string{"Kari Lunde"}), mask.New([]string{"Kari Lunde"})
	first.Learn(texts...)
	again.Learn(texts...)
	var want []string
	for _, s := range texts {
		want = append(want, first.Mask(s))
	}
	for i := len(texts) - 1; i >= 0; i-- {
		if got := again.Mask(texts[i]); got != want[i] {
			t.Errorf("%q, then %q", want[i], got)
		}
	}
	if c := mask.New(nil).Counts(); len(c) != 0 {
		t.Error(c)
	}
}

func TestUnmask(t *testing.T) {
	m := mask.New([]string{"Kari Lunde", "Ola Berge"})
	m.Mask("Kari Lunde, Kari og Ola Berge på 98 76 54 32 eller 98765432")
	for text, want := range map[string]string{
		"[PERSON_1] og [PERSON_2]s bil":           "Kari Lunde og Ola Berges bil",
		"person_1, Person 1, PERSON-1 og PERSON1": "Kari Lunde, Kari Lunde, Kari Lunde og Kari Lunde",
		"PERSON_1s bil, person_2s bil":            "Kari Lundes bil, Ola Berges bil",
		`\[PERSON\_1\] og **[PERSON\_2]**`:        "Kari Lunde og **Ola Berge**",
		"Leder (PERSON_1) og <PERSON_2>":          "Leder (Kari Lunde) og Ola Berge",
		"[ FORNAVN_1 ] på [TELEFON_1B]":           "Kari på 98765432",
		"[TELEFON_1], telefon_1b":                 "98 76 54 32, 98765432",
		"ETTERNAVN_1 og FORNAVN_2":                "Lunde og Ola", // never given out, but known
		"[PERSON_9] og PERSON_12":                 "[PERSON_9] og PERSON_12",
		"to personer, person nummer 1, 1 PERSON":  "to personer, person nummer 1, 1 PERSON",
		"PERSON_11":                               "PERSON_11",
	} {
		if got := m.Unmask(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := m.Unknown("[PERSON_1], [PERSON_9], PERSON_12, [PERSON_9], person 3 og [TELEFON_7]s"); !slices.Equal(got, []string{"[PERSON_9]", "PERSON_12", "[TELEFON_7]"}) {
		t.Errorf("%q", got)
	}
}

// Somebody says the text of a placeholder: it is not theirs.
func TestSpokenPlaceholder(t *testing.T) {
	m := mask.New([]string{"Kari Lunde"})
	text := "Kari Lunde sa [PERSON_1], PERSON_1 og person 1."
	masked := m.Mask(text)
	if want := "[PERSON_1] sa [SITAT_1], [SITAT_2] og [SITAT_3]."; masked != want {
		t.Errorf("%q", masked)
	}
	if back := m.Unmask(masked); back != text {
		t.Errorf("%q", back)
	}
}

func TestLeaks(t *testing.T) {
	m := mask.New([]string{"Kåre Sørlie", "Per Vik"})
	m.Fixed("Svar på norsk. Per sak skrives ett vedtak.", "Vik")
	m.Fixed("1. «Per sak» skrives\n\t<ett> \"vedtak\" {\"t\":\"\\n\"}")
	m.Mask("Kåre bor i Storgata 5, koden er 4711, ring 22 33 44 55.")
	for out, want := range map[string][]string{
		`{"content":"K\u00e5re er her"}`:                  {mask.Person},
		`{"content":"{\"text\":\"K\\u00e5re er her\"}"}`:  {mask.Person},
		`kåre sørlies bil`:                                {mask.Person},
		`{"content":"\nS\u00F8rlie"}`:                     {mask.Person},
		`[PERSON_1] kåre`:                                 nil,
		`Svar på norsk. Per sak skrives ett vedtak. Vik.`: nil,
		`{"content":"1. «Per sak» skrives\n\t<ett> \"vedtak\" {\"t\":\"\\n\"} og [PERSON_1]"}`:    nil,
		`{"content":"1. «Per sak» skrives\n\t\u003cett\u003e \"vedtak\" {\"t\":\"\\n\"} og Per"}`: {mask.Person},
		`Per kom.`:                                                {mask.Person},
		`{"t":"13097248022"}`:                                     {mask.IdentityNo},
		`{"t":"1\u00333\u0030 97248022"}`:                         nil, // twelve digits
		`{"t":"\u0031\u0033097248022"}`:                           {mask.IdentityNo},
		`en tre null ni\nsyttito, 48022`:                          nil, // a new line parts two numbers
		`en tre null ni syttito, 48022`:                           {mask.IdentityNo},
		`tretten null ni to og sytti fire hundre og åtti tjue to`: {mask.IdentityNo},
		`tlf 98 76 54 32`:                                         {mask.Phone},
		`22334455`:                                                {mask.Phone},
		`to to tre tre fire fire fem fem`:                         {mask.Phone},
		`a.b@c.no`:                                                {mask.Email},
		`konto 1234.56.78903`:                                     {mask.Account},
		`koden er 4 7 1 1`:                                        {mask.Code},
		`i Storgata 5 hos`:                                        {mask.Address},
		`{"max_tokens":4711}`:                                     nil,
		`4711`:                                                    {mask.Code},
		`{"seed":0,"max_tokens":4096,"temperature":0.000001}`: nil,
		`12 500 000 kroner i 2026, 2027 og 2028`:              nil,
	} {
		var kinds []string
		for _, l := range m.Leaks([]byte(out)) {
			if l.Offset < 0 || l.Offset >= len(out) {
				t.Errorf("%s: offset %d", out, l.Offset)
			}
			if !slices.Contains(kinds, l.Kind) {
				kinds = append(kinds, l.Kind)
			}
		}
		if !slices.Equal(kinds, want) {
			t.Errorf("%s: %v, want %v", out, kinds, want)
		}
	}
	if l := m.Leaks([]byte(`{"content":"Hei, K\u00e5re"}`)); len(l) != 1 || l[0].Offset != len(`{"content":"Hei, `) {
		t.Errorf("%v", l)
	}
}

// What runs over the end of a line is masked on each, and no line is lost or filled with another's words.
func TestMaskAcrossLines(t *testing.T) {
	for _, text := range []string{
		"Fødselsnummeret er null en null en sju null\nni ni åtte fem ni",
		"Fødselsnummeret er null en null en sju null.\nNi ni åtte fem ni.",
		"Fødselsnummeret er 010170\n\n 99859 \nog så går vi videre.",
		"Ja.\nKontonummeret er åtte seks null en elleve\nsytten ni fire sju.\nTakk.",
	} {
		m := mask.New(nil)
		for line := range strings.SplitSeq(text, "\n") {
			m.Learn(line)
		}
		masked := m.Mask(text)
		lines, want := strings.Split(masked, "\n"), strings.Split(text, "\n")
		if len(lines) != len(want) {
			t.Fatalf("%q became %q", text, masked)
		}
		for i, line := range lines {
			if back := m.Unmask(line); back != want[i] {
				t.Errorf("line %q came back as %q", want[i], back)
			}
		}
		for _, digit := range []string{"sju", "åtte", "99859"} {
			if strings.Contains(masked, digit) {
				t.Errorf("%q became %q", text, masked)
			}
		}
		if n := m.Counts(); n[mask.IdentityNo]+n[mask.Account] != 1 {
			t.Errorf("%q counts %v", text, n)
		}
	}
}

// A telephone number that begins in one segment and ends in the next is one; what only stands after a line's
// number is none.
func TestPhoneOverLines(t *testing.T) {
	for text, want := range map[string]string{
		"Du kan ringe meg på 987 65\n432 når som helst.":              "Du kan ringe meg på [TELEFON_1]\n[TELEFON_1B] når som helst.",
		"Telefonnummeret er ni åtte sju\nseks fem fire tre to.":       "Telefonnummeret er [TELEFON_1]\n[TELEFON_1B].",
		"Nummeret hans er 98 76\n54 32.":                              "Nummeret hans er [TELEFON_1]\n[TELEFON_1B].",
		"Du kan ringe 987 65 432\n12 elever er med.":                  "Du kan ringe [TELEFON_1]\n12 elever er med.",
		"Jeg ringer om sak 12\n45 personer møtte på 30 minutter, ja.": "Jeg ringer om sak 12\n45 personer møtte på 30 minutter, ja.",
	} {
		m := mask.New(nil)
		m.Learn(text)
		if got := m.Mask(text); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}
