package extract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
)

// council is a body of nine with a chair, and a chief executive without a vote.
func council(lang referent.Language) referent.Meeting {
	return referent.Meeting{Kind: referent.KindProtocol, Language: lang, Body: "Kommunestyret i Vika", Place: "Salen",
		Agenda: []referent.AgendaItem{{Number: "PS 7/26", Title: "Ny kai i Vika"}, {Number: "PS 8/26", Title: "Skulebruksplan"}},
		Participants: []referent.Participant{
			{Name: "Anne Dale", Role: "ordfører", Party: "Ap"}, {Name: "Bjørn Eide", Party: "Ap"}, {Name: "Cato Fjell", Party: "Ap"},
			{Name: "Dina Gran", Party: "H"}, {Name: "Erik Holm", Party: "H"},
			{Name: "Frida Ivarsen", Party: "Sp"}, {Name: "Geir Jensvoll", Party: "Sp"},
			{Name: "Hanna Krog", Party: "SV"}, {Name: "Ivar Lund", Party: "Rødt"},
			{Name: "Jorunn Moe", Role: "kommunedirektør"},
		}}
}

func number(p *int) string {
	if p == nil {
		return "-"
	}
	return fmt.Sprint(*p)
}

// testVotes sees that the lines give these votes, each as told writes it.
func testVotes(t *testing.T, m referent.Meeting, lines, want []string) {
	t.Helper()
	var got []string
	for _, v := range write(m, lines...).Votes {
		got = append(got, told(v))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q:\n got %q\nwant %q", lines, got, want)
	}
}

// told is a vote in a line: "kai 6/3/- vedtatt | for: A | mot: B", with "!" where something does not add up.
func told(v referent.Vote) string {
	s := fmt.Sprintf("%s %s/%s/%s %s", strings.TrimSuffix(v.Proposal, "."), number(v.For), number(v.Against), number(v.Blank), v.Outcome)
	if v.DoubleVote {
		s += " dobbelt"
	}
	if names := slices.Concat(v.ForParties, v.ForMembers); len(names) > 0 {
		s += " for:" + strings.Join(names, ",")
	}
	if names := slices.Concat(v.AgainstParties, v.AgainstMembers); len(names) > 0 {
		s += " mot:" + strings.Join(names, ",")
	}
	if len(v.BlankMembers) > 0 {
		s += " blankt:" + strings.Join(v.BlankMembers, ",")
	}
	if len(v.Faults) > 0 {
		s += " !"
	}
	return s
}

