package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// CheckVotes recomputes every vote of the minutes without a model, and writes what does not add up into its
// Faults, in the minutes' form: whether for, against and blank are those who were present and could vote,
// whether members and parties make up the numbers, whether the outcome follows from them, and whether the
// recording says the same where the vote cites it. What stood in Faults before is replaced. It goes before
// ReviewVotes.
func CheckVotes(m *referent.Meeting, t *referent.Transcript, out *referent.Minutes) {
	if len(out.Votes) == 0 {
		return
	}
	s := read(m, t, string(out.Language))
	s.checkVotes(out)
}

// read takes a transcript in as the sitting of a body.
func read(m *referent.Meeting, t *referent.Transcript, form string) *sitting {
	us := utterances(t)
	p := newPeople(m, t)
	return newSitting(m, us, p, themes(us, m.Agenda), form)
}

func (s *sitting) checkVotes(out *referent.Minutes) {
	var heard []vote
	for _, th := range s.themes {
		heard = append(heard, s.votes(th, s.proposals(th))...)
	}
	for k := range out.Votes {
		v := &out.Votes[k]
		v.Faults = nil
		same := s.heardAs(v, heard)
		if same == nil {
			v.Faults = append(v.Faults, norsk.FaultUnheard.In(s.form))
			same = &vote{Vote: *v, about: -1, other: -1, utterances: s.citedBy(v.Evidence)}
			same.split.of[forSide].names, same.split.of[againstSide].names, same.split.of[blankSide].names = v.ForMembers, v.AgainstMembers, v.BlankMembers
		} else {
			v.Faults = append(v.Faults, s.differs(v, same)...)
		}
		v.Faults = append(v.Faults, s.faults(v, same)...)
		slices.Sort(v.Faults)
		v.Faults = slices.Compact(v.Faults)
	}
}

// finish gives a vote its words, its evidence and the members that were named.
func (s *sitting) finish(v vote, props []proposal) vote {
	slices.Sort(v.utterances)
	v.utterances = slices.Compact(v.utterances)
	var ids []string
	if v.about >= 0 {
		v.Proposal = matter(props[v.about].text)
		ids = props[v.about].evidence
	} else {
		v.Proposal, ids = s.proposalSaid(v.utterances)
	}
	if v.other >= 0 {
		v.Alternative = matter(props[v.other].text)
		ids = evidence(ids, props[v.other].evidence)
	}
	for _, i := range v.utterances {
		ids = evidence(ids, s.us[i].evidence)
	}
	v.Evidence = ids
	member := func(k int) []string { return appendNew([]string{}, v.split.of[k].names...) }
	v.ForMembers, v.AgainstMembers = member(forSide), member(againstSide)
	v.BlankMembers = v.split.of[blankSide].names
	v.ForParties, v.AgainstParties = v.split.of[forSide].parties, v.split.of[againstSide].parties
	return v
}

// proposalSaid is what a vote was about when nobody had put a proposal forward before: the sentence of its
// result, or, where that has no matter of its own ("Enstemmig."), the statement before.
func (s *sitting) proposalSaid(at []int) (string, []string) {
	if len(at) == 0 {
		return "", nil
	}
	best := at[len(at)-1]
	for k := len(at) - 1; k >= 0; k-- {
		if i := at[k]; !s.us[i].question() && ownMatter(&s.us[i]) {
			return norsk.Clean(s.us[i].text), s.us[i].evidence
		}
	}
	for i := at[0]; i >= max(0, at[0]-3); i-- {
		u := &s.us[i]
		if u.theme == s.us[best].theme && ownMatter(&s.us[i]) {
			return norsk.Clean(u.text), u.evidence
		}
	}
	return norsk.Clean(s.us[best].text), s.us[best].evidence
}

// ownMatter reports whether a sentence says more than that something is voted on or settled.
func ownMatter(u *utterance) bool {
	n := 0
	for _, t := range u.tokens {
		if len([]rune(t.Lower)) >= 4 && count(t) == nil && !slices.Contains(votedWords, t.Lower) &&
			!slices.Contains([]string{"dermed", "enstemmig", "samrøystes", "einstemmig", "vedtatt", "vedteke", "vedteken", "altså", "innstillingen", "innstillinga", "forslaget", "framlegget", "tilrådinga", "ingen", "viser", "hånd", "hånda", "handa", "stemmetegn", "imot", "noen", "nokon", "voterer", "røystar", "votering", "blir", "godkjent", "dette"}, t.Lower) {
			n++
		}
	}
	return n >= 2
}

