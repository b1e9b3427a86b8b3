package evidence

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// subjects are those of whom a sentence of the source says in so many words that they do the task: who
// stands beside its verb.
func (c *Checker) subjects(st *statement, src source) []string {
	if len(st.words) == 0 {
		return nil
	}
	var out []string
	for _, s := range src.sentences {
		if s.question || hedged(s) {
			continue
		}
		for i, w := range s.words {
			if w.Lower != st.words[0].Lower && !norsk.SameRoot(w.root, st.words[0].root) || shared(st, s, span{0, len(s.words)}) < min(2, len(st.words)-1) {
				continue
			}
			for _, j := range []int{i - 1, i + 1} {
				if j < 0 || j >= len(s.words) || s.words[min(i, j)].Mark != 0 {
					continue
				}
				n := s.words[j]
				switch {
				case slices.Contains([]string{"jeg", "eg", "æ", "je"}, n.Lower):
					out = append(out, s.speaker)
				case j == i-1 && j > 0 && slices.Contains(prepositions, s.words[j-1].Lower):
					continue // "til sekretariatet senest": not who does it
				case j == i-1 && n.Capitalised() && !n.function && (j > 0 || c.known[n.Lower]), j == i+1 && n.Capitalised() && c.known[n.Lower], j == i-1 && office(n.Lower):
					out = append(out, c.nameAt(s, j))
				default:
					continue
				}
				break
			}
		}
	}
	return slices.DeleteFunc(out, func(w string) bool { return w == "" })
}

// nameAt is the name that ends at word j, with the capitalised words before it and one joined by "og".
func (c *Checker) nameAt(s sentence, j int) string {
	from := j
	for from > 0 && s.words[from-1].Mark == 0 && (s.words[from-1].Capitalised() || s.words[from-1].Lower == "og" && from > 1 && s.words[from-2].Capitalised()) {
		from--
	}
	to := j + 1
	for to < len(s.words) && s.words[to-1].Mark == 0 && s.words[to].Capitalised() {
		to++
	}
	name := s.text[s.words[from].Start:s.words[to-1].End]
	if slices.Contains([]string{"jeg", "eg", "æ"}, s.words[from].Lower) && s.speaker != "" { // "jeg og Per"
		name = s.speaker + s.text[s.words[from].End:s.words[to-1].End]
	}
	return name
}

// office tells words for a part of an organisation or a post, in the definite.
func office(lower string) bool {
	for _, e := range []string{"avdelingen", "avdelinga", "etaten", "tjenesten", "tenesta", "direktøren", "sjefen", "lederen", "leiaren", "ordføreren", "ordføraren", "administrasjonen", "sekretariatet", "rektor", "rådmannen", "utvalget", "utvalet", "komiteen", "gruppa", "gruppen", "kontoret"} {
		if strings.HasSuffix(lower, e) {
			return true
		}
	}
	return false
}

// sameOwner compares the words of a subject with an owner.
func (c *Checker) sameOwner(said, owner, person string) bool {
	for _, part := range owners(said) {
		if person != "" && (part == person || mentioned(person, readWords(part))) {
			return true
		}
		a, b := readWords(part), readWords(owner)
		if person == "" && len(a) > 0 && slices.ContainsFunc(b, func(w word) bool {
			return slices.ContainsFunc(a, func(x word) bool { return x.Lower == w.Lower || norsk.SameRoot(x.root, w.root) })
		}) {
			return true
		}
	}
	// "Kommunedirektøren" may be the person who holds the post, and the reverse.
	for _, p := range c.m.Participants {
		role := readWords(p.Role)
		if p.Name == person && slices.ContainsFunc(readWords(said), func(x word) bool {
			return slices.ContainsFunc(role, func(r word) bool { return norsk.SameRoot(x.root, r.root) })
		}) {
			return true
		}
		if person == "" && p.Name == said && slices.ContainsFunc(readWords(owner), func(x word) bool {
			return slices.ContainsFunc(role, func(r word) bool { return norsk.SameRoot(x.root, r.root) })
		}) {
			return true
		}
	}
	return false
}
