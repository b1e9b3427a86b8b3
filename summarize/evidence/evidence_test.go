package evidence_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/evidence"
)

// tuesday is the day of the meetings here, 24 November 2026.
var tuesday = time.Date(2026, 11, 24, 18, 30, 0, 0, time.UTC)

// none: the statement may stand.
const none = evidence.Kind(-1)

func TestRules(t *testing.T) {
	m := &referent.Meeting{Start: tuesday, Participants: []referent.Participant{
		{Name: "Kari Nordmann", Role: "ordfører", Party: "Ap"}, {Name: "Ola Lunde"}, {Name: "Anne Berg"}, {Name: "Anne Lie"}, {Name: "Per Moe"}}}
	for _, c := range []struct {
		said, statement string
		want            evidence.Kind
	}{
		// numbers, in figures and words, with their units
		{"Ola Lunde: Det koster to hundre og femti tusen kroner.", "Det koster 250 000 kroner.", none},
		{"Ola Lunde: Det koster to hundre og femti tusen kroner.", "Det koster 250\u00a0000 kroner.", none},
		{"Ola Lunde: Det koster to hundre og femti tusen kroner.", "Det koster 350 000 kroner.", evidence.Number},
		{"Ola Lunde: Taket koster sytti tusen.", "Taket koster 70 000.", none},
		{"Ola Lunde: Bygget koster to og en halv million kroner.", "Bygget koster 2,5 millioner kroner.", none},
		{"Ola Lunde: Bygget koster halvannen million kroner.", "Bygget koster 1 500 000 kroner.", none},
		{"Ola Lunde: Bygget koster femtitusen kroner.", "Bygget koster 50 000 kroner.", none},
		{"Ola Lunde: Prisane stig med sju prosent.", "Prisane stig med 7 prosent.", none},
		{"Ola Lunde: Prisane stig med sju prosent.", "Prisane stig med 7 kroner.", evidence.Amount},
		{"Ola Lunde: Det tek fire timar.", "Det tek fire dagar.", evidence.Amount},
		{"Ola Lunde: Vi behandler sak tolv tjuefem om skolen.", "Sak 12/25 om skolen behandles.", none},
		{"Ola Lunde: Det ble kjøpt åtte møter og tre stoler.", "Det ble kjøpt tre møter.", evidence.Amount},
		// days and times
		{"Ola Lunde: Brevet sendes på fredag.", "Brevet sendes 27. november.", none},
		{"Ola Lunde: Brevet sendes på fredag.", "Brevet sendes torsdag.", evidence.Day},
		{"Ola Lunde: Brevet vert sendt om fjorten dagar.", "Brevet vert sendt 8. desember.", none},
		{"Ola Lunde: Brevet vert sendt i morgon.", "Brevet vert sendt 25. november.", none},
		{"Ola Lunde: Brevet sendes i mars.", "Brevet sendes i mai.", evidence.Day},
		{"Ola Lunde: Brevet sendes på fredag. Nei, unnskyld, på mandag.", "Brevet sendes fredag.", evidence.Amended},
		{"Ola Lunde: Brevet sendes på fredag. Nei, unnskyld, på mandag.", "Brevet sendes mandag.", none},
		{"Ola Lunde: Bussen går klokka halv elleve.", "Bussen går kl. 10.30.", none},
		{"Ola Lunde: Bussen går klokka halv elleve.", "Bussen går kl. 11.30.", evidence.Clock},
		{"Ola Lunde: Bussen går klokka kvart over ti.", "Bussen går kl. 10.15.", none},
		{"Ola Lunde: Møtet slutta klokka seks.", "Møtet slutta kl. 18.00.", none},
		// names
		{"Ola Lunde: Senterpartiet vil ha skole på Fjellvang.", "Sp vil ha skole på Fjellvang.", none},
		{"Ola Lunde: Senterpartiet vil ha skole på Fjellvang.", "Sp vil ha skole på Elvestad.", evidence.Name},
		{"Ola Lunde: Kari foreslo å bygge skole.", "Kari Nordmann foreslo å bygge skole.", none},
		{"Ola Lunde: Anne foreslo å bygge skole.", "Anne Berg foreslo å bygge skole.", evidence.Person},
		{"Ola Lunde: Skolen trenger nytt tak.", "Ola Lunde sa at skolen trenger nytt tak.", none},
		{"Ola Lunde: Skolen trenger nytt tak.", "Per Moe sa at skolen trenger nytt tak.", evidence.Name},
		{"Ola Lunde: Kari rydder lageret, og Per vasker gulvet.", "Per rydder lageret.", evidence.Person},
		{"Ola Lunde: Gulvet vaskes hver dag.", "Torbjørn vasker gulvet hver dag.", evidence.Name},
		{"Ola Lunde: Solfrid kjem ikkje i kveld.", "Osvald kjem ikkje i kveld.", evidence.Name},
		{"Ola Lunde: Solfrid e på kurs i dag.", "Osvald e på kurs i dag.", evidence.Name},
		{"Ola Lunde: Solfrid og jeg, to.", "Osvald og jeg, to.", evidence.Name},
		{"Ola Lunde: Det må være ... Solfrid og Liv.", "Det må være ... Osvald og Liv.", evidence.Name},
		// what is repeated word by word but for one
		{"Ola Lunde: Den ene har ti års garanti, den andre har fem.", "Den ene har ti års garanti, den andre har ti.", evidence.Number},
		{"Ola Lunde: Det er sju for tilrådinga, og fire for framlegget.", "Det er fire for tilrådinga, og fire for framlegget.", evidence.Number},
		{"Ola Lunde: Vi kan ikkje vedta noko på grunn vi ikkje eig.", "Vi kan vedta noko på grunn vi ikkje eig.", evidence.Affirmed},
		{"Ola Lunde: Uten det har vi ikke råd til bussen.", "Uten det har vi råd til bussen.", evidence.Affirmed},
		{"Ola Lunde: Ikke jeg, beklager.", "jeg, beklager.", evidence.Affirmed},
		{"Ola Lunde: Da sender vi planen ut, alle som en.", "Da sender ikke vi planen ut, alle som en.", evidence.Negated},
		// turned down, put off, or neither
		{"Ola Lunde: Innstillingen er at søknaden om dispensasjon innvilges.", "Innstillingen er at søknaden om dispensasjon avslås.", evidence.Outcome},
		{"Ola Lunde: Innstillingen er at søknaden om dispensasjon avslås.", "Innstillingen er at søknaden om dispensasjon innvilges.", evidence.Outcome},
		{"Ola Lunde: Innstillingen er at søknaden om dispensasjon avslås.", "Innstillingen er å avslå søknaden om dispensasjon.", none},
		{"Ola Lunde: Saka om naustet vart utsett til mars.", "Saka om naustet vart vedteken til mars.", evidence.Outcome},
		{"Ola Lunde: Saka om naustet vart utsett til mars.", "Saka om naustet er utsett til mars.", none},
		// denials, both ways
		{"Ola Lunde: Skolen skal ikke legges ned.", "Skolen legges ned.", evidence.Affirmed},
		{"Ola Lunde: Skulen skal ikkje leggast ned.", "Skulen skal leggast ned.", evidence.Affirmed},
		{"Ola Lunde: Skolen skal legges ned.", "Skolen skal ikke legges ned.", evidence.Negated},
		{"Ola Lunde: Det er ikke slik at skolen legges ned.", "Skolen legges ned.", evidence.Affirmed},
		{"Ola Lunde: Vi må ikke glemme å bestille dekk.", "Dekk må bestilles.", none},
		{"Ola Lunde: Har vi merknader til budsjettet? Nei.", "Ingen hadde merknader til budsjettet.", none},
		{"Ola Lunde: Marevan stanses ikke.", "Marevan stanses.", evidence.Affirmed},
		{"Ola Lunde: Den bilen reparerer vi ikke. Vi leier heller en traktor.", "Bilen repareres, det leies en traktor.", evidence.Affirmed},
		{"Ola Lunde: Det står at jeg var til stede. Det var jeg ikke. Innkallingen er grei.", "Ola Lunde var til stede.", evidence.Affirmed},
		{"Ola Lunde: Vi har ikkje fått svar frå eigaren. Saka vert utsett til vi har det.", "Saka vert ikkje utsett.", evidence.Negated},
		{"Ola Lunde: Er det noen som mener at Per ikke er inhabil? Nei. Han er inhabil.", "Per er ikke inhabil.", evidence.Negated},
		{"Ola Lunde: Kan vi ikke slå sammen lista? Ja, lista slås sammen på julaften.", "Lista slås sammen på julaften.", none},
		{"Ola Lunde: Prosjektet utsettes ikke.", "Prosjektet utsettes.", evidence.Affirmed},
		{"Ola Lunde: Turneringa vert ikkje avlyst.", "Turneringa vert avlyst.", evidence.Affirmed},
		{"Ola Lunde: Den store turneringa på kunstgrasbanen i mai gjennomføres ikke.", "Den store turneringa på kunstgrasbanen i mai avlyses.", none},
		// decisions and how sure
		{"Ola Lunde: Innkallingen er godkjent. Jeg foreslår at vi bygger ny skole.", "Vi bygger ny skole.", evidence.Modality},
		{"Ola Lunde: Jeg foreslår at vi bygger ny skole. Innkallingen er godkjent.", "Vi bygger ny skole.", evidence.Modality},
		{"Ola Lunde: Jeg foreslår at vi bygger ny skole. Da gjør vi det slik.", "Vi bygger ny skole.", none},
		{"Ola Lunde: Jeg foreslår at kommunen kjøper en traktor.", "Kommunen kjøper en traktor.", evidence.Modality},
		{"Ola Lunde: Vi burde kanskje kjøpt en traktor.", "Det skal kjøpes en traktor.", evidence.Modality},
		{"Ola Lunde: Hvis det regner, blir festen inne.", "Festen blir inne.", evidence.Modality},
		{"Ola Lunde: Skal festen være inne i år?", "Festen skal være inne i år.", evidence.Modality},
		{"Ola Lunde: Jeg foreslår at kommunen kjøper en traktor.", "Ola Lunde foreslo at kommunen kjøper en traktor.", none},
		{"Ola Lunde: Kommunen trenger en traktor.", "Det ble vedtatt at kommunen trenger en traktor.", evidence.Undecided},
		{"Ola Lunde: Forslaget om traktor falt.", "Forslaget om traktor ble vedtatt.", evidence.Outcome},
		{"Ola Lunde: Forslaget om traktor er vedtatt.", "Forslaget om traktor er enstemmig vedtatt.", evidence.Outcome},
		// what it is about, in either form
		{"Ola Lunde: Brøytemannskapet mangler piggdekk på bilene.", "Brøytebilene mangler piggdekk.", none},
		{"Ola Lunde: Brøytemannskapet mangler piggdekk på bilene.", "Svømmehallen får nye garderober.", evidence.Unsupported},
		{"Ola Lunde: Brøytemannskapet mangler piggdekk på bilene.", "Brøytemannskapet mangler piggdekk, og verkstedet er fullt av rotter.", evidence.Unsupported},
		{"Ola Lunde: Skolene får flere ansatte neste år.", "Skulane får fleire tilsette neste år.", none},
	} {
		check := evidence.New(m, talk(c.said))
		faults := check.Check(c.statement, []string{"s1"})
		switch {
		case c.want == none && len(faults) > 0:
			t.Errorf("%q of %q: %+v", c.statement, c.said, faults)
		case c.want != none && !slices.ContainsFunc(faults, func(f evidence.Fault) bool { return f.Kind == c.want }):
			t.Errorf("%q of %q: %+v, want kind %d", c.statement, c.said, faults, c.want)
		}
		for _, f := range faults {
			for _, form := range []string{"nb", "nn"} {
				if r := f.Reason(form); r == "" || strings.Contains(r, "{") {
					t.Errorf("reason %q", r)
				}
			}
		}
	}
}

