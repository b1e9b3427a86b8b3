package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// Protocol lays cases out as a møteprotokoll: for each case an item with its number and title and no
// points, followed by its items Innstilling, Behandling, Votering and Vedtak, those that have content.
func Protocol(cases []Case, form string) []referent.Item {
	var out []referent.Item
	for _, c := range cases {
		if c.Heading == "" {
			opening := slices.Clone(c.Points)
			for _, d := range c.Decisions {
				opening = append(opening, referent.Point{Text: d.Text, Evidence: d.Evidence})
			}
			if len(opening) > 0 {
				out = append(out, referent.Item{Heading: norsk.Opening.In(form), Points: opening})
			}
			continue
		}
		out = append(out, referent.Item{Heading: c.Heading, Points: []referent.Point{}})
		add := func(w norsk.Word, points []referent.Point) {
			if len(points) > 0 {
				out = append(out, referent.Item{Heading: w.In(form), Points: points})
			}
		}
		add(norsk.Recommendation, c.Recommendation)
		add(norsk.Treatment, treatment(c, form))
		var voting, resolved []referent.Point
		for _, v := range c.Votes {
			voting = append(voting, referent.Point{Text: VotedText(v, form), Evidence: v.Evidence})
		}
		for _, d := range c.Decisions {
			resolved = append(resolved, referent.Point{Text: d.Text, Evidence: d.Evidence})
		}
		add(norsk.Voting, voting)
		add(norsk.Resolution, resolved)
	}
	return out
}

// treatment is what a case's Behandling says: that it was closed, who came and went, what was said, and
// every proposal, also when the summary has no room for it.
func treatment(c Case, form string) []referent.Point {
	var out []referent.Point
	if c.Closed != nil && c.Closed.Basis != "" {
		out = append(out, referent.Point{Text: ClosedText(*c.Closed, form), Evidence: c.Closed.Evidence})
	}
	for _, v := range c.Movements {
		out = append(out, referent.Point{Text: MovedText(v, form), Evidence: v.Evidence})
	}
	told := make([]bool, len(c.Proposals))
	for _, p := range c.Points {
		recommended := slices.ContainsFunc(c.Recommendation, func(r referent.Point) bool {
			return sameEvidence(r.Evidence, p.Evidence) && strings.Contains(p.Text, r.Text)
		})
		k := slices.IndexFunc(c.Proposals, func(q referent.Proposal) bool { return strings.Contains(p.Text, q.Text) })
		switch {
		case recommended, k >= 0 && told[k]:
		case k >= 0:
			told[k] = true
			out = append(out, referent.Point{Text: ProposedText(c.Proposals[k], form), Evidence: c.Proposals[k].Evidence})
		default:
			out = append(out, p)
		}
	}
	for k, q := range c.Proposals {
		if !told[k] {
			out = append(out, referent.Point{Text: ProposedText(q, form), Evidence: q.Evidence})
		}
	}
	return out
}

// VotedText is a vote as a protocol words it, in the form nb or nn.
func VotedText(v referent.Vote, form string) string {
	proposal := v.Proposal
	for len(proposal) > 0 && proposal[len(proposal)-1] == '.' {
		proposal = proposal[:len(proposal)-1]
	}
	how := Count(v)
	if v.For != nil && v.Against != nil && norsk.Adopted.Is(v.Outcome) {
		how = norsk.ByVotes.In(form, "for", itoa(*v.For), "against", itoa(*v.Against))
	}
	if v.DoubleVote {
		how = strings.TrimSpace(how + " " + norsk.DoubleVote.In(form))
	}
	text := "«" + proposal + "»"
	if v.Alternative != "" {
		text += " " + norsk.Alternative.In(form, "text", strings.TrimRight(v.Alternative, "."))
	}
	if how == "" {
		return proposal + "." + sidesText(v, form)
	}
	return text + ": " + how + "." + sidesText(v, form)
}

// Missing lists what kommuneloven § 11-4 requires of a protocol and neither the meeting's data nor the
// recording gave.
func Missing(m *referent.Meeting, out *referent.Minutes, cases []Case) []string {
	form := string(out.Language)
	var list []string
	need := func(ok bool, w norsk.Word, pairs ...string) {
		if s := w.In(form, pairs...); !ok && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	need(!m.Start.IsZero() && (m.Start.Hour() != 0 || m.Start.Minute() != 0), norsk.MissingTime)
	need(out.Place != "", norsk.MissingPlace)
	need(len(m.Participants) > 0, norsk.MissingPresent)
	need(len(m.Participants) > 0 || len(out.Absent) > 0, norsk.MissingAbsent)
	need(slices.ContainsFunc(m.Participants, chairs), norsk.MissingChair)
	named := 0
	for _, c := range cases {
		if c.Heading == "" {
			continue
		}
		named++
		need(len(c.Votes) > 0 || len(c.Decisions) > 0 || norsk.AnyOther.Is(c.Heading) || informs(c.Heading), norsk.MissingResult, "case", c.Heading)
		need(c.Closed == nil || c.Closed.Basis != "", norsk.MissingBasis, "case", c.Heading)
		for _, v := range c.Votes {
			need(v.Outcome != "", norsk.MissingOutcome, "case", c.Heading)
			need(sidesKnown(m, v), norsk.MissingNames, "case", c.Heading)
		}
		for _, q := range c.Proposals {
			need(len(q.By) > 0, norsk.MissingProposer, "case", c.Heading)
			need(strings.TrimSpace(q.Text) != "", norsk.MissingProposals, "case", c.Heading)
		}
		for _, v := range c.Movements {
			need(v.Clock != "" || v.What != referent.MovementArrived && v.What != referent.MovementLeft, norsk.MissingMovement, "name", v.Name)
		}
	}
	need(named > 0, norsk.MissingCases)
	return list
}

func chairs(p referent.Participant) bool {
	return norsk.Has(norsk.Phrases("møteleder", "møteleiar", "ordfører", "ordførar", "leder", "leiar", "utvalgsleder", "utvalsleiar"), norsk.Tokens(p.Role))
}

// sidesKnown reports whether it was told who voted for and against a split vote: for each side that has
// votes, by name or by party as many as there were. One side is enough where the other is all the rest.
func sidesKnown(m *referent.Meeting, v referent.Vote) bool {
	split := norsk.Fell.Is(v.Outcome) || v.For != nil && v.Against != nil && *v.For > 0 && *v.Against > 0 || v.Against != nil && *v.Against > 0
	if !split {
		return true
	}
	of := func(names, labels []string) int {
		s := &sitting{m: m, parties: newParties(m), standings: map[string]standing{}}
		var all []string
		for _, p := range m.Participants {
			if !p.Absent {
				all = append(all, p.Name)
			}
		}
		who := appendNew(nil, names...)
		for _, l := range labels {
			for _, name := range s.ofParty(s.parties.of(l), all) {
				if !slices.Contains(v.ForMembers, name) && !slices.Contains(v.AgainstMembers, name) {
					who = appendNew(who, name)
				}
			}
		}
		return len(who)
	}
	told := func(n *int, names, labels []string) bool { return n != nil && of(names, labels) >= *n }
	return told(v.For, v.ForMembers, v.ForParties) || told(v.Against, v.AgainstMembers, v.AgainstParties)
}

// informs tells cases that are only for information, and have no vote.
func informs(heading string) bool {
	return strings.HasPrefix(heading, "RS ") || norsk.Has(norsk.Phrases("orientering~", "referatsak~"), norsk.Tokens(heading))
}
