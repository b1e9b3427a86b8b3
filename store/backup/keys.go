package backup

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
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

// Keys are a copy of the keys. Whoever has it, and the data, reads everything that is not erased.
type Keys struct {
	Made     time.Time
	Keyring  []string          // marks: see blob.Keyring.Marks
	Files    map[string][]byte // of the folder of keys, by name
	Receipts []store.Receipt   // of all erasures, those that had only begun too
	Wrapped  map[string][]byte // the key of each meeting that is not erased
	Carried  map[string]bool   // of these, the meetings that the database did not know: see CopyKeys
	Copies   []DataCopy        // that were made with these keys, oldest first
}

const (
	// SettingRestored holds, in a database that was put back, the mark of the keys that it was put back with: that it lacks
	// meetings which these know is no mistake.
	SettingRestored = "backup.restored"
	// SettingRestoring is set while a database is put back. It may be neither served nor copied.
	SettingRestoring = "backup.restoring"
)

// DataCopy is a copy of the data as it was when it was made. Copies in two places may have the same name.
type DataCopy struct{ Name, Sum string } // of its manifest, SHA-256

// maxCopies is how many copies of the data the keys remember.
const maxCopies = 1000

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
	return copyKeys(ctx, src, dir, replace)
}

// copyKeys is CopyKeys when copies of the data were made.
func copyKeys(ctx context.Context, src Source, dir string, replace bool, made ...DataCopy) (receipts []store.Receipt, err error) {
	err = withKeys(ctx, src, dir, replace, func(k *newKeys) error {
		receipts = k.receipts
		k.copies = append(k.copies, made...)
		k.copies = k.copies[max(0, len(k.copies)-maxCopies):]
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
	copies   []DataCopy
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
		k.copies = before.Copies
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
	for _, c := range k.copies {
		w.line(keyLine{Copy: c.Name, Sum: c.Sum})
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
