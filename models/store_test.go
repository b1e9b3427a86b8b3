package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/referent/referent"
)

// upstream is a publisher as Hugging Face is one: a HEAD answers with the file's digest, a GET with the
// file, in ranges if asked.
type upstream struct {
	*httptest.Server
	mu      sync.Mutex
	content []byte
	etag    string
	hide    bool               // says no digest
	serve   []http.HandlerFunc // for the next GETs, before it behaves
	gets    atomic.Int32
	ranges  []string
}

func newUpstream(t *testing.T, content string) *upstream {
	u := &upstream{content: []byte(content), etag: `"v1"`}
	mux := http.NewServeMux()
	mux.HandleFunc("/repo/file.bin", func(w http.ResponseWriter, r *http.Request) {
		u.mu.Lock()
		defer u.mu.Unlock()
		if !u.hide {
			w.Header().Set("X-Linked-Etag", `"`+sum(u.content)+`"`)
			w.Header().Set("X-Linked-Size", itoa(len(u.content)))
		}
		http.Redirect(w, r, "/cdn/file.bin", http.StatusFound)
	})
	mux.HandleFunc("/renamed/file.bin", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/repo/file.bin", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/cdn/file.bin", func(w http.ResponseWriter, r *http.Request) {
		u.mu.Lock()
		defer u.mu.Unlock()
		if r.Method == http.MethodGet {
			u.gets.Add(1)
			u.ranges = append(u.ranges, r.Header.Get("Range"))
			if len(u.serve) > 0 {
				serve := u.serve[0]
				u.serve = u.serve[1:]
				serve(w, r)
				return
			}
		}
		w.Header().Set("ETag", u.etag)
		http.ServeContent(w, r, "file.bin", time.Time{}, strings.NewReader(string(u.content)))
	})
	u.Server = httptest.NewTLSServer(mux)
	t.Cleanup(u.Close)
	return u
}

func itoa(n int) string {
	b := []byte{}
	for ; n > 0; n /= 10 {
		b = append([]byte{byte('0' + n%10)}, b...)
	}
	return string(b)
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// breaksAfter sends n bytes of the file and cuts the line.
func (u *upstream) breaksAfter(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", u.etag)
		w.Header().Set("Content-Length", itoa(len(u.content)))
		_, _ = w.Write(u.content[:n])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// testStore is a store in an empty folder whose catalogue has one file, published by u.
func testStore(t *testing.T, u *upstream, known bool) *Store {
	t.Helper()
	t.Setenv("HF_ENDPOINT", "")
	t.Setenv("REFERENT_MODELS_FROM", "")
	s := Open(filepath.Join(t.TempDir(), "models"))
	s.downloads = filepath.Join(t.TempDir(), "downloads")
	s.retry = time.Millisecond
	e := Entry{Name: "thing", Role: RoleRuntime, File: "thing.bin"}
	if u != nil {
		s.client = u.Client()
		e.Sources = []Source{{Kind: KindHTTPS, URL: u.URL + "/repo/file.bin"}}
		if known {
			e.Digests = []Digest{{SHA256: sum(u.content), Size: int64(len(u.content)), From: "the test"}}
			e.SHA256, e.Size = e.Digests[0].SHA256, e.Digests[0].Size
		}
	}
	s.entries = []Entry{e}
	return s
}

func wantCode(t *testing.T, err error, code referent.Code) {
	t.Helper()
	if got := referent.CodeOf(err); got != code {
		t.Fatalf("code %q, want %q: %v", got, code, err)
	}
}

func wantFile(t *testing.T, s *Store, content string) {
	t.Helper()
	path, err := s.Path("thing")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != content {
		t.Fatalf("%d bytes, not the ones published", len(got))
	}
	st, err := s.Status("thing")
	if err != nil || !st.Verified || st.SHA256 != sum([]byte(content)) {
		t.Fatalf("%+v, %v", st, err)
	}
}

// leftovers lists what a pull left beside the finished file and the lock.
func leftovers(t *testing.T, s *Store) []string {
	t.Helper()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".lock") && e.Name() != "lock.json" && e.Name() != "thing.bin" {
			names = append(names, e.Name())
		}
	}
	return names
}

