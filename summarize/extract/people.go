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
	first map[string]bool     // lower-case first names
	short map[string][]string // a lower-case first, last or full name -> full names it can mean
	party map[string]string   // full name -> party
	form  string              // of the document: "nb", "nn"
}

func newPeople(m *referent.Meeting, t *referent.Transcript) *people {
	p := &people{first: map[string]bool{}, short: map[string][]string{}, party: map[string]string{}, form: string(m.Language)}
	for _, person := range m.Participants {
		p.add(person.Name)
		if person.Party != "" {
			p.party[person.Name] = person.Party
		}
	}
	for _, s := range t.Speakers {
		if len(p.short[norsk.Fold(s.Name)]) == 0 { // "Kari" of a voice is the roster's Kari Lie, if there is one
			p.add(s.Name)
		}
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
	p.first[words[0]] = true
	keys := []string{key, words[0]}
	if len(words) > 1 {
		keys = append(keys, words[len(words)-1], words[0]+" "+words[len(words)-1])
	}
	if len(words) > 2 { // "Jon Arne" of Jon Arne Haug
		keys = append(keys, strings.Join(words[:len(words)-1], " "))
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

// voice is who speaks: the full name of the one person that the voice's name can mean.
func (p *people) voice(u *utterance) named {
	who := p.short[norsk.Fold(u.speaker)]
	if len(who) == 1 {
		return named{name: who[0]}
	}
	return named{name: u.speaker, ambiguous: len(who) > 1}
}

// named is a name found in a text.
type named struct {
	from, to  int
	name      string // full name, or as said when it can mean several
	ambiguous bool
	group     bool // a role or group, no name
}

// ordinary are words of everyday speech that are names too. Without a capital letter they are words.
var ordinary = wordSet("per siv liv bjørn stein dag even odd tor mai vår bo ask sol finn alf tore gro tone runa mari stig sten jo kai geir egil truls vidar jan")

// at reads a known name at token i, the longest first. A first name that several share is ambiguous. A first
// name that recognition wrote without a capital letter is read where it cannot be another word.
func (p *people) at(tokens []norsk.Token, i int) (named, bool) {
	if low := tokens[i].Lower; !tokens[i].Capitalised() && (!p.first[low] || ordinary[low] || len(low) < 3) {
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

// groups and roles can own a task without being a name; so can what ends as they do.
var (
	roles = norsk.Phrases("kommunedirektøren", "kommunedirektør", "rådmannen", "administrasjonen", "ordføreren", "ordføraren", "varaordføreren",
		"varaordføraren", "rektor", "sekretæren", "sekretariatet", "møteleder", "møteleiar", "teknisk etat|avdeling", "utvalget", "utvalet", "økonomi", "hr", "it",
		"drift", "personal", "regnskap", "rekneskap", "lønn", "løn", "styret", "ledergruppa", "leiargruppa", "vaktmesteren", "vaktmeisteren",
		"tillitsvalgte", "tillitsvalde", "verneombudet", "verneombodet", "hovedverneombudet", "alle", "alle sammen|saman", "kjøkkenet", "verkstedet", "verkstaden",
		"servicetorget", "arkivet", "biblioteket", "markedsføring", "kommunikasjon", "innkjøp", "plan og bygg", "nattevakta", "kveldsvakta", "dagvakta", "hjemmesykepleien", "heimesjukepleia")
	groupEndings = []string{"avdelingen", "avdelinga", "gruppa", "gruppen", "teamet", "etaten", "komiteen", "kontoret", "tjenesten", "tenesta", "sjefen", "lederen", "leiaren",
		"ledelsen", "leiinga", "direktøren", "laget", "utvalget", "utvalet", "nemnda", "administrasjonen", "koordinatoren", "ansvarlig", "ansvarlige", "ansvarleg", "seksjonen", "staben", "legen", "rådgiveren", "rådgjevaren"}
)

// groupAt reads a role or group at token i.
func groupAt(tokens []norsk.Token, i int) (end int, ok bool) {
	for _, r := range roles {
		if e, ok := r.At(tokens, i); ok {
			end = max(end, e)
		}
	}
	if end > 0 {
		return end, true
	}
	w := tokens[i].Lower
	return i + 1, len([]rune(w)) > 5 && slices.ContainsFunc(groupEndings, func(e string) bool { return strings.HasSuffix(w, e) && w != "laget" && !strings.HasSuffix(w, "slaget") })
}

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
	if end, ok := groupAt(tokens, i); ok {
		return named{from: i, to: end, name: norsk.Capitalise(joined(tokens[i:end])), group: true}, true
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

// wordSet makes a set of the words of a text.
func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		set[w] = true
	}
	return set
}
