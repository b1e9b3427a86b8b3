package extract_test

import (
	"slices"
	"testing"

	"github.com/referent/referent"
)

// decided are the texts of the decisions in lines of an internal meeting.
func decided(lines ...string) []string {
	var out []string
	for _, d := range write(referent.Meeting{Kind: referent.KindReferat}, lines...).Decisions {
		out = append(out, d.Text)
	}
	return out
}

// How people settle things when nobody says "vedtatt".
func TestInformalDecisions(t *testing.T) {
	for _, c := range []struct {
		said []string
		want string
	}{
		{[]string{"A: Skal vi legge kurset til januar?", "B: Ja, det passer bra.", "A: Ja, da sier vi det."}, "Legge kurset til januar."},
		{[]string{"A: Vi kan flytte fredagsmøtet til klokka ti.", "B: Greit for meg.", "A: Ok, da gjør vi det slik."}, "Vi kan flytte fredagsmøtet til klokka ti."},
		{[]string{"A: Vi går for den grønne malingen."}, "Vi går for den grønne malingen."},
		{[]string{"A: Ok, da går vi for tilbudet fra Moelv Bygg."}, "Da går vi for tilbudet fra Moelv Bygg."},
		{[]string{"A: Etter litt fram og tilbake lander vi på en felles vaktliste."}, "Etter litt fram og tilbake lander vi på en felles vaktliste."},
		{[]string{"A: Vi er enige om at kantina holder åpent til tre."}, "Kantina holder åpent til tre."},
		{[]string{"A: Men vi bestemmer at parkeringen stenges i helgene."}, "Parkeringen stenges i helgene."},
		{[]string{"A: Me går inn for å behalde avtalen med Vik Taxi."}, "Me går inn for å behalde avtalen med Vik Taxi."},
		{[]string{"A: Skal me ha julebordet på Fjordhotellet?", "B: Det er fint der.", "A: Då seier me det."}, "Ha julebordet på Fjordhotellet."},
		{[]string{"A: Da kjøper vi to nye skrivere til resepsjonen."}, "Da kjøper vi to nye skrivere til resepsjonen."},
		{[]string{"A: Fra 1. mars stenger vi bakdøra om kvelden. Det er bestemt."}, "Fra 1. mars stenger vi bakdøra om kvelden."},
		{[]string{"A: Det blir sånn. Vi bytter vakt klokka sju."}, "Vi bytter vakt klokka sju."},
		{[]string{"A: Da har vi morgenmøte hver mandag klokka ni, det er bestemt."}, "Da har vi morgenmøte hver mandag klokka ni."},
		{[]string{"A: Heretter leveres timelistene den femte hver måned."}, "Heretter leveres timelistene den femte hver måned."},
		{[]string{"A: Konklusjonen er at vi venter med å lyse ut stillingen."}, "Vi venter med å lyse ut stillingen."},
		{[]string{"A: Da dropper vi sommerfesten i år."}, "Da dropper vi sommerfesten i år."},
		{[]string{"A: Da e vi enig om at båten tas opp før jul."}, "Båten tas opp før jul."},
		{[]string{"A: Så vi blir einige om å dele vakta i to."}, "Så vi blir einige om å dele vakta i to."},
		{[]string{"A: Ja. Og da avlyser vi onsdagsmøtet."}, "Og da avlyser vi onsdagsmøtet."},
		{[]string{"A: Da er vi enige. Vi bytter til Solberg fra nyttår."}, "Vi bytter til Solberg fra nyttår."},
		{[]string{"A: Skal vi bytte til det nye bookingsystemet?", "B: Det høres bra ut.", "A: Nå bytter vi til det nye bookingsystemet."}, "Nå bytter vi til det nye bookingsystemet."},
		{[]string{"A: Forfatterkvelden blir på biblioteket, som før."}, "Forfatterkvelden blir på biblioteket, som før."},
		{[]string{"A: Når det gjelder sommerfesten, er det bestemt at den avlyses."}, "Når det gjelder sommerfesten, er det bestemt at den avlyses."},
		// corrected and taken back
		{[]string{"A: Vi flytter dugnaden, og vi bestemmer at dugnaden blir onsdag 2. desember.", "B: Da er jo hallen opptatt.", "A: Nei, da må dugnaden bli torsdag 3. desember."}, "Dugnaden blir torsdag 3. desember."},
		{[]string{"A: Da kjøper vi ny kaffemaskin til pauserommet.", "B: Den gamle er jo fikset.", "A: Å ja. Da kjøper vi ikke ny kaffemaskin likevel."}, ""},
		// none
		{[]string{"A: Skal vi kjøpe nye stoler?", "B: Nei, det har vi ikke råd til."}, ""},
		{[]string{"A: Vi burde kanskje gå for en ny bil."}, ""},
		{[]string{"A: Da går vi videre til neste sak."}, ""},
		{[]string{"A: Da tar vi en pause på ti minutter."}, ""},
		{[]string{"A: Kommunestyret har bestemt at skolen skal legges ned."}, ""},
		{[]string{"A: Dette ble bestemt av ledelsen i fjor."}, ""},
		{[]string{"A: Vi vedtar at sjefen spanderer is hver dag.", "B: Haha."}, ""},
		{[]string{"A: Vi er ikke enige om noen ting."}, ""},
		{[]string{"A: Hvis vi går for det, blir det dyrt."}, ""},
		{[]string{"A: Er vi enige om at det er greit?"}, ""},
		{[]string{"A: Da blir det nok bråk i gangen."}, ""},
		{[]string{"A: Sist gang gikk vi for en billig løsning."}, ""},
		{[]string{"A: Da får vi se hva de svarer."}, ""},
		{[]string{"A: Jeg er enig med Kari i det."}, ""},
	} {
		got := decided(c.said...)
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.Equal(got, []string{c.want}) {
			t.Errorf("%q:\n got %q\nwant %q", c.said, got, c.want)
		}
	}
}