func TestVotesAsTheyAreSaid(t *testing.T) {
	opening := []string{
		"Anne Dale: Da er vi på sak 7, ny kai i Vika.",
		"Jorunn Moe: Kommunedirektørens innstilling er at det bygges ny kai i Vika.",
		"Dina Gran: På vegne av Høyre foreslår jeg at kaia utsettes til 2030.",
	}
	const rec, alt = "Det bygges ny kai i Vika", "Kaia utsettes til 2030"
	for _, c := range []struct {
		name string
		said []string
		want []string
	}{
		{"numbers in words", []string{"Anne Dale: Da stemmer vi over innstillingen.", "Anne Dale: Innstillingen er vedtatt med sju mot to stemmer."}, []string{rec + " 7/2/- vedtatt"}},
		{"votes against only", []string{"Anne Dale: Innstillingen ble vedtatt mot to stemmer."}, []string{rec + " -/2/- vedtatt !"}},
		{"hands are counted", []string{"Anne Dale: Vi voterer over innstillingen.", "Anne Dale: De som er for, rekker opp hånda.", "Jorunn Moe: Jeg teller seks.", "Anne Dale: Og imot?", "Jorunn Moe: Tre.", "Anne Dale: Da er innstillingen vedtatt."},
			[]string{rec + " 6/3/- vedtatt"}},
		{"first one, then the other", []string{"Anne Dale: Vi tar forslaget fra Høyre først.", "Anne Dale: Det får to stemmer og faller.", "Anne Dale: Innstillingen er dermed vedtatt med sju mot to stemmer."},
			[]string{alt + " 2/-/- falt !", rec + " 7/2/- vedtatt"}},
		{"set up against each other", []string{"Anne Dale: Innstillingen settes opp mot forslaget fra Høyre.", "Anne Dale: Innstillingen fikk sju stemmer og forslaget fra Høyre fikk to stemmer.", "Anne Dale: Innstillingen er vedtatt."},
			[]string{rec + " 7/2/- vedtatt"}},
		{"the other one wins", []string{"Anne Dale: Vi setter innstillingen opp mot Høyres forslag.", "Anne Dale: De som støtter innstillingen?", "Anne Dale: Fire.", "Anne Dale: Og de som støtter Høyre?", "Anne Dale: Det er fem.", "Anne Dale: Da er Høyres forslag vedtatt."},
			[]string{alt + " 5/4/- vedtatt"}},
		{"parties", []string{"Anne Dale: Innstillingen ble vedtatt med seks mot tre stemmer.", "Anne Dale: For stemte Ap, Sp og SV, og imot stemte Høyre og Rødt."}, []string{rec + " 6/3/- vedtatt for:Ap,Sp,SV mot:H,Rødt"}},
		{"a split party", []string{"Anne Dale: Innstillingen ble vedtatt med åtte mot én stemme. Imot stemte Erik Holm fra Høyre."}, []string{rec + " 8/1/- vedtatt mot:Erik Holm"}},
		{"the party but one", []string{"Anne Dale: Innstillingen er vedtatt med sju mot to stemmer.", "Anne Dale: Imot stemte Ap med unntak av Anne Dale."}, []string{rec + " 7/2/- vedtatt mot:Ap"}},
		{"of whom nobody knows", []string{"Anne Dale: Innstillingen er vedtatt med åtte mot én stemme. Imot stemte én fra Høyre."}, []string{rec + " 8/1/- vedtatt !"}},
		{"blank", []string{"Anne Dale: Innstillingen er vedtatt med fem mot tre stemmer, og én stemte blankt."}, []string{rec + " 5/3/1 vedtatt"}},
		{"the rest", []string{"Anne Dale: Innstillingen er vedtatt med åtte mot én stemme. Ivar Lund stemte imot, resten stemte for."}, []string{rec + " 8/1/- vedtatt mot:Ivar Lund"}},
		{"unanimous", []string{"Anne Dale: Er det noen som er imot innstillingen?", "Anne Dale: Det er det ikke.", "Anne Dale: Da er den enstemmig vedtatt."}, []string{rec + " -/-/- enstemmig vedtatt"}},
		{"with the number", []string{"Anne Dale: Innstillingen er enstemmig vedtatt med ni stemmer."}, []string{rec + " 9/-/- enstemmig vedtatt"}},
		{"withdrawn", []string{"Dina Gran: Jeg trekker forslaget mitt.", "Anne Dale: Da er innstillingen enstemmig vedtatt."}, []string{rec + " -/-/- enstemmig vedtatt"}},
		{"short", []string{"Anne Dale: Innstillingen, ja. Åtte for. Én imot, og det er Ivar. Vedtatt."}, []string{rec + " 8/1/- vedtatt mot:Ivar Lund"}},
		{"all in one sentence", []string{"Anne Dale: Forslaget fra Høyre falt med to mot sju stemmer, og innstillingen ble deretter vedtatt med åtte mot én."}, []string{alt + " 2/7/- falt", rec + " 8/1/- vedtatt"}},
		{"against the votes of", []string{"Anne Dale: Innstillingen ble vedtatt mot Høyres to stemmer."}, []string{rec + " -/2/- vedtatt mot:H !"}},
		{"the other lapses", []string{"Anne Dale: Forslaget fra Høyre er vedtatt med fem mot fire stemmer. Da faller innstillingen."}, []string{alt + " 5/4/- vedtatt"}},
		{"the secretary counts", []string{"Anne Dale: De som stemmer for innstillingen, viser stemmetegn. Takk. Kontra? Takk.", "Jorunn Moe: Sju mot to.", "Anne Dale: Da er innstillingen vedtatt."}, []string{rec + " 7/2/- vedtatt"}},
		{"put down", []string{"Anne Dale: Innstillingen ble nedstemt med fire mot fem stemmer."}, []string{rec + " 4/5/- falt"}},
		{"no majority", []string{"Anne Dale: Innstillingen fikk ikke flertall. Fire stemte for og fem stemte mot."}, []string{rec + " 4/5/- falt"}},
		{"long ago", []string{"Bjørn Eide: For to år siden stemte Høyre imot, og da falt innstillingen med fire mot fem.", "Anne Dale: Da er det klart for votering over innstillingen. Noen imot? Nei. Enstemmig."}, []string{rec + " -/-/- enstemmig vedtatt"}},
		{"everybody who", []string{"Anne Dale: Alle som er for innstillingen, rekker opp hånda. Sju. Imot? To. Blankt? Ingen.", "Anne Dale: Innstillingen er vedtatt."}, []string{rec + " 7/2/- vedtatt"}},
		{"hands", []string{"Anne Dale: Her ser jeg åtte hender for innstillingen og én mot. Da er den vedtatt."}, []string{rec + " 8/1/- vedtatt"}},
		{"written with a dash", []string{"Anne Dale: Resultatet ble 8–1, så innstillingen er vedtatt."}, []string{rec + " 8/1/- vedtatt"}},
		{"a party for a number", []string{"Anne Dale: Sju stemte for innstillingen, Høyre stemte mot. Den er vedtatt."}, []string{rec + " 7/-/- vedtatt mot:H !"}},
		{"the two who", []string{"Anne Dale: Innstillingen er vedtatt med sju mot to stemmer. De to som stemte imot, var Hanna Krog og Ivar Lund."}, []string{rec + " 7/2/- vedtatt mot:Hanna Krog,Ivar Lund"}},
		// what does not add up
		{"taken back", []string{"Anne Dale: Innstillingen er vedtatt med sju mot to, nei, unnskyld, seks mot tre stemmer."}, []string{rec + " 6/3/- vedtatt !"}},
		{"ten votes of nine", []string{"Anne Dale: Innstillingen er vedtatt med sju mot tre stemmer."}, []string{rec + " 7/3/- vedtatt !"}},
		{"the outcome is another", []string{"Anne Dale: Innstillingen er vedtatt med tre mot seks stemmer."}, []string{rec + " 3/6/- vedtatt !"}},
		{"unanimous, but", []string{"Anne Dale: Innstillingen er enstemmig vedtatt med åtte mot én stemme."}, []string{rec + " 8/1/- enstemmig vedtatt !"}},
		{"two counts", []string{"Anne Dale: De som er for innstillingen?", "Anne Dale: Fem.", "Anne Dale: Innstillingen er vedtatt med seks mot tre stemmer."}, []string{rec + " 6/3/- vedtatt !"}},
		{"names and number", []string{"Anne Dale: Innstillingen er vedtatt med sju mot to stemmer. Imot stemte Dina Gran, Erik Holm og Ivar Lund."}, []string{rec + " 7/2/- vedtatt mot:Dina Gran,Erik Holm,Ivar Lund !"}},
		{"no vote", []string{"Anne Dale: Innstillingen er vedtatt med åtte mot én stemme. Imot stemte Jorunn Moe."}, []string{rec + " 8/1/- vedtatt mot:Jorunn Moe !"}},
		{"on both sides", []string{"Anne Dale: Innstillingen er vedtatt med sju mot to stemmer. Imot stemte Dina Gran og Erik Holm. For stemte Ap, Sp, SV og Erik Holm."}, []string{rec + " 7/2/- vedtatt for:Ap,Sp,SV,Erik Holm mot:Dina Gran,Erik Holm !"}},
		{"nobody in the party", []string{"Anne Dale: Innstillingen er vedtatt med sju mot to stemmer. Imot stemte Venstre."}, []string{rec + " 7/2/- vedtatt mot:V !"}},
		{"by its numbers", []string{"Anne Dale: Vi voterer over innstillingen. Sju stemmer for og to stemmer mot."}, []string{rec + " 7/2/- vedtatt"}},
		{"no outcome", []string{"Anne Dale: Vi voterer over innstillingen. Sju stemmer for og én stemmer mot."}, []string{rec + " 7/1/-  !"}},
		{"which of them", []string{"Erik Holm: Jeg foreslår at kaia bygges i tre.", "Anne Dale: Forslaget falt med to mot sju stemmer."}, []string{"Kaia bygges i tre 2/7/- falt !"}},
		{"a name misheard", []string{"Anne Dale: Innstillingen er vedtatt med åtte mot én stemme. Imot stemte Ivar Lunn."}, []string{rec + " 8/1/- vedtatt mot:Ivar Lund !"}},
		// what is no vote
		{"elsewhere", []string{"Bjørn Eide: I formannskapet ble innstillingen vedtatt med fem mot to stemmer."}, nil},
		{"intended", []string{"Ivar Lund: Rødt stemmer imot innstillingen, og jeg tror den faller med fire mot fem."}, nil},
		{"a test", []string{"Anne Dale: Vi tar en prøvevotering over innstillingen først. De som er for?", "Anne Dale: Fem.", "Anne Dale: Da tar vi debatten videre."}, nil},
		{"by a member", []string{"Erik Holm: Da er vel innstillingen vedtatt med fem mot fire, vil jeg tro."}, nil},
		{"other things fall", []string{"Jorunn Moe: Elevtallet falt fra ni mot fire i fjor."}, nil},
		{"a score", []string{"Bjørn Eide: Vi vant fem mot tre på lørdag."}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			testVotes(t, council(referent.Bokmal), append(slices.Clone(opening), c.said...), c.want)
		})
	}
}

