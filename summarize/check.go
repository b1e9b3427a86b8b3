package summarize

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/evidence"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

// verify holds finished minutes against the transcript, whoever wrote them: each statement must stand on
// valid segments that say it (package evidence). One that does not moves to a person with the reason; a
// field that does not (a deadline, the name of a case) is emptied, and a person told. What sounds like a
// decision, a task or a vote and is in none of it is listed as possibly missed, and what a protocol lacks by
// then as missing.
func verify(out *referent.Minutes, m *referent.Meeting, t *referent.Transcript) {
	v := &verifier{m: m, out: out, check: evidence.New(m, t), form: string(out.Language)}
	v.items()
	v.decisions()
	v.actions()
	v.votes()
	v.cases()
	v.movements()
	v.next()
	v.attendance()
	if out.Kind == referent.KindProtocol {
		out.Missing = extract.Missing(m, out, recorded(out))
	}
	if out.Kind != referent.KindCareNote && out.Kind != referent.KindDictate {
		out.PossiblyMissed = append(out.PossiblyMissed, v.check.Missed(out)...)
	}
}

type verifier struct {
	m     *referent.Meeting
	out   *referent.Minutes
	check *evidence.Checker
	form  string
	lost  []referent.Vote // votes that moved to a person
}

// fails sends a statement with faults to a person; it reports whether it had any.
func (v *verifier) fails(text string, ids []string, faults []evidence.Fault) bool {
	if len(faults) == 0 {
		return false
	}
	review(v.out, text, faults[0].Reason(v.form), v.check.Valid(ids))
	return true
}

// review leaves a statement to a person, once for each reason.
func review(out *referent.Minutes, text, reason string, ids []string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	if !slices.ContainsFunc(out.NeedsReview, func(o referent.ReviewItem) bool { return norsk.Fold(o.Text) == norsk.Fold(text) && o.Reason == reason }) {
		out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: text, Reason: reason, Evidence: ids})
	}
}

// faults is the check that a point under a heading is due: a protocol's headings say what their points
// claim to be.
func (v *verifier) faults(heading string, p referent.Point) []evidence.Fault {
	switch {
	case v.out.Kind == referent.KindCareNote || v.out.Kind == referent.KindDictate:
		return v.check.Proposal(p.Text, p.Evidence) // said as it was meant: nobody decides, nobody proposes
	case v.out.Kind != referent.KindProtocol:
		return v.check.Check(p.Text, p.Evidence)
	case norsk.Recommendation.Is(heading):
		return v.check.Proposal(p.Text, p.Evidence)
	case norsk.Resolution.Is(heading):
		return v.check.Decision(p.Text, p.Evidence)
	case norsk.Voting.Is(heading):
		return v.voted(p)
	}
	return v.check.Check(p.Text, p.Evidence)
}

// voted checks a line that tells of a vote: it is the wording of one of the votes, which is checked itself.
func (v *verifier) voted(p referent.Point) []evidence.Fault {
	for _, vote := range v.out.Votes {
		if slices.Equal(vote.Evidence, p.Evidence) && strings.Contains(norsk.Fold(p.Text), norsk.Fold(strings.TrimRight(vote.Proposal, "."))) {
			return v.check.Vote(vote)
		}
	}
	return v.check.Check(p.Text, p.Evidence)
}

func (v *verifier) items() {
	var kept []referent.Item
	for i, it := range v.out.Items {
		heading := it.Heading
		var points []referent.Point
		for _, p := range it.Points {
			p.Evidence = v.check.Valid(p.Evidence)
			if !v.fails(p.Text, p.Evidence, v.faults(heading, p)) {
				points = append(points, p)
			}
		}
		if len(points) == 0 && len(it.Points) > 0 && v.out.Kind != referent.KindCareNote {
			continue // a heading with nothing under it
		}
		it.Points = points
		it.Heading = v.heading(heading, v.under(i))
		kept = append(kept, it)
	}
	v.out.Items = kept
}

// under is the evidence of an item, or, of one that only opens a case, of the items that follow.
func (v *verifier) under(i int) []string {
	var ids []string
	for j := i; j < len(v.out.Items) && (len(ids) == 0 || j == i); j++ {
		for _, p := range v.out.Items[j].Points {
			ids = append(ids, p.Evidence...)
		}
	}
	return v.check.Valid(ids)
}

// documentHeadings are those that a document brings itself.
var documentHeadings = []norsk.Word{norsk.Opening, norsk.Summary, norsk.Recommendation, norsk.Treatment, norsk.Voting, norsk.Resolution, norsk.AnyOther,
	norsk.Situation, norsk.Observation, norsk.Measures, norsk.Assessment, norsk.PlanAhead, norsk.NextShift}

