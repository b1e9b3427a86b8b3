package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// sitting is who may vote at each moment of a meeting: the roster, and what was said of those who came,
// left, or had no seat in a case.
type sitting struct {
	form    string
	m       *referent.Meeting
	us      []utterance
	themes  []theme
	people  *people
	parties *parties

	absent []string // as the roster has it, and as was said
	late   []string // said to come later
	moves  []move
	heads  []headcount
	doubts []referent.ReviewItem

	standings map[string]standing // by name, read once
	leaders   []string            // who can chair, the first in rank first
}

// headcount is how many members the chair or the secretary said were there.
type headcount struct{ n, at int }

func newSitting(m *referent.Meeting, us []utterance, p *people, list []theme, form string) *sitting {
	s := &sitting{form: form, m: m, us: us, themes: list, people: p, parties: newParties(m), standings: map[string]standing{}}
	s.readLeaders()
	s.readAbsence()
	s.readMoves()
	s.readHeadcounts()
	return s
}

// standing is what a participant is to the body.
type standing int

const (
	guest      standing = iota // administration, press, anybody without a vote
	member                     // elected, or a member of a body without parties
	substitute                 // elected as one, and has a vote when seated
	unclear                    // the roster does not tell
)

var (
	officeEndings = []string{"direktør", "direktøren", "sjef", "sjefen", "rådgiver", "rådgivar", "rådgjevar", "sekretær", "sekretæren", "saksbehandler", "saksbehandlar",
		"sakshandsamar", "rådmann", "rådmannen", "revisor", "konsulent", "rektor", "styrer", "styrar", "gjest", "observatør", "observatørar", "tilhører", "advokat",
		"controller", "referent", "ansatt", "tilsett", "innleder", "innleiar", "journalist", "lege", "overlege", "planlegger", "planleggar", "ingeniør", "administrasjon", "administrasjonen"}
	memberRoles = norsk.Phrases("medlem~", "medlemm~", "representant~", "ordfører~", "ordførar~", "fylkesordfører~", "fylkesordførar~", "fylkesvaraordfører~", "fylkesvaraordførar~", "varaordfører~", "varaordførar~", "leder", "lederen", "leiar", "leiaren", "nestleder~", "nestleiar~",
		"utvalgsleder~", "utvalsleiar~", "møteleder~", "møteleiar~", "gruppeleder~", "gruppeleiar~", "komitéleder", "komiteleder", "komiteleiar", "settemøteleder", "setjemøteleiar")
	substituteRoles = norsk.Phrases("vara", "varamedlem~", "vararepresentant~", "varamann", "varaperson")
)

func (s *sitting) standing(p referent.Participant) standing {
	if st, ok := s.standings[p.Name]; ok {
		return st
	}
	st := s.readStanding(p)
	s.standings[p.Name] = st
	return st
}

func (s *sitting) readStanding(p referent.Participant) standing {
	role := norsk.Tokens(p.Role)
	last := ""
	for _, t := range role {
		for _, end := range officeEndings {
			if strings.HasSuffix(t.Lower, end) {
				last = end
			}
		}
	}
	switch {
	case norsk.Has(substituteRoles, role):
		return substitute
	case last != "" && p.Party == "":
		return guest
	case p.Party != "" || norsk.Has(memberRoles, role):
		return member
	case len(role) == 0 && !slices.ContainsFunc(s.m.Participants, func(o referent.Participant) bool {
		return o.Party != "" || norsk.Has(memberRoles, norsk.Tokens(o.Role))
	}):
		return member
	case len(role) == 0:
		return unclear
	}
	return guest
}

var leaderRoles = [][]norsk.Pattern{
	norsk.Phrases("møteleder~", "møteleiar~", "settemøteleder", "setjemøteleiar"),
	norsk.Phrases("ordfører~", "ordførar~", "fylkesordfører~", "fylkesordførar~", "byrådsleder~", "leder", "lederen", "leiar", "leiaren", "utvalgsleder~", "utvalsleiar~", "komitéleder", "komiteleder", "komiteleiar"),
	norsk.Phrases("varaordfører~", "varaordførar~", "fylkesvaraordfører~", "fylkesvaraordførar~", "nestleder~", "nestleiar~"),
}