// What a sentence is about, and the years that it speaks of, do not make a vote one of another time.
func TestVotesOfThisMeeting(t *testing.T) {
	for said, votes := range map[string]int{
		"Når det gjelder kaia, er innstillingen enstemmig vedtatt.":     1,
		"Når det gjeld sak 7, er innstillinga samrøystes vedteken.":     1,
		"Underskuddet i 2025 dekkes av fondet, enstemmig vedtatt.":      1,
		"Rekneskapen i 2026 er godkjend, samrøystes vedteke.":           1,
		"I 2019 ble innstillingen enstemmig vedtatt.":                   0,
		"Innstillinga vart i 2019 samrøystes vedteken.":                 0,
		"Når innstillingen er enstemmig vedtatt, kan vi bygge.":         0,
		"Når det gjelder kaia, og hvis den blir enstemmig vedtatt, så.": 0,
	} {
		out := write(council(referent.Bokmal), "Anne Dale: Da er vi på sak 7, ny kai i Vika.",
			"Jorunn Moe: Innstillingen er at det bygges ny kai i Vika.", "Anne Dale: "+said)
		if len(out.Votes) != votes {
			t.Errorf("%q: %d votes, want %d: %+v", said, len(out.Votes), votes, out.Votes)
		}
	}
}

func TestVotesInNynorsk(t *testing.T) {
	opening := []string{
		"Anne Dale: Då er me på sak 8, skulebruksplan.",
		"Jorunn Moe: Tilrådinga frå kommunedirektøren er at skulen i Vika vert lagd ned.",
		"Hanna Krog: Eg set fram framlegg om at skulen i Vika får stå til 2030.",
	}
	const rec, alt = "Skulen i Vika vert lagd ned", "Skulen i Vika får stå til 2030"
	for _, c := range []struct {
		name string
		said []string
		want []string
	}{
		{"samrøystes", []string{"Anne Dale: Tilrådinga er samrøystes vedteken."}, []string{rec + " -/-/- samrøystes vedteken"}},
		{"numbers", []string{"Anne Dale: Då røystar me over framlegget frå SV.", "Anne Dale: To røysta for og sju røysta imot, så framlegget fall."}, []string{alt + " 2/7/- fall"}},
		{"against each other", []string{"Anne Dale: Me set tilrådinga opp mot framlegget frå Hanna Krog.", "Anne Dale: Tilrådinga fekk fem røyster, og framlegget frå Hanna Krog fekk fire røyster.", "Anne Dale: Dermed er tilrådinga vedteken."},
			[]string{rec + " 5/4/- vedteken"}},
		{"by name", []string{"Anne Dale: Tilrådinga er vedteken med sju mot to røyster. Imot røysta Hanna Krog og Ivar Lund."}, []string{rec + " 7/2/- vedteken mot:Hanna Krog,Ivar Lund"}},
		{"by party", []string{"Anne Dale: Mot tilrådinga røysta SV og Raudt.", "Anne Dale: Ho er dermed vedteken med sju mot to røyster."}, []string{rec + " 7/2/- vedteken mot:SV,Rødt"}},
		{"too many", []string{"Anne Dale: Tilrådinga er vedteken med åtte mot tre røyster."}, []string{rec + " 8/3/- vedteken !"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			testVotes(t, council(referent.Nynorsk), append(slices.Clone(opening), c.said...), c.want)
		})
	}
}

