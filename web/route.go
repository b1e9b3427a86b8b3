package web

import (
	"net/http"

	"github.com/referent/referent/store"
)

// access is who may use a route. The zero value is the closed door, so that forgetting to say leaves a
// route closed.
type access int

const (
	signedIn      access = iota // anybody who has signed in or holds a token
	administrator               // an administrator, with the admin scope when it is a token
	monitoring                  // an administrator, or this machine itself when Config.MetricsOpen
	public                      // everybody: health, sign-in, set-up and their static files
)

// route is one registered pattern, kept so that a test can walk them all.
type route struct {
	Method, Path string
	Access       access
}

// router is the one place where handlers enter the mux, each behind its guard.
type router struct {
	mux    *http.ServeMux
	guard  func(access, http.Handler) http.Handler
	routes []route
}

func newRouter(guard func(access, http.Handler) http.Handler) *router {
	return &router{mux: http.NewServeMux(), guard: guard}
}

// handle registers h. An empty method means every method.
func (r *router) handle(method, path string, a access, h http.HandlerFunc) {
	pattern := path
	if method != "" {
		pattern = method + " " + path
	}
	r.routes = append(r.routes, route{method, path, a})
	r.mux.Handle(pattern, r.guard(a, h))
}

// scopeOf is the scope a request needs: reading changes nothing, everything else writes.
func scopeOf(method string, a access) store.Scope {
	switch {
	case a == administrator || a == monitoring:
		return store.ScopeAdmin
	case method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions:
		return store.ScopeRead
	}
	return store.ScopeWrite
}
