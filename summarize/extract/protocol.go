package extract

import (
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// Proposal is a proposal as the minutes state it, with who put it forward, "" when the recording does not tell.
type Proposal struct {
	referent.Point
	By string
}

// Case is one case of a meeting with all that was said of it.
type Case struct {
	Heading        string
	Recommendation []referent.Point
	Points         []referent.Point // of the treatment
	Proposals      []Proposal
	Votes          []referent.Vote
	Decisions      []referent.Decision
}

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
		treatment := slices.DeleteFunc(slices.Clone(c.Points), func(p referent.Point) bool {
			return slices.ContainsFunc(c.Recommendation, func(r referent.Point) bool { return slices.Equal(r.Evidence, p.Evidence) })
		})
		for _, q := range c.Proposals { // each one is recorded, also when the summary has no room for it
			if !slices.ContainsFunc(treatment, func(p referent.Point) bool { return p.Text == q.Text }) {
				treatment = append(treatment, q.Point)
			}
		}
		add(norsk.Treatment, treatment)
		var voting, resolved []referent.Point
		for _, v := range c.Votes {
			voting = append(voting, referent.Point{Text: votedText(v, form), Evidence: v.Evidence})
		}
		for _, d := range c.Decisions {
			resolved = append(resolved, referent.Point{Text: d.Text, Evidence: d.Evidence})
		}
		add(norsk.Voting, voting)
		add(norsk.Resolution, resolved)
	}
	return out
}

// votedText is a vote as a protocol words it.
func votedText(v referent.Vote, form string) string {
	proposal := v.Proposal
	for len(proposal) > 0 && proposal[len(proposal)-1] == '.' {
		proposal = proposal[:len(proposal)-1]
	}
	how := Count(v)
	if v.For != nil && v.Against != nil && norsk.Adopted.Is(v.Outcome) {
		how = norsk.ByVotes.In(form, "for", itoa(*v.For), "against", itoa(*v.Against))
	}
	if how == "" {
		return proposal + "."
	}
	return "«" + proposal + "»: " + how + "."
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
		need(len(c.Votes) > 0 || len(c.Decisions) > 0 || norsk.AnyOther.Is(c.Heading), norsk.MissingResult, "case", c.Heading)
		for _, v := range c.Votes {
			counted := v.For != nil && v.Against != nil
			split := norsk.Fell.Is(v.Outcome) || counted && *v.For > 0 && *v.Against > 0
			all := counted && len(v.ForMembers) == *v.For && len(v.AgainstMembers) == *v.Against
			need(!split || all, norsk.MissingNames, "case", c.Heading)
		}
		for _, q := range c.Proposals {
			need(q.By != "", norsk.MissingProposer, "case", c.Heading)
		}
	}
	need(named > 0, norsk.MissingCases)
	return list
}

func chairs(p referent.Participant) bool {
	return norsk.Has(norsk.Phrases("møteleder", "møteleiar", "ordfører", "ordførar", "leder", "leiar", "utvalgsleder", "utvalsleiar"), norsk.Tokens(p.Role))
}
