// Package templates reads the forms that minutes are written in: which lines the head has, which sections
// follow in which order, what a model is told, how the document looks. An organisation's own are files in a
// folder; the four built-in kinds are files of the same format. docs/templates.md describes it.
//
// What is not here: what stands in the minutes (package summarize) and how a document is drawn (package
// export). A template arranges; it can neither add a statement nor drop one.
package templates

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/referent/referent"
)

// The limits of a folder.
const (
	maxFile  = 64 << 10 // bytes of one file
	maxFiles = 100
)

//go:embed builtin/*.yaml
var builtinFiles embed.FS

// Example is an own template with every setting and what it is for.
//
//go:embed example.yaml
var Example []byte

var builtin = sync.OnceValue(func() []*referent.Template {
	var list []*referent.Template
	for _, k := range referent.Kinds {
		name := string(k) + ".yaml"
		data, err := builtinFiles.ReadFile("builtin/" + name)
		if err != nil {
			panic("templates: " + err.Error()) // a test reads every one
		}
		t, err := parse(name, data)
		if err != nil {
			panic(err)
		}
		list = append(list, t)
	}
	return list
})

// Builtin returns the template of a built-in kind, of referat for any other.
func Builtin(k referent.Kind) *referent.Template {
	at := max(0, slices.Index(referent.Kinds, k))
	return builtin()[at]
}

// Catalogue is the templates there are: the built-in ones and an organisation's own. nil and the zero value
// have the built-in ones alone. It does not change once it is made, and neither may what it returns.
type Catalogue struct{ own []*referent.Template }

// File is a file of a folder of templates, as it is now.
type File struct {
	Name     string             // without the folder; "": the folder as a whole
	Template *referent.Template // nil: Err says why
	Err      error
}

// Load reads every file of a folder that ends in .yaml or .yml, but not its subfolders nor files that begin
// with a dot. "" is no folder: the built-in templates alone. The error is CodeConfig and lists what is wrong
// with every file: its name, the line, and what.
func Load(dir string) (*Catalogue, error) {
	files, err := Inspect(dir)
	if err != nil {
		return nil, err
	}
	c := &Catalogue{}
	var wrong []error
	for _, f := range files {
		if f.Err != nil {
			wrong = append(wrong, f.Err)
			continue
		}
		c.own = append(c.own, f.Template)
	}
	if len(wrong) > 0 {
		return nil, referent.E(referent.CodeConfig, opFolder, errors.Join(wrong...)).WithHint("try a file with: referent templates check FILE")
	}
	slices.SortFunc(c.own, func(a, b *referent.Template) int { return cmp.Compare(a.ID, b.ID) })
	return c, nil
}

const opFolder = "templates: read folder"

// Inspect tells of every file that Load reads whether it is a template, by name. The error is CodeConfig: the folder
// cannot be read.
func Inspect(dir string) ([]File, error) {
	if dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, referent.E(referent.CodeConfig, opFolder, err).WithHint("templates_dir names a folder that can be read")
	}
	var files []File
	from := map[string]string{}
	for _, e := range entries {
		name := e.Name()
		if ext := filepath.Ext(name); strings.HasPrefix(name, ".") || ext != ".yaml" && ext != ".yml" {
			continue
		}
		if len(from) == maxFiles {
			return append(files, File{Err: fmt.Errorf("there are more than %d templates", maxFiles)}), nil
		}
		t, err := readFile(filepath.Join(dir, name))
		if err == nil {
			if first, twice := from[t.ID]; twice {
				t, err = nil, fmt.Errorf("%s: id %q is that of %s too", name, t.ID, first)
			} else {
				from[t.ID] = name
			}
		}
		files = append(files, File{name, t, err})
	}
	return files, nil
}

// ReadFile reads one template of an organisation's own. The error is CodeConfig and lists all that is wrong
// with it.
func ReadFile(path string) (*referent.Template, error) {
	t, err := readFile(path)
	if err != nil {
		return nil, referent.E(referent.CodeConfig, "templates: read file", err).WithHint("an example with every setting: referent templates example")
	}
	return t, nil
}

func readFile(path string) (*referent.Template, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	return Parse(filepath.Base(path), data)
}

// Parse reads one template of an organisation's own from the bytes of its file; name stands in errors, one
// for each fault, joined.
func Parse(name string, data []byte) (*referent.Template, error) {
	t, err := parse(name, data)
	if err == nil && slices.Contains(referent.Kinds, referent.Kind(t.ID)) {
		err = fmt.Errorf("%s: id %q is a built-in kind; an own template has another", name, t.ID)
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// All lists every template, the built-in ones first in the order a person chooses from, then the
// organisation's own by id.
func (c *Catalogue) All() []*referent.Template {
	list := slices.Clone(builtin())
	if c != nil {
		list = append(list, c.own...)
	}
	return list
}

// Find returns the template that a kind names; nil: there is none.
func (c *Catalogue) Find(k referent.Kind) *referent.Template {
	for _, t := range c.All() {
		if t.ID == string(k) {
			return t
		}
	}
	return nil
}

// Choose returns the template that a kind names, for minutes in the form l. CodeInvalid: there is no such
// template, or it does not have that form.
func (c *Catalogue) Choose(k referent.Kind, l referent.Language) (*referent.Template, error) {
	const op = "templates: choose"
	t := c.Find(k)
	if t == nil {
		return nil, referent.E(referent.CodeInvalid, op, errors.New("no such kind of document")).WithHint("the kinds are %s", strings.Join(c.ids(), ", "))
	}
	if !t.Has(l) {
		return nil, referent.E(referent.CodeInvalid, op, fmt.Errorf("template %s does not have the language form %q", t.ID, l)).
			WithHint("choose the other form or another kind, or add the form to every text of the template")
	}
	return t, nil
}

func (c *Catalogue) ids() []string {
	var out []string
	for _, t := range c.All() {
		out = append(out, t.ID)
	}
	return out
}
