package backup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
)

func (c copies) all(t *testing.T) []string {
	t.Helper()
	p := c.open(t)
	defer p.Close()
	all, err := p.Copies()
	ok(t, err)
	return all
}

// A folder that has another installation's copies is left as it is.
func TestAnotherInstallationsCopiesStay(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	c.must(i)
	before, blobs := c.all(t), c.pool(t)
	other := newInstallation(t)
	other.now = i.now.Add(30 * 24 * time.Hour)
	if _, err := (copies{c.data, t.TempDir()}).make(other); referent.CodeOf(err) != referent.CodeConflict || referent.HintOf(err) == "" {
		t.Errorf("over another installation's copies: %v", err)
	}
	if got := c.all(t); !slices.Equal(got, before) || !slices.Equal(c.pool(t), blobs) || len(blobs) != 2 {
		t.Errorf("the copies are %v, the blobs %v", got, c.pool(t))
	}
	// Its manifest cannot be read: the one before tells whose they are.
	last := c.must(i).Made.Format(stampLayout)
	ok(t, os.WriteFile(filepath.Join(c.data, last, fileManifest), []byte("{"), 0o600))
	if _, err := (copies{c.data, t.TempDir()}).make(other); referent.CodeOf(err) != referent.CodeConflict {
		t.Errorf("over another installation's damaged copies: %v", err)
	}
	c.must(i)
}

// eraseAudio is what the pipeline does when only the sound goes.
func (i *installation) eraseAudio(id, recording string) {
	i.t.Helper()
	i.do(func(tx store.Tx) error {
		return errors.Join(tx.DeleteRecording(i.t.Context(), id, nil), tx.AddReceipt(i.t.Context(), store.Receipt{Meeting: id, What: store.ErasedAudio, By: "u", At: i.now}))
	})
	ok(i.t, i.bucket.Delete(i.t.Context(), recording))
}

// That something of a meeting was erased excuses what was, and nothing else that is not there.
func TestErasureExcusesOnlyWhatWasErased(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	recording, transcript := i.meeting("a")
	first := c.must(i).Made.Format(stampLayout)
	i.eraseAudio("a", recording)
	for range 2 {
		c.must(i)
		if v, err := c.verify(t, first); err != nil || v.Blobs != 1 || v.Erased != 1 || !v.Whole() {
			t.Errorf("the copy of before is %+v, %v", v, err)
		}
	}
	ok(t, os.Remove(filepath.Join(c.data, dirBlobs, placeOf(t, transcript))))
	if v, err := c.verify(t, ""); err != nil || v.Missing != 1 || v.Erased != 0 {
		t.Errorf("the newest, without its transcript, is %+v, %v", v, err)
	}
	if v, err := c.verify(t, first); err != nil || v.Missing != 1 || v.Erased != 1 {
		t.Errorf("the first, without its transcript, is %+v, %v", v, err)
	}
}

// What rotted among the copies is copied again when verify has found it.
func TestRotHeals(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	recording, transcript := i.meeting("a")
	c.must(i)
	for _, name := range []string{recording, transcript} {
		change(t, filepath.Join(c.data, dirBlobs, placeOf(t, name)))
	}
	ok(t, i.bucket.Delete(t.Context(), transcript)) // of which there is no other now
	if v, err := c.verify(t, ""); err != nil || v.Damaged != 2 {
		t.Fatalf("verified: %+v, %v", v, err)
	}
	if m := c.must(i); m.Blobs != 1 || m.Missing != 1 {
		t.Errorf("the next copy is %+v", m)
	}
	if v, err := c.verify(t, ""); err != nil || v.Blobs != 1 || v.Damaged != 1 {
		t.Errorf("after the next copy: %+v, %v", v, err)
	}
	p := c.open(t)
	defer p.Close()
	if err := p.readDamaged(); err != nil || len(p.rotten) != 1 || !p.rotten[transcript] {
		t.Errorf("noted as damaged: %v, %v", p.rotten, err)
	}
}

