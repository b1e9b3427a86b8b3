package extract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
)

// write makes minutes of "Kari Nordmann: Vi starter." lines, spoken on Tuesday 24 November 2026.
func write(m referent.Meeting, lines ...string) *referent.Minutes {
	m.Start = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	return extract.Write(&m, transcript(lines...))
}

// transcript is what the lines say, one segment each: s1, s2, ...
func transcript(lines ...string) *referent.Transcript {
	tr := &referent.Transcript{}
	ids := map[string]string{}
	for i, l := range lines {
		who, text, _ := strings.Cut(l, ": ")
		if who != "?" && ids[who] == "" {
			ids[who] = fmt.Sprintf("S%d", len(ids)+1)
			tr.Speakers = append(tr.Speakers, referent.Speaker{ID: ids[who], Name: who})
		}
		tr.Segments = append(tr.Segments, referent.Segment{ID: fmt.Sprintf("s%d", i+1), Start: float64(5 * i), End: float64(5*i + 4),
			Speaker: ids[who], Text: text, Quality: referent.Quality{OK: true}})
	}
	return tr
}

func TestDecisions(t *testing.T) {
	for _, c := range []struct {
		said []string
		want string // the decision's text; "" for none
		from string // its evidence
	}{
		{[]string{"A: Vi vedtar at biblioteket åpner klokka ti."}, "Biblioteket åpner klokka ti.", "s1"},
		{[]string{"A: Det er vedtatt at vi ikke kjøper ny bil."}, "Det er vedtatt at vi ikke kjøper ny bil.", "s1"},
		{[]string{"A: Då er det avgjort at skulen får ny leikeplass."}, "Skulen får ny leikeplass.", "s1"},
		{[]string{"A: Me konkluderer med at kontoret er stengt i romjula."}, "Kontoret er stengt i romjula.", "s1"},
		{[]string{"A: Vi er samde om at møtet vert flytta."}, "Møtet vert flytta.", "s1"},
		{[]string{"A: Jeg foreslår at vi kjøper nye stoler.", "B: Ja.", "C: Da er det bestemt."}, "Vi kjøper nye stoler.", "s1 s3"},
		{[]string{"A: Da tar vi saken til orientering."}, "Tatt til orientering.", "s1"},
		// traps
		{[]string{"A: Jeg foreslår at vi vedtar dette nå."}, "", ""},
		{[]string{"A: Er det vedtatt at vi flytter?"}, "", ""},
		{[]string{"A: Det er ikke vedtatt noe om parkeringen ennå."}, "", ""},
		{[]string{"A: Hvis vi vedtar dette, blir det dyrt."}, "", ""},
		{[]string{"A: I fjor vedtok vi å stenge hele jula."}, "", ""},
		{[]string{"A: Dette ble bestemt på forrige møte."}, "", ""},
		{[]string{"A: Vi bør kanskje bestemme oss snart."}, "", ""},
		{[]string{"A: Jeg håper vi blir enige om dette."}, "", ""},
		{[]string{"A: Når det er vedtatt, kan vi begynne."}, "", ""},
		{[]string{"A: Vi må ikke glemme at skolen er full."}, "", ""},
	} {
		out := write(referent.Meeting{}, c.said...)
		got, from := "", ""
		for _, d := range out.Decisions {
			got, from = got+d.Text, strings.Join(d.Evidence, " ")
		}
		if got != c.want || from != c.from {
			t.Errorf("%q: %q from %q, want %q from %q", c.said, got, from, c.want, c.from)
		}
	}
}

