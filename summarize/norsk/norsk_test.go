package norsk_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/referent/referent/summarize/norsk"
)

// tuesday is 24 November 2026, in ISO week 48.
var tuesday = time.Date(2026, 11, 24, 18, 30, 0, 0, time.FixedZone("CET", 3600))

func TestDeadline(t *testing.T) {
	for text, want := range map[string]string{
		"innen fredag":                 "2026-11-27",
		"innan fredag":                 "2026-11-27",
		"senest på mandag":             "2026-11-30",
		"til tirsdag":                  "2026-12-01", // the meeting is on a Tuesday
		"på onsdag":                    "2026-11-25",
		"innan tysdag":                 "2026-12-01",
		"før laurdag":                  "2026-11-28",
		"i dag":                        "2026-11-24",
		"i morgen":                     "2026-11-25",
		"i morgon":                     "2026-11-25",
		"i overmorgen":                 "2026-11-26",
		"i løpet av uka":               "2026-11-27",
		"i løpet av veka":              "2026-11-27",
		"i løpet av neste uke":         "2026-12-04",
		"innen utgangen av neste veke": "2026-12-04",
		"neste uke på onsdag":          "2026-12-02",
		"til onsdag i neste uke":       "2026-12-02",
		"om to uker":                   "2026-12-08",
		"om ti dagar":                  "2026-12-04",
		"om en måned":                  "2026-12-24",
		"innen 1. desember":            "2026-12-01",
		"innen første desember":        "2026-12-01",
		"innan fyrste desember":        "2026-12-01",
		"til den 15. januar":           "2027-01-15",
		"innen 3. mars":                "2027-03-03",
		"innen tjuefjerde desember":    "2026-12-24",
		"før 1.2.2027":                 "2027-02-01",
		"innen 1.12":                   "2026-12-01",
		"frist: 2026-12-05":            "2026-12-05",
		"fristen er 5. desember 2026":  "2026-12-05",
		"innen fredag 4. desember":     "2026-12-04",
		"innen utgangen av måneden":    "2026-11-30",
		"innen utgangen av januar":     "2027-01-31",
		"i uke 50":                     "2026-12-11",
		"vi møtes fredag, men svar innen 1. desember": "2026-12-01",
		// no one day:
		"innen neste fredag":        "",
		"innen fredag 5. desember":  "", // a Saturday
		"innen 31. november":        "",
		"snart":                     "none",
		"vi snakket på fredag sist": "2026-11-27",
		"forrige fredag":            "none",
		"det var 7.4 millioner":     "none",
		"klokka 10.30":              "none",
		"sak 12/25":                 "none",
		"fra mandag":                "none",
	} {
		d, ok := norsk.Deadline(norsk.Tokens(text), tuesday)
		got := d.ISO()
		if !ok {
			got = "none"
		}
		// What is found without a wording of limit is no deadline.
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestDatesWithoutMeetingDay(t *testing.T) {
	for text, want := range map[string]string{"innen fredag": "", "innen 1. desember": "", "innen 1. desember 2026": "2026-12-01", "om to uker": "", "i uke 3": ""} {
		d, ok := norsk.Deadline(norsk.Tokens(text), time.Time{})
		if !ok || d.ISO() != want {
			t.Errorf("%q: %q, %v", text, d.ISO(), ok)
		}
	}
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"åtte mot tre":                    "8 3",
		"to hundre og femti tusen kroner": "250000",
		"250 000 kroner":                  "250000",
		"250\u00a0000 kroner":             "250000",
		"250.000 kroner":                  "250000",
		"7,4 millioner":                   "7400000",
		"7,4 prosent":                     "7.4",
		"elleve millioner kroner":         "11000000",
		"tjueåtte eller åtteogtyve":       "28 28",
		"en sak og et forslag":            "",
		"ett hundre":                      "100",
		"hundre og ein":                   "101",
		"tolv, tretten og fjorten":        "12 13 14",
		"sak 12/25 klokka 10.30":          "12/25 10.30",
		"to tusen tjueseks":               "2026",
		"syv sju sytti":                   "7 7 70",
	} {
		if got := strings.Join(norsk.Numbers(norsk.Tokens(text)), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestSentences(t *testing.T) {
	for text, want := range map[string][]string{
		"Vi møtes 1. desember kl. 10. Takk!": {"Vi møtes 1. desember kl. 10.", "Takk!"},
		"Det er ca. 40 stk. Er det nok? Ja.": {"Det er ca. 40 stk.", "Er det nok?", "Ja."},
		"Sak 12/25. Kari har ordet.":         {"Sak 12/25.", "Kari har ordet."},
		"Se www.example.com for mer. Ferdig": {"Se www.example.com for mer.", "Ferdig"},
		"Han sa «nei.» Så gikk han.":         {"Han sa «nei.»", "Så gikk han."},
		"Vent … hva?":                        {"Vent …", "hva?"},
		"":                                   nil,
	} {
		if got := norsk.Sentences(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"Eh, vi vi støtter, øh, innstillingen": "Vi støtter, innstillingen.",
		"ja, altså, det blir dyrt.":            "Det blir dyrt.",
		"Altså, det blir dyrt.":                "Det blir dyrt.",
		"Det som det gjelder.":                 "Det som det gjelder.",
		"Ja takk.":                             "Ja takk.",
		"ehm":                                  "",
		"Kari og og Ola":                       "Kari og Ola.",
	} {
		if got := norsk.Clean(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	for text, want := range map[string]string{"klokka ti": "10.00", "kl. 10.30": "10.30", "klokken halv elleve": "10.30", "kl 9:05": "09.05", "klokka 25": "", "ti": ""} {
		if got, _, _, _ := norsk.Clock(norsk.Tokens(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestPhrase(t *testing.T) {
	p := norsk.Phrase("er ..2 vedtatt|vedt~ herved? #")
	for text, want := range map[string]bool{
		"det er nå da vedtatt tre": true, "det er vedteke herved 4": true, "det er, tror jeg, vedtatt tre": false, "er nå da så vedtatt tre": false, "er vedtatt": false,
	} {
		if _, _, ok := p.Find(norsk.Tokens(text)); ok != want {
			t.Errorf("%q: %v", text, ok)
		}
	}
}

// Words have one text in each form, and no placeholder is left when its value is given.
func TestWords(t *testing.T) {
	if norsk.Voting.In("nb") != "Votering" || norsk.Voting.In("nn") != "Røysting" || !norsk.Voting.Is("Røysting") || norsk.Voting.Is("Vedtak") {
		t.Error("forms")
	}
	if got := norsk.ByVotes.In("nn", "for", "8", "against", "3"); got != "vedteken med 8 mot 3 røyster" {
		t.Error(got)
	}
}

// Texts come from machines and strangers: nothing may fail, lie outside the text or leave half a letter.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{"Vi møtes fredag 1. desember kl. 10.30, eh, om to uker.", "250 000 kr i uke 53", "\xff\xfeø", "den den 31. februar 0000", "neste uke på", "om 99999999999 uker", "hundre hundre tusen millioner"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tokens := norsk.Tokens(s)
		for i, tok := range tokens {
			if tok.Start >= tok.End || tok.End > len(s) || i > 0 && tok.Start < tokens[i-1].End || s[tok.Start:tok.End] != tok.Text {
				t.Fatalf("token %+v", tok)
			}
		}
		for _, ref := range []time.Time{{}, tuesday} {
			for _, d := range norsk.Dates(tokens, ref) {
				if d.From < 0 || d.From >= d.To || d.To > len(tokens) {
					t.Fatalf("date %+v of %d tokens", d, len(tokens))
				}
			}
		}
		norsk.Numbers(tokens)
		norsk.Clock(tokens)
		for _, sentence := range norsk.Sentences(s) {
			if !strings.Contains(s, sentence) {
				t.Fatalf("sentence %q", sentence)
			}
		}
		if utf8.ValidString(s) && !utf8.ValidString(norsk.Clean(s)) {
			t.Fatal("cleaning breaks a letter")
		}
	})
}
