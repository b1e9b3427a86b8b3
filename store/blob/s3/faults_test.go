package s3_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
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

func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)}).Read(b)
	return b
}

// write stores data in pieces.
func write(ctx context.Context, b blob.Bucket, meeting string, data []byte) (string, error) {
	w, err := b.Create(ctx, meeting)
	if err != nil {
		return "", err
	}
	defer w.Abort()
	for piece := range slices.Chunk(data, 1<<20) {
		if _, err := w.Write(piece); err != nil {
			return "", err
		}
	}
	return w.Commit()
}

func put(t *testing.T, b blob.Bucket, meeting string, data []byte) string {
	t.Helper()
	name, err := write(t.Context(), b, meeting, data)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// stored lists all that the bucket keeps: objects, their versions, and unfinished uploads.
func stored(t *testing.T, s *s3test.Server, cfg s3.Config) (keys []string) {
	t.Helper()
	c := s.Client(t)
	for o := range c.ListObjectsIter(t.Context(), cfg.Bucket, minio.ListObjectsOptions{Recursive: true, WithVersions: true}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		keys = append(keys, o.Key)
	}
	for u := range c.ListIncompleteUploads(t.Context(), cfg.Bucket, "", true) {
		if u.Err != nil {
			t.Fatal(u.Err)
		}
		keys = append(keys, "unfinished "+u.Key)
	}
	return keys
}

// A server that dies in the middle of a byte string, put whole or in parts, shows nothing of it when it is there again;
// the next try goes well, and the sweep takes what is left.
func TestServerDiesInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		size  int
		after int64 // bytes of the last request
	}{{"whole", 3 << 20, 1 << 20}, {"in parts", 2*s3.PartSize + 3<<20, 1 << 20}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := s3test.Start(t, false)
			g, cfg := newGate(t, s), s.Config(t)
			cfg.Endpoint = g.url
			b := open(t, cfg)
			sound := noise(c.size)
			var dead atomic.Bool
			g.set(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPut && r.ContentLength == int64(c.size%s3.PartSize) {
					r.Body = &at{r.Body, c.after, func([]byte) error {
						if !dead.Swap(true) {
							s.Kill()
						}
						return nil
					}}
				}
				return false
			})
			if _, err := write(t.Context(), b, "m1", sound); referent.CodeOf(err) != referent.CodeUnavailable || !dead.Load() {
				t.Fatalf("Commit: %v, want CodeUnavailable", err)
			}
			g.set(nil)
			s.Run()
			if names := blobtest.List(t, b, ""); len(names) != 0 {
				t.Errorf("half a byte string is listed as %v", names)
			}
			name := put(t, b, "m1", sound)
			if !bytes.Equal(blobtest.Get(t, b, name), sound) {
				t.Error("the second try stored other bytes")
			}
			if err := b.Sweep(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			if left := stored(t, s, cfg); len(left) != 1 {
				t.Errorf("the bucket holds %v", left)
			}
		})
	}
}

// What breaks once is put again by itself, whole or the part.
func TestBrokenConnection(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	g, b := gated(t, s)
	sound := noise(3 << 20)
	var broken atomic.Int32
	g.set(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case data(r) && broken.Add(1) == 1:
			r.Body = &at{r.Body, 1 << 20, func([]byte) error { return errors.New("the network") }}
		case data(r) && broken.Load() == 2:
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		return false
	})
	name := put(t, b, "m1", sound)
	if n := g.count(http.MethodPut); n != 3 {
		t.Errorf("%d requests to put, want 3", n)
	}
	var cut atomic.Int32
	g.set(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || cut.Add(1) != 2 {
			return false
		}
		w.Header().Set("Content-Length", "1000")
		w.Header().Set("ETag", `"x"`)
		w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Range", fmt.Sprintf("bytes 1048576-1049575/%d", len(sound)))
		w.WriteHeader(http.StatusPartialContent)
		w.Write(sound[:10])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	if !bytes.Equal(blobtest.Get(t, b, name), sound) {
		t.Error("after an answer that broke off other bytes are read")
	}
}

// The parts are joined, and the answer that says so is lost: the byte string is there, and that is what Commit says.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	g, b := gated(t, s)
	var lost atomic.Bool
	g.set(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || !r.URL.Query().Has("uploadId") {
			return false
		}
		if lost.Swap(true) { // as some stores answer to the repetition
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, "<Error><Code>NoSuchUpload</Code></Error>")
			return true
		}
		out := r.Clone(r.Context())
		out.URL.Scheme, out.URL.Host = "http", strings.TrimPrefix(s.Endpoint(), "http://")
		answer, err := http.DefaultTransport.RoundTrip(out)
		if err != nil {
			t.Error(err)
		} else {
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
		panic(http.ErrAbortHandler)
	})
	sound := noise(s3.PartSize + 1000)
	if name := put(t, b, "m1", sound); !lost.Load() || !bytes.Equal(blobtest.Get(t, b, name), sound) {
		t.Errorf("the answer was lost: %v; or other bytes are read", lost.Load())
	}
}

// The store refuses bytes that changed on their way.
func TestFlippedOnTheWay(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	g, b := gated(t, s)
	for _, size := range []int{100_000, s3.PartSize + 100_000} {
		var flipped atomic.Int32
		g.set(func(_ http.ResponseWriter, r *http.Request) bool {
			if data(r) {
				r.Body = &at{r.Body, 5000, func(p []byte) error { p[0] ^= 4; flipped.Add(1); return nil }}
			}
			return false
		})
		if _, err := write(t.Context(), b, "m1", noise(size)); referent.CodeOf(err) != referent.CodeUnavailable || flipped.Load() == 0 {
			t.Errorf("%d bytes of which one was changed on its way: %v, want CodeUnavailable", size, err)
		}
		g.set(nil)
		if names := blobtest.List(t, b, ""); len(names) != 0 {
			t.Errorf("changed bytes are listed as %v", names)
		}
	}
}

