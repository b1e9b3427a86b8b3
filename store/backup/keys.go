package backup

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/sqldb"
)

const (
	formatKeys = "referent keys 1"
	fileKeys   = "referent.keys"
)

// keyLine is a line of the file of keys: the first has the format, the last the end, the others one thing each.
type keyLine struct {
	Format  string         `json:"format,omitempty"`
	Made    time.Time      `json:"made,omitzero"`
	Keyring []string       `json:"keyring,omitempty"`
	File    string         `json:"file,omitempty"` // of the folder of keys
	Data    []byte         `json:"data,omitempty"`
	Receipt *store.Receipt `json:"receipt,omitempty"`
	Meeting string         `json:"meeting,omitempty"`
	Wrapped []byte         `json:"wrapped,omitempty"`
	Carried bool           `json:"carried,omitempty"`
	End     int            `json:"end,omitempty"`    // lines, this one counted
	SHA256  string         `json:"sha256,omitempty"` // of all lines before
}

// Keys are a copy of the keys. Whoever has it, and the data, reads everything that is not erased.
type Keys struct {
	Made     time.Time
	Keyring  []string          // marks: see blob.Keyring.Marks
	Files    map[string][]byte // of the folder of keys, by name
	Receipts []store.Receipt   // of all erasures, those that had only begun too
	Wrapped  map[string][]byte // the key of each meeting that is not erased
	Carried  map[string]bool   // of these, the meetings that the database did not know: see CopyKeys
}

const (
	// SettingRestored holds, in a database that was put back, the mark of the keys that it was put back with: that it lacks
	// meetings which these know is no mistake.
	SettingRestored = "backup.restored"
	// SettingRestoring is set while a database is put back. It may be neither served nor copied.
	SettingRestoring = "backup.restoring"
)

// Mark tells copies of the keys apart.
func (k *Keys) Mark() string { return k.Made.Format(time.RFC3339Nano) }

// String says nothing: keys must not end up in a log.
func (*Keys) String() string { return "backup.Keys" }

// GoString says nothing either.
func (*Keys) GoString() string { return "backup.Keys" }

// erased reports whether all of a meeting was.
func erased(receipts []store.Receipt) map[string]bool {
	all := map[string]bool{}
	for _, r := range receipts {
		if r.What == store.ErasedMeeting {
			all[r.Meeting] = true
		}
	}
	return all
}

// patience is how long another that copies the keys is waited for: it takes moments.
const patience = time.Minute

// CopyKeys puts a copy of the keys in the place of the one in the folder dir, and gives the receipts that it holds. The
// one before goes: an erased meeting's key must not lie there any longer than until the next copy.
//
// CodeConflict: the one before is another installation's; or it has keys of meetings that the database does not know and
// has no receipt of, as when the database was lost and a new one is used. When the database was put back with them these
// keys are carried over: newer copies of the data than the one that was put back need them. With replace they go.
// CodeConfig: the folder is one of data.
func CopyKeys(ctx context.Context, src Source, dir string, replace bool) (receipts []store.Receipt, err error) {
	err = withKeys(ctx, src, dir, replace, func(k *newKeys) error {
		receipts = k.receipts
		return k.write(ctx, src, dir)
	})
	return receipts, err
}

// CheckKeys finds out what would keep CopyKeys from it, and gives the receipts. It changes nothing.
func CheckKeys(ctx context.Context, src Source, dir string, replace bool) (receipts []store.Receipt, err error) {
	err = withKeys(ctx, src, dir, replace, func(k *newKeys) error {
		receipts = k.receipts
		return nil
	})
	return receipts, err
}

// newKeys are keys that may take the place of those in the folder.
type newKeys struct {
	marks    []string
	snap     *sqldb.Snapshot
	receipts []store.Receipt
	carried  map[string][]byte
}

