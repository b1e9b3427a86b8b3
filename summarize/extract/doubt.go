package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// What is doubtful in a vote is found without the rules that read it: every name, number and proposal that the
// chair spoke while it was held must have its place in it. What has none was perhaps not understood.

// stretch is where a vote was held: from what it was announced with, to a few sentences after its end.
func (s *sitting) stretch(h *vote) (from, to int) {
	if len(h.utterances) == 0 {
		return 0, 0
	}
	return slices.Min(h.utterances), max(h.until, lastOf(h.utterances)+1)
}

// counting reports whether sentence i is by somebody who leads or counts: the chair, the secretary, or a voice
// nobody named.
func (s *sitting) counting(i int) bool {
	return s.leads(i) || s.standingOf(s.people.known(s.us[i].speaker)) == guest
}

// restated reports whether the sentence that asked what a vote is on, or concluded it, speaks at length of something
// that the proposal does not: then it was perhaps on something else.
func (s *sitting) restated(h *vote, props []proposal) bool {
	text := norsk.Tokens(props[h.about].text)
	if h.other >= 0 {
		text = append(text, norsk.Tokens(props[h.other].text)...)
	}
	for _, i := range h.utterances {
		u := &s.us[i]
		if !s.counting(i) || u.question() && !norsk.Has(handCalls, u.tokens) {
			continue
		}
		own, strange := 0, 0
		for k, t := range u.tokens {
			if len([]rune(t.Lower)) < 4 || norsk.Functional(t.Lower) || verbal[t.Lower] || votingTalk[t.Lower] || answerWords[t.Lower] || slices.Contains(votedWords, t.Lower) || k > 0 && t.Capitalised() || count(t) != nil {
				continue
			}
			if tellsApart(u.tokens, k, text) {
				own++
			} else {
				strange++
			}
		}
		if own == 0 && (strange >= 2 && norsk.Has(forMatter, u.tokens) || strange >= 1 && norsk.Has(forDoing, u.tokens)) {
			return true
		}
	}
	return false
}

// asChanged says that a proposal is voted on in other words than it was put forward in.
var asChanged = norsk.Phrases("med ..4 endring~|rettelse~|retting~|justering~|presisering~")

// changesAnother begins what only says how another proposal is to be changed.
var changesAnother = norsk.Phrases("byta|bytte|byte|bytter|byter|erstatte|endre|endra|stryke|føye|føya|legge|leggje|setje|sette|sløyfe ..3 ut|inn|til|med|fra|frå|bort")

// forMatter asks for what is to be done: "hvem er for å flytte sak 17 fram?", "imot å lukke?"
var forDoing = norsk.Phrases("for|imot|mot|enig|einig|med å", "på|i|om å")

var forMatter = norsk.Phrases("for|imot|mot|enig|med å|at", "i|om at")

func votes(t norsk.Token) bool {
	return slices.Contains([]string{"stemte", "stemt", "stemmer", "røysta", "røystar", "røyster", "stemme"}, t.Lower)
}

// authorAt reports whether the name at j is whose something is: "forslaget fra Kari".
func authorAt(t []norsk.Token, j int) bool {
	return j > 1 && slices.Contains([]string{"fra", "frå", "til", "av"}, t[j-1].Lower) && t[j-1].Mark == 0 && norsk.Has(aboutWord, t[max(0, j-6):j])
}

