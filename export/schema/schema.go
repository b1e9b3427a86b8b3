// Package schema publishes the JSON schemas of the files that a run writes, and checks files against
// them. Other programs read those files: what is there keeps its name and meaning, new fields are optional,
// and any other change is a new version.
package schema

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/referent/referent"
)

//go:embed *.json
var files embed.FS

// names maps the "schema" field of a result to the file that describes it.
var names = map[string]string{
	referent.TranscriptSchema: "transcript.json",
	referent.MinutesSchema:    "minutes.json",
}

// For returns the schema of the results that carry this value in their "schema" field.
func For(version string) ([]byte, error) {
	name, ok := names[version]
	if !ok {
		return nil, referent.E(referent.CodeInvalid, "schema: find schema", fmt.Errorf("there is no schema %q", version))
	}
	return files.ReadFile(name)
}

// Validate checks a transcript.json or minutes.json; which one it is its "schema" field says. The error
// is CodeInvalid and says where the file departs.
func Validate(result []byte) error {
	const op = "schema: validate result"
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(result, &head); err != nil {
		return referent.E(referent.CodeInvalid, op, err)
	}
	text, err := For(head.Schema)
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(result))
	if err != nil {
		return referent.E(referent.CodeInvalid, op, err)
	}
	if err := compiled.Validate(value); err != nil {
		return referent.E(referent.CodeInvalid, op, err)
	}
	return nil
}
