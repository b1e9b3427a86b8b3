package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// A chair asks for hands in more ways than can be listed: "Hvem er med på det?", "Hender for Kirkebakken, takk.",
// "Esso?", "For?". What they have in common is what follows: a number, some names, or nobody.

var (
	// handCalls are words that call for hands or ask who.
	handCalls = norsk.Phrases("hvem|kven|hvor|kor ..1 mange", "hvem|kven er|vil|går|ønsker|ønskjer|støtter|stør|støttar|stemmer|røystar|røyster|har|som|ser", "alle|de|dei|dem|den som|hvem|kven", "noen|nokon|nokre|nån ..6 for|mot|imot|støtter|støttar|stemmer|røystar|uenig|uenige|ueinig|ueinige|usamd|ikke|ikkje", "kort|handa|hånda opp", "kort for|mot|imot", "hender|hendene|hånd|hånda|hånden|hand|handa ..4 opp|for|mot|imot|veret|været|lufta",
		"opp med hånda|handa|hånden|hender|hendene|de|dei|dem", "rekk|rekker|rekke|rekkjer ..2 opp|hånda|handa|hånden", "stemmetegn|stemmeteikn|håndsopprekning|handsopprekking", "vis|viser ..2 hånd~|hand~|stemmetegn", "reis|reiser ..1 dere|dykk|seg", "hvem|kven ..4 for|mot|imot|støtter|støttar")
	// besideSide are the words that may stand beside "for" or "imot" in a sentence that asks for that side alone.
	besideSide = wordSet("og så da då nå no takk hvem kven er det noen nokon stemmer stemme røystar røyster røyst de dei dem som kontra nei ja hender hånd hånda handa til slutt eventuelt altså men deretter hvor kor mange å blir vert så har vi me nokre vil")
)

// poll reads sentence i as a call for hands: it sets which side, and which proposal, is being asked for.
func (b *box) poll(i int) bool {
	u := &b.s.us[i]
	if len(u.tokens) == 0 || len(u.tokens) > 24 || slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return slices.Contains(pastVoting, t.Lower) }) || b.called(i) >= 0 || norsk.Has(notNow, u.tokens) || norsk.Has(howMany, u.tokens) {
		return false
	}
	if r, some := readBallot(u, false); some && (r.counted() || r.fell || r.unanimous) || r.adopted {
		return false
	}
	side, alone := sideAlone(u)
	if !alone && !u.question() && (b.s.listOnly(u.tokens) || bareCount(b.s.withoutNames(u.tokens)) != nil) {
		return false
	}
	calls := norsk.Has(handCalls, u.tokens)
	if !alone && !calls && !u.question() && len(u.tokens) > 6 {
		return false
	}
	among := live(b.props, i)
	if b.current != nil && b.current.Outcome == "" && b.current.about >= 0 && !slices.Contains(among, b.current.about) {
		among = append(among, b.current.about)
	}
	if len(b.subjects) == 2 {
		among = b.subjects
	}
	target := -1
	if !alone {
		target = b.s.points(u.tokens, b.props, among, i)
	}
	if norsk.Has(impartiality, u.tokens) {
		target = -1
	}
	if !alone && target < 0 && !calls || !b.answered(i, among) {
		return false
	}
	if target < 0 && b.open < 0 && b.current == nil && len(among) == 0 && !alone && !(norsk.Has(ofOpinion, u.tokens) && ownMatter(u)) {
		return false // "Hvor mange er vi?"
	}
	if calls && !alone {
		side = sideAsked(u, false)
	}
	if b.current != nil && b.current.Outcome != "" {
		b.close()
		b.subjects, b.choice, b.none = nil, -1, false
	}
	if pair := b.pairBefore(i); target >= 0 && b.current == nil && slices.Contains(pair, target) {
		b.subjects, b.choice = pair, -1
	}
	pending := b.asked == forSide && b.choice < 0 && i-b.open <= 4 // hands were asked for another, and not counted yet
	b.open, b.asked = i, side
	switch {
	case target < 0:
		if norsk.Has(impartiality, u.tokens) {
			b.close()
			b.subjects, b.choice, b.open, b.asked = nil, -1, i, side
		} else if b.current == nil && len(b.subjects) < 2 || len(b.subjects) == 0 && b.current.about < 0 && !b.current.person {
			if said := b.topic(i); len(said) > 0 {
				b.subjects, b.choice = said, -1
			}
		}
	case len(b.subjects) == 2 && slices.Contains(b.subjects, target):
		b.asked = forSide
		b.choose(target)
	case b.current != nil && b.current.Outcome == "" && b.current.about >= 0 && b.current.about != target && side == forSide && b.current.Against == nil:
		// "Fem dager? Fire. Og fire dager? To.": the two are set against each other
		b.subjects, b.choice = []int{b.current.about, target}, 1
		b.current.other = target
	case len(b.subjects) == 1 && b.subjects[0] != target && b.current == nil && side == forSide && pending:
		b.subjects, b.choice = []int{b.subjects[0], target}, 1
	case !slices.Equal(b.subjects, []int{target}):
		if b.current != nil && b.current.about != target {
			b.close()
		}
		b.subjects, b.choice, b.none = []int{target}, -1, false
		b.asked = side
	}
	return true
}

