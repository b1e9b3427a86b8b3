package templates

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/referent/referent"
)

// file is a template as it is written; what is left out has the defaults of newFile.
type file struct {
	ID           string                     `yaml:"id"`
	Base         referent.Kind              `yaml:"base"`
	Name         referent.Forms             `yaml:"name"`
	Instructions referent.Forms             `yaml:"instructions"`
	Fields       []referent.TemplateField   `yaml:"fields"`
	Sections     []referent.TemplateSection `yaml:"sections"`
	Layout       referent.TemplateLayout    `yaml:"layout"`
}

func newFile() file {
	return file{Layout: referent.TemplateLayout{Actions: referent.AsTable, Votes: referent.AsTable, Evidence: true, Logo: true}}
}

// beginning is the line that a document's content begins in, or that of its mark where it has none.
func beginning(d *ast.DocumentNode) int {
	switch {
	case d.Body != nil:
		return d.Body.GetToken().Position.Line
	case d.Start != nil:
		return d.Start.Position.Line
	}
	return 1
}

// parse reads a template, built-in or not. The error says all that is wrong, a line each, with the file's
// name and the line where it stands.
func parse(name string, data []byte) (*referent.Template, error) {
	fault := func(line int, format string, args ...any) error {
		return fmt.Errorf("%s:%d: %s", name, line, fmt.Sprintf(format, args...))
	}
	if len(data) > maxFile {
		return nil, fault(1, "the file is larger than %d bytes", maxFile)
	}
	if !utf8.Valid(data) {
		return nil, fault(1, "the file is not UTF-8")
	}
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		line, what := told(err)
		return nil, fault(line, "%s", what)
	}
	switch len(tree.Docs) {
	case 0:
		return nil, fault(1, "the file is empty")
	case 1:
	default:
		return nil, fault(beginning(tree.Docs[1]), "a file holds one template: no second document after ---")
	}
	if tree.Docs[0].Body == nil {
		return nil, fault(1, "the file is empty")
	}
	if n := reference(tree.Docs[0].Body); n != nil {
		return nil, fault(n.GetToken().Position.Line, "anchors (&), aliases (*) and tags (!) are not read")
	}
	f := newFile()
	if err := yaml.NewDecoder(strings.NewReader(string(data)), yaml.Strict()).Decode(&f); errors.Is(err, io.EOF) {
		return nil, fault(1, "the file is empty")
	} else if err != nil {
		line, what := told(err)
		return nil, fault(line, "%s", what)
	}
	var wrong []error
	f.check(func(path, format string, args ...any) {
		wrong = append(wrong, fault(lineOf(tree, path), "%s: %s", strings.TrimPrefix(path, "$."), fmt.Sprintf(format, args...)))
	})
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	sum := sha256.Sum256(data)
	return &referent.Template{ID: f.ID, Base: f.Base, Name: f.Name, Instructions: f.Instructions, Fields: f.Fields,
		Sections: f.Sections, Layout: f.Layout, SHA256: hex.EncodeToString(sum[:])}, nil
}

// told is the line and the sentence of an error of the YAML reader, without its drawing of the source.
func told(err error) (line int, what string) {
	var e yaml.Error
	if !errors.As(err, &e) {
		return 1, err.Error()
	}
	line = 1
	if t := e.GetToken(); t != nil && t.Position != nil {
		line = t.Position.Line
	}
	return line, e.GetMessage()
}

// reference finds what would make a file mean more than it says: none is needed, and a short file of
// aliases to aliases unfolds without end.
func reference(root ast.Node) ast.Node {
	var found ast.Node
	ast.Walk(visitor(func(n ast.Node) bool {
		switch n.(type) {
		case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
			found = n
		}
		return found == nil
	}), root)
	return found
}

type visitor func(ast.Node) bool

func (v visitor) Visit(n ast.Node) ast.Visitor {
	if !v(n) {
		return nil
	}
	return v
}

// lineOf is the line where a path stands, else where what holds it does.
func lineOf(tree *ast.File, path string) int {
	for path != "" && path != "$" {
		if p, err := yaml.PathString(path); err == nil {
			if n, err := p.FilterFile(tree); err == nil && n != nil && n.GetToken() != nil && n.GetToken().Position != nil {
				return n.GetToken().Position.Line
			}
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return 1
}