// The keys of meetings that came after the copy that was put back go on: the newer copies need them.
func TestKeysOfNewerCopiesGoOn(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	first := c.must(i).Made.Format(stampLayout)
	i.meeting("b")
	second := c.must(i).Made.Format(stampLayout)
	back, _, err := c.restore(t, first)
	ok(t, err)
	for range 2 {
		back.now = back.now.Add(time.Hour)
		if _, err := CopyKeys(t.Context(), back.source(), c.keys, false); err != nil {
			t.Fatal(err)
		}
		if again, told, err := c.restore(t, second); err != nil || told.Meetings != 2 || !slices.Equal(again.meetings(), []string{"a", "b"}) {
			t.Fatalf("the newer copy: %+v, %v", told, err)
		}
	}
	// A key that is lost afterwards is no less missed for that.
	back.meeting("c")
	_, err = CopyKeys(t.Context(), back.source(), c.keys, false)
	ok(t, err)
	back.do(func(tx store.Tx) error { return tx.DestroyKey(t.Context(), "c") })
	if _, err := CopyKeys(t.Context(), back.source(), c.keys, false); err != nil {
		t.Errorf("an erasure that was cut off: %v", err)
	}
	if _, err := CopyKeys(t.Context(), back.source(), c.keys, true); err != nil {
		t.Fatal(err)
	}
	if k, err := ReadKeys(c.keys); err != nil || len(k.Wrapped) != 1 || k.Wrapped["a"] == nil {
		t.Errorf("when they are replaced: %d keys, %v", len(k.Wrapped), err)
	}
}

// What keeps the keys from being copied is known before the blobs are, and nothing of the copy stays.
func TestKeysAreLookedAtFirst(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	other := newInstallation(t)
	_, err := CopyKeys(t.Context(), other.source(), c.keys, false)
	ok(t, err)
	src, opened := i.source(), 0
	src.Bucket = &hooked{Bucket: i.bucket, hook: func(string) { opened++ }}
	p := c.open(t)
	_, err = p.Make(t.Context(), src, Options{KeysTo: c.keys})
	ok(t, p.Close())
	if referent.CodeOf(err) != referent.CodeConflict || opened != 0 {
		t.Errorf("%v, after %d blobs were opened", err, opened)
	}
}

// A copy that fails leaves its blobs for the next, and nothing else.
func TestFailedCopyLeavesNoPart(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	src := i.source()
	src.KeyFiles = func() (map[string][]byte, error) { return nil, errors.New("gone") }
	for range 2 {
		p := c.open(t)
		_, err := p.Make(t.Context(), src, Options{KeysTo: c.keys})
		ok(t, p.Close())
		if err == nil {
			t.Fatal("a copy without keys is one")
		}
	}
	entries, err := os.ReadDir(c.data)
	ok(t, err)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), partPrefix) {
			t.Errorf("%s is left", e.Name())
		}
	}
	if got := c.pool(t); len(got) != 2 {
		t.Errorf("the blobs are %v", got)
	}
}

// Old copies make room before the new one is made, but for the newest.
func TestOldCopiesMakeRoom(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	recording, _ := i.meeting("a")
	c.must(i)
	i.do(func(tx store.Tx) error { return tx.DeleteRecording(t.Context(), "a", nil) })
	ok(t, i.bucket.Delete(t.Context(), recording))
	last := c.must(i).Made.Format(stampLayout)
	i.now = i.now.Add(365 * 24 * time.Hour)
	i.meeting("b")
	src, during := i.source(), []string(nil)
	p := c.open(t)
	src.Bucket = &hooked{Bucket: i.bucket, hook: func(string) {
		during, _ = p.Copies()
		if slices.Contains(blobsIn(t, p.pool), recording) {
			t.Error("a blob of an old copy is there while the new one is made")
		}
	}}
	_, err := p.Make(t.Context(), src, Options{KeysTo: c.keys, Keep: time.Hour})
	ok(t, errors.Join(err, p.Close()))
	if !slices.Equal(during, []string{last}) {
		t.Errorf("while the new copy is made there are %v, want the newest", during)
	}
}

// Somebody who copies the keys is waited for.
func TestKeysAreWaitedFor(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	lock := flock.New(filepath.Join(c.keys, ".lock"))
	_, err := lock.TryLock()
	ok(t, err)
	time.AfterFunc(300*time.Millisecond, func() { lock.Unlock() })
	c.must(i)
	_, err = lock.TryLock()
	ok(t, err)
	defer lock.Unlock()
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := CopyKeys(short, i.source(), c.keys, false); referent.CodeOf(err) != referent.CodeTimeout {
		t.Errorf("when the caller has no time: %v", err)
	}
}

