package speakers

import (
	"slices"

	"github.com/referent/referent/summarize/norsk"
)

// direction is who a name belongs to, seen from the one who says it.
type direction int

const (
	self direction = iota
	next
	previous
)

// mention is a name in a phrase that tells whose it is: tokens [from, to).
type mention struct {
	from, to int
	person   person
	points   direction
	reason   Reason
	weight   float64
}

// cue is a phrase before, or behind, the name that it tells of.
type cue struct {
	phrase norsk.Pattern
	points direction
	reason Reason
	weight float64 // how sure the phrase is of an expected, full name

	behind  bool // the phrase stands behind the name
	listed  bool // only for names on the list, or of two words: what follows may be anything
	closing bool // only where the name ends the segment
	opening bool // only where the phrase, or the name before it, begins the segment
}

// The cues in bokmål, nynorsk and English. Of phrases at the same place the first wins.
var cues = []cue{
	// Introductions.
	{phrase: norsk.Phrase("jeg|eg heter|heiter|heite"), points: self, reason: Introduced, weight: 0.95},
	{phrase: norsk.Phrase("mitt navn er"), points: self, reason: Introduced, weight: 0.95},
	{phrase: norsk.Phrase("navnet|namnet mitt er"), points: self, reason: Introduced, weight: 0.95},
	{phrase: norsk.Phrase("mitt namn er"), points: self, reason: Introduced, weight: 0.95},
	{phrase: norsk.Phrase("my name is|'s"), points: self, reason: Introduced, weight: 0.95},
	{phrase: norsk.Phrase("jeg|eg er"), points: self, reason: Introduced, weight: 0.8, listed: true},
	{phrase: norsk.Phrase("i'm|i’m"), points: self, reason: Introduced, weight: 0.8, listed: true},
	{phrase: norsk.Phrase("i am"), points: self, reason: Introduced, weight: 0.8, listed: true},
	{phrase: norsk.Phrase("som|who's snakker|snakkar|speaking"), points: self, reason: Introduced, weight: 0.9, behind: true},
	{phrase: norsk.Phrase("her|here"), points: self, reason: Introduced, weight: 0.75, behind: true, opening: true},
	{phrase: norsk.Phrase("speaking"), points: self, reason: Introduced, weight: 0.85, behind: true},

	// Giving the word.
	{phrase: norsk.Phrase("ordet går? til"), points: next, reason: GivenFloor, weight: 0.8},
	{phrase: norsk.Phrase("ordet er ditt|dykkar|deres|fritt"), points: next, reason: GivenFloor, weight: 0.8},
	{phrase: norsk.Phrase("du|de har? ordet"), points: next, reason: GivenFloor, weight: 0.8},
	{phrase: norsk.Phrase("ver|vær så god|snill"), points: next, reason: GivenFloor, weight: 0.75},
	{phrase: norsk.Phrase("versågod|værsågod"), points: next, reason: GivenFloor, weight: 0.75},
	{phrase: norsk.Phrase("da|då|så er det"), points: next, reason: GivenFloor, weight: 0.6, listed: true},
	{phrase: norsk.Phrase("neste på? talerlista|talerlisten|talarlista er"), points: next, reason: GivenFloor, weight: 0.75},
	{phrase: norsk.Phrase("neste taler|talar er?"), points: next, reason: GivenFloor, weight: 0.75},
	{phrase: norsk.Phrase("nestemann er"), points: next, reason: GivenFloor, weight: 0.6},
	{phrase: norsk.Phrase("representanten"), points: next, reason: GivenFloor, weight: 0.65, closing: true},
	{phrase: norsk.Phrase("over to"), points: next, reason: GivenFloor, weight: 0.75},
	{phrase: norsk.Phrase("the floor is yours"), points: next, reason: GivenFloor, weight: 0.8},
	{phrase: norsk.Phrase("the floor goes to"), points: next, reason: GivenFloor, weight: 0.8},
	{phrase: norsk.Phrase("please? go ahead"), points: next, reason: GivenFloor, weight: 0.75},
	{phrase: norsk.Phrase("sin tur"), points: next, reason: GivenFloor, weight: 0.75, behind: true},
	{phrase: norsk.Phrase("har|får ordet"), points: next, reason: GivenFloor, weight: 0.8, behind: true},
	{phrase: norsk.Phrase("du har ordet"), points: next, reason: GivenFloor, weight: 0.8, behind: true},
	{phrase: norsk.Phrase("ver|vær så god"), points: next, reason: GivenFloor, weight: 0.75, behind: true},
	{phrase: norsk.Phrase("versågod|værsågod"), points: next, reason: GivenFloor, weight: 0.75, behind: true},
	{phrase: norsk.Phrase("please? go ahead"), points: next, reason: GivenFloor, weight: 0.75, behind: true},

	// Thanks.
	{phrase: norsk.Phrase("takk skal du ha"), points: previous, reason: Thanked, weight: 0.7},
	{phrase: norsk.Phrase("takk for det|ordet|innlegget|svaret|spørsmålet|orienteringen|orienteringa"), points: previous, reason: Thanked, weight: 0.7},
	{phrase: norsk.Phrase("takk"), points: previous, reason: Thanked, weight: 0.65},
	{phrase: norsk.Phrase("thank you"), points: previous, reason: Thanked, weight: 0.65},
	{phrase: norsk.Phrase("thanks"), points: previous, reason: Thanked, weight: 0.65},
}

