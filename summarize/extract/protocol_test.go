package extract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
)

func TestMovements(t *testing.T) {
	opening := "Anne Dale: Da er vi på sak 7, ny kai i Vika."
	for _, c := range []struct {
		name string
		said []string
		want []string // "name what clock"
	}{
		{"comes late", []string{"Anne Dale: Erik Holm er forsinket og kommer senere.", opening, "Anne Dale: Nå har Erik Holm kommet, klokka er 18.20."}, []string{"Erik Holm arrived 18.20"}},
		{"comes at the hour", []string{opening, "Jorunn Moe: Geir Jensvoll kom til møtet kl. 19.05."}, []string{"Geir Jensvoll arrived 19.05"}},
		{"leaves", []string{opening, "Anne Dale: Hanna Krog forlot møtet klokka 20.10."}, []string{"Hanna Krog left 20.10"}},
		{"has to leave", []string{opening, "Cato Fjell: Jeg må dessverre gå nå.", "Anne Dale: Da forlater Cato Fjell møtet klokka 19.30."}, []string{"Cato Fjell left 19.30"}},
		{"leaves and comes back", []string{opening, "Anne Dale: Dina Gran forlot salen klokka 18.50.", "Anne Dale: Dina Gran er tilbake i salen klokka 19.10."}, []string{"Dina Gran left 18.50", "Dina Gran returned 19.10"}},
		{"disqualified", []string{opening, "Ivar Lund: Jeg ber om å få vurdert habiliteten min.", "Anne Dale: Ivar Lund er enstemmig kjent inhabil og fratrer."}, []string{"Ivar Lund disqualified "}},
		{"disqualified, and back", []string{opening, "Anne Dale: Frida Ivarsen ble kjent inhabil og forlot salen.", "Anne Dale: Frida Ivarsen tok sete igjen."}, []string{"Frida Ivarsen disqualified ", "Frida Ivarsen returned "}},
		{"a substitute for the case", []string{opening, "Anne Dale: Ivar Lund er inhabil og fratrer, og Kåre Nes tar sete for ham."}, []string{"Ivar Lund disqualified ", "Kåre Nes substitute "}},
		{"nynorsk", []string{opening, "Anne Dale: Bjørn Eide er ugild og går frå.", "Anne Dale: Hanna Krog gjekk frå møtet klokka 20.00."}, []string{"Bjørn Eide disqualified ", "Hanna Krog left 20.00"}},
		// what is none
		{"found impartial", []string{opening, "Ivar Lund: Jeg ber om å få vurdert habiliteten min.", "Anne Dale: Ivar Lund er ikke inhabil."}, nil},
		{"asked", []string{opening, "Anne Dale: Er Ivar Lund inhabil her?"}, nil},
		{"supposed", []string{opening, "Dina Gran: Hvis Ivar Lund er inhabil, må han gå."}, nil},
		{"will leave", []string{opening, "Hanna Krog: Jeg skal forlate møtet tidlig i dag."}, nil},
		{"staff", []string{opening, "Anne Dale: Jorunn Moe forlot salen klokka 18.50."}, nil},
		{"takes for granted", []string{opening, "Hanna Krog: Jeg går ut fra at alle har lest sakspapirene."}, nil},
		{"a proposal says", []string{opening, "Dina Gran: Forslaget fra Hanna Krog går ut på at kaia bygges i tre."}, nil},
		{"a proposal falls out", []string{opening, "Anne Dale: Forslaget fra Hanna Krog går ut."}, nil},
		{"the meeting goes on", []string{opening, "Anne Dale: Jeg går nå videre til neste sak."}, nil},
		{"goes to the case", []string{opening, "Anne Dale: Eg går no over til saka frå Hanna Krog."}, nil},
		{"a number falls", []string{opening, "Hanna Krog: Jeg ser at tallet går fra 30 til 20."}, nil},
		{"a bus", []string{opening, "Hanna Krog: Eg trur bussen går klokka 19."}, nil},
		{"time goes", []string{opening, "Hanna Krog: Jeg ser at tida har gått."}, nil},
		{"leave from work", []string{opening, "Anne Dale: Hanna Krog har permisjon fra jobben til sommeren."}, nil},
		{"from an office", []string{opening, "Anne Dale: Hanna Krog fratrer som leder av utvalget."}, nil},
		{"leaves the subject", []string{opening, "Hanna Krog: Jeg forlater dette temaet."}, nil},
		{"impartial, taken for granted", []string{opening, "Hanna Krog: Jeg går ut fra at jeg er inhabil."}, nil},
		{"leave from the meeting", []string{opening, "Anne Dale: Hanna Krog er innvilget permisjon resten av møtet."}, []string{"Hanna Krog left "}},
		{"leave from the hour", []string{opening, "Anne Dale: Hanna Krog får permisjon frå klokka 20.15."}, []string{"Hanna Krog left 20.15"}},
		{"goes, and no more", []string{opening, "Anne Dale: Då går Hanna Krog frå."}, []string{"Hanna Krog left "}},
		{"a figure of speech", []string{opening, "Dina Gran: Erik Holm kommer nå med et godt poeng."}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := council(referent.Bokmal)
			m.Participants = append(m.Participants, referent.Participant{Name: "Kåre Nes", Role: "varamedlem", Party: "Rødt"})
			out := write(m, c.said...)
			var got []string
			for _, v := range out.Movements {
				got = append(got, fmt.Sprintf("%s %s %s", v.Name, v.What, v.Clock))
				if len(v.Evidence) == 0 {
					t.Error("without evidence")
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q:\n got %q\nwant %q", c.said, got, c.want)
			}
		})
	}
}