func (s *sitting) readLeaders() {
	for _, roles := range leaderRoles {
		for _, p := range s.m.Participants {
			if norsk.Has(roles, norsk.Tokens(p.Role)) {
				s.leaders = append(s.leaders, p.Name)
			}
		}
	}
}

// chair is the name of who leads the meeting at utterance i, or "".
func (s *sitting) chair(i int) string {
	if len(s.leaders) == 0 || len(s.us) == 0 {
		return ""
	}
	there, _ := s.entitled(i, s.us[min(i, len(s.us)-1)].theme)
	for _, name := range s.leaders {
		if slices.Contains(there, name) {
			return name
		}
	}
	return ""
}

// entitled are those who were present and could vote in a theme at utterance i. sure is false when the roster
// and the recording do not settle it.
func (s *sitting) entitled(i, th int) (names []string, sure bool) {
	sure = true
	vacancies := 0 // seats whose member is not there from the beginning
	for _, p := range s.m.Participants {
		if s.standing(p) == member && slices.Contains(s.absent, p.Name) {
			vacancies++
		}
	}
	spare := 0 // substitutes of whom nothing was said
	for _, p := range s.m.Participants {
		if s.standing(p) == substitute && !slices.Contains(s.absent, p.Name) && !s.moved(p.Name, referent.MovementSubstitute) {
			spare++
		}
	}
	for _, v := range s.moves {
		if v.What == referent.MovementSubstitute && v.opening && vacancies > 0 {
			vacancies--
		}
	}
	for _, p := range s.m.Participants {
		seated := false
		switch s.standing(p) {
		case guest:
			continue
		case unclear:
			sure = false
			continue
		case member:
			seated = !slices.Contains(s.absent, p.Name) && !s.comesLater(p.Name)
			if slices.Contains(s.late, p.Name) && !s.moved(p.Name, referent.MovementArrived) {
				sure = false
			}
		case substitute:
			if slices.Contains(s.absent, p.Name) {
				continue
			}
			if !s.moved(p.Name, referent.MovementSubstitute) && !s.moved(p.Name, referent.MovementArrived) {
				seated = vacancies >= spare
				sure = sure && (seated || vacancies == 0)
			}
		}
		if s.seatedAt(p.Name, seated, i, th) {
			names = append(names, p.Name)
		}
	}
	for _, v := range s.moves { // who took a seat and is not on the roster
		if v.What == referent.MovementSubstitute && !slices.Contains(names, v.Name) &&
			!slices.ContainsFunc(s.m.Participants, func(p referent.Participant) bool { return p.Name == v.Name }) && s.seatedAt(v.Name, false, i, th) {
			names = append(names, v.Name)
		}
	}
	for _, d := range s.moves {
		if d.claimed && d.theme == th {
			sure = false
		}
	}
	return names, sure && len(names) > 0
}

// seatedAt follows a member's movements up to utterance i.
func (s *sitting) seatedAt(name string, seated bool, i, th int) bool {
	for _, v := range s.moves {
		if v.claimed {
			continue
		}
		if v.What == referent.MovementSubstitute && v.seatOf == name && (v.at <= i || v.opening) && !s.withoutSeat(name, v.theme) {
			seated = false // somebody else has the seat
		}
		if v.Name != name {
			continue
		}
		switch v.What {
		case referent.MovementDisqualified:
			if v.theme == th && !s.returned(name, v, i) {
				return false
			}
		case referent.MovementSubstitute:
			if s.forCase(v) {
				if v.theme == th {
					seated = true
				}
				continue
			}
			if v.at <= i || v.opening {
				seated = true
			}
		case referent.MovementArrived, referent.MovementReturned:
			if v.at <= i {
				seated = true
			}
		case referent.MovementLeft:
			if v.at <= i {
				seated = false
			}
		}
	}
	return seated
}

// forCase reports whether a substitute sits only while somebody is disqualified.
func (s *sitting) forCase(v move) bool {
	if v.seatOf != "" {
		return s.withoutSeat(v.seatOf, v.theme)
	}
	return !v.opening && slices.ContainsFunc(s.moves, func(o move) bool { return o.What == referent.MovementDisqualified && o.theme == v.theme })
}

