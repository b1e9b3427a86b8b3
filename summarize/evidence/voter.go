package evidence

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// voter checks that a person or party is named on this side of the vote.
func (c *Checker) voter(name, side string, src source) *Fault {
	tokens := norsk.Tokens(name)
	if len(tokens) == 0 {
		return nil
	}
	person := c.person(norsk.Fold(name))
	party := ""
	for _, p := range c.m.Participants {
		if p.Name == person && person != "" {
			party = p.Party
		}
	}
	if person == "" && parties[norsk.Fold(name)] != "" {
		party = name
	}
	winner := adoptedKind(src)
	named, right := false, false
	state := ""
	for _, s := range src.sentences {
		at := c.votes(s, tokens, person, party)
		if at >= 0 {
			named = true
			right = right || sideAt(s, at, state, winner) == side
		}
		state = stateAfter(s, state, winner)
	}
	switch {
	case !named:
		return &Fault{Kind: Name, Words: name, Field: "members"}
	case !right:
		return &Fault{Kind: Person, Words: name, Field: "members"}
	}
	return nil
}

// amongAll reports whether a member stands in a list of names that is as long as this side's number, and the sides were
// not alike: "Det er Åse, Cathrine, Per og meg. Fire." All of the side must be named there.
func (c *Checker) amongAll(name, side string, v referent.Vote, src source) bool {
	if v.For == nil || v.Against == nil || *v.For == *v.Against {
		return false
	}
	members, number := v.ForMembers, *v.For
	if side == "mot" {
		members, number = v.AgainstMembers, *v.Against
	}
	if side == "blank" || len(members) != number || number < 2 || !slices.Contains(members, name) {
		return false
	}
	listed := 0
	for _, s := range src.sentences {
		who := c.list(s)
		if len(who) != number || named(s) > 2 || len(s.words) > 3*number+3 || norsk.Has(proposing, s.tokens) {
			continue
		}
		if slices.ContainsFunc(members, func(m string) bool { return !slices.Contains(who, m) }) {
			return false // another list of the same length
		}
		listed++
	}
	return listed > 0
}

// list are the known persons that a sentence names, its own voice for "jeg" among them.
func (c *Checker) list(s sentence) []string {
	var out []string
	for _, p := range c.people {
		first, _, _ := strings.Cut(norsk.Fold(p), " ")
		if mentioned(p, s.words) && (len(c.called(first)) == 1 || spells(norsk.Fold(p[strings.LastIndex(p, " ")+1:]), s.words)) {
			out = append(out, p)
		} else if p == s.speaker && slices.ContainsFunc(s.words, func(w word) bool {
			return slices.Contains([]string{"jeg", "eg", "æ", "meg", "mæ"}, w.Lower)
		}) {
			out = append(out, p)
		}
	}
	return out
}

// votes is where a sentence names a voter: by name, by party, or in the first person; -1 when nowhere.
func (c *Checker) votes(s sentence, tokens []norsk.Token, person, party string) int {
	for i, w := range s.words {
		last := tokens[len(tokens)-1].Lower
		whole := w.Lower == last && (len(tokens) == 1 || len(c.called(last)) <= 1 || i > 0 && s.words[i-1].Lower == tokens[len(tokens)-2].Lower)
		first := w.Lower == tokens[0].Lower && (len(tokens) == 1 || len(c.called(tokens[0].Lower)) == 1) || person != "" && c.soundsAs(w.Lower, person)
		// "for forslaget fra Kari stemmer Kari": who put it forward is not who votes
		if (whole || first) && !s.words[max(0, i-1)].function || (whole || first) && !proposer(s, i) {
			return i
		}
	}
	for i, w := range s.words {
		if party != "" && (w.Lower == strings.ToLower(party) || parties[w.Lower] != "" && parties[w.Lower] == parties[strings.ToLower(party)]) && !proposer(s, i) {
			return i
		}
	}
	if s.speaker == person && person != "" && norsk.Has(voting, s.tokens) || s.speaker == person && person != "" && len(s.words) <= 12 {
		for i, w := range s.words {
			if slices.Contains([]string{"jeg", "eg", "æ", "meg"}, w.Lower) && (i+1 == len(s.words) || i > 0 && (s.words[i-1].Lower == "og" || s.words[i-1].Mark == ',') || i+1 < len(s.words) && s.words[i+1].Lower == "selv" || i+1 < len(s.words) && voted(s.words[i+1].Lower) || isSide(s, i+1)) {
				return i
			}
		}
	}
	return -1
}

// soundsAs reports whether a word is the first name of this person alone as it may be heard: "Vigdis" of Wigdis.
func (c *Checker) soundsAs(lower, person string) bool {
	heard, one := spelling.Replace(lower), false
	for _, p := range c.people {
		names := norsk.Tokens(p)
		if len(names) == 0 || spelling.Replace(names[0].Lower) != heard {
			continue
		}
		if p != person {
			return false
		}
		one = true
	}
	return one
}

// spelling writes letters of names that sound the same in one way.
var spelling = strings.NewReplacer("w", "v", "th", "t", "ph", "f", "ch", "k", "c", "k", "z", "s")