// A name that was spelt a little otherwise counts as the one it is like, and a person is shown that it did.
func TestNearNameIsShown(t *testing.T) {
	for _, c := range []struct{ said, shown string }{
		{"Anne Dale: Hanna Krogh forlot møtet klokka 20.10.", "Hanna Krogh."},
		{"Anne Dale: Hanna Krog forlot møtet klokka 20.10.", ""},
	} {
		out := write(council(referent.Bokmal), "Anne Dale: Da er vi på sak 7, ny kai i Vika.", c.said)
		if len(out.Movements) != 1 || out.Movements[0].Name != "Hanna Krog" {
			t.Errorf("%q: %+v", c.said, out.Movements)
		}
		shown := ""
		for _, r := range out.NeedsReview {
			if strings.Contains(r.Reason, "er lest som Hanna Krog") {
				shown = r.Text
			}
		}
		if shown != c.shown {
			t.Errorf("%q: shown %q, want %q", c.said, shown, c.shown)
		}
	}
}

// Who may vote follows from who is there: the same count adds up in one case and not in the next.
func TestEntitledToVote(t *testing.T) {
	vote := func(n, against string) string {
		return "Anne Dale: Innstillingen er vedtatt med " + n + " mot " + against + " stemmer."
	}
	rec := func(what string) string { return "Jorunn Moe: Innstillingen er at " + what + "." }
	for _, c := range []struct {
		name string
		said []string
		ok   bool
	}{
		{"all nine", []string{"Anne Dale: Sak 7, ny kai i Vika.", rec("kaia bygges i vår"), vote("seks", "tre")}, true},
		{"one with an apology", []string{"Anne Dale: Det er meldt forfall fra Erik Holm.", "Anne Dale: Sak 7, ny kai i Vika.", rec("kaia bygges i vår"), vote("fem", "tre")}, true},
		{"the apology is not counted", []string{"Anne Dale: Det er meldt forfall fra Erik Holm.", "Anne Dale: Sak 7, ny kai i Vika.", rec("kaia bygges i vår"), vote("seks", "tre")}, false},
		{"a substitute meets", []string{"Anne Dale: Det er meldt forfall fra Ivar Lund, og Kåre Nes møter for ham.", "Anne Dale: Sak 7, ny kai i Vika.", rec("kaia bygges i vår"), vote("seks", "tre")}, true},
		{"one has left", []string{"Anne Dale: Sak 7, ny kai i Vika.", rec("kaia bygges i vår"), "Anne Dale: Hanna Krog forlot møtet klokka 19.", vote("seks", "tre")}, false},
		{"one has left, eight vote", []string{"Anne Dale: Sak 7, ny kai i Vika.", rec("kaia bygges i vår"), "Anne Dale: Hanna Krog forlot møtet klokka 19.", vote("fem", "tre")}, true},
		{"disqualified in this case", []string{"Anne Dale: Sak 7, ny kai i Vika.", rec("kaia bygges i vår"), "Anne Dale: Dina Gran er inhabil og fratrer.", vote("fem", "tre")}, true},
		{"and back in the next", []string{"Anne Dale: Sak 7, ny kai i Vika.", "Anne Dale: Dina Gran er inhabil og fratrer.", "Anne Dale: Sak 8, skulebruksplan.", rec("skolen flyttes til Vika"), vote("seks", "tre")}, true},
		{"a substitute for the case only", []string{"Anne Dale: Sak 7, ny kai i Vika.", "Anne Dale: Ivar Lund er inhabil og fratrer, og Kåre Nes tar sete for ham.", rec("kaia bygges i vår"), vote("seks", "tre")}, true},
		{"who came late", []string{"Anne Dale: Erik Holm er forsinket og kommer senere.", "Anne Dale: Sak 7, ny kai i Vika.", rec("kaia bygges i vår"), "Anne Dale: Nå har Erik Holm kommet, klokka er 18.20.", vote("seks", "tre")}, true},
		{"before he came", []string{"Anne Dale: Erik Holm er forsinket og kommer senere.", "Anne Dale: Sak 7, ny kai i Vika.", rec("kaia bygges i vår"), vote("seks", "tre"), "Anne Dale: Nå har Erik Holm kommet, klokka er 18.20."}, false},
		{"a claim that nobody settled", []string{"Anne Dale: Sak 7, ny kai i Vika.", "Dina Gran: Jeg mener at jeg er inhabil.", rec("kaia bygges i vår"), vote("seks", "tre")}, false},
	} {
		m := council(referent.Bokmal)
		if strings.Contains(strings.Join(c.said, " "), "Kåre Nes") {
			m.Participants = append(m.Participants, referent.Participant{Name: "Kåre Nes", Role: "varamedlem", Party: "Rødt"})
		}
		out := write(m, c.said...)
		if len(out.Votes) != 1 {
			t.Errorf("%s: %d votes", c.name, len(out.Votes))
			continue
		}
		if ok := len(out.Votes[0].Faults) == 0; ok != c.ok {
			t.Errorf("%s: adds up is %v, want %v: %q", c.name, ok, c.ok, out.Votes[0].Faults)
		}
	}
}

