package s3_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/store/blob/blobtest"
	"github.com/referent/referent/store/blob/s3"
	"github.com/referent/referent/store/blob/s3/s3test"
)

// forward sends a request on, and throws the answer away.
func forward(t *testing.T, s *s3test.Server, r *http.Request) {
	out := r.Clone(r.Context())
	out.RequestURI = ""
	out.URL.Scheme, out.URL.Host = "http", strings.TrimPrefix(s.Endpoint(), "http://")
	answer, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		t.Error(err)
		return
	}
	io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
}

// A commit that fails after the store took the bytes leaves nothing.
func TestFailedCommitLeavesNothing(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	for _, c := range []struct {
		name   string
		size   int
		meddle func(*http.Request) (lose, refuse bool)
	}{
		{"the look at the mark fails", 5000, func(r *http.Request) (bool, bool) {
			return false, r.Method == http.MethodHead && strings.Contains(r.URL.Path, ".erased/")
		}},
		{"the answer is lost", 5000, func(r *http.Request) (bool, bool) { return data(r), false }},
		{"the look at the whole fails", s3.PartSize + 5000, func(r *http.Request) (bool, bool) {
			return false, r.Method == http.MethodHead && !strings.Contains(r.URL.Path, ".erased/")
		}},
		{"the answer that parts are joined is lost", s3.PartSize + 5000, func(r *http.Request) (bool, bool) {
			return r.Method == http.MethodPost && r.URL.Query().Has("uploadId"), false
		}},
	} {
		for kind, config := range map[string]func(testing.TB, *s3test.Server) s3.Config{"plain": plain, "versions": versioned} {
			t.Run(c.name+", "+kind, func(t *testing.T) {
				t.Parallel()
				g := newGate(t, s)
				cfg := config(t, s)
				cfg.Endpoint = g.url
				b := open(t, cfg)
				w, err := b.Create(t.Context(), "m1")
				if err != nil {
					t.Fatal(err)
				}
				if _, err := w.Write(noise(c.size)); err != nil {
					t.Fatal(err)
				}
				left := 5 // as often as the request is sent
				g.set(func(w http.ResponseWriter, r *http.Request) bool {
					lose, refuse := c.meddle(r)
					g.mu.Lock()
					if lose || refuse {
						left--
					}
					spent := left < 0
					g.mu.Unlock()
					switch {
					case lose && !spent:
						forward(t, s, r)
						panic(http.ErrAbortHandler)
					case lose && spent || refuse && !spent:
						w.WriteHeader(http.StatusServiceUnavailable)
						return true
					}
					return false
				})
				if _, err := w.Commit(); referent.CodeOf(err) != referent.CodeUnavailable {
					t.Errorf("Commit: %v, want CodeUnavailable", err)
				}
				if keys := stored(t, s, cfg); len(keys) != 0 {
					t.Errorf("it leaves %v", keys)
				}
			})
		}
	}
}

// Where a failed commit can remove nothing, no part of the meeting is called erased until what it left is gone; and the
// sweep takes it too. What is then put and committed under the key stays.
func TestErasingWaitsForFailedCommits(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	g, cfg := newGate(t, s), s.Config(t)
	cfg.Endpoint = g.url
	b := open(t, cfg)
	for end, erase := range map[string]func(name string) error{
		"Delete": func(name string) error { return b.Delete(t.Context(), name) },
		"Sweep":  func(string) error { return b.Sweep(t.Context(), 0) },
	} {
		name := put(t, b, "m1", noise(100))
		w, err := b.Create(t.Context(), "m1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(noise(5000)); err != nil {
			t.Fatal(err)
		}
		down := func(w http.ResponseWriter, r *http.Request) bool {
			if data(r) {
				return false
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		g.set(down)
		if _, err := w.Commit(); referent.CodeOf(err) != referent.CodeUnavailable {
			t.Errorf("Commit: %v, want CodeUnavailable", err)
		}
		if n := len(stored(t, s, cfg)); n != 2 {
			t.Fatalf("%d objects: the test's failure leaves nothing", n)
		}
		g.set(func(w http.ResponseWriter, r *http.Request) bool { // only that object cannot be removed
			return !strings.Contains(name, r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]) && r.Method == http.MethodHead && down(w, r)
		})
		if err := b.Delete(t.Context(), name); referent.CodeOf(err) != referent.CodeUnavailable {
			t.Errorf("Delete while what a failed commit left cannot be removed: %v, want CodeUnavailable", err)
		}
		g.set(nil)
		if err := erase(name); err != nil {
			t.Errorf("%s: %v", end, err)
		}
		want := 0
		if end == "Sweep" {
			want = 1
		}
		if keys := stored(t, s, cfg); len(keys) != want {
			t.Errorf("after %s there is %v", end, keys)
		}
		again := put(t, b, "m1", noise(5000))
		if err := b.Sweep(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if names := blobtest.List(t, b, "m1"); len(names) != want+1 {
			t.Errorf("what was committed in the end is taken for what was left: %v", names)
		}
		b.Delete(t.Context(), again)
		b.Delete(t.Context(), name)
	}
}
