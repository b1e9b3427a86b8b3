package backup

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
)

// newReader reads from bytes or a file.
func newReader(from any) *bufio.Reader {
	if b, ok := from.([]byte); ok {
		return bufio.NewReader(bytes.NewReader(b))
	}
	return bufio.NewReader(from.(io.Reader))
}

// change flips a bit in the middle of a file.
func change(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	ok(t, err)
	data[len(data)/2] ^= 1
	ok(t, os.WriteFile(path, data, 0o600))
}

func placeOf(t *testing.T, name string) string {
	t.Helper()
	at, err := blob.Place("test", name)
	ok(t, err)
	return at
}

// Damage to what is copied, and to the copy, is found and told, and does not keep the rest from anybody.
func TestDamage(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	gone, _ := i.meeting("a")
	flipped, _ := i.meeting("b")
	rotten, _ := i.meeting("c")
	ok(t, i.bucket.Delete(t.Context(), gone))
	change(t, filepath.Join(i.dir, "blobs", placeOf(t, flipped)))
	m := c.must(i)
	if m.Missing != 1 || m.Damaged != 1 || m.Blobs != 4 || m.Erased != 0 {
		t.Errorf("the copy of a damaged installation: %+v", m)
	}
	if v, err := c.verify(t, ""); err != nil || v.Missing != 1 || v.Damaged != 1 || v.Blobs != 4 {
		t.Errorf("verified: %+v, %v", v, err)
	}
	change(t, filepath.Join(c.data, dirBlobs, placeOf(t, rotten)))
	if v, err := c.verify(t, ""); err != nil || v.Damaged != 2 {
		t.Errorf("verified with a flipped bit: %+v, %v", v, err)
	}
	back, told, err := c.restore(t, "")
	ok(t, err)
	if told.Whole() || told.Missing != 2 || told.Damaged != 1 || told.Blobs != 3 || told.Meetings != 3 {
		t.Errorf("restored: %+v", told)
	}
	if got := blobsIn(t, back.bucket); len(got) != 3 || slices.Contains(got, rotten) {
		t.Errorf("a damaged blob was put back: %v", got)
	}
}

// A flipped bit in the rows, the list or the keys: nothing is put back.
func TestDamagedCopyIsNone(t *testing.T) {
	for _, file := range []string{fileRows, fileBlobs} {
		i, c := newInstallation(t), newCopies(t)
		i.meeting("a")
		at := c.must(i).Made.Format(stampLayout)
		change(t, filepath.Join(c.data, at, file))
		if _, _, err := c.restore(t, ""); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("with damaged %s: %v", file, err)
		}
		if v, err := c.verify(t, ""); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("damaged %s is not found: %+v, %v", file, v, err)
		}
	}
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	c.must(i)
	change(t, filepath.Join(c.keys, fileKeys))
	if _, err := ReadKeys(c.keys); !errors.Is(err, blob.ErrDamaged) || strings.Contains(err.Error(), "AGE") {
		t.Errorf("damaged keys: %v", err)
	}
	if _, err := c.make(i); !errors.Is(err, blob.ErrDamaged) {
		t.Errorf("damaged keys were replaced without a word: %v", err)
	}
}

// A copy that was not finished is none, and goes with the next.
func TestUnfinishedCopy(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	at := c.must(i).Made.Format(stampLayout)
	ok(t, os.Remove(filepath.Join(c.data, at, fileManifest)))
	ok(t, os.Mkdir(filepath.Join(c.data, partPrefix+"X"), 0o700))
	if _, err := c.verify(t, ""); referent.CodeOf(err) != referent.CodeNotFound {
		t.Errorf("a copy without a manifest is taken for one: %v", err)
	}
	c.must(i)
	for _, name := range []string{at, partPrefix + "X"} {
		if _, err := os.Stat(filepath.Join(c.data, name)); !os.IsNotExist(err) {
			t.Errorf("%s is still there, %v", name, err)
		}
	}
}

// hooked does something when a blob is first opened.
type hooked struct {
	blob.Bucket
	hook func(name string)
	once sync.Once // blobs are opened side by side
}