// heading is a heading that may stand over what cites the ids, in the place of one that may not.
func (v *verifier) heading(heading string, ids []string) string {
	heading = strings.TrimSpace(heading)
	if heading == "" || slices.ContainsFunc(documentHeadings, func(w norsk.Word) bool { return w.Is(heading) }) {
		return heading
	}
	if item, ok := agendaItem(v.m, heading); ok {
		return item
	}
	if own, ok := templateHeading(v.m, v.out.Language, heading); ok {
		return own
	}
	faults := v.check.Heading(heading, ids)
	if len(faults) == 0 {
		return heading
	}
	words := faults[0].Words
	review(v.out, heading, norsk.ReasonHeading.In(v.form, "words", words), ids)
	return norsk.Summary.In(v.form)
}

// templateHeading is the wording that the meeting's template has for a heading the writer fills itself.
func templateHeading(m *referent.Meeting, form referent.Language, heading string) (string, bool) {
	if m.Template == nil || heading == "" {
		return "", false
	}
	for _, s := range m.Template.Written() {
		// A model has been told the heading as quiet makes it.
		if own := s.Heading.In(form); own != "" && norsk.Fold(quiet(own)) == norsk.Fold(heading) {
			return own, true
		}
	}
	return "", false
}

// caseName is heading for the name of a case in a field: one that may not stand is emptied.
func (v *verifier) caseName(name string, ids []string) string {
	if name = strings.TrimSpace(name); name == "" {
		return ""
	}
	if got := v.heading(name, ids); got != norsk.Summary.In(v.form) {
		return got
	}
	return ""
}

// agendaItem is the agenda's own wording of the item that a heading names, by number or by title.
func agendaItem(m *referent.Meeting, heading string) (string, bool) {
	for _, a := range m.Agenda {
		own := strings.TrimSpace(strings.TrimSpace(a.Number) + " " + strings.TrimSpace(a.Title))
		h, number, title := norsk.Fold(heading), norsk.Fold(a.Number), norsk.Fold(a.Title)
		if h == norsk.Fold(own) || h == title {
			return own, true
		}
		// "Sak 12/25" and "PS 12/25: Skolestruktur" are this item; another title under its number is not.
		if number == "" || extract.CaseNumber(heading) == "" || extract.CaseNumber(heading) != extract.CaseNumber(a.Number) {
			continue
		}
		rest := slices.DeleteFunc(strings.Fields(h), func(w string) bool {
			return slices.Contains(strings.Fields(number), w) || slices.Contains([]string{"sak", "saka", "saken", "ps", "rs", "ds", "fo", "nr", "nummer"}, w)
		})
		if !slices.ContainsFunc(rest, func(w string) bool { return !norsk.Functional(w) && !strings.Contains(title, w) }) {
			return own, true
		}
	}
	return "", false
}

func (v *verifier) decisions() {
	v.out.Decisions = slices.DeleteFunc(v.out.Decisions, func(d referent.Decision) bool {
		return v.fails(d.Text, d.Evidence, v.check.Decision(d.Text, d.Evidence))
	})
	for i := range v.out.Decisions {
		d := &v.out.Decisions[i]
		d.Evidence = v.check.Valid(d.Evidence)
		d.Case = v.caseName(d.Case, d.Evidence)
	}
}

func (v *verifier) actions() {
	v.out.Actions = slices.DeleteFunc(v.out.Actions, func(a referent.ActionItem) bool {
		return v.fails(owned(a.Owner, a.Task), a.Evidence, v.check.Task(a.Task, a.Owner, a.Evidence))
	})
	for i := range v.out.Actions {
		a := &v.out.Actions[i]
		a.Evidence = v.check.Valid(a.Evidence)
		if a.Due != nil {
			if faults := v.check.Due(*a.Due, a.Evidence); len(faults) > 0 {
				review(v.out, owned(a.Owner, a.Task), faults[0].Reason(v.form), a.Evidence)
				a.Due = nil
			}
		}
		if a.Status != "" && len(v.check.Check(a.Status, a.Evidence)) > 0 {
			a.Status = ""
		}
	}
}

// owned is a task with who has it, as a person reads it under review.
func owned(owner, task string) string {
	if owner == "" {
		return task
	}
	return owner + ": " + task
}