func TestActions(t *testing.T) {
	for _, c := range []struct {
		said []string
		want []string // "owner | task | due"
	}{
		{[]string{"Kari Lie: Jeg sender ut referatet innen fredag."}, []string{"Kari Lie | Sende ut referatet. | 2026-11-27"}},
		{[]string{"Kari Lie: Eg skal sjekke prisen på skjermane i morgon."}, []string{"Kari Lie | Sjekke prisen på skjermane. | 2026-11-25"}},
		{[]string{"Kari Lie: Innen 1. desember skal Ola kontakte leverandøren.", "Ola Vik: Greit."}, []string{"Ola Vik | Kontakte leverandøren. | 2026-12-01"}},
		{[]string{"Kari Lie: Da bestiller jeg rom, og Ola sender innkallingen til mandag.", "Ola Vik: Greit."},
			[]string{"Kari Lie | Bestille rom. | ", "Ola Vik | Sende innkallingen. | 2026-11-30"}},
		{[]string{"Kari Lie: Kan du, Ola, skrive et utkast til fredag?", "Ola Vik: Ja, det gjør jeg."}, []string{"Ola Vik | Skrive et utkast. | 2026-11-27"}},
		{[]string{"Kari Lie: Kan noen ringe vaktmesteren?", "Ola Vik: Jeg tar det i dag."}, []string{"Ola Vik | Ringe vaktmesteren. | 2026-11-24"}},
		{[]string{"Kari Lie: Noen må oppdatere nettsiden.", "Ola Vik: Det tar jeg."}, []string{"Ola Vik | Oppdatere nettsiden. | "}},
		{[]string{"Kari Lie: Ola, du bestiller mat til seminaret.", "Ola Vik: Ja."}, []string{"Ola Vik | Bestille mat til seminaret. | "}},
		{[]string{"Kari Lie: Administrasjonen utreder saken og legger fram et notat innen 1. februar."}, []string{"Administrasjonen | Utrede saken og legge fram et notat. | 2027-02-01"}},
		{[]string{"Kari Lie: Jeg sender ut referatet.", "Ola Vik: Fristen er fredag."}, []string{"Kari Lie | Sende ut referatet. | 2026-11-27"}},
		{[]string{"Kari Lie: Jeg sender ut referatet innen fredag.", "Kari Lie: Nei, la oss si mandag."}, []string{"Kari Lie | Sende ut referatet. | 2026-11-30"}},
		// traps
		{[]string{"Kari Lie: Jeg sender ut referatet.", "Ola Vik: Det trengs ikke."}, nil},
		{[]string{"Kari Lie: Kan du, Ola, skrive et utkast?", "Ola Vik: Nei, det rekker jeg ikke."}, nil},
		{[]string{"Kari Lie: Vi må ikke glemme å bestille mat."}, nil},
		{[]string{"Kari Lie: Kanskje Ola sender et brev.", "Ola Vik: Hm."}, nil},
		{[]string{"Kari Lie: Hvis jeg sender brevet, blir det bråk."}, nil},
		{[]string{"Kari Lie: Jeg tar ordet, og jeg skal være kort."}, nil},
		{[]string{"Kari Lie: Jeg skal ikke sende noe brev."}, nil},
		{[]string{"Kari Lie: Ola sendte brevet i går.", "Ola Vik: Ja."}, nil},
		{[]string{"Kari Lie: Jeg pleier alltid sende brev innen fredag."}, nil},
	} {
		out := write(referent.Meeting{}, c.said...)
		var got []string
		for _, a := range out.Actions {
			due := ""
			if a.Due != nil {
				due = *a.Due
			}
			got = append(got, a.Owner+" | "+a.Task+" | "+due)
			if len(a.Evidence) == 0 {
				t.Errorf("%q: no evidence", c.said)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.said, got, c.want)
		}
	}
}

