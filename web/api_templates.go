package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/templates"
)

// TemplateInfo is a form that minutes can take, and what it demands.
type TemplateInfo struct {
	ID        referent.Kind       `json:"id" doc:"As a meeting's kind names it."`
	Base      referent.Kind       `json:"base" doc:"The built-in kind whose rules the writers follow."`
	Name      referent.Forms      `json:"name" doc:"In the language forms that it can be written in."`
	Languages []referent.Language `json:"languages" nullable:"false"`
	Own       bool                `json:"own" doc:"The organisation's own."`
	Fields    []TemplatePart      `json:"fields" nullable:"false" doc:"Lines of the head, in order."`
	Sections  []TemplatePart      `json:"sections" nullable:"false" doc:"Of the document, in order."`
	SHA256    string              `json:"sha256" doc:"Of its file."`
}

// TemplatePart is a line of the head or a section.
type TemplatePart struct {
	Source  string         `json:"source" doc:"What it shows."`
	Heading referent.Forms `json:"heading,omitzero"`
	Always  bool           `json:"always,omitempty" doc:"Shown also when there is nothing in it."`
}

// TemplateFile is a file in the folder of the organisation's own templates, as it is now.
type TemplateFile struct {
	Name  string        `json:"name,omitempty" doc:"Without the folder; absent: the folder as a whole."`
	ID    referent.Kind `json:"id,omitempty" doc:"Of the template that it holds."`
	Fault string        `json:"fault,omitempty" doc:"What is wrong with it, a line each; with a fault in any file the server does not start."`
	InUse bool          `json:"in_use" doc:"The server has read it as it is. Otherwise it does when it is started again."`
}

// Templates are the templates in use, and the folder of the organisation's own.
type Templates struct {
	Templates []TemplateInfo `json:"templates" nullable:"false"`
	Folder    string         `json:"folder,omitempty" doc:"The setting templates_dir."`
	Files     []TemplateFile `json:"files" nullable:"false"`
}

func (s *Server) registerTemplates() {
	register(s, operation{method: http.MethodGet, path: "/templates", id: "list-templates", tag: "administration", needs: access.ManageSystem,
		summary: "List the templates of minutes", text: "What is in use, and what lies in the folder of the organisation's own."},
		func(ctx context.Context, _ *struct{}) (*struct{ Body Templates }, error) {
			f, err := s.templates()
			return &struct{ Body Templates }{f}, err
		})
}

func (s *Server) templates() (Templates, error) {
	f := Templates{Templates: []TemplateInfo{}, Folder: s.cfg.Installation.TemplatesDir, Files: []TemplateFile{}}
	for _, t := range s.cfg.Templates.All() {
		f.Templates = append(f.Templates, templateInfo(t))
	}
	files, err := templates.Inspect(f.Folder)
	for _, file := range files {
		row := TemplateFile{Name: file.Name}
		if file.Err != nil {
			row.Fault = file.Err.Error()
		} else {
			row.ID = referent.Kind(file.Template.ID)
			used := s.cfg.Templates.Find(row.ID)
			row.InUse = used != nil && used.SHA256 == file.Template.SHA256
		}
		f.Files = append(f.Files, row)
	}
	return f, err
}

func templateInfo(t *referent.Template) TemplateInfo {
	f := TemplateInfo{ID: referent.Kind(t.ID), Base: t.Base, Name: t.Name, Own: !slices.Contains(referent.Kinds, referent.Kind(t.ID)), SHA256: t.SHA256,
		Languages: []referent.Language{}, Fields: []TemplatePart{}, Sections: []TemplatePart{}}
	for _, l := range []referent.Language{referent.Bokmal, referent.Nynorsk} {
		if t.Has(l) {
			f.Languages = append(f.Languages, l)
		}
	}
	for _, x := range t.Fields {
		f.Fields = append(f.Fields, TemplatePart{string(x.Source), x.Label, x.Always})
	}
	for _, x := range t.Sections {
		f.Sections = append(f.Sections, TemplatePart{string(x.Source), x.Heading, x.Always})
	}
	return f
}