func TestProposals(t *testing.T) {
	for _, c := range []struct {
		said []string
		want []string // "text | by"
	}{
		{[]string{"Erik Holm: Jeg vil på vegne av Høyre og Sp fremme følgende forslag: Kaia bygges i stein."}, []string{"Kaia bygges i stein. | Erik Holm, H, Sp"}},
		{[]string{"Hanna Krog: Jeg har et tilleggsforslag.", "Hanna Krog: Det settes opp benker på kaia."}, []string{"Det settes opp benker på kaia. | Hanna Krog"}},
		{[]string{"Ivar Lund: Rødt foreslår at kaia får navnet Arbeiderkaia."}, []string{"Kaia får navnet Arbeiderkaia. | Ivar Lund, Rødt"}},
		{[]string{"Anne Dale: Forslaget fra Senterpartiet lyder: Kaia bygges i tre."}, []string{"Kaia bygges i tre. | Sp"}},
		{[]string{"Frida Ivarsen: Eg set fram framlegg om at kaia vert bygd i tre."}, []string{"Kaia vert bygd i tre. | Frida Ivarsen"}},
		{[]string{"Cato Fjell: Jeg foreslår to kaier."}, []string{"To kaier. | Cato Fjell"}},
		// who is named in what is put forward is no author
		{[]string{"Erik Holm: Jeg foreslår at ansvaret legges til Hanna Krog."}, []string{"Ansvaret legges til Hanna Krog. | Erik Holm"}},
		{[]string{"Erik Holm: Jeg foreslår at kaia leies av Høyre og Rødt."}, []string{"Kaia leies av Høyre og Rødt. | Erik Holm"}},
		{[]string{"Erik Holm: Eg set fram framlegg om at komiteen får Hanna Krog og Dina Gran med."}, []string{"Komiteen får Hanna Krog og Dina Gran med. | Erik Holm"}},
		{[]string{"Hanna Krog: Jeg fremmer et forslag sammen med Ivar Lund om at kaia bygges i tre."}, []string{"Kaia bygges i tre. | Hanna Krog, Ivar Lund"}},
		{[]string{"Dina Gran: Jeg foreslår at kaia bygges i tre, på vegne av Høyre og Sp."}, []string{"Kaia bygges i tre, på vegne av Høyre og Sp. | Dina Gran, H, Sp"}},
		{[]string{"Anne Dale: Det er levert et forslag fra Hanna Krog og Rødt om at kaia bygges i tre."}, []string{"Kaia bygges i tre. | Hanna Krog, Rødt"}},
		// none
		{[]string{"Cato Fjell: Jeg fremmer ikke noe forslag."}, nil},
		{[]string{"Cato Fjell: Jeg støtter forslaget fra Høyre."}, nil},
		{[]string{"Cato Fjell: Kanskje vi burde bygge to kaier."}, nil},
		{[]string{"Anne Dale: Jeg foreslår at vi tar en pause."}, nil},
		{[]string{"Cato Fjell: Er det noen som har forslag?"}, nil},
	} {
		out := write(council(referent.Bokmal), append([]string{"Anne Dale: Sak 7, ny kai i Vika."}, c.said...)...)
		var got []string
		for _, q := range out.Cases {
			for _, p := range q.Proposals {
				got = append(got, p.Text+" | "+strings.Join(p.By, ", "))
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.said, got, c.want)
		}
	}
}

