// Package backup copies an installation while it is used, and puts it back where there is nothing yet.
//
// A copy is in two places that must not be one: the data, which opens nothing, and the keys.
//
//	<data>/20261123T021500Z/manifest.json  what the copy holds, with the SHA-256 of each file
//	<data>/20261123T021500Z/rows           the rows of the database, sealed (see rows.go)
//	<data>/20261123T021500Z/blobs          the names of its blobs, one a line
//	<data>/blobs/<meeting>/…               the blobs of all copies, sealed as they were, each once
//	<data>/erased                          what was erased of the copies: names only
//	<data>/damaged                         blobs that were found damaged, which the next copy copies again
//	<keys>/referent.keys                   the keys, and the receipts of erasures; one file, the newest
//
// # What is erased stays erased
//
// The rows of a meeting are sealed to the meeting's key, as its blobs are. That key is in no copy of the data, and the
// copy of the keys is always the newest: once a meeting is erased and the keys are copied again, no copy of the data
// opens it any more, however old. Of what is erased while the key stays (the sound, the words), the blobs are taken out
// of the older copies too, and a restore applies the receipts that came after the copy. Nothing but ids stands in plain.
//
// # One moment
//
// The rows are read in one transaction. Blobs never change: those that the rows name are copied afterwards, and one that
// is no longer there, and that no row names any more, was erased meanwhile. The keys and receipts are read last. A copy
// becomes one by a rename, when all of it is on the disk; what has no manifest is none.
//
// What is not here: which database and bucket (cmd/referent), and what becomes of a partly erased meeting
// (pipeline.EraseAgain).
package backup

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"github.com/referent/referent"
	"github.com/referent/referent/store/blob"
)

const (
	formatManifest = "referent backup 1"
	fileManifest   = "manifest.json"
	fileRows       = "rows"
	fileBlobs      = "blobs"
	dirBlobs       = "blobs"
	fileErased     = "erased"
	fileDamaged    = "damaged"
	partPrefix     = ".part-"
	stampLayout    = "20060102T150405Z"
)

// Manifest says what a copy holds.
type Manifest struct {
	Format   string          `json:"format"`
	Made     time.Time       `json:"made"`    // when the rows were read
	Version  string          `json:"version"` // of the program that made it
	Schema   int64           `json:"schema"`
	Keyring  []string        `json:"keyring"` // marks of the keyring: see blob.Keyring.Marks
	Meetings int             `json:"meetings"`
	Blobs    int             `json:"blobs"`
	Bytes    int64           `json:"bytes"`   // of the blobs, sealed
	Erased   int             `json:"erased"`  // blobs that were erased while the copy was made
	Missing  int             `json:"missing"` // blobs that the rows name and that were not there
	Damaged  int             `json:"damaged"` // blobs that were not what they had been
	Files    map[string]File `json:"files"`
}

// File is a file of a copy.
type File struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Place is a folder that holds copies of one installation's data.
type Place struct {
	dir    string
	root   *os.Root
	pool   *blob.Folder
	lock   *flock.Flock
	rotten map[string]bool // blobs that were found damaged
}

// OpenPlace opens the folder at dir. To make copies, one process at a time may have it open, and it is made when it is
// not there; to read them, several may, and that is CodeNotFound. CodeConflict: somebody makes a copy there right now.
func OpenPlace(dir string, make bool) (_ *Place, err error) {
	const op = "backup: open folder"
	if make {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, blob.DiskError(op, err)
		}
	}
	p := &Place{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(blob.DiskError(op, err), p.Close())
		}
	}()
	if p.root, err = os.OpenRoot(dir); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(dir, ".lock"), flock.SetPermissions(0o600))
	try := lock.TryRLock
	if make {
		try = lock.TryLock
	}
	held, err := try()
	if err != nil {
		return nil, err
	}
	if !held {
		return nil, referent.E(referent.CodeConflict, op, errors.New("another backup or restore uses the folder"))
	}
	p.lock = lock
	p.pool, err = blob.OpenFolder(filepath.Join(dir, dirBlobs))
	return p, err
}

// Close lets go of the folder.
func (p *Place) Close() error {
	var errs []error
	if p.pool != nil {
		errs = append(errs, p.pool.Close())
	}
	if p.lock != nil {
		errs = append(errs, p.lock.Unlock())
	}
	if p.root != nil {
		errs = append(errs, p.root.Close())
	}
	return errors.Join(errs...)
}

var isStamp = regexp.MustCompile(`^\d{8}T\d{6}Z$`).MatchString

