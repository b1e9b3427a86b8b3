package backup

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/postgres/pgtest"
	"github.com/referent/referent/store/sqldb"
	"github.com/referent/referent/store/sqlite"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m).Run()) }

// installation is a database, a bucket and a keyring. The database is opened for each change, as another process does.
type installation struct {
	t       *testing.T
	dir     string
	keyring *blob.Keyring
	bucket  *blob.Folder
	now     time.Time
}

func newInstallation(t *testing.T) *installation {
	t.Helper()
	dir := t.TempDir()
	keyring, err := blob.OpenKeyring(filepath.Join(dir, "installation.key"))
	ok(t, err)
	bucket, err := blob.OpenFolder(filepath.Join(dir, "blobs"))
	ok(t, err)
	t.Cleanup(func() { bucket.Close() })
	i := &installation{t: t, dir: dir, keyring: keyring, bucket: bucket, now: time.Date(2026, 11, 23, 2, 15, 0, 0, time.UTC)}
	i.do(func(store.Tx) error { return nil })
	return i
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (i *installation) database() string { return filepath.Join(i.dir, "referent.db") }

func (i *installation) do(fn func(store.Tx) error) {
	i.t.Helper()
	d, err := sqlite.Open(i.t.Context(), i.database())
	ok(i.t, err)
	defer d.Close()
	ok(i.t, d.Tx(i.t.Context(), fn))
}

// meeting makes a meeting with a recording and a transcript, and gives the names of their blobs.
func (i *installation) meeting(id string) (recording, transcript string) {
	i.t.Helper()
	vault := blob.NewVault(i.bucket, i.keyring)
	key, wrapped, err := vault.NewKey()
	ok(i.t, err)
	recording, transcript = i.seal(id, key, "opptaket av "+id), i.seal(id, key, "ordene i "+id)
	i.do(func(tx store.Tx) error {
		return errors.Join(
			tx.CreateMeeting(i.t.Context(), &referent.Meeting{ID: id, Title: "Møtet " + id, State: referent.StateDraft}, wrapped),
			tx.AddPart(i.t.Context(), store.Part{Meeting: id, Size: 20, Blob: recording}),
			tx.PutArtifact(i.t.Context(), &store.Artifact{Meeting: id, Kind: store.ArtifactTranscript, Blob: transcript, Size: 20}))
	})
	return recording, transcript
}

func (i *installation) seal(id string, key *blob.Key, what string) string {
	i.t.Helper()
	w, err := blob.NewVault(i.bucket, i.keyring).Create(i.t.Context(), id, key)
	ok(i.t, err)
	_, err = io.WriteString(w, what)
	ok(i.t, err)
	name, err := w.Commit()
	ok(i.t, err)
	return name
}

// erase is what the pipeline does: the key, the blobs, the rows, the receipt.
func (i *installation) erase(id string) {
	i.t.Helper()
	ctx := i.t.Context()
	i.do(func(tx store.Tx) error { return tx.DestroyKey(ctx, id) })
	_, _, err := i.bucket.DeleteAll(ctx, id)
	ok(i.t, err)
	i.do(func(tx store.Tx) error {
		return tx.DeleteMeeting(ctx, id, store.Receipt{Meeting: id, What: store.ErasedMeeting, By: "u", At: i.now, KeyGone: true})
	})
}

func (i *installation) source() Source {
	return Source{Version: "prøve", Keyring: i.keyring, Bucket: i.bucket, Now: func() time.Time { return i.now },
		Snapshot: func(ctx context.Context) (*sqldb.Snapshot, error) { return sqlite.Snapshot(ctx, i.database()) },
		KeyFiles: func() (map[string][]byte, error) {
			data, err := os.ReadFile(filepath.Join(i.dir, "installation.key"))
			return map[string][]byte{"installation.key": data}, err
		},
		Begun: func(ctx context.Context, r store.Reader) ([]store.Receipt, error) {
			return pipeline.ErasuresBegun(ctx, r, i.now)
		},
	}
}

// copies is where the copies of an installation are.
type copies struct{ data, keys string }

func newCopies(t *testing.T) copies { return copies{t.TempDir(), t.TempDir()} }

func (c copies) open(t *testing.T) *Place {
	t.Helper()
	p, err := OpenPlace(c.data, true)
	ok(t, err)
	return p
}

// make makes a copy, a day after the last.
func (c copies) make(i *installation) (*Manifest, error) {
	i.t.Helper()
	p := c.open(i.t)
	defer p.Close()
	i.now = i.now.Add(24 * time.Hour)
	return p.Make(i.t.Context(), i.source(), Options{KeysTo: c.keys, Keep: 7 * 24 * time.Hour})
}

func (c copies) must(i *installation) *Manifest {
	i.t.Helper()
	m, err := c.make(i)
	ok(i.t, err)
	return m
}

// restore puts a copy back into an installation of its own.
func (c copies) restore(t *testing.T, copy string) (*installation, *Restored, error) {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	k, err := ReadKeys(c.keys)
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(dir, "installation.key"), k.Files["installation.key"], 0o600))
	keyring, err := blob.OpenKeyring(filepath.Join(dir, "installation.key"))
	ok(t, err)
	bucket, err := blob.OpenFolder(filepath.Join(dir, "blobs"))
	ok(t, err)
	t.Cleanup(func() { bucket.Close() })
	i := &installation{t: t, dir: dir, keyring: keyring, bucket: bucket, now: k.Made}
	p := c.open(t)
	defer p.Close()
	told, err := p.Rows(ctx, copy, Target{Keys: k, Keyring: keyring, Forget: pipeline.Forgotten, Now: i.now, Fill: func(ctx context.Context, schema int64) (*sqldb.Filling, error) {
		return sqlite.Fill(ctx, i.database(), schema)
	}})
	if err != nil {
		return nil, nil, err
	}
	i.do(func(tx store.Tx) error {
		return errors.Join(tx.PutSetting(ctx, SettingRestored, k.Mark()), pipeline.EraseAgain(ctx, tx, k.Receipts))
	})
	snap, err := sqlite.Snapshot(ctx, i.database())
	ok(t, err)
	ok(t, errors.Join(p.Blobs(ctx, snap, bucket, told), snap.Close()))
	return i, told, nil
}