// subjectDoubtful reports whether it is not plain what a vote was on: more than one proposal could still be voted
// on, and the chair did not name this one, or named another where it ended.
func (s *sitting) subjectDoubtful(h *vote, props []proposal) bool {
	if len(h.utterances) == 0 {
		return false
	}
	if h.about < 0 {
		return !s.plainMatter(h)
	}
	from, end := s.stretch(h)
	for i := max(h.after, from-3); i < end; i++ {
		if s.counting(i) && norsk.Has(asChanged, s.us[i].tokens) {
			return true
		}
	}
	if begins(changesAnother, norsk.Tokens(props[h.about].text)) {
		return true
	}
	if s.restated(h, props) {
		return true
	}
	open := slices.Clone(h.open)
	for _, k := range []int{h.about, h.other} {
		if k >= 0 && !slices.Contains(open, k) {
			open = append(open, k)
		}
	}
	wanted := 1
	if h.other >= 0 {
		wanted = 2
	}
	named := map[int]bool{}
	_, to := s.stretch(h)
	for i := max(h.after, 0); i < to; i++ {
		u := &s.us[i]
		if !s.counting(i) {
			continue
		}
		ends := slices.Contains(h.utterances, i)
		if a, b, ok := s.opposes(u.tokens, props, open, i); ok {
			named[a], named[b] = true, true
			continue
		}
		if s.unknownProposal(u, props, i) {
			return true
		}
		refs, sure := s.refer(u, props, i)
		if sure {
			for _, k := range refs {
				named[k] = true
			}
		}
		k := s.points(u.tokens, props, open, i)
		if k >= 0 {
			named[k] = true
		}
		if r, some := readBallot(u, true); ends && (some || r.adopted) && k >= 0 && k != h.about && k != h.other && i == lastOf(h.utterances) {
			return true
		}
	}
	if len(open) <= wanted {
		return s.severalSaid(h, props)
	}
	return !named[h.about] || h.other >= 0 && !named[h.other]
}

// severalSaid reports whether the chair spoke of several proposals at once, or of a recommendation, where no such
// others were heard.
func (s *sitting) severalSaid(h *vote, props []proposal) bool {
	known := slices.ContainsFunc(props, func(q proposal) bool { return q.recommendation })
	from, to := s.stretch(h)
	for i := max(h.after, from-2); i < to; i++ {
		t := s.us[i].tokens
		if !s.counting(i) || h.together {
			continue
		}
		if norsk.Has(atOnce, t) && !norsk.Has(agendaWord, t) || !known && slices.ContainsFunc(t, func(w norsk.Token) bool { return recommendationAt([]norsk.Token{w}, 0) }) {
			return true
		}
	}
	return false
}

// unknownProposal reports whether a sentence speaks of the proposal of somebody of whom none was heard.
func (s *sitting) unknownProposal(u *utterance, props []proposal, i int) bool {
	for j := range u.tokens {
		if _, ok := startsWith(proposalWord, u.tokens[j:]); !ok || recommendationAt(u.tokens, j) {
			continue
		}
		around := u.tokens[max(0, j-3):min(len(u.tokens), j+4)]
		if len(s.parties.all(around))+len(s.people.all(around)) == 0 {
			continue
		}
		from := j+1 < len(u.tokens) && u.tokens[j].Mark == 0 && slices.Contains([]string{"fra", "frå", "til", "av"}, u.tokens[j+1].Lower)
		of := j > 0 && u.tokens[j-1].Mark == 0 && (strings.HasSuffix(u.tokens[j-1].Lower, "s") && u.tokens[j-1].Capitalised() || slices.Contains([]string{"sitt", "sin", "si"}, u.tokens[j-1].Lower))
		if !from && !of || slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return slices.Contains(pastVoting, t.Lower) }) {
			continue // "For forslaget stemte Kari": it is not hers
		}
		if k, _ := s.best(u.tokens, j, props, i); k < 0 {
			return true
		}
	}
	return false
}

// plainMatter reports whether a vote on no proposal put forward before says itself what it was on: an agenda, an
// election, somebody's impartiality.
func (s *sitting) plainMatter(h *vote) bool {
	if h.Outcome == "" || len(h.open) > 0 && h.For != nil {
		return false
	}
	t := norsk.Tokens(h.Proposal)
	return norsk.Has(selfEvident, t) && !strings.HasSuffix(strings.TrimSpace(h.Proposal), "?")
}

// pronounVoter is the word with which the chair told of one who voted without his name: "det har han alene".
func (s *sitting) pronounVoter(h *vote) string {
	few := h.For != nil && *h.For == 1 && h.split.of[forSide].empty() || h.Against != nil && *h.Against == 1 && h.split.of[againstSide].empty()
	if !few {
		return ""
	}
	from, to := s.stretch(h)
	for i := max(h.after, from-2); i < to; i++ {
		if !s.counting(i) {
			continue
		}
		for _, t := range s.us[i].tokens {
			if slices.Contains([]string{"han", "hun", "ham", "henne", "alene", "åleine", "aleine", "du", "deg"}, t.Lower) {
				return t.Lower
			}
		}
	}
	return ""
}