func (s *sitting) withoutSeat(name string, th int) bool {
	return slices.ContainsFunc(s.moves, func(v move) bool { return v.What == referent.MovementDisqualified && v.Name == name && v.theme == th })
}

// returned reports whether a disqualified member took the seat again within the case, before utterance i.
func (s *sitting) returned(name string, from move, i int) bool {
	return slices.ContainsFunc(s.moves, func(v move) bool {
		return v.What == referent.MovementReturned && v.Name == name && v.theme == from.theme && v.at > from.at && v.at <= i
	})
}

func (s *sitting) moved(name, what string) bool {
	return slices.ContainsFunc(s.moves, func(v move) bool { return v.Name == name && v.What == what && !v.claimed })
}

// comesLater reports whether the first that was said of a member is that he came.
func (s *sitting) comesLater(name string) bool {
	for _, v := range s.moves {
		if v.Name == name && !v.claimed && v.What != referent.MovementDisqualified {
			return v.What == referent.MovementArrived
		}
	}
	return false
}

// ofParty are the members of a party among some.
func (s *sitting) ofParty(label string, among []string) []string {
	var out []string
	for _, p := range s.m.Participants {
		if p.Party != "" && s.parties.of(p.Party) == label && slices.Contains(among, p.Name) {
			out = append(out, p.Name)
		}
	}
	return out
}

var present = norsk.Phrases("# av # ..4 til|på stede|stades|plass", "# av # ..2 møtt|representert|representerte|medlemmer|medlemer|representanter|representantar", "er|vi|me ..2 # ..3 til stede|stades",
	"# stemmeberettigede|stemmeberettigete|røysteføre|røysteberettiga|voterende|voterande", "# medlemmer|medlemer|representanter|representantar ..2 til|på stede|stades|plass",
	"# ..2 er|var til stede|stades", "da|då er vi|me # av #", "da|då er vi|me #", "da|då er det # til stede|stades", "vi|me er # av #", "# av # ser jeg|eg", "# stemmer i salen")

// readHeadcounts finds what was said of how many members were there.
func (s *sitting) readHeadcounts() {
	for i := range s.us {
		u := &s.us[i]
		if i > 0 && norsk.Has(howMany, s.us[i-1].tokens) { // "Hvor mange er vi?" "Tolv."
			if n := bareCount(u.tokens); n != nil && *n > 1 {
				s.heads = append(s.heads, headcount{n: *n, at: i})
				continue
			}
		}
		from, to, ok := norsk.FindAny(present, u.tokens)
		if !ok || norsk.Has(norsk.Phrases("hvis", "viss", "dersom", "i fjor", "sist~", "forrige|førre"), u.tokens) || to < len(u.tokens) && u.tokens[to-1].Mark == 0 && unitWord(u.tokens[to].Lower) {
			continue
		}
		for _, t := range u.tokens[from:to] {
			if n := count(t); n != nil && *n > 1 && len(t.Text) < 12 {
				s.heads = append(s.heads, headcount{n: *n, at: i})
				break
			}
		}
	}
}

var howMany = norsk.Phrases("hvor|kor mange er|blir|vert|e vi|me|det?", "hvor|kor mange er|e ..2 her|til stede|stades|møtt")

// unitWord tells what is counted when it is not members: "da er vi to uker forsinket".
func unitWord(w string) bool {
	return slices.ContainsFunc([]string{"uke", "veke", "dag", "måned", "månad", "år", "minutt", "time", "prosent", "kroner", "million", "tusen", "sak", "punkt"}, func(p string) bool { return strings.HasPrefix(w, p) })
}

// saidPresent is the number last said before utterance i, moved by who has come and gone since. ok is false
// when none was said.
func (s *sitting) saidPresent(i, th int) (n int, ok bool) {
	for _, h := range s.heads {
		if h.at > i {
			break
		}
		before, _ := s.entitled(h.at, s.us[h.at].theme)
		now, _ := s.entitled(i, th)
		n, ok = h.n+len(now)-len(before), true
	}
	return n, ok
}
