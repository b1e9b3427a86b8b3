package web

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/review"
)

// maxMinutesForm is the longest form of a statement in bytes: 20,000 runes, percent-encoded.
const maxMinutesForm = 512 << 10

// wordField is one of review.Words as a field of a form: exactly one of the functions is set.
type wordField struct {
	name string
	text func(*review.Words) *string
	list func(*review.Words) *[]string // a name on each line
	n    func(*review.Words) **int
	flag func(*review.Words) *bool
}

var wordFields = []wordField{
	{name: "text", text: func(w *review.Words) *string { return &w.Text }},
	{name: "case", text: func(w *review.Words) *string { return &w.Case }},
	{name: "owner", text: func(w *review.Words) *string { return &w.Owner }},
	{name: "due", text: func(w *review.Words) *string { return &w.Due }},
	{name: "status", text: func(w *review.Words) *string { return &w.Status }},
	{name: "for", n: func(w *review.Words) **int { return &w.For }},
	{name: "against", n: func(w *review.Words) **int { return &w.Against }},
	{name: "blank", n: func(w *review.Words) **int { return &w.Blank }},
	{name: "outcome", text: func(w *review.Words) *string { return &w.Outcome }},
	{name: "for_members", list: func(w *review.Words) *[]string { return &w.ForMembers }},
	{name: "against_members", list: func(w *review.Words) *[]string { return &w.AgainstMembers }},
	{name: "blank_members", list: func(w *review.Words) *[]string { return &w.BlankMembers }},
	{name: "for_parties", list: func(w *review.Words) *[]string { return &w.ForParties }},
	{name: "against_parties", list: func(w *review.Words) *[]string { return &w.AgainstParties }},
	{name: "alternative", text: func(w *review.Words) *string { return &w.Alternative }},
	{name: "double_vote", flag: func(w *review.Words) *bool { return &w.DoubleVote }},
	{name: "date", text: func(w *review.Words) *string { return &w.Date }},
	{name: "time", text: func(w *review.Words) *string { return &w.Time }},
	{name: "place", text: func(w *review.Words) *string { return &w.Place }},
	{name: "present", list: func(w *review.Words) *[]string { return &w.Present }},
	{name: "absent", list: func(w *review.Words) *[]string { return &w.Absent }},
	{name: "what", text: func(w *review.Words) *string { return &w.What }},
	{name: "by", list: func(w *review.Words) *[]string { return &w.By }},
}

// fieldsOf are the fields that a statement of each list has, in their order.
var fieldsOf = map[review.List][]string{
	review.Head:           {"text", "date", "place", "present", "absent"},
	review.Items:          {"text"},
	review.Points:         {"text"},
	review.Decisions:      {"text", "case"},
	review.Actions:        {"text", "owner", "due", "status"},
	review.Votes:          {"text", "case", "for", "against", "blank", "outcome", "for_members", "against_members", "blank_members", "for_parties", "against_parties", "alternative", "double_vote"},
	review.Movements:      {"text", "what", "case", "time"},
	review.Recommendation: {"text"},
	review.Proposals:      {"text", "by"},
	review.Closed:         {"text"},
	review.NextMeeting:    {"text", "date", "time", "place"},
}

// value is what stands in the field, as a form writes it.
func (f wordField) value(w *review.Words) string {
	switch {
	case f.text != nil:
		return *f.text(w)
	case f.list != nil:
		return strings.Join(*f.list(w), "\n")
	case f.n != nil:
		if n := *f.n(w); n != nil {
			return strconv.Itoa(*n)
		}
	case *f.flag(w):
		return "true"
	}
	return ""
}

// read puts what a person wrote into the words.
func (f wordField) read(w *review.Words, written string) error {
	switch {
	case f.text != nil:
		*f.text(w) = written
	case f.list != nil:
		*f.list(w) = strings.Split(strings.ReplaceAll(written, "\r", ""), "\n")
	case f.flag != nil:
		*f.flag(w) = written == "true"
	case strings.TrimSpace(written) != "":
		n, err := strconv.Atoi(strings.TrimSpace(written))
		if err != nil {
			return err
		}
		*f.n(w) = &n
	}
	return nil
}

// formField is a field as the page shows it.
type formField struct {
	Name, ID, Label, Value string
	Kind                   string // "line", "area", "names", "date", "number", "check", "what"
	Required               bool
	Choices                []choice // of "what"
}

type choice struct {
	Value, Label string
	Chosen       bool
}

var movements = []string{referent.MovementArrived, referent.MovementLeft, referent.MovementDisqualified, referent.MovementSubstitute, referent.MovementReturned}

// formFields are the fields of a statement with what stands in it.
func formFields(lang, id string, list review.List, w review.Words) []formField {
	var out []formField
	for _, name := range fieldsOf[list] {
		for _, f := range wordFields {
			if f.name != name {
				continue
			}
			x := formField{Name: name, ID: id + "-" + name, Value: f.value(&w), Kind: "line", Label: locale.T(lang, "minutes.field."+name)}
			switch {
			case name == "text":
				x.Label = locale.T(lang, "minutes.text."+string(list))
				x.Required = list != review.Head && list != review.Items && list != review.Closed && list != review.NextMeeting
				if list != review.Head && list != review.Items && list != review.Movements && list != review.Closed {
					x.Kind = "area"
				}
			case name == "due" || name == "date":
				x.Kind = "date"
			case name == "what":
				x.Kind = "what"
				for _, m := range movements {
					x.Choices = append(x.Choices, choice{m, locale.T(lang, "minutes.movement."+m), m == w.What})
				}
			case f.list != nil:
				x.Kind = "names"
			case f.n != nil:
				x.Kind = "number"
			case f.flag != nil:
				x.Kind = "check"
			}
			out = append(out, x)
		}
	}
	return out
}

// editOf reads an edit from a form of the page. Its buttons say up and down where an edit says to which place.
func editOf(form url.Values) (review.Edit, error) {
	e := review.Edit{Do: review.Do(form.Get("do")), List: review.List(form.Get("list")), As: review.List(form.Get("as"))}
	var errs []error
	for name, n := range map[string]*int{"of": &e.Of, "index": &e.Index, "restore": &e.Version} {
		if v := form.Get(name); v != "" {
			i, err := strconv.Atoi(v)
			*n, errs = i, append(errs, err)
		}
	}
	for _, f := range wordFields {
		errs = append(errs, f.read(&e.Words, form.Get(f.name)))
	}
	switch form.Get("do") {
	case "up":
		e.Do, e.To = review.Move, e.Index-1
	case "down":
		e.Do, e.To = review.Move, e.Index+1
	}
	if e.Do != review.Set && e.Do != review.Add && e.Do != review.Accept {
		e.Words = review.Words{} // the fields stand in the same form as the buttons
	}
	if err := errors.Join(errs...); err != nil {
		return e, referent.E(referent.CodeInvalid, "web: read form", errors.New("a number is none"))
	}
	return e, nil
}

// written is what a person wrote in a form, to show it again when it could not be kept.
func written(form url.Values) string {
	var out []string
	for _, f := range wordFields {
		if v := strings.TrimSpace(form.Get(f.name)); v != "" && f.flag == nil {
			out = append(out, v)
		}
	}
	return strings.Join(out, "\n")
}
