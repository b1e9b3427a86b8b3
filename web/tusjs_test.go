package web_test

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gofrs/flock"
	"github.com/referent/referent/web/webtest"
)

// tusPackages installs the pinned tus client, checked by the lock file's integrity hashes, into the
// cache folder, once.
func tusPackages(t *testing.T) string {
	t.Helper()
	cache := os.Getenv("REFERENT_CACHE")
	if cache == "" {
		home := must(os.UserHomeDir())(t)
		cache = filepath.Join(home, ".cache", "referent")
	}
	lock := must(os.ReadFile("tustest/package-lock.json"))(t)
	sum := sha256.Sum256(lock)
	dir := filepath.Join(cache, "tustest", hex.EncodeToString(sum[:8]))
	webtest.Check(t, os.MkdirAll(dir, 0o755))
	guard := flock.New(dir + ".lock")
	webtest.Check(t, guard.Lock())
	defer guard.Unlock()
	done := filepath.Join(dir, "complete")
	if _, err := os.Stat(done); err == nil {
		return dir
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		webtest.Check(t, os.WriteFile(filepath.Join(dir, name), must(os.ReadFile(filepath.Join("tustest", name)))(t), 0o644))
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v (node and npm are needed for this test)\n%s", err, out)
	}
	webtest.Check(t, os.WriteFile(done, nil, 0o644))
	return dir
}

type tusSettings struct {
	Packages     string            `json:"packages"`
	Endpoint     string            `json:"endpoint"`
	Token        string            `json:"token"`
	File         string            `json:"file"`
	Size         int               `json:"size"`
	Chunk        int               `json:"chunk"`
	Metadata     map[string]string `json:"metadata,omitempty"`
	URL          string            `json:"url,omitempty"`
	StopAfter    int               `json:"stopAfter,omitempty"`
	WithCreation bool              `json:"withCreation,omitempty"`
	Terminate    bool              `json:"terminate,omitempty"`
}

type tusReport struct {
	URL     string   `json:"url"`
	Done    bool     `json:"done"`
	Methods []string `json:"methods"`
	Offsets []int    `json:"offsets"`
	Error   string   `json:"error"`
}

// runTus runs the official client and returns its last report, with the upload's address filled in.
func runTus(t *testing.T, s tusSettings) tusReport {
	t.Helper()
	in := must(json.Marshal(s))(t)
	cmd := exec.CommandContext(t.Context(), "node", "tustest/upload.js")
	cmd.Stdin = bytes.NewReader(in)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	var last tusReport
	at := ""
	for line := range strings.Lines(string(out)) {
		last = tusReport{}
		if jerr := json.Unmarshal([]byte(line), &last); jerr != nil {
			t.Fatalf("%v in %q", jerr, line)
		}
		at = cmp.Or(last.URL, at)
	}
	if err != nil || last.Error != "" {
		t.Fatalf("tus-js-client: %v %s %s", err, last.Error, errs.String())
	}
	last.URL = at
	return last
}

func bigFile(t *testing.T, size int) (path, sum string) {
	t.Helper()
	data := random(size)
	path = filepath.Join(t.TempDir(), "møte i dag.bin")
	webtest.Check(t, os.WriteFile(path, data, 0o600))
	h := sha256.Sum256(data)
	return path, hex.EncodeToString(h[:])
}

func TestOfficialTusClient(t *testing.T) {
	packages := tusPackages(t)
	r, token := uploader(t, nil)
	const size = 50<<20 + 12345
	file, sum := bigFile(t, size)
	base := tusSettings{Packages: packages, Endpoint: r.URL + "/api/v1/uploads", Token: token, File: file, Size: size, Chunk: 8 << 20,
		Metadata: map[string]string{"filename": "møte i dag.bin", "kind": "referat"}}

	t.Run("in slices, with a stop half way and another client", func(t *testing.T) {
		first := base
		first.StopAfter = 24 << 20
		stopped := runTus(t, first)
		if stopped.Done || stopped.URL == "" || !slices.Contains(stopped.Methods, "POST") {
			t.Fatalf("first client: %+v", stopped)
		}
		path := strings.TrimPrefix(stopped.URL, r.URL)
		if got := offsetOf(r, path, token); got < 24<<20 || got >= size {
			t.Fatalf("after the stop the server has %d bytes", got)
		}
		second := base
		second.URL = stopped.URL
		rest := runTus(t, second)
		if !rest.Done || rest.Methods[0] != "HEAD" || slices.Contains(rest.Methods, "POST") || rest.Offsets[0] <= 24<<20 {
			t.Fatalf("second client: %+v", rest)
		}
		checkUploaded(t, r, path, sum, size)
	})

	t.Run("data in the creation", func(t *testing.T) {
		s := base
		s.WithCreation = true
		report := runTus(t, s)
		if !report.Done {
			t.Fatalf("%+v", report)
		}
		checkUploaded(t, r, strings.TrimPrefix(report.URL, r.URL), sum, size)
	})

	t.Run("through a connection that breaks", func(t *testing.T) {
		target := must(url.Parse(r.URL))(t)
		proxy := httputil.NewSingleHostReverseProxy(target)
		proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { panic(http.ErrAbortHandler) }
		var broken atomic.Int32
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if n := broken.Add(1); q.Method == "PATCH" && n%3 == 0 {
				q.Body = io.NopCloser(io.MultiReader(io.LimitReader(q.Body, 1<<20), brokenReader{}))
			}
			proxy.ServeHTTP(w, q)
		}))
		defer front.Close()
		s := base
		s.Endpoint = front.URL + "/api/v1/uploads"
		report := runTus(t, s)
		if !report.Done || len(slices.DeleteFunc(slices.Clone(report.Methods), func(m string) bool { return m != "HEAD" })) == 0 {
			t.Fatalf("nothing was resumed: %+v", report)
		}
		path := must(url.Parse(report.URL))(t).Path
		checkUploaded(t, r, path, sum, size)
	})

	t.Run("termination", func(t *testing.T) {
		path, _ := begin(r, token, 10, "")
		s := base
		s.URL, s.Terminate = r.URL+path, true
		if report := runTus(t, s); !report.Done {
			t.Fatalf("%+v", report)
		}
		resp := tus(r, "HEAD", path, token, nil)
		resp.Body.Close()
		if resp.StatusCode != 404 {
			t.Errorf("%s", resp.Status)
		}
	})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// checkUploaded compares what the server stored, byte by byte, with what was sent.
func checkUploaded(t *testing.T, r *webtest.Rig, path, sum string, size int64) {
	t.Helper()
	u := must(r.Store.Upload(t.Context(), filepath.Base(path)))(t)
	m := must(r.Store.Meeting(t.Context(), u.Meeting))(t)
	if m.Recording == nil || m.Recording.SHA256 != sum || m.Recording.Size != size {
		t.Fatalf("recording: %+v, want %s", m.Recording, sum)
	}
	b := must(r.Pipeline.Recording(t.Context(), m.ID))(t)
	defer b.Close()
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(b, 0, b.Size())); err != nil || hex.EncodeToString(h.Sum(nil)) != sum {
		t.Errorf("the stored bytes differ: %v", err)
	}
	if m.Title != "møte i dag" {
		t.Errorf("title %q", m.Title)
	}
}