func (i *installation) meetings() []string {
	i.t.Helper()
	snap, err := sqlite.Snapshot(i.t.Context(), i.database())
	ok(i.t, err)
	defer snap.Close()
	ids, err := snap.MeetingIDs(i.t.Context(), "", 100)
	ok(i.t, err)
	return ids
}

// blobsIn lists what is in a bucket, or in the pool.
func blobsIn(t *testing.T, b blob.Bucket) []string {
	t.Helper()
	names, err := b.List(t.Context(), "")
	ok(t, err)
	return names
}

func (c copies) pool(t *testing.T) []string {
	t.Helper()
	p := c.open(t)
	defer p.Close()
	return blobsIn(t, p.pool)
}

func (c copies) verify(t *testing.T, copy string) (*Verified, error) {
	t.Helper()
	p := c.open(t)
	defer p.Close()
	return p.Verify(t.Context(), copy)
}

// What was copied comes back, is opened by its keys, and files that the place has are not written again.
func TestCopyAndBack(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	first := c.must(i)
	old := stat(t, c)
	i.meeting("b")
	second := c.must(i)
	if first.Meetings != 1 || first.Blobs != 2 || second.Meetings != 2 || second.Blobs != 4 {
		t.Errorf("the copies hold %+v and %+v", first, second)
	}
	for path, was := range old {
		if now := stat(t, c)[path]; now != was {
			t.Errorf("a blob that was there was written again: %v, %v", was, now)
		}
	}
	back, told, err := c.restore(t, "")
	ok(t, err)
	if !told.Whole() || told.Meetings != 2 || told.Blobs != 4 || !slices.Equal(back.meetings(), []string{"a", "b"}) {
		t.Errorf("restored %+v: %v", told, back.meetings())
	}
	if got, want := blobsIn(t, back.bucket), blobsIn(t, i.bucket); !slices.Equal(got, want) {
		t.Errorf("the blobs are %v, want %v", got, want)
	}
	snap, err := sqlite.Snapshot(t.Context(), back.database())
	ok(t, err)
	defer snap.Close()
	if good, bad, err := Check(t.Context(), snap, blob.NewVault(back.bucket, back.keyring)); good != 4 || bad != 0 || err != nil {
		t.Errorf("%d blobs can be read, %d not, %v", good, bad, err)
	}
	if _, told, err := c.restore(t, first.Made.Format(stampLayout)); err != nil || told.Meetings != 1 {
		t.Errorf("the first copy gives %+v, %v", told, err)
	}
	private(t, c.data)
	private(t, c.keys)
}

// private finds what others than the owner may read below a folder.
func private(t *testing.T, dir string) {
	t.Helper()
	ok(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", d.Name(), info.Mode())
		}
		return err
	}))
}

func stat(t *testing.T, c copies) map[string]time.Time {
	t.Helper()
	all := map[string]time.Time{}
	ok(t, filepath.WalkDir(filepath.Join(c.data, dirBlobs), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			all[path] = info.ModTime()
		}
		return err
	}))
	if len(all) == 0 {
		t.Fatal("there are no blobs")
	}
	return all
}

