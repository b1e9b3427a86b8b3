package s3_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/referent/referent/store/blob/s3"
	"github.com/referent/referent/store/blob/s3/s3test"
)

// gate stands before a server, counts what is asked of it, and lets a test get into the way.
type gate struct {
	url string

	mu     sync.Mutex
	asked  []string                                      // methods
	meddle func(http.ResponseWriter, *http.Request) bool // true: it has answered
}

// gated opens a bucket of the server behind a gate.
func gated(t *testing.T, s *s3test.Server) (*gate, *s3.Bucket) {
	t.Helper()
	g, cfg := newGate(t, s), s.Config(t)
	cfg.Endpoint = g.url
	return g, open(t, cfg)
}

func newGate(t *testing.T, s *s3test.Server) *gate {
	t.Helper()
	target, err := url.Parse(s.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{}
	proxy := &httputil.ReverseProxy{
		Transport: tr,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // which is signed
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	g := new(gate)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		g.asked = append(g.asked, r.Method)
		meddle := g.meddle
		g.mu.Unlock()
		if meddle == nil || !meddle(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(func() { front.Close(); tr.CloseIdleConnections() })
	g.url = front.URL
	return g
}

func (g *gate) set(meddle func(http.ResponseWriter, *http.Request) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.meddle, g.asked = meddle, nil
}

// count is how many requests of a method there were since set.
func (g *gate) count(method string) (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, a := range g.asked {
		if a == method {
			n++
		}
	}
	return n
}

// at lets n bytes of r through and calls then before the next.
type at struct {
	io.ReadCloser
	n    int64
	then func(p []byte) error
}

func (a *at) Read(p []byte) (int, error) {
	if a.n > 0 && int64(len(p)) > a.n {
		p = p[:a.n]
	}
	n, err := a.ReadCloser.Read(p)
	if a.n <= 0 && n > 0 && a.then != nil {
		then := a.then
		a.then = nil
		if e := then(p[:n]); e != nil {
			return 0, e
		}
	}
	a.n -= int64(n)
	return n, err
}

// data reports whether a request carries a byte string.
func data(r *http.Request) bool { return r.Method == http.MethodPut && r.ContentLength > 1000 }
