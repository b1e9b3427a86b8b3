package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/pipeline"
)

// postRemake has the minutes written again as another kind of document, or in the other written form: what somebody
// who works through the API does with a change of the meeting and a remake. The page of the meeting tells how it goes.
func (s *Server) postRemake(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	ctx, id := r.Context(), r.PathValue("id")
	as := pipeline.RemakeOptions{Kind: referent.Kind(r.PostForm.Get("kind")), Language: referent.Language(r.PostForm.Get("language"))}
	err := s.remakeAs(ctx, id, as)
	if err == nil {
		http.Redirect(w, r, "/meetings/"+url.PathEscape(id), http.StatusSeeOther)
		return
	}
	p, failure := s.remakePage(ctx, id)
	if failure != nil {
		s.pages.fail(w, r, err)
		return
	}
	pr := problem(ctx, err)
	p.Alert = pr.Detail
	switch t := s.cfg.Templates.Find(as.Kind); {
	case pr.Code != referent.CodeInvalid || t == nil:
	case !t.Has(cmp.Or(as.Language, p.Language)):
		p.Alert = locale.T(infoOf(ctx).lang, "minutes.remake.form")
	case p.Told == nil && as.Kind != p.Kind && s.cfg.MustTell.Has(as.Kind):
		p.Alert = locale.T(infoOf(ctx).lang, "minutes.remake.told")
	}
	s.pages.render(w, r, pr.Status, "minutes", p)
}

// remakePage is the page of the minutes, for those who may read them: not all who may have them written again.
func (s *Server) remakePage(ctx context.Context, id string) (*minutesPage, error) {
	if err := s.mayReadMinutes(ctx, id); err != nil {
		return nil, err
	}
	return s.minutesPage(ctx, id, 0)
}

// mayReadMinutes refuses whoever may act on a meeting without reading what it holds: a page that tells why an act was
// refused shows it.
func (s *Server) mayReadMinutes(ctx context.Context, id string) error {
	m, err := s.meeting(ctx, id)
	if err != nil {
		return err
	}
	may, err := s.permissions(ctx, m)
	if err != nil {
		return err
	}
	if !may[access.ReadContent].Allowed {
		return referent.E(referent.CodeForbidden, "web: read minutes", nil)
	}
	return nil
}

// remakeAs has the minutes made anew. What they are to become is changed only by who may change that.
func (s *Server) remakeAs(ctx context.Context, id string, as pipeline.RemakeOptions) error {
	m, err := s.meeting(ctx, id)
	if err != nil {
		return err
	}
	if as.Kind == m.Kind {
		as.Kind = ""
	}
	if as.Language == m.Language {
		as.Language = ""
	}
	if as != (pipeline.RemakeOptions{}) {
		may, err := s.permissions(ctx, m)
		if err != nil {
			return err
		}
		if !may[access.ChangeDetails].Allowed {
			return referent.E(referent.CodeForbidden, "web: remake minutes", nil).WithHint("needs the permission %q in the meeting's department", access.ChangeDetails)
		}
	}
	return s.pipe.RemakeAs(ctx, id, as)
}

// mayBeRemade reports whether a meeting has come as far as minutes, and nobody answers for them yet.
func mayBeRemade(m *referent.Meeting) bool {
	return m.State == referent.StateDraft || m.State == referent.StateReviewed
}