// notNow are words of a vote that is not held here.
var notNow = norsk.Phrases("hvis", "viss", "dersom", "i fjor", "forrige|førre", "sist gang|gong|møte")

// inline reads "Og innstillingen, det er Wenche, Morten og jeg.": the proposal asked for and who raised their hands, in
// one sentence. It returns the rest, or the sentence itself.
func (b *box) inline(i int) *utterance {
	u := &b.s.us[i]
	if len(b.subjects) != 2 || u.question() || len(u.tokens) < 3 || !b.s.counting(i) {
		return u
	}
	for c := 1; c < min(len(u.tokens)-1, 9); c++ {
		if u.tokens[c-1].Mark == 0 && !slices.Contains([]string{"er", "det", "var"}, u.tokens[c].Lower) {
			continue
		}
		rest := u.tokens[c:]
		k := b.s.points(u.tokens[:c], b.props, b.subjects, i)
		if k >= 0 {
			k = slices.Index(b.subjects, k)
		} else if begins(norsk.Phrases("og? for"), u.tokens) {
			k = b.s.choiceIn(u.tokens[:c], b.props, b.subjects, i)
		}
		if k < 0 || !b.s.listOnly(rest) || len(b.s.people.all(rest)) == 0 {
			continue
		}
		b.choice, b.asked, b.open = k, forSide, i
		cut := *u
		cut.tokens, cut.text = rest, u.text[rest[0].Start:]
		return &cut
	}
	return u
}

// ofOpinion are words of a question on what those asked are for, or think.
var ofOpinion = norsk.Phrases("for|imot|mot|enig|enige|einig|einige|samd|samde|uenig|uenige|støtter|stør|støttar|mener|meiner|vil|går|ønsker|ønskjer")

// sideAlone reads "For?", "Og så imot.", "Nei-stemmer?": a side and nothing else.
func sideAlone(u *utterance) (side int, ok bool) {
	if len(u.tokens) > 8 {
		return 0, false
	}
	side = -1
	for _, t := range u.tokens {
		k, is := sideOf(t.Lower)
		switch {
		case strings.HasPrefix(t.Lower, "nei-") || strings.HasPrefix(t.Lower, "motst") || strings.HasPrefix(t.Lower, "motrø"):
			k, is = againstSide, true
		case strings.HasPrefix(t.Lower, "ja-"):
			k, is = forSide, true
		case t.Lower == "kontra":
			k, is = againstSide, true
		case t.Lower == "avstår" || t.Lower == "avholdende":
			k, is = blankSide, true
		case (t.Lower == "ja" || t.Lower == "nei") && len(u.tokens) == 1 && !u.question():
			return 0, false
		}
		switch {
		case is && (side < 0 || side == k || t.Lower != "ja" && t.Lower != "nei"):
			side = k
		case !is && !besideSide[t.Lower]:
			return 0, false
		}
	}
	return side, side >= 0
}

