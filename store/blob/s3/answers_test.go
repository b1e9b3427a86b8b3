package s3_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/blob/s3"
	"github.com/referent/referent/store/blob/s3/s3test"
)

// Unfinished uploads are found in a store that takes a prefix for a whole key, as MinIO does.
func TestUploadsWithoutPrefix(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	g, cfg := newGate(t, s), s.Config(t)
	cfg.Endpoint = g.url
	b := open(t, cfg)
	g.set(func(w http.ResponseWriter, r *http.Request) bool {
		if q := r.URL.Query(); !q.Has("uploads") || r.Method != http.MethodGet || q.Get("prefix") == "" {
			return false
		}
		fmt.Fprint(w, "<ListMultipartUploadsResult></ListMultipartUploadsResult>")
		return true
	})
	for _, meeting := range []string{"m1", "m10"} {
		place, err := blob.Place("", meeting+"/"+strings.Repeat("ab", 32))
		if err != nil {
			t.Fatal(err)
		}
		half(t, s.Client(t), cfg, place)
	}
	stranger := cfg
	stranger.Prefix = "other/"
	half(t, s.Client(t), stranger, "m1/theirs")
	if _, _, err := b.DeleteAll(t.Context(), "m1"); err != nil {
		t.Fatal(err)
	}
	if keys := stored(t, s, cfg); len(keys) != 3 || slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, "unfinished "+cfg.Prefix+"m1/") }) {
		t.Errorf("after DeleteAll there is %v", keys)
	}
	if err := b.Sweep(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if keys := stored(t, s, cfg); !slices.Equal(keys, []string{"unfinished other/m1/theirs"}) {
		t.Errorf("after the sweep there is %v", keys)
	}
}

// A store that cannot be swept is opened all the same, and nothing of it is swept by a look at it.
func TestUnsweptStore(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	for _, c := range []struct {
		status int
		code   string
		warns  bool
	}{{http.StatusForbidden, "AccessDenied", true}, {http.StatusNotFound, "NoSuchUpload", false}, {http.StatusNotImplemented, "NotImplemented", false}} {
		g := newGate(t, s)
		cfg := s.Config(t)
		cfg.Endpoint = g.url
		var log logged
		cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
		asked := make(chan struct{}, 10)
		g.set(func(w http.ResponseWriter, r *http.Request) bool {
			if !r.URL.Query().Has("uploads") {
				return false
			}
			asked <- struct{}{}
			w.WriteHeader(c.status)
			fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", c.code)
			return true
		})
		if err := s3.Probe(t.Context(), cfg); err != nil {
			t.Error(err)
		}
		if len(asked) != 0 {
			t.Error("Probe sweeps")
		}
		b := open(t, cfg)
		<-asked
		for range 100 { // the sweep goes on behind
			if !c.warns || log.String() != "" {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if said := log.String(); strings.Contains(said, "WARN") != c.warns {
			t.Errorf("%s: the log says %q", c.code, said)
		}
		if _, _, err := b.DeleteAll(t.Context(), "m1"); (err != nil) != c.warns {
			t.Errorf("%s: DeleteAll: %v", c.code, err)
		}
	}
}

// What a store refuses of many has the code that it would have alone.
func TestRefusedOfMany(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	g, b := gated(t, s)
	put(t, b, "m1", noise(10))
	for code, want := range map[string]referent.Code{"SlowDown": referent.CodeUnavailable, "InternalError": referent.CodeUnavailable, "AccessDenied": referent.CodeConfig} {
		g.set(func(w http.ResponseWriter, r *http.Request) bool {
			if !r.URL.Query().Has("delete") {
				return false
			}
			fmt.Fprintf(w, "<DeleteResult><Error><Key>m1</Key><Code>%s</Code><Message>m1</Message></Error></DeleteResult>", code)
			return true
		})
		if _, _, err := b.DeleteAll(t.Context(), "m1"); referent.CodeOf(err) != want || strings.Contains(err.Error(), "m1") {
			t.Errorf("%s: %v, want %s", code, err, want)
		}
	}
}

// A store that stops answering in the middle is given up in time, by those who look at marks, list, or erase; and does
// not hold up those who ask for something else.
func TestStalledAnswers(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	var all sync.WaitGroup
	for what, c := range map[string]struct {
		stall func(r *http.Request) bool
		do    func(b *s3.Bucket) error
	}{
		"mark": {func(r *http.Request) bool { return r.Method == http.MethodHead }, func(b *s3.Bucket) error {
			_, err := b.Create(t.Context(), "m1")
			return err
		}},
		"list": {func(r *http.Request) bool { return r.URL.Query().Has("list-type") }, func(b *s3.Bucket) error {
			_, err := b.List(t.Context(), "m1")
			return err
		}},
		"versioning": {func(r *http.Request) bool { return r.URL.Query().Has("versioning") }, func(b *s3.Bucket) error {
			go b.DeleteAll(t.Context(), "m2")
			time.Sleep(100 * time.Millisecond)
			_, _, err := b.DeleteAll(t.Context(), "m1")
			return err
		}},
	} {
		g, b := gated(t, s)
		all.Go(func() { // at once, however few tests may be
			done := make(chan struct{})
			defer close(done)
			g.set(func(w http.ResponseWriter, r *http.Request) bool {
				if !c.stall(r) {
					return false
				}
				io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Length", "1000")
				if r.Method != http.MethodHead {
					w.Write(bytes.Repeat([]byte(" "), 10))
					http.NewResponseController(w).Flush()
				}
				select {
				case <-r.Context().Done():
				case <-done:
				}
				return true
			})
			began := time.Now()
			err := c.do(b)
			if d := time.Since(began); referent.CodeOf(err) != referent.CodeUnavailable || d > s3.Patience+s3.Patience/2 {
				t.Errorf("%s: %v after %v, want CodeUnavailable", what, err, d)
			}
		})
	}
	all.Wait()
}
