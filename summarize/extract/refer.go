package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// refer finds which proposals a sentence speaks of, in its order. sure is false when a word for a proposal
// stands there and may mean several.
func (s *sitting) refer(u *utterance, props []proposal, i int) (list []int, sure bool) {
	sure = true
	t := u.tokens
	for j := 0; j < len(t); j++ {
		if recommendationAt(t, j) {
			k, ok := recommended(t, props, i)
			if k >= 0 {
				list = appendIndex(list, k)
				sure = sure && ok
			}
			continue
		}
		if _, ok := startsWith(proposalWord, t[j:]); !ok && !postpones(t[j].Lower) {
			continue
		}
		if k, ok := s.best(t, j, props, i); k >= 0 {
			list = appendIndex(list, k)
			sure = sure && ok
		}
	}
	return list, sure
}

// recommended is the recommendation that a sentence speaks of: the one there is, or of several points the one whose
// words or number stand beside it.
func recommended(t []norsk.Token, props []proposal, i int) (at int, sure bool) {
	var open, all []int
	for k, q := range props {
		if q.recommendation && q.at <= i {
			all = append(all, k)
			if !q.settled {
				open = append(open, k)
			}
		}
	}
	if len(open) == 0 {
		open = all
	}
	switch len(open) {
	case 0:
		return -1, true
	case 1:
		return open[0], true
	}
	if k := means(t, props, open); k >= 0 {
		return k, true
	}
	if n := pointOf(t); n > 0 {
		for _, k := range open {
			if props[k].number == n {
				return k, true
			}
		}
	}
	return open[len(open)-1], false
}

func appendIndex(list []int, k int) []int {
	if !slices.Contains(list, k) {
		list = append(list, k)
	}
	return list
}

// recommendationAt tells the words for the administration's own proposal: "innstillingen", "som innstilt",
// "kommunedirektørens forslag". A recogniser writes the first of them in several ways.
func recommendationAt(t []norsk.Token, j int) bool {
	w := t[j].Lower
	if strings.HasPrefix(w, "innstil") || strings.HasPrefix(w, "tilråding") || strings.HasPrefix(w, "insstil") || strings.HasPrefix(w, "instilling") {
		return true
	}
	office := slices.ContainsFunc([]string{"kommunedirektøren", "rådmannen", "administrasjonen"}, func(p string) bool { return strings.HasPrefix(w, p) })
	if !office || j+1 >= len(t) {
		return false
	}
	end, ok := startsWith(norsk.Phrases("sitt|sin? forslag~|framlegg~"), t[j+1:])
	return ok && end > 0
}

func postpones(w string) bool {
	return slices.Contains([]string{"utsettelse", "utsettelsen", "utsettelses", "utsetting", "utsetjing", "utsettinga"}, w)
}