// asked reports whether anybody was asked for, or against, what a vote was on.
func (s *sitting) asked(h *vote) bool {
	from, to := s.stretch(h)
	for i := max(0, from-2); i < to; i++ {
		if s.counting(i) && (s.us[i].question() || norsk.Has(handCalls, s.us[i].tokens)) {
			return true
		}
	}
	return false
}

var agendaWord = norsk.Phrases("innkalling~", "saksliste~|sakliste~|dagsorden|møteprotokoll~|protokoll~|møteboka|møteboken")

var selfEvident = norsk.Phrases("innkalling~", "saksliste~|sakliste~|dagsorden|møteprotokoll~|protokoll~|møteboka|møteboken", "valgt|vald|velges|veljast|gjenvalgt|attvald", "inhabil~|ugild~|habil~|gild")

// restDoubts lists what is doubtful in a vote by what was said around it.
func (s *sitting) restDoubts(v *referent.Vote, h *vote, entitled []string) []string {
	var out []string
	add := func(w norsk.Word, pairs ...string) { out = append(out, w.In(s.form, pairs...)) }
	if stray := s.strayVoters(h, entitled); len(stray) > 0 {
		add(norsk.FaultWho, "names", strings.Join(stray, ", "))
	}
	if word := s.pronounVoter(h); word != "" {
		add(norsk.FaultWho, "names", "«"+word+"»")
	}
	var unchecked []string
	full := s.expand(h.split.of, entitled)
	for k, number := range []*int{v.For, v.Against, v.Blank} {
		if number == nil {
			unchecked = appendNew(unchecked, full[k]...)
			unchecked = appendNew(unchecked, h.split.of[k].names...)
		}
	}
	if len(unchecked) > 0 {
		add(norsk.FaultWho, "names", strings.Join(unchecked, ", "))
	}
	adopted := v.Outcome != "" && !fellBy(v.Outcome)
	if v.For == nil && v.Against == nil && adopted && !norsk.Unanimous.Is(v.Outcome) {
		add(norsk.FaultNoCount)
	}
	certain := v.For != nil && v.Against != nil && *v.For+*v.Against+orZero(v.Blank) == len(entitled)
	if counts := s.strayCounts(h, len(entitled)); len(counts) > 0 && !certain {
		add(norsk.FaultCounts, "words", strings.Join(counts, ", "))
	}
	if h.about < 0 && !h.doubtful && h.For == nil && !h.nobody && norsk.Has(agendaWord, norsk.Tokens(v.Proposal)) && !s.asked(h) {
		add(norsk.FaultUnread) // an agenda that nobody was asked of is approved, and hardly voted on
	}
	if t := norsk.Tokens(v.Proposal); len(s.people.all(t)) >= 2 && 2*len(s.withoutNames(t)) < len(t) || h.person && !norsk.Has(impartiality, t) {
		add(norsk.FaultUnread) // a list of names is no proposal, and a vote on somebody names what is asked
	}
	if h.doubtful {
		add(norsk.FaultProposal)
		if h.about < 0 {
			add(norsk.FaultUnread)
		}
	}
	return out
}

// An election with papers is counted out by name: "Hilde har tre lappar."
var (
	ballotPaper = norsk.Phrases("skriftlig|skriftleg|hemmelig|hemmeleg", "lapper|lappar|lappene|lappane|sedler|setlar|stemmesedler|røystesetlar|sedlene")
	ballotCount = norsk.Phrases("fikk|fekk|fått ..1 #", "# lapper|lappar|sedler|setlar|stemmer|røyster")
)

// allAgree says that a body was of one mind, of something that need not have been a vote.
var allAgree = norsk.Phrases("alle ..2 enige|einige|samde|samd|for|med", "enig|einig|samd alle")

func orZero(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