func TestDoubtGoesToReview(t *testing.T) {
	twoOlas := referent.Meeting{Participants: []referent.Participant{{Name: "Ola Vik"}, {Name: "Ola Moe"}}}
	for _, c := range []struct {
		m    referent.Meeting
		said []string
		text string
	}{
		{twoOlas, []string{"Kari Lie: Ola sender referatet innen fredag."}, "Ola: Sende referatet."},
		{referent.Meeting{}, []string{"Kari Lie: Kan noen ringe vaktmesteren?", "Ola Vik: Været er fint."}, "Ringe vaktmesteren."},
		{referent.Meeting{}, []string{"Kari Lie: Jeg sender referatet innen neste fredag."}, "Kari Lie: Sende referatet."},
		{referent.Meeting{}, []string{"Kari Lie: Jeg sender ut referatet.", "Ola Vik: Det trengs ikke."}, "Sende ut referatet."},
	} {
		out := write(c.m, c.said...)
		if !slices.ContainsFunc(out.NeedsReview, func(r referent.ReviewItem) bool { return r.Text == c.text && r.Reason != "" && len(r.Evidence) > 0 }) {
			t.Errorf("%q: review %+v", c.said, out.NeedsReview)
		}
	}
}

func TestVotes(t *testing.T) {
	show := func(v referent.Vote) string {
		n := func(p *int) string {
			if p == nil {
				return "-"
			}
			return fmt.Sprint(*p)
		}
		return fmt.Sprintf("%s %s/%s/%s %s", strings.TrimSuffix(v.Proposal, "."), n(v.For), n(v.Against), n(v.Blank), v.Outcome)
	}
	proposal := "Ola Vik: Jeg foreslår at vi bygger ny kai."
	for _, c := range []struct {
		lang referent.Language
		said []string
		want []string
	}{
		{"nb", []string{proposal, "Kari Lie: Forslaget er enstemmig vedtatt."}, []string{"Vi bygger ny kai -/-/- enstemmig vedtatt"}},
		{"nn", []string{"Ola Vik: Eg gjer framlegg om ny kai i Vika.", "Kari Lie: Framlegget er samrøystes vedteke."}, []string{"Eg gjer framlegg om ny kai i Vika -/-/- samrøystes vedteken"}},
		{"nb", []string{proposal, "Kari Lie: Forslaget er vedtatt med åtte mot tre stemmer."}, []string{"Vi bygger ny kai 8/3/- vedtatt"}},
		{"nb", []string{proposal, "Kari Lie: Forslaget falt med 8 mot 3 stemmer."}, []string{"Vi bygger ny kai 3/8/- falt"}},
		{"nb", []string{proposal, "Kari Lie: Seks stemte for og fire stemte mot, og en stemte blankt.", "Kari Lie: Dermed er forslaget vedtatt."}, []string{"Vi bygger ny kai 6/4/1 vedtatt"}},
		{"nb", []string{proposal, "Kari Lie: Forslaget fikk to stemmer og falt."}, []string{"Vi bygger ny kai 2/-/- falt"}},
		// traps
		{"nb", []string{proposal, "Kari Lie: Hvis forslaget blir enstemmig vedtatt, er alt bra."}, nil},
		{"nb", []string{proposal, "Kari Lie: I fjor falt forslaget med åtte mot tre stemmer."}, nil},
		{"nb", []string{"Kari Lie: Brann vant åtte mot tre på lørdag."}, nil},
		{"nb", []string{proposal, "Kari Lie: Er forslaget enstemmig vedtatt?"}, nil},
		{"nb", []string{proposal, "Kari Lie: De som stemmer for, rekker opp hånda."}, nil},
	} {
		out := write(referent.Meeting{Language: c.lang}, c.said...)
		var got []string
		for _, v := range out.Votes {
			got = append(got, show(v))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.said, got, c.want)
		}
		if len(out.NeedsReview) < len(out.Votes) {
			t.Errorf("%q: a vote that nobody is asked to confirm", c.said)
		}
		for _, v := range out.Votes {
			if v.Outcome == "falt" && len(out.Decisions) > 0 {
				t.Errorf("%q: what fell is decided", c.said)
			}
		}
	}
}