// Copies lists the copies, oldest first, by the time in their names.
func (p *Place) Copies() ([]string, error) {
	const op = "backup: list copies"
	entries, err := fs.ReadDir(p.root.FS(), ".")
	if err != nil {
		return nil, blob.DiskError(op, err)
	}
	var all []string
	for _, e := range entries {
		if !e.IsDir() || !isStamp(e.Name()) {
			continue
		}
		if _, err := p.root.Stat(filepath.Join(e.Name(), fileManifest)); err == nil {
			all = append(all, e.Name())
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, blob.DiskError(op, err)
		}
	}
	slices.Sort(all)
	return all, nil
}

// Manifest reads that of a copy; "" is the newest. It gives the copy's name too. CodeNotFound: there is no such copy.
func (p *Place) Manifest(copy string) (*Manifest, string, error) {
	const op = "backup: read manifest"
	all, err := p.Copies()
	if err != nil {
		return nil, "", err
	}
	if copy == "" && len(all) > 0 {
		copy = all[len(all)-1]
	}
	if !slices.Contains(all, copy) {
		return nil, "", referent.E(referent.CodeNotFound, op, errors.New("there is no such copy in the folder"))
	}
	data, err := fs.ReadFile(p.root.FS(), copy+"/"+fileManifest)
	if err != nil {
		return nil, "", blob.DiskError(op, err)
	}
	m := new(Manifest)
	if err := json.Unmarshal(data, m); err != nil {
		return nil, "", damaged(op, errors.New("the manifest cannot be read"))
	}
	if m.Format != formatManifest {
		return nil, "", referent.E(referent.CodeConfig, op, errors.New("the copy has another format")).
			WithHint("restore it with the release that made it, or a newer one")
	}
	return m, copy, nil
}

// checked is the manifest of a copy ("": the newest) whose rows and list of blobs are what was written, and its name.
func (p *Place) checked(ctx context.Context, copy string) (*Manifest, string, error) {
	m, copy, err := p.Manifest(copy)
	if err != nil {
		return nil, "", err
	}
	for _, name := range []string{fileRows, fileBlobs} {
		if err := p.checkFile(ctx, copy, name, m); err != nil {
			return nil, "", err
		}
	}
	return m, copy, nil
}

// checkFile compares a file of a copy with its manifest.
func (p *Place) checkFile(ctx context.Context, copy, name string, m *Manifest) error {
	const op = "backup: check file"
	f, err := p.root.Open(filepath.Join(copy, name))
	if err != nil {
		return blob.DiskError(op, err)
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, blob.WithContext(ctx, f))
	if err != nil {
		return blob.DiskError(op, err)
	}
	if want, ok := m.Files[name]; !ok || n != want.Size || hex.EncodeToString(h.Sum(nil)) != want.SHA256 {
		return damaged(op, errors.New("a file of the copy is not what was written"))
	}
	return nil
}

func damaged(op string, err error) error {
	return referent.E(referent.CodeInternal, op, errors.Join(blob.ErrDamaged, err)).WithHint("use another copy")
}

// summed is a new file of which size and SHA-256 are told. It is readable by its owner alone.
type summed struct {
	f    *os.File
	hash interface {
		io.Writer
		Sum([]byte) []byte
	}
	size int64
}

func newSummed(path string) (*summed, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &summed{f: f, hash: sha256.New()}, nil
}

func (s *summed) Write(p []byte) (int, error) {
	n, err := s.f.Write(p)
	s.hash.Write(p[:n])
	s.size += int64(n)
	return n, err
}

// finish puts the file on the disk for good.
func (s *summed) finish() (File, error) {
	err := errors.Join(s.f.Sync(), s.f.Close())
	return File{s.size, hex.EncodeToString(s.hash.Sum(nil))}, err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// writeList puts names in the place of those that a file of the folder had.
func (p *Place) writeList(file string, v any) error {
	const op = "backup: write list"
	data, err := json.Marshal(v)
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	temp := partPrefix + rand.Text()
	f, err := newSummed(filepath.Join(p.dir, temp))
	if err != nil {
		return blob.DiskError(op, err)
	}
	_, err = f.Write(data)
	_, e := f.finish()
	if err = errors.Join(err, e); err == nil {
		err = errors.Join(p.root.Rename(temp, file), syncDir(p.dir))
	}
	if err != nil {
		return blob.DiskError(op, errors.Join(err, p.root.RemoveAll(temp)))
	}
	return nil
}

// readList reads what writeList wrote; nothing where there is no such file.
func (p *Place) readList(file string, into any) error {
	const op = "backup: read list"
	data, err := fs.ReadFile(p.root.FS(), file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return blob.DiskError(op, err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return damaged(op, errors.New("a list of names cannot be read"))
	}
	return nil
}

// set makes a set of names.
func set(names []string) map[string]bool {
	all := make(map[string]bool, len(names))
	for _, name := range names {
		all[name] = true
	}
	return all
}