// Who takes his own back and speaks of another's takes back his own.
func TestWithdrawn(t *testing.T) {
	out := write(council(referent.Bokmal), "Anne Dale: Sak 7, ny kai i Vika.",
		"Erik Holm: Jeg foreslår at kaia bygges i stein.", "Hanna Krog: Jeg foreslår at kaia bygges i tre.",
		"Erik Holm: Jeg trekker mitt forslag til fordel for forslaget fra Hanna Krog.",
		"Anne Dale: Forslaget fra Hanna Krog ble vedtatt med seks mot tre stemmer.")
	if len(out.Votes) != 1 || out.Votes[0].Proposal != "Kaia bygges i tre." || out.Votes[0].Outcome != "vedtatt" {
		t.Errorf("%+v", out.Votes)
	}
}

func TestClosed(t *testing.T) {
	for _, c := range []struct {
		said  []string
		basis string
		shut  bool
	}{
		{[]string{"Anne Dale: Møtet lukkes etter kommuneloven § 11-5 andre ledd bokstav a."}, "kommuneloven § 11-5 andre ledd bokstav a", true},
		{[]string{"Anne Dale: Jeg foreslår at vi lukker møtet, jf. paragraf 11-5 tredje ledd bokstav b."}, "paragraf 11-5 tredje ledd bokstav b", true},
		{[]string{"Anne Dale: Saka vert handsama for stengde dører etter kommunelova § 11-5 andre ledd bokstav a."}, "kommunelova § 11-5 andre ledd bokstav a", true},
		{[]string{"Anne Dale: Da lukker vi møtet."}, "", true},
		{[]string{"Anne Dale: Vi lukker ikke møtet."}, "", false},
		{[]string{"Anne Dale: Skal vi lukke møtet?"}, "", false},
	} {
		out := write(council(referent.Bokmal), append([]string{"Anne Dale: Sak 7, ny kai i Vika."}, c.said...)...)
		got := out.Cases[0].Closed
		if (got != nil) != c.shut || got != nil && (got.Basis != c.basis || len(got.Evidence) == 0) {
			t.Errorf("%q: %+v", c.said, got)
		}
		lacks := slices.ContainsFunc(out.Missing, func(s string) bool { return strings.HasPrefix(s, "Hjemmel for å lukke") })
		if lacks != (c.shut && c.basis == "") {
			t.Errorf("%q: missing %q", c.said, out.Missing)
		}
	}
}

