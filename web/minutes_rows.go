package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/review"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

// minutesPart is a part of the minutes on their page: a heading and its statements.
type minutesPart struct {
	ID, Heading string
	Rows        []statementRow
	Adds        *statementRow // the form for one of the person's own; nil: none
	Parts       []minutesPart // the points of a theme stand under it
}

// statementRow is a statement: what it says, where it was heard, and the form that changes it.
type statementRow struct {
	texter
	ID       string // of the element, and the place to come back to
	List     review.List
	Of       int
	Index    int
	Up, Down string // the ids after it has moved; "": it cannot
	Else     string // the place to come back to when it is gone
	Heading  bool   // it is the heading of what follows
	Text     string
	Facts    []string
	Notes    []string // what is the matter with it
	Added    bool
	Reworded bool
	Told     string // where the vote, movement, proposal or closed part stands that it tells of; the line follows that
	Tells    review.List
	Vote     bool // it is one, and
	By       string
	Evidence []evidenceRow
	Fields   []formField
	Deletes  bool
}

// taskRow is something that a person must take a stand on.
type taskRow struct {
	texter
	ID, Text, Reason string
	List             review.List
	Index            int
	Vote             int    // the vote to be confirmed, from 1; 0: it is none
	VoteID           string // where that stands
	Evidence         []evidenceRow
	Themes           []choice // that it can become a point of; the last is a new one
	As               []choice
	Accepts          bool // it can go into the minutes
}

// evidenceRow is a place where something was said.
type evidenceRow struct {
	Segment, Speaker, Text string
	Start                  float64
	Unsure                 bool
}

// texter says the page's words in the page's language.
type texter struct{ lang string }

func (t texter) T(key string, args ...any) string { return locale.T(t.lang, key, args...) }

// rower makes rows of minutes.
type rower struct {
	texter
	mi       *referent.Minutes
	segments map[string][]evidenceRow // by each id that they answer to, in order of time
}

func newRower(lang string, mi *referent.Minutes, t *referent.Transcript) *rower {
	r := &rower{texter{lang}, mi, map[string][]evidenceRow{}}
	if t != nil {
		for _, s := range t.Segments {
			for _, id := range append([]string{s.ID}, s.Joined...) {
				r.segments[id] = append(r.segments[id], evidenceRow{s.ID, t.SpeakerName(s.Speaker), s.Text, s.Start, !s.Quality.OK})
			}
		}
	}
	return r
}

func (r *rower) evidence(ids []string) []evidenceRow {
	var out []evidenceRow
	for _, id := range ids {
		for _, s := range r.segments[id] {
			if !slices.ContainsFunc(out, func(o evidenceRow) bool { return o.Segment == s.Segment }) {
				out = append(out, s)
			}
		}
	}
	return out
}

// placeID is the id of a statement's element.
func placeID(list review.List, of, index int) string {
	switch list {
	case review.Points, review.Proposals, review.Recommendation, review.Closed:
		return fmt.Sprintf("%s-%d-%d", list, of, index)
	}
	return fmt.Sprintf("%s-%d", list, index)
}

// row makes the row of the statement at a place of a list of so many.
func (r *rower) row(list review.List, of, index, count int, w review.Words, evidence []string) statementRow {
	id := placeID(list, of, index)
	x := statementRow{texter: r.texter, ID: id, List: list, Of: of, Index: index, Text: w.Text, Evidence: r.evidence(evidence),
		Fields: formFields(r.lang, id, list, w), Deletes: true, Else: "part-" + string(list)}
	if index > 0 {
		x.Up = placeID(list, of, index-1)
	}
	if index < count-1 {
		x.Down = placeID(list, of, index+1)
	}
	return x
}

// adds is the form for a statement of the person's own, last in its list.
func (r *rower) adds(list review.List, of, count int) *statementRow {
	id := "add-" + placeID(list, of, count)
	return &statementRow{texter: r.texter, ID: id, List: list, Of: of, Index: count, Up: placeID(list, of, count), Else: "part-" + string(list),
		Fields: formFields(r.lang, id, list, review.Words{})}
}

// fact is a named detail of a statement; none when there is nothing to tell.
func (r *rower) fact(name, value string) []string {
	if value == "" {
		return nil
	}
	return []string{r.T("minutes.field."+name) + ": " + value}
}

func (r *rower) part(list review.List, rows []statementRow, adds *statementRow) minutesPart {
	return minutesPart{ID: "part-" + string(list), Heading: r.T("minutes.part." + string(list)), Rows: rows, Adds: adds}
}

// parts is the document, in the order that it is worked through.
func (r *rower) parts() []minutesPart {
	out := []minutesPart{r.head(), r.themes()}
	if len(r.mi.Cases) > 0 {
		out = append(out, r.cases())
	}
	return append(out, r.decisions(), r.actions(), r.votes(), r.movements(), r.next())
}

