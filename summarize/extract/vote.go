package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// vote is a vote with what the rules need to know beside it.
type vote struct {
	referent.Vote
	adopted    bool
	utterances []int // where it was announced, counted and concluded
	about      int   // the proposal, or -1
	other      int   // the one it was set up against, or -1
	split      split
	said       [][3]*int // each time numbers were said: for, against, blank
	corrected  bool
	guessed    bool  // which proposal it is about was not said
	badly      bool  // heard badly where it counts
	nobody     bool  // those against were asked for, and nobody was
	person     bool  // on somebody's impartiality
	open       []int // the proposals that could be voted on when it was announced
	after      int   // the first sentence after the vote before it
	until      int   // the sentence before which what was said can be of it
	doubtful   bool  // it is not plain what it was on
	together   bool  // one of several that were voted on at once
}

// box follows the votes of a theme, sentence by sentence: a vote is announced, sides are asked for, answers
// are counted, and the chair concludes. Each of these may be missing.
type box struct {
	s     *sitting
	th    theme
	props []proposal
	list  []vote

	open     int   // utterance that last announced or asked, or -1
	subjects []int // what was announced: one proposal, or two set up against each other
	trial    bool  // a test vote, which binds nobody
	asked    int   // side asked for, or -1
	choice   int   // in a vote between two, which of the subjects is asked for
	none     bool  // nobody answered when those against were asked for
	skip     int   // sentences before this one are read already
	current  *vote // being counted
}

// openFor is how many sentences an announced vote waits for its result.
const openFor = 14

// votes reads the votes of a theme.
func (s *sitting) votes(th theme, props []proposal) []vote {
	b := &box{s: s, th: th, props: props, open: -1, asked: -1, choice: -1}
	for i := th.from; i < th.to; i++ {
		b.read(i)
	}
	b.close()
	b.list = b.several()
	b.bound()
	for k := range b.list {
		s.conclude(&b.list[k])
		b.list[k] = s.finish(b.list[k], props)
		b.list[k].doubtful = s.subjectDoubtful(&b.list[k], props)
	}
	for k := range b.list { // nothing is voted on twice
		for l := range k {
			if b.list[k].about >= 0 && b.list[k].about == b.list[l].about {
				b.list[k].doubtful, b.list[l].doubtful = true, true
			}
		}
	}
	return b.list
}

// read takes one sentence in.
func (b *box) read(i int) {
	u := &b.s.us[i]
	if i < b.skip {
		return
	}
	if norsk.Has(trialVote, u.tokens) && !norsk.Has(real, u.tokens) {
		b.close()
		b.trial, b.open = true, -1
		return
	}
	leads := b.s.leads(i)
	if leads && norsk.Has(recounts, u.tokens) && !u.question() {
		b.recount(i)
	}
	b.trial = b.trial && !(leads && norsk.Has(announces, u.tokens))
	if !b.trial && (leads || b.s.standingOf(b.s.people.known(u.speaker)) == guest) {
		if end := b.rollCall(i); end > i {
			b.skip = end
			return
		}
	}
	if leads && !b.trial {
		if b.poll(i) {
			return
		}
		if !b.announce(i) && u.question() && b.asked >= 0 && len(b.s.withoutNames(u.tokens)) == len(u.tokens) && bareCount(u.tokens) == nil {
			b.asked = -1 // something else was asked for: what is answered does not count for this
		}
	}
	if b.trial || !leads && !b.answers(i) {
		return
	}
	open := b.open >= 0 && i-b.open <= openFor
	r, some := readBallot(b.afterAsk(u), open)
	x := split{}
	if open {
		u = b.inline(i)
	}
	if u.question() && open && b.confirmed(i) {
		said := *u
		said.text = strings.TrimRight(u.text, "?") + "."
		u = &said
	}
	if !u.question() && (!otherVote(b.afterAsk(u).tokens) || open) {
		asked := -1
		if open {
			asked = b.asked
		}
		x = b.s.splitOf(u, i, open || some, asked)
	}
	if open && b.asked >= 0 && !u.question() {
		b.answer(u, &r, &some, &x)
	}
	if !some && !u.question() && len(b.perProposal(i, b.among(i))) == 2 {
		some = true
	}
	adopts := r.adopted || r.unanimous
	if adopts && !some && (!open || b.current == nil && b.asked < 0 && b.open < i-4) {
		adopts = false // settled without a vote: a decision
	}
	switch {
	case b.s.elsewhere(u) && !open:
		return
	case some, adopts && open:
		b.result(i, r, x)
	case !x.empty():
		b.sides(i, r, x)
	case b.current != nil && r.adopted:
		b.result(i, r, x)
	}
}

