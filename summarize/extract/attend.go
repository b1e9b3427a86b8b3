package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// attendance fills in who was present and absent. Present are those of the roster who sent no apology, who
// came later or took a seat, and the named voices; somebody only spoken of is not. What the roster and the
// recording contradict each other on goes to review.
func (s *sitting) attendance(out *referent.Minutes) {
	form := s.form
	spoke := map[string][]string{} // name -> first segment
	var voices []string
	for i := range s.us {
		if name := s.people.known(s.us[i].speaker); name != "" && spoke[name] == nil {
			spoke[name] = s.us[i].evidence[:1]
			voices = append(voices, name)
		}
	}
	out.Absent = append(out.Absent, s.absent...)
	var silent []string
	for _, person := range s.m.Participants {
		if slices.Contains(s.absent, person.Name) || person.Name == "" {
			continue
		}
		out.Present = append(out.Present, person.Name)
		if spoke[s.people.known(person.Name)] == nil {
			silent = append(silent, person.Name)
		}
	}
	for _, name := range voices {
		switch {
		case slices.Contains(s.absent, name):
			out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: name + ".", Reason: norsk.ReasonAbsent.In(form), Evidence: spoke[name]})
		case !slices.Contains(out.Present, name):
			out.Present = append(out.Present, name)
		}
	}
	for _, v := range s.moves { // a substitute whom the roster does not have
		if v.What == referent.MovementSubstitute && !v.claimed && !slices.Contains(s.absent, v.Name) {
			out.Present = appendNew(out.Present, v.Name)
		}
	}
	if len(silent) > 0 && len(voices) > 0 {
		out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: strings.Join(silent, ", ") + ".", Reason: norsk.ReasonSilent.In(form), Evidence: []string{}})
	}
	out.NeedsReview = append(out.NeedsReview, s.doubts...)
	for _, h := range s.heads {
		if counted, sure := s.entitled(h.at, s.us[h.at].theme); sure && len(counted) != h.n {
			out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: norsk.Clean(s.us[h.at].text), Evidence: s.us[h.at].evidence,
				Reason: norsk.ReasonHeadcount.In(form, "said", itoa(h.n), "counted", itoa(len(counted)))})
			break
		}
	}
}

// namesOfAbsent reads the names after "forfall fra", or before "har meldt forfall". Who comes instead
// ("og Mona møter for ham") is not absent.
func namesOfAbsent(u *utterance, p *people, from, to int) []string {
	begin := from
	for begin > 0 {
		t := u.tokens[begin-1]
		if !t.Capitalised() && !slices.Contains([]string{"og", "har", "er"}, t.Lower) || strings.ContainsRune(".?!:;", t.Mark) && t.Mark != 0 {
			break
		}
		begin--
	}
	before := nameList(u.tokens, p, begin, from)
	if next := to; len(before) > 0 && next < len(u.tokens) && slices.Contains([]string{"fra", "frå"}, u.tokens[next].Lower) {
		before = nil // "Og så er det meldt forfall fra Per"
	}
	if len(before) > 0 && !slices.Contains([]string{"fra", "frå", "for", "hos"}, u.tokens[to-1].Lower) && u.tokens[to-1].Mark != ':' {
		return before // "Per har forfall, og Mona sitter for ham"
	}
	if to < len(u.tokens) && slices.Contains([]string{"fra", "frå", "for", "hos"}, u.tokens[to].Lower) {
		to++
	}
	return append(before, nameList(u.tokens, p, to, len(u.tokens))...)
}

// nameList reads "Per, Kari Lie og Ola Vik" from token i, up to the first word that is neither a name
// nor joins two. A name that nobody knows is taken as it stands: two capitalised words or more.
func nameList(tokens []norsk.Token, p *people, i, end int) []string {
	var out []string
	for i < end {
		if tokens[i].Lower == "og" {
			i++
			continue
		}
		name, next := "", i
		if n, ok := p.at(tokens, i); ok && n.to <= end {
			next = n.to
			if !n.ambiguous {
				name = n.name
			}
		} else {
			for next < end && tokens[next].Capitalised() && (next == i || tokens[next-1].Mark == 0) {
				next++
			}
			if next-i >= 2 {
				name = joined(tokens[i:next])
			}
		}
		if next == i || next < end && slices.Contains([]string{"møter", "møtte", "stiller", "deltar", "deltek", "er", "kommer", "kjem"}, tokens[next].Lower) {
			break
		}
		if name != "" {
			out = append(out, name)
		}
		i = next
	}
	return out
}