// A tie is decided by the chair, and by nothing else.
func TestDoubleVote(t *testing.T) {
	m := council(referent.Bokmal)
	m.Participants[8].Absent = true // eight are left
	opening := []string{"Anne Dale: Sak 7, ny kai i Vika.", "Jorunn Moe: Innstillingen er at det bygges ny kai i Vika."}
	for _, c := range []struct {
		said []string
		want string
	}{
		{[]string{"Anne Dale: Fire stemte for og fire stemte mot. Innstillingen er vedtatt med ordførerens dobbeltstemme."}, "4/4/- vedtatt dobbelt"},
		{[]string{"Anne Dale: Det ble fire mot fire, og innstillingen falt med leders dobbeltstemme."}, "4/4/- falt dobbelt"},
		{[]string{"Anne Dale: Innstillingen er vedtatt med fire mot fire stemmer."}, "4/4/- vedtatt !"},
		{[]string{"Anne Dale: Innstillingen er vedtatt med fem mot tre stemmer, med ordførerens dobbeltstemme."}, "5/3/- vedtatt dobbelt !"},
		{[]string{"Anne Dale: Innstillingen er vedtatt med fire mot fire stemmer og ordførerens dobbeltstemme. Imot stemte Ap og Hanna Krog."}, "4/4/- vedtatt dobbelt mot:Ap,Hanna Krog !"},
	} {
		out := write(m, append(slices.Clone(opening), c.said...)...)
		if len(out.Votes) != 1 {
			t.Errorf("%q: %d votes", c.said, len(out.Votes))
			continue
		}
		if got := strings.TrimPrefix(told(out.Votes[0]), "Det bygges ny kai i Vika "); got != c.want {
			t.Errorf("%q: %q, want %q: %q", c.said, got, c.want, out.Votes[0].Faults)
		}
	}
}

// At a roll call each member answers by name, or the secretary reads the answers.
func TestRollCall(t *testing.T) {
	out := write(council(referent.Bokmal), "Anne Dale: Sak 7, ny kai i Vika.", "Jorunn Moe: Innstillingen er at det bygges ny kai i Vika.",
		"Anne Dale: Vi tar navneopprop over innstillingen.", "Jorunn Moe: For stemte Anne Dale, Bjørn Eide, Cato Fjell, Frida Ivarsen og Geir Jensvoll.",
		"Jorunn Moe: Mot stemte Dina Gran, Erik Holm, Hanna Krog og Ivar Lund.", "Anne Dale: Da er innstillingen vedtatt med fem mot fire stemmer.")
	if len(out.Votes) != 1 || len(out.Votes[0].ForMembers) != 5 || len(out.Votes[0].AgainstMembers) != 4 || len(out.Votes[0].Faults) > 0 {
		t.Errorf("%+v", out.Votes)
	}
}
