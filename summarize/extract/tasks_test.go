package extract_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
)

var staff = referent.Meeting{Kind: referent.KindReferat, Participants: []referent.Participant{
	{Name: "Kari Lie", Role: "møteleder"}, {Name: "Ola Vik"}, {Name: "Siv Moe"}, {Name: "Per Dahl"}, {Name: "Anne Lie"}, {Name: "Anne Berg"}}}

// given are the tasks in lines spoken on Tuesday 24 November 2026, as "owner | task | due".
func given(m referent.Meeting, lines ...string) []string {
	var out []string
	for _, a := range write(m, lines...).Actions {
		due := ""
		if a.Due != nil {
			due = *a.Due
		}
		out = append(out, a.Owner+" | "+a.Task+" | "+due)
	}
	return out
}

// Tasks that take more than one sentence, and how they are spoken.
func TestTasksOverTurns(t *testing.T) {
	for _, c := range []struct {
		said []string
		want []string
	}{
		// asked and taken
		{[]string{"Kari Lie: Kan du ta kontakt med Nav, Siv?", "Siv Moe: Ja, det ordner jeg i morgen."}, []string{"Siv Moe | Ta kontakt med Nav. | 2026-11-25"}},
		{[]string{"Kari Lie: Da bestiller du gardiner, Ola? Innen fredag?", "Ola Vik: Ja, det gjør jeg."}, []string{"Ola Vik | Bestille gardiner. | 2026-11-27"}},
		{[]string{"Kari Lie: Hvem kan skrive søknaden?", "Siv Moe: Det kan jeg gjøre."}, []string{"Siv Moe | Skrive søknaden. | "}},
		{[]string{"Kari Lie: Nokon må rydde lageret.", "Kari Lie: Ola, kan du det?", "Ola Vik: Nei, eg er bortreist.", "Siv Moe: Eg kan ta det."}, []string{"Siv Moe | Rydde lageret. | "}},
		{[]string{"Ola Vik: Skal jeg sende ut deltakerlista?", "Kari Lie: Ja, gjerne."}, []string{"Ola Vik | Sende ut deltakerlista. | "}},
		{[]string{"Kari Lie: Vi må ikke glemme å bestille kake.", "Siv Moe: Det fikser jeg."}, []string{"Siv Moe | Bestille kake. | "}},
		{[]string{"Kari Lie: Vi trenger et tilbud på nye vinduer.", "Ola Vik: Det kan jeg innhente."}, []string{"Ola Vik | Innhente et tilbud på nye vinduer. | "}},
		{[]string{"Ola Vik: Kopimaskinen i andre etasje lager striper.", "Siv Moe: Den fikser jeg."}, []string{"Siv Moe | Fikse: Kopimaskinen i andre etasje lager striper. | "}},
		{[]string{"Kari Lie: Kan du sende rapporten innen torsdag, Ola?", "Ola Vik: Det rekker jeg ikke, men til mandag går det."}, []string{"Ola Vik | Sende rapporten. | 2026-11-30"}},
		{[]string{"?: Ola kan du ringe vaktmesteren", "?: Ja det gjør jeg i dag"}, []string{"Ola Vik | Ringe vaktmesteren. | 2026-11-24"}},
		// assigned
		{[]string{"Kari Lie: Siv følger opp fakturaene fra Eltek."}, []string{"Siv Moe | Følge opp fakturaene fra Eltek. | "}},
		{[]string{"Kari Lie: Møteplanen sendes ut av Per innen fredag."}, []string{"Per Dahl | Sende ut møteplanen. | 2026-11-27"}},
		{[]string{"Ola Vik: To av fakturaene mangler bilag.", "Kari Lie: Det følges opp av økonomi."}, []string{"Økonomi | Følge opp: To av fakturaene mangler bilag. | "}},
		{[]string{"Kari Lie: Ola, send ut agendaen før helga."}, []string{"Ola Vik | Sende ut agendaen. | 2026-11-27"}},
		{[]string{"Kari Lie: Ola og Siv lager et forslag til vaktliste."}, []string{"Ola Vik og Siv Moe | Lage et forslag til vaktliste. | "}},
		{[]string{"Kari Lie: Vaktmesteren skifter filter i uke 50."}, []string{"Vaktmesteren | Skifte filter. | 2026-12-11"}},
		{[]string{"Kari Lie: Noen må kjøpe inn hansker.", "Kari Lie: Ansvarlig er Siv."}, []string{"Siv Moe | Kjøpe inn hansker. | "}},
		{[]string{"Siv Moe: Eg tek meg av postlista, eg."}, []string{"Siv Moe | Ta seg av postlista. | "}},
		{[]string{"Kari Lie: Siv må huske å melde feil på heisen."}, []string{"Siv Moe | Melde feil på heisen. | "}},
		{[]string{"Kari Lie: Og så ber jeg Ola om å sjekke garantien.", "Ola Vik: Ok."}, []string{"Ola Vik | Sjekke garantien. | "}},
		{[]string{"Kari Lie: Per, du har ansvaret for brannøvelsen.", "Per Dahl: Ja, den tar jeg i uke 50."}, []string{"Per Dahl | Ha ansvaret for brannøvelsen. | 2026-12-11"}},
		// dialect and nynorsk
		{[]string{"Siv Moe: Æ ska ringe entreprenøren i morra."}, []string{"Siv Moe | Ringe entreprenøren. | 2026-11-25"}},
		{[]string{"Siv Moe: Eg sender ut innkallinga innan tysdag."}, []string{"Siv Moe | Sende ut innkallinga. | 2026-12-01"}},
		{[]string{"Siv Moe: Så skriv eg brev til fylket før jul."}, []string{"Siv Moe | Skrive brev til fylket. | 2026-12-24"}},
		{[]string{"Siv Moe: Eh, jeg, altså, jeg bestiller nye hansker, da."}, []string{"Siv Moe | Bestille nye hansker. | "}},
		// deadlines
		{[]string{"Siv Moe: Jeg legger fram et budsjett til neste møte.", "Kari Lie: Neste møte er tirsdag 8. desember klokka ni."}, []string{"Siv Moe | Legge fram et budsjett. | 2026-12-08"}},
		{[]string{"Siv Moe: Jeg sjekker prisene.", "Kari Lie: Når kan du ha det klart?", "Siv Moe: Innen onsdag."}, []string{"Siv Moe | Sjekke prisene. | 2026-11-25"}},
		{[]string{"Siv Moe: Jeg lager plakaten innen fredag.", "Ola Vik: Været er fint.", "Kari Lie: Du, Siv, fristen for plakaten blir mandag i stedet."}, []string{"Siv Moe | Lage plakaten. | 2026-11-30"}},
		{[]string{"Siv Moe: Jeg sender listen på torsdag, nei, på fredag."}, []string{"Siv Moe | Sende listen. | 2026-11-27"}},
		{[]string{"Siv Moe: Jeg bestiller rom til seminaret på fredag."}, []string{"Siv Moe | Bestille rom til seminaret på fredag. | "}},
		// the same twice
		{[]string{"Siv Moe: Jeg bestiller nye stoler.", "Kari Lie: Fint.", "Kari Lie: Da oppsummerer jeg. Siv bestiller stoler innen fredag."}, []string{"Siv Moe | Bestille nye stoler. | 2026-11-27"}},
		// none
		{[]string{"Siv Moe: Jeg kan lage en liste. Eller nei, det har Per allerede gjort."}, nil},
		{[]string{"Siv Moe: Jeg ringer legen.", "Kari Lie: Det trengs ikke."}, nil},
		{[]string{"Siv Moe: Jeg henger opp plakatene.", "Ola Vik: Heidi sa at hun tar det.", "Siv Moe: Å, ja. Nei, da gjør ikke jeg det likevel."}, nil},
		{[]string{"Ola Vik: Da sender vi Per til månen.", "Per Dahl: Haha, jeg bestiller billett innen fredag.", "Ola Vik: Neida."}, nil},
		{[]string{"Kari Lie: Kan du si litt om status, Ola?", "Ola Vik: Ja."}, nil},
		{[]string{"Kari Lie: Noen burde vaske vinduene."}, nil},
		{[]string{"Kari Lie: Vi må ikke glemme å vanne blomstene."}, nil},
		{[]string{"Ola Vik: Jeg skulle sende brevet, men det gjorde Siv i går."}, nil},
		{[]string{"Kari Lie: Ola sendte ut lista forrige uke."}, nil},
		{[]string{"Ola Vik: Jeg håper noen tar kontakt med skolen."}, nil},
		{[]string{"Kari Lie: Da gir jeg ordet til Siv."}, nil},
	} {
		if got := given(staff, c.said...); !slices.Equal(got, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.said, got, c.want)
		}
	}
}