// A copy whose name is a time to come would stay the newest: it is looked into by somebody.
func TestCopiesOfTheFuture(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	c.must(i)
	i.now = i.now.Add(-48 * time.Hour)
	if _, err := c.make(i); referent.CodeOf(err) != referent.CodeConflict || !strings.Contains(referent.HintOf(err), c.all(t)[0]) {
		t.Errorf("after a clock was wrong: %v", err)
	}
	i.now = i.now.Add(24*time.Hour - time.Minute) // a little does no harm
	c.must(i)
	if all := c.all(t); len(all) != 2 {
		t.Errorf("the copies are %v", all)
	}
}

// Keys do not go where the data are.
func TestKeysAreApart(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	c.must(i)
	for _, dir := range []string{c.data, filepath.Join(c.data, "keys")} {
		if _, err := CopyKeys(t.Context(), i.source(), dir, false); referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" {
			t.Errorf("keys beside the data: %v", err)
		}
		if _, err := os.Stat(filepath.Join(dir, fileKeys)); !os.IsNotExist(err) {
			t.Errorf("there are keys beside the data, %v", err)
		}
	}
}

// Work that can be done again does not make a restoration a partial one.
func TestLostCheckpoint(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	var names []string
	for _, of := range []string{"1", "2"} {
		key, _, err := blob.NewVault(i.bucket, i.keyring).NewKey()
		ok(t, err)
		name := i.seal("a", key, of)
		names = append(names, name)
		i.do(func(tx store.Tx) error {
			return tx.PutCheckpoint(t.Context(), &store.Checkpoint{Meeting: "a", Key: of, Blob: name, Size: 1})
		})
	}
	ok(t, i.bucket.Delete(t.Context(), names[0]))
	c.must(i)
	back, told, err := c.restore(t, "")
	ok(t, err)
	if got := blobsIn(t, back.bucket); !told.Whole() || told.Blobs != 3 || slices.Contains(got, names[0]) || !slices.Contains(got, names[1]) {
		t.Errorf("restored %+v: %v", told, got)
	}
}

// Several look at copies side by side, while none is made.
func TestReadersShare(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	c.must(i)
	one, err := OpenPlace(c.data, false)
	ok(t, err)
	two, err := OpenPlace(c.data, false)
	ok(t, err)
	if p, err := OpenPlace(c.data, true); referent.CodeOf(err) != referent.CodeConflict {
		t.Errorf("copies are made while they are read: %v, %v", p, err)
	}
	ok(t, errors.Join(one.Close(), two.Close()))
	ok(t, c.open(t).Close())
}

// Sound that was recorded after other sound was erased, and was erased too, stays erased.
func TestErasedTwiceStaysErased(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	recording, transcript := i.meeting("a")
	i.eraseAudio("a", recording)
	key, _, err := blob.NewVault(i.bucket, i.keyring).NewKey()
	ok(t, err)
	more := i.seal("a", key, "mer opptak")
	i.do(func(tx store.Tx) error {
		return tx.AddPart(t.Context(), store.Part{Meeting: "a", Size: 10, Blob: more})
	})
	first := c.must(i).Made.Format(stampLayout)
	i.eraseAudio("a", more)
	_, err = CopyKeys(t.Context(), i.source(), c.keys, false)
	ok(t, err)
	back, told, err := c.restore(t, first)
	ok(t, err)
	if got := blobsIn(t, back.bucket); !slices.Equal(got, []string{transcript}) || !told.Whole() {
		t.Errorf("restored %+v: %v", told, got)
	}
	back.do(func(tx store.Tx) error {
		receipts, err := tx.Receipts(t.Context(), 0)
		if len(receipts) != 2 {
			t.Errorf("the receipts are %+v", receipts)
		}
		return err
	})
}

// The keys vouch for the copies that were made with them.
func TestKeysKnowTheirCopies(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	at := c.must(i).Made.Format(stampLayout)
	_, err := CopyKeys(t.Context(), i.source(), c.keys, false)
	ok(t, err)
	path := filepath.Join(c.data, at, fileManifest)
	data, err := os.ReadFile(path)
	ok(t, err)
	ok(t, os.WriteFile(path, []byte(strings.Replace(string(data), "prøve", "annen", 1)), 0o600))
	if _, _, err := c.restore(t, ""); !errors.Is(err, blob.ErrDamaged) {
		t.Errorf("another manifest is put back: %v", err)
	}
	ok(t, os.WriteFile(path, data, 0o600))
	if _, _, err := c.restore(t, ""); err != nil {
		t.Errorf("the one that was written: %v", err)
	}
}
