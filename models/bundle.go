package models

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
)

// A bundle is a tar archive: manifest.json, then licences/, then files/ in the manifest's order.
const (
	manifestName  = "manifest.json"
	bundleVersion = 1
	maxManifest   = 1 << 20
	maxNotice     = 8 << 20
)

// manifest opens a bundle and says what follows.
type manifest struct {
	Version int            `json:"version"`
	Created time.Time      `json:"created"`
	Files   []manifestFile `json:"files"`
}

type manifestFile struct {
	Name    string   `json:"name"`
	File    string   `json:"file"`
	SHA256  string   `json:"sha256"`
	Size    int64    `json:"size"`
	Tensors string   `json:"tensors,omitempty"`
	From    string   `json:"from"`
	Licence string   `json:"licence"`
	Notices []string `json:"notices,omitempty"` // texts that lie beside the file
	Entry   *Entry   `json:"entry,omitempty"`   // for what is not in the catalogue
}

// Bundle writes entries with their licences as a tar archive that [Store.Unbundle] installs on a machine
// without a network. Every file is verified first; CodeModelMissing or CodeModelCorrupt name the one that
// must be pulled.
func (s *Store) Bundle(ctx context.Context, names []string, w io.Writer) error {
	const op = "models: bundle"
	if len(names) == 0 {
		return referent.E(referent.CodeInvalid, op, fmt.Errorf("no entries named")).WithHint("for example: referent models bundle base silero-vad onnxruntime")
	}
	m := manifest{Version: bundleVersion, Created: time.Now().UTC().Truncate(time.Second)}
	for _, name := range names {
		if slices.ContainsFunc(m.Files, func(f manifestFile) bool { return f.Name == name }) {
			continue
		}
		rec, err := s.verify(ctx, name, nil)
		if err != nil {
			return err
		}
		e, _, err := s.entry(name)
		if err != nil {
			return err
		}
		f := manifestFile{Name: name, File: e.File, SHA256: rec.SHA256, Size: rec.Size, Tensors: rec.Tensors, From: rec.From, Licence: e.Licence, Entry: rec.Entry}
		notices, err := filepath.Glob(filepath.Join(s.dir, e.File+".*.txt"))
		if err != nil {
			return failed(op, err)
		}
		for _, n := range notices {
			f.Notices = append(f.Notices, filepath.Base(n))
		}
		m.Files = append(m.Files, f)
	}
	out := &bundleWriter{tar: tar.NewWriter(w), modified: m.Created}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	out.text(manifestName, append(raw, '\n'))
	for _, l := range Licences() {
		out.text("licences/"+l.Name+".txt", []byte(l.Text))
	}
	for _, f := range m.Files {
		for _, n := range f.Notices {
			content, err := os.ReadFile(filepath.Join(s.dir, n))
			if err != nil {
				return failed(op, err)
			}
			out.text("licences/"+n, content)
		}
	}
	for _, f := range m.Files {
		out.file(ctx, "files/"+f.File, filepath.Join(s.dir, f.File), f.Size)
	}
	if out.err == nil {
		out.err = out.tar.Close()
	}
	if out.err != nil {
		return failed(op, out.err)
	}
	return nil
}

// bundleWriter writes members; the first error sticks.
type bundleWriter struct {
	tar      *tar.Writer
	modified time.Time
	err      error
}

func (b *bundleWriter) head(name string, size int64) {
	if b.err == nil {
		b.err = b.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644, ModTime: b.modified, Format: tar.FormatPAX})
	}
}

func (b *bundleWriter) text(name string, content []byte) {
	b.head(name, int64(len(content)))
	if b.err == nil {
		_, b.err = b.tar.Write(content)
	}
}

func (b *bundleWriter) file(ctx context.Context, name, from string, size int64) {
	b.head(name, size)
	if b.err != nil {
		return
	}
	f, err := os.Open(from)
	if err != nil {
		b.err = err
		return
	}
	defer f.Close()
	_, b.err = copyWith(ctx, b.tar, f, func(int64) {})
}

