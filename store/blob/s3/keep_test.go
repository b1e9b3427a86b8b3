package s3_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/blob/blobtest"
	"github.com/referent/referent/store/blob/s3"
	"github.com/referent/referent/store/blob/s3/s3test"
)

// vault is a vault over a new bucket, with a meeting's key.
func vault(t *testing.T, b blob.Bucket) (*blob.Vault, *blob.Key) {
	t.Helper()
	ring, err := blob.OpenKeyring(filepath.Join(t.TempDir(), "keyring"))
	if err != nil {
		t.Fatal(err)
	}
	v := blob.NewVault(b, ring)
	key, _, err := v.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return v, key
}

func seal(t *testing.T, v *blob.Vault, meeting string, key *blob.Key, sound []byte) string {
	t.Helper()
	w, err := v.Create(t.Context(), meeting, key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(sound); err != nil {
		t.Fatal(err)
	}
	name, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// Erasing leaves nothing of a meeting on the server's disk: no object, no version, no half upload; and of other meetings
// it takes nothing.
func TestErasingLeavesNothing(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	for _, config := range []func(testing.TB, *s3test.Server) s3.Config{plain, versioned} {
		cfg := config(t, s)
		b := open(t, cfg)
		v, key := vault(t, b)
		sound := noise(300_000)
		one := seal(t, v, "meeting-1", key, sound)
		sealed := blobtest.Get(t, b, one)
		other := seal(t, v, "meeting-10", key, sound)
		put(t, b, "meeting-1", sealed) // a second version
		gone := seal(t, v, "meeting-1", key, sound)
		c := s.Client(t)
		place, err := blob.Place("", gone)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.RemoveObject(t.Context(), cfg.Bucket, cfg.Prefix+place, minio.RemoveObjectOptions{}); err != nil { // somebody else, who leaves a version
			t.Fatal(err)
		}
		half(t, c, cfg, place)
		if n := len(s.Files(cfg.Bucket)); n < 3 {
			t.Fatalf("%d files: the test looks in the wrong place", n)
		}
		if _, _, err := b.DeleteAll(t.Context(), "meeting-1"); err != nil {
			t.Fatal(err)
		}
		for _, key := range stored(t, s, cfg) {
			if strings.Contains(key, "meeting-1/") {
				t.Errorf("after DeleteAll there is %s", key)
			}
		}
		if err := b.Sweep(t.Context(), 0); err != nil { // the mark
			t.Fatal(err)
		}
		// No file, whose name or content tells of it; an object's bytes are those of a file.
		for _, f := range s.Files(cfg.Bucket) {
			content, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(f, "meeting-1/") || bytes.Contains(content, sealed[2000:2100]) || bytes.Contains(content, []byte("meeting-1/")) {
				t.Errorf("the server keeps %s", strings.TrimPrefix(f, s.Dir))
			}
		}
		if !bytes.Equal(blobtest.Get(t, b, other), blobtest.Get(t, b, blobtest.List(t, b, "")[0])) || len(stored(t, s, cfg)) != 1 {
			t.Errorf("left is %v, want the other meeting's one", stored(t, s, cfg))
		}
		name := put(t, b, "m3", noise(1000))
		put(t, b, "m3", noise(1000))
		if err := b.Delete(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		if err := b.Delete(t.Context(), name); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Delete again: %v", err)
		}
		if keys := stored(t, s, cfg); len(keys) != 1 {
			t.Errorf("after Delete there is %v", keys)
		}
	}
}

func plain(t testing.TB, s *s3test.Server) s3.Config { return s.Config(t) }

// half leaves an upload in parts that nobody will finish.
func half(t *testing.T, c minio.Core, cfg s3.Config, place string) {
	t.Helper()
	id, err := c.NewMultipartUpload(t.Context(), cfg.Bucket, cfg.Prefix+place, minio.PutObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutObjectPart(t.Context(), cfg.Bucket, cfg.Prefix+place, id, 1, bytes.NewReader(noise(1000)), 1000, minio.PutObjectPartOptions{}); err != nil {
		t.Fatal(err)
	}
}

// A process that dies before Commit leaves nothing on either side; one that dies within leaves what the sweep takes when
// it is old, and not before, nor what belongs to others.
func TestDeadWritersAreSwept(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	cfg := s.Config(t)
	b := open(t, cfg)
	w, err := b.Create(t.Context(), "m1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(noise(5 << 20)); err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(cfg.Spool); len(files) != 0 || err != nil {
		t.Errorf("a writer's file has a name, and would stay: %v, %v", files, err)
	}
	if keys := stored(t, s, cfg); len(keys) != 0 {
		t.Errorf("before Commit the bucket holds %v", keys)
	}
	c := s.Client(t)
	place, err := blob.Place("", "m2/"+strings.Repeat("ab", 32))
	if err != nil {
		t.Fatal(err)
	}
	half(t, c, cfg, place)
	stranger := cfg
	stranger.Prefix = ""
	half(t, c, stranger, "theirs/report.pdf")
	whole := stranger // the same bucket seen from its root
	for _, bucket := range []*s3.Bucket{open(t, cfg), b, open(t, whole)} {
		if err := bucket.Sweep(t.Context(), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if keys := stored(t, s, cfg); len(keys) != 2 {
		t.Errorf("a sweep took what is at work: left is %v", keys)
	}
	if names := blobtest.List(t, b, ""); len(names) != 0 {
		t.Errorf("unfinished uploads are listed as %v", names)
	}
	if err := errors.Join(b.Sweep(t.Context(), 0), open(t, whole).Sweep(t.Context(), 0)); err != nil {
		t.Fatal(err)
	}
	if keys := stored(t, s, cfg); !slices.Equal(keys, []string{"unfinished theirs/report.pdf"}) {
		t.Errorf("after the sweep there is %v", keys)
	}
	if _, err := w.Commit(); err != nil {
		t.Errorf("the living writer: %v", err)
	}
}

// An erasure by one process stops the writers of another.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	cfg := s.Config(t)
	here, there := open(t, cfg), open(t, cfg)
	for _, size := range []int{1000, s3.PartSize + 1000} {
		w, err := there.Create(t.Context(), "m1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(noise(size)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := here.DeleteAll(t.Context(), "m1"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Commit(); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a writer that another process overtook commits: %v", err)
		}
		if names := blobtest.List(t, here, ""); len(names) != 0 {
			t.Errorf("an erased meeting came back as %v", names)
		}
	}
}

// The mark of an erasure goes when it is old, not before. What lies under the meeting's id then stays, restored by a
// client of the store as it may be, and is told of without its name. A writer that met the mark and not its end commits.
func TestOldMarks(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	cfg := s.Config(t)
	var log logged
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	b := open(t, cfg)
	name := put(t, b, "m1", noise(500))
	sound := blobtest.Get(t, b, name)
	if _, _, err := b.DeleteAll(t.Context(), "m1"); err != nil {
		t.Fatal(err)
	}
	w, err := b.Create(t.Context(), "m2")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.DeleteAll(t.Context(), "m2"); err != nil {
		t.Fatal(err)
	}
	w.Abort()
	if w, err = b.Create(t.Context(), "m2"); err != nil {
		t.Fatal(err)
	}
	place, err := blob.Place("", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Client(t).PutObject(t.Context(), cfg.Bucket, cfg.Prefix+place, bytes.NewReader(sound), int64(len(sound)), "", "", minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	const life = time.Second
	if err := b.Sweep(t.Context(), time.Hour); err != nil || len(stored(t, s, cfg)) != 3 {
		t.Errorf("an early sweep leaves %v, %v, want both marks", stored(t, s, cfg), err)
	}
	time.Sleep(3 * life) // times on the server are whole seconds
	if err := b.Sweep(t.Context(), life); err != nil {
		t.Fatal(err)
	}
	if keys := stored(t, s, cfg); !slices.Equal(keys, []string{cfg.Prefix + place}) {
		t.Errorf("the sweep leaves %v, want what was restored", keys)
	}
	if said := log.String(); !strings.Contains(said, "count=1") || strings.Contains(said, "m1") {
		t.Errorf("the log says %q, want how many and not which", said)
	}
	if _, err := w.Commit(); err != nil {
		t.Errorf("a writer that began between the mark and its end: %v", err)
	}
}

// logged is a log in memory.
type logged struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// More than a page of objects is listed, and erased.
func TestManyObjects(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	cfg := s.Config(t)
	b := open(t, cfg)
	const many = 1100
	for i := range many { // a file there is an object
		digest := sha256.Sum256(fmt.Append(nil, i))
		place, err := blob.Place("", "m1/"+hex.EncodeToString(digest[:]))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(s.Dir, "objects", cfg.Bucket, cfg.Prefix, place)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte("x"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	names := blobtest.List(t, b, "m1")
	if len(names) != many || !slices.IsSorted(names) || len(slices.Compact(names)) != many {
		t.Errorf("%d objects are listed, want %d in order", len(names), many)
	}
	if count, size, err := b.DeleteAll(t.Context(), "m1"); count != many || size != many || err != nil {
		t.Errorf("DeleteAll: %d of %d bytes, %v", count, size, err)
	}
	if names := blobtest.List(t, b, ""); len(names) != 0 {
		t.Errorf("%d are left", len(names))
	}
}

// What cannot work is said at the start, and no error tells a secret.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, true)
	good := s.Config(t)
	c := s.Client(t)
	if err := c.MakeBucket(t.Context(), "locked", minio.MakeBucketOptions{ObjectLocking: true}); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*s3.Config){
		"no bucket":      func(c *s3.Config) { c.Bucket = "not-there" },
		"object lock":    func(c *s3.Config) { c.Bucket = "locked" },
		"wrong secret":   func(c *s3.Config) { c.SecretKey = "hemmelig" },
		"unknown key":    func(c *s3.Config) { c.AccessKey = "somebody" },
		"no authority":   func(c *s3.Config) { c.CA = "" },
		"no certificate": func(c *s3.Config) { c.CA = empty },
		"no file":        func(c *s3.Config) { c.CA = "/does/not/exist" },
		"no address":     func(c *s3.Config) { c.Endpoint = "s3.example.no" },
		"a password":     func(c *s3.Config) { c.Endpoint = "https://kari:hemmelig@s3.example.no" },
	} {
		cfg := good
		change(&cfg)
		_, err := s3.Open(t.Context(), cfg)
		if referent.CodeOf(err) != referent.CodeConfig || strings.Contains(err.Error(), "hemmelig") || strings.Contains(err.Error(), s3test.Secret) {
			t.Errorf("%s: %v, want CodeConfig", name, err)
		}
	}
	nobody := good
	nobody.Endpoint = "https://127.0.0.1:1"
	if _, err := s3.Open(t.Context(), nobody); referent.CodeOf(err) != referent.CodeUnavailable {
		t.Errorf("no server: %v, want CodeUnavailable", err)
	}
}
