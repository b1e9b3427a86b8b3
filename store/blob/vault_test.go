package blob_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/referent/referent"
	referentstore "github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/blob/blobtest"
	"github.com/referent/referent/store/blob/faulty"
)

// newVault makes a vault over a folder whose faults the test sets.
func newVault(t *testing.T) (*blob.Vault, *faulty.Bucket) {
	t.Helper()
	k, err := blob.OpenKeyring(filepath.Join(t.TempDir(), "keyring"))
	if err != nil {
		t.Fatal(err)
	}
	b := faulty.Wrap(openFolder(t, t.TempDir()))
	return blob.NewVault(b, k), b
}

func newKey(t *testing.T, v *blob.Vault) *blob.Key {
	t.Helper()
	key, _, err := v.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// seal writes data in pieces and returns its name.
func seal(t *testing.T, v *blob.Vault, meeting string, key *blob.Key, data []byte) string {
	t.Helper()
	w, err := v.Create(t.Context(), meeting, key)
	if err != nil {
		t.Fatal(err)
	}
	for piece := range slices.Chunk(data, 10_007) {
		if _, err := w.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	name, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)}).Read(b)
	return b
}

// The sizes lie around age's chunks of 64 KiB.
func TestVaultReadsWhatWasWritten(t *testing.T) {
	v, _ := newVault(t)
	key := newKey(t, v)
	for _, n := range []int{0, 1, 65535, 65536, 65537, 131072, 1_000_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			data := noise(n)
			name := seal(t, v, "m1", key, data)
			r, err := v.Open(t.Context(), name, key)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if r.Size() != int64(n) {
				t.Errorf("Size is %d, want %d", r.Size(), n)
			}
			blobtest.CheckReadAt(t, r, data, 50)
			if err := v.Verify(t.Context(), name); err != nil {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}

func TestVaultReadsConcurrently(t *testing.T) {
	v, _ := newVault(t)
	key := newKey(t, v)
	data := noise(300_000)
	r, err := v.Open(t.Context(), seal(t, v, "m1", key, data), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { blobtest.CheckReadAt(t, r, data, 20) })
	}
	wg.Wait()
}

func TestVaultStoresNoPlaintext(t *testing.T) {
	v, _ := newVault(t)
	key := newKey(t, v)
	sentence := []byte("kommunestyret vedtok enstemmig")
	name := seal(t, v, "m1", key, bytes.Repeat(sentence, 5000))
	raw, err := v.Bucket().Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	stored, err := io.ReadAll(io.NewSectionReader(raw, 0, raw.Size()))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(stored, sentence) {
		t.Error("the stored bytes hold the sentence")
	}
}

func TestVaultRefusesOtherKeys(t *testing.T) {
	v, _ := newVault(t)
	name := seal(t, v, "m1", newKey(t, v), []byte("secret"))
	if _, err := v.Open(t.Context(), name, newKey(t, v)); referent.CodeOf(err) != referent.CodeForbidden {
		t.Errorf("Open with another meeting's key: %v, want CodeForbidden", err)
	}
	_, err := v.Open(t.Context(), "m1/"+strings.Repeat("00", 32), newKey(t, v))
	if !errors.Is(err, referentstore.ErrNotFound) {
		t.Errorf("Open of what is not there: %v, want store.ErrNotFound", err)
	}
}

// readAll opens and reads the whole.
func readAll(t *testing.T, v *blob.Vault, name string, key *blob.Key) ([]byte, error) {
	t.Helper()
	r, err := v.Open(t.Context(), name, key)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
}

// Whichever stored byte is wrong, the reader gets an error and never other data than what was written.
func TestVaultFindsEveryDamagedByte(t *testing.T) {
	v, b := newVault(t)
	key := newKey(t, v)
	data := noise(150_000) // three chunks
	name := seal(t, v, "m1", key, data)
	raw, err := b.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	size := raw.Size()
	raw.Close()
	places := []int64{-1, -17, size - 150_000, 65536 + 2000, 2*65536 + 2000}
	for off := int64(0); off < 1700; off += 13 { // the header and the beginning
		places = append(places, off)
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		places = append(places, random.Int64N(size))
	}
	for _, off := range places {
		b.Heal()
		b.Break(faulty.FlipBit(off, uint(off&7)))
		got, err := readAll(t, v, name, key)
		if err == nil {
			t.Errorf("a wrong bit at %d of %d is not found", off, size)
		} else if referent.CodeOf(err) == referent.CodeNotFound {
			t.Errorf("a wrong bit at %d: %v", off, err)
		}
		if !bytes.HasPrefix(data, got) {
			t.Errorf("a wrong bit at %d gives wrong data", off)
		}
		if err := v.Verify(t.Context(), name); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("Verify with a wrong bit at %d: %v, want ErrDamaged", off, err)
		}
	}
	b.Heal()
	if got, err := readAll(t, v, name, key); err != nil || !bytes.Equal(got, data) {
		t.Errorf("the same byte string when healed: %v", err)
	}
}

