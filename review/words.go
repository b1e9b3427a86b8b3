package review

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/referent/referent"
)

// Words are what a person writes in a statement. Each list has its own of them.
type Words struct {
	Text string `json:"text,omitempty" doc:"The point, decision, task, proposal (also the one voted on), heading, title, member's name or legal basis."`
	Case string `json:"case,omitempty" doc:"Of decisions, votes and movements."`

	Owner  string `json:"owner,omitempty" doc:"Of actions."`
	Due    string `json:"due,omitempty" doc:"Of actions: an ISO date." example:"2027-03-01"`
	Status string `json:"status,omitempty" doc:"Of actions; empty: open."`

	For            *int     `json:"for,omitempty" doc:"Of votes, like all down to double_vote. Left out: not said."`
	Against        *int     `json:"against,omitempty"`
	Blank          *int     `json:"blank,omitempty"`
	Outcome        string   `json:"outcome,omitempty" example:"vedtatt"`
	ForMembers     []string `json:"for_members,omitempty" nullable:"false"`
	AgainstMembers []string `json:"against_members,omitempty" nullable:"false"`
	BlankMembers   []string `json:"blank_members,omitempty" nullable:"false"`
	ForParties     []string `json:"for_parties,omitempty" nullable:"false"`
	AgainstParties []string `json:"against_parties,omitempty" nullable:"false"`
	Alternative    string   `json:"alternative,omitempty" doc:"The proposal that it was set up against."`
	DoubleVote     bool     `json:"double_vote,omitempty" doc:"A tie that the chair's vote decided."`

	Date    string   `json:"date,omitempty" doc:"Of head and next_meeting: an ISO date."`
	Time    string   `json:"time,omitempty" doc:"Of next_meeting and movements, as it is to be written: 10.30."`
	Place   string   `json:"place,omitempty" doc:"Of head and next_meeting."`
	Present []string `json:"present,omitempty" nullable:"false" doc:"Of head."`
	Absent  []string `json:"absent,omitempty" nullable:"false" doc:"Of head."`
	What    string   `json:"what,omitempty" enum:"arrived,left,disqualified,substitute,returned" doc:"Of movements."`
	By      []string `json:"by,omitempty" nullable:"false" doc:"Of proposals: who put it forward."`
}

// The limits of what a person can write.
const (
	maxText  = 20000 // runes of a statement: a dictation's paragraph is one
	maxField = 1000  // runes of any other field
	maxNames = 1000
	maxCount = 100000 // votes
)

// clean takes away surrounding space and empty names. CodeInvalid: something cannot be written so.
func (w *Words) clean() error {
	for _, field := range []*string{&w.Text, &w.Case, &w.Owner, &w.Due, &w.Status, &w.Outcome, &w.Alternative, &w.Date, &w.Time, &w.Place, &w.What} {
		most := maxField
		if field == &w.Text || field == &w.Alternative {
			most = maxText
		}
		if err := cleanText(field, most); err != nil {
			return err
		}
	}
	for _, list := range []*[]string{&w.ForMembers, &w.AgainstMembers, &w.BlankMembers, &w.ForParties, &w.AgainstParties, &w.Present, &w.Absent, &w.By} {
		names := slices.Clone(*list)
		for i := range names {
			if err := cleanText(&names[i], maxField); err != nil {
				return err
			}
		}
		*list = slices.DeleteFunc(names, func(s string) bool { return s == "" })
		if len(*list) > maxNames {
			return invalid("too many names")
		}
	}
	for _, n := range []*int{w.For, w.Against, w.Blank} {
		if n != nil && (*n < 0 || *n > maxCount) {
			return invalid("a number of votes is not possible")
		}
	}
	for _, day := range []string{w.Due, w.Date} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return invalid("a date is not an ISO date")
		}
	}
	moves := []string{"", referent.MovementArrived, referent.MovementLeft, referent.MovementDisqualified, referent.MovementSubstitute, referent.MovementReturned}
	if !slices.Contains(moves, w.What) {
		return invalid("a member cannot do that")
	}
	return nil
}

// cleanText trims a field. Browsers send line breaks as CR LF.
func cleanText(s *string, most int) error {
	*s = strings.TrimSpace(strings.ReplaceAll(*s, "\r\n", "\n"))
	control := func(r rune) bool { return r != '\n' && r != '\t' && unicode.IsControl(r) }
	if !utf8.ValidString(*s) || utf8.RuneCountInString(*s) > most || strings.ContainsFunc(*s, control) {
		return invalid("a text is too long, or not text")
	}
	return nil
}

// day is a date as minutes hold it: nil when none is given.
func day(iso string) *string {
	if iso == "" {
		return nil
	}
	return &iso
}