const large = 3 << 20

func content() string { return strings.Repeat("weights.", large/8) }

func TestPathOfWhatIsMissing(t *testing.T) {
	s := testStore(t, newUpstream(t, "x"), true)
	_, err := s.Path("thing")
	wantCode(t, err, referent.CodeModelMissing)
	if hint := referent.HintOf(err); hint != "referent models pull thing" {
		t.Errorf("hint %q", hint)
	}
	_, err = s.Path("nothing")
	wantCode(t, err, referent.CodeNotFound)
	if !strings.Contains(referent.HintOf(err), "thing") {
		t.Errorf("hint %q does not list what there is", referent.HintOf(err))
	}
}

func TestPull(t *testing.T) {
	u := newUpstream(t, content())
	s := testStore(t, u, true)
	var steps []Step
	var last int64
	err := s.Pull(t.Context(), "thing", func(e Event) {
		if !slices.Contains(steps, e.Step) {
			steps = append(steps, e.Step)
		}
		if e.Step == StepFetch {
			last = e.Done
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, s, content())
	if !slices.Equal(steps, []Step{StepFetch, StepVerify, StepDone}) || last != large {
		t.Errorf("steps %v, %d bytes", steps, last)
	}
	if err := s.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	if n := u.gets.Load(); n != 1 {
		t.Errorf("%d downloads", n)
	}
	if left := leftovers(t, s); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestPullGoesOnAfterABreak(t *testing.T) {
	u := newUpstream(t, content())
	u.serve = []http.HandlerFunc{u.breaksAfter(large / 3), func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }}
	s := testStore(t, u, true)
	if err := s.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, s, content())
	if last := u.ranges[len(u.ranges)-1]; len(u.ranges) < 3 || u.ranges[0] != "" || !strings.HasPrefix(last, "bytes=1") {
		t.Errorf("ranges %q", u.ranges)
	}
}

func TestPullGoesOnInAnotherProcess(t *testing.T) {
	u := newUpstream(t, content())
	s := testStore(t, u, true)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Pull(ctx, "thing", func(e Event) {
		if e.Step == StepFetch && e.Done > 0 {
			cancel()
		}
	})
	wantCode(t, err, referent.CodeCancelled)
	again := testStore(t, u, true)
	again.dir = s.dir
	if err := again.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, again, content())
	if len(u.ranges) != 2 || u.ranges[1] == "" {
		t.Errorf("ranges %q", u.ranges)
	}
}

func TestPullStartsAnewWhenTheFileChanged(t *testing.T) {
	u := newUpstream(t, strings.Repeat("old old ", large/8))
	u.serve = []http.HandlerFunc{u.breaksAfter(large / 2), func(w http.ResponseWriter, r *http.Request) {
		// Between the two connections another version is published.
		u.content, u.etag = []byte(content()), `"v2"`
		panic(http.ErrAbortHandler)
	}}
	s := testStore(t, u, true)
	s.entries[0].Digests[0].SHA256 = sum([]byte(content()))
	if err := s.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, s, content())
}

func TestPullRefusesWrongBytes(t *testing.T) {
	for name, published := range map[string]string{
		"same size":  strings.Repeat("weight?.", large/8),
		"one longer": content() + "x",
	} {
		t.Run(name, func(t *testing.T) {
			u := newUpstream(t, content())
			s := testStore(t, u, true)
			u.content = []byte(published)
			wantCode(t, s.Pull(t.Context(), "thing", nil), referent.CodeModelCorrupt)
			if _, err := s.Path("thing"); referent.CodeOf(err) != referent.CodeModelMissing {
				t.Errorf("a wrong file is in place: %v", err)
			}
			if left := leftovers(t, s); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			u.content = []byte(content())
			if err := s.Pull(t.Context(), "thing", nil); err != nil {
				t.Fatal(err)
			}
			wantFile(t, s, content())
		})
	}
}