// A read that fails says so with the bucket's own code, is not taken for damage, and can be repeated.
func TestVaultPassesFailuresOn(t *testing.T) {
	v, b := newVault(t)
	key := newKey(t, v)
	data := noise(200_000)
	name := seal(t, v, "m1", key, data)
	passing := referent.E(referent.CodeUnavailable, "test: read", errors.New("the network"))
	for n := range 6 {
		b.Heal()
		b.Break(faulty.FailAt(faulty.OpRead, n, passing))
		_, err := readAll(t, v, name, key)
		if referent.CodeOf(err) != referent.CodeUnavailable || errors.Is(err, blob.ErrDamaged) {
			t.Errorf("read %d fails: %v, want CodeUnavailable", n, err)
		}
	}
	b.Heal()
	b.Break(faulty.FailOnce(faulty.OpOpen, passing))
	if _, err := readAll(t, v, name, key); referent.CodeOf(err) != referent.CodeUnavailable {
		t.Errorf("Open fails: %v, want CodeUnavailable", err)
	}
	if got, err := readAll(t, v, name, key); err != nil || !bytes.Equal(got, data) {
		t.Errorf("the second try: %v", err)
	}
}

func TestVaultFindsShortReads(t *testing.T) {
	v, b := newVault(t)
	key := newKey(t, v)
	data := noise(200_000)
	name := seal(t, v, "m1", key, data)
	b.Break(faulty.ShortReads())
	if got, err := readAll(t, v, name, key); err == nil && !bytes.Equal(got, data) {
		t.Error("short reads give other data and no error")
	}
}

func TestVaultDiskFull(t *testing.T) {
	for _, room := range []int64{0, 100, 5000, 300_000} {
		v, b := newVault(t)
		key := newKey(t, v)
		b.Break(faulty.DiskFull(room))
		w, err := v.Create(t.Context(), "m1", key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Write(noise(400_000))
		if err == nil {
			_, err = w.Commit()
		} else if _, e := w.Commit(); e == nil {
			t.Error("Commit succeeds after a failed Write")
		}
		if referent.CodeOf(err) != referent.CodeDiskFull {
			t.Errorf("with room for %d bytes: %v, want CodeDiskFull", room, err)
		}
		if err := w.Abort(); err != nil {
			t.Errorf("Abort: %v", err)
		}
		if count, _, err := b.DeleteAll(t.Context(), "m1"); count != 0 || err != nil {
			t.Errorf("with room for %d bytes %d byte strings are left, %v", room, count, err)
		}
	}
}

func TestVaultAbort(t *testing.T) {
	v, b := newVault(t)
	w, err := v.Create(t.Context(), "m1", newKey(t, v))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(noise(400_000)); err != nil {
		t.Fatal(err)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	if names, err := b.List(t.Context(), ""); len(names) != 0 || err != nil {
		t.Errorf("after Abort: %v, %v", names, err)
	}
}

func TestConcat(t *testing.T) {
	v, _ := newVault(t)
	key := newKey(t, v)
	data := noise(400_000)
	cuts := []int{0, 1, 1, 70_000, 70_001, 399_999, 400_000, 400_000} // empty parts too
	var parts []blob.ReadAtCloser
	for i := range len(cuts) - 1 {
		r, err := v.Open(t.Context(), seal(t, v, "m1", key, data[cuts[i]:cuts[i+1]]), key)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, r)
	}
	whole := blob.Concat(parts)
	if whole.Size() != int64(len(data)) {
		t.Errorf("Size is %d, want %d", whole.Size(), len(data))
	}
	blobtest.CheckReadAt(t, whole, data, 200)
	if err := whole.Close(); err != nil {
		t.Error(err)
	}
	if _, err := parts[3].ReadAt(make([]byte, 1), 0); err == nil {
		t.Error("Close left a part open")
	}
	blobtest.CheckReadAt(t, blob.Concat(nil), nil, 1)
}

// FuzzVaultReadAt compares any read of a sealed byte string with the plaintext.
func FuzzVaultReadAt(f *testing.F) {
	dir := f.TempDir()
	k, err := blob.OpenKeyring(filepath.Join(dir, "keyring"))
	if err != nil {
		f.Fatal(err)
	}
	folder, err := blob.OpenFolder(filepath.Join(dir, "blobs"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { folder.Close() })
	v := blob.NewVault(folder, k)
	key, _, err := v.NewKey()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("hello"), uint16(1), int64(2), uint16(2))
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6}, uint16(20_000), int64(65_530), uint16(20))
	f.Add([]byte{}, uint16(0), int64(0), uint16(0))
	f.Fuzz(func(t *testing.T, pattern []byte, times uint16, off int64, length uint16) {
		if len(pattern) > 100 {
			t.Skip("more of the same")
		}
		data := bytes.Repeat(pattern, int(times))
		r, err := v.Open(t.Context(), seal(t, v, "m1", key, data), key)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		p := make([]byte, length)
		n, err := r.ReadAt(p, off)
		wantN, wantErr := bytes.NewReader(data).ReadAt(p[:len(p):len(p)], off)
		got := make([]byte, length)
		if n2, _ := r.ReadAt(got, off); n != wantN || n2 != wantN || !bytes.Equal(got[:n2], p[:wantN]) {
			t.Errorf("ReadAt(%d at %d of %d) gives %d bytes, want %d, or others", length, off, len(data), n, wantN)
		}
		if n < int(length) && err == nil || (err != nil) != (wantErr != nil) && err != io.EOF {
			t.Errorf("ReadAt(%d at %d of %d): %v, want %v", length, off, len(data), err, wantErr)
		}
	})
}