// proposer reports whether the name at a word is that of who put a proposal forward: "forslaget fra Kari".
func proposer(s sentence, i int) bool {
	for j := i - 1; j >= max(0, i-3); j-- {
		switch s.words[j].Lower {
		case "fra", "frå", "til", "av":
			return j > 0 && norsk.Has(norsk.Phrases("forslag~", "framlegg~", "tilleggsforslag~", "endringsforslag~"), s.tokens[max(0, j-2):j])
		}
		if !s.words[j].Capitalised() {
			return false
		}
	}
	return false
}

func voted(lower string) bool {
	return slices.Contains([]string{"stemte", "stemmer", "stemt", "røysta", "røyster", "røystar", "støtter", "støttar"}, lower)
}

// sideWord is the side that a word stands for: "for", "mot", "blank", or "".
func sideWord(lower string) string {
	switch lower {
	case "for", "ja", "støtter", "støttar", "støttet", "støtta":
		return "for"
	case "mot", "imot", "nei":
		return "mot"
	case "blank", "blankt", "blanke":
		return "blank"
	}
	return ""
}

// marker reads the side that stands at word i of a sentence about a vote. In a vote between two proposals
// "for" the one that lost is against the one that won.
func marker(s sentence, i int, winner string) string {
	side := sideWord(s.words[i].Lower)
	if strings.HasPrefix(s.words[i].Lower, "støtt") {
		return supporting(s.tokens[i+1:min(len(s.tokens), i+4)], winner)
	}
	if side != "for" || winner == "" {
		return side
	}
	after := s.tokens[i+1 : min(len(s.tokens), i+4)]
	switch {
	case norsk.Has(norsk.Phrases("innstilling~", "tilråding~"), after) && winner != "innstilling",
		norsk.Has(norsk.Phrases("forslag~", "framlegg~"), after) && winner != "forslag":
		return "mot"
	}
	return side
}

// supporting is the side of who supports what the words after "støtter" name: in a vote between two proposals
// the recommendation, or else the other.
func supporting(what []norsk.Token, winner string) string {
	supported := "forslag"
	if norsk.Has(norsk.Phrases("innstilling~", "tilråding~"), what) {
		supported = "innstilling"
	}
	if denies(what) >= 0 || winner != "" && supported != winner {
		return "mot"
	}
	return "for"
}

// adoptedKind is what a vote between the recommendation and a proposal adopted: "innstilling", "forslag",
// or "" where there was no such choice.
func adoptedKind(src source) string {
	recommendation, proposal := norsk.Phrases("innstilling~", "tilråding~"), norsk.Phrases("forslag~", "framlegg~")
	choice := slices.ContainsFunc(src.sentences, func(s sentence) bool {
		return norsk.Has(recommendation, s.tokens) && norsk.Has(proposal, s.tokens) && norsk.Has(norsk.Phrases("mot"), s.tokens)
	})
	if !choice {
		return ""
	}
	for _, s := range src.sentences {
		if told(s.tokens)[adopted] == "" {
			continue
		}
		if norsk.Has(recommendation, s.tokens) {
			return "innstilling"
		}
		if norsk.Has(proposal, s.tokens) {
			return "forslag"
		}
	}
	return ""
}

// sideAt is the side of a name at word at: by what stands before it in the sentence, after it, or what the
// sentences before have come to.
func sideAt(s sentence, at int, state, winner string) string {
	if isSide(s, at+1) {
		return marker(s, at+2, winner) // "Maiken er imot"
	}
	for i := at - 1; i >= 0; i-- {
		// "A stemte mot, B stemte for": what stands after B decides for B
		if sideWord(s.words[i].Lower) == "" || i > 0 && voted(s.words[i-1].Lower) && postfix(s, at) {
			continue
		}
		return marker(s, i, winner)
	}
	for i := at + 1; i < len(s.words); i++ {
		if voted(s.words[i].Lower) {
			for j := i + 1; j < min(len(s.words), i+4); j++ {
				if sideWord(s.words[j].Lower) != "" {
					return marker(s, j, winner)
				}
			}
			break
		}
		if w := s.words[i]; !w.Capitalised() && w.Lower != "og" && w.Lower != "jeg" && w.Lower != "eg" {
			break // the list of names has ended
		}
	}
	return state
}

// isSide reports whether "er" and a side stand at word i.
func isSide(s sentence, i int) bool {
	return i+1 < len(s.words) && (s.words[i].Lower == "er" || s.words[i].Lower == "e") && sideWord(s.words[i+1].Lower) != ""
}

// postfix reports whether a name is followed by its own vote.
func postfix(s sentence, at int) bool {
	for i := at + 1; i < min(len(s.words), at+4); i++ {
		if voted(s.words[i].Lower) {
			return true
		}
	}
	return false
}

// stateAfter is the side that a chair is counting once a sentence is said: "Og imot?"
func stateAfter(s sentence, state, winner string) string {
	if !norsk.Has(voting, s.tokens) && len(s.words) > 8 {
		return state
	}
	for i := len(s.words) - 1; i >= 0; i-- {
		if sideWord(s.words[i].Lower) != "" && !(s.words[i].Lower == "nei" && len(s.words) == 1) {
			return marker(s, i, winner)
		}
	}
	return state
}
