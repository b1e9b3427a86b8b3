package web

import (
	"time"
)

// What the tests outside see of the inside.

type Route struct {
	Method, Path string
	Public       bool
	Admin        bool
}

func (s *Server) Routes() []Route {
	var out []Route
	for _, r := range s.routes.routes {
		out = append(out, Route{r.Method, r.Path, r.Access == public, r.Access == administrator || r.Access == monitoring})
	}
	return out
}

func (s *Server) SetClock(now func() time.Time)  { s.now = now }
func (s *Server) SetHeartbeat(d time.Duration)   { s.heartbeat = d }
func (s *Server) SetReadTimeout(d time.Duration) { s.readTimeout = d }
func (s *Server) SetFormTimeout(d time.Duration) { s.formTimeout = d }
func (s *Server) Document() ([]byte, error)      { return stableJSON(s.openAPI()) }

var (
	ParseMetadata = parseMetadata
	ParseChecksum = parseChecksum
	LocalPath     = localPath
	Sanitize      = sanitize
)