// confirmed reports whether what the chair asks of somebody named is answered with yes: "Maiken er imot? Ja."
func (b *box) confirmed(i int) bool {
	u := &b.s.us[i]
	if !b.s.namedOnSide(u.tokens) && !norsk.Has(exceptWords, u.tokens) || i+1 >= b.th.to {
		return false
	}
	next := b.s.us[i+1].tokens
	return len(next) > 0 && slices.Contains([]string{"ja", "jo", "jepp", "stemmer", "jada"}, next[0].Lower)
}

// result takes in a sentence that tells a count or an outcome.
func (b *box) result(i int, r result, x split) {
	u := &b.s.us[i]
	refs, sure := b.s.refer(u, b.props, i)
	about, other := -1, -1
	guessed := false
	if len(refs) > 0 {
		about = refs[0]
	}
	if len(refs) == 2 && !r.firstOf {
		if n := gotCounts(u.tokens); len(n) == 2 { // "innstillingen fikk sju, og forslaget fra Høyre fire"
			r.forVotes, r.against, r.firstOf = &n[0], &n[1], true
			if len(b.subjects) != 2 || !slices.Contains(b.subjects, refs[0]) {
				b.subjects = refs
			} else if refs[0] == b.subjects[1] {
				r.forVotes, r.against = r.against, r.forVotes
				about = b.subjects[0]
			}
		}
	}
	if norsk.Has(impartiality, u.tokens) || b.ofPerson(i) { // on somebody's impartiality, and on no proposal
		refs = nil
		for _, k := range live(b.props, i) {
			if norsk.Has(impartiality, norsk.Tokens(b.props[k].text)) {
				refs = []int{k} // put forward in words of its own
			}
		}
		if b.current != nil && b.current.about >= 0 && !slices.Contains(refs, b.current.about) {
			b.close()
		}
		b.subjects = refs
		if b.current == nil {
			v := b.newVote(i, refs)
			b.current = &v
		}
		b.current.person = true
		b.take(b.current, i, r, x)
		return
	}
	if r.double && !r.fell && len(refs) == 1 {
		r.adopted = true // "dobbeltstemmen min går til innstillingen"
	}
	if n := b.perProposal(i, b.among(i)); len(n) == 2 {
		about = b.counts(n, &r)
	}
	if about < 0 && len(b.subjects) == 2 && (r.adopted || r.fell) {
		about = b.s.points(u.tokens, b.props, b.subjects, i) // "Fire etasjer er vedtatt."
	}
	if about < 0 && len(b.subjects) == 0 && b.current == nil {
		if k := b.s.points(u.tokens, b.props, live(b.props, i), i); k >= 0 {
			about = k
		} else {
			b.subjects = b.topic(i)
		}
	}
	switch {
	case len(b.subjects) == 2 && (about < 0 || slices.Contains(b.subjects, about)):
		if about < 0 && b.choice >= 0 && !r.adopted && !r.fell {
			about = b.subjects[0]
		}
		if about == b.subjects[1] && (r.adopted || r.fell || r.unanimous) {
			other = b.subjects[0]
			if b.current != nil && b.current.about == b.subjects[0] {
				b.current.turn(b.subjects[1], b.subjects[0])
			}
			if r.fell { // "da faller forslaget": the one it was set up against is adopted
				about, other = other, about
				r.fell, r.adopted = false, true
				if b.current != nil {
					b.current.turn(about, other)
				}
			}
		} else {
			about, other = b.subjects[0], b.subjects[1]
			if r.fell && r.forVotes == nil && !r.unanimous {
				r.fell, r.adopted = false, true
				about, other = other, about
				if b.current != nil {
					b.current.turn(about, other)
				}
			}
		}
	case about < 0 && len(b.subjects) > 0:
		about = b.subjects[0]
	case about < 0 && b.current != nil:
		about, other = b.current.about, b.current.other
	case about < 0:
		about, guessed = b.guess(i)
	case !sure && len(b.subjects) == 1:
		about = b.subjects[0]
	case !sure:
		guessed = true
	}
	if len(refs) == 2 && refs[0] != refs[1] && other < 0 && (r.firstOf || twoCounts(u)) && !norsk.Has(norsk.Phrases("og ..2 innstilling~|forslag~|framlegg~ er|ble|vart|blir"), u.tokens) {
		other = refs[1]
	}
	if r.fell && !r.counted() && !r.unanimous && !r.double && x.empty() && about >= 0 && !slices.Contains(b.subjects, about) && b.otherAdopted(i, about) {
		b.props[about].settled = true // "Da faller innstillingen": nobody voted on it
		return
	}
	if b.current != nil && b.current.Outcome != "" && b.current.conflicts(r) && !norsk.Has(correction, u.tokens) {
		b.close() // other numbers after a result are of another vote
		if len(refs) == 0 {
			b.subjects = b.topic(i)
			about, other, guessed = b.subject(i)
		}
	}
	if b.current != nil && (!b.current.accepts(about, r) || b.current.lost() && r.adopted && !r.counted() && norsk.Has(selfEvident, u.tokens)) {
		b.close()
		if !r.counted() && !r.unanimous && norsk.Has(selfEvident, u.tokens) && len(refs) == 0 {
			return // "Da er innkalling og saksliste godkjent": what is left when the proposal about them has fallen
		}
	}
	if b.current == nil && len(b.list) > 0 && about >= 0 && (b.open < 0 || b.open < b.list[len(b.list)-1].utterances[0]) {
		// Said again of the vote just closed.
		if v := &b.list[len(b.list)-1]; v.about == about && i-lastOf(v.utterances) <= 3 && v.accepts(about, r) {
			b.take(v, i, r, x)
			return
		}
	}
	if b.current == nil {
		b.current = &vote{about: about, other: other, guessed: guessed, open: live(b.props, i)}
		b.current.Case = b.th.heading
		if b.open >= 0 && i-b.open <= openFor && b.open >= b.th.from {
			b.current.utterances = append(b.current.utterances, b.open)
		}
	}
	if b.current.about < 0 {
		b.current.about = about
	}
	if b.current.other < 0 {
		b.current.other = other
	}
	b.take(b.current, i, r, x)
}