func withKeys(ctx context.Context, src Source, dir string, replace bool, do func(*newKeys) error) (err error) {
	const op = "backup: copy keys"
	for _, dir := range []string{dir, filepath.Dir(filepath.Clean(dir))} {
		if holdsCopies(dir) {
			return referent.E(referent.CodeConfig, op, errors.New("the folder for the keys is, or lies in, one of data")).
				WithHint("the keys must be apart from what they open")
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return blob.DiskError(op, err)
	}
	lock := flock.New(filepath.Join(dir, ".lock"), flock.SetPermissions(0o600))
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	held, err := lock.TryLockContext(waiting, 100*time.Millisecond)
	if err != nil && (waiting.Err() == nil || ctx.Err() != nil) {
		return blob.DiskError(op, err)
	}
	if !held {
		return referent.E(referent.CodeConflict, op, errors.New("another backup copies the keys right now"))
	}
	defer lock.Unlock()
	before, err := ReadKeys(dir)
	if err != nil && referent.CodeOf(err) != referent.CodeNotFound && !replace {
		return err
	}
	k := new(newKeys)
	if k.marks, err = src.Keyring.Marks(); err != nil {
		return err
	}
	if before != nil && !replace && !slices.ContainsFunc(before.Keyring, func(m string) bool { return slices.Contains(k.marks, m) }) {
		return referent.E(referent.CodeConflict, op, errors.New("the folder has the keys of another installation")).
			WithHint("give each installation a folder of its own for its keys")
	}
	if k.snap, err = src.Snapshot(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.snap.Close()) }()
	if k.receipts, err = src.receipts(ctx, k.snap); err != nil {
		return err
	}
	if before != nil && !replace {
		if k.carried, err = src.carry(ctx, k.snap, before, erased(k.receipts)); err != nil {
			return err
		}
	}
	return do(k)
}

// carry gives the keys of before that go on although the database does not know their meetings.
func (src *Source) carry(ctx context.Context, snap *sqldb.Snapshot, before *Keys, gone map[string]bool) (map[string][]byte, error) {
	restored, err := snap.Setting(ctx, SettingRestored)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	carried := maps.Clone(before.Wrapped)
	maps.DeleteFunc(carried, func(id string, _ []byte) bool { return gone[id] })
	if err := src.keys(ctx, snap, func(meeting string, _ []byte) error { delete(carried, meeting); return nil }); err != nil {
		return nil, err
	}
	lost := 0
	for id := range carried {
		if restored != before.Mark() && !before.Carried[id] {
			lost++
		}
	}
	if lost > 0 {
		return nil, referent.E(referent.CodeConflict, "backup: copy keys", fmt.Errorf("the database lacks %d meetings whose keys the folder has", lost)).
			WithHint("was the database lost, or an older one put back? with --replace-keys these keys go for ever, and what they open with them")
	}
	return carried, nil
}

// holdsCopies reports whether a folder is a Place.
func holdsCopies(dir string) bool {
	entries, _ := os.ReadDir(dir)
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		_, err := os.Stat(filepath.Join(dir, e.Name(), fileManifest))
		return isStamp(e.Name()) && err == nil
	})
}

// write writes the keys into the folder dir.
func (k *newKeys) write(ctx context.Context, src Source, dir string) error {
	const op = "backup: copy keys"
	files, err := src.KeyFiles()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, fileKeys)
	temp := path + ".part"
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return blob.DiskError(op, err)
	}
	out, err := newSummed(temp)
	if err != nil {
		return blob.DiskError(op, err)
	}
	defer os.Remove(temp) // does nothing after the rename
	w := &keyWriter{out: bufio.NewWriterSize(out, 256<<10), sum: sha256.New()}
	w.line(keyLine{Format: formatKeys, Made: src.Now().UTC(), Keyring: k.marks})
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w.line(keyLine{File: name, Data: files[name]})
	}
	for _, r := range k.receipts {
		w.line(keyLine{Receipt: &r})
	}
	for _, id := range slices.Sorted(maps.Keys(k.carried)) {
		w.line(keyLine{Meeting: id, Wrapped: k.carried[id], Carried: true})
	}
	err = src.keys(ctx, k.snap, func(meeting string, wrapped []byte) error {
		return w.line(keyLine{Meeting: meeting, Wrapped: wrapped})
	})
	if err == nil {
		err = w.end()
	}
	_, e := out.finish()
	if err = errors.Join(err, e); err == nil {
		err = errors.Join(os.Rename(temp, path), syncDir(dir))
	}
	if err != nil {
		return blob.DiskError(op, err)
	}
	return nil
}

// keyWriter writes lines. The first error stays.
type keyWriter struct {
	out *bufio.Writer
	sum interface {
		io.Writer
		Sum([]byte) []byte
	}
	lines int
	err   error
}

func (w *keyWriter) line(l keyLine) error {
	if w.err != nil {
		return w.err
	}
	data, err := json.Marshal(l)
	if err != nil {
		w.err = err
		return err
	}
	data = append(data, '\n')
	w.sum.Write(data)
	_, w.err = w.out.Write(data)
	w.lines++
	return w.err
}

func (w *keyWriter) end() error {
	w.line(keyLine{End: w.lines + 1, SHA256: hex.EncodeToString(w.sum.Sum(nil))})
	if w.err != nil {
		return w.err
	}
	return w.out.Flush()
}