func TestPullGivesUpOnAShortBody(t *testing.T) {
	u := newUpstream(t, content())
	s := testStore(t, u, true)
	u.content = u.content[:1000] // said to be whole
	wantCode(t, s.Pull(t.Context(), "thing", nil), referent.CodeUnavailable)
	if n := u.gets.Load(); n < 2 || n > 2*attempts {
		t.Errorf("%d downloads", n)
	}
}

func TestPullWaitsForNobodyForever(t *testing.T) {
	u := newUpstream(t, content())
	hang := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", itoa(large))
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	u.serve = []http.HandlerFunc{hang}
	s := testStore(t, u, true)
	s.stall = 50 * time.Millisecond
	if err := s.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, s, content())
}

func TestPullTriesTheNextSource(t *testing.T) {
	u := newUpstream(t, content())
	s := testStore(t, u, true)
	gone := Source{Kind: KindHTTPS, URL: u.URL + "/gone"}
	s.entries[0].Sources = append([]Source{gone}, s.entries[0].Sources...)
	if err := s.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, s, content())
	s = testStore(t, u, true)
	s.entries[0].Sources = []Source{gone}
	wantCode(t, s.Pull(t.Context(), "thing", nil), referent.CodeUnavailable)
}

func TestPullFromAFolder(t *testing.T) {
	s := testStore(t, newUpstream(t, content()), true)
	share := t.TempDir()
	t.Setenv("REFERENT_MODELS_FROM", share)
	if err := os.WriteFile(filepath.Join(share, "thing.bin"), []byte(content()), 0o600); err != nil {
		t.Fatal(err)
	}
	s.entries[0].Sources = []Source{{Kind: KindHTTPS, URL: "https://127.0.0.1:1/"}}
	if err := s.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, s, content())
}

func TestMirrorOfHuggingFace(t *testing.T) {
	u := newUpstream(t, content())
	s := testStore(t, u, true)
	t.Setenv("HF_ENDPOINT", u.URL+"/")
	s.entries[0].Sources[0].URL = "https://huggingface.co/repo/file.bin"
	if err := s.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, s, content())
	t.Setenv("HF_ENDPOINT", "http://plain")
	s.dir = t.TempDir()
	wantCode(t, s.Pull(t.Context(), "thing", nil), referent.CodeUnavailable)
}

func TestDigestIsLearntFromThePublisher(t *testing.T) {
	for _, path := range []string{"/repo/file.bin", "/renamed/file.bin"} {
		u := newUpstream(t, content())
		s := testStore(t, u, false)
		s.entries[0].Sources[0].URL = u.URL + path
		if err := s.Pull(t.Context(), "thing", nil); err != nil {
			t.Fatal(err)
		}
		wantFile(t, s, content())
		// What was learnt is remembered, and the file is held against it from then on.
		if err := s.Verify(t.Context(), "thing"); err != nil {
			t.Fatal(err)
		}
		st, err := s.Status("thing")
		if err != nil || st.Entry.SHA256 != sum([]byte(content())) {
			t.Fatalf("%+v, %v", st, err)
		}
	}
}

func TestLearntDigestIsBelieved(t *testing.T) {
	u := newUpstream(t, content())
	u.serve = []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(strings.Repeat("weight?.", large/8)))
	}}
	s := testStore(t, u, false)
	wantCode(t, s.Pull(t.Context(), "thing", nil), referent.CodeModelCorrupt)
}

func TestWithoutADigestNothingIsFetched(t *testing.T) {
	u := newUpstream(t, content())
	u.hide = true
	s := testStore(t, u, false)
	wantCode(t, s.Pull(t.Context(), "thing", nil), referent.CodeUnavailable)
	if u.gets.Load() != 0 {
		t.Error("it was fetched")
	}
}

