package norsk_test

import (
	"testing"
	"unicode/utf8"

	"github.com/referent/referent/summarize/norsk"
)

func TestCorrected(t *testing.T) {
	for text, want := range map[string]string{
		"Hun fikk 20 enheter Lantus, nei, jeg mener 22 enheter Lantus.":          "Hun fikk 22 enheter Lantus.",
		"Hun fikk 20 enheter Lantus, nei, 22.":                                   "Hun fikk 22 enheter Lantus.",
		"Skulestart er måndag 17. august, nei, tysdag 18. august.":               "Skulestart er tysdag 18. august.",
		"Neste møte er tirsdag 8. desember klokka 13, nei, unnskyld, klokka 14.": "Neste møte er tirsdag 8. desember klokka 14.",
		"Det kom på 92 000. Nei, vent, 29 000.":                                  "Det kom på 29 000.",
		"Han har vondt i venstre, nei, høyre kne.":                               "Han har vondt i høyre kne.",
		"Vi ses på onsdag, nei, på torsdag.":                                     "Vi ses på torsdag.",
		"Ring Kari, eller nei, Siv, om dette.":                                   "Ring Siv, om dette.",
		"To, nei tre tabletter.":                                                 "tre tabletter.",
		"Eg gav ho tre tablettar. Orsak, fire.":                                  "Eg gav ho fire tablettar.",
		"Hun fikk 20 enheter Lantus, det skal være 22.":                          "Hun fikk 22 enheter Lantus.",
		"Hun fikk 20 enheter, det skal være 22 enheter.":                         "Hun fikk 22 enheter.",
		"Møtet er på mandag, vent, tirsdag.":                                     "Møtet er på tirsdag.",
		"Han fekk to tablettar, eg meiner tre.":                                  "Han fekk tre tablettar.",
		"Vi møtes mandag 17. august, feil, tirsdag 18. august.":                  "Vi møtes tirsdag 18. august.",
		// as they are:
		"Hun har smerter på 3, det skal være 2 tabletter igjen i dosetten.": "Hun har smerter på 3, det skal være 2 tabletter igjen i dosetten.",
		"Hun fikk 3 tabletter, det skal være 2 tabletter igjen i dosetten.": "Hun fikk 3 tabletter, det skal være 2 tabletter igjen i dosetten.",
		"Hun har smerter på 3. Det skal være 2 tabletter igjen.":            "Hun har smerter på 3. Det skal være 2 tabletter igjen.",
		"Han fekk 10 einingar, det skal vere 12 i kveld.":                   "Han fekk 10 einingar, det skal vere 12 i kveld.",
		"Blodsukkeret var 8, feil 4 ganger denne uka på apparatet.":         "Blodsukkeret var 8, feil 4 ganger denne uka på apparatet.",
		"Hun tok 2 tabletter, vent 4 timer før neste.":                      "Hun tok 2 tabletter, vent 4 timer før neste.",
		"Vondt i venstre kne, forresten høyre hofte også.":                  "Vondt i venstre kne, forresten høyre hofte også.",
		"Det koster 300 kroner, jeg mener 200 er nok.":                      "Det koster 300 kroner, jeg mener 200 er nok.",
		"Ho åt to skiver, det skal vere tre måltid om dagen.":               "Ho åt to skiver, det skal vere tre måltid om dagen.",
		"Nei, det er ikke 14 i dag.":                                        "Nei, det er ikke 14 i dag.",
		"Han ville spise, nei, han var kvalm.":                              "Han ville spise, nei, han var kvalm.",
		"Møtet er på mandag. Nei, ikke mandag.":                             "Møtet er på mandag. Nei, ikke mandag.",
		"Er det 14? Nei.": "Er det 14? Nei.",
		"":                "",
	} {
		if got := norsk.Corrected(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzCorrected(f *testing.F) {
	f.Add("Hun fikk 20, nei, jeg mener, eh, 22 enheter. Nei.")
	f.Add("nei nei, nei 1 2 3, nei 4")
	f.Fuzz(func(t *testing.T, s string) {
		out := norsk.Corrected(s)
		if len(out) > len(s) {
			t.Errorf("longer: %q", out)
		}
		if utf8.ValidString(s) && !utf8.ValidString(out) {
			t.Error("half a letter")
		}
	})
}
