package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
)

// postRemake has the minutes written again as another kind of document, or in the other written form: what somebody
// who works through the API does with a change of the meeting and a remake. The page of the meeting tells how it goes.
func (s *Server) postRemake(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	ctx, id := r.Context(), r.PathValue("id")
	err := s.remakeAs(ctx, id, referent.Kind(r.PostForm.Get("kind")), referent.Language(r.PostForm.Get("language")))
	if err != nil {
		s.pages.fail(w, r, err) // not the minutes: whoever may have them written may not always read them
		return
	}
	http.Redirect(w, r, "/meetings/"+url.PathEscape(id), http.StatusSeeOther)
}

// remakeAs changes what the meeting is to become, where that is another thing than now, and has it made.
func (s *Server) remakeAs(ctx context.Context, id string, kind referent.Kind, language referent.Language) error {
	const op = "web: remake minutes"
	m, err := s.meeting(ctx, id)
	if err != nil {
		return err
	}
	if !mayBeRemade(m) { // before anything is changed
		return referent.E(referent.CodeConflict, op, errors.New("there are no minutes that may be made anew"))
	}
	var patch MeetingPatch
	if kind != "" && kind != m.Kind {
		patch.Kind = &kind
	}
	if language != "" && language != m.Language {
		if language != referent.Bokmal && language != referent.Nynorsk {
			return referent.E(referent.CodeInvalid, op, errors.New("no such written form"))
		}
		patch.Language = &language
	}
	if patch.Kind != nil || patch.Language != nil {
		may, err := s.permissions(ctx, m)
		if err != nil {
			return err
		}
		if !may[access.ChangeDetails].Allowed {
			return referent.E(referent.CodeForbidden, op, nil).WithHint("needs the permission %q in the meeting's department", access.ChangeDetails)
		}
		if _, err := s.changeMeeting(ctx, id, &patch, nil); err != nil {
			return err
		}
	}
	return s.pipe.Remake(ctx, id)
}

// mayBeRemade reports whether a meeting has come as far as minutes, and nobody answers for them yet.
func mayBeRemade(m *referent.Meeting) bool {
	return m.State == referent.StateDraft || m.State == referent.StateReviewed
}