// thanksTo are thanks to somebody for what was just said: the name stands between the two phrases.
var (
	thanksTo  = norsk.Phrases("takk til", "thanks to")
	justHeard = norsk.Phrases("for innlegget|orienteringen|orienteringa|gjennomgangen|presentasjonen|svaret|redegjørelsen|utgreiinga|foredraget",
		"for ordet", "for the? presentation|answer|talk")
)

// spokenOf are words before a phrase that make it one about another time.
var spokenOf = []string{"ga", "gav", "fikk", "fekk", "hadde", "gave", "had", "ikke", "ikkje", "not"}

// mentions finds the names in a text that are said so that one knows whose they are.
func mentions(tokens []norsk.Token, b *book) []mention {
	var out []mention
	for i := 0; i < len(tokens); {
		m, ok := mentionAt(tokens, i, b)
		if !ok {
			i++
			continue
		}
		out = append(out, m)
		i = m.to
	}
	return out
}

func mentionAt(tokens []norsk.Token, i int, b *book) (mention, bool) {
	if i > 0 && slices.Contains(spokenOf, tokens[i-1].Lower) && tokens[i-1].Mark == 0 {
		return mention{}, false
	}
	for _, c := range cues {
		if m, ok := c.at(tokens, i, b); ok {
			return m, true
		}
	}
	if m, ok := thanksAt(tokens, i, b); ok {
		return m, true
	}
	return roleAt(tokens, i, b)
}

// at reads the cue and its name, or the name and its cue, at token i.
func (c *cue) at(tokens []norsk.Token, i int, b *book) (mention, bool) {
	var p person
	var from, to int
	if c.behind {
		who, end, ok := b.name(tokens, i)
		if !ok || end < len(tokens) && ends(tokens[end-1]) {
			return mention{}, false
		}
		after, ok := c.phrase.At(tokens, end)
		if !ok || c.opening && i > 0 {
			return mention{}, false
		}
		p, from, to = who, i, after
	} else {
		start, ok := c.phrase.At(tokens, i)
		if !ok || start >= len(tokens) || ends(tokens[start-1]) {
			return mention{}, false
		}
		who, end, ok := b.name(tokens, start)
		if !ok {
			return mention{}, false
		}
		p, from, to = who, i, end
	}
	if c.listed && !p.expected && p.words < 2 || c.closing && to < len(tokens) || c.opening && from > 0 {
		return mention{}, false
	}
	return mention{from, to, p, c.points, c.reason, c.weight * p.trust()}, true
}

// ends reports whether a sentence ends with the token.
func ends(t norsk.Token) bool { return t.Mark == '.' || t.Mark == '?' || t.Mark == '!' }

func thanksAt(tokens []norsk.Token, i int, b *book) (mention, bool) {
	_, start, ok := norsk.FindAny(thanksTo, tokens[:min(len(tokens), i+2)])
	if !ok || start != i+2 {
		return mention{}, false
	}
	p, end, ok := b.name(tokens, start)
	if !ok {
		return mention{}, false
	}
	for _, heard := range justHeard {
		if to, ok := heard.At(tokens, end); ok {
			return mention{i, to, p, previous, Thanked, 0.7 * p.trust()}, true
		}
	}
	return mention{}, false
}

// roleAt reads a role spoken to at the start of a segment, "Takk, ordfører" or "Ordfører!": whoever spoke
// before has it.
func roleAt(tokens []norsk.Token, i int, b *book) (mention, bool) {
	if i != 0 {
		return mention{}, false
	}
	at, weight := 0, 0.45
	if tokens[0].Lower == "takk" && len(tokens) > 1 {
		at, weight = 1, 0.55
	}
	p, ok := b.roles[tokens[at].Lower]
	if !ok || tokens[at].Mark == 0 && at+1 < len(tokens) {
		return mention{}, false
	}
	return mention{0, at + 1, p, previous, Addressed, weight}, true
}
