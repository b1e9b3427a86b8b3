package evidence

import (
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// movements are the words that tell of each kind of movement.
var movements = map[string][]norsk.Pattern{
	referent.MovementArrived: norsk.Phrases("kom|kommer|kjem|komme|kome|kommet|komne|ankom|ankommer|ankommet", "møtte|møter|møtt", "tiltr~", "slutter|slutta|sluttet seg", "på plass|stede|stades|vei|veg", "her nå|no", "til stede|stades",
		"nå|no er", "velkommen|velkomen", "forsinket|forseinka", "inn", "er ..2 her|inne"),
	referent.MovementLeft:         norsk.Phrases("forlat~|forlot|forlet|forlét|forlèt", "går|gikk|gjekk|gå|gått|dro|drog|dra|drar|reiste|reiser|reise", "permisjon~", "permitt~", "fratr~", "trer|trådte|trår|trådde ..1 fra|frå|ut|tilbake", "ut", "har ..1 dratt|drege|reist"),
	referent.MovementDisqualified: norsk.Phrases("inhabil~", "ugild~", "ikke|ikkje ..1 habil|habile|gild|gilde"),
	referent.MovementSubstitute: norsk.Phrases("vara~", "møter|møtte|stiller|stilte|sitter|sit|sat|inn ..3 for|istedenfor|i", "tar|tok|tek|inntar|inntok ..1 sete|setet|plass|plassen", "tiltr~", "trer|trådte|trår|trådde inn",
		"for ..2 som er|har", "i stedet|staden for"),
	referent.MovementReturned: norsk.Phrases("tilbake", "attende", "igjen", "att", "tiltr~"),
}

// Movement checks that somebody came, left, was disqualified, took a seat or returned, as the field says: that
// the cited words name the member, and tell of this movement and of no other member's.
func (c *Checker) Movement(o referent.Movement) []Fault {
	if out := c.Person(o.Name, o.Evidence); len(out) > 0 {
		return out
	}
	person := c.person(norsk.Fold(o.Name))
	if person == "" {
		person = o.Name
	}
	src := c.cite(o.Evidence)
	for _, s := range src.sentences {
		if !s.question && !c.jest(s) && tellsMove(o.What, s) && c.moves(person, s) {
			return nil
		}
	}
	return []Fault{{Kind: Person, Words: o.Name}}
}

// tellsMove reports whether a sentence has the words of a movement and does not deny them: "ikke inhabil".
func tellsMove(what string, s sentence) bool {
	for _, cl := range s.clauses {
		words := s.tokens[cl.from:cl.to]
		if !norsk.Has(movements[what], words) {
			continue
		}
		if at := denies(words); at < 0 || what == referent.MovementDisqualified && !norsk.Has(norsk.Phrases("ikke|ikkje|aldri|ingen ..2 inhabil~|ugild~"), words) {
			return true
		}
	}
	return false
}

// moves reports whether a sentence can be of this person: it names the person, is said by the person, or
// names nobody else ("Da er hun inhabil og fratrer").
func (c *Checker) moves(person string, s sentence) bool {
	if mentioned(person, s.words) || s.speaker == person && norsk.Has(firstPerson, s.tokens) {
		return true
	}
	return !slices.ContainsFunc(c.people, func(other string) bool { return other != person && mentioned(other, s.words) })
}