// Words of being away. An apology names who is away wherever it is said; to be ill, travelling or off duty, or
// simply not here, says it only of who is on the roster and is not heard in the recording.
var (
	apologies = norsk.Phrases("forfall fra|frå|frå:|for|hos", "meldt|melder|melde forfall|avbud|frafall|fråfall", "forfall ..1 har|hadde|er", "har|hadde ..2 forfall", "er|har meldt? sjuk|syk|sjukmeldt|sykmeldt|sykemeldt|sjukemeldt", "har meldt avbud", "forfall",
		"er fraværende|fråverande|fråværende", "er ikke|ikkje til stede|stades", "kan|kunne ikke|ikkje komme|kome|møte", "meldt seg ut|syk|sjuk|sykmeldt|sjukmeldt", "måtte melde avbud|forfall")
	lateComing = norsk.Phrases("kommer|kjem ..2 senere|seinere|seinare|etterpå", "er ..1 på vei|veg", "kommer|kjem når", "er ..1 forsinket|forseinka", "kommer|kjem ..3 til sak", "kommer|kjem ..2 etter hvert|kvart", "kommer|kjem ..3 seint|sent|litt", "blir|vert ..2 forsinket|forseinka|sein|seinere|litt")

	// notHere denies that somebody comes or is here, in either order: "er ikke her", "ikkje e her", "ikke rekker det".
	notHere = norsk.Phrases("er|blir|vert|var ikke|ikkje ..1 her|med|tilstede|i|på", "ikke|ikkje er|kan|får|blir|vert ..1 her|med|komme|kome|møte|være|vere|delta|i", "kommer|kjem|kjeme|kom ..1 ikke|ikkje", "ikke|ikkje kommer|kjem|kjeme|kom", "rekker|rekk|rakk|klarer|klarar|greier|greide|får|fikk|fekk|kan|kunne ..1 ikke|ikkje", "ikke|ikkje rekker|rekk|rakk|klarer|klarar|greier|greide|fikk|fekk|kunne",
		"måtte|må melde pass", "mangler|manglar", "er borte|vekke|vekk|bortreist|bortreiste|fraværende", "greie|klare|klara oss uten|utan")
	// elsewhere is what keeps people away, said of them in the present.
	elsewhere = norsk.Phrases("er ..1 sjuk|syk|sjuke|syke|sjukmeldt|sykmeldt|sykemeldt|sjukemeldt|dårlig|dårleg|forkjølet|forkjøla|opptatt|oppteken|reist|forhindret|forhindra", "ligger|ligg ..1 sjuk|syk|hjemme|heime|med|og|i|på", "er|sitter|sit|står|stend|befinner ..1 på|i|hos|til|med|hjemme|heime|fast|ved|ute", "har|hadde|fikk|fekk ..2 permisjon|ferie|fri|avspasering|sykt|sjukt|syke|sjuke|egenmelding|eigenmelding|tannlegetime|legetime|time|influensa|feber|omgangssyke|omgangssjuke|migrene|corona|korona|covid|halsbetennelse|lungebetennelse|lungebetennelsen|prolaps|vakt|nattevakt|kveldsvakt|kurs|begravelse|gravferd|bisettelse|møte|eksamen|tentamen|studiedag",
		"tar|tek ut? ferie|fri|avspasering", "avspaserer|avspaserar", "er|har ..1 pappaperm|mammaperm|foreldrepermisjon|omsorgspermisjon", "har ..1 reist|dratt|drege|gått", "jobber|jobbar ..1 natt|kveld|hjemmefra", "måtte|må ..1 på|til|hjem|heim|hente|reise|dra", "er ..1 innlagt|operert|hjemme|heime")
	// notAway says that somebody is there all the same, or speaks of another time.
	notAway = norsk.Phrases("hvis", "viss", "dersom", "neste", "i fjor", "forrige|førre", "i går", "sist", "på teams|skjerm|video|telefon|nett|nettet|linja|zoom|tråden|plass|lista|listen|talelista|talerlista|saken|saka|valg|tide|huset|vei|veg|veien", "med på|fra|frå|oss i", "er med", "i gang|rute|mål|orden|salen|rommet|møtet", "til stede|stades", "klar|klare")
)