// ReadKeys reads a copy of the keys: the file, or the folder that it is in. CodeNotFound: there is none.
func ReadKeys(path string) (*Keys, error) {
	const op = "backup: read keys"
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, fileKeys)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, blob.DiskError(op, err)
	}
	defer f.Close()
	k := &Keys{Files: map[string][]byte{}, Wrapped: map[string][]byte{}, Carried: map[string]bool{}}
	sum, r := sha256.New(), bufio.NewReaderSize(f, 256<<10)
	for n := 1; ; n++ {
		data, err := r.ReadBytes('\n')
		if err != nil {
			return nil, damagedKeys(op, errors.New("the keys end too early"))
		}
		var l keyLine
		if err := json.Unmarshal(data, &l); err != nil || n == 1 && l.Format != formatKeys {
			return nil, damagedKeys(op, errors.New("the file holds no keys")) // the cause would quote them
		}
		switch {
		case l.Format != "":
			k.Made, k.Keyring = l.Made, l.Keyring
		case l.File != "":
			if !plainName(l.File) {
				return nil, damagedKeys(op, errors.New("the name of a file with keys"))
			}
			k.Files[l.File] = l.Data
		case l.Receipt != nil:
			k.Receipts = append(k.Receipts, *l.Receipt)
		case l.Meeting != "":
			k.Wrapped[l.Meeting] = l.Wrapped
			if l.Carried {
				k.Carried[l.Meeting] = true
			}
		case l.End != 0:
			if l.End != n || l.SHA256 != hex.EncodeToString(sum.Sum(nil)) {
				return nil, damagedKeys(op, errors.New("the keys are not what was written"))
			}
			return k, nil
		}
		sum.Write(data)
	}
}

func damagedKeys(op string, err error) error {
	return referent.E(referent.CodeInternal, op, errors.Join(blob.ErrDamaged, err)).
		WithHint("use the copy of the keys in its other place; while the installation has its keys, make it anew with --replace-keys")
}

// plainName reports whether a name is that of a file in the folder of keys, and leads nowhere else.
func plainName(name string) bool {
	return name == filepath.Base(name) && name[0] != '.' && name != string(filepath.Separator)
}

// receipts are those of all erasures, oldest first, and of those that have begun, whose receipts are not written yet.
func (src *Source) receipts(ctx context.Context, snap *sqldb.Snapshot) ([]store.Receipt, error) {
	all, err := snap.Receipts(ctx, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	slices.Reverse(all)
	begun, err := src.Begun(ctx, snap)
	if err != nil {
		return nil, err
	}
	keyless, err := snap.Keyless(ctx)
	if err != nil {
		return nil, err
	}
	over := erased(all) // only the mark that it had begun is left
	begun = slices.DeleteFunc(begun, func(r store.Receipt) bool { return r.What == store.ErasedMeeting && over[r.Meeting] })
	known := erased(begun)
	for _, id := range keyless {
		if !known[id] {
			begun = append(begun, store.Receipt{Meeting: id, What: store.ErasedMeeting, At: src.Now(), KeyGone: true})
		}
	}
	return append(all, begun...), nil
}

// keys calls each with the wrapped keys of all meetings, by id.
func (src *Source) keys(ctx context.Context, snap *sqldb.Snapshot, each func(meeting string, wrapped []byte) error) error {
	t := table(snap, sqldb.TableKeys)
	if t == nil || t.Column("meeting") < 0 || t.Column("wrapped") < 0 {
		return referent.E(referent.CodeInternal, "backup: read keys", errors.New("the database has no table of keys"))
	}
	return pages(ctx, snap, func(from, to string, _ []string) error {
		return snap.Rows(ctx, t, from, to, func(row []any) error {
			return each(row[t.Column("meeting")].(string), row[t.Column("wrapped")].([]byte))
		})
	})
}

func table(snap *sqldb.Snapshot, name string) *sqldb.Table {
	i := slices.IndexFunc(snap.Tables, func(t sqldb.Table) bool { return t.Name == name })
	if i < 0 {
		return nil
	}
	return &snap.Tables[i]
}

// pageSize is how many meetings' rows are held in memory at a time.
const pageSize = 200

// pages calls each with the ids of all meetings, a page at a time, and the first and the last of the page.
func pages(ctx context.Context, snap *sqldb.Snapshot, each func(from, to string, ids []string) error) error {
	for after := ""; ; {
		ids, err := snap.MeetingIDs(ctx, after, pageSize)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		if err := each(ids[0], after, ids); err != nil {
			return err
		}
	}
}
