package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// Case is one case of a meeting with all that was said of it.
type Case struct {
	Heading        string
	Recommendation []referent.Point
	Points         []referent.Point // of the treatment
	Proposals      []referent.Proposal
	Movements      []referent.Movement // of members, during the case
	Closed         *referent.Closed
	Votes          []referent.Vote
	Decisions      []referent.Decision
}

// caseOf gathers what the rules read of a theme; its votes get their words here.
func (s *sitting) caseOf(th theme, props []proposal, vs []vote) Case {
	c := Case{Heading: th.heading, Closed: s.closedPart(th)}
	for _, v := range vs {
		c.Votes = append(c.Votes, v.Vote)
	}
	for _, q := range props {
		if q.recommendation {
			c.Recommendation = append(c.Recommendation, referent.Point{Text: matter(q.text), Evidence: q.evidence})
		} else {
			c.Proposals = append(c.Proposals, q.recorded())
		}
	}
	for _, v := range s.moves {
		if !v.claimed && v.Case == th.heading && s.themes[v.theme].from == th.from {
			c.Movements = append(c.Movements, v.Movement)
		}
	}
	return c
}

// resolved keeps of a case's decisions what the body decided, and adds what it passed on: in a body's meeting
// only the chair, or who is no member, says what was resolved. What a member said goes to a person.
func (s *sitting) resolved(out *referent.Minutes, th theme, props []proposal, list []referent.Decision) []referent.Decision {
	var kept []referent.Decision
	for _, d := range list {
		if s.saidByMember(d, th) {
			out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: d.Text, Reason: norsk.ReasonUndecided.In(s.form), Evidence: d.Evidence})
			continue
		}
		kept = append(kept, d)
	}
	for i := th.from; i < th.to; i++ {
		u := &s.us[i]
		if u.question() || !s.leads(i) || !norsk.Has(norsk.Phrases("oversendes|oversendast|oversendt", "sendes|sendast|sendt|send over til", "sendes|sendast|sendt|send tilbake|attende"), u.tokens) || norsk.Has(undecided, u.tokens) {
			continue
		}
		refs, _ := s.refer(u, props, i)
		told := slices.ContainsFunc(kept, func(d referent.Decision) bool {
			return slices.Contains(d.Evidence, u.evidence[len(u.evidence)-1]) && norsk.Has(norsk.Phrases("oversend~", "tilbake", "attende"), norsk.Tokens(d.Text))
		})
		if len(refs) > 0 && !told {
			ids := evidence(props[refs[0]].evidence, u.evidence)
			kept = append(kept, referent.Decision{Text: norsk.Clean(u.text), Case: th.heading, Evidence: ids})
		}
	}
	informed := slices.IndexFunc(kept, func(d referent.Decision) bool {
		return !strings.EqualFold(strings.TrimRight(d.Text, "."), norsk.ForInformation.In(s.form)) && forInformation(&utterance{tokens: norsk.Tokens(d.Text)})
	})
	if informed >= 0 { // the matter was recommended in words: the bare note beside it says nothing more
		kept = slices.DeleteFunc(kept, func(d referent.Decision) bool {
			return strings.EqualFold(strings.TrimRight(d.Text, "."), norsk.ForInformation.In(s.form))
		})
	}
	return kept
}

// saidByMember reports whether nobody but a member who does not lead the meeting said what was decided.
func (s *sitting) saidByMember(d referent.Decision, th theme) bool {
	found := false
	for _, i := range s.citedBy(d.Evidence) {
		if i < th.from || i >= th.to {
			continue
		}
		speaker := s.people.known(s.us[i].speaker)
		if s.leads(i) || s.standingOf(speaker) == guest {
			return false
		}
		found = true
	}
	return found
}

// record fills in what a protocol holds beside its items: the cases and the movements.
func (s *sitting) record(out *referent.Minutes, cases []Case) {
	out.Movements = s.movements()
	for _, c := range cases {
		if c.Heading == "" {
			continue
		}
		r := referent.Case{Name: c.Heading, Proposals: c.Proposals, Closed: c.Closed}
		if len(c.Recommendation) > 0 {
			rec := referent.Point{}
			for _, p := range c.Recommendation {
				rec.Text = strings.TrimSpace(rec.Text + " " + p.Text)
				rec.Evidence = evidence(rec.Evidence, p.Evidence)
			}
			r.Recommendation = &rec
		}
		out.Cases = append(out.Cases, r)
	}
}

// MovedText is a movement as a protocol words it, in the form nb or nn; "" for one that no protocol knows.
func MovedText(v referent.Movement, form string) string {
	w, known := map[string]norsk.Word{
		referent.MovementArrived: norsk.ArrivedMove, referent.MovementLeft: norsk.LeftMove, referent.MovementReturned: norsk.ReturnedMove,
		referent.MovementSubstitute: norsk.SubstituteMove, referent.MovementDisqualified: norsk.DisqualifiedMove,
	}[v.What]
	if !known {
		return ""
	}
	clock := ""
	if v.Clock != "" {
		clock = " kl. " + v.Clock
	}
	return w.In(form, "name", v.Name, "clock", clock)
}

// ProposedText is a proposal as a protocol words it, with who put it forward, in the form nb or nn.
func ProposedText(q referent.Proposal, form string) string {
	if len(q.By) == 0 {
		return q.Text
	}
	return norsk.ProposalFrom.In(form, "name", enumerate(q.By), "text", q.Text)
}

// ClosedText is how a protocol says that a part was held behind closed doors, in the form nb or nn; "" without a
// legal basis, which is then missing and not told.
func ClosedText(c referent.Closed, form string) string {
	if c.Basis == "" {
		return ""
	}
	return norsk.ClosedPart.In(form, "basis", c.Basis)
}

// sameEvidence reports whether two statements rest on the same segments.
func sameEvidence(a, b []string) bool { return len(a) > 0 && slices.Equal(a, b) }
