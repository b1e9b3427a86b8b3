package extract_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
)

// TestVotesAsADialogue reads votes that nobody puts in one sentence: hands are called for in any words, and what
// follows counts them.
func TestVotesAsADialogue(t *testing.T) {
	opening := []string{
		"Anne Dale: Da er vi på sak 7, ny kai i Vika.",
		"Jorunn Moe: Kommunedirektørens innstilling er at kaia bygges på Nordneset.",
		"Dina Gran: På vegne av Høyre foreslår jeg at kaia bygges på Tangen.",
	}
	const rec, alt = "Kaia bygges på Nordneset", "Kaia bygges på Tangen"
	for _, c := range []struct {
		name string
		said []string
		want []string
	}{
		{"by matter", []string{"Anne Dale: Nordneset mot Tangen, da. Hvem vil ha Nordneset? Fem. Og Tangen? Fire."}, []string{rec + " 5/4/- vedtatt"}},
		{"the other wins", []string{"Anne Dale: Tangen eller Nordneset. Tangen? Seks. Nordneset? Tre."}, []string{alt + " 6/3/- vedtatt"}},
		{"each its number", []string{"Anne Dale: Da setter vi Nordneset opp mot Tangen.", "Jorunn Moe: Jeg talte fire på Nordneset og fem på Tangen.", "Anne Dale: Da er forslaget fra Høyre vedtatt."}, []string{alt + " 5/4/- vedtatt"}},
		{"one side at a time", []string{"Anne Dale: Forslaget fra Høyre først. For? Dina og Erik, to. Imot? Sju. Falt."}, []string{alt + " 2/7/- falt for:Dina Gran,Erik Holm"}},
		{"hands", []string{"Anne Dale: Vi tar Tangen for seg. Hender for Tangen, takk. To. Og imot? Sju."}, []string{alt + " 2/7/- falt"}},
		{"my own hand", []string{"Anne Dale: Forslaget fra Høyre. Hvem er med på det? Åtte. Og imot?", "Ivar Lund: Bare meg.", "Anne Dale: Åtte mot én, vedtatt."}, []string{alt + " 8/1/- vedtatt mot:Ivar Lund"}},
		{"asked by name", []string{"Anne Dale: Da stemmer vi over innstillingen. Hvem er for? Åtte. Ivar, du er imot? Ja. Åtte mot én."}, []string{rec + " 8/1/- vedtatt mot:Ivar Lund"}},
		{"who owns it", []string{"Anne Dale: Innstillingen mot Dina sitt. Innstillingen? Sju. Og Dina sitt? Dina og Erik, to."}, []string{rec + " 7/2/- vedtatt mot:Dina Gran,Erik Holm"}},
		{"who and what in one", []string{"Anne Dale: Innstillingen mot forslaget fra Høyre. Innstillingen, hvem går for den? Sju.", "Anne Dale: Og forslaget fra Høyre, det er Dina og Erik. To."}, []string{rec + " 7/2/- vedtatt mot:Dina Gran,Erik Holm"}},
		{"nobody against", []string{"Dina Gran: Jeg trekker forslaget mitt.", "Anne Dale: Da er det bare innstillingen igjen. Noen som ikke er enig i den? Nei."}, []string{rec + " -/-/- enstemmig vedtatt"}},
		{"counted aloud", []string{"Anne Dale: Innstillingen. Hvem er for? Fem. Seks. Og imot? Tre."}, []string{rec + " 6/3/- vedtatt"}},
		{"all but one", []string{"Anne Dale: Innstillingen. Hvem er for? Alle unntatt Ivar? Ja. Åtte mot én. Vedtatt."}, []string{rec + " 8/1/- vedtatt mot:Ivar Lund"}},
		{"counted again", []string{"Anne Dale: Innstillingen. For? Fem. Imot? Fire.", "Anne Dale: Nei, her ble det feil. Vi teller på nytt. For? Seks. Imot? Tre. Innstillingen er vedtatt."}, []string{rec + " 6/3/- vedtatt !"}},
		{"a roll call", []string{"Anne Dale: Vi stemmer over innstillingen ved navneopprop.", "Jorunn Moe: Anne Dale?", "Anne Dale: For.", "Jorunn Moe: Bjørn Eide?", "Bjørn Eide: For.", "Jorunn Moe: Cato Fjell?", "Cato Fjell: Mot.", "Jorunn Moe: Dina Gran?", "Dina Gran: Mot.", "Jorunn Moe: Erik Holm?", "Erik Holm: Mot.",
			"Jorunn Moe: Frida Ivarsen?", "Frida Ivarsen: For.", "Jorunn Moe: Geir Jensvoll?", "Geir Jensvoll: Mot. Nei, unnskyld, for.", "Jorunn Moe: Hanna Krog?", "Hanna Krog: For, så klart.", "Jorunn Moe: Ivar Lund?", "Ivar Lund: For.", "Jorunn Moe: Det er seks for og tre mot.", "Anne Dale: Innstillingen er vedtatt."},
			[]string{rec + " 6/3/- vedtatt for:Anne Dale,Bjørn Eide,Frida Ivarsen,Geir Jensvoll,Hanna Krog,Ivar Lund mot:Cato Fjell,Dina Gran,Erik Holm"}},
		// what is for a person
		{"an owner nobody heard", []string{"Anne Dale: Vi tar forslaget fra Rødt først. Hvem støtter det? To. Imot? Sju."}, []string{alt + " 2/7/- falt !"}},
		{"a name with no side", []string{"Anne Dale: Vi stemmer over innstillingen. For? Åtte. Ivar har rødt kort. Vedtatt med åtte mot én."}, []string{rec + " 8/1/- vedtatt !"}},
		{"with a change", []string{"Anne Dale: Da stemmer vi over innstillingen, med Dinas endring. Sju for, to imot. Vedtatt."}, []string{rec + " 7/2/- vedtatt !"}},
		{"no vote", []string{"Anne Dale: Hvor mange er vi?", "Jorunn Moe: Ni.", "Anne Dale: Takk."}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			testVotes(t, council(referent.Bokmal), append(slices.Clone(opening), c.said...), c.want)
		})
	}
}