// A meeting that is erased after a copy stays erased when that copy is put back, and nothing that is left opens its rows.
func TestErasedStaysErased(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	i.meeting("b")
	first := c.must(i).Made.Format(stampLayout)
	i.erase("b")
	_, err := CopyKeys(t.Context(), i.source(), c.keys, false)
	ok(t, err)
	back, told, err := c.restore(t, first)
	ok(t, err)
	if told.Erased != 1 || !told.Whole() || !slices.Equal(back.meetings(), []string{"a"}) {
		t.Errorf("restored %+v: %v", told, back.meetings())
	}
	var receipts []store.Receipt
	back.do(func(tx store.Tx) (err error) { receipts, err = tx.Receipts(t.Context(), 0); return err })
	if len(receipts) != 1 || receipts[0].Meeting != "b" || !receipts[0].KeyGone {
		t.Errorf("the receipts are %+v", receipts)
	}

	// Whoever has all that is left, and does not care for receipts.
	k, err := ReadKeys(c.keys)
	ok(t, err)
	k.Receipts = nil
	vault, tried := blob.NewVault(nil, i.keyring), 0
	eachSection(t, c, first, func(at section, sealed []byte) {
		if at.Meeting != "b" {
			return
		}
		for _, wrapped := range k.Wrapped {
			key, err := vault.Unwrap(wrapped)
			ok(t, err)
			if _, err := key.Open(newReader(sealed)); err == nil {
				t.Error("another meeting's key opens the rows of the erased one")
			}
		}
		if _, err := i.keyring.Open(newReader(sealed)); err == nil {
			t.Error("the keyring opens the rows of the erased one")
		}
		tried++
	})
	if tried != 1 {
		t.Errorf("%d sections are the erased meeting's", tried)
	}

	// The next copy takes the bytes out of the old one, which is whole for all that.
	c.must(i)
	for _, name := range c.pool(t) {
		if name[0] == 'b' {
			t.Error("the pool still has blobs of the erased meeting")
		}
	}
	if v, err := c.verify(t, first); err != nil || !v.Whole() || v.Erased != 2 || v.Blobs != 2 {
		t.Errorf("the first copy is %+v, %v", v, err)
	}
}

// When only the sound was erased, an older copy gives the rest back, and its blobs go with the next copy.
func TestErasedAudioStaysErased(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	recording, transcript := i.meeting("a")
	first := c.must(i).Made.Format(stampLayout)
	i.do(func(tx store.Tx) error {
		return errors.Join(tx.DeleteRecording(t.Context(), "a", nil), tx.AddReceipt(t.Context(), store.Receipt{Meeting: "a", What: store.ErasedAudio, By: "u", At: i.now}))
	})
	ok(t, i.bucket.Delete(t.Context(), recording))
	for range 2 {
		c.must(i)
	}
	if got := c.pool(t); !slices.Equal(got, []string{transcript}) {
		t.Errorf("the pool holds %v, want only the transcript", got)
	}
	back, told, err := c.restore(t, first)
	ok(t, err)
	if got := blobsIn(t, back.bucket); !slices.Equal(got, []string{transcript}) || !told.Whole() {
		t.Errorf("restored %+v: %v", told, got)
	}
	back.do(func(tx store.Tx) error {
		parts, err := tx.Parts(t.Context(), "a")
		receipts, e := tx.Receipts(t.Context(), 0)
		if len(parts) != 0 || len(receipts) != 1 || receipts[0].What != store.ErasedAudio {
			t.Errorf("parts %v, receipts %+v", parts, receipts)
		}
		return errors.Join(err, e)
	})
}

// Old copies go, and what only they named goes with them; the newest stays however old.
func TestOldCopiesGo(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	recording, transcript := i.meeting("a")
	c.must(i)
	i.do(func(tx store.Tx) error { return tx.DeleteRecording(t.Context(), "a", nil) })
	for day := 1; day <= 8; day++ {
		c.must(i)
		want := []string{transcript}
		if day < 8 {
			want = append(want, recording)
		}
		slices.Sort(want)
		if got := c.pool(t); !slices.Equal(got, want) {
			t.Errorf("day %d: the pool holds %v, want %v", day, got, want)
		}
	}
	i.now = i.now.Add(1000 * 24 * time.Hour)
	p := c.open(t)
	defer p.Close()
	ok(t, p.expire(t.Context(), nil, i.now))
	if all, err := p.Copies(); err != nil || len(all) != 1 {
		t.Errorf("after years there are %v, %v", all, err)
	}
}

func eachSection(t *testing.T, c copies, copy string, each func(section, []byte)) {
	t.Helper()
	f, err := os.Open(filepath.Join(c.data, copy, fileRows))
	ok(t, err)
	defer f.Close()
	all := &sections{r: newReader(f)}
	for {
		at, sealed, err := all.next()
		if err == io.EOF {
			return
		}
		ok(t, err)
		data, err := io.ReadAll(sealed)
		ok(t, err)
		each(at, data)
	}
}
