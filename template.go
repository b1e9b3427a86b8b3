package referent

import "slices"

// Forms is one text in the language forms that it exists in; "" where it does not.
type Forms struct {
	NB string `json:"nb,omitempty" yaml:"nb"`
	NN string `json:"nn,omitempty" yaml:"nn"`
}

// In is the text in one form, never the other form's.
func (f Forms) In(l Language) string {
	if l == Nynorsk {
		return f.NN
	}
	return f.NB
}

// Empty reports whether there is no text in either form.
func (f Forms) Empty() bool { return f == Forms{} }

// Template is a form that minutes are written and laid out in. Package templates reads and checks them; the
// four built-in kinds are templates whose ID is the kind.
type Template struct {
	ID           string            `json:"id"`
	Base         Kind              `json:"base"` // the built-in kind whose rules the writers follow
	Name         Forms             `json:"name"` // "Møtereferat"; its forms are those the template can be used in
	Instructions Forms             `json:"instructions,omitzero"`
	Fields       []TemplateField   `json:"fields"`   // of the head, in order
	Sections     []TemplateSection `json:"sections"` // of the document, in order
	Layout       TemplateLayout    `json:"layout"`
	SHA256       string            `json:"sha256"` // of the file that it was read from, lower-case hex
}

// Has reports whether documents of the template can be written in a form.
func (t *Template) Has(l Language) bool {
	return (l == Bokmal || l == Nynorsk) && t.Name.In(l) != ""
}

// Written lists the sections that the writer fills itself, each under a heading of its own: those with
// SectionText. The statements of such a section are the Minutes.Items with its heading.
func (t *Template) Written() []TemplateSection {
	return slices.DeleteFunc(slices.Clone(t.Sections), func(s TemplateSection) bool { return s.Source != SectionText })
}

// Sign marks minutes as made for the template: writers follow the rules of its base and know no other kind.
func (t *Template) Sign(mi *Minutes) {
	mi.Kind = Kind(t.ID)
	mi.Provenance.Template, mi.Provenance.TemplateSHA = t.ID, t.SHA256
}

// FieldSource says what a line of a document's head shows.
type FieldSource string

const (
	FieldDate      FieldSource = "date"      // "21. november 2026", and the time where it is known and no other field has it
	FieldTime      FieldSource = "time"      // "kl. 10.30"
	FieldPlace     FieldSource = "place"     // of the meeting
	FieldBody      FieldSource = "body"      // the council, board or team
	FieldTitle     FieldSource = "title"     // of the meeting; it is the document's first heading too
	FieldChair     FieldSource = "chair"     // whom the roster has as chair
	FieldSecretary FieldSource = "secretary" // whom the roster has as secretary
	FieldPresent   FieldSource = "present"
	FieldAbsent    FieldSource = "absent"
	FieldText      FieldSource = "text" // TemplateField.Text as it stands
	FieldFill      FieldSource = "fill" // an open line for a person: case number, paragraph, ...
)

// FieldSources lists every source of a field.
var FieldSources = []FieldSource{FieldTitle, FieldDate, FieldTime, FieldPlace, FieldBody, FieldChair, FieldSecretary,
	FieldPresent, FieldAbsent, FieldText, FieldFill}

// TemplateField is a line of the document's head.
type TemplateField struct {
	Label  Forms       `json:"label" yaml:"label"`
	Source FieldSource `json:"source" yaml:"source"`
	Text   Forms       `json:"text,omitzero" yaml:"text"` // of FieldText
	// Always shows the line also when nothing is known, and says so. Without it the line is left out.
	Always bool `json:"always,omitempty" yaml:"always"`
}

// SectionSource says what a section of a document shows.
type SectionSource string

const (
	SectionText       SectionSource = "text"            // what the writer finds for the heading
	SectionItems      SectionSource = "items"           // the themes, less those that a text section has
	SectionCases      SectionSource = "cases"           // each case: recommendation, treatment, vote, resolution
	SectionAgenda     SectionSource = "agenda"          // the headings of themes or cases, numbered
	SectionDecisions  SectionSource = "decisions"       //
	SectionActions    SectionSource = "actions"         //
	SectionVotes      SectionSource = "votes"           //
	SectionAttendance SectionSource = "attendance"      // members who came, left or had no seat in a case
	SectionNext       SectionSource = "next_meeting"    //
	SectionMissing    SectionSource = "missing"         // what the law asks and the recording did not give
	SectionReview     SectionSource = "needs_review"    //
	SectionMissed     SectionSource = "possibly_missed" //
	SectionSignatures SectionSource = "signatures"      // a line to sign on for each of TemplateSection.Signers
)

// SectionSources lists every source of a section.
var SectionSources = []SectionSource{SectionText, SectionItems, SectionCases, SectionAgenda, SectionDecisions, SectionActions,
	SectionVotes, SectionAttendance, SectionNext, SectionMissing, SectionReview, SectionMissed, SectionSignatures}

// TemplateSection is one section of a document.
type TemplateSection struct {
	// Heading may be empty for items and cases: what they hold then stands by itself.
	Heading     Forms         `json:"heading,omitzero" yaml:"heading"`
	Source      SectionSource `json:"source" yaml:"source"`
	Instruction Forms         `json:"instruction,omitzero" yaml:"instruction"` // to a model: what belongs here; of SectionText
	Prose       bool          `json:"prose,omitempty" yaml:"prose"`            // paragraphs, not a list; of text and items
	// Always shows the section also when there is nothing in it, and says so. Without it the section is left out.
	Always  bool    `json:"always,omitempty" yaml:"always"`
	Signers []Forms `json:"signers,omitempty" yaml:"signers"` // of SectionSignatures: "Møteleder"
}

// TableOrList is how actions or votes are shown.
type TableOrList string

const (
	AsTable TableOrList = "table" // the default
	AsList  TableOrList = "list"
)

// TemplateLayout is how a document of the template looks.
type TemplateLayout struct {
	Numbered bool        `json:"numbered,omitempty" yaml:"numbered"` // sections are numbered
	Actions  TableOrList `json:"actions" yaml:"actions"`
	Votes    TableOrList `json:"votes" yaml:"votes"`
	Evidence bool        `json:"evidence" yaml:"evidence"` // the places that each statement was said are shown; the default
	Logo     bool        `json:"logo" yaml:"logo"`         // the organisation's, where it has one; the default
}