func TestUncited(t *testing.T) {
	check := evidence.New(&referent.Meeting{}, talk("Ola: Alt er bra."))
	for _, ids := range [][]string{nil, {}, {"s2"}, {"x"}} {
		if f := check.Check("Alt er bra.", ids); len(f) != 1 || f[0].Kind != evidence.Uncited {
			t.Errorf("%v: %+v", ids, f)
		}
	}
	if got := check.Valid([]string{"s9", "s1", "s1"}); !slices.Equal(got, []string{"s1"}) {
		t.Errorf("valid %v", got)
	}
}

func TestTasks(t *testing.T) {
	m := &referent.Meeting{Start: tuesday, Participants: []referent.Participant{{Name: "Kari Li"}, {Name: "Ola By"}, {Name: "Siv Moe"}}}
	for name, c := range map[string]struct {
		lines []string
		owner string
		stand bool
	}{
		"first person":      {[]string{"Ola By: Jeg bestiller dekk på fredag."}, "Ola By", true},
		"somebody else":     {[]string{"Ola By: Jeg bestiller dekk på fredag."}, "Kari Li", false},
		"asked and taken":   {[]string{"Kari Li: Kan du bestille dekk, Ola?", "Ola By: Ja, det gjør jeg."}, "Ola By", true},
		"who asked":         {[]string{"Kari Li: Kan du bestille dekk, Ola?", "Ola By: Ja, det gjør jeg."}, "Kari Li", false},
		"asked, refused":    {[]string{"Kari Li: Kan du bestille dekk, Ola?", "Ola By: Nei, det rekker jeg ikke."}, "Ola By", false},
		"named":             {[]string{"Kari Li: Ola bestiller dekk."}, "Ola By", true},
		"to whom":           {[]string{"Kari Li: Jeg bestiller dekk til Ola."}, "Ola By", false},
		"only proposed":     {[]string{"Siv Moe: Vi burde kanskje bestille dekk."}, "Siv Moe", false},
		"taken back":        {[]string{"Siv Moe: Jeg kan bestille dekk. Eller nei, det har Ola allerede gjort, så det trengs ikke."}, "Siv Moe", false},
		"taken back after":  {[]string{"Siv Moe: Jeg bestiller dekk.", "Kari Li: Det trengs ikke likevel, dekk er bestilt."}, "Siv Moe", false},
		"to somebody":       {[]string{"Kari Li: Jeg bestiller dekk til Ola By."}, "Ola By", false},
		"stranger, refused": {[]string{"Kari Li: Kan Per bestille dekk?", "Siv Moe: Nei, han er borte."}, "Per", false},
		"stranger, away":    {[]string{"Kari Li: Kan noen bestille dekk?", "Siv Moe: Nei, Per er borte."}, "Per", false},
		"stranger, spoken":  {[]string{"Kari Li: Jeg snakket med Per om å bestille dekk."}, "Per", false},
		"stranger, whole":   {[]string{"Kari Li: Jeg snakket med Per Dal om å bestille dekk."}, "Per Dal", false},
		"stranger, agreed":  {[]string{"Kari Li: Kan Per bestille dekk?", "Siv Moe: Ja, det er greit."}, "Per", true},
		"stranger, told":    {[]string{"Kari Li: Per bestiller dekk."}, "Per", true},
		"a group":           {[]string{"Kari Li: Kan driftsavdelingen bestille dekk?"}, "driftsavdelingen", true},
		"other takes":       {[]string{"Siv Moe: Noen må bestille dekk. Ola?", "Ola By: Jeg har nok å gjøre.", "Kari Li: Jeg kan ta det."}, "Ola By", false},
		"who takes":         {[]string{"Siv Moe: Noen må bestille dekk. Ola?", "Ola By: Jeg har nok å gjøre.", "Kari Li: Jeg kan ta det."}, "Kari Li", true},
		"thinks again":      {[]string{"Siv Moe: Ola, bestiller du dekk?", "Ola By: Ja. Eller nei, jeg har ikke bil."}, "Ola By", false},
		"handed on":         {[]string{"Siv Moe: Ola, bestiller du dekk?", "Ola By: Det får Kari gjøre."}, "Ola By", false},
		"did last year":     {[]string{"Siv Moe: I fjor var det jeg som bestilte dekk.", "Ola By: Jeg bestiller dekk."}, "Siv Moe", false},
		"wants to have":     {[]string{"Siv Moe: Jeg må ha dekk. Bestiller du, Ola?", "Ola By: Ja."}, "Siv Moe", false},
		"says so of it":     {[]string{"Siv Moe: Dekk må bestilles.", "Ola By: Det ordner jeg i morgen."}, "Ola By", true},
		"time given":        {[]string{"Siv Moe: Kan du bestille dekk, Ola?", "Ola By: Kan det vente til fredag?", "Siv Moe: Fredag er greit."}, "Ola By", true},
		"who thanks":        {[]string{"Siv Moe: Jeg bestiller dekk.", "Kari Li: Fint, gjør det."}, "Kari Li", false},
	} {
		check := evidence.New(m, talk(c.lines...))
		faults := check.Task("Bestille dekk.", c.owner, ids([]int{1, len(c.lines)}))
		if (len(faults) == 0) != c.stand {
			t.Errorf("%s: %+v", name, faults)
		}
	}
}

