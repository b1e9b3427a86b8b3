package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// move is a movement with what the rules need to know beside it.
type move struct {
	referent.Movement
	at      int    // utterance
	theme   int    // where it counts
	seatOf  string // whose seat a substitute takes
	opening bool   // told at the roll call, before the first case: so from the beginning
	claimed bool   // said of somebody's impartiality, and not decided
}

var (
	seats = norsk.Phrases("møter|møtte|stiller|stilte|sitter|sit|sat ..2 for|istedenfor|i", "møter|møtte|stiller|stilte|tiltrer|tiltrådte|tiltrår ..1 som vara~", "er ..1 vara for", "er kalla|kalt|innkalt|innkalla ..2 vara~", "er vara~",
		"tar|tok|tek|inntar|inntok sete|setet|plassen|plass som|for|etter|til", "tar|tok|tek sete|setet|plassen", "tiltrer|tiltrådte|tiltrår|tiltrådde", "trer|trådte|trår|trådde inn", "vara for", "inn som vara~", "inn for")
	comes = norsk.Phrases("kom|kommer|kjem|ankom|ankommer ..2 nå|no|akkurat|inn|kl|klokka|klokken", "kom|ankom|kommer|kjem ..2 til møtet|salen", "har ..2 kommet|kome|komme|ankommet ..2 inn|til|nå|no|møtet|kl|klokka|klokken", "er nå|no|også|òg|her ..2 til|på stede|stades|plass",
		"er nå|no kommet|kome|komne", "har|er nå|no ..1 kommet|kome|komne", "der|her|nå|no kom|kommer|kjem", "slutter|slutta|sluttet seg til møtet", "tiltrådte|tiltrer møtet")
	back = norsk.Phrases("tilbake i|ved|på salen|møtet|bordet|plass|setet", "er ..3 tilbake|attende", "kommer|kom|kjem ..2 tilbake|attende|inn igjen|att", "tar|tok|tek ..1 sete|setet|plass|plassen igjen|att", "tiltrådte|tiltrer|tiltrår|tiltrådde ..2 igjen|att|på|møtet igjen|att",
		"velkommen|velkomen tilbake|attende", "inn igjen|att", "er ..1 på plass igjen|att")
	disqualified = norsk.Phrases("inhabil", "inhabile", "ugild", "ugilde")
	impartiality = norsk.Phrases("inhabil~", "ugild~", "habil~", "gild~")
	notSo        = norsk.Phrases("ikke|ikkje|aldri ..2 inhabil|inhabile|ugild|ugilde", "hvis", "viss", "dersom", "kan|kunne|burde|bør|skulle ..2 være|vere|erklære~|bli", "om jeg|eg|hun|han|ho|vi|me|du|noen|nokon|det|de|dei", "spørsmål~", "mulig|muleg~", "kanskje", "mener|meiner", "lurer", "vurdere",
		"vurdert", "ser ikke", "tror|trur", "foreslår|føreslår", "var ..3 inhabil", "sist|forrige|førre")
	habile  = norsk.Phrases("er|ble|vart|blei|kjent|kjend|dermed|å|anse|funnet ..2 habil|habile|gild", "ikke|ikkje ..2 inhabil|inhabile|ugild|ugilde")
	planned = norsk.Phrases("hvis", "viss", "dersom", "skal", "vil", "kommer|kjem til å", "må|måtte ..1 gå|dra|reise|forlate ..2 kl|klokka|klokken", "må|måtte ..2 snart", "om en|ei|ein", "før", "ønsker|ønskjer", "kunne", "burde", "bør", "i fjor", "sist", "forrige|førre", "neste", "når")
)