// best is the proposal that the word at j means, by whose it is, what it calls itself and what it is about.
func (s *sitting) best(t []norsk.Token, j int, props []proposal, i int) (at int, sure bool) {
	from, to := j, j+1
	for from > 0 && j-from < 5 && t[from-1].Mark == 0 && !recommendationAt(t, from-1) {
		if _, ok := startsWith(proposalWord, t[from-1:]); ok {
			break
		}
		from--
	}
	for to < len(t) && to-j < 12 && t[to-1].Mark == 0 && !recommendationAt(t, to) {
		if _, ok := startsWith(proposalWord, t[to:]); ok {
			break
		}
		if slices.Contains([]string{"er", "ble", "blei", "blir", "vart", "vert", "falt", "fall", "faller", "fell", "fikk", "fekk", "får", "har", "stemte", "røysta", "opp", "mot"}, t[to].Lower) {
			break
		}
		to++
	}
	around := t[from:to]
	kind := kindIn(around)
	principal := norsk.Has(norsk.Phrases("prinsipal~", "prinsipiel~"), around)
	var names, labels []string
	for _, n := range s.people.all(around) {
		if !n.ambiguous {
			names = append(names, n.name)
		}
	}
	for k := range around {
		if n, near, ok := s.people.nearAt(around, k); ok && near {
			names = append(names, n.name)
		}
		if strings.HasSuffix(around[k].Lower, "s") && around[k].Capitalised() { // "Hilde Bjørneviks forslag"
			if who := s.people.short[strings.TrimSuffix(around[k].Lower, "s")]; len(who) == 1 {
				names = append(names, who[0])
			}
		}
	}
	labels = s.parties.all(around)
	best, second := 0, 0
	at = -1
	for k, q := range props {
		if q.at > i || q.recommendation || q.withdrawn {
			continue
		}
		score := s.fits(q, names, labels, kind, principal, t[j+1:to])
		if score <= 0 {
			continue
		}
		score = 2*score - boolInt(q.settled)
		if score >= best {
			best, second, at = score, best, k
		} else {
			second = max(second, score)
		}
	}
	if at >= 0 {
		return at, best > second
	}
	if len(names)+len(labels) > 0 || kind != plain && kind != postponement {
		return -1, false // whose it is was said, and no such proposal was heard
	}
	open := -1
	n := 0
	for k, q := range props {
		if q.at <= i && !q.recommendation && !q.settled {
			open, n = k, n+1
		}
	}
	return open, n <= 1
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// fits scores how well a proposal is what is described; below 1 it is not.
func (s *sitting) fits(q proposal, names, labels []string, kind kindOf, principal bool, after []norsk.Token) int {
	score := 0
	for _, n := range names {
		switch {
		case slices.Contains(q.movers, n):
			score += 6
		case s.people.party[n] != "" && slices.Contains(q.movers, s.parties.of(s.people.party[n])):
			score += 3
		default:
			score -= 8
		}
	}
	for _, l := range labels {
		of := slices.ContainsFunc(q.movers, func(m string) bool { return m == l || s.parties.of(s.people.party[m]) == l })
		if of {
			score += 5
		} else {
			score -= 8
		}
	}
	if kind != plain {
		switch {
		case q.kind == kind:
			score += 6
		case q.kind == plain && kind == addition:
			score -= 2 // many who add to another proposal do not say that they do
		default:
			score -= 6
		}
	}
	if principal {
		if q.kind == subsidiary {
			score -= 6
		} else {
			score += 2
		}
	}
	words := norsk.Tokens(q.text)
	for _, a := range after {
		if len([]rune(a.Lower)) < 5 {
			if n := count(a); n == nil {
				continue
			}
		}
		if slices.ContainsFunc(words, func(w norsk.Token) bool { return sameStem(w.Lower, a.Lower) }) {
			score += 2
		}
	}
	return score
}

// byMatter finds the one proposal, not yet voted on, whose own words a sentence speaks.
func (s *sitting) byMatter(u *utterance, props []proposal, i int) []int {
	best, at, tie := 0, -1, false
	for k, q := range props {
		if q.at > i || q.settled {
			continue
		}
		n := 0
		words := norsk.Tokens(q.text)
		for _, t := range u.tokens {
			if len([]rune(t.Lower)) >= 4 && slices.ContainsFunc(words, func(w norsk.Token) bool { return sameStem(w.Lower, t.Lower) }) {
				n++
			}
		}
		switch {
		case n > best:
			best, at, tie = n, k, false
		case n == best:
			tie = true
		}
	}
	if at < 0 || tie {
		return nil
	}
	return []int{at}
}

// elsewhere reports whether a sentence tells what another body did: "i formannskapet ble innstillingen
// vedtatt med sju mot fire".
func (s *sitting) elsewhere(u *utterance) bool {
	own := norsk.Fold(s.m.Body + " " + s.m.Title)
	for j := 1; j < len(u.tokens); j++ {
		if !slices.Contains([]string{"i", "på"}, u.tokens[j-1].Lower) {
			continue
		}
		for _, body := range []string{"formannskap", "kommunestyre", "hovedutval", "hovudutval", "utvalg", "utval", "komite", "komité", "fylkesting", "storting", "bystyre", "årsmøte", "landsmøte", "gruppemøte", "ungdomsråd", "eldreråd"} {
			if strings.HasPrefix(u.tokens[j].Lower, body) && !strings.Contains(own, body) {
				return true
			}
		}
	}
	return false
}