func (r *rower) head() minutesPart {
	m := r.mi
	w := review.Words{Text: m.Title, Date: m.Date, Place: m.Place, Present: m.Present, Absent: m.Absent}
	x := r.row(review.Head, 0, 0, 1, w, nil)
	x.Deletes, x.Facts = false, append(append(append(r.fact("date", norwegianDay(m.Date)), r.fact("place", m.Place)...),
		r.fact("present", strings.Join(m.Present, ", "))...), r.fact("absent", strings.Join(m.Absent, ", "))...)
	return r.part(review.Head, []statementRow{x}, nil)
}

func (r *rower) themes() minutesPart {
	p := r.part(review.Items, nil, r.adds(review.Items, 0, len(r.mi.Items)))
	for i, it := range r.mi.Items {
		heading := r.row(review.Items, 0, i, len(r.mi.Items), review.Words{Text: it.Heading}, nil)
		heading.Heading = true
		theme := minutesPart{Rows: []statementRow{heading}, Adds: r.adds(review.Points, i, len(it.Points))}
		for k, q := range it.Points {
			x := r.row(review.Points, i, k, len(it.Points), review.Words{Text: q.Text}, q.Evidence)
			x.Added, x.Reworded, x.Else = q.Added, q.Reworded, heading.ID
			if of, tells := review.ToldFrom(r.mi, q.Text, q.Evidence); tells {
				x.Told, x.Tells, x.Deletes = placeID(of.List, of.Of, of.Index), of.List, false
			}
			theme.Rows = append(theme.Rows, x)
		}
		theme.Adds.Else = heading.ID
		p.Parts = append(p.Parts, theme)
	}
	return p
}

func (r *rower) cases() minutesPart {
	p := minutesPart{ID: "part-cases", Heading: r.T("minutes.part.cases")}
	for i, c := range r.mi.Cases {
		sub := minutesPart{Heading: c.Name, ID: fmt.Sprintf("case-%d", i), Adds: r.adds(review.Proposals, i, len(c.Proposals))}
		sub.Adds.Else = sub.ID
		if q := c.Recommendation; q != nil {
			x := r.row(review.Recommendation, i, 0, 1, review.Words{Text: q.Text}, q.Evidence)
			x.Added, x.Reworded, x.Else, x.Facts = q.Added, q.Reworded, sub.ID, []string{r.T("minutes.text.recommendation")}
			sub.Rows = append(sub.Rows, x)
		}
		for k, q := range c.Proposals {
			x := r.row(review.Proposals, i, k, len(c.Proposals), review.Words{Text: q.Text, By: q.By}, q.Evidence)
			x.Added, x.Reworded, x.Else, x.Facts = q.Added, q.Reworded, sub.ID, append([]string{r.T("minutes.text.proposals")}, r.fact("by", strings.Join(q.By, ", "))...)
			sub.Rows = append(sub.Rows, x)
		}
		if q := c.Closed; q != nil {
			x := r.row(review.Closed, i, 0, 1, review.Words{Text: q.Basis}, q.Evidence)
			x.Else, x.Facts = sub.ID, []string{r.T("minutes.closed")}
			sub.Rows = append(sub.Rows, x)
		}
		p.Parts = append(p.Parts, sub)
	}
	return p
}

func (r *rower) decisions() minutesPart {
	var rows []statementRow
	for i, d := range r.mi.Decisions {
		x := r.row(review.Decisions, 0, i, len(r.mi.Decisions), review.Words{Text: d.Text, Case: d.Case}, d.Evidence)
		x.Added, x.Reworded, x.Facts = d.Added, d.Reworded, r.fact("case", d.Case)
		rows = append(rows, x)
	}
	return r.part(review.Decisions, rows, r.adds(review.Decisions, 0, len(rows)))
}

func (r *rower) actions() minutesPart {
	var rows []statementRow
	for i, a := range r.mi.Actions {
		w := review.Words{Text: a.Task, Owner: a.Owner, Status: a.Status}
		if a.Due != nil {
			w.Due = *a.Due
		}
		x := r.row(review.Actions, 0, i, len(r.mi.Actions), w, a.Evidence)
		x.Added, x.Reworded, x.Facts = a.Added, a.Reworded, append(append(r.fact("owner", a.Owner), r.fact("due", norwegianDay(w.Due))...), r.fact("status", a.Status)...)
		rows = append(rows, x)
	}
	return r.part(review.Actions, rows, r.adds(review.Actions, 0, len(rows)))
}

func (r *rower) votes() minutesPart {
	var rows []statementRow
	for i, v := range r.mi.Votes {
		w := review.Words{Text: v.Proposal, Case: v.Case, For: v.For, Against: v.Against, Blank: v.Blank, Outcome: v.Outcome, ForMembers: v.ForMembers,
			AgainstMembers: v.AgainstMembers, BlankMembers: v.BlankMembers, ForParties: v.ForParties, AgainstParties: v.AgainstParties,
			Alternative: v.Alternative, DoubleVote: v.DoubleVote}
		x := r.row(review.Votes, 0, i, len(r.mi.Votes), w, v.Evidence)
		x.Text, x.Added, x.Reworded, x.Vote, x.Notes = extract.VotedText(v, string(r.mi.Language)), v.Added, v.Reworded, true, v.Faults
		x.Facts = r.fact("case", v.Case)
		if v.Blank != nil {
			x.Facts = append(x.Facts, r.fact("blank", strconv.Itoa(*v.Blank))...)
		}
		if v.Confirmed != nil {
			x.By = v.Confirmed.By
		}
		rows = append(rows, x)
	}
	return r.part(review.Votes, rows, r.adds(review.Votes, 0, len(rows)))
}