func (h *hooked) Open(ctx context.Context, name string) (blob.ReadAtCloser, error) {
	h.once.Do(func() { h.hook(name) })
	return h.Bucket.Open(ctx, name)
}

// A meeting that is erased while the copy is made neither fails it nor comes back.
func TestErasedMeanwhile(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	i.meeting("b")
	src := i.source()
	src.Bucket = &hooked{Bucket: i.bucket, hook: func(string) { i.erase("b") }}
	p := c.open(t)
	m, err := p.Make(t.Context(), src, Options{KeysTo: c.keys})
	ok(t, errors.Join(err, p.Close()))
	if m.Missing != 0 || m.Erased != 2 || m.Meetings != 2 {
		t.Errorf("the copy is %+v", m)
	}
	if v, err := c.verify(t, ""); err != nil || !v.Whole() {
		t.Errorf("verified: %+v, %v", v, err)
	}
	back, told, err := c.restore(t, "")
	ok(t, err)
	if told.Erased != 1 || !told.Whole() || !slices.Equal(back.meetings(), []string{"a"}) {
		t.Errorf("restored %+v: %v", told, back.meetings())
	}
}

// A key that was destroyed, of a meeting whose erasure was then cut off, is in no copy; and the meeting is known as erased.
func TestErasureCutOff(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	i.meeting("b")
	first := c.must(i).Made.Format(stampLayout)
	i.do(func(tx store.Tx) error { return tx.DestroyKey(t.Context(), "b") })
	if m := c.must(i); m.Meetings != 1 {
		t.Errorf("the copy is %+v", m)
	}
	for _, copy := range []string{first, ""} {
		if back, _, err := c.restore(t, copy); err != nil || !slices.Equal(back.meetings(), []string{"a"}) {
			t.Errorf("copy %q: %v", copy, err)
		}
	}
}

// Keys that open copies are not thrown away because the database does not know their meetings.
func TestKeysAreNotThrownAway(t *testing.T) {
	i, c := newInstallation(t), newCopies(t)
	i.meeting("a")
	c.must(i)
	for _, suffix := range []string{"", "-wal", "-shm"} { // the database is lost, and a new one is used
		if err := os.Remove(i.database() + suffix); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	i.do(func(store.Tx) error { return nil })
	if _, err := c.make(i); referent.CodeOf(err) != referent.CodeConflict || referent.HintOf(err) == "" {
		t.Errorf("over a new database: %v", err)
	}
	back, told, err := c.restore(t, "")
	if err != nil || told.Meetings != 1 {
		t.Fatalf("restored %+v, %v", told, err)
	}
	// The one that was put back goes on with them, though what was made since its copy is lost.
	if _, err := CopyKeys(t.Context(), back.source(), c.keys, false); err != nil {
		t.Error(err)
	}
	other := newInstallation(t)
	if _, err := CopyKeys(t.Context(), other.source(), c.keys, false); referent.CodeOf(err) != referent.CodeConflict {
		t.Errorf("over another installation's keys: %v", err)
	}
	if _, err := CopyKeys(t.Context(), i.source(), c.keys, true); err != nil {
		t.Errorf("when it is asked for: %v", err)
	}
}

// keysOf copies an installation, and once more when a meeting has come. old is the first copy's file of keys.
func keysOf(t *testing.T) (i *installation, c copies, old []byte) {
	t.Helper()
	i, c = newInstallation(t), newCopies(t)
	i.meeting("a")
	c.must(i)
	old, err := os.ReadFile(filepath.Join(c.keys, fileKeys))
	ok(t, err)
	i.meeting("b")
	c.must(i)
	return i, c, old
}

// Data that are newer than the keys are refused, not put back without what the keys lack.
func TestKeysOlderThanData(t *testing.T) {
	_, c, old := keysOf(t)
	ok(t, os.WriteFile(filepath.Join(c.keys, fileKeys), old, 0o600))
	if _, _, err := c.restore(t, ""); referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" {
		t.Errorf("with older keys: %v", err)
	}
}
