package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
)

// newMeeting is what the fields of a form for a new meeting offer.
type newMeeting struct {
	Departments []MyDepartment // that it can be made in
	Kind        referent.Kind  // chosen beforehand; "": the first
	Files       bool           // it is made of files, which have names and days of their own
	Today       string
	mustTell    []string
}

// MustTell reports whether a meeting of the kind needs the confirmation that those present were told.
func (n newMeeting) MustTell(k referent.Kind) bool {
	return slices.Contains(n.mustTell, string(k)) || slices.Contains(n.mustTell, "*")
}

func (s *Server) newMeeting(me Me) newMeeting {
	return newMeeting{Departments: me.placesFor(access.CreateMeeting), Today: s.now().Format(time.DateOnly), mustTell: s.cfg.MustTell}
}

type recordPage struct {
	madeAt
	New  newMeeting
	Auto bool // recording begins without another tap
}

// showRecorder shows the page that records. With ?kind= of a dictation it begins at once when one of our own pages led here, unless one has
// several departments, or must confirm something first: which of them gets what is said is for the person to choose.
func (s *Server) showRecorder(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	after, err := s.latest.find(ctx, s.store)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	me, err := s.me(ctx)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	p := recordPage{New: s.newMeeting(me), madeAt: madeAt{after}}
	p.New.Kind = referent.Kind(r.URL.Query().Get("kind"))
	// A link on somebody else's page must not open a microphone.
	from := r.Header.Get("Sec-Fetch-Site")
	p.Auto = from == "same-origin" && p.New.Kind.Interactive() && len(p.New.Departments) <= 1 && !p.New.MustTell(p.New.Kind)
	s.pages.render(w, r, http.StatusOK, "record", p)
}