// faults lists what does not add up in a vote. v is it as written, h as heard.
func (s *sitting) faults(v *referent.Vote, h *vote) []string {
	var out []string
	add := func(w norsk.Word, pairs ...string) { out = append(out, w.In(s.form, pairs...)) }
	at := len(s.us) - 1
	if len(h.utterances) > 0 {
		at = lastOf(h.utterances)
	}
	entitled, sure := s.entitledIn(v, at)
	n := len(entitled)
	if said, ok := s.saidPresent(at, s.us[at].theme); !sure && ok {
		n, sure = said, true
	}
	both := v.For != nil && v.Against != nil
	sum := 0
	for _, c := range []*int{v.For, v.Against, v.Blank} {
		if c != nil {
			sum += *c
		}
	}
	fell, adopted := fellBy(v.Outcome), v.Outcome != "" && !fellBy(v.Outcome)
	everybody := norsk.Unanimous.Is(v.Outcome)
	switch {
	case v.For == nil && v.Against == nil && v.Blank == nil:
	case !sure:
		if s.m.Kind == referent.KindProtocol || len(s.m.Participants) > 0 {
			add(norsk.FaultUnknownSum)
		}
	case both && sum != n, everybody && v.For != nil && sum != n:
		add(norsk.FaultTotal, "sum", itoa(sum), "entitled", itoa(n))
	case sum > n:
		add(norsk.FaultTooMany, "sum", itoa(sum), "entitled", itoa(n))
	}
	if v.Outcome == "" {
		add(norsk.FaultNoOutcome)
	}
	switch {
	case everybody:
	case (v.For == nil) != (v.Against == nil):
		add(norsk.FaultOneSide)
	case v.For == nil && (fell || len(v.AgainstMembers)+len(v.AgainstParties)+len(v.ForMembers)+len(v.ForParties) > 0):
		add(norsk.FaultNoCount)
	}
	against := CountFaults(*v, s.form)
	out = append(out, against...)
	switch {
	case len(against) > 0:
	case sure && !both && v.Against != nil && adopted && 2**v.Against >= n && *v.Against > 0:
		add(norsk.FaultOutcome, "outcome", v.Outcome, "for", itoa(n-*v.Against), "against", itoa(*v.Against))
	case sure && !both && v.For != nil && !everybody && (fell && 2**v.For > n || adopted && 2**v.For < n):
		add(norsk.FaultOutcome, "outcome", v.Outcome, "for", itoa(*v.For), "against", itoa(n-*v.For))
	}
	out = append(out, s.sideFaults(v, h, entitled, at)...)
	out = append(out, s.restDoubts(v, h, entitled)...)
	return append(out, s.hearingFaults(v, h)...)
}

// CountFaults says, in the form nb or nn, where the numbers of a vote go against its own outcome, whoever was
// present and whatever was heard.
func CountFaults(v referent.Vote, form string) []string {
	var out []string
	fell, both := fellBy(v.Outcome), v.For != nil && v.Against != nil
	switch {
	case norsk.Unanimous.Is(v.Outcome) && v.Against != nil && *v.Against > 0:
		out = append(out, norsk.FaultUnanimous.In(form))
	case both && *v.For == *v.Against && !v.DoubleVote:
		out = append(out, norsk.FaultTie.In(form))
	case both && (v.Outcome != "" && !fell && *v.For < *v.Against || fell && *v.For > *v.Against):
		out = append(out, norsk.FaultOutcome.In(form, "outcome", v.Outcome, "for", itoa(*v.For), "against", itoa(*v.Against)))
	}
	if v.DoubleVote && both && *v.For != *v.Against {
		out = append(out, norsk.FaultDouble.In(form))
	}
	return out
}

func fellBy(outcome string) bool {
	return slices.ContainsFunc(norsk.Tokens(outcome), func(t norsk.Token) bool {
		return slices.Contains(fallen, t.Lower) || slices.Contains([]string{"ikke", "ikkje", "falle", "avslått"}, t.Lower)
	})
}

// entitledIn are those who could take part in a vote: not the one whose impartiality it is about.
func (s *sitting) entitledIn(v *referent.Vote, at int) ([]string, bool) {
	names, sure := s.entitled(at, s.us[at].theme)
	if words := norsk.Tokens(v.Proposal); norsk.Has(impartiality, words) {
		for _, n := range s.people.all(words) {
			names = slices.DeleteFunc(slices.Clone(names), func(o string) bool { return o == n.name })
		}
	}
	return names, sure
}

