package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

var (
	asks = norsk.Phrases("de|dei|den|alle som ..4 for|støtter|støttar|stør|vil|ønsker|ønskjer|er|stemmer|røystar|røyster|går|godtar|godtek|bifaller", "de|dei|den|alle som ..3 mot|imot|blankt", "hvem|kven ..4 for|imot|mot|støtter|støttar|stør", "noen|nokon ..5 imot|mot",
		"er det ..4 motforslag|motforestillinger|motførestillingar|innvendinger|innvendingar")
	forAsks   = norsk.Phrases("og? for ..5 stemmer|røystar|rekk|rekker|rekkjer")
	shortAsks = norsk.Phrases("og? imot|mot|kontra", "og? for", "og? blankt|blanke", "avstår noen|nokon")
	announces = norsk.Phrases("voterer|voterar|røystar|røyster|stemmer vi|me", "vi|me ..2 voterer|voterar|røystar|røyster", "vi|me ..1 stemmer ..2 over", "går|gå ..3 til|over til? votering|røysting|avstemning|avstemming|avrøysting", "til votering|røysting|avstemning|avstemming|avrøysting",
		"under|klart|klar ..1 votering|avstemning|avrøysting|avstemming|røysting", "setter|set|sett|stiller|setjer ..9 opp? mot", "opp mot", "alternativ votering|røysting|avstemning", "navneopprop", "namneopprop", "navneopprop|opprop", "voteringstema")
	between     = norsk.Phrases("opp mot", "sett|satt|settes mot", "mot hverandre|kvarandre", "alternativ votering|røysting|avstemning", "innstilling~|tilråding~|forslag~|framlegg~ ..3 mot forslag~|framlegg~|innstilling~|tilråding~", "mellom|mellan ..8 og")
	trialVote   = norsk.Phrases("prøvevotering~", "prøverøysting~", "prøveavstemning~", "prøveavstemming~")
	real        = norsk.Phrases("endelig|endeleg|ordinær votering|røysting|avstemning")
	nextUp      = norsk.Phrases("først|fyrst|så|og|deretter|etterpå", "til slutt|sist", "da|då er det|vi", "da|då|så tar|tek vi|me", "vi|me tar|tek", "og? gjenstår|står|attstår")
	nobodyWords = []string{"ingen", "nei", "inga"}
)

// leads reports whether the meeting's chair, or somebody whose place is not known, speaks.
func (s *sitting) leads(i int) bool {
	chair := s.chair(i)
	speaker := s.people.known(s.us[i].speaker)
	return chair == "" || speaker == "" || speaker == chair || !s.known(speaker)
}

// answers reports whether a sentence by somebody else than the chair can be an answer: the secretary counts,
// or a member says how he votes at a roll call.
func (b *box) answers(i int) bool {
	speaker := b.s.people.known(b.s.us[i].speaker)
	return b.open >= 0 && i-b.open <= openFor && (b.s.standingOf(speaker) == guest || b.asked >= 0 && b.ownHand(i))
}

// afterAsk is the sentence without the question that begins it: "De som støtter innstillingen, det er fire".
func (b *box) afterAsk(u *utterance) *utterance {
	end, ok := startsWith(asks, u.tokens)
	if !ok {
		if from, to, found := norsk.FindAny(asks, u.tokens); found && from <= 2 {
			end, ok = to, true
		}
	}
	if !ok {
		return u
	}
	for end < len(u.tokens) && u.tokens[end-1].Mark != ',' && !slices.Contains([]string{"det", "nå"}, u.tokens[end].Lower) {
		end++
	}
	if end >= len(u.tokens) {
		return &utterance{text: "?"}
	}
	cut := *u
	cut.tokens, cut.text = u.tokens[end:], u.text[u.tokens[end].Start:]
	return &cut
}