// Who voted how is said of each voter by itself.
func TestVoters(t *testing.T) {
	m := &referent.Meeting{Participants: []referent.Participant{{Name: "Kari Li"}, {Name: "Ola By"}, {Name: "Wigdis Moe"}}}
	const result = " Forslaget om benker er vedtatt."
	for name, c := range map[string]struct {
		said                string
		inFavour, no, blank []string
		stand               bool
	}{
		"for":            {"Kari stemmer for." + result, []string{"Kari Li"}, nil, nil, true},
		"against":        {"Kari stemmer mot." + result, nil, []string{"Kari Li"}, nil, true},
		"the other side": {"Kari stemmer mot." + result, []string{"Kari Li"}, nil, nil, false},
		"no side":        {"Kari kom inn." + result, []string{"Kari Li"}, nil, nil, false},
		"blank":          {"Kari stemmer blankt." + result, nil, nil, []string{"Kari Li"}, true},
		"not blank":      {"Kari stemmer for." + result, nil, nil, []string{"Kari Li"}, false},
		"blank, not for": {"Kari stemmer blankt." + result, []string{"Kari Li"}, nil, nil, false},
		"blank, no side": {"Kari kom inn." + result, nil, nil, []string{"Kari Li"}, false},
		"not named":      {"Ola stemmer for." + result, []string{"Kari Li"}, nil, nil, false},
		"supports":       {"Hvem støtter det? Kari." + result, []string{"Kari Li"}, nil, nil, true},
		"does not":       {"Kari støtter ikke det." + result, []string{"Kari Li"}, nil, nil, false},
		"as heard":       {"Hvem er for? Det er Vigdis." + result, []string{"Wigdis Moe"}, nil, nil, true},
	} {
		check := evidence.New(m, talk("Siv Dal: "+c.said))
		faults := check.Vote(referent.Vote{Proposal: "Benker.", ForMembers: c.inFavour, AgainstMembers: c.no, BlankMembers: c.blank, Evidence: []string{"s1"}})
		if (len(faults) == 0) != c.stand {
			t.Errorf("%s: %+v", name, faults)
		}
	}
}

