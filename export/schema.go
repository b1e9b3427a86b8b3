package export

import (
	"embed"
	"slices"

	"github.com/referent/referent"
)

//go:embed schema/*.json
var schemas embed.FS

// Schemas lists the names of the published schemas.
func Schemas() []string { return []string{"minutes", "transcript"} }

// Schema returns the JSON Schema (2020-12) that minutes.json or transcript.json obeys. Its $id carries
// the version, the same as the file's own "schema" field; a version is never changed once published.
func Schema(name string) ([]byte, error) {
	if !slices.Contains(Schemas(), name) {
		return nil, referent.E(referent.CodeNotFound, "export: read schema", nil).WithHint("one of %v", Schemas())
	}
	data, err := schemas.ReadFile("schema/" + name + ".json")
	if err != nil {
		return nil, referent.E(referent.CodeInternal, "export: read schema", err)
	}
	return data, nil
}