// acknowledges are sentences between a call for hands and the count, which say nothing.
var acknowledges = wordSet("ja takk fint ok okei okey da då ta dem de dei ned så nå no bra der og den greit skal vi me se sjå et eit øyeblikk augeblikk vent litt mange tusen hm eh tel teller")

// answered reports whether what follows sentence i is what follows a call for hands: a number, names of members,
// or nobody.
func (b *box) answered(i int, among []int) bool {
	for j := i + 1; j < min(b.th.to, i+6); j++ {
		u := &b.s.us[j]
		if norsk.Has(notNow, u.tokens) {
			return false
		}
		speaker := b.s.people.known(u.speaker)
		counts := b.s.leads(j) || b.s.standingOf(speaker) == guest
		if !counts {
			return b.ownHand(j)
		}
		if u.question() { // the next call: "Esso? Ja. Grustaket?"
			if _, alone := sideAlone(u); alone || len(u.tokens) <= 4 || b.s.points(u.tokens, b.props, among, j) >= 0 {
				continue
			}
			return false
		}
		rest := b.s.withoutNames(u.tokens)
		switch r, some := readBallot(u, true); {
		case bareCount(rest) != nil, b.s.listOnly(u.tokens), some && r.counted(), len(b.perProposal(j, among)) > 0, nobodyIn(u):
			return true
		case slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return !acknowledges[t.Lower] }):
			if c := counted(votesCast, rest); c != nil {
				return true
			}
			return false
		}
	}
	return false
}

// nobodyIn tells "Ingen.", "Nei, ingen.", "Det er det ikke.", "Ikke en sjel.".
func nobodyIn(u *utterance) bool {
	return !u.question() && len(u.tokens) <= 7 && slices.ContainsFunc(u.tokens, func(t norsk.Token) bool {
		return slices.Contains(nobodyWords, t.Lower) || slices.Contains(negations, t.Lower)
	})
}

// ownHand reports whether a member says of himself that he is one of those asked for: "Bare meg.", "Det var meg."
func (b *box) ownHand(j int) bool {
	u := &b.s.us[j]
	name := b.s.people.known(u.speaker)
	if len(u.tokens) > 8 || u.question() || !b.s.known(name) || b.s.standingOf(name) == guest {
		return false
	}
	for k, t := range u.tokens {
		if t.Lower == "meg" || (t.Lower == "jeg" || t.Lower == "eg" || t.Lower == "æ") && k+1 < len(u.tokens) && ownVote(u.tokens[k+1:]) {
			return true
		}
	}
	return false
}

// points is the one of some proposals that a text means, by its own words or by whose it is ("Siri sitt", "Eik").
func (s *sitting) points(t []norsk.Token, props []proposal, among []int, i int) int {
	u := &utterance{tokens: t}
	if refs, sure := s.refer(u, props, i); len(refs) == 1 && sure && slices.Contains(among, refs[0]) {
		return refs[0]
	}
	if k := means(t, props, among); k >= 0 {
		return k
	}
	owner := -1
	for j := range t {
		var who string
		if strings.HasSuffix(t[j].Lower, "s") && t[j].Capitalised() {
			if list := s.people.short[strings.TrimSuffix(t[j].Lower, "s")]; len(list) == 1 {
				who = list[0]
			}
		}
		if n, ok := s.people.at(t, j); ok && !n.ambiguous && (n.to < len(t) && slices.Contains([]string{"sitt", "sin", "sine", "si"}, t[n.to].Lower) ||
			j > 0 && t[j-1].Mark == 0 && sidesWith[t[j-1].Lower]) {
			who = n.name
		}
		if p, ok := s.parties.at(t, j); ok {
			who = p.label
		}
		if who == "" {
			continue
		}
		k := s.ownedBy(who, props, among)
		if k < 0 || owner >= 0 && owner != k {
			return -1
		}
		owner = k
	}
	return owner
}

