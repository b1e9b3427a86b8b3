package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// open is everything that may be reached without signing in. A new entry is a decision.
var open = []string{
	"GET /healthz", "GET /readyz", "GET /static/{file}", "GET /static/{version}/{file}", "GET /signin", "POST /signin",
	"GET /signin/oidc", "GET /signin/oidc/callback", "GET /setup", "POST /setup", "POST /language",
	"POST /api/v1/workers/enrol", // who has a token that works once
}

func TestNothingElseIsOpen(t *testing.T) {
	r := webtest.Start(t, nil)
	r.User("kari", false)
	kari := r.Token("kari", store.ScopeRead, store.ScopeWrite)
	for _, rt := range r.Server.Routes() {
		name := strings.TrimSpace(rt.Method + " " + rt.Path)
		t.Run(name, func(t *testing.T) {
			public := rt.Needs == access.Public
			if public != slices.Contains(open, name) {
				t.Fatalf("it needs %q", rt.Needs)
			}
			if public {
				return
			}
			methods := []string{rt.Method}
			if rt.Method == "" {
				methods = []string{"GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}
			}
			path := strings.NewReplacer("{id}", "abc", "{$}", "").Replace(rt.Path)
			for _, method := range methods {
				resp := r.Do(method, path, "", nil, nil)
				resp.Body.Close()
				toSignIn := resp.StatusCode == http.StatusSeeOther && strings.HasPrefix(resp.Header.Get("Location"), "/signin?")
				if resp.StatusCode != http.StatusUnauthorized && (!toSignIn || strings.HasPrefix(path, "/api/")) {
					t.Errorf("%s without signing in: %s", method, resp.Status)
				}
				for _, wrong := range []string{"rft_wrong", "Bearer", kari[:len(kari)-1]} {
					resp := r.Do(method, path, wrong, nil, nil)
					resp.Body.Close()
					if resp.StatusCode != http.StatusUnauthorized {
						t.Errorf("%s with a wrong token: %s", method, resp.Status)
					}
				}
				if rt.Needs.OfSystem() {
					resp := r.Do(method, path, kari, nil, nil)
					resp.Body.Close()
					if resp.StatusCode != http.StatusForbidden {
						t.Errorf("%s as an ordinary user: %s", method, resp.Status)
					}
				}
			}
		})
	}
}

func TestUnknownAddressesTellStrangersNothing(t *testing.T) {
	r := webtest.Start(t, nil)
	for _, path := range []string{"/nowhere", "/api/v1/nowhere", "/api/nowhere", "/meetings/x/y/z", "/metrics/x"} {
		resp := r.Do("GET", path, "", nil, func(q *http.Request) { q.Header.Set("Accept", "application/json") })
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	r := webtest.Start(t, func(c *web.Config) { c.Secure = true })
	for _, path := range []string{"/signin", "/healthz", "/api/v1/meetings", "/static/referent.js"} {
		resp := r.Do("GET", path, "", nil, nil)
		resp.Body.Close()
		csp := resp.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: Content-Security-Policy %q", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Strict-Transport-Security": "max-age=31536000"} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s = %q", path, name, got)
			}
		}
		if resp.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", path)
		}
	}
}
