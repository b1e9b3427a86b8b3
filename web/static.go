package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/web/look"
)

// staticFiles are what pages load: our own scripts and styles, the third-party ones that the program was built
// with, and what the organisation's look is made of. They lie in one folder, whose address carries a hash over
// all of them: scripts and styles name each other without a path, and what a browser has kept is right for ever.
type staticFiles struct {
	files   map[string]staticFile
	version string
	styled  bool   // the third-party files are there
	logo    string // name of the organisation's; "": none
}

type staticFile struct {
	body      []byte
	mediaType string
	policy    string   // Content-Security-Policy of the file itself; "": the pages' own
	imports   []string // of a script: what it imports, and what that does
	tag       string   // weak: the file is the same, packed or not
}

// staticTypes is ours, so that files are the same whatever the machine's own table says.
var staticTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".txt": "text/plain; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".jpeg": "image/jpeg", ".woff2": "font/woff2",
}

// The name of the organisation's theme; its logo is called logo and its form.
const themeFile = "theme.css"

// newStaticFiles reads our own files and takes along the third-party ones, none when they are not there, and the
// organisation's.
func newStaticFiles(own fs.FS, thirdParty map[string][]byte, l *look.Look) (*staticFiles, error) {
	s := &staticFiles{files: map[string]staticFile{}, styled: len(thirdParty) > 0}
	entries, err := fs.ReadDir(own, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		body, err := fs.ReadFile(own, e.Name())
		if err != nil {
			return nil, err
		}
		s.add(e.Name(), body)
	}
	for name, body := range thirdParty {
		s.add(name, body)
	}
	if l.Theme != nil {
		s.add(themeFile, l.Theme)
	}
	if l.Logo != nil {
		s.logo = "logo." + l.Form
		s.add(s.logo, l.Logo)
		f := s.files[s.logo]
		f.policy = look.LogoPolicy
		s.files[s.logo] = f
	}
	s.seal()
	return s, nil
}

func (s *staticFiles) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	s.files[name] = staticFile{body: body, mediaType: staticTypes[path.Ext(name)], tag: `W/"` + hex.EncodeToString(sum[:8]) + `"`}
}

// importing finds what a script of ours imports: by name, from beside it.
var importing = regexp.MustCompile(`(?m)^import [^;]* from '\./([a-z_]+\.js)';`)

// importsOf lists what the script and the scripts that it imports import, each once, none that is known already.
func (s *staticFiles) importsOf(name string, known []string) []string {
	for _, m := range importing.FindAllSubmatch(s.files[name].body, -1) {
		if other := string(m[1]); !slices.Contains(known, other) {
			known = s.importsOf(other, append(known, other))
		}
	}
	return known
}

// seal names the folder, once everything is in it, and learns what its scripts import.
func (s *staticFiles) seal() {
	for name, f := range s.files {
		if path.Ext(name) == ".js" {
			f.imports = s.importsOf(name, nil)
			s.files[name] = f
		}
	}
	all := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(s.files)) {
		f := s.files[name]
		all.Write([]byte(name + f.tag + f.mediaType + f.policy + "\n"))
	}
	s.version = hex.EncodeToString(all.Sum(nil)[:8])
}

func (s *staticFiles) has(name string) bool { _, ok := s.files[name]; return ok }

// address is where a page loads the file from.
func (s *staticFiles) address(name string) string { return "/static/" + s.version + "/" + name }

// serveStatic answers with a file. Under the address that carries the hash of today it may be kept for ever;
// under that of another build, or none, it is asked for each time and sent when it changed.
func (p *pages) serveStatic(w http.ResponseWriter, r *http.Request) {
	f, ok := p.static.files[r.PathValue("file")]
	if !ok {
		p.server.writeProblem(w, r, referent.E(referent.CodeNotFound, "web: find file", nil))
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.mediaType)
	h.Set("ETag", f.tag)
	if f.policy != "" {
		h.Set("Content-Security-Policy", f.policy)
	}
	h.Set("Cache-Control", "no-cache")
	if r.PathValue("version") == p.static.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}