// TestUnreadVotesAreShown puts before a person what sounds like a vote and was not understood, and each proposal that
// nothing settled.
func TestUnreadVotesAreShown(t *testing.T) {
	out := write(council(referent.Bokmal),
		"Anne Dale: Da er vi på sak 7, ny kai i Vika.",
		"Jorunn Moe: Kommunedirektørens innstilling er at det bygges ny kai i Vika.",
		"Dina Gran: Høyre har et tillegg. Kaia males grønn før sommeren.",
		"Anne Dale: Innstillingen er vedtatt med sju mot to stemmer.",
		"Anne Dale: Da er vi på sak 8, skulebruksplan.",
		"Bjørn Eide: Den har jeg ikke lest.")
	if !slices.ContainsFunc(out.NeedsReview, func(r referent.ReviewItem) bool {
		return strings.HasPrefix(r.Text, "Kaia males grønn") && strings.Contains(r.Reason, "vedtatt")
	}) {
		t.Errorf("the addition is not shown: %+v", out.NeedsReview)
	}
}

// TestCasesAreOpenedByName finds where a case begins that is called by its name or number alone.
func TestCasesAreOpenedByName(t *testing.T) {
	agenda := []referent.AgendaItem{{Number: "PS 11/26", Title: "Kjøp av brannbil"}, {Number: "PS 12/26", Title: "Opningstid i SFO"}, {Number: "PS 13/26", Title: "Støtte til skitrekket"}, {Number: "PS 14/26", Title: "Reglement for godtgjøring"}}
	for said, want := range map[string]string{
		"Anne Dale: Brannbilen.":                           "PS 11/26 Kjøp av brannbil",
		"Anne Dale: SFO.":                                  "PS 12/26 Opningstid i SFO",
		"Anne Dale: 13, skitrekket.":                       "PS 13/26 Støtte til skitrekket",
		"Anne Dale: Og til sist reglementet.":              "PS 14/26 Reglement for godtgjøring",
		"Anne Dale: Så er det skitrekket.":                 "PS 13/26 Støtte til skitrekket",
		"Bjørn Eide: Skitrekket, ja, det husker jeg godt.": "",
		"Anne Dale: Har dere sett skitrekket?":             "",
	} {
		m := council(referent.Bokmal)
		m.Agenda = agenda
		out := write(m, "Anne Dale: God dag, alle sammen, og velkommen hit.", "Anne Dale: Da er vi i gang med møtet.", said, "Jorunn Moe: Innstillingen er at saken utsettes.", "Anne Dale: Enstemmig vedtatt.")
		got := ""
		for _, c := range out.Cases {
			got = c.Name
		}
		if got != want {
			t.Errorf("%s: %q, want %q", said, got, want)
		}
	}
}