// The deadline is the day that it was put at last, and no other that was named on the way.
func TestDue(t *testing.T) {
	for _, c := range []struct {
		lines  []string
		iso    string
		stands bool
	}{
		{[]string{"Kari: Møtet er fredag den fjerde desember, så jeg vil ha det dagen før."}, "2026-12-03", true},
		{[]string{"Kari: Møtet er fredag den fjerde desember, så jeg vil ha det dagen før."}, "2026-12-04", false},
		{[]string{"Ola: Dere får den på onsdag. Nei, vent, på onsdag er jeg borte. Torsdag."}, "2026-11-25", false},
		{[]string{"Ola: Dere får den på onsdag. Nei, onsdag har jeg fri, så torsdag."}, "2026-11-25", false},
		{[]string{"Ola: Dere får den på onsdag. Nei, onsdag har jeg fri, så torsdag."}, "2026-11-26", true},
		{[]string{"Kari: Den går ut fredag. Jeg må ha den torsdag.", "Ola: Ok, torsdag da."}, "2026-11-27", false},
		{[]string{"Kari: Den går ut fredag. Jeg må ha den torsdag.", "Ola: Ok, torsdag da."}, "2026-11-26", true},
		{[]string{"Ola: Den får du i morgen før lunsj."}, "2026-11-25", true},
		{[]string{"Ola: Den får du i morgen før lunsj."}, "2026-11-24", false},
	} {
		tr := talk(c.lines...)
		faults := evidence.New(&referent.Meeting{Start: tuesday}, tr).Due(c.iso, ids([]int{1, len(c.lines)}))
		if got := len(faults) == 0; got != c.stands {
			t.Errorf("%s of %q: %+v", c.iso, c.lines, faults)
		}
	}
}