// sideFaults compares the members and parties of each side with its number.
func (s *sitting) sideFaults(v *referent.Vote, h *vote, entitled []string, at int) []string {
	var out []string
	add := func(w norsk.Word, pairs ...string) { out = append(out, w.In(s.form, pairs...)) }
	sides := h.split.of
	sides[forSide].names, sides[againstSide].names, sides[blankSide].names = v.ForMembers, v.AgainstMembers, v.BlankMembers
	full := s.expand(sides, entitled)
	words := [3]string{"for", "imot", "blankt"}
	var strangers, twice []string
	known := slices.ContainsFunc(s.m.Participants, func(p referent.Participant) bool { return s.standing(p) != guest })
	for k, number := range []*int{v.For, v.Against, v.Blank} {
		for _, name := range full[k] {
			if known && !slices.Contains(entitled, name) {
				strangers = appendNew(strangers, name)
			}
			for other := k + 1; other < 3; other++ {
				if slices.Contains(full[other], name) {
					twice = appendNew(twice, name)
				}
			}
		}
		if number != nil && len(full[k]) > 0 && len(sides[k].someOf) == 0 && len(full[k]) != *number {
			add(norsk.FaultMembers, "count", itoa(*number), "side", words[k], "named", itoa(len(full[k])), "names", strings.Join(full[k], ", "))
		}
		for _, label := range sides[k].parties {
			if len(s.ofParty(label, entitled)) == 0 {
				add(norsk.FaultParty, "party", label)
			}
		}
		for _, label := range sides[k].someOf {
			add(norsk.FaultSomeOf, "party", label)
		}
	}
	if len(strangers) > 0 {
		add(norsk.FaultNotEntitled, "names", strings.Join(strangers, ", "))
	}
	if len(twice) > 0 {
		add(norsk.FaultBothSides, "names", strings.Join(twice, ", "))
	}
	if chair := s.chair(at); v.DoubleVote && chair != "" {
		adopted := v.Outcome != "" && !fellBy(v.Outcome)
		if slices.Contains(full[forSide], chair) && !adopted || slices.Contains(full[againstSide], chair) && adopted {
			add(norsk.FaultChair)
		}
	}
	return out
}

// expand is who voted which way when parties, and "resten", are looked up among those entitled. Who is named
// on another side, or excepted, is not counted with the party.
func (s *sitting) expand(sides [3]side, entitled []string) [3][]string {
	var full [3][]string
	for k := range sides {
		full[k] = appendNew(full[k], sides[k].names...)
	}
	for k := range sides {
		for _, label := range sides[k].parties {
			for _, name := range s.ofParty(label, entitled) {
				elsewhere := slices.Contains(sides[k].except, name)
				for other := range sides {
					elsewhere = elsewhere || other != k && slices.Contains(sides[other].names, name)
				}
				if !elsewhere {
					full[k] = appendNew(full[k], name)
				}
			}
		}
	}
	for k := range sides {
		if !sides[k].rest {
			continue
		}
		for _, name := range entitled {
			if !slices.Contains(full[0], name) && !slices.Contains(full[1], name) && !slices.Contains(full[2], name) && !slices.Contains(sides[k].except, name) {
				full[k] = append(full[k], name)
			}
		}
	}
	return full
}

// hearingFaults says what is doubtful in how a vote was heard.
func (s *sitting) hearingFaults(v *referent.Vote, h *vote) []string {
	var out []string
	add := func(w norsk.Word, pairs ...string) { out = append(out, w.In(s.form, pairs...)) }
	if h.guessed {
		add(norsk.FaultProposal)
	}
	if h.badly {
		add(norsk.FaultQuality)
	}
	for _, n := range h.split.near {
		add(norsk.FaultNearName, "words", n[0], "name", n[1])
	}
	if h.corrected {
		add(norsk.FaultCorrected)
	}
	if v.Proposal == "" {
		add(norsk.FaultProposal)
	}
	for k := range 3 {
		var numbers []string
		for _, said := range h.said {
			if said[k] != nil {
				numbers = appendNew(numbers, itoa(*said[k]))
			}
		}
		if len(numbers) > 1 && !h.corrected {
			add(norsk.FaultCounts, "words", strings.Join(numbers, ", "))
		}
	}
	return out
}