// openingTalk is how many sentences at most pass before a meeting has told who is away.
const openingTalk = 14

// readAbsence finds who has sent apologies, and who is said not to be there.
func (s *sitting) readAbsence() {
	for _, p := range s.m.Participants {
		if p.Absent && p.Name != "" {
			s.absent = append(s.absent, p.Name)
		}
	}
	for i := range s.us {
		u := &s.us[i]
		if u.question() {
			continue
		}
		if from, to, ok := norsk.FindAny(lateComing, u.tokens); ok {
			late := s.who(i, from, to)
			for _, name := range late {
				s.doubtNear(i, name)
			}
			s.late = appendNew(s.late, late...)
			continue
		}
		if norsk.Has(norsk.Phrases("ingen|ingen har", "ikke|ikkje ..2 forfall|meldt", "uten|utan forfall", "i fjor", "sist"), u.tokens) {
			continue
		}
		if from, to, ok := norsk.FindAny(apologies, u.tokens); ok {
			absent := namesOfAbsent(u, s.people, from, to)
			if len(absent) == 0 { // "Og Per? Han har meldt forfall."
				absent = s.unheard(s.who(i, from, to))
			}
			for _, name := range absent {
				s.doubtNear(i, name)
			}
			s.absent = appendNew(s.absent, absent...)
		}
		if i < openingTalk && (len(s.people.all(u.tokens)) != 1 || !norsk.Has(joinsFrom, u.tokens)) {
			s.readAway(i)
		}
	}
}

// joinsFrom says that somebody who is elsewhere takes part all the same.
var joinsFrom = norsk.Phrases("med på|over|via|fra|frå teams|skjerm|video|telefon|nett|nettet|linja|zoom")

// readAway reads each clause of a sentence about who is away: "Heidi er på skjerm, og Magnus sitter hos tannlegen".
func (s *sitting) readAway(i int) {
	tokens := s.us[i].tokens
	for from := 0; from < len(tokens); {
		to := from + 1
		for to < len(tokens) && tokens[to-1].Mark == 0 {
			to++
		}
		if clause := tokens[from:to]; !norsk.Has(notAway, clause) {
			for _, words := range [][]norsk.Pattern{notHere, elsewhere} {
				if f, t, ok := norsk.FindAny(words, clause); ok {
					s.absent = appendNew(s.absent, s.unheard(s.spokenOf(i, from+f, from+t))...)
				}
			}
		}
		from = to
	}
}

// spokenOf is who as for a movement, and, where a phrase has no name of its own right before it, the one on the
// roster whose name begins the sentence: "Odd Arne skrev at han ikke rekker det."
func (s *sitting) spokenOf(i, from, to int) []string {
	if names := s.who(i, from, to); len(names) > 0 && s.known(names[0]) && len(s.unheard(names)) > 0 {
		return names
	}
	tokens := s.us[i].tokens
	for j := from - 1; j >= 0; j-- {
		if n, ok := s.people.at(tokens, j); ok && !n.ambiguous {
			if n.to <= from && pronoun(tokens[max(n.to, from-3):]) {
				return []string{n.name}
			}
			break
		}
	}
	return nil
}

// unheard keeps of some names those on the roster who say nothing in the recording.
func (s *sitting) unheard(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !s.known(name) || slices.Contains(s.late, name) || slices.ContainsFunc(s.us, func(u utterance) bool { return s.people.known(u.speaker) == name })
	})
}