func appendNew(list []string, names ...string) []string {
	for _, n := range names {
		if n != "" && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// readMoves finds who came, left, took a seat, or was found disqualified, in the meeting's order.
func (s *sitting) readMoves() {
	for i := range s.us {
		u := &s.us[i]
		if u.question() {
			continue
		}
		switch {
		case norsk.Has(impartiality, u.tokens):
			s.readImpartiality(i)
			s.readSeat(i) // "Ivar er inhabil, og Kåre tar sete for ham"
		case s.readMove(i, found(back), referent.MovementReturned):
		default: // one sentence can tell of who leaves and of who takes the seat
			left := s.readMove(i, leaving, referent.MovementLeft)
			if !s.readSeat(i) && !left {
				s.readMove(i, found(comes), referent.MovementArrived)
			}
		}
	}
	// Who was disqualified and takes part again when the next case comes needs no word for it. Who was only
	// said to be disqualified, and not found so, is for a person to look at.
	for _, v := range s.moves {
		if v.claimed {
			s.doubts = append(s.doubts, referent.ReviewItem{Text: v.Name + ".", Reason: norsk.ReasonInhabil.In(s.form), Evidence: v.Evidence})
		}
	}
}

// readImpartiality reads a sentence about who is inhabil.
func (s *sitting) readImpartiality(i int) {
	u := &s.us[i]
	th := s.themeOf(i)
	if from, to, ok := norsk.FindAny(habile, u.tokens); ok { // found impartial: no movement, and no claim
		for _, name := range s.who(i, from, to) {
			s.moves = slices.DeleteFunc(s.moves, func(v move) bool { return v.claimed && v.Name == name && v.theme == th })
		}
		return
	}
	from, to, ok := norsk.FindAny(disqualified, u.tokens)
	doubtful := !ok || norsk.Has(notSo, u.tokens)
	if !ok {
		from, to, _ = norsk.FindAny(impartiality, u.tokens)
	}
	names := s.who(i, from, to)
	at, _, leaves := leaving(u.tokens)
	leaves = leaves && u.tokens[at].Lower != "må" && u.tokens[at].Lower != "måtte"
	first := firstPerson(u)
	for _, name := range names {
		if !s.known(name) {
			continue
		}
		v := move{Movement: referent.Movement{Name: name, What: referent.MovementDisqualified, Evidence: u.evidence}, at: i, theme: th}
		v.claimed = (doubtful || first) && !leaves
		s.addMove(v)
	}
}

// firstPerson tells sentences in which the speaker speaks of himself.
func firstPerson(u *utterance) bool {
	return slices.ContainsFunc(u.tokens, func(t norsk.Token) bool {
		return slices.Contains([]string{"jeg", "eg", "meg", "min", "mi", "mitt"}, t.Lower)
	})
}

// addMove takes a movement in, joined to what was said of the same just before.
func (s *sitting) addMove(v move) {
	s.doubtNear(v.at, v.Name)
	if v.theme < len(s.themes) {
		v.Case = s.themes[v.theme].heading
	}
	for k := range s.moves {
		o := &s.moves[k]
		if o.Name != v.Name || o.What != v.What || o.theme != v.theme || v.What != referent.MovementDisqualified && v.at-o.at > 12 {
			continue
		}
		if o.claimed && !v.claimed {
			o.at = v.at
		}
		o.claimed = o.claimed && v.claimed
		o.Evidence = evidence(o.Evidence, v.Evidence)
		if o.Clock == "" {
			o.Clock = v.Clock
		}
		if o.seatOf == "" {
			o.seatOf = v.seatOf
		}
		return
	}
	s.moves = append(s.moves, v)
}

// doubtNear shows a person a name of utterance i that was spelt a little otherwise and read as this one.
func (s *sitting) doubtNear(i int, name string) {
	u := &s.us[i]
	for j := range u.tokens {
		n, near, ok := s.people.nearAt(u.tokens, j)
		if !ok || !near || n.name != name {
			continue
		}
		said := u.text[u.tokens[n.from].Start:u.tokens[n.to-1].End]
		doubt := referent.ReviewItem{Text: said + ".", Reason: norsk.ReasonNearName.In(s.form, "name", name), Evidence: u.evidence}
		if !slices.ContainsFunc(s.doubts, func(d referent.ReviewItem) bool { return d.Text == doubt.Text && d.Reason == doubt.Reason }) {
			s.doubts = append(s.doubts, doubt)
		}
		return
	}
}

// themeOf is the theme a sentence is about: the one whose case it names, else the one it stands in.
func (s *sitting) themeOf(i int) int {
	if n, _, ok := saidNumber(s.us[i].tokens); ok {
		for k, th := range s.themes {
			running, _, _ := strings.Cut(th.number, "/")
			if th.number != "" && (th.number == n || running == n) {
				return k
			}
		}
	}
	return s.us[i].theme
}

// readSeat reads "Mona Vik møter for Per Strand".
func (s *sitting) readSeat(i int) bool {
	u := &s.us[i]
	from, to, ok := norsk.FindAny(seats, u.tokens)
	if !ok || norsk.Has(planned, u.tokens) || norsk.Has(back, u.tokens) {
		return false
	}
	name, other := "", ""
	before := s.namesBefore(u, from)
	after := s.namesAfter(u, to, true)
	if len(before) > 0 {
		name = before[len(before)-1]
	}
	switch {
	case name != "" && len(after) > 0:
		other = after[0]
	case name == "" && len(after) > 0: // "som vara møter Mona Vik", "vara for Per er Mona Vik"
		name = after[0]
		if len(after) > 1 {
			name, other = after[1], after[0]
		}
	}
	if name == "" || s.standingOf(name) == guest {
		return false
	}
	if other == "" && len(before) > 1 && before[0] != name { // "forfall fra Per, og Mona møter for ham"
		other = before[0]
	}
	if other == "" && pronoun(u.tokens[to:]) {
		other = s.lastAbsent(i, name)
	}
	clock := clockIn(u.tokens)
	v := move{Movement: referent.Movement{Name: name, What: referent.MovementSubstitute, Clock: clock, Evidence: u.evidence}, at: i, theme: s.themeOf(i), seatOf: other}
	v.opening = v.theme == 0 || !s.started(i)
	if other != "" && v.opening && !slices.Contains(s.absent, other) && s.known(other) {
		s.absent = append(s.absent, other)
	}
	s.addMove(v)
	return true
}

// started reports whether a case of the agenda, other than the approval of the agenda itself, was begun
// before utterance i.
func (s *sitting) started(i int) bool {
	return slices.ContainsFunc(s.us[:i], func(u utterance) bool {
		return u.theme > 0 && !norsk.Has(norsk.Phrases("innkalling~", "saksliste~", "sakliste~", "sakslist~", "saklist~"), norsk.Tokens(s.themes[u.theme].heading))
	})
}

func (s *sitting) standingOf(name string) standing {
	for _, p := range s.m.Participants {
		if p.Name == name {
			return s.standing(p)
		}
	}
	return unclear
}

func (s *sitting) known(name string) bool {
	return slices.ContainsFunc(s.m.Participants, func(p referent.Participant) bool { return p.Name == name })
}

func pronoun(tokens []norsk.Token) bool {
	return slices.ContainsFunc(tokens[:min(4, len(tokens))], func(t norsk.Token) bool {
		return slices.Contains([]string{"ham", "han", "henne", "ho", "hun", "hans", "hennes", "hennar", "vedkommende"}, t.Lower)
	})
}

// lastAbsent is who was last said to be away, or without a seat, within three sentences before i.
func (s *sitting) lastAbsent(i int, not string) string {
	for j := i; j >= max(0, i-3); j-- {
		names := s.people.all(s.us[j].tokens)
		for k := len(names) - 1; k >= 0; k-- {
			n := names[k].name
			away := slices.Contains(s.absent, n) || slices.ContainsFunc(s.moves, func(v move) bool {
				return v.Name == n && (v.What == referent.MovementDisqualified || v.What == referent.MovementLeft)
			})
			if n != not && !names[k].ambiguous && away {
				return n
			}
		}
	}
	return ""
}

// finder finds the words of a movement in a sentence, as token indices.
type finder func([]norsk.Token) (from, to int, ok bool)

// found looks for any of the phrases.
func found(phrases []norsk.Pattern) finder {
	return func(tokens []norsk.Token) (int, int, bool) { return norsk.FindAny(phrases, tokens) }
}

// readMove reads one kind of movement.
func (s *sitting) readMove(i int, find finder, what string) bool {
	u := &s.us[i]
	from, to, ok := find(u.tokens)
	if !ok || norsk.Has(planned, u.tokens[:min(len(u.tokens), to+3)]) || slices.ContainsFunc(u.tokens[max(0, from-4):to], func(t norsk.Token) bool { return slices.Contains(negations, t.Lower) }) {
		return false
	}
	added := false
	clock := clockIn(u.tokens)
	for _, name := range s.who(i, from, to) {
		st := s.standingOf(name)
		if st == guest || !s.known(name) {
			continue
		}
		v := move{Movement: referent.Movement{Name: name, What: what, Clock: clock, Evidence: u.evidence}, at: i, theme: s.themeOf(i)}
		if claim := s.claimOf(name, v.theme); claim >= 0 && what == referent.MovementLeft { // confirmed by leaving
			s.moves[claim].claimed, s.moves[claim].at = false, i
			s.moves[claim].Evidence = evidence(s.moves[claim].Evidence, u.evidence)
			added = true
			continue
		}
		switch {
		case what == referent.MovementLeft && s.withoutSeat(name, v.theme):
			for k := range s.moves {
				if s.moves[k].Name == name && s.moves[k].What == referent.MovementDisqualified && s.moves[k].theme == v.theme {
					s.moves[k].Evidence = evidence(s.moves[k].Evidence, u.evidence)
				}
			}
			added = true
			continue
		case what == referent.MovementArrived && s.moved(name, referent.MovementLeft):
			v.What = referent.MovementReturned
		case what == referent.MovementReturned && !s.moved(name, referent.MovementLeft) && !s.moved(name, referent.MovementDisqualified):
			continue
		case what == referent.MovementArrived && clock == "" && !slices.Contains(s.absent, name) && !slices.Contains(s.late, name):
			continue // "Kari kommer nå med et innlegg"
		}
		if v.Clock == "" && i+1 < len(s.us) && s.us[i+1].voice == u.voice && len(s.us[i+1].tokens) <= 5 {
			if v.Clock = clockIn(s.us[i+1].tokens); v.Clock != "" { // "Der kom Sigrid. Klokka er 17.35."
				v.Evidence = evidence(v.Evidence, s.us[i+1].evidence)
			}
		}
		if v.What == referent.MovementArrived {
			s.absent = slices.DeleteFunc(s.absent, func(n string) bool { return n == name })
		}
		s.addMove(v)
		added = true
	}
	return added
}

// clockIn is the time of day that a sentence gives, or "".
func clockIn(tokens []norsk.Token) string {
	clock, _, _, _ := norsk.Clock(tokens)
	return clock
}

func (s *sitting) claimOf(name string, th int) int {
	return slices.IndexFunc(s.moves, func(v move) bool { return v.claimed && v.Name == name && v.theme == th })
}

// movements are the movements that the minutes record.
func (s *sitting) movements() []referent.Movement {
	var out []referent.Movement
	for _, v := range s.moves {
		if !v.claimed {
			out = append(out, v.Movement)
		}
	}
	return out
}