func TestMembersOfAVote(t *testing.T) {
	m := referent.Meeting{Kind: referent.KindProtocol, Participants: []referent.Participant{{Name: "Ola Vik", Party: "Ap"}, {Name: "Per Moe", Party: "H"}, {Name: "Kari Lie"}}}
	out := write(m, "Kari Lie: Sak 4/26, ny kai.", "Ola Vik: Jeg foreslår at vi bygger ny kai.", "Kari Lie: Forslaget fra Arbeiderpartiet er vedtatt med to mot en stemme.",
		"Kari Lie: Mot stemte Per Moe.", "Kari Lie: Ola Vik og Kari Lie stemte for.")
	if len(out.Votes) != 1 || !slices.Equal(out.Votes[0].AgainstMembers, []string{"Per Moe"}) || !slices.Equal(out.Votes[0].ForMembers, []string{"Ola Vik", "Kari Lie"}) {
		t.Fatalf("%+v", out.Votes)
	}
	if out.Votes[0].Case != "Sak 4/26 Ny kai" {
		t.Errorf("case %q", out.Votes[0].Case)
	}
	if slices.ContainsFunc(out.Missing, func(s string) bool { return strings.HasPrefix(s, "Hvem som stemte") }) {
		t.Errorf("missing %q though all are named", out.Missing)
	}
}

func TestAttendance(t *testing.T) {
	m := referent.Meeting{Participants: []referent.Participant{{Name: "Kari Lie"}, {Name: "Ola Vik"}, {Name: "Per Moe"}, {Name: "Eva Aas", Absent: true}}}
	out := write(m, "Kari Lie: Det er forfall fra Per Moe og Tor Berg, og vi hilser fra Nina Hansen.", "Gjest Gjestesen: Takk.", "Eva Aas: Jeg kom likevel.")
	if want := []string{"Kari Lie", "Ola Vik", "Gjest Gjestesen"}; !slices.Equal(out.Present, want) {
		t.Errorf("present %q, want %q", out.Present, want)
	}
	if want := []string{"Eva Aas", "Per Moe", "Tor Berg"}; !slices.Equal(out.Absent, want) {
		t.Errorf("absent %q, want %q", out.Absent, want)
	}
	var texts []string
	for _, r := range out.NeedsReview {
		texts = append(texts, r.Text)
	}
	if want := []string{"Eva Aas.", "Ola Vik."}; !slices.Equal(texts, want) {
		t.Errorf("to review %q, want %q", texts, want)
	}
}

func TestNextMeeting(t *testing.T) {
	out := write(referent.Meeting{}, "A: Neste møte er onsdag 9. desember klokka halv ti på møterom Fjord.")
	n := out.NextMeeting
	if n == nil || n.Date == nil || *n.Date != "2026-12-09" || n.Time != "09.30" || n.Place != "Møterom Fjord" {
		t.Errorf("%+v", n)
	}
	for _, s := range []string{"A: Når er neste møte?", "A: Vi tar det på neste møte fredag.", "A: Neste møte må vi komme tilbake til."} {
		if n := write(referent.Meeting{}, s).NextMeeting; n != nil {
			t.Errorf("%q: %+v", s, n)
		}
	}
}

