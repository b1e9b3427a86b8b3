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

	// notHere denies that somebody is here, in either order: "er ikke her", "ikkje e her", "kjem ikkje i dag".
	notHere = norsk.Phrases("er|blir|vert|var ikke|ikkje ..1 her|med|tilstede|i", "er|blir|vert|var ikke|ikkje med oss", "ikke|ikkje er|kan|får|blir|vert ..1 her|med|komme|kome|møte|være|vere", "kommer|kjem ikke|ikkje", "ikke|ikkje kommer|kjem|kom", "rekker|rekk|klarer|klarar|greier|får|kan ikke|ikkje ..3 komme|kome|være|vere|møte|delta|stille|møtet|dagens",
		"kan|får|rekker ikke|ikkje i dag", "kunne ikke|ikkje i dag", "måtte melde pass", "mangler|manglar ..1 i dag", "er borte|vekke|vekk|bortreist|bortreiste")
	// elsewhere is what keeps people away.
	elsewhere = norsk.Phrases("er ..1 sjuk|syk|sjuke|syke|sjukmeldt|sykmeldt|sykemeldt|sjukemeldt|dårlig|dårleg|forkjølet|forkjøla|opptatt|oppteken|reist|forhindret|forhindra", "ligger|ligg ..2 sjuk|syk|hjemme|heime|influensa|feber|magesjuke|omgangssyke", "er|sitter|sit ..2 hjemme|heime med|og",
		"er ..1 på kurs|ferie|reise|tur|jobbreise|tjenestereise|tenestereise|konferanse|seminar|befaring|synfaring|hytta|sykehus|sjukehus|samling|studietur|møte", "er|har ..1 i? permisjon|pappaperm|mammaperm|foreldrepermisjon|omsorgspermisjon", "har|tar|tek ..1 ferie|fri|avspasering|avspaserer|sykt|sjukt|egenmelding|eigenmelding|tannlegetime|legetime|time",
		"hos|til tannlegen|legen|tannlege|lege", "avspaserer|avspaserar", "sitter|sit|satt|sat|står|stod|sto fast", "har ..2 syke|sjuke|sykt|sjukt barn|unge|unger|ungar|born", "er bundet|bunden|opptatt|oppteken ..2 i|på|med", "har ..1 vakt|nattevakt|begravelse|gravferd|bisettelse")
	notAway = norsk.Phrases("hvis", "viss", "dersom", "når", "neste", "i fjor", "forrige|førre", "i går", "sist", "skal|må ..3 på|ha|ta", "på teams|skjerm|video|telefon|nett|linja|zoom")
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
		if i < openingTalk && !norsk.Has(notAway, u.tokens) {
			for _, words := range [][]norsk.Pattern{notHere, elsewhere} {
				if from, to, ok := norsk.FindAny(words, u.tokens); ok {
					s.absent = appendNew(s.absent, s.unheard(s.who(i, from, to))...)
				}
			}
		}
	}
}

// unheard keeps of some names those on the roster who say nothing in the recording.
func (s *sitting) unheard(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !s.known(name) || slices.ContainsFunc(s.us, func(u utterance) bool { return s.people.known(u.speaker) == name })
	})
}
