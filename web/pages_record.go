package web

import (
	"context"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/pipeline"
)

// newMeeting is what the fields of a form for a new meeting offer.
type newMeeting struct {
	Departments []MyDepartment // that it can be made in
	Kind        referent.Kind  // chosen beforehand; "": the first
	Files       bool           // it is made of files, which have names and days of their own
	mustTell    pipeline.MustTell

	Edit    bool                  // it is there already, and is changed
	Locked  bool                  // its kind can no longer be another
	Gone    bool                  // its kind is a template that is gone
	WasTold bool                  // it has been confirmed that people were told
	Told    bool                  // whoever sent it confirms that they were
	Notes   map[string]*fieldNote // by field
	stored  referent.Kind         // what it is now
	values  map[string]string     // by field
}

// fieldNote is a sentence on what a person wrote in a field.
type fieldNote struct {
	ID    string
	Says  string
	Text  string // what somebody else wrote there meanwhile
	Wrong bool   // what the person wrote cannot be
}

func noteID(field string) string { return strings.ReplaceAll(field, "_", "-") + "-noted" }

// Marks are the attributes that tie a field to the ids that describe it, and to what is noted of it.
func (n newMeeting) Marks(field string, describedBy ...string) template.HTMLAttr {
	invalid := ""
	if note := n.Notes[field]; note != nil {
		describedBy = append(describedBy, note.ID)
		if note.Wrong {
			invalid = ` aria-invalid="true"`
		}
	}
	if len(describedBy) == 0 {
		return ""
	}
	return template.HTMLAttr(` aria-describedby="` + strings.Join(describedBy, " ") + `"` + invalid)
}

// Value is what a field holds before anything is written in it.
func (n newMeeting) Value(field string) string { return n.values[field] }

// MustTell reports whether a meeting needs the confirmation that those present were told, to become one of the kind.
func (n newMeeting) MustTell(k referent.Kind) bool {
	return k != n.stored && n.mustTell.Has(k)
}

// newMeeting is the form for a meeting that is held today, written in the language of whoever looks.
func (s *Server) newMeeting(ctx context.Context, me Me) newMeeting {
	return newMeeting{Departments: me.placesFor(access.CreateMeeting), mustTell: s.cfg.MustTell,
		values: map[string]string{"date": s.now().Format(time.DateOnly), "language": infoOf(ctx).lang}}
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
	after, err := s.store.LastEvent(ctx)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	me, err := s.me(ctx)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	p := recordPage{New: s.newMeeting(ctx, me), madeAt: madeAt{after}}
	p.New.Kind = referent.Kind(r.URL.Query().Get("kind"))
	// A link on somebody else's page must not open a microphone.
	from := r.Header.Get("Sec-Fetch-Site")
	p.Auto = from == "same-origin" && p.New.Kind.Interactive() && len(p.New.Departments) <= 1 && !p.New.MustTell(p.New.Kind)
	s.pages.render(w, r, http.StatusOK, "record", p)
}