// announce reads what is to be voted on, and which side is asked for.
func (b *box) announce(i int) bool {
	u := &b.s.us[i]
	_, _, isAsk := norsk.FindAny(asks, u.tokens)
	if _, ok := startsWith(forAsks, u.tokens); ok {
		isAsk = true
	}
	end, short := startsWith(shortAsks, u.tokens)
	short = short && u.question() && end == len(u.tokens)
	isNew := norsk.Has(announces, u.tokens)
	open := b.open >= 0 && i-b.open <= openFor
	refs, sure := b.s.refer(u, b.props, i)
	if x, y, two := b.s.opposes(u.tokens, b.props, live(b.props, i), i); two && len(refs) < 2 && (isNew || len(u.tokens) <= 8) {
		refs, sure, isNew = []int{x, y}, true, true
	}
	opensNext, _ := startsWith(nextUp, u.tokens)
	_, passedNow := readVoteOnly(u)
	if open && !isNew && len(b.subjects) == 2 && len(refs) == 1 && slices.Contains(b.subjects, refs[0]) && !passedNow {
		b.choose(refs[0]) // "Og innstillingen, det er fem."
		b.open = i
		return true
	}
	if !isNew && !isAsk && len(refs) > 0 && len(u.tokens) <= 3 && !open && i+1 < b.th.to {
		r, _ := readBallot(&b.s.us[i+1], true)
		isNew = r.counted() || bareCount(b.s.us[i+1].tokens) != nil // "Innstillingen, ja. Åtte for."
	}
	if open && !isNew && !isAsk && len(b.subjects) == 0 && len(refs) > 0 && !passedNow {
		isNew = true // "Da voterer vi. Forslaget fra Høyre først."
	}
	if !isNew && !isAsk && !short && len(refs) > 0 && (opensNext > 0 || u.question()) && !passedNow && (open || len(b.list) > 0 || opensNext > 1 || norsk.Has(votingWord, u.tokens)) {
		isNew = true
	}
	if !isNew && !isAsk && !short {
		if open && len(b.subjects) == 2 && len(refs) == 1 && !passedNow {
			b.choose(refs[0])
		}
		return false
	}
	if norsk.Has(norsk.Phrases("hvis", "viss", "dersom", "i fjor", "forrige|førre", "sist"), u.tokens) {
		return false
	}
	if short && b.open < 0 && !isNew && !isAsk {
		return false
	}
	side := sideAsked(u, short)
	if isAsk && b.open < 0 && !isNew && side == againstSide && norsk.Has(norsk.Phrases("noen|nokon ..5 mot|imot"), u.tokens) && len(b.props) == 0 {
		// "Noen imot det?" asks about what was just said
		b.subjects = nil
	}
	if len(refs) > 0 && (isNew || len(b.subjects) != 2 || !slices.Contains(b.subjects, refs[0])) {
		if !sure && len(refs) == 1 && slices.Contains(b.subjects, refs[0]) {
			refs = b.subjects
		}
		if b.current != nil && !slices.Contains(refs, b.current.about) || isNew && b.current != nil && b.current.Outcome != "" {
			b.close()
		}
		if isNew && b.current != nil && len(b.current.said) > 0 {
			b.close()
		}
		if !slices.Equal(refs, b.subjects) || isNew {
			b.none, b.choice = false, -1
		}
		b.subjects = refs[:min(2, len(refs))]
		if len(refs) == 2 && !norsk.Has(between, u.tokens) {
			b.subjects = refs[:1]
		}
	} else if isNew && !isAsk {
		if b.open >= 0 && i-b.open <= 3 && len(b.subjects) > 0 && (b.current == nil || b.current.Outcome == "") {
			return true // "Ja, alternativ votering.": said once more
		}
		b.close()
		b.none, b.choice = false, -1
		if b.open < 0 || i-b.open > 2 || len(b.list) > 0 && last(b.list) >= b.open {
			b.subjects = nil
		}
	} else if isAsk && b.current != nil && b.current.Outcome != "" {
		b.close() // the next vote, with no word of what it is about but its matter: "Noen imot nye stolper?"
		b.subjects, b.choice, b.none = b.s.byMatter(u, b.props, i), -1, false
	} else if (isAsk || isNew) && len(b.subjects) == 0 {
		b.subjects = b.s.byMatter(u, b.props, i)
	}
	if len(b.subjects) == 2 && (isAsk || len(refs) == 1) {
		switch {
		case len(refs) == 1 && slices.Contains(b.subjects, refs[0]):
			b.choose(refs[0])
		case side == forSide:
			b.choice = min(1, b.choice+1)
		}
	}
	b.open = i
	b.asked = side
	return true
}

// readVoteOnly reads a sentence's result as it stands by itself.
func readVoteOnly(u *utterance) (result, bool) {
	r, some := readBallot(u, false)
	return r, some || r.adopted
}

func (b *box) choose(ref int) {
	if at := slices.Index(b.subjects, ref); at >= 0 {
		b.choice = at
		if b.asked < 0 {
			b.asked = forSide
		}
	}
}

func sideAsked(u *utterance, short bool) int {
	from := 0
	if norsk.Has(dissent, u.tokens) {
		return againstSide
	}
	if at, _, ok := norsk.FindAny(asks, u.tokens); ok {
		from = at
	}
	for k, t := range u.tokens[from:] {
		switch {
		case strings.HasPrefix(t.Lower, "motfor") || strings.HasPrefix(t.Lower, "motfør") || strings.HasPrefix(t.Lower, "innvending"):
			return againstSide
		case t.Lower == "blankt" || t.Lower == "blanke" || t.Lower == "avstår":
			return blankSide
		case (t.Lower == "imot" || t.Lower == "mot" || t.Lower == "kontra") && !(from+k > 0 && u.tokens[from+k-1].Lower == "opp"):
			return againstSide
		}
		if !short && t.Mark == ',' && k > 2 {
			break
		}
	}
	return forSide
}

