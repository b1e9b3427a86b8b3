package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/referent/referent/access"
)

// registerDocument serves the OpenAPI document, and a page made of it that needs nothing from any
// other host.
func (s *Server) registerDocument() {
	doc := s.openAPI()
	jsonDoc, err := stableJSON(doc)
	if err != nil {
		panic("web: the OpenAPI document must marshal: " + err.Error()) // it is made of our own types; a test does it
	}
	yamlDoc, err := doc.YAML()
	if err != nil {
		panic("web: the OpenAPI document must marshal: " + err.Error())
	}
	serve := func(mediaType string, body []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			w.Write(body)
		}
	}
	s.routes.handle(http.MethodGet, "/api/openapi.json", access.OwnAccount, serve("application/openapi+json", jsonDoc))
	s.routes.handle(http.MethodGet, "/api/openapi.yaml", access.OwnAccount, serve("application/openapi+yaml", yamlDoc))
	groups := operationsOf(doc)
	s.routes.handle(http.MethodGet, "/api", access.OwnAccount, func(w http.ResponseWriter, r *http.Request) {
		s.pages.render(w, r, http.StatusOK, "document", documentPage{Info: doc.Info, Groups: groups})
	})
}

func (s *Server) openAPI() *huma.OpenAPI { return s.api.OpenAPI() }

// stableJSON is indented, so that a person can read it and a change shows as a few lines.
func stableJSON(doc *huma.OpenAPI) ([]byte, error) {
	data, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// operationGroup is one tag's operations on the page.
type operationGroup struct {
	Name, Text string
	Operations []documentedOperation
}

type documentedOperation struct {
	ID, Method, Path, Summary, Text string
	Parameters                      []documentedParameter
	Body                            string   // JSON schema, indented; "": none
	Answers                         []string // "200 application/json"
}

type documentedParameter struct {
	Name, In, Text string
	Required       bool
}

func operationsOf(doc *huma.OpenAPI) []operationGroup {
	groups := make([]operationGroup, len(doc.Tags))
	for i, tag := range doc.Tags {
		groups[i] = operationGroup{Name: tag.Name, Text: tag.Description}
	}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		item := doc.Paths[path]
		for _, o := range []*huma.Operation{item.Get, item.Head, item.Options, item.Post, item.Put, item.Patch, item.Delete} {
			if o == nil {
				continue
			}
			i := slices.IndexFunc(groups, func(g operationGroup) bool { return slices.Contains(o.Tags, g.Name) })
			groups[i].Operations = append(groups[i].Operations, documented(doc, path, o))
		}
	}
	return groups
}

func documented(doc *huma.OpenAPI, path string, o *huma.Operation) documentedOperation {
	d := documentedOperation{ID: o.OperationID, Method: o.Method, Path: path, Summary: o.Summary, Text: o.Description}
	for _, p := range o.Parameters {
		d.Parameters = append(d.Parameters, documentedParameter{p.Name, p.In, p.Description, p.Required})
	}
	slices.SortFunc(d.Parameters, func(a, b documentedParameter) int {
		return cmp.Or(cmp.Compare(a.In, b.In), cmp.Compare(a.Name, b.Name))
	})
	if o.RequestBody != nil {
		for _, media := range o.RequestBody.Content {
			schema := media.Schema
			if name, ok := strings.CutPrefix(schema.Ref, "#/components/schemas/"); ok {
				schema = doc.Components.Schemas.Map()[name]
			}
			if text, err := json.MarshalIndent(schema, "", "  "); err == nil {
				d.Body = string(text)
			}
		}
	}
	for _, status := range slices.Sorted(maps.Keys(o.Responses)) {
		types := slices.Sorted(maps.Keys(o.Responses[status].Content))
		d.Answers = append(d.Answers, strings.TrimSpace(status+" "+strings.Join(types, ", ")))
	}
	return d
}
