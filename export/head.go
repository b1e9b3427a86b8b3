package export

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
)

// openLine is where a person writes by hand.
const openLine = "______________________"

// head adds the lines of the template's head.
func (l *layouter) head() {
	for _, f := range l.tpl.Fields {
		value := oneLine(l.field(f))
		if value == "" && f.Always {
			value = l.w.notGiven
		}
		if value != "" {
			l.d.head = append(l.d.head, [2]string{oneLine(f.Label.In(l.form)), value})
		}
	}
}

// field is what is known of a line of the head; "": nothing.
func (l *layouter) field(f referent.TemplateField) string {
	switch f.Source {
	case referent.FieldTitle:
		return l.mi.Title
	case referent.FieldDate:
		return l.when()
	case referent.FieldTime:
		if l.hasClock() {
			return l.w.clock(l.m.Start)
		}
	case referent.FieldPlace:
		return cmp.Or(l.mi.Place, l.m.Place)
	case referent.FieldBody:
		return l.m.Body
	case referent.FieldChair:
		return withRole(l.m.Participants, chairRoles)
	case referent.FieldSecretary:
		return withRole(l.m.Participants, secretaryRoles)
	case referent.FieldPresent:
		return l.names(l.mi.Present)
	case referent.FieldAbsent:
		return l.names(l.mi.Absent)
	case referent.FieldText:
		return typeset(f.Text.In(l.form))
	case referent.FieldFill:
		return openLine
	}
	return ""
}

// when is the day, and the time of day where no other field tells it.
func (l *layouter) when() string {
	if l.mi.Date == "" {
		return ""
	}
	apart := slices.ContainsFunc(l.tpl.Fields, func(f referent.TemplateField) bool { return f.Source == referent.FieldTime })
	if !apart && l.hasClock() {
		return l.w.moment(l.m.Start)
	}
	return l.w.day(l.mi.Date)
}

// hasClock reports whether it is known when on the minutes' day the meeting began: midnight is a day whose
// time nobody gave, and a person may have corrected the day.
func (l *layouter) hasClock() bool {
	s := l.m.Start
	return !s.IsZero() && (s.Hour() != 0 || s.Minute() != 0) && s.Format(time.DateOnly) == l.mi.Date
}

// names lists people; in a protocol with the parties that the roster has, which the result of a vote is
// told by.
func (l *layouter) names(list []string) string {
	if l.tpl.Base != referent.KindProtocol {
		return strings.Join(list, ", ")
	}
	out := slices.Clone(list)
	for i, name := range out {
		for _, p := range l.m.Participants {
			if p.Name == name && p.Party != "" {
				out[i] += " (" + p.Party + ")"
				break
			}
		}
	}
	return strings.Join(out, ", ")
}

// The roles that lead a meeting or write its minutes, those that say it most plainly first.
var (
	chairRoles = [][]string{{"møteleder", "møteleiar", "møteleiaren"}, {"ordfører", "ordførar", "fylkesordfører", "fylkesordførar"},
		{"utvalgsleder", "utvalsleiar", "komiteleder", "komitéleder", "komiteleiar"}, {"leder", "leiar"}}
	secretaryRoles = [][]string{{"referent", "møtereferent", "møtesekretær", "utvalgssekretær", "utvalssekretær"}, {"sekretær"}}
)

// withRole names those present who have the plainest of the roles that anybody has.
func withRole(people []referent.Participant, roles [][]string) string {
	for _, alike := range roles {
		var names []string
		for _, p := range people {
			is := func(word string) bool { return slices.Contains(alike, word) }
			if !p.Absent && slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(p.Role), notLetter), is) {
				names = append(names, p.Name)
			}
		}
		if len(names) > 0 {
			return strings.Join(names, ", ")
		}
	}
	return ""
}