// Unbundle installs a bundle's files. Each is held against the bundle's manifest, and, where this
// program knows digests for it, against those; only files that the manifest names are taken, by their
// base name. A bundle that was cut off leaves what came whole. CodeInvalid for what is not a bundle,
// CodeModelCorrupt, CodeDiskFull.
func (s *Store) Unbundle(ctx context.Context, r io.Reader) error {
	const op = "models: install bundle"
	t := tar.NewReader(r)
	m, err := readManifest(t)
	if err != nil {
		return referent.E(referent.CodeInvalid, op, err).WithHint("a bundle is made by: referent models bundle")
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return failed(op, err)
	}
	missing := map[string]manifestFile{}
	var total int64
	for _, f := range m.Files {
		missing["files/"+f.File] = f
		total += min(f.Size, math.MaxInt64-total) // a manifest can say anything
	}
	if err := s.needSpace(op, total); err != nil {
		return err
	}
	for len(missing) > 0 {
		h, err := t.Next()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return referent.E(referent.CodeModelCorrupt, op, fmt.Errorf("it stops early, with %d files to come", len(missing))).
				WithHint("copy the bundle again")
		}
		if err != nil {
			return unread(op, err)
		}
		f, wanted := missing[h.Name]
		switch {
		case h.Typeflag != tar.TypeReg:
		case wanted:
			if err := s.install(ctx, f, t); err != nil {
				return err
			}
			delete(missing, h.Name)
		default:
			if err := s.installNotice(m, h, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// readManifest reads the first member and refuses anything that could reach outside the folder.
func readManifest(t *tar.Reader) (manifest, error) {
	var m manifest
	h, err := t.Next()
	if err != nil || h.Name != manifestName || h.Size > maxManifest {
		return m, fmt.Errorf("it does not start with %s", manifestName)
	}
	if err := json.NewDecoder(t).Decode(&m); err != nil {
		return m, fmt.Errorf("%s is not readable", manifestName)
	}
	if m.Version != bundleVersion {
		return m, fmt.Errorf("a bundle of version %d", m.Version)
	}
	for _, f := range m.Files {
		if !fileForm.MatchString(f.File) || !nameForm.MatchString(f.Name) || !sha256Form.MatchString(f.SHA256) || f.Size <= 0 ||
			f.Entry != nil && (f.Entry.File != f.File || f.Entry.Name != f.Name) {
			return m, fmt.Errorf("the manifest names a file that cannot be")
		}
		for _, n := range f.Notices {
			if !fileForm.MatchString(n) || !strings.HasPrefix(n, f.File+".") || !strings.HasSuffix(n, ".txt") {
				return m, fmt.Errorf("the manifest names a text that cannot be")
			}
		}
	}
	return m, nil
}

func (s *Store) install(ctx context.Context, f manifestFile, r io.Reader) error {
	op := "models: install " + f.Name
	release, err := s.hold(ctx, f.File)
	if err != nil {
		return err
	}
	defer release()
	// What this program's own catalogue says outweighs the manifest.
	e, err := lookup(s.entries, f.Name)
	digests := e.Digests
	switch {
	case err == nil && e.File != f.File:
		return referent.E(referent.CodeInvalid, op, fmt.Errorf("its file is called otherwise here")).WithHint("the bundle is from another version of Referent")
	case err == nil && f.Entry != nil, err != nil && (f.Entry == nil || !strings.HasPrefix(f.File, "ggml-import-")):
		return referent.E(referent.CodeInvalid, op, fmt.Errorf("the catalogue here and the bundle do not fit each other")).WithHint("the bundle is from another version of Referent")
	}
	if len(digests) == 0 {
		digests = []Digest{{SHA256: f.SHA256, Size: f.Size, Tensors: f.Tensors, From: f.From}}
	}
	if f.Entry != nil {
		e = *f.Entry
	}
	pt, err := s.newPart(f.File)
	if err != nil {
		return failed(op, err)
	}
	if _, err := copyWith(ctx, pt, r, func(int64) {}); err != nil {
		pt.discard()
		return unread(op, err)
	}
	if pt.sum() != f.SHA256 {
		sum := pt.sum()
		pt.discard()
		return corrupt(op, f.Name, sum)
	}
	rec, err := s.settle(op, e, digests, pt, f.From+" (bundle)")
	if err != nil {
		return err
	}
	if e.Role == RoleRecognition {
		if rec.Tensors, err = s.checkTensors(op, e, Digest{Tensors: rec.Tensors}); err != nil {
			return err
		}
	}
	rec.Entry = f.Entry
	return s.remember(ctx, rec)
}

// unread is the error of a bundle that cannot be read on: cut off, or not what it was.
func unread(op string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, tar.ErrHeader) {
		return referent.E(referent.CodeModelCorrupt, op, err).WithHint("copy the bundle again")
	}
	return failed(op, err)
}

// installNotice keeps a licence text that the manifest ties to a file. Other texts are in this program too.
func (s *Store) installNotice(m manifest, h *tar.Header, r io.Reader) error {
	for _, f := range m.Files {
		if name := path.Base(h.Name); slices.Contains(f.Notices, name) && h.Name == "licences/"+name {
			raw, err := io.ReadAll(io.LimitReader(r, maxNotice))
			if err != nil {
				return unread("models: install licence", err)
			}
			return s.writeWhole(name, raw)
		}
	}
	return nil
}
