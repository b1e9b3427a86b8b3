// Package extract is the built-in writer: it makes draft minutes by rules, from the phrases that
// Norwegian meetings use to decide, to hand out tasks, to vote and to agree on a next meeting. It uses
// no model and needs no network, and gives the same minutes for the same transcript each time.
//
// What is not here: invention. Every sentence it writes is a sentence that was said, cleaned of
// hesitation and, for tasks, turned to the infinitive; each carries the segments it was said in. Where
// the rules are in doubt the item goes to a person (NeedsReview), never into the text as fact.
package extract

import (
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
	markLeaders(m, us, p)
	switch out.Kind {
	case referent.KindCareNote:
		careNote(out, us)
		Complete(out)
		return out
	case referent.KindDictate:
		dictate(out, t, us)
		Complete(out)
		return out
	}
	day := meetingDay(m)
	list := themes(us, m.Agenda)
	sit := newSitting(m, us, p, list, form)
	sit.attendance(out)
	out.NextMeeting = next(us, day)
	actions(out, us, p, newCalendar(day, out.NextMeeting))
	var cases []Case
	for _, th := range list {
		props := sit.proposals(th)
		vs := sit.votes(th, props)
		ds, revoked := decisions(us, th, props, vs, form, out.Kind != referent.KindProtocol)
		for _, d := range revoked {
			out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: d.Text, Reason: norsk.ReasonRevoked.In(form), Evidence: d.Evidence})
		}
		if out.Kind == referent.KindProtocol {
			ds = sit.resolved(out, th, props, ds)
			sit.unread(out, th, props, vs, ds)
		}
		out.Decisions = append(out.Decisions, ds...)
		c := sit.caseOf(th, props, vs)
		c.Decisions = ds
		c.Points = points(us, th, props, form)
		out.Votes = append(out.Votes, c.Votes...)
		cases = append(cases, c)
	}
	if out.Kind == referent.KindProtocol {
		sit.record(out, cases)
	} else {
		out.Items = summaries(cases, form)
	}
	sit.checkVotes(out)
	ReviewVotes(out)
	if out.Kind == referent.KindProtocol {
		out.Items = Protocol(cases, form)
		out.Missing = append(out.Missing, Missing(m, out, cases)...)
	}
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
func actions(out *referent.Minutes, us []utterance, p *people, c *calendar) {
	form := string(out.Language)
	list, doubts := tasks(us, p, c)
	for _, t := range list {
		a := t.ActionItem
		if t.ambiguous {
			out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: a.Owner + ": " + a.Task, Reason: norsk.ReasonTwoNames.In(form), Evidence: a.Evidence})
		}
		if t.vague != "" {
			out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: a.Owner + ": " + a.Task, Reason: norsk.ReasonDue.In(form, "words", t.vague), Evidence: a.Evidence})
		}
		out.Actions = append(out.Actions, a)
	}
	for _, d := range doubts {
		d.item.Reason = d.reason.In(form)
		out.NeedsReview = append(out.NeedsReview, d.item)
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
