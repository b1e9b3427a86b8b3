package web

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
)

// route is one registered pattern with its rule, kept so that a test can walk them all.
type route struct {
	Method, Path string
	Needs        access.Permission
	Loopback     bool // this machine itself needs no credentials

	reads, format string // what of a meeting its answer shows, as a store.Reading says; "": nothing
}

// ofMeeting reports whether the route is about the one meeting that its path names. The guard decides over
// that meeting before the handler runs. A route with a permission about meetings and no such path is a list,
// a creation or an upload; those ask [Server.sight], [Server.mayMakeIn] and [Server.upload].
func (rt route) ofMeeting() bool { return strings.Contains(rt.Path, "/meetings/{id}") }

// unguarded reports whether the path names something that a permission about meetings is needed for, in a
// way that neither the guard nor the handler of uploads decides over.
func (rt route) unguarded() bool {
	names := strings.Contains(strings.TrimSuffix(rt.Path, "{$}"), "{")
	return rt.Needs.OfMeeting() && names && !rt.ofMeeting() && !strings.HasPrefix(rt.Path, uploadsPath+"/")
}

// router is the one place where handlers enter the mux, each behind its guard.
type router struct {
	mux    *http.ServeMux
	guard  func(route, http.Handler) http.Handler
	routes []route
}

func newRouter(guard func(route, http.Handler) http.Handler) *router {
	return &router{mux: http.NewServeMux(), guard: guard}
}

// handle registers h behind what a request needs. An empty method means every method.
func (r *router) handle(method, path string, needs access.Permission, h http.HandlerFunc) {
	r.add(route{Method: method, Path: path, Needs: needs}, h)
}

// add registers h. It panics on a route without a rule, or with one that does not fit its path, so that no
// server starts and no test passes with it.
func (r *router) add(rt route, h http.HandlerFunc) {
	pattern := strings.TrimSpace(rt.Method + " " + rt.Path)
	switch {
	case !rt.Needs.Known():
		panic("web: the route " + pattern + " does not say what it needs (package access)")
	case rt.ofMeeting() && !rt.Needs.OfMeeting():
		panic("web: the route " + pattern + " is about a meeting and needs a permission about meetings")
	case rt.unguarded():
		panic("web: the route " + pattern + " needs a permission about meetings and does not name its meeting as /meetings/{id}")
	}
	rt.reads, rt.format = rt.reading()
	switch lists := slices.Contains(showingMany, rt.Path); {
	case rt.ofMeeting() && rt.Needs.ShowsContent() && rt.reads == "":
		panic("web: the route " + pattern + " shows content, and nothing says what of (route.reading)")
	case !rt.ofMeeting() && rt.Needs.ShowsContent() != lists:
		panic("web: the route " + pattern + " shows content of many meetings: it logs them by itself (showingMany)")
	}
	r.routes = append(r.routes, rt)
	r.mux.Handle(pattern, r.guard(rt, h))
}

// showingMany are the routes that show content of many meetings. Only their handlers know of which, and say so
// ([showsOf]).
var showingMany = []string{searchAt, tasksAt, apiRoot + searchAt, apiRoot + tasksAt}

// reading is what of its meeting the route's answer shows. The meeting's own page shows what whoever looks may read.
func (rt route) reading() (what, format string) {
	_, rest, ofMeeting := strings.Cut(rt.Path, "/meetings/{id}")
	if !ofMeeting {
		return "", ""
	}
	switch rest {
	case "":
		if rt.Method == http.MethodGet || rt.Method == http.MethodPatch {
			return store.ReadMeeting, ""
		}
	case "/cancel", "/finish", "/remake", "/retry": // are answered with the meeting as it is afterwards
		return store.ReadMeeting, ""
	}
	if !rt.Needs.ShowsContent() {
		return "", ""
	}
	name := path.Base(rest)
	if rt.Needs == access.Export {
		return store.ReadExport, name
	}
	switch first, _, _ := strings.Cut(rest[1:], "/"); strings.TrimSuffix(first, ".json") {
	case "transcript", "speakers", "segments", "corrections", "partial":
		return store.ReadTranscript, ""
	case "minutes", "history", "tasks":
		return store.ReadMinutes, ""
	case "audio":
		if name == "peaks" { // the drawing beside the transcript, not the sound
			return store.ReadTranscript, ""
		}
		return store.ReadAudio, ""
	}
	return "", ""
}

// scopeOf is the scope a request needs: reading changes nothing, everything else writes, and what is about
// the installation is for administration.
func scopeOf(method string, needs access.Permission) store.Scope {
	switch {
	case needs.OfSystem():
		return store.ScopeAdmin
	case method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions:
		return store.ScopeRead
	}
	return store.ScopeWrite
}