// dissent asks for those against in other words: "noen som ikke er enig?", "er noen uenige?".
var dissent = norsk.Phrases("uenig|uenige|ueinig|ueinige|usamd|usamde", "som|er|vil ikke|ikkje ..2 er|vil|støtter|støttar|med|enig|einig|samd|kan", "motsetter|motset|protester~|motforestilling~|motførestilling~|innvending~")

var votesCast = norsk.Phrases("# stemme|stemmer|røyst|røyster|hender|stemmetegn|kort|stykk|stykker|stk|sedler|setlar", "resten ..3 #")

// answer reads what is said while a side is asked for: a bare number, a list of names, or nobody.
func (b *box) answer(said *utterance, r *result, some *bool, x *split) {
	u := b.afterAsk(said)
	if len(u.tokens) == 0 {
		return
	}
	if !r.counted() && !otherVote(u.tokens) {
		rest := slices.DeleteFunc(b.s.withoutNames(u.tokens), func(t norsk.Token) bool {
			return recommendationAt([]norsk.Token{t}, 0) || norsk.Has(proposalWord, []norsk.Token{t})
		})
		n := bareCount(rest)
		if n == nil {
			n = counted(votesCast, rest)
		}
		if n == nil && (onlySide(rest) >= 0 && len(rest) <= 12 || len(rest) <= 5 && !b.speaksOf(rest)) {
			n = onlyCount(rest) // "De andre stemmer imot, det er sju."
		}
		if n != nil {
			side := b.asked
			if said := onlySide(rest); said >= 0 && len(b.subjects) < 2 {
				side = said // "Imot, seks."
			}
			if side == forSide && b.choice < 0 && b.current != nil && b.current.For != nil && norsk.Has(restWords, u.tokens) {
				side = againstSide // "Sju kort. Resten er røde, 14."
			}
			*some, r.bare = true, true
			b.count(r, side, n)
		}
	} else if n := counted(votesCast, u.tokens); n != nil && b.asked == forSide && r.against != nil && r.forVotes == nil && len(b.subjects) < 2 && (b.current == nil || b.current.For == nil) && *n != *r.against {
		r.forVotes = n // "To stemmer, altså, og sju imot."
	} else if r.forVotes != nil && r.against == nil && !r.firstOf && !r.unanimous && b.asked == againstSide && !norsk.Has(forCount, u.tokens) {
		r.against, r.forVotes = r.forVotes, nil
	}
	if b.asked == againstSide && nobodyIn(u) {
		b.none = true
		if !r.counted() && len(b.subjects) == 1 && nobodyIn(u) {
			r.nobody, *some = true, true
		}
	}
	if len(b.subjects) == 2 && b.choice == 1 { // who is for the other is against the first
		x.of[forSide], x.of[againstSide] = x.of[againstSide], x.of[forSide]
	}
}

// onlySide is the side that a sentence names, where it names one other than those for; -1 when none.
func onlySide(t []norsk.Token) int {
	side := -1
	for _, w := range t {
		if k, ok := sideOf(w.Lower); ok && w.Lower != "nei" && w.Lower != "ja" {
			if side >= 0 && side != k {
				return -1
			}
			side = k
		}
	}
	if side == forSide {
		return -1
	}
	return side
}

// speaksOf reports whether words are of a proposal, so that a number among them may be no count.
func (b *box) speaksOf(t []norsk.Token) bool {
	for k := range b.props {
		for j := range t {
			if tellsApart(t, j, norsk.Tokens(b.props[k].text)) {
				return true
			}
		}
	}
	return false
}

// onlyCount is the one number that a sentence counts, or nil.
func onlyCount(t []norsk.Token) *int {
	var n *int
	if slices.ContainsFunc(t, func(w norsk.Token) bool { return slices.Contains(negations, w.Lower) }) {
		return nil // "Ikke en eneste."
	}
	for i := range t {
		c := count(t[i])
		if c == nil || unitAfter(t, i) {
			continue
		}
		if n != nil || i > 0 && t[i-1].Mark == 0 && (t[i-1].Lower == "mot" || t[i-1].Lower == "imot") {
			return nil
		}
		n = c
	}
	return n
}

// count puts an answer where it belongs: in a vote between two, those for the second are against the first.
func (b *box) count(r *result, side int, n *int) {
	if len(b.subjects) == 2 {
		side = forSide
		if b.choice == 1 {
			side = againstSide
		}
	}
	switch side {
	case forSide:
		r.forVotes = n
	case againstSide:
		r.against = n
	default:
		r.blank = n
	}
}

// withoutNames are the tokens that name neither a person nor a party.
func (s *sitting) withoutNames(t []norsk.Token) []norsk.Token {
	var out []norsk.Token
	for j := 0; j < len(t); {
		if n, _, ok := s.people.nearAt(t, j); ok {
			j = n.to
			continue
		}
		if p, ok := s.parties.at(t, j); ok {
			j = p.to
			continue
		}
		if !selfNamed(t, j) && !slices.Contains([]string{"selv", "sjølv", "fra", "frå"}, t[j].Lower) {
			out = append(out, t[j])
		}
		j++
	}
	return out
}