func (r *rower) movements() minutesPart {
	var rows []statementRow
	for i, x := range r.mi.Movements {
		row := r.row(review.Movements, 0, i, len(r.mi.Movements), review.Words{Text: x.Name, What: x.What, Case: x.Case, Time: x.Clock}, x.Evidence)
		row.Added, row.Reworded, row.Text = x.Added, x.Reworded, x.Name+" – "+r.T("minutes.movement."+x.What)
		row.Facts = append(r.fact("time", x.Clock), r.fact("case", x.Case)...)
		rows = append(rows, row)
	}
	return r.part(review.Movements, rows, r.adds(review.Movements, 0, len(rows)))
}

func (r *rower) next() minutesPart {
	n := r.mi.NextMeeting
	if n == nil {
		adds := r.adds(review.NextMeeting, 0, 0)
		return r.part(review.NextMeeting, nil, adds)
	}
	w := review.Words{Text: n.Text, Time: n.Time, Place: n.Place}
	if n.Date != nil {
		w.Date = *n.Date
	}
	x := r.row(review.NextMeeting, 0, 0, 1, w, n.Evidence)
	x.Facts = append(append(r.fact("date", norwegianDay(w.Date)), r.fact("time", n.Time)...), r.fact("place", n.Place)...)
	return r.part(review.NextMeeting, []statementRow{x}, nil)
}

// tasks are what a person must take a stand on: to be checked, perhaps forgotten, and what the law asks for.
func (r *rower) tasks() (check, missed, missing []taskRow) {
	themes := r.themeChoices()
	as := []choice{{"points", r.T("minutes.text.points"), false}, {"decisions", r.T("minutes.text.decisions"), false}, {"actions", r.T("minutes.text.actions"), false}}
	task := func(list review.List, i int, text, reason string, evidence []string) taskRow {
		return taskRow{texter: r.texter, ID: placeID(list, 0, i), Text: text, Reason: reason, List: list, Index: i,
			Evidence: r.evidence(evidence), Themes: themes, As: as, Accepts: list != review.Missing}
	}
	asked := map[int]bool{}
	for i, x := range r.mi.NeedsReview {
		t := task(review.NeedsReview, i, x.Text, x.Reason, x.Evidence)
		length := -1 // of the proposal: where two begin alike, the longer is meant
		for k, v := range r.mi.Votes {
			if len(v.Proposal) > length && extract.OfVote(x, v) {
				length, t.Vote, t.VoteID, t.Accepts = len(v.Proposal), k+1, placeID(review.Votes, 0, k), false
			}
		}
		asked[t.Vote-1] = true
		check = append(check, t)
	}
	for k, v := range r.mi.Votes { // one that somebody handed in without asking for its confirmation
		if v.Confirmed == nil && !asked[k] {
			t := task(review.NeedsReview, len(check), "", "", v.Evidence)
			x := extract.VoteReview(v, string(r.mi.Language))
			t.Text, t.Reason, t.Vote, t.VoteID, t.Accepts = x.Text, x.Reason, k+1, placeID(review.Votes, 0, k), false
			check = append(check, t)
		}
	}
	for i, p := range r.mi.PossiblyMissed {
		missed = append(missed, task(review.PossiblyMissed, i, p.Text, "", p.Evidence))
	}
	for i, s := range r.mi.Missing {
		missing = append(missing, task(review.Missing, i, s, "", nil))
	}
	return check, missed, missing
}

// norwegianDay writes an ISO date as 21.11.2026; what is none stays as it is.
func norwegianDay(iso string) string {
	if len(iso) == len("2006-01-02") && iso[4] == '-' && iso[7] == '-' {
		return iso[8:] + "." + iso[5:7] + "." + iso[:4]
	}
	return iso
}

// themeChoices are the themes that a statement can become a point of; the last is a new one. The parts of a case
// are called the same in every case, and told with its name.
func (r *rower) themeChoices() []choice {
	var out []choice
	name := ""
	for i, it := range r.mi.Items {
		part := slices.ContainsFunc([]norsk.Word{norsk.Recommendation, norsk.Treatment, norsk.Voting, norsk.Resolution},
			func(w norsk.Word) bool { return w.Is(it.Heading) })
		label := it.Heading
		if part && name != "" {
			label = name + " – " + label
		} else if !part {
			name = label
		}
		out = append(out, choice{Value: strconv.Itoa(i), Label: label, Chosen: i == len(r.mi.Items)-1})
	}
	return append(out, choice{Value: strconv.Itoa(len(r.mi.Items)), Label: r.T("minutes.theme.new"), Chosen: len(out) == 0})
}
