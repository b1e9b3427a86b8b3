package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/referent/referent"
)

// The limits of a template: what it says to a model shares the model's context with the meeting.
const (
	maxFields       = 30
	maxSections     = 40
	maxSigners      = 6
	maxLabel        = 120  // runes of a name, label or heading
	maxText         = 500  // runes of a field's text or a section's instruction
	maxInstructions = 4000 // runes
)

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{1,39}$`)

// ValidID reports whether a template can have the id.
func ValidID(id string) bool { return idForm.MatchString(id) }

// bad takes a fault: where it is, as a path of the file ("$.sections[2].heading.nn"), and what it is.
type bad func(path, format string, args ...any)

// notes are what the writers of dictations never give.
var notes = map[referent.SectionSource]bool{referent.SectionDecisions: true, referent.SectionActions: true, referent.SectionVotes: true,
	referent.SectionAttendance: true, referent.SectionNext: true, referent.SectionMissing: true, referent.SectionAgenda: true}

func (f *file) check(wrong bad) {
	if !idForm.MatchString(f.ID) {
		wrong("$.id", "must be 2 to 40 small letters (a-z), digits, - or _, and begin with a letter or digit")
	}
	if !slices.Contains(referent.Kinds, f.Base) {
		wrong("$.base", "must be one of %v", referent.Kinds)
	}
	if f.Name.Empty() {
		wrong("$.name", "must be given in nb, nn or both")
		return // which forms the other texts need follows from it
	}
	f.text(wrong, "$.name", f.Name, maxLabel, false)
	if !f.Instructions.Empty() {
		f.text(wrong, "$.instructions", f.Instructions, maxInstructions, true)
	}
	f.checkFields(wrong)
	f.checkSections(wrong)
	shown := func(path string, v referent.TableOrList) {
		if v != referent.AsTable && v != referent.AsList {
			wrong(path, "must be table or list")
		}
	}
	shown("$.layout.actions", f.Layout.Actions)
	shown("$.layout.votes", f.Layout.Votes)
}

// text checks a text that must be given: in the forms that the template's name has and in no other.
func (f *file) text(wrong bad, path string, t referent.Forms, limit int, lines bool) {
	for _, form := range []referent.Language{referent.Bokmal, referent.Nynorsk} {
		s, at := t.In(form), path+"."+string(form)
		switch has := f.Name.In(form) != ""; {
		case has && strings.TrimSpace(s) == "":
			wrong(at, "is missing: the template's name has the form %s, and every text must", form)
		case !has && s != "":
			wrong(at, "is given, but the template's name lacks the form %s", form)
		case utf8.RuneCountInString(s) > limit:
			wrong(at, "is longer than %d characters", limit)
		case strings.ContainsAny(s, "<>{}"):
			wrong(at, "must not hold any of < > { }")
		case strings.ContainsFunc(s, func(r rune) bool { return unseen(r) && !(lines && (r == '\n' || r == '\t')) }):
			wrong(at, "holds a character that is not seen; a label or heading is one line")
		}
	}
}

// unseen are characters that no reader of a file sees and that change how text runs.
func unseen(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

func (f *file) checkFields(wrong bad) {
	if len(f.Fields) > maxFields {
		wrong("$.fields", "must be at most %d", maxFields)
		return
	}
	seen := map[referent.FieldSource]bool{}
	for i, x := range f.Fields {
		at := fmt.Sprintf("$.fields[%d]", i)
		if !slices.Contains(referent.FieldSources, x.Source) {
			wrong(at+".source", "must be one of %v", referent.FieldSources)
			continue
		}
		f.text(wrong, at+".label", x.Label, maxLabel, false)
		own := x.Source == referent.FieldText || x.Source == referent.FieldFill
		if seen[x.Source] && !own {
			wrong(at+".source", "%s stands in the head already", x.Source)
		}
		seen[x.Source] = true
		switch {
		case x.Source == referent.FieldText:
			f.text(wrong, at+".text", x.Text, maxText, false)
		case !x.Text.Empty():
			wrong(at+".text", "is only for source text")
		}
	}
}

func (f *file) checkSections(wrong bad) {
	if len(f.Sections) == 0 || len(f.Sections) > maxSections {
		wrong("$.sections", "must be 1 to %d", maxSections)
		return
	}
	seen := map[referent.SectionSource]bool{}
	headings := map[string]bool{}
	for i, s := range f.Sections {
		at := fmt.Sprintf("$.sections[%d]", i)
		if !slices.Contains(referent.SectionSources, s.Source) {
			wrong(at+".source", "must be one of %v", referent.SectionSources)
			continue
		}
		if !s.Heading.Empty() || s.Source != referent.SectionItems && s.Source != referent.SectionCases {
			f.text(wrong, at+".heading", s.Heading, maxLabel, false)
		}
		for _, form := range []referent.Language{referent.Bokmal, referent.Nynorsk} {
			h := strings.ToLower(strings.TrimSpace(s.Heading.In(form)))
			if h != "" && headings[string(form)+h] {
				wrong(at+".heading."+string(form), "is the heading of an earlier section too")
			}
			headings[string(form)+h] = h != ""
		}
		f.checkSource(wrong, at, s, seen)
		seen[s.Source] = true
	}
	for _, form := range []referent.Language{referent.Bokmal, referent.Nynorsk} {
		n := 0
		for _, s := range f.Sections {
			n += utf8.RuneCountInString(s.Instruction.In(form))
		}
		if n > maxInstructions {
			wrong("$.sections", "have instructions of more than %d characters in the form %s together", maxInstructions, form)
		}
	}
	if f.Base == referent.KindProtocol && !seen[referent.SectionCases] {
		wrong("$.sections", "must have cases with base %s: the law asks for each of them", f.Base)
	}
}

// checkSource checks what follows from a section's source.
func (f *file) checkSource(wrong bad, at string, s referent.TemplateSection, seen map[referent.SectionSource]bool) {
	isText := s.Source == referent.SectionText
	note := f.Base == referent.KindCareNote || f.Base == referent.KindDictate
	switch {
	case seen[s.Source] && !isText:
		wrong(at+".source", "%s has a section already", s.Source)
	case note && notes[s.Source]:
		wrong(at+".source", "%s is never given with base %s", s.Source, f.Base)
	case s.Source == referent.SectionCases && f.Base != referent.KindProtocol:
		wrong(at+".source", "cases are given with base %s alone; choose items", referent.KindProtocol)
	case s.Source == referent.SectionItems && f.Base == referent.KindProtocol:
		wrong(at+".source", "with base %s choose cases, which has the items of each case", f.Base)
	}
	switch {
	case !isText && !s.Instruction.Empty():
		wrong(at+".instruction", "is only for source text; what holds for the whole document goes to instructions")
	case !s.Instruction.Empty():
		f.text(wrong, at+".instruction", s.Instruction, maxText, true)
	}
	if s.Prose && !isText && s.Source != referent.SectionItems {
		wrong(at+".prose", "is only for source text and items")
	}
	switch signs := s.Source == referent.SectionSignatures; {
	case !signs && len(s.Signers) > 0:
		wrong(at+".signers", "is only for source signatures")
	case signs && (len(s.Signers) == 0 || len(s.Signers) > maxSigners):
		wrong(at+".signers", "must be 1 to %d", maxSigners)
	}
	for i, x := range s.Signers {
		f.text(wrong, fmt.Sprintf("%s.signers[%d]", at, i), x, maxLabel, false)
	}
}