func TestHeadings(t *testing.T) {
	m := &referent.Meeting{Agenda: []referent.AgendaItem{{Number: "PS 12/26", Title: "Skolestruktur"}}}
	check := evidence.New(m, talk("Kari: Da tar vi skolestruktur.", "Kari: Fjellvang skole trenger nytt tak."))
	for heading, stand := range map[string]bool{
		"PS 12/26 Skolestruktur": true, "Skolestruktur": true, "Tak på Fjellvang skole": true, "Status": true, "": true,
		"PS 13/26 Skolestruktur": false, "Petter Strands forslag": false, "Nedleggelse av svømmehallen vedtatt": false, "Tak til 500 000 kroner": false,
	} {
		if f := check.Heading(heading, []string{"s2"}); (len(f) == 0) != stand {
			t.Errorf("%q: %+v", heading, f)
		}
	}
}

// Whatever is said and stated, the check ends without a panic, and a statement of nothing valid never stands.
func FuzzCheck(f *testing.F) {
	f.Add("Ola: Det koster to og en halv million kroner, men ikke før 1. mai.", "Det koster 2,5 millioner kroner.")
	f.Add("?: da er det vedtatt med åtte mot tre", "«Forslaget»: vedtatt (8–3).")
	f.Add("A: klokka fem på halv", "kl. 12/25 11-5 §")
	f.Add("", "\xff\xfe ikke. Æ")
	f.Fuzz(func(t *testing.T, said, statement string) {
		m := &referent.Meeting{Start: tuesday, Participants: []referent.Participant{{Name: "Ola By", Party: "Sp"}}, Agenda: []referent.AgendaItem{{Number: "1/26", Title: said}}}
		tr := &referent.Transcript{Speakers: []referent.Speaker{{ID: "p", Name: "Ola By"}}, Segments: []referent.Segment{{ID: "s1", Speaker: "p", Text: said}, {ID: "s2", Text: statement}}}
		check := evidence.New(m, tr)
		for _, f := range check.Check(statement, []string{"s1"}) {
			if utf8.ValidString(statement) && utf8.ValidString(said) && !utf8.ValidString(f.Reason("nb")) {
				t.Errorf("reason of broken text: %q", f.Words)
			}
		}
		check.Decision(statement, []string{"s1", "s2"})
		check.Task(statement, said, []string{"s1"})
		check.Heading(statement, []string{"s2"})
		check.Next(&referent.NextMeeting{Text: statement, Time: said, Place: statement, Evidence: []string{"s1"}})
		eight, three := 8, 3
		check.Vote(referent.Vote{Proposal: statement, For: &eight, Against: &three, Outcome: said, ForMembers: []string{said}, Evidence: []string{"s1", "s2"}})
		if f := check.Check(statement, []string{"none"}); len(f) == 0 {
			t.Error("a statement of nothing stands")
		}
		evidence.New(m, tr).Missed(&referent.Minutes{})
	})
}
