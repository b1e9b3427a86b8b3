package speakers

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// person is whom a name in the text means.
type person struct {
	name     string // as on the list, else as said
	expected bool   // on the list of participants
	words    int    // of the name as said
}

func (p person) key() string { return norsk.Fold(p.name) }

// trust is how sure a name is one: those on the list are, others are capitalised words.
func (p person) trust() float64 {
	switch {
	case p.expected:
		return 1
	case p.words > 1:
		return 0.75
	}
	return 0.55
}

// book knows whom a name or a role can mean.
type book struct {
	names map[string][]string // a full, first or last name in lower case -> full names
	roles map[string]person   // a role in lower case that one participant has
}

// spokenTo are the roles that people speak to, in the forms that they use.
var spokenTo = [][]string{
	{"ordfører", "ordførar", "ordføreren", "ordføraren"},
	{"varaordfører", "varaordførar", "varaordføreren", "varaordføraren"},
	{"møteleder", "møteleiar", "møtelederen", "møteleiaren", "dirigent", "chair"},
	{"leder", "leiar", "utvalgsleder", "utvalsleiar"},
	{"president"},
}

func newBook(participants []referent.Participant) *book {
	b := &book{names: map[string][]string{}, roles: map[string]person{}}
	for _, x := range participants {
		if x.Absent {
			continue
		}
		b.add(x.Name)
	}
	for _, forms := range spokenTo {
		var holders []string
		for _, x := range participants {
			if role := norsk.Fold(x.Role); !x.Absent && slices.Contains(forms, role) {
				holders = append(holders, x.Name)
			}
		}
		if len(holders) != 1 {
			continue
		}
		for _, f := range forms {
			b.roles[f] = person{name: holders[0], expected: true, words: 1}
		}
	}
	return b
}

func (b *book) add(name string) {
	words := strings.Fields(norsk.Fold(name))
	if len(words) == 0 {
		return
	}
	keys := []string{strings.Join(words, " "), words[0], words[len(words)-1], words[0] + " " + words[len(words)-1]}
	slices.Sort(keys)
	for _, k := range slices.Compact(keys) {
		if !slices.Contains(b.names[k], name) {
			b.names[k] = append(b.names[k], name)
		}
	}
}

// longest is the most words of a name.
const longest = 4

// noName are capitalised words that stand where a name does and are none.
var noName = map[string]bool{
	"arbeiderpartiet": true, "arbeidarpartiet": true, "ap": true, "høyre": true, "høgre": true, "fremskrittspartiet": true,
	"framstegspartiet": true, "frp": true, "senterpartiet": true, "sp": true, "sv": true, "venstre": true, "rødt": true,
	"raudt": true, "krf": true, "mdg": true, "inp": true, "norge": true, "noreg": true, "norsk": true, "jeg": true, "eg": true, "i": true,
	"da": true, "då": true, "vi": true, "det": true, "og": true, "så": true, "ja": true, "nei": true, "takk": true,
	"sak": true, "ordfører": true, "ordførar": true, "møteleder": true, "møteleiar": true, "leder": true, "leiar": true,
	"the": true, "so": true, "and": true, "everyone": true, "all": true, "alle": true, "you": true, "du": true,
	"mandag": true, "god": true, "hei": true, "velkommen": true, "velkomen": true, "neste": true, "for": true, "to": true,
}

// name reads a person at token i and returns the index after the name: one from the list, the longest
// first, else one to three capitalised words. A name that several on the list share is nobody's.
func (b *book) name(tokens []norsk.Token, i int) (p person, end int, ok bool) {
	if i < len(tokens) && title(tokens[i].Lower) { // "representanten Berg"
		i++
	}
	if i >= len(tokens) || !tokens[i].Capitalised() {
		return person{}, 0, false
	}
	for n := min(longest, len(tokens)-i); n > 0; n-- {
		key, ok := joined(tokens[i : i+n])
		if !ok {
			continue
		}
		switch who := b.names[key]; len(who) {
		case 0:
		case 1:
			return person{who[0], true, n}, i + n, true
		default:
			return person{}, 0, false
		}
	}
	end = i
	for end < len(tokens) && end-i < longest-1 && tokens[end].Capitalised() && !noName[tokens[end].Lower] {
		end++
		if tokens[end-1].Mark != 0 {
			break
		}
	}
	if end == i || len([]rune(tokens[i].Text)) < 2 {
		return person{}, 0, false
	}
	var words []string
	for _, t := range tokens[i:end] {
		words = append(words, t.Text)
	}
	return person{strings.Join(words, " "), false, end - i}, end, true
}

func title(word string) bool { return word == "representanten" || word == "representant" }

// joined are the words of a name in lower case; not ok where a mark stands between them.
func joined(tokens []norsk.Token) (string, bool) {
	words := make([]string, len(tokens))
	for i, t := range tokens {
		if i > 0 && tokens[i-1].Mark != 0 {
			return "", false
		}
		words[i] = t.Lower
	}
	return strings.Join(words, " "), true
}
