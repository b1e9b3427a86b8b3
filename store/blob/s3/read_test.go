package s3_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/blob/blobtest"
	"github.com/referent/referent/store/blob/s3/s3test"
)

// Bytes that were changed where they lie are found, and never served.
func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	b := open(t, s.Config(t))
	v, key := vault(t, b)
	sound := noise(2_500_000) // three blocks
	for _, off := range []int64{0, 700, 5000, 1 << 20, 2_500_000, -1, -200_000} {
		name := seal(t, v, "m1", key, sound)
		_, digest, _ := strings.Cut(name, "/")
		files := s.Files("objects", digest)
		if len(files) != 1 {
			t.Fatalf("the object is in %v", files)
		}
		content, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case off == -200_000: // the end is missing
			content = content[:len(content)-200_000]
		case off < 0:
			content[len(content)-1] ^= 1
		default:
			content[off] ^= 16
		}
		if err := os.WriteFile(files[0], content, 0o600); err != nil {
			t.Fatal(err)
		}
		read, err := func() ([]byte, error) {
			r, err := v.Open(t.Context(), name, key)
			if err != nil {
				return nil, err
			}
			defer r.Close()
			return io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
		}()
		if err == nil || !bytes.HasPrefix(sound, read) {
			t.Errorf("damage at %d: %v, and %d bytes are served", off, err, len(read))
		}
		if err := v.Verify(t.Context(), name); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("Verify with damage at %d: %v, want ErrDamaged", off, err)
		}
		if err := b.Delete(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
}

// A player seeks, and a download reads on and on: neither asks for every few bytes.
func TestReading(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	g := newGate(t, s)
	cfg := s.Config(t)
	cfg.Endpoint = g.url
	v, key := vault(t, open(t, cfg))
	sound := noise(6 << 20)
	name := seal(t, v, "m1", key, sound)
	small := seal(t, v, "m1", key, sound[:50_000])

	asks := func(most int, what string, do func(r blob.ReadAtCloser), name string) {
		t.Helper()
		g.set(nil)
		r, err := v.Open(t.Context(), name, key)
		if err != nil {
			t.Fatal(err)
		}
		do(r)
		if n := g.count(http.MethodGet) + g.count(http.MethodHead); n > most {
			t.Errorf("%s takes %d requests, want at most %d", what, n, most)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	asks(1, "a small one", func(r blob.ReadAtCloser) { blobtest.CheckReadAt(t, r, sound[:50_000], 50) }, small)
	// Seven blocks, of which the last two are read at first too, since what is at the end is authenticated first.
	asks(9, "reading all in pieces of 4 KiB", func(r blob.ReadAtCloser) {
		got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
		if err != nil || !bytes.Equal(got, sound) {
			t.Errorf("read %d bytes, or others, %v", len(got), err)
		}
	}, name)
	asks(4, "seeking into the middle", func(r blob.ReadAtCloser) {
		p := make([]byte, 4096)
		for off := int64(3 << 20); off < 3<<20+300_000; off += 4096 {
			if _, err := r.ReadAt(p, off); err != nil || !bytes.Equal(p, sound[off:][:4096]) {
				t.Fatalf("at %d: %v, or other bytes", off, err)
			}
		}
	}, name)
	r, err := v.Open(t.Context(), name, key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() { blobtest.CheckReadAt(t, r, sound, 20) })
	}
	readers.Wait()
	raw, err := v.Bucket().Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Error(err)
	}
	if _, err := raw.ReadAt(make([]byte, 1), 0); err == nil {
		t.Error("a closed byte string is read")
	}
}

// Neither writing nor reading holds more than a few blocks, however long the byte string is. It is alone: what others
// allocate would count.
func TestMemory(t *testing.T) {
	s := s3test.Start(t, false)
	b := open(t, s.Config(t))
	const size = 65 << 20
	chunk := noise(1 << 20)
	allocated := func(do func()) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		do()
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	var name string
	wrote := allocated(func() {
		w, err := b.Create(t.Context(), "m1")
		if err != nil {
			t.Fatal(err)
		}
		for range size / len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				t.Fatal(err)
			}
		}
		if name, err = w.Commit(); err != nil {
			t.Fatal(err)
		}
	})
	h := sha256.New()
	read := allocated(func() {
		r, err := b.Open(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if n, err := io.Copy(h, io.NewSectionReader(r, 0, r.Size())); n != size || err != nil {
			t.Errorf("read %d bytes of %d, %v", n, size, err)
		}
	})
	if name != "m1/"+hex.EncodeToString(h.Sum(nil)) {
		t.Error("other bytes come back")
	}
	t.Logf("%d MiB: allocated in all %d KiB to write, %d KiB to read", size>>20, wrote>>10, read>>10)
	if wrote > 8<<20 || read > 16<<20 {
		t.Errorf("allocated in all %d KiB to write and %d KiB to read %d MiB", wrote>>10, read>>10, size>>20)
	}
}
