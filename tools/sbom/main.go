// Command sbom makes the bill of materials of a built program, as CycloneDX 1.6 JSON: the Go modules that
// cyclonedx-gomod reads out of the binary, with the licences that the program itself tells, and what no Go module is:
// whisper.cpp, the pages' files from npm, ffmpeg, and the weights and libraries of the catalogue with their SHA-256. It
// holds the result against the schema before it is written.
//
//	sbom -program bin/referent -modules bom.json -lock web/assets/package-lock.json -schemas DIR -out bom.json
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func main() {
	program := flag.String("program", "", "the built program")
	modules := flag.String("modules", "", "what cyclonedx-gomod made of it")
	lock := flag.String("lock", "", "npm's package-lock.json")
	schemas := flag.String("schemas", "", "folder with CycloneDX' schemas")
	out := flag.String("out", "", "file to write")
	flag.Parse()
	if err := run(*program, *modules, *lock, *schemas, *out); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(program, modules, lock, schemas, out string) error {
	f, err := os.Open(modules)
	if err != nil {
		return err
	}
	defer f.Close()
	bom := new(cdx.BOM)
	if err := cdx.NewBOMDecoder(f, cdx.BOMFileFormatJSON).Decode(bom); err != nil {
		return fmt.Errorf("read modules: %w", err)
	}
	if bom.Components == nil || bom.Metadata == nil || bom.Metadata.Component == nil {
		return errors.New("the program tells of no modules")
	}
	bom.SerialNumber, bom.Metadata.Timestamp = "", "" // the same program has the same bill
	licences, err := answer[[]licence](program, "version", "--licences", "--json")
	if err != nil {
		return err
	}
	if err := license(*bom.Components, licences); err != nil {
		return err
	}
	weights, err := answer[[]weight](program, "models", "list", "--json")
	if err != nil {
		return err
	}
	version, err := answer[struct{ Native string }](program, "version", "--json")
	if err != nil {
		return err
	}
	packages, err := fromNPM(lock)
	if err != nil {
		return err
	}
	beside := slices.Concat(native(licences, version.Native), packages, fromCatalogue(weights))
	*bom.Components = append(*bom.Components, beside...)
	depend(bom, beside)

	var b bytes.Buffer
	if err := cdx.NewBOMEncoder(&b, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := validate(b.Bytes(), schemas); err != nil {
		return err
	}
	if err := os.WriteFile(out, b.Bytes(), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: %d components, of which %d are no Go modules\n", out, len(*bom.Components), len(beside))
	return nil
}

// answer is what the program prints as JSON.
func answer[T any](program string, args ...string) (v T, err error) {
	c := exec.Command(program, args...)
	c.Stderr = os.Stderr
	text, err := c.Output()
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		err = fmt.Errorf("%s %s: %w", program, strings.Join(args, " "), err)
	}
	return v, err
}

// licence is of a part or a Go module, as the program tells it.
type licence struct{ Name, Version, SPDX string }

func spdx(expression string) *cdx.Licenses {
	switch {
	case expression == "":
		return nil
	case strings.Contains(expression, " "):
		return &cdx.Licenses{{Expression: expression}}
	}
	return &cdx.Licenses{{License: &cdx.License{ID: expression}}}
}

// license writes the licences of Go modules. One that the program does not know is a mistake: models/licences/gen is run
// after each change of go.mod.
func license(components []cdx.Component, known []licence) error {
	for i := range components {
		c := &components[i]
		if c.Name == "std" {
			c.Licenses = spdx("BSD-3-Clause")
			continue
		}
		at := slices.IndexFunc(known, func(l licence) bool { return l.Name == c.Name && l.Version == c.Version })
		if at < 0 {
			return fmt.Errorf("the licence of %s %s is not known: run go generate ./models", c.Name, c.Version)
		}
		c.Licenses = spdx(known[at].SPDX)
	}
	return nil
}

// native are whisper.cpp, which is linked, and ffmpeg, which must be on the machine in any version.
func native(known []licence, stamp string) []cdx.Component {
	whisper := cdx.Component{BOMRef: "whisper.cpp", Type: cdx.ComponentTypeLibrary, Name: "whisper.cpp", Scope: cdx.ScopeRequired,
		Description: "linked statically, with ggml", Properties: &[]cdx.Property{{Name: "referent:build-stamp", Value: stamp}}}
	if at := slices.IndexFunc(known, func(l licence) bool { return l.Name == whisper.Name }); at >= 0 {
		whisper.Version, whisper.Licenses = known[at].Version, spdx(known[at].SPDX)
		whisper.PackageURL = "pkg:github/ggml-org/whisper.cpp@v" + whisper.Version
	}
	return []cdx.Component{whisper, {BOMRef: "ffmpeg", Type: cdx.ComponentTypeApplication, Name: "ffmpeg", Scope: cdx.ScopeRequired,
		Description: "run as a program of its own, as the system has it; not brought by Referent", Licenses: spdx("LGPL-2.1-or-later OR GPL-2.0-or-later")}}
}

// fromNPM are the packages whose files the program holds; what only checks use is none of it.
func fromNPM(lock string) (all []cdx.Component, err error) {
	text, err := os.ReadFile(lock)
	if err != nil {
		return nil, err
	}
	var l struct {
		Packages map[string]struct {
			Version, Integrity, License string
			Dev                         bool
		}
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return nil, fmt.Errorf("read %s: %w", lock, err)
	}
	for path, p := range l.Packages {
		name, ok := strings.CutPrefix(path, "node_modules/")
		if !ok || p.Dev {
			continue
		}
		algorithm, sum, _ := strings.Cut(p.Integrity, "-")
		hash, err := base64.StdEncoding.DecodeString(sum)
		if err != nil || algorithm != "sha512" {
			return nil, fmt.Errorf("%s: the integrity of %s is no SHA-512", lock, name)
		}
		all = append(all, cdx.Component{BOMRef: "npm:" + name, Type: cdx.ComponentTypeLibrary, Name: name, Version: p.Version, Scope: cdx.ScopeRequired,
			PackageURL: "pkg:npm/" + strings.Replace(name, "@", "%40", 1) + "@" + p.Version, Licenses: spdx(p.License),
			Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA512, Value: hex.EncodeToString(hash)}}})
	}
	slices.SortFunc(all, func(a, b cdx.Component) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// weight is an entry of the catalogue of what is brought to a machine beside the program.
type weight struct {
	Entry struct {
		Name, Role, Licence, File, SHA256 string
		Local                             bool
	}
}

func fromCatalogue(all []weight) (out []cdx.Component) {
	for _, w := range all {
		e := w.Entry
		if e.Local {
			continue
		}
		c := cdx.Component{BOMRef: "catalogue:" + e.Name, Type: cdx.ComponentTypeMachineLearningModel, Name: e.Name, Scope: cdx.ScopeOptional,
			Description: e.File, Licenses: spdx(e.Licence), Properties: &[]cdx.Property{{Name: "referent:role", Value: e.Role}}}
		if e.Role == "runtime" {
			c.Type = cdx.ComponentTypeLibrary
		}
		if e.SHA256 != "" { // else it is learnt at the first pull, from whoever publishes it
			c.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: e.SHA256}}
		}
		out = append(out, c)
	}
	return out
}