// What the meeting went back on is no decision, and a person is told.
func TestRevokedIsShown(t *testing.T) {
	out := write(referent.Meeting{Kind: referent.KindReferat}, "A: Da kjøper vi ny kaffemaskin til pauserommet.",
		"B: Den gamle er jo fikset.", "A: Å ja. Da kjøper vi ikke ny kaffemaskin likevel.")
	shown := slices.ContainsFunc(out.NeedsReview, func(r referent.ReviewItem) bool {
		return r.Text == "Da kjøper vi ny kaffemaskin til pauserommet." && r.Reason == "Beslutningen ble trukket tilbake senere i møtet." && slices.Equal(r.Evidence, []string{"s1", "s3"})
	})
	if len(out.Decisions) != 0 || !shown {
		t.Errorf("%+v, to review %+v", out.Decisions, out.NeedsReview)
	}
}

// The leader says in a few words what the talk has come to, with any verb; what it is about was said before. In
// bokmål, nynorsk and dialect.
func TestConclusions(t *testing.T) {
	for _, c := range []struct {
		said []string
		want string
	}{
		{[]string{"A: Skidagen. Hvor er det snø?", "B: På Fjellhaug er det over en meter.", "A: Da drar vi til Fjellhaug på tirsdag."}, "Skidagen. Da drar vi til Fjellhaug på tirsdag."},
		{[]string{"A: Kvar skal turen gå?", "B: Kva med Storevatnet?", "C: Det er eg med på.", "A: Då går turen til Storevatnet."}, "Då går turen til Storevatnet."},
		{[]string{"B: Vi har opsjon på eitt år til.", "A: Skal vi bruke han?", "B: Ja.", "A: Då blir opsjonen brukt."}, "Då blir opsjonen brukt."},
		{[]string{"A: Så er det rundene.", "B: Kan vi ha vernerundene i mars?", "C: Ja, det er bedre.", "A: Da flytter vi dem dit."}, "Så er det rundene. Kan vi ha vernerundene i mars? Da flytter vi dem dit."},
		{[]string{"B: Vi kan prøve å stenge Kirkeveien en uke.", "C: Enig.", "A: Hva med uke 41?", "C: Den er fin.", "A: Godt, da er det bestemt."}, "Vi kan prøve å stenge Kirkeveien en uke."},
		{[]string{"A: Så er det korpset. Skal vi være med på åpen dag?", "B: Æ e me.", "A: Da melde vi korpset på åpen dag."}, "Da melde vi korpset på åpen dag."},
		{[]string{"A: Slangan. Ka gjør vi?", "B: Tre av dem e morken, vi må kassere dem.", "A: Da kasserer vi tre slanga."}, "Da kasserer vi tre slanga."},
		{[]string{"A: Så er det terminalene.", "B: Skal terminalene få unntak?", "C: De står på eget nett.", "A: Greit, terminalene får unntak ut året."}, "Terminalene får unntak ut året."},
		{[]string{"A: Da gjenstår skriverne.", "B: Vi snakka om seks nye skrivere. Skal vi kjøpe dem?", "C: Det er det ikke penger til.", "A: Nei, så da gjør vi ikke det. Det kjøpes ingen skrivere i år."}, "Det kjøpes ingen skrivere i år."},
		{[]string{"A: Hvor skal vi ha konserten?", "B: Aulaen er gratis.", "A: La oss heller ta konserten i aulaen.", "B: Støttes."}, "Heller ta konserten i aulaen."},
		{[]string{"A: Skal det være grått eller blått?", "B: Grått.", "A: Da lander vi på grå fliser i bassenget.", "C: Da ser ingen kanten.", "A: Okei, vi snur. Det blir blå fliser i bassenget."}, "Det blir blå fliser i bassenget."},
		{[]string{"A: Så er det kurset i det nye systemet. Skal alle gå?", "B: To holder.", "C: Einig.", "A: Då blir det Marit og Tor Egil."}, "Så er det kurset i det nye systemet. Då blir det Marit og Tor Egil."},
		{[]string{"A: første ting er julevasken", "B: mandag er best", "A: da tar vi julevasken på mandag"}, "Da tar vi julevasken på mandag."},
		{[]string{"A: Så er det gardinene. Hva tenker dere?", "B: De grønne er finest.", "C: Ja, enig.", "A: Vi bestiller de grønne gardinene."}, "Vi bestiller de grønne gardinene."},
		{[]string{"A: Fyrste sak er bilen.", "B: Vi kan leige.", "C: Det er dyrt i lengda.", "B: Ja, sant.", "A: Då beheld me bilen eitt år til."}, "Då beheld me bilen eitt år til."},
		{[]string{"A: Æ foreslår at vi legg møtet te Bodø.", "B: Greit førr mæ.", "A: Da legg vi årsmøtet te Bodø."}, "Da legg vi årsmøtet te Bodø."},
		{[]string{"A: Matpakker eller pizza på avslutninga?", "B: Pizza!", "A: Pizza, da. Klokka fem."}, "Matpakker eller pizza på avslutninga? Pizza, da. Klokka fem."},
		// the same form, and nothing settled
		{[]string{"A: Hva med bussen?", "B: Jeg vet ikke.", "A: Da ser vi på det senere."}, ""},
		{[]string{"A: Skal vi ha basar?", "B: Tja.", "A: Da lar vi det henge."}, ""},
		{[]string{"A: Skal vi begynne?", "B: Ja.", "A: Da er vi vel klare."}, ""},
		{[]string{"A: Hva gjør vi med fiolinene?", "B: Altfor dyrt.", "A: Da blir vi ikke ferdige med den i dag heller."}, ""},
		{[]string{"A: Hvem tar den?", "B: Kim Andre.", "A: Da fører vi ham opp på den."}, ""},
		{[]string{"A: Hvor står den?", "B: I kjelleren.", "A: Den ligger på Statsarkivet."}, ""},
		{[]string{"A: Når går avtalen ut?", "B: Ved nyttår.", "B: Da tar vi den igjen på nyåret, kanskje."}, ""},
	} {
		got := decided(c.said...)
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.Equal(got, []string{c.want}) {
			t.Errorf("%q:\n  got %q\n want %q", c.said, got, c.want)
		}
	}
}
