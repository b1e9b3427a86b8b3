package extract

import (
	"slices"

	"github.com/referent/referent/summarize/norsk"
)

// Who puts a proposal forward, as the sentence that announces it says.

// movers are who puts forward what a sentence says: the speaker in the first person, and the persons and
// parties that its lead, up to the announcing words' end, names as its own or its authors. Who is named in
// what is put forward is none of them.
func (s *sitting) movers(u *utterance, end int, recommendation bool) []string {
	if recommendation {
		return nil
	}
	var out []string
	speaker := s.people.known(u.speaker)
	lead := u.tokens[:s.leadEnd(u.tokens, end)]
	behalf := onBehalf(u.tokens[len(lead):])
	named := s.parties.all(slices.Concat(lead, behalf))
	own := firstPerson(u) || slices.ContainsFunc(lead, func(t norsk.Token) bool { return slices.Contains([]string{"vi", "me", "vår", "vårt"}, t.Lower) })
	if speaker != "" && (own || slices.Contains(named, s.parties.of(s.people.party[speaker])) || len(named) == 0 && len(s.people.all(lead)) == 0) {
		out = append(out, speaker)
	}
	return appendNew(out, append(s.authors(lead, !own), s.authors(behalf, false)...)...)
}

// authors are the persons and parties that words name as those something is from. first: a name at the very
// beginning is one as well, "Kari Hansen foreslår".
func (s *sitting) authors(t []norsk.Token, first bool) []string {
	var out []string
	for j := 0; j < len(t); {
		if n, ok := s.people.at(t, j); ok {
			if !n.ambiguous && (j > 0 && authorship[t[j-1].Lower] || j == 0 && first) {
				out = append(out, n.name)
			}
			j = n.to
			continue
		}
		if p, ok := s.parties.at(t, j); ok {
			out = append(out, p.label)
			j = p.to
			continue
		}
		j++
	}
	return out
}

// authorship are the words before the name of an author.
var authorship = wordSet("fra frå av med og til")

// leadEnd is the end of the words that lead to what is put forward: those that announce it, up to end, and
// the authors that follow them, "et forslag | fra Kari Hansen og Høyre om at ...".
func (s *sitting) leadEnd(t []norsk.Token, end int) int {
	to := min(end, len(t))
	if to == 0 || t[to-1].Mark != 0 || to == len(t) || !leadsOn[t[to].Lower] {
		return to
	}
	for j := to; j < len(t); {
		switch n, isPerson := s.people.at(t, j); {
		case isPerson:
			j = n.to
			to = j
		default:
			if p, ok := s.parties.at(t, j); ok {
				j = p.to
				to = j
			} else if leadsOn[t[j].Lower] || t[j].Lower == "og" {
				j++
			} else {
				return to
			}
		}
		if t[j-1].Mark == ':' || t[j-1].Mark == '.' {
			break
		}
	}
	return to
}

// leadsOn are the words that go on from an announcement to its authors.
var leadsOn = wordSet("fra frå av på vegne vegner sammen saman med her")

// onBehalf are the words after "på vegne av" where a clause begins with it.
func onBehalf(t []norsk.Token) []norsk.Token {
	from, to, ok := norsk.FindAny(behalfOf, t)
	if !ok || from > 0 && t[from-1].Mark == 0 {
		return nil
	}
	end := to
	for end < len(t) && (t[end-1].Mark == 0 || t[end-1].Mark == ',') && !slices.Contains([]string{"at", "å", "som"}, t[end].Lower) {
		end++
	}
	return t[to-1 : end]
}

var behalfOf = norsk.Phrases("på vegne|vegner av", "på vegner|vegne til")

// withoutMovers counts the words that name neither a person nor a party nor lead to one.
func (s *sitting) withoutMovers(t []norsk.Token) int {
	n := 0
	for j := 0; j < len(t); {
		if m, ok := s.people.at(t, j); ok {
			j = m.to
			continue
		}
		if p, ok := s.parties.at(t, j); ok {
			j = p.to
			continue
		}
		if !slices.Contains([]string{"fra", "frå", "på", "vegne", "vegner", "av", "og", "her", "i", "saken", "saka", "også", "òg", "sammen", "saman", "med", "da", "då", "et", "eit", "denne", "da", "til"}, t[j].Lower) {
			n++
		}
		j++
	}
	return n
}
