package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// unread puts before a person what sounds like a vote and is in none, and every proposal of a protocol that no vote
// or decision settled.
func (s *sitting) unread(out *referent.Minutes, th theme, props []proposal, vs []vote, ds []referent.Decision) {
	inVote := func(i int) bool {
		return slices.ContainsFunc(vs, func(v vote) bool {
			from, to := s.stretch(&v)
			return i >= from && i < to
		})
	}
	decided := func(ids []string) bool {
		return slices.ContainsFunc(ds, func(d referent.Decision) bool {
			return len(ids) > 0 && slices.Contains(d.Evidence, ids[len(ids)-1])
		})
	}
	tell := func(text string, ids []string, w norsk.Word) {
		item := referent.ReviewItem{Text: norsk.Clean(text), Reason: w.In(s.form), Evidence: ids}
		out.NeedsReview = append(out.NeedsReview, item)
	}
	for k, q := range props {
		voted := slices.ContainsFunc(vs, func(v vote) bool { return v.about == k || v.other == k })
		if q.settled || q.withdrawn || voted || decided(q.evidence) {
			continue
		}
		tell(matter(q.text), q.evidence, norsk.FaultNoOutcome)
	}
	if !slices.ContainsFunc(props, func(q proposal) bool { return q.recommendation }) {
		s.unheardRecommendation(th, tell)
	}
	written := slices.ContainsFunc(s.us[th.from:th.to], func(u utterance) bool { return norsk.Has(ballotPaper, u.tokens) })
	b := &box{s: s, th: th, props: props, open: -1, asked: -1, choice: -1}
	for i := th.from; i < th.to; i++ {
		u := &s.us[i]
		if inVote(i) || !s.counting(i) || u.joke || otherVote(u.tokens) || s.elsewhere(u) {
			continue
		}
		_, alone := sideAlone(u)
		r, some := readBallot(u, true)
		sounds := some && norsk.Has(votingWord, u.tokens) || r.adopted && !decided(u.evidence) ||
			norsk.Has(allAgree, u.tokens) && !u.question() && !forInformation(u) ||
			(alone || norsk.Has(handCalls, u.tokens) && norsk.Has(asks, u.tokens)) && b.answered(i, nil)
		sounds = sounds && s.leads(i)
		if ballots := written && norsk.Has(ballotCount, u.tokens); !ballots && (!sounds || decided(u.evidence)) {
			continue
		}
		from, to := i, min(th.to, i+3)
		for from > th.from && i-from < 3 && s.counting(from-1) && !inVote(from-1) {
			from--
		}
		var text []string
		var ids []string
		for j := from; j < to; j++ {
			if s.counting(j) && !inVote(j) {
				text = append(text, s.us[j].text)
				ids = evidence(ids, s.us[j].evidence)
			}
		}
		tell(strings.Join(text, " "), ids, norsk.FaultUnread)
		i = to - 1
	}
}

// unheardRecommendation shows what the administration said in a case whose recommendation the chair speaks of, and that
// was not understood as one.
func (s *sitting) unheardRecommendation(th theme, tell func(text string, ids []string, w norsk.Word)) {
	spoken := slices.ContainsFunc(s.us[th.from:th.to], func(u utterance) bool {
		return norsk.Has(norsk.Phrases("innstillingen|innstillinga|tilrådinga|tilrådingen"), u.tokens)
	})
	var text []string
	var ids []string
	for i := th.from; i < th.to && len(text) < 4; i++ {
		name := s.people.known(s.us[i].speaker)
		if s.known(name) && s.standingOf(name) == guest && !s.us[i].question() && len(s.us[i].tokens) > 3 {
			text = append(text, s.us[i].text)
			ids = evidence(ids, s.us[i].evidence)
		}
	}
	if spoken && len(text) > 0 {
		tell(strings.Join(text, " "), ids, norsk.FaultUnread)
	}
}
