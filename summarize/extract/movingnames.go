package extract

import (
	"slices"

	"github.com/referent/referent/summarize/norsk"
)

// Whose coming or going a sentence tells.

// who is whom a phrase at [from, to) of utterance i speaks of: the names in it, before it, after it, the
// speaker himself, or the one spoken of just before.
func (s *sitting) who(i, from, to int) []string {
	u := &s.us[i]
	var inside []string
	for j := from; j < to; {
		if n, _, ok := s.people.nearAt(u.tokens, j); ok {
			if !n.ambiguous {
				inside = append(inside, n.name)
			}
			j = n.to
			continue
		}
		j++
	}
	if len(inside) > 0 {
		return inside
	}
	if names := s.namesBefore(u, from); len(names) > 0 {
		return names
	}
	if firstPerson(u) {
		if name := s.people.known(u.speaker); s.known(name) {
			return []string{name}
		}
		return nil
	}
	if names := s.namesAfter(u, to, false); len(names) > 0 {
		return names
	}
	if !slices.ContainsFunc(u.tokens, func(t norsk.Token) bool {
		return slices.Contains([]string{"hun", "han", "ho", "vedkommende"}, t.Lower)
	}) {
		return nil
	}
	for j := i - 1; j >= max(0, i-2); j-- {
		names := s.people.all(s.us[j].tokens)
		if len(names) == 1 && !names[0].ambiguous {
			return []string{names[0].name}
		}
		if len(names) == 0 && firstPerson(&s.us[j]) && s.us[j].speaker != "" {
			return []string{s.people.known(s.us[j].speaker)}
		}
		if len(names) > 1 {
			return nil
		}
	}
	return nil
}

// namesBefore are the names of a list that stands within six tokens before a phrase, in order.
func (s *sitting) namesBefore(u *utterance, from int) []string {
	var out []string
	last := -1
	for j := max(0, from-14); j < from; {
		n, _, ok := s.people.nearAt(u.tokens, j)
		if !ok || n.to > from {
			j++
			continue
		}
		if last >= 0 && !s.joins(u.tokens[last:n.from]) {
			out = nil // another list, or another clause
		}
		if !n.ambiguous {
			out = append(out, n.name)
		}
		last, j = n.to, n.to
	}
	if last < 0 || from-last > 6 {
		return nil
	}
	return out
}

// joins reports whether what stands between two names makes one list of them: "og", a comma, a party.
func (s *sitting) joins(between []norsk.Token) bool {
	for k, t := range between {
		_, isParty := s.parties.at(between, k)
		if !isParty && !slices.Contains([]string{"og", "samt", "fra", "frå", "i", "for", "ordfører", "ordførar", "varaordfører", "møter", "har", "meldt", "forfall"}, t.Lower) {
			return false
		}
	}
	return true
}

// namesAfter are the names of a list that begins within three tokens after a phrase.
func (s *sitting) namesAfter(u *utterance, to int, unknown bool) []string {
	for j := to; j < min(len(u.tokens), to+4); j++ {
		if _, _, ok := s.people.nearAt(u.tokens, j); ok || unknown && j > 0 && u.tokens[j].Capitalised() {
			list := nameList(u.tokens, s.people, j, len(u.tokens))
			if len(list) > 0 {
				return list
			}
		}
	}
	return nil
}
