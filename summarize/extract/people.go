package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// people knows who can be meant by a name: the roster and the named voices of the transcript.
type people struct {
	full  []string            // full names, roster first
	short map[string][]string // a lower-case first, last or full name -> full names it can mean
	party map[string]string   // full name -> party
}

func newPeople(m *referent.Meeting, t *referent.Transcript) *people {
	p := &people{short: map[string][]string{}, party: map[string]string{}}
	for _, person := range m.Participants {
		p.add(person.Name)
		if person.Party != "" {
			p.party[person.Name] = person.Party
		}
	}
	for _, s := range t.Speakers {
		p.add(s.Name)
	}
	return p
}

func (p *people) add(name string) {
	key := norsk.Fold(name)
	if key == "" || slices.ContainsFunc(p.full, func(n string) bool { return norsk.Fold(n) == key }) {
		return
	}
	p.full = append(p.full, name)
	words := strings.Fields(key)
	keys := []string{key, words[0]}
	if len(words) > 1 {
		keys = append(keys, words[len(words)-1], words[0]+" "+words[len(words)-1])
	}
	slices.Sort(keys)
	for _, k := range slices.Compact(keys) {
		p.short[k] = append(p.short[k], name)
	}
}

// known returns the roster's or transcript's spelling of a full name, else the name itself.
func (p *people) known(name string) string {
	if who := p.short[norsk.Fold(name)]; len(who) == 1 {
		return who[0]
	}
	return name
}

// named is a name found in a text.
type named struct {
	from, to  int
	name      string // full name, or as said when it can mean several
	ambiguous bool
}

// at reads a known name at token i, the longest first. A first name that several share is ambiguous.
func (p *people) at(tokens []norsk.Token, i int) (named, bool) {
	if !tokens[i].Capitalised() {
		return named{}, false
	}
	for n := min(4, len(tokens)-i); n > 0; n-- {
		var key []string
		for j := i; j < i+n; j++ {
			key = append(key, tokens[j].Lower)
			if j > i && tokens[j-1].Mark != 0 {
				key = nil
				break
			}
		}
		if key == nil {
			continue
		}
		who := p.short[strings.Join(key, " ")]
		if len(who) == 0 && n == 1 {
			who = p.short[strings.TrimSuffix(tokens[i].Lower, "s")] // "Karis"
			if len(who) > 0 && strings.HasSuffix(tokens[i].Lower, "s") {
				return named{}, false // a possessive names what is hers, not her
			}
		}
		switch len(who) {
		case 0:
		case 1:
			return named{from: i, to: i + n, name: who[0]}, true
		default:
			return named{from: i, to: i + n, name: tokens[i].Text, ambiguous: true}, true
		}
	}
	return named{}, false
}

// all returns the known names of a text in order.
func (p *people) all(tokens []norsk.Token) []named {
	var out []named
	for i := 0; i < len(tokens); {
		if n, ok := p.at(tokens, i); ok {
			out = append(out, n)
			i = n.to
			continue
		}
		i++
	}
	return out
}

// roles can own a task without being a name.
var roles = norsk.Phrases("kommunedirektøren", "kommunedirektør", "rådmannen", "administrasjonen", "ordføreren",
	"ordføraren", "varaordføreren", "varaordføraren", "kommunalsjefen", "økonomisjefen", "rektor", "sekretæren",
	"sekretariatet", "møtelederen", "møteleiaren", "avdelingslederen", "avdelingsleiaren", "it-avdelingen",
	"it-avdelinga", "teknisk etat|avdeling", "driftsavdelingen", "driftsavdelinga", "utvalget", "arbeidsgruppa")

// owner reads who can own a task at token i: a known name or a role.
func (p *people) owner(tokens []norsk.Token, i int) (named, bool) {
	if n, ok := p.at(tokens, i); ok {
		// "Kari og Ola": both own it.
		if j := n.to; j+1 < len(tokens) && tokens[j].Lower == "og" && tokens[j-1].Mark == 0 {
			if other, ok := p.at(tokens, j+1); ok {
				return named{from: i, to: other.to, name: n.name + " og " + other.name, ambiguous: n.ambiguous || other.ambiguous}, true
			}
		}
		return n, true
	}
	for _, r := range roles {
		if end, ok := r.At(tokens, i); ok {
			return named{from: i, to: end, name: norsk.Capitalise(joined(tokens[i:end]))}, true
		}
	}
	return named{}, false
}

func joined(tokens []norsk.Token) string {
	var out []string
	for _, t := range tokens {
		out = append(out, t.Text)
	}
	return strings.Join(out, " ")
}