func TestThemes(t *testing.T) {
	out := write(referent.Meeting{},
		"A: Vi har tre saker i dag, og sak 1/26 og sak 2/26 er de viktigste.",
		"A: Da går vi videre til budsjettet for 2027.", "A: Rammen er på 40 millioner kroner neste år.",
		"A: Sak 2/26, skolestruktur.", "A: Elevtallet er 38, og det faller med to i året.",
		"A: Vi kommer tilbake til sak 1/26 etterpå.",
		"A: Da er vi på eventuelt.", "A: Gatelyset på kaia har vært borte i tre uker.")
	var got []string
	for _, it := range out.Items {
		got = append(got, it.Heading)
	}
	if want := []string{"Innledning", "Budsjettet for 2027", "Sak 2/26 Skolestruktur", "Eventuelt"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCareNote(t *testing.T) {
	out := write(referent.Meeting{Kind: referent.KindCareNote},
		"A: Kom til brukeren klokka ni, og han satt i stolen.", "A: Blodtrykket var 140 over 85, og han virket slapp.",
		"A: Ga to tabletter paracet og laget frokost.", "A: Jeg vurderer at han er bedre enn i går.",
		"A: Planen videre er ny måling i morgen.", "A: Beskjed til neste vakt: husk at nøkkelboksen har kode 1234.")
	got := map[string]int{}
	for _, it := range out.Items {
		got[it.Heading] = len(it.Points)
	}
	for _, h := range []string{"Situasjon", "Observasjon", "Tiltak", "Vurdering", "Plan videre", "Beskjed til neste vakt"} {
		if got[h] != 1 {
			t.Errorf("%s: %d sentences", h, got[h])
		}
	}
	if len(out.NeedsReview) != 2 {
		t.Errorf("a dose and a code are to be pointed out: %+v", out.NeedsReview)
	}
	if len(out.Decisions)+len(out.Votes)+len(out.Actions)+len(out.Present) != 0 {
		t.Error("a note has no decisions, votes, actions or attendance")
	}
}

// A dictation leaves nothing out but hesitation.
func TestDictate(t *testing.T) {
	out := write(referent.Meeting{Kind: referent.KindDictate}, "A: Eh, dette er første avsnitt, og det er kort.", "A: Vi vedtar ingenting her.")
	var b strings.Builder
	for _, p := range out.Items[0].Points {
		b.WriteString(p.Text + " ")
	}
	if want := "Dette er første avsnitt, og det er kort. Vi vedtar ingenting her. "; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	if len(out.Decisions) != 0 {
		t.Error("a dictation decides nothing")
	}
}

func TestProtocolMissing(t *testing.T) {
	out := write(referent.Meeting{Kind: referent.KindProtocol, Language: referent.Nynorsk}, "A: Sak 4/26, ny kai.", "A: Denne saka er grundig drøfta av alle.")
	for _, want := range []string{"Møtestad", "Kven som møtte", "Kven som hadde forfall", "Møteleiar", "Resultat av røysting i Sak 4/26 Ny kai"} {
		if !slices.Contains(out.Missing, want) {
			t.Errorf("%q is not listed in %q", want, out.Missing)
		}
	}
}

// A sentence that runs over several segments cites all of them; a change of voice ends it.
func TestEvidenceOverSegments(t *testing.T) {
	out := write(referent.Meeting{}, "A: Vi vedtar at biblioteket", "A: åpner klokka ti på lørdager.", "B: og det er fint")
	if len(out.Decisions) != 1 || !slices.Equal(out.Decisions[0].Evidence, []string{"s1", "s2"}) {
		t.Errorf("%+v", out.Decisions)
	}
}

func FuzzWrite(f *testing.F) {
	f.Add("Vi vedtar at", "Jeg tar det innen fredag. Kan du, Ola?", "åtte mot tre stemmer falt")
	f.Add("Sak 12/25", "Da går vi til", "Neste møte er")
	f.Add("Kari skal", "forfall fra", "mot stemte Kari")
	f.Add("du, Kari,", "Kan du", "Forslaget lyder:")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		for _, k := range referent.Kinds {
			m := referent.Meeting{Kind: k, Participants: []referent.Participant{{Name: "Kari Lie"}, {Name: a}}, Agenda: []referent.AgendaItem{{Number: b, Title: c}}}
			out := write(m, "Kari Lie: "+a, "Ola Vik: "+b, "Kari Lie: "+c)
			for _, d := range out.Decisions {
				if len(d.Evidence) == 0 {
					t.Errorf("a decision without evidence: %q", d.Text)
				}
			}
			for _, x := range out.Actions {
				if len(x.Evidence) == 0 {
					t.Errorf("a task without evidence: %q", x.Task)
				}
			}
		}
	})
}
