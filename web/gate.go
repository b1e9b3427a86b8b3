package web

import (
	"errors"
	"net/http"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// gate holds an answer that shows something of a meeting until the log has that it is read. It stands before the
// handler of every such route, and looks at what is answered: a page that leads on, or that says that there is
// nothing, shows nothing.
type gate struct {
	http.ResponseWriter
	r       *http.Request
	s       *Server
	reading store.Reading
	begun   bool
	shut    bool // the reading could not be logged, and the answer says so
	unheard int  // bytes that the handler has written since
}

// gate makes one for the meeting that the route was admitted to.
func (s *Server) gate(w http.ResponseWriter, r *http.Request, m *referent.Meeting, rt route) http.ResponseWriter {
	if r.Method == http.MethodHead {
		return w
	}
	return &gate{ResponseWriter: w, r: r, s: s, reading: readingOf(r.Context(), m, rt.reads, rt.format, infoOf(r.Context()).reason)}
}

// shows reports whether an answer can show something. A page does, whatever its status: what cannot be done is told on
// the page itself. Of problem documents only a conflict over content does, which tells what stands there now.
func shows(what string, status int, mediaType string) bool {
	switch {
	case status >= 400 && mediaType == "application/problem+json":
		return status == http.StatusConflict && what != store.ReadMeeting
	case status == http.StatusNoContent, status >= 300 && status < 400:
		return false
	}
	return true
}

// showsNothing lets through an answer that says what went wrong, and nothing of the meeting.
func showsNothing(w http.ResponseWriter) {
	if g, ok := w.(*gate); ok {
		g.begun = true
	}
}

// logged is for a handler that has something else to answer when the reading cannot be logged.
func logged(w http.ResponseWriter) error {
	g, ok := w.(*gate)
	if !ok || g.begun {
		return nil
	}
	err := g.s.read.add(g.r.Context(), g.reading)
	g.begun = err == nil
	return err
}

func (g *gate) WriteHeader(status int) {
	switch {
	case g.shut:
		return
	case g.begun || status < 200 || !shows(g.reading.What, status, g.Header().Get("Content-Type")):
		g.begun = g.begun || status >= 200
		g.ResponseWriter.WriteHeader(status)
		return
	}
	g.begun = true
	if err := g.s.read.add(g.r.Context(), g.reading); err != nil {
		g.shut = true
		for _, name := range []string{"Content-Length", "Content-Range", "Content-Disposition", "Content-Type", "ETag", "Accept-Ranges", "Location", "Link"} {
			g.Header().Del(name)
		}
		g.s.refuse(g.ResponseWriter, g.r, err)
		return
	}
	g.ResponseWriter.WriteHeader(status)
}

// errNotLogged ends a handler that goes on writing what nobody is shown.
var errNotLogged = errors.New("web: the reading could not be logged")

// Write swallows what is not shown, so that the answer which says why goes out whole; of a recording not all.
func (g *gate) Write(p []byte) (int, error) {
	if !g.begun {
		g.WriteHeader(http.StatusOK)
	}
	if !g.shut {
		return g.ResponseWriter.Write(p)
	}
	if g.unheard > 1<<20 {
		return 0, errNotLogged
	}
	g.unheard += len(p)
	return len(p), nil
}

// Unwrap lets http.ResponseController reach deadlines and flushing.
func (g *gate) Unwrap() http.ResponseWriter { return g.ResponseWriter }
