package extract_test

import (
	"strings"
	"testing"

	"github.com/referent/referent"
)

// body is all that a note or dictation says as fact.
func body(out *referent.Minutes) string {
	var b strings.Builder
	for _, it := range out.Items {
		for _, p := range it.Points {
			b.WriteString(p.Text + "\n")
		}
	}
	return b.String()
}

// What a note must not hold is not in it, and not in what waits for a person either.
func TestNoteLeavesSecretsOut(t *testing.T) {
	for _, c := range []struct {
		said   string
		never  string
		left   string // what stands in its place
		reason string
	}{
		{"A: Nøkkelboksen henger ved døra, og koden er 4 7 1 9.", "4 7 1 9", "[kode utelatt]", "kode"},
		{"A: Koden er fire sju en ni.", "fire sju", "[kode utelatt]", "kode"},
		{"A: Hun har fått ny kodelås. Det er 2580.", "2580", "[kode utelatt]", "kode"},
		{"A: PIN-koden hennes er 1234.", "1234", "[kode utelatt]", "kode"},
		{"A: Passordet til nettbrettet er Sommer2026, hvis noen trenger det.", "Sommer2026", "[kode utelatt]", "kode"},
		{"A: Sønnen har telefon 912 34 567.", "912 34 567", "[nummer utelatt]", "kode"},
		{"A: Fødselsnummeret hans er 13097248022.", "13097248022", "[nummer utelatt]", "kode"},
		{"A: Naboen har fått kreft og er innlagt.", "kreft", "", "andre"},
		{"A: Jeg var sein fordi Tora Lien i nummer seks hadde falt.", "Lien", "", "andre"},
	} {
		out := write(referent.Meeting{Kind: referent.KindCareNote}, c.said)
		text := body(out)
		if strings.Contains(text, c.never) || !strings.Contains(text, c.left) {
			t.Errorf("%q: %q", c.said, text)
		}
		found := false
		for _, r := range out.NeedsReview {
			found = found || strings.Contains(r.Reason, c.reason)
			if c.left != "" && strings.Contains(r.Text, c.never) {
				t.Errorf("%q: the secret waits for a person: %q", c.said, r.Text)
			}
		}
		if !found {
			t.Errorf("%q: no warning in %+v", c.said, out.NeedsReview)
		}
	}
	// in nynorsk, and what is no secret
	out := write(referent.Meeting{Kind: referent.KindCareNote, Language: referent.Nynorsk}, "A: Nykelboksen har fått ny kode, to to seks ni.", "A: Blodtrykket var 140 over 85, og ho veg 61,4 kilo.",
		"A: Ho fekk 500 milligram Paracet klokka 10.15 den 12. mai.")
	if text := body(out); strings.Contains(text, "seks ni") || !strings.Contains(text, "[kode utelaten]") || !strings.Contains(text, "140 over 85") || !strings.Contains(text, "500 milligram Paracet klokka 10.15 den 12. mai") {
		t.Errorf("%q", text)
	}
}

func TestNoteFlags(t *testing.T) {
	out := write(referent.Meeting{Kind: referent.KindCareNote}, "A: Hun fikk 20 enheter Lantus, nei, jeg mener 22 enheter Lantus.", "A: Det er skrevet avvik på kveldsdosen.", "A: Hun sov godt.")
	if text := body(out); strings.Contains(text, "20 enheter") || !strings.Contains(text, "22 enheter Lantus") {
		t.Errorf("%q", text)
	}
	reasons := map[string]int{}
	for _, r := range out.NeedsReview {
		word, _, _ := strings.Cut(r.Reason, " ")
		reasons[word]++
	}
	if reasons["Legemiddel"] != 2 || reasons["Avvik"] != 1 || len(out.NeedsReview) != 3 {
		t.Errorf("%+v", out.NeedsReview)
	}
}

// A dictation keeps every sentence; what the speaker takes back, orders and signs are done.
func TestDictation(t *testing.T) {
	out := write(referent.Meeting{Kind: referent.KindDictate}, "A: Taket lek på to stader, eh, ved pipa. Nytt avsnitt.", "A: Skulestart er måndag 17. august, nei, tysdag 18. august.",
		"A: Kostnaden er 240 000 kroner. Brev sendes punktum Nytt avsnitt hilsen Kari")
	want := "Taket lek på to stader, ved pipa.\nSkulestart er tysdag 18. august. Kostnaden er 240 000 kroner. Brev sendes.\nHilsen Kari.\n"
	if got := body(out); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What a speaker orders struck is gone, and what only sounds so stays.
func TestStruck(t *testing.T) {
	for _, c := range []struct{ said, want string }{
		{"Sklia er så farlig at jeg ikke ville latt min egen unge, nei, det der kan du ta bort.", ""},
		{"Gjerdet er råttent. Nei, stryk det.", ""},
		{"Gjerdet er råttent. Naboen er sur. Slett den siste setningen.", "Gjerdet er råttent."},
		{"Taket er tett. Eieren er en kløne. Det skal ikke stå der.", "Taket er tett."},
		{"Eigaren er ein tosk, nei, gløym det, taket er tett.", "Taket er tett."},
		{"Husken er tatt bort fra plassen.", "Husken er tatt bort fra plassen."},
		{"Vi må ikke glemme det som ble sagt.", "Vi må ikke glemme det som ble sagt."},
	} {
		out := write(referent.Meeting{Kind: referent.KindDictate}, "A: "+c.said)
		if got := strings.TrimSpace(body(out)); got != c.want {
			t.Errorf("%q: %q, want %q", c.said, got, c.want)
		}
	}
}

// Others' illness waits for a person, however they are named; the user's own stands.
func TestIllnessOfOthers(t *testing.T) {
	for said, stands := range map[string]bool{
		"Han fortalte at Gerd Moland i etasjen under har fått kreft.": false,
		"Kona til Reidar har visst blitt dement.":                     false,
		"Damen på rommet ved siden av ligger med kreft.":              false,
		"Ho sa at Målfrid har fått demens.":                           false,
		"Mannen i nabohuset er operert for slag.":                     false,
		"Edvard har fått kreft i lunga, og det snakket vi om.":        true,
		"Edvard Lilleås har diabetes og måler blodsukker selv.":       true,
		"Han ble innlagt på Ullevål med hjerteinfarkt i fjor.":        true,
		"Edvard tok Metformin for diabetes og var klar.":              true,
	} {
		out := write(referent.Meeting{Kind: referent.KindCareNote}, "A: Notat på Edvard Lilleås, morgenbesøk.", "A: "+said)
		if got := strings.Contains(body(out), strings.TrimRight(said, ".")); got != stands {
			t.Errorf("%q: stands %v", said, got)
		}
	}
}
