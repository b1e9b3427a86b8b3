package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func errReady(context.Context) error { return errors.New("secret detail") }

// checkOpenAPI holds a document to the structure of OpenAPI 3.1: what must be there is, ids are unique,
// every parameter of a path is described, and every reference leads somewhere.
func checkOpenAPI(t *testing.T, data []byte, page string) {
	t.Helper()
	type response struct {
		Description *string `json:"description"`
	}
	type operation struct {
		OperationID string `json:"operationId"`
		Tags        []string
		Parameters  []struct {
			Name, In string
			Required bool
			Schema   map[string]any
		}
		Responses map[string]response
	}
	var doc struct {
		OpenAPI    string `json:"openapi"`
		Info       struct{ Title, Version string }
		Paths      map[string]map[string]operation
		Components struct {
			Schemas         map[string]any
			SecuritySchemes map[string]struct{ Type string }
		}
		Security []map[string][]string
		Tags     []struct{ Name string }
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") || doc.Info.Title == "" || doc.Info.Version == "" || len(doc.Paths) == 0 {
		t.Fatalf("not an OpenAPI 3.1 document: %q, %+v", doc.OpenAPI, doc.Info)
	}
	for _, alternative := range doc.Security {
		for name := range alternative {
			if doc.Components.SecuritySchemes[name].Type == "" {
				t.Errorf("security scheme %q is not described", name)
			}
		}
	}
	methods := []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}
	ids := map[string]bool{}
	inPath := regexp.MustCompile(`\{(\w+)\}`)
	for path, item := range doc.Paths {
		if !strings.HasPrefix(path, "/api/v1/") {
			t.Errorf("path %s", path)
		}
		for method, o := range item {
			where := method + " " + path
			if !slices.Contains(methods, method) {
				t.Errorf("%s: no such method", where)
			}
			if o.OperationID == "" || ids[o.OperationID] {
				t.Errorf("%s: operationId %q is missing or taken", where, o.OperationID)
			}
			ids[o.OperationID] = true
			if len(o.Tags) != 1 || !strings.Contains(page, `id="`+o.OperationID+`"`) {
				t.Errorf("%s: tags %v, or it is not on the page", where, o.Tags)
			}
			if len(o.Responses) == 0 {
				t.Errorf("%s: no responses", where)
			}
			for status, resp := range o.Responses {
				if resp.Description == nil {
					t.Errorf("%s: response %s has no description", where, status)
				}
			}
			for _, name := range inPath.FindAllStringSubmatch(path, -1) {
				i := slices.IndexFunc(o.Parameters, func(p struct {
					Name, In string
					Required bool
					Schema   map[string]any
				}) bool {
					return p.In == "path" && p.Name == name[1] && p.Required && p.Schema != nil
				})
				if i < 0 {
					t.Errorf("%s: path parameter %s is not described", where, name[1])
				}
			}
		}
	}
	for _, ref := range regexp.MustCompile(`"\$ref": "([^"]+)"`).FindAllStringSubmatch(string(data), -1) {
		name, ok := strings.CutPrefix(ref[1], "#/components/schemas/")
		if !ok || doc.Components.Schemas[name] == nil {
			t.Errorf("reference %s leads nowhere", ref[1])
		}
	}
}
