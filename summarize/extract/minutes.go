// Package extract is the built-in writer: it makes draft minutes by rules, from the phrases that
// Norwegian meetings use to decide, to hand out tasks, to vote and to agree on a next meeting. It uses
// no model and needs no network, and gives the same minutes for the same transcript each time.
//
// What is not here: invention. Every sentence it writes is a sentence that was said, cleaned of
// hesitation and, for tasks, turned to the infinitive; each carries the segments it was said in. Where
// the rules are in doubt the item goes to a person (NeedsReview), never into the text as fact.
package extract

import (
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// pointsPerTheme is how many statements a theme's summary holds at most.
const pointsPerTheme = 6

// Write makes draft minutes of the meeting's kind. Neither argument is changed. The provenance's time
// is left zero.
func Write(m *referent.Meeting, t *referent.Transcript) *referent.Minutes {
	out := Head(m)
	us := utterances(t)
	p := newPeople(m, t)
	form := string(out.Language)
	switch out.Kind {
	case referent.KindCareNote:
		careNote(out, us)
		Complete(out)
		return out
	case referent.KindDictate:
		dictate(out, t)
		Complete(out)
		return out
	}
	attendance(out, m, us, p)
	day := meetingDay(m)
	list := themes(us, m.Agenda)
	actions(out, us, p, day)
	var cases []Case
	for _, th := range list {
		props := proposals(us, th.from, th.to)
		vs := votes(us, th, props, p, form)
		ds := decisions(us, th, props, vs, form)
		out.Decisions = append(out.Decisions, ds...)
		c := Case{Heading: th.heading, Decisions: ds}
		for _, v := range vs {
			c.Votes = append(c.Votes, v.Vote)
		}
		out.Votes = append(out.Votes, c.Votes...)
		c.Points = points(us, th, props, form)
		for _, q := range props {
			if q.recommendation {
				c.Recommendation = append(c.Recommendation, referent.Point{Text: matter(q.text), Evidence: q.evidence})
			} else {
				c.Proposals = append(c.Proposals, Proposal{Point: q.point(form), By: q.by})
			}
		}
		cases = append(cases, c)
	}
	if out.Kind == referent.KindProtocol {
		out.Items = Protocol(cases, form)
		out.Missing = append(out.Missing, Missing(m, out, cases)...)
	} else {
		out.Items = summaries(cases, form)
	}
	out.NextMeeting = next(us, day)
	ReviewVotes(out)
	Complete(out)
	return out
}

// Head starts the minutes with what is known before anybody speaks.
func Head(m *referent.Meeting) *referent.Minutes {
	out := &referent.Minutes{
		Schema:   referent.MinutesSchema,
		Label:    referent.DraftLabel,
		Kind:     m.Kind,
		Language: m.Language,
		Title:    strings.TrimSpace(m.Title),
		Place:    strings.TrimSpace(m.Place),
	}
	if out.Kind == "" {
		out.Kind = referent.KindReferat
	}
	if out.Language != referent.Nynorsk {
		out.Language = referent.Bokmal
	}
	if out.Title == "" {
		out.Title = strings.TrimSpace(m.Body)
	}
	if !m.Start.IsZero() {
		out.Date = m.Start.Format(time.DateOnly)
	}
	out.Provenance = referent.Provenance{Writer: "builtin"}
	return out
}

// Complete makes every list of the minutes non-nil, so that minutes.json has no null where a list is
// promised.
func Complete(out *referent.Minutes) {
	lists := []*[]string{&out.Present, &out.Absent, &out.Missing}
	fill(&out.Items)
	fill(&out.Decisions)
	fill(&out.Actions)
	fill(&out.Votes)
	fill(&out.NeedsReview)
	fill(&out.PossiblyMissed)
	for i := range out.Items {
		fill(&out.Items[i].Points)
		for j := range out.Items[i].Points {
			lists = append(lists, &out.Items[i].Points[j].Evidence)
		}
	}
	for i := range out.Decisions {
		lists = append(lists, &out.Decisions[i].Evidence)
	}
	for i := range out.Actions {
		lists = append(lists, &out.Actions[i].Evidence)
	}
	for i := range out.Votes {
		lists = append(lists, &out.Votes[i].Evidence, &out.Votes[i].ForMembers, &out.Votes[i].AgainstMembers)
	}
	for i := range out.NeedsReview {
		lists = append(lists, &out.NeedsReview[i].Evidence)
	}
	for i := range out.PossiblyMissed {
		lists = append(lists, &out.PossiblyMissed[i].Evidence)
	}
	if out.NextMeeting != nil {
		lists = append(lists, &out.NextMeeting.Evidence)
	}
	for _, l := range lists {
		fill(l)
	}
}

func fill[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

// actions fills in the action items; what is in doubt goes to review.
func actions(out *referent.Minutes, us []utterance, p *people, day time.Time) {
	form := string(out.Language)
	list, review, reasons := tasks(us, p, day)
	for _, t := range list {
		a := t.ActionItem
		if t.ambiguous {
			out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: a.Owner + ": " + a.Task, Reason: norsk.ReasonTwoNames.In(form), Evidence: a.Evidence})
		}
		if t.vague != "" {
			out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: a.Owner + ": " + a.Task, Reason: norsk.ReasonDue.In(form, "words", t.vague), Evidence: a.Evidence})
		}
		same := slices.IndexFunc(out.Actions, func(o referent.ActionItem) bool {
			return o.Owner == a.Owner && norsk.Fold(o.Task) == norsk.Fold(a.Task)
		})
		if same >= 0 {
			o := &out.Actions[same]
			o.Evidence = evidence(o.Evidence, a.Evidence)
			if o.Due == nil {
				o.Due = a.Due
			}
			continue
		}
		out.Actions = append(out.Actions, a)
	}
	for i, r := range review {
		r.Reason = reasons[i].In(form)
		out.NeedsReview = append(out.NeedsReview, r)
	}
}

// summaries makes one item a theme.
func summaries(cases []Case, form string) []referent.Item {
	var out []referent.Item
	for _, c := range cases {
		heading := c.Heading
		if heading == "" {
			heading = norsk.Opening.In(form)
			if len(cases) == 1 {
				heading = norsk.Summary.In(form)
			}
		}
		if c.Heading == "" && len(c.Points) == 0 {
			continue
		}
		out = append(out, referent.Item{Heading: heading, Points: c.Points})
	}
	return out
}