func TestCorruptFileIsFoundAndReplaced(t *testing.T) {
	u := newUpstream(t, content())
	s := testStore(t, u, true)
	if err := s.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.dir, "thing.bin")
	changed := []byte(content())
	changed[large/2] ^= 1
	if err := os.WriteFile(path, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	st, err := s.Status("thing")
	if err != nil || !st.Present || st.Verified {
		t.Fatalf("%+v, %v", st, err)
	}
	wantCode(t, s.Verify(t.Context(), "thing"), referent.CodeModelCorrupt)
	if err := s.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, s, content())

	if err := os.Truncate(path, 10); err != nil {
		t.Fatal(err)
	}
	_, err = s.Path("thing")
	wantCode(t, err, referent.CodeModelCorrupt)
}

func TestConcurrentPulls(t *testing.T) {
	u := newUpstream(t, content())
	one := testStore(t, u, true)
	var group sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		s := *one // its own store on the same folder, as another process has
		group.Go(func() { errs[i] = s.Pull(t.Context(), "thing", nil) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	wantFile(t, one, content())
	if n := u.gets.Load(); n != 1 {
		t.Errorf("%d downloads", n)
	}
}

// quota is a disk that takes so many bytes and no more.
type quota struct {
	disk
	left *atomic.Int64
	free int64
}

func (q quota) Free(string) (int64, error) { return q.free, nil }

func (q quota) OpenFile(path string, flag int, mode os.FileMode) (file, error) {
	f, err := q.disk.OpenFile(path, flag, mode)
	return quotaFile{f, q.left}, err
}

type quotaFile struct {
	file
	left *atomic.Int64
}

func (f quotaFile) Write(b []byte) (int, error) {
	if f.left.Add(-int64(len(b))) < 0 {
		return 0, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	}
	return f.file.Write(b)
}

func TestFullDiskEndsAtOnce(t *testing.T) {
	u := newUpstream(t, content())
	s := testStore(t, u, true)
	s.entries[0].Sources = append(s.entries[0].Sources, s.entries[0].Sources...) // a second one to be left alone
	q := quota{left: &atomic.Int64{}, free: 1 << 40}
	q.left.Store(2 << 20)
	s.files = q
	err := s.Pull(t.Context(), "thing", nil)
	wantCode(t, err, referent.CodeDiskFull)
	if referent.HintOf(err) == "" {
		t.Error("no hint")
	}
	if n := u.gets.Load(); n != 1 {
		t.Errorf("%d downloads", n)
	}
	q.left.Store(1 << 40) // space is made, and it goes on where it stopped
	if err := s.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, s, content())
	if u.ranges[1] == "" {
		t.Error("it started from the beginning")
	}
}

func TestTooLittleSpaceIsSeenBeforehand(t *testing.T) {
	u := newUpstream(t, content())
	s := testStore(t, u, true)
	q := quota{left: &atomic.Int64{}, free: large - 1}
	q.left.Store(1 << 40)
	s.files = q
	wantCode(t, s.Pull(t.Context(), "thing", nil), referent.CodeDiskFull)
	if info, err := os.Stat(filepath.Join(s.dir, ".thing.bin.part")); err == nil && info.Size() > 0 {
		t.Errorf("%d bytes were written", info.Size())
	}
}

func TestErrorsNameNoFile(t *testing.T) {
	u := newUpstream(t, content())
	s := testStore(t, u, true)
	s.dir = filepath.Join(t.TempDir(), "Kari Nordmann")
	if err := os.WriteFile(s.dir, nil, 0o600); err != nil { // a file where the folder should be
		t.Fatal(err)
	}
	err := s.Pull(t.Context(), "thing", nil)
	if err == nil || strings.Contains(err.Error(), "Nordmann") {
		t.Errorf("%v", err)
	}
}

func TestBrokenLocalLock(t *testing.T) {
	s := testStore(t, newUpstream(t, content()), true)
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{"{", `{"files": {"../x": {"file": "../x"}}}`} {
		if err := os.WriteFile(s.lockPath(), []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := s.Status("thing")
		wantCode(t, err, referent.CodeInvalid)
	}
}

var _ io.ReadWriteSeeker = quotaFile{}
