package web

import (
	"net/http"
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
}

func newMeetingIn(me Me) newMeeting {
	return newMeeting{Departments: me.placesFor(access.CreateMeeting), Today: time.Now().Format(time.DateOnly)}
}

type recordPage struct {
	New   newMeeting
	After int64 // the newest event when the page was made
	Auto  bool  // recording begins without another tap
}

// showRecorder shows the page that records. With ?kind= of a dictation it begins at once, unless one has
// several departments: which of them gets what is said is for the person to choose.
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
	p := recordPage{New: newMeetingIn(me), After: after}
	p.New.Kind = referent.Kind(r.URL.Query().Get("kind"))
	p.Auto = p.New.Kind.Interactive() && len(p.New.Departments) <= 1
	s.pages.render(w, r, http.StatusOK, "record", p)
}
