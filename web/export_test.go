package web

import (
	"context"
	"net/http"
	"time"

	"github.com/referent/referent/access"
)

// What the tests outside see of the inside.

type Route struct {
	Method, Path string
	Needs        access.Permission
	Reads        string // what its answer shows of its meeting
}

func (s *Server) Routes() []Route {
	var out []Route
	for _, r := range s.routes.routes {
		out = append(out, Route{r.Method, r.Path, r.Needs, r.reads})
	}
	return out
}

func (s *Server) SetClock(now func() time.Time)  { s.now = now }
func (s *Server) SetHeartbeat(d time.Duration)   { s.heartbeat = d }
func (s *Server) SetReadTimeout(d time.Duration) { s.readTimeout = d }
func (s *Server) SetFormTimeout(d time.Duration) { s.formTimeout = d }
func (s *Server) Document() ([]byte, error)      { return stableJSON(s.openAPI()) }

// HoldUpload locks an upload. asked is called when a request wants it, and waits for release.
func (s *Server) HoldUpload(ctx context.Context, id string, asked func()) (release func(), ok bool) {
	return s.uploads.Acquire(ctx, id, asked)
}

var (
	LocalPath  = localPath
	Sanitize   = sanitize
	HashSecret = hashSecret
)

// Register adds a route to a router of its own, which is how a server registers its.
func Register(method, path string, needs access.Permission) {
	newRouter(func(_ route, h http.Handler) http.Handler { return h }).handle(method, path, needs, http.NotFound)
}
