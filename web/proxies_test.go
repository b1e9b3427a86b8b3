package web_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"testing"

	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// through makes a request that tells where it came from.
func through(hops ...string) func(*http.Request) {
	return func(r *http.Request) {
		for _, h := range hops {
			r.Header.Add("X-Forwarded-For", h)
		}
	}
}

// Failures are counted where they come from. Nobody but a trusted proxy says where that is, so nobody gets more tries by
// writing something, and nobody shuts others out.
func TestFailuresBehindAProxy(t *testing.T) {
	const tries = 25 // more than an address has free
	tried := 0
	from := func(r *webtest.Rig, hops ...string) int {
		t.Helper()
		tried++
		resp := signIn(r, fmt.Sprint("nobody", tried), "wrong", through(hops...)) // a name has fewer free
		resp.Body.Close()
		return resp.StatusCode
	}
	lock := func(r *webtest.Rig, hops func(n int) []string) {
		t.Helper()
		for n := range tries {
			if from(r, hops(n)...) == http.StatusTooManyRequests {
				return
			}
		}
		t.Errorf("%d failures from one place are let by", tries)
	}

	r := webtest.Start(t, nil)
	lock(r, func(n int) []string { return []string{fmt.Sprint("198.51.100.", n)} })
	if got := from(r, "203.0.113.9"); got != http.StatusTooManyRequests {
		t.Errorf("nobody is trusted, and a header is believed: %d", got)
	}

	r = webtest.Start(t, func(c *web.Config) {
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/24")}
	})
	lock(r, func(n int) []string { // the outermost proxy adds the address behind what was written before it
		return []string{fmt.Sprintf("198.51.100.%d, 10.0.0.%d", n, n), "203.0.113.7, 10.0.0.2"}
	})
	for what, hops := range map[string][]string{
		"the same":                    {"203.0.113.7"},
		"the same, with a port":       {"203.0.113.7:4711"},
		"behind another of ours":      {"203.0.113.7, 10.0.0.3"},
		"in IPv6's form":              {"::ffff:203.0.113.7"},
		"behind what it wrote itself": {"203.0.113.9, 203.0.113.7, 10.0.0.3"},
	} {
		if got := from(r, hops...); got != http.StatusTooManyRequests {
			t.Errorf("%s: %d", what, got)
		}
	}
	for what, hops := range map[string][]string{
		"another":                        {"203.0.113.8"},
		"another, who names the first":   {"203.0.113.7, 203.0.113.8, 10.0.0.2"},
		"another, in another network":    {"203.0.113.7, 10.0.1.2"},
		"a proxy that does not know who": {"203.0.113.7, unknown, 10.0.0.2"},
		"a proxy that says nothing":      nil,
	} {
		if got := from(r, hops...); got != http.StatusUnauthorized {
			t.Errorf("%s: %d", what, got)
		}
	}
}

// What is open to this machine is not open to those whom a proxy on it lets in.
func TestLoopbackIsNotAProxy(t *testing.T) {
	for name, change := range map[string]func(*web.Config){
		"trusted":     func(c *web.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} },
		"not trusted": func(*web.Config) {},
	} {
		t.Run(name, func(t *testing.T) {
			r := webtest.Start(t, func(c *web.Config) { c.MetricsOpen = true; change(c) })
			ask := func(edit func(*http.Request)) int {
				resp := r.Do("GET", "/metrics", "", nil, edit)
				resp.Body.Close()
				return resp.StatusCode
			}
			if got := ask(nil); got != 200 {
				t.Errorf("from this machine: %d", got)
			}
			for _, hop := range []string{"203.0.113.7", "127.0.0.1", "::1", ""} {
				if got := ask(through(hop)); got != 401 {
					t.Errorf("through a proxy, from %q: %d", hop, got)
				}
			}
			if got := ask(func(q *http.Request) { q.Header.Set("Forwarded", "for=127.0.0.1") }); got != 401 {
				t.Errorf("through a proxy of another kind: %d", got)
			}
		})
	}
}