// A cancelled commit ends at once and puts nothing.
func TestCancelledInTheMiddle(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	g, b := gated(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	g.set(func(_ http.ResponseWriter, r *http.Request) bool {
		if data(r) {
			r.Body = &at{r.Body, 1 << 20, func([]byte) error { cancel(); time.Sleep(100 * time.Millisecond); return nil }}
		}
		return false
	})
	began := time.Now()
	if _, err := write(ctx, b, "m1", noise(8<<20)); !errors.Is(err, context.Canceled) || referent.CodeOf(err) != referent.CodeCancelled {
		t.Errorf("Commit: %v, want context.Canceled", err)
	}
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("it takes %v", d)
	}
	g.set(nil)
	if names := blobtest.List(t, b, ""); len(names) != 0 {
		t.Errorf("a cancelled commit is listed as %v", names)
	}
}

// What the store answers gets the code that people and the pipeline go by, and no error tells what was asked for.
func TestAnswers(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	g, b := gated(t, s)
	for _, c := range []struct {
		status int
		code   string
		want   referent.Code
	}{
		{http.StatusForbidden, "QuotaExceeded", referent.CodeDiskFull},
		{http.StatusInsufficientStorage, "XMinioStorageFull", referent.CodeDiskFull},
		{http.StatusServiceUnavailable, "SlowDown", referent.CodeUnavailable},
		{http.StatusInternalServerError, "InternalError", referent.CodeUnavailable},
		{http.StatusForbidden, "AccessDenied", referent.CodeConfig},
		{http.StatusForbidden, "InvalidAccessKeyId", referent.CodeConfig},
		{http.StatusForbidden, "RequestTimeTooSkewed", referent.CodeConfig},
		{http.StatusNotFound, "NoSuchBucket", referent.CodeConfig},
	} {
		g.set(func(w http.ResponseWriter, r *http.Request) bool {
			if !data(r) {
				return false
			}
			io.Copy(io.Discard, r.Body)
			w.WriteHeader(c.status)
			fmt.Fprintf(w, "<Error><Code>%s</Code><Message>m1 %s</Message><Key>m1</Key></Error>", c.code, r.URL.Path)
			return true
		})
		_, err := write(t.Context(), b, "m1", noise(5000))
		if referent.CodeOf(err) != c.want || strings.Contains(err.Error(), "m1") {
			t.Errorf("%d %s: %v, want %s", c.status, c.code, err, c.want)
		}
	}
	g.set(nil)
	name := put(t, b, "m1", noise(10))
	s.Kill()
	for op, err := range map[string]error{
		"Create": func() error { _, err := b.Create(t.Context(), "m1"); return err }(),
		"Open":   func() error { _, err := b.Open(t.Context(), name); return err }(),
		"Delete": b.Delete(t.Context(), name),
		"List":   func() error { _, err := b.List(t.Context(), "m1"); return err }(),
		"All":    func() error { _, _, err := b.DeleteAll(t.Context(), "m1"); return err }(),
	} {
		if referent.CodeOf(err) != referent.CodeUnavailable || referent.HintOf(err) == "" || strings.Contains(err.Error(), "m1") || errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s without a server: %v, want CodeUnavailable with a hint", op, err)
		}
	}
}

// TestSpoolFull fills a small file system of its own, which takes the right to mount one.
func TestSpoolFull(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	cfg := s.Config(t)
	if err := syscall.Mount("tmpfs", cfg.Spool, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("NOT TESTED: a full disk under the spool (mounting a small one: %v)", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(cfg.Spool, 0); err != nil {
			t.Error(err)
		}
	})
	b := open(t, cfg)
	if _, err := write(t.Context(), b, "m1", noise(2<<20)); referent.CodeOf(err) != referent.CodeDiskFull {
		t.Errorf("Write on a full disk: %v, want CodeDiskFull", err)
	}
	put(t, b, "m1", noise(900_000)) // what did not fit is not kept
}

// A store that takes connections and never answers is unavailable; that the caller waits no longer is something else.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := s3test.Start(t, false)
	for _, scheme := range []string{"http://", "https://"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			cfg := s.Config(t)
			cfg.Endpoint = scheme + l.Addr().String()
			began := time.Now()
			_, err := s3.Open(t.Context(), cfg)
			if referent.CodeOf(err) != referent.CodeUnavailable || referent.HintOf(err) == "" {
				t.Errorf("%v, want CodeUnavailable with a hint", err)
			}
			if d := time.Since(began); d > s3.Patience {
				t.Errorf("it takes %v", d)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			_, err = s3.Open(ctx, cfg)
			cancel()
			if referent.CodeOf(err) != referent.CodeTimeout || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("with a caller who waits a tenth of a second: %v, want CodeTimeout", err)
			}
			ctx, cancel = context.WithCancel(t.Context())
			time.AfterFunc(100*time.Millisecond, cancel)
			if err := s3.Probe(ctx, cfg); referent.CodeOf(err) != referent.CodeCancelled {
				t.Errorf("with a caller who goes: %v, want CodeCancelled", err)
			}
		})
	}
}