// lost reports whether a vote's numbers are against.
func (v *vote) lost() bool { return v.For != nil && v.Against != nil && *v.For < *v.Against }

// take merges a sentence into a vote.
func (b *box) take(v *vote, i int, r result, x split) {
	u := &b.s.us[i]
	fixing := norsk.Has(correction, u.tokens)
	if v.countsOn(i, r) {
		v.said = v.said[:len(v.said)-1]
		fixing = true
		r.corrected = false
	}
	upward := fixing && !norsk.Has(correction, u.tokens)
	if r.counted() {
		v.said = append(v.said, [3]*int{r.forVotes, r.against, r.blank})
		v.badly = v.badly || !u.quality
	}
	set := func(to **int, n *int) {
		switch {
		case n == nil:
		case *to == nil || **to == *n:
			*to = n
		case fixing:
			*to, v.corrected = n, v.corrected || !upward
		case r.adopted || r.fell || r.firstOf: // the chair's conclusion counts, and the two are shown beside each other
			*to = n
		}
	}
	set(&v.For, r.forVotes)
	set(&v.Against, r.against)
	set(&v.Blank, r.blank)
	v.DoubleVote = v.DoubleVote || r.double
	v.corrected = v.corrected || r.corrected
	v.nobody = v.nobody || r.nobody
	for k := range x.of {
		v.split.of[k].add(x.of[k])
	}
	v.split.near = append(v.split.near, x.near...)
	form := b.s.form
	switch {
	case r.fell:
		v.Outcome, v.adopted = norsk.Fell.In(form), false
	case r.unanimous:
		v.Outcome, v.adopted = norsk.Unanimous.In(form), true
	case r.adopted && v.Outcome == "":
		v.Outcome, v.adopted = norsk.Adopted.In(form), true
	}
	if v.Outcome != "" {
		b.asked = -1
	}
	if !slices.Contains(v.utterances, i) {
		v.utterances = append(v.utterances, i)
	}
}

// resultFollows reports whether the next three sentences tell a result.
func (b *box) resultFollows(i int) bool {
	for j := i + 1; j < min(b.th.to, i+4); j++ {
		if r, ok := readBallot(&b.s.us[j], true); ok || r.adopted {
			return true
		}
	}
	return false
}

// close finishes the vote that is being counted.
func (b *box) close() {
	v := b.current
	b.current, b.asked = nil, -1
	if v == nil || v.Outcome == "" && len(v.said) == 0 && v.split.empty() && !v.nobody {
		return
	}
	if v.Outcome == "" && v.other >= 0 && v.For != nil && v.Against != nil && *v.Against > *v.For {
		v.turn(v.other, v.about)
	}
	b.list = append(b.list, *v)
	b.choice, b.none = -1, false
	for _, at := range []int{v.about, v.other} {
		if at >= 0 && v.Outcome != "" {
			b.props[at].settled = true
		}
	}
}

func last(list []vote) int { return lastOf(list[len(list)-1].utterances) }

func lastOf(at []int) int { return slices.Max(at) }