// votes keeps the votes whose words were said. A number or name that was not is taken out of its vote, and
// stands among the vote's faults.
func (v *verifier) votes() {
	var kept []referent.Vote
	for _, vote := range v.out.Votes {
		vote.Evidence = v.check.Valid(vote.Evidence)
		faults := v.check.Vote(vote)
		if slices.ContainsFunc(faults, func(f evidence.Fault) bool { return f.Field == "" }) {
			v.fails(withCount(vote), vote.Evidence, faults)
			v.lost = append(v.lost, vote)
			continue
		}
		for _, f := range faults {
			vote.Faults = append(vote.Faults, f.Reason(v.form))
			review(v.out, withCount(vote), f.Reason(v.form), vote.Evidence)
			switch f.Field {
			case "for":
				vote.For = nil
			case "against":
				vote.Against = nil
			case "blank":
				vote.Blank = nil
			case "outcome":
				vote.Outcome = ""
			case "members":
				named := func(n string) bool { return n == f.Words }
				vote.ForMembers = slices.DeleteFunc(slices.Clone(vote.ForMembers), named)
				vote.AgainstMembers = slices.DeleteFunc(slices.Clone(vote.AgainstMembers), named)
				vote.BlankMembers = slices.DeleteFunc(slices.Clone(vote.BlankMembers), named)
				vote.ForParties = slices.DeleteFunc(slices.Clone(vote.ForParties), named)
				vote.AgainstParties = slices.DeleteFunc(slices.Clone(vote.AgainstParties), named)
			case "alternative":
				vote.Alternative = ""
			}
		}
		vote.Case = v.caseName(vote.Case, vote.Evidence)
		kept = append(kept, vote)
	}
	v.out.Votes = kept
	// A vote that is gone is not to be confirmed.
	v.out.NeedsReview = slices.DeleteFunc(v.out.NeedsReview, func(r referent.ReviewItem) bool {
		return strings.HasSuffix(r.Reason, norsk.ReasonVote.In(v.form)) &&
			slices.ContainsFunc(v.lost, func(o referent.Vote) bool { return slices.Equal(o.Evidence, r.Evidence) }) &&
			!slices.ContainsFunc(kept, func(o referent.Vote) bool { return slices.Equal(o.Evidence, r.Evidence) })
	})
}

func withCount(vote referent.Vote) string {
	if n := extract.Count(vote); n != "" {
		return strings.TrimRight(vote.Proposal, ".") + " – " + n + "."
	}
	return vote.Proposal
}

func (v *verifier) cases() {
	for i := range v.out.Cases {
		c := &v.out.Cases[i]
		var ids []string
		if r := c.Recommendation; r != nil {
			r.Evidence = v.check.Valid(r.Evidence)
			ids = append(ids, r.Evidence...)
			if v.fails(r.Text, r.Evidence, v.check.Proposal(r.Text, r.Evidence)) {
				c.Recommendation = nil
			}
		}
		c.Proposals = slices.DeleteFunc(c.Proposals, func(p referent.Proposal) bool {
			return v.fails(p.Text, p.Evidence, v.check.Proposal(p.Text, p.Evidence))
		})
		for j := range c.Proposals {
			p := &c.Proposals[j]
			p.Evidence = v.check.Valid(p.Evidence)
			ids = append(ids, p.Evidence...)
			p.By = slices.DeleteFunc(slices.Clone(p.By), func(who string) bool {
				return v.fails(who+": "+p.Text, p.Evidence, v.check.Person(who, p.Evidence))
			})
		}
		if c.Closed != nil {
			c.Closed.Evidence = v.check.Valid(c.Closed.Evidence)
			ids = append(ids, c.Closed.Evidence...)
			if c.Closed.Basis != "" && v.fails(c.Closed.Basis, c.Closed.Evidence, v.check.Cited(c.Closed.Basis, c.Closed.Evidence)) {
				c.Closed.Basis = ""
			}
		}
		if len(ids) > 0 {
			c.Name = v.heading(c.Name, v.check.Valid(ids))
		}
	}
}

func (v *verifier) movements() {
	v.out.Movements = slices.DeleteFunc(v.out.Movements, func(o referent.Movement) bool {
		return v.fails(o.Name, o.Evidence, v.check.Movement(o))
	})
	for i := range v.out.Movements {
		o := &v.out.Movements[i]
		o.Evidence = v.check.Valid(o.Evidence)
		o.Case = v.caseName(o.Case, o.Evidence)
		if o.Clock != "" && v.fails(o.Name+" "+o.Clock, o.Evidence, v.check.Time(o.Clock, o.Evidence)) {
			o.Clock = ""
		}
	}
}

func (v *verifier) next() {
	if n := v.out.NextMeeting; n != nil {
		n.Evidence = v.check.Valid(n.Evidence)
		if v.fails(n.Text, n.Evidence, v.check.Next(n)) {
			v.out.NextMeeting = nil
		}
	}
}

// attendance leaves only names that the roster, the voices or the words of the meeting know.
func (v *verifier) attendance() {
	for _, list := range []*[]string{&v.out.Present, &v.out.Absent} {
		*list = slices.DeleteFunc(slices.Clone(*list), func(name string) bool {
			if v.check.Knows(name) {
				return false
			}
			review(v.out, name, evidence.Fault{Kind: evidence.Name, Words: name}.Reason(v.form), []string{})
			return true
		})
	}
}