// sidesWith are the words before the name of one whose proposal is meant: "de som støtter Mons", "og for Gunnar?"
var sidesWith = wordSet("støtter støttar stør for med fra frå til mot")

// ownedBy is the only one of some proposals that a person or a party put forward, or -1.
func (s *sitting) ownedBy(who string, props []proposal, among []int) int {
	at := -1
	for _, k := range among {
		of := slices.ContainsFunc(props[k].movers, func(m string) bool {
			return m == who || s.parties.of(s.people.party[m]) == who || s.people.party[who] != "" && m == s.parties.of(s.people.party[who])
		})
		if !of {
			continue
		}
		if at >= 0 {
			return -1
		}
		at = k
	}
	return at
}

// topic is what a call for hands at sentence i is about: the proposal, or the two, that the chair named last.
func (b *box) topic(i int) []int {
	from := b.th.from
	if len(b.list) > 0 {
		from = max(from, last(b.list)+1)
	}
	for j := i; j >= max(from, i-4); j-- {
		u := &b.s.us[j]
		if !b.s.leads(j) {
			continue
		}
		among := live(b.props, j)
		if x, y, ok := b.s.opposes(u.tokens, b.props, among, j); ok {
			return []int{x, y}
		}
		if k := b.s.points(u.tokens, b.props, among, j); k >= 0 {
			return []int{k}
		}
	}
	if only := live(b.props, i); len(only) == 1 {
		return only
	}
	return nil
}

// pairBefore are the two proposals that the chair set against each other within three sentences before i.
func (b *box) pairBefore(i int) []int {
	from := b.th.from
	if len(b.list) > 0 {
		from = max(from, last(b.list)+1)
	}
	for j := i - 1; j >= max(from, i-3); j-- {
		if !b.s.leads(j) {
			continue
		}
		if x, y, ok := b.s.opposes(b.s.us[j].tokens, b.props, live(b.props, j), j); ok {
			return []int{x, y}
		}
	}
	return nil
}

// perProposal reads a sentence that gives each of two proposals its number: "fem for innstillingen og fire for
// Eik sitt", "jeg talte fire på Esso og tre på Grustaket". It returns the proposals' numbers.
func (b *box) perProposal(i int, among []int) map[int]int {
	t := b.s.us[i].tokens
	type event struct{ proposal, n int }
	var events []event
	pointer := func(k int) {
		if n := len(events); n == 0 || events[n-1].proposal != k {
			events = append(events, event{k, -1})
		}
	}
	for j := 0; j < len(t); j++ {
		if recommendationAt(t, j) {
			if k := slices.IndexFunc(among, func(k int) bool { return b.props[k].recommendation }); k >= 0 {
				pointer(among[k])
			}
			continue
		}
		if _, ok := startsWith(proposalWord, t[j:]); ok {
			if k, sure := b.s.best(t, j, b.props, i); sure && slices.Contains(among, k) {
				pointer(k)
			}
			continue
		}
		if k := meansAt(t, j, b.props, among); k >= 0 {
			pointer(k)
			continue
		}
		if n := count(t[j]); n != nil && !unitAfter(t, j) {
			events = append(events, event{-1, *n})
		}
	}
	if len(events) != 4 {
		return nil
	}
	out := map[int]int{}
	for j := 0; j < 4; j += 2 {
		a, c := events[j], events[j+1]
		if a.proposal < 0 {
			a, c = c, a
		}
		if a.proposal < 0 || c.proposal >= 0 {
			return nil
		}
		out[a.proposal] = c.n
	}
	if len(out) != 2 {
		return nil
	}
	return out
}

// meansAt is the one of some proposals that the word at j belongs to.
func meansAt(t []norsk.Token, j int, props []proposal, among []int) int {
	at := -1
	for _, k := range among {
		if tellsApart(t, j, norsk.Tokens(props[k].text)) {
			if at >= 0 {
				return -1
			}
			at = k
		}
	}
	return at
}