// Of two with one first name, no one is guessed, until one of them answers.
func TestSharedFirstName(t *testing.T) {
	out := write(staff, "Kari Lie: Anne sender ut referatet innen fredag.")
	if len(out.Actions) != 1 || strings.Contains(out.Actions[0].Owner, "Lie") || strings.Contains(out.Actions[0].Owner, "Berg") {
		t.Errorf("%+v", out.Actions)
	}
	if !slices.ContainsFunc(out.NeedsReview, func(r referent.ReviewItem) bool { return strings.Contains(r.Reason, "heter") }) {
		t.Errorf("nobody is asked which Anne: %+v", out.NeedsReview)
	}
	if got, want := given(staff, "Kari Lie: Anne, kan du sende referatet innen fredag?", "Anne Berg: Ja, det gjør jeg."), []string{"Anne Berg | Sende referatet. | 2026-11-27"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// What nobody answers, and whose voice nobody has named, waits for a person.
func TestTasksInDoubt(t *testing.T) {
	for _, c := range []struct{ said, text string }{
		{"?: Jeg sender ut referatet innen fredag.", "Sende ut referatet."},
		{"Kari Lie: Kan noen koke kaffe?", "Koke kaffe."},
		{"Kari Lie: Ola lager et utkast før sommeren.", "Ola Vik: Lage et utkast."},
	} {
		out := write(staff, c.said)
		if !slices.ContainsFunc(out.NeedsReview, func(r referent.ReviewItem) bool { return r.Text == c.text && r.Reason != "" && len(r.Evidence) > 0 }) {
			t.Errorf("%q: %+v", c.said, out.NeedsReview)
		}
	}
}

func TestStatus(t *testing.T) {
	out := write(staff, "Siv Moe: Jeg skriver rapporten til fylket innen fredag. Jeg er halvveis.", "Ola Vik: Fint.")
	if len(out.Actions) != 1 || out.Actions[0].Status != "halvveis" {
		t.Errorf("%+v", out.Actions)
	}
}

func TestNextMeetings(t *testing.T) {
	for said, want := range map[string]string{
		"Neste driftsmøte er torsdag 3. desember klokka halv ni.":                          "2026-12-03 08.30",
		"Vi møtes igjen mandag 7. desember klokka to.":                                     "2026-12-07 14.00",
		"Neste møte er tirsdag 8. desember klokka 13, nei, unnskyld, klokka 14.":           "2026-12-08 14.00",
		"Neste teammøte blir måndag 14. desember klokka kvart på ni.":                      "2026-12-14 08.45",
		"Neste møte er onsdag 2. desember. Klokka ti, på Fjord.":                           "2026-12-02 10.00",
		"Neste møte er onsdag 2. desember klokka ti. Nei, forresten, torsdag 3. desember.": "2026-12-03 10.00",
	} {
		n := write(referent.Meeting{}, "A: "+said).NextMeeting
		if n == nil || n.Date == nil || *n.Date+" "+n.Time != want {
			t.Errorf("%q: %+v, want %s", said, n, want)
		}
	}
}