// depend says that the program needs what is beside its modules.
func depend(bom *cdx.BOM, beside []cdx.Component) {
	if bom.Dependencies == nil {
		bom.Dependencies = &[]cdx.Dependency{}
	}
	of := bom.Metadata.Component.BOMRef
	at := slices.IndexFunc(*bom.Dependencies, func(d cdx.Dependency) bool { return d.Ref == of })
	if at < 0 {
		*bom.Dependencies = append(*bom.Dependencies, cdx.Dependency{Ref: of})
		at = len(*bom.Dependencies) - 1
	}
	d := &(*bom.Dependencies)[at]
	if d.Dependencies == nil {
		d.Dependencies = &[]string{}
	}
	for _, c := range beside {
		*d.Dependencies = append(*d.Dependencies, c.BOMRef)
	}
}

// validate holds the bill against CycloneDX' own schema.
func validate(text []byte, schemas string) error {
	c := jsonschema.NewCompiler()
	for name, ext := range map[string]string{"bom-1.6": ".schema.json", "spdx": ".schema.json", "jsf-0.82": ".schemax.json"} { // as they are published
		file, err := os.Open(filepath.Join(schemas, name+ext))
		if err != nil {
			return err
		}
		doc, err := jsonschema.UnmarshalJSON(file)
		if err := errors.Join(err, file.Close()); err != nil {
			return fmt.Errorf("read schema %s: %w", name, err)
		}
		if err := c.AddResource("http://cyclonedx.org/schema/"+name+".schema.json", doc); err != nil {
			return err
		}
	}
	schema, err := c.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		return fmt.Errorf("compile schema: %w", err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	if err := schema.Validate(doc); err != nil {
		return fmt.Errorf("the bill is not as its schema says: %w", err)
	}
	return nil
}
