package models

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/referent/referent"
)

// Store is a folder of weights. Several processes may use one folder at the same time.
type Store struct {
	dir       string
	downloads string // where archives are kept
	entries   []Entry
	first     []Source

	// What tests replace.
	files  files
	client *http.Client
	pip    func(args ...string) []string
	retry  time.Duration // first pause after a lost connection
	stall  time.Duration // a connection that gives nothing for so long is lost
}

// Open gives the store in dir, which need not exist yet; "" is [DefaultDir]. Archives are kept in the
// downloads folder of [CacheDir].
func Open(dir string) *Store {
	if dir == "" {
		dir = DefaultDir()
	}
	c, err := loadCatalogue()
	if err != nil {
		panic(err) // the files are built in, and a test reads them
	}
	return &Store{
		dir: dir, downloads: filepath.Join(CacheDir(), "downloads"),
		entries: Catalogue(), first: c.First,
		files: disk{}, client: newClient(), pip: pipCommand,
		retry: time.Second, stall: time.Minute,
	}
}

// Dir is the folder of weights.
func (s *Store) Dir() string { return s.dir }

// Status is what the folder has of an entry.
type Status struct {
	Entry   Entry
	Path    string // where the file is, or would be
	Present bool   // the file is there, with a size that it may have
	// Verified: the file was hashed, its digest is the right one, and it has not been touched since.
	Verified bool
	Corrupt  bool   // the file is there, but of a size that it cannot have
	Size     int64  // on disk
	SHA256   string // as last hashed, "" before that
	Tensors  string // see [TensorDigest]; "" for what is not a whisper.cpp model
	From     string // where the file came from, or the digest that it was held against
}

// entry finds an entry of the catalogue or one imported here.
func (s *Store) entry(name string) (Entry, record, error) {
	lock, err := s.readLock()
	if err != nil {
		return Entry{}, record{}, err
	}
	e, err := lookup(s.all(lock), name)
	if err != nil {
		return Entry{}, record{}, err
	}
	rec := lock.Files[e.File]
	// A digest learnt from upstream on an earlier pull counts like one in the built-in lock.
	if len(e.Digests) == 0 && rec.SHA256 != "" {
		e.Digests = []Digest{{SHA256: rec.SHA256, Size: rec.Size, Tensors: rec.Tensors, From: rec.From}}
		e.Size, e.SHA256 = rec.Size, rec.SHA256
	}
	return e, rec, nil
}

// all lists the catalogue and then what was imported here, by name.
func (s *Store) all(lock localLock) []Entry {
	all := slices.Clone(s.entries)
	for _, rec := range lock.sorted() {
		if rec.Entry != nil {
			e := *rec.Entry
			e.Local = true
			all = append(all, e)
		}
	}
	return all
}

// Path is where a usable file of an entry is; what it needs is there too. It looks at sizes only; see
// [Store.Verify]. CodeModelMissing when there is none, CodeModelCorrupt when a size is wrong.
func (s *Store) Path(name string) (string, error) {
	st, err := s.Status(name)
	for _, need := range st.Entry.Needs {
		if _, err := s.Path(need); err != nil {
			return "", err
		}
	}
	switch {
	case err != nil:
		return "", err
	case st.Corrupt:
		return "", referent.E(referent.CodeModelCorrupt, "models: find "+name, fmt.Errorf("%d bytes instead of %d", st.Size, st.Entry.Size)).
			WithHint("referent models pull %s", name)
	case !st.Present:
		return "", referent.E(referent.CodeModelMissing, "models: find "+name, fmt.Errorf("not in the folder of weights")).
			WithHint("referent models pull %s", name)
	}
	return st.Path, nil
}

// Status tells what the folder has of an entry, without reading it.
func (s *Store) Status(name string) (Status, error) {
	e, rec, err := s.entry(name)
	if err != nil {
		return Status{}, err
	}
	return s.status(e, rec)
}

func (s *Store) status(e Entry, rec record) (Status, error) {
	st := Status{Entry: e, Path: filepath.Join(s.dir, e.File)}
	info, err := os.Stat(st.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return st, nil
	}
	if err != nil {
		return st, failed("models: look at "+e.Name, err)
	}
	st.Size = info.Size()
	sizeFits := len(e.Digests) == 0 || slices.ContainsFunc(e.Digests, func(d Digest) bool { return d.Size == st.Size })
	st.Present, st.Corrupt = sizeFits && info.Mode().IsRegular(), !sizeFits
	if rec.Size == st.Size && rec.Modified.Equal(info.ModTime()) && st.Present {
		_, accepted := e.accepts(rec.SHA256)
		st.SHA256, st.Tensors, st.From, st.Verified = rec.SHA256, rec.Tensors, rec.From, accepted
	}
	return st, nil
}

// List tells what the folder has of every entry of the catalogue, then of those imported here.
func (s *Store) List() ([]Status, error) {
	lock, err := s.readLock()
	if err != nil {
		return nil, err
	}
	var out []Status
	for _, e := range s.all(lock) {
		st, err := s.Status(e.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, st)
	}
	return out, nil
}