func TestWhatTheLawWants(t *testing.T) {
	m := council(referent.Nynorsk)
	m.Place, m.Participants[0].Role = "", ""
	out := write(m, "Anne Dale: Sak 7, ny kai i Vika.", "Jorunn Moe: Tilrådinga er at kaia vert bygd.",
		"Anne Dale: Tilrådinga er vedteken med seks mot tre røyster.", "Anne Dale: Hanna Krog gjekk frå møtet.",
		"Anne Dale: Sak 8, skulebruksplan.", "Anne Dale: Me lukkar møtet her.")
	for _, want := range []string{"Møtestad", "Møteleiar", "Kven som røysta for og imot, med parti, i PS 7/26 Ny kai i Vika", "Når Hanna Krog kom eller gjekk",
		"Resultat av røysting i PS 8/26 Skulebruksplan", "Heimel for å lukke møtet i PS 8/26 Skulebruksplan"} {
		if !slices.Contains(out.Missing, want) {
			t.Errorf("%q is not in %q", want, out.Missing)
		}
	}
	out = write(council(referent.Bokmal), "Anne Dale: Sak 7, ny kai i Vika.", "Jorunn Moe: Innstillingen er at kaia bygges.",
		"Anne Dale: Innstillingen er vedtatt med seks mot tre stemmer. Imot stemte Høyre og Ivar Lund.")
	if len(out.Missing) > 0 {
		t.Errorf("everything was said, and %q is missing", out.Missing)
	}
}

// CheckVotes holds a vote that somebody else wrote against the recording.
func TestCheckVotes(t *testing.T) {
	said := []string{"Anne Dale: Sak 7, ny kai i Vika.", "Jorunn Moe: Innstillingen er at kaia bygges.",
		"Anne Dale: Innstillingen er vedtatt med seks mot tre stemmer. Imot stemte Dina Gran, Erik Holm og Ivar Lund.", "Anne Dale: Takk for i kveld."}
	n := func(i int) *int { return &i }
	right := referent.Vote{Proposal: "Kaia bygges.", For: n(6), Against: n(3), Outcome: "vedtatt", AgainstMembers: []string{"Dina Gran", "Erik Holm", "Ivar Lund"}, Evidence: []string{"s2", "s3"}}
	for _, c := range []struct {
		name   string
		change func(v *referent.Vote)
		ok     bool
	}{
		{"as said", func(*referent.Vote) {}, true},
		{"another number", func(v *referent.Vote) { v.For, v.Against = n(5), n(4) }, false},
		{"the other outcome", func(v *referent.Vote) { v.Outcome = "falt" }, false},
		{"one member less", func(v *referent.Vote) { v.AgainstMembers = v.AgainstMembers[:2] }, false},
		{"another member", func(v *referent.Vote) { v.AgainstMembers = []string{"Dina Gran", "Erik Holm", "Hanna Krog"} }, false},
		{"no number", func(v *referent.Vote) { v.For = nil }, false},
		{"no vote there", func(v *referent.Vote) { v.Evidence = []string{"s4"} }, false},
	} {
		m := council(referent.Bokmal)
		v := right
		v.Faults = []string{"from before"}
		c.change(&v)
		out := &referent.Minutes{Language: referent.Bokmal, Votes: []referent.Vote{v}}
		extract.CheckVotes(&m, transcript(said...), out)
		if ok := len(out.Votes[0].Faults) == 0; ok != c.ok {
			t.Errorf("%s: adds up is %v: %q", c.name, ok, out.Votes[0].Faults)
		}
		extract.ReviewVotes(out)
		if len(out.NeedsReview) != 1 || !c.ok && !strings.HasPrefix(out.NeedsReview[0].Reason, out.Votes[0].Faults[0]) {
			t.Errorf("%s: %+v", c.name, out.NeedsReview)
		}
	}
}
